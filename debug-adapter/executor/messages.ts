// What crosses between the driving side (run.ts) and the worker (guest-run.ts), in both directions. Plain structured-clone values.

import type { Evaluated } from '../expressions/expression.ts';
import type { Completion, ExpressionAsked } from '../expressions/source-evaluation.ts';
import type { MockSources } from '../mocks/mock-set.ts';
import type { AnsweredBy, RecordingHeader } from '../recording/event.ts';
import type { FoundFiles } from '../source/files.ts';
import type { VariableRow } from '../source/frame-variables.ts';
import type { SourceFrame } from '../source/module-source.ts';
import type { AskedSources } from '../source/source-search.ts';
import type { StepTarget } from '../source/step-targets.ts';
import type { DisassemblyRow } from '../wasm/disassembly.ts';
import type { BoundsState } from './bounds.ts';
import type { Fault } from './ending.ts';
import type { BuiltModule, KnownLines, KnownModule } from './module-cache.ts';
import type {
  CodeBreakpoint,
  CodePlaceFound,
  DescribedValue,
  FrameValues,
  GlobalValue,
  OpenRequest,
  ResolvedBreakpoint,
  Resume,
  RunOptions,
  StepOrigin,
  Stop,
  StopRule,
} from './options.ts';
import type { WorkerOutcome } from './outcome.ts';
import type { VariablesAsked, VariablesFound } from './source-inspection.ts';
import type { TrapFound } from './trap-state.ts';

/** What the worker is started with. */
export interface WorkerStart {
  readonly control: SharedArrayBuffer;
  readonly options: RunOptions;
  /** Present for a replay: the recording's header and its events as log records. */
  readonly replay: { readonly header: RecordingHeader; readonly records: Uint8Array<ArrayBuffer> } | undefined;
  /** Present where the run is to go on from where another one of the same call stands. */
  readonly continues?: Continuation;
}

/** Where a run stands that is to go on in another worker, and what of it no recording has. */
export interface Standing {
  /** Unix time in ns as the guest sees it, and ms since the run began. */
  readonly now: bigint;
  readonly elapsed: number;
  readonly fuel: number;
  readonly faults: readonly Fault[];
  readonly bounds: BoundsState;
  readonly ruleHits: readonly (readonly [id: string, count: number])[];
  readonly codeHits: readonly (readonly [id: string, count: number])[];
  /** The step that was under way. */
  readonly step: StepOrigin | undefined;
  /** Functions that were live at the last charge before a moment that was run to. */
  readonly around: readonly number[];
  /** Replies that were typed and have not left, by the ids of their requests. */
  readonly handReplies: readonly (readonly [id: string, reply: HandReply])[];
  readonly answering: Answering;
  /** The guest does not take its locals back here: they are what they were set to for whoever takes over. */
  readonly localsShown: boolean;
}

/** How far the host's answering had come. */
export interface Answering {
  /** Calls whose answers were decided, and times that the driving side was asked. */
  readonly decided: number;
  readonly asked: number;
  /** Of all chance in replies. */
  readonly seed: bigint;
}

/** The mock file was changed when the answers to `after` calls had been decided. */
export interface MockChange {
  readonly after: number;
  readonly mocks: MockSources;
}

/** A run that is done again up to where it stands, and then goes on: live (S4), or by the recording that it goes by itself. */
export interface Continuation {
  readonly live: boolean;
  readonly stop: Stop;
  /** Calls whose frames' locals are to be kept on the way: offsets. */
  readonly calls: readonly number[];
  readonly standing: Standing;
  /** Of the mock file that the call was started with, oldest first. */
  readonly mockChanges: readonly MockChange[];
}

