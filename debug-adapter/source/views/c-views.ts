// Views of C: structs and unions, bit fields, arrays, text in arrays and behind pointers, pointers to data and to functions.
import { isMissing } from '../../dwarf/location.ts';
import type { ArrayType, Member, PointerType, StructType, Type, Types } from '../../dwarf/type.ts';
import type { Assigned, Bytes, Child, Shown, Value } from '../value.ts';
import { functionShown } from './function-view.ts';
import { bytesOf, integerBytes, isRefused, parseInteger, parseString } from './literals.ts';
import {
  element,
  field,
  fieldsText,
  isSettable,
  type Look,
  leading,
  leaf,
  listed,
  remark,
  withElements,
  withFields,
  writing,
} from './look.ts';
import { hex, memberValue, readBytes, scalarBytes, structOf, Unreadable, unsignedOf } from './reading.ts';
import { fromUtf8, quoted, quotedBytes } from './text.ts';
import { typeName } from './type-name.ts';

/** Longest text read from memory where only a zero byte ends it, bytes. */
const LONGEST = 1 << 16;

export function structOfC(value: Value, type: StructType, look: Look): Shown {
  const members = flattened(value, type, look, 0);
  const text = fieldsText(
    look,
    '{',
    '}',
    type.members.map((member) => () => {
      const { text } = look.inside(memberOfC(value, type, member, look).part);
      return member.name === '' ? text : `${member.name} = ${text}`;
    }),
  );
  const children = () => members.map((member) => member.child());
  return withFields(text, typeName(value.type, look.types), members.length, children, value.bytes.address);
}

interface MemberOfC {
  readonly part: Value;
  readonly child: () => Child;
}

/** Members, and in the place of an anonymous struct or union its own, which C has by their names from outside. */
function flattened(value: Value, type: StructType, look: Look, depth: number): readonly MemberOfC[] {
  return type.members.flatMap((member) => {
    const own = memberOfC(value, type, member, look);
    const inner = member.name === '' && depth < 8 ? structOf(own.part, look.types) : undefined;
    return inner === undefined ? [own] : flattened(own.part, inner, look, depth + 1);
  });
}

function memberOfC(value: Value, type: StructType, member: Member, look: Look): MemberOfC {
  const name = member.name === '' ? remark(member.inheritance ? 'base' : 'anonymous') : member.name;
  const path = member.name === '' ? '' : `.${member.name}`;
  const { bits } = member;
  // wider than any is: not a bit field
  if (bits === undefined || !(bits.size <= 128)) {
    const part = memberValue(value, type, member, look.types);
    return { part, child: () => field(name, path, part, look) };
  }
  const part: Value = { type: member.type, bytes: bitsOf(value, member.type, bits, look.types) };
  const shown = (): Shown => {
    // a bit field is set where its struct lies in memory
    const whole = look.show({ type: member.type, bytes: { ...part.bytes, address: value.bytes.address } });
    const { assign: numeric } = whole;
    if (numeric === undefined) return { ...whole, type: `${whole.type} : ${bits.size}`, address: undefined };
    const assign = (text: string): Assigned =>
      assignBits(value, numeric, bits, isSignedType(member.type, look.types), text);
    return { ...whole, type: `${whole.type} : ${bits.size}`, address: undefined, assign };
  };
  return { part, child: () => ({ name, path, value: part, shown }) };
}

/** DW_ATE_signed and DW_ATE_signed_char. */
function isSignedType(die: number | undefined, types: Types): boolean {
  const type = types.bare(die);
  if (type.kind === 'enum') return isSignedType(type.underlying, types);
  return type.kind === 'base' && (type.encoding === 0x05 || type.encoding === 0x06);
}

/** The bits of a field as the bytes of its type (§5.7.6: offsets count from the low bit of the first byte). */
function bitsOf(
  value: Value,
  die: number | undefined,
  bits: { readonly size: number; readonly offset: number },
  types: Types,
): Bytes {
  const type = types.bare(die);
  const size = Math.min(types.sizeOf(type) ?? 4, 16);
  const isSigned = isSignedType(die, types);
  const first = Math.floor(bits.offset / 8);
  const bytes: Bytes = {
    address: undefined,
    read(offset, length) {
      const held = value.bytes.at(first).read(0, Math.ceil((bits.offset - first * 8 + bits.size) / 8));
      if (isMissing(held)) return held;
      const field = BigInt.asUintN(bits.size, unsignedOf(held) >> BigInt(bits.offset - first * 8));
      return bytesOf(isSigned ? BigInt.asIntN(bits.size, field) : field, size).slice(offset, offset + length);
    },
    at: () => bytes,
  };
  return bytes;
}

