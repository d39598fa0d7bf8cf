// What an expression asks of the place where it is evaluated. Everything is synchronous: in the worker it is asked from inside the guest, at
// breakpoints that may be hit a million times a second. Whoever implements it may keep one Scope and move it along. Contract P2.
import type { Compound, Unavailable, Value } from './values.ts';

export type WasmType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'funcref' | 'externref';

/**
 * i32 as a signed number; i64 signed, as a number where a double holds it exactly, else as a bigint (a bigint is always taken); f32 and f64
 * as numbers; v128 as a Vector (cells.ts); a reference as its text.
 */
export type WasmValue = number | bigint | string | Compound;

/** The locals of the selected frame, its operand stack, or the globals: what has a number, a type, and perhaps a name. */
export interface Slots {
  /** The value of slot `index`; undefined: there is no such slot. The index is a whole number from 0. */
  value(index: number): WasmValue | Unavailable | undefined;
  /** Its type; asked only for slots that are there. */
  type(index: number): WasmType;
  /** How many there are, for sentences. */
  count(): number;
  /** The slot of that name (without `$`), or -1. */
  named(name: string): number;
}

/** Part of a memory: `bytes[0]` is the byte at `base`. */
export interface MemoryWindow {
  readonly bytes: Uint8Array;
  readonly base: number;
  /** Of the whole memory, in bytes. */
  readonly size: number;
}

/** The guest at a stop, seen from the selected frame. */
export interface WasmState {
  readonly locals: Slots;
  readonly globals: Slots;
  /** 0 is the top of the operand stack. */
  readonly operands: Slots;
  /**
   * A window on memory `index` that holds [address, address + length) as far as the memory does; undefined: there is no such memory. In the
   * worker that is the whole memory, the same object until it grows. Valid until the guest runs on.
   */
  memory(index: number, address: number, length: number): MemoryWindow | undefined;
}

/** What plain names mean: a function, so that a scope of names only is one; what else there is hangs on it. */
export interface Scope {
  /** The value of a name (`user`, `app::COUNT`, `errno`); undefined: there is none of that name. */
  (identifier: string): Value;
  /** Locals, globals, operands and memory; undefined where no guest can be looked into. */
  readonly state?: WasmState | undefined;
  /** A sentence on what there is, for whoever asked for what is not. */
  readonly known?: (() => string) | undefined;
  /** Why a name has no value, as a clause: for scopes where each name that is used must be there. Undefined: it is merely missing. */
  readonly unknown?: ((identifier: string) => string) | undefined;
  /** `value as type` for types that are not Wasm's; undefined: no such type. */
  readonly cast?: ((value: Value, type: string) => Value) | undefined;
}

/** A scope of the names that `lookup` knows, and of what else `base` has. */
export function scopeOf(
  lookup: (identifier: string) => Value,
  base: Pick<Scope, 'state' | 'known' | 'cast' | 'unknown'>,
): Scope {
  const { state, known, cast, unknown } = base;
  // most events have nothing but names, and there may be a million of them a second
  if (state === undefined && known === undefined && cast === undefined && unknown === undefined) return lookup;
  return Object.assign((identifier: string): Value => lookup(identifier), { state, known, cast, unknown });
}
