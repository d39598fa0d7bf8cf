import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wat } from '../testing/wat.ts';
import { codeStart } from '../wasm/disassembly-index.ts';
import { parseModule } from '../wasm/module.ts';
import { frameWrites } from './frame-writes.ts';

describe('instructions that may write a part of a frame', () => {
  it('are stores at its offset, and constants that make its address', () => {
    const module = parseModule(
      wat(`(module (memory 1) (func (param i32) (local i64)
        local.get 0 i32.const 7 i32.store offset=16
        local.get 0 i32.const 1 i32.store offset=24
        local.get 0 i32.load offset=16 drop
        local.get 0 i32.const 20 i32.add drop
        local.get 0 i64.const 5 i64.store offset=12
        local.get 0 f64.const 0 f64.store offset=23))`),
    );
    const { bytes, bodyStart, bodyEnd } = module;
    const names = (from: number, size: number) =>
      frameWrites(bytes, bodyStart[0] ?? 0, bodyEnd[0] ?? 0, from, size).map((offset) => bytes[offset]?.toString(16));
    // i32.store 36, i32.const 41, i64.store 37, f64.store 39
    assert.deepEqual(names(16, 8), ['36', '41', '39']);
    assert.deepEqual(names(12, 4), ['37']);
    assert.deepEqual(names(100, 4), []);
    assert.ok(codeStart(module, 0) > (bodyStart[0] ?? 0));
  });

  it('E4: of code that is cut short are those before', () => {
    const module = parseModule(
      wat('(module (memory 1) (func (param i32) local.get 0 i32.const 1 i32.store offset=4))'),
    );
    const [start = 0, end = 0] = [module.bodyStart[0], module.bodyEnd[0]];
    for (let cut = start; cut <= end; cut++) assert.ok(frameWrites(module.bytes, start, cut, 4, 4).length <= 1);
    assert.equal(frameWrites(module.bytes, start, end, 4, 4).length, 1);
  });
});
