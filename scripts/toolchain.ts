// Which compilers build the test plugins on this machine, and with which settings. It looks; it installs only when asked.
// What Debian's packages need is passed by the environment, so that the plugins' manifests stay what an author's look like.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { aptInstall, aptWorks } from './apt.ts';

export const TARGET = 'wasm32-wasip1';

/** The pdk's `rust-version`. */
const OLDEST_RUST = [1, 91, 1] as const;

const LLVM_PACKAGES = ['wasi-libc', 'lld-22', 'clang-22', 'llvm-22'];
const RUST_PACKAGES = ['rustc-web', 'cargo-web', 'rust-web-src', ...LLVM_PACKAGES];
const C_PACKAGES = [...LLVM_PACKAGES, 'libclang-rt-14-dev-wasm32'];

/** One sentence: what this machine lacks, and how to get it. */
export interface Lacking {
  readonly lacking: string;
}

export interface RustToolchain {
  readonly kind: 'rustup' | 'debian';
  readonly cargo: string;
  /** What `rustc --version` says. */
  readonly version: string;
  /** To be added to the environment of `cargo build --target wasm32-wasip1`. */
  readonly env: Readonly<Record<string, string>>;
}

export interface CToolchain {
  readonly kind: 'wasi-sdk' | 'debian';
  /** The command line that compiles one source to an object. */
  compile(source: string, object: string, flags: readonly string[]): string[];
  /** The command line that links objects to a module with a `_start`. */
  link(objects: readonly string[], wasm: string): string[];
}

