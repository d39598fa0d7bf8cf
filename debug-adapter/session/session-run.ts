// What a session needs of the engine, as narrow as it can be: so that session code is tested with runs that are filled by hand. engine.ts
// gives the real one. Contract P3: views in this process read a SessionView.
import type { RunOptions } from '../executor/options.ts';
import type { Run } from '../executor/run.ts';
import type { RecordingHeader } from '../recording/event.ts';
import type { EventStore } from '../recording/event-store.ts';
import type { LaunchPlan } from './launch.ts';
import type { Transcript } from './transcript.ts';

/** The part of a Run that a session uses. */
export type SessionRun = Pick<
  Run,
  | 'store'
  | 'header'
  | 'state'
  | 'stop'
  | 'ended'
  | 'fuel'
  | 'on'
  | 'pause'
  | 'resume'
  | 'setRules'
  | 'setMocks'
  | 'answer'
  | 'changeReply'
  | 'terminate'
  | 'readMemory'
  | 'memorySize'
  | 'globals'
  | 'openRequests'
  | 'describeSyscall'
  | 'setBreakpoints'
  | 'frameValues'
  | 'trap'
  | 'evaluate'
  | 'assign'
  | 'rowsBelow'
  | 'completions'
  | 'visible'
  | 'writeMemory'
  | 'disassemble'
  | 'functions'
  | 'sourceFrames'
  | 'stepTargets'
  | 'breakpointPlaces'
  | 'variables'
  | 'setVariable'
  | 'divergence'
  | 'module'
  | 'compiler'
  | 'whyNoSource'
>;

/** What a view in the same process reads of a session (P3): events by range from the store, never through DAP. */
export interface SessionView {
  readonly store: EventStore;
  /** Undefined until the module is loaded. */
  readonly header: RecordingHeader | undefined;
  readonly run: SessionRun;
}

/** A call of a session, for a view that follows it from its start on: the launch's, and that of each restart. */
export interface CallView extends SessionView {
  /** What was asked for; of a recording, what its header says. */
  readonly plan: LaunchPlan;
  /** The session's own, whose rows are there for other views too. */
  readonly transcript: Pick<Transcript, 'rows'>;
  /**
   * The bytes of the call's module, once it is loaded, also after the call has ended: for replays. Not to be changed or transferred: there is
   * one copy of each module, however many calls there were of it, and it is kept as long as a run is that had it.
   */
  module(): Uint8Array<ArrayBuffer> | undefined;
}

/** A recording that is held in this process and is on no disk, as `PluginDebugSession`'s option `recordings` gives it by its name. */
export interface HeldRecording {
  readonly header: RecordingHeader;
  /** `EventStore.records()`. */
  readonly records: Uint8Array<ArrayBuffer>;
  /** Undefined: the launch names the plugin, or the header does. It stays its owner's, as `CallView.module` does. */
  readonly module?: Uint8Array<ArrayBuffer> | undefined;
}

/** A recording that was read, from memory or from a file. */
export interface ReadRecording extends HeldRecording {
  /** How many events it has. */
  readonly events: number;
  /** A sentence where its end is missing. */
  readonly cutShort: string | undefined;
}

export interface StartedRun {
  readonly run: SessionRun;
  /** Of a replay: the recording. */
  readonly replays?: ReadRecording;
  /** Resolves when the recording, if there is one, is on disk: with a sentence when it could not be written. */
  readonly recorded: Promise<string | undefined>;
}

export interface SessionEngine {
  /** Reads a file. @throws Error whose message is a sentence naming it (`what`: "The plugin"). */
  readFile(path: string, what: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Whether there is a file of that path. */
  fileExists(path: string): Promise<boolean>;
  /** The recording that a launch names: one that is held in this process, else a file. @throws Error with a sentence */
  readRecording(name: string): Promise<ReadRecording>;
  /** Runs a recording again. */
  replay(recording: ReadRecording, options: RunOptions): StartedRun;
  /** Starts the call. `report` is told in sentences what goes wrong around it: with the host command, with the recording. */
  start(options: RunOptions, plan: LaunchPlan, report: (sentence: string) => void): StartedRun;
  /** Monotonic ms. */
  now(): number;
}
