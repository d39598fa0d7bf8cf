// One run of a plugin, live or replayed, as the driving side sees it: the terminal, the DAP session, tests. Starts the worker, keeps the
// event store, passes on pause, resume and terminate. Never waits for the guest. Contracts E1, E2, E4, P3.
import type { MockSources } from '../mocks/mock-set.ts';
import type { RecordingHeader } from '../recording/event.ts';
import { EventStore } from '../recording/event-store.ts';
import type { RustCompiler } from '../source/compiler.ts';
import { ALL_MINE } from '../source/files.ts';
import type { AskedSources } from '../source/source-search.ts';
import { Control, REQUEST } from './control.ts';
import { handReply } from './hand-reply.ts';
import type { HostProcess } from './host-process.ts';
import { locateSources } from './locate-sources.ts';
import type { Answer, ChangedReply, FromWorker, HandReply, HostReply, Query, WorkerStart } from './messages.ts';
import { answerOfCache } from './module-requests.ts';
import type { CodeBreakpoint, FuelState, Outcome, Resume, RunOptions, Stop, StopRule } from './options.ts';
import type { WorkerOutcome } from './outcome.ts';
import type { Platform, WorkerEvents, WorkerHandle } from './platform.ts';
import { callPlugin } from './plugin-call.ts';
import { InspectableRun } from './run-inspection.ts';
import type { RunListener } from './run-listener.ts';
import { RunQueries } from './run-queries.ts';
import { outcomeWithout, withLog } from './stored-outcome.ts';
import { TakeOver, type TakeOverContext } from './take-over.ts';
import { AtTrap, type Trapped } from './trap-witness.ts';

export type { RunListener };

type PluginRequest = Extract<FromWorker, { type: 'pluginRequest' }>;

/** Past this, a worker that does not answer to terminate is ended by force. */
const FORCE_AFTER_MS = 2000;

export class Run extends InspectableRun {
  readonly store = new EventStore();
  readonly ended: Promise<Outcome>;
  readonly #platform: Platform;
  #control = new Control();
  #worker: WorkerHandle;
  /** Stands for the worker that runs the call. */
  #present: object = {};
  readonly #host: HostProcess | undefined;
  readonly #listeners = new Set<RunListener>();
  readonly #queries = new RunQueries((token, query) => this.#post({ type: 'query', token, query }));
  readonly #takeOver: TakeOver;
  /** Knows what the frames had, where the run stands at a trap. */
  readonly #atTrap: AtTrap;
  #resolveEnded: (outcome: Outcome) => void = () => {};
  #state: 'loading' | 'running' | 'stopped' | 'ended' = 'loading';
  #stop: Stop | undefined;
  #header: RecordingHeader | undefined;
  #moments: Float64Array | undefined;
  #module: Uint8Array<ArrayBuffer> | undefined;
  #compiler: RustCompiler | undefined;
  #whyNoSource: string | undefined;
  #loaded = false;
  /** Ends the search for the files of the source, with the run. */
  readonly #search = new AbortController();
  #divergence: { seq: number; message: string } | undefined;
  readonly #started: number;
  /** The request that the host was asked last: another worker that takes over asks for the same again. It reads the next when that is answered. */
  #asked: { readonly token: number; readonly reply: Promise<HostReply> } | undefined;

  /** The plugin that a mock asked last. */
  #called: Run | undefined;
  /** What the call was started with, but for the module's bytes. */
  readonly #options: Omit<RunOptions, 'plugin'>;

