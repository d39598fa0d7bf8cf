// I1 on modules that wasm-smith makes at random, by the thousand: rewritten under every plan they do what the original does, to the offset of
// each frame of each trap; and fuel and moments agree between the plans (I2, I3). SIMD: differential-simd.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runLockstep } from '../testing/differential.ts';
import { generatedModules, needsGenerator } from '../testing/differential-corpus.ts';
import { emptyTally } from '../testing/differential-tally.ts';
import { runGenerated } from '../testing/differential-volume.ts';
import type { NamedPlan } from '../testing/plans.ts';
import { entryCharges, NO_PLAN } from './testing.ts';

/** So much fuel at each function's entry. */
const charged = (cost: number): NamedPlan => ({
  name: `${cost} for each entry`,
  make: (module) => ({ ...NO_PLAN, charges: entryCharges(module, cost) }),
});

describe('modules made at random', needsGenerator(), () => {
  it('I1, I2, I3: modules of wasm-smith do rewritten, under every plan, what they do as they are', (test) => {
    runGenerated(test, 'plain', 1000);
  });

  it('a difference is told with the command that shows it again', () => {
    const [subject] = generatedModules(1, 1, 'plain').modules;
    assert.ok(subject);
    assert.throws(
      () => runLockstep(subject, emptyTally(), [charged(1), charged(2)]),
      /\d+ fuel with 2 for each entry, \d+ with 1 for each entry\nAgain: node debug-adapter\/testing\/differential-seed\.ts 1 plain/,
    );
  });

  it('a number makes the same module each time', () => {
    assert.deepEqual(generatedModules(77, 20, 'simd'), generatedModules(77, 20, 'simd'));
    const alone = generatedModules(90, 1, 'simd').modules[0];
    assert.deepEqual(
      generatedModules(77, 20, 'simd').modules.find(({ seed }) => seed === '90'),
      alone,
    );
  });
});
