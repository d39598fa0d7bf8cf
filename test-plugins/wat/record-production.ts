// Runs every plugin of this directory in the real framework (production/, built by cargo) and writes what became of each
// call to production.jsonl, which tests compare with: a line a plugin. Needed only when a plugin is added; takes about two minutes.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWat } from './build.ts';

const HERE = path.dirname(fileURLToPath(import.meta.url));

/** What became of a call in production; exactly one of the first five is there. */
export interface ProductionOutcome {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
  /** The module does not compile, link or start; Rust's words for why. */
  readonly refused?: string;
  readonly hostPanics?: string;
  /** No end within a second. */
  readonly hangs?: true;
  /** At most the first three log lines. */
  readonly log?: readonly string[];
}

const OUTCOMES = path.join(HERE, 'production.jsonl');

/** JSON.parse that keeps integers which no double can hold, as bigints. */
export function parseExact(text: string): unknown {
  // The third argument is newer than TypeScript's library.
  const keepIntegers = (_key: string, value: unknown, context?: { source?: string }) => {
    const source = context?.source ?? '';
    return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value;
  };
  return JSON.parse(text, keepIntegers);
}

/** By plugin name. */
export function readProduction(): Map<string, ProductionOutcome> {
  const lines = fs.readFileSync(OUTCOMES, 'utf8').trim().split('\n');
  return new Map(lines.map((line) => parseExact(line) as [string, ProductionOutcome]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const crate = path.join(HERE, 'production');
  execFileSync('cargo', ['build', '--release'], { cwd: crate, stdio: 'inherit' });
  const target = process.env['CARGO_TARGET_DIR'] ?? path.join(crate, 'target');
  const program = path.join(target, 'release', process.platform === 'win32' ? 'production.exe' : 'production');
  const lines: string[] = [];
  // The program's text is kept as it is: parsing and writing it anew would round ids.
  for (const { name, wasm } of await buildWat())
    lines.push(
      `["${name}", ${execFileSync(program, [wasm, '1000'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()}]\n`,
    );
  fs.writeFileSync(OUTCOMES, lines.join(''));
  console.log(`${lines.length} outcomes in ${path.relative(process.cwd(), OUTCOMES)}`);
}
