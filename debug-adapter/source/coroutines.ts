// Rust's async functions and blocks as rustc compiles them: a function that is polled again and again, over a future that keeps its state and
// its locals. Says of such a function where its future has its state; which future it works on is asked at run time. Pure. Contract S1.
import type { Scope } from '../dwarf/program.ts';
import type { StructType, Types } from '../dwarf/type.ts';

/** The future that a poll function works on. */
export interface Coroutine {
  /** The type of the future: a variant for each state. */
  readonly future: StructType;
  /** Bytes from the future's start to its state, and the size of that. */
  readonly stateAt: number;
  readonly stateSize: number;
}

/** States of every future: it was not polled yet; it has returned; it has panicked. All others: it waits at an `.await`. */
export const FutureState = { Unresumed: 0, Returned: 1, Panicked: 2 } as const;

const BODY = /\{async_(fn|block|closure)#(\d+)\}(<.*>)?$/s;
const FUTURE = /^\{async_(?:fn|block|closure)_env#\d+\}/;

/** The future of the function `scope`, where that is the body of an async function or block. */
export function coroutineOf(types: Types, scope: Scope): Coroutine | undefined {
  if (!BODY.test(scope.name)) return undefined;
  const name = scope.name.replace(
    BODY,
    (_, kind: string, number: string, generics = '') => `{async_${kind}_env#${number}}${generics}`,
  );
  const future = types.at(types.definedBeside(scope.die, name));
  if (future.kind !== 'struct') return undefined;
  const state = future.variants?.discriminant;
  if (state === undefined) return undefined;
  const stateSize = types.sizeOf(types.at(state.type)) ?? 1;
  return { future, stateAt: state.offset, stateSize };
}

/** Whether the function only makes a future: what is written in it runs when that is polled. */
export function makesFuture(types: Types, scope: Scope): boolean {
  return scope.result !== undefined && FUTURE.test(types.at(scope.result).name);
}

/** Where the future begins, if one of what it was given, of that name, lies at `address`. */
export function futureAround({ future }: Coroutine, types: Types, name: string, address: number): number | undefined {
  for (const { members } of future.variants?.variants ?? []) {
    const [state] = members;
    const fields = state === undefined ? undefined : types.bare(state.type);
    if (state === undefined || fields?.kind !== 'struct' || fields.name !== 'Unresumed') continue;
    const field = fields.members.find((one) => one.name === name);
    if (field !== undefined) return address - state.offset - field.offset;
  }
  return undefined;
}
