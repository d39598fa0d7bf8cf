// The outer DIEs of one unit: its functions with their code, what lies in namespaces, its variables outside of functions. One walk that goes into
// namespaces only and over everything else by its size; typed arrays. Not what is in a function: scopes.ts.
import { At, Tag } from './constants.ts';
import type { DieReader } from './die-reader.ts';
import { appendRanges, RangeMap, RangesFound } from './ranges.ts';
import type { DieOffset } from './type.ts';
import type { Unit } from './units.ts';

const ANONYMOUS = '(anonymous namespace)';
/** Nested deeper than any source is. */
const MAX_DEPTH = 100;

/** Whether a DIE gives its name to what is declared in it. */
function isNaming(tag: number): boolean {
  switch (tag) {
    case Tag.Namespace:
    case Tag.Module:
    case Tag.StructureType:
    case Tag.ClassType:
    case Tag.UnionType:
    case Tag.EnumerationType:
    case Tag.InterfaceType:
      return true;
    default:
      return false;
  }
}

export class UnitIndex {
  readonly unit: Unit;
  /** DW_TAG_subprogram with code in the module. */
  readonly functions: DieOffset[] = [];
  /** DW_TAG_variable outside of functions. */
  readonly variables: DieOffset[] = [];
  /** What gives names: where each begins and ends, in the order of the unit. */
  readonly #starts: DieOffset[] = [];
  readonly #ends: DieOffset[] = [];
  /** The one that it is in; -1: the unit. */
  readonly #parents: number[] = [];
  /** By the innermost of what is around. */
  readonly #names = new Map<DieOffset, readonly string[]>();
  readonly #inner = new Map<DieOffset, DieOffset[]>();
  /** Where the functions' code is: lows and highs, as DWARF counts. */
  readonly pairs: number[] = [];
  readonly #owners: number[] = [];
  #map: RangeMap | undefined;
  #deep: RangeMap | undefined;
  #deepFunctions: DieOffset[] = [];

  constructor(unit: Unit, reader: DieReader) {
    this.unit = unit;
    if (reader.root(unit)) this.#walk(reader);
  }

  #walk(reader: DieReader): void {
    const open: number[] = [];
    let on = reader.child();
    /** A container that is over: it ends where the next DIE, or the end of a list, is. */
    let closed = -1;
    for (;;) {
      if (closed >= 0) this.#ends[closed] = reader.position;
      closed = -1;
      if (!on) {
        const last = open.pop();
        if (last === undefined) break;
        closed = last;
        on = reader.next();
        continue;
      }
      const { tag } = reader;
      if (tag === Tag.Subprogram) this.#addFunction(reader);
      else if (tag === Tag.Variable) this.variables.push(reader.offset);
      else if (reader.hasChildren && isNaming(tag)) {
        const index = this.#starts.push(reader.offset) - 1;
        this.#ends.push(this.unit.end);
        this.#parents.push(open.at(-1) ?? -1);
        if ((tag === Tag.Namespace || tag === Tag.Module) && open.length < MAX_DEPTH) {
          open.push(index);
          on = reader.child();
          continue;
        }
        closed = index;
      }
      on = reader.next();
    }
  }

  #addFunction(reader: DieReader): void {
    if (appendRanges(reader, this.pairs) !== RangesFound.Live) return;
    const index = this.functions.push(reader.offset) - 1;
    while (this.#owners.length * 2 < this.pairs.length) this.#owners.push(index);
  }

  /** The function whose code is at an address; undefined: none, as far as the outer DIEs tell. */
  functionAt(address: number): DieOffset | undefined {
    this.#map ??= new RangeMap(this.pairs, this.#owners);
    return this.functions[this.#map.at(address)];
  }

  /** The same among all DIEs of the unit: functions in functions, in types. */
  deepFunctionAt(address: number, reader: DieReader): DieOffset | undefined {
    if (this.#deep === undefined) {
      const pairs: number[] = [];
      const owners: number[] = [];
      if (reader.root(this.unit)) {
        // Down and up in one pass: `next` after the end of a list goes on behind its parent.
        for (let depth = 0, on = true; depth >= 0; ) {
          if (on && reader.tag === Tag.Subprogram && appendRanges(reader, pairs) === RangesFound.Live) {
            const index = this.#deepFunctions.push(reader.offset) - 1;
            while (owners.length * 2 < pairs.length) owners.push(index);
          }
          if (on && reader.hasChildren) {
            depth++;
            on = reader.child();
          } else {
            if (!on) depth--;
            if (depth > 0) on = reader.next();
            else break;
          }
        }
      }
      this.#deep = new RangeMap(pairs, owners);
    }
    return this.#deepFunctions[this.#deep.at(address)];
  }

  /** Names of the namespaces and types around a DIE of the unit, the outermost first. */
  namesAround(die: DieOffset, reader: DieReader): readonly string[] {
    const around = this.#around(die, reader);
    const inner = around.at(-1);
    if (inner === undefined) return [];
    let names = this.#names.get(inner);
    if (names === undefined) {
      names = around.map((one) => (reader.at(one) ? reader.string(At.Name) : undefined) ?? ANONYMOUS);
      this.#names.set(inner, names);
    }
    return names;
  }

  /** The namespaces and types around a DIE, the outermost first. */
  #around(die: DieOffset, reader: DieReader): DieOffset[] {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! < die) low = middle + 1;
      else high = middle;
    }
    let inner = low - 1;
    while (inner >= 0 && this.#ends[inner]! <= die) inner = this.#parents[inner]!;
    const around: DieOffset[] = [];
    for (let one = inner; one >= 0; one = this.#parents[one]!) around.push(this.#starts[one]!);
    around.reverse();
    // Types in a type are found when somebody asks, and kept.
    for (let last = around.at(-1); last !== undefined && around.length < 2 * MAX_DEPTH; last = around.at(-1)) {
      const within = this.#innerOf(last, reader);
      low = 0;
      high = within.length / 2;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (within[2 * middle]! < die) low = middle + 1;
        else high = middle;
      }
      const found = within[2 * low - 2];
      if (found === undefined || within[2 * low - 1]! <= die) break;
      around.push(found);
    }
    return around;
  }

  /** Where the types in a type begin and end. */
  #innerOf(type: DieOffset, reader: DieReader): readonly DieOffset[] {
    let inner = this.#inner.get(type);
    if (inner === undefined) {
      inner = [];
      // What is in namespaces and gives names is indexed.
      const open = reader.at(type) && reader.tag !== Tag.Namespace && reader.tag !== Tag.Module;
      for (let on = open && reader.child(); on; ) {
        const start = reader.hasChildren && isNaming(reader.tag) ? reader.offset : -1;
        on = reader.next();
        if (start >= 0) inner.push(start, reader.position);
      }
      this.#inner.set(type, inner);
    }
    return inner;
  }
}