  private constructor(platform: Platform, start: Omit<WorkerStart, 'control'>, host: HostProcess | undefined) {
    super();
    this.#platform = platform;
    this.#host = host;
    this.#started = platform.monotonic();
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    const { options } = start;
    this.#options = options;
    const { bytes } = options.plugin;
    if (options.keepModule ?? options.debug) this.#module = bytes.slice();
    const kept = options.debug ? options : undefined;
    this.#atTrap = new AtTrap(platform, () => this.#trapped(start.replay), {
      search: (state) => this.#tell((listener) => listener.search?.(state)),
      problem: (sentence) => this.#tell((listener) => listener.problem?.(sentence)),
    });
    this.#takeOver = new TakeOver(this.#takeOverContext(), kept, start.replay);
    const own = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
    const events = this.#eventsOfPresent();
    this.#worker = platform.startWorker({ ...start, control: this.#control.buffer }, own ? [bytes.buffer] : [], events);
  }

  #takeOverContext(): TakeOverContext {
    const run = this;
    return {
      platform: run.#platform,
      store: run.store,
      get header() {
        return run.#header;
      },
      get state() {
        return run.#state;
      },
      get stop() {
        return run.#stop;
      },
      set stop(stop) {
        run.#stop = stop;
      },
      get module() {
        return run.#module;
      },
      get idle() {
        return run.#queries.idle;
      },
      post: (message) => run.#post(message),
      request: (bits) => run.#control.request(bits),
      tell: (stop) => run.#tell((listener) => listener.stopped?.(stop)),
      problem: (sentence) => run.#tell((listener) => listener.problem?.(sentence)),
      adopt(successor, first) {
        void run.#worker.terminate();
        run.#worker = successor.worker;
        run.#control = successor.control;
        for (const message of first) run.#post(message);
        successor.adopt(run.#eventsOfPresent());
      },
    };
  }

  /** What a worker says counts as long as it runs the call, which it does from now on: one that is ended may have said things before it knew. */
  #eventsOfPresent(): WorkerEvents {
    const present = {};
    this.#present = present;
    return {
      message: (message) => {
        if (this.#present === present) this.#receive(message);
      },
      died: (reason) => {
        if (this.#present === present) this.#died(reason);
      },
    };
  }

  #tell(tell: (listener: RunListener) => void): void {
    for (const listener of this.#listeners) tell(listener);
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
  override get stop(): Stop | undefined {
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

  /**
   * The module's bytes, once it is loaded, where they are kept (`debug`, `keepModule`); not to be changed or transferred, since calls of the same
   * module share them.
   */
  module(): Uint8Array<ArrayBuffer> | undefined {
    return this.#loaded ? this.#module : undefined;
  }

  /** The rustc that the plugin was built by, where it says so and has debug information. */
  get compiler(): RustCompiler | undefined {
    return this.#compiler;
  }

  /** Why the plugin's lines are not known, in a sentence; undefined: they are, or nobody debugs. */
  get whyNoSource(): string | undefined {
    return this.#whyNoSource;
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
    if (this.#state !== 'ended') this.#takeOver.pause();
  }

  /** Runs on. Where a step needs sites that the module has not, it is rewritten first, and the call taken to where it stands. */
  resume(mode: Resume): void {
    this.#takeOver.resume(mode);
  }

  setRules(rules: readonly StopRule[]): void {
    this.#takeOver.setRules(rules);
  }

  /** Sets the breakpoints in the guest's code, all anew; `breakpoints` of the listeners says what became of them. Takes effect at once. */
  setBreakpoints(breakpoints: readonly CodeBreakpoint[]): void {
    if (this.#state !== 'ended') this.#takeOver.setBreakpoints(breakpoints);
  }

  /**
   * The mock file has changed: its rules count from the next call of a host method on. Counts, and the state of the scenario, stay. A file with
   * an error changes nothing, and `problem` of the listeners says so.
   */
  setMocks(mocks: MockSources): void {
    if (this.#state !== 'ended') this.#takeOver.setMocks(mocks);
  }

  /**
   * Answers the host call that waits (`Stop.ask`), which may be done at a stop or later; nothing happens where call `id` does not wait. The
   * call goes on when it is resumed. @throws Error with a sentence for a result that is not JSON
   */
  answer(id: string, reply: HandReply): void {
    if (this.#state === 'ended') return;
    this.#takeOver.answer(id, handReply(reply));
  }

  /**
   * At a stop: the reply to host call `id` is to be another one, as long as the plugin has read nothing of it (`Stop.unread`), or as it has not
   * left at all. A reply that never comes is taken out of stdin, and those behind it too, which production would not have sent either.
   * @returns the number of the event that says so; -1 where the reply had not left. Rejects with a sentence where it can't be changed
   */
  async changeReply(id: string, reply: HandReply): Promise<number> {
    const wanted = handReply(reply);
    const { seq, unread } = (await this.query({ what: 'changeReply', id, reply: wanted })) as ChangedReply;
    if (this.#stop !== undefined) this.#stop = { ...this.#stop, unread };
    if (seq < 0) this.#takeOver.changed(id, wanted);
    return seq;
  }

  #post(message: Parameters<WorkerHandle['post']>[0]): void {
    if (this.#state === 'ended') return;
    this.#worker.post(message);
    this.#control.request(REQUEST.messages);
  }

  /** Ends the guest, even in an endless loop; resolves when the run has ended. */
  async terminate(): Promise<void> {
    if (this.#state === 'ended') return;
    this.#takeOver.terminate();
    this.#atTrap.end();
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

  /** Locals and operands of a frame are found by doing the call again, where the guest does not hand them over as it stands. */
  protected override async collect(frame: number, patience?: number): Promise<boolean> {
    if (this.#stop?.trap !== undefined) return this.#atTrap.collect(frame, patience);
    await this.#takeOver.collect(frame);
    return true;
  }

  protected override query(query: Query): Promise<Answer> {
    if (!this.#takeOver.stands) return Promise.reject(new Error('The call is running: pause it to look into it.'));
    return (this.#stop?.trap === undefined ? undefined : this.#atTrap.ask(query)) ?? this.#queries.ask(query);
  }

  #receive(message: FromWorker): void {
    if (this.#state === 'ended') return;
    switch (message.type) {
      case 'events': {
        this.#control.batchTaken();
        const known = this.store.length;
        this.store.append(message.records);
        if (this.#state === 'stopped') this.#takeOver.edited(known);
        break;
      }
      case 'progress':
        this.#tell((listener) => listener.progress?.(message.phase, message.fraction));
        break;
      case 'loaded':
        this.#header = message.header;
        this.#whyNoSource = message.whyNoSource;
        this.#loaded = true;
        if (this.#module !== undefined) this.#module = this.#platform.modules.share(message.sha256, this.#module);
        this.#state = 'running';
        this.#tell((listener) => listener.loaded?.(message.header));
        break;
      case 'stopped':
        this.#state = 'stopped';
        this.#atTrap.standing = message.standing;
        this.#takeOver.stopped(message.stop, message.standing);
        break;
      case 'resumed':
        this.#state = 'running';
        this.#stop = undefined;
        this.#atTrap.end();
        this.#takeOver.resumed();
        this.#tell((listener) => listener.resumed?.());
        break;
      case 'log':
        this.#tell((listener) => listener.log?.(message.text, message.seq));
        break;
      case 'breakpoints':
        this.#tell((listener) => listener.breakpoints?.(message.resolved));
        this.#takeOver.resolved(message.asked, message.missing);
        break;
      case 'answer':
        this.#queries.answered(message.token, message.answer);
        this.#takeOver.settle();
        break;
      case 'refused':
        this.#queries.refused(message.token, message.message);
        this.#takeOver.settle();
        break;
      case 'hostRequest':
        this.#askHost(message.token, message.method, message.params);
        break;
      case 'pluginRequest':
        this.#askPlugin(message);
        break;
      case 'mocksTaken':
        this.#takeOver.mocksTaken(message.after);
        break;
      case 'moments':
        this.#moments = message.moments;
        break;
      case 'sources':
        void this.#locate(message.asked);
        break;
      case 'wants':
      case 'made':
      case 'wantsLines':
      case 'linesRead': {
        const answer = answerOfCache(this.#platform.modules, message);
        if (answer !== undefined) this.#post(answer);
        break;
      }
      case 'problem':
        this.#tell((listener) => listener.problem?.(message.message));
        break;
      case 'diverged':
        this.#divergence = { seq: message.seq, message: message.message };
        break;
      case 'ended':
        this.#end(message.outcome);
        break;
    }
  }

  /** Where the files of the source are: looked for once, and whoever takes over knows it. The worker waits, so there is an answer in any case. */
  async #locate(asked: AskedSources): Promise<void> {
    const choices = this.#options.source ?? ALL_MINE;
    this.#compiler = asked.compiler;
    const { found, notices } = await locateSources(asked, choices, this.#platform, this.#search.signal);
    this.#takeOver.setSource({ ...choices, found });
    this.#post({ type: 'sourcesFound', found });
    for (const sentence of notices) this.#tell((listener) => listener.notice?.(sentence));
  }

  /** What it takes to come once more to the trap at which the run stands; undefined where that can't be done. */
  #trapped(replay: WorkerStart['replay']): Omit<Trapped, 'standing'> | undefined {
    const [header, module, stop] = [this.#header, this.#module, this.#stop];
    const { options } = this.#takeOver;
    if (header === undefined || module === undefined || stop === undefined || options === undefined) return undefined;
    const plugin = { ...options.plugin, bytes: module.slice() };
    return { stop, options: { ...options, plugin }, recording: replay ?? { header, records: this.store.records() } };
  }

  #askHost(token: number, method: string, params: string): void {
    if (this.#host === undefined) return;
    if (this.#asked?.token !== token) this.#asked = { token, reply: this.#host.ask(method, params) };
    void this.#asked.reply.then((reply) => this.#post({ type: 'hostReply', token, reply }));
  }

  /** A mock says that another plugin answers: it is called beside this one, without a debugger. */
  #askPlugin({ token, plugin, method, params }: PluginRequest): void {
    if (this.#asked?.token !== token) {
      const start = (options: RunOptions): Run => {
        const run = Run.start(this.#platform, options);
        this.#called = run;
        return run;
      };
      this.#asked = { token, reply: callPlugin(this.#platform, this.#options, { plugin, method, params }, start) };
    }
    void this.#asked.reply.then((reply) => this.#post({ type: 'hostReply', token, reply }));
  }

  #died(reason: string): void {
    const message = `The debugger's worker for this plugin died: ${reason}. This is a fault of the debugger or a lack of memory, not the plugin's.`;
    this.#endWithout('fault', { kind: 'debugger', message });
  }

  #endByForce(message: string): void {
    this.#endWithout('terminated', { kind: 'terminated', message });
  }

  #endWithout(kind: 'fault' | 'terminated', fault: { readonly kind: string; readonly message: string }): void {
    if (this.#state === 'ended') return;
    this.#end(outcomeWithout(kind, fault, this.store, this.fuel(), this.#platform.monotonic() - this.#started));
  }

  #end(found: WorkerOutcome): void {
    if (this.#state === 'ended') return;
    const outcome = withLog(found, this.store);
    this.#state = 'ended';
    this.#stop = undefined;
    this.#search.abort();
    this.#takeOver.drop();
    this.#atTrap.end();
    this.#queries.end('The call has ended.');
    this.#host?.close();
    void this.#called?.terminate();
    void this.#worker.terminate();
    this.#tell((listener) => listener.ended?.(outcome));
    this.#resolveEnded(outcome);
  }
}
