// Views of hash tables: HashMap and HashSet of the standard library and of hashbrown, and indexmap's. A table is an array of control bytes, one
// for each bucket, full where its top bit is clear; buckets lie below the control bytes, growing down (before hashbrown 0.8: at `data`, up).
// Control bytes are read in groups by the program, but their meaning needs no group width.
import type { StructType } from '../../dwarf/type.ts';
import type { Child, Shown, Value } from '../value.ts';
import { type Look, listed, withElements } from './look.ts';
import {
  baseName,
  checkExtent,
  count,
  holderOf,
  memberNamed,
  need,
  pointerOf,
  readBytes,
  structOf,
  templateOf,
  Unreadable,
} from './reading.ts';
import { entry, entryText, unordered } from './rust-entries.ts';
import { vectorOf } from './rust-sequences.ts';
import { typeName } from './type-name.ts';

/** Control bytes read at a time. */
const CHUNK = 4096;

/** The full buckets of a table, found as far as somebody looks. */
class Table {
  readonly length: number;
  readonly #look: Look;
  readonly #control: number;
  readonly #buckets: number;
  /** Grows as it is found: what the table says of its length may be garbage. */
  readonly #full: number[] = [];
  #scanned = 0;
  readonly bucket: (index: number) => Value;

  constructor(value: Value, look: Look) {
    const { types, program } = look;
    const raw = holderOf(value, types, 'ctrl', 'bucket_mask', 'items');
    const typed = holderNamed(value, 'RawTable', look);
    if (raw === undefined || typed === undefined)
      throw new Unreadable(`this version of ${typeName(value.type, types)} has another table`);
    const element = templateOf(typed, 'T');
    const size = types.sizeOf(types.bare(element));
    if (size === undefined) throw new Unreadable('the size of its entries is not known');
    this.#look = look;
    this.#control = pointerOf(need(raw, types, 'ctrl'), program).address;
    this.#buckets = count(need(raw, types, 'bucket_mask'), types) + 1;
    this.length = count(need(raw, types, 'items'), types);
    checkExtent(this.#control, this.#buckets, 1, program);
    const data = memberNamed(raw, types, 'data');
    const start = data === undefined ? undefined : pointerOf(data, program).address;
    if ((this.#buckets & (this.#buckets - 1)) !== 0)
      throw new Unreadable(`its number of buckets, ${this.#buckets}, is no power of two`);
    if (this.length > this.#buckets)
      throw new Unreadable(`length ${this.length} is more than its ${this.#buckets} buckets`);
    if (this.length > 0 && start === undefined && this.#buckets * size > this.#control)
      throw new Unreadable(`its ${this.#buckets} buckets are outside memory`);
    this.bucket = (index) => {
      const bucket = this.#at(index);
      const address = start === undefined ? this.#control - (bucket + 1) * size : start + bucket * size;
      return { type: element, bytes: program.memory(address) };
    };
  }

  #at(index: number): number {
    while (this.#full.length <= index) {
      if (this.#scanned >= this.#buckets)
        throw new Unreadable(`only ${this.#full.length} of its ${this.length} entries are in the table`);
      const length = Math.min(CHUNK, this.#buckets - this.#scanned);
      const bytes = this.#look.program.memory(this.#control + this.#scanned);
      const control = readBytes({ type: undefined, bytes }, length);
      for (let i = 0; i < length && this.#full.length < this.length; i++)
        if (control[i]! < 0x80) this.#full.push(this.#scanned + i);
      this.#scanned += length;
    }
    return this.#full[index] ?? 0;
  }
}

/** The type of the first struct within that has this name. */
function holderNamed(value: Value, name: string, look: Look): StructType | undefined {
  let level = [value];
  for (let depth = 0; depth < 6; depth++) {
    const next: Value[] = [];
    for (const one of level) {
      const struct = structOf(one, look.types);
      if (struct === undefined) continue;
      if (baseName(struct.name) === name) return struct;
      if (next.length < 64)
        for (const member of struct.members) next.push({ type: member.type, bytes: one.bytes.at(member.offset) });
    }
    level = next;
  }
  return undefined;
}

export function hashMapView(value: Value, _type: StructType, look: Look): Shown {
  const table = new Table(value, look);
  const pair = (index: number): readonly [Value, Value] => {
    const bucket = table.bucket(index);
    return [need(bucket, look.types, '__0'), need(bucket, look.types, '__1')];
  };
  return mapShown(table.length, pair, look, typeName(value.type, look.types), value.bytes.address);
}

export function hashSetView(value: Value, _type: StructType, look: Look): Shown {
  const table = new Table(value, look);
  const at = (index: number): Value => need(table.bucket(index), look.types, '__0');
  return setShown(table.length, at, look, typeName(value.type, look.types), value.bytes.address);
}

/** Entries in the order they were put in: indexmap keeps them in a vector beside the table. */
function entriesOf(value: Value, look: Look): { readonly length: number; readonly at: (index: number) => Value } {
  const holder = holderOf(value, look.types, 'entries');
  if (holder === undefined) throw new Unreadable(`this version of ${typeName(value.type, look.types)} has no entries`);
  const { address, length, element } = vectorOf(need(holder, look.types, 'entries'), look);
  const size = look.types.sizeOf(look.types.bare(element)) ?? 0;
  return { length, at: (index) => ({ type: element, bytes: look.program.memory(address + index * size) }) };
}

export function indexMapView(value: Value, _type: StructType, look: Look): Shown {
  const { length, at } = entriesOf(value, look);
  const pair = (index: number): readonly [Value, Value] => {
    const bucket = at(index);
    return [need(bucket, look.types, 'key'), need(bucket, look.types, 'value')];
  };
  return mapShown(length, pair, look, typeName(value.type, look.types), value.bytes.address);
}

export function indexSetView(value: Value, _type: StructType, look: Look): Shown {
  const { length, at } = entriesOf(value, look);
  const keyAt = (index: number): Value => need(at(index), look.types, 'key');
  return setShown(length, keyAt, look, typeName(value.type, look.types), value.bytes.address);
}

export function mapShown(
  length: number,
  pair: (index: number) => readonly [Value, Value],
  look: Look,
  type: string,
  address: number | undefined,
): Shown {
  const text = listed(look, '{', '}', length, (index) => entryText(pair(index), look));
  return withElements(text, type, length, (index) => unreadableAs(index, () => entry(pair(index), look)), address);
}

export function setShown(
  length: number,
  at: (index: number) => Value,
  look: Look,
  type: string,
  address: number | undefined,
): Shown {
  const text = listed(look, '{', '}', length, (index) => look.inside(at(index)).text);
  return withElements(
    text,
    type,
    length,
    (index) => unreadableAs(index, () => unordered(index, at(index), look)),
    address,
  );
}

/** An element that isn't there, since the table says more than it has, is a row that says so. */
function unreadableAs(index: number, child: () => Child): Child {
  try {
    return child();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const { reason } = error;
    return { name: `[${index}]`, path: '', shown: () => missing(reason) };
  }
}

const missing = (reason: string): Shown => ({
  text: `‹not readable: ${reason}›`,
  type: '',
  named: 0,
  indexed: 0,
  children: () => [],
});
