// The functions of the expression language: few, without effects, each with a fixed number of values. Contracts P2, E4.
import { LosslessNumber } from '../rpc/json-number.ts';
import { quotient } from './expression-arithmetic.ts';
import { Cells, utf8 } from './expression-cells.ts';
import { EvaluationError, type Place } from './expression-error.ts';
import { formatNumber, wrap } from './expression-numbers.ts';
import { CELL_TYPES, type CellType } from './expression-syntax.ts';
import { Compound, exact, isAbsent, isNumeric, shown, textOf, type Value } from './expression-values.ts';

export interface ExpressionFunction {
  readonly parameters: number;
  /** @throws EvaluationError */
  apply(place: Place, first: Value, second: Value): Value;
}

/** Bytes of memory are the text that they hold, all of it. */
function words(value: Value): string {
  return value instanceof Cells && value.bytewise ? utf8(value.bytes) : textOf(value);
}

/** Nothing holds of a text that is not there. */
const ofTexts =
  (holds: (whole: string, part: string) => boolean) =>
  (_: Place, whole: Value, part: Value): boolean =>
    !isAbsent(whole) && !isAbsent(part) && holds(words(whole), words(part));

function length(_place: Place, value: Value): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  if (value instanceof Cells) return value.count;
  return isAbsent(value) || value instanceof Compound || value instanceof LosslessNumber
    ? 0
    : Object.keys(Object(value)).length;
}

/** `value` as `type` has it: see expression-numbers.ts. */
export function convert(type: CellType, value: Value, place: Place): number | bigint {
  const plain = exact(value);
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
