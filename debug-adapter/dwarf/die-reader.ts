// A cursor over DIEs with what their attributes say (DWARF 5 §7.5.4 to §7.5.6): no object per DIE or per attribute. Not what DIEs mean. Nothing
// throws: what can't be read is absent, and told to the file's problems.
//
//   const reader = new DieReader(file);
//   if (reader.at(offset)) for (let on = reader.child(); on; on = reader.next()) … reader.tag, reader.string(At.Name) …
//
// To go down and come back keep `reader.offset` and say `at` again, or use another reader: they are cheap.
import { At, Form } from './constants.ts';
import { DieCursor } from './die-cursor.ts';
import {
  type SectionRange,
  skipLeb,
  sleb,
  slebBits,
  u32,
  uleb,
  ulebBits,
  unsignedBits,
  unsignedOf,
} from './sections.ts';
import type { DieOffset } from './type.ts';
import type { UnitBases } from './units.ts';

/** Where a block or an expression lies: [start, end) in the bytes of the module. */
export interface Block {
  readonly start: number;
  readonly end: number;
}

export class DieReader extends DieCursor {
  /** The form of an attribute (DW_FORM_indirect resolved); 0: absent. */
  form(attribute: number): number {
    const n = this.find(attribute);
    return n < 0 ? 0 : this.forms[n]!;
  }

  /** A constant as a number: data forms unsigned, DW_FORM_sdata and implicit constants as they are; exact up to 2^53. */
  unsigned(attribute: number): number | undefined {
    const n = this.find(attribute);
    if (n < 0) return undefined;
    const at = this.positions[n]!;
    switch (this.forms[n]!) {
      case Form.Data1:
      case Form.Flag:
        return this.bytes[at]!;
      case Form.Data2:
        return unsignedOf(this.bytes, at, 2);
      case Form.Data4:
        return u32(this.bytes, at);
      case Form.Data8:
        return unsignedOf(this.bytes, at, 8);
      case Form.Udata:
        return uleb(this.bytes, at);
      case Form.Sdata:
        return sleb(this.bytes, at);
      case Form.ImplicitConst:
        return sleb(this.bytes, this.implicitAt(n));
      case Form.SecOffset:
        return unsignedOf(this.bytes, at, this.unit.offsetSize);
      default:
        return undefined;
    }
  }

  /** A constant exactly, data forms taken as unsigned; negative only from DW_FORM_sdata and implicit constants. */
  unsignedBits(attribute: number): bigint | undefined {
    const n = this.find(attribute);
    if (n < 0) return undefined;
    const at = this.positions[n]!;
    switch (this.forms[n]!) {
      case Form.Data8:
        return unsignedBits(this.bytes, at, 8);
      case Form.Data16:
        return unsignedBits(this.bytes, at, 16);
      case Form.Udata:
        return ulebBits(this.bytes, at, this.limit);
      case Form.Sdata:
        return slebBits(this.bytes, at, this.limit);
      case Form.ImplicitConst:
        return slebBits(this.bytes, this.implicitAt(n), this.file.sections.abbrev.end);
      default: {
        const value = this.unsigned(attribute);
        return value === undefined ? undefined : BigInt(value);
      }
    }
  }

  /** A constant exactly, data forms taken as two's complement of their own width. */
  signedBits(attribute: number): bigint | undefined {
    const bits = this.unsignedBits(attribute);
    if (bits === undefined) return undefined;
    switch (this.form(attribute)) {
      case Form.Data1:
        return BigInt.asIntN(8, bits);
      case Form.Data2:
        return BigInt.asIntN(16, bits);
      case Form.Data4:
        return BigInt.asIntN(32, bits);
      case Form.Data8:
        return BigInt.asIntN(64, bits);
      case Form.Data16:
        return BigInt.asIntN(128, bits);
      default:
        return bits;
    }
  }

  /** The same as a double, exact between -2^53 and 2^53. */
  signed(attribute: number): number | undefined {
    switch (this.form(attribute)) {
      case Form.Sdata:
      case Form.Udata:
      case Form.ImplicitConst:
        return this.unsigned(attribute);
      default: {
        const bits = this.signedBits(attribute);
        return bits === undefined ? undefined : Number(bits);
      }
    }
  }

