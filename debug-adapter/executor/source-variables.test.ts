// All variables at every stop of the plugins with values of every kind, in every build there is: what the sources say of them must be what is
// shown, or it says why it can't be shown; and the whole tree of each is a golden file. Contract S6.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { assertCompiledGolden, otherCompiler } from '../testing/golden-compilers.ts';
import { needs } from '../testing/run-call.ts';
import { type Said, saidIn, saysWhyNot, wrongIn } from '../testing/said-values.ts';
import { sourceFile } from '../testing/source-session.ts';
import { ECHO } from '../testing/source-walk.ts';
import { type StopTree, stopsIn, treesOf, treeText } from '../testing/variable-tree.ts';

/** Methods that do not end in panics and traps. */
const RUST = [
  ...fs.readFileSync(sourceFile('rust-views/src/main.rs'), 'utf8').matchAll(/^ {4}\("(\w+)", (?!panics)\w+::\w+\)/gm),
].map(([, name = '']) => name);
/** Not in the module that is kept: the pdk is newer than its compiler. */
const ASYNCHRONOUS = ['json', 'locals', 'nested', 'joined', 'boxed', 'looped', 'fails', 'given_up'];
/** Those with several functions, scopes and closures. */
const WITH_FRAMES = ['closures', 'function_pointers', 'shadowed', 'iterators', 'matches', 'question_mark', 'inlined'];
const C = [...fs.readFileSync(sourceFile('c-views/main.c'), 'utf8').matchAll(/\{"(\w+)", \1\}/g)]
  .map(([, name = '']) => name)
  .filter((name) => name !== 'trap' && name !== 'divide');

interface Compared {
  right: number;
  /** Says that it, or a part of it, was optimised away. */
  away: number;
  readonly wrong: string[];
}

/** Holds the variables of stops against the comments behind them. */
function compare(stops: readonly StopTree[], said: ReadonlyMap<string, Said>, compared: Compared): void {
  for (const { at, frames } of stops)
    for (const { frame, locals } of frames) {
      const { place, from } = frame;
      if (place === undefined) continue;
      const file = place.path.split(/[\\/]/).at(-1);
      for (const { row } of locals) {
        // of a name that stands several times any may be meant: whether it hides others is tested elsewhere
        const candidates: Said[] = [];
        for (const [key, one] of said) {
          const line = Number(key.slice(key.indexOf(':') + 1));
          if (!key.startsWith(`${file}:`) || one.name !== row.name || line < from || line >= place.line) continue;
          candidates.push(one);
        }
        if (candidates.length === 0) continue;
        const bytes = /‹(\d+) bytes›$/.exec(row.value)?.[1];
        const characters = row.indexed === 0 && bytes !== undefined ? Number(bytes) : undefined;
        const seen = { text: row.value, indexed: row.indexed, characters };
        const problems = candidates.map((one) => wrongIn(one, seen));
        if (problems.includes(undefined)) compared.right++;
        else if (candidates.some((one) => saysWhyNot(one, row.value))) compared.away++;
        else compared.wrong.push(`${at} ${row.name}: ${row.type} ${problems[0]}`);
      }
    }
}

/** Values by method, stop, line of the frame and name. */
function valuesOf(method: string, stops: readonly StopTree[]): Map<string, string> {
  const values = new Map<string, string>();
  const times = new Map<string, number>();
  for (const { at, frames } of stops) {
    const time = (times.get(at) ?? 0) + 1;
    times.set(at, time);
    for (const { frame, locals } of frames)
      for (const { row } of locals)
        values.set(`${method} at ${at} (${time}.), line ${frame.place?.line}: ${row.name}`, row.value);
  }
  return values;
}

/** What an optimised build shows otherwise than the one that is not, addresses left out, and does not say to be away. */
function differing(plain: ReadonlyMap<string, string>, optimised: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [key, value] of optimised) {
    const expected = plain.get(key);
    if (expected === undefined || expected === value || expected.includes('0x')) continue;
    if (value.includes('‹') || expected.includes('‹')) continue;
    found.push(`${key} is ${value}, not ${expected}`);
  }
  return found;
}

/** Of the builds that are not optimised, by their sources. */
const plainValues = new Map<string, Map<string, string>>();

interface Build {
  readonly plugin: string;
  readonly folder: string;
  readonly methods: readonly string[];
  /** Values that must be shown as the source says, at least. */
  readonly right: number;
}

const BUILDS: readonly Build[] = [
  // the other families by the module that is kept, and by source/views/plugins.test.ts
  { plugin: 'rust-views.debug', folder: 'rust-views/src', methods: [...ASYNCHRONOUS, ...WITH_FRAMES], right: 50 },
  { plugin: 'rust-views.kept', folder: 'rust-views/src', methods: RUST, right: 300 },
  { plugin: 'rust-views.optimized', folder: 'rust-views/src', methods: [...RUST, ...ASYNCHRONOUS], right: 250 },
  { plugin: 'c-views', folder: 'c-views', methods: C, right: 60 },
  { plugin: 'c-views.dwarf4', folder: 'c-views', methods: C, right: 60 },
  { plugin: 'c-views.optimized', folder: 'c-views', methods: C, right: 50 },
];

describe('all variables at all stops', () => {
  for (const { plugin, folder, methods, right } of BUILDS)
    it(`S6: ${plugin}: each is what the source says, or says why it can't be shown`, needs(plugin), async (test) => {
      const said = saidIn(`${folder}/`);
      const compared: Compared = { right: 0, away: 0, wrong: [] };
      const values = new Map<string, string>();
      let text = '';
      for (const method of methods) {
        const stops = await treesOf(test, plugin, method, stopsIn(folder), ECHO);
        compare(stops, said, compared);
        for (const [key, value] of valuesOf(method, stops)) values.set(key, value);
        text += treeText(method, stops);
      }
      const isOptimized = plugin.endsWith('.optimized');
      const plain = plainValues.get(folder);
      // what an optimiser misplaces is its own: of others nobody has looked through it
      if (!isOptimized || otherCompiler(plugin) === undefined) {
        assert.deepEqual(compared.wrong, []);
        assert.ok(compared.right >= right, `only ${compared.right} values are shown; ${compared.away} are not`);
        if (isOptimized) assert.deepEqual(plain === undefined ? [] : differing(plain, values), []);
      }
      // where nothing is optimised, everything can be shown
      if (!isOptimized) assert.equal(compared.away, 0);
      if (!isOptimized && plain === undefined) plainValues.set(folder, values);
      assertCompiledGolden(test, plugin, import.meta.url, `variables-${plugin.replace('.dwarf4', '')}.txt`, text);
    });
});
