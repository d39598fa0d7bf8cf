// What a variable of the source is set to when that is no literal but an expression: its value as the literal that a view takes. Contracts S6, P2.
import { quoted, quotedChar } from '../source/views/text.ts';
import { ExpressionError } from './error.ts';
import { Compound, exact, textOf, type Value } from './values.ts';

/** What can be nothing but an expression: a name with something behind it, or something computed. */
const COMPUTED = /^[^"']*[\p{ID_Continue})\]\s][-+*/%&|^<>=?.[(]/u;
/** `Some(…)`, `User { … }`: what views take or refuse themselves. */
const BUILT = /^\s*(?:[\w<>, ]*::)*\p{Lu}\w*\s*[({]/u;

/** Whether a text can be nothing but an expression. */
export const isComputed = (text: string): boolean => COMPUTED.test(text) && !BUILT.test(text);

/** The value of an expression, or what is wrong with it; undefined: it was meant as a literal, and that was refused. */
export function computed(evaluate: () => Value, text: string): Value {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof ExpressionError && isComputed(text)) return error;
    return undefined;
  }
}

/** A value as a literal, for a view to take; undefined: it has none. */
export function literalOf(value: Value, text: string): string | undefined {
  const plain = exact(value);
  if (typeof plain === 'string') {
    // a character, or a variant of an enum, is written as it is shown
    const own = value instanceof Compound ? value.text() : '"';
    if (!own.startsWith('"')) return own;
    return text.trim().startsWith("'") ? quotedChar(plain) : quoted(plain);
  }
  if (typeof plain === 'number' || typeof plain === 'bigint' || typeof plain === 'boolean') return textOf(plain);
  return plain instanceof Compound ? plain.text() : undefined;
}
