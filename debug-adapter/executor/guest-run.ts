// One call in the worker, from the module's bytes to the outcome: loads, runs `_start`, and at each hook and import does what the host, the
// recorder and the debugger have to do. The only file that knows all of them. Contracts E1 to E9, R1 to R3, P1.
import { HOOK_NAMES, type Hooks, hookModule } from '../instrument/hooks.ts';
import { rewrittenOffset } from '../instrument/offset-map.ts';
import { Mocks } from '../mocks/mocks.ts';
import { crc32 } from '../recording/crc32.ts';
import type { ExitReason, RecordingHeader, RunEvent } from '../recording/event.ts';
import { CALL, EventStore, LINE } from '../recording/log.ts';
import { Diagnoser, type Diagnosis } from '../rpc/diagnosis.ts';
import { HostEndpoint } from '../rpc/endpoint.ts';
import { type Line, LineFramer, showBytes } from '../rpc/lines.ts';
import { classifyBytes, type Message } from '../rpc/message.ts';
import { createContext, GuestExit, takeSleep, takeStdinWait, type WasiContext } from '../wasi/context.ts';
import { describeCall } from '../wasi/describe.ts';
import { GuestMemory, type MemoryLike } from '../wasi/memory.ts';
import { SeededRandom, SystemRandom } from '../wasi/random.ts';
import { valueTypeName } from '../wasm/value-types.ts';
import { Control } from './control.ts';
import { messageScope, syscallScope, withCommon } from './event-scope.ts';
import { EventSink } from './event-sink.ts';
import { FuelMeter } from './fuel-meter.ts';
import { type FinishedSyscall, guestImports, journalOf, liveCalls, replayedCalls } from './guest-imports.ts';
import { HostSide } from './host-side.ts';
import { FUEL_MODEL, type Loaded, loadPlugin, Unusable } from './loading.ts';
import type { Answer, Query, ToWorker, WorkerPlatform, WorkerStart } from './messages.ts';
import type { FuelState, GlobalValue, GuestFrame, OpenRequest, Outcome, Stop, StopClass } from './options.ts';
import { outcomeOf } from './outcome.ts';
import { Pauses } from './pauses.ts';
import { Divergence, Replayer } from './replayer.ts';
import { RunClock } from './run-clock.ts';
import { type Happening, StopRules } from './stops.ts';
import { ownFrame, RunEnd, StackExhausted, trapOf, wasmFrames } from './traps.ts';

/** The name under which production's host looks for memory. */
const MEMORY_EXPORT = 'memory';
/** A plugin may make the same mistake without end. */
const HOST_PANICS_TOLD = 10;

/** Runs the call that `start` describes and posts everything about it. Returns when the run has ended. */
export function runGuest(platform: WorkerPlatform, start: WorkerStart): void {
  // V8's stack traces are our stack frames: all of them are wanted (DESIGN.md, "Facts found on the way").
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  new GuestRun(platform, start).run();
}

