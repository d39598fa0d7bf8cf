// Views of what shares and guards values: Rc, Arc, Weak with their counts; Cell, RefCell, Mutex, RwLock, OnceCell, LazyLock and what borrows
// from them with their states; atomics. Their children are those of what is in them.
import type { StructType, Types } from '../../dwarf/type.ts';
import type { Child, Shown, Value } from '../value.ts';
import { field, type Look, leaf, made, remark, withFields, wrapped } from './look.ts';
import {
  baseName,
  count,
  deep,
  hex,
  holderOf,
  memberNamed,
  need,
  type Place,
  peel,
  pointee,
  pointerOf,
  readBytes,
  resolved,
  signed,
  structOf,
  Unreadable,
  unsigned,
  unsignedOf,
  unwrapped,
} from './reading.ts';
import { someOf } from './rust-option.ts';
import { referenceView } from './rust-pointers.ts';
import { activeVariant } from './rust-variants.ts';
import { booleanView } from './scalars.ts';
import { typeName } from './type-name.ts';

const name = (value: Value, look: Look): string => typeName(value.type, look.types);

/** RcInner or ArcInner, behind the pointer of an Rc, an Arc or a Weak. */
interface Shared {
  readonly strong: number;
  /** Without the one that all strong ones hold together. */
  readonly weak: number;
  readonly value: Value;
}

function sharedOf(value: Value, look: Look): Shared {
  const { types, program } = look;
  const pointer = pointerOf(need(value, types, 'ptr'), program);
  if (pointer.address === 0) throw new Unreadable('it points to address 0');
  if (pointer.address >= program.memorySize)
    throw new Unreadable(`it points to ${hex(pointer.address)}, outside memory`);
  const inner: Place = pointee(pointer, program);
  const strong = count(need(inner, types, 'strong'), types);
  const weak = Math.max(0, count(need(inner, types, 'weak'), types) - 1);
  if (strong > 0x7fffffff) throw new Unreadable(`its count ${strong} is more than there can be`);
  return { strong, weak, value: resolved(need(inner, types, 'value', 'data'), types) };
}

const counts = ({ strong, weak }: Shared): readonly Child[] => [
  made('strong', `${strong}`, strong),
  made('weak', `${weak}`, weak),
];

export function rcView(value: Value, _type: StructType, look: Look): Shown {
  const shared = sharedOf(value, look);
  const inner = look.through(shared.value);
  const state = shared.strong === 0 ? 'dropped' : `strong ${shared.strong}, weak ${shared.weak}`;
  const text = look.depth === 0 || shared.strong === 0 ? `${inner.text} ${remark(state)}` : inner.text;
  return wrapped(inner, name(value, look), text, counts(shared));
}

/** What a Weak points to is shown as a child only: it is what makes circles. */
export function weakView(value: Value, _type: StructType, look: Look): Shown {
  const { address } = pointerOf(need(value, look.types, 'ptr'), look.program);
  // Weak::new() points nowhere: to usize::MAX
  if (address === 0xffffffff) return leaf(`(Weak) ${remark('of nothing')}`, name(value, look));
  const shared = sharedOf(value, look);
  if (shared.strong === 0) return leaf(`(Weak) ${remark('dropped')}`, name(value, look), { address });
  const text = `(Weak) ${remark(`strong ${shared.strong}, weak ${shared.weak}`)}`;
  const children = () => [...counts(shared), field('*', '*', shared.value, look)];
  return withFields(text, name(value, look), 3, children, address);
}

/** A cell with what is in it, as Debug writes it: `Cell { value: 5 }`, `OnceCell(5)`. `state` is for those who ask for the cell itself. */
function cell(value: Value, title: string, part: string, content: Value, look: Look, state?: string): Shown {
  const inner = look.through(content);
  const text = part === '' ? `${title}(${inner.text})` : `${title} { ${part}: ${inner.text} }`;
  return wrapped(inner, name(value, look), state === undefined ? text : `${text} ${remark(state)}`);
}

/** Debug's own word for a cell that nothing is in yet. */
const unset = (value: Value, title: string, look: Look, state?: string): Shown =>
  leaf(state === undefined ? `${title}(<uninit>)` : `${title}(<uninit>) ${remark(state)}`, name(value, look));

export const cellView = (value: Value, _type: StructType, look: Look): Shown =>
  cell(value, 'Cell', 'value', unwrapped(need(value, look.types, 'value'), look.types), look);

