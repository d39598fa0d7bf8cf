// Goes about among DIEs (DWARF 5 §2.2, §7.5): down, along, up; notes where the attributes of the present DIE are, in typed arrays, when one is asked
// for. Not what attributes say: die-reader.ts. Nothing throws.
import { type AbbreviationTable, SPEC } from './abbreviations.ts';
import { At, Form } from './constants.ts';
import type { DwarfFile } from './dwarf-file.ts';
import { skipForm } from './forms.ts';
import { skipLeb, uleb, unsignedOf } from './sections.ts';
import type { DieOffset } from './type.ts';
import type { Unit } from './units.ts';

const NO_UNIT: Unit = {
  index: -1,
  offset: 0,
  version: 4,
  type: 0,
  offsetSize: 4,
  addressSize: 4,
  abbreviationOffset: 0,
  root: 0,
  end: 0,
  shift: 0,
  signature: 0n,
  typeDie: 0,
  abbreviations: undefined,
  bases: undefined,
};

/** See DieReader, which people use. */
export class DieCursor {
  readonly file: DwarfFile;
  protected readonly bytes: Uint8Array;
  /** The unit of the present DIE. */
  unit: Unit = NO_UNIT;
  /** The present DIE. */
  offset: DieOffset = 0;
  /** Its tag; 0: the reader stands on no DIE. */
  tag = 0;
  hasChildren = false;
  #table: AbbreviationTable | undefined;
  #abbreviation = 0;
  /** Position of the first attribute. */
  #start = 0;
  /** Position behind the last attribute, and behind the end of a list of siblings; -1: not measured yet. */
  #end = 0;
  /** Position behind the unit. */
  protected limit = 0;
  /** How many attributes of the present DIE are measured; -1: none yet. */
  #measured = -1;
  /** Of each measured attribute: where its value is, and its form. */
  protected positions = new Uint32Array(64);
  protected forms = new Uint16Array(64);

  constructor(file: DwarfFile) {
    this.file = file;
    this.bytes = file.bytes;
  }

  // ---- going about

  /** Goes to the DIE at this offset. False: there is none, and the reader stands nowhere. */
  at(die: DieOffset): boolean {
    if (!(die >= this.unit.root && die < this.unit.end)) {
      const unit = this.file.unitOf(die);
      if (unit === undefined) return this.#nowhere();
      this.unit = unit;
    }
    this.#table = this.file.abbreviations(this.unit);
    this.limit = this.unit.end + this.unit.shift;
    return this.#open(die + this.unit.shift);
  }

  /** Goes to the first child. False where there is none; `next` then goes on behind the present DIE all the same. */
  child(): boolean {
    if (!this.hasChildren) return false;
    const end = this.#behind();
    return end >= 0 ? this.#open(end) : this.#nowhere();
  }

  /**
   * Goes to the next sibling, over all children of the present DIE. False at the end of the list: the reader stands nowhere then, and another
   * `next` goes on behind the DIE whose children they were, which makes a walk down and up one pass.
   */
  next(): boolean {
    let end = this.#behind();
    if (end < 0) return this.#nowhere();
    if (this.tag !== 0 && this.hasChildren) {
      const sibling = this.#sibling();
      end = sibling > end && sibling < this.limit ? sibling : this.#skipChildren(end);
      if (end < 0) return this.#nowhere();
    }
    return this.#open(end);
  }

  /** Where the present DIE begins, or what follows the list that has ended: all DIEs before it are behind. */
  get position(): DieOffset {
    return this.tag !== 0 ? this.offset : this.#end - this.unit.shift;
  }

  /** Goes to a unit's first DIE. */
  root(unit: Unit): boolean {
    this.unit = unit;
    return this.at(unit.root);
  }

