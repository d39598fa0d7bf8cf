// Opens the debug information of a module: joins its units, lines, functions, types and locations into a DwarfProgram. Everything is read when
// somebody asks for it, and nothing throws. How each is read: the files beside this one.
import { demangle } from '../wasm/demangle.ts';
import { NamePattern, shortened } from '../wasm/function-symbols.ts';
import type { WasmModule } from '../wasm/module.ts';
import { At } from './constants.ts';
import { describe } from './description.ts';
import { DieReader } from './die-reader.ts';
import { DwarfFile } from './dwarf-file.ts';
import { frameWrites } from './frame-writes.ts';
import { FunctionScopes } from './function-scopes.ts';
import { LineTable } from './line-table.ts';
import type { Location, Machine, Missing } from './location.ts';
import { VariableLocations } from './location-variable.ts';
import type { Declared, DwarfProgram, LineRows, Scope, UnitSummary, Variable } from './program.ts';
import { appendRanges } from './ranges.ts';
import { findSections, isLive, uleb, unsignedOf } from './sections.ts';
import type { DieOffset, Types } from './type.ts';
import { TypeGraph } from './types.ts';
import { UnitTable } from './unit-table.ts';
import type { Unit } from './units.ts';

const OP_ADDR = 0x03;
const OP_ADDRX = 0xa1;
const OP_GNU_ADDR_INDEX = 0xfb;
/** A longer pattern finds nothing: no name that people type is of this length. */
const MAX_PATTERN = 1000;

/** The debug information of a module; undefined where it has none at all. `lines`: those of the same module, read before. */
export function openDwarf(module: WasmModule, lines?: LineRows): DwarfProgram | undefined {
  const sections = findSections(module);
  return sections.info.end > sections.info.start ? new Dwarf(new DwarfFile(sections), lines) : undefined;
}

/** Statics of one name, and names that are remembered. */
const MAX_STATICS = 1000;

function means(pattern: NamePattern, name: string): boolean {
  if (pattern.matches(name)) return true;
  const short = shortened(name);
  return short !== '' && pattern.matches(short);
}

/** A function that `functionsNamed` looks at. */
interface Candidate {
  readonly die: DieOffset;
  /** Its own name, without the path; '' where only the linkage name is there. */
  readonly name: string;
}

class Dwarf implements DwarfProgram {
  readonly types: Types;
  readonly #file: DwarfFile;
  readonly #lines: LineTable;
  readonly #units: UnitTable;
  readonly #functions: FunctionScopes;
  readonly #locations: VariableLocations;
  readonly #reader: DieReader;
  readonly #codeStart: number;
  readonly #scopes = new Map<DieOffset, Scope | undefined>();
  readonly #summaries = new Map<Unit, UnitSummary>();
  readonly #statics = new Map<Unit | string, readonly Variable[]>();
  readonly #staticsByName = new Map<string, readonly Variable[]>();
  #candidates: Candidate[] | undefined;

  constructor(file: DwarfFile, lines?: LineRows) {
    this.#file = file;
    this.#lines = new LineTable(file, lines);
    this.#units = new UnitTable(file);
    this.#functions = new FunctionScopes(file, this.#lines, (description) => this.#units.qualified(description));
    this.#locations = new VariableLocations(file);
    this.#reader = new DieReader(file);
    this.#codeStart = file.sections.codeStart;
    this.types = new TypeGraph(file, (unit, number) => this.#lines.fileOf(unit, number), this.#units);
  }

  get lines(): LineRows {
    return this.#lines.rows;
  }

  get problems(): readonly string[] {
    return this.#file.problems;
  }

  unitAt(offset: number): UnitSummary | undefined {
    const unit = this.#units.unitAt(offset - this.#codeStart);
    return unit === undefined ? undefined : this.#summaryOf(unit);
  }

  #summaryOf(unit: Unit): UnitSummary {
    let summary = this.#summaries.get(unit);
    if (summary === undefined) {
      const reader = this.#reader;
      reader.root(unit);
      summary = {
        die: unit.root,
        language: reader.unsigned(At.Language) ?? 0,
        name: reader.string(At.Name) ?? '',
        producer: reader.string(At.Producer) ?? '',
        directory: reader.string(At.CompDir) ?? '',
      };
      this.#summaries.set(unit, summary);
    }
    return summary;
  }

