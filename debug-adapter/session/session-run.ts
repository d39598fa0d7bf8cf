// What a session needs of the engine, as narrow as it can be: so that session code is tested with runs that are filled by hand. engine.ts
// gives the real one. Contract P3: views in this process read a SessionView.
import type { RunOptions } from '../executor/options.ts';
import type { Run } from '../executor/run.ts';
import type { RecordingHeader } from '../recording/event.ts';
import type { EventStore } from '../recording/event-store.ts';
import type { LaunchPlan } from './launch.ts';

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
  | 'terminate'
  | 'readMemory'
  | 'memorySize'
  | 'globals'
  | 'openRequests'
  | 'describeSyscall'
  | 'setBreakpoints'
  | 'frameValues'
  | 'evaluate'
  | 'assign'
  | 'writeMemory'
  | 'disassemble'
  | 'functions'
>;

/** What a view in the same process reads of a session (P3): events by range from the store, never through DAP. */
export interface SessionView {
  readonly store: EventStore;
  /** Undefined until the module is loaded. */
  readonly header: RecordingHeader | undefined;
  readonly run: SessionRun;
}

export interface StartedRun {
  readonly run: SessionRun;
  /** Resolves when the recording, if there is one, is on disk: with a sentence when it could not be written. */
  readonly recorded: Promise<string | undefined>;
}

export interface SessionEngine {
  /** Reads a file. @throws Error whose message is a sentence naming it (`what`: "The plugin"). */
  readFile(path: string, what: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Starts the call. `report` is told in sentences what goes wrong around it: with the host command, with the recording. */
  start(options: RunOptions, plan: LaunchPlan, report: (sentence: string) => void): StartedRun;
  /** Monotonic ms. */
  now(): number;
}
