// One call in the worker, from the module's bytes to the outcome: makes the parts of the run, loads, runs `_start`, and sees to the end. What
// is done at each hook, import and stop is the parts' (run-parts.ts). Contracts E1, E2, S4, R2.
import { fuelOf } from '../instrument/counters.ts';
import { seedOf } from '../mocks/matcher.ts';
import { mockSetOf } from '../mocks/mock-set.ts';
import { Mocks } from '../mocks/mocks.ts';
import { problemText } from '../mocks/problems.ts';
import type { RecordingHeader, RunEvent } from '../recording/event.ts';
import { EventStore } from '../recording/event-store.ts';
import { HostEndpoint } from '../rpc/endpoint.ts';
import { createContext, type WasiContext } from '../wasi/context.ts';
import { GuestMemory } from '../wasi/memory.ts';
import { Bounds } from './bounds.ts';
import { CallEnd } from './call-end.ts';
import { loadCallModule } from './call-module.ts';
import { CatchUp } from './catch-up.ts';
import { Checkpoints } from './checkpoints.ts';
import { CodeRun } from './code-run.ts';
import { Control, REQUEST } from './control.ts';
import { takenBackEdit } from './edits.ts';
import type { Ending } from './ending.ts';
import { EventSink } from './event-sink.ts';
import { FuelMeter } from './fuel-meter.ts';
import { GuestCalls } from './guest-calls.ts';
import { GuestHooks } from './guest-hooks.ts';
import { guestImports } from './guest-imports.ts';
import { guestRandom, randomSeed } from './guest-random.ts';
import { heldIds } from './held-replies.ts';
import { HostCheck } from './host-check.ts';
import { HostSide } from './host-side.ts';
import { type Inspected, Inspection, NO_CHANGE } from './inspection.ts';
import { FUEL_MODEL, Unusable } from './loading.ts';
import { MemoryBounds } from './memory-bounds.ts';
import type { ChangedReply, HandReply, Query, ToWorker, WorkerPlatform, WorkerStart } from './messages.ts';
import type { CodeBreakpoint, RunOptions, Stop } from './options.ts';
import { Pauses } from './pauses.ts';
import { RecordedEdits } from './recorded-edits.ts';
import { RecordedHost } from './recorded-host.ts';
import { recordingHeader } from './recording-header.ts';
import { Replayer } from './replayer.ts';
import { RunClock } from './run-clock.ts';
import type { RunParts } from './run-parts.ts';
import { Sent } from './sent.ts';
import { describeStop, standingOf } from './stop-report.ts';
import { StopRules } from './stops.ts';
import { Traffic } from './traffic.ts';
import { Verdicts } from './verdicts.ts';

/** The name under which production's host looks for memory. */
const MEMORY_EXPORT = 'memory';

/** Runs the call that `start` describes and posts everything about it. Returns when the run has ended. */
export function runGuest(platform: WorkerPlatform, start: WorkerStart): void {
  // V8's stack traces are our stack frames: all of them are wanted (DESIGN.md, "Facts found on the way").
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  new GuestRun(platform, start).run();
}

class GuestRun implements RunParts {
  readonly platform: WorkerPlatform;
  readonly start: WorkerStart;
  readonly options: RunOptions;
  readonly control: Control;
  readonly rules = new StopRules();
  readonly meter: FuelMeter;
  readonly clock: RunClock;
  readonly sink: EventSink;
  readonly pauses: Pauses;
  readonly verdicts: Verdicts;
  readonly bounds: Bounds;
  readonly memory: MemoryBounds;
  readonly context: WasiContext;
  readonly guest: Inspected;
  readonly inspection: Inspection;
  readonly host: HostSide;
  readonly traffic: Traffic;
  readonly hostCheck: HostCheck | undefined;
  readonly sent = new Sent();
  replayer: Replayer | undefined;
  readonly catchUp: CatchUp;
  readonly edits: RecordedEdits;
  readonly checkpoints: Checkpoints;
  readonly end: CallEnd;
  readonly #hooks: GuestHooks;
  readonly #calls: GuestCalls;
  #breakpoints: readonly CodeBreakpoint[];
  /** By a recording, to its end: nothing can be changed. */
  readonly #replays: boolean;

