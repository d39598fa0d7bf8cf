// One call in the worker, from the module's bytes to the outcome: loads, runs `_start`, and at each hook and import does what the host, the
// recorder and the debugger have to do. The only file that knows all of them. Contracts E1 to E9, R1 to R3.
import { HOOK_NAMES, type Hooks, hookModule } from '../instrument/hooks.ts';
import { Mocks } from '../mocks/mocks.ts';
import type { EndPlace, RecordingHeader, RunEvent } from '../recording/event.ts';
import { EventStore } from '../recording/event-store.ts';
import type { WriteJournal } from '../recording/log.ts';
import { CALL } from '../recording/log-format.ts';
import { HostEndpoint } from '../rpc/endpoint.ts';
import { classifyBytes } from '../rpc/message.ts';
import { createContext, GuestExit, takeSleep, takeStdinWait, type WasiContext } from '../wasi/context.ts';
import { GuestMemory } from '../wasi/memory.ts';
import { SeededRandom, SystemRandom } from '../wasi/random.ts';
import { Bounds, megabytes } from './bounds.ts';
import { CodeRun } from './code-run.ts';
import { Control, REQUEST } from './control.ts';
import { doEdit, type Edit, refusal } from './edits.ts';
import type { Ending } from './ending.ts';
import { syscallScope, withCommon } from './event-scope.ts';
import { EventSink } from './event-sink.ts';
import { type FuelGlobal, FuelMeter } from './fuel-meter.ts';
import {
  type Arguments,
  doneAgainForLive,
  type FinishedSyscall,
  guestImports,
  journalOf,
  liveCalls,
  replayedCalls,
  type SyscallObserver,
} from './guest-imports.ts';
import { HostCheck } from './host-check.ts';
import { HostSide } from './host-side.ts';
import { type Inspected, Inspection } from './inspection.ts';
import { FUEL_MODEL, type LoadCache, loadPlugin, Unusable } from './loading.ts';
import type { Continuation, Standing, WorkerPlatform, WorkerStart } from './messages.ts';
import type { CodeBreakpoint, FuelState, GuestFrame, RunOptions, Stop } from './options.ts';
import { outcomeOf } from './outcome.ts';
import { Pauses } from './pauses.ts';
import { Divergence, Replayer } from './replayer.ts';
import { RunClock } from './run-clock.ts';
import { Sent } from './sent.ts';
import { StopRules } from './stops.ts';
import { Traffic } from './traffic.ts';
import { ownFrame, RunEnd, StackExhausted, trapOf } from './traps.ts';
import { Verdicts } from './verdicts.ts';

/** The name under which production's host looks for memory. */
const MEMORY_EXPORT = 'memory';
/** A plugin may make the same mistake without end. */
const HOST_PANICS_TOLD = 10;
/** Elements by which all tables together may grow: no guest needs more, and a table takes memory like any other thing. */
const TABLE_LIMIT = 10_000_000;
const PAGE = 65_536;

/** Runs the call that `start` describes and posts everything about it. Returns when the run has ended. */
export function runGuest(platform: WorkerPlatform, start: WorkerStart): void {
  // V8's stack traces are our stack frames: all of them are wanted (DESIGN.md, "Facts found on the way").
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  new GuestRun(platform, start).run();
}

class GuestRun {
  readonly #platform: WorkerPlatform;
  readonly #start: WorkerStart;
  readonly #options: RunOptions;
  readonly #control: Control;
  readonly #rules = new StopRules();
  #meter: FuelMeter;
  readonly #clock: RunClock;
  readonly #sink: EventSink;
  readonly #pauses: Pauses;
  readonly #verdicts: Verdicts;
  readonly #bounds: Bounds;
  readonly #context: WasiContext;
  readonly #guest: Inspected;
  readonly #inspection: Inspection;
  readonly #journal: WriteJournal;
  readonly #host: HostSide;
  readonly #traffic: Traffic;
  /** What a replay goes by; undefined in a live run, and once a run that was caught up with goes on live. */
  #replayer: Replayer | undefined;
  /** Where the run stands that is being caught up with; undefined once it is there. */
  #continues: Continuation | undefined;
  readonly #hostCheck: HostCheck | undefined;
  /** It goes on its way when the call is done. */
  readonly #sent = new Sent();
  #code: CodeRun | undefined;
  #breakpoints: readonly CodeBreakpoint[];
  /** The frames at the last charge before a moment that is run to. */
  #around: readonly GuestFrame[] = [];
  /** The guest's frames are gone: this was the moment right before the instruction that trapped. */
  #trapMoment: number | undefined;
  /** The guest has ended: nothing can be done again from here. */
  #over = false;
  #hostPanics = 0;
  /** By which all tables have grown. */
  #tableItems = 0;

