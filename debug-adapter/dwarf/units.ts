// Headers of the units in .debug_info and .debug_types (versions 2 to 5, 32- and 64-bit DWARF). What can't be read is skipped by its length.
// Not the DIEs in them: die-reader.ts.
import type { AbbreviationTable } from './abbreviations.ts';
import { UnitType } from './constants.ts';
import type { Encoded } from './forms.ts';
import { type DwarfSections, type SectionRange, u16, u32, u64, unsignedBits, unsignedOf } from './sections.ts';
import type { DieOffset } from './type.ts';

/** Garbage may hold a unit in every dozen bytes; the largest programs there are have some ten thousands. */
const MAX_UNITS = 200_000;

/** The header of a unit (§7.5.1). All offsets are DieOffsets: of .debug_info, or behind its end of .debug_types. */
export interface Unit extends Encoded {
  /** In the order of the file. */
  readonly index: number;
  /** Of the header. */
  readonly offset: DieOffset;
  /** UnitType. */
  readonly type: number;
  readonly abbreviationOffset: number;
  /** The first DIE. */
  readonly root: DieOffset;
  readonly end: DieOffset;
  /** A DIE at offset d begins at byte d + shift of the module. */
  readonly shift: number;
  /** Of a type unit; of a skeleton its id. */
  readonly signature: bigint;
  /** Of a type unit: the DIE of the type. */
  readonly typeDie: DieOffset;
  /** Set by DwarfFile when a DIE of the unit is read first. */
  abbreviations: AbbreviationTable | undefined;
  /** What the first DIE says, read when asked for. */
  bases: UnitBases | undefined;
}

/** Where the unit's parts of other sections begin, in bytes from the start of the section; -1: not said. */
export interface UnitBases {
  readonly strOffsets: number;
  readonly addr: number;
  readonly rnglists: number;
  readonly loclists: number;
  /** DW_AT_low_pc: what range and location lists count from; 0 without. */
  readonly lowPc: number;
}

export function readUnits(sections: DwarfSections, problem: (sentence: string) => void): Unit[] {
  const units: Unit[] = [];
  readSection(sections, sections.info, 0, false, units, problem);
  readSection(sections, sections.types, sections.info.end - sections.info.start, true, units, problem);
  return units;
}

function readSection(
  { bytes }: DwarfSections,
  section: SectionRange,
  base: number,
  types: boolean,
  units: Unit[],
  problem: (sentence: string) => void,
): void {
  const name = types ? '.debug_types' : '.debug_info';
  const shift = section.start - base;
  let position = section.start;
  while (position + 4 <= section.end) {
    const start = position;
    const at = `The unit at 0x${(start - section.start).toString(16)} of ${name}`;
    let length = u32(bytes, position);
    position += 4;
    let offsetSize: 4 | 8 = 4;
    if (length === 0xffffffff && position + 8 <= section.end) {
      length = u64(bytes, position);
      position += 8;
      offsetSize = 8;
    } else if (length >= 0xfffffff0) {
      problem(`${at} has a length that no version of DWARF knows; what follows is not read.`);
      return;
    }
    if (length === 0) continue; // padding
    const end = position + length;
    if (!(end <= section.end)) {
      problem(`${at} is longer than the section; it and what follows are not read.`);
      return;
    }
    if (units.length >= MAX_UNITS) {
      problem(`${name} has more than ${MAX_UNITS} units; the rest is not read.`);
      return;
    }
    const unit = readHeader(bytes, start, position, end, offsetSize, shift, types, units.length);
    if (typeof unit === 'string') problem(`${at} ${unit}`);
    else units.push(unit);
    position = end;
  }
}

function readHeader(
  bytes: Uint8Array,
  start: number,
  afterLength: number,
  end: number,
  offsetSize: 4 | 8,
  shift: number,
  types: boolean,
  index: number,
): Unit | string {
  let position = afterLength;
  const version = u16(bytes, position);
  position += 2;
  if (version < 2 || version > 5) return `is of DWARF version ${version}, which is not known; it is skipped.`;
  let type: number = types ? UnitType.Type : UnitType.Compile;
  let addressSize: number;
  let abbreviationOffset: number;
  if (version >= 5) {
    type = bytes[position] ?? 0;
    addressSize = bytes[position + 1] ?? 0;
    abbreviationOffset = unsignedOf(bytes, position + 2, offsetSize);
    position += 2 + offsetSize;
    if (type < UnitType.Compile || type > UnitType.SplitType)
      return `is of a kind (${type}) that is not known; it is skipped.`;
  } else {
    abbreviationOffset = unsignedOf(bytes, position, offsetSize);
    addressSize = bytes[position + offsetSize] ?? 0;
    position += offsetSize + 1;
  }
  if (addressSize !== 4 && addressSize !== 8 && addressSize !== 2)
    return `has addresses of ${addressSize} bytes; it is skipped.`;
  let signature = 0n;
  let typeDie = 0;
  const isType = type === UnitType.Type || type === UnitType.SplitType;
  if (isType || type === UnitType.Skeleton || type === UnitType.SplitCompile) {
    signature = unsignedBits(bytes, position, 8);
    position += 8;
    if (isType) {
      typeDie = start - shift + unsignedOf(bytes, position, offsetSize);
      position += offsetSize;
    }
  }
  if (position > end) return 'ends in its header; it is skipped.';
  return {
    index,
    offset: start - shift,
    version,
    type,
    offsetSize,
    addressSize,
    abbreviationOffset,
    root: position - shift,
    end: end - shift,
    shift,
    signature,
    typeDie,
    abbreviations: undefined,
    bases: undefined,
  };
}
