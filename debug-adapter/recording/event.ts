// The events of a call as values: what the recording's lines, the views and the DAP session speak of. The hot path does not make
// these: it writes binary records (log.ts), which are decoded into these shapes only where somebody looks. Contracts R1, R3, R4.

import type { AnsweredBy } from '../rpc/answered-by.ts';

export type { AnsweredBy };

/** `in` = host → plugin (stdin), `out` = plugin → host (stdout). */
export type Direction = 'in' | 'out';

interface EventBase {
  /** Position in the run, from 0. */
  readonly seq: number;
  /** Fuel consumed since the call began when the event happened (an estimate while the fuel model is inexact). */
  readonly fuel: number;
  /** Milliseconds on the run's clock since the call began. */
  readonly time: number;
}

/** One line on stdin or stdout. */
export interface RpcEvent extends EventBase {
  readonly kind: 'rpc';
  readonly dir: Direction;
  /** The line without its newline; bytes that are not UTF-8 are shown as U+FFFD, `bytes` then has the truth. */
  readonly line: string;
  readonly bytes: Uint8Array;
  readonly utf8: boolean;
  /** False for what stood on stdout without a newline when the guest ended. */
  readonly complete: boolean;
  /** True when production's host would no longer read this line. */
  readonly unread: boolean;
  /** Of a reply to the plugin: who answered, where that is known. A replay keeps what was recorded, and compares none of it. */
  readonly answeredBy?: AnsweredBy;
}

