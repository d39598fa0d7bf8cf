// One type from its DIE (DWARF 5 §5): what it says of itself, the types it refers to as offsets. Not memory of types, nor definitions found elsewhere:
// types.ts.
import { At, Encoding, Tag } from './constants.ts';
import type { DieReader } from './die-reader.ts';
import type {
  ArrayType,
  DieOffset,
  EnumType,
  FunctionType,
  ModifiedType,
  PointerType,
  StructType,
  Type,
} from './type.ts';
import type { StructSurroundings } from './types-struct.ts';
import { readStructBody } from './types-struct.ts';

/** What reading a type asks of the type graph. */
export interface TypeSurroundings extends StructSurroundings {
  /** Names of the namespaces and types around a DIE. */
  namespaceOf(die: DieOffset): readonly string[];
  /** Dimensions of an array behind the first are types of their own, known by the DIEs of their ranges. */
  keep(type: ArrayType): void;
}

const MODIFIERS = new Map<number, ModifiedType['modifier']>([
  [Tag.ConstType, 'const'],
  [Tag.VolatileType, 'volatile'],
  [Tag.RestrictType, 'restrict'],
  [Tag.AtomicType, 'atomic'],
  [Tag.ImmutableType, 'immutable'],
  [Tag.PackedType, 'packed'],
  [Tag.SharedType, 'shared'],
]);

const MOST_CHILDREN = 100_000;

/** The type at the DIE that the reader stands on; the reader stands elsewhere afterwards. */
export function readType(reader: DieReader, surroundings: TypeSurroundings): Type {
  const die = reader.offset;
  const name = reader.string(At.Name) ?? '';
  switch (reader.tag) {
    case Tag.BaseType: {
      const size = sizeSaid(reader) ?? Math.ceil((reader.unsigned(At.BitSize) ?? 0) / 8);
      return { kind: 'base', name, die, encoding: reader.unsigned(At.Encoding) ?? 0, size };
    }
    case Tag.UnspecifiedType: // the type of nullptr, and of nothing
      return { kind: 'base', name, die, encoding: 0, size: sizeSaid(reader) ?? 0 };
    case Tag.PointerType:
    case Tag.ReferenceType:
    case Tag.RvalueReferenceType:
    case Tag.PtrToMemberType:
      return readPointer(reader, name);
    case Tag.StructureType:
    case Tag.ClassType:
    case Tag.UnionType:
    case Tag.InterfaceType:
      return readStruct(reader, name, surroundings);
    case Tag.ArrayType:
      return readArray(reader, name, surroundings);
    case Tag.EnumerationType:
      return readEnum(reader, name, surroundings);
    case Tag.SubroutineType:
    case Tag.Subprogram:
      return readFunction(reader, name);
    case Tag.Typedef:
    case Tag.TemplateAlias:
    case Tag.SubrangeType:
    case Tag.GenericSubrange:
    case Tag.DynamicType:
      return { kind: 'typedef', name, die, target: reader.reference(At.Type) };
    default: {
      const modifier = MODIFIERS.get(reader.tag);
      if (modifier !== undefined) return { kind: 'modified', name, die, modifier, target: reader.reference(At.Type) };
      return {
        kind: 'unknown',
        name,
        die,
        reason: `its DIE is of kind 0x${reader.tag.toString(16)}, which is no type of Rust or C`,
      };
    }
  }
}

/** DW_AT_byte_size where it is a constant. */
const sizeSaid = (reader: DieReader): number | undefined => reader.unsigned(At.ByteSize);

function readPointer(reader: DieReader, name: string): PointerType {
  return {
    kind: 'pointer',
    name,
    die: reader.offset,
    reference: reader.tag === Tag.ReferenceType || reader.tag === Tag.RvalueReferenceType,
    target: reader.reference(At.Type),
    size: sizeSaid(reader) ?? reader.unit.addressSize,
  };
}

function readStruct(reader: DieReader, name: string, surroundings: TypeSurroundings): StructType {
  const die = reader.offset;
  const union = reader.tag === Tag.UnionType;
  const size = sizeSaid(reader);
  const containing = reader.reference(At.ContainingType);
  const line = reader.unsigned(At.DeclLine);
  const declaredAt =
    line === undefined ? undefined : { file: surroundings.file(reader, reader.unsigned(At.DeclFile) ?? 0), line };
  const body = readStructBody(reader, surroundings);
  return {
    kind: 'struct',
    name,
    die,
    union,
    namespace: surroundings.namespaceOf(die),
    size,
    ...body,
    containing,
    declaredAt,
  };
}

