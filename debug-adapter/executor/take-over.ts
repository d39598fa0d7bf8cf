// Who runs the call: the worker that does, or one with other sites that takes over where a breakpoint, a step, a caller's locals or a local that
// was set need them.
// Says when that is, and what waits for it; how a worker comes there is successor.ts's. Contract S4.
import type { MockSources } from '../mocks/mock-set.ts';
import { REQUEST } from './control.ts';
import type { HandReply, MockChange, Standing, ToWorker, WorkerStart } from './messages.ts';
import { type CodeBreakpoint, NO_SITES, type Resume, type RunOptions, type Stop, type StopRule } from './options.ts';
import type { Platform } from './platform.ts';
import type { Run } from './run.ts';
import { type Succession, type Successor, startSuccessor } from './successor.ts';

/** What a take-over needs of the run. `stop` is where it stands. */
export interface TakeOverContext extends Pick<Run, 'store' | 'header' | 'state'> {
  readonly platform: Platform;
  /** The module's bytes. */
  readonly module: Uint8Array<ArrayBuffer> | undefined;
  stop: Stop | undefined;
  /** The worker has answered all that it was asked. */
  readonly idle: boolean;
  post(message: ToWorker): void;
  /** REQUEST bits for the worker. */
  request(bits: number): void;
  /** The call stands here, for all to hear. */
  tell(stop: Stop): void;
  problem(sentence: string): void;
  /** This one runs the call from now on, is told `first`, and the other is ended. */
  adopt(successor: Successor, first: readonly ToWorker[]): void;
}

type HandMessage = Extract<ToWorker, { type: 'handReply' | 'changeReply' }>;

/** Sites besides those of breakpoints. */
interface Sites {
  readonly functions: readonly number[];
  readonly entries: boolean;
}
const NONE: Sites = { functions: [], entries: false };

/** A worker on its way to where the call stands. */
interface Coming {
  readonly succession: Succession;
  /** What it was started with. */
  readonly options: RunOptions;
  /** So many changes of the mocks it knows of. */
  readonly mockChanges: number;
  /** It stands there, and is adopted as soon as the present one has nothing left to say. */
  successor: Successor | undefined;
  /** Resolves when it was adopted, or is not wanted any more. */
  readonly over: Promise<void>;
  end(): void;
}

export class TakeOver {
  readonly #run: TakeOverContext;
  /** What the call was started with, and what was changed since; its bytes are gone to the worker. Undefined where no other worker can take over. */
  #options: RunOptions | undefined;
  /** What the call goes by, if it is a replay: whoever takes over goes on by it too. */
  readonly #recording: WorkerStart['replay'];
  #standing: Standing | undefined;
  #coming: Coming | undefined;
  /** The sites of the present worker, or of the one that is to take over. */
  #sites = NONE;
  /** The frames' locals at this stop are known, or are being found. */
  #collected = false;
  /** How to run on once another worker has taken over, and all breakpoints are resolved. */
  #then: Resume | undefined;
  /** A local was set here that the present worker does not take back. */
  #owed = false;
  /** The last way of running on. */
  #mode: Resume = { until: undefined };
  /** The worker was told to run on, and has not said yet that it does. */
  #leaving = false;
  /** Breakpoints wait for sites: the run is stopped for a moment to get them. */
  #lacksSites = false;
  #pausing = false;
  /** Nobody has heard of this stop yet: it is past the moment that was asked for, and another worker is to stand right there. */
  #past: Stop | undefined;
  /** Breakpoints that were set, and whose places are not known yet: a stop is not left before. */
  #unresolved = 0;
  #terminating = false;
  /** Mocks that were sent, and are not known to count; those that do, whatever worker ran the call then. */
  #mocksSent: MockSources[] = [];
  #mockChanges: MockChange[] = [];
  /** Answers by hand since the call stands where it does. */
  #answers: HandMessage[] = [];

  constructor(run: TakeOverContext, options: RunOptions | undefined, recording: WorkerStart['replay']) {
    this.#run = run;
    this.#options = options;
    this.#recording = recording;
    if (options?.runToEvent !== undefined) this.#mode = { until: undefined, event: options.runToEvent };
  }

  /** The call stands still, and whoever asked for that knows. */
  get stands(): boolean {
    return this.#run.state === 'stopped' && !this.#leaving && this.#past === undefined;
  }

  /** What another worker of the same call is started with, but for the module's bytes. */
  get options(): RunOptions | undefined {
    return this.#options;
  }

  // What the driving side wants.

