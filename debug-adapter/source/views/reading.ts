// What views read values with: bytes, integers, members by their DWARF names, pointers thin and wide. No view knows an offset of its own.
// Inside this folder what can't be read is thrown as Unreadable; show.ts catches it, nothing throws out of it.
import { isMissing } from '../../dwarf/location.ts';
import type { DieOffset, Member, StructType, Type, Types } from '../../dwarf/type.ts';
import { MissingBytes } from '../bytes.ts';
import type { Program, Value } from '../value.ts';

/** Why a value can't be shown; `reason` is a clause. No Error: garbage is common while variables are not set yet, and traces cost time. */
export class Unreadable {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** What a wide pointer says of its pointee beside the address: the elements of `[T]` or `str`, or of the tail of a struct; or the vtable. */
export type Wideness =
  | { readonly length: number; readonly of: 'str' | 'slice' | 'struct' }
  | { readonly vtable: number; readonly align: number };

/** A value whose type may be unsized. Of a slice and `str`, `type` is the element's. */
export interface Place extends Value {
  readonly wide?: Wideness | undefined;
}

export const wideOf = (value: Value): Wideness | undefined => ('wide' in value ? (value as Place).wide : undefined);

/** @throws Unreadable */
export function readBytes(value: Value, length: number): Uint8Array {
  const bytes = value.bytes.read(0, length);
  if (isMissing(bytes)) throw new Unreadable(bytes.reason);
  return bytes;
}

/** The bytes of a number or a pointer. @throws Unreadable for sizes that none has: types may be garbage too */
export function scalarBytes(value: Value, size: number): Uint8Array {
  if (!(size >= 0 && size <= 16)) throw new Unreadable(`${size} bytes are too many for a number`);
  return readBytes(value, size);
}

/** Unsigned, little-endian, of up to 16 bytes. */
export function unsignedOf(bytes: Uint8Array): bigint {
  let low = 0;
  if (bytes.length <= 6) {
    for (let i = bytes.length - 1; i >= 0; i--) low = low * 256 + bytes[i]!;
    return BigInt(low);
  }
  let all = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) all = (all << 8n) | BigInt(bytes[i]!);
  return all;
}

/** The scalar that a value is or wraps (`NonZero<u32>`, `Cell<usize>`, a pointer), unsigned. @throws Unreadable */
export function unsigned(value: Value, types: Types): bigint {
  const inner = peel(value, types);
  const type = types.bare(inner.type);
  const size = types.sizeOf(type);
  if (size === undefined || (type.kind === 'struct' && size > 8))
    throw new Unreadable('what should be a number is none');
  return unsignedOf(scalarBytes(inner, size));
}

/** The same, signed by its size. @throws Unreadable */
export function signed(value: Value, types: Types): bigint {
  const inner = peel(value, types);
  return BigInt.asIntN((types.sizeOf(types.bare(inner.type)) ?? 4) * 8, unsigned(inner, types));
}

/** The same as a number: of lengths, indexes and addresses, which have 4 bytes. @throws Unreadable */
export const count = (value: Value, types: Types): number => Number(unsigned(value, types));

export function structOf(value: Value, types: Types): StructType | undefined {
  const type = types.bare(value.type);
  return type.kind === 'struct' ? type : undefined;
}

/** The part of a name before its generics: `Vec` of `Vec<u8, Global>`. */
export function baseName(name: string): string {
  const at = name.indexOf('<');
  return at < 0 ? name : name.slice(0, at);
}

const isZeroSized = (type: DieOffset | undefined, types: Types): boolean => types.sizeOf(types.bare(type)) === 0;

const alignedUp = (offset: number, align: number): number => Math.ceil(offset / align) * align;

const isFunctionPointer = (type: Type, types: Types): boolean =>
  type.kind === 'pointer' && types.bare(type.target).kind === 'function';

/** The member as a value. Of an unsized struct the tail keeps what the pointer said. */
export function memberValue(value: Value, struct: StructType, member: Member, types: Types): Value {
  if (member.unaligned === true && isFunctionPointer(types.bare(member.type), types))
    return { type: member.type, bytes: new MissingBytes('it is the function itself, which takes no room') };
  const wide = wideOf(value);
  if (wide === undefined || !isTail(struct, member)) return { type: member.type, bytes: value.bytes.at(member.offset) };
  if ('vtable' in wide)
    // DWARF has the offset as if the tail were aligned to 1; where it really is only the concrete type says
    return { type: member.type, bytes: value.bytes.at(alignedUp(member.offset, wide.align)), wide } as Place;
  return {
    type: member.type,
    bytes: value.bytes.at(member.offset),
    wide: { length: wide.length, of: tailKind(struct, member, types) },
  } as Place;
}

