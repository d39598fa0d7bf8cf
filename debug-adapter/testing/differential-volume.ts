// Runs many modules of the generator in one test, with a seed that it prints: WPD_SEED sets it, WPD_MODULES multiplies the number of modules.
// Only tests import it.
import assert from 'node:assert/strict';
import process from 'node:process';
import type { TestContext } from 'node:test';
import { runLockstep } from './differential.ts';
import { type GeneratedFeatures, generatedModules } from './differential-corpus.ts';
import { emptyTally } from './differential-tally.ts';

const TIMES = Number(process.env['WPD_MODULES'] ?? 1);
const SEED = Number(process.env['WPD_SEED'] ?? Math.floor(Math.random() * 1e12));

/** @throws Error at the first difference, with the command that runs its module alone */
export function runGenerated(test: TestContext, features: GeneratedFeatures, share: number): void {
  const count = Math.ceil(share * TIMES);
  test.diagnostic(`modules ${SEED} to ${SEED + count - 1} (WPD_SEED=${SEED})`);
  const { modules, refused } = generatedModules(SEED, count, features);
  assert.ok(refused.length <= count / 100, `wasmi or wasm-smith refused ${refused.length}:\n${refused.join('\n')}`);
  const tally = emptyTally();
  for (const subject of modules) runLockstep(subject, tally);
  test.diagnostic(JSON.stringify(tally));
  // nothing is proven by modules that do nothing, but of a few all may do nothing
  if (count < 100) return;
  assert.ok(tally.calls - tally.traps > count, `only ${tally.calls - tally.traps} calls came to an end`);
  assert.ok(tally.traps > count / 10, `only ${tally.traps} calls trapped`);
  assert.ok(tally.hostCalls > count / 50, `only ${tally.hostCalls} host calls`);
  assert.ok(tally.watched > count / 20, `only ${tally.watched} watched memories were stored into`);
  assert.ok(tally.overflows <= count / 20, `the stack of V8 ran out ${tally.overflows} times`);
}