class GuestRun {
  readonly #platform: WorkerPlatform;
  readonly #start: WorkerStart;
  readonly #control: Control;
  readonly #rules = new StopRules();
  readonly #fuelGlobal: { value: number } = { value: 0 };
  #meter: FuelMeter;
  readonly #clock: RunClock;
  readonly #sink: EventSink;
  readonly #pauses: Pauses;
  readonly #context: WasiContext;
  readonly #memory: GuestMemory;
  readonly #stdout: LineFramer;
  readonly #stderr: LineFramer;
  readonly #diagnoser: Diagnoser;
  readonly #host: HostSide;
  #replayer: Replayer | undefined;
  #loaded: Loaded | undefined;
  #instance: WebAssembly.Instance | undefined;
  #exportedMemory: MemoryLike | undefined;
  /** The limits as they stand: each is doubled when somebody goes on past it. */
  readonly #limits: { wallMs: number; fuel: number; memory: number; output: number };
  #began: number;
  #pausedMs = 0;
  #pausedAt = 0;
  // what the guest's present fd_write has sent, until the call is done
  #sent: { fd: 1 | 2; bytes: Uint8Array }[] = [];
  #outputBytes = [0, 0, 0];
  #stderrFull = false;
  #lastCall: FinishedSyscall | undefined;
  /** Methods of the guest's and the host's requests by id, to name replies. */
  readonly #asked = {
    in: new Map<string, { method: string; seq: number }>(),
    out: new Map<string, { method: string; seq: number }>(),
  };
  #hostPanics = 0;
  #faults: { kind: string; message: string }[] = [];

  constructor(platform: WorkerPlatform, start: WorkerStart) {
    this.#platform = platform;
    this.#start = start;
    const { options } = start;
    this.#control = new Control(start.control);
    this.#began = platform.monotonic();
    this.#meter = new FuelMeter(this.#fuelGlobal, options.slice);
    this.#clock = new RunClock(options.clock, platform, () => this.#meter.consumed);
    this.#limits = { ...options.limits };
    this.#sink = new EventSink(
      platform,
      this.#control,
      options.limits,
      () => this.#meter.consumed,
      () => this.#clock.elapsed(),
    );
    this.#rules.set(options.rules);
    this.#pauses = new Pauses(
      platform,
      this.#control,
      this.#rules,
      {
        clockStops: () => {
          this.#clock.pause();
          this.#pausedAt = platform.monotonic();
        },
        clockGoes: () => {
          this.#clock.resume();
          this.#pausedMs += platform.monotonic() - this.#pausedAt;
        },
        flush: () => this.#flush(),
        answer: (query) => this.#answer(query),
        other: (message) => this.#other(message),
        describeStop: (reason, rules, diagnosis, stack) => this.#describeStop(reason, rules, diagnosis, stack),
      },
      options.debug,
    );
    this.#memory = new GuestMemory(() => this.#exportedMemory);
    const random =
      options.seed === undefined
        ? new SystemRandom((bytes) => platform.getRandomValues(bytes))
        : new SeededRandom(seedNumber(options.seed));
    this.#context = createContext({
      args: options.args,
      env: options.env,
      write: (fd, bytes) => this.#wrote(fd, bytes),
      now: () => this.#clock.now(),
      random: (bytes) => random.fill(bytes),
      checkpoint: () => this.#check('event'),
    });
    this.#stdout = new LineFramer(options.limits.line);
    this.#stderr = new LineFramer(options.limits.line);
    this.#diagnoser = new Diagnoser(options.method);
    const mocks = options.mocks === undefined ? undefined : Mocks.parse(options.mocks.text, options.mocks.name);
    this.#host = new HostSide(
      new HostEndpoint(options.method, options.params),
      mocks,
      options.hasHost,
      this.#context,
      this.#clock,
      this.#control,
      platform,
      {
        wrote: (line, bytes) => this.#messageIn(line.message, bytes),
        check: () => {
          this.#check('event');
          this.#sink.tick(platform.monotonic());
        },
        hangs: () => this.#hang(),
      },
    );
  }

  run(): void {
    let end: Ending;
    try {
      end = this.#load() ?? this.#execute();
    } catch (error) {
      if (error instanceof Divergence)
        this.#platform.post({ type: 'diverged', seq: error.seq, message: error.message });
      const message = error instanceof Error ? error.message : String(error);
      if (!(error instanceof Divergence))
        this.#faults.push({ kind: 'debugger', message: `The debugger failed: ${message}` });
      end = { reason: 'ours', code: undefined, message, at: undefined };
    }
    this.#finish(end);
  }

  /** Loads the plugin and begins the log. @returns how it ended, if it can't run. */
  #load(): Ending | undefined {
    const { options, replay } = this.#start;
    const { bytes, path } = options.plugin;
    const size = bytes.length;
    const sha256 = this.#platform.sha256(bytes);
    let failure: Ending | undefined;
    try {
      if (replay !== undefined && replay.header.module.sha256 !== sha256)
        throw new Unusable(
          'other-module',
          `${path} is not the module that was recorded: its SHA-256 is ${sha256.slice(0, 12)}…, and the recording's is ${replay.header.module.sha256.slice(0, 12)}…; give the right file with --plugin.`,
        );
      this.#loaded = loadPlugin(bytes, { path, ...options }, (phase, fraction) =>
        this.#platform.post({ type: 'progress', phase, fraction }),
      );
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      failure = { reason: 'unusable', code: undefined, message: error.message, at: undefined };
      this.#faults.push({ kind: error.kind, message: error.message });
    }
    const header: RecordingHeader = {
      format: 'wasmi-plugin-recording',
      version: 1,
      module: { sha256, bytes: size, path },
      call: { method: options.method, params: options.params },
      fuelModel: FUEL_MODEL,
      slice: options.slice,
      clock: options.clock.kind === 'real' ? 'real' : `virtual:${new Date(options.clock.startMs).toISOString()}`,
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      args: options.args,
      env: options.env,
      missingImports: options.missingImports,
      features: options.features,
      limits: options.limits,
      nan: 'canonical',
      created: new Date(Number(this.#platform.unixTime() / 1_000_000n)).toISOString(),
    };
    this.#platform.post({ type: 'loaded', header });
    if (failure !== undefined)
      this.#diagnose([
        { kind: this.#faults[0]?.kind ?? 'unusable-module', message: failure.message, severity: 'error' },
      ]);
    else if (replay !== undefined) {
      const store = new EventStore();
      store.append(replay.records);
      this.#replayer = new Replayer(store, replay.header.fuelModel === FUEL_MODEL, (event) => this.#hostEvent(event));
      const exit = this.#replayer.exit();
      if (exit !== undefined && exit.reason !== 'ours' && exit.reason !== 'unusable') this.#bound = exit.fuel;
    }
    return failure;
  }

  #bound: number | undefined;

  #execute(): Ending {
    const loaded = this.#loaded;
    if (loaded === undefined) throw new Error('there is no module');
    const { instrumented, compiled, module } = loaded;
    const observer = { before: () => this.#beforeCall(), after: (call: FinishedSyscall) => this.#afterCall(call) };
    const call =
      this.#replayer === undefined
        ? liveCalls(this.#context, this.#memory, observer)
        : replayedCalls(this.#replayer, () => this.#meter.consumed, this.#context, this.#memory, observer);
    this.#instance = new WebAssembly.Instance(compiled, guestImports(module, call));
    const { exports } = this.#instance;
    const exported = exports[MEMORY_EXPORT];
    this.#exportedMemory = exported instanceof WebAssembly.Memory ? exported : undefined;
    this.#setHooks(exports[instrumented.exports.hooks]);
    const fuel = instrumented.exports.fuel === null ? undefined : exports[instrumented.exports.fuel];
    this.#meter = new FuelMeter(
      fuel instanceof WebAssembly.Global ? fuelGlobal(fuel) : this.#fuelGlobal,
      this.#start.options.slice,
    );
    if (this.#bound !== undefined && this.#replayer?.exit()?.at === 'charge') this.#meter.bound = this.#bound;
    const entry = exports['_start'];
    if (typeof entry !== 'function') throw new Error('there is no _start');

    this.#clock.begin();
    this.#began = this.#platform.monotonic();
    this.#pausedMs = 0;
    if (this.#start.options.stopOnEntry && this.#start.options.debug)
      this.#pauses.stop('entry', [], undefined, 'event');
    if (this.#replayer === undefined) this.#host.start();
    else this.#replayer.copyHostEvents();
    try {
      (entry as () => void)();
      return { reason: 'returned', code: 0, message: 'the plugin returned from _start', at: undefined };
    } catch (error) {
      if (error instanceof GuestExit)
        return {
          reason: 'exit',
          code: error.code,
          message: `the plugin ended with exit code ${error.code}`,
          at: undefined,
        };
      if (error instanceof RunEnd)
        return { reason: error.reason, code: undefined, message: error.message, at: error.at };
      const trap = trapOf(error);
      if (trap === undefined) throw error;
      const stack = (error as Error).stack ?? '';
      if (trap.kind === 'ours') {
        this.#faults.push({ kind: 'debugger', message: trap.message });
        return { reason: 'ours', code: undefined, message: trap.message, at: undefined };
      }
      this.#trapped(trap.message, stack);
      return { reason: 'trap', code: undefined, message: trap.message, at: undefined };
    }
  }

  #setHooks(table: unknown): void {
    if (!(table instanceof WebAssembly.Table)) throw new Error('the rewritten module has no hook table');
    const hooks: Hooks = {
      fuel: (cost) => this.#fuelHook(cost),
      stack: () => {
        throw new StackExhausted('call stack exhausted');
      },
      growBefore: (space, index, delta) => this.#growBefore(space, index, delta),
      growAfter: (space, index, delta, result) => this.#growAfter(space, index, delta, result),
      bulk: () => {
        this.#check('bulk');
        this.#sink.tick(this.#platform.monotonic());
      },
    };
    const wrapper = new WebAssembly.Instance(new WebAssembly.Module(hookModule() as Uint8Array<ArrayBuffer>), {
      hooks: { ...hooks },
    });
    for (const [slot, name] of HOOK_NAMES.entries()) table.set(slot, wrapper.exports[name]);
  }

  // Fuel, yields and limits.

  #fuelHook(cost: number): void {
    const enough = this.#meter.close(cost);
    const now = this.#platform.monotonic();
    this.#check('charge', now);
    if (!enough) {
      this.#yield(cost);
      this.#meter.refill(cost);
    }
    this.#meter.grant(cost);
    this.#show();
    this.#sink.tick(now);
  }

  #yield(required: number): void {
    const fuel = this.#meter.consumed;
    this.#replayer?.yield(fuel);
    this.#sink.yield(required);
    if (this.#rules.cares('yield')) {
      const scope = withCommon((name) => (name === 'kind' ? 'yield' : undefined), fuel, this.#clock.elapsed());
      this.#decide([{ classes: ['yield'], name: undefined, scope }], undefined);
    }
    if (this.#replayer === undefined) this.#host.turn();
    else {
      takeSleep(this.#context);
      takeStdinWait(this.#context);
      this.#replayer.copyHostEvents();
      this.#endOfReplay('event');
    }
  }

  /** Pause, terminate, and the limits that only time reaches. */
  #check(at: 'event' | 'charge' | 'bulk', now = this.#platform.monotonic()): void {
    this.#pauses.check(at);
    if (at === 'charge') this.#endOfReplay('charge');
    if (this.#replayer !== undefined) return;
    if (now - this.#began - this.#pausedMs > this.#limits.wallMs) {
      this.#limit(
        'wall-time',
        `The call has run for ${seconds(this.#limits.wallMs)}, which is its limit (limits.wallMs).`,
        at,
      );
      this.#limits.wallMs *= 2;
    }
    if (this.#meter.consumed > this.#limits.fuel) {
      this.#limit('fuel', `The call has consumed ≈${this.#limits.fuel} fuel, which is its limit (limits.fuel).`, at);
      this.#limits.fuel *= 2;
    }
  }

  /** A recorded end that we made (a limit, terminate) comes at the same point again. */
  #endOfReplay(at: 'event' | 'charge'): void {
    const replayer = this.#replayer;
    if (replayer === undefined) return;
    if (replayer.exhausted) throw new RunEnd('terminated', at, 'the recording ends here');
    const exit = replayer.nextExit();
    if (exit === undefined || (exit.reason !== 'limit' && exit.reason !== 'terminated')) return;
    const here = exit.at === 'bulk' ? at === 'charge' : exit.at === at;
    if (here && this.#meter.consumed >= exit.fuel) throw new RunEnd(exit.reason, exit.at ?? at, exit.message);
  }

  /** Says that a limit is reached; returns when somebody goes on past it. */
  #limit(kind: string, message: string, at: 'event' | 'charge' | 'bulk'): void {
    const debug = this.#start.options.debug;
    const offer = debug ? ' Continue goes on with twice as much.' : '';
    this.#sink.diagnosis(kind, message, 'fault');
    this.#faults.push({ kind, message });
    if (!debug) throw new RunEnd('limit', at, message);
    this.#pauses.stop('limit', [], { diagnosis: kind, message: message + offer }, at);
    this.#faults.pop();
  }

  /** E6. */
  #hang(): void {
    const found = this.#diagnoser.hang(this.#host.endpoint.waits(), 'polling');
    this.#sink.diagnosis(found.kind, found.message, 'fault');
    this.#faults.push({ kind: found.kind, message: found.message });
    if (!this.#start.options.debug) throw new RunEnd('limit', 'event', found.message);
    this.#pauses.stop('fault', [], { diagnosis: found.kind, message: `${found.message} Continue waits on.` }, 'event');
    this.#faults.pop();
  }

  #show(): void {
    const { consumed, left, yields, slice } = this.#meter;
    this.#control.show(consumed, left, yields, slice);
  }

  #growBefore(space: number, index: number, delta: number): number {
    if (this.#replayer !== undefined) this.#endOfReplay('event');
    if (this.#replayer !== undefined) return this.#replayer.growth(spaceName(space), index, delta) < 0 ? 1 : 0;
    this.#check('event');
    if (space !== 0) return delta > 10_000_000 ? 1 : 0;
    const name = this.#loaded?.instrumented.exports.memories[index];
    const memory = name === undefined ? undefined : this.#instance?.exports[name];
    const size = memory instanceof WebAssembly.Memory ? memory.buffer.byteLength : 0;
    while (size + delta * 65_536 > this.#limits.memory) {
      // A request past what any memory can have fails in production too: that is the guest's to handle.
      const most = this.#loaded?.module.memories[index]?.max ?? 65_536;
      if (size / 65_536 + delta > most) return 1;
      this.#limit(
        'memory',
        `The plugin asked for ${megabytes(size + delta * 65_536)} of memory, and ${megabytes(this.#limits.memory)} is its limit (limits.memory); production has none but the module's own.`,
        'event',
      );
      this.#limits.memory *= 2;
    }
    return 0;
  }

  #growAfter(space: number, index: number, delta: number, result: number): void {
    this.#replayer?.grew(spaceName(space), index, delta, result);
    this.#sink.grow(spaceName(space), index, delta, result);
  }

  // Syscalls and what they carry.

  #beforeCall(): void {
    this.#sent = [];
    if (this.#control.pending() !== 0) this.#check('event');
  }

  #wrote(fd: 1 | 2, bytes: Uint8Array): void {
    // a view of guest memory: it must not change before the call is done, and memory may grow only after it
    this.#sent.push({ fd, bytes: bytes.slice() });
  }

  #afterCall(call: FinishedSyscall): void {
    let sentBytes = 0;
    let sentCrc = 0;
    for (const piece of this.#sent) {
      sentBytes += piece.bytes.length;
      sentCrc = crc32(piece.bytes, sentCrc);
    }
    if (call.flags & CALL.sent) this.#replayer?.sent(sentBytes, sentCrc);
    this.#sink.syscall(
      call.index,
      call.args,
      call.errno,
      call.flags,
      journalOf(this.#memory),
      call.sleepMs,
      sentBytes,
      sentCrc,
    );
    if (call.flags & CALL.fuelToZero) this.#meter.zero();
    if (call.name !== 'clock_time_get' && !(call.flags & CALL.emptyPoll)) this.#host.active();
    this.#lastCall = call;
    const fault = call.flags & CALL.hostWouldPanic ? this.#hostPanic(call) : undefined;
    if (this.#rules.cares('syscall') || fault !== undefined) {
      const errno = call.errno === 0xffff ? undefined : call.errno;
      const scope = withCommon(syscallScope(call.name, call.args, errno), this.#meter.consumed, this.#clock.elapsed());
      this.#decide([{ classes: ['syscall'], name: call.name, scope }], fault);
    }
    const sent = this.#sent;
    this.#sent = [];
    for (const { fd, bytes } of sent) this.#output(fd, bytes);
    if (call.name === 'fd_close' && call.args[0] === 1) this.#host.endpoint.endOfOutput();
    if (this.#replayer !== undefined) this.#endOfReplay('event');
  }

  /** UPSTREAM.md: where upstream's host would panic on a bad guest pointer, we answer EFAULT and say that production would die. */
  #hostPanic(call: FinishedSyscall): Stop['diagnosis'] {
    if (++this.#hostPanics > HOST_PANICS_TOLD) return undefined;
    const where = this.#where()() ?? 'the plugin';
    const message = `${call.name}(${call.args.join(', ')}), called by ${where}, has a pointer or length outside the plugin's memory: production's host panics on it; here it answers EFAULT.`;
    return this.#diagnose([{ kind: 'host-panic', message, severity: 'error' }]);
  }

  #output(fd: 1 | 2, bytes: Uint8Array): void {
    const kept = (this.#outputBytes[fd] ?? 0) + bytes.length;
    this.#outputBytes[fd] = kept;
    if (kept > this.#limits.output && this.#replayer === undefined) {
      if (fd === 2) {
        if (!this.#stderrFull)
          this.#sink.diagnosis(
            'output',
            `The plugin's log has passed ${megabytes(this.#limits.output)} (limits.output): what follows is not kept.`,
            'warning',
          );
        this.#stderrFull = true;
        return;
      }
      this.#limit(
        'output',
        `The plugin has written more than ${megabytes(this.#limits.output)} to stdout, which is its limit (limits.output).`,
        'event',
      );
      this.#limits.output *= 2;
    }
    if (fd === 2 && this.#replayer !== undefined && !this.#replayer.expectsStderr) {
      // past the bound when it was recorded: lines were not kept then
      if (this.#stderrFull) return;
    }
    for (const line of (fd === 1 ? this.#stdout : this.#stderr).push(bytes)) {
      if (fd === 1) this.#messageOut(line);
      else this.#logLine(line);
    }
    const pending = (fd === 1 ? this.#stdout : this.#stderr).pendingBytes;
    if (fd === 1 && pending >= this.#start.options.limits.line && this.#replayer === undefined)
      this.#limit(
        'line',
        `The plugin wrote a line of more than ${megabytes(this.#start.options.limits.line)} to stdout, which is the limit (limits.line).`,
        'event',
      );
  }

  #lineFlags(line: Line, unread: boolean): number {
    return (
      (line.text === undefined ? LINE.notUtf8 : 0) |
      (line.unfinished ? LINE.incomplete : 0) |
      (unread ? LINE.unread : 0)
    );
  }

  #messageOut(line: Line): void {
    const { endpoint } = this.#host;
    const unread = endpoint.outcome !== undefined;
    const flags = this.#replayer?.line('rpc', line.bytes) ?? this.#lineFlags(line, unread);
    this.#sink.message('out', line.bytes, flags);
    this.#host.active();
    const message = endpoint.receiveLine(line.text ?? line.bytes);
    const found = this.#diagnoser.out(message, this.#where());
    this.#ask('out', message);
    this.#message('out', message, line, found);
    if (this.#replayer !== undefined) endpoint.pump(() => 'pending');
  }

  #messageIn(message: Message, bytes: Uint8Array): void {
    this.#sink.message('in', bytes, 0);
    this.#ask('in', message);
    const found = this.#diagnoser.in(message);
    this.#message('in', message, { bytes, text: undefined, overlong: false, unfinished: false }, found);
  }

  /** Remembers who asked what, so that a reply can be named by its method. */
  #ask(dir: 'in' | 'out', message: Message): void {
    if (message.type === 'request') this.#asked[dir].set(message.id, { method: message.method, seq: this.#sink.last });
  }

  #message(dir: 'in' | 'out', message: Message, line: Line, found: readonly Diagnosis[]): void {
    const cares = this.#rules.cares('rpc');
    if (!cares && found.length === 0) return;
    const reply = message.type === 'response' || message.type === 'error';
    const method =
      message.type === 'request'
        ? message.method
        : reply
          ? this.#asked[dir === 'in' ? 'out' : 'in'].get(message.id)?.method
          : undefined;
    const scope = withCommon(
      messageScope(dir, message, () => line.text ?? showBytes(line.bytes), line.bytes.length, method),
      this.#meter.consumed,
      this.#clock.elapsed(),
    );
    // A reply is a message too, but `rpc:NAME` means requests of that name.
    const happenings: Happening[] = reply
      ? [
          { classes: ['rpc-reply'], name: method, scope },
          { classes: ['rpc'], name: undefined, scope },
        ]
      : [{ classes: ['rpc'], name: method, scope }];
    this.#decide(cares ? happenings : [], this.#diagnose(found));
  }

  #logLine(line: Line): void {
    const flags = this.#replayer?.line('stderr', line.bytes) ?? this.#lineFlags(line, false);
    this.#sink.stderr(line.bytes, flags);
    const text = line.text ?? showBytes(line.bytes);
    this.#sink.stderrLines.push(text);
    const found = this.#diagnoser.stderr(text, this.#where());
    const cares = this.#rules.cares('stderr');
    if (!cares && found.length === 0) return;
    const scope = withCommon(
      (name) =>
        name === 'kind' ? 'stderr' : name === 'line' ? text : name === 'bytes' ? line.bytes.length : undefined,
      this.#meter.consumed,
      this.#clock.elapsed(),
    );
    this.#decide(cares ? [{ classes: ['stderr'], name: undefined, scope }] : [], this.#diagnose(found));
  }

  /** What wrote something: found only when a diagnosis asks, from V8's stack. */
  #where(): () => string | undefined {
    let where: string | undefined;
    return () => {
      if (where === undefined) {
        const frame = ownFrame(this.#frames(new Error('where').stack ?? ''));
        where = frame === undefined ? undefined : `function \`${frame.name}\``;
      }
      return where;
    };
  }

  /** Puts diagnoses into the log. In a replay the recording has them. @returns the first that is a fault. */
  #diagnose(found: readonly { kind: string; message: string; severity: 'error' | 'warning' }[]): Stop['diagnosis'] {
    let fault: Stop['diagnosis'];
    for (const { kind, message, severity } of found) {
      const faulty = severity === 'error';
      if (this.#replayer === undefined) this.#sink.diagnosis(kind, message, faulty ? 'fault' : 'warning');
      if (!faulty) continue;
      this.#faults.push({ kind, message });
      fault ??= { diagnosis: kind, message };
    }
    return fault;
  }

  /** Logs and stops as the rules say, once for all that happened at this event. */
  #decide(happenings: readonly Happening[], fault: Stop['diagnosis'], stack?: string): void {
    if (!this.#start.options.debug) return;
    const rules: string[] = [];
    let stop = false;
    const decide = (happening: Happening): boolean => {
      const decision = this.#rules.decide(happening);
      for (const text of decision.logs) this.#platform.post({ type: 'log', text, seq: this.#sink.last });
      rules.push(...decision.rules);
      stop ||= decision.stop;
      return decision.stop;
    };
    for (const happening of happenings) decide(happening);
    let faulty = false;
    if (fault !== undefined) {
      const { diagnosis, message } = fault;
      const classes: StopClass[] = [diagnosis === 'trap' || diagnosis === 'panic' ? 'trap' : 'protocol', 'diagnosis'];
      const scope = (name: string): unknown =>
        name === 'kind' ? 'diagnosis' : name === 'diagnosis' ? diagnosis : name === 'message' ? message : undefined;
      faulty = decide({
        classes,
        name: undefined,
        scope: withCommon(scope, this.#meter.consumed, this.#clock.elapsed()),
      });
    }
    if (stop)
      this.#pauses.stop(
        faulty ? 'fault' : rules.length > 0 ? 'event' : 'step',
        rules,
        faulty ? fault : undefined,
        'event',
        stack,
      );
  }

  /** The guest's frames are gone, but its memory is there, and the trace that V8 took. */
  #trapped(message: string, stack: string): void {
    const frame = ownFrame(this.#frames(stack));
    const where = frame === undefined ? undefined : `function \`${frame.name}\``;
    this.#flushOutput();
    const found = this.#diagnoser.end({ kind: 'trap', message, ...(where === undefined ? {} : { where }) });
    this.#decide([], this.#diagnose(found), stack);
  }

  /** What stands on stdout and stderr without a newline is read when the guest has ended. */
  #flushOutput(): void {
    const log = this.#stderr.end();
    if (log !== undefined) this.#logLine(log);
    const message = this.#stdout.end();
    if (message !== undefined) this.#messageOut(message);
  }

  /** The host's own events of a recording, copied into the replay's log. */
  #hostEvent(event: RunEvent): void {
    this.#sink.log.append(event);
    if (event.kind !== 'rpc') {
      if (event.kind === 'diagnosis' && event.diagnosis === 'output') this.#stderrFull = true;
      if (event.kind === 'diagnosis' && event.severity === 'fault')
        this.#faults.push({ kind: event.diagnosis, message: event.message });
      return;
    }
    this.#sink.rpc++;
    const message = classifyBytes(event.bytes);
    this.#ask('in', message);
    const { endpoint } = this.#host;
    if (message.type === 'request') endpoint.start();
    else if (message.type === 'response') endpoint.settle(message.id, { result: message.result });
    else if (message.type === 'error') endpoint.settle(message.id, { error: message });
    endpoint.takeLines();
    endpoint.pump(() => 'pending');
    endpoint.takeLines();
  }

  #other(message: ToWorker): void {
    if (message.type === 'hostReply') this.#host.replied(message.token, message.reply);
  }

  #flush(): void {
    this.#sink.flush();
    this.#show();
  }

  // While stopped.

  #frames(stack: string): GuestFrame[] {
    const loaded = this.#loaded;
    if (loaded === undefined) return [];
    const flat = wasmFrames(stack);
    const frames: GuestFrame[] = [];
    for (let i = 0; i < flat.length; i += 2) {
      const func = flat[i] ?? 0;
      if (func >= loaded.instrumented.firstHelper) continue;
      const offset = loaded.instrumented.map.toOriginal(rewrittenOffset(flat[i + 1] ?? 0)) ?? 0;
      frames.push({ func, offset, name: loaded.nameOf(func) });
    }
    return frames;
  }

  #fuel(): FuelState {
    const { consumed, left, yields, slice } = this.#meter;
    return { consumed, left, yields, slice, exact: false };
  }

  #describeStop(reason: Stop['reason'], rules: readonly string[], diagnosis: Stop['diagnosis'], stack: string): Stop {
    return {
      reason,
      seq: this.#sink.last,
      rules,
      diagnosis,
      frames: this.#frames(stack),
      fuel: this.#fuel(),
      time: this.#clock.elapsed(),
    };
  }

  #answer(query: Query): Answer {
    switch (query.what) {
      case 'memory': {
        const buffer = this.#exportedMemory?.buffer;
        if (buffer === undefined) throw new Error('The plugin has no memory to read.');
        const from = Math.max(0, Math.min(query.address, buffer.byteLength));
        const to = Math.max(from, Math.min(query.address + query.length, buffer.byteLength));
        return new Uint8Array(buffer.slice(from, to) as ArrayBuffer);
      }
      case 'memorySize':
        return this.#exportedMemory?.buffer.byteLength ?? 0;
      case 'globals':
        return this.#globals();
      case 'openRequests': {
        const waits = this.#host.endpoint.waits();
        const open = (dir: 'in' | 'out', wait: { id: string; method: string }): OpenRequest => ({
          dir,
          id: wait.id,
          method: wait.method,
          seq: this.#asked[dir].get(wait.id)?.seq ?? -1,
        });
        return [...waits.host.map((wait) => open('in', wait)), ...waits.plugin.map((wait) => open('out', wait))];
      }
      case 'describeSyscall': {
        const call = this.#lastCall;
        if (call === undefined) throw new Error('No syscall has happened yet.');
        const errno = call.errno === 0xffff ? undefined : call.errno;
        return describeCall({ name: call.name, args: call.args, errno }, (address, length) =>
          this.#memory.readBytes(address, length),
        );
      }
    }
  }

  #globals(): GlobalValue[] {
    const loaded = this.#loaded;
    if (loaded === undefined) return [];
    return loaded.instrumented.exports.globals.map((name, index) => {
      const global = this.#instance?.exports[name];
      let value = 'not available here';
      try {
        if (global instanceof WebAssembly.Global) value = String(global.value);
      } catch {
        value = 'a v128, which JavaScript cannot read';
      }
      return {
        index,
        name: loaded.globalName(index),
        type: valueTypeName(loaded.module.globalTypes[index] ?? 0),
        mutable: loaded.module.globalMutable[index] === 1,
        value,
      };
    });
  }

  // The end.

  #finish(ending: Ending): void {
    const { endpoint } = this.#host;
    let divergence: Divergence | undefined;
    let memorySha256: string | undefined;
    try {
      if (ending.reason === 'returned' || ending.reason === 'exit') {
        this.#flushOutput();
        endpoint.endOfOutput();
        if (this.#replayer === undefined) this.#host.finish();
        const found = this.#diagnoser.end({ kind: 'exit', code: ending.code ?? 0 });
        this.#decide([], this.#diagnose(found));
      } else if (ending.reason === 'trap') {
        endpoint.endOfOutput();
        if (this.#replayer === undefined) this.#host.finish();
      }
      const buffer = this.#exportedMemory?.buffer;
      if (buffer !== undefined && ending.at !== 'bulk') memorySha256 = this.#platform.sha256(new Uint8Array(buffer));
      if (this.#replayer !== undefined && !this.#replayer.exhausted)
        this.#replayer.end({ ...ending, memorySha256 }, this.#meter.consumed);
    } catch (error) {
      if (error instanceof Divergence) divergence = error;
      else if (error instanceof RunEnd)
        ending = { reason: error.reason, code: undefined, message: error.message, at: error.at };
      else throw error;
    }
    if (divergence !== undefined)
      this.#platform.post({ type: 'diverged', seq: divergence.seq, message: divergence.message });
    this.#sink.exit({ ...ending, memorySha256 });
    this.#flush();
    const outcome: Outcome = outcomeOf({
      ending,
      endpoint: endpoint.outcome,
      faults: this.#faults,
      fuel: this.#fuel(),
      events: { rpc: this.#sink.rpc, syscall: this.#sink.syscalls },
      stderr: this.#sink.stderrLines,
      wallMs: this.#platform.monotonic() - this.#began - this.#pausedMs,
    });
    this.#platform.post({ type: 'ended', outcome });
  }
}

export interface Ending {
  readonly reason: ExitReason;
  readonly code: number | undefined;
  readonly message: string;
  readonly at: 'event' | 'charge' | 'bulk' | undefined;
}

/** A seed is any text; a decimal number is itself. */
function seedNumber(seed: string): bigint {
  if (/^-?\d+$/.test(seed)) return BigInt(seed);
  let hash = 0xcbf29ce484222325n; // FNV-1a, 64 bits
  for (const byte of new TextEncoder().encode(seed)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

/** The fuel global as numbers: it is an i32. */
function fuelGlobal(global: WebAssembly.Global): { value: number } {
  return global as { value: number };
}

const spaceName = (space: number): 'memory' | 'table' => (space === 0 ? 'memory' : 'table');
const megabytes = (bytes: number): string => `${Math.round((bytes / 1048576) * 10) / 10} MiB`;
const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