  constructor(platform: WorkerPlatform, start: WorkerStart) {
    const { options, continues } = start;
    this.platform = platform;
    this.start = start;
    this.options = options;
    this.#breakpoints = options.breakpoints ?? [];
    this.control = new Control(start.control);
    this.meter = new FuelMeter({ value: 0 }, options.slice);
    const fuel = (): number => this.meter.consumed;
    this.clock = new RunClock(options.clock, platform, fuel);
    const time = (): number => this.clock.elapsed();
    this.sink = new EventSink(platform, this.control, options.limits, fuel, time);
    const guest: Inspected = {
      loaded: undefined,
      instance: undefined,
      code: undefined,
      exportedMemory: undefined,
      lastCall: undefined,
      memory: new GuestMemory(() => guest.exportedMemory),
    };
    this.guest = guest;
    this.rules.lastEvent = () => this.sink.begun;
    if (continues === undefined) {
      this.rules.set(options.rules);
      this.rules.runTo(options.runToEvent);
    }
    // Whoever looks at a replay is to see the recording's own events, with their numbers and times.
    if (continues !== undefined || (start.replay !== undefined && options.debug))
      this.sink.knows(() => this.replayer?.begun ?? -1);
    const replays = start.replay !== undefined && continues?.live !== true;
    this.#replays = replays;
    this.pauses = this.#makePauses();
    this.hostCheck = replays && start.replay !== undefined ? new HostCheck(start.replay.header) : undefined;
    const copy = (): void => this.replayer?.copyDiagnoses();
    this.verdicts = new Verdicts(platform, this.sink, this.rules, this.pauses, options.debug, this.hostCheck, copy);
    const { limits, debug } = options;
    this.bounds = new Bounds(limits, this.sink, this.pauses, this.verdicts, debug, platform.monotonic());
    this.memory = new MemoryBounds(this);
    this.context = this.#makeContext();
    const endpoint = new HostEndpoint(options.method, options.params);
    this.host = this.#makeHost(endpoint);
    this.traffic = this.#makeTraffic(endpoint);
    this.inspection = new Inspection(
      guest,
      endpoint,
      (dir, id) => this.traffic.askedAt(dir, id),
      replays
        ? undefined
        : (edit) => {
            this.sink.edit(edit);
            this.#flush();
          },
    );
    this.catchUp = new CatchUp(this, () => this.#setBreakpoints(this.#breakpoints));
    this.edits = new RecordedEdits(this);
    this.checkpoints = new Checkpoints(this);
    this.end = new CallEnd(this, () => this.#flush());
    this.replayer = this.#startReplay();
    this.#hooks = new GuestHooks(
      this,
      (reason, rules) => this.#stopInCode(reason, rules),
      () => this.#soughtInCode(),
    );
    this.#calls = new GuestCalls(this, () => this.#hooks.checkPassed());
  }

  // The parts.

  #startReplay(): Replayer | undefined {
    const { replay } = this.start;
    if (replay === undefined) return undefined;
    const store = new EventStore();
    store.append(replay.records);
    const host = new RecordedHost(this);
    const replayer = new Replayer(
      store,
      replay.header.fuelModel === FUEL_MODEL,
      (event) => host.did(event),
      this.options.debug && this.start.continues?.live !== true ? this.#follower(replay.header) : undefined,
    );
    if (this.options.moments === true) replayer.dateEvents(() => this.end.trapMoment ?? this.guest.code?.moment ?? 0);
    return replayer;
  }

