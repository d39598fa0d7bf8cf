// Where the DWARF sections of a module lie, and the primitive numbers in them. Not what the bytes mean; nothing here throws: what lies
// behind the end of the bytes reads as 0, and whoever loops checks its own limit.
import { SectionId, type WasmModule } from '../wasm/module.ts';

/** [start, end) in the bytes of the module; 0, 0 for a section that is not there. */
export interface SectionRange {
  readonly start: number;
  readonly end: number;
}

export interface DwarfSections {
  readonly bytes: Uint8Array;
  /** First byte of the code section's content: what addresses of the code count from. */
  readonly codeStart: number;
  /** Bytes of the code section: no address of living code is as high. */
  readonly codeSize: number;
  readonly info: SectionRange;
  readonly types: SectionRange;
  readonly abbrev: SectionRange;
  readonly line: SectionRange;
  readonly lineStr: SectionRange;
  readonly str: SectionRange;
  readonly strOffsets: SectionRange;
  readonly addr: SectionRange;
  readonly ranges: SectionRange;
  readonly rnglists: SectionRange;
  readonly loc: SectionRange;
  readonly loclists: SectionRange;
}

const NONE: SectionRange = { start: 0, end: 0 };

/** The DWARF sections (DWARF 5 §7.4) among the custom sections. Of two with one name the first counts. */
export function findSections(module: WasmModule): DwarfSections {
  const custom = new Map<string, SectionRange>();
  let code = NONE;
  for (const section of module.sections) {
    if (section.id === SectionId.Code) code = section;
    else if (section.id === SectionId.Custom && section.name.startsWith('.debug_') && !custom.has(section.name))
      custom.set(section.name, { start: section.start, end: section.end });
  }
  const named = (name: string) => custom.get(name) ?? NONE;
  return {
    bytes: module.bytes,
    codeStart: code.start,
    codeSize: code.end - code.start,
    info: named('.debug_info'),
    types: named('.debug_types'),
    abbrev: named('.debug_abbrev'),
    line: named('.debug_line'),
    lineStr: named('.debug_line_str'),
    str: named('.debug_str'),
    strOffsets: named('.debug_str_offsets'),
    addr: named('.debug_addr'),
    ranges: named('.debug_ranges'),
    rnglists: named('.debug_rnglists'),
    loc: named('.debug_loc'),
    loclists: named('.debug_loclists'),
  };
}

/** Whether an address is one of code that was kept: not 0, not a tombstone (-1, -2), not behind the code (wasm-ld, lld/wasm). */
export function isLive(sections: DwarfSections, address: number): boolean {
  return address > 0 && address < sections.codeSize;
}

export function u16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

function u24(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
}

export function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** As a double: exact up to 2^53. */
export function u64(bytes: Uint8Array, at: number): number {
  return u32(bytes, at) + u32(bytes, at + 4) * 0x1_0000_0000;
}

/** An unsigned number of 1 to 8 bytes, exactly. */
export function unsignedBits(bytes: Uint8Array, at: number, size: number): bigint {
  let value = 0n;
  for (let n = size - 1; n >= 0; n--) value = (value << 8n) | BigInt(bytes[at + n] ?? 0);
  return value;
}

/** An unsigned number of 1, 2, 3, 4 or 8 bytes (doubles: exact up to 2^53). */
export function unsignedOf(bytes: Uint8Array, at: number, size: number): number {
  switch (size) {
    case 1:
      return bytes[at] ?? 0;
    case 2:
      return u16(bytes, at);
    case 3:
      return u24(bytes, at);
    case 4:
      return u32(bytes, at);
    default:
      return u64(bytes, at);
  }
}

/** Where the LEB128 number at `at` ends; never behind `limit`. */
export function skipLeb(bytes: Uint8Array, at: number, limit: number): number {
  let position = at;
  while (position < limit && bytes[position]! >= 0x80) position++;
  return position < limit ? position + 1 : limit;
}

/** An unsigned LEB128 number (§7.6), exact up to 2^53; more than ten bytes add nothing. Up to 28 bits it stays an integer of V8's. */
export function uleb(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return first;
  const second = bytes[at + 1]!;
  const low = (first & 0x7f) | ((second & 0x7f) << 7);
  if (second < 0x80) return low;
  const third = bytes[at + 2]!;
  if (third < 0x80) return low | (third << 14);
  const fourth = bytes[at + 3]!;
  if (fourth < 0x80) return low | ((third & 0x7f) << 14) | (fourth << 21);
  return longUleb(bytes, at);
}

function longUleb(bytes: Uint8Array, at: number): number {
  let result = 0;
  let scale = 1;
  for (let n = 0; n < 10; n++) {
    const byte = bytes[at + n] ?? 0;
    result += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
    scale *= 128;
  }
  return result;
}

/** A signed LEB128 number, exact between -2^53 and 2^53. */
export function sleb(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return (first << 25) >> 25;
  const second = bytes[at + 1]!;
  if (second < 0x80) return (((first & 0x7f) | (second << 7)) << 18) >> 18;
  const third = bytes[at + 2]!;
  if (third < 0x80) return (((first & 0x7f) | ((second & 0x7f) << 7) | (third << 14)) << 11) >> 11;
  let result = 0;
  let scale = 1;
  for (let n = 0; n < 10; n++) {
    const byte = bytes[at + n] ?? 0;
    result += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) return byte & 0x40 ? result - scale : result;
  }
  return result;
}

export function ulebBits(bytes: Uint8Array, at: number, limit: number): bigint {
  let value = 0n;
  for (let n = 0, p = at; n < 19 && p < limit; n++, p++) {
    const byte = bytes[p]!;
    value |= BigInt(byte & 0x7f) << BigInt(7 * n);
    if (byte < 0x80) break;
  }
  return value;
}

export function slebBits(bytes: Uint8Array, at: number, limit: number): bigint {
  let value = 0n;
  for (let n = 0, p = at; n < 19 && p < limit; n++, p++) {
    const byte = bytes[p]!;
    value |= BigInt(byte & 0x7f) << BigInt(7 * n);
    if (byte < 0x80) return byte & 0x40 ? value - (1n << BigInt(7 * (n + 1))) : value;
  }
  return value;
}

const decoder = new TextDecoder();

/** The text that a zero ends (or the section does), at most so many bytes of it; what is not UTF-8 becomes replacement characters. */
export function textAt(bytes: Uint8Array, at: number, section: SectionRange, most: number): string {
  if (at < section.start || at >= section.end) return '';
  const limit = Math.min(section.end, at + most);
  let end = at;
  while (end < limit && bytes[end] !== 0) end++;
  const text = decoder.decode(bytes.subarray(at, end));
  return end === at + most ? `${text}…` : text;
}
