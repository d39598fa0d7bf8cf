// Builds the test plugins into test-plugins/out/: all, or those that are named. What is newer than its sources stays.
// Where a compiler is lacking, what needs it is skipped with a sentence; where CI=true that counts as failed, and the
// compilers are installed if that is possible (elsewhere: --install).
import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import zlib from 'node:zlib';
import { type CToolchain, findC, findRust, type Lacking, type RustToolchain, TARGET } from '../scripts/toolchain.ts';

const HERE = path.dirname(fileURLToPath(import.meta.url));

const USAGE = `usage: node test-plugins/build.ts [--install] [--toolchain rustup|debian] [--force] [NAME…]

Builds test-plugins/out/NAME.wasm. Without names, everything but what is marked.`;

/** The compilers, looked for when first needed. */
interface Toolchains {
  rust(): RustToolchain | Lacking;
  c(): CToolchain | Lacking;
}

interface Product {
  readonly name: string;
  readonly about: string;
  /** Built only when named. */
  readonly onDemand?: boolean;
  /** Files and folders, in test-plugins/, that it is made from. */
  readonly sources: readonly string[];
  /** What it makes, in test-plugins/. */
  readonly file: string;
  build(file: string, toolchains: Toolchains): Lacking | undefined;
}

/** Runs a program; what it prints goes to stderr. @throws Error when it does not succeed. */
function run(command: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = HERE): void {
  const [program = '', ...args] = command;
  console.error(`> ${[path.basename(program), ...args].join(' ')}`);
  const { status, error } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 2, 2],
  });
  if (error) throw new Error(`${program} did not start: ${error.message}`);
  if (status !== 0) throw new Error(`${path.basename(program)} failed (exit code ${status}); its messages are above.`);
}

/** Puts a file in its place in one step: two builds may run at once. */
function place(from: string, to: string): void {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  const aside = `${to}.${process.pid}`;
  fs.copyFileSync(from, aside);
  fs.renameSync(aside, to);
}

/** Has nearly all crates that the others depend on. */
const LARGEST = 'rust-pdk';

/**
 * Builds a crate for the plugins' target and gives the path of its module. The folder is cargo's own, so that F5 finds it done, or that of `beside`, so
 * that what both depend on is compiled once.
 */
function cargo(
  crate: string,
  profile: string,
  rust: RustToolchain,
  env: Record<string, string> = {},
  beside = crate,
): string {
  const directory = path.join(HERE, crate);
  const target = path.join(HERE, beside, 'target');
  const command = [rust.cargo, 'build', '--locked', '--target', TARGET, '--target-dir', target, '--profile', profile];
  run(command, { ...rust.env, ...env }, directory);
  return path.join(target, TARGET, profile === 'dev' ? 'debug' : profile, `${crate}.wasm`);
}

function rustPlugin(crate: string, name: string, profile: string, about: string): Product {
  return {
    name,
    about,
    sources: [`${crate}/Cargo.toml`, `${crate}/Cargo.lock`, `${crate}/src`],
    file: `out/${name}.wasm`,
    build: (file, toolchains) => {
      const rust = toolchains.rust();
      if ('lacking' in rust) return rust;
      place(cargo(crate, profile, rust, {}, LARGEST), file);
      return undefined;
    },
  };
}

function cPlugin(source: string, name: string, flags: readonly string[], about: string): Product {
  return {
    name,
    about,
    sources: [source],
    file: `out/${name}.wasm`,
    build: (file, toolchains) => {
      const c = toolchains.c();
      if ('lacking' in c) return c;
      const [object, wasm] = [`${file}.${process.pid}.o`, `${file}.${process.pid}.linked`];
      fs.mkdirSync(path.dirname(file), { recursive: true });
      try {
        run(c.compile(path.join(HERE, source), object, ['-std=c11', '-Wall', '-Wextra', '-Werror', ...flags]));
        run(c.link([object], wasm));
        place(wasm, file);
      } finally {
        for (const made of [object, wasm]) fs.rmSync(made, { force: true });
      }
      return undefined;
    },
  };
}

const HELLO_SOURCES = ['hello/Cargo.toml', 'hello/Cargo.lock', 'hello/src/main.rs'];

/** The SHA-256 of a text file with Unix line ends, or of any other file as it is. */
function sha256(file: string): string {
  const bytes = fs.readFileSync(path.join(HERE, file));
  const content = file.endsWith('.wasm') ? bytes : bytes.toString('utf8').replaceAll('\r\n', '\n');
  return crypto.createHash('sha256').update(content).digest('hex');
}

/** hello/hello.sha256, in the form of sha256sum: the prebuilt module, and the sources that it was made from. */
const CHECKSUMS = path.join(HERE, 'hello/hello.sha256');

