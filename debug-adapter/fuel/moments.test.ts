// Moments against the plainest count there is: a site before every instruction, each armed, and one more for each that is passed. Then the
// same moments under every other plan. (I1, I2)
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProbePlan } from '../instrument/plan.ts';
import { ALL_PROBES, armAll, momentOf, NO_PLAN, outcomeOf, RewrittenGuest } from '../instrument/testing.ts';
import { randomModule } from '../testing/random-module.ts';
import type { WasmModule } from '../wasm/module.ts';
import { chargeTable } from './charge-table.ts';

const PROGRAMS = 150;
const BUDGET = 200;

const MOMENTS = { ...NO_PLAN, moments: true };
const PLANS: Record<string, (module: WasmModule) => ProbePlan> = {
  'moments alone': () => MOMENTS,
  'fuel and depth': (module) => {
    const charges = chargeTable(module);
    return { ...MOMENTS, charges, frameSlots: charges.frameSlots };
  },
  'canonical NaNs, chunks, grow hooks': () => ({ ...MOMENTS, canonicalNaN: true, chunkBulk: true, growHooks: true }),
  'entries and block counts': () => ({
    ...MOMENTS,
    sites: { ...ALL_PROBES.sites, functions: new Uint8Array(0) },
    blockCounts: true,
  }),
  'bare sites': (module) => ({
    ...MOMENTS,
    charges: chargeTable(module),
    sites: { entries: true, functions: new Uint8Array(0), offsets: new Uint32Array(0), bare: everyOffset(module) },
  }),
  'sites that show locals': (module) => ({
    ...MOMENTS,
    charges: chargeTable(module),
    sites: { ...ALL_PROBES.sites, entries: false, functions: new Uint8Array(0), shown: everyOffset(module) },
  }),
  'every probe, none armed': (module) => ({ ...NO_PLAN, charges: chargeTable(module), ...ALL_PROBES }),
};

/** Every byte of the code: what is no instruction is passed over. */
const everyOffset = (module: WasmModule): Uint32Array =>
  Uint32Array.from(
    { length: (module.bodyEnd.at(-1) ?? 0) - (module.bodyStart[0] ?? 0) },
    (_, n) => (module.bodyStart[0] ?? 0) + n,
  );

/** A count beside the guest's own. */
interface Count {
  passed(): number;
  /** The call has trapped: what its last block had not charged is lost. */
  trapped(): void;
}

/** What each call of a program came to, and the moment after it. */
function moments(seed: number, guest: RewrittenGuest, count?: Count): string[] {
  const { calls } = randomModule({ seed, simd: seed % 3 === 0 });
  return calls.map(({ name, args }) => {
    guest.forgetFrames();
    (guest.instance.exports['budget'] as WebAssembly.Global).value = BUDGET;
    const outcome = outcomeOf(guest.instance, name, args);
    const moment = momentOf(guest);
    if (outcome.startsWith('trap')) count?.trapped();
    else if (count !== undefined) assert.equal(moment, count.passed(), `seed ${seed}: ${name}`);
    return `${name} = ${outcome} at ${moment}`;
  });
}

describe('moments', () => {
  let stops = 0;
  const counted = Array.from({ length: PROGRAMS }, (_, seed) => {
    const { bytes } = randomModule({ seed, simd: seed % 3 === 0 });
    const guest = new RewrittenGuest(bytes, () => ({ ...NO_PLAN, canonicalNaN: true, ...ALL_PROBES }));
    armAll(guest);
    let passed: number | undefined;
    guest.onProbe = (site) => {
      const moment = momentOf(guest) + (guest.instrumented.sites?.pending[site] ?? 0);
      stops++;
      assert.equal(moment, passed ?? moment, `seed ${seed}: at ${guest.instrumented.sites?.offset[site]}`);
      passed = moment + 1;
    };
    const count: Count = {
      passed: () => passed ?? 0,
      trapped: () => {
        passed = undefined;
      },
    };
    return { seed, bytes, history: moments(seed, guest, count) };
  });

  it('I2: the count is that of the instructions passed, at every one of them', () => {
    assert.ok(stops > 100_000, `${stops}`);
  });

  for (const [name, plan] of Object.entries(PLANS))
    it(`I2: the same with ${name}`, () => {
      for (const { seed, bytes, history } of counted) {
        const guest = new RewrittenGuest(bytes, (module) => ({ ...plan(module), canonicalNaN: true }));
        assert.deepEqual(moments(seed, guest), history, `seed ${seed}`);
      }
    });
});