  flag(attribute: number): boolean {
    const n = this.find(attribute);
    if (n < 0) return false;
    return this.forms[n] === Form.FlagPresent || this.unsigned(attribute) !== 0;
  }

  /** Texts of a supplementary file (DW_FORM_strp_sup, GNU_strp_alt), which a plugin does not carry, are absent. */
  string(attribute: number): string | undefined {
    const n = this.find(attribute);
    if (n < 0) return undefined;
    const at = this.positions[n]!;
    const form = this.forms[n]!;
    const { sections } = this.file;
    switch (form) {
      case Form.String:
        return this.file.text({ start: at, end: this.limit }, 0);
      case Form.Strp:
        return this.file.text(sections.str, unsignedOf(this.bytes, at, this.unit.offsetSize));
      case Form.LineStrp:
        return this.file.text(sections.lineStr, unsignedOf(this.bytes, at, this.unit.offsetSize));
      default: {
        const index = indexOf(this.bytes, at, form, Form.Strx, Form.GnuStrIndex, Form.Strx1);
        if (index < 0) return undefined;
        const base = this.bases().strOffsets;
        const entry = entryOf(sections.strOffsets, base < 0 ? 0 : base, index, this.unit.offsetSize);
        if (entry < 0) return undefined;
        return this.file.text(sections.str, unsignedOf(this.bytes, entry, this.unit.offsetSize));
      }
    }
  }

  /** The DIE that an attribute refers to, in whatever unit; undefined: absent, in a supplementary file, or outside of what there is. */
  reference(attribute: number): DieOffset | undefined {
    const n = this.find(attribute);
    if (n < 0) return undefined;
    const at = this.positions[n]!;
    const bytes = this.bytes;
    let within: number;
    switch (this.forms[n]!) {
      case Form.Ref1:
        within = bytes[at]!;
        break;
      case Form.Ref2:
        within = unsignedOf(bytes, at, 2);
        break;
      case Form.Ref4:
        within = u32(bytes, at);
        break;
      case Form.Ref8:
        within = unsignedOf(bytes, at, 8);
        break;
      case Form.RefUdata:
        within = uleb(bytes, at);
        break;
      case Form.RefAddr: {
        const size = this.unit.version <= 2 ? this.unit.addressSize : this.unit.offsetSize;
        const die = unsignedOf(bytes, at, size);
        return die < this.file.sections.info.end - this.file.sections.info.start ? die : undefined;
      }
      case Form.RefSig8:
        return this.file.typeUnit(unsignedBits(bytes, at, 8))?.typeDie;
      default:
        return undefined;
    }
    const die = this.unit.offset + within;
    return die < this.unit.end ? die : undefined;
  }

  /** An address as DWARF has it (of code: from the start of the code section's content). */
  address(attribute: number): number | undefined {
    const n = this.find(attribute);
    if (n < 0) return undefined;
    const at = this.positions[n]!;
    const form = this.forms[n]!;
    if (form === Form.Addr) return unsignedOf(this.bytes, at, this.unit.addressSize);
    const index = indexOf(this.bytes, at, form, Form.Addrx, Form.GnuAddrIndex, Form.Addrx1);
    return index < 0 ? undefined : this.indexedAddress(index);
  }

  /** An address of the unit's part of .debug_addr (§7.27). */
  indexedAddress(index: number): number | undefined {
    const base = this.bases().addr;
    const entry = entryOf(this.file.sections.addr, base < 0 ? 0 : base, index, this.unit.addressSize);
    return entry < 0 ? undefined : unsignedOf(this.bytes, entry, this.unit.addressSize);
  }

  /** DW_AT_high_pc, which is an address or a length (§2.17.2), as an address. */
  highPc(low: number): number | undefined {
    const address = this.address(At.HighPc);
    if (address !== undefined) return address;
    const length = this.unsigned(At.HighPc);
    return length === undefined ? undefined : low + length;
  }

