// llvm-dwarfdump and llvm-symbolizer, readers of debug information that are not ours: where they are on this machine, and what they print, a line
// at a time. Only tests import it.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { aptInstall } from '../../scripts/apt.ts';

export type LlvmTool = 'llvm-dwarfdump' | 'llvm-symbolizer';

const EXE = process.platform === 'win32' ? '.exe' : '';

/** The folders where it may be: of PATH, of the WASI SDK, of Debian's packages, of Homebrew's. */
function folders(): string[] {
  const { PATH = '', WASI_SDK_PATH } = process.env;
  const packages = fs.globSync(['/usr/lib/llvm-*/bin', '/opt/homebrew/opt/llvm*/bin', '/usr/local/opt/llvm*/bin']);
  return [...PATH.split(path.delimiter), ...(WASI_SDK_PATH ? [path.join(WASI_SDK_PATH, 'bin')] : []), ...packages];
}

/** The newest of that name, with its version behind a dash or without; undefined: there is none. */
function newest(name: LlvmTool): string | undefined {
  const pattern = new RegExp(`^${name}(?:-(\\d+))?${EXE.replace('.', '\\.')}$`);
  const found: { file: string; version: number }[] = [];
  for (const folder of new Set(folders())) {
    if (folder === '' || !fs.existsSync(folder)) continue;
    for (const file of fs.readdirSync(folder)) {
      const match = pattern.exec(file);
      if (match === null) continue;
      const version = match[1] ?? /llvm-(\d+)/.exec(folder)?.[1] ?? '0';
      found.push({ file: path.join(folder, file), version: Number(version) });
    }
  }
  found.sort((a, b) => b.version - a.version);
  return found.find(({ file }) => spawnSync(file, ['--version'], { stdio: 'ignore' }).status === 0)?.file;
}

const known = new Map<LlvmTool, string | undefined>();

/** The program; undefined: this machine has none. Where CI=true Debian's package is installed if that is possible. */
function llvmTool(name: LlvmTool): string | undefined {
  if (!known.has(name)) {
    let file = newest(name);
    if (file === undefined && process.env['CI'] === 'true' && (aptInstall(['llvm-22']) || aptInstall(['llvm'])))
      file = newest(name);
    known.set(name, file);
  }
  return known.get(name);
}

/** Test options that skip, with a sentence, where a tool is lacking; where CI is set nothing is skipped, and the test fails. */
export function needsLlvm(...names: readonly LlvmTool[]): { skip?: string } {
  const absent = names.find((name) => llvmTool(name) === undefined);
  if (absent === undefined || process.env['CI']) return {};
  return {
    skip: `${absent} is not on this machine: it is in Debian's package llvm, Homebrew's llvm and the WASI SDK.`,
  };
}

/** What a tool prints, some lines at a time. @throws Error where it is not there or does not succeed. */
export async function* linesOf(name: LlvmTool, args: readonly string[], input = ''): AsyncGenerator<string[]> {
  const file = llvmTool(name);
  if (file === undefined) throw new Error(`${name} is not on this machine: install Debian's package llvm.`);
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(0, 2000);
  });
  child.stdin.on('error', () => {}); // it may end before it has read all
  child.stdin.end(input);
  let rest = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield lines;
  }
  if (rest !== '') yield [rest];
  const status = await ended;
  if (status !== 0) throw new Error(`${path.basename(file)} ${args.join(' ')} ended with ${status}: ${complaints}`);
}