/** §5.5: each DW_TAG_subrange_type (or enumeration) child is a dimension, the outermost first. */
function readArray(reader: DieReader, name: string, surroundings: TypeSurroundings): ArrayType {
  const die = reader.offset;
  const element = reader.reference(At.Type);
  const dimensions: (Pick<ArrayType, 'count' | 'countIn'> & { die: DieOffset })[] = [];
  let left = MOST_CHILDREN;
  for (let on = reader.child(); on && left-- > 0; on = reader.next()) {
    const { tag } = reader;
    if (tag === Tag.SubrangeType || tag === Tag.GenericSubrange)
      dimensions.push({ die: reader.offset, count: rangeCount(reader), countIn: countVariable(reader) });
  }
  let inner = element;
  for (let n = dimensions.length - 1; n > 0; n--) {
    const dimension = dimensions[n];
    if (dimension === undefined) continue;
    surroundings.keep({ kind: 'array', name: '', element: inner, ...dimension });
    inner = dimension.die;
  }
  const [first] = dimensions;
  return { kind: 'array', name, die, element: inner, count: first?.count, countIn: first?.countIn };
}

/** §5.13: the variable that has the number of elements, where that is told at run time. */
function countVariable(reader: DieReader): DieOffset | undefined {
  return reader.unsigned(At.Count) === undefined ? reader.reference(At.Count) : undefined;
}

/** §5.13: elements of a range whose bounds are constants. */
function rangeCount(reader: DieReader): number | undefined {
  const count = reader.unsigned(At.Count);
  // -1 is how older compilers write that they don't know.
  if (count !== undefined) return count >= 0 && count < 2 ** 32 - 1 ? count : undefined;
  const upper = reader.unsigned(At.UpperBound);
  if (upper === undefined) return undefined;
  const lower = reader.signed(At.LowerBound) ?? 0;
  // `int a[0]` has an upper bound of -1, which data forms give as all ones.
  if (upper === 2 ** 32 - 1 || upper >= 2 ** 64 - 2048) return 0;
  return Math.max(0, upper - lower + 1);
}

function readEnum(reader: DieReader, name: string, surroundings: TypeSurroundings): EnumType {
  const die = reader.offset;
  const underlying = reader.reference(At.Type);
  const said = sizeSaid(reader);
  const raw: { name: string; unsigned: bigint; signed: bigint }[] = [];
  let left = MOST_CHILDREN;
  for (let on = reader.child(); on && left-- > 0; on = reader.next()) {
    if (reader.tag !== Tag.Enumerator) continue;
    const unsigned = reader.unsignedBits(At.ConstValue) ?? 0n;
    raw.push({ name: reader.string(At.Name) ?? '', unsigned, signed: reader.signedBits(At.ConstValue) ?? unsigned });
  }
  const size = said ?? surroundings.sizeAt(underlying) ?? 4;
  const signed = surroundings.signedAt(underlying);
  const bits = Math.min(size, 16) * 8;
  const enumerators = raw.map((one) => {
    if (signed === undefined) return { name: one.name, value: one.unsigned };
    return { name: one.name, value: signed ? BigInt.asIntN(bits, one.signed) : BigInt.asUintN(bits, one.unsigned) };
  });
  return { kind: 'enum', name, die, namespace: surroundings.namespaceOf(die), size, underlying, enumerators };
}

function readFunction(reader: DieReader, name: string): FunctionType {
  const die = reader.offset;
  const result = reader.reference(At.Type);
  const parameters: (DieOffset | undefined)[] = [];
  let left = MOST_CHILDREN;
  for (let on = reader.child(); on && left-- > 0; on = reader.next())
    if (reader.tag === Tag.FormalParameter) parameters.push(reader.reference(At.Type));
  return { kind: 'function', name, die, result, parameters };
}

/** Whether numbers of this DW_ATE_* have a sign; undefined: they are no numbers. */
export function isSigned(encoding: number): boolean | undefined {
  switch (encoding) {
    case Encoding.Signed:
    case Encoding.SignedChar:
    case Encoding.SignedFixed:
      return true;
    case Encoding.Unsigned:
    case Encoding.UnsignedChar:
    case Encoding.UnsignedFixed:
    case Encoding.Boolean:
    case Encoding.Address:
    case Encoding.Utf:
    case Encoding.Ucs:
    case Encoding.Ascii:
      return false;
    default:
      return undefined;
  }
}
