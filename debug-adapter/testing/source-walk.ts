// A walk through the source of a call as a golden file has it: how each stop came about, its line, the author's frames and what her variables
// are. Not the walking itself: source-session.ts does that. Only tests import it.
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Resume } from '../executor/options.ts';
import { assertCompiledGolden } from './golden-compilers.ts';
import { type CallOptions, needs, VIRTUAL } from './run-call.ts';
import { breakOn, SourceSession, type Standing, sourceFile } from './source-session.ts';

export interface Walk {
  /** Of its golden file: `walk-NAME.txt`, and behind the name what its builds are called. */
  readonly name: string;
  /** What it shows, in a line. */
  readonly title: string;
  /** In test-plugins. */
  readonly file: string;
  readonly method: string;
  /** JSON text; `null` where not given. */
  readonly params?: string;
  /** Texts of the lines with breakpoints. */
  readonly breakpoints: readonly string[];
  /** Keys, one a step: `F10 F11 Shift+F11 F5`; `F10*3` is three of them. */
  readonly keys: string;
  /** Names of the variables to show where they are visible and have changed; `all`: each. None where not given. */
  readonly locals?: 'all' | readonly string[];
  readonly options?: CallOptions;
  /** Builds that take the walk, by what is behind the name of the golden file that holds for all of them: two may step alike. */
  readonly builds: Readonly<Record<string, readonly string[]>>;
  /** Other keys where an optimiser left less to step through. */
  readonly optimized?: string;
}

/** Host methods give their params back. */
export const ECHO: CallOptions = {
  mocks: JSON.stringify({ default: 'unknown', hostMethods: { echo: [{ reply: { result: { $param: '' } } }] } }),
  clock: VIRTUAL,
  seed: '1',
};

/** A test for each build of each walk, against its golden file in the folder beside `beside`, a test's import.meta.url. */
export function testWalks(beside: string, walks: readonly Walk[]): void {
  for (const walk of walks)
    for (const [suffix, plugins] of Object.entries(walk.builds))
      for (const plugin of plugins)
        describe(`${walk.name}: ${walk.title}`, needs(plugin), () => {
          it(`S1, S3: ${plugin}`, async (test) => {
            assertCompiledGolden(
              test,
              plugin,
              beside,
              `walk-${walk.name}${suffix}.txt`,
              await walked(test, plugin, walk),
            );
          });
        });
}

const KEYS: Readonly<Record<string, Resume>> = {
  F5: { until: undefined },
  F10: { until: undefined, step: 'over', statement: true },
  F11: { until: undefined, step: 'into', statement: true },
  'Shift+F11': { until: undefined, step: 'out', statement: true },
};