/** What a program prints on stdout, or undefined when it is not there or fails. */
function output(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string | undefined {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 120_000,
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** Whether `rustc --version` names one that can build the pdk. */
export function isRecentRust(version: string): boolean {
  const parts = /^rustc (\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [];
  const older = OLDEST_RUST.findIndex((wanted, index) => (parts[index] ?? 0) < wanted);
  const newer = OLDEST_RUST.findIndex((wanted, index) => (parts[index] ?? 0) > wanted);
  return older < 0 || (newer >= 0 && newer < older);
}

/** A recent rustc with the target's standard library, from rustup or from anywhere else. */
function plainRust(): RustToolchain | undefined {
  const version = output('rustc', ['--version']);
  const library = output('rustc', ['--print', 'target-libdir', '--target', TARGET]);
  if (!version || !isRecentRust(version) || !library || !fs.existsSync(library)) return undefined;
  if (!fs.readdirSync(library).some((file) => /^libstd-.*\.rlib$/.test(file))) return undefined;
  return { kind: 'rustup', cargo: 'cargo', version, env: {} };
}

/** The program of that name with the highest version behind a dash: clang-22 before clang-14. */
function newestVersion(directory: string, name: string): string | undefined {
  if (!fs.existsSync(directory)) return undefined;
  const versions = fs
    .readdirSync(directory)
    .map((file) => (file.startsWith(`${name}-`) ? Number(file.slice(name.length + 1)) : Number.NaN))
    .filter(Number.isInteger);
  return versions.length > 0 ? path.join(directory, `${name}-${Math.max(...versions)}`) : undefined;
}

interface DebianLlvm {
  readonly clang: string;
  readonly linker: string;
  /** wasi-libc's archives and start files. */
  readonly libraries: string;
}

function debianLlvm(): DebianLlvm | undefined {
  const clang = newestVersion('/usr/bin', 'clang');
  const linker = newestVersion('/usr/bin', 'wasm-ld');
  const libraries = '/usr/lib/wasm32-wasi';
  if (!clang || !linker || !fs.existsSync(path.join(libraries, 'crt1-command.o'))) return undefined;
  return { clang, linker, libraries };
}

/** Debian's wasi-libc lacks two functions that std refers to. They answer 28 (EINVAL); weak, so that a libc that has them wins. */
const PTHREAD_STUBS = `
__attribute__((weak)) int pthread_join(void *thread, void **result) { (void)thread; (void)result; return 28; }
__attribute__((weak)) int pthread_detach(void *thread) { (void)thread; return 28; }
`;

function compileStubs(clang: string): string {
  const cache = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../.cache/toolchain');
  // cargo splits RUSTFLAGS at spaces
  const directory = /\s/.test(cache) ? path.join(os.tmpdir(), 'wasmi-plugin-debugger-toolchain') : cache;
  const object = path.join(directory, 'pthread-stubs.o');
  if (fs.existsSync(object)) return object;
  fs.mkdirSync(directory, { recursive: true });
  const source = path.join(directory, 'pthread-stubs.c');
  const aside = `${object}.${process.pid}`;
  fs.writeFileSync(source, PTHREAD_STUBS);
  const { status } = spawnSync(clang, [`--target=${TARGET}`, '-O1', '-c', source, '-o', aside], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${clang} does not compile for ${TARGET}; install Debian's lld-22 and clang-22.`);
  fs.renameSync(aside, object);
  return object;
}

/** Debian's rustc with the sources of its standard library, which is built along (cargo's build-std). */
function debianRust(): RustToolchain | undefined {
  const [rustc, cargo] = ['/usr/bin/rustc', '/usr/bin/cargo'];
  const version = output(rustc, ['--version']);
  const sysroot = output(rustc, ['--print', 'sysroot']);
  const llvm = debianLlvm();
  if (!version || !isRecentRust(version) || !sysroot || !llvm || !fs.existsSync(cargo)) return undefined;
  if (!fs.existsSync(path.join(sysroot, 'lib/rustlib/src/rust/library/std/Cargo.toml'))) return undefined;
  const flags = [
    ...['-Clink-self-contained=no', '-Clinker-flavor=wasm-ld', `-L${llvm.libraries}`],
    ...[path.join(llvm.libraries, 'crt1-command.o'), compileStubs(llvm.clang)].map((file) => `-Clink-arg=${file}`),
  ];
  const env = {
    // where rustup's cargo comes first, a plain `cargo` means that one
    PATH: `/usr/bin${path.delimiter}${process.env['PATH'] ?? ''}`,
    RUSTC: rustc,
    RUSTC_BOOTSTRAP: '1',
    CARGO_UNSTABLE_BUILD_STD: 'std,panic_abort',
    CARGO_TARGET_WASM32_WASIP1_LINKER: llvm.linker,
    CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS: flags.join(' '),
  };
  return { kind: 'debian', cargo, version, env };
}

export interface Wishes {
  /** Look for this kind only. */
  readonly only?: RustToolchain['kind'] | undefined;
  /** Install what is lacking: by rustup, or on Debian by apt-get where that is allowed. */
  readonly install?: boolean | undefined;
}

/** The Rust compiler for plugins. Without one: a sentence. `rustup target add` is tried even when nothing else may be installed. */
export function findRust({ only, install }: Wishes = {}): RustToolchain | Lacking {
  const found = (only !== 'debian' && plainRust()) || (only !== 'rustup' && debianRust());
  if (found) return found;
  if (only !== 'debian' && output('rustup', ['--version']) !== undefined) {
    console.error(`> rustup target add ${TARGET}`);
    output('rustup', ['target', 'add', TARGET]);
    const added = plainRust();
    if (added) return added;
  }
  if (only !== 'rustup' && install && aptInstall(RUST_PACKAGES)) {
    const installed = debianRust();
    if (installed) return installed;
  }
  const how = aptWorks()
    ? `run \`node test-plugins/build.ts --install\`, which installs Debian's ${RUST_PACKAGES.join(', ')}`
    : `install rustup (https://rustup.rs) and run \`rustup target add ${TARGET}\``;
  return {
    lacking: `Rust ${OLDEST_RUST.join('.')} or newer with the target ${TARGET} is not on this machine: ${how}.`,
  };
}

/** The C compiler for plugins: the WASI SDK that WASI_SDK_PATH names, or Debian's clang and wasi-libc. Without one: a sentence. */
export function findC({ install }: Wishes = {}): CToolchain | Lacking {
  const sdk = process.env['WASI_SDK_PATH'];
  if (sdk) return wasiSdk(sdk);
  const found = debianC() ?? (install && aptInstall(C_PACKAGES) ? debianC() : undefined);
  if (found) return found;
  const how = aptWorks()
    ? `run \`node test-plugins/build.ts --install\`, which installs Debian's ${C_PACKAGES.join(', ')}`
    : 'install the WASI SDK (https://github.com/WebAssembly/wasi-sdk) and set WASI_SDK_PATH';
  return { lacking: `A C compiler for ${TARGET} is not on this machine: ${how}.` };
}

function wasiSdk(sdk: string): CToolchain | Lacking {
  const clang = path.join(sdk, 'bin', process.platform === 'win32' ? 'clang.exe' : 'clang');
  if (!fs.existsSync(clang))
    return { lacking: `WASI_SDK_PATH is ${sdk}, where there is no bin/clang: correct or unset it.` };
  return {
    kind: 'wasi-sdk',
    compile: (source, object, flags) => [clang, `--target=${TARGET}`, ...flags, '-c', source, '-o', object],
    link: (objects, wasm) => [clang, `--target=${TARGET}`, ...objects, '-o', wasm],
  };
}

function debianC(): CToolchain | undefined {
  const llvm = debianLlvm();
  if (!llvm || !fs.existsSync('/usr/include/wasm32-wasi/unistd.h')) return undefined;
  const builtins = fs.globSync('/usr/lib/llvm-*/lib/clang/*/lib/wasi/libclang_rt.builtins-wasm32.a').sort().at(-1);
  if (!builtins) return undefined;
  return {
    kind: 'debian',
    compile: (source, object, flags) => {
      // clang looks for the headers under the target's new name, Debian has them under the old one
      const headers = ['--sysroot=/usr', '-isystem', '/usr/include/wasm32-wasi'];
      return [llvm.clang, `--target=${TARGET}`, ...headers, ...flags, '-c', source, '-o', object];
    },
    link: (objects, wasm) => {
      const start = path.join(llvm.libraries, 'crt1-command.o');
      return [llvm.linker, `-L${llvm.libraries}`, start, ...objects, '-lc', builtins, '-o', wasm];
    },
  };
}