function isTail(struct: StructType, member: Member): boolean {
  return struct.members.every((other) => other.offset <= member.offset);
}

function tailKind(struct: StructType, member: Member, types: Types): 'str' | 'slice' | 'struct' {
  const generics = struct.name.slice(baseName(struct.name).length);
  if (/^<str\b/.test(generics)) return 'str';
  if (generics.startsWith('<[')) return 'slice';
  const tail = types.bare(member.type);
  if (tail.kind !== 'struct') return 'slice';
  // elements are not counted in the size of the struct that they are the tail of; an unsized struct's own head is
  return (tail.size ?? 0) > 0 && (struct.size ?? 0) <= member.offset ? 'slice' : 'struct';
}

/** The member of the first of these names that there is. */
export function memberNamed(value: Value, types: Types, ...names: readonly string[]): Value | undefined {
  const struct = structOf(value, types);
  if (struct === undefined) return undefined;
  for (const name of names)
    for (const member of struct.members) if (member.name === name) return memberValue(value, struct, member, types);
  return undefined;
}

/** The same that must be there. @throws Unreadable */
export function need(value: Value, types: Types, ...names: readonly string[]): Value {
  const found = memberNamed(value, types, ...names);
  if (found !== undefined) return found;
  throw new Unreadable(`this version of ${types.at(value.type).name || 'it'} has no ${names.join(' or ')}`);
}

/** The nearest struct within (itself first) that has members of all these names: library versions nest their parts differently. */
export function holderOf(value: Value, types: Types, ...names: readonly string[]): Value | undefined {
  let level: Value[] = [value];
  for (let depth = 0; depth < 6 && level.length > 0; depth++) {
    const next: Value[] = [];
    for (const one of level) {
      const struct = structOf(one, types);
      if (struct === undefined || struct.variants !== undefined) continue;
      if (names.every((name) => struct.members.some((member) => member.name === name))) return one;
      if (next.length < 64) for (const member of struct.members) next.push(memberValue(one, struct, member, types));
    }
    level = next;
  }
  return undefined;
}

/** The nearest member of this name, however deep. @throws Unreadable */
export function deep(value: Value, types: Types, name: string): Value {
  const holder = holderOf(value, types, name);
  if (holder === undefined) throw new Unreadable(`this version of ${types.at(value.type).name || 'it'} has no ${name}`);
  return need(holder, types, name);
}

/** The one member that takes room, of a struct that has only one. */
function onlyMember(struct: StructType, types: Types): Member | undefined {
  let only: Member | undefined;
  for (const member of struct.members) {
    if (isZeroSized(member.type, types)) continue;
    if (only !== undefined) return undefined;
    only = member;
  }
  return only;
}

/** What is inside of wrappers that have one member with room: `UnsafeCell`, `NonNull`, `ManuallyDrop`, `MaybeUninit`. */
export function peel(value: Value, types: Types): Value {
  for (let depth = 0; depth < 16; depth++) {
    const struct = structOf(value, types);
    if (struct === undefined || struct.variants !== undefined) return value;
    const only = onlyMember(struct, types);
    if (only === undefined) return value;
    value = memberValue(value, struct, only, types);
  }
  return value;
}

const WRAPPERS: ReadonlySet<string> = new Set([
  'MaybeUninit',
  'ManuallyDrop',
  'MaybeDangling',
  'UnsafeCell',
  'SyncUnsafeCell',
  'CachePadded',
]);

/** What core's own wrappers wrap, and no further: a `Cell<Meters>` has a `Meters` in it, not a float. */
export function unwrapped(value: Value, types: Types): Value {
  for (let depth = 0; depth < 8; depth++) {
    const struct = structOf(value, types);
    if (struct === undefined || struct.namespace[0] === undefined || !WRAPPERS.has(baseName(struct.name))) return value;
    const member = onlyMember(struct, types) ?? struct.members.find(({ name }) => name === 'value' || name === '__0');
    if (member === undefined) return value;
    value = memberValue(value, struct, member, types);
  }
  return value;
}

