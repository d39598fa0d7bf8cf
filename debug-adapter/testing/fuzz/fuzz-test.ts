// A test that fuzzes one target: the same inputs each time, and some that are new each time, whose seed is printed. Only *.fuzz.test.ts files import it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fuzz, save, told } from './fuzz.ts';
import { moduleOf, type TargetName } from './targets.ts';

const FIXED = 20_240_101;

/** Adds a test of `count` inputs of a fixed seed, and as many of one at random. `FUZZ_SEED` in the environment chooses the latter. */
export function fuzzTest(name: TargetName, count: number): void {
  it(`fuzz: ${name}, ${2 * count} inputs`, async (t) => {
    const random = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
    t.diagnostic(`seeds ${FIXED} and ${random}`);
    for (const seed of [FIXED, random]) {
      const { ran, finding } = await fuzz(moduleOf(name), { seed, count });
      if (finding !== undefined) assert.fail(`${told(finding)}\nsaved: ${save(finding)}\n${finding.stack}`);
      assert.equal(ran, count);
    }
  });
}
