// What can be wrong with an expression: its text (ExpressionError) or its value here and now (EvaluationError). Both are one sentence with
// the column. Contract E4: nothing else is ever thrown by the language itself.

/** Longer expressions are cut in sentences. */
const SHOWN = 60;

/** An expression as a sentence quotes it. */
export function quoted(source: string): string {
  return source.length > SHOWN ? `'${source.slice(0, SHOWN)}…'` : `'${source}'`;
}

/** The text is no expression: one sentence that names the expression, the column (from 1) and what was expected. */
export class ExpressionError extends Error {
  override readonly name: string = 'ExpressionError';

  constructor(message: string) {
    // A condition may fail a million times a second, and the worker keeps stacks without limit: a stack with each costs 0.2 ms.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = limit;
  }
}

/** A word or sign of an expression: what an error blames. Made when it is compiled, so that nothing has to be added to an error later. */
export interface Place {
  readonly source: string;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

/** The expression has no value here: a division by zero, an address past the end, a text where a number must be. */
export class EvaluationError extends ExpressionError {
  override readonly name = 'EvaluationError';
  /** One clause without the place: `this divides by zero`. */
  readonly reason: string;

  constructor(reason: string, place?: Place) {
    super(`${sentence(reason)}${place === undefined ? '' : ` (column ${place.column} of ${quoted(place.source)})`}.`);
    this.reason = reason;
  }
}

function sentence(clause: string): string {
  return clause.charAt(0).toUpperCase() + clause.slice(1);
}
