// What an exception out of the guest means: a trap of its own, a limit of production's, an end that we asked for, or a limit of
// ours; and where it happened, read from V8's stack trace. Contracts E4, E8.
import type { EndPlace } from '../recording/event.ts';
import type { GuestFrame, StackLimit } from './options.ts';
import { TRAP_WORDS } from './trap-detail.ts';

/** Ends the guest from inside an import; wasmi accepts no exceptions, so no guest can catch it. */
export class RunEnd extends Error {
  readonly reason: 'limit' | 'terminated';
  readonly at: EndPlace;
  constructor(reason: 'limit' | 'terminated', at: EndPlace, message: string) {
    super(message);
    this.reason = reason;
    this.at = at;
  }
}

/** Thrown where wasmi traps with "call stack exhausted": the 1 001st frame, or 1 000 000 slots of value stack (E8). */
export class StackExhausted extends Error {
  readonly limit: StackLimit;
  constructor(limit: StackLimit) {
    super('call stack exhausted');
    this.limit = limit;
  }
}

export interface Trap {
  /** `trap`: the guest's own. `ours`: a limit of this engine, never blamed on the plugin. */
  readonly kind: 'trap' | 'ours';
  /** wasmi's words for it. */
  readonly message: string;
  /** Of an exhausted call stack. */
  readonly limit?: StackLimit;
}

// V8's words (src/common/message-template.h, kTrap*) and wasmi's (wasmi_core TrapCode) for the same traps.
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^unreachable/, TRAP_WORDS.unreachable],
  [/memory access out of bounds/, TRAP_WORDS.memory],
  [/divide by zero|remainder by zero/, TRAP_WORDS.divide],
  [/divide result unrepresentable/, TRAP_WORDS.overflow],
  // one for V8, two for wasmi: of a NaN, and of a number that is too large
  [/float unrepresentable in integer range/, `${TRAP_WORDS.conversion} or ${TRAP_WORDS.overflow}`],
  [/table (access|index)( is)? out of bounds|element segment out of bounds/, TRAP_WORDS.table],
  // one for V8, two for wasmi
  [/null function or function signature mismatch/, `${TRAP_WORDS.null} or ${TRAP_WORDS.signature}`],
  [/function signature mismatch/, TRAP_WORDS.signature],
  [/dereferencing a null pointer|null reference/, TRAP_WORDS.null],
  [/data segment out of bounds/, TRAP_WORDS.memory],
];

/** What `error`, thrown out of the guest's `_start`, is as a trap; undefined when it is no trap at all but a fault of ours. */
export function trapOf(error: unknown): Trap | undefined {
  if (error instanceof StackExhausted) return { kind: 'trap', message: TRAP_WORDS.exhausted, limit: error.limit };
  if (error instanceof WebAssembly.RuntimeError) {
    const found = WORDS.find(([pattern]) => pattern.test(error.message));
    return { kind: 'trap', message: found?.[1] ?? error.message };
  }
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    return {
      kind: 'ours',
      message: `the debugger's own stack ran out (${error.message}), which production's would not: this is a limit of the debugger, not a fault of the plugin.`,
    };
  }
  return undefined;
}

const FRAME = /wasm-function\[(\d+)\]:(0x[0-9a-f]+)/g;

/**
 * The guest's frames in a V8 stack trace, innermost first: function index and byte offset in the rewritten module, flat
 * (`wasm-function[N]:0xOFFSET`, V8 src/wasm and src/objects/call-site-info.cc).
 */
export function wasmFrames(stack: string): number[] {
  const found: number[] = [];
  for (const match of stack.matchAll(FRAME)) found.push(Number(match[1]), Number(match[2]));
  return found;
}

/** Crates that are not the author's own: the standard library, the pdk, and what the pdk brings along. */
const LIBRARY_CRATES: ReadonlySet<string> = new Set(
  (
    'std core alloc __rustc compiler_builtins hashbrown dlmalloc panic_abort std_detect wasi wasip1 libc tokio serde serde_core serde_json itoa ryu zmij ' +
    'memchr tracing tracing_core tracing_log tracing_subscriber log futures futures_core futures_channel futures_executor futures_io ' +
    'futures_sink futures_task futures_util pin_project_lite once_cell async_trait wasmi_plugin_pdk wasmi_plugin_rt sharded_slab ' +
    'thread_local smallvec bytes slab lazy_static web_time'
  ).split(' '),
);
/** Functions of wasi-libc and of Rust's runtime, which have no crate in their names. */
const LIBRARY_FUNCTION =
  /^(?:_start|_Exit|_exit|exit|abort|main|__\w*|rust_\w*|_?rdl_\w*|readv?|writev?|dlmalloc|dlfree|mem(?:cpy|move|set|cmp)|wasi_snapshot_preview1\.\w+|func\[\d+\]|undefined_weak:.*)$/;

/** The crates that a demangled name mentions, the one that it stands in first: `<core::pin::Pin<app::X> as …>` gives core, app. */
function cratesIn(name: string): string[] {
  return [...name.matchAll(/(?<![\w:])([a-z_]\w*)(?:\[[0-9a-f]+\])?::/g)].map((match) => match[1] ?? '');
}

/**
 * The innermost frame of the author's own code, as far as names tell: one that stands in a crate of hers, else one of a library's
 * generics over a type or closure of hers. Undefined when no frame is.
 */
export function ownFrame(frames: readonly GuestFrame[]): GuestFrame | undefined {
  let generic: GuestFrame | undefined;
  for (const frame of frames) {
    const crates = cratesIn(frame.name);
    const [first] = crates;
    if (first === undefined) {
      if (!LIBRARY_FUNCTION.test(frame.name)) return frame;
    } else if (!LIBRARY_CRATES.has(first)) return frame;
    else generic ??= crates.some((crate) => !LIBRARY_CRATES.has(crate)) ? frame : undefined;
  }
  return generic;
}
