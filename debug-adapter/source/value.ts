// A value of the source while the program stands: its type, and where its bytes are. And what views make of it: rows for people. Everything is
// synchronous, since views run where the memory is (the guest's worker). Types only.
import type { Missing } from '../dwarf/location.ts';
import type { DieOffset, Types } from '../dwarf/type.ts';

/** Where the bytes of a value are: memory, or bytes that were put together of locals, operands and constants. */
export interface Bytes {
  /** `length` bytes from `offset` on, or why not. May be a view: not to be kept, not to be changed. */
  read(offset: number, length: number): Uint8Array | Missing;
  /** The address of the first byte; undefined where it does not lie in memory. */
  readonly address: number | undefined;
  /** The Wasm local, global or operand that it is, whole, if it is one; with it, it can be set. */
  readonly slot?: Slot | undefined;
  /** Of a pointer that was optimised away, and of which DWARF says what it points to: the bytes of that. */
  readonly pointsTo?: Bytes | undefined;
  /** The same from `offset` on. */
  at(offset: number): Bytes;
}

/** A Wasm local, global or operand; `size` is how many bytes of it are the variable's. */
export interface Slot {
  readonly kind: 'local' | 'global' | 'stack';
  readonly index: number;
  readonly size?: number | undefined;
}

/** A value, not read yet. */
export interface Value {
  readonly type: DieOffset | undefined;
  readonly bytes: Bytes;
  /** Elements of C's arrays whose number is told at run time, by `ArrayType.countIn`; undefined: it has none. */
  readonly counts?: ReadonlyMap<DieOffset, number> | undefined;
}

/** Memory and types, for views that follow pointers. */
export interface Program {
  readonly types: Types;
  /** Bytes at an address. */
  memory(address: number): Bytes;
  /** Bytes of the memory in all. */
  readonly memorySize: number;
  /** The demangled name of the function at an index of the indirect function table (what a function pointer holds), and where its code is. */
  functionNamed(tableIndex: number): { readonly name: string; readonly offset: number } | undefined;
}

/** A value as people see it, one level. Texts are of bounded length; nothing throws: garbage says what it is. */
export interface Shown {
  /** One line, as a Rust (or C) programmer writes it: `Some("Ada")`, `[1, 2, 3, … 100000]`, `User { id: 1, … }`. */
  readonly text: string;
  /** `alloc::string::String` shortened as people write it: `String`, `Vec<u8>`, `Option<&str>`. */
  readonly type: string;
  /** Where it lies, or what it points to, for a hex view; undefined: nowhere in memory. */
  readonly address?: number | undefined;
  /** Children with names (fields), then children with numbers (elements). */
  readonly named: number;
  readonly indexed: number;
  /** How an editor treats the children: `[0]`… is lazy above a hundred. */
  children(start: number, count: number): readonly Child[];
  /** What it is in expressions: a number, text, boolean; undefined: it has parts. */
  readonly plain?: number | bigint | string | boolean | undefined;
  /** Takes new text (`42`, `'x'`, `"Ada"`, `true`, `Some(…)` where that fits) and gives the bytes to write; undefined: can't be set. */
  readonly assign?: ((text: string) => Assigned) | undefined;
}

/** Bytes to write, in order; or why not: a sentence. */
export type Assigned =
  | { readonly writes: readonly { readonly to: Bytes; readonly bytes: Uint8Array }[] }
  | { readonly reason: string };

export interface Child {
  /** `name`, `0` of a tuple, `[3]`, `"key"` of a map. */
  readonly name: string;
  /** How an expression goes there from its parent: `.name`, `.0`, `[3]`, `["key"]`; '' where there is no way. */
  readonly path: string;
  readonly shown: () => Shown;
  /** The value itself; undefined where it is made up (the length of a Vec). */
  readonly value?: Value | undefined;
}
