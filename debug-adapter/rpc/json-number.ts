// JSON numbers by their text: the ones a double can't hold, exact comparison, and the limits that serde_json sets.
// Contract P2: no number is ever rounded.

// TypeScript's library does not know JSON.rawJSON yet (V8 11.4, Node 21): a value that JSON.stringify writes as it stands.
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

/**
 * A number whose text JavaScript would not write back: 2^64-1, 1.0, -0, 1e400. JSON.stringify writes its text.
 * It does not survive structured cloning (a plain object comes out): what crosses threads is JSON text.
 */
export class LosslessNumber {
  /** The number as it stood in the JSON text. */
  readonly source: string;

  constructor(source: string) {
    if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(source))
      throw new TypeError(`not a JSON number: ${source}`);
    this.source = source;
  }

  toJSON(): unknown {
    return rawJson(this.source);
  }

  toString(): string {
    return this.source;
  }
}

/** `source` as a plain number where JavaScript would write the same text for it, else with its text kept. */
export function jsonNumber(source: string): number | LosslessNumber {
  const value = Number(source);
  return String(value) === source ? value : new LosslessNumber(source);
}

/** A number's value as `0.DIGITS * 10^exponent`, without zeros at either end of the digits; zero has no digits. */
interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: bigint;
}

function decimal(value: number | LosslessNumber): Decimal {
  const source = typeof value === 'number' ? String(value) : value.source;
  const [, sign, integer = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source) ?? [];
  const written = integer + fraction;
  const leading = /^0*/.exec(written)?.[0].length ?? 0;
  let end = written.length;
  while (end > leading && written.charCodeAt(end - 1) === 0x30) end--;
  const digits = written.slice(leading, end);
  if (digits === '') return { negative: false, digits, exponent: 0n };
  return {
    negative: sign === '-',
    digits,
    exponent: BigInt(integer.length - leading) + BigInt(exponent.replace('+', '')),
  };
}

/** Compares two JSON numbers by their exact values, however they are written: below 0, 0, or above 0. Not for NaN. */
export function compareNumbers(a: number | LosslessNumber, b: number | LosslessNumber): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  const left = decimal(a);
  const right = decimal(b);
  const leftSign = left.digits === '' ? 0 : left.negative ? -1 : 1;
  const rightSign = right.digits === '' ? 0 : right.negative ? -1 : 1;
  if (leftSign !== rightSign || leftSign === 0) return leftSign - rightSign;
  if (left.exponent !== right.exponent) return left.exponent < right.exponent ? -leftSign : leftSign;
  if (left.digits === right.digits) return 0;
  return left.digits < right.digits ? -leftSign : leftSign;
}

/** Whether a JSON number's text is one that serde reads as u64: no sign, fraction or exponent, at most 2^64-1. */
export function isU64(source: string): boolean {
  return /^(?:0|[1-9]\d{0,19})$/.test(source) && (source.length < 20 || source <= '18446744073709551615');
}

/** Whether a JSON number's text is one that serde reads as i64. `-0` is a float for serde_json. */
export function isI64(source: string): boolean {
  const match = /^(-?)(0|[1-9]\d{0,18})$/.exec(source);
  if (!match || source === '-0') return false;
  const digits = match[2] ?? '';
  return digits.length < 19 || digits <= (match[1] === '-' ? '9223372036854775808' : '9223372036854775807');
}

const U64_MAX = 0xffff_ffff_ffff_ffffn;

/**
 * Whether serde_json (without `float_roundtrip`, as the pdk and the hdk build it) finds a JSON number out of range. Its
 * fast algorithm multiplies a u64 of leading digits by a power of ten, so it refuses a little more than what overflows a
 * double: 1.7976931348623158e308, which is a double, is out of range for it.
 */
export function isOutOfSerdeRange(source: string): boolean {
  const [, integer = '', fraction = '', exponentText = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source) ?? [];
  let significand = 0n;
  let used = 0;
  for (; used < integer.length; used++) {
    const next = significand * 10n + BigInt(integer.charCodeAt(used) - 0x30);
    if (next > U64_MAX) break;
    significand = next;
  }
  let exponent = integer.length - used;
  // The fraction's first digits may still fit after an integer that did not: serde_json starts over there.
  for (let i = 0; i < fraction.length; i++) {
    const next = significand * 10n + BigInt(fraction.charCodeAt(i) - 0x30);
    if (next > U64_MAX) break;
    significand = next;
    exponent--;
  }
  if (significand === 0n) return false;
  const written = Number(exponentText);
  if (Math.abs(written) > 0x7fff_ffff) return written > 0;
  exponent += written;
  if (exponent > 308) return true;
  return exponent >= 0 && Number(significand) * Number(`1e${exponent}`) === Number.POSITIVE_INFINITY;
}
