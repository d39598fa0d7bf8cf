// One call under a session: follows its run, keeps transcript and console going in short turns, and tells the client of stops, events
// and the end. A restarted session has a new one. Contracts S5, S6, E2, P3.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { FuelState, Outcome, ResolvedBreakpoint, Stop } from '../executor/options.ts';
import type { SourcePlace } from '../source/module-source.ts';
import { type Children, jsonRow, lineRow, listed } from '../transcript/json-tree.ts';
import { inTurns, TURN_MS } from '../transcript/turns.ts';
import type { Client } from './client.ts';
import { CodeSources } from './code-sources.ts';
import { type ConsoleEntry, ConsoleFeed } from './console-feed.ts';
import type { LaunchPlan } from './launch.ts';
import { outcomeExitCode, outcomeText } from './outcome-text.ts';
import { Progress } from './progress.ts';
import { replayText } from './replay-text.ts';
import type { CallView, ReadRecording, SessionEngine, SessionRun, StartedRun } from './session-run.ts';
import { type ShownFrame, shownFrames } from './shown-frames.ts';
import { SourceFilesHere } from './source-files.ts';
import { isInCode } from './stack.ts';
import { StepInTargets } from './step-in-targets.ts';
import { stoppedBody } from './stopped.ts';
import { Transcript } from './transcript.ts';
import { TranscriptSources } from './transcript-sources.ts';
import { VariableStore } from './variable-store.ts';
import { waitsFor } from './waiting.ts';

/** At most 20 messages a second about what was appended. */
const TICK_MS = 50;
/** While there is more to lay out than a turn could do. */
const HASTE_MS = 10;
const FUEL_MS = 250;
/** Characters of log messages that go out at once. */
const LOG_CHARACTERS = 200_000;

/** What a call has to do with the breakpoints of its session. */
interface CallBreakpoints {
  resolved(found: readonly ResolvedBreakpoint[]): void;
  watched(rules: readonly string[]): string | undefined;
}

export class Call {
  readonly plan: LaunchPlan;
  readonly run: SessionRun;
  /** The recording that is run again. */
  readonly replays: ReadRecording | undefined;
  readonly transcript: Transcript;
  readonly sources: TranscriptSources;
  readonly code: CodeSources;
  readonly variables = new VariableStore();
  readonly stepTargets = new StepInTargets();
  /** The present stop is about the plugin's code (stack.ts). */
  #inCode = false;
  /** Its frames, innermost first. */
  #frames: readonly ShownFrame[] = [];
  readonly #files: SourceFilesHere;
  /** Stops so far. They are told apart by their number: a call that is rewritten while it stands has another `Stop` then. */
  #stops = 0;
  /** Fuel at the stop before the present one. */
  fuelBefore: number | undefined;
  /** What views of it have. */
  readonly view: CallView;
  readonly #client: Client;
  readonly #watched: CallBreakpoints['watched'];
  readonly #feed: ConsoleFeed;
  readonly #recorded: Promise<string | undefined>;
  readonly #leave: (() => void)[];
  readonly #said = new Set<string>();
  #logs: string[] = [];
  #logCharacters = 0;
  #lostLogs = 0;
  #told = 0;
  #toldFuel = '';
  #timer: NodeJS.Timeout | undefined;
  #gone = false;
  /** Stops and the end are shown one after the other, each when all before it is shown. */
  #shown: Promise<void> = Promise.resolve();