/** Writes a bit field: its bytes with the other bits as they are. */
function assignBits(
  value: Value,
  numeric: NonNullable<Shown['assign']>,
  bits: { readonly size: number; readonly offset: number },
  isSigned: boolean,
  text: string,
): Assigned {
  const given = numeric(text);
  if (isRefused(given)) return given;
  const written = given.writes[0]?.bytes ?? new Uint8Array(0);
  const field = unsignedOf(written);
  const first = Math.floor(bits.offset / 8);
  const shift = BigInt(bits.offset - first * 8);
  const length = Math.ceil((Number(shift) + bits.size) / 8);
  const low = BigInt.asUintN(bits.size, field);
  const back = isSigned ? BigInt.asUintN(written.length * 8, BigInt.asIntN(bits.size, low)) : low;
  if (back !== field) return { reason: `${text.trim()} does not fit in ${bits.size} bits.` };
  const held = value.bytes.at(first).read(0, length);
  if (isMissing(held)) return { reason: `It can not be set: ${held.reason}.` };
  const mask = ((1n << BigInt(bits.size)) - 1n) << shift;
  const bytes = bytesOf((unsignedOf(held) & ~mask) | (low << shift), length);
  return { writes: [{ to: value.bytes.at(first), bytes }] };
}

const isChar = (die: number | undefined, types: Types): boolean => {
  const type = types.at(die);
  if (type.kind === 'modified') return isChar(type.target, types);
  // unsigned char and uint8_t are what C programmers keep bytes in
  return type.kind === 'base' && type.size === 1 && (type.name === 'char' || type.name === 'signed char');
};

export function arrayOfC(value: Value, type: ArrayType, look: Look): Shown {
  const { types } = look;
  const name = typeName(value.type, types);
  const { address } = value.bytes;
  const size = sizeWith(value, types.at(type.element), types);
  if (size === undefined) return leaf(remark('the size of its elements is not known'), name, { address });
  const at = (index: number): Value => ({ ...value, type: type.element, bytes: value.bytes.at(index * size) });
  const count = countOf(value, type);
  if (count === undefined) return flexible(value, type, at, look);
  if (address !== undefined && count * size > look.program.memorySize)
    throw new Unreadable(`its ${count} elements are more than memory has`);
  const wide = wideUnit(type.element, types);
  const text = isChar(type.element, types)
    ? textOfArray(value, count)
    : wide !== undefined
      ? wideText(value, wide, count, look)
      : listed(look, '{', '}', count, (index) => textOfElement(look.inside(at(index))));
  const shown = withElements(text, name, count, (index) => element(index, at(index), look), address);
  if (!isChar(type.element, types)) return shown;
  return {
    ...shown,
    plain: plainText(value, count),
    assign: (given) => assignText(value, count, given),
  };
}

/** Elements, of a VLA too; undefined: a flexible array, whose length only the program knows. */
function countOf(value: Value, type: ArrayType): number | undefined {
  return type.count ?? (type.countIn === undefined ? undefined : value.counts?.get(type.countIn));
}

/** Bytes of a type within an array whose other dimensions may be told at run time. */
function sizeWith(value: Value, type: Type, types: Types, depth = 0): number | undefined {
  if (type.kind !== 'array' || depth > 8) return types.sizeOf(type);
  const size = sizeWith(value, types.at(type.element), types, depth + 1);
  const count = countOf(value, type);
  return size === undefined || count === undefined ? undefined : size * count;
}

/** The array at the end of a struct: its first element, and others by expressions, as behind a pointer. */
function flexible(value: Value, type: ArrayType, at: (index: number) => Value, look: Look): Shown {
  const name = typeName(value.type, look.types);
  const { address } = value.bytes;
  if (type.countIn !== undefined || address === undefined) return leaf(remark('of unknown length'), name, { address });
  const text = isChar(type.element, look.types) ? textAt(value, look).text : remark('of unknown length');
  return withElements(text, name, 1, (index) => element(index, at(index), look), address);
}

const WIDE_CHARACTERS: Readonly<Record<string, string>> = { wchar_t: 'L', char16_t: 'u', char32_t: 'U' };

interface WideUnit {
  /** Of a literal: `L"…"`. */
  readonly prefix: string;
  /** Bytes. */
  readonly size: number;
}

/** What a wide text is made of, if the type is a wide character. */
function wideUnit(die: number | undefined, types: Types, depth = 0): WideUnit | undefined {
  const type = types.at(die);
  if (depth > 8) return undefined;
  const prefix = Object.hasOwn(WIDE_CHARACTERS, type.name) ? WIDE_CHARACTERS[type.name] : undefined;
  const size = types.sizeOf(types.bare(die));
  if (prefix !== undefined && (size === 2 || size === 4)) return { prefix, size };
  return type.kind === 'modified' || type.kind === 'typedef' ? wideUnit(type.target, types, depth + 1) : undefined;
}

