// I1 against production's own engine: modules that wasm-smith makes at random, with the results, traps and memories that wasmi 1.0.3 gives them.
// The generator runs wasmi; here the rewritten modules do the same calls.
import assert from 'node:assert/strict';
import process from 'node:process';
import { describe, it } from 'node:test';
import { measuredModules, needsGenerator } from '../testing/differential-corpus.ts';
import { holdAgainstWasmi, type WasmiTally } from '../testing/differential-wasmi.ts';
import { PLANS } from '../testing/plans.ts';

const COUNT = Math.ceil(1000 * Number(process.env['WPD_MODULES'] ?? 1));
const SEED = Number(process.env['WPD_SEED'] ?? Math.floor(Math.random() * 1e12));

describe('wasmi 1.0.3', needsGenerator(), () => {
  it('I1: rewritten modules give what wasmi gives, and trap where it traps', (test) => {
    test.diagnostic(`modules ${SEED} to ${SEED + COUNT - 1} (WPD_SEED=${SEED})`);
    const plans = PLANS.filter(({ name }) => name === 'fuel and depth' || name === 'everything');
    const tally: WasmiTally = { calls: 0, traps: 0, uninstantiable: 0, overflows: 0, fuel: 0, charged: 0 };
    for (const [n, subject] of measuredModules(SEED, COUNT).entries())
      try {
        holdAgainstWasmi(subject, plans[n % plans.length]!, tally);
      } catch (cause) {
        throw new Error(`module ${subject.seed} (WPD_SEED=${subject.seed} runs it first): ${cause}`, { cause });
      }
    test.diagnostic(JSON.stringify(tally));
    assert.ok(tally.calls - tally.traps > COUNT, `only ${tally.calls - tally.traps} calls came to an end`);
    assert.ok(tally.overflows <= COUNT / 50, `the stack of V8 ran out ${tally.overflows} times`);
    // I3: the model is said to be about right
    const ratio = tally.charged / tally.fuel;
    test.diagnostic(`fuel charged for each unit that wasmi consumes: ${ratio.toFixed(3)}`);
    assert.ok(ratio > 0.7 && ratio < 1.3, `${ratio}`);
  });
});
