// `npm start`: opens VS Code on a sample plugin with this extension, ready for F5: the desktop VS Code where there is one,
// else the same workbench in the browser. `npm start -- --headless`: prints the transcript of one call, in the terminal.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readSettings, startServer, writeSettings } from '../src/test/harness/server.ts';
import { cacheDirectory, ensureHost } from '../src/test/harness/vscode-host.ts';
import { workbenchUrl } from '../src/test/harness/workbench.ts';
import { build } from './build.ts';
import { packageExtension } from './package.ts';
import { findRust } from './toolchain.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const windows = process.platform === 'win32';

function headless(): number {
  const plugin = path.join('test-plugins', 'hello', 'hello.wasm');
  const mocks = path.join('test-plugins', 'hello', 'hello.mocks.json');
  const call = ['call', plugin, 'greet', '{"name":"Ada"}', '--mocks', mocks, '--trace', 'rpc,syscall,stderr,fuel'];
  console.log(`wasmi-plugin-debugger ${call.join(' ')}\n`);
  // the trace goes to stderr and the result to stdout; here both are what was asked for
  const { status } = spawnSync(process.execPath, ['debug-adapter/cli.ts', ...call], {
    cwd: root,
    stdio: ['ignore', 1, 1],
  });
  return status ?? 1;
}

const works = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore', shell: windows }).status === 0;

/** A desktop VS Code that can show a window here. */
function findDesktop(): string | undefined {
  const named = process.env['VSCODE_EXECUTABLE'];
  if (named) return named;
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) return undefined;
  const places = [
    'code',
    '/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code',
    'code-insiders',
    'codium',
  ];
  return places.find((command) => works(command, '--version'));
}

type Sample = { folder: string; settings: Record<string, unknown> };

/** The Rust sample where cargo can build it, else the one that comes prebuilt. */
function sample(canSet: boolean): Sample {
  const folder = (name: string) => path.join(root, 'test-plugins', name);
  const rust = findRust();
  if ('lacking' in rust) {
    console.log(`The sample is the prebuilt one. ${rust.lacking}`);
    return { folder: folder('hello'), settings: {} };
  }
  if (rust.kind === 'rustup') return { folder: folder('rust-pdk'), settings: {} };
  // Debian's cargo builds for the target only with settings of its own, which are not put into a person's VS Code
  if (!canSet) return { folder: folder('hello'), settings: {} };
  const settings = { 'wasmiPluginDebugger.cargo.command': rust.cargo, 'wasmiPluginDebugger.cargo.env': rust.env };
  return { folder: folder('rust-pdk'), settings };
}

function openDesktop(executable: string, folder: string): Promise<number> {
  const args = ['--new-window', `--extensionDevelopmentPath=${root}`, folder];
  console.log(`${executable} ${args.join(' ')}`);
  return new Promise((resolve) => {
    const child = spawn(executable, args, { stdio: 'inherit', shell: windows && executable.endsWith('.cmd') });
    child.on('error', (error) => {
      console.error(`${executable} did not start: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

function openInBrowser(url: string): void {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open';
  if (command === 'xdg-open' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return;
  spawn(command, [url], { stdio: 'ignore', detached: true }).on('error', () => {});
}

async function serve({ folder, settings }: Sample): Promise<number> {
  const entry = ensureHost();
  const profile = path.join(cacheDirectory(), 'start');
  const userDataDirectory = path.join(profile, 'user');
  const extensionsDirectory = path.join(profile, 'extensions');
  // installed from a package and not run from here: an extension under development needs a mode without toasts and dialogs
  const vsix = await packageExtension(path.join(profile, 'extension.vsix'));
  // what a person sets there stays from one start to the next, but for what this machine's compiler needs
  writeSettings(userDataDirectory, { ...readSettings(userDataDirectory), ...settings });
  const config = path.join(profile, 'config.yaml');
  fs.writeFileSync(config, 'auth: none\n');
  const install = [
    ...[entry, '--config', config, '--user-data-dir', userDataDirectory, '--extensions-dir', extensionsDirectory],
    ...['--install-extension', vsix, '--force'],
  ];
  const installed = spawnSync(process.execPath, install, { stdio: ['ignore', 2, 2] });
  if (installed.status !== 0) throw new Error(`code-server would not install ${vsix}.`);
  const server = await startServer({ userDataDirectory, extensionsDirectory, driver: false });
  const url = workbenchUrl(server, folder);
  console.log(`\nVS Code is open at ${url}\nPress F5 there. Ctrl-C here ends it.`);
  openInBrowser(url);
  const ended = await new Promise<number>((resolve) => {
    process.once('SIGINT', () => resolve(0));
    process.once('SIGTERM', () => resolve(0));
    server.child.once('exit', () => resolve(1));
  });
  await server.stop();
  return ended;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { headless: { type: 'boolean', default: false } } });
  if (values.headless) return headless();
  const desktop = findDesktop();
  if (!desktop) return await serve(sample(true));
  await build({ strict: true });
  return await openDesktop(desktop, sample(false).folder);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
