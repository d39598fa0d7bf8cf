// What conditions and log messages read at a line is what the Variables view shows there, for every local of every stop of the plugins with values of every
// kind: a breakpoint looks at a place before the call stops, by code of its own. Contracts S1, S6.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { quoted, quotedChar } from '../source/views/text.ts';
import { needs } from '../testing/run-call.ts';
import { SourceSession, sourceFile } from '../testing/source-session.ts';
import { ECHO } from '../testing/source-walk.ts';
import { KEPT_SOURCES, type StopTree, stopsIn, treesOf } from '../testing/variable-tree.ts';

/** Those with texts and cells, several scopes, functions and closures: a call of a plugin of this size costs half a second, twice. */
const KEPT = ['strings', 'ref_cells', 'closures'];
const OPTIMIZED = ['characters', 'options', 'closures', 'inlined', 'iterators', 'locals'];
/** Those that end. */
const C = [...fs.readFileSync(sourceFile('c-views/main.c'), 'utf8').matchAll(/\{"(\w+)", \1\}/g)]
  .map(([, name = '']) => name)
  .filter((name) => !['trap', 'divide'].includes(name));

/** Between the values of a message: in no value of these plugins. */
const BETWEEN = '¦';
const ONE_FRAME = { depth: 0, parts: 0, frames: 1 };

/** The rows of a stop that have a name in expressions, by it. */
const namedRows = (stop: StopTree): Map<string, string> =>
  new Map(stop.frames[0]?.locals.flatMap(({ row }) => (row.expression === '' ? [] : [[row.expression, row.value]])));

/** Whether a message has the value that a row has: texts without their quotes, and not cut. */
function isSame(said: string, shown: string): boolean {
  const [value = ''] = shown.split(/ ‹[^›]*›$/);
  if (said === shown || said === value || quoted(said) === value || quotedChar(said) === value) return true;
  const why = /^‹(?:not readable: )?(.*)›$/.exec(shown)?.[1];
  if (why !== undefined) return said === shown || said.endsWith(` is not available here: ${why}.>`);
  // bytes that are no text
  if (/^".*\\x[\da-f]{2}/.test(value)) return said.includes('\ufffd');
  const start = /^"(.*)…"$/s.exec(value)?.[1];
  return start !== undefined && quoted(said).startsWith(`"${start}`);
}

/** The values of a method's stops that messages and rows have otherwise. */
async function otherwise(
  test: { after(end: () => Promise<void>): void },
  plugin: string,
  folder: string,
  method: string,
): Promise<{ compared: number; wrong: string[] }> {
  const places = stopsIn(folder);
  const stops = await treesOf(test, plugin, method, places, ECHO, ONE_FRAME);
  const names = new Map<string, string[]>();
  for (const stop of stops) {
    const known = names.get(stop.at) ?? [];
    names.set(stop.at, [...new Set([...known, ...namedRows(stop).keys()])]);
  }
  const logging = places.flatMap((place) => {
    const wanted = names.get(place.id);
    const values = wanted?.map((name) => `{${name}}`).join(BETWEEN);
    return values === undefined ? [] : [{ ...place, logMessage: `${place.id}${BETWEEN}${values}` }];
  });
  const session = SourceSession.of(test, plugin, method, 'null', logging, {
    seed: '1',
    ...(plugin.endsWith('.kept') ? { source: KEPT_SOURCES } : {}),
    ...ECHO,
  });
  await session.standing();
  const wrong: string[] = [];
  let compared = 0;
  if (session.logs.length !== stops.length) wrong.push(`${session.logs.length} messages at ${stops.length} stops`);
  for (const [at, stop] of stops.entries()) {
    const [id, ...said] = session.logs[at]?.split(BETWEEN) ?? [];
    if (id !== stop.at) wrong.push(`${id} is logged where ${stop.at} is stopped at`);
    const rows = namedRows(stop);
    for (const [index, name] of (names.get(stop.at) ?? []).entries()) {
      const value = rows.get(name);
      // not every stop at a line need have every variable
      if (value === undefined) continue;
      compared++;
      if (!isSame(said[index] ?? '', value)) wrong.push(`${stop.at} ${name}: ${said[index]} is logged, ${value} shown`);
    }
  }
  return { compared, wrong };
}

describe('what messages say of variables', () => {
  for (const { plugin, folder, methods, least } of [
    { plugin: 'rust-views.kept', folder: 'rust-views/src', methods: KEPT, least: 25 },
    { plugin: 'rust-views.optimized', folder: 'rust-views/src', methods: OPTIMIZED, least: 50 },
    { plugin: 'c-views', folder: 'c-views', methods: C, least: 80 },
    { plugin: 'c-views.optimized', folder: 'c-views', methods: C, least: 80 },
  ])
    it(`S1, S6: ${plugin}: at each stop it is what their rows have`, needs(plugin), async (test) => {
      let all = 0;
      const wrong: string[] = [];
      for (const method of methods) {
        const found = await otherwise(test, plugin, folder, method);
        all += found.compared;
        wrong.push(...found.wrong);
      }
      assert.deepEqual(wrong, []);
      assert.ok(all >= least, `${all} values were compared`);
    });
});
