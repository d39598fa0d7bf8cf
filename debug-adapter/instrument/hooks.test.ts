// What the rewritten module asks of its hooks: fuel by chunks, the two stack limits, grows, long bulk operations. (E8, E9, I3, R1)
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wat } from '../testing/wat.ts';
import type { WasmModule } from '../wasm/module.ts';
import { framesOf, slotsOf } from './frame-count.ts';
import { type ProbePlan, STACK_LIMIT } from './plan.ts';
import { entryCharges, NO_PLAN, outcomeOf, RewrittenGuest } from './testing.ts';

const RECURSION = `(module
  (import "env" "look" (func $look))
  (func $down (export "down") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
  (func $leaf (result i32) (i32.const 0))
  (func $toLeaf (export "toLeaf") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (call $leaf))))
    (i32.add (call $toLeaf (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
  (func $toImport (export "toImport") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (call $look) (return (i32.const 0))))
    (i32.add (call $toImport (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
  (func $tail (export "tail") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (call $down (i32.const 998)))))
    (return_call $tail (i32.sub (local.get 0) (i32.const 1))))
  (func (export "ways") (param i32) (result i32)
    (block (block (block (br_table 0 1 2 (local.get 0))) (return (call $leaf))) (drop (call $leaf)) (return (i32.const 5)))
    (call $leaf)))`;

/** Every frame has `slots` slots; the last function, which is not called here, has `largest`. */
const withSlots =
  (slots: number, largest: number) =>
  (module: WasmModule): ProbePlan => {
    const frameSlots = new Uint32Array(module.bodyStart.length).fill(slots);
    frameSlots[frameSlots.length - 1] = largest;
    return { ...NO_PLAN, frameSlots };
  };

function recursion(slots: number, largest: number, look = () => {}): RewrittenGuest {
  return new RewrittenGuest(wat(RECURSION), withSlots(slots, largest), { env: { look } });
}

describe('E8: depth and stack', () => {
  for (const [counted, largest] of [
    ['frames alone', 9],
    ['frames and slots', 1000],
  ] as const) {
    it(`E8: 1 000 live frames run, the 1 001st traps, in the guest and in a leaf; ${counted}`, () => {
      const guest = recursion(3, largest);
      assert.equal(outcomeOf(guest.instance, 'down', [999]), '999');
      assert.equal(outcomeOf(guest.instance, 'toLeaf', [998]), '998');
      assert.equal(framesOf(guest.depth), 0, 'every frame was left');
      assert.equal(outcomeOf(guest.instance, 'down', [1000]), 'trap: call stack exhausted: frames 1, slots 0');
      const other = recursion(3, largest);
      assert.equal(outcomeOf(other.instance, 'toLeaf', [999]), 'trap: call stack exhausted: frames 1, slots 0');
    });

    it(`E8: an import is no frame, and sees how many there are; ${counted}`, () => {
      let seen = 0;
      const guest: RewrittenGuest = recursion(7, largest, () => {
        seen = framesOf(guest.depth);
        assert.equal(slotsOf(guest.depth), largest < 1000 ? undefined : 7000);
      });
      assert.equal(outcomeOf(guest.instance, 'toImport', [999]), '999');
      assert.equal(seen, 1000);
    });

    it(`E8: a tail call takes the place of its frame; ${counted}`, () => {
      const guest = recursion(1, largest);
      assert.equal(outcomeOf(guest.instance, 'tail', [100_000]), '998');
      assert.equal(framesOf(guest.depth), 0);
    });

    it(`E8: every way out of a function leaves its frame; ${counted}`, () => {
      const guest = recursion(9, largest);
      const start = guest.depth;
      for (const way of [0, 1, 2, 3]) outcomeOf(guest.instance, 'ways', [way]);
      assert.equal(guest.depth, start);
    });
  }

  it('E8: the value stack ends where wasmi has it, before the frames do', () => {
    // wasmi refuses a frame of n slots when n >= limit - used.
    const slots = 2500;
    const frames = Math.ceil(STACK_LIMIT / slots) - 1;
    const guest = recursion(slots, slots);
    assert.equal(outcomeOf(guest.instance, 'down', [frames - 1]), String(frames - 1));
    assert.equal(outcomeOf(guest.instance, 'down', [frames]), 'trap: call stack exhausted: frames 0, slots 1');
  });

  it('E8: frames of 999 slots end by their number, frames of 1 000 by their slots', () => {
    assert.equal(outcomeOf(recursion(999, 999).instance, 'down', [999]), '999');
    assert.equal(
      outcomeOf(recursion(999, 999).instance, 'down', [1000]),
      'trap: call stack exhausted: frames 1, slots 0',
    );
    assert.equal(
      outcomeOf(recursion(1000, 1000).instance, 'down', [999]),
      'trap: call stack exhausted: frames 0, slots 1',
    );
  });
});

