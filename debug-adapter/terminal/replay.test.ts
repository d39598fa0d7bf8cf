// `replay` as a process: exact, different, cut short, and without its module. Contracts R2, R3, R4.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pluginFile } from '../testing/run-call.ts';
import { terminal } from '../testing/terminal.ts';

const HELLO = 'test-plugins/hello/hello.wasm';
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-replay-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
const inFolder = (name: string): string => path.join(folder, name);
const greeting = inFolder('greeting.recording');

/** Another recording, made of the lines of the first. */
function changed(name: string, change: (lines: string[]) => string[]): string {
  const lines = fs.readFileSync(greeting, 'utf8').split('\n');
  fs.writeFileSync(inFolder(name), change(lines).join('\n'));
  return inFolder(name);
}

describe('replay', { concurrency: true }, () => {
  before(async () => {
    const mocks = ['--mocks', 'test-plugins/hello/hello.mocks.json'];
    await terminal(['call', HELLO, 'greet', '{"name":"Ada"}', ...mocks, '--record', greeting]);
  });

  it('R3: is exact', async () => {
    const { code, stdout, stderr } = await terminal(['replay', greeting]);
    assert.match(stdout, /^Exact: \d+ events, ≈[\d ]+ fuel\.\n$/);
    assert.equal(stderr, '');
    assert.equal(code, 0);
  });

  it('R3: --json is the outcome of the call, and whether it is exact', async () => {
    const { code, stdout, stderr } = await terminal(['replay', greeting, '--json']);
    const { result, replay, events, ...rest } = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
    assert.equal(result?.['part_of_day'] !== undefined, true);
    assert.deepEqual(replay, { exact: true, events: replay?.['events'], cutShort: false });
    assert.deepEqual(events, { rpc: 6, syscall: 27 });
    assert.deepEqual(Object.keys(rest), ['fuel', 'stderr', 'wallMs']);
    assert.equal(stderr, '');
    assert.equal(code, 0);
  });

  it('R3: a call that failed, or reached a limit, is replayed exactly as well', async () => {
    for (const [name, ...options] of [
      ['end-trap'],
      ['rpc-stray-text'],
      ['link-missing-import'],
      ['endless-loop', '--fuel-limit', '500000'],
      ['endless-loop', '--timeout', '50'],
    ] as const) {
      const file = inFolder(`${name}${options.join('')}.recording`);
      await terminal(['call', pluginFile(name), 'run', '--record', file, '--trace', '', ...options]);
      const { code, stdout } = await terminal(['replay', file]);
      assert.match(stdout, /^Exact: /, name);
      assert.equal(code, 0);
    }
  });

  it('R3: names the first event that differs, and exits with 1', async () => {
    const other = changed('other.recording', (lines) => lines.map((line) => line.replace('Ada', 'Eve')));
    const { code, stdout } = await terminal(['replay', other]);
    assert.match(stdout, /^The replay differs at event \d+\b.*\.\n$/);
    assert.equal(code, 1);
    const json = await terminal(['replay', other, '--json']);
    const { replay } = JSON.parse(json.stdout) as { replay: Record<string, unknown> };
    assert.equal(replay['exact'], false);
    const difference = replay['difference'] as { seq: number; message: string };
    assert.equal(`${difference.message}\n`, stdout);
    assert.match(difference.message, new RegExp(`event ${difference.seq}\\b`));
    assert.equal(json.code, 1);
  });

  it('R4: a recording that was cut short is exact as far as it goes, and says so', async () => {
    const cut = changed('cut.recording', (lines) => [...lines.slice(0, 12), lines[12]?.slice(0, 20) ?? '']);
    const { code, stdout, stderr } = await terminal(['replay', cut]);
    assert.match(stdout, /^Exact: /);
    assert.equal(stderr, `${cut} was cut short: it holds 11 events and not the end of the call.\n`);
    assert.equal(code, 0);
    const json = await terminal(['replay', cut, '--json']);
    assert.equal((JSON.parse(json.stdout) as { replay: Record<string, unknown> }).replay['cutShort'], true);
  });

  it('R4: a damaged line is named', async () => {
    const damaged = changed('damaged.recording', (lines) => lines.with(3, '{"kind":"rpc"}'));
    const { code, stdout, stderr } = await terminal(['replay', damaged]);
    assert.ok(stderr.startsWith(`${damaged}:4: this line of the recording is damaged (`), stderr);
    assert.equal(stdout, '');
    assert.equal(code, 2);
  });

  it('R2: finds the module beside the recording, takes it from --plugin, and refuses another', async () => {
    const moved = changed('moved.recording', ([header = '', ...rest]) => [
      header.replace(HELLO, '/gone/away/hello.wasm'),
      ...rest,
    ]);
    const lost = await terminal(['replay', moved]);
    assert.equal(
      lost.stderr,
      'The module /gone/away/hello.wasm that was recorded is not there any more: give it with --plugin.\n',
    );
    assert.equal(lost.code, 2);
    assert.equal((await terminal(['replay', moved, '--plugin', HELLO])).code, 0);
    const wrong = await terminal(['replay', moved, '--plugin', pluginFile('end-trap')]);
    assert.match(wrong.stderr, /is not the module that was recorded: its SHA-256 is [0-9a-f]{12}….*--plugin\.\n$/);
    assert.equal(wrong.stdout, '');
    assert.equal(wrong.code, 2);
    fs.mkdirSync(inFolder('together'));
    fs.copyFileSync(HELLO, inFolder('together/hello.wasm'));
    fs.copyFileSync(moved, inFolder('together/moved.recording'));
    assert.equal((await terminal(['replay', inFolder('together/moved.recording')])).code, 0);
  });

  it('R4: fields and kinds of events that it does not know are ignored', async () => {
    const newer = changed('unknown.recording', ([header = '', ...lines]) => [
      header.replace('{', '{"mood":"sunny",'),
      ...lines.slice(0, 4).map((line) => line.replace('{', '{"colour":"blue",')),
      '{"kind":"from-the-future","fuel":0,"t":0}',
      ...lines.slice(4),
    ]);
    const { code, stdout } = await terminal(['replay', newer]);
    assert.match(stdout, /^Exact: /);
    assert.equal(code, 0);
  });

  it('R5: under another fuel model fuel is not compared, which is said', async () => {
    const other = changed('model.recording', ([header = '', ...lines]) => [
      header.replace(/"fuelModel":"[^"]*"/, '"fuelModel":"another"'),
      ...lines.map((line) => line.replace(/"fuel":\d+/, '"fuel":1')),
    ]);
    const { code, stdout } = await terminal(['replay', other]);
    assert.match(stdout, /^Exact: .* Fuel was not compared: it was recorded under model another, and this is /);
    assert.equal(code, 0);
  });
});
