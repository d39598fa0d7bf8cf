// The worker's half of pausing: looks at the control block, stops, and while stopped answers questions about the guest. A stop is a
// blocked call into the worker's platform; the guest's frames stay on V8's stack meanwhile. Contracts E2, S6.
import type { EndPlace } from '../recording/event.ts';
import { type Control, REQUEST } from './control.ts';
import type { Answer, Query, Standing, ToWorker, WorkerPlatform } from './messages.ts';
import type { Resume, Stop } from './options.ts';
import type { StopRules } from './stops.ts';
import { RunEnd } from './traps.ts';

/** What a stop needs of the run. */
export interface Paused {
  /** The run's clock stands still between these. */
  clockStops(): void;
  clockGoes(): void;
  /** Sends all events, so that the other side has what the stop speaks of. */
  flush(): void;
  answer(query: Query): Answer;
  /** A message for somebody else: a host's reply. */
  other(message: ToWorker): void;
  describeStop(reason: Stop['reason'], rules: readonly string[], diagnosis: Stop['diagnosis'], stack: string): Stop;
  /** A pause is to come at the author's next line, which is near; false: right here, which is as near as it gets. */
  comesSoon(): boolean;
  /** What of the run no recording has. */
  standing(): Standing;
  /** The guest is about to run on from `stop`. */
  resumes(mode: Resume, stop: Stop): void;
}

export class Pauses {
  readonly #platform: WorkerPlatform;
  readonly #control: Control;
  readonly #rules: StopRules;
  readonly #run: Paused;
  readonly #debug: boolean;
  #resume: Resume | undefined;
  /**
   * While true, a stop that terminate ends returns, and nothing stops any more: what an import has to do is done to its end, so that a replay
   * finds the end of the run where the recording has it. Whoever sets it calls `check` afterwards.
   */
  terminatesLater = false;

  constructor(platform: WorkerPlatform, control: Control, rules: StopRules, run: Paused, debug: boolean) {
    this.#platform = platform;
    this.#control = control;
    this.#rules = rules;
    this.#run = run;
    this.#debug = debug;
  }

  /** Takes in what the other side wants. To be called at every entry of a hook or an import; costs one atomic load when there is nothing. */
  check(at: EndPlace): void {
    const pending = this.#control.pending();
    if (pending === 0) return;
    if (pending & REQUEST.messages) this.drain();
    if (pending & REQUEST.terminate) throw new RunEnd('terminated', at, 'the call was ended by the debugger');
    // what is put off stays asked for: the next charge asks again
    if (pending & REQUEST.pause && !(this.#debug && at === 'charge' && this.#run.comesSoon())) {
      this.#control.clear(REQUEST.pause);
      if (this.#debug) this.stop('pause', [], undefined, at);
    }
  }

  drain(): void {
    this.#control.clear(REQUEST.messages);
    for (let message = this.#platform.receive(); message !== undefined; message = this.#platform.receive())
      this.take(message);
  }

  /** Takes in one message. */
  take(message: ToWorker): void {
    switch (message.type) {
      case 'rules':
        this.#rules.set(message.rules);
        break;
      case 'resume':
        this.#resume = message.mode;
        break;
      case 'query':
        try {
          this.#platform.post({ type: 'answer', token: message.token, answer: this.#run.answer(message.query) });
        } catch (error) {
          this.#platform.post({ type: 'refused', token: message.token, message: (error as Error).message });
        }
        break;
      default:
        this.#run.other(message);
    }
  }

  /** Stops here until told to go on. `stack` is V8's trace when the guest's frames are gone already (a trap). */
  stop(
    reason: Stop['reason'],
    rules: readonly string[],
    diagnosis: Stop['diagnosis'],
    at: EndPlace,
    stack = new Error('stop').stack ?? '',
  ): void {
    if (this.terminatesLater && this.#control.pending() & REQUEST.terminate) return;
    this.#run.clockStops();
    this.#run.flush();
    this.#rules.step(undefined);
    this.#rules.runTo(undefined);
    this.#resume = undefined;
    const stop = this.#run.describeStop(reason, rules, diagnosis, stack);
    this.#platform.post({ type: 'stopped', stop, standing: this.#run.standing() });
    for (;;) {
      const seen = this.#control.wakeCount();
      // Asked for before the messages are looked at, it is of this stop: who resumes and then pauses again has sent the resume first.
      const paused = (this.#control.pending() & REQUEST.pause) !== 0;
      this.drain();
      if (this.#control.pending() & REQUEST.terminate) {
        if (this.terminatesLater) return;
        throw new RunEnd('terminated', at, 'the call was ended by the debugger');
      }
      if (this.#resume !== undefined) break; // a pause that is wanted now is one after that
      if (paused) this.#control.clear(REQUEST.pause); // it is paused already
      this.#control.wait(seen, 60_000);
    }
    const mode = this.#resume as Resume;
    this.#rules.step(mode.until);
    this.#rules.runTo(mode.event);
    this.#run.resumes(mode, stop);
    this.#run.clockGoes();
    this.#platform.post({ type: 'resumed' });
  }
}