  resume(mode: Resume): void {
    if (!this.stands) return;
    const { stop } = this.#run;
    if (mode.step !== undefined && mode.statement !== true && stop?.steppable === false)
      this.#start({ functions: stop.frames.map(({ func }) => func), entries: true });
    if (this.#owed && this.#coming === undefined) this.#start(NONE);
    // what is asked may be an edit
    if (this.#coming !== undefined || this.#unresolved > 0 || !this.#run.idle) this.#then = mode;
    else this.#leave(mode);
  }

  pause(): void {
    if (this.#run.state !== 'stopped' || this.#leaving) {
      this.#pausing = true;
      this.#run.request(REQUEST.pause);
      return;
    }
    const past = this.#past;
    if (past !== undefined) {
      // It stands past the moment that it was to stop at: there it stays, and breakpoints may still want another worker.
      this.#past = undefined;
      this.#run.stop = past;
      this.#start(NONE);
    } else if (this.#then === undefined) return;
    // It was to run on as soon as another worker is there.
    this.#then = undefined;
    const { stop } = this.#run;
    if (stop === undefined) return;
    this.#run.stop = { ...stop, reason: 'pause', rules: [], diagnosis: undefined };
    this.#run.tell(this.#run.stop);
  }

  /** Where the files of the source are is known: whoever takes over does not ask again. */
  setSource(source: RunOptions['source'] & object): void {
    if (this.#options !== undefined) this.#options = { ...this.#options, source };
  }

  setRules(rules: readonly StopRule[]): void {
    if (this.#options !== undefined) this.#options = { ...this.#options, rules };
    this.#run.post({ type: 'rules', rules });
  }

  setMocks(mocks: MockSources): void {
    this.#mocksSent.push(mocks);
    this.#run.post({ type: 'mocks', mocks });
  }

  /** The oldest mocks that were sent count from now on, or never. */
  mocksTaken(after: number | undefined): void {
    const mocks = this.#mocksSent.shift();
    if (mocks !== undefined && after !== undefined) this.#mockChanges.push({ after, mocks });
  }

  /** For a call that waits for an answer from outside. Whoever is on the way to where the call stands is told too. */
  answer(id: string, reply: HandReply): void {
    this.#run.post(this.#tellLater({ type: 'handReply', id, reply }));
  }

  /** A reply that has not left was changed: as above. */
  changed(id: string, reply: HandReply): void {
    this.#tellLater({ type: 'changeReply', id, reply });
  }

  /** Whoever takes over here is told, of each call the last. */
  #tellLater(message: HandMessage): ToWorker {
    this.#answers = [...this.#answers.filter(({ id }) => id !== message.id), message];
    return message;
  }

  setBreakpoints(breakpoints: readonly CodeBreakpoint[]): void {
    if (this.#options !== undefined) this.#options = { ...this.#options, breakpoints };
    this.#unresolved++;
    this.#run.post({ type: 'breakpoints', breakpoints });
    // whoever is on the way does not know of them
    if (this.#coming !== undefined) this.#start(NONE);
  }

  /** The run is to end where it stands: nobody takes over any more. */
  terminate(): void {
    this.#terminating = true;
    this.drop();
  }

  /**
   * Locals that the guest does not hand over where it stands, of callers and at events, are found by doing the call again up to here, and
   * keeping on the way what each frame had at its call. Resolves when those of frame `frame` can be asked for.
   */
  async collect(frame: number): Promise<void> {
    const { stop } = this.#run;
    if (!this.stands || this.#then !== undefined) return;
    if (stop === undefined || stop.over || stop.frames[frame] === undefined || (frame === 0 && stop.handed)) return;
    if (!this.#collected) {
      this.#collected = true;
      this.#start(this.#sites);
    }
    while (this.#coming !== undefined) await this.#coming.over;
  }

  // What the worker says.

  stopped(stop: Stop, standing: Standing): void {
    const run = this.#run;
    run.stop = stop;
    this.#standing = standing;
    this.#leaving = false;
    this.#collected = false;
    this.#owed = false;
    this.#answers = [];
    const pausing = this.#pausing;
    this.#pausing = false;
    const { until, moment, event } = this.#mode;
    if (this.#lacksSites) {
      this.#getSites();
      // It was stopped for our sake alone: nobody else hears of it.
      if (stop.reason === 'pause' && !pausing && this.#coming !== undefined) {
        const { step } = standing;
        if (step !== undefined && step.statement === undefined)
          this.#start({ functions: stop.frames.map(({ func }) => func), entries: true });
        this.#then = {
          until,
          ...(step === undefined ? {} : { step: step.kind, origin: step }),
          ...(moment === undefined || moment <= stop.moment ? {} : { moment }),
          ...(event === undefined ? {} : { event }),
        };
        return;
      }
    }
    if (stop.reason === 'moment' && moment !== undefined && stop.moment > moment) {
      // It lay in code without sites. Nothing has happened since: the call is done again up to it with sites there.
      run.stop = { ...stop, moment, inCode: true };
      const functions = [...stop.frames.map(({ func }) => func), ...standing.around];
      if (this.#start({ functions, entries: false })) {
        this.#past = stop;
        return;
      }
      run.stop = stop;
    }
    run.tell(stop);
  }

  resumed(): void {
    this.#leaving = false;
  }

  /** Breakpoints were resolved: those that were set (`asked`), or those that the call was started with. */
  resolved(asked: boolean, missing: boolean): void {
    if (asked) this.#unresolved--;
    if (missing) this.#getSites();
    this.settle();
  }

  /** What it logs while it stands, from event `from` on, are edits: whoever is on the way does not know of them. */
  edited(from: number): void {
    if (this.#standing?.localsShown === true)
      for (const event of this.#run.store.range(from))
        if (event.kind === 'edit' && event.space === 'local') this.#owed = true;
    if (this.#coming !== undefined || this.#owed) this.#start(NONE);
  }

  /** Does what waits for the worker's answers, if they have come. */
  settle(): void {
    const coming = this.#coming;
    if (this.#unresolved > 0) return;
    if (coming === undefined) {
      if (!this.#run.idle) return;
      const then = this.#then;
      this.#then = undefined;
      if (then !== undefined) this.#leave(then);
    } else if (coming.successor !== undefined && this.#run.idle) this.#adopt(coming, coming.successor);
  }

  /** Nobody takes over, and nothing is done after that. */
  drop(): void {
    this.#then = undefined;
    this.#past = undefined;
    this.#cancel();
  }

  // Taking over.

  #leave(mode: Resume): void {
    this.#mode = mode;
    this.#leaving = true;
    this.#run.post({ type: 'resume', mode });
  }

  /** Breakpoints need sites that the module has not. */
  #getSites(): void {
    const options = this.#options;
    if (options === undefined) return;
    this.#lacksSites = this.#run.state !== 'stopped' || this.#leaving;
    if (this.#lacksSites) this.#run.request(REQUEST.pause);
    else if (this.#coming?.options.breakpoints !== options.breakpoints || options.breakpoints === undefined)
      this.#start({ functions: this.#run.stop?.frames.slice(0, 1).map(({ func }) => func) ?? [], entries: false });
  }

  /**
   * Has the call done again with every instruction of some functions as a site, besides those of the breakpoints. In place of a worker that is
   * on the way already, which gets what that one was to have. @returns false where no other worker can take over
   */
  #start(sites: Sites): boolean {
    const options = this.#options;
    const { stop, header, state, platform, store, module } = this.#run;
    const standing = this.#standing;
    if (options === undefined || stop === undefined || standing === undefined) return false;
    if (header === undefined || module === undefined) return false;
    if (stop.over || state !== 'stopped' || this.#leaving || this.#terminating) return false;
    const before = this.#coming === undefined ? NONE : this.#sites;
    const functions = [...new Set([...before.functions, ...sites.functions])];
    const entries = before.entries || sites.entries;
    this.#cancel();
    this.#sites = { functions, entries };
    const calls = this.#collected ? stop.frames.slice(stop.handed ? 1 : 0).map(({ offset }) => offset) : [];
    let end = (): void => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const succession = startSuccessor(
      platform,
      {
        options: {
          ...options,
          plan: { ...(options.plan ?? NO_SITES), entries, functions },
          plugin: { ...options.plugin, bytes: module.slice() },
        },
        replay: this.#recording ?? { header, records: store.records() },
        continues: { live: this.#recording === undefined, stop, standing, calls, mockChanges: [...this.#mockChanges] },
      },
      {
        arrived: (successor) => {
          coming.successor = successor;
          this.settle();
        },
        failed: (why) => {
          const sentence = `The plugin could not be taken to where it stands with other places to stop at: ${why}`;
          if (this.#coming === coming) this.#failed(sentence);
        },
      },
    );
    const coming: Coming = {
      succession,
      options,
      mockChanges: this.#mockChanges.length,
      successor: undefined,
      over,
      end,
    };
    this.#coming = coming;
    return true;
  }

  #cancel(): void {
    const coming = this.#coming;
    this.#coming = undefined;
    coming?.succession.cancel();
    coming?.end();
  }

  #failed(sentence: string): void {
    const run = this.#run;
    this.#cancel();
    run.problem(sentence);
    const past = this.#past;
    const { stop } = run;
    if (past !== undefined) {
      this.#past = undefined;
      run.stop = past;
      run.tell(past);
    } else if (
      stop !== undefined &&
      this.#then !== undefined &&
      (this.#owed || (this.#then.step !== undefined && this.#then.statement !== true && !stop.steppable))
    ) {
      // a step without its sites would run away, and what was set would not be
      this.#then = undefined;
      run.tell(stop);
    }
    this.settle();
  }

  #adopt(coming: Coming, successor: Successor): void {
    const run = this.#run;
    this.#coming = undefined;
    const past = this.#past;
    this.#past = undefined;
    // the same stop, whatever worker it is in, for the reason that was told
    const { reason, rules, diagnosis } = run.stop ?? successor.stop;
    const stop = { ...successor.stop, reason, rules, diagnosis };
    run.stop = stop;
    this.#standing = successor.standing;
    this.#owed = false;
    // breakpoints that were set meanwhile had it started anew; rules need no sites
    const options = this.#options;
    const changed: ToWorker[] = [];
    if (options !== undefined && options !== coming.options) {
      changed.push({ type: 'rules', rules: options.rules });
    }
    // mocks that came meanwhile it does not know of
    const later = this.#mockChanges.splice(coming.mockChanges).map(({ mocks }) => mocks);
    this.#mocksSent = [...later, ...this.#mocksSent];
    for (const mocks of this.#mocksSent) changed.push({ type: 'mocks', mocks });
    run.adopt(successor, [...changed, ...this.#answers]);
    coming.end();
    if (past !== undefined) run.tell(stop);
    else this.settle();
  }
}
