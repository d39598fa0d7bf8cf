// Members and variant parts of structures, unions and classes (DWARF 5 §5.7), read from their children. Sizes of other types are asked for when the
// reader is done with the children, so that one reader is enough.
import { At, Form, Tag } from './constants.ts';
import type { DieReader } from './die-reader.ts';
import { isMissing } from './location.ts';
import { evaluateNumber, noMachine } from './location-expression.ts';
import { bitsOf } from './location-expression-values.ts';
import { skipLeb, slebBits, ulebBits } from './sections.ts';
import type { DieOffset, Member, Variant, VariantPart } from './type.ts';

/** What reading a structure asks of the type graph. */
export interface StructSurroundings {
  sizeAt(type: DieOffset | undefined): number | undefined;
  /** Whether values of a type are signed; undefined: not known. */
  signedAt(type: DieOffset | undefined): boolean | undefined;
  /** DW_AT_decl_file of the reader's unit as an index of the program's files. */
  file(reader: DieReader, index: number): number;
}

export interface StructBody {
  readonly members: readonly Member[];
  readonly variants: VariantPart | undefined;
  readonly templates: readonly { readonly name: string; readonly type: DieOffset | undefined }[];
}

/** As a DIE says it, before the sizes of other types are known. */
interface RawMember {
  readonly die: DieOffset;
  readonly member: Member;
  /** DW_AT_bit_offset of DWARF 3, and DW_AT_byte_size. */
  readonly bigEndianBits: number | undefined;
  readonly storage: number | undefined;
}

/** DW_AT_discr_value and DW_AT_discr_list as they are. */
interface RawVariant {
  readonly members: RawMember[];
  readonly value: bigint | undefined;
  readonly list: Uint8Array | undefined;
}

interface RawPart {
  readonly discriminantDie: DieOffset | undefined;
  readonly tagType: DieOffset | undefined;
  readonly members: RawMember[];
  readonly variants: RawVariant[];
}

/** No type has as many; garbage may hold one DIE after another. */
const MOST_CHILDREN = 100_000;

/** DW_DSC_range (§7.9); the other is a label, 0. */
const DISCRIMINANT_RANGE = 1;

/** Reads the children of the structure that the reader stands on; the reader stands elsewhere afterwards. */
export function readStructBody(reader: DieReader, surroundings: StructSurroundings): StructBody {
  const members: RawMember[] = [];
  const templates: { name: string; type: DieOffset | undefined }[] = [];
  const parts: RawPart[] = [];
  let left = MOST_CHILDREN;
  for (let on = reader.child(); on && left-- > 0; on = reader.next())
    switch (reader.tag) {
      case Tag.Member:
      case Tag.Inheritance: {
        // A static member of C++: DWARF 4 has it here, but it lies elsewhere.
        const member =
          reader.flag(At.External) || reader.flag(At.Declaration) ? undefined : readMember(reader, surroundings);
        if (member !== undefined) members.push(member);
        break;
      }
      case Tag.TemplateTypeParameter:
        templates.push({ name: reader.string(At.Name) ?? '', type: reader.reference(At.Type) });
        break;
      case Tag.VariantPart: {
        const die = reader.offset;
        parts.push(readPart(reader, surroundings));
        if (!reader.at(die)) on = false;
        break;
      }
      default:
    }
  const finished = (raw: RawMember) => finishMember(raw, surroundings);
  const [part] = parts;
  return {
    members: members.map(finished),
    variants: part && finishPart(part, members, surroundings),
    templates,
  };
}

/** Undefined: only an object tells where it is, as of virtual bases; better none than one in a wrong place. */
function readMember(reader: DieReader, surroundings: StructSurroundings): RawMember | undefined {
  const line = reader.unsigned(At.DeclLine);
  const bits = reader.unsigned(At.BitSize);
  const dataBits = reader.unsigned(At.DataBitOffset);
  const bytes = memberOffset(reader);
  if (bytes === undefined) return undefined;
  const bitOffset = dataBits === undefined ? bytes * 8 : dataBits + bytes * 8;
  return {
    die: reader.offset,
    member: {
      name: reader.string(At.Name) ?? '',
      type: reader.reference(At.Type),
      offset: dataBits === undefined ? bytes : Math.floor(bitOffset / 8),
      bits: bits === undefined ? undefined : { size: bits, offset: bitOffset },
      artificial: reader.flag(At.Artificial),
      inheritance: reader.tag === Tag.Inheritance,
      ...(reader.unsigned(At.Alignment) === 1 ? { unaligned: true } : undefined),
      ...(line === undefined
        ? undefined
        : { declaredAt: { file: surroundings.file(reader, reader.unsigned(At.DeclFile) ?? 0), line } }),
    },
    bigEndianBits: dataBits === undefined ? reader.unsigned(At.BitOffset) : undefined,
    storage: reader.unsigned(At.ByteSize),
  };
}

