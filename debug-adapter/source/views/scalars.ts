// Views of what has no parts: integers, floats, booleans, characters; enums of C and Rust's without fields.
import type { BaseType, EnumType } from '../../dwarf/type.ts';
import type { Assigned, Shown, Value } from '../value.ts';
import { bytesOf, floatBytes, integerBytes, isRefused, parseChar, parseInteger } from './literals.ts';
import { type Look, leaf, remark, writing } from './look.ts';
import { readBytes, scalarBytes, unsignedOf } from './reading.ts';
import { floatOf, floatText, quotedChar } from './text.ts';
import { isOfC, typeName } from './type-name.ts';

/** DW_ATE_* (DWARF 5 §7.8). */
const Encoding = {
  Address: 0x01,
  Boolean: 0x02,
  ComplexFloat: 0x03,
  Float: 0x04,
  Signed: 0x05,
  SignedChar: 0x06,
  UnsignedChar: 0x08,
  Utf: 0x10,
} as const;

/** Integers of up to 4 bytes are numbers in expressions, wider ones keep all their digits. */
const plainInteger = (value: bigint, size: number): number | bigint => (size <= 4 ? Number(value) : value);

export function baseView(value: Value, type: BaseType, look: Look): Shown {
  const name = typeName(value.type, look.types);
  const { size } = type;
  const { address } = value.bytes;
  if (size === 0) return leaf(type.name, name);
  if (size > 32) return leaf(remark(`${size} bytes`), name, { address });
  const bytes = readBytes(value, size);
  switch (type.encoding) {
    case Encoding.Float: {
      const number = floatOf(bytes);
      if (number === undefined) return leaf(remark(`a float of ${size} bytes`), name, { address });
      const assign = (text: string): Assigned => assigned(value, floatBytes(text, size));
      const text = floatText(number, size <= 4);
      // C's printf and its programmers have it in small letters
      return leaf(Number.isNaN(number) && !/^f\d/.test(type.name) ? 'nan' : text, name, {
        address,
        plain: number,
        assign,
      });
    }
    case Encoding.ComplexFloat: {
      const [real, imaginary] = [bytes.slice(0, size / 2), bytes.slice(size / 2)].map((part) => floatOf(part) ?? 0);
      const single = size <= 8;
      return leaf(`${floatText(real ?? 0, single)} + ${floatText(imaginary ?? 0, single)}i`, name, { address });
    }
    case Encoding.Boolean:
      return booleanView(value, unsignedOf(bytes), name, size);
    case Encoding.Utf:
      return utfView(value, Number(unsignedOf(bytes)), name, size);
    case Encoding.SignedChar:
    case Encoding.UnsignedChar:
      return charOfC(value, bytes, type, name);
    default: {
      const shown = integerView(value, bytes, type.encoding === Encoding.Signed, name);
      // C has a character in an integer, that of `L'é'`
      const point = typeof shown.plain === 'number' ? shown.plain : -1;
      const isCharacter = /^(?:const |volatile )*wchar_t$/.test(name) && point >= 32 && point <= 0x10ffff;
      return isCharacter && !(point >= 0xd800 && point < 0xe000)
        ? { ...shown, text: `L${quotedChar(String.fromCodePoint(point))} ${point}` }
        : shown;
    }
  }
}

const assigned = (value: Value, bytes: Uint8Array | { readonly reason: string }): Assigned =>
  isRefused(bytes) ? bytes : writing(value, bytes);

/** The number of a character, as the other integers are. */
function codeOf(text: string): bigint | { readonly reason: string } {
  const point = parseChar(text);
  return isRefused(point) ? point : BigInt(point);
}

function integerView(value: Value, bytes: Uint8Array, isSigned: boolean, name: string): Shown {
  const size = bytes.length;
  const unsigned = unsignedOf(bytes);
  const number = isSigned ? BigInt.asIntN(size * 8, unsigned) : unsigned;
  const assign = (text: string): Assigned => {
    const wide = name.includes('wchar_t') ? /^\s*L?('.+')\s*$/s.exec(text)?.[1] : undefined;
    const given = wide === undefined ? parseInteger(text.replace(/^\s*L'.+' (?=\d+\s*$)/s, '')) : codeOf(wide);
    return isRefused(given) ? given : assigned(value, integerBytes(given, size, isSigned, name));
  };
  return leaf(number.toString(), name, { address: value.bytes.address, plain: plainInteger(number, size), assign });
}

/** Also for what holds a boolean in a byte of another type: AtomicBool. */
export function booleanView(value: Value, bits: bigint, name: string, size: number): Shown {
  const { address } = value.bytes;
  const assign = (text: string): Assigned => {
    const given = { true: 1n, false: 0n, '1': 1n, '0': 0n }[text.trim()];
    return given === undefined ? { reason: 'A bool is true or false.' } : writing(value, bytesOf(given, size));
  };
  if (bits > 1n) return leaf(remark(`not a bool: ${bits}`), name, { address, assign });
  return leaf(bits === 1n ? 'true' : 'false', name, { address, plain: bits === 1n, assign });
}

