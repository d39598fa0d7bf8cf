// Real debug information with its sections changed, cut and mixed: whatever is asked of it, nothing is thrown, what comes out holds together, and it
// ends. The seeds are fixed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeBytes } from '../testing/fuzz/bytes.ts';
import { RandomSource } from '../testing/random-source.ts';
import { needs, pluginBytes } from '../testing/run-call.ts';
import { parseModule, type WasmModule } from '../wasm/module.ts';
import { openDwarf } from './dwarf.ts';
import type { Machine } from './location.ts';
import type { Scope } from './program.ts';

const MACHINE: Machine = {
  local: (index) => BigInt(index),
  global: () => 1n,
  operand: () => ({ reason: 'no operand' }),
  memory: (_, length) => (length <= 64 ? new Uint8Array(length) : { reason: 'no memory' }),
  frameBase: () => 0x1000,
  stackPointer: () => undefined,
  entry: () => ({ reason: 'no entry' }),
};

/** The module with up to six changes to its DWARF sections, which now lie behind everything else. */
function mutated(module: WasmModule, source: RandomSource): WasmModule {
  const debug = module.sections.filter(({ name }) => name.startsWith('.debug_'));
  const contents = new Map(debug.map((section) => [section, module.bytes.slice(section.start, section.end)]));
  const content = (section: (typeof debug)[number]) => contents.get(section) ?? new Uint8Array(0);
  for (let changes = 1 + source.below(6); changes > 0; changes--) {
    const section = source.one(debug);
    contents.set(section, changeBytes(source, content(section), content(source.one(debug))));
  }
  const length = [...contents.values()].reduce((sum, { length }) => sum + length, module.bytes.length);
  const bytes = new Uint8Array(length);
  bytes.set(module.bytes);
  let at = module.bytes.length;
  const sections = module.sections.map((section) => {
    const changed = contents.get(section);
    if (changed === undefined) return section;
    bytes.set(changed, at);
    at += changed.length;
    return { ...section, start: at - changed.length, end: at };
  });
  return { ...module, bytes, sections };
}

function checkScope(scope: Scope, files: number, end: number): void {
  for (let n = 0; n + 1 < scope.ranges.length; n += 2) {
    assert.ok((scope.ranges[n] ?? 0) < (scope.ranges[n + 1] ?? 0), 'ranges are of code');
    assert.ok((scope.ranges[n + 1] ?? 0) <= end, 'ranges are in the module');
  }
  assert.ok(scope.declared.file >= -1 && scope.declared.file < files);
  scope.scopes.forEach((inner) => {
    checkScope(inner, files, end);
  });
}

function check(module: WasmModule): void {
  const program = openDwarf(module);
  if (program === undefined) return;
  const { lines } = program;
  const end = module.bodyEnd.at(-1) ?? 0;
  for (let row = 0; row < lines.count; row++) {
    assert.ok(row === 0 || (lines.offset[row - 1] ?? 0) <= (lines.offset[row] ?? 0), 'rows ascend');
    assert.ok((lines.offset[row] ?? 0) <= end);
    assert.equal(typeof lines.files[lines.file[row] ?? -1], 'string', 'each row is of a file');
  }
  for (const body of module.bodyStart) {
    const scope = program.functionAt(body + 3);
    if (scope === undefined) continue;
    checkScope(scope, lines.files.length, end);
    for (const variable of scope.variables) {
      program.types.sizeOf(program.types.bare(variable.type));
      program.locate(variable, scope, body + 3, MACHINE);
    }
  }
  for (const body of module.bodyStart.slice(0, 3)) {
    program.unitAt(body);
    for (const variable of program.statics(body)) program.types.at(variable.type);
  }
  program.functionsNamed('*a*');
  program.types.vtableAt(1024);
  assert.ok(program.problems.length <= 50);
  for (const problem of program.problems) assert.match(problem, /^[A-Z].*\.$/s);
}

describe('mutations', () => {
  for (const plugin of ['c-views', 'c-views.dwarf4', 'c-views.optimized', 'c-minimal.optimized'] as const)
    it(`sections of ${plugin}, 150 times`, needs(plugin), () => {
      const module = parseModule(pluginBytes(plugin));
      check(module);
      for (let seed = 0; seed < 150; seed++) {
        try {
          check(mutated(module, new RandomSource(seed)));
        } catch (error) {
          throw new Error(`seed ${seed}`, { cause: error });
        }
      }
    });
  it('each section cut short at every length', needs('c-minimal'), () => {
    const module = parseModule(pluginBytes('c-minimal'));
    for (const section of module.sections.filter(({ name }) => name.startsWith('.debug_')))
      for (let end = section.start; end < section.end; end += 97) {
        const sections = module.sections.map((one) => (one === section ? { ...one, end } : one));
        check({ ...module, sections });
      }
  });
});
