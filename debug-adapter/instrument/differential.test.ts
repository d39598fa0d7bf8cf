// I1 on modules that wasm-smith makes at random, by the thousand: rewritten under every plan they do what the original does, to the offset of
// each frame of each trap; and fuel and moments agree between the plans (I2, I3). The seeds are printed; WPD_SEED sets them.
import assert from 'node:assert/strict';
import process from 'node:process';
import { describe, it } from 'node:test';
import { emptyTally, runLockstep } from '../testing/differential.ts';
import { type GeneratedFeatures, generatedModules, needsGenerator } from '../testing/differential-corpus.ts';

/** Modules in one run of `npm test`. WPD_MODULES multiplies it. */
const SHARE: Readonly<Record<GeneratedFeatures, number>> = { plain: 1500, simd: 1000, relaxed: 500 };
const TIMES = Number(process.env['WPD_MODULES'] ?? 1);
const SEED = Number(process.env['WPD_SEED'] ?? Math.floor(Math.random() * 1e9) * 1000);

describe('modules made at random', needsGenerator(), () => {
  for (const features of ['plain', 'simd', 'relaxed'] as const) {
    const count = Math.ceil(SHARE[features] * TIMES);
    it(`I1, I2, I3: ${count} modules of wasm-smith, ${features}, as the original under every plan`, (test) => {
      test.diagnostic(`seeds ${SEED} to ${SEED + count - 1} (WPD_SEED=${SEED})`);
      const { modules, refused } = generatedModules(SEED, count, features);
      assert.ok(refused.length <= count / 100, `wasmi or wasm-smith refused ${refused.length}:\n${refused.join('\n')}`);
      const tally = emptyTally();
      for (const subject of modules) runLockstep(subject, tally);
      test.diagnostic(JSON.stringify(tally));
      // it is not proven by modules that do nothing
      assert.ok(tally.calls - tally.traps > count, 'too few calls came to an end');
      assert.ok(tally.traps > count / 10, 'too few calls trapped');
      assert.ok(tally.hostCalls > count / 10, 'too few host calls');
      assert.ok(tally.overflows < count / 20, 'too often the stack of V8 ran out');
    });
  }
});
