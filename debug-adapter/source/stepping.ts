// When a step by statement is over: decided from where it began and which statement is reached, and from nothing else. Contracts S1, S5.

/** A statement, as steps tell it from others. */
export interface StatementPlace {
  readonly file: number;
  readonly line: number;
  /** DIEs of the inlined calls around it, the outermost first. */
  readonly inlined: readonly number[];
}

/** The future that a step began in. */
export interface FutureOrigin {
  readonly address: number;
  /** The body is inlined by so many of the calls around the statement. */
  readonly depth: number;
  /** It has returned meanwhile: what lies at its address may be another. */
  readonly returned?: boolean;
  /** The bodies of async functions that await it, and those that await them: on which lines. */
  readonly awaiting: readonly Awaiting[];
}

/** The body of an async function on the stack, at an `.await`. */
export interface Awaiting {
  readonly func: number;
  readonly file: number;
  readonly line: number;
  /** DIEs of the inlined calls down to the body; none: it is a function of its own. */
  readonly inlined: readonly number[];
}

/** Whether both are the same body: of the same function, by the same inlined calls. */
export function isSameBody(
  one: Pick<Awaiting, 'func' | 'inlined'>,
  other: Pick<Awaiting, 'func' | 'inlined'>,
): boolean {
  return (
    one.func === other.func &&
    one.inlined.length === other.inlined.length &&
    one.inlined.every((die, level) => other.inlined[level] === die)
  );
}

/**
 * Whether one that awaits the future has gone on from there, at a statement of the innermost body that `inlined` are the calls of: then the future is
 * not waited for any more, though it may not have returned. It was dropped: another won a `select!`.
 */
export function hasGoneOn(awaiting: readonly Awaiting[], at: Awaiting): boolean {
  return awaiting.some((one) => isSameBody(one, at) && (one.file !== at.file || one.line !== at.line));
}

/** A step by statement that is under way: where it began. */
export interface StatementOrigin extends StatementPlace {
  /** In the body of an async function: its future, which is polled again and again. */
  readonly future?: FutureOrigin | undefined;
}

/** The statement that is reached, seen from the frame in which the step began. */
export interface StatementReached extends StatementPlace {
  /** It is the first statement of its function. */
  readonly entry: boolean;
  /** In the frame of that function at that depth. */
  readonly sameFrame: boolean;
  /** In a frame outside that one. */
  readonly outside: boolean;
}

/** What a step that began in the body of an async function finds out at a statement. */
export interface FutureReached {
  /** The statement is of the same body, not of what that is inlined into; of the future that this call of it works on. */
  readonly sameBody: boolean;
  readonly sameFuture: boolean;
  /** The future in which the step began has not returned. */
  readonly waits: boolean;
  /** It has, and the statement is of another that lies in its place. */
  readonly inItsPlace: boolean;
  /** Of a step into: the statement is of another future further in, which was polled before and goes on, or of what that calls. */
  readonly goesOn: boolean;
  /** The statement is of a future that is polled for the first time. */
  readonly isFresh: boolean;
  /** Who awaits the future may be of the same body: an async function that calls itself. */
  readonly recursive: boolean;
  /** The body begins, with a future that was not polled before. */
  readonly begins: boolean;
}

/**
 * The statement as the step is to see it: another poll of the future is the same frame, wherever on the stack it is, and as long as the future waits
 * nothing outside of it counts, since it was left only for a while. Undefined: nothing of the step's.
 */
export function seenByFuture(
  kind: 'into' | 'over' | 'out',
  at: StatementReached,
  future: FutureReached,
): StatementReached | undefined {
  // what goes on beside was not called from where the step began
  if (kind === 'into' && future.goesOn) return undefined;
  if (future.sameBody && future.sameFuture) return { ...at, entry: false, sameFrame: true, outside: false };
  // in the same frame: in the function that the body is inlined into, or the frame is that of another future
  const outside = at.outside || at.sameFrame;
  const isAwaiter = future.recursive && at.outside;
  // Of a future that runs beside it, `join!(leaf(1), leaf(2))`: the step neither stays with its own there nor comes to who awaits it. Only a step into
  // goes on to what begins next; never amid a line of what goes on from an `.await`.
  const isBeside = future.sameBody && outside && !future.inItsPlace && !isAwaiter;
  if (isBeside && !(kind === 'into' && future.isFresh)) return undefined;
  if (outside) return future.waits ? undefined : { ...at, outside };
  return future.sameBody && kind !== 'into' ? undefined : at;
}

/**
 * Into: the next statement of another line, wherever it is. Over: the same, but not in what is called. Out: not before the function is left. What
 * is reached in the same frame as a function's first statement is another call of it.
 */
export function endsStatementStep(kind: 'into' | 'over' | 'out', from: StatementPlace, at: StatementReached): boolean {
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
