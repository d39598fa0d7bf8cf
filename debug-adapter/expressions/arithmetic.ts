// What the operators do: whole numbers are mathematical ones, exact and without wrapping; what mixes kinds is an error, never coerced.
// Doubles where both sides fit and the result does: a condition that is hit a million times a second allocates nothing. Contract P2.
import { type JsonValue, jsonEqual } from '../rpc/json.ts';
import { EvaluationError, type Place } from './error.ts';
import {
  Compound,
  exact,
  isAbsent,
  isNumeric,
  kindOf,
  MOST_TEXT,
  shown,
  textOf,
  tidy,
  Unavailable,
  type Value,
} from './values.ts';

/** Bits that a shift may shift by. */
const MOST_SHIFT = 128;

const isSmall = (value: number): boolean => (value | 0) === value;

/** A whole number as one: a double beyond 2^53 that came from an f64 has no digits to trust, and is none. */
function isWhole(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

/** The reason why an absent value can't be used. */
function absence(value: null | undefined | Unavailable, place: Place): EvaluationError {
  const what = value === null ? 'null' : 'what is not available here';
  return new EvaluationError(value instanceof Unavailable ? value.reason : `${what} is no number`, place);
}

function number(value: Value, place: Place): number | bigint {
  const plain = exact(value);
  if (isNumeric(plain)) return plain;
  if (typeof plain === 'boolean') return plain ? 1 : 0;
  if (isAbsent(plain)) throw absence(plain, place);
  throw new EvaluationError(`${shown(plain)} is no number`, place);
}

/** A whole number of any size. @throws EvaluationError */
export function whole(value: Value, place: Place): number | bigint {
  const found = number(value, place);
  if (isWhole(found)) return found;
  throw new EvaluationError(`${shown(found)} is no whole number`, place);
}

/** `left == right`. Nothing is nothing; numbers by their values; JSON by its content. @throws EvaluationError when their kinds differ, or one can't be had. */
export function same(left: Value, right: Value, place: Place): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left === right;
  if (left instanceof Compound && right instanceof Compound && (left.isAddress || right.isAddress)) {
    const [one, other] = [left.pointsAt(), right.pointsAt()];
    if (one !== undefined && other !== undefined) return one === other;
  }
  const a = exact(left);
  const b = exact(right);
  // what can't be seen is not known to differ from what is there
  if (a instanceof Unavailable && !isNothing(right, b)) throw absence(a, place);
  if (b instanceof Unavailable && !isNothing(left, a)) throw absence(b, place);
  if (isAbsent(a) || isAbsent(b)) return isNothing(left, a) && isNothing(right, b);
  // a double and a BigInt are compared by their exact values
  if (isNumeric(a) && isNumeric(b))
    return typeof a === typeof b ? a === b : !(a < b) && !(a > b) && !Number.isNaN(Number(a));
  if (typeof a === typeof b) {
    if (typeof a !== 'object') return a === b;
    if (a instanceof Compound || b instanceof Compound) {
      if (a instanceof Compound && b instanceof Compound) return a.equals(b);
    } else return jsonEqual(a as JsonValue, b as JsonValue);
  }
  const letters = sameLetter(left, b) ?? sameLetter(right, a) ?? sameInC(left, a, b) ?? sameInC(right, b, a);
  if (letters !== undefined) return letters;
  throw incomparable(a, b, place);
}

const isNothing = (value: Value, plain: Value): boolean =>
  isAbsent(plain) || (value instanceof Compound && value.isNull());

