// What lies around and beside a type in a unit: the namespaces and types that hold it, definitions by name, and the variables that are Rust's vtables.
// One walk over a unit's outer DIEs finds all three; it goes into namespaces and types, and over functions. Typed arrays; nothing throws.
import { At, Tag } from './constants.ts';
import type { DieReader } from './die-reader.ts';
import { uleb, unsignedOf } from './sections.ts';
import type { DieOffset } from './type.ts';
import type { Unit } from './units.ts';

/** DW_OP_addr and DW_OP_addrx: all that a vtable's location is. */
const OP_ADDR = 0x03;
const OP_ADDRX = 0xa1;

/** Names of namespaces and types nested deeper than this are of no program. */
const MOST_NAMES = 64;

const ANONYMOUS = '(anonymous namespace)';

export function isStructTag(tag: number): boolean {
  return tag === Tag.StructureType || tag === Tag.ClassType || tag === Tag.UnionType || tag === Tag.InterfaceType;
}

const holds = (tag: number): boolean => tag === Tag.Namespace || tag === Tag.Module || isStructTag(tag);

/** The outer DIEs of one unit. */
export class UnitOutline {
  /** Of each DIE that holds others: where it begins, where it ends, and which one it is in (-1: the unit). In the order of the unit. */
  #starts = new Uint32Array(64);
  #ends = new Uint32Array(64);
  #parents = new Int32Array(64);
  #count = 0;
  /** Variables outside of functions that lie at a fixed address: pairs of address and DIE. */
  readonly fixed: number[] = [];
  /** Types with a name that are defined here, nested ones included. */
  readonly definitions: DieOffset[] = [];

  constructor(reader: DieReader, unit: Unit) {
    if (reader.root(unit)) this.#walk(reader, unit);
  }

  #walk(reader: DieReader, unit: Unit): void {
    // Those whose children are being walked, and those whose last child is behind: they end where the next DIE begins.
    const open: number[] = [];
    const ended: number[] = [];
    let on = reader.child();
    for (;;) {
      if (!on) {
        const last = open.pop();
        if (last === undefined) break;
        ended.push(last);
        on = reader.next();
        continue;
      }
      for (let last = ended.pop(); last !== undefined; last = ended.pop()) this.#ends[last] = reader.offset;
      const { tag } = reader;
      if (holds(tag)) {
        if (tag !== Tag.Namespace && tag !== Tag.Module && !reader.flag(At.Declaration))
          this.definitions.push(reader.offset);
        if (reader.hasChildren) {
          const parent = open.at(-1) ?? -1;
          open.push(this.#add(reader.offset, parent));
          on = reader.child();
          continue;
        }
      } else if (tag === Tag.EnumerationType && !reader.flag(At.Declaration)) this.definitions.push(reader.offset);
      else if (tag === Tag.Variable) this.#variable(reader);
      on = reader.next();
    }
    for (const last of ended) this.#ends[last] = unit.end;
  }

  #variable(reader: DieReader): void {
    const block = reader.block(At.Location);
    if (block === undefined) return;
    const { bytes } = reader.file;
    const op = bytes[block.start];
    const { addressSize } = reader.unit;
    let address: number | undefined;
    if (op === OP_ADDR && block.end === block.start + 1 + addressSize)
      address = unsignedOf(bytes, block.start + 1, addressSize);
    else if (op === OP_ADDRX) address = reader.indexedAddress(uleb(bytes, block.start + 1));
    if (address !== undefined) this.fixed.push(address, reader.offset);
  }

  #add(start: DieOffset, parent: number): number {
    const index = this.#count++;
    if (index >= this.#starts.length) {
      this.#starts = longer(this.#starts);
      this.#ends = longer(this.#ends);
      const parents = new Int32Array(this.#parents.length * 2);
      parents.set(this.#parents);
      this.#parents = parents;
    }
    this.#starts[index] = start;
    this.#parents[index] = parent;
    return index;
  }

  /** The DIEs that hold `die`, outermost first; the unit left out. */
  around(die: DieOffset): DieOffset[] {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! < die) low = middle + 1;
      else high = middle;
    }
    const around: DieOffset[] = [];
    for (let index = low - 1; index >= 0 && around.length < MOST_NAMES; index = this.#parents[index]!)
      if (this.#ends[index]! > die) around.push(this.#starts[index]!);
    return around.reverse();
  }

  /** Names of what holds `die`, outermost first; types without a name left out. */
  namesAround(die: DieOffset, reader: DieReader): string[] {
    const names: string[] = [];
    for (const holder of this.around(die)) {
      if (!reader.at(holder)) continue;
      const name = reader.string(At.Name) ?? (reader.tag === Tag.Namespace ? ANONYMOUS : '');
      if (name !== '') names.push(name);
    }
    return names;
  }
}

function longer(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
