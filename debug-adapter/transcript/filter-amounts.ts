// Amounts and ranges of the filter's language: `>5ms`, `10..20ms`, `1.5k`, `3`. Text to numbers; no rows. Ids are u64 and never become doubles (P2).
import type { Units } from './filter-keys.ts';

/** From `low` to `high`; with `open` neither of the two is in it. One-sided: the other end is infinite. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly open: boolean;
}

/** Ids from `low` to `high`, both in it. */
export interface IdRange {
  readonly low: bigint;
  readonly high: bigint;
}

const AMOUNT = /^(\d{1,30}|\d{0,30}\.\d{1,30})(?:e([+-]?\d{1,3}))?([a-zµμ]{0,3})$/i;
const SIDES = /^(>=|<=|>|<|=)?(.+)$/s;
/** `1.5.` is no amount, so that what stands before two dots does not end in one. */
const BETWEEN = /^(.*?)\.\.(.*)$/s;

interface Amount {
  readonly value: number;
  /** The unit that it was in, and half of its last digit, both times the unit. */
  readonly unit: number | undefined;
  readonly half: number;
}

/** `units` has the factors of units by their names in small letters; a bare number is in the unit of factor 1. */
function amount(text: string, units: Units, fallback = 1): Amount | undefined {
  const match = AMOUNT.exec(text);
  const digits = match?.[1];
  if (match === null || digits === undefined) return undefined;
  const name = (match[3] ?? '').toLowerCase();
  const factor = Object.hasOwn(units, name) ? units[name] : undefined;
  if (name !== '' && factor === undefined) return undefined;
  const exponent = Number(match[2] ?? 0);
  const unit = factor ?? fallback;
  const value = Number(`${digits}e${exponent}`) * unit;
  const decimals = digits.includes('.') ? digits.length - digits.indexOf('.') - 1 : 0;
  if (!Number.isFinite(value)) return undefined;
  return { value, unit: factor, half: 0.5 * 10 ** (exponent - decimals) * unit };
}

/**
 * The range that `text` says; a sentence's clause when it says none. A bare amount is itself where only whole ones are there and it is in the
 * smallest unit; otherwise what is rounded to it, as people read numbers off a column: `5ms` is 4.5 to 5.5 ms.
 */
export function readRange(text: string, units: Units, whole: boolean): Range | string {
  const between = BETWEEN.exec(text);
  if (between !== null) {
    const [, from = '', to = ''] = between;
    if (from === '' && to === '') return 'a range has a number at one end at least';
    const unitTo = to === '' ? undefined : amount(to, units)?.unit;
    const low = from === '' ? undefined : amount(from, units, unitTo);
    const high = to === '' ? undefined : amount(to, units, low?.unit);
    if ((from !== '' && low === undefined) || (to !== '' && high === undefined)) return 'it is no range';
    const range = {
      low: low?.value ?? Number.NEGATIVE_INFINITY,
      high: high?.value ?? Number.POSITIVE_INFINITY,
      open: false,
    };
    return range.low > range.high ? 'nothing is in it: the smaller number comes first' : range;
  }
  const [, side, rest = ''] = SIDES.exec(text) ?? [];
  const one = amount(rest, units);
  if (one === undefined) return 'it is no amount';
  const { value, unit, half } = one;
  switch (side) {
    case '>':
      return { low: value, high: Number.POSITIVE_INFINITY, open: true };
    case '>=':
      return { low: value, high: Number.POSITIVE_INFINITY, open: false };
    case '<':
      return { low: Number.NEGATIVE_INFINITY, high: value, open: true };
    case '<=':
      return { low: Number.NEGATIVE_INFINITY, high: value, open: false };
    case '=':
      return { low: value, high: value, open: false };
    default: {
      const exact = whole && (unit ?? 1) === 1;
      return exact
        ? { low: value, high: value, open: false }
        : { low: Math.max(0, value - half), high: value + half, open: false };
    }
  }
}

/** `range` as readRange reads it, in the smallest unit. */
export function rangeText({ low, high, open }: Range): string {
  if (high === Number.POSITIVE_INFINITY) return `${open ? '>' : '>='}${low}`;
  if (low === Number.NEGATIVE_INFINITY) return `${open ? '<' : '<='}${high}`;
  return low === high ? `=${low}` : `${low}..${high}`;
}

const MAX_ID = 2n ** 64n - 1n;

/** As readRange, of ids. */
export function readIds(text: string): IdRange | string {
  const between = /^(\d{0,40})\.\.(\d{0,40})$/.exec(text);
  if (between !== null) {
    const [, from = '', to = ''] = between;
    if (from === '' && to === '') return 'a range has a number at one end at least';
    const range = { low: BigInt(from), high: to === '' ? MAX_ID : BigInt(to) };
    return range.low > range.high ? 'nothing is in it: the smaller number comes first' : range;
  }
  const [, side, digits] = /^(>=|<=|>|<|=)?(\d{1,40})$/.exec(text) ?? [];
  if (digits === undefined) return 'an id is a whole number';
  const id = BigInt(digits);
  switch (side) {
    case '>':
      return { low: id + 1n, high: MAX_ID };
    case '>=':
      return { low: id, high: MAX_ID };
    case '<':
      return { low: 0n, high: id - 1n };
    case '<=':
      return { low: 0n, high: id };
    default:
      return { low: id, high: id };
  }
}

/** `range` as readIds reads it. */
export function idsText({ low, high }: IdRange): string {
  if (high < 0n) return '<0';
  if (low > high) return `>${low - 1n}`;
  return low === high ? `${low}` : `${low}..${high}`;
}
