// Runs inside VS Code: Mocha (BDD) over the suites built beside this file. SUITE names the directory of suites ('.' or a
// folder here); SUITE_COUNTS is the file for the counts, written last, so that it is also the receipt that the suite ended.
/// <reference types="mocha" />
import fs from 'node:fs';
import path from 'node:path';
import type { Counts } from '../../../scripts/counts-reporter.ts';

/** What VS Code calls. Rejects when a test failed. */
export async function run(): Promise<void> {
  const { default: Mocha } = await import('mocha');
  const only = process.env['SUITE_GREP'];
  const mocha = new Mocha({ ui: 'bdd', timeout: 240_000, ...(only ? { grep: only } : {}) });
  const directory = path.join(__dirname, process.env['SUITE'] ?? '.');
  for (const name of fs.readdirSync(directory).sort()) {
    if (!name.endsWith('.test.cjs')) continue;
    const file = path.join(directory, name);
    // what Mocha's own loader does; that one is ESM, where `vscode` can't be had
    mocha.suite.emit('pre-require', globalThis, file, mocha);
    mocha.suite.emit('require', require(file), file, mocha);
    mocha.suite.emit('post-require', globalThis, file, mocha);
  }
  const counts: Counts = { passed: 0, failed: 0, skipped: [] };
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('pass', () => counts.passed++);
    runner.on('fail', () => counts.failed++);
    runner.on('pending', (test) => counts.skipped.push(test.fullTitle()));
  });
  const receipt = process.env['SUITE_COUNTS'];
  if (receipt) fs.writeFileSync(receipt, JSON.stringify(counts));
  if (counts.failed > 0) throw new Error(`${counts.failed} failed`);
}
