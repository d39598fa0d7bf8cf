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
  /** The states in which it waits at an `.await`. */
  readonly waiting: ReadonlySet<number>;
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
  const polled = targetOf(types, scope.unnamed?.type);
  const future =
    polled !== undefined && FUTURE.test(types.at(polled).name)
      ? types.at(polled)
      : types.at(types.definedBeside(scope.die, environment(scope)));
  if (future.kind !== 'struct') return undefined;
  const state = future.variants?.discriminant;
  if (state === undefined) return undefined;
  const stateSize = types.sizeOf(types.at(state.type)) ?? 1;
  const values = (future.variants?.variants ?? []).flatMap((variant) => variant.values);
  // a variant of a future has one value
  const waiting = new Set(values.map(({ low }) => Number(low)).filter((value) => value > FutureState.Panicked));
  return { future, stateAt: state.offset, stateSize, waiting, polledWith: scope.unnamed };
}

/** The future's type has the name of its body. */
const environment = ({ name }: Scope): string =>
  name.replace(BODY, (_, kind: string, number: string, generics = '') => `{async_${kind}_env#${number}}${generics}`);

/** Of a `Pin<&mut T>`, or a `&mut T`: T. */
function targetOf(types: Types, pin: DieOffset | undefined): DieOffset | undefined {
  const pinned = pin === undefined ? undefined : types.bare(pin);
  const pointer = pinned?.kind === 'struct' ? types.bare(pinned.members[0]?.type) : pinned;
  return pointer?.kind === 'pointer' ? pointer.target : undefined;
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

/** A place at which a function stands, to ask where something is. */
interface Standing {
  /** The physical function. */
  readonly scope: Scope;
  readonly offset: number;
  readonly machine: Machine;
}

/**
 * Where the future lies that a body works on: as the body is polled with it, else by what it was given, which lies in it; else in what one of the
 * functions around was given, which may have it within. Undefined: that is not known there.
 */
export function futureAt(program: DwarfProgram, around: CoroutineAround, standing: Standing): number | undefined {
  const { scope, offset, machine } = standing;
  const { future, polledWith } = around.coroutine;
  const found = polledWith && pointerIn(program, polledWith, standing);
  if (found !== undefined) return found;
  for (const variable of around.scope.variables) {
    const location = program.locate(variable, scope, offset, machine);
    if (location.kind !== 'memory') continue;
    const address = futureAround(around.coroutine, program.types, variable.name, location.address);
    if (address !== undefined) return address;
  }
  const outer = [scope, ...inlinedAt(scope, offset)].slice(0, around.depth);
  for (const { unnamed, variables } of outer.reverse()) {
    const given = unnamed ?? variables.find(({ kind }) => kind === 'parameter');
    const target = given && targetOf(program.types, given.type);
    if (given === undefined || target === undefined) continue;
    const within = [...new Set(offsetsWithin(program.types, target, future))];
    const address = within.length === 1 ? pointerIn(program, given, standing) : undefined;
    if (address !== undefined) return address + (within[0] ?? 0);
  }
  return undefined;
}

/** What a pointer, or a `Pin` of one, holds. */
function pointerIn(
  program: DwarfProgram,
  variable: Variable,
  { scope, offset, machine }: Standing,
): number | undefined {
  const bytes = bytesAt(program.locate(variable, scope, offset, machine), machine).read(0, 4);
  return isMissing(bytes) ? undefined : new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}

/** Values in values that are looked through for a future. */
const MOST_DEEP = 12;

/** Offsets at which a type holds a future as a part of itself: of an async function that awaits it, of a join of several. */
function offsetsWithin(types: Types, die: DieOffset | undefined, future: StructType, at = 0, deep = 0): number[] {
  const type = die === undefined || deep > MOST_DEEP ? undefined : types.bare(die);
  if (type?.kind !== 'struct') return [];
  if (type.die === future.die || sameType(type, future)) return [at];
  if ((type.size ?? 0) < (future.size ?? 0)) return [];
  const members = [...type.members, ...(type.variants?.variants ?? []).flatMap((variant) => variant.members)];
  return members.flatMap(({ type: of, offset }) => offsetsWithin(types, of, future, at + offset, deep + 1));
}

/** Each unit may have its own description of it. */
const sameType = (one: StructType, other: StructType): boolean =>
  one.name === other.name && one.size === other.size && one.namespace.join('::') === other.namespace.join('::');

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