/** What is wrong with the prebuilt hello.wasm: changed, or older than its sources. Nothing when all is well. */
export function checkPrebuilt(): string | undefined {
  const lines = fs.readFileSync(CHECKSUMS, 'utf8').trim().split(/\r?\n/);
  const sums = new Map(lines.map((line) => [`hello/${line.slice(66)}`, line.slice(0, 64)]));
  const changed = ['hello/hello.wasm', ...HELLO_SOURCES].filter((file) => sums.get(file) !== sha256(file));
  if (changed.length === 0) return undefined;
  return `${changed.join(', ')} changed since hello.wasm was built: run \`node test-plugins/build.ts prebuilt\`.`;
}

const prebuilt: Product = {
  name: 'prebuilt',
  about: 'hello/hello.wasm, which is kept in git, and its checksums',
  onDemand: true,
  sources: HELLO_SOURCES,
  file: 'hello/hello.wasm',
  build: (file, toolchains) => {
    const rust = toolchains.rust();
    if ('lacking' in rust) return rust;
    // panics name source files; these paths would be the builder's
    const registry = path.join(process.env['CARGO_HOME'] ?? path.join(os.homedir(), '.cargo'), 'registry/src');
    const registries = fs.existsSync(registry) ? fs.readdirSync(registry) : [];
    const remapped = registries.map((name) => `--remap-path-prefix=${path.join(registry, name)}=.`);
    const flags = rust.env['CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS'];
    const rustflags = [...(flags ? [flags] : []), ...remapped].join(' ');
    place(cargo('hello', 'release', rust, { CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS: rustflags }), file);
    fs.chmodSync(file, 0o644);
    const sums = ['hello/hello.wasm', ...HELLO_SOURCES].map(
      (name) => `${sha256(name)}  ${name.slice('hello/'.length)}\n`,
    );
    fs.writeFileSync(CHECKSUMS, sums.join(''));
    return undefined;
  },
};

/** In git: no machine has the compiler that made it. */
const KEPT = 'rust-views/kept/rust-views-1.85.wasm.gz';

const GENERATOR = `out/generator${process.platform === 'win32' ? '.exe' : ''}`;
const GENERATOR_SOURCES = ['generator/Cargo.toml', 'generator/Cargo.lock', 'generator/src'];

const PRODUCTS: readonly Product[] = [
  rustPlugin('rust-pdk', 'rust-pdk.debug', 'dev', 'the pdk plugin, with DWARF'),
  rustPlugin('rust-pdk', 'rust-pdk.release', 'release', 'the pdk plugin, as production runs it'),
  rustPlugin('rust-pdk', 'rust-pdk.optimized', 'optimized', 'the pdk plugin, optimised and with DWARF'),
  rustPlugin('rust-views', 'rust-views.debug', 'dev', 'values of every kind, with DWARF'),
  rustPlugin('rust-views', 'rust-views.optimized', 'optimized', 'values of every kind, optimised and with DWARF'),
  {
    name: 'rust-views.kept',
    about: 'rust-views/kept, built by an older rustc, unpacked',
    sources: [KEPT],
    file: 'out/rust-views.kept.wasm',
    build: (file) => {
      const aside = `${file}.${process.pid}`;
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(aside, zlib.gunzipSync(fs.readFileSync(path.join(HERE, KEPT))));
      fs.renameSync(aside, file);
      return undefined;
    },
  },
  cPlugin('c-minimal/main.c', 'c-minimal', ['-O0', '-g', '-gdwarf-4'], 'the C plugin, with DWARF 4'),
  cPlugin(
    'c-minimal/main.c',
    'c-minimal.optimized',
    ['-O2', '-g', '-gdwarf-5'],
    'the C plugin, optimised, with DWARF 5',
  ),
  cPlugin('c-views/main.c', 'c-views', ['-O0', '-g', '-gdwarf-5'], 'values of every kind of C, with DWARF 5'),
  cPlugin('c-views/main.c', 'c-views.dwarf4', ['-O0', '-g', '-gdwarf-4'], 'values of every kind of C, with DWARF 4'),
  cPlugin(
    'c-views/main.c',
    'c-views.optimized',
    ['-O2', '-g', '-gdwarf-5'],
    'values of every kind of C, optimised, with DWARF 5',
  ),
  rustPlugin('rust-endings', 'rust-endings', 'dev', 'ways to end badly that take a plugin of their own, with DWARF'),
  cPlugin('c-endings/start-up.c', 'c-start-up', ['-O0', '-g', '-gdwarf-5'], 'a C plugin that traps before its main'),
  rustPlugin('hello', 'hello.debug', 'dev', 'the first sample, with DWARF'),
  {
    name: 'hello',
    about: 'a copy of the prebuilt hello/hello.wasm',
    sources: ['hello/hello.wasm'],
    file: 'out/hello.wasm',
    build: (file) => {
      place(path.join(HERE, 'hello/hello.wasm'), file);
      return undefined;
    },
  },
  prebuilt,
  {
    name: 'reference',
    about: 'the native program that runs a call under the real hdk',
    onDemand: true,
    sources: ['reference/Cargo.toml', 'reference/Cargo.lock', 'reference/src'],
    file: `out/reference${process.platform === 'win32' ? '.exe' : ''}`,
    build: (file) => {
      const directory = path.join(HERE, 'reference');
      run(['cargo', 'build', '--locked', '--release'], {}, directory);
      place(path.join(directory, 'target/release', path.basename(file)), file);
      return undefined;
    },
  },
  {
    name: 'generator',
    about: 'the native program that makes modules at random and unpacks the test suite',
    sources: GENERATOR_SOURCES,
    file: GENERATOR,
    build: (file) => {
      const directory = path.join(HERE, 'generator');
      try {
        run(['cargo', 'build', '--locked', '--release'], {}, directory);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return { lacking: `the differential tests need it, and with it a cargo of Rust 1.93 and its registry: ${why}` };
      }
      place(path.join(directory, 'target/release', path.basename(file)), file);
      return undefined;
    },
  },
  {
    name: 'testsuite',
    about: 'the WebAssembly test suite, unpacked by the generator',
    sources: GENERATOR_SOURCES,
    file: 'out/testsuite.bin',
    build: (file) => {
      const generator = path.join(HERE, GENERATOR);
      if (!fs.existsSync(generator)) return { lacking: 'the generator, which unpacks it, could not be built' };
      const { status, stdout } = spawnSync(generator, ['testsuite'], {
        stdio: ['ignore', 'pipe', 2],
        maxBuffer: 1 << 28,
      });
      if (status !== 0) throw new Error('generator testsuite failed; its messages are above.');
      const aside = `${file}.${process.pid}`;
      fs.writeFileSync(aside, stdout);
      fs.renameSync(aside, file);
      return undefined;
    },
  },
];