  #nowhere(): false {
    this.tag = 0;
    this.hasChildren = false;
    this.#measured = 0;
    this.#end = this.limit;
    return false;
  }

  #open(position: number): boolean {
    const table = this.#table;
    if (table === undefined || position >= this.limit) return this.#nowhere();
    const bytes = this.bytes;
    const first = bytes[position]!;
    let after = position + 1;
    let code = first;
    if (first >= 0x80) {
      code = uleb(bytes, position);
      after = skipLeb(bytes, position, this.limit);
    }
    if (code === 0) {
      this.tag = 0;
      this.hasChildren = false;
      this.#measured = 0;
      this.#end = after;
      return false;
    }
    const abbreviation = table.find(code);
    if (abbreviation < 0) {
      this.#unreadable(position, `its abbreviation ${code} is not there`);
      return this.#nowhere();
    }
    this.offset = position - this.unit.shift;
    this.tag = table.tags[abbreviation]!;
    this.hasChildren = table.children[abbreviation] !== 0;
    this.#abbreviation = abbreviation;
    this.#start = after;
    this.#measured = -1;
    const size = table.sizes[abbreviation]!;
    this.#end = size < 0 ? -1 : after + size;
    return true;
  }

  /** Position behind the attributes; -1: they can't be read. */
  #behind(): number {
    if (this.#end < 0) this.#measure();
    return this.#end > this.limit ? -1 : this.#end;
  }

  /** Where DW_AT_sibling says that the next one is (§2.3); -1: it does not say. LLVM never writes it. */
  #sibling(): number {
    const n = this.find(At.Sibling);
    if (n < 0) return -1;
    const form = this.forms[n]!;
    // Of the references those from the unit on.
    if (form < Form.Ref1 || form > Form.Ref8) return -1;
    return this.unit.offset + this.unit.shift + unsignedOf(this.bytes, this.positions[n]!, 1 << (form - Form.Ref1));
  }

  /** Behind the children that begin at `position`; -1: they can't be read. */
  #skipChildren(from: number): number {
    const bytes = this.bytes;
    const limit = this.limit;
    const table = this.#table!;
    let position = from;
    for (let depth = 1; depth > 0; ) {
      if (position >= limit) return limit; // compilers may leave out the ends of the last lists
      const first = bytes[position]!;
      if (first === 0) {
        position++;
        depth--;
        continue;
      }
      const at = position;
      let code = first;
      if (first < 0x80) position++;
      else {
        code = uleb(bytes, position);
        position = skipLeb(bytes, position, limit);
        if (code === 0) {
          depth--;
          continue;
        }
      }
      const abbreviation = table.find(code);
      if (abbreviation < 0) {
        this.#unreadable(at, `its abbreviation ${code} is not there`);
        return -1;
      }
      const size = table.sizes[abbreviation]!;
      position = size >= 0 ? position + size : this.#skipAttributes(abbreviation, position);
      if (position < 0 || position > limit) {
        this.#unreadable(at, 'its attributes do not fit');
        return -1;
      }
      if (table.children[abbreviation] !== 0) depth++;
    }
    return position;
  }

  #skipAttributes(abbreviation: number, from: number): number {
    const table = this.#table!;
    const specs = table.specs;
    const end = table.firstSpec[abbreviation + 1]! * SPEC;
    let position = from;
    for (let spec = table.firstSpec[abbreviation]! * SPEC; spec < end && position >= 0; spec += SPEC)
      position = skipForm(this.bytes, position, this.limit, specs[spec + 1]!, this.unit);
    return position;
  }

  /** Notes where each attribute is. What follows one that can't be read is absent. */
  #measure(): void {
    const table = this.#table!;
    const specs = table.specs;
    const first = table.firstSpec[this.#abbreviation]!;
    const count = table.firstSpec[this.#abbreviation + 1]! - first;
    if (count > this.positions.length) {
      this.positions = new Uint32Array(count * 2);
      this.forms = new Uint16Array(count * 2);
    }
    let position = this.#start;
    for (let n = 0; n < count; n++) {
      let form = specs[(first + n) * SPEC + 1]!;
      let value = position;
      if (form === Form.Indirect) {
        form = uleb(this.bytes, position);
        value = skipLeb(this.bytes, position, this.limit);
        if (form === Form.Indirect || form === Form.ImplicitConst) form = 0;
      }
      const end = skipForm(this.bytes, value, this.limit, form, this.unit);
      if (end < 0) {
        this.#unreadable(this.offset + this.unit.shift, 'its attributes do not fit, or are of an unknown form');
        this.#measured = n;
        this.#end = this.limit + 1;
        return;
      }
      this.positions[n] = value;
      this.forms[n] = form;
      position = end;
    }
    this.#measured = count;
    this.#end = position;
  }

  #unreadable(position: number, why: string): void {
    const die = (position - this.unit.shift).toString(16);
    this.file.problem(`The DIE at 0x${die} can't be read: ${why}; the rest of its unit is left out.`);
  }

  // ---- attributes

  /** Which of the present DIE's attributes it is; -1: absent. */
  protected find(attribute: number): number {
    if (this.tag === 0) return -1;
    const table = this.#table!;
    const first = table.firstSpec[this.#abbreviation]!;
    const count = table.firstSpec[this.#abbreviation + 1]! - first;
    for (let n = 0; n < count; n++) {
      if (table.specs[(first + n) * SPEC] !== attribute) continue;
      if (this.#measured < 0) this.#measure();
      return n < this.#measured ? n : -1;
    }
    return -1;
  }

  has(attribute: number): boolean {
    return this.find(attribute) >= 0;
  }

  /** Where the value of an implicit constant is, in the abbreviation of attribute `n`. */
  protected implicitAt(n: number): number {
    const table = this.#table!;
    return table.specs[(table.firstSpec[this.#abbreviation]! + n) * SPEC + 2]!;
  }
}
