// What expressions compute with: numbers (whole ones exact), texts, booleans, JSON, bytes of memory, vectors, and what is not available.
// Kinds, truth and texts; arithmetic is arithmetic.ts. Contract P2.
import { LosslessNumber } from '../rpc/json-number.ts';
import { EvaluationError, type Place } from './error.ts';
import type { Range } from './slices.ts';
import type { Format } from './syntax.ts';

/**
 * number, bigint, string, boolean, null, undefined (there is none of that name), Unavailable, Compound, or JSON. A whole number is a
 * `number` where a double holds it exactly and a `bigint` where not; so a `number` beyond 2^53 came from an f64.
 */
export type Value = unknown;

/** There is such a thing, and it can't be read here: `reason` is a clause, `this local was optimised away`. */
export class Unavailable {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** A value with parts: bytes of memory, a vector, a variable of the source. It answers for itself what its parts are. */
export abstract class Compound {
  /** As shown beside the value: `u8[16]`, `v128`, `app::User`. */
  abstract readonly type: string;
  /** As shown: one line, of bounded length. */
  abstract text(): string;
  abstract equals(other: Compound): boolean;

  /** The same with as little left out as can be: to be copied. */
  whole(): string {
    return this.text();
  }

  /** As part of a longer text: a text without its quotes. Never throws. */
  bare(): string {
    return this.text();
  }

