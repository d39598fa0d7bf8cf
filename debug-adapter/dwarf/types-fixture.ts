// Writes small DWARF for tests of this room: units and DIEs given as trees, every form spelled out, references by name. Only tests import it.
import { Form, UnitType } from './constants.ts';
import { DwarfFile } from './dwarf-file.ts';
import type { DwarfSections, SectionRange } from './sections.ts';
import type { DieOffset } from './type.ts';

/** A reference to another DIE of the same tree of units, by its id. */
export interface Reference {
  readonly to: string;
}

export type AttributeValue = number | bigint | string | readonly number[] | Reference;

export interface FixtureDie {
  readonly id?: string;
  readonly tag: number;
  readonly attributes?: readonly (readonly [attribute: number, form: number, value: AttributeValue])[];
  readonly children?: readonly FixtureDie[];
}

export interface FixtureUnit {
  readonly version: 4 | 5;
  readonly root: FixtureDie;
  /** Of a type unit: its signature, and the id of the type's DIE. */
  readonly type?: { readonly signature: bigint; readonly die: string };
}

export interface FixtureSections {
  readonly loc?: readonly number[];
  readonly loclists?: readonly number[];
  readonly addr?: readonly number[];
}

export interface Fixture {
  readonly file: DwarfFile;
  /** Where the DIE with this id is. */
  die(id: string): DieOffset;
}

const ADDRESS_SIZE = 4;
/** First byte of the code in the fixtures' files, and how much there is. */
export const CODE_START = 0x1000;
export const CODE_SIZE = 0x10000;

export function uleb(value: bigint | number): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return bytes;
}

export function sleb(value: bigint | number): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

export function unsigned(value: bigint | number, size: number): number[] {
  const bits = BigInt.asUintN(size * 8, BigInt(value));
  return Array.from({ length: size }, (_, n) => Number((bits >> BigInt(n * 8)) & 0xffn));
}

/** One program of these units, in .debug_info but for version 4's type units. */
export function writeDwarf(units: readonly FixtureUnit[], extra: FixtureSections = {}): Fixture {
  const offsets = new Map<string, number>();
  // Again until all is in its place: where .debug_types begins is known when .debug_info is written, references when their targets are.
  write(units, offsets);
  write(units, offsets);
  const written = write(units, offsets);
  const parts = [written.info, written.types, written.abbrev, extra.loc ?? [], extra.loclists ?? [], extra.addr ?? []];
  const ranges: SectionRange[] = [];
  const bytes: number[] = [];
  for (const part of parts) {
    ranges.push({ start: bytes.length, end: bytes.length + part.length });
    for (const byte of part) bytes.push(byte);
  }
  const [info, types, abbrev, loc, loclists, addr] = ranges;
  const none: SectionRange = { start: 0, end: 0 };
  const sections: DwarfSections = {
    bytes: Uint8Array.from(bytes),
    codeStart: CODE_START,
    codeSize: CODE_SIZE,
    info: info ?? none,
    types: types ?? none,
    abbrev: abbrev ?? none,
    line: none,
    lineStr: none,
    str: none,
    strOffsets: none,
    addr: addr ?? none,
    ranges: none,
    rnglists: none,
    loc: loc ?? none,
    loclists: loclists ?? none,
  };
  return {
    file: new DwarfFile(sections),
    die(id) {
      const offset = offsets.get(id);
      if (offset === undefined) throw new Error(`The fixture has no DIE ${id}.`);
      return offset;
    },
  };
}

function write(units: readonly FixtureUnit[], offsets: Map<string, number>) {
  const info: number[] = [];
  const types: number[] = [];
  const abbrev: number[] = [];
  const infoLength = offsets.get(' info') ?? 0;
  for (const unit of units) {
    const ofTypes = unit.version === 4 && unit.type !== undefined;
    const section = ofTypes ? types : info;
    // DieOffsets of .debug_types go on behind .debug_info.
    const start = section.length + (ofTypes ? infoLength : 0);
    const typeAt = unit.type === undefined ? [] : unsigned((offsets.get(unit.type.die) ?? 0) - start, 4);
    const signature = unit.type === undefined ? [] : [...unsigned(unit.type.signature, 8), ...typeAt];
    const kind = unit.type === undefined ? UnitType.Compile : UnitType.Type;
    const abbreviations = unsigned(abbrev.length, 4);
    const header = [
      ...unsigned(unit.version, 2),
      ...(unit.version === 5 ? [kind, ADDRESS_SIZE, ...abbreviations] : [...abbreviations, ADDRESS_SIZE]),
      ...signature,
    ];
    const dies: number[] = [];
    writeDie(unit.root, { start, at: start + 4 + header.length, dies, abbrev, offsets, code: { next: 1 } });
    abbrev.push(0);
    section.push(...unsigned(header.length + dies.length, 4), ...header, ...dies);
  }
  offsets.set(' info', info.length);
  return { info, types, abbrev };
}

interface Writing {
  readonly start: number;
  readonly at: number;
  readonly dies: number[];
  readonly abbrev: number[];
  readonly offsets: Map<string, number>;
  readonly code: { next: number };
}

function writeDie(die: FixtureDie, writing: Writing): void {
  const { dies, abbrev, offsets, code } = writing;
  if (die.id !== undefined) offsets.set(die.id, writing.at + dies.length);
  const children = die.children ?? [];
  const number = code.next++;
  abbrev.push(...uleb(number), ...uleb(die.tag), children.length > 0 ? 1 : 0);
  dies.push(...uleb(number));
  for (const [attribute, form, value] of die.attributes ?? []) {
    abbrev.push(...uleb(attribute), ...uleb(form));
    if (form === Form.ImplicitConst) abbrev.push(...sleb(typeof value === 'bigint' ? value : Number(value)));
    dies.push(...encode(form, value, writing));
  }
  abbrev.push(0, 0);
  for (const child of children) writeDie(child, writing);
  if (children.length > 0) dies.push(0);
}

function encode(form: number, value: AttributeValue, { start, offsets }: Writing): number[] {
  if (typeof value === 'string') return [...new TextEncoder().encode(value), 0];
  if (typeof value === 'object' && 'to' in value) {
    const target = offsets.get(value.to) ?? 0;
    return unsigned(form === Form.RefAddr ? target : target - start, 4);
  }
  if (typeof value === 'object') {
    if (form === Form.Data16) return [...value];
    return form === Form.Exprloc || form === Form.Block ? [...uleb(value.length), ...value] : [value.length, ...value];
  }
  switch (form) {
    case Form.Data1:
    case Form.Flag:
      return unsigned(value, 1);
    case Form.Data2:
      return unsigned(value, 2);
    case Form.Data8:
    case Form.RefSig8:
      return unsigned(value, 8);
    case Form.Sdata:
      return sleb(value);
    case Form.Udata:
    case Form.Addrx:
    case Form.Loclistx:
      return uleb(value);
    case Form.FlagPresent:
    case Form.ImplicitConst:
      return [];
    default:
      return unsigned(value, 4);
  }
}
