// Views of Rust's sequences: arrays, slices, Vec, VecDeque, BinaryHeap, and LinkedList. Any element is had without the others, but in lists.
import type { ArrayType, DieOffset, StructType } from '../../dwarf/type.ts';
import type { Shown, Value } from '../value.ts';
import { element, type Look, leaf, listed, remark, withElements, wrapped } from './look.ts';
import {
  baseName,
  checkExtent,
  count,
  deep,
  holderOf,
  memberNamed,
  need,
  pointee,
  pointerOf,
  templateOf,
  Unreadable,
} from './reading.ts';
import { someOf } from './rust-option.ts';
import { strShown } from './rust-strings.ts';
import { typeName } from './type-name.ts';

export function rustArray(value: Value, type: ArrayType, look: Look): Shown {
  const name = typeName(value.type, look.types);
  if (type.count === undefined) return leaf(remark('of unknown length'), name, { address: value.bytes.address });
  const size = sizeOfElement(type.element, look);
  const at = (index: number): Value => ({ type: type.element, bytes: value.bytes.at(index * size) });
  return sequence(type.count, at, look, name, value.bytes.address);
}

function sizeOfElement(type: DieOffset | undefined, look: Pick<Look, 'types'>): number {
  const size = look.types.sizeOf(look.types.bare(type));
  if (size === undefined) throw new Unreadable('the size of its elements is not known');
  return size;
}

function sequence(
  length: number,
  at: (index: number) => Value,
  look: Look,
  type: string,
  address: number | undefined,
): Shown {
  const text = listed(look, '[', ']', length, (index) => look.inside(at(index)).text);
  return withElements(text, type, length, (index) => element(index, at(index), look), address);
}

export function sliceShown(
  address: number,
  length: number,
  type: DieOffset | undefined,
  look: Look,
  name: string,
): Shown {
  const size = sizeOfElement(type, look);
  checkExtent(address, length, size, look.program);
  const at = (index: number): Value => ({ type, bytes: look.program.memory(address + index * size) });
  return sequence(length, at, look, name, address);
}

export interface Vector {
  readonly address: number;
  readonly length: number;
  readonly capacity: number;
  /** Where its length stands. */
  readonly lengthAt: Value;
  readonly element: DieOffset | undefined;
}

/** The Vec that a value is or wraps. @throws Unreadable for what can be no vector */
export function vectorOf(value: Value, look: Pick<Look, 'types' | 'program'>): Vector {
  const { types } = look;
  const vector = holderOf(value, types, 'buf', 'len');
  if (vector === undefined) throw new Unreadable(`this version of ${typeName(value.type, types)} has no vector in it`);
  const buffer = need(vector, types, 'buf');
  const lengthAt = need(vector, types, 'len');
  const length = count(lengthAt, types);
  const capacity = count(deep(buffer, types, 'cap'), types);
  const { address, target } = pointerOf(deep(buffer, types, 'ptr'), look.program);
  const element = templateOf(types.bare(vector.type), 'T') ?? target;
  const size = sizeOfElement(element, look);
  checkExtent(address, length, size, look.program);
  if (size > 0 && length > capacity) throw new Unreadable(`length ${length} is more than its capacity ${capacity}`);
  return { address, length, capacity, lengthAt, element };
}

export function vecView(value: Value, _type: StructType, look: Look): Shown {
  const { address, length, element } = vectorOf(value, look);
  return sliceShown(address, length, element, look, typeName(value.type, look.types));
}

/** A ring; before 1.67 it had `tail` and `head` in place of `head` and `len`. */
export function vecDequeView(value: Value, type: StructType, look: Look): Shown {
  const { types, program } = look;
  const buffer = need(value, types, 'buf');
  const { address, target } = pointerOf(deep(buffer, types, 'ptr'), program);
  const capacity = count(deep(buffer, types, 'cap'), types);
  const element = templateOf(type, 'T') ?? target;
  const size = sizeOfElement(element, look);
  const head = count(need(value, types, 'head'), types);
  const lengthAt = memberNamed(value, types, 'len');
  const tail = lengthAt === undefined ? count(need(value, types, 'tail'), types) : head;
  const length = lengthAt === undefined ? (capacity + head - tail) % Math.max(1, capacity) : count(lengthAt, types);
  if (size > 0) {
    checkExtent(address, capacity, size, program);
    if (length > capacity) throw new Unreadable(`length ${length} is more than its capacity ${capacity}`);
    if (tail > capacity) throw new Unreadable(`its first element ${tail} is past its capacity ${capacity}`);
  }
  const at = (index: number): Value => ({
    type: element,
    bytes: program.memory(address + (size === 0 ? 0 : ((tail + index) % capacity) * size)),
  });
  return sequence(length, at, look, typeName(value.type, types), address);
}

/** BinaryHeap { data: Vec }, in the order of the heap. */
export function heapView(value: Value, _type: StructType, look: Look): Shown {
  return wrapped(look.through(need(value, look.types, 'data')), typeName(value.type, look.types));
}

const MOST_NODES = 1_000_000;

/** Nodes are followed as far as somebody looks, and remembered. */
export function linkedListView(value: Value, _type: StructType, look: Look): Shown {
  const { types, program } = look;
  const length = count(need(value, types, 'len'), types);
  checkExtent(0, length, 8, program);
  const elements: Value[] = [];
  let next = need(value, types, 'head');
  const at = (index: number): Value => {
    while (elements.length <= index) {
      if (elements.length >= MOST_NODES) throw new Unreadable(`it is followed for ${MOST_NODES} elements only`);
      const node = someOf(next, look);
      if (node === undefined) throw new Unreadable(`the list ends after ${elements.length} elements`);
      const place = pointee(pointerOf(node, program), program);
      elements.push(need(place, types, 'element'));
      next = need(place, types, 'next');
    }
    return elements[index] ?? value;
  };
  return sequence(length, at, look, typeName(value.type, types), value.bytes.address);
}

/** What a slice's Iter or a Vec's IntoIter still gives: from `ptr` to the end, which of elements without size is their number. */
export function iterView(value: Value, type: StructType, look: Look): Shown {
  const { types, program } = look;
  const start = pointerOf(need(value, types, 'ptr'), program);
  const end = count(need(value, types, 'end_or_len', 'end'), types);
  const element = templateOf(type, 'T') ?? start.target;
  const size = sizeOfElement(element, look);
  if (size === 0) return leaf(`${baseName(type.name)}(…)`, typeName(value.type, types));
  const length = (end - start.address) / size;
  if (length < 0 || !Number.isInteger(length)) throw new Unreadable('its end is not where an element ends');
  const inner = sliceShown(start.address, length, element, look, typeName(value.type, types));
  return wrapped(inner, inner.type, `${baseName(type.name)}(${inner.text})`);
}

/** Chars { iter: Iter<u8> }: the text that is left of it. */
export function charsView(value: Value, _type: StructType, look: Look): Shown {
  const { types, program } = look;
  const iter = need(value, types, 'iter');
  const { address } = pointerOf(need(iter, types, 'ptr'), program);
  const length = count(need(iter, types, 'end_or_len', 'end'), types) - address;
  if (length < 0) throw new Unreadable('its end is before its start');
  const text = strShown({ address, length, type: typeName(value.type, types), look, room: 0 });
  return wrapped(text, text.type, `Chars(${text.text})`);
}
