// I1 and I3 on programs made at random: the rewritten module computes, traps and writes what the raw one does; fuel does not
// depend on the chunk it is given in.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { framesOf } from '../instrument/frame-count.ts';
import type { ProbePlan } from '../instrument/plan.ts';
import { ALL_PROBES, NO_PLAN, outcomeOf, RewrittenGuest } from '../instrument/testing.ts';
import { type RandomModule, randomModule } from '../testing/random-module.ts';
import type { WasmModule } from '../wasm/module.ts';
import { chargeTable } from './charge-table.ts';

const PROGRAMS = 150;
const BUDGET = 400;

type Plan = (module: WasmModule) => ProbePlan;

const everythingBut =
  (canonicalNaN: boolean): Plan =>
  (module) => {
    const charges = chargeTable(module);
    return { ...NO_PLAN, charges, frameSlots: charges.frameSlots, canonicalNaN, chunkBulk: true, growHooks: true };
  };

/** What every call of a program came to, with the memory after each. */
function history({ calls }: RandomModule, instance: WebAssembly.Instance, guest?: RewrittenGuest): string[] {
  return calls.map(({ name, args }) => {
    guest?.forgetFrames();
    (instance.exports['budget'] as WebAssembly.Global).value = BUDGET;
    const outcome = outcomeOf(instance, name, args);
    const memory = Buffer.from((instance.exports['memory'] as WebAssembly.Memory).buffer);
    return `${name}(${args.join(', ')}) = ${outcome}, ${memory.length} bytes, ${hash(memory)}`;
  });
}

/** FNV-1a over the first 64 KiB and what else is not zero. */
function hash(bytes: Buffer): number {
  let state = 0x811c9dc5;
  for (let at = 0; at + 4 <= bytes.length; at += 4) state = Math.imul(state ^ bytes.readInt32LE(at), 0x01000193);
  return state >>> 0;
}

describe('programs made at random', () => {
  for (const [name, plan] of [
    ['fuel, depth, bulk and grow', everythingBut(false)],
    ['every probe', (module: WasmModule) => ({ ...everythingBut(false)(module), ...ALL_PROBES })],
    ['depth alone', (module: WasmModule) => ({ ...NO_PLAN, frameSlots: chargeTable(module).frameSlots })],
  ] as const)
    it(`I1: as raw, with ${name}`, () => {
      for (let seed = 0; seed < PROGRAMS; seed++) {
        const program = randomModule({ seed, simd: seed % 3 === 0 });
        const raw = new WebAssembly.Instance(new WebAssembly.Module(program.bytes));
        const guest = new RewrittenGuest(program.bytes, plan);
        assert.deepEqual(history(program, guest.instance, guest), history(program, raw), `seed ${seed}`);
      }
    });

  it('R3: with canonical NaNs, the same under every other choice', () => {
    for (let seed = 0; seed < PROGRAMS; seed++) {
      const program = randomModule({ seed, simd: seed % 3 === 0 });
      const alone = new RewrittenGuest(program.bytes, () => ({ ...NO_PLAN, canonicalNaN: true }));
      const all = new RewrittenGuest(program.bytes, everythingBut(true));
      assert.deepEqual(history(program, all.instance, all), history(program, alone.instance), `seed ${seed}`);
    }
  });

  it('I3: fuel is the same in chunks of any size, and coarsely woven', () => {
    for (let seed = 0; seed < PROGRAMS; seed++) {
      const program = randomModule({ seed });
      const guests = [1, 64, 100_000].map((chunk) => {
        const guest = new RewrittenGuest(program.bytes, everythingBut(false));
        guest.chunk = chunk;
        return guest;
      });
      const largest = Math.max(
        ...Array.from(guests[0]!.module.bodyEnd, (end, n) => end - guests[0]!.module.bodyStart[n]!),
      );
      try {
        guests.push(
          new RewrittenGuest(program.bytes, everythingBut(false), {}, Math.max(200, Math.round(largest * 1.4))),
        );
      } catch {
        // Too small a limit even for the coarse weave.
      }
      for (const guest of guests) history(program, guest.instance, guest);
      const [first, ...others] = guests.map((guest) => guest.consumed);
      for (const other of others) assert.equal(other, first, `seed ${seed}`);
    }
  });

  it('E8: calls that come back leave no frame behind', () => {
    for (let seed = 0; seed < PROGRAMS; seed++) {
      const program = randomModule({ seed });
      for (const { name, args } of program.calls) {
        const guest = new RewrittenGuest(program.bytes, (module) => ({
          ...NO_PLAN,
          frameSlots: chargeTable(module).frameSlots,
        }));
        (guest.instance.exports['budget'] as WebAssembly.Global).value = BUDGET;
        if (outcomeOf(guest.instance, name, args).startsWith('trap')) continue;
        assert.equal(framesOf(guest.depth), 0, `seed ${seed}, ${name}`);
      }
    }
  });
});
