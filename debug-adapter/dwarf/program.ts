// What a reader of DWARF says of a program: its lines, its functions with the scopes in them, its variables. Types only; dwarf.ts opens one.
// All places in the code are byte offsets of the whole original file (DWARF's address + the start of the code section's content), the way the
// rest of the debugger has them; ranges are [low, high).
import type { Location, Machine, Missing } from './location.ts';
import type { DieOffset, Types } from './type.ts';

/** Flags of a line row (DWARF 5 §6.2.2). */
export const RowFlag = { Statement: 1, Block: 2, EndSequence: 4, PrologueEnd: 8, EpilogueBegin: 16 } as const;

/** The line table of the whole module, code of dead functions left out, in ascending order of `offset`; rows of one offset in their own order. */
export interface LineRows {
  readonly count: number;
  readonly offset: Uint32Array;
  /** Index in `files`. */
  readonly file: Uint32Array;
  /** From 1; 0: code that no line stands for. */
  readonly line: Uint32Array;
  /** From 1; 0: not known. */
  readonly column: Uint16Array;
  /** RowFlag. */
  readonly flags: Uint8Array;
  /** Paths as the compiler wrote them, absolute where a directory is given: each once for the whole module. */
  readonly files: readonly string[];
}

/** Where something was declared. `file` is an index in `LineRows.files`; -1 and 0: not known. */
export interface Declared {
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

/** A function, an inlined call, or a block, with what is declared in it. */
export interface Scope {
  readonly kind: 'function' | 'inlined' | 'block';
  readonly die: DieOffset;
  /** Pairs low, high; ascending. */
  readonly ranges: Uint32Array;
  /** Of functions and inlined ones: the name with its path, `app::greet::{closure#0}`, with generics as DW_AT_name has them; '' of blocks. */
  readonly name: string;
  /** DW_AT_linkage_name, mangled; '' without. */
  readonly linkageName: string;
  readonly declared: Declared;
  /** Of inlined ones: where it was called. */
  readonly called: Declared | undefined;
  readonly variables: readonly Variable[];
  /** The first parameter without a name, which `variables` has not: what the body of an async function is polled with, for one. */
  readonly unnamed?: Variable | undefined;
  /** Scopes within, in the order of DWARF. */
  readonly scopes: readonly Scope[];
  /** DW_AT_type of the function: what it returns. */
  readonly result: DieOffset | undefined;
}

export interface Variable {
  readonly die: DieOffset;
  readonly name: string;
  readonly kind: 'parameter' | 'variable';
  readonly type: DieOffset | undefined;
  readonly declared: Declared;
  readonly artificial: boolean;
}

/** The unit that code is of. */
export interface UnitSummary {
  readonly die: DieOffset;
  /** DW_AT_language: DW_LANG_Rust 0x1c, C 0x02, C11 0x1d, … */
  readonly language: number;
  readonly name: string;
  readonly producer: string;
  readonly directory: string;
}

export interface DwarfProgram {
  readonly lines: LineRows;
  readonly types: Types;
  /** What could not be read, a sentence each; bounded. */
  readonly problems: readonly string[];
  /** The unit whose code is at `offset`. */
  unitAt(offset: number): UnitSummary | undefined;
  /** The function whose code is at `offset`, with all scopes in it; each read once. */
  functionAt(offset: number): Scope | undefined;
  /** Where a variable is when the program stands at `offset`; `functionScope` is the physical function around it (its frame base counts). */
  locate(variable: Variable, functionScope: Scope, offset: number, machine: Machine): Location;
  /** What DW_OP_fbreg counts from when the program stands at `offset`. */
  frameBase(offset: number, machine: Machine): number | Missing;
  /**
   * Instructions of the function whose code is at `offset` that may write these bytes of its frame, counted from its frame base: offsets in the file,
   * ascending. A good guess in code that is not optimised (frame-writes.ts).
   */
  frameWrites(offset: number, from: number, size: number): readonly number[];
  /** Statics of the unit whose code is at `offset`, and of those that rustc made of the same crate. */
  statics(offset: number): readonly Variable[];
  /** Statics of all units whose whole name is `name` or ends with `::name`, the best match first; bounded. */
  staticsNamed(name: string): readonly Variable[];
  /** The function that a name means (`app::greet`, `*::greet`), by the units' DIEs: offsets where their code begins, copies of generics included. */
  functionsNamed(
    pattern: string,
  ): readonly { readonly name: string; readonly offset: number; readonly declared: Declared }[];
}