  constructor(platform: WorkerPlatform, start: WorkerStart) {
    const { options } = start;
    this.#platform = platform;
    this.#start = start;
    this.#options = options;
    this.#breakpoints = options.breakpoints ?? [];
    this.#control = new Control(start.control);
    this.#meter = new FuelMeter({ value: 0 }, options.slice);
    const fuel = (): number => this.#meter.consumed;
    this.#clock = new RunClock(options.clock, platform, fuel);
    const time = (): number => this.#clock.elapsed();
    this.#sink = new EventSink(platform, this.#control, options.limits, fuel, time);
    this.#replayer = this.#startReplay(start);
    this.#continues = start.continues;
    const { continues } = start;
    if (continues === undefined) this.#rules.set(options.rules);
    else this.#sink.catchUp(() => (this.#replayer?.position ?? 0) - 1);
    this.#pauses = new Pauses(
      platform,
      this.#control,
      this.#rules,
      {
        clockStops: () => {
          this.#clock.pause();
          this.#bounds.paused(platform.monotonic());
        },
        clockGoes: () => {
          this.#clock.resume();
          this.#bounds.resumed(platform.monotonic());
        },
        flush: () => this.#flush(),
        answer: (query) => this.#inspection.answer(query),
        other: (message) => {
          if (message.type === 'hostReply') this.#host.replied(message.token, message.reply);
          else if (message.type === 'breakpoints') this.#setBreakpoints(message.breakpoints);
        },
        resumes: (mode, stop) => {
          this.#code?.resume(mode, stop.frames);
          if (mode.moment !== undefined) this.#meter.interrupt();
        },
        standing: () => this.#standing(),
        describeStop: (reason, rules, diagnosis, stack) => this.#describeStop(reason, rules, diagnosis, stack),
      },
      options.debug,
    );
    this.#hostCheck =
      start.replay === undefined || continues !== undefined ? undefined : new HostCheck(start.replay.header);
    this.#verdicts = new Verdicts(platform, this.#sink, this.#rules, this.#pauses, options.debug, this.#hostCheck);
    this.#bounds = new Bounds(
      options.limits,
      this.#sink,
      this.#pauses,
      this.#verdicts,
      options.debug,
      platform.monotonic(),
    );
    const guest: Inspected = {
      loaded: undefined,
      instance: undefined,
      code: undefined,
      exportedMemory: undefined,
      lastCall: undefined,
      memory: new GuestMemory(() => guest.exportedMemory),
    };
    this.#guest = guest;
    this.#journal = journalOf(guest.memory);
    const random =
      options.seed === undefined
        ? new SystemRandom((bytes) => platform.getRandomValues(bytes))
        : new SeededRandom(seedNumber(options.seed));
    this.#context = createContext({
      args: options.args,
      env: options.env,
      write: (fd, bytes) => {
        if (fd === 1) this.#traffic.admit(this.#sent.bytes + bytes.length);
        this.#sent.add(fd, bytes, fd === 1 ? Number.POSITIVE_INFINITY : options.limits.output);
      },
      now: () => this.#clock.now(),
      random: (bytes) => random.fill(bytes),
      checkpoint: () => this.#check('before'),
    });
    const mocks = options.mocks === undefined ? undefined : Mocks.parse(options.mocks.text, options.mocks.name);
    const endpoint = new HostEndpoint(options.method, options.params);
    this.#host = new HostSide(endpoint, mocks, options.hasHost, this.#context, this.#clock, this.#control, platform, {
      wrote: (line, bytes) => this.#traffic.messageIn(line.message, bytes),
      check: () => {
        this.#check('event');
        this.#sink.tick(platform.monotonic());
      },
      hangs: () => this.#bounds.stop(this.#traffic.hang(), 'Continue waits on.', 'event'),
    });
    const replayer = (): Replayer | undefined => this.#replayer;
    this.#traffic = new Traffic(
      {
        endpoint,
        get replayer() {
          return replayer();
        },
        replayed: this.#host.replayed,
        arrive: () => this.#arrive('event'),
        fuel,
        time,
        where: () => this.#where(new Error('where').stack),
        answers: (method) => this.#host.answers(method),
        active: () => this.#host.active(),
      },
      this.#sink,
      this.#rules,
      this.#verdicts,
      this.#bounds,
      options.method,
      options.limits.line,
    );
    this.#inspection = new Inspection(
      guest,
      endpoint,
      (dir, id) => this.#traffic.askedAt(dir, id),
      start.replay === undefined || continues !== undefined ? (edit) => this.#edited(edit) : undefined,
    );
  }

  #startReplay({ replay }: WorkerStart): Replayer | undefined {
    if (replay === undefined) return undefined;
    const store = new EventStore();
    store.append(replay.records);
    const replayer = new Replayer(store, replay.header.fuelModel === FUEL_MODEL, (event) => this.#hostEvent(event));
    if (this.#options.moments === true) replayer.dateEvents(() => this.#trapMoment ?? this.#code?.charged ?? 0);
    return replayer;
  }

  run(): void {
    let ending: Ending;
    try {
      ending = this.#load() ?? this.#execute();
    } catch (error) {
      ending = this.#failed(error);
    }
    this.#finish(ending);
  }

  /** What was thrown is no end of the guest's: a replay that differs, or a fault of ours. */
  #failed(error: unknown): Ending {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof Divergence) this.#platform.post({ type: 'diverged', seq: error.seq, message });
    else
      this.#verdicts.faults.push({
        kind: 'debugger',
        message: `The debugger itself failed, which is no fault of the plugin's; please report it: ${message}`,
      });
    return { reason: 'ours', code: undefined, message, at: undefined };
  }

  /** Loads the plugin. @returns how it ended, if it can't run. */
  #load(): Ending | undefined {
    const { bytes, path } = this.#options.plugin;
    const size = bytes.length;
    const sha256 = this.#platform.sha256(bytes);
    const recorded = this.#start.replay?.header.module.sha256 ?? sha256;
    let failure: Unusable | undefined;
    try {
      if (recorded !== sha256)
        throw new Unusable(
          'other-module',
          `${path} is not the module that was recorded: its SHA-256 is ${sha256.slice(0, 12)}…, and the recording's is ${recorded.slice(0, 12)}…; give the right file with --plugin.`,
        );
      this.#guest.loaded = loadPlugin(
        bytes,
        { ...this.#options, path, sha256, ...this.#needs() },
        (phase, fraction) => this.#platform.post({ type: 'progress', phase, fraction }),
        {
          get: (content, plan) => this.#cached(content, plan),
          put: (content, plan, known, built) => this.#platform.post({ type: 'made', content, plan, known, built }),
        },
      );
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      failure = error;
    }
    this.#platform.post({ type: 'loaded', header: this.#header(sha256, size) });
    if (failure === undefined) return undefined;
    const { kind, message } = failure;
    if (this.#replayer === undefined)
      this.#verdicts.decide([], this.#verdicts.diagnose([{ kind, message, severity: 'error' }]));
    else {
      this.#hostCheck?.made(kind);
      this.#verdicts.faults.push({ kind, message });
    }
    return { reason: 'unusable', code: undefined, message, at: undefined };
  }

  /** Asks the driving side for what was rewritten before. */
  #cached(content: string, plan: string): ReturnType<LoadCache['get']> {
    this.#platform.post({ type: 'wants', content, plan });
    for (;;) {
      const seen = this.#control.wakeCount();
      for (let message = this.#platform.receive(); message !== undefined; message = this.#platform.receive()) {
        if (message.type === 'cached') return message;
        this.#pauses.take(message);
      }
      if (this.#control.pending() & REQUEST.terminate) return { known: undefined, built: undefined };
      this.#control.wait(seen, 1000);
    }
  }

  /** What the plan needs besides: sites for edits of a recording and for calls whose frames are asked for. */
  #needs(): { readonly offsets: readonly number[]; readonly moments: boolean } {
    const edits = this.#replayer?.edits ?? [];
    const edited = edits.flatMap(({ offset }) => (offset >= 0 ? [offset] : []));
    return {
      offsets: [...edited, ...(this.#continues?.calls ?? [])],
      moments: edits.length > 0 || this.#options.moments === true,
    };
  }

  #header(sha256: string, bytes: number): RecordingHeader {
    const { plugin, method, params, clock, seed, slice, args, env, missingImports, features, limits } = this.#options;
    return {
      format: 'wasmi-plugin-recording',
      version: 1,
      module: { sha256, bytes, path: plugin.path },
      call: { method, params },
      fuelModel: FUEL_MODEL,
      slice,
      clock: clock.kind === 'real' ? 'real' : `virtual:${new Date(clock.startMs).toISOString()}`,
      ...(seed === undefined ? {} : { seed }),
      args,
      env,
      missingImports,
      features,
      limits,
      nan: 'canonical',
      created: new Date(Number(this.#platform.unixTime() / 1_000_000n)).toISOString(),
    };
  }

  #execute(): Ending {
    this.#clock.begin();
    this.#bounds.begin(this.#platform.monotonic());
    try {
      if (this.#replayer === undefined) this.#checkMemory(0, 'before');
      else this.#endOfReplay('before');
      const entry = this.#instantiate();
      if (this.#continues !== undefined && this.#start.replay?.records.length === 0) this.#arrive('event');
      else if (this.#options.stopOnEntry && this.#options.debug && this.#continues === undefined)
        this.#pauses.stop('entry', [], undefined, 'event');
      if (this.#replayer === undefined) this.#host.start();
      else {
        this.#endOfReplay('event');
        this.#hostCheck?.begins();
      }
      entry();
      return { reason: 'returned', code: 0, message: 'the plugin returned from _start', at: undefined };
    } catch (error) {
      return this.#thrown(error);
    }
  }

  /** What came out of the guest as an exception. */
  #thrown(error: unknown): Ending {
    if (error instanceof GuestExit) {
      const { code } = error;
      return { reason: 'exit', code, message: `the plugin ended with exit code ${code}`, at: undefined };
    }
    if (error instanceof RunEnd) return { reason: error.reason, code: undefined, message: error.message, at: error.at };
    const trap = trapOf(error);
    if (trap === undefined) throw error;
    const { kind, message } = trap;
    if (kind === 'ours') {
      this.#verdicts.faults.push({ kind: 'debugger', message });
      return { reason: 'ours', code: undefined, message, at: undefined };
    }
    // The frames are gone, but memory is there, and the trace that V8 took.
    const stack = (error as Error).stack ?? '';
    const where = this.#where(stack);
    this.#pauses.terminatesLater = true; // it has ended already
    this.#trapMoment = this.#code?.momentOfTrap(this.#inspection.frames(stack)[0]) ?? 0;
    this.#over = true;
    this.#traffic.flush();
    this.#traffic.end({ kind: 'trap', message, ...(where === undefined ? {} : { where }) }, stack);
    return { reason: 'trap', code: undefined, message, at: undefined };
  }

  /** Makes the instance and sets its hooks. @returns `_start`. */
  #instantiate(): () => void {
    const guest = this.#guest;
    if (guest.loaded === undefined) throw new Error('there is no module');
    const { instrumented, compiled, module } = guest.loaded;
    const observer = {
      before: () => {
        this.#sent.begin();
        this.#endOfReplay('before');
        this.#checkPassed();
      },
      after: (call: FinishedSyscall) => this.#afterCall(call),
    };
    const live = liveCalls(this.#context, guest.memory, observer);
    const replayed = this.#replayer === undefined ? undefined : this.#replayedCalls(this.#replayer, observer);
    const call: typeof live = (name, args) =>
      this.#replayer === undefined || replayed === undefined ? live(name, args) : replayed(name, args);
    const instance = new WebAssembly.Instance(compiled, guestImports(module, call));
    guest.instance = instance;
    const { exports } = instance;
    const memory = exports[MEMORY_EXPORT];
    if (memory instanceof WebAssembly.Memory) guest.exportedMemory = memory;
    this.#setHooks(exports[instrumented.exports.hooks]);
    const fuel = exports[instrumented.exports.fuel ?? ''];
    if (!(fuel instanceof WebAssembly.Global)) throw new Error('the rewritten module has no fuel');
    this.#meter = new FuelMeter(fuel as FuelGlobal, this.#options.slice); // an i32: instrument.ts makes it
    const exit = this.#replayer?.exit();
    if (exit?.at === 'charge') this.#meter.bound = exit.fuel;
    const code = new CodeRun(guest.loaded, instance, {
      fuel: () => this.#meter.consumed,
      time: () => this.#clock.elapsed(),
      log: (text) => this.#platform.post({ type: 'log', text, seq: this.#sink.last }),
      stop: (reason, rules) => this.#stopInCode(reason, rules),
    });
    this.#code = code;
    guest.code = code;
    this.#meter.most = () => code.mostFuel();
    if (this.#continues === undefined) this.#setBreakpoints(this.#breakpoints);
    else code.collect(this.#continues.calls);
    const entry = exports['_start'];
    if (typeof entry !== 'function') throw new Error('there is no _start');
    return entry as () => void;
  }

  #replayedCalls(replayer: Replayer, observer: SyscallObserver): (name: string, args: Arguments) => number {
    const { memory } = this.#guest;
    const fuel = (): number => this.#meter.consumed;
    const { continues } = this.#start;
    if (continues === undefined) return replayedCalls(replayer, fuel, this.#context, memory, observer);
    const { now, elapsed } = continues.standing;
    const at = (time: number): void => this.#clock.hold(now - BigInt(Math.round((elapsed - time) * 1e6)), time);
    at(0);
    const again = doneAgainForLive(this.#options.seed !== undefined);
    return replayedCalls(replayer, fuel, this.#context, memory, observer, again, at);
  }

  // Catching up with a run that goes on here (S4).

  #standing(): Standing {
    return {
      now: this.#clock.now(),
      elapsed: this.#clock.elapsed(),
      fuel: this.#meter.consumed,
      faults: [...this.#verdicts.faults],
      bounds: this.#bounds.state(this.#platform.monotonic()),
      ruleHits: this.#rules.hits,
      codeHits: this.#code?.hits ?? [],
      around: this.#around.map(({ func }) => func),
    };
  }

  /** The events that are known are done again: what comes now is new. Where the run stands that is caught up with, this one stops. */
  #arrive(at: EndPlace): void {
    const continues = this.#continues;
    const code = this.#code;
    if (continues === undefined || code === undefined) return;
    this.#doEdits();
    if (this.#replayer !== undefined) {
      if (!this.#replayer.exhausted) return;
      this.#goLive(continues);
    }
    const { stop } = continues;
    // A stop in the code is caught up with at its site, never at the charge before it.
    if (code.charged < stop.moment || (stop.inCode && !code.inCode)) {
      if (code.target !== undefined) return;
      code.resume({ until: undefined, moment: stop.moment }, []);
      this.#meter.interrupt();
      return;
    }
    this.#arrived(continues);
    this.#pauses.stop(stop.reason, stop.rules, stop.diagnosis, at);
  }

  #goLive({ standing }: Continuation): void {
    const known = this.#replayer?.position ?? 0;
    this.#replayer = undefined;
    this.#sink.live(known);
    this.#clock.hold(standing.now, standing.elapsed);
    this.#clock.release(standing.fuel);
    this.#bounds.restore(standing.bounds, this.#platform.monotonic());
    this.#verdicts.faults.splice(0, Number.POSITIVE_INFINITY, ...standing.faults);
    this.#host.live();
  }

  #arrived({ standing }: Continuation): void {
    this.#continues = undefined;
    this.#code?.collected();
    this.#rules.set(this.#options.rules);
    this.#rules.hits = standing.ruleHits;
    if (this.#code !== undefined) this.#code.hits = standing.codeHits;
    this.#setBreakpoints(this.#breakpoints);
  }

  // Edits (R1).

  /** Somebody at a stop has changed the guest. */
  #edited(edit: Edit): void {
    this.#sink.edit(edit);
    this.#flush();
  }

  /** Does the edits that a recording has here, or sees to it that the run comes to where the next one was done. */
  #doEdits(): void {
    const replayer = this.#replayer;
    const code = this.#code;
    if (replayer === undefined || code === undefined) return;
    for (let edit = replayer.nextEdit(); edit !== undefined; edit = replayer.nextEdit()) {
      const { moment, offset, seq } = edit;
      // Where the guest stood amid its code the hook of that site does it; else it was at this hook, or comes to it.
      if (offset >= 0 ? code.guest.offset === offset && code.moment === moment : code.charged === moment) {
        if (!doEdit(code, edit)) throw new Divergence(seq, `The replay differs at event ${seq}: ${refusal(edit)}`);
        this.#sink.edit(edit);
        replayer.edited();
        continue;
      }
      if (code.charged > moment)
        throw new Divergence(
          seq,
          `The replay differs at event ${seq}: the edit '${edit.text}' was done at moment ${moment}, which is passed.`,
        );
      if (code.target === moment) return;
      code.resume({ until: undefined, moment }, []);
      // a hook is entered at the charge where it stood, and often enough not to pass the moment
      if (offset < 0) this.#meter.bound = edit.fuel;
      this.#meter.interrupt();
      return;
    }
    if (this.#continues === undefined && code.target !== undefined) {
      code.stopped();
      const exit = replayer.exit();
      this.#meter.bound = exit?.at === 'charge' ? exit.fuel : Number.POSITIVE_INFINITY;
    }
  }

  #setBreakpoints(breakpoints: readonly CodeBreakpoint[]): void {
    this.#breakpoints = breakpoints;
    const code = this.#code;
    // before there is an instance they wait for it
    if (code === undefined || this.#continues !== undefined) return;
    this.#platform.post({ type: 'breakpoints', ...code.setBreakpoints(breakpoints) });
  }

  /** At a site there is no end: terminate comes at the next charge, where a replay finds it too. */
  #stopInCode(reason: Stop['reason'], rules: readonly string[]): void {
    if (this.#replayer?.nextEdit() !== undefined) {
      this.#doEdits();
      if (this.#continues !== undefined) this.#arrive('charge');
      return;
    }
    if (!this.#options.debug) return;
    const continues = this.#continues;
    if (continues !== undefined) this.#arrived(continues);
    const { terminatesLater } = this.#pauses;
    this.#pauses.terminatesLater = true;
    const { stop } = continues ?? {};
    this.#pauses.stop(stop?.reason ?? reason, stop?.rules ?? rules, stop?.diagnosis, 'charge');
    this.#pauses.terminatesLater = terminatesLater;
    if (this.#control.pending() & REQUEST.terminate) this.#meter.interrupt();
  }

  #setHooks(table: unknown): void {
    if (!(table instanceof WebAssembly.Table)) throw new Error('the rewritten module has no hook table');
    const hooks: Hooks = {
      fuel: (cost) => this.#fuelHook(cost),
      stack: () => {
        throw new StackExhausted('call stack exhausted');
      },
      growBefore: (space, index, delta) => this.#growBefore(space, index, delta),
      growAfter: (space, index, delta, result) => {
        this.#replayer?.grew(spaceName(space), index, delta, result);
        this.#sink.grow(spaceName(space), index, delta, result);
        this.#afterEvent();
      },
      bulk: () => {
        this.#check('bulk');
        this.#sink.tick(this.#platform.monotonic());
      },
      probe: (site) => this.#code?.reached(site),
      stored: (site, address, length) => this.#code?.stored(site, address, length),
    };
    const wrapper = new WebAssembly.Module(hookModule() as Uint8Array<ArrayBuffer>);
    const { exports } = new WebAssembly.Instance(wrapper, { hooks: { ...hooks } });
    for (const [slot, name] of HOOK_NAMES.entries()) table.set(slot, exports[name]);
  }

  // Fuel, yields and bounds.

  #fuelHook(cost: number): void {
    const enough = this.#meter.close(cost);
    const now = this.#platform.monotonic();
    this.#check('charge', now);
    if (!enough) {
      this.#yield(cost);
      this.#meter.refill(cost);
    }
    this.#checkPassed();
    if (this.#code?.near) this.#around = this.#inspection.frames(new Error('near').stack ?? '');
    this.#meter.grant(cost);
    this.#show();
    this.#sink.tick(now);
  }

  /** The moment that was run to may lie in code without sites: then it is noticed when it is passed, before anything else happens. */
  #checkPassed(): void {
    const code = this.#code;
    if (code?.target !== undefined && code.charged > code.target) this.#stopInCode('moment', []);
  }

  #yield(required: number): void {
    const fuel = this.#meter.consumed;
    this.#replayer?.yield(fuel, required);
    this.#sink.yield(required);
    if (this.#rules.cares('yield')) {
      const scope = withCommon((name) => (name === 'kind' ? 'yield' : undefined), fuel, this.#clock.elapsed());
      this.#verdicts.decide([{ classes: ['yield'], name: undefined, scope }], undefined);
    }
    // The host's turn was over if the guest has run on from here; else it is taken now.
    const { continues } = this.#start;
    const over = continues !== undefined && (this.#code?.charged ?? 0) < continues.stop.moment;
    if (this.#replayer !== undefined && continues !== undefined && !over) this.#arrive('event');
    if (this.#replayer === undefined) this.#host.turn();
    else {
      takeSleep(this.#context);
      takeStdinWait(this.#context);
      this.#endOfReplay('event');
    }
    this.#traffic.hostLooked();
  }

  /** Pause, terminate, and the bounds that only time reaches. */
  #check(at: EndPlace, now = this.#platform.monotonic()): void {
    this.#pauses.check(at);
    if (this.#replayer === undefined && this.#continues === undefined)
      this.#bounds.check(now, this.#meter.consumed, at);
    else if (at !== 'before') this.#endOfReplay(at); // amid a syscall there is no end
  }

  /** A syscall or a grow is done, and all that came of it is logged. */
  #afterEvent(): void {
    // Between two entries of the fuel hook lie thousands of syscalls, and some of them take long.
    const now = this.#platform.monotonic();
    this.#check('event', now);
    if (this.#replayer === undefined) this.#bounds.checkRecording(this.#sink.log.bytes);
    this.#sink.tick(now);
  }

  /** A recorded end that we made (a bound, terminate) comes at the same point again. */
  #endOfReplay(at: EndPlace): void {
    const replayer = this.#replayer;
    if (this.#continues !== undefined) {
      if (at !== 'before') this.#arrive(at);
      return;
    }
    if (replayer === undefined) return;
    if (at !== 'before') this.#doEdits();
    if (replayer.exhausted) throw new RunEnd('terminated', at, 'the recording ends here');
    const exit = replayer.nextExit();
    if (exit === undefined || (exit.reason !== 'limit' && exit.reason !== 'terminated')) return;
    // Ends that came at a fuel come, under another model of it, before whatever the guest would do next.
    const { comparesFuel } = replayer;
    const here = exit.at === at || (at === 'before' && (exit.at === 'bulk' || !comparesFuel));
    if (here && (!comparesFuel || this.#meter.consumed >= exit.fuel))
      throw new RunEnd(exit.reason, exit.at ?? at, exit.message);
  }

  #growBefore(space: number, index: number, delta: number): number {
    if (this.#replayer !== undefined) {
      this.#endOfReplay('before');
      return this.#replayer.growth(spaceName(space), index, delta) < 0 ? 1 : 0;
    }
    if (space !== 0) {
      if (this.#tableItems + delta > TABLE_LIMIT) return 1;
      this.#tableItems += delta;
      return 0;
    }
    // What no memory of this module can have fails in production too: that is the guest's to handle.
    const declared = this.#guest.loaded?.module.memories[index];
    if (this.#memorySize(index) / PAGE + delta > (declared?.max ?? (declared?.is64 ? 2 ** 37 : PAGE))) return 1;
    this.#checkMemory(delta * PAGE, 'before');
    return 0;
  }

  /** Bytes of a memory of the guest's; before there is an instance, what its module declares. */
  #memorySize(index: number): number {
    const { loaded, instance } = this.#guest;
    const memory = instance?.exports[loaded?.instrumented.exports.memories[index] ?? ''];
    return memory instanceof WebAssembly.Memory
      ? memory.buffer.byteLength
      : (loaded?.module.memories[index]?.min ?? 0) * PAGE;
  }

  /** E9: all memories of the guest together, and `more` bytes. @throws RunEnd */
  #checkMemory(more: number, at: EndPlace): void {
    let size = more;
    for (const index of (this.#guest.loaded?.module.memories ?? []).keys()) size += this.#memorySize(index);
    while (size > this.#bounds.memory)
      this.#bounds.reached(
        'memory',
        `The plugin asked for ${megabytes(size)} of memory, and its limit here is ${megabytes(this.#bounds.memory)}, where production has none but the module's own`,
        at,
      );
  }

  // Syscalls.

  #afterCall(call: FinishedSyscall): void {
    const { fd, bytes, crc, kept } = this.#sent;
    if (call.flags & CALL.sent) this.#replayer?.sent(bytes, crc);
    this.#hostCheck?.guestRead(call, this.#guest.memory, this.#sink.log.count);
    this.#sink.syscall(call.index, call.args, call.errno, call.flags, this.#journal, call.sleepMs, bytes, crc);
    this.#pauses.terminatesLater = true;
    if (call.flags & CALL.fuelToZero) this.#meter.zero();
    if (call.name !== 'clock_time_get' && !(call.flags & CALL.emptyPoll)) this.#host.active();
    this.#guest.lastCall = call;
    const fault = call.flags & CALL.hostWouldPanic ? this.#hostPanic(call) : undefined;
    if (fault !== undefined || this.#rules.cares('syscall')) {
      const errno = call.errno === 0xffff ? undefined : call.errno;
      const scope = withCommon(syscallScope(call.name, call.args, errno), this.#meter.consumed, this.#clock.elapsed());
      this.#verdicts.decide([{ classes: ['syscall'], name: call.name, scope }], fault);
    }
    this.#arrive('event');
    if (bytes > 0) this.#traffic.output(fd, kept, bytes - kept.length);
    if (call.name === 'fd_close' && call.args[0] === 1) this.#host.endpoint.endOfOutput();
    this.#pauses.terminatesLater = false;
    if (bytes > 0) this.#traffic.checkBounds();
    this.#afterEvent();
  }

  /** UPSTREAM.md: where upstream's host would panic on a bad guest pointer, we answer EFAULT and say that production would die. */
  #hostPanic(call: FinishedSyscall): Stop['diagnosis'] {
    if (++this.#hostPanics > HOST_PANICS_TOLD) return undefined;
    const where = this.#where(new Error('where').stack) ?? 'the plugin';
    const message = `${call.name}(${call.args.join(', ')}), called by ${where}, has a pointer or length outside the plugin's memory: production's host panics on it; here it answers EFAULT.`;
    return this.#verdicts.diagnose([{ kind: 'host-panic', message, severity: 'error' }]);
  }

  /** The guest function of the author's own that a trace shows first, as a noun phrase. */
  #where(stack: string | undefined): string | undefined {
    const frame = ownFrame(this.#inspection.frames(stack ?? ''));
    return frame === undefined ? undefined : `function \`${frame.name}\``;
  }

  /** The host's own events of a recording, copied into the replay's log. */
  #hostEvent(event: RunEvent): void {
    const caughtUp = this.#continues !== undefined;
    if (!caughtUp) this.#sink.log.append(event);
    if (event.kind === 'diagnosis') {
      this.#hostCheck?.recorded(event);
      if (event.diagnosis === 'output') this.#traffic.logNoLongerKept();
      if (event.severity === 'fault') this.#verdicts.faults.push({ kind: event.diagnosis, message: event.message });
      return;
    }
    if (event.kind !== 'rpc') return;
    this.#hostCheck?.wrote(event);
    if (caughtUp) this.#host.rewrote(event.bytes);
    this.#sink.rpc++;
    const message = classifyBytes(event.bytes);
    this.#traffic.replayedMessageIn(message);
    const { endpoint } = this.#host;
    let asked = true;
    if (caughtUp && 'id' in message && message.type !== 'request') this.#host.resettled(message.id);
    if (message.type === 'request') endpoint.start();
    else if (message.type === 'response') asked = endpoint.settle(message.id, { result: message.result });
    else if (message.type === 'error') asked = endpoint.settle(message.id, { error: message });
    if (!asked && this.#hostCheck !== undefined) throw this.#hostCheck.unasked(event);
    endpoint.pump(this.#host.replayed);
    endpoint.takeLines();
  }

  // For the other side.

  #show(): void {
    const { consumed, left, yields, slice } = this.#meter;
    this.#control.show(consumed, left, yields, slice);
  }

  #flush(): void {
    this.#sink.flush();
    this.#show();
  }

  #fuel(): FuelState {
    const { consumed, left, yields, slice } = this.#meter;
    return { consumed, left, yields, slice, exact: false };
  }

  #describeStop(reason: Stop['reason'], rules: readonly string[], diagnosis: Stop['diagnosis'], stack: string): Stop {
    const frames = this.#inspection.standAt(stack);
    const code = this.#code;
    code?.stopped();
    return {
      reason,
      seq: this.#sink.last,
      rules,
      diagnosis,
      frames,
      fuel: this.#fuel(),
      time: this.#clock.elapsed(),
      moment: this.#trapMoment ?? code?.moment ?? 0,
      inCode: code?.inCode ?? false,
      over: this.#over,
      steppable: code?.steppable(frames) ?? false,
    };
  }

  // The end.

  #finish(ended: Ending): void {
    let ending = ended;
    try {
      this.#lastWords(ending);
    } catch (error) {
      ending = error instanceof RunEnd ? this.#thrown(error) : this.#failed(error);
    }
    const comparable = ending.at !== 'before' && ending.at !== 'bulk';
    const memory = comparable ? this.#guest.exportedMemory : undefined;
    const memorySha256 = memory === undefined ? undefined : this.#platform.sha256(new Uint8Array(memory.buffer));
    const exit = { ...ending, memorySha256, inputs: this.#sink.inputs.crc };
    try {
      if (ending.reason !== 'ours' && this.#replayer?.exhausted === false)
        this.#replayer.end(exit, this.#meter.consumed);
      const byItself = ending.reason !== 'limit' && ending.reason !== 'terminated';
      if (ending.reason !== 'ours') this.#hostCheck?.end(this.#sink.log.count, byItself);
    } catch (error) {
      this.#failed(error);
    }
    this.#sink.exit(exit);
    this.#flush();
    if (this.#options.moments === true && this.#replayer !== undefined)
      this.#platform.post({ type: 'moments', moments: this.#replayer.moments });
    const outcome = outcomeOf({
      ending,
      endpoint: this.#host.endpoint.outcome,
      faults: this.#verdicts.faults,
      fuel: this.#fuel(),
      events: { rpc: this.#sink.rpc, syscall: this.#sink.syscalls },
      wallMs: this.#bounds.wallMs(this.#platform.monotonic()),
    });
    this.#platform.post({ type: 'ended', outcome });
  }

  /** The guest has ended by itself: the host reads what is left, and finds out. */
  #lastWords(ending: Ending): void {
    const { endpoint } = this.#host;
    const byItself = ending.reason === 'returned' || ending.reason === 'exit';
    if (!byItself && ending.reason !== 'trap') return;
    this.#pauses.terminatesLater = true; // it has ended already
    this.#over = true;
    if (byItself) this.#traffic.flush();
    endpoint.endOfOutput();
    if (this.#replayer === undefined) this.#host.finish();
    else {
      endpoint.pump(() => 'pending');
      this.#endOfReplay('event');
    }
    if (byItself) this.#traffic.end({ kind: 'exit', code: ending.code ?? 0 });
  }
}

/** A seed is any text; a decimal number is itself. */
function seedNumber(seed: string): bigint {
  if (/^-?\d+$/.test(seed)) return BigInt(seed);
  let hash = 0xcbf29ce484222325n; // FNV-1a, 64 bits
  for (const byte of new TextEncoder().encode(seed)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

const spaceName = (space: number): 'memory' | 'table' => (space === 0 ? 'memory' : 'table');