export type Query =
  | { readonly what: 'memory'; readonly address: number; readonly length: number }
  | { readonly what: 'memorySize' }
  | { readonly what: 'globals' }
  | { readonly what: 'openRequests' }
  /** What the instruction does before which the guest stands, and traps at. */
  | { readonly what: 'trap' }
  | { readonly what: 'describeSyscall'; readonly seq: number }
  /** Frame 0 is the innermost. */
  | { readonly what: 'frameValues'; readonly frame: number }
  /** `insist`: without it the answer may be Lacking. */
  | { readonly what: 'evaluate'; readonly asked: ExpressionAsked; readonly insist: boolean }
  | { readonly what: 'assign'; readonly asked: ExpressionAsked; readonly value: string; readonly insist: boolean }
  /** Rows below the value of an expression, of the source's, at a path of child numbers. */
  | {
      readonly what: 'rowsBelow';
      readonly asked: ExpressionAsked;
      readonly path: readonly number[];
      readonly start: number;
      readonly count: number;
      readonly insist: boolean;
    }
  /** What can be written behind the dot after the expression; '': anywhere. */
  | { readonly what: 'completions'; readonly asked: ExpressionAsked }
  /** Which of these names an argument or local has. */
  | {
      readonly what: 'visible';
      readonly asked: Pick<ExpressionAsked, 'frame' | 'level'>;
      readonly candidates: readonly string[];
    }
  | { readonly what: 'changeReply'; readonly id: string; readonly reply: HandReply }
  | { readonly what: 'writeMemory'; readonly address: number; readonly bytes: Uint8Array }
  | {
      readonly what: 'disassemble';
      readonly offset: number;
      readonly instructionOffset: number;
      readonly count: number;
    }
  | { readonly what: 'functions'; readonly pattern: string }
  /** Of the frames of the stop. */
  | { readonly what: 'sourceFrames' }
  /** The calls of the statement at which a frame of source stands. */
  | { readonly what: 'stepTargets'; readonly frame: number; readonly level: number }
  | {
      readonly what: 'variables';
      readonly asked: VariablesAsked;
      readonly start: number;
      readonly count: number;
      /** The frame on top has trapped where it stands, which may be before its arguments are where they are looked for. */
      readonly trapped?: boolean;
    }
  | { readonly what: 'setVariable'; readonly asked: VariablesAsked; readonly text: string }
  /** Lines of a client's file, inclusive, at which breakpoints can stand. */
  | { readonly what: 'breakpointPlaces'; readonly path: string; readonly from: number; readonly to: number };
/** The event that says so, -1 where the reply had not left; and the replies that can be changed from now on, by their events. */
export interface ChangedReply {
  readonly seq: number;
  readonly unread: readonly number[];
}
/** The locals of a frame would tell, and have to be found first. */
export interface Lacking {
  readonly lacked: true;
}
export type Answer =
  | Lacking
  | readonly VariableRow[]
  | readonly Completion[]
  | readonly string[]
  | ChangedReply
  | Uint8Array
  | number
  | readonly GlobalValue[]
  | readonly OpenRequest[]
  | readonly DescribedValue[]
  | readonly DisassemblyRow[]
  | readonly CodePlaceFound[]
  | readonly (readonly SourceFrame[])[]
  | readonly StepTarget[]
  | readonly { readonly line: number; readonly column: number }[]
  | VariablesFound
  | VariableRow
  | undefined
  | FrameValues
  | TrapFound
  | Evaluated;

/** How the host answered a host method: JSON text, digits intact, or an error. */
export type HostReply = (
  | { readonly result: string }
  | { readonly error: { readonly code: number; readonly message: string } }
) & { readonly answeredBy?: AnsweredBy };

/** An answer by hand: a result as JSON text, an error, or none that ever comes. */
export type HandReply =
  | { readonly result: string }
  | { readonly error: { readonly code: number | string; readonly message: string } }
  | 'never';

