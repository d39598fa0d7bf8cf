// The calls that the panel can show: those of the sessions, live and for a while after their end, and those read from recordings. Keeps
// events and rows of each, and where it came from; knows nothing of VS Code or of how a session works. Contracts P3, E1.
import type { Outcome, Stop } from '../../debug-adapter/executor/options.ts';
import type { RecordingHeader } from '../../debug-adapter/recording/event.ts';
import type { EventStore } from '../../debug-adapter/recording/event-store.ts';
import type { LaunchPlan } from '../../debug-adapter/session/launch.ts';
import type { SessionRun } from '../../debug-adapter/session/session-run.ts';
import type { RowTable } from '../../debug-adapter/transcript/row-table.ts';
import { visible } from '../../debug-adapter/transcript/transcript-line.ts';
import type { CallView, Door } from './protocol.ts';
import type { CallList, ShownCall } from './shownCall.ts';

/** Calls that are kept, */
const MOST_CALLS = 20;
/** and bytes of their events, rows and plugins together. What runs, and what is shown, stays in any case. */
const MOST_BYTES = 256 * 1024 * 1024;
/** Bytes of a row's columns. */
const ROW_BYTES = 44;
const TITLE = 80;

/** What the panel needs of a run that goes on. */
export interface LiveRun {
  readonly store: EventStore;
  readonly header: RecordingHeader | undefined;
  readonly state: 'loading' | 'running' | 'stopped' | 'ended';
  readonly stop: Stop | undefined;
  /** The frames of source at a stop. */
  sourceFrames?: SessionRun['sourceFrames'];
  on(listener: {
    readonly loaded?: (header: RecordingHeader) => void;
    readonly stopped?: (stop: Stop) => void;
    readonly resumed?: () => void;
    readonly ended?: (outcome: Outcome) => void;
  }): () => void;
}

/** A call that a session has started. */
export interface StartedCall {
  readonly run: LiveRun;
  readonly plan: LaunchPlan;
  /** As the session's own transcript lays them out. */
  readonly rows: RowTable;
  /** Bytes of its plugin, once it is loaded. */
  module(): Uint8Array<ArrayBuffer> | undefined;
}

/** Where a call came from, and so where it can be found again. */
export type Origin =
  | {
      readonly kind: 'session';
      /** VS Code's number of the session. */
      readonly session: string;
      /** What the session was started with, all of it filled in. */
      readonly configuration: Readonly<Record<string, unknown>>;
      /** URI of the workspace folder. */
      readonly folder: string | undefined;
    }
  | { readonly kind: 'recording'; readonly file: string };

/** A recording that was read. */
export interface ReadRecording {
  readonly header: RecordingHeader;
  readonly store: EventStore;
  readonly rows: RowTable;
  /** A sentence about what was lost. */
  readonly note: string | undefined;
}

/** Doors that need nothing but the events. */
const READING: readonly Door[] = [
  'stopOnLike',
  'copyJson',
  'copyMarkdown',
  'openMessage',
  'comparePrevious',
  'selectForCompare',
  'compareSelected',
  'saveRecording',
];
/** And those that need the plugin, or what the call was started with. */
const RUNNING: readonly Door[] = ['runToHere', 'changeReply', 'sendAgain', 'copyCommand', 'revealFunction'];

function titleOf(method: string, params: string): string {
  const text = params === 'null' ? method : `${method} ${params}`;
  return visible(text.length > TITLE ? `${text.slice(0, TITLE).replace(/[\ud800-\udbff]$/, '')}…` : text);
}

const baseName = (file: string): string => file.replace(/^.*[\\/]/, '');

/** One call. Its events stay when its run is over and forgotten. */
export class KeptCall implements ShownCall {
  readonly id: number;
  readonly title: string;
  readonly method: string;
  /** JSON text. */
  readonly params: string;
  readonly plugin: string;
  /** Path of the module, as far as it is known. */
  readonly pluginPath: string | undefined;
  readonly started: number;
  readonly store: EventStore;
  readonly rows: RowTable;
  readonly origin: Origin;
  /** Of a call that a session has started. */
  readonly plan: LaunchPlan | undefined;
  readonly doors: readonly Door[];
  #header: RecordingHeader | undefined;
  /** Of its own run. */
  #own: CallView['state'];
  #run: LiveRun | undefined;
  #replay: { readonly run: LiveRun; readonly leave: () => void } | undefined;
  #outcome: string | undefined;
  #note: string | undefined;
  #module: (() => Uint8Array<ArrayBuffer> | undefined) | undefined;
  /** How the call ended, for texts about it. */
  ending: Outcome | undefined;
  readonly #listeners = new Set<() => void>();