/** What a syscall wrote into the guest's memory. */
export interface MemoryWrite {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export interface SyscallEvent extends EventBase {
  readonly kind: 'syscall';
  readonly name: string;
  readonly args: readonly (number | bigint)[];
  /** The errno that was returned; undefined when the call ended the guest (proc_exit, proc_raise). */
  readonly errno: number | undefined;
  readonly writes: readonly MemoryWrite[];
  /** Bytes handed to the host by fd_write, and their CRC-32 (the text itself is in the rpc and stderr events). */
  readonly sent: { readonly bytes: number; readonly crc: number } | undefined;
  readonly flags: SyscallFlags;
}

export interface SyscallFlags {
  /** The call set the fuel to 0: the next charge yields. */
  readonly fuelToZero: boolean;
  /** fd_read found stdin empty. */
  readonly emptyPoll: boolean;
  /** Production's host would have panicked on this call; we answered EFAULT. */
  readonly hostWouldPanic: boolean;
  /** poll_oneoff: how long the guest is to sleep, in ms. */
  readonly sleepMs: number | undefined;
}

export interface StderrEvent extends EventBase {
  readonly kind: 'stderr';
  readonly line: string;
  readonly bytes: Uint8Array;
  readonly utf8: boolean;
  readonly complete: boolean;
}

/** The guest ran out of its slice `count` times in a row with nothing between. */
export interface YieldEvent extends EventBase {
  readonly kind: 'yield';
  readonly count: number;
  /** Fuel consumed at the last of them (`fuel` is that of the first). */
  readonly lastFuel: number;
  /** What the charge asked for that did not fit any more, at the last of them. */
  readonly required: number;
}

export interface GrowEvent extends EventBase {
  readonly kind: 'grow';
  readonly space: 'memory' | 'table';
  readonly index: number;
  /** Pages or elements. */
  readonly delta: number;
  /** The old size, or -1. */
  readonly result: number;
}

export interface DiagnosisEvent extends EventBase {
  readonly kind: 'diagnosis';
  /** e.g. `stray-text`, `panic`, `hang`: rpc/diagnosis.ts names them all. */
  readonly diagnosis: string;
  readonly message: string;
  readonly severity: 'fault' | 'warning';
}

/** `unusable`: it could not even start. `ours`: the debugger failed. */
export type ExitReason = 'returned' | 'exit' | 'trap' | 'limit' | 'terminated' | 'unusable' | 'ours';

/**
 * Where a guest was ended that did not end by itself: right after an event; at a charge of fuel; as it asked for a syscall or a grow that was
 * not done, or not to its end; amid a bulk memory operation. Of the last two no memory is compared.
 */
export type EndPlace = 'event' | 'charge' | 'before' | 'bulk';

/** The end of the guest. Always the last event of a whole recording. */
export interface ExitEvent extends EventBase {
  readonly kind: 'exit';
  readonly reason: ExitReason;
  readonly code: number | undefined;
  readonly message: string;
  /** SHA-256 (hex) of the exported memory at the end; undefined when it is not comparable. */
  readonly memorySha256: string | undefined;
  /** CRC-32 of all that entered the guest by syscalls (executor/inputs.ts): a changed input shows though the guest made nothing of it. */
  readonly inputs?: number | undefined;
  /** With `limit` and `terminated`. */
  readonly at: EndPlace | undefined;
}

/** Syscalls past the bound on events: only what a replay needs is kept of them. */
export interface FoldedEvent extends EventBase {
  readonly kind: 'folded';
  readonly count: number;
  readonly calls: readonly FoldedCall[];
}
export type FoldedCall = FoldedSyscall | FoldedYields;
export interface FoldedYields {
  readonly name: 'yield';
  readonly count: number;
}
export interface FoldedSyscall {
  readonly name: string;
  readonly errno: number | undefined;
  readonly fuelToZero: boolean;
  readonly writes: readonly MemoryWrite[];
}

/** Somebody at a stop changed the guest, or took an unread reply out of its stdin: a replay does it at the same moment (R1). */
export interface EditEvent extends EventBase {
  readonly kind: 'edit';
  readonly space: 'local' | 'stack' | 'global' | 'memory' | 'reply';
  /** Of the local, the operand (0 is the top), the global, the memory; with `reply`, the event of the first reply that is taken back, and all behind it. */
  readonly index: number;
  /** First byte that was written, with `memory`. */
  readonly address: number;
  /** The new value, little-endian. */
  readonly bytes: Uint8Array;
  readonly moment: number;
  /** Byte offset in the original file of the instruction before which the guest stood; -1: it stood at an event or at a charge of fuel. */
  readonly offset: number;
  /** As a person reads it: `$0 = 5`. */
  readonly text: string;
}

export type RunEvent =
  | RpcEvent
  | SyscallEvent
  | StderrEvent
  | YieldEvent
  | GrowEvent
  | DiagnosisEvent
  | ExitEvent
  | EditEvent
  | FoldedEvent;
export type EventKind = RunEvent['kind'];

/** An event with a line's bytes and not its text, which takes time to make: what the log and the recording's lines are made of. */
export type LoggedEvent =
  | Exclude<RunEvent, RpcEvent | StderrEvent>
  | (Omit<RpcEvent, 'line'> & { readonly line?: string })
  | (Omit<StderrEvent, 'line'> & { readonly line?: string });

/** The first line of a recording (R4, R5) and what a run was started with. */
export interface RecordingHeader {
  readonly format: 'wasmi-plugin-recording';
  /** Of the file that it was read from; what is written has the newest (header.ts). */
  readonly version: 1 | 2;
  readonly module: { readonly sha256: string; readonly bytes: number; readonly path?: string };
  readonly call: { readonly method: string; readonly params: string };
  readonly fuelModel: string;
  /** Fuel per slice. */
  readonly slice: number;
  readonly clock: string;
  readonly seed?: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly missingImports: 'fail' | 'enosys';
  readonly features: readonly string[];
  readonly limits: RunLimits;
  /** `canonical`: NaNs were made equal by the plan, so the recording holds on any CPU. */
  readonly nan: 'canonical';
  readonly created: string;
}

/** The bounds of a run; each ends (or stops) the run with a message of its own. */
export interface RunLimits {
  /** Wall time of the guest, without pauses, in ms. */
  readonly wallMs: number;
  /** Fuel over the whole call. */
  readonly fuel: number;
  /** Bytes of guest memory (E9). */
  readonly memory: number;
  /** Events kept in full; past it syscalls are folded, RPC messages never. */
  readonly events: number;
  /** Bytes of stdout and of stderr kept, each. */
  readonly output: number;
  /** Bytes of one line. */
  readonly line: number;
}

export const DEFAULT_LIMITS: RunLimits = {
  wallMs: 600_000,
  fuel: Number.MAX_SAFE_INTEGER,
  memory: 1024 * 1024 * 1024,
  events: 500_000,
  output: 256 * 1024 * 1024,
  line: 64 * 1024 * 1024,
};