  functionAt(offset: number): Scope | undefined {
    const die = this.#units.functionAt(offset - this.#codeStart);
    if (die === undefined) return undefined;
    if (!this.#scopes.has(die)) this.#scopes.set(die, this.#functions.read(die));
    return this.#scopes.get(die);
  }

  locate(variable: Variable, functionScope: Scope, offset: number, machine: Machine): Location {
    const size = variable.type === undefined ? undefined : this.types.sizeOf(this.types.at(variable.type));
    return this.#locations.locate(variable.die, functionScope.die, offset, machine, size);
  }

  frameBase(offset: number, machine: Machine): number | Missing {
    const scope = this.functionAt(offset);
    return scope === undefined ? machine.frameBase() : this.#locations.frameBase(scope.die, offset, machine);
  }

  frameWrites(offset: number, from: number, size: number): readonly number[] {
    const { ranges } = this.functionAt(offset) ?? { ranges: [] };
    const end = ranges.at(-1);
    return ranges[0] === undefined || end === undefined
      ? []
      : frameWrites(this.#file.bytes, ranges[0], end, from, size);
  }

  statics(offset: number): readonly Variable[] {
    const unit = this.#units.unitAt(offset - this.#codeStart);
    if (unit === undefined) return [];
    const source = this.#sourceOf(unit);
    let statics = this.#statics.get(source);
    if (statics === undefined) {
      const units = source === unit ? [unit] : this.#file.units.filter((one) => this.#sourceOf(one) === source);
      statics = units.flatMap((one) => this.#units.indexOf(one).variables.flatMap((die) => this.#static(die)));
      this.#statics.set(source, statics);
    }
    return statics;
  }

  /** What units have in common that rustc made of one crate, `src/main.rs/@/` and what tells them apart; of other compilers the unit itself. */
  #sourceOf(unit: Unit): Unit | string {
    const { name, directory } = this.#summaryOf(unit);
    const end = name.indexOf('/@/');
    return end < 0 ? unit : `${directory}\n${name.slice(0, end)}`;
  }

  staticsNamed(name: string): readonly Variable[] {
    const known = this.#staticsByName.get(name);
    if (known !== undefined) return known;
    const found: Variable[] = [];
    const last = name.slice(name.lastIndexOf(':') + 1);
    if (last !== '' && name.length <= MAX_PATTERN)
      for (const unit of this.#file.units)
        for (const die of this.#units.indexOf(unit).variables) {
          // paths cost more than names
          if (found.length >= MAX_STATICS || describe(this.#reader, die, this.#lines).name !== last) continue;
          found.push(...this.#static(die).filter((one) => one.name === name || one.name.endsWith(`::${name}`)));
        }
    found.sort((a, b) => a.name.length - b.name.length);
    if (this.#staticsByName.size < MAX_STATICS) this.#staticsByName.set(name, found);
    return found;
  }

  /** The static at a DIE, under its whole name; none where it was dropped, is declared only, or is a vtable that rustc describes. */
  #static(die: DieOffset): Variable[] {
    const reader = this.#reader;
    if (!reader.at(die)) return [];
    const { addressSize } = reader.unit;
    const block = reader.block(At.Location);
    if (block === undefined && !reader.has(At.ConstValue)) return [];
    if (block !== undefined) {
      const op = this.#file.bytes[block.start];
      let address: number | undefined;
      if (op === OP_ADDR) address = unsignedOf(this.#file.bytes, block.start + 1, addressSize);
      else if (op === OP_ADDRX || op === OP_GNU_ADDR_INDEX)
        address = reader.indexedAddress(uleb(this.#file.bytes, block.start + 1));
      // Tombstones: -1, -2; 0 of older linkers.
      if (address !== undefined && (address === 0 || address >= 2 ** (8 * addressSize) - 2)) return [];
    }
    const description = describe(reader, die, this.#lines);
    const { type, declared, artificial } = description;
    if (type !== undefined && reader.at(type) && reader.has(At.ContainingType)) return [];
    const name = this.#units.qualified(description);
    return name === '' ? [] : [{ die, name, kind: 'variable', type, declared, artificial }];
  }

  functionsNamed(pattern: string): { name: string; offset: number; declared: Declared }[] {
    const wanted = pattern.trim();
    if (wanted === '' || wanted.length > MAX_PATTERN) return [];
    const whole = new NamePattern(wanted);
    // Paths cost more than names: only functions whose own name may end what is wanted get one.
    const last = wanted.slice(wanted.lastIndexOf('::') + 1).replace(/^:/, '');
    const end = last.includes('*') || last.includes('<') || last.includes('>') ? undefined : last;
    const found: { name: string; offset: number; declared: Declared }[] = [];
    for (const candidate of this.#functionNames()) {
      const { name: own } = candidate;
      if (end !== undefined && own !== '' && own !== end && !own.startsWith(`${end}<`)) continue;
      const description = describe(this.#reader, candidate.die, this.#lines);
      const name = this.#units.qualified(description);
      // The symbol has the type and trait that the path has `{impl#1}` for: `Point::fmt` is `<app::Point as Display>::fmt`.
      if (!means(whole, name) && !means(whole, demangle(description.linkageName))) continue;
      const offset = this.#begin(candidate.die);
      if (offset !== undefined) found.push({ name, offset, declared: description.declared });
    }
    return found.sort((a, b) => a.offset - b.offset);
  }

  /** All functions with code, each with its own name: one walk over the outer DIEs of all units. */
  #functionNames(): readonly Candidate[] {
    if (this.#candidates === undefined) {
      this.#candidates = [];
      for (const unit of this.#file.units)
        for (const die of this.#units.indexOf(unit).functions) {
          this.#candidates.push({ die, name: describe(this.#reader, die, this.#lines).name });
        }
    }
    return this.#candidates;
  }

  /** Where a function's code begins (DWARF 5 §2.18). */
  #begin(die: DieOffset): number | undefined {
    const reader = this.#reader;
    if (!reader.at(die)) return undefined;
    const entry = reader.address(At.EntryPc) ?? reader.address(At.LowPc);
    if (entry !== undefined && isLive(this.#file.sections, entry)) return entry + this.#codeStart;
    const pairs: number[] = [];
    appendRanges(reader, pairs);
    return pairs[0] === undefined ? undefined : pairs[0] + this.#codeStart;
  }
}
