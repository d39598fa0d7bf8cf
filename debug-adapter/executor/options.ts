// What a run is started with, where it stops, and what it says: the values that cross between the executor's worker and whoever
// drives it (the terminal, the DAP session, tests). Plain structured-clone values only; no behaviour. Contracts E6, E7, R5.
import type { MockSources } from '../mocks/mock-set.ts';
import type { MockDefault } from '../mocks/rules.ts';
import type { RunLimits } from '../recording/event.ts';
import type { SourceChoices } from '../source/files.ts';
import type { CallOfStatement } from '../source/step-targets.ts';
import type { StatementOrigin } from '../source/stepping.ts';

/** E7. `virtual` starts at `startMs` (Unix time) and advances with fuel, empty polls and sleeps. */
export type ClockChoice = { readonly kind: 'real' } | { readonly kind: 'virtual'; readonly startMs: number };

/** What a call runs on. A recording says it, its replay has the same, and so has a call that a mock makes into another plugin. */
export interface CallSettings {
  readonly clock: ClockChoice;
  /** Makes random_get repeatable. */
  readonly seed: string | undefined;
  /** Fuel per slice: production's `max_fuel`. */
  readonly slice: number;
  readonly limits: RunLimits;
  readonly missingImports: 'fail' | 'enosys';
  /** Features to let through though production rejects them, e.g. `simd`. */
  readonly features: readonly string[];
}

/** These alone, of what says more of a call. */
export const settingsOf = ({ clock, seed, slice, limits, missingImports, features }: CallSettings): CallSettings => ({
  clock,
  seed,
  slice,
  limits,
  missingImports,
  features,
});

export interface RunOptions extends CallSettings {
  /** The module. `path` is only for messages and the header. `bytes` are handed to the worker (transferred if they own their buffer). */
  readonly plugin: { readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> };
  readonly method: string;
  /** JSON text, sent as it is (P2). */
  readonly params: string;
  /** Production has neither args nor environment. `env` entries are `K=V`. */
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** A mock file: its name for messages, its text, and the texts of what it includes. */
  readonly mocks: MockSources | undefined;
  /** What a host call gets that no mock matches, where the mocks do not say: by default `host` where there is one, else `unknown`. */
  readonly unmatched?: MockDefault | undefined;
  /** How many plugins wait for this call's answer: one that a mock of another plugin's call asked for has 1. */
  readonly callDepth?: number;
  /** True when a host process answers what the mocks do not (Run's `host`). */
  readonly hasHost: boolean;
  /** Stop before the first instruction. */
  readonly stopOnEntry: boolean;
  /** False: no stops at all, faults and limits end the run (terminal, `noDebug`). */
  readonly debug: boolean;
  readonly rules: readonly StopRule[];
  /** Where to stop (or to log) in the guest's code from the start. */
  readonly breakpoints?: readonly CodeBreakpoint[];
  /** Stop when this event has happened (its number), and not before it but for breakpoints. Past the end of a recording: at its end. */
  readonly runToEvent?: number;
  /** The module's bytes can be had again (`Run.module`), and other workers take over where that is called for; by default with `debug`. */
  readonly keepModule?: boolean;
  /** Of a replay: each event is given its moment (`Run.moments`). */
  readonly moments?: boolean;
  /** What the rewritten module can be stopped at, besides the places of `breakpoints`. */
  readonly plan?: PlanChoice;
  /** How the source of the plugin is seen, where it has debug information; by default with nothing mapped. Only with `debug`. */
  readonly source?: SourceChoices;
}

/** Sites to weave in: places of the guest's code where it can be stopped. */
export interface PlanChoice {
  /** The first instruction of every function. */
  readonly entries: boolean;
  /**
   * Every instruction of these functions (indices of the function index space), and of those that they call; or of all. All it is too where
   * the plugin is small.
   */
  readonly functions: readonly number[] | 'all';
  /** Single instructions: byte offsets in the original file. */
  readonly offsets: readonly number[];
  /** Stores into the plugin's memory can be watched. */
  readonly watch: boolean;
  /** How often each straight-line block is run is counted. */
  readonly blockCounts: boolean;
  /** Every statement of the source that steps may end at. */
  readonly statements?: boolean;
}

export const NO_SITES: PlanChoice = { entries: false, functions: [], offsets: [], watch: false, blockCounts: false };

