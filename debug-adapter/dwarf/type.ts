// Types as DWARF describes them (DWARF 5 §5), one level at a time: what a type refers to is the offset of another DIE, read when somebody
// asks (TypeReader). Values only; nothing here reads bytes.

/** Byte offset of a DIE from the start of .debug_info; of a type unit in .debug_types: behind the end of .debug_info. */
export type DieOffset = number;

export type Type =
  | BaseType
  | PointerType
  | StructType
  | ArrayType
  | EnumType
  | FunctionType
  | TypedefType
  | ModifiedType
  | UnknownType;

interface Named {
  /** As DW_AT_name has it: `u32`, `Vec<u8, alloc::alloc::Global>`; '' without one. */
  readonly name: string;
  /** Where the type's own DIE is. */
  readonly die: DieOffset;
}

/** §5.1. `encoding` is DW_ATE_*: see Encoding in constants.ts. Rust's `()`, `!` have size 0 or are structs. */
export interface BaseType extends Named {
  readonly kind: 'base';
  readonly encoding: number;
  /** Bytes. */
  readonly size: number;
}

/** §5.3: pointers and references. `target` undefined: `void`. */
export interface PointerType extends Named {
  readonly kind: 'pointer';
  readonly reference: boolean;
  readonly target: DieOffset | undefined;
  /** Bytes; 4 where DWARF says nothing. */
  readonly size: number;
}

/** §5.7: DW_TAG_structure_type, class_type, union_type. */
export interface StructType extends Named {
  readonly kind: 'struct';
  readonly union: boolean;
  /** Names of the namespaces and types around it, outermost first: `['alloc', 'vec']`. */
  readonly namespace: readonly string[];
  /** Bytes; undefined for a declaration whose definition was not found. */
  readonly size: number | undefined;
  readonly members: readonly Member[];
  /** §5.7.10: Rust's enums and coroutines. */
  readonly variants: VariantPart | undefined;
  /** DW_TAG_template_type_parameter: `T` and its type. */
  readonly templates: readonly { readonly name: string; readonly type: DieOffset | undefined }[];
  /** DW_AT_containing_type: of a vtable, the type that it is of. */
  readonly containing: DieOffset | undefined;
  readonly declaredAt: { readonly file: number; readonly line: number } | undefined;
}

export interface Member {
  /** `__0` of a tuple, `ptr`; '' for an anonymous struct or union. */
  readonly name: string;
  readonly type: DieOffset | undefined;
  /** Bytes from the start of what holds it. */
  readonly offset: number;
  /** §5.7.6, of a bit field: its width, and where it begins in bits from the start of what holds it; undefined: none. */
  readonly bits: { readonly size: number; readonly offset: number } | undefined;
  readonly artificial: boolean;
  /** DW_AT_alignment is 1: a function itself is described by rustc as a pointer to it, and takes no room. */
  readonly unaligned?: boolean | undefined;
  /** A base class. */
  readonly inheritance: boolean;
  /** DW_AT_decl_line, where it has one: of a variant of a Rust coroutine, the line of the `.await` that it waits at. */
  readonly declaredAt?: { readonly file: number; readonly line: number } | undefined;
}

export interface VariantPart {
  /** Undefined: only one variant there can be. Its name, where it has one, is `__state` in a coroutine. */
  readonly discriminant: Member | undefined;
  readonly variants: readonly Variant[];
}

export interface Variant {
  /** Inclusive ranges of the discriminant's values, taken as unsigned of its size; empty: the default, taken where no other matches. */
  readonly values: readonly { readonly low: bigint; readonly high: bigint }[];
  /** Of Rust's: one member, named as the variant is, whose type is a struct of its fields. */
  readonly members: readonly Member[];
}

/** §5.5. One dimension is one of these; a two-dimensional array is an array of arrays. */
export interface ArrayType extends Named {
  readonly kind: 'array';
  readonly element: DieOffset | undefined;
  /** Undefined: not known here (a flexible array, a VLA). */
  readonly count: number | undefined;
  /** Of a VLA: the variable, made by the compiler, that has the count at run time. */
  readonly countIn?: DieOffset | undefined;
}

/** §5.8: of C, and Rust's enums without fields. */
export interface EnumType extends Named {
  readonly kind: 'enum';
  readonly namespace: readonly string[];
  readonly size: number;
  readonly underlying: DieOffset | undefined;
  readonly enumerators: readonly { readonly name: string; readonly value: bigint }[];
}

/** §5.10: what a function pointer points to. */
export interface FunctionType extends Named {
  readonly kind: 'function';
  readonly result: DieOffset | undefined;
  readonly parameters: readonly (DieOffset | undefined)[];
}

/** §5.4 */
export interface TypedefType extends Named {
  readonly kind: 'typedef';
  readonly target: DieOffset | undefined;
}

/** §5.2 */
export interface ModifiedType extends Named {
  readonly kind: 'modified';
  readonly modifier: 'const' | 'volatile' | 'restrict' | 'atomic' | 'immutable' | 'packed' | 'shared';
  readonly target: DieOffset | undefined;
}

/** What can't be read; `reason` is a clause: `its abbreviation 17 is not there`. */
export interface UnknownType extends Named {
  readonly kind: 'unknown';
  readonly reason: string;
}

/** What views ask for types. Never throws. */
export interface Types {
  /** The type at a DIE, each read once; undefined (DW_AT_type is absent) is void: an UnknownType named `void`. */
  at(die: DieOffset | undefined): Type;
  /** The same with typedefs and modifiers taken off. */
  bare(die: DieOffset | undefined): Type;
  /** Bytes that a value of it takes; undefined where that is not known. */
  sizeOf(type: Type): number | undefined;
  /** The type that is defined in the unit of `die` under this name with its path (`app::greet::{async_fn_env#0}`); undefined: none is. */
  definedBeside(die: DieOffset, path: string): DieOffset | undefined;
  /** Types that are defined under this name, the path around it left out: `User`. */
  definedAs(name: string): readonly DieOffset[];
  /** The concrete type of the Rust vtable at this address of memory (rustc writes a variable with DW_AT_containing_type for each). */
  vtableAt(address: number): DieOffset | undefined;
}
