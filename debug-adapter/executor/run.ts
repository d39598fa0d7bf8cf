// One run of a plugin, live or replayed, as the driving side sees it: the terminal, the DAP session, tests. Starts the worker, keeps the
// event store, passes on pause, resume and terminate. Never waits for the guest. Contracts E1, E2, E4, P3.
import type { RecordingHeader } from '../recording/event.ts';
import { EventStore } from '../recording/event-store.ts';
import type { DisassemblyRow } from '../wasm/disassembly.ts';
import { Control, REQUEST } from './control.ts';
import { type Evaluated, usesOf } from './expression.ts';
import type { HostProcess } from './host-process.ts';
import type { Answer, FromWorker, HostReply, Query, Standing, WorkerStart } from './messages.ts';
import {
  type CodeBreakpoint,
  type CodePlaceFound,
  type DescribedValue,
  type FrameValues,
  type FuelState,
  type GlobalValue,
  NO_SITES,
  type OpenRequest,
  type Outcome,
  type PlanChoice,
  type ResolvedBreakpoint,
  type Resume,
  type RunOptions,
  type Stop,
  type StopRule,
} from './options.ts';
import type { WorkerOutcome } from './outcome.ts';
import type { Platform, WorkerHandle } from './platform.ts';
import { type Succession, type Successor, startSuccessor } from './successor.ts';

export interface RunListener {
  progress?(phase: string, fraction: number): void;
  loaded?(header: RecordingHeader): void;
  stopped?(stop: Stop): void;
  resumed?(): void;
  /** A log rule was hit at event `seq`. */
  log?(text: string, seq: number): void;
  ended?(outcome: Outcome): void;
  /** Something could not be done, in a sentence; the run stays as it is. */
  problem?(sentence: string): void;
  /** What became of the breakpoints that were set. */
  breakpoints?(resolved: readonly ResolvedBreakpoint[]): void;
}

/** Past this, a worker that does not answer to terminate is ended by force. */
const FORCE_AFTER_MS = 2000;

export class Run {
  readonly store = new EventStore();
  readonly ended: Promise<Outcome>;
  #control = new Control();
  #worker: WorkerHandle;
  readonly #host: HostProcess | undefined;
  readonly #listeners = new Set<RunListener>();
  readonly #queries = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  #nextToken = 0;
  #resolveEnded: (outcome: Outcome) => void = () => {};
  #state: 'loading' | 'running' | 'stopped' | 'ended' = 'loading';
  #stop: Stop | undefined;
  #header: RecordingHeader | undefined;
  #moments: Float64Array | undefined;
  #divergence: { seq: number; message: string } | undefined;
  readonly #started: number;
  /** What the call was started with, and what was changed since; its bytes are our own. Undefined where no other worker can take over. */
  #options: RunOptions | undefined;
  #standing: Standing | undefined;
  #succession: Succession | undefined;
  /** What the present worker, or the one that is to take over, was given as sites besides those of breakpoints. */
  #taken: { readonly functions: readonly number[]; readonly entries: boolean } = { functions: [], entries: false };
  /** The stop whose frames' locals are known, or are being found. */
  #collected: Stop | undefined;
  #collecting: Promise<unknown> | undefined;
  /** How to run on once another worker has taken over. */
  #then: Resume | undefined;
  /** The last way of running on. */
  #mode: Resume = { until: undefined };
  /** Breakpoints wait for sites: the run is stopped for a moment to get them. */
  #lacksSites = false;
  #pausing = false;
  /** Nobody has heard of the stop yet: it was past the moment that was asked for, and another worker is to stand right there. */
  #exactly = false;
  /** Breakpoints that were set at a stop, and whose places are not known yet: it is not left before. */
  #unresolved = 0;
  /** Requests that the host was asked, by their numbers: another worker asks for the same again. */
  readonly #asked = new Map<number, Promise<HostReply>>();
  readonly #platform: Platform;

