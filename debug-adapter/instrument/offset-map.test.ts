// Offsets of the rewritten module against the original, both ways, and as V8's own stack traces give them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wat } from '../testing/wat.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opcodeNames } from '../wasm/opcodes.ts';
import { originalOffset, rewrittenOffset } from './offset-map.ts';
import type { ProbePlan } from './plan.ts';
import { entryCharges, NO_PLAN, RewrittenGuest } from './testing.ts';

const TEXT = `(module
  (import "env" "look" (func $look (param i32)))
  (memory (export "memory") 1)
  (func $inner (param i32) (result i32)
    (if (i32.gt_s (local.get 0) (i32.const 3)) (then (return (i32.const 7))))
    (call $look (local.get 0))
    (i32.load (i32.mul (local.get 0) (i32.const 100000))))
  (func $middle (param i32) (result f64)
    (block (block (br_if 1 (local.get 0)) (br_if 0 (call $inner (local.get 0)))))
    (f64.sqrt (f64.convert_i32_s (call $inner (local.get 0)))))
  (func (export "run") (param i32) (result f64) (call $middle (local.get 0)))
  (func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 1) (local.get 0)))
  (func (export "grow") (result i32) (memory.grow (i32.const 1)))
  (func $tail (param i32) (result i32) (return_call $inner (local.get 0)))
  (func (export "many") (result i32 i64) (return (call $tail (i32.const 0)) (i64.const 5))))`;

const everything = (module: WasmModule): ProbePlan => ({
  charges: entryCharges(module, 3),
  frameSlots: new Uint32Array(module.bodyStart.length).fill(5),
  canonicalNaN: true,
  chunkBulk: true,
  growHooks: true,
  moments: false,
  sites: null,
  blockCounts: false,
  watchedMemory: null,
});

/** The guest's frames in a stack, innermost first: function and offset in the rewritten module. */
function frames(stack: string): { index: number; offset: number }[] {
  return [...stack.matchAll(/wasm-function\[(\d+)\]:0x([0-9a-f]+)/g)].map((match) => ({
    index: Number(match[1]),
    offset: Number.parseInt(match[2] ?? '', 16),
  }));
}

/** Name and index of the instruction at an original offset. */
function instructionAt(module: WasmModule, offset: number): string {
  for (let n = 0; n < module.bodyStart.length; n++) {
    const end = module.bodyEnd[n]!;
    if (offset < module.bodyStart[n]! || offset >= end) continue;
    const reader = new InstructionReader(module.bytes);
    reader.reset(module.bodyStart[n]!, end);
    for (let left = reader.u32(); left > 0; left--) {
      reader.u32();
      reader.byte();
    }
    while (reader.next())
      if (reader.offset === offset) return `func ${module.importedFunctions + n}: ${opcodeNames[reader.opcode]}`;
  }
  return 'no instruction';
}

function stackOf(guest: RewrittenGuest, act: () => void): string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  let stack = '';
  try {
    act();
  } catch (error) {
    stack = (error as Error).stack ?? '';
  } finally {
    Error.stackTraceLimit = limit;
  }
  return frames(stack).map(({ index, offset }) => {
    const original = guest.instrumented.map.toOriginal(rewrittenOffset(offset));
    return original === undefined
      ? index >= guest.instrumented.firstHelper
        ? 'helper'
        : 'lost'
      : instructionAt(guest.module, original);
  });
}

describe('offset map', () => {
  it('maps the frames that an import sees back to the calls', () => {
    let seen: string[] = [];
    const guest: RewrittenGuest = new RewrittenGuest(wat(TEXT), everything, {
      env: {
        look: () => {
          seen = stackOf(guest, () => {
            throw new Error('here');
          });
        },
      },
    });
    const run = guest.instance.exports['run'] as (value: number) => number;
    run(0);
    assert.deepEqual(seen, ['func 1: call', 'func 2: call', 'func 3: call']);
  });

  it('maps traps to the instruction that trapped, through helpers too', () => {
    const guest = new RewrittenGuest(wat(TEXT), everything, { env: { look: () => {} } });
    const call = (name: string, ...args: number[]) =>
      stackOf(guest, () => (guest.instance.exports[name] as (...values: number[]) => void)(...args));
    assert.deepEqual(call('run', 1), ['func 1: i32.load', 'func 2: call', 'func 3: call']);
    assert.deepEqual(call('fill', 65537), ['helper', 'func 4: memory.fill']);
    assert.deepEqual(call('many'), []);
  });

  it('gives every instruction a place, and that place back', () => {
    const guest = new RewrittenGuest(wat(TEXT), everything, { env: { look: () => {} } });
    const { module } = guest;
    const { map, bytes } = guest.instrumented;
    let last = 0;
    let count = 0;
    const reader = new InstructionReader(module.bytes);
    for (let n = 0; n < module.bodyStart.length; n++) {
      reader.reset(module.bodyStart[n]!, module.bodyEnd[n]!);
      for (let left = reader.u32(); left > 0; left--) {
        reader.u32();
        reader.byte();
      }
      while (reader.next()) {
        const there = map.toRewritten(originalOffset(reader.offset));
        assert.ok(
          there !== undefined && there > last,
          `${opcodeNames[reader.opcode]} has a place after the one before it`,
        );
        last = there;
        assert.equal(map.toOriginal(there), reader.offset);
        const name = opcodeNames[reader.opcode]!;
        // What was not replaced is there byte by byte.
        if (name !== 'return' && !name.startsWith('memory.'))
          assert.deepEqual(
            [...bytes.subarray(there, there + reader.end - reader.offset)],
            [...module.bytes.subarray(reader.offset, reader.end)],
          );
        count++;
      }
    }
    assert.ok(count > 40);
  });

  it('says nothing of offsets outside of the code', () => {
    const guest = new RewrittenGuest(wat(TEXT), everything, { env: { look: () => {} } });
    const { map, bytes } = guest.instrumented;
    assert.equal(map.toOriginal(rewrittenOffset(0)), undefined);
    assert.equal(map.toOriginal(rewrittenOffset(bytes.length)), undefined);
    assert.equal(map.toOriginal(rewrittenOffset(0xffffffff)), undefined);
    assert.equal(map.toRewritten(originalOffset(0)), undefined);
    assert.equal(map.toRewritten(originalOffset(guest.module.bytes.length)), undefined);
  });

  it('without a plan changes nothing but what is around the bodies', () => {
    const guest = new RewrittenGuest(wat(TEXT), () => NO_PLAN, { env: { look: () => {} } });
    assert.equal(guest.instrumented.exports.fuel, null);
    assert.equal(guest.instrumented.exports.depth, null);
    const at = guest.instrumented.map.toRewritten(originalOffset(guest.module.bodyEnd[0]! - 1));
    assert.ok(at !== undefined);
  });
});
