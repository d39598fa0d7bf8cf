// Whole modules with DWARF sections written byte by byte, for tests of this room. Only tests import it.
import { parseModule, type WasmModule } from '../wasm/module.ts';
import type { DwarfSections } from './sections.ts';
import { findSections } from './sections.ts';
import { uleb } from './types-fixture.ts';

type SectionName = Exclude<keyof DwarfSections, 'bytes' | 'codeStart' | 'codeSize'>;
export type SectionBytes = Partial<Record<SectionName, readonly number[]>>;

const NAMES: Record<SectionName, string> = {
  info: '.debug_info',
  types: '.debug_types',
  abbrev: '.debug_abbrev',
  line: '.debug_line',
  lineStr: '.debug_line_str',
  str: '.debug_str',
  strOffsets: '.debug_str_offsets',
  addr: '.debug_addr',
  ranges: '.debug_ranges',
  rnglists: '.debug_rnglists',
  loc: '.debug_loc',
  loclists: '.debug_loclists',
};

/** Bytes of the code section in these modules. */
export const CODE_SIZE = 0x200;

function section(id: number, content: readonly number[]): number[] {
  return [id, ...uleb(content.length), ...content];
}

/** A module of one function, of nothing but `nop`, and these sections. */
export function moduleWith(sections: SectionBytes): WasmModule {
  const body = [0, ...new Array<number>(CODE_SIZE - 5).fill(0x01), 0x0b];
  const custom = Object.entries(NAMES).flatMap(([key, name]) => {
    const content = sections[key as SectionName];
    return content === undefined ? [] : section(0, [...uleb(name.length), ...text(name).slice(0, -1), ...content]);
  });
  const bytes = [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [1, 0]),
    ...section(10, [1, ...uleb(body.length), ...body]),
    ...custom,
  ];
  return parseModule(Uint8Array.from(bytes));
}

export const sectionsWith = (sections: SectionBytes): DwarfSections => findSections(moduleWith(sections));

/** UTF-8 with the zero that ends it. */
export const text = (words: string): number[] => [...new TextEncoder().encode(words), 0];
