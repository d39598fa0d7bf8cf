// Which variables of an async function's body are gone since it last waited: what is not needed behind an `.await` is not kept in the future, and its
// place on the stack is another's by now, though rustc's DWARF has it there. Contract S6.
import { isMissing, type Machine } from '../dwarf/location.ts';
import type { DwarfProgram, Scope, Variable } from '../dwarf/program.ts';
import { bytesAt } from './bytes.ts';
import { coroutineAround, coroutineOf, FutureState, futureAt } from './coroutines.ts';
import type { LineAt } from './not-yet.ts';
import { unsignedOf } from './views/reading.ts';

/** A body that goes on behind an `.await`. */
export interface Resumed {
  /** The line of that. */
  readonly line: number;
}

/**
 * The `.await` behind which a body goes on; undefined: it is no body of an async function, or has not waited yet.
 * @param frame the function or inlined call that is asked about; `around` the physical function
 */
export function resumedAt(
  dwarf: DwarfProgram,
  frame: Scope,
  around: Scope,
  offset: number,
  machine: Machine,
): Resumed | undefined {
  const { types } = dwarf;
  const body = coroutineAround(around, offset, Number.POSITIVE_INFINITY, (scope) => coroutineOf(types, scope));
  if (body === undefined || body.scope.die !== frame.die) return undefined;
  const from = futureAt(dwarf, body, { scope: around, offset, machine });
  if (from === undefined) return undefined;
  const { future, stateAt, stateSize } = body.coroutine;
  const state = bytesAt({ kind: 'memory', address: from + stateAt }, machine).read(0, Math.min(stateSize, 4));
  if (isMissing(state)) return undefined;
  const number = unsignedOf(state);
  if (number <= BigInt(FutureState.Panicked)) return undefined;
  const variant = future.variants?.variants.find(({ values }) =>
    values.some(({ low, high }) => number >= low && number <= high),
  );
  const [member] = variant?.members ?? [];
  const fields = member && types.bare(member.type);
  const line = member?.declaredAt?.line ?? (fields?.kind === 'struct' ? fields.declaredAt?.line : undefined);
  return line === undefined ? undefined : { line };
}

/** Whether a variable that lies on the stack, in the body's own frame, was given up at the `.await`. */
export function isGivenUp({ declared }: Variable, resumed: Resumed, at: LineAt): boolean {
  // what it gives is there behind it; and in a loop the lines before may have been passed again since
  return declared.file === at.file && declared.line < resumed.line && at.line > resumed.line;
}
