import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wat } from '../testing/wat.ts';
import { Disassembly } from '../wasm/disassembly.ts';
import { codeStart } from '../wasm/disassembly-index.ts';
import { parseModule } from '../wasm/module.ts';
import { FunctionNames } from '../wasm/names.ts';
import { From, type Mark, waysTo } from './line-copies.ts';

const { Off, On, Resumed } = From;

/** Marks stand at `i32.const` instructions: 1 on the line, 2 off it, 3 where a body finds its way. Answers the ways to those on the line. */
function waysInto(body: string): number[] {
  const bytes = wat(`(module (func (param i32) ${body}))`);
  const module = parseModule(bytes);
  const kinds: Readonly<Record<string, Mark['kind']>> = {
    'i32.const 1': 'on',
    'i32.const 2': 'off',
    'i32.const 3': 'dispatch',
  };
  const marks = new Disassembly(module, new FunctionNames(module)).rowsOf(0, 0, 200).flatMap((row): Mark[] => {
    const kind = kinds[row.text.trim()];
    return kind === undefined ? [] : [{ offset: row.offset, kind }];
  });
  const ways = waysTo(marks, bytes, codeStart(module, 0), module.bodyEnd[0] ?? 0);
  return [...ways].filter((_, at) => marks[at]?.kind === 'on');
}

const LINE = '(drop (i32.const 1))';
const OTHER = '(drop (i32.const 2))';
const DISPATCH = '(drop (i32.const 3))';

describe('ways into a line', () => {
  it('S3: copies of an unrolled loop are each entered from another line', () => {
    assert.deepEqual(waysInto(`(loop ${LINE} ${OTHER} ${LINE} ${OTHER} (br_if 0 (local.get 0)))`), [Off, Off]);
  });

  it('S3: a line that goes on is entered once', () => {
    assert.deepEqual(waysInto(`${OTHER} ${LINE} ${LINE} ${OTHER}`), [Off, On]);
    // the head of a loop on the line before it, and the loop's next round from its body
    assert.deepEqual(waysInto(`${LINE} (loop ${LINE} ${OTHER} (br_if 0 (local.get 0)))`), [Off, Off | On]);
    assert.deepEqual(waysInto(`(if (local.get 0) (then ${LINE}) (else ${OTHER})) ${LINE}`), [Off, Off | On]);
  });

  it('S3: a loop that is all on one line', () => {
    assert.deepEqual(waysInto(`${LINE} (loop ${LINE} ${LINE} (br_if 0 (local.get 0)))`), [Off, On, On]);
  });

  it('S3: what a branch passes is not on its way', () => {
    assert.deepEqual(waysInto(`(block ${OTHER} (br_if 0 (local.get 0)) ${LINE} (br 0)) ${LINE}`), [Off, Off | On]);
    assert.deepEqual(waysInto(`(block ${OTHER} (return)) ${LINE}`), [0]);
  });

  it('S3: where the body of an async function goes on amid a line is no way into it, where it begins is', () => {
    assert.deepEqual(
      waysInto(
        `(block $await (block $begin ${DISPATCH} (br_table $begin $await $await (local.get 0))) ${LINE} (return)) ${LINE}`,
      ),
      [Off, Resumed],
    );
  });
});
