// Lines that were read for another call: what is known by them is the same, and they are not read again.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needs, pluginBytes } from '../testing/run-call.ts';
import { parseModule } from '../wasm/module.ts';
import { openDwarf } from './dwarf.ts';
import type { DwarfProgram, Scope } from './program.ts';

const opened = (program: DwarfProgram | undefined): DwarfProgram => program ?? assert.fail('there is none');

/** Where each function, its inlined calls and its variables are declared, and in which files. */
function declarations({ lines }: DwarfProgram, scope: Scope, into: string[]): void {
  const at = ({ file, line }: { file: number; line: number }) => `${lines.files[file] ?? file}:${line}`;
  into.push(`${scope.name} ${at(scope.declared)} ${scope.called === undefined ? '' : at(scope.called)}`);
  for (const { name, declared } of scope.variables) into.push(`${name} ${at(declared)}`);
  for (const inner of scope.scopes) declarations({ lines } as DwarfProgram, inner, into);
}

describe('lines that were read before', () => {
  for (const name of ['rust-views.debug', 'c-views'])
    it(`tell the same of ${name}`, needs(name), () => {
      const module = parseModule(pluginBytes(name));
      const first = opened(openDwarf(module));
      const again = opened(openDwarf(module, { ...first.lines, files: [...first.lines.files] }));
      assert.equal(again.lines.offset, first.lines.offset, 'they are not read again');
      for (const n of module.bodyStart.keys()) {
        if (n % 7 !== 0) continue;
        const offset = (module.bodyStart[n] ?? 0) + 3;
        const [one, other] = [first, again].map((program) => {
          const scope = program.functionAt(offset);
          const found: string[] = [];
          if (scope !== undefined) declarations(program, scope, found);
          return found;
        });
        assert.deepEqual(other, one);
      }
      assert.deepEqual(again.lines.files, first.lines.files);
    });

  it('are taken as they are: of another module they would be wrong', needs('c-views'), () => {
    const module = parseModule(pluginBytes('c-views'));
    const { lines } = opened(openDwarf(module));
    const moved = { ...lines, line: lines.line.map((line) => line + 1) };
    assert.equal(openDwarf(module, moved)?.lines.line[0], (lines.line[0] ?? 0) + 1);
  });
});