  /** @param breakpoints `resolved` is told what became of those in the code; `watched` says what those that were hit watch */
  constructor(
    plan: LaunchPlan,
    started: StartedRun,
    client: Client,
    engine: Pick<SessionEngine, 'now' | 'fileExists'>,
    breakpoints: CallBreakpoints,
  ) {
    const { run } = started;
    this.#watched = (rules) => breakpoints.watched(rules);
    const now = (): number => engine.now();
    this.#files = new SourceFilesHere(engine, run);
    this.plan = plan;
    this.run = run;
    this.replays = started.replays;
    this.#client = client;
    this.#recorded = started.recorded;
    const plugin = plan.plugin.replace(/^.*[\\/]/, '');
    this.transcript = new Transcript(run.store, { plugin, method: plan.method, params: plan.params }, now);
    this.view = {
      plan,
      run,
      store: run.store,
      transcript: this.transcript,
      get header() {
        return run.header;
      },
      module: () => run.module(),
    };
    this.sources = new TranscriptSources(this.transcript, plan.method, client);
    this.code = new CodeSources(run, plugin);
    this.#feed = new ConsoleFeed(run.store, plan.trace, (entry) => this.#print(entry), now);
    const progress = new Progress(client, `Loading ${plugin}`, 'Loading');
    let search: Progress | undefined;
    const endSearch = (): void => {
      search?.end();
      search = undefined;
    };
    const fuelTimer = setInterval(() => this.#tellFuel(run.fuel()), FUEL_MS);
    fuelTimer.unref(); // nobody's process stays for this
    this.#leave = [
      run.store.onAppend(() => this.#schedule(TICK_MS)),
      run.on({
        progress: (phase, fraction) => progress.update(phase, fraction),
        loaded: () => progress.end(),
        stopped: (stop) => {
          progress.end();
          this.#inCode = stop.inCode;
          this.#frames = [];
          const number = ++this.#stops;
          this.#next(() => this.#showStop(stop, () => this.#stops === number && run.state === 'stopped'));
        },
        search: (state) => {
          if (state === undefined) {
            endSearch();
            return;
          }
          search ??= new Progress(client, 'Finding what the plugin had where it trapped', state.phase);
          search.update(state.phase, state.fraction);
        },
        log: (text) => this.#log(text),
        problem: (sentence) => this.report(sentence),
        notice: (sentence) => this.#output('stdout', sentence),
        breakpoints: (found) => {
          breakpoints.resolved(found);
          // a breakpoint's own message stands only where somebody points at it
          if (found.some(({ places, message }) => places.length === 0 && message === run.whyNoSource))
            this.#sayNoSource();
        },
        ended: (outcome) => {
          progress.end();
          this.#next(() => this.#showEnd(outcome));
        },
      }),
      () => clearInterval(fuelTimer),
      () => clearTimeout(this.#timer),
      () => progress.end(),
      endSearch,
    ];
  }

  /** Nothing is told any more; the run itself goes on until it is terminated. */
  leave(): void {
    this.#gone = true;
    for (const leave of this.#leave) leave();
  }

  /** Ends the run, and everything that is told of it. */
  async end(): Promise<void> {
    this.leave();
    await this.run.terminate();
    await this.#recorded;
  }

  /** The call is about to run on. */
  resuming(stop: Stop): void {
    this.fuelBefore = stop.fuel.consumed;
    this.variables.forgetStop();
    this.stepTargets.forget();
  }

  /** Whether the call stands in the plugin's code, so that this is what is shown and stepped. */
  get standsInCode(): boolean {
    return this.#inCode;
  }

  /** The guest's frames at the present stop, innermost first. */
  get frames(): readonly ShownFrame[] {
    return this.#frames;
  }

  /** The author's own source is on the stack of the present stop. */
  get hasOwnSource(): boolean {
    return this.#frames.some(({ source }) => source?.place?.own === true);
  }

  /** The file of a place in the source, for a client; undefined where it is not here. */
  sourceFile(place: SourcePlace): Promise<DebugProtocol.Source | undefined> {
    return this.#files.source(place);
  }

  /** Why that file is not here, in a sentence. */
  whyNoFile(place: SourcePlace): string {
    return this.#files.whyMissing(place);
  }

  /** A sentence that is not about an event: of the host command, of the recording. */
  report(sentence: string): void {
    this.#output('console', sentence);
  }

  #next(show: () => Promise<void>): void {
    this.#shown = this.#shown.then(() => (this.#gone ? undefined : show()));
  }

  #schedule(ms: number): void {
    if (this.#gone) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tick();
    }, ms);
  }