  private constructor(
    id: number,
    origin: Origin,
    started: number,
    about: { readonly method: string; readonly params: string; readonly path: string | undefined },
    events: { readonly store: EventStore; readonly rows: RowTable },
    plan: LaunchPlan | undefined,
    header: RecordingHeader | undefined,
  ) {
    this.id = id;
    this.origin = origin;
    this.started = started;
    this.method = about.method;
    this.params = about.params;
    this.title = titleOf(about.method, about.params);
    this.pluginPath = about.path;
    this.plugin = about.path === undefined ? '' : baseName(about.path);
    this.store = events.store;
    this.rows = events.rows;
    this.plan = plan;
    this.#header = header;
    this.#own = plan === undefined ? 'recording' : 'loading';
    this.doors = about.path === undefined ? READING : [...RUNNING, ...READING];
  }

  /** A call of a session. Follows its run to the end. */
  static live(id: number, started: StartedCall, origin: Origin, now: number): KeptCall {
    const { run, plan, rows } = started;
    const about = { method: plan.method, params: plan.params, path: plan.plugin };
    const call = new KeptCall(id, origin, now, about, { store: run.store, rows }, plan, run.header);
    call.#own = run.state;
    call.#module = () => started.module();
    call.#follow(run);
    return call;
  }

  /** A call that was recorded. `module`: where its plugin is; undefined where that is not known. */
  static recorded(id: number, file: string, recording: ReadRecording, module: string | undefined): KeptCall {
    const { header, note } = recording;
    const about = { method: header.call.method, params: header.call.params, path: module };
    const started = Date.parse(header.created);
    const call = new KeptCall(
      id,
      { kind: 'recording', file },
      Number.isFinite(started) ? started : 0,
      about,
      recording,
      undefined,
      header,
    );
    call.#note = note;
    call.#outcome = lastWord(recording.rows);
    return call;
  }

  get header(): RecordingHeader | undefined {
    return this.#header;
  }
  get state(): CallView['state'] {
    return this.#replay?.run.state ?? this.#own;
  }
  get outcome(): string | undefined {
    return this.#outcome;
  }
  get note(): string | undefined {
    return this.#note;
  }
  get present(): number | undefined {
    const stop = (this.#replay?.run ?? this.#run)?.stop;
    return stop === undefined || stop.seq < 0 ? undefined : Math.min(stop.seq, this.store.length - 1);
  }
  /** The guest's frames where the call, or a replay of it, stands right now. */
  get standing(): Stop | undefined {
    return (this.#replay?.run ?? this.#run)?.stop;
  }
  /** The run that stands there. */
  get standingRun(): Pick<SessionRun, 'sourceFrames'> | undefined {
    const run = this.#replay?.run ?? this.#run;
    return run?.sourceFrames === undefined
      ? undefined
      : { sourceFrames: () => run.sourceFrames?.() ?? Promise.resolve([]) };
  }
  canChangeReply(row: number): boolean {
    const stop = this.#replay === undefined ? this.#run?.stop : undefined;
    if (stop === undefined || stop.over || row >= this.rows.length) return false;
    const asks = this.rows.kind(row) === 'request';
    if (asks && this.rows.dir(row) !== 'out') return false;
    const reply = asks ? this.rows.pair(row) : row;
    // a request without a reply gets one yet
    return reply < 0 || (stop.unread?.includes(this.rows.event(reply)) ?? false);
  }
  /** A run of it goes on, its own or a replay. */
  get isLive(): boolean {
    return this.#run !== undefined || this.#replay !== undefined;
  }
  /** Bytes of its plugin, where they are held: not to be changed. Several calls may have the same. */
  get module(): Uint8Array<ArrayBuffer> | undefined {
    return this.#module?.();
  }
  /** Bytes of its events and rows. */
  get bytes(): number {
    return this.store.bytes + this.rows.length * ROW_BYTES;
  }

  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Follows the call's own run to its end. */
  #follow(run: LiveRun): void {
    const set = (state: CallView['state']): void => {
      this.#own = state;
      this.#changed();
    };
    const leave = run.on({
      loaded: (header) => {
        this.#header = header;
        set('running');
      },
      stopped: () => set('stopped'),
      resumed: () => set('running'),
      ended: (outcome) => {
        this.#end(run, outcome);
        leave();
        set('ended');
      },
    });
    this.#run = run;
  }

  /** Nothing holds on to the run from now on. */
  #end(run: LiveRun, outcome: Outcome): void {
    this.ending = outcome;
    this.#outcome = outcome.kind;
    this.#header ??= run.header;
    this.#run = undefined;
    const module = this.#module?.();
    this.#module = () => module;
  }

