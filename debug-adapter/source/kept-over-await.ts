// Which variables of an async function's body are gone since it last waited: what is not needed behind an `.await` is not kept in the future, and its
// place on the stack is another's by now, though rustc's DWARF has it there. Contract S6.
import { isMissing, type Machine } from '../dwarf/location.ts';
import type { DwarfProgram, Scope, Variable } from '../dwarf/program.ts';
import type { DieOffset, StructType, Types } from '../dwarf/type.ts';
import { bytesAt } from './bytes.ts';
import { type CoroutineAround, coroutineAround, coroutineOf, FutureState, futureAt } from './coroutines.ts';
import type { LineAt } from './not-yet.ts';
import { unsignedOf } from './views/reading.ts';

/** The future that a body works on. */
export interface WorkedOn {
  readonly type: DieOffset;
  readonly address: number;
  /** The line of the `.await` behind which the body goes on; undefined: it has not waited yet, or the line is not known. */
  readonly line: number | undefined;
}

/**
 * The body of an async function that a frame is in its whole; undefined: it is none.
 * @param frame the function or inlined call that is asked about; `around` the physical function
 */
export function bodyAt(dwarf: DwarfProgram, frame: Scope, around: Scope, offset: number): CoroutineAround | undefined {
  const { types } = dwarf;
  const body = coroutineAround(around, offset, Number.POSITIVE_INFINITY, (scope) => coroutineOf(types, scope));
  return body?.scope.die === frame.die ? body : undefined;
}

/** The future that a body works on; undefined: that is not known. */
export function workedOn(
  dwarf: DwarfProgram,
  body: CoroutineAround,
  around: Scope,
  offset: number,
  machine: Machine,
): WorkedOn | undefined {
  const address = futureAt(dwarf, body, { scope: around, offset, machine });
  if (address === undefined) return undefined;
  const { future, stateAt, stateSize } = body.coroutine;
  const state = bytesAt({ kind: 'memory', address: address + stateAt }, machine).read(0, Math.min(stateSize, 4));
  if (isMissing(state)) return undefined;
  return { type: future.die, address, line: lineOf(future, unsignedOf(state), dwarf.types) };
}

function lineOf(future: StructType, state: bigint, types: Types): number | undefined {
  if (state <= BigInt(FutureState.Panicked)) return undefined;
  const variant = future.variants?.variants.find(({ values }) =>
    values.some(({ low, high }) => state >= low && state <= high),
  );
  const [member] = variant?.members ?? [];
  const fields = member && types.bare(member.type);
  return member?.declaredAt?.line ?? (fields?.kind === 'struct' ? fields.declaredAt?.line : undefined);
}

/** Whether a variable that lies on the stack, in the body's own frame, was given up at the `.await`. */
export function isGivenUp({ declared }: Variable, line: number, at: LineAt): boolean {
  // what it gives is there behind it; and in a loop the lines before may have been passed again since
  return declared.file === at.file && declared.line < line && at.line > line;
}