/** A place in the guest's code to stop at or to log. */
export interface CodeBreakpoint {
  readonly id: string;
  readonly place: /** Before the instruction at this byte offset of the original file. */
    | { readonly offset: number }
    /** Before this instruction of a function, counted from 0: a line of its text. */
    | { readonly func: number; readonly instruction: number }
    /** Before the code of a line of source, of each copy of it. `path` as the client has it; line and column from 1. */
    | { readonly path: string; readonly line: number; readonly column?: number | undefined }
    /** Before the first instruction of the functions whose names match (wasm/function-symbols.ts); behind the prologue where lines are known. */
    | { readonly function: string }
    /** Right behind each instruction that sets this global, or this local of this function. */
    | { readonly written: 'global'; readonly index: number }
    | { readonly written: 'local'; readonly index: number; readonly func: number }
    /** Behind a store that meets this range of memory. */
    | { readonly address: number; readonly length: number };
  /** Expression over the guest (docs/expressions.md). */
  readonly condition?: string | undefined;
  /** DAP hit condition: `5`, `>= 3`, `% 10`. */
  readonly hitCondition?: string | undefined;
  /** Text with `{expressions}`; the breakpoint then logs and does not stop. */
  readonly logMessage?: string | undefined;
}

/** What became of a breakpoint. */
export interface ResolvedBreakpoint {
  readonly id: string;
  /** The instructions it stands at; none: `message` says why. */
  readonly places: readonly CodePlaceFound[];
  readonly message: string | undefined;
  /** Where in the source it stands, of one on a line. */
  readonly line?: number;
  readonly column?: number | undefined;
}

export interface CodePlaceFound {
  readonly func: number;
  readonly offset: number;
  /** Demangled name of the function. */
  readonly name: string;
}

export const DEFAULT_SLICE = 100_000;

/** What a rule or a step waits for. `trap` covers panics; `protocol` every other fault of P1; `rpc-reply` is a response or an error. */
export type StopClass = 'trap' | 'protocol' | 'rpc' | 'rpc-reply' | 'syscall' | 'yield' | 'stderr' | 'diagnosis';

/** A place to stop (or to log). An exception filter is a rule without `name`; a function breakpoint `syscall:fd_read` has one. */
export interface StopRule {
  readonly id: string;
  readonly class: StopClass;
  /** Method of the message, or name of the syscall. Undefined: any. */
  readonly name: string | undefined;
  /** Expression over the event (executor/expression.ts), e.g. `errno != 0`. */
  readonly condition: string | undefined;
  /** DAP hit condition: `5`, `>= 3`, `% 10`. */
  readonly hitCondition: string | undefined;
  /** Text with `{expressions}`; the rule then logs and does not stop. */
  readonly logMessage: string | undefined;
}

/** A step by instruction: into calls, over them, or out of the function. */
export type StepKind = 'into' | 'over' | 'out';

/** Where a step by instruction, or by statement, began. */
export interface StepOrigin {
  readonly kind: StepKind;
  /** A step by statement. */
  readonly statement?: StatementOrigin;
  /** It is to go into this call of that statement, and over all others. */
  readonly target?: CallOfStatement;
  readonly func: number;
  /** Live frames that are counted; a leaf's own is not among them. */
  readonly frames: number;
  /** The function calls nothing that could be another frame of the guest's. */
  readonly leaf: boolean;
}

/** How to run on. */
export interface Resume {
  /** A step by event: stop at the next one of that class (`event`: any of them). */
  readonly until: 'event' | 'rpc' | 'syscall' | 'yield' | undefined;
  /** A step by instruction, or by statement. */
  readonly step?: StepKind;
  /** By statement: it ends in the author's own source. */
  readonly statement?: boolean;
  /** By statement, `into`: only into this call of the statement at which a frame of source stands (`Run.stepTargets`). */
  readonly target?: { readonly frame: number; readonly level: number; readonly at: CallOfStatement };
  /** A step that goes on: it began there. */
  readonly origin?: StepOrigin;
  /** Stop when this many instructions have been passed. */
  readonly moment?: number;
  /** Stop when this event has happened (its number). */
  readonly event?: number;
}

export interface GuestFrame {
  /** Index in the original module's function index space. */
  readonly func: number;
  /** Byte offset in the original file of the instruction. */
  readonly offset: number;
  /** Demangled. */
  readonly name: string;
}

export interface FuelState {
  readonly consumed: number;
  readonly slice: number;
  /** Left in the present slice. */
  readonly left: number;
  readonly yields: number;
  readonly exact: boolean;
}

