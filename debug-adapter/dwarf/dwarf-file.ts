// The DWARF of one module: its sections, units and abbreviation tables, each read when first needed, and what could not be read. DieReaders
// walk its DIEs; nothing here throws.
import { type AbbreviationBudget, AbbreviationTable } from './abbreviations.ts';
import { UnitType } from './constants.ts';
import { type DwarfSections, type SectionRange, textAt } from './sections.ts';
import type { DieOffset } from './type.ts';
import { readUnits, type Unit } from './units.ts';

const MAX_PROBLEMS = 50;
/** Bytes of the longest text that is read whole: names of Rust's generics go into the ten thousands. */
const MAX_TEXT = 1 << 16;
/** A text of more bytes is long: garbage may find one at every byte of a section, so that they are counted. */
const LONG_TEXT = 1 << 10;
const MAX_LONG_TEXTS = 1 << 26;

export class DwarfFile {
  readonly sections: DwarfSections;
  readonly bytes: Uint8Array;
  readonly #problems: string[] = [];
  readonly #tables = new Map<string, AbbreviationTable>();
  readonly #budget: AbbreviationBudget;
  /** Bytes of range lists that may still be read: garbage may refer to one long list from everywhere. */
  rangesLeft: number;
  /** Bytes of long texts that may still be read whole. */
  #longLeft: number;
  #units: Unit[] | undefined;
  #signatures: Map<bigint, Unit> | undefined;

  constructor(sections: DwarfSections) {
    this.sections = sections;
    this.bytes = sections.bytes;
    this.rangesLeft =
      16 * (sections.ranges.end - sections.ranges.start + sections.rnglists.end - sections.rnglists.start);
    this.#longLeft = MAX_LONG_TEXTS + 16 * (sections.str.end - sections.str.start);
    // Once for each combination of sizes that real programs mix.
    this.#budget = { left: 4 * (sections.abbrev.end - sections.abbrev.start) };
  }

  /** What could not be read, a sentence each; fifty at the most. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  readonly problem = (sentence: string): void => {
    if (this.#problems.length >= MAX_PROBLEMS || this.#problems.includes(sentence)) return;
    this.#problems.push(sentence);
  };

  get units(): readonly Unit[] {
    this.#units ??= readUnits(this.sections, this.problem);
    return this.#units;
  }

  /** The unit that the DIE is of; undefined where no unit lies. */
  unitOf(die: DieOffset): Unit | undefined {
    const units = this.units;
    let low = 0;
    let high = units.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (units[middle]!.end <= die) low = middle + 1;
      else high = middle;
    }
    const unit = units[low];
    return unit !== undefined && die >= unit.root && die < unit.end ? unit : undefined;
  }

  /** The type unit of a signature (§7.32). */
  typeUnit(signature: bigint): Unit | undefined {
    if (this.#signatures === undefined) {
      this.#signatures = new Map();
      for (const unit of this.units)
        if ((unit.type === UnitType.Type || unit.type === UnitType.SplitType) && !this.#signatures.has(unit.signature))
          this.#signatures.set(unit.signature, unit);
    }
    return this.#signatures.get(signature);
  }

  abbreviations(unit: Unit): AbbreviationTable {
    if (unit.abbreviations !== undefined) return unit.abbreviations;
    const old = unit.version <= 2 ? 'old' : '';
    const key = `${unit.abbreviationOffset},${unit.offsetSize},${unit.addressSize},${old}`;
    let table = this.#tables.get(key);
    if (table === undefined) {
      table = new AbbreviationTable(this.bytes, this.sections.abbrev, unit.abbreviationOffset, unit, this.#budget);
      this.#tables.set(key, table);
    }
    unit.abbreviations = table;
    return table;
  }

  /** The text at an offset of a section of texts; '' where there is none. */
  text(section: SectionRange, offset: number): string {
    if (!(offset >= 0)) return '';
    const text = textAt(this.bytes, section.start + offset, section, this.#longLeft > 0 ? MAX_TEXT : LONG_TEXT);
    if (text.length > LONG_TEXT) this.#longLeft -= text.length;
    return text;
  }
}