  #tick(): void {
    this.#tellAppended();
    const laid = this.transcript.advance(TURN_MS);
    const fed = this.#feed.advance(TURN_MS);
    if (fed) this.#printLogs();
    if (!laid || !fed) this.#schedule(HASTE_MS);
    this.sources.tellGrowth();
  }

  #tellAppended(): void {
    const { length } = this.run.store;
    if (length === this.#told) return;
    this.#client.event('plugin/eventsAppended', { from: this.#told, to: length });
    this.#told = length;
    this.#tellFuel(this.run.fuel());
  }

  /** `moment`: instructions passed, known where the call is stopped. */
  #tellFuel(fuel: FuelState, moment?: number): void {
    const key = `${fuel.consumed} ${moment ?? ''}`;
    if (key === this.#toldFuel || (moment === undefined && key === `${this.#toldFuel.split(' ')[0]} `)) return;
    this.#toldFuel = key;
    this.#client.event('plugin/fuel', moment === undefined ? fuel : { ...fuel, moment });
  }

  /** Brings everything that is shown up to the last event. */
  async #catchUp(): Promise<void> {
    await inTurns((budget) => this.transcript.advance(budget));
    await inTurns((budget) => this.#feed.advance(budget));
    if (this.#gone) return;
    this.#feed.settle();
    this.#printLogs();
    this.#tellAppended();
  }

  /** @param isPresent the call has not run on since */
  async #showStop(stop: Stop, isPresent: () => boolean): Promise<void> {
    await this.#catchUp();
    if (this.#gone || !isPresent()) return;
    this.#tellFuel(stop.fuel, stop.moment);
    if (stop.diagnosis !== undefined) this.#said.add(stop.diagnosis.diagnosis);
    // An editor that shows the transcript needs the new lines before it is told on which of them the call stands.
    await this.sources.refresh(this.transcript.placeOf(stop.seq).part);
    if (this.#gone || !isPresent()) return;
    const frames = await shownFrames(this.run, stop);
    const inCode = await isInCode(this.run, stop, frames);
    const ownCode = frames.some(({ source }) => source?.place?.own === true);
    const waits = await waitsFor(this.run, stop, ownCode);
    if (this.#gone || !isPresent()) return;
    this.#frames = frames;
    this.#inCode = inCode;
    if (inCode) this.#sayNoSource();
    const kind = stop.seq < 0 ? undefined : this.run.store.kind(stop.seq);
    this.#client.event('stopped', stoppedBody(stop, kind, frames[0], { waits, watched: this.#watched(stop.rules) }));
  }

  #saidNoSource = false;
  /** Who is shown functions in place of lines, or asks to stop at lines that are not known, is told why, once. */
  #sayNoSource(): void {
    const { whyNoSource } = this.run;
    if (whyNoSource === undefined || this.#saidNoSource) return;
    this.#saidNoSource = true;
    this.#output('stdout', whyNoSource);
  }

  async #showEnd(outcome: Outcome): Promise<void> {
    await this.#catchUp();
    const unwritten = await this.#recorded;
    if (this.#gone) return;
    const { replays, run, plan } = this;
    const replayed = replays === undefined ? undefined : replayText(plan.recording ?? '', replays, run, outcome);
    const { text, category, json, summary } = outcomeText(plan.method, outcome, this.#said);
    // a replay that was not to its end says nothing of the plugin's
    if (replayed?.ended !== false) {
      this.#output(category, text, json === undefined ? undefined : listed([jsonRow('result', json)]));
      this.#output('stdout', summary);
    }
    if (replayed !== undefined) this.#output(replayed.failed ? 'important' : 'stdout', replayed.text);
    if (unwritten !== undefined) this.#output('important', unwritten);
    else if (this.plan.record !== undefined) this.#output('stdout', `Recorded in ${this.plan.record}`);
    this.#tellFuel(outcome.fuel);
    this.sources.tellGrowth(true);
    this.leave();
    this.#client.event('exited', { exitCode: outcomeExitCode(outcome) });
    this.#client.event('terminated');
  }

  #print(entry: ConsoleEntry): void {
    const { seq } = entry;
    // Editors ask for the children of an entry at once, and show the only one in its place: so nothing is made yet but one row.
    const row: Children = {
      rows: () => {
        const event = this.run.store.get(seq ?? 0);
        return event.kind === 'rpc' ? [{ ...lineRow('message', event), value: entry.text }] : [];
      },
    };
    this.#output(entry.category, entry.text, seq === undefined ? undefined : row);
  }

  /** Editors show `console` as a warning: it is for what is wrong. */
  #output(category: ConsoleEntry['category'] | 'important', text: string, children?: Children): void {
    const reference = children === undefined ? 0 : this.variables.add(children, 'session');
    this.#client.event('output', {
      category,
      output: `${text}\n`,
      ...(reference === 0 ? {} : { variablesReference: reference }),
    });
  }

  #log(text: string): void {
    this.#schedule(TICK_MS);
    if (this.#logCharacters > LOG_CHARACTERS) this.#lostLogs++;
    else this.#logs.push(text.slice(0, LOG_CHARACTERS));
    this.#logCharacters += text.length + 1;
  }

  #printLogs(): void {
    if (this.#logs.length === 0) return;
    const text = this.#logs.join('\n');
    const lost = this.#lostLogs;
    this.#logs = [];
    this.#logCharacters = 0;
    this.#lostLogs = 0;
    this.#output('stdout', lost === 0 ? text : `${text}\n… ${lost} log messages more came too fast to be shown`);
  }
}
