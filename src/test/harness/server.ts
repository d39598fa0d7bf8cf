// One running code-server on a free loopback port, with folders and a HOME of its own, so that it touches nothing of the
// user's. Not the page in the browser: that is workbench.ts.
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { ensureHost } from './vscode-host.ts';

/** Settings that keep a workbench quiet and the same everywhere. */
const QUIET = {
  'workbench.startupEditor': 'none',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'chat.disableAIFeatures': true,
  'git.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  // a folder that is not trusted opens in restricted mode, without the modal question
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
} as const;

/**
 * Writes `settings` over the quiet ones, where both the desktop VS Code and code-server read them. Those whose scope is the machine
 * (`wasmiPluginDebugger.cargo.*`) code-server reads from a file of their own.
 */
export function writeSettings(userDataDirectory: string, settings: Record<string, unknown> = {}): void {
  for (const scope of ['User', 'Machine']) {
    const directory = path.join(userDataDirectory, scope);
    fs.mkdirSync(directory, { recursive: true });
    fs.writeFileSync(path.join(directory, 'settings.json'), JSON.stringify({ ...QUIET, ...settings }, null, 2));
  }
}

/** The settings in that directory; none when there are none, or a person wrote comments into them. */
export function readSettings(userDataDirectory: string): Record<string, unknown> {
  try {
    return JSON.parse(fs.readFileSync(path.join(userDataDirectory, 'User/settings.json'), 'utf8')) as Record<
      string,
      unknown
    >;
  } catch {
    return {};
  }
}

export type ServerOptions = {
  /** Default: a throw-away one with quiet settings. One that is passed is left as it is, and left behind. */
  userDataDirectory?: string | undefined;
  extensionsDirectory?: string | undefined;
  /** Over the quiet settings; only with a throw-away user-data directory. */
  settings?: Record<string, unknown>;
  env?: NodeJS.ProcessEnv;
  /** True: every folder is trusted, as `--disable-workspace-trust` does. False: none is, until asked. */
  trusted?: boolean;
  /**
   * True: the page's URL may name an extension under development and a suite. The workbench then shows no notification
   * toasts and refuses modal dialogs: to see those, install a .vsix and pass false.
   */
  driver?: boolean;
  /** Default: any free one. */
  port?: number;
};

export type Server = {
  child: ChildProcess;
  /** `127.0.0.1:PORT` */
  host: string;
  /** Its throw-away directory, gone after `stop`. */
  base: string;
  stop: () => Promise<void>;
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });

// The server gets a HOME of its own; cargo and rustup, which a task in it may start, keep theirs.
function rustHomes(): NodeJS.ProcessEnv {
  const home = os.homedir();
  return {
    CARGO_HOME: process.env['CARGO_HOME'] ?? path.join(home, '.cargo'),
    RUSTUP_HOME: process.env['RUSTUP_HOME'] ?? path.join(home, '.rustup'),
  };
}

// The extension host gets the environment of a login shell, in which /etc/profile may have set another PATH.
function keepPath(base: string): void {
  const quoted = `'${(process.env['PATH'] ?? '').replaceAll("'", "'\\''")}'`;
  for (const name of ['.profile', '.zprofile']) fs.writeFileSync(path.join(base, name), `export PATH=${quoted}\n`);
}

function environment(base: string, extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const own = {
    HOME: base,
    XDG_CONFIG_HOME: `${base}/config`,
    XDG_DATA_HOME: `${base}/data`,
    XDG_CACHE_HOME: `${base}/cache`,
  };
  // variables that VS Code or code-server leave in the terminals they open would make this one think it runs inside
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_)/.test(name)),
  );
  return { ...inherited, ...rustHomes(), ...own, VSCODE_PROXY_URI: '', ...extra };
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    // its whole process group: the extension hosts and what they started
    if (child.pid !== undefined) process.kill(-child.pid, name);
  } catch {
    // it is gone already
  }
}

/** Resolves when the server listens. `stop()` ends its whole process group and removes its throw-away directory. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  for (let attempt = 0; ; attempt++)
    try {
      return await startOnce(options);
    } catch (error) {
      // another program may have taken the port that was free a moment ago
      if (attempt === 3 || !String(error).includes('EADDRINUSE') || options.port !== undefined) throw error;
    }
}

async function startOnce(options: ServerOptions): Promise<Server> {
  const entry = ensureHost();
  const base = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-'));
  const userDataDirectory = options.userDataDirectory ?? path.join(base, 'user');
  const extensionsDirectory = options.extensionsDirectory ?? path.join(base, 'extensions');
  if (!options.userDataDirectory) writeSettings(userDataDirectory, options.settings);
  fs.mkdirSync(extensionsDirectory, { recursive: true });
  keepPath(base);
  fs.writeFileSync(path.join(base, 'config.yaml'), 'auth: none\n');
  const host = `127.0.0.1:${options.port ?? (await freePort())}`;
  const args = [
    ...[entry, '--config', path.join(base, 'config.yaml'), '--auth', 'none', '--bind-addr', host],
    ...['--user-data-dir', userDataDirectory, '--extensions-dir', extensionsDirectory],
    ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override', '--ignore-last-opened'],
    ...((options.trusted ?? true) ? ['--disable-workspace-trust'] : []),
    ...((options.driver ?? true) ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
  ];
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(base, options.env),
  });
  const kill = () => signal(child, 'SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    const running = child.exitCode === null && child.signalCode === null;
    const gone = running ? new Promise((resolve) => child.once('exit', resolve)) : undefined;
    signal(child, 'SIGTERM');
    const hard = setTimeout(kill, 5000);
    await gone;
    clearTimeout(hard);
    process.removeListener('exit', kill);
    fs.rmSync(base, { recursive: true, force: true, maxRetries: 3 });
  };
  let output = '';
  try {
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        output = (output + chunk).slice(-20_000);
        if (output.includes('HTTP server listening on')) resolve();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`code-server ended with ${code}:\n${output}`)));
      setTimeout(
        () => reject(new Error(`code-server did not start within three minutes:\n${output}`)),
        180_000,
      ).unref();
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { child, host, base, stop };
}
