// How long the debug information of a module takes to be opened for lines and functions: the whole line table, and which function some code is of.
// In a fresh process, as every call's worker is one, and warm. The module is parsed before.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openDwarf } from '../debug-adapter/dwarf/dwarf.ts';
import { parseModule } from '../debug-adapter/wasm/module.ts';
import { type Sample, sampleOf, timed, workOf } from './sample.ts';
import type { Plugin } from './workloads.ts';

export interface Opening {
  readonly plugin: string;
  /** Bytes of the module, and rows of its line table. */
  readonly bytes: number;
  readonly rows: number;
  /** ms of the thread: all of it. */
  readonly cold: Sample;
  readonly warm: Sample;
  /** Of those in fresh processes: reading the lines, and finding the first function. */
  readonly lines: Sample;
  readonly functions: Sample;
}

interface Opened {
  readonly rows: number;
  readonly lines: number;
  readonly functions: number;
}

/** @throws Error for a module without debug information */
function open(bytes: Uint8Array): Opened {
  const module = parseModule(bytes);
  const lines = timed(() => {
    const program = openDwarf(module);
    if (program === undefined) throw new Error('there is no debug information to open');
    // the rows are read when they are asked for
    return { program, rows: program.lines };
  });
  const { program, rows } = lines.value;
  const amid = rows.offset[rows.count >> 1] ?? 0;
  const functions = timed(() => program.functionAt(amid));
  return { rows: rows.count, lines: workOf(lines), functions: workOf(functions) };
}

/** In a fresh process: this file, run with the plugin's file. */
async function cold(file: string): Promise<Opened> {
  const child = fork(fileURLToPath(import.meta.url), [file], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const told = once(child, 'message') as Promise<[Opened]>;
  const ended = once(child, 'exit').then(() => {
    throw new Error('the process that opens debug information ended without a word');
  });
  ended.catch(() => {}); // when it has told, it may end
  return (await Promise.race([told, ended]))[0];
}

/** @returns undefined for a plugin without debug information */
export async function openingSpeed({ name, file, bytes }: Plugin, rounds: number): Promise<Opening | undefined> {
  if (openDwarf(parseModule(bytes)) === undefined) return undefined;
  const colds: Opened[] = [];
  for (let round = 0; round < rounds; round++) colds.push(await cold(file));
  open(bytes);
  const warms = Array.from({ length: rounds }, () => open(bytes));
  const all = ({ lines, functions }: Opened): number => lines + functions;
  return {
    plugin: name,
    bytes: bytes.length,
    rows: colds[0]?.rows ?? 0,
    cold: sampleOf(colds.map(all)),
    warm: sampleOf(warms.map(all)),
    lines: sampleOf(colds.map(({ lines }) => lines)),
    functions: sampleOf(colds.map(({ functions }) => functions)),
  };
}

const [, script, file] = process.argv;
if (script === fileURLToPath(import.meta.url) && file !== undefined && process.send)
  process.send(open(new Uint8Array(fs.readFileSync(file))));