  /** `value.name`; undefined: it has none of that name. @throws EvaluationError */
  member(_name: string): Value {
    return undefined;
  }
  /** `value[index]`. @throws EvaluationError */
  index(_index: Value): Value {
    return undefined;
  }
  /** `*value`; undefined: it is no pointer. @throws EvaluationError */
  deref(): Value {
    return undefined;
  }
  /** `&value`; undefined: it does not lie in memory. */
  address(): number | undefined {
    return undefined;
  }
  /** The number, text or boolean that it stands for in arithmetic and comparisons; undefined: none. */
  plain(): Value {
    return undefined;
  }
  /** `value[index]` for whatever an index may be: a number, or the key of a map. @throws EvaluationError */
  element(index: Value): Value {
    return typeof index === 'string' ? this.member(index) : this.index(index);
  }
  /** The same; undefined where there is no such element. @throws EvaluationError where it has no elements at all */
  find(index: Value): Value {
    return this.element(index);
  }
  /** The element at a position, of whatever has elements. @throws EvaluationError */
  nth(position: number): Value {
    return this.index(position);
  }
  /** Elements, or bytes of a text; undefined: it has no length. @throws EvaluationError */
  length(): number | undefined {
    return undefined;
  }
  /** `value[1..3]`; undefined: it has no elements in an order. @throws EvaluationError where it has not as many */
  slice(_range: Range): Value {
    return undefined;
  }
  /** The variant of an enum that it is, `Some`; undefined: it is no enum. @throws EvaluationError */
  variant(): string | undefined {
    return undefined;
  }
  /** The variants that an enum of its type may be, by name, with their numbers where they are nothing but these; undefined: it is no enum. */
  variants(): ReadonlyMap<string, number | bigint | undefined> | undefined {
    return undefined;
  }
  /** `&value`: where it lies, with its type; undefined: it does not lie in memory. */
  reference(): Value {
    return this.address();
  }
  /** What a pointer, a reference or an array of C points to; undefined: it is none of these. */
  pointsAt(): number | undefined {
    return undefined;
  }
  /** It is an address before all else, as `&x` is, and no value that is computed with. */
  get isAddress(): boolean {
    return false;
  }
  /** `value + count` of a pointer, as C moves it; undefined: it is none. */
  moved(_count: number): Value {
    return undefined;
  }
  /** Bytes that one step of `moved` is. */
  get step(): number | undefined {
    return undefined;
  }
  /** The same in a format, where that is about its elements: `list, x`; undefined: it is not. */
  formattedAs(_format: Format): string | undefined {
    return undefined;
  }
  /** A boolean of C, which is a number too. */
  get isNumberInC(): boolean {
    return false;
  }
  /** It is the null of its language: of a pointer, of JSON. */
  isNull(): boolean {
    return false;
  }
  /** What `as` makes a number of, where that is not what is plain in it: the code of a character, the value of an enum's variant. */
  code(): number | bigint | undefined {
    return undefined;
  }
  /** The type of the number that it is, where it is one. */
  get numberType(): string | undefined {
    return undefined;
  }
}

const NUMBER = Number.MAX_SAFE_INTEGER;
/** Whole numbers up to this size: a condition must not fill the memory. */
const MOST_BITS = 4096;
const MOST = 2n ** BigInt(MOST_BITS);
/** Digits of the largest number in JSON that is taken for a whole one. */
const MOST_DIGITS = 1300;
/** Characters that a text may grow to. */
export const MOST_TEXT = 1_000_000;

/** A BigInt that a double holds exactly becomes a number, so that equal whole numbers are equal whatever made them. */
export function tidy(value: bigint, place?: Place): number | bigint {
  if (value >= -0x1f_ffff_ffff_ffffn && value <= 0x1f_ffff_ffff_ffffn) return Number(value);
  if (value > MOST || value < -MOST)
    throw new EvaluationError(`a whole number of more than ${MOST_BITS} bits is too big`, place);
  return value;
}

/** The value that a value stands for when it is computed with: JSON's numbers by their digits (P2), compounds by what is plain in them. */
export function exact(value: Value): Value {
  if (typeof value === 'bigint') return tidy(value);
  if (value instanceof LosslessNumber) {
    const { source } = value;
    if (!/^-?\d+$/.test(source)) return Number(source);
    if (source.length > MOST_DIGITS)
      throw new EvaluationError(`a number of ${source.length} digits is too long to compute with`);
    return tidy(BigInt(source));
  }
  if (!(value instanceof Compound)) return value;
  const plain = value.plain();
  return typeof plain === 'bigint' ? tidy(plain) : (plain ?? value);
}

/** A number as JSON has it, by its digits: one beyond 2^53 that is written in full is a whole number, not what a double makes of it. */
export function ofJson(value: Value): Value {
  return typeof value === 'number' && Math.abs(value) > NUMBER && Math.abs(value) < 1e21
    ? BigInt(String(value))
    : value;
}

export function isNumeric(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Nothing there: null, no such thing, or not available here. */
export function isAbsent(value: Value): value is null | undefined | Unavailable {
  return value === null || value === undefined || value instanceof Unavailable;
}

/** A value that is used: what is not available here ends the evaluation with its reason. @throws EvaluationError */
export function available(value: Value, place: Place): Value {
  if (value instanceof Unavailable) throw new EvaluationError(value.reason, place);
  return value;
}

/** What counts as true: everything but false, 0, '', null and what is not there. */
export function truthy(value: Value): boolean {
  return (
    value !== false && value !== 0 && value !== '' && !isAbsent(value) && (typeof value !== 'object' || !isZero(value))
  );
}

function isZero(value: object): boolean {
  if (!(value instanceof LosslessNumber) && !(value instanceof Compound)) return false;
  const plain = exact(value);
  return plain !== value && !truthy(plain);
}

/** `a text`, `a list`: for sentences. */
export function kindOf(value: Value): string {
  if (isAbsent(value)) return 'nothing';
  if (isNumeric(value) || value instanceof LosslessNumber) return 'a number';
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'boolean') return 'a boolean';
  if (value instanceof Compound) return `of type ${value.type}`;
  return Array.isArray(value) ? 'a list' : 'an object';
}

/** A value in a sentence: texts in quotes, nothing longer than 40 characters. */
export function shown(value: Value): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value.slice(0, 41))
      : value instanceof Compound
        ? value.text()
        : textOf(value);
  return text.length > 42 ? `${text.slice(0, 40)}…` : text;
}

/** A value as people read it: texts bare, objects as JSON, digits intact. Never throws. */
export function textOf(value: Value): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      if (value instanceof LosslessNumber) return value.source;
      if (value instanceof Compound) return value.bare();
      if (value instanceof Unavailable) return 'not available here';
      return jsonText(value);
    default:
      return 'not available here';
  }
}

/** The JSON text of an object or a list, digits intact (P2). */
export function jsonText(value: Value): string {
  // a replacer's result is not asked for its toJSON, so that of LosslessNumber is called here
  const digits = (_: string, inner: unknown): unknown =>
    typeof inner === 'bigint' ? new LosslessNumber(String(inner)).toJSON() : inner;
  return JSON.stringify(value, digits) ?? String(value);
}