/** DW_AT_data_member_location (§5.7.6): a constant, or an expression that finds the address of what holds it on its stack. */
function memberOffset(reader: DieReader): number | undefined {
  const constant = reader.unsigned(At.DataMemberLocation);
  if (constant !== undefined) return constant;
  const block = reader.block(At.DataMemberLocation);
  if (block === undefined) return 0;
  const { addressSize, offsetSize } = reader.unit;
  const context = { addressSize, offsetSize, initial: 0n };
  const offset = evaluateNumber(reader.file.bytes.subarray(block.start, block.end), context, noMachine);
  return isMissing(offset) ? undefined : Number(BigInt.asIntN(64, offset));
}

/** DWARF 3 and before counted the bits of a bit field from the high end of what it is stored in (DWARF 3 §5.5.5). */
function finishMember(raw: RawMember, surroundings: StructSurroundings): Member {
  const { member, bigEndianBits } = raw;
  if (bigEndianBits === undefined || member.bits === undefined) return member;
  const storage = raw.storage ?? surroundings.sizeAt(member.type) ?? 4;
  const offset = member.offset * 8 + storage * 8 - bigEndianBits - member.bits.size;
  return { ...member, bits: { size: member.bits.size, offset } };
}

function readPart(reader: DieReader, surroundings: StructSurroundings): RawPart {
  const discriminantDie = reader.reference(At.Discr);
  const tagType = reader.reference(At.Type);
  const members: RawMember[] = [];
  const variants: RawVariant[] = [];
  let left = MOST_CHILDREN;
  for (let on = reader.child(); on && left-- > 0; on = reader.next()) {
    const member = reader.tag === Tag.Member ? readMember(reader, surroundings) : undefined;
    if (member !== undefined) members.push(member);
    if (reader.tag !== Tag.Variant) continue;
    const die = reader.offset;
    variants.push(readVariant(reader, surroundings));
    if (!reader.at(die)) break;
  }
  return { discriminantDie, tagType, members, variants };
}

function readVariant(reader: DieReader, surroundings: StructSurroundings): RawVariant {
  const value = discriminantValue(reader);
  const block = reader.block(At.DiscrList);
  const list = block && reader.file.bytes.subarray(block.start, block.end);
  const members: RawMember[] = [];
  let left = MOST_CHILDREN;
  for (let on = reader.child(); on && left-- > 0; on = reader.next()) {
    const member = reader.tag === Tag.Member ? readMember(reader, surroundings) : undefined;
    if (member !== undefined) members.push(member);
  }
  return { members, value, list };
}

/** Of 128 bits it is a block of bytes. */
function discriminantValue(reader: DieReader): bigint | undefined {
  const block = reader.form(At.DiscrValue) === Form.Data16 ? undefined : reader.block(At.DiscrValue);
  if (block === undefined) return reader.unsignedBits(At.DiscrValue);
  return bitsOf(reader.file.bytes.subarray(block.start, Math.min(block.end, block.start + 16)));
}

function finishPart(part: RawPart, outer: readonly RawMember[], surroundings: StructSurroundings): VariantPart {
  const { discriminantDie, tagType } = part;
  // The discriminant is a child of the part, or a member of what holds it (§5.7.10).
  const own = part.members.find((raw) => raw.die === discriminantDie);
  const raw = own ?? outer.find(({ die }) => die === discriminantDie);
  const discriminant = discriminantDie === undefined || raw === undefined ? undefined : finishMember(raw, surroundings);
  const type = discriminant?.type ?? tagType;
  const bits = (surroundings.sizeAt(type) ?? 8) * 8;
  const signed = surroundings.signedAt(type) ?? false;
  const variants: Variant[] = part.variants.map(({ members, value, list }) => {
    const values = list === undefined ? [] : discriminantList(list, signed, bits);
    if (value !== undefined) values.unshift({ low: BigInt.asUintN(bits, value), high: BigInt.asUintN(bits, value) });
    return { values, members: members.map((member) => finishMember(member, surroundings)) };
  });
  return { discriminant, variants };
}

/** §5.7.10, §7.9: labels and ranges, LEB128 numbers of the discriminant's signedness. */
function discriminantList(list: Uint8Array, signed: boolean, bits: number): { low: bigint; high: bigint }[] {
  const values: { low: bigint; high: bigint }[] = [];
  let at = 0;
  const number = () => {
    const value = signed ? slebBits(list, at, list.length) : ulebBits(list, at, list.length);
    at = skipLeb(list, at, list.length);
    return BigInt.asUintN(bits, value);
  };
  while (at < list.length) {
    const kind = list[at++];
    const low = number();
    values.push({ low, high: kind === DISCRIMINANT_RANGE ? number() : low });
  }
  return values;
}