export interface Stop {
  readonly reason: /**
   * `event`: a rule was hit; `reached`: the event that was run to has happened; `ask`: a host call waits for an answer from outside (`Run.answer`).
   */
  'entry' | 'ask' | 'pause' | 'step' | 'event' | 'reached' | 'fault' | 'limit' | 'breakpoint' | 'data' | 'moment';
  /** The event on which the run stands: the last one that happened; -1 before the first. */
  readonly seq: number;
  /** Ids of the rules that were hit. */
  readonly rules: readonly string[];
  /** With `fault` and `limit`: what is wrong, in a sentence. */
  readonly diagnosis: { readonly diagnosis: string; readonly message: string } | undefined;
  /** Innermost first. */
  readonly frames: readonly GuestFrame[];
  readonly fuel: FuelState;
  /** ms on the run's clock. */
  readonly time: number;
  /** Instructions passed (DESIGN.md, "moment"). */
  readonly moment: number;
  /** The guest has ended: it can be looked at, and does not run on. */
  readonly over: boolean;
  /** It has ended in a trap: the frames are those of the trap. `Run.trap` tells more. */
  readonly trap?: StopTrap;
  /** Steps by instruction can be done by the module as it is rewritten now; else it is rewritten first (run.ts sees to it). */
  readonly steppable: boolean;
  /** The guest stands before the instruction of its top frame: its locals and operands can be read. False at events and yields. */
  readonly inCode: boolean;
  /** And these are at hand: where not, they are found by doing the call again. */
  readonly handed: boolean;
  /** The host call that waits for an answer from outside, if one does: whatever the reason of the stop is. */
  readonly ask?: Ask;
  /** Replies in stdin of which the plugin has read nothing, by their events: `Run.changeReply` may change them. Absent where there are none. */
  readonly unread?: readonly number[];
}

/** What ends a call stack: 1 000 frames, or 1 000 000 slots of value stack. */
export type StackLimit = 'frames' | 'slots';

/** A trap at which a call has ended. */
export interface StopTrap {
  /** wasmi's words for it; two of them where V8 does not tell which it is. */
  readonly words: string;
  /** The last event before it; -1: there was none. */
  readonly after: number;
  /** Of an exhausted call stack: which of its limits. The top frame is that of the call which was one too many. */
  readonly limit?: StackLimit;
}

/** A host call that waits for an answer from outside: `Run.answer` brings it. */
export interface Ask {
  /** Of the plugin's request. */
  readonly id: string;
  readonly method: string;
  /** JSON text. */
  readonly params: string;
  /** The event of the request; -1 where that is not known. */
  readonly seq: number;
  /** The rule that says `pause`; none where no rule matched. */
  readonly rule?: { readonly file: string; readonly line: number; readonly number: number };
}

/** A local or an operand of a frame. */
export interface FrameValue {
  readonly index: number;
  /** Of the name section; '' where it has none. */
  readonly name: string;
  readonly type: string;
  /** Decimal text, digits intact, or why there is none. */
  readonly value: string;
  readonly available: boolean;
}

/** What a frame holds. Operands: the top of the stack first. */
export interface FrameValues {
  readonly locals: readonly FrameValue[];
  readonly operands: readonly FrameValue[];
  /** Where the frame's variables in memory are counted from, if that is known; else why it is not. */
  readonly frameBase: { readonly address: number } | { readonly reason: string };
}

/** How a call ended, as the host sees it. */
export interface Outcome {
  readonly kind: 'result' | 'error' | 'fault' | 'limit' | 'terminated';
  /** `result`: the JSON text of the result, digits intact. */
  readonly result: string | undefined;
  /** `error`: as it came, and the code and message that production's caller would see. */
  readonly error:
    | {
        /** An i64: a bigint where a double can't hold it (P2). */
        readonly code: number | bigint;
        readonly message: string;
        readonly seenAs: { code: number; message: string };
      }
    | undefined;
  /** `fault`, `limit`, `terminated`: the first diagnosis that is a fault. */
  readonly fault: { readonly kind: string; readonly message: string } | undefined;
  readonly exitCode: number | undefined;
  readonly fuel: FuelState;
  readonly events: { readonly rpc: number; readonly syscall: number };
  readonly stderr: readonly string[];
  readonly wallMs: number;
}

export interface GlobalValue {
  readonly index: number;
  readonly name: string;
  readonly type: string;
  readonly mutable: boolean;
  /** Decimal or hex text; u64 digits intact. */
  readonly value: string;
}

/** A request that nobody has answered yet. */
export interface OpenRequest {
  readonly dir: 'in' | 'out';
  readonly id: string;
  readonly method: string;
  readonly seq: number;
}

/** The decoded syscall of the present event, for the Variables view: rows of name and text, possibly nested. */
export interface DescribedValue {
  readonly name: string;
  readonly value: string;
  readonly children: readonly DescribedValue[];
}