const MEMORY = `(module
  (memory (export "memory") 1 100) (table 1 5 funcref)
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "growTable") (param i32) (result i32) (table.grow (ref.null func) (local.get 0)))
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "nothing")))`;

describe('grow hooks', () => {
  const plan = (): ProbePlan => ({ ...NO_PLAN, growHooks: true });

  it('R1: each grow is asked for and told, failed ones too', () => {
    const guest = new RewrittenGuest(wat(MEMORY), plan);
    assert.equal(outcomeOf(guest.instance, 'grow', [2]), '1');
    assert.equal(outcomeOf(guest.instance, 'grow', [-1]), '-1');
    assert.equal(outcomeOf(guest.instance, 'growTable', [3]), '1');
    assert.deepEqual(guest.log, [
      ...['growBefore 0 0 2', 'growAfter 0 0 2 1', 'growBefore 0 0 4294967295', 'growAfter 0 0 4294967295 -1'],
      ...['growBefore 1 0 3', 'growAfter 1 0 3 1'],
    ]);
  });

  it('E9: a refused grow answers -1 and leaves the memory as it was', () => {
    const guest = new RewrittenGuest(wat(MEMORY), plan);
    guest.refuseGrow = true;
    assert.equal(outcomeOf(guest.instance, 'grow', [2]), '-1');
    assert.equal((guest.instance.exports['memory'] as WebAssembly.Memory).buffer.byteLength, 65536);
    assert.deepEqual(guest.log, ['growBefore 0 0 2', 'growAfter 0 0 2 -1']);
  });
});

describe('fuel', () => {
  const plan = (module: WasmModule): ProbePlan => ({ ...NO_PLAN, charges: entryCharges(module, 10) });

  it('I3: the hook is entered when the chunk is used up, not when it is just empty', () => {
    const guest = new RewrittenGuest(wat(MEMORY), plan);
    guest.chunk = 30;
    for (let calls = 1; calls <= 7; calls++) outcomeOf(guest.instance, 'nothing', []);
    assert.equal(guest.consumed, 70);
    // At the 1st, 4th and 7th call.
    assert.equal(guest.fuelHookCalls, 3);
  });

  it('I3: bulk operations cost by size, after the bounds were checked', () => {
    const cost = (name: string, ...args: number[]) => {
      const guest = new RewrittenGuest(wat(MEMORY), plan);
      outcomeOf(guest.instance, name, args);
      return guest.consumed - 10;
    };
    assert.equal(cost('fill', 0, 1, 6400), 100);
    assert.equal(cost('fill', 0, 1, 63), 0);
    assert.equal(cost('fill', 0, 1, 65536), 1024);
    assert.equal(cost('fill', 1, 1, 65536), 0, 'out of bounds costs nothing');
    assert.equal(cost('copy', 0, 128, 128), 2);
    assert.equal(cost('copy', 0, 65535, 2), 0);
    assert.equal(cost('grow', 3), 3 * 1024);
    assert.equal(cost('grow', 99), 99 * 1024);
    assert.equal(cost('grow', 100), 0, 'beyond the declared maximum');
    assert.equal(cost('grow', 0), 0);
    assert.equal(cost('growTable', 4), 0, '4 values of 8 bytes are under 64');
    assert.equal(cost('growTable', 5), 0, 'beyond the declared maximum');
  });
});

describe('long bulk operations', () => {
  it('E2: the hook comes between pieces of 1 MiB above 16 MiB, and not below', () => {
    const text = MEMORY.replace('1 100', '1024');
    const guest = new RewrittenGuest(wat(text), () => ({ ...NO_PLAN, chunkBulk: true }));
    outcomeOf(guest.instance, 'fill', [0, 1, 16 << 20]);
    assert.equal(guest.log.length, 0);
    outcomeOf(guest.instance, 'fill', [0, 1, 20 << 20]);
    assert.equal(guest.log.length, 19);
    outcomeOf(guest.instance, 'copy', [1, 0, (20 << 20) + 1]);
    assert.equal(guest.log.length, 39);
    outcomeOf(guest.instance, 'copy', [0, 1, (20 << 20) + 1]);
    assert.equal(guest.log.length, 59);
    outcomeOf(guest.instance, 'fill', [60 << 20, 1, 20 << 20]);
    assert.equal(guest.log.length, 59, 'out of bounds: nothing is written');
  });
});
