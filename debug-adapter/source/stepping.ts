// When a step by statement is over: decided from where it began and which statement is reached, and from nothing else. Contracts S1, S5.

/** A step by statement that is under way: where it began. */
export interface StatementOrigin {
  readonly file: number;
  readonly line: number;
  /** DIEs of the inlined calls around it, the outermost first. */
  readonly inlined: readonly number[];
}

/** The statement that is reached, seen from the frame in which the step began. */
export interface StatementReached extends StatementOrigin {
  /** It is the first statement of its function. */
  readonly entry: boolean;
  /** In the frame of that function at that depth. */
  readonly sameFrame: boolean;
  /** In a frame outside that one. */
  readonly outside: boolean;
}

/**
 * Into: the next statement of another line, wherever it is. Over: the same, but not in what is called. Out: not before the function is left. What
 * is reached in the same frame as a function's first statement is another call of it.
 */
export function endsStatementStep(kind: 'into' | 'over' | 'out', from: StatementOrigin, at: StatementReached): boolean {
  if (at.outside || (at.sameFrame && at.entry)) return true;
  if (!at.sameFrame) return kind === 'into';
  const depth = from.inlined.length;
  const within = at.inlined.length >= depth && from.inlined.every((die, level) => at.inlined[level] === die);
  // the inlined function in which the step began was left
  if (!within) return true;
  if (kind === 'out') return false;
  // in a call that was inlined here
  if (at.inlined.length > depth) return kind === 'into';
  return at.line !== from.line || at.file !== from.file;
}