/** Rust's char, C's char16_t and char32_t. */
function utfView(value: Value, point: number, name: string, size: number): Shown {
  const { address } = value.bytes;
  const assign = (text: string): Assigned => {
    const given = parseChar(text);
    return isRefused(given) ? given : assigned(value, integerBytes(BigInt(given), size, false, name));
  };
  if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
    return leaf(remark(`not a character: 0x${point.toString(16)}`), name, { address, assign });
  const character = String.fromCodePoint(point);
  return leaf(quotedChar(character), name, { address, plain: character, assign });
}

const ESCAPES_OF_C: Readonly<Record<number, string>> = {
  0: '\\0',
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
};
const hexEscape = (code: number): string => `\\x${code.toString(16).padStart(2, '0')}`;

/** `'x' 120` */
function charOfC(value: Value, bytes: Uint8Array, type: BaseType, name: string): Shown {
  const isSigned = type.encoding === Encoding.SignedChar;
  if (bytes.length !== 1) return integerView(value, bytes, isSigned, name);
  const code = bytes[0] ?? 0;
  const number = isSigned && code > 127 ? code - 256 : code;
  const text =
    code >= 32 && code < 127 ? quotedChar(String.fromCharCode(code)) : `'${ESCAPES_OF_C[code] ?? hexEscape(code)}'`;
  const assign = (given: string): Assigned => {
    // as it is shown, with its number
    const [, shown] = /^'.+' (-?\d+)$/s.exec(given.trim()) ?? [];
    const letter =
      shown === undefined && given.trim().startsWith("'") ? parseChar(given) : parseInteger(shown ?? given);
    if (isRefused(letter)) return letter;
    return assigned(value, integerBytes(BigInt(letter), 1, isSigned, name));
  };
  return leaf(`${text} ${number}`, name, { address: value.bytes.address, plain: number, assign });
}

/** The width of a bit field in bits, if the value is one: of C's enums and integers. */
export function enumView(value: Value, type: EnumType, look: Look): Shown {
  const name = typeName(value.type, look.types);
  const { address } = value.bytes;
  const underlying = look.types.bare(type.underlying);
  const isSigned =
    underlying.kind === 'base'
      ? underlying.encoding === Encoding.Signed
      : type.enumerators.some((one) => one.value < 0n);
  const bits = type.size * 8;
  const raw = unsignedOf(scalarBytes(value, type.size));
  // enumerators may be written with a sign or without
  const found = type.enumerators.find((one) => BigInt.asUintN(bits, one.value) === raw);
  const number = isSigned ? BigInt.asIntN(bits, raw) : raw;
  const ofC = isOfC(type);
  const assign = (text: string): Assigned => {
    const given = valueNamed(text, type);
    if (given !== undefined) return writing(value, bytesOf(given, type.size));
    const numeric = ofC ? parseInteger(text) : undefined;
    if (numeric !== undefined && !isRefused(numeric))
      return assigned(value, integerBytes(numeric, type.size, isSigned, name));
    const names = type.enumerators.slice(0, 8).map((one) => one.name);
    const listed = `${names.join(', ')}${names.length < type.enumerators.length ? ', …' : ''}`;
    return { reason: `${ofC ? name : type.name} is one of ${listed}${ofC ? ', or a number' : ''}.` };
  };
  const plain = ofC ? plainInteger(number, type.size) : found?.name;
  if (found !== undefined) return leaf(found.name, name, { address, plain, assign });
  if (!ofC) return leaf(remark(`not readable: ${number} is no variant of ${type.name}`), name, { address, assign });
  return leaf(flagsText(raw, type, bits) ?? number.toString(), name, { address, plain, assign });
}

/** `READ | WRITE | 0x10` where the enumerators are flags. */
function flagsText(raw: bigint, type: EnumType, bits: number): string | undefined {
  const flags = type.enumerators
    .map((one) => ({ name: one.name, value: BigInt.asUintN(bits, one.value) }))
    .filter(({ value }) => value !== 0n);
  if (raw === 0n || flags.length < 2 || !flags.some(({ value }) => value > 1n && (value & (value - 1n)) === 0n))
    return undefined;
  let left = raw;
  const names: string[] = [];
  for (const { name, value } of flags)
    if ((value & (value - 1n)) === 0n && (left & value) === value) {
      names.push(name);
      left &= ~value;
    }
  if (names.length === 0) return undefined;
  if (left !== 0n) names.push(`0x${left.toString(16)}`);
  return names.join(' | ');
}

/** `Green`, `Color::Green`, `READ | WRITE`. */
function valueNamed(text: string, type: EnumType): bigint | undefined {
  let all = 0n;
  for (const part of text.split('|')) {
    const name = part.trim().replace(/^.*::/, '');
    const found = type.enumerators.find((one) => one.name === name);
    if (found === undefined || (text.includes('|') && !isOfC(type))) return undefined;
    all |= found.value;
  }
  return all;
}
