// Catching up with a run that goes on here: its events are done again up to where it stands, and from there this one goes on, live or by the
// recording that the other went by. Knows when it is there, and what of that run no recording has. Contracts S4, R3.
import type { EndPlace } from '../recording/event.ts';
import { type Arguments, doneAgainForLive, replayedCalls, type SyscallObserver } from './guest-imports.ts';
import type { Continuation } from './messages.ts';
import type { Stop } from './options.ts';
import type { Replayer } from './replayer.ts';
import type { RunParts } from './run-parts.ts';

type CatchUpContext = Pick<
  RunParts,
  | 'start'
  | 'options'
  | 'platform'
  | 'guest'
  | 'meter'
  | 'clock'
  | 'sink'
  | 'bounds'
  | 'verdicts'
  | 'rules'
  | 'pauses'
  | 'host'
  | 'edits'
  | 'context'
  | 'replayer'
>;

export class CatchUp {
  readonly #run: CatchUpContext;
  /** The breakpoints may be set: nothing of the past hits them any more. */
  readonly #there: () => void;
  /** Where the run stands that is being caught up with; undefined once it is there. */
  #continues: Continuation | undefined;

  constructor(run: CatchUpContext, there: () => void) {
    this.#run = run;
    this.#there = there;
    this.#continues = run.start.continues;
  }

  get underWay(): boolean {
    return this.#continues !== undefined;
  }

  /** It is under way, and is to go on live from there. */
  get endsLive(): boolean {
    return this.#continues?.live === true;
  }

  /** The first event that is not caught up with. */
  get until(): number {
    const continues = this.#continues;
    return continues === undefined || continues.live ? Number.POSITIVE_INFINITY : continues.stop.seq + 1;
  }

  /** The stop that is caught up with. */
  get stop(): Stop | undefined {
    return this.#continues?.stop;
  }

  /** The syscalls of a replay; where it is to go on live, those that can be are done again, at the times at which they were done. */
  calls(replayer: Replayer, observer: SyscallObserver): (name: string, args: Arguments) => number {
    const { meter, clock, context, guest, options, start } = this.#run;
    const fuel = (): number => meter.consumed;
    if (start.continues?.live !== true) return replayedCalls(replayer, fuel, context, guest.memory, observer);
    const { now, elapsed } = start.continues.standing;
    const at = (time: number): void => clock.hold(now - BigInt(Math.round((elapsed - time) * 1e6)), time);
    at(0);
    const again = doneAgainForLive(options.seed !== undefined);
    return replayedCalls(replayer, fuel, context, guest.memory, observer, again, at);
  }

  /**
   * All that came of an event is done. Where the events that are known are done again, what comes now is new; where the run stands that is caught
   * up with, this one stops.
   */
  arrive(at: EndPlace): void {
    const continues = this.#continues;
    const run = this.#run;
    const { code } = run.guest;
    if (continues === undefined || code === undefined) {
      run.edits.doHere();
      return;
    }
    const { stop } = continues;
    if (!continues.live) {
      if (!this.#atEvent(stop.seq)) return;
    } else {
      do run.replayer?.copyHostEvents();
      while (run.edits.doHere());
      if (run.replayer !== undefined) {
        if (!run.replayer.exhausted) return;
        this.#goLive(continues);
      }
    }
    // A stop in the code is caught up with at its site, never at the charge before it.
    if (code.moment < stop.moment || (stop.inCode && !code.inCode)) {
      if (code.sought === stop.moment) return;
      code.seek(stop.moment);
      run.meter.interrupt();
      return;
    }
    this.arrived();
    run.pauses.stop(stop.reason, stop.rules, stop.diagnosis, at);
  }

  /** The other one's last event is done again. What the host did next may still have to be. */
  #atEvent(seq: number): boolean {
    const { replayer, edits } = this.#run;
    if (replayer === undefined) return true;
    const there = (): boolean => replayer.begun >= seq;
    while (!there()) {
      replayer.copyHostEvents();
      // it may have arrived amid these
      if (this.#continues === undefined) return false;
      if (!there() && !edits.doHere()) return false;
    }
    return true;
  }

  #goLive({ standing }: Continuation): void {
    const run = this.#run;
    const known = run.replayer?.position ?? 0;
    run.replayer = undefined;
    run.sink.live(known);
    run.clock.hold(standing.now, standing.elapsed);
    run.clock.release(standing.fuel);
    run.bounds.restore(standing.bounds, run.platform.monotonic());
    run.verdicts.faults.splice(0, Number.POSITIVE_INFINITY, ...standing.faults);
    run.host.live(standing);
  }

  /** It is there. */
  arrived(): void {
    if (this.#continues === undefined) return;
    const { standing, live, stop } = this.#continues;
    const { guest, rules, options, sink, replayer } = this.#run;
    this.#continues = undefined;
    if (!live && replayer !== undefined) {
      sink.log.count = stop.seq + 1;
      for (let seq = stop.seq + 1; seq <= replayer.begun; seq++) sink.copy(replayer.recorded(seq));
    }
    guest.code?.collected();
    guest.code?.seek(undefined);
    rules.set(options.rules);
    rules.hits = standing.ruleHits;
    if (guest.code !== undefined) guest.code.hits = standing.codeHits;
    this.#there();
  }
}