  /**
   * Shows where a replay of the call stands until it ends: its events are the same, and not shown a second time. `strange` is told once when
   * they are not: somebody has changed something at a stop.
   */
  attach(run: LiveRun, strange: () => void): void {
    this.#replay?.leave();
    const replay = {
      run,
      leave: (): void => {
        stop();
        if (this.#replay === replay) this.#replay = undefined;
        this.#changed();
      },
    };
    const stop = run.on({
      loaded: () => this.#changed(),
      stopped: ({ seq }) => {
        if (seq < 0 || (seq < this.store.length && this.store.kind(seq) === run.store.kind(seq))) this.#changed();
        else {
          replay.leave();
          strange();
        }
      },
      resumed: () => this.#changed(),
      ended: () => replay.leave(),
    });
    this.#replay = replay;
    this.#changed();
  }
}

/** How a recorded call ended, as far as its last event says. */
function lastWord(rows: RowTable): string | undefined {
  const { store } = rows;
  if (store.length === 0 || store.kind(store.length - 1) !== 'exit') return 'cut short';
  const exit = store.get(store.length - 1);
  if (exit.kind !== 'exit') return undefined;
  if (exit.reason === 'trap' || exit.reason === 'unusable' || exit.reason === 'ours') return 'fault';
  return exit.reason === 'returned' || exit.reason === 'exit' ? undefined : exit.reason;
}

/** All of them, the latest last. */
export class Calls implements CallList {
  readonly #wallClock: () => number;
  readonly #most: { readonly calls: number; readonly bytes: number };
  readonly #listeners = new Set<() => void>();
  #calls: KeptCall[] = [];
  #next = 1;
  /** Whether the panel shows a call, which then stays. */
  isShown: (call: KeptCall) => boolean = () => false;

  /** `wallClock` gives ms since 1970. */
  constructor(wallClock: () => number, most = { calls: MOST_CALLS, bytes: MOST_BYTES }) {
    this.#wallClock = wallClock;
    this.#most = most;
  }

  get calls(): readonly KeptCall[] {
    return this.#calls;
  }

  get(id: number): KeptCall | undefined {
    return this.#calls.find((call) => call.id === id);
  }

  /** The call that was opened from a file. */
  ofFile(file: string | undefined): KeptCall | undefined {
    return this.#calls.find(({ origin }) => origin.kind === 'recording' && origin.file === file);
  }

  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A session has started a call. */
  started(started: StartedCall, origin: Origin): KeptCall {
    return this.#add(KeptCall.live(this.#next++, started, origin, this.#wallClock()));
  }

  /** A session has started a replay of a call that is kept. @returns the call that shows it */
  replayed(id: number, started: StartedCall, origin: Origin): KeptCall {
    const call = this.get(id);
    if (call === undefined) return this.started(started, origin);
    call.attach(started.run, () => this.started(started, origin));
    return call;
  }

  /** A recording was opened. One file is one call: opened again, it takes the place of what it was. */
  opened(file: string, recording: ReadRecording, module: string | undefined): KeptCall {
    this.#calls = this.#calls.filter(({ origin }) => !(origin.kind === 'recording' && origin.file === file));
    return this.#add(KeptCall.recorded(this.#next++, file, recording, module));
  }

  #add(call: KeptCall): KeptCall {
    this.#calls.push(call);
    call.onDidChange(() => this.#trim());
    for (const listener of this.#listeners) listener();
    this.#trim();
    return call;
  }

  /** Lets go of the oldest ones past the bounds. What was just added stays too. */
  #trim(): void {
    const before = this.#calls.length;
    const last = this.#calls.at(-1);
    while (this.#calls.length > this.#most.calls || bytesOf(this.#calls) > this.#most.bytes) {
      const oldest = this.#calls.find((call) => !(call.isLive || call === last || this.isShown(call)));
      if (oldest === undefined) break;
      this.#calls = this.#calls.filter((call) => call !== oldest);
    }
    if (this.#calls.length === before) return;
    for (const listener of this.#listeners) listener();
  }
}

function bytesOf(calls: readonly KeptCall[]): number {
  const modules = new Set(calls.map(({ module }) => module));
  let bytes = 0;
  for (const module of modules) bytes += module?.length ?? 0;
  for (const call of calls) bytes += call.bytes;
  return bytes;
}