  /** A replay that somebody looks at has done a recorded event again. */
  #follower({ created }: RecordingHeader): (event: RunEvent) => void {
    const began = BigInt(Date.parse(created) || 0) * 1_000_000n;
    return (event) => {
      this.clock.hold(began + BigInt(Math.round(event.time * 1e6)), event.time);
      // the end is logged as it came
      if (!this.catchUp.underWay && event.kind !== 'exit') this.sink.copy(event);
    };
  }

  #makePauses(): Pauses {
    const { platform } = this;
    const run = {
      clockStops: () => {
        this.clock.pause();
        this.bounds.paused(platform.monotonic());
      },
      clockGoes: () => {
        this.clock.resume();
        this.bounds.resumed(platform.monotonic());
      },
      flush: () => this.#flush(),
      answer: (query: Query) =>
        query.what === 'changeReply' ? this.#changeReply(query.id, query.reply) : this.inspection.answer(query),
      other: (message: ToWorker) => {
        if (message.type === 'hostReply') this.host.replied(message.token, message.reply);
        else if (message.type === 'breakpoints') this.#setBreakpoints(message.breakpoints, true);
        else if (message.type === 'handReply') this.host.answered(message.id, message.reply);
        else if (message.type === 'changeReply') this.#rechange(message.id, message.reply);
        else if (message.type === 'mocks') this.#setMocks(message.mocks);
      },
      resumes: (mode: Parameters<CodeRun['resume']>[0], stop: Stop) => {
        this.guest.code?.resume(mode, stop.frames);
        if (mode.moment !== undefined) this.meter.interrupt();
        // those that were done where it stood, and the way to the next
        this.edits.doHere();
      },
      comesSoon: () => !this.catchUp.underWay && this.guest.code?.comesSoon(platform.monotonic()) === true,
      standing: () => standingOf(this, this.#hooks.around),
      describeStop: (
        reason: Stop['reason'],
        rules: readonly string[],
        diagnosis: Stop['diagnosis'],
        stack: string,
      ) => ({ ...describeStop(this, { reason, rules, diagnosis }, stack), ...this.#ask(), ...this.#unread() }),
    };
    return new Pauses(platform, this.control, this.rules, run, this.options.debug);
  }

  #makeContext(): WasiContext {
    const { options, platform } = this;
    const random = guestRandom(options.seed, platform);
    return createContext({
      args: options.args,
      env: options.env,
      write: (fd, bytes) => {
        if (fd === 1) this.traffic.admit(this.sent.bytes + bytes.length);
        this.sent.add(fd, bytes, fd === 1 ? Number.POSITIVE_INFINITY : options.limits.output);
      },
      now: () => this.clock.now(),
      random: (bytes) => random.fill(bytes),
      checkpoint: () => this.checkpoints.check('before'),
    });
  }

  #makeHost(endpoint: HostEndpoint): HostSide {
    const { options, platform } = this;
    const { continues } = this.start;
    const answers = {
      mocks: options.mocks === undefined ? undefined : Mocks.of(options.mocks).set,
      hasHost: options.hasHost,
      fallback: options.unmatched,
      asks: options.debug,
      seed:
        continues?.standing.answering.seed ??
        (options.seed === undefined ? randomSeed(platform) : seedOf(options.seed)),
      heldIds: this.start.replay === undefined ? new Set<string>() : heldIds(this.start.replay.records),
      asked: continues?.stop.ask?.id,
      past: continues?.live === true ? { ...continues.standing.answering, changes: continues.mockChanges } : undefined,
    };
    return new HostSide(endpoint, answers, this.context, this.clock, this.control, platform, {
      next: () => this.sink.last + 1,
      changed: (line, bytes) => this.traffic.messageChanged(bytes, line.answeredBy),
      takenBack: (seq, requests) => {
        this.sink.edit(takenBackEdit(seq, requests, this.guest.code));
        this.traffic.takenBack(requests);
      },
      wrote: (line, bytes) => this.traffic.messageIn(line.message, bytes, line.answeredBy),
      check: () => {
        this.checkpoints.check('event');
        this.sink.tick(platform.monotonic());
      },
      hangs: () => this.bounds.stop(this.traffic.hang(), 'Continue waits on.', 'event'),
      asks: () => this.pauses.stop('ask', [], undefined, 'event'),
    });
  }

  /** The host call that waits for an answer from outside, for a stop. */
  #ask(): Pick<Stop, 'ask'> | undefined {
    const asked = this.host.asked;
    return asked === undefined ? undefined : { ask: { ...asked, seq: this.traffic.askedAt('out', asked.id) } };
  }

  /** Replies in stdin that can be changed, for a stop. */
  #unread(): Pick<Stop, 'unread'> | undefined {
    const unread = this.end.over || this.#replays ? [] : this.host.stdin.unread();
    return unread.length === 0 ? undefined : { unread };
  }

  #changeReply(id: string, reply: HandReply): ChangedReply {
    if (this.#replays) throw new Error(NO_CHANGE);
    if (this.end.over) throw new Error('The plugin has ended: it reads nothing any more.');
    const seq = this.host.changeReply(id, reply);
    this.#flush();
    return { seq, unread: this.host.stdin.unread() };
  }

  /** In the run that this one has taken over from it was changed. */
  #rechange(id: string, reply: HandReply): void {
    try {
      this.host.changeReply(id, reply);
    } catch (error) {
      this.platform.post({ type: 'problem', message: (error as Error).message });
    }
  }

  /** The mock file has changed; one with an error leaves the rules that are in force. */
  #setMocks(mocks: Parameters<typeof mockSetOf>[0]): void {
    const set = mockSetOf(mocks);
    const error = set.problems.find(({ severity }) => severity === 'error');
    if (error === undefined) {
      this.platform.post({ type: 'mocksTaken', after: this.host.answering.decided });
      this.host.setMocks(set);
    } else {
      this.platform.post({ type: 'mocksTaken', after: undefined });
      const message = `The mocks stay as they were: ${problemText(error)}`;
      this.platform.post({ type: 'problem', message });
    }
  }

  #makeTraffic(endpoint: HostEndpoint): Traffic {
    const replayer = (): Replayer | undefined => this.replayer;
    const context = {
      endpoint,
      get replayer() {
        return replayer();
      },
      replayed: this.host.replayed,
      arrive: () => this.catchUp.arrive('event'),
      fuel: () => this.meter.consumed,
      time: () => this.clock.elapsed(),
      where: () => this.inspection.ownFunction(new Error('where').stack),
      // in a replay what was said of it then is told, and nothing is to be looked up for that
      answers: (method: string) => this.hostCheck !== undefined || this.host.answers(method),
      active: () => this.host.active(),
    };
    const { method, limits } = this.options;
    return new Traffic(context, this.sink, this.rules, this.verdicts, this.bounds, method, limits.line);
  }

  // The call.

  run(): void {
    let ending: Ending;
    try {
      ending = this.#load() ?? this.#execute();
    } catch (error) {
      ending = this.end.failed(error);
    }
    this.end.finish(ending);
  }

  /** Loads the plugin. @returns how it ended, if it can't run. */
  #load(): Ending | undefined {
    const { platform, verdicts } = this;
    const { bytes } = this.options.plugin;
    const sha256 = platform.sha256(bytes);
    const loaded = loadCallModule(this, sha256);
    platform.post({
      type: 'loaded',
      sha256,
      whyNoSource: this.options.debug && !(loaded instanceof Unusable) ? loaded.places.whyNoSource : undefined,
      header:
        this.start.replay !== undefined && this.options.debug
          ? this.start.replay.header
          : recordingHeader(this.options, sha256, bytes.length, platform.unixTime()),
    });
    if (!(loaded instanceof Unusable)) {
      this.guest.loaded = loaded;
      return undefined;
    }
    const { kind, message } = loaded;
    if (this.replayer === undefined) verdicts.decide([], verdicts.diagnose([{ kind, message, severity: 'error' }]));
    else {
      this.hostCheck?.made(kind);
      verdicts.faults.push({ kind, message });
    }
    // another module says nothing of the plugin that was recorded
    const reason = kind === 'other-module' ? 'ours' : 'unusable';
    return { reason, code: undefined, message, at: undefined };
  }

  #execute(): Ending {
    const { options, catchUp, checkpoints } = this;
    this.clock.begin();
    this.bounds.begin(this.platform.monotonic());
    try {
      if (this.replayer === undefined) this.memory.check(0, 'before');
      else if (!options.debug || !this.replayer.beginsWithHost) checkpoints.endOfReplay('before');
      const entry = this.#instantiate();
      if (catchUp.underWay && (catchUp.stop?.seq ?? 0) < 0) catchUp.arrive('event');
      else if (options.stopOnEntry && options.debug && !catchUp.underWay)
        this.pauses.stop('entry', [], undefined, 'event');
      if (this.replayer === undefined) this.host.start();
      else {
        checkpoints.endOfReplay('event');
        this.hostCheck?.begins();
      }
      entry();
      return { reason: 'returned', code: 0, message: 'the plugin returned from _start', at: undefined };
    } catch (error) {
      return this.end.thrown(error);
    }
  }

  /** Makes the instance and sets its hooks. @returns `_start`. */
  #instantiate(): () => void {
    const { guest, meter, start } = this;
    if (guest.loaded === undefined) throw new Error('there is no module');
    const { instrumented, compiled, module } = guest.loaded;
    const instance = new WebAssembly.Instance(compiled, guestImports(module, this.#calls.imports()));
    guest.instance = instance;
    const { exports } = instance;
    const memory = exports[MEMORY_EXPORT];
    if (memory instanceof WebAssembly.Memory) guest.exportedMemory = memory;
    this.#hooks.set(exports[instrumented.exports.hooks]);
    const fuel = fuelOf(exports, instrumented.exports);
    if (fuel === undefined) throw new Error('the rewritten module has no fuel');
    meter.attach(fuel);
    const exit = this.replayer?.exit();
    if (exit?.at === 'charge') meter.bound = exit.fuel;
    const code = new CodeRun(guest.loaded, instance, {
      fuel: () => meter.consumed,
      time: () => this.clock.elapsed(),
      log: (text) => this.platform.post({ type: 'log', text, seq: this.sink.last }),
      future: (index) => this.inspection.future(index),
      frames: (count) => this.inspection.innermost(count),
      sought: () => this.#soughtInCode(),
      stop: (reason, rules) => this.#stopInCode(reason, rules),
    });
    guest.code = code;
    this.rules.guest = code.guest;
    meter.most = () => code.mostFuel();
    if (start.continues === undefined) this.#setBreakpoints(this.#breakpoints);
    else code.collect(start.continues.calls);
    const entry = exports['_start'];
    if (typeof entry !== 'function') throw new Error('there is no _start');
    return entry as () => void;
  }

  // Breakpoints and stops.

  /** Sets them, and says what became of them: to whoever asked for it, or of those that the call was started with. */
  #setBreakpoints(breakpoints: readonly CodeBreakpoint[], asked = false): void {
    this.#breakpoints = breakpoints;
    const { code } = this.guest;
    const resolved =
      // before there is an instance they wait for it
      code === undefined || this.catchUp.underWay ? { resolved: [], missing: false } : code.setBreakpoints(breakpoints);
    this.platform.post({ type: 'breakpoints', asked, ...resolved });
  }

  /** At a site there is no end: terminate comes at the next charge, where a replay finds it too. */
  #stopInCode(reason: Stop['reason'], rules: readonly string[]): void {
    if (this.options.debug) this.#terminatingLater(() => this.pauses.stop(reason, rules, undefined, 'charge'));
  }

  /** A moment that was sought has come: an edit was done there, or the run that is caught up with stands there. */
  #soughtInCode(): void {
    this.#terminatingLater(() => {
      if (this.catchUp.underWay) this.catchUp.arrive('charge');
      else this.edits.doHere();
    });
  }

  #terminatingLater(work: () => void): void {
    const { pauses } = this;
    const { terminatesLater } = pauses;
    pauses.terminatesLater = true;
    work();
    pauses.terminatesLater = terminatesLater;
    if (this.control.pending() & REQUEST.terminate) this.meter.interrupt();
  }

  /** Sends all events, and shows the counters, for the driving side. */
  #flush(): void {
    this.sink.flush();
    this.#hooks.showCounters();
  }
}
