// Run a script of this project on the Node that the project pins, from whatever Node (18 or later) there is:
// `node scripts/setup.mjs scripts/test.ts …`. Installs the dependencies first when they are missing or out of date.
// Plain JavaScript with node: imports only, because it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const windows = process.platform === 'win32';

/** @param {string} file @returns {any} */
const readJson = (file) => JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));

/** @param {string} sentence @returns {never} */
function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** What package.json asks for directly and node_modules lacks, or has in another version. */
function outOfDate() {
  const wanted = readJson('package.json');
  return Object.entries({ ...wanted.dependencies, ...wanted.devDependencies })
    .filter(([name, version]) => {
      try {
        return readJson(`node_modules/${name}/package.json`).version !== version;
      } catch {
        return true;
      }
    })
    .map(([name]) => name);
}

/** @param {string[]} args @param {string} cwd */
function run(command, args, cwd = root) {
  console.error(`> ${command} ${args.join(' ')}`);
  // stdout carries the result of `npm start -- --headless`, so what npm says goes to stderr
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2], shell: windows });
  return status === 0;
}

function installDependencies() {
  const missing = outOfDate();
  if (missing.length === 0) return;
  // not a word about engines: what is installed runs on the pinned Node, not on this one
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  // node_modules/.package-lock.json is the last thing that npm writes: without it an earlier install was cut short
  const whole = fs.existsSync(path.join(root, 'node_modules/.package-lock.json'));
  const done = whole ? run('npm', ['install', '--no-save', ...quiet]) : run('npm', ['ci', ...quiet]);
  if (!done) fail('The dependencies could not be installed; npm says why above.');
  const still = outOfDate();
  if (still.length > 0)
    fail(`npm did not install ${still.join(', ')} as package.json asks: remove node_modules and try again.`);
}

/** The executable of the dev dependency `node`; its own install script fetches it, which npm may have refused to run. */
function pinnedNode() {
  const wanted = readJson('package.json').devDependencies.node;
  const executable = path.join(root, 'node_modules/node/bin', windows ? 'node.exe' : 'node');
  const version = () => spawnSync(executable, ['--version'], { encoding: 'utf8' }).stdout?.trim();
  if (version() === `v${wanted}`) return executable;
  run(process.execPath, ['installArchSpecificPackage.js'], path.join(root, 'node_modules/node'));
  if (version() === `v${wanted}`) return executable;
  if (Number(process.versions.node.split('.')[0]) >= 24) {
    console.error(`Node ${wanted} could not be installed here; going on with this one, ${process.versions.node}.`);
    return process.execPath;
  }
  return fail(`Node ${wanted} could not be installed here: install Node 24 yourself and run this with it.`);
}

installDependencies();
const node = pinnedNode();
const pathKey = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
const child = spawn(node, process.argv.slice(2), {
  stdio: 'inherit',
  env: {
    ...process.env,
    // so that whatever is started below finds the same Node, and the tools of node_modules
    [pathKey]: [path.dirname(node), path.join(root, 'node_modules/.bin'), process.env[pathKey]].join(path.delimiter),
  },
});
// Ctrl-C reaches the child by itself, and it is the child that decides how to end
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('error', (error) => fail(`${node} did not start: ${error.message}`));
child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
