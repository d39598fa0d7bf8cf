// The functions of the expression language: few, without effects, each with a fixed number of values. Contracts P2, E4.
import { LosslessNumber } from '../rpc/json-number.ts';
import { quotient, same } from './arithmetic.ts';
import { Cells, utf8 } from './cells.ts';
import { EvaluationError, type Place } from './error.ts';
import { formatNumber, wrap } from './numbers.ts';
import { CELL_TYPES, type CellType } from './syntax.ts';
import { Compound, exact, isAbsent, isNumeric, kindOf, shown, textOf, type Value } from './values.ts';

export interface ExpressionFunction {
  readonly parameters: number;
  /** @throws EvaluationError */
  apply(place: Place, first: Value, second: Value): Value;
}

/** What `as` takes for a number: also a character, and an enum. */
export const codeOf = (value: Value): number | bigint | undefined =>
  value instanceof Compound ? value.code() : undefined;

/** Bytes of memory are the text that they hold, all of it. */
function words(value: Value): string {
  if (value instanceof Cells && value.bytewise) return utf8(value.bytes);
  // of a variable the text that it holds, not as it is shown
  const plain = value instanceof Compound ? value.plain() : value;
  return textOf(plain ?? value);
}

/** Nothing holds of a text that is not there. */
const ofTexts =
  (holds: (whole: string, part: string) => boolean) =>
  (_: Place, whole: Value, part: Value): boolean =>
    !isAbsent(whole) && !isAbsent(part) && holds(words(whole), words(part));

function length(_place: Place, value: Value): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  if (value instanceof Compound) return value.length() ?? 0;
  return isAbsent(value) || value instanceof LosslessNumber ? 0 : Object.keys(Object(value)).length;
}

/** `value` as `type` has it: see numbers.ts. */
export function convert(type: CellType, value: Value, place: Place): number | bigint {
  // of a text behind a pointer of C the pointer is meant
  const behind = value instanceof Compound && value.step !== undefined ? value.pointsAt() : undefined;
  const plain = behind ?? codeOf(value) ?? exact(value);
  if (isNumeric(plain)) return wrap(type, plain, place);
  if (typeof plain === 'boolean') return plain ? 1 : 0;
  throw new EvaluationError(`${isAbsent(plain) ? 'what is not available here' : shown(plain)} is no number`, place);
}

export const FUNCTIONS: ReadonlyMap<string, ExpressionFunction> = new Map<string, ExpressionFunction>([
  ['contains', { parameters: 2, apply: ofTexts((whole, part) => whole.includes(part)) }],
  ['startsWith', { parameters: 2, apply: ofTexts((whole, part) => whole.startsWith(part)) }],
  ['endsWith', { parameters: 2, apply: ofTexts((whole, part) => whole.endsWith(part)) }],
  ['len', { parameters: 1, apply: length }],
  [
    'hex',
    {
      parameters: 1,
      apply: (place, value) => {
        const plain = exact(value);
        if (isNumeric(plain)) return formatNumber(plain, 'x', undefined);
        throw new EvaluationError(
          `${isAbsent(plain) ? 'what is not available here' : shown(plain)} is no number`,
          place,
        );
      },
    },
  ],
  ['div', { parameters: 2, apply: (place, a, b) => quotient(a, b, place) }],
  ...CELL_TYPES.map((type): [string, ExpressionFunction] => [
    type,
    { parameters: 1, apply: (place, value) => convert(type, value, place) },
  ]),
]);

/** A method of the language: how many values it takes, and what it gives. No code of the plugin is run. */
interface Method {
  readonly parameters: number;
  /** @throws EvaluationError */
  apply(place: Place, owner: Value, argument: Value): Value;
}

const isVariant =
  (name: string) =>
  (place: Place, owner: Value): boolean =>
    variantOf(owner, place) === name;

function variantOf(owner: Value, place: Place): string {
  const variant = owner instanceof Compound ? owner.variant() : undefined;
  if (variant !== undefined) return variant;
  throw new EvaluationError(`${shown(owner)} is ${kindOf(owner)}, and no enum`, place);
}

/** @throws EvaluationError where it has none */
function lengthOf(owner: Value, place: Place): number {
  if (owner instanceof Compound) {
    const found = owner.length();
    if (found !== undefined) return found;
  } else if (typeof owner === 'string' || Array.isArray(owner)) return owner.length;
  throw new EvaluationError(`what is ${kindOf(owner)} has no length`, place);
}

/** The element at an index or of a key; undefined: there is none. */
function found(owner: Value, key: Value, place: Place): Value {
  if (owner instanceof Compound) return owner.find(key);
  if (Array.isArray(owner)) return typeof key === 'number' ? owner[key] : undefined;
  throw new EvaluationError(`what is ${kindOf(owner)} has no elements`, place);
}

/** Elements that one `contains` looks at. */
const MOST_COMPARED = 100_000;

function holdsElement(owner: Value, part: Value, place: Place): boolean {
  const text = exact(owner);
  if (typeof text === 'string') return text.includes(words(part));
  return holdsSuch(owner, (one) => same(one, part, place), place);
}

/** Whether one of the elements is such. @throws EvaluationError where it has none */
export function holdsSuch(owner: Value, isSuch: (element: Value) => boolean, place: Place): boolean {
  const count = Math.min(lengthOf(owner, place), MOST_COMPARED);
  for (let at = 0; at < count; at++) if (isSuch(nth(owner, at, place))) return true;
  return false;
}

/** The element at a position, of a set too. */
const nth = (owner: Value, at: number, place: Place): Value =>
  owner instanceof Compound ? owner.nth(at) : found(owner, at, place);

const METHOD_LIST: readonly (readonly [name: string, method: Method])[] = [
  ['len', { parameters: 0, apply: (place, owner) => lengthOf(owner, place) }],
  ['is_empty', { parameters: 0, apply: (place, owner) => lengthOf(owner, place) === 0 }],
  ['is_some', { parameters: 0, apply: isVariant('Some') }],
  ['is_none', { parameters: 0, apply: isVariant('None') }],
  ['is_ok', { parameters: 0, apply: isVariant('Ok') }],
  ['is_err', { parameters: 0, apply: isVariant('Err') }],
  [
    'unwrap',
    {
      parameters: 0,
      apply: (place, owner) => {
        const variant = variantOf(owner, place);
        if ((variant === 'Some' || variant === 'Ok') && owner instanceof Compound) return owner.member('0');
        throw new EvaluationError(`it is ${variant}`, place);
      },
    },
  ],
  ['get', { parameters: 1, apply: (place, owner, key) => found(owner, key, place) ?? null }],
  ['contains_key', { parameters: 1, apply: (place, owner, key) => found(owner, key, place) !== undefined }],
  ['first', { parameters: 0, apply: (place, owner) => (lengthOf(owner, place) === 0 ? null : nth(owner, 0, place)) }],
  ['last', { parameters: 0, apply: (place, owner) => nth(owner, lengthOf(owner, place) - 1, place) ?? null }],
  ['contains', { parameters: 1, apply: (place, owner, part) => holdsElement(owner, part, place) }],
  ['starts_with', { parameters: 1, apply: (_, owner, part) => words(owner).startsWith(words(part)) }],
  ['ends_with', { parameters: 1, apply: (_, owner, part) => words(owner).endsWith(words(part)) }],
];

/** By name. */
export const METHODS: ReadonlyMap<string, Method> = new Map(METHOD_LIST);
