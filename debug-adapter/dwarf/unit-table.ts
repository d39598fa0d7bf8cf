// Which unit has the code at an address, and the index of each unit, made when first asked for. Names of functions with their paths.
import { demangle } from '../wasm/demangle.ts';
import { quoted } from '../wasm/quoted.ts';
import { At } from './constants.ts';
import type { Description } from './description.ts';
import { DieReader } from './die-reader.ts';
import type { DwarfFile } from './dwarf-file.ts';
import { appendRanges, RangeMap, RangesFound } from './ranges.ts';
import type { DieOffset } from './type.ts';
import { UnitIndex } from './unit-index.ts';
import type { Unit } from './units.ts';

/** Characters of a path that are kept: types with their generics are part of it. */
const MAX_PATH = 1 << 14;

export class UnitTable {
  readonly #file: DwarfFile;
  readonly #reader: DieReader;
  /** What stands before a name, by the names around it. */
  readonly #paths = new Map<readonly string[], string>();
  readonly #indices = new Map<Unit, UnitIndex>();
  #map: RangeMap | undefined;
  /** Units that do not say where their code is. */
  readonly #rangeless: Unit[] = [];
  #rangelessMap: RangeMap | undefined;

  constructor(file: DwarfFile) {
    this.#file = file;
    this.#reader = new DieReader(file);
  }

  /** The unit whose code is at an address, from the start of the code section's content. */
  unitAt(address: number): Unit | undefined {
    const unit = this.#file.units[this.#ranges().at(address)];
    if (unit !== undefined) return unit;
    return this.#file.units[this.#rangesOfRangeless().at(address)];
  }

  #ranges(): RangeMap {
    if (this.#map !== undefined) return this.#map;
    const pairs: number[] = [];
    const owners: number[] = [];
    for (const unit of this.#file.units) {
      if (!this.#reader.root(unit)) continue;
      const elsewhere = this.#reader.string(At.DwoName) ?? this.#reader.string(At.GnuDwoName);
      if (elsewhere !== undefined)
        this.#file.problem(
          `Functions and variables of ${quoted(this.#reader.string(At.Name) ?? 'a unit')} are described in the file ${quoted(elsewhere)}, which is not part of the module: build without -gsplit-dwarf.`,
        );
      if (appendRanges(this.#reader, pairs) === RangesFound.None && this.#reader.hasChildren)
        this.#rangeless.push(unit);
      while (owners.length * 2 < pairs.length) owners.push(unit.index);
    }
    this.#map = new RangeMap(pairs, owners);
    return this.#map;
  }

  #rangesOfRangeless(): RangeMap {
    if (this.#rangelessMap === undefined) {
      const pairs: number[] = [];
      const owners: number[] = [];
      for (const unit of this.#rangeless) {
        for (const bound of this.indexOf(unit).pairs) pairs.push(bound);
        while (owners.length * 2 < pairs.length) owners.push(unit.index);
      }
      this.#rangelessMap = new RangeMap(pairs, owners);
    }
    return this.#rangelessMap;
  }

  indexOf(unit: Unit): UnitIndex {
    let index = this.#indices.get(unit);
    if (index === undefined) {
      index = new UnitIndex(unit, this.#reader);
      this.#indices.set(unit, index);
    }
    return index;
  }

  /** The DW_TAG_subprogram whose code is at an address. */
  functionAt(address: number): DieOffset | undefined {
    const unit = this.unitAt(address);
    if (unit === undefined) return undefined;
    const index = this.indexOf(unit);
    return index.functionAt(address) ?? index.deepFunctionAt(address, this.#reader);
  }

  /** The name of a function or variable with the namespaces and types around its declaration. */
  qualified({ name, linkageName, declaration }: Description): string {
    if (name === '') return demangle(linkageName);
    const unit = this.#file.unitOf(declaration);
    if (unit === undefined) return name;
    const names = this.indexOf(unit).namesAround(declaration, this.#reader);
    if (names.length === 0) return name;
    let path = this.#paths.get(names);
    if (path === undefined) {
      path = names.map((one) => `${one}::`).join('');
      if (path.length > MAX_PATH) path = `${path.slice(0, MAX_PATH)}…::`;
      this.#paths.set(names, path);
    }
    return path + name;
  }
}
