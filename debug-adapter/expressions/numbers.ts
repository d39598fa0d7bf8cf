// The number types of Wasm and of memory: widths and ranges, wrapping and checking, and how their values are written in hex and binary.
// Contract P2.
import { EvaluationError, type Place } from './error.ts';
import type { CellType, Format } from './syntax.ts';
import { tidy } from './values.ts';

export interface Width {
  readonly bytes: 1 | 2 | 4 | 8;
  readonly sort: 'signed' | 'unsigned' | 'float';
}

export const WIDTHS: Readonly<Record<CellType, Width>> = {
  i8: { bytes: 1, sort: 'signed' },
  u8: { bytes: 1, sort: 'unsigned' },
  i16: { bytes: 2, sort: 'signed' },
  u16: { bytes: 2, sort: 'unsigned' },
  i32: { bytes: 4, sort: 'signed' },
  u32: { bytes: 4, sort: 'unsigned' },
  i64: { bytes: 8, sort: 'signed' },
  u64: { bytes: 8, sort: 'unsigned' },
  f32: { bytes: 4, sort: 'float' },
  f64: { bytes: 8, sort: 'float' },
};

export function isCellType(word: string): word is CellType {
  return Object.hasOwn(WIDTHS, word);
}

/** The type that a cast means: wasm32's `usize` is a `u32`. */
export function cellOf(type: string): CellType | undefined {
  if (isCellType(type)) return type;
  return type === 'usize' ? 'u32' : type === 'isize' ? 'i32' : undefined;
}

/** `u8::MAX`, `i64::MIN`, `usize::MAX`; undefined: no such name. */
export function limitOf(name: string): number | bigint | undefined {
  const [, sign, width = '', end] = /^([iu])(8|16|32|64|128|size)::(MIN|MAX)$/.exec(name) ?? [];
  if (sign === undefined) return undefined;
  const bits = BigInt(width === 'size' ? 32 : width) - (sign === 'i' ? 1n : 0n);
  if (end === 'MAX') return tidy((1n << bits) - 1n);
  return sign === 'u' ? 0 : tidy(-(1n << bits));
}

const scratch = new DataView(new ArrayBuffer(8));

/** `value` as `type` has it: whole numbers keep the low bits, fractions are cut off; floats are rounded to the nearest. */
export function wrap(type: CellType, value: number | bigint, place: Place): number | bigint {
  const { bytes, sort } = WIDTHS[type];
  if (sort === 'float') return bytes === 4 ? Math.fround(Number(value)) : Number(value);
  if (typeof value === 'number' && bytes < 8) {
    if (bytes === 4 && Number.isSafeInteger(value)) return sort === 'signed' ? value | 0 : value >>> 0;
  }
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new EvaluationError(`${value} is no whole number, and has no ${type}`, place);
  const large = BigInt(typeof value === 'number' ? Math.trunc(value) : value);
  return tidy(sort === 'signed' ? BigInt.asIntN(bytes * 8, large) : BigInt.asUintN(bytes * 8, large));
}

/** The bits of `value` as an unsigned number of the type's width; undefined: it does not fit. */
function bits(type: CellType, value: number | bigint): bigint | undefined {
  const { bytes, sort } = WIDTHS[type];
  if (sort === 'float') {
    if (bytes === 4) scratch.setFloat32(0, Number(value), true);
    else scratch.setFloat64(0, Number(value), true);
    return bytes === 4 ? BigInt(scratch.getUint32(0, true)) : scratch.getBigUint64(0, true);
  }
  const large = BigInt(value);
  const found = BigInt.asUintN(bytes * 8, large);
  return found === large || BigInt.asIntN(bytes * 8, large) === large ? found : undefined;
}

/** `0xffffffff`, `0b1111_0000`, `4294967295`: of a number without a type with its sign; of an f64 in hex and binary its bits. */
export function formatNumber(value: number | bigint, format: Format | undefined, type: string | undefined): string {
  if (format === undefined || format === 's') return String(value);
  const known = type !== undefined && isCellType(type) ? type : undefined;
  if (known === undefined && typeof value === 'number' && !Number.isSafeInteger(value))
    return formatNumber(value, format, 'f64');
  if (format === 'u' && (known === undefined || WIDTHS[known].sort === 'float')) return String(value);
  const typed = known === undefined ? undefined : bits(known, value);
  const digits = typed ?? (value < 0 ? -BigInt(value) : BigInt(value));
  if (format === 'u') return String(digits);
  const sign = typed === undefined && value < 0 ? '-' : '';
  const width = typed === undefined || known === undefined ? 0 : WIDTHS[known].bytes * (format === 'x' ? 2 : 8);
  const text = digits.toString(format === 'x' ? 16 : 2).padStart(width, '0');
  return format === 'x' ? `${sign}0x${text}` : `${sign}0b${text.replace(/\B(?=(?:[01]{4})+$)/g, '_')}`;
}
