// The test plugins as they are kept: the prebuilt one is up to date, the expectations are complete, what can't be built is
// skipped with a sentence, and the host process answers in order. Their behaviour is tested where it is used.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { afterEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import { checkPrebuilt } from '../test-plugins/build.ts';
import { CASES, readExpected } from '../test-plugins/cases.ts';
import { sourcesOfKept } from '../test-plugins/rust-views/kept/sources.ts';
import { findC, findRust, isRecentRust } from './toolchain.ts';

const PLUGINS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../test-plugins');
const read = (file: string) => fs.readFileSync(path.join(PLUGINS, file), 'utf8');

const PRODUCTION_IMPORTS = new Set([
  ...['args_get', 'args_sizes_get', 'environ_get', 'environ_sizes_get', 'fd_read', 'fd_write', 'fd_fdstat_get'],
  ...['fd_close', 'clock_time_get', 'random_get', 'sched_yield', 'poll_oneoff', 'proc_raise', 'proc_exit'],
]);

describe('the prebuilt plugin', () => {
  const bytes = fs.readFileSync(path.join(PLUGINS, 'hello/hello.wasm'));

  it('was built from the sources beside it', () => assert.equal(checkPrebuilt(), undefined));

  it('is small, and imports only what production has', async () => {
    assert.ok(bytes.length < 600 * 1024, `${bytes.length} bytes`);
    const module = await WebAssembly.compile(bytes);
    const imports = WebAssembly.Module.imports(module);
    assert.ok(imports.length > 0);
    assert.deepEqual(
      imports.filter(({ name, module }) => module !== 'wasi_snapshot_preview1' || !PRODUCTION_IMPORTS.has(name)),
      [],
    );
  });

  it('has the names of its functions, no DWARF, and no paths of the machine that built it', async () => {
    const module = await WebAssembly.compile(bytes);
    assert.equal(WebAssembly.Module.customSections(module, 'name').length, 1);
    assert.equal(WebAssembly.Module.customSections(module, '.debug_info').length, 0);
    assert.doesNotMatch(bytes.toString('latin1'), /\.cargo|\/home\/|\/root\/|\/Users\//);
  });
});

describe('the plugin that an older compiler built', () => {
  it('was built from the sources beside it, comments aside', () =>
    assert.equal(
      read('rust-views/kept/rust-views-1.85.sources'),
      sourcesOfKept(),
      'the code of rust-views changed since: run test-plugins/rust-views/kept/build.sh',
    ));

  it('is of rustc 1.85, small, and has DWARF and no paths of the machine that built it', async () => {
    const packed = fs.readFileSync(path.join(PLUGINS, 'rust-views/kept/rust-views-1.85.wasm.gz'));
    assert.ok(packed.length < 1_500_000, `${packed.length} bytes`);
    const bytes = zlib.gunzipSync(packed);
    const module = await WebAssembly.compile(bytes);
    assert.equal(WebAssembly.Module.customSections(module, '.debug_info').length, 1);
    assert.ok(bytes.includes('rustc version 1.85.0 '));
    assert.doesNotMatch(bytes.toString('latin1'), /\.cargo|\/home\/|\/root\/|\/tmp\/|\/Users\//);
  });
});

describe('the expectations', () => {
  const methods = [...read('rust-pdk/src/main.rs').matchAll(/with_method\("(\w+)"/g)].map(([, name = '']) => name);

  it('cover every method of rust-pdk, and so does its README', () => {
    assert.ok(methods.length > 30);
    const observed = new Set(CASES.filter(({ plugin }) => plugin === 'rust-pdk').map(({ method }) => method));
    const readme = read('rust-pdk/README.md');
    // production takes all memory and more than ten seconds over `grow`
    assert.deepEqual(
      methods.filter((method) => method !== 'grow' && !observed.has(method)),
      [],
    );
    assert.deepEqual(
      methods.filter((method) => !readme.includes(`| \`${method}\` |`)),
      [],
    );
  });

  it('are those of the cases, each with an outcome', () => {
    const kept = readExpected();
    assert.deepEqual(
      kept.map(({ production: _, debug: __, ...one }) => one),
      CASES,
    );
    for (const { method, production } of kept) {
      const outcomes = [production.result, production.error, production.hang].filter(
        (outcome) => outcome !== undefined,
      );
      assert.equal(outcomes.length, 1, method);
      if (production.result !== undefined) JSON.parse(production.result);
    }
  });
});

describe('the toolchains', () => {
  const { PATH, WASI_SDK_PATH } = process.env;
  afterEach(() => {
    process.env['PATH'] = PATH;
    if (WASI_SDK_PATH === undefined) delete process.env['WASI_SDK_PATH'];
    else process.env['WASI_SDK_PATH'] = WASI_SDK_PATH;
  });

  it('knows which rustc can build the pdk', () => {
    for (const version of ['1.91.1', '1.91.2-nightly', '1.92.0', '2.0.0', '1.100.0'])
      assert.ok(isRecentRust(`rustc ${version} (abc 2026-01-01)`), version);
    for (const version of ['1.91.0', '1.85.1', '1.9.9', '0.99.99'])
      assert.ok(!isRecentRust(`rustc ${version}`), version);
    assert.ok(!isRecentRust(''));
  });

  it('says in one sentence what is lacking and how to get it', () => {
    process.env['PATH'] = '';
    const rust = findRust({ only: 'rustup' });
    assert.ok('lacking' in rust);
    assert.match(rust.lacking, /^Rust 1\.91\.1 or newer with the target wasm32-wasip1 is not on this machine: .*\.$/);
    process.env['WASI_SDK_PATH'] = path.join(PLUGINS, 'nowhere');
    const c = findC();
    assert.ok('lacking' in c);
    assert.match(c.lacking, /^WASI_SDK_PATH is .*nowhere, where there is no bin\/clang: correct or unset it\.$/);
  });

  const build = (env: NodeJS.ProcessEnv, ...args: string[]) => {
    const rest = Object.entries(process.env).filter(([name]) => name.toUpperCase() !== 'PATH');
    const script = path.join(PLUGINS, 'build.ts');
    // no PATH: no compiler is found, and none can be installed
    const all = { ...Object.fromEntries(rest), PATH: '', ...env };
    return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', env: all });
  };

  it('a skipped plugin is no failure, but where CI=true', () => {
    const args = ['--toolchain', 'rustup', '--force', 'rust-pdk.debug'];
    const skipped = build({ CI: '' }, ...args);
    assert.match(skipped.stdout, /^skipped rust-pdk\.debug: Rust .* is not on this machine: .*\.\n$/);
    assert.equal(skipped.status, 0);
    assert.equal(build({ CI: 'true' }, ...args).status, 1);
  });

  it('an unknown plugin or toolchain is one sentence', () => {
    const plugin = build({}, 'nosuch');
    assert.deepEqual([plugin.status, plugin.stderr], [1, 'There is no plugin nosuch; see --help.\n']);
    const toolchain = build({}, '--toolchain', 'gcc');
    assert.deepEqual([toolchain.status, toolchain.stderr], [1, '--toolchain is rustup or debian, not gcc.\n']);
  });
});

describe('the host process', () => {
  const host = (input: string, ...args: string[]) =>
    spawnSync(process.execPath, [path.join(PLUGINS, 'host.ts'), ...args], { input, encoding: 'utf8' });

  it('P2: gives every number back as it came', () => {
    const request = '{"jsonrpc":"2.0","id":18446744073709551615,"method":"echo","params":[9007199254740993,1.0,-0]}';
    const reply = '{"jsonrpc":"2.0","id":18446744073709551615,"result":[9007199254740993,1.0,-0]}';
    assert.equal(host(`${request}\n`).stdout, `${reply}\n`);
  });

  it('ends a line at a newline only', () => {
    const request = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'echo', params: '\u2028\u2029\u0085é' });
    assert.deepEqual(JSON.parse(host(`${request}\n`).stdout), { jsonrpc: '2.0', id: 0, result: '\u2028\u2029\u0085é' });
  });

  it('M1: one that never answers holds up those behind it', () => {
    const lines = ['echo', 'busy', 'echo'].map((method, id) => JSON.stringify({ id, method, params: method }));
    const { stdout, status } = host(`${lines.join('\n')}\n`, '--never', 'busy');
    assert.equal(stdout, '{"jsonrpc":"2.0","id":0,"result":"echo"}\n');
    assert.equal(status, 0);
  });

  it('answers from mocks, and does not find the rest', () => {
    const lines = ['get_user', 'log', 'nosuch'].map((method, id) => JSON.stringify({ id, method, params: null }));
    const { stdout } = host(`${lines.join('\n')}\n`, '--mocks', path.join(PLUGINS, 'hello/hello.mocks.json'));
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
      [
        { jsonrpc: '2.0', id: 0, result: { display_name: 'Ada Lovelace', utc_offset_hours: 0 } },
        { jsonrpc: '2.0', id: 1, result: null },
        { jsonrpc: '2.0', id: 2, error: { code: -32601, message: 'Method not found' } },
      ],
    );
  });
});
