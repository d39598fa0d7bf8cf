// The end of a call: what came out of the guest as an exception, what the host still does when the guest has ended, the comparison with the
// recording, and the outcome. Contracts E4, E8, R3, S5.
import { GuestExit } from '../wasi/context.ts';
import { REQUEST } from './control.ts';
import type { Ending } from './ending.ts';
import type { StopTrap } from './options.ts';
import { outcomeOf } from './outcome.ts';
import { Divergence } from './replayer.ts';
import type { RunParts } from './run-parts.ts';
import { RunEnd, trapOf } from './traps.ts';

type CallEndContext = Pick<
  RunParts,
  | 'platform'
  | 'control'
  | 'options'
  | 'meter'
  | 'sink'
  | 'pauses'
  | 'verdicts'
  | 'bounds'
  | 'guest'
  | 'inspection'
  | 'host'
  | 'traffic'
  | 'hostCheck'
  | 'replayer'
  | 'checkpoints'
  | 'rules'
>;

export class CallEnd {
  readonly #run: CallEndContext;
  /** Sends all there is. */
  readonly #flush: () => void;
  /** The guest's frames are gone: this was the moment right before the instruction that trapped. */
  #trapMoment: number | undefined;
  /** The guest has ended: nothing can be done again from here. */
  #over = false;
  /** V8's, of a trap. */
  #stack = '';
  #trap: StopTrap | undefined;
  /** V8's, of a proc_exit, or of a proc_raise that ends the guest. */
  #exit: string | undefined;

  constructor(run: CallEndContext, flush: () => void) {
    this.#run = run;
    this.#flush = flush;
  }

  get trapMoment(): number | undefined {
    return this.#trapMoment;
  }
  /** What the guest has ended in. */
  get trap(): StopTrap | undefined {
    return this.#trap;
  }
  get over(): boolean {
    return this.#over;
  }

  /** What was thrown is no end of the guest's: a replay that differs, or a fault of ours. */
  failed(error: unknown): Ending {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof Divergence) this.#run.platform.post({ type: 'diverged', seq: error.seq, message });
    else
      this.#run.verdicts.faults.push({
        kind: 'debugger',
        message: `The debugger itself failed, which is no fault of the plugin's; please report it: ${message}`,
      });
    return { reason: 'ours', code: undefined, message, at: undefined };
  }

  /** What came out of the guest as an exception. @throws what no guest can throw */
  thrown(error: unknown): Ending {
    if (error instanceof GuestExit) {
      const { code } = error;
      this.#exit = error.stack;
      return { reason: 'exit', code, message: `the plugin ended with exit code ${code}`, at: undefined };
    }
    if (error instanceof RunEnd) return { reason: error.reason, code: undefined, message: error.message, at: error.at };
    const trap = trapOf(error);
    if (trap === undefined) throw error;
    const { kind, message, limit } = trap;
    const { verdicts, inspection, pauses, guest, traffic, sink } = this.#run;
    if (kind === 'ours') {
      verdicts.faults.push({ kind: 'debugger', message });
      return { reason: 'ours', code: undefined, message, at: undefined };
    }
    // The frames are gone, but memory is there, and the trace that V8 took.
    const trace = (error as Error).stack ?? '';
    // production traps at the call, and makes no frame for it
    const stack = limit === undefined ? trace : inspection.withoutTop(trace);
    this.#stack = stack;
    this.#trap = { words: message, after: sink.last, ...(limit === undefined ? {} : { limit }) };
    const where = inspection.ownFunction(stack);
    pauses.terminatesLater = true; // it has ended already
    this.#trapMoment = guest.code?.momentOfTrap(inspection.frames(stack)[0]) ?? 0;
    this.#over = true;
    traffic.flush();
    traffic.end({ kind: 'trap', message, ...(where === undefined ? {} : { where }) }, stack);
    return { reason: 'trap', code: undefined, message, at: undefined };
  }

  /** The run ends so: what is left to do is done, the end is logged, and the driving side is told the outcome. */
  finish(ended: Ending): void {
    const { platform, control, options, meter, sink, verdicts, bounds, guest, host, hostCheck } = this.#run;
    let ending = ended;
    try {
      this.#lastWords(ending);
    } catch (error) {
      ending = error instanceof RunEnd ? this.thrown(error) : this.failed(error);
    }
    const comparable = ending.at !== 'before' && ending.at !== 'bulk';
    const memory = comparable ? guest.exportedMemory : undefined;
    const memorySha256 = memory === undefined ? undefined : platform.sha256(new Uint8Array(memory.buffer));
    const exit = { ...ending, memorySha256, inputs: sink.inputs.crc };
    const { replayer } = this.#run;
    try {
      // a replay that is ended from outside has no end to compare
      const asked = ending.reason === 'terminated' && (control.pending() & REQUEST.terminate) !== 0;
      const compared = ending.reason !== 'ours' && !asked;
      if (compared && replayer?.exhausted === false) replayer.end(exit, meter.consumed);
      const byItself = ending.reason !== 'limit' && ending.reason !== 'terminated';
      if (compared) hostCheck?.end(sink.log.count, byItself);
    } catch (error) {
      this.failed(error);
    }
    sink.exit(exit);
    this.#flush();
    if (ending.reason !== 'ours') this.#stopAtEnd();
    if (options.moments === true && replayer !== undefined)
      platform.post({ type: 'moments', moments: replayer.moments });
    const outcome = outcomeOf({
      ending,
      endpoint: host.endpoint.outcome,
      faults: verdicts.faults,
      fuel: meter.state(),
      events: { rpc: sink.rpc, syscall: sink.syscalls },
      wallMs: bounds.wallMs(platform.monotonic()),
    });
    platform.post({ type: 'ended', outcome });
  }

  /** The end was run to, or what a recording does not have. */
  #stopAtEnd(): void {
    const { options, rules, pauses, platform, sink, replayer } = this.#run;
    const { target } = rules;
    if (!options.debug || target === undefined || (!rules.reached && replayer === undefined)) return;
    if (!rules.reached) {
      const message = `There is no event ${target}: the recording ends with event ${sink.last}.`;
      platform.post({ type: 'problem', message });
    }
    this.#over = true;
    pauses.terminatesLater = true; // it has ended already
    pauses.stop('reached', [], undefined, 'event', this.#stack);
  }

  /** The guest has ended by itself: the host reads what is left, and finds out. */
  #lastWords(ending: Ending): void {
    const { host, pauses, traffic, checkpoints } = this.#run;
    const byItself = ending.reason === 'returned' || ending.reason === 'exit';
    if (!byItself && ending.reason !== 'trap') return;
    pauses.terminatesLater = true; // it has ended already
    this.#over = true;
    if (byItself) traffic.flush();
    host.endpoint.endOfOutput();
    if (this.#run.replayer === undefined) host.finish();
    else {
      host.endpoint.pump(() => 'pending');
      checkpoints.endOfReplay('event');
    }
    if (!byItself) return;
    const stack = this.#exit;
    const where = (): string | undefined => this.#run.inspection.ownFunction(stack);
    traffic.end({ kind: 'exit', code: ending.code ?? 0, ...(stack === undefined ? {} : { where }) }, stack);
  }
}
