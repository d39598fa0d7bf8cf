// The front door to the suites that run inside VS Code. The VS Code is VSCODE_EXECUTABLE if that is set, else one that
// @vscode/test-electron downloads, else (no network, or no display) the stand-in of code.ts.
// `--counts FILE` writes {"passed","failed","skipped"} summed over the runs; SUITE_GREP=TEXT runs the tests whose name says TEXT.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import type { Counts } from '../../../scripts/counts-reporter.ts';
import { writeSettings } from './server.ts';
import { prepareWorkbench } from './workbench.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const STAND_IN = path.join(root, 'src/test/harness/code.ts');

type Run = { name: string; suite: string; folder: string; trusted: boolean };

/** Each is a VS Code of its own, on a copy of its folder. */
const RUNS: readonly Run[] = [
  { name: 'a trusted workspace', suite: '.', folder: 'test-plugins/hello', trusted: true },
  { name: 'a workspace that is not trusted', suite: 'untrusted', folder: 'test-plugins/hello', trusted: false },
];

async function findVSCode(): Promise<string> {
  const named = process.env['VSCODE_EXECUTABLE'];
  if (named) return path.resolve(named);
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) {
    console.log(
      'No display: the suites run in code-server. (For the desktop VS Code: xvfb-run -a npm run test:vscode.)',
    );
    return STAND_IN;
  }
  try {
    return await downloadAndUnzipVSCode({ cachePath: path.join(root, '.vscode-test'), timeout: 20_000 });
  } catch (error) {
    console.log(
      `VS Code could not be downloaded (${error instanceof Error ? error.message : error}): code-server it is.`,
    );
    return STAND_IN;
  }
}

function launch(executable: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(executable, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', (error) => resolve(`${executable} did not start: ${error.message}`));
    child.on('exit', (code, signal) => resolve(signal ? `ended by ${signal}` : `exit code ${code}`));
  });
}

async function runOne(executable: string, run: Run): Promise<Counts> {
  // short, because VS Code puts a socket into it whose path may have 103 characters
  const base = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-'));
  try {
    const folder = path.join(base, path.basename(run.folder));
    fs.cpSync(path.join(root, run.folder), folder, {
      recursive: true,
      filter: (file) => path.basename(file) !== 'target' && path.basename(file) !== 'node_modules',
    });
    const receipt = path.join(base, 'counts.json');
    writeSettings(path.join(base, 'user'));
    const args = [
      ...['--no-sandbox', '--disable-gpu-sandbox', '--disable-updates', '--skip-welcome', '--skip-release-notes'],
      ...(run.trusted ? ['--disable-workspace-trust'] : []),
      `--user-data-dir=${path.join(base, 'user')}`,
      `--extensions-dir=${path.join(base, 'extensions')}`,
      `--extensionDevelopmentPath=${root}`,
      `--extensionTestsPath=${path.join(root, 'dist/test/suite/index.cjs')}`,
      folder,
    ];
    const env = { SUITE: run.suite, SUITE_COUNTS: receipt, WPD_ROOT: root };
    const ended = await launch(executable, args, env);
    if (fs.existsSync(receipt)) return JSON.parse(fs.readFileSync(receipt, 'utf8')) as Counts;
    console.error(`${run.name}: the extension host ended before its suite did (${ended}).`);
    return { passed: 0, failed: 1, skipped: [] };
  } finally {
    fs.rmSync(base, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { counts: { type: 'string' } } });
  const executable = await findVSCode();
  const total: Counts = { passed: 0, failed: 0, skipped: [] };
  const lacking = executable === STAND_IN ? prepareWorkbench() : undefined;
  if (lacking) total.skipped.push(`The suites in VS Code: ${lacking}. Or set VSCODE_EXECUTABLE to a desktop VS Code.`);
  for (const run of lacking ? [] : RUNS) {
    console.log(`\nIn ${run.name}:`);
    const { passed, failed, skipped } = await runOne(executable, run);
    total.passed += passed;
    total.failed += failed;
    total.skipped.push(...skipped);
  }
  if (values.counts) fs.writeFileSync(values.counts, JSON.stringify(total));
  console.log(`\n${total.passed} passed, ${total.failed} failed in VS Code`);
  process.exit(total.failed > 0 ? 1 : 0);
}

await main();