/** Up to its zero, and as far as there is room to tell. */
function wideText(value: Value, { prefix, size }: WideUnit, most: number, look: Look): string {
  let text = '';
  for (let at = 0; at < most; at++) {
    const unit = value.bytes.read(at * size, size);
    if (isMissing(unit) || text.length > look.width) return `${prefix}${quoted(text).slice(0, -1)}…"`;
    const code = Number(unsignedOf(unit));
    if (code === 0) break;
    text += size === 2 ? String.fromCharCode(code) : code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  }
  return prefix + quoted(text);
}

/** Bytes in an array are numbers: `{1, 2}`, where one alone is a character too. */
const textOfElement = ({ text, plain }: Shown): string =>
  typeof plain === 'number' && text.startsWith("'") ? `${plain}` : text;

/** Up to its zero byte, as C takes it. */
function textOfArray(value: Value, count: number): string {
  const bytes = readBytes(value, Math.min(count, 256));
  const zero = bytes.indexOf(0);
  return quotedBytes(zero < 0 ? bytes : bytes.subarray(0, zero), zero >= 0 || count <= 256).text;
}

function plainText(value: Value, count: number): string | undefined {
  const bytes = value.bytes.read(0, Math.min(count, LONGEST));
  if (isMissing(bytes)) return undefined;
  const zero = bytes.indexOf(0);
  return fromUtf8(bytes.slice(0, zero < 0 ? bytes.length : zero)).text;
}

function assignText(value: Value, room: number, text: string): Assigned {
  const given = parseString(text);
  if (isRefused(given)) return given;
  if (given.length > room) return { reason: `The text has ${given.length} bytes, and there is room for ${room}.` };
  const bytes = new Uint8Array(Math.min(room, given.length + 1));
  bytes.set(given);
  return writing(value, bytes);
}

export function pointerOfC(value: Value, type: PointerType, look: Look): Shown {
  const { program, types } = look;
  const name = typeName(value.type, types);
  const { pointsTo } = value.bytes;
  if (pointsTo !== undefined) {
    const target: Value = { type: type.target, bytes: pointsTo };
    const text = `&${look.inside(target).text}`;
    return withFields(text, name, 1, () => [field('*', '*', target, look)], undefined);
  }
  const address = Number(unsignedOf(scalarBytes(value, type.size)));
  const assign = (text: string): Assigned => {
    const plain = text.replace(/ ‹[^›]*›\s*$/, '').trim();
    const given = plain === 'NULL' || plain === 'nullptr' ? 0n : parseInteger(plain);
    if (isRefused(given)) return given;
    const bytes = integerBytes(given, type.size, false, name);
    return isRefused(bytes) ? bytes : writing(value, bytes);
  };
  const target = types.bare(type.target);
  if (target.kind === 'function' && address !== 0) return { ...functionShown(address, name, look), assign };
  if (address === 0) return leaf('NULL', name, { plain: 0, assign });
  const isVoid = target.kind === 'unknown' && target.name === 'void';
  const outside = address >= program.memorySize;
  const text = outside ? `${hex(address)} ${remark('outside memory')}` : hex(address);
  if (isVoid || outside) return leaf(text, name, { address, plain: address, assign });
  const to: Value = { type: type.target, bytes: program.memory(address) };
  const child = (): readonly Child[] => [field('*', '*', to, look)];
  const wide = wideUnit(type.target, types);
  if (wide !== undefined) {
    const shown = withFields(wideText(to, wide, LONGEST, look), name, 1, child, address);
    return { ...shown, plain: address, assign };
  }
  if (isChar(type.target, types)) {
    const found = textAt(to, look);
    const shown = withFields(found.text, name, 1, child, address);
    // a text in its place; the pointer itself only where that lies somewhere
    const owned = isSettable(value, assign, types) ? assign : undefined;
    const inPlace = leading((text: string): Assigned => {
      if (text.trim().startsWith('"')) return assignText(to, found.room, text);
      return owned?.(text) ?? { reason: 'The pointer itself lies nowhere: a text in double quotes can be set.' };
    });
    return { ...shown, plain: found.plain, assign: inPlace };
  }
  const shown = withFields(text, name, 1, child, address);
  return { ...shown, plain: address, assign };
}

/** The text up to the next zero byte. */
function textAt(
  value: Value,
  look: Look,
): { readonly text: string; readonly plain: string | undefined; readonly room: number } {
  const start = value.bytes.address ?? 0;
  const length = Math.min(LONGEST, look.program.memorySize - start);
  const bytes = readBytes(value, length);
  const zero = bytes.indexOf(0);
  const end = zero < 0 ? bytes.length : zero;
  const { text } = quotedBytes(bytes.slice(0, Math.min(end, 256)), end <= 256);
  const ended = zero < 0 ? ` ${remark('no zero byte ends it')}` : '';
  return { text: text + ended, plain: fromUtf8(bytes.slice(0, end)).text, room: end };
}
