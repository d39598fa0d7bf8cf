// The packed counters where they could run over or lose something: long bodies, charges between hooks, what a trap leaves behind. (I2, I3)
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProbePlan } from '../instrument/plan.ts';
import { ALL_PROBES, momentOf, NO_PLAN, outcomeOf, RewrittenGuest } from '../instrument/testing.ts';
import { unchargedAt } from '../instrument/uncharged.ts';
import { randomModule } from '../testing/random-module.ts';
import { wat } from '../testing/wat.ts';
import type { WasmModule } from '../wasm/module.ts';
import { chargeTable } from './charge-table.ts';

const BOTH = (module: WasmModule): ProbePlan => ({ ...NO_PLAN, charges: chargeTable(module), moments: true });
const FUEL = (module: WasmModule): ProbePlan => ({ ...NO_PLAN, charges: chargeTable(module) });
const MOMENTS = (): ProbePlan => ({ ...NO_PLAN, moments: true });

describe('fuel and moments in one word', () => {
  it('I2, I3: a loop of 150 000 free instructions, ten thousand times', () => {
    const text = `(module (func (export "f") (param i32) (loop ${'nop '.repeat(150_000)}
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`;
    const turns = 10_000;
    const guest = new RewrittenGuest(wat(text), BOTH);
    guest.chunk = 100_000;
    assert.equal(outcomeOf(guest.instance, 'f', [turns]), '');
    // the loop, its instructions and br_if at each turn, the two ends
    assert.equal(momentOf(guest), 1 + turns * (150_000 + 5) + 2);
    const alone = new RewrittenGuest(wat(text), FUEL);
    outcomeOf(alone.instance, 'f', [turns]);
    assert.equal(guest.consumed, alone.consumed);
  });

  it('I2: the hook sees the moment of its charge, whatever is charged ahead', () => {
    const text = `(module (func (export "f") (param i32)
      (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))) nop nop nop)))`;
    const guest = new RewrittenGuest(wat(text), BOTH);
    guest.chunk = 0;
    const moments: number[] = [];
    guest.onFuel = () => moments.push(momentOf(guest));
    outcomeOf(guest.instance, 'f', [3]);
    // at the entry, and behind `loop` at each turn of five instructions
    assert.deepEqual(moments, [0, 1, 6, 11]);
    assert.equal(momentOf(guest), 21);
  });

  it('I2, I3: what a trap leaves is what its place and the counters say', () => {
    const text = `(module (memory 1) (func (export "f") (param i32) (loop
      (drop (i32.load (local.get 0)))
      (local.set 0 (i32.add (local.get 0) (i32.const 4096)))
      (br 0))))`;
    const guest = new RewrittenGuest(wat(text), BOTH);
    assert.match(outcomeOf(guest.instance, 'f', [0]), /^trap: memory access out of bounds/);
    const { module } = guest;
    const load = module.bytes.indexOf(0x28, module.bodyStart[0]!);
    // sixteen whole turns of eight instructions, `loop` and `local.get`
    assert.equal(momentOf(guest) + unchargedAt(module, 0, load), 1 + 16 * 8 + 1);
  });

  it('I2: what is not charged at an instruction is what its site says', () => {
    let compared = 0;
    for (let seed = 0; seed < 60; seed++) {
      const { bytes } = randomModule({ seed, simd: seed % 3 === 0 });
      const { module, instrumented } = new RewrittenGuest(bytes, () => ({ ...NO_PLAN, ...ALL_PROBES }));
      const { sites } = instrumented;
      assert.ok(sites !== null);
      for (let n = 0; n < module.bodyStart.length; n++)
        for (let row = 0; row < sites.offset.length; row += 7) {
          const offset: number = sites.offset[row]!;
          if (offset < module.bodyStart[n]! || offset >= module.bodyEnd[n]! || sites.kind[row] !== 0) continue;
          assert.equal(unchargedAt(module, n, offset), sites.pending[row], `seed ${seed} at ${offset}`);
          compared++;
        }
    }
    assert.ok(compared > 1000, `${compared}`);
  });

  it('I2: a branch that is taken pays back what it passes over, under every choice of what is counted', () => {
    const text = `(module (func (export "f") (param i32) (result i32) (local i32)
      (block (block (block (br_if 0 (i32.and (local.get 0) (i32.const 1))) nop nop nop
        (br_if 1 (i32.and (local.get 0) (i32.const 2))) (br_if 2 (i32.and (local.get 0) (i32.const 4))) (br 1))
        nop nop) nop) (i32.const 7)))`;
    // local.get 0, i32.const, i32.and, br_if are four; `end` is passed by those that fall through it
    const passed = [3 + 4 + 3 + 4 + 4 + 1, 3 + 4 + 2 + 1, 3 + 4 + 3 + 4, 3 + 4 + 2 + 1, 3 + 4 + 3 + 4 + 4];
    const after = [1 + 1, 1 + 1, 1 + 1, 1 + 1, 0];
    for (const plan of [BOTH, MOMENTS])
      for (const [argument, count] of passed.entries()) {
        const guest = new RewrittenGuest(wat(text), plan);
        assert.equal(outcomeOf(guest.instance, 'f', [argument]), '7');
        assert.equal(momentOf(guest), count + after[argument]! + 2, `${argument}`);
      }
  });
});
