// What llvm-dwarfdump says of a module, as trees of DIEs: an independent reader to compare ours with. Only tests import it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

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

/** The program; undefined: this machine has none. */
export const dwarfdump: string | undefined = [
  'llvm-dwarfdump',
  ...fs.globSync('/usr/bin/llvm-dwarfdump-*').sort().reverse(),
  ...fs.globSync('/usr/lib/llvm-*/bin/llvm-dwarfdump').sort().reverse(),
].find((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0);

const DIE = /^0x([0-9a-f]+):( +)(?:DW_TAG_(\w+)|NULL)/;
const ATTRIBUTE = /^ +DW_AT_(\w+)\t\((.*)$/;
const ENTRY = /^ +\[0x([0-9a-f]+), +0x([0-9a-f]+)\): (.*?)\)?$/;

/** The units of .debug_info; with `unit` (the offset of its first DIE) that one alone. */
export function dump(file: string, unit?: number): DumpedDie[] {
  const only = unit === undefined ? '--debug-info' : `--debug-info=0x${unit.toString(16)}`;
  const { status, stdout, stderr } = spawnSync(dwarfdump ?? '', [only, '--show-children', file], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`llvm-dwarfdump ${only} ${file}: ${stderr}`);
  return parse(stdout);
}

function parse(text: string): DumpedDie[] {
  const roots: DumpedDie[] = [];
  const open: { die: DumpedDie; indent: number }[] = [];
  let attribute = '';
  for (const line of text.split('\n')) {
    const start = DIE.exec(line);
    if (start !== null) {
      const [, offset = '', spaces = '', tag] = start;
      while ((open.at(-1)?.indent ?? -1) >= spaces.length) open.pop();
      if (tag === undefined) continue;
      const parent = open.at(-1)?.die;
      const die: DumpedDie = {
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
export function* everyDie(dies: readonly DumpedDie[]): Generator<DumpedDie> {
  for (const die of dies) {
    yield die;
    yield* everyDie(die.children);
  }
}

/** `0x0000b13f "<name>"`, `0x18`, `3`: the number in front. */
export function numberOf(value: string | undefined): number | undefined {
  const number = value === undefined ? undefined : /^-?(?:0x[0-9a-f]+|\d+)/.exec(value)?.[0];
  return number === undefined ? undefined : Number(number);
}

/** `"name"`: the text in quotes. */
export const textOf = (value: string | undefined): string => /^"(.*)"$/s.exec(value ?? '')?.[1] ?? '';
