// Rust's async functions and blocks as rustc compiles them: a function that is polled again and again, over a future that keeps its state and
// its locals. Says of such a function where its future has its state; which future it works on is asked at run time. Pure. Contract S1.
import { isMissing, type Machine } from '../dwarf/location.ts';
import type { DwarfProgram, Scope, Variable } from '../dwarf/program.ts';
import type { DieOffset, StructType, Types } from '../dwarf/type.ts';
import { bytesAt } from './bytes.ts';
import { inlinedAt } from './scopes.ts';

/** The future that a poll function works on. */
export interface Coroutine {
  /** The type of the future: a variant for each state. */
  readonly future: StructType;
  /** Bytes from the future's start to its state, and the size of that. */
  readonly stateAt: number;
  readonly stateSize: number;
  /** What the body is polled with: a pointer to the future. */
  readonly polledWith: Variable | undefined;
}

/** The innermost body of an async function around a place: a function of its own, or inlined into another's. */
export interface CoroutineAround {
  readonly coroutine: Coroutine;
  readonly scope: Scope;
  /** The inlined calls around it, itself included: 0 where it is a function of its own. */
  readonly depth: number;
}

/** States of every future: it was not polled yet; it has returned; it has panicked. All others: it waits at an `.await`. */
export const FutureState = { Unresumed: 0, Returned: 1, Panicked: 2 } as const;

const BODY = /\{async_(fn|block|closure)#(\d+)\}(<.*>)?$/s;
const FUTURE = /^\{async_(?:fn|block|closure)_env#\d+\}/;
const OF_FUNCTION = /^\{async_(?:fn|closure)_env#\d+\}/;

/** The future of the function `scope`, where that is the body of an async function or block. */
export function coroutineOf(types: Types, scope: Scope): Coroutine | undefined {
  if (!BODY.test(scope.name)) return undefined;
  const future = types.at(pointedTo(types, scope.unnamed?.type) ?? types.definedBeside(scope.die, environment(scope)));
  if (future.kind !== 'struct') return undefined;
  const state = future.variants?.discriminant;
  if (state === undefined) return undefined;
  const stateSize = types.sizeOf(types.at(state.type)) ?? 1;
  return { future, stateAt: state.offset, stateSize, polledWith: scope.unnamed };
}

/** The future's type has the name of its body. */
const environment = ({ name }: Scope): string =>
  name.replace(BODY, (_, kind: string, number: string, generics = '') => `{async_${kind}_env#${number}}${generics}`);

/** Of a `Pin<&mut F>`: F. */
function pointedTo(types: Types, pin: DieOffset | undefined): DieOffset | undefined {
  const pinned = pin === undefined ? undefined : types.bare(pin);
  const pointer = pinned?.kind === 'struct' ? types.bare(pinned.members[0]?.type) : pinned;
  if (pointer?.kind !== 'pointer' || !FUTURE.test(types.at(pointer.target).name)) return undefined;
  return pointer.target;
}

/** The innermost body of an async function at `offset` of `scope`, in at most `deepest` inlined calls; `of` gives the future of one scope. */
export function coroutineAround(
  scope: Scope,
  offset: number,
  deepest: number,
  of: (scope: Scope) => Coroutine | undefined,
): CoroutineAround | undefined {
  const around = [scope, ...inlinedAt(scope, offset)];
  for (let depth = Math.min(deepest, around.length - 1); depth >= 0; depth--) {
    const one = around[depth];
    const coroutine = one === undefined ? undefined : of(one);
    if (one !== undefined && coroutine !== undefined) return { coroutine, scope: one, depth };
  }
  return undefined;
}

/** Whether the function only makes the future of an async function: what is written in that runs when it is polled. */
export function makesFuture(types: Types, scope: Scope): boolean {
  if (scope.result === undefined) return false;
  const made = types.at(scope.result);
  // a function that the author wrote may give the future of another, or of a block in it
  return made.kind === 'struct' && OF_FUNCTION.test(made.name) && bareName(scope.name) === made.namespace.at(-1);
}

/** `app::greet<u32>` is `greet`. */
const bareName = (name: string): string => name.replace(/<.*$/s, '').replace(/^.*::/s, '');

/**
 * Where the future lies that a body works on, at `offset` of the physical function `scope`: as it is polled with it, else by what it was given, which
 * lies in it. Undefined: that is not known there.
 */
export function futureAt(
  program: DwarfProgram,
  around: CoroutineAround,
  { scope, offset, machine }: { readonly scope: Scope; readonly offset: number; readonly machine: Machine },
): number | undefined {
  const { polledWith } = around.coroutine;
  if (polledWith !== undefined) {
    const pointer = bytesAt(program.locate(polledWith, scope, offset, machine), machine).read(0, 4);
    if (!isMissing(pointer)) return new DataView(pointer.buffer, pointer.byteOffset, 4).getUint32(0, true);
  }
  for (const variable of around.scope.variables) {
    const location = program.locate(variable, scope, offset, machine);
    if (location.kind !== 'memory') continue;
    const found = futureAround(around.coroutine, program.types, variable.name, location.address);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Where the future begins, if one of what it was given, of that name, lies at `address`. */
function futureAround({ future }: Coroutine, types: Types, name: string, address: number): number | undefined {
  for (const { members } of future.variants?.variants ?? []) {
    const [state] = members;
    const fields = state === undefined ? undefined : types.bare(state.type);
    if (state === undefined || fields?.kind !== 'struct' || fields.name !== 'Unresumed') continue;
    const field = fields.members.find((one) => one.name === name);
    if (field !== undefined) return address - state.offset - field.offset;
  }
  return undefined;
}
