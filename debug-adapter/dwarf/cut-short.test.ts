// Real debug information with one section cut short: whatever is asked of it, nothing is thrown, what comes out holds together, and it ends. Other
// lies are told by the fuzz target `dwarf`.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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

describe('cut short', () => {
  it('each section at every length', needs('c-minimal'), () => {
    const module = parseModule(pluginBytes('c-minimal'));
    check(module);
    for (const section of module.sections.filter(({ name }) => name.startsWith('.debug_')))
      for (let end = section.start; end < section.end; end += 97) {
        const sections = module.sections.map((one) => (one === section ? { ...one, end } : one));
        check({ ...module, sections });
      }
  });
});
