// A real VS Code from npm packages alone: code-server, which is VS Code's workbench and its Node extension host, shown in
// a browser. Used where the desktop VS Code can't be had. Installs it into a cache directory, once.
// Needs about 0.8 GB, a minute, and a C++ compiler (two small native modules have no prebuilt form).
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { aptInstall } from '../../../scripts/apt.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

const CODE_SERVER = '4.139.1';

/** Where things go that are fetched once: `WPD_CACHE`, or `.cache/` in the checkout. */
export const cacheDirectory = (): string => path.resolve(process.env['WPD_CACHE'] ?? path.join(root, '.cache'));

/** Where the host is, or would be: `VSCODE_HOST_DIR`, or `vscode-host` in the cache. */
const hostDirectory = (): string =>
  path.resolve(process.env['VSCODE_HOST_DIR'] ?? path.join(cacheDirectory(), 'vscode-host'));

const entryOf = (directory: string) => path.join(directory, 'node_modules/code-server/out/node/entry.js');
const modulesOf = (directory: string) => path.join(directory, 'node_modules/code-server/lib/vscode/node_modules');

// Without spdlog output channels stay empty; without the watchdog an extension host outlives its server.
const NATIVE = ['@vscode/spdlog/build/Release/spdlog.node', '@vscode/native-watchdog/build/Release/watchdog.node'];

/** code-server's entry script when the host is installed and whole. */
function findHost(): string | undefined {
  const directory = hostDirectory();
  const files = [entryOf(directory), ...NATIVE.map((name) => path.join(modulesOf(directory), name))];
  return files.every((file) => fs.existsSync(file)) ? entryOf(directory) : undefined;
}

/** Why a host can't be installed on this platform; undefined where it can. */
const hostUnavailable = (): string | undefined =>
  process.platform === 'win32' ? 'code-server does not run on Windows' : undefined;

function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env): void {
  console.error(`> ${command} ${args.join(' ')}`);
  const { status, error } = spawnSync(command, args, { cwd, env, stdio: ['ignore', 2, 2] });
  if (error) throw new Error(`${command} did not start: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status} in ${cwd}.`);
}

function ensureCompiler(): void {
  const lacking = ['python3', 'make', 'c++'].filter((tool) => spawnSync(tool, ['--version']).status !== 0);
  if (lacking.length === 0) return;
  if (!aptInstall(['python3', 'make', 'g++']))
    throw new Error(`Installing code-server needs ${lacking.join(', ')}: install a C++ compiler, make and Python 3.`);
}

/** The host's entry script, installing it first when it is not there. Throws with the reason when that is not possible. */
export function ensureHost(): string {
  const found = findHost();
  if (found) return found;
  const unavailable = hostUnavailable();
  if (unavailable) throw new Error(unavailable);
  const directory = hostDirectory();
  console.error(`Installing code-server ${CODE_SERVER} into ${directory}`);
  ensureCompiler();
  fs.mkdirSync(directory, { recursive: true });
  const headers = process.platform === 'linux' ? `node-linux-${process.arch}` : undefined;
  const dependencies = { 'code-server': CODE_SERVER, ...(headers ? { [headers]: process.versions.node } : {}) };
  fs.writeFileSync(
    path.join(directory, 'package.json'),
    JSON.stringify({ name: 'vscode-host', private: true, dependencies }),
  );
  // code-server's own postinstall would look for tools and compile everything; these are the parts that matter
  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund'];
  run('npm', install, directory);
  const vscode = path.join(directory, 'node_modules/code-server/lib/vscode');
  // not `npm ci`: the shrinkwrap that code-server ships lacks a package
  run('npm', [...install, '--omit=dev'], vscode);
  run('npm', [...install, '--omit=dev'], path.join(vscode, 'extensions'));
  // compile against this very Node: npm's own `nodedir` may name another's headers
  const nodedir = headers ? path.join(directory, 'node_modules', headers) : undefined;
  const env = { ...process.env, ...(nodedir && fs.existsSync(nodedir) ? { npm_config_nodedir: nodedir } : {}) };
  run('npm', ['rebuild', '@vscode/spdlog', '@vscode/native-watchdog'], vscode, env);
  const entry = findHost();
  if (!entry) throw new Error(`code-server was installed into ${directory}, but its native modules were not built.`);
  return entry;
}