/** A pointer, and what it points to. */
export interface Pointer {
  readonly address: number;
  /** Its pointee: the type of one element, of a slice. */
  readonly target: DieOffset | undefined;
  readonly wide: Wideness | undefined;
}

/** Whether a struct is a wide pointer, which rustc describes by two members. */
export function isWidePointer(struct: StructType): boolean {
  const [first, second] = struct.members;
  if (struct.members.length !== 2 || struct.variants !== undefined || first === undefined || second === undefined)
    return false;
  return (
    (first.name === 'data_ptr' && second.name === 'length') || (first.name === 'pointer' && second.name === 'vtable')
  );
}

/** The name of what a pointer's name says that it points to: `[u8]` of `&mut [u8]` and of `alloc::boxed::Box<[u8], A>`. */
const pointeeName = (name: string): string =>
  name.replace(/^(?:&(?:mut )?|\*(?:const|mut) |(?:\w+::)*\w+<)(?:'\w+ (?:mut )?)?/, '');

/** The pointer that a value is or wraps (`NonNull`, `Unique`, `Box`, `Pin`). @throws Unreadable */
export function pointerOf(value: Value, program: Program): Pointer {
  const { types } = program;
  const inner = peel(value, types);
  const type = types.bare(inner.type);
  if (type.kind === 'pointer')
    return { address: Number(unsignedOf(scalarBytes(inner, type.size))), target: type.target, wide: undefined };
  if (type.kind !== 'struct' || !isWidePointer(type)) throw new Unreadable('what should be a pointer is none');
  const [data, extra] = type.members.map((member) => memberValue(inner, type, member, types));
  if (data === undefined || extra === undefined) throw new Unreadable('what should be a pointer is none');
  const dataType = types.bare(data.type);
  const target = dataType.kind === 'pointer' ? dataType.target : undefined;
  const address = count(data, types);
  if (type.members[1]?.name === 'vtable') {
    const vtable = count(extra, types);
    return { address, target, wide: { vtable, align: alignIn(vtable, program) } };
  }
  const name = pointeeName(type.name);
  const of = /^str\b/.test(name) ? 'str' : name.startsWith('[') ? 'slice' : 'struct';
  return { address, target, wide: { length: count(extra, types), of } };
}

/** The third word of a vtable, after drop glue and size (the language's own layout): 1 where that can't be. */
function alignIn(vtable: number, program: Program): number {
  const word = program.memory(vtable).read(8, 4);
  if (isMissing(word)) return 1;
  const align = Number(unsignedOf(word));
  return align > 0 && align <= 4096 && (align & (align - 1)) === 0 ? align : 1;
}

/** What a pointer points to. A trait object is of its concrete type, where that is known. */
export function pointee(pointer: Pointer, program: Program): Place {
  return resolved(
    { type: pointer.target, bytes: program.memory(pointer.address), wide: pointer.wide } as Place,
    program.types,
  );
}

/** A `dyn Trait` with its vtable at hand as the type that it is. */
export function resolved(value: Place, types: Types): Place {
  const wide = wideOf(value);
  if (wide === undefined || !('vtable' in wide)) return value;
  const type = types.bare(value.type);
  // the dyn itself has no members; a struct around it (RcInner<dyn Trait>) has
  if (type.kind === 'struct' && type.members.length > 0) return value;
  const concrete = types.vtableAt(wide.vtable);
  return concrete === undefined ? value : { type: concrete, bytes: value.bytes };
}

/** The type parameter of this name, or the first. */
export function templateOf(type: Type, name: string): DieOffset | undefined {
  if (type.kind !== 'struct') return undefined;
  return (type.templates.find((template) => template.name === name) ?? type.templates[0])?.type;
}

/** @throws Unreadable where elements can't all be in memory */
export function checkExtent(address: number, length: number, size: number, program: Program): void {
  if (size > 0 && length * size > program.memorySize) throw new Unreadable(`length ${length} is more than memory has`);
  if (size > 0 && length > 0 && address + length * size > program.memorySize)
    throw new Unreadable(`its ${length} elements at ${hex(address)} are outside memory`);
}

export const hex = (address: number): string => `0x${address.toString(16)}`;
