// `npm test`: everything, one step after the other, with a summary; the last line is `N passed, N failed`.
// `--only STEP,…` runs some of the steps; further words choose test files whose path contains one of them.
// What is lacking on this machine is installed or skipped, with a sentence; where CI=true a skip is a failure.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { prepareBrowser } from '../src/test/harness/browser.ts';
import { prepareWorkbench } from '../src/test/harness/workbench.ts';
import type { Counts } from './counts-reporter.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-'));

const { values, positionals: words } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });

function run(script: string, args: readonly string[], env = process.env): boolean {
  const { status, error } = spawnSync(process.execPath, [script, ...args], { cwd: root, env, stdio: 'inherit' });
  if (error) console.error(`${script} did not start: ${error.message}`);
  return status === 0;
}

/** Runs something that is one test as a whole. */
const single = (script: string, ...args: string[]): Counts => {
  const passed = run(script, args);
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: [] };
};

const sum = (parts: readonly Counts[]): Counts => ({
  passed: parts.reduce((total, part) => total + part.passed, 0),
  failed: parts.reduce((total, part) => total + part.failed, 0),
  skipped: parts.flatMap((part) => part.skipped),
});

/** Runs something that writes its counts into a file, whose name `args` gets. Without that file it has failed. */
function counted(args: (file: string) => [string, ...string[]], env?: NodeJS.ProcessEnv): Counts {
  const file = path.join(scratch, 'counts.json');
  fs.rmSync(file, { force: true });
  const [script, ...more] = args(file);
  const succeeded = run(script, more, env);
  let counts: Counts = { passed: 0, failed: 1, skipped: [] };
  if (fs.existsSync(file)) counts = JSON.parse(fs.readFileSync(file, 'utf8')) as Counts;
  // a runner that failed for a reason of its own
  if (!succeeded && counts.failed === 0) counts.failed = 1;
  return counts;
}

function nodeTests(globs: readonly string[], concurrency: number, env = process.env): Counts {
  const files = globs
    .flatMap((glob) => fs.globSync(glob, { cwd: root, exclude: ['**/node_modules/**', '**/target/**'] }))
    .filter((file) => words.length === 0 || words.some((word) => file.replaceAll(path.sep, '/').includes(word)))
    .sort();
  if (files.length === 0) return { passed: 0, failed: words.length > 0 ? 0 : 1, skipped: [] };
  return counted(
    (file) => [
      '--test',
      `--test-concurrency=${concurrency}`,
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...['--test-reporter=./scripts/counts-reporter.ts', `--test-reporter-destination=${file}`],
      ...files,
    ],
    env,
  );
}

let built: Counts | undefined;
/** The bundles and the suites, once; its failure is counted where it is first needed. */
function build(): Counts {
  built ??= { ...single('scripts/build.ts', '--strict', '--tests'), passed: 0 };
  return built;
}

/** The Node programs behind the commands of node_modules/.bin, which on Windows are shell scripts. */
const bin = (name: string, file: string) => path.join('node_modules', name, file);

const STEPS: Record<string, () => Counts> = {
  check: () =>
    sum([
      single(bin('typescript', 'bin/tsc'), '--noEmit'),
      // what runs in a browser has other globals
      single(bin('typescript', 'bin/tsc'), '--noEmit', '-p', 'src/transcript/webview'),
      single(bin('@biomejs/biome', 'bin/biome'), 'check', '.'),
      single('scripts/check-rooms.ts'),
    ]),
  plugins: () => {
    const { status, stdout } = spawnSync(process.execPath, ['test-plugins/build.ts'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    process.stdout.write(stdout ?? '');
    const skipped = [...(stdout ?? '').matchAll(/^skipped (.*)$/gm)].map(([, sentence = '']) => sentence);
    return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped };
  },
  package: () => {
    const packed = single('scripts/package.ts', '--out', path.join(scratch, 'package.vsix'));
    if (packed.failed > 0) return packed;
    // the bundles as they ship, which find their worker beside them
    const call = ['call', 'test-plugins/hello/hello.wasm', 'greet', '{"name":"Ada"}'];
    return sum([packed, single('dist/cli.js', ...call, '--mocks', 'test-plugins/hello/hello.mocks.json')]);
  },
  unit: () =>
    nodeTests(
      [
        'bench/*.test.ts',
        'debug-adapter/**/*.test.ts',
        'scripts/*.test.ts',
        'src/!(test)/**/*.test.ts',
        'src/*.test.ts',
        'syntaxes/*.test.ts',
      ],
      // Node leaves one core out; but a test waits for workers and processes much of its time
      Math.max(2, os.availableParallelism() - 1),
      // each file is a process of its own, and most load the same sources: their types are stripped, and they are compiled, once
      { ...process.env, NODE_COMPILE_CACHE: path.join(scratch, 'compiled') },
    ),
  vscode: () => {
    const ready = build();
    if (ready.failed > 0) return ready;
    return counted((file) => ['src/test/harness/run-vscode-tests.ts', '--counts', file]);
  },
  webview: () => {
    const lacking = prepareBrowser();
    if (lacking) return { passed: 0, failed: 0, skipped: [`The tests of the transcript panel's page: ${lacking}.`] };
    return nodeTests(['src/test/webview/**/*.test.ts'], 1);
  },
  ui: () => {
    if (process.platform !== 'linux') {
      console.log('The UI tests drive code-server in Chromium, and run on Linux only.');
      return { passed: 0, failed: 0, skipped: [] };
    }
    const lacking = prepareWorkbench();
    if (lacking) return { passed: 0, failed: 0, skipped: [`The UI tests: ${lacking}.`] };
    const ready = build();
    if (ready.failed > 0) return ready;
    return nodeTests(['src/test/ui/**/*.test.ts'], 1);
  },
};

function main(): number {
  const chosen = values.only?.split(',') ?? Object.keys(STEPS);
  const unknown = chosen.filter((name) => !(name in STEPS));
  if (unknown.length > 0) {
    console.error(`There is no step ${unknown.join(', ')}; there are ${Object.keys(STEPS).join(', ')}.`);
    return 2;
  }
  const results: [string, Counts, number][] = [];
  for (const name of chosen) {
    console.log(`\n=== ${name}`);
    const start = performance.now();
    const counts = STEPS[name]?.() ?? { passed: 0, failed: 1, skipped: [] };
    results.push([name, counts, (performance.now() - start) / 1000]);
  }
  const total = sum(results.map(([, counts]) => counts));
  console.log('\n=== summary');
  for (const [name, { passed, failed, skipped }, seconds] of results) {
    const also = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
    console.log(`${name.padEnd(8)} ${passed} passed, ${failed} failed${also} (${seconds.toFixed(1)} s)`);
  }
  for (const what of total.skipped) console.log(`skipped: ${what}`);
  if (process.env['CI'] === 'true' && total.skipped.length > 0) {
    console.log('Nothing may be skipped where CI=true: each counts as failed.');
    total.failed += total.skipped.length;
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed > 0 ? 1 : 0;
}

try {
  process.exitCode = main();
} finally {
  fs.rmSync(scratch, { recursive: true, force: true });
}
