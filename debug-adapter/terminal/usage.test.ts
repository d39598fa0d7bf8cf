// Wrong words, and files that are not what they should be: one sentence each on stderr, exit code 2; and what --help says.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { assertGolden } from '../testing/golden.ts';
import { terminal, transcriptOf } from '../testing/terminal.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-usage-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
const temporary = (name: string, text: string | Uint8Array): string => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return file;
};

const HELLO = 'test-plugins/hello/hello.wasm';
const hello = (...words: string[]) => ['call', HELLO, 'greet', ...words];
const typo = temporary('typo.json', '{\n  "echo": {"message": "hello" "more": 1}\n}\n');
const list = temporary('list.json', '[]');
const twice = temporary('twice.json', '{\n  "a": 1,\n  "a": 2\n}');
const cut = temporary('cut.wasm', fs.readFileSync(HELLO).subarray(0, 1000));
const header = temporary('header.recording', '{"format":"wasmi-plugin-recording","version":1}\n');
const newer = temporary('newer.recording', '{"format":"wasmi-plugin-recording","version":3}\n');
const noRecording = temporary('none.recording', 'not a recording\n');

const WRONG: readonly (readonly string[])[] = [
  ['run'],
  ['call'],
  ['call', HELLO],
  hello('{"name"'),
  hello('{"name":', '"Ada"}'),
  hello('--bogus'),
  hello('--mokcs', 'x.json'),
  hello('--json=1'),
  hello('--record'),
  hello('--trace', 'rpc,sycall'),
  hello('--slice', '0'),
  hello('--slice', '1e5'),
  hello('--timeout', 'soon', '--memory-limit', '-1'),
  hello('--fuel-limit', '99999999999999999999'),
  hello('--clock', 'yesterday'),
  hello('--clock', 'virtual:1969-07-20T20:17:40Z'),
  hello('--missing-imports', 'maybe'),
  hello('--features', 'simd,gc'),
  hello('--env', 'HOME'),
  hello('--env', '=x'),
  hello('--host-command', ' '),
  hello('--record', HELLO),
  hello('--mocks', 'no-such.json'),
  hello('--mocks', 'test-plugins'),
  hello('--mocks', typo),
  hello('--mocks', list),
  hello('--mocks', twice),
  ['call', 'no-such.wasm', 'greet'],
  ['call', 'test-plugins', 'greet'],
  ['call', 'README.md', 'greet'],
  ['replay'],
  ['replay', 'a', 'b'],
  ['replay', 'no-such.recording'],
  ['replay', 'test-plugins'],
  ['replay', noRecording],
  ['replay', newer],
  ['replay', header],
  ['mocks'],
  ['mocks', 'chek', 'a'],
  ['mocks', 'check'],
  ['mocks', 'check', 'no-such.json'],
  ['mocks', 'check', '--out', 'a', 'b'],
  ['mocks', 'from-recording'],
  ['mocks', 'from-recording', noRecording],
  ['mocks', 'from-recording', 'a', '--redact', '('],
  ['mocks', 'from-recording', 'a', '--redact', 'x', '--no-redact'],
  ['inspect'],
  ['inspect', 'a', 'b'],
  ['inspect', 'README.md'],
  ['inspect', cut],
  ['dap', 'x'],
  ['dap', '--port', '70000'],
];

describe('usage', { concurrency: true }, () => {
  it('golden/usage.txt: wrong words and files are named in a sentence', async () => {
    const texts = await Promise.all(
      WRONG.map(async (words) => {
        const ended = await terminal(words);
        assert.equal(ended.code, 2, words.join(' '));
        assert.equal(ended.stdout, '', words.join(' '));
        return transcriptOf(words, ended).replace('--- stderr\n', '').replace('--- exit 2\n', '');
      }),
    );
    assertGolden(import.meta.url, 'usage.txt', texts.join('\n').replaceAll(`${folder}${path.sep}`, 'TMP/'));
  });

  it('golden/help.txt: each command tells its options', async () => {
    const commands = [['--help'], ...['call', 'replay', 'mocks', 'inspect', 'dap'].map((name) => [name, '--help'])];
    const texts = await Promise.all(
      commands.map(async (words) => {
        const ended = await terminal(words);
        assert.equal(ended.code, 0);
        assert.equal(ended.stderr, '');
        return transcriptOf(words, ended);
      }),
    );
    assertGolden(import.meta.url, 'help.txt', texts.join('\n'));
  });

  it('--version is that of package.json; no words at all are bad usage, with the help on stderr', async () => {
    const { version } = JSON.parse(fs.readFileSync('package.json', 'utf8')) as { version: string };
    assert.deepEqual(await terminal(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
    const [nothing, help] = await Promise.all([terminal([]), terminal(['help'])]);
    assert.deepEqual(nothing, { code: 2, stdout: '', stderr: help.stdout });
  });
});
