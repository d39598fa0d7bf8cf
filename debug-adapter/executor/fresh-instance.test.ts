// A call is one fresh instance, and nothing of it is left to the next. Contract E1.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runCall } from '../testing/run-call.ts';
import { wat } from '../testing/wat.ts';

// Counts calls in memory, in a global and in a table, and answers with all three.
const COUNTER = wat(`(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $calls (mut i32) (i32.const 48))
  (table $table 1 funcref)
  (elem declare func $one)
  (func $one)
  (data (i32.const 0) "\\40\\00\\00\\00\\29\\00\\00\\00")
  (data (i32.const 64) "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":0,\\"result\\":\\"0000\\"}\\n")
  (func (export "_start")
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store8 (i32.const 98) (global.get $calls))
    (i32.store8 (i32.const 99) (i32.add (i32.load8_u (i32.const 99)) (i32.const 1)))
    (if (ref.is_null (table.get $table (i32.const 0))) (then (i32.store8 (i32.const 100) (i32.const 78))))
    (table.set $table (i32.const 0) (ref.func $one))
    (i32.store8 (i32.const 101) (i32.add (i32.const 48) (memory.size)))
    (drop (memory.grow (i32.const 1)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))))`);

describe('one call, one instance', () => {
  it('E1: memory, globals, tables and the size of memory are those of the module at every call', async () => {
    const results = [];
    for (let call = 0; call < 3; call++) results.push((await runCall(COUNTER, 'count')).outcome.result);
    assert.deepEqual(results, Array(3).fill('"11N1"'));
  });

  it('E1: calls at the same time do not see each other', async () => {
    const calls = await Promise.all([runCall(COUNTER, 'count'), runCall(COUNTER, 'count')]);
    assert.deepEqual(
      calls.map(({ outcome }) => outcome.result),
      ['"11N1"', '"11N1"'],
    );
  });

  it('E1: the bytes of a module are as they were when a run did not own them', async () => {
    const before = COUNTER.slice();
    await runCall(COUNTER, 'count');
    assert.deepEqual(COUNTER, before);
  });
});
