import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LineRows, RowFlag } from '../dwarf/program.ts';
import { wat } from '../testing/wat.ts';
import { Disassembly } from '../wasm/disassembly.ts';
import { parseModule } from '../wasm/module.ts';
import { FunctionNames } from '../wasm/names.ts';
import { ALL_MINE, SourceFiles } from './files.ts';
import { Statements } from './statements.ts';

const LOOPED = `(module (func (param i32)
  i32.const 1
  drop
  loop
    local.get 0
    drop
    block
      local.get 0
      br_if 0
      i32.const 2
      drop
    end
    local.get 0
    br_if 0
  end
))`;

/** Statements of a module from rows: [number of an instruction of its one function, line, flags]. */
function statementsOf(text: string, rows: readonly (readonly [instruction: number, line: number, flags: number])[]) {
  const module = parseModule(wat(text));
  const code = new Disassembly(module, new FunctionNames(module)).rowsOf(0, 0, 100);
  const offset = Uint32Array.from(rows, ([at]) => code[at]?.offset ?? 0);
  const files = new SourceFiles(['/app/src/lib.rs'], ALL_MINE);
  const lines: LineRows = {
    count: rows.length,
    offset,
    file: new Uint32Array(rows.length),
    line: Uint32Array.from(rows, ([, line]) => line),
    column: new Uint16Array(rows.length),
    flags: Uint8Array.from(rows, ([, , flags]) => flags),
    files: files.written,
  };
  const statements = new Statements(lines, module, files, () => false);
  return Array.from({ length: statements.count }, (_, at) => {
    const instruction = code.findIndex((one) => one.offset === statements.offset[at]);
    return { instruction, line: statements.line(at), entry: statements.entry[at] === 1 };
  });
}

const { Statement, EndSequence } = RowFlag;

describe('statements', () => {
  it('S1: one at a `loop` or at the `end` of a block stands behind it, where branches land', () => {
    assert.deepEqual(
      statementsOf(LOOPED, [
        [0, 1, Statement],
        [2, 2, Statement],
        [5, 3, Statement],
        [10, 4, Statement],
        [14, 5, EndSequence],
      ]),
      [
        { instruction: 0, line: 1, entry: true },
        { instruction: 3, line: 2, entry: false },
        { instruction: 5, line: 3, entry: false },
        { instruction: 11, line: 4, entry: false },
      ],
    );
  });

  it('S1: a loop on the line above it is a statement, whether the compiler says so or not', () => {
    assert.deepEqual(
      statementsOf(LOOPED, [
        [0, 2, Statement],
        [2, 2, 0],
        [5, 3, Statement],
        [8, 3, 0],
      ]).map(({ instruction, line }) => [instruction, line]),
      [
        [0, 2],
        [3, 2],
        [5, 3],
      ],
    );
  });

  it('S1: at the head of a loop the first statement of a function is no sign of another call', () => {
    assert.deepEqual(statementsOf(LOOPED, [[2, 2, Statement]]), [{ instruction: 3, line: 2, entry: false }]);
  });

  it('S1: what is behind a `loop` on a line of its own keeps it', () => {
    assert.deepEqual(
      statementsOf(LOOPED, [
        [2, 2, Statement],
        [3, 3, Statement],
      ]).map(({ instruction, line }) => [instruction, line]),
      [
        [2, 2],
        [3, 3],
      ],
    );
  });
});
