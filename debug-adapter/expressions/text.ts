// How the value of an expression is shown: by its format, its type, and what it is. Contract P2.

import { Cells, Vector } from './cells.ts';
import { compileType } from './compile.ts';
import { EvaluationError } from './error.ts';
import { formatNumber } from './numbers.ts';
import type { Scope } from './scope.ts';
import { loadTextToNul } from './state.ts';
import type { Parsed } from './syntax.ts';
import { Compound, exact, isNumeric, textOf, Unavailable, type Value } from './values.ts';

/** Shows the values of one expression; compiled once, as the expression is. @throws EvaluationError from the text */
export function valueText({ root, source, format }: Parsed): (value: Value, scope: Scope) => string {
  if (format === undefined) return textOf;
  if (format === 'w') return (value) => (value instanceof Compound ? value.whole() : textOf(value));
  const type = compileType({ root, source });
  return (value, scope) => {
    if (value instanceof Cells || value instanceof Vector) return value.formatted(format);
    const plain = exact(value);
    if (!isNumeric(plain)) return (value instanceof Compound ? value.formattedAs(format) : undefined) ?? textOf(value);
    // as in other debuggers: the text that a number points to
    if (format === 's') return loadTextToNul(scope, 0, plain, { source, column: root.column });
    return formatNumber(plain, format, value instanceof Compound ? value.numberType : type(scope));
  };
}

/** The name of a value's type: Wasm's where it has one, else JSON's. */
export function typeName(value: Value, type: string | undefined): string {
  if (value instanceof Compound) return value.type;
  if (type !== undefined) return type;
  const plain = exact(value);
  if (isNumeric(plain)) return 'number';
  if (plain === null) return 'null';
  if (plain === undefined || plain instanceof Unavailable) throw new EvaluationError('there is no value');
  if (Array.isArray(plain)) return 'array';
  return typeof plain;
}