  private constructor(platform: Platform, start: Omit<WorkerStart, 'control'>, host: HostProcess | undefined) {
    this.#platform = platform;
    this.#host = host;
    this.#started = platform.monotonic();
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    if (start.replay === undefined && start.options.debug)
      this.#options = {
        ...start.options,
        plugin: { ...start.options.plugin, bytes: start.options.plugin.bytes.slice() },
      };
    const bytes = start.options.plugin.bytes;
    const own = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
    this.#worker = platform.startWorker({ ...start, control: this.#control.buffer }, own ? [bytes.buffer] : [], {
      message: (message) => this.#receive(message),
      died: (reason) => this.#died(reason),
    });
  }

  /** Starts a live call. A plugin that can't run ends the run with a fault; nothing is thrown. `options.plugin.bytes` are taken over. */
  static start(platform: Platform, options: RunOptions, host?: HostProcess): Run {
    return new Run(platform, { options: { ...options, hasHost: host !== undefined }, replay: undefined }, host);
  }

  /** Runs a recording again, with nothing but the module (R2), and checks it (R3): see `divergence` when it has ended. */
  static replay(
    platform: Platform,
    recording: { header: RecordingHeader; records: Uint8Array<ArrayBuffer> },
    options: RunOptions,
  ): Run {
    return new Run(platform, { options, replay: recording }, undefined);
  }

  get state(): 'loading' | 'running' | 'stopped' | 'ended' {
    return this.#state;
  }
  /** Where the run stands, while it is stopped. */
  get stop(): Stop | undefined {
    return this.#stop;
  }
  /** What a recording of this run would begin with; known once the module is loaded. */
  get header(): RecordingHeader | undefined {
    return this.#header;
  }
  /** R3: the first event of a replay that differs from the recording. */
  get divergence(): { readonly seq: number; readonly message: string } | undefined {
    return this.#divergence;
  }

  /** I2: the moment of each event, when a replay that was asked for them has ended; NaN for events that it did not come to. */
  get moments(): Float64Array | undefined {
    return this.#moments;
  }

  /** The counters as of the last entry of the fuel hook; costs nothing, any time. */
  fuel(): FuelState {
    const { consumed, left, yields, slice } = this.#control.counters();
    return { consumed, left, yields, slice, exact: false };
  }

  on(listener: RunListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops at the next entry of the fuel hook, or where the guest waits: within 100 ms. */
  pause(): void {
    this.#pausing = true;
    if (this.#state === 'running' || this.#state === 'loading') this.#control.request(REQUEST.pause);
  }

  /** Runs on. Where a step needs sites that the module has not, it is rewritten first, and the call taken to where it stands. */
  resume(mode: Resume): void {
    this.#mode = mode;
    const stop = this.#stop;
    if (mode.step !== undefined && stop?.steppable === false)
      this.#takeOver(
        stop.frames.map(({ func }) => func),
        true,
      );
    if (this.#succession !== undefined || this.#unresolved > 0) this.#then = mode;
    else this.#post({ type: 'resume', mode });
  }

  setRules(rules: readonly StopRule[]): void {
    if (this.#options !== undefined) this.#options = { ...this.#options, rules };
    this.#post({ type: 'rules', rules });
  }

  /** Sets the breakpoints in the guest's code, all anew; `breakpoints` of the listeners says what became of them. Takes effect at once. */
  setBreakpoints(breakpoints: readonly CodeBreakpoint[]): void {
    if (this.#options !== undefined) this.#options = { ...this.#options, breakpoints };
    if (this.#state === 'stopped') this.#unresolved++;
    this.#post({ type: 'breakpoints', breakpoints });
  }

  #post(message: Parameters<WorkerHandle['post']>[0]): void {
    if (this.#state === 'ended') return;
    this.#worker.post(message);
    this.#control.request(REQUEST.messages);
  }

  /** Ends the guest, even in an endless loop; resolves when the run has ended. */
  async terminate(): Promise<void> {
    if (this.#state === 'ended') return;
    this.#control.request(REQUEST.terminate);
    // A worker that loads looks at nothing else, and there is no guest yet whose end could be recorded.
    if (this.#state === 'loading') {
      this.#endByForce('the call was ended by the debugger while its plugin was loading');
      return;
    }
    const timer = setTimeout(
      () => this.#endByForce('the call did not end when the debugger told it to, and was ended by force'),
      FORCE_AFTER_MS,
    );
    await this.ended;
    clearTimeout(timer);
  }

  async readMemory(address: number, length: number): Promise<Uint8Array> {
    return (await this.#query({ what: 'memory', address, length })) as Uint8Array;
  }
  async memorySize(): Promise<number> {
    return (await this.#query({ what: 'memorySize' })) as number;
  }
  async globals(): Promise<readonly GlobalValue[]> {
    return (await this.#query({ what: 'globals' })) as readonly GlobalValue[];
  }
  async openRequests(): Promise<readonly OpenRequest[]> {
    return (await this.#query({ what: 'openRequests' })) as readonly OpenRequest[];
  }
  async describeSyscall(seq: number): Promise<readonly DescribedValue[]> {
    return (await this.#query({ what: 'describeSyscall', seq })) as readonly DescribedValue[];
  }

  async frameValues(frame: number): Promise<FrameValues> {
    await this.#collect(frame);
    return (await this.#query({ what: 'frameValues', frame })) as FrameValues;
  }
  /** Evaluates an expression (docs/expressions.md) in a frame; `names` gives values of plain names as JSON texts. */
  async evaluate(source: string, frame: number, names: Readonly<Record<string, string>> = {}): Promise<Evaluated> {
    if (asksForFrame(source)) await this.#collect(frame);
    return (await this.#query({ what: 'evaluate', source, frame, names })) as Evaluated;
  }
  /** Sets a local, an operand, a global or a cell of memory to the value of an expression. @returns what it is now */
  async assign(target: string, value: string, frame: number): Promise<Evaluated> {
    return (await this.#query({ what: 'assign', target, value, frame })) as Evaluated;
  }
  /** @returns how many bytes were written: those that lie in memory. */
  async writeMemory(address: number, bytes: Uint8Array): Promise<number> {
    return (await this.#query({ what: 'writeMemory', address, bytes })) as number;
  }
  /** `count` rows, from `instructionOffset` instructions behind (or before) the one at the byte `offset`. */
  async disassemble(offset: number, instructionOffset: number, count: number): Promise<readonly DisassemblyRow[]> {
    return (await this.#query({ what: 'disassemble', offset, instructionOffset, count })) as readonly DisassemblyRow[];
  }
  /** The functions that a name or a pattern names. */
  async functions(pattern: string): Promise<readonly CodePlaceFound[]> {
    return (await this.#query({ what: 'functions', pattern })) as readonly CodePlaceFound[];
  }

  #query(query: Query): Promise<Answer> {
    if (this.#state !== 'stopped') return Promise.reject(new Error('The call is running: pause it to look into it.'));
    const token = this.#nextToken++;
    return new Promise((resolve, reject) => {
      this.#queries.set(token, { resolve, reject });
      this.#post({ type: 'query', token, query });
    });
  }

  #receive(message: FromWorker): void {
    if (this.#state === 'ended') return;
    switch (message.type) {
      case 'events':
        this.#control.batchTaken();
        this.store.append(message.records);
        break;
      case 'progress':
        for (const listener of this.#listeners) listener.progress?.(message.phase, message.fraction);
        break;
      case 'loaded':
        this.#header = message.header;
        this.#state = 'running';
        for (const listener of this.#listeners) listener.loaded?.(message.header);
        break;
      case 'stopped':
        this.#stopped(message.stop, message.standing);
        break;
      case 'resumed':
        this.#state = 'running';
        this.#stop = undefined;
        for (const listener of this.#listeners) listener.resumed?.();
        break;
      case 'log':
        for (const listener of this.#listeners) listener.log?.(message.text, message.seq);
        break;
      case 'breakpoints':
        for (const listener of this.#listeners) listener.breakpoints?.(message.resolved);
        this.#unresolved = Math.max(0, this.#unresolved - 1);
        if (message.missing) this.#getSites();
        if (this.#unresolved === 0 && this.#succession === undefined) this.#runOn();
        break;
      case 'answer':
        this.#settle(message.token)?.resolve(message.answer);
        break;
      case 'refused':
        this.#settle(message.token)?.reject(new Error(message.message));
        break;
      case 'hostRequest':
        this.#askHost(message.token, message.method, message.params);
        break;
      case 'moments':
        this.#moments = message.moments;
        break;
      case 'wants':
        this.#post({ type: 'cached', ...this.#platform.modules.get(message.content, message.plan) });
        break;
      case 'made':
        this.#platform.modules.put(message.content, message.plan, message.known, message.built);
        break;
      case 'diverged':
        this.#divergence = { seq: message.seq, message: message.message };
        break;
      case 'ended':
        this.#end(message.outcome);
        break;
    }
  }

  #settle(token: number): { resolve(answer: Answer): void; reject(error: Error): void } | undefined {
    const waiting = this.#queries.get(token);
    this.#queries.delete(token);
    return waiting;
  }

  #askHost(token: number, method: string, params: string): void {
    if (this.#host === undefined) return;
    let asked = this.#asked.get(token);
    if (asked === undefined) {
      asked = this.#host.ask(method, params);
      this.#asked.set(token, asked);
    }
    void asked.then((reply) => this.#post({ type: 'hostReply', token, reply }));
  }

  // Another worker takes over, with other sites (S4).

  #stopped(stop: Stop, standing: Standing): void {
    this.#state = 'stopped';
    this.#stop = stop;
    this.#standing = standing;
    const pausing = this.#pausing;
    this.#pausing = false;
    if (this.#lacksSites) {
      this.#getSites();
      // It was stopped for our sake alone: nobody else hears of it.
      if (stop.reason === 'pause' && !pausing && this.#succession !== undefined) {
        this.#then = { until: this.#mode.until };
        return;
      }
    }
    const { moment } = this.#mode;
    if (stop.reason === 'moment' && moment !== undefined && stop.moment > moment && !this.#exactly) {
      // It lay in code without sites. Nothing has happened since: the call is done again up to it with sites there.
      const functions = new Set([...stop.frames.map(({ func }) => func), ...standing.around]);
      this.#stop = { ...stop, moment, inCode: true };
      this.#takeOver([...functions], false);
      this.#exactly = this.#succession !== undefined;
      if (this.#exactly) return;
    }
    this.#tellStop(stop);
  }

  #tellStop(stop: Stop): void {
    for (const listener of this.#listeners) listener.stopped?.(stop);
  }

  /** Breakpoints need sites that the module has not. */
  #getSites(): void {
    if (this.#options === undefined) return;
    this.#lacksSites = this.#state !== 'stopped';
    if (this.#state === 'stopped') this.#takeOver(this.#stop?.frames.slice(0, 1).map(({ func }) => func) ?? [], false);
    else this.#control.request(REQUEST.pause);
  }

  /** Has the call done again with every instruction of `functions` as a site, besides those of the breakpoints. */
  #takeOver(functions: readonly number[], entries: boolean, calls: readonly number[] = []): void {
    const options = this.#options;
    const stop = this.#stop;
    const standing = this.#standing;
    const header = this.#header;
    if (options === undefined || stop === undefined || standing === undefined || header === undefined || stop.over)
      return;
    this.#drop();
    this.#taken = { functions, entries };
    const plan: PlanChoice = { ...(options.plan ?? NO_SITES), entries, functions };
    const succession = startSuccessor(
      this.#platform,
      {
        options: { ...options, plan, plugin: { ...options.plugin, bytes: options.plugin.bytes.slice() } },
        replay: { header, records: this.store.records() },
        continues: { stop, standing, calls },
      },
      { message: (message) => this.#receive(message), died: (reason) => this.#died(reason) },
    );
    this.#succession = succession;
    succession.arrived.then(
      (successor) => this.#succeeded(succession, successor),
      (error: Error) => {
        if (this.#succession !== succession) return;
        this.#succession = undefined;
        for (const listener of this.#listeners) listener.problem?.(error.message);
        if (this.#exactly && this.#stop !== undefined) {
          this.#exactly = false;
          this.#tellStop(this.#stop);
        }
        this.#runOn();
      },
    );
  }

  /**
   * Locals that the guest does not hand over where it stands, of callers and at events, are found by doing the call again up to here, and
   * keeping on the way what each frame had at its call.
   */
  async #collect(frame: number): Promise<void> {
    const stop = this.#stop;
    if (stop === undefined || stop.over || stop.frames[frame] === undefined || (frame === 0 && stop.inCode)) return;
    if (this.#collected !== stop) {
      const { functions, entries } = this.#taken;
      const calls = stop.frames.slice(stop.inCode ? 1 : 0).map(({ offset }) => offset);
      this.#takeOver(functions, entries, calls);
      this.#collected = stop;
      this.#collecting = this.#succession?.arrived.catch(() => undefined);
    }
    await this.#collecting;
  }

  /** Does what was wanted while another worker was made ready. */
  #runOn(): void {
    const then = this.#then;
    this.#then = undefined;
    if (then === undefined) return;
    this.#mode = then;
    this.#post({ type: 'resume', mode: then });
  }

  #drop(): void {
    const succession = this.#succession;
    this.#succession = undefined;
    succession?.cancel();
  }

  #succeeded(succession: Succession, { worker, control, stop, standing }: Successor): void {
    if (this.#succession !== succession || this.#state === 'ended') {
      void worker.terminate();
      return;
    }
    this.#succession = undefined;
    void this.#worker.terminate();
    this.#worker = worker;
    this.#control = control;
    // the same stop, whatever worker it is in
    if (this.#collected === this.#stop) this.#collected = stop;
    this.#stop = stop;
    this.#standing = standing;
    if (this.#exactly) {
      this.#exactly = false;
      this.#tellStop(stop);
    } else if (this.#unresolved === 0) this.#runOn();
  }

  #died(reason: string): void {
    const message = `The debugger's worker for this plugin died: ${reason}. This is a fault of the debugger or a lack of memory, not the plugin's.`;
    this.#endWithout('fault', { kind: 'debugger', message });
  }

  #endByForce(message: string): void {
    this.#endWithout('terminated', { kind: 'terminated', message });
  }

  /** Ends the run without a word of its worker. */
  #endWithout(kind: 'fault' | 'terminated', fault: { readonly kind: string; readonly message: string }): void {
    if (this.#state === 'ended') return;
    let rpc = 0;
    let syscall = 0;
    for (let seq = 0; seq < this.store.length; seq++) {
      const kind = this.store.kind(seq);
      if (kind === 'rpc') rpc++;
      else if (kind === 'syscall') syscall++;
    }
    this.#end({
      kind,
      result: undefined,
      error: undefined,
      fault,
      exitCode: undefined,
      fuel: this.fuel(),
      events: { rpc, syscall },
      wallMs: this.#platform.monotonic() - this.#started,
    });
  }

  #end(found: WorkerOutcome): void {
    if (this.#state === 'ended') return;
    const outcome = withLog(found, this.store);
    this.#state = 'ended';
    this.#stop = undefined;
    this.#drop();
    for (const waiting of this.#queries.values()) waiting.reject(new Error('The call has ended.'));
    this.#queries.clear();
    this.#host?.close();
    void this.#worker.terminate();
    for (const listener of this.#listeners) listener.ended?.(outcome);
    this.#resolveEnded(outcome);
  }
}

/** The outcome with its log lines, read from the store only when somebody asks: there may be millions. */
function withLog(outcome: WorkerOutcome, store: EventStore): Outcome {
  let lines: string[] | undefined;
  return {
    ...outcome,
    get stderr() {
      if (lines === undefined) {
        lines = [];
        for (let seq = 0; seq < store.length; seq++) {
          const event = store.kind(seq) === 'stderr' ? store.get(seq) : undefined;
          if (event?.kind === 'stderr') lines.push(event.line);
        }
      }
      return lines;
    },
  };
}

/** Whether an expression is about what a frame has: a local or an operand. */
function asksForFrame(source: string): boolean {
  try {
    return usesOf(source).state.some((used) => used.startsWith('$') || used === 'local' || used === 'stack');
  } catch {
    return false; // the worker says what is wrong with it
  }
}