/** The count is positive for readers and negative for a writer. */
export function refCellView(value: Value, _type: StructType, look: Look): Shown {
  const borrow = Number(signed(need(value, look.types, 'borrow'), look.types));
  const content = unwrapped(need(value, look.types, 'value'), look.types);
  return cell(value, 'RefCell', 'value', content, look, borrowed(borrow, 'borrowed', 'mutably borrowed'));
}

function borrowed(borrow: number, reading: string, writing: string): string | undefined {
  if (borrow === 0) return undefined;
  if (borrow < 0) return writing;
  return borrow === 1 ? reading : `${reading} ${borrow} times`;
}

/** Whether a panic has left it: `Flag { failed }`; without unwinding there is none. */
function poisoned(value: Value, types: Types): boolean {
  const flag = memberNamed(value, types, 'poison');
  const failed = flag === undefined ? undefined : holderOf(flag, types, 'failed');
  return failed !== undefined && unsigned(need(failed, types, 'failed'), types) !== 0n;
}

const states = (...all: readonly (string | undefined)[]): string | undefined =>
  all.filter((state) => state !== undefined).join(', ') || undefined;

/** Without threads `locked` is a Cell<bool>; with them a futex, 0 where it is free. */
export function mutexView(value: Value, _type: StructType, look: Look): Shown {
  const { types } = look;
  const holder = holderOf(value, types, 'locked') ?? holderOf(value, types, 'futex');
  const lock = holder === undefined ? undefined : memberNamed(holder, types, 'locked', 'futex');
  const isLocked = lock !== undefined && unsigned(lock, types) !== 0n;
  const state = states(isLocked ? 'locked' : undefined, poisoned(value, types) ? 'poisoned' : undefined);
  return cell(value, 'Mutex', 'data', unwrapped(need(value, types, 'data'), types), look, state);
}

/** futures_util::lock::Mutex: the first bit of its state says that it is held. */
export function asyncMutexView(value: Value, _type: StructType, look: Look): Shown {
  const { types } = look;
  const isLocked = (unsigned(need(value, types, 'state'), types) & 1n) === 1n;
  return cell(
    value,
    'Mutex',
    'value',
    unwrapped(need(value, types, 'value'), types),
    look,
    isLocked ? 'locked' : undefined,
  );
}

/** Without threads `mode` counts readers, and is -1 for a writer. */
export function rwLockView(value: Value, _type: StructType, look: Look): Shown {
  const { types } = look;
  const holder = holderOf(value, types, 'mode');
  const mode = holder === undefined ? 0 : Number(signed(need(holder, types, 'mode'), types));
  const state = states(borrowed(mode, 'read-locked', 'write-locked'), poisoned(value, types) ? 'poisoned' : undefined);
  return cell(value, 'RwLock', 'data', unwrapped(need(value, types, 'data'), types), look, state);
}

export function onceCellView(value: Value, _type: StructType, look: Look): Shown {
  const content = someOf(unwrapped(need(value, look.types, 'inner'), look.types), look);
  return content === undefined ? unset(value, 'OnceCell', look) : cell(value, 'OnceCell', '', content, look);
}

/** What std's Once says of itself, in words; undefined where this version keeps it otherwise. */
function onceState(value: Value, types: Types): 'complete' | 'incomplete' | 'running' | 'poisoned' | undefined {
  const holder = holderOf(need(value, types, 'once'), types, 'state') ?? value;
  const state = memberNamed(holder, types, 'state');
  if (state === undefined) return undefined;
  const inner = peel(state, types);
  const type = types.bare(inner.type);
  if (type.kind !== 'enum') return undefined;
  const bits = unsignedOf(readBytes(inner, type.size));
  const found = type.enumerators.find((one) => BigInt.asUintN(type.size * 8, one.value) === bits)?.name.toLowerCase();
  return found === 'complete' || found === 'incomplete' || found === 'running' || found === 'poisoned'
    ? found
    : undefined;
}

export function onceLockView(value: Value, _type: StructType, look: Look): Shown {
  const state = onceState(value, look.types);
  if (state !== 'complete' && state !== undefined)
    return unset(value, 'OnceLock', look, state === 'incomplete' ? undefined : state);
  const content = unwrapped(need(value, look.types, 'value'), look.types);
  return cell(value, 'OnceLock', '', content, look, state === undefined ? 'set or not' : undefined);
}

