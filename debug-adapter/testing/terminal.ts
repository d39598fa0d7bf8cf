// The terminal as a process, for tests: cli.ts as one JavaScript file beside the bundled worker, as it ships, since from its sources each
// start costs half a second. Only tests import it.
import { type ChildProcess, spawn } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { bundledWorker } from './bundled-worker.ts';

/** Commands run here, so that they name files as people do. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The program from its sources. */
export const SOURCE = fileURLToPath(new URL('../cli.ts', import.meta.url));
const BUNDLE = fileURLToPath(new URL('cli.mjs', bundledWorker));

buildSync({
  entryPoints: [SOURCE],
  outfile: BUNDLE,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  // jsonc-parser's `main` is UMD, whose inner requires can't be bundled
  mainFields: ['module', 'main'],
  // dependencies written as CommonJS call require() for Node's own modules (scripts/build.ts)
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TerminalOptions {
  /** The program: BUNDLE, unless told otherwise. */
  readonly program?: string;
  /** Options of Node itself. */
  readonly node?: readonly string[];
  /** Is told of the process once it runs. */
  readonly started?: (child: ChildProcess) => void;
}

/** Processes that may run at once: each has a worker of its own. */
let free = Math.max(2, os.availableParallelism());
const waiting: (() => void)[] = [];

/** Runs `wasmi-plugin-debugger` with `words` in the project's folder, without stdin. */
export async function terminal(words: readonly string[], options: TerminalOptions = {}): Promise<Ended> {
  if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
  else free--;
  try {
    return await run(words, options);
  } finally {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }
}

function run(words: readonly string[], { program = BUNDLE, node = [], started }: TerminalOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...node, program, ...words], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
    started?.(child);
  });
}

/** A call's output with what is another each time (times, and fuel while its model grows exact) made the same. */
function steady(text: string): string {
  return text
    .replaceAll(/^ *\d+\.\d{3} ms/gm, '     0.000 ms')
    .replaceAll(/^( *0\.000 ms {2}) *≈[\d ]+?(?= {2})/gm, '$1           ≈N')
    .replaceAll(/≈[\d ]+ fuel/g, '≈N fuel')
    .replaceAll(/≈N fuel, [\d ]+ yields?,/g, '≈N fuel, N yields,')
    .replaceAll(/, [\d ]+ ms$/gm, ', N ms');
}

/** A command and all that came of it, as one text. */
export function transcriptOf(words: readonly string[], { code, stdout, stderr }: Ended): string {
  const shown = words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(' ');
  const part = (name: string, text: string) => (text === '' ? '' : `--- ${name}\n${steady(text)}`);
  return `$ ${shown}\n${part('stdout', stdout)}${part('stderr', stderr)}--- exit ${code}\n`;
}
