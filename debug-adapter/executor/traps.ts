// What an exception out of the guest means: a trap of its own, a limit of production's, an end that we asked for, or a limit of
// ours; and where it happened, read from V8's stack trace. Contracts E4, E8.
import type { GuestFrame } from './options.ts';

/** Ends the guest from inside an import; wasmi accepts no exceptions, so no guest can catch it. */
export class RunEnd extends Error {
  readonly reason: 'limit' | 'terminated';
  /** Where it was thrown: right after an event, at a charge of fuel, or amid a bulk memory operation (which can't be replayed exactly). */
  readonly at: 'event' | 'charge' | 'bulk';
  constructor(reason: 'limit' | 'terminated', at: 'event' | 'charge' | 'bulk', message: string) {
    super(message);
    this.reason = reason;
    this.at = at;
  }
}

/** Thrown where wasmi traps with "call stack exhausted": the 1 001st frame, or 1 000 000 of value stack (E8). */
export class StackExhausted extends Error {}

export interface Trap {
  /** `trap`: the guest's own. `ours`: a limit of this engine, never blamed on the plugin. */
  readonly kind: 'trap' | 'ours';
  /** wasmi's words for it. */
  readonly message: string;
}

// V8's words (src/common/message-template.h, kTrap*) and wasmi's (wasmi_core TrapCode) for the same traps.
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^unreachable/, 'wasm `unreachable` instruction executed'],
  [/memory access out of bounds/, 'out of bounds memory access'],
  [/divide by zero|remainder by zero/, 'integer divide by zero'],
  [/divide result unrepresentable/, 'integer overflow'],
  [/float unrepresentable in integer range/, 'invalid conversion to integer'],
  [/table index is out of bounds/, 'undefined element: out of bounds table access'],
  [/table access out of bounds|table index out of bounds|element segment out of bounds/, 'out of bounds table access'],
  [/null function or function signature mismatch/, 'indirect call type mismatch'],
  [/function signature mismatch/, 'indirect call type mismatch'],
  [/dereferencing a null pointer|null reference/, 'uninitialized element'],
  [/data segment out of bounds/, 'out of bounds memory access'],
];

/** What `error`, thrown out of the guest's `_start`, is as a trap; undefined when it is no trap at all but a fault of ours. */
export function trapOf(error: unknown): Trap | undefined {
  if (error instanceof StackExhausted) return { kind: 'trap', message: 'call stack exhausted' };
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

/** Crates and libraries that are not the author's own, by the beginning of the demangled name. */
const LIBRARY =
  /^<?(?:dyn )?&?(?:mut )?(?:std|core|alloc|tokio|serde|serde_json|tracing|tracing_core|tracing_subscriber|futures\w*|wasi|wasip1|wasmi_plugin_pdk|wasmi_plugin_rt|hashbrown|dlmalloc|compiler_builtins|once_cell|pin_project_lite|itoa|ryu|memchr|log|__\w+|_start|_Exit|_exit|rust_\w+|write|writev|read|readv|abort|main$|dlmalloc|dlfree|func\[)/;

/** The innermost frame of the author's own code, as far as names tell; the innermost of all when there is none. */
export function ownFrame(frames: readonly GuestFrame[]): GuestFrame | undefined {
  return frames.find((frame) => !LIBRARY.test(frame.name)) ?? frames[0];
}
