// What `*value` means: what a pointer, a reference, a box, an Rc or a guard points to.
import type { Type } from '../../dwarf/type.ts';
import type { Program, Value } from '../value.ts';
import {
  baseName,
  isWidePointer,
  memberNamed,
  need,
  pointee,
  pointerOf,
  resolved,
  Unreadable,
  unwrapped,
} from './reading.ts';

export interface Dereferenced {
  readonly value: Value;
}

/** The value behind one, or why there is none: a clause; undefined for types that point to nothing. Never throws. */
export function dereferenced(value: Value, program: Program): Dereferenced | { readonly reason: string } | undefined {
  try {
    const target = targetOf(resolved(value, program.types), program);
    return target === undefined ? undefined : { value: target };
  } catch (error) {
    return { reason: error instanceof Unreadable ? error.reason : String(error) };
  }
}

function targetOf(value: Value, program: Program): Value | undefined {
  const { types } = program;
  const type: Type = types.bare(value.type);
  if (type.kind === 'pointer' || (type.kind === 'struct' && isWidePointer(type))) {
    const pointer = pointerOf(value, program);
    if (types.bare(pointer.target).kind === 'function') return undefined;
    if (pointer.address >= program.memorySize) throw new Unreadable('it points outside memory');
    if (pointer.address === 0) throw new Unreadable('it points to address 0');
    return pointee(pointer, program);
  }
  if (type.kind !== 'struct') return undefined;
  const crate = type.namespace[0];
  const name = baseName(type.name);
  if (crate === 'alloc' && (name === 'Rc' || name === 'Arc')) {
    const inner = pointee(pointerOf(need(value, types, 'ptr'), program), program);
    return resolved(need(inner, types, 'value', 'data'), types);
  }
  if (crate === 'core' && name === 'Pin') {
    const inner = memberNamed(value, types, 'pointer', '__pointer');
    return inner === undefined ? undefined : targetOf(inner, program);
  }
  if (crate === 'core' && (name === 'Ref' || name === 'RefMut'))
    return pointee(pointerOf(need(value, types, 'value'), program), program);
  if (crate === 'std' && /^(?:Mutex|RwLockRead|RwLockWrite)Guard$/.test(name)) {
    const direct = memberNamed(value, types, 'data');
    if (direct !== undefined) return pointee(pointerOf(direct, program), program);
    const lock = pointee(pointerOf(need(value, types, 'lock'), program), program);
    return unwrapped(need(lock, types, 'data'), types);
  }
  return undefined;
}