/** The time of the newest file among files and folders, in ms. */
function newest(files: readonly string[]): number {
  const times = files.map((file) => {
    const whole = path.join(HERE, file);
    const stat = fs.statSync(whole);
    return stat.isDirectory() ? newest(fs.readdirSync(whole).map((name) => path.join(file, name))) : stat.mtimeMs;
  });
  return Math.max(0, ...times);
}

function isFresh(product: Product): boolean {
  const made = fs.statSync(path.join(HERE, product.file), { throwIfNoEntry: false });
  return made !== undefined && made.mtimeMs > newest(product.sources);
}

function once<T>(compute: () => T): () => T {
  let value: { is: T } | undefined;
  return () => {
    value ??= { is: compute() };
    return value.is;
  };
}

/** The products that a name means: `rust-pdk` is rust-pdk.debug and rust-pdk.release, a whole name that one alone. */
function named(name: string): readonly Product[] {
  const whole = PRODUCTS.filter((product) => product.name === name);
  const started = PRODUCTS.filter((product) => !product.onDemand && product.name.startsWith(`${name}.`));
  return name.includes('.') || whole.some((product) => product.onDemand) ? whole : [...whole, ...started];
}

/** What assembling the plugins in wat/ takes, if they are there. */
async function buildWat(): Promise<void> {
  const script = path.join(HERE, 'wat/build.ts');
  if (!fs.existsSync(script)) return;
  const { buildWat } = await import('./wat/build.ts');
  const plugins = await buildWat();
  console.log(`wat: ${plugins.filter((plugin) => plugin.rebuilt).length} of ${plugins.length} plugins assembled`);
}

function toolchainKind(kind: string | undefined): RustToolchain['kind'] | undefined {
  if (kind === undefined || kind === 'rustup' || kind === 'debian') return kind;
  throw new Error(`--toolchain is rustup or debian, not ${kind}.`);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      install: { type: 'boolean', default: false },
      toolchain: { type: 'string' },
      force: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    const lines = PRODUCTS.map(({ name, about, onDemand }) => `  ${name.padEnd(20)}${onDemand ? '* ' : '  '}${about}`);
    console.log(`${USAGE}\n${lines.join('\n')}\n  wat                   the plugins in wat/\n  * only when named`);
    return 0;
  }
  const only = toolchainKind(values.toolchain);
  const inCi = process.env['CI'] === 'true';
  const wishes = { only, install: values.install || inCi };
  const toolchains = { rust: once(() => findRust(wishes)), c: once(() => findC(wishes)) };

  const all = positionals.length === 0;
  const chosen = all ? PRODUCTS.filter((product) => !product.onDemand) : positionals.flatMap(named);
  const unknown = positionals.filter((name) => name !== 'wat' && named(name).length === 0);
  if (unknown.length > 0) throw new Error(`There is no plugin ${unknown.join(', ')}; see --help.`);

  const skipped = new Map<string, string[]>();
  for (const product of chosen) {
    if (!values.force && isFresh(product)) {
      console.log(`${product.name}: up to date`);
      continue;
    }
    const file = path.join(HERE, product.file);
    const lacking = product.build(file, toolchains)?.lacking;
    if (lacking) skipped.set(lacking, [...(skipped.get(lacking) ?? []), product.name]);
    else console.log(`${product.name}: built ${product.file} (${Math.ceil(fs.statSync(file).size / 1024)} KiB)`);
  }
  if (all || positionals.includes('wat')) await buildWat();
  for (const [lacking, names] of skipped) console.log(`skipped ${names.join(', ')}: ${lacking}`);
  return skipped.size > 0 && inCi ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
