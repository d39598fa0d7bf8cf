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

/** The value behind one; undefined: it is none of these, or can't be read. Whether it lies in memory is for the reader to say. Never throws. */
export function pointedTo(value: Value, program: Program): Value | undefined {
  try {
    return targetOf(resolved(value, program.types), program);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

function targetOf(value: Value, program: Program): Value | undefined {
  const { types } = program;
  const type: Type = types.bare(value.type);
  const { pointsTo } = value.bytes;
  if (type.kind === 'pointer' && pointsTo !== undefined) return { type: type.target, bytes: pointsTo };
  if (type.kind === 'pointer' || (type.kind === 'struct' && isWidePointer(type))) {
    const pointer = pointerOf(value, program);
    if (types.bare(pointer.target).kind === 'function') return undefined;
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