/** LazyLock { once, data: union { value, f } } */
export function lazyLockView(value: Value, _type: StructType, look: Look): Shown {
  const state = onceState(value, look.types);
  if (state !== 'complete' && state !== undefined)
    return unset(value, 'LazyLock', look, state === 'incomplete' ? undefined : state);
  const data = unwrapped(need(value, look.types, 'data'), look.types);
  const content = unwrapped(need(data, look.types, 'value'), look.types);
  return cell(value, 'LazyLock', '', content, look, state === undefined ? 'run or not' : undefined);
}

/** LazyCell { state: enum { Uninit(F), Init(T), Poisoned } } */
export function lazyCellView(value: Value, _type: StructType, look: Look): Shown {
  const state = unwrapped(need(value, look.types, 'state'), look.types);
  const struct = structOf(state, look.types);
  if (struct?.variants === undefined) throw new Unreadable('this version of LazyCell has another state');
  const active = activeVariant(state, struct, look.types);
  if (active.name === 'Init') return cell(value, 'LazyCell', '', need(active.payload, look.types, '__0'), look);
  return unset(value, 'LazyCell', look, active.name === 'Uninit' ? undefined : 'poisoned');
}

/** Ref, RefMut, and the guards of locks, as the references that they are to people. */
export function guardView(value: Value, type: StructType, look: Look): Shown {
  const { types, program } = look;
  const isExclusive = /^(?:RefMut|MutexGuard|RwLockWriteGuard)$/.test(baseName(type.name));
  const prefix = isExclusive ? '&mut ' : '&';
  const direct = memberNamed(value, types, 'value', 'data');
  if (direct !== undefined) {
    const pointer = pointerOf(direct, program);
    return referenceView(pointer, look, name(value, look), prefix);
  }
  const lock = pointee(pointerOf(need(value, types, 'lock'), program), program);
  const inner = look.through(unwrapped(need(lock, types, 'data'), types));
  return wrapped(inner, name(value, look), /^["‹]/.test(inner.text) ? inner.text : prefix + inner.text);
}

/** AtomicU32 { v: UnsafeCell<u32> }; AtomicBool keeps its bool in a byte. */
export function atomicView(value: Value, type: StructType, look: Look): Shown {
  const inner = peel(value, look.types);
  const isBoolean = type.name === 'AtomicBool' || type.name === 'Atomic<bool>';
  if (isBoolean) return booleanView(inner, unsigned(inner, look.types), name(value, look), 1);
  return wrapped(look.through(inner), name(value, look));
}

/** As what is borrowed or owned; which of both it says to those who ask for the Cow itself. */
export function cowView(value: Value, type: StructType, look: Look): Shown {
  const active = activeVariant(value, type, look.types);
  const inner = look.through(need(active.payload, look.types, '__0'));
  const plain = inner.text.replace(/^&(?:mut )?/, '');
  const text = look.depth === 0 ? `${plain} ${remark(active.name.toLowerCase())}` : plain;
  return wrapped(inner, name(value, look), text);
}

/** What says nothing of itself: Pin, ManuallyDrop, UnsafeCell, NonZero. */
export function transparentView(value: Value, type: StructType, look: Look): Shown {
  const member = type.members.find((one) => look.types.sizeOf(look.types.bare(one.type)) !== 0) ?? type.members[0];
  if (member === undefined) return leaf(name(value, look), name(value, look));
  const inner = memberNamed(value, look.types, member.name);
  return inner === undefined
    ? leaf(name(value, look), name(value, look))
    : wrapped(look.through(inner), name(value, look));
}

export const numberView = (value: Value, _type: StructType, look: Look): Shown =>
  wrapped(look.through(peel(value, look.types)), name(value, look));

/** Nobody but the program knows whether there is something in it. */
export function maybeUninitView(value: Value, _type: StructType, look: Look): Shown {
  const inner = look.through(unwrapped(value, look.types));
  const text = look.depth === 0 ? `${inner.text} ${remark('if it was initialized')}` : inner.text;
  return wrapped(inner, name(value, look), text);
}

/** Old wrappers of pointers, which the program rarely shows: the pointer. */
export function nonNullView(value: Value, _type: StructType, look: Look): Shown {
  const pointer = deep(value, look.types, 'pointer');
  return wrapped(look.through(pointer), name(value, look));
}
