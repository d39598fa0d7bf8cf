// What people type for new values: numbers, characters and strings as Rust and C write them, to bytes. Every refusal is one sentence.
import { quoted } from './text.ts';

export interface Refused {
  readonly reason: string;
}

const refused = (reason: string): Refused => ({ reason });

export const isRefused = (value: unknown): value is Refused =>
  typeof value === 'object' && value !== null && 'reason' in value;

/** `42`, `-1`, `0xff`, `0b1`, `0o7`, `1_000`, `5u8`, `'a'` (of C). */
export function parseInteger(text: string): bigint | Refused {
  const match =
    /^([-+]?)\s*(0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*?)(?:[iu](?:8|16|32|64|128|size)|[uUlL]+)?$/.exec(
      text.trim(),
    );
  const digits = match?.[2]?.replaceAll('_', '').toLowerCase();
  if (digits === undefined || digits.length > 140 || /^0[xbo]$/.test(digits))
    return refused(`${quoted(text)} is not a whole number.`);
  const value = BigInt(digits);
  return match?.[1] === '-' ? -value : value;
}

/** Little-endian bytes of a number that fits. `type` names it in the refusal. */
export function integerBytes(value: bigint, size: number, isSigned: boolean, type: string): Uint8Array | Refused {
  const bits = BigInt(size * 8);
  const low = isSigned ? -(1n << (bits - 1n)) : 0n;
  const high = isSigned ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n;
  if (size === 0 || value < low || value > high)
    return refused(`${value} does not fit in ${type} (${low} to ${high}).`);
  return bytesOf(value, size);
}

/** Little-endian, cut to `size` bytes. */
export function bytesOf(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = BigInt.asUintN(size * 8, value);
  for (let i = 0; i < size; i++) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** `1.5`, `-1e9`, `NaN`, `inf`, `1_000.0f32`, as bytes of 4, 8, or C's 16, which take what a double holds. */
export function floatBytes(text: string, size: number): Uint8Array | Refused {
  const plain = text
    .trim()
    .replaceAll('_', '')
    .replace(/(?:f32|f64|[fF])$/, '');
  const named: Readonly<Record<string, number>> = {
    nan: Number.NaN,
    inf: Number.POSITIVE_INFINITY,
    '+inf': Number.POSITIVE_INFINITY,
    '-inf': Number.NEGATIVE_INFINITY,
  };
  // 'inf' loses its f above
  const special =
    named[
      text
        .trim()
        .toLowerCase()
        .replace(/^([-+]?inf)inity$/, '$1')
    ];
  const isNumber = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(plain);
  if (special === undefined && !isNumber) return refused(`${quoted(text)} is not a number.`);
  const value = special ?? Number(plain);
  const isTooLarge = special === undefined && !Number.isFinite(size === 4 ? Math.fround(value) : value);
  if (isTooLarge) return refused(`${text.trim()} is larger than any float of ${Math.min(size, 8)} bytes.`);
  const view = new DataView(new ArrayBuffer(size));
  if (size === 4) view.setFloat32(0, value, true);
  else if (size === 8) view.setFloat64(0, value, true);
  else if (size === 16) return quadBytes(value);
  else return refused(`Floats of ${size} bytes can't be set.`);
  return new Uint8Array(view.buffer);
}

/** A double in IEEE 754's binary128: 15 bits of exponent, 112 of fraction. */
function quadBytes(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const sign = bits >> 63n;
  let fraction = bits & 0xf_ffff_ffff_ffffn;
  let exponent = (bits >> 52n) & 0x7ffn;
  if (exponent === 0x7ffn) exponent = 0x7fffn;
  else if (exponent !== 0n) exponent += 16383n - 1023n;
  else if (fraction !== 0n) {
    // what is subnormal in a double is not in this one
    exponent = 16383n - 1022n;
    while (fraction >> 52n === 0n) {
      fraction <<= 1n;
      exponent--;
    }
    fraction &= 0xf_ffff_ffff_ffffn;
  }
  return bytesOf((sign << 127n) | (exponent << 112n) | (fraction << 60n), 16);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '0': '\0',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** What is between the quotes of a literal, as bytes of UTF-8. */
function unescaped(body: string): Uint8Array | undefined {
  const out: Uint8Array[] = [];
  const encoder = new TextEncoder();
  const pattern = /\\(?:u\{([\da-fA-F_]{1,9})\}|x([\da-fA-F]{2})|(.))|([^\\]+)/gsy;
  let at = 0;
  for (let match = pattern.exec(body); match !== null; match = pattern.exec(body)) {
    at = pattern.lastIndex;
    const [, code, byte, named, text] = match;
    if (text !== undefined) out.push(encoder.encode(text));
    else if (byte !== undefined) out.push(Uint8Array.of(Number.parseInt(byte, 16)));
    else if (code !== undefined) {
      const point = Number.parseInt(code.replaceAll('_', ''), 16);
      if (!(point <= 0x10ffff) || (point >= 0xd800 && point < 0xe000)) return undefined;
      out.push(encoder.encode(String.fromCodePoint(point)));
    } else {
      const plain = ESCAPES[named ?? ''];
      if (plain === undefined) return undefined;
      out.push(encoder.encode(plain));
    }
  }
  if (at !== body.length) return undefined;
  const bytes = new Uint8Array(out.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of out) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** `"Ada"` with Rust's and C's escapes. */
export function parseString(text: string): Uint8Array | Refused {
  const match = /^"((?:[^"\\]|\\.)*)"$/s.exec(text.trim());
  const bytes = match?.[1] === undefined ? undefined : unescaped(match[1]);
  return bytes ?? refused('A text is written in double quotes, with escapes as in Rust.');
}

/** `'x'`: its code point. */
export function parseChar(text: string): number | Refused {
  const match = /^'((?:[^'\\]|\\.|\\u\{[\da-fA-F_]+\}|\\x[\da-fA-F]{2})+)'$/su.exec(text.trim());
  const bytes = match?.[1] === undefined ? undefined : unescaped(match[1]);
  const found = bytes === undefined ? '' : new TextDecoder().decode(bytes);
  const point = found.codePointAt(0);
  if (point === undefined || String.fromCodePoint(point) !== found)
    return refused("A character is written as 'x', with escapes as in Rust.");
  return point;
}
