// Parts of the source's values, read by their DWARF types without showing anything: scalars, fields, elements. For
// conditions, which may be asked a million times a second. What is not of a plain kind is undefined, and left to the views.
import { isMissing, type Missing } from '../dwarf/location.ts';
import type { BaseType, DieOffset, EnumType, PointerType } from '../dwarf/type.ts';
import type { Program, Value } from '../source/value.ts';
import {
  baseName,
  isWidePointer,
  memberNamed,
  memberValue,
  pointerOf,
  structOf,
  Unreadable,
  unsignedOf,
  unwrapped,
  wideOf,
} from '../source/views/reading.ts';
import { libraryView } from '../source/views/rust-library.ts';
import { vectorOf } from '../source/views/rust-sequences.ts';
import { activeVariant } from '../source/views/rust-variants.ts';
import { isRust } from '../source/views/type-name.ts';

type Scalar = number | bigint | string | boolean;

/** DW_ATE_* (DWARF 5 §7.8). */
const Encoding = { Boolean: 2, Float: 4, Signed: 5, SignedChar: 6, Unsigned: 7, UnsignedChar: 8, Utf: 16 } as const;

/** References that are followed one after the other. */
const MOST_REFERENCES = 16;

/** What `read` gives; undefined where a value can't be read as that. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

const isReference = (name: string): boolean => name.startsWith('&') || /^(?:\w+::)*Box</.test(name);

/** Behind references and boxes that are thin, as Rust follows them by itself. */
export function followed(value: Value, program: Program): Value {
  const { types } = program;
  for (let n = 0; n < MOST_REFERENCES && wideOf(value) === undefined; n++) {
    const type = types.bare(value.type);
    if (type.kind !== 'pointer' || !isReference(type.name)) return value;
    const bytes = value.bytes.read(0, type.size);
    if (isMissing(bytes)) return value;
    value = { type: type.target, bytes: program.memory(Number(unsignedOf(bytes))) };
  }
  return value;
}

/** The number, boolean or character that a value is; undefined: it is none of these. */
export function scalarOf(value: Value, program: Program): Scalar | Missing | undefined {
  const inner = followed(value, program);
  const type = program.types.bare(inner.type);
  if (type.kind !== 'base' || wideOf(inner) !== undefined) return undefined;
  if (!isKnown(type)) return undefined;
  const bytes = inner.bytes.read(0, type.size);
  return isMissing(bytes) ? bytes : decoded(type, bytes);
}

function isKnown({ encoding, size }: BaseType): boolean {
  switch (encoding) {
    case Encoding.Signed:
    case Encoding.Unsigned:
    case Encoding.SignedChar:
    case Encoding.UnsignedChar:
      return size === 1 || size === 2 || size === 4 || size === 8 || size === 16;
    case Encoding.Float:
      return size === 4 || size === 8;
    case Encoding.Boolean:
      return size === 1;
    default:
      return false;
  }
}

function decoded({ encoding, size }: BaseType, bytes: Uint8Array): Scalar | undefined {
  if (encoding === Encoding.Float) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, size);
    return size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
  }
  if (encoding === Encoding.Boolean) return bytes[0]! > 1 ? undefined : bytes[0] === 1;
  const signed = encoding === Encoding.Signed || encoding === Encoding.SignedChar;
  if (size > 4) {
    const unsigned = unsignedOf(bytes);
    return signed ? BigInt.asIntN(size * 8, unsigned) : unsigned;
  }
  let number = 0;
  for (let at = size - 1; at >= 0; at--) number = number * 256 + bytes[at]!;
  return signed && bytes[size - 1]! >= 0x80 ? number - 2 ** (8 * size) : number;
}

/** `u32` of Rust's usize and C's unsigned int alike; undefined: it is no number of Wasm's kinds. */
export function numberTypeOf(value: Value, program: Program): string | undefined {
  const type = program.types.bare(followed(value, program).type);
  if (type.kind !== 'base' || !isKnown(type) || type.encoding === Encoding.Boolean || type.size > 8) return undefined;
  if (type.encoding === Encoding.Float) return `f${type.size * 8}`;
  const signed = type.encoding === Encoding.Signed || type.encoding === Encoding.SignedChar;
  return `${signed ? 'i' : 'u'}${type.size * 8}`;
}

/** A field of a struct or a tuple of the program's own, behind references too; undefined: views know. */
export function memberOf(value: Value, name: string, program: Program): Value | undefined {
  const inner = followed(value, program);
  const struct = structOf(inner, program.types);
  if (struct === undefined || struct.variants !== undefined || isWidePointer(struct)) return undefined;
  if (libraryView(struct) !== undefined || struct.name.startsWith('{')) return undefined;
  const written = /^\d/.test(name) ? `__${name}` : name;
  const member = struct.members.find((one) => one.name === written);
  return member === undefined || member.bits !== undefined
    ? undefined
    : memberValue(inner, struct, member, program.types);
}

/** Rust's cells and locks, and what they call what is in them. */
const CONTENT: Readonly<Record<string, string>> = { Cell: 'value', RefCell: 'value', Mutex: 'data', RwLock: 'data' };

