// The hooks of the rewritten module: fuel and yields, the depth of the stack, growth, bulk operations, sites. What each has to do of the run
// around the guest. Contracts E2, E5, E8, E9, I3.

import { withCommon } from '../expressions/event-scope.ts';
import { HOOK_NAMES, type Hooks, hookModule } from '../instrument/hooks.ts';
import { takeSleep, takeStdinWait } from '../wasi/context.ts';
import type { GuestFrame, Stop } from './options.ts';
import type { RunParts } from './run-parts.ts';
import { StackExhausted } from './traps.ts';

type GuestHooksContext = Pick<
  RunParts,
  | 'platform'
  | 'start'
  | 'control'
  | 'rules'
  | 'meter'
  | 'clock'
  | 'sink'
  | 'verdicts'
  | 'memory'
  | 'context'
  | 'guest'
  | 'inspection'
  | 'host'
  | 'traffic'
  | 'replayer'
  | 'catchUp'
  | 'checkpoints'
>;

export class GuestHooks {
  readonly #run: GuestHooksContext;
  readonly #stopInCode: (reason: Stop['reason'], rules: readonly string[]) => void;
  readonly #sought: () => void;
  /** The frames at the last charge before a moment that is run to. */
  #around: readonly GuestFrame[] = [];

  /** @param stopInCode stops amid the guest's code; `sought`: a moment that was sought has come */
  constructor(
    run: GuestHooksContext,
    stopInCode: (reason: Stop['reason'], rules: readonly string[]) => void,
    sought: () => void,
  ) {
    this.#run = run;
    this.#stopInCode = stopInCode;
    this.#sought = sought;
  }

  /** Functions that were live at the last charge before a moment that is run to. */
  get around(): readonly number[] {
    return this.#around.map(({ func }) => func);
  }

  /** Sets the hooks in the rewritten module's table of them. */
  set(table: unknown): void {
    if (!(table instanceof WebAssembly.Table)) throw new Error('the rewritten module has no hook table');
    const run = this.#run;
    const hooks: Hooks = {
      fuel: (cost) => this.#fuel(cost),
      stack: (frames) => {
        throw new StackExhausted(frames === 0 ? 'slots' : 'frames');
      },
      growBefore: (space, index, delta) => this.#growBefore(space, index, delta),
      growAfter: (space, index, delta, result) => {
        run.replayer?.grew(spaceName(space), index, delta, result);
        run.sink.grow(spaceName(space), index, delta, result);
        run.checkpoints.afterEvent();
      },
      bulk: () => {
        run.checkpoints.check('bulk');
        run.sink.tick(run.platform.monotonic());
      },
      probe: (site) => run.guest.code?.reached(site),
      stored: (site, address, length) => run.guest.code?.stored(site, address, length),
    };
    const wrapper = new WebAssembly.Module(hookModule() as Uint8Array<ArrayBuffer>);
    const { exports } = new WebAssembly.Instance(wrapper, { hooks: { ...hooks } });
    for (const [slot, name] of HOOK_NAMES.entries()) table.set(slot, exports[name]);
  }

  #fuel(cost: number): void {
    const { meter, platform, checkpoints, guest, inspection, sink } = this.#run;
    const enough = meter.close(cost);
    const now = platform.monotonic();
    checkpoints.check('charge', now);
    if (!enough) {
      this.#yield(cost);
      meter.refill(cost);
    }
    this.checkPassed();
    if (guest.code?.near) this.#around = inspection.frames(new Error('near').stack ?? '');
    meter.grant(cost);
    this.showCounters();
    sink.tick(now);
  }

  /** The moment that was run to may lie in code without sites: then it is noticed when it is passed, before anything else happens. */
  checkPassed(): void {
    const { code } = this.#run.guest;
    if (code?.sought !== undefined && code.moment > code.sought) this.#sought();
    if (code?.target !== undefined && code.moment > code.target) this.#stopInCode('moment', []);
  }

  /** Shows the counters to the driving side. */
  showCounters(): void {
    const { consumed, left, yields, slice } = this.#run.meter;
    this.#run.control.show(consumed, left, yields, slice);
  }

  #yield(required: number): void {
    const run = this.#run;
    const fuel = run.meter.consumed;
    run.replayer?.yield(fuel, required);
    run.sink.yield(required);
    if (run.rules.cares('yield')) {
      const scope = withCommon((name) => (name === 'kind' ? 'yield' : undefined), fuel, run.clock.elapsed());
      run.verdicts.decide([{ classes: ['yield'], name: undefined, scope }], undefined);
    }
    run.replayer?.copyChanges();
    // The host's turn was over if the guest has run on from here; else it is taken now.
    const { continues } = run.start;
    const over = continues !== undefined && (run.guest.code?.moment ?? 0) < continues.stop.moment;
    if (run.replayer !== undefined && continues !== undefined && !over) run.catchUp.arrive('event');
    if (run.replayer === undefined) run.host.turn();
    else {
      takeSleep(run.context);
      takeStdinWait(run.context);
      run.checkpoints.endOfReplay('event');
    }
    run.traffic.hostLooked();
  }

  #growBefore(space: number, index: number, delta: number): number {
    const { replayer, checkpoints, memory } = this.#run;
    if (replayer !== undefined) {
      checkpoints.endOfReplay('before');
      return replayer.growth(spaceName(space), index, delta) < 0 ? 1 : 0;
    }
    return (space === 0 ? memory.admitsPages(index, delta) : memory.admitsItems(delta)) ? 0 : 1;
  }
}

const spaceName = (space: number): 'memory' | 'table' => (space === 0 ? 'memory' : 'table');
