// Views over real memory: the values of test-plugins/rust-views and c-views, whose sources say what a debugger shows of each. Contract S6.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { saidIn, wrongIn } from '../../testing/said-values.ts';
import { show } from './show.ts';
import { built, openPlugin, type Plugin, stopsOf, unlessBuilt } from './stopped-plugin.ts';

const SOURCES = new URL('../../../test-plugins/', import.meta.url);
const KEPT = new URL('rust-views/kept/', SOURCES);

function compare(plugin: Plugin, methods: readonly string[], source: string): { wrong: string[]; right: number } {
  const all = saidIn(source);
  const wrong: string[] = [];
  const right = new Set<string>();
  for (const method of methods)
    for (const stop of stopsOf(plugin, method))
      for (const { variable, value } of stop.variables) {
        const file = plugin.dwarf.lines.files[variable.declared.file]?.split('/').at(-1);
        const place = `${file}:${variable.declared.line}`;
        const one = all.get(place);
        if (one?.name !== variable.name || variable.declared.line >= stop.line) continue;
        const shown = show(value, stop.program);
        const characters = typeof shown.plain === 'string' ? shown.plain.length : undefined;
        const problem = wrongIn(one, { text: shown.text, indexed: shown.indexed, characters });
        if (problem === undefined) right.add(place);
        else wrong.push(`${place} ${variable.name} ${problem}`);
      }
  return { wrong, right: right.size };
}

/** Methods of rust-views that need no answers of a host, and do not end in panics and traps. */
function rustFamilies(): string[] {
  const main = fs.readFileSync(new URL('rust-views/src/main.rs', SOURCES), 'utf8');
  return [...main.matchAll(/\("(\w+)", (?!panics)\w+::\w+\)/g)].flatMap(([, name]) =>
    name === undefined ? [] : [name],
  );
}

describe('views over memory of real plugins', () => {
  it('S6: values of every kind of Rust read as their source says', unlessBuilt('rust-views.debug'), () => {
    const plugin = openPlugin(built('rust-views.debug'));
    const { wrong, right } = compare(plugin, [...rustFamilies(), 'json'], 'rust-views/src/');
    assert.deepEqual(wrong, []);
    assert.ok(right > 200, `only ${right} values were found`);
  });

  // what other compilers made of the same sources
  for (const file of fs.readdirSync(KEPT).filter((one) => one.endsWith('.wasm.gz')))
    it(`S6: the same, built by another version: ${file}`, () => {
      const { wrong, right } = compare(
        openPlugin(fileURLToPath(new URL(file, KEPT))),
        rustFamilies(),
        'rust-views/src/',
      );
      assert.deepEqual(wrong, []);
      assert.ok(right > 200, `only ${right} values were found`);
    });

  const families = ['integers', 'floats', 'strings', 'arrays', 'structs', 'unions', 'enums', 'pointers', 'scopes'];
  for (const name of ['c-views', 'c-views.dwarf4'])
    it(`S6: values of every kind of C read as their source says: ${name}`, unlessBuilt(name), () => {
      const { wrong, right } = compare(openPlugin(built(name)), families, 'c-views/');
      assert.deepEqual(wrong, []);
      assert.ok(right > 40, `only ${right} values were found`);
    });
});