/** The frames of one call in which a walk is shown: those further out are the same all the way, and other builds have others. */
const isOutermost = (name: string): boolean => /(?:^|::)main$|::main::\{/.test(name);

/** Takes the walk in a plugin, and gives it as text. */
async function walked(test: { after(end: () => Promise<void>): void }, plugin: string, walk: Walk): Promise<string> {
  const { method, params = 'null', options } = walk;
  const breakpoints = walk.breakpoints.map((text) => breakOn(walk.file, text));
  const keys = plugin.endsWith('.optimized') ? (walk.optimized ?? walk.keys) : walk.keys;
  // of the kept module: it was built elsewhere
  const source = { sourceMap: [['/rust-views', sourceFile('rust-views')] as const], justMyCode: true };
  const session = SourceSession.of(test, plugin, method, params, breakpoints, { source, ...ECHO, ...options });
  const text = [`# ${walk.title}`];
  const shown = new Shown(walk.locals);
  const first = await session.standing();
  if (first.stop === undefined) throw new Error(`${walk.title}: no breakpoint was met`);
  text.push(await shown.stop('', first, session));
  for (const [key, count] of keysOf(keys)) {
    for (let n = 0; n < count; n++) {
      const standing = await session.go(KEYS[key] ?? { until: undefined });
      text.push(await shown.stop(key, standing, session));
      for (const line of session.logs.splice(0)) text.push(`  logged: ${line}`);
      if (standing.stop === undefined) return `${text.join('\n')}\n`;
    }
  }
  await session.end();
  return `${text.join('\n')}\n`;
}

function keysOf(keys: string): [key: string, count: number][] {
  return keys.split(/\s+/).map((word) => {
    const [, key = '', count = '1'] = /^(.*?)(?:\*(\d+))?$/.exec(word) ?? [];
    if (KEYS[key] === undefined) throw new Error(`${word} is no key of a walk`);
    return [key, Number(count)];
  });
}

/** What was shown at the stop before. */
class Shown {
  readonly #wanted: Walk['locals'];
  #callers = '';
  #variables = new Map<string, string>();

  constructor(wanted: Walk['locals']) {
    this.#wanted = wanted;
  }

  async stop(key: string, standing: Standing, session: SourceSession): Promise<string> {
    const { stop, own } = standing;
    if (stop === undefined) return `${key.padEnd(COLUMN)}the call ends: ${standing.at}`;
    const how = stop.reason === 'step' ? key : [key, stop.reason].filter(Boolean).join(' → ');
    const lines = [how.padEnd(COLUMN) + (own === undefined ? 'elsewhere' : lineOf(own.frame.place))];
    if (stop.diagnosis !== undefined) lines.push(`${' '.repeat(COLUMN)}${stop.diagnosis.message}`);
    const callers = stackOf(standing);
    const same = callers === this.#callers;
    if (!same) lines.push(`${' '.repeat(COLUMN)}in ${callers}`);
    this.#callers = callers;
    lines.push(...(await this.#changed(session, same)));
    return lines.join('\n');
  }

  /** Variables that were not shown as they are at the stop before, in the same frame. */
  async #changed(session: SourceSession, same: boolean): Promise<string[]> {
    if (this.#wanted === undefined) return [];
    const wanted = this.#wanted;
    const before = same ? this.#variables : new Map<string, string>();
    this.#variables = new Map();
    const changed: string[] = [];
    for (const { name, value } of await session.locals()) {
      if (wanted !== 'all' && !wanted.includes(name)) continue;
      this.#variables.set(name, value);
      if (before.get(name) !== value) changed.push(`${' '.repeat(COLUMN)}  ${name} = ${value}`);
    }
    return changed;
  }
}

/** Of how the stop came about. */
const COLUMN = 24;

const files = new Map<string, string[]>();
function lineOf(place: { readonly path: string; readonly line: number } | undefined): string {
  if (place === undefined) return 'elsewhere';
  let lines = files.get(place.path);
  if (lines === undefined) {
    lines = fs.readFileSync(place.path, 'utf8').split('\n');
    files.set(place.path, lines);
  }
  const text = (lines[place.line - 1] ?? '').replace(/\s*\/\/.*$/, '').trim();
  return `${path.basename(place.path)}:${place.line}`.padEnd(20) + text;
}

/** The author's frames, the innermost first, with the lines on which the callers stand; those of libraries in a row are one `…`. */
function stackOf({ frames, stop }: Standing): string {
  const parts: string[] = [];
  const levels = frames.flatMap((frame, index) => frame.map((level) => ({ ...level, index })));
  for (const { name, place, inlined, index } of levels) {
    if (place?.own !== true) {
      if (parts.at(-1) !== '…') parts.push('…');
      continue;
    }
    const full = name === '' ? (stop.frames[index]?.name ?? '?') : name;
    if (parts.length > 0 && isOutermost(full)) break;
    const line = parts.every((part) => part === '…') ? '' : `:${place.line}`;
    parts.push(`${full.replace(/^(async )?rust_(?:views|pdk)::/, '$1')}${inlined ? ' (inlined)' : ''}${line}`);
  }
  while (parts.at(-1) === '…') parts.pop();
  return parts.join(' ← ');
}