/** A character of C is a number, and is compared with `'x'` all the same; undefined: it is none, or that is no letter. */
function sameLetter(letter: Value, text: Value): boolean | undefined {
  if (!(letter instanceof Compound) || typeof text !== 'string' || [...text].length !== 1) return undefined;
  const plain = letter.plain();
  if (!isNumeric(plain) || !/^[LuU]?'/.test(letter.text())) return undefined;
  return Number(plain) === text.codePointAt(0);
}

/** C's `flag == 1`; undefined: it is no boolean of C, or that is no number. */
const sameInC = (flag: Value, plain: Value, other: Value): boolean | undefined =>
  flag instanceof Compound && flag.isNumberInC && typeof plain === 'boolean' && isNumeric(other)
    ? (plain ? 1 : 0) === Number(other)
    : undefined;

/** -1, 0, 1; undefined when nothing holds: with what is absent, and NaN. @throws EvaluationError when their kinds differ. */
export function order(left: Value, right: Value, place: Place): number | undefined {
  const codes = left instanceof Compound && right instanceof Compound ? [left.code(), right.code()] : [];
  // characters and variants by their numbers
  const [a = exact(left), b = exact(right)] = codes.includes(undefined) ? [] : codes;
  if ((isNumeric(a) && isNumeric(b)) || (typeof a === 'string' && typeof b === 'string'))
    return a < b ? -1 : a > b ? 1 : typeof a === 'string' || same(a, b, place) ? 0 : undefined;
  for (const side of [a, b]) if (side instanceof Unavailable) throw absence(side, place);
  if (isAbsent(a) || isAbsent(b)) return undefined;
  throw incomparable(a, b, place);
}

function incomparable(a: Value, b: Value, place: Place): EvaluationError {
  return new EvaluationError(`${shown(a)} is ${kindOf(a)} and ${shown(b)} ${kindOf(b)}: they can't be compared`, place);
}

/** `left + right`: a text on one side makes it a text. */
export function add(left: Value, right: Value, place: Place): Value {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const pointer = movedBy(left, right, 1) ?? movedBy(right, left, 1);
  if (pointer !== undefined) return pointer;
  if (isText(left) || isText(right)) {
    const a = textOf(left);
    const b = textOf(right);
    if (a.length + b.length > MOST_TEXT)
      throw new EvaluationError(`a text of more than ${MOST_TEXT} characters is too long`, place);
    return a + b;
  }
  return arithmetic('+', left, right, place);
}

/** `pointer + 2` as C has it, by what it points to; undefined: it is no pointer of C, or not moved by a whole number. */
function movedBy(pointer: Value, count: Value, sign: 1 | -1): Value {
  if (!(pointer instanceof Compound) || pointer.step === undefined) return undefined;
  const by = exact(count);
  return typeof by === 'number' && Number.isSafeInteger(by) && !(count instanceof Compound && count.isAddress)
    ? pointer.moved(sign * by)
    : undefined;
}

/** `left - right`: of two pointers of C the elements between them. */
export function subtract(left: Value, right: Value, place: Place): Value {
  if (typeof left === 'number' && typeof right === 'number') return arithmetic('-', left, right, place);
  if (left instanceof Compound && right instanceof Compound && left.step !== undefined && right.step !== undefined) {
    const [one, other] = [left.pointsAt(), right.pointsAt()];
    if (one !== undefined && other !== undefined) return (one - other) / Math.max(1, left.step);
  }
  return movedBy(left, right, -1) ?? arithmetic('-', left, right, place);
}

const isText = (value: Value): boolean =>
  typeof value === 'string' || (value instanceof Compound && typeof value.plain() === 'string');

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>';

/** Any operator on two numbers. Doubles are tried first, and are exact wherever both are whole and the result is safe. */
export function arithmetic(operator: ArithmeticOperator, left: Value, right: Value, place: Place): number | bigint {
  const a = number(left, place);
  const b = number(right, place);
  if (typeof a === 'number' && typeof b === 'number') {
    const quick = fast(operator, a, b, place);
    if (quick !== undefined) return quick;
  }
  if (isWhole(a) && isWhole(b)) return exactly(operator, BigInt(a), BigInt(b), place);
  const found = real(operator, Number(a), Number(b));
  if (found === undefined) throw new EvaluationError(`'${operator}' takes whole numbers`, place);
  return found;
}

/** The result where doubles give it exactly; undefined where they may not. */
function fast(operator: ArithmeticOperator, a: number, b: number, place: Place): number | undefined {
  switch (operator) {
    case '+':
    case '-':
    case '*': {
      const found = operator === '+' ? a + b : operator === '-' ? a - b : a * b;
      return Number.isSafeInteger(found) ? found + 0 : undefined;
    }
    case '&':
    case '|':
    case '^': {
      if (!isSmall(a) || !isSmall(b)) return undefined;
      return operator === '&' ? a & b : operator === '|' ? a | b : a ^ b;
    }
    case '/':
    case '%': {
      if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return undefined;
      if (b === 0) throw new EvaluationError('this divides by zero', place);
      return (operator === '/' ? a / b : a % b) + 0;
    }
    case '<<':
    case '>>': {
      if (!Number.isSafeInteger(a) || !Number.isInteger(b) || b < 0 || b > MOST_SHIFT) return undefined;
      const found = operator === '<<' ? a * 2 ** b : Math.floor(a / 2 ** b);
      return Number.isSafeInteger(found) ? found + 0 : undefined;
    }
  }
}

function exactly(operator: ArithmeticOperator, a: bigint, b: bigint, place: Place): number | bigint {
  switch (operator) {
    case '+':
      return tidy(a + b, place);
    case '-':
      return tidy(a - b, place);
    case '*':
      return tidy(a * b, place);
    case '&':
      return tidy(a & b, place);
    case '|':
      return tidy(a | b, place);
    case '^':
      return tidy(a ^ b, place);
    case '/':
    case '%': {
      if (b === 0n) throw new EvaluationError('this divides by zero', place);
      const rest = a % b;
      if (operator === '%') return tidy(rest, place);
      return rest === 0n ? tidy(a / b, place) : Number(a) / Number(b);
    }
    case '<<':
    case '>>':
      if (b < 0n || b > MOST_SHIFT) throw new EvaluationError(`a shift by ${shown(b)} is out of range`, place);
      return tidy(operator === '<<' ? a << b : a >> b, place);
  }
}

function real(operator: ArithmeticOperator, a: number, b: number): number | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    default:
      return undefined;
  }
}

/** The quotient without its fraction, exact at any size. */
export function quotient(left: Value, right: Value, place: Place): number | bigint {
  const a = BigInt(whole(left, place));
  const b = BigInt(whole(right, place));
  if (b === 0n) throw new EvaluationError('this divides by zero', place);
  return tidy(a / b, place);
}

/** `~value`: of a mathematical number, so of any width. */
export function invert(value: Value, place: Place): number | bigint {
  const found = whole(value, place);
  return typeof found === 'number' ? -found - 1 : tidy(~found, place);
}

/**
 * `value >>> count`: zeros come in from the left, so it must be known how wide a negative number is.
 * @param width 32 or 64 where the value has such a type; undefined: asked of nobody yet, the number has none.
 */
export function shiftUnsigned(value: Value, count: Value, width: 32 | 64 | undefined, place: Place): number | bigint {
  let found = whole(value, place);
  if (found < 0) {
    if (width === undefined)
      throw new EvaluationError(
        `'>>>' has to know how wide ${shown(found)} is: write u32(…) or u64(…) around it`,
        place,
      );
    found = tidy(BigInt.asUintN(width, BigInt(found)));
  }
  return arithmetic('>>', found, count, place);
}
