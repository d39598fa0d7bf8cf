// What is looked at wherever the guest is in a hook or an import: pause and terminate, the bounds that only time reaches, and in a replay the
// end that the recording has. Contracts E2, E4, R3.
import type { EndPlace } from '../recording/event.ts';
import type { RunParts } from './run-parts.ts';
import { RunEnd } from './traps.ts';

type CheckpointsContext = Pick<
  RunParts,
  'platform' | 'pauses' | 'verdicts' | 'bounds' | 'meter' | 'sink' | 'edits' | 'catchUp' | 'replayer'
>;

export class Checkpoints {
  readonly #run: CheckpointsContext;

  constructor(run: CheckpointsContext) {
    this.#run = run;
  }

  /** Pause, terminate, and the bounds that only time reaches. `now` is monotonic ms. @throws RunEnd */
  check(at: EndPlace, now = this.#run.platform.monotonic()): void {
    const { pauses, bounds, meter, replayer, catchUp } = this.#run;
    pauses.check(at);
    if (replayer === undefined && !catchUp.underWay) bounds.check(now, meter.consumed, at);
    else if (at !== 'before') this.endOfReplay(at); // amid a syscall there is no end
  }

  /** A syscall or a grow is done, and all that came of it is logged. @throws RunEnd */
  afterEvent(): void {
    const { platform, bounds, sink, verdicts } = this.#run;
    verdicts.stopIfReached();
    // Between two entries of the fuel hook lie thousands of syscalls, and some of them take long.
    const now = platform.monotonic();
    this.check('event', now);
    if (this.#run.replayer === undefined) bounds.checkRecording(sink.log.bytes);
    sink.tick(now);
  }

  /** A recorded end that we made (a bound, terminate) comes at the same point again. @throws RunEnd */
  endOfReplay(at: EndPlace): void {
    const { replayer, catchUp, edits, meter } = this.#run;
    if (catchUp.underWay) {
      if (at !== 'before') catchUp.arrive(at);
      return;
    }
    if (replayer === undefined) return;
    if (at !== 'before')
      do replayer.copyHostEvents();
      while (edits.doHere());
    if (replayer.exhausted) throw new RunEnd('terminated', at, 'the recording ends here');
    const exit = replayer.nextExit();
    if (exit === undefined || (exit.reason !== 'limit' && exit.reason !== 'terminated')) return;
    // Ends that came at a fuel come, under another model of it, before whatever the guest would do next.
    const { comparesFuel } = replayer;
    const here = exit.at === at || (at === 'before' && (exit.at === 'bulk' || !comparesFuel));
    if (here && (!comparesFuel || meter.consumed >= exit.fuel))
      throw new RunEnd(exit.reason, exit.at ?? at, exit.message);
  }
}