/** `cell.value`, `mutex.data`: what is in one, as its view writes it. */
export function contentOf(value: Value, name: string, program: Program): Value | undefined {
  const { types } = program;
  const inner = followed(value, program);
  const struct = structOf(inner, types);
  if (struct === undefined || !['core', 'std'].includes(struct.namespace[0] ?? '')) return undefined;
  const base = baseName(struct.name);
  if (!Object.hasOwn(CONTENT, base) || CONTENT[base] !== name) return undefined;
  const content = memberNamed(inner, types, name);
  return content === undefined ? undefined : unwrapped(content, types);
}

/** Elements that lie one after the other. */
export interface Sequence {
  /** Of C's pointers every index is good, also those below 0. */
  readonly from: number;
  readonly length: number;
  at(index: number): Value;
}

/** Elements of arrays, slices, Vec, and behind C's pointers and Rust's raw ones. */
export function sequenceOf(value: Value, program: Program): Sequence | undefined {
  const { types } = program;
  const inner = followed(value, program);
  const type = types.bare(inner.type);
  const elements = (element: number | undefined, length: number, address: number): Sequence | undefined => {
    const size = types.sizeOf(types.bare(element));
    if (size === undefined) return undefined;
    return { from: 0, length, at: (index) => ({ type: element, bytes: program.memory(address + index * size) }) };
  };
  return readable(() => {
    if (type.kind === 'array' && type.countIn === undefined) {
      const size = types.sizeOf(types.bare(type.element));
      if (size === undefined) return undefined;
      const at = (index: number): Value => ({ type: type.element, bytes: inner.bytes.at(index * size) });
      // the array at the end of a struct of C has as many as the program says
      return { from: 0, length: type.count ?? Number.POSITIVE_INFINITY, at };
    }
    if (type.kind === 'pointer') {
      const target = types.bare(type.target);
      if (target.kind === 'function' || target.kind === 'unknown') return undefined;
      const { address } = pointerOf(inner, program);
      const found = elements(type.target, Number.POSITIVE_INFINITY, address);
      return found === undefined ? undefined : { ...found, from: Number.NEGATIVE_INFINITY };
    }
    if (type.kind !== 'struct') return undefined;
    if (isWidePointer(type)) {
      const pointer = pointerOf(inner, program);
      if (pointer.wide === undefined || !('length' in pointer.wide) || pointer.wide.of !== 'slice') return undefined;
      return elements(pointer.target, pointer.wide.length, pointer.address);
    }
    if (type.namespace[0] !== 'alloc' || baseName(type.name) !== 'Vec') return undefined;
    const vector = vectorOf(inner, { types, program });
    return elements(vector.element, vector.length, vector.address);
  });
}

/** The name of the variant that an enum is. */
export function variantOf(value: Value, program: Program): string | undefined {
  const { types } = program;
  const inner = followed(value, program);
  const type = types.bare(inner.type);
  if (type.kind === 'enum') return enumerator(inner, type)?.name;
  if (type.kind !== 'struct' || type.variants === undefined) return undefined;
  return readable(() => activeVariant(inner, type, types).name);
}

function enumerator(value: Value, type: EnumType): EnumType['enumerators'][number] | undefined {
  const bytes = value.bytes.read(0, type.size);
  if (isMissing(bytes)) return undefined;
  const raw = unsignedOf(bytes);
  // they may be written with a sign or without
  return type.enumerators.find((one) => BigInt.asUintN(type.size * 8, one.value) === raw);
}

/** The names of what an enum of its type may be, with their numbers where the variants hold nothing; undefined: it is no enum. */
export function variantsOf(value: Value, program: Program): Map<string, bigint | undefined> | undefined {
  const type = program.types.bare(followed(value, program).type);
  if (type.kind === 'enum') return new Map(type.enumerators.map((one) => [one.name, one.value]));
  if (type.kind !== 'struct' || type.variants === undefined) return undefined;
  const names = type.variants.variants.flatMap(({ members }) => members[0]?.name ?? []);
  return new Map(names.map((name) => [name, undefined]));
}

/** Whether its type is one of C's pointers, but not to functions. */
export function pointerInC(value: Value, { types }: Program): PointerType | undefined {
  const type = types.bare(value.type);
  if (type.kind !== 'pointer' || type.name !== '') return undefined;
  const { kind } = types.bare(type.target);
  return kind === 'function' || isRust(type.target, types) ? undefined : type;
}

/** The element of an array of C. */
export function elementInC(value: Value, { types }: Program): DieOffset | undefined {
  const type = types.bare(value.type);
  return type.kind === 'array' && !isRust(type.element, types) ? type.element : undefined;
}

/** The number of an enum's variant, as `as` gives it. */
export function codeOf(value: Value, program: Program): bigint | undefined {
  const inner = followed(value, program);
  const type = program.types.bare(inner.type);
  return type.kind === 'enum' ? enumerator(inner, type)?.value : undefined;
}