export type ToWorker =
  | { readonly type: 'rules'; readonly rules: readonly StopRule[] }
  /** The mock file has changed. */
  | { readonly type: 'mocks'; readonly mocks: MockSources }
  /** For the call that waits for an answer from outside. */
  | { readonly type: 'handReply'; readonly id: string; readonly reply: HandReply }
  /** The reply to a call, which has not left, was changed in the run that was taken over. */
  | { readonly type: 'changeReply'; readonly id: string; readonly reply: HandReply }
  | { readonly type: 'breakpoints'; readonly breakpoints: readonly CodeBreakpoint[] }
  | { readonly type: 'resume'; readonly mode: Resume }
  | { readonly type: 'query'; readonly token: number; readonly query: Query }
  | { readonly type: 'hostReply'; readonly token: number; readonly reply: HostReply }
  /** The answer to `sources`. */
  | { readonly type: 'sourcesFound'; readonly found: FoundFiles }
  /** The answer to `wants`. */
  | { readonly type: 'cached'; readonly known: KnownModule | undefined; readonly built: BuiltModule | undefined }
  /** The answer to `wantsLines`. */
  | { readonly type: 'linesKnown'; readonly lines: KnownLines | undefined };

export type FromWorker =
  | { readonly type: 'progress'; readonly phase: string; readonly fraction: number }
  /** Where the files of the source are: answered by `sourcesFound`, and waited for. */
  | { readonly type: 'sources'; readonly asked: AskedSources }
  /** Whether the module was rewritten before: answered by `cached`, and waited for. */
  | { readonly type: 'wants'; readonly content: string; readonly plan: string }
  | {
      readonly type: 'made';
      readonly content: string;
      readonly plan: string;
      readonly known: KnownModule | undefined;
      readonly built: BuiltModule;
    }
  /** Whether the module's lines were read before: answered by `linesKnown`, and waited for. */
  | { readonly type: 'wantsLines'; readonly sha256: string }
  | { readonly type: 'linesRead'; readonly sha256: string; readonly lines: KnownLines }
  /** `sha256`: the module's own, whatever a recording says. */
  | {
      readonly type: 'loaded';
      readonly header: RecordingHeader;
      readonly sha256: string;
      /** Of a call that is debugged: why the plugin's lines are not known, in a sentence. */
      readonly whyNoSource: string | undefined;
    }
  /**
   * What became of the breakpoints; `missing`: some need sites that the module has not. `asked`: the answer to a message, else of those that the
   * call was started with.
   */
  | {
      readonly type: 'breakpoints';
      readonly asked: boolean;
      readonly resolved: readonly ResolvedBreakpoint[];
      readonly missing: boolean;
    }
  | { readonly type: 'events'; readonly records: Uint8Array<ArrayBuffer> }
  | { readonly type: 'stopped'; readonly stop: Stop; readonly standing: Standing }
  | { readonly type: 'resumed' }
  | { readonly type: 'log'; readonly text: string; readonly seq: number }
  | { readonly type: 'answer'; readonly token: number; readonly answer: Answer }
  | { readonly type: 'refused'; readonly token: number; readonly message: string }
  | { readonly type: 'hostRequest'; readonly token: number; readonly method: string; readonly params: string }
  /** Another plugin is to answer, whose file is `plugin`: `hostReply` brings what it says. */
  | {
      readonly type: 'pluginRequest';
      readonly token: number;
      readonly plugin: string;
      readonly method: string;
      readonly params: string;
    }
  /** The mocks of the oldest message that was not told of count from now on, `after` so many calls; undefined: they have an error. */
  | { readonly type: 'mocksTaken'; readonly after: number | undefined }
  | { readonly type: 'problem'; readonly message: string }
  | { readonly type: 'diverged'; readonly seq: number; readonly message: string }
  /** Of the events of a replay, by their numbers; NaN for those that it did not come to. */
  | { readonly type: 'moments'; readonly moments: Float64Array<ArrayBuffer> }
  | { readonly type: 'ended'; readonly outcome: WorkerOutcome };

/** The worker's way out: everything it needs of the platform (Node's worker_threads today, a browser's worker one day). */
export interface WorkerPlatform {
  post(message: FromWorker, transfer?: readonly ArrayBuffer[]): void;
  /** The next message that has come, without waiting. */
  receive(): ToWorker | undefined;
  /** Unix time in ns. */
  unixTime(): bigint;
  /** Monotonic ms. */
  monotonic(): number;
  /** Fills up to 65 536 bytes. */
  getRandomValues(bytes: Uint8Array): void;
  /** Hex SHA-256. */
  sha256(bytes: Uint8Array): string;
}