  /** A block or an expression. In version 4 and before expressions are blocks. */
  block(attribute: number): Block | undefined {
    const n = this.find(attribute);
    if (n < 0) return undefined;
    const at = this.positions[n]!;
    const bytes = this.bytes;
    switch (this.forms[n]!) {
      case Form.Block1:
        return { start: at + 1, end: at + 1 + bytes[at]! };
      case Form.Block2:
        return { start: at + 2, end: at + 2 + unsignedOf(bytes, at, 2) };
      case Form.Block4:
        return { start: at + 4, end: at + 4 + u32(bytes, at) };
      case Form.Block:
      case Form.Exprloc: {
        const start = skipLeb(bytes, at, this.limit);
        return { start, end: start + uleb(bytes, at) };
      }
      case Form.Data16:
        return { start: at, end: at + 16 };
      default:
        return undefined;
    }
  }

  /** An offset in another section: DW_FORM_sec_offset, or data4 and data8 of version 3 and before. */
  sectionOffset(attribute: number): number | undefined {
    switch (this.form(attribute)) {
      case Form.SecOffset:
      case Form.Data4:
      case Form.Data8:
        return this.unsigned(attribute);
      default:
        return undefined;
    }
  }

  /**
   * Where the location list of an attribute begins, in bytes from the start of .debug_loclists (version 5) or .debug_loc; undefined: it has
   * none (an expression is a block).
   */
  locationList(attribute: number): number | undefined {
    return this.#list(attribute, Form.Loclistx);
  }

  /** Where a range list begins, in bytes from the start of .debug_rnglists (version 5) or .debug_ranges. */
  rangeList(attribute: number): number | undefined {
    return this.#list(attribute, Form.Rnglistx);
  }

  #list(attribute: number, indexed: number): number | undefined {
    const n = this.find(attribute);
    if (n < 0) return undefined;
    if (this.forms[n] !== indexed) return this.sectionOffset(attribute);
    const { sections } = this.file;
    const ranges = indexed === Form.Rnglistx;
    const section = ranges ? sections.rnglists : sections.loclists;
    const said = ranges ? this.bases().rnglists : this.bases().loclists;
    // Without a base: behind the header of the section's first part (§7.28, §7.29).
    const base = said >= 0 ? said : this.unit.offsetSize === 8 ? 20 : 12;
    const entry = entryOf(section, base, uleb(this.bytes, this.positions[n]!), this.unit.offsetSize);
    return entry < 0 ? undefined : base + unsignedOf(this.bytes, entry, this.unit.offsetSize);
  }

  // ---- the unit's first DIE

  /** What the present unit's first DIE says of the other sections. */
  bases(): UnitBases {
    const unit = this.unit;
    if (unit.bases !== undefined) return unit.bases;
    // DW_AT_low_pc may be an index, which asks for the bases again: it is read when the others are there.
    const header = unit.offsetSize === 8 ? 16 : 8;
    const reader = new DieReader(this.file);
    reader.root(unit);
    const offset = (attribute: number, otherwise: number) => reader.sectionOffset(attribute) ?? otherwise;
    const withoutLow: UnitBases = {
      strOffsets: offset(At.StrOffsetsBase, unit.version >= 5 ? header : 0),
      addr: reader.sectionOffset(At.AddrBase) ?? offset(At.GnuAddrBase, unit.version >= 5 ? header : 0),
      rnglists: offset(At.RnglistsBase, -1),
      loclists: offset(At.LoclistsBase, -1),
      lowPc: 0,
    };
    unit.bases = withoutLow;
    unit.bases = { ...withoutLow, lowPc: reader.address(At.LowPc) ?? 0 };
    return unit.bases;
  }
}

/** The index that a strx or addrx form holds; -1: it is of another form. `first` is the first of four forms of 1 to 4 bytes. */
function indexOf(bytes: Uint8Array, at: number, form: number, leb: number, gnu: number, first: number): number {
  if (form === leb || form === gnu) return uleb(bytes, at);
  const size = form - first + 1;
  return size >= 1 && size <= 4 ? unsignedOf(bytes, at, size) : -1;
}

/** Where entry `index` of a table is that begins `base` bytes into the section; -1: outside of it. */
function entryOf(section: SectionRange, base: number, index: number, size: number): number {
  const at = section.start + base + index * size;
  return at + size <= section.end ? at : -1;
}
