// What llvm-dwarfdump says of a module, as trees of DIEs: an independent reader to compare ours with. Only tests import it.
import { linesOf } from '../testing/llvm-tools.ts';
import type { DwarfFile } from './dwarf-file.ts';

export interface DumpedDie {
  readonly offset: number;
  /** Without `DW_TAG_`. */
  readonly tag: string;
  readonly parent: DumpedDie | undefined;
  readonly children: DumpedDie[];
  /** By names without `DW_AT_`: what stands in the parentheses. */
  readonly attributes: Map<string, string>;
  /** Entries of DW_AT_location's list; addresses of DWARF. */
  readonly locations: { readonly low: number; readonly high: number; readonly text: string }[];
}

const DIE = /^0x([0-9a-f]+):( +)(?:DW_TAG_(\w+)|NULL)/;
const ATTRIBUTE = /^ +DW_AT_(\w+)\t\((.*)$/;
const ENTRY = /^ +\[0x([0-9a-f]+), +0x([0-9a-f]+)\): (.*?)\)?$/;

/**
 * The DIEs of a module, as trees: of all units, or of as many, evenly among those of some size (not the runtime's with one function, nor those that
 * take seconds).
 */
export async function dump(path: string, file: DwarfFile, units?: number): Promise<DumpedDie[]> {
  if (units === undefined) return parse(linesOf('llvm-dwarfdump', ['--debug-info', path]));
  const sizable = file.units.filter(({ offset, end }) => end - offset > 15_000 && end - offset < 60_000);
  const every = Math.max(1, Math.floor(sizable.length / units));
  const dies: DumpedDie[] = [];
  for (let n = 0; n < sizable.length; n += every) {
    const only = `--debug-info=0x${(sizable[n]?.root ?? 0).toString(16)}`;
    dies.push(...(await parse(linesOf('llvm-dwarfdump', [only, '--show-children', path]))));
  }
  return dies;
}

async function parse(chunks: AsyncIterable<readonly string[]>): Promise<DumpedDie[]> {
  const roots: DumpedDie[] = [];
  const open: { die: DumpedDie; indent: number }[] = [];
  let attribute = '';
  for await (const lines of chunks)
    for (const line of lines) {
      const start = DIE.exec(line);
      if (start !== null) {
        const [, offset = '', spaces = '', tag] = start;
        while ((open.at(-1)?.indent ?? -1) >= spaces.length) open.pop();
        if (tag === undefined) continue;
        const parent = open.at(-1)?.die;
        const die = {
          offset: Number.parseInt(offset, 16),
          tag,
          parent,
          children: [],
          attributes: new Map(),
          locations: [],
        };
        (parent?.children ?? roots).push(die);
        open.push({ die, indent: spaces.length });
        continue;
      }
      const die = open.at(-1)?.die;
      if (die === undefined) continue;
      const stated = ATTRIBUTE.exec(line);
      if (stated !== null) {
        attribute = stated[1] ?? '';
        die.attributes.set(attribute, (stated[2] ?? '').replace(/\)$/, ''));
        continue;
      }
      const entry = ENTRY.exec(line);
      if (entry === null || attribute !== 'location') continue;
      const [, low = '', high = '', expression = ''] = entry;
      die.locations.push({ low: Number.parseInt(low, 16), high: Number.parseInt(high, 16), text: expression });
    }
  return roots;
}

/** All DIEs of trees, parents first. */
export function everyDie(dies: readonly DumpedDie[]): DumpedDie[] {
  const every = [...dies];
  for (let n = 0; n < every.length; n++) for (const child of every[n]?.children ?? []) every.push(child);
  return every;
}

/** `0x0000b13f "<name>"`, `0x18`, `3`: the number in front. */
export function numberOf(value: string | undefined): number | undefined {
  const number = value === undefined ? undefined : /^-?(?:0x[0-9a-f]+|\d+)/.exec(value)?.[0];
  return number === undefined ? undefined : Number(number);
}

/** `"name"`: the text in quotes. */
export const textOf = (value: string | undefined): string =>
  (/^"(.*)"$/s.exec(value ?? '')?.[1] ?? '').replace(/\\(["\\])/g, '$1');
