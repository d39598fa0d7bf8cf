// A step into one call of a statement: whether the statement that is reached lies in that call. What V8 has on its stack tells, which costs some
// microseconds: so it is asked last. Contract S1.
import type { CallOfStatement } from '../source/step-targets.ts';
import type { SiteStatement } from './code-stops.ts';
import type { GuestFrame, StepOrigin } from './options.ts';

/** The statement that is reached. */
export interface ReachedStatement {
  readonly func: number;
  /** Live frames that are counted. */
  readonly frames: number;
  readonly statement: SiteStatement;
}

/** What is asked of the guest there. */
export interface GuestStack {
  /** The function calls nothing that could be another frame: its own is not counted. */
  isLeaf(func: number): boolean;
  isClosure(func: number): boolean;
  /** The innermost frames, `count` of them where there are so many. */
  frames(count: number): readonly GuestFrame[];
}

/** Frames between a call and the author's code that a library calls for it: adapters of iterators, shims of trait objects. */
const MOST_BETWEEN = 24;

/** Whether it is in the call that the step `origin` is to go into. */
export function isInCall(
  target: CallOfStatement,
  origin: StepOrigin,
  { func, frames, statement }: ReachedStatement,
  guest: GuestStack,
): boolean {
  if (statement.dispatch) return false;
  if ('inlined' in target) {
    const depth = origin.statement?.inlined.length ?? 0;
    return func === origin.func && frames === origin.frames && target.inlined.includes(statement.inlined[depth] ?? -1);
  }
  const { calls, callee } = target;
  const between = frames - origin.frames + (guest.isLeaf(func) ? 1 : 0);
  if (between < 1 || between > MOST_BETWEEN) return false;
  if (callee === 'closure' ? !guest.isClosure(func) : callee !== 'any' && (callee !== func || between !== 1))
    return false;
  const caller = guest.frames(between + 1)[between];
  return caller?.func === origin.func && calls.includes(caller.offset);
}
