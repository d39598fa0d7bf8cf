// `mocks check`, `mocks from-recording`, and `call` with rules and --strict: exit codes, and what is said. Contract P2.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { terminal } from '../testing/terminal.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-mocks-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
const file = (name: string): string => path.join(folder, name);
const temporary = (name: string, text: string): string => {
  fs.mkdirSync(path.dirname(file(name)), { recursive: true });
  fs.writeFileSync(file(name), text);
  return file(name);
};

const GREET = ['call', 'test-plugins/hello/hello.wasm', 'greet', '{"name":"Ada"}'];
const USER = '"get_user": [{ "reply": { "result": { "display_name": { "$param": "name" }, "utc_offset_hours": 0 } } }]';
const whole = temporary('whole.mocks.jsonc', `{ "include": ["sub/log.jsonc"], "hostMethods": { ${USER} } }`);
temporary('sub/log.jsonc', '{ "log": null }');

describe('call with rules', { concurrency: true }, () => {
  it('a file of the full form, and what it includes', async () => {
    const ended = await terminal([...GREET, '--mocks', whole, '--strict']);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /Ada/);
  });

  it('--strict: a call that no mock matches is exit code 5, and says which rule came closest', async () => {
    const mocks = temporary(
      'strict.json',
      `{ "hostMethods": { ${USER}, "log": [{ "when": { "params": { "level": "warn" } }, "reply": { "result": null } }] } }`,
    );
    const ended = await terminal([...GREET, '--mocks', mocks, '--strict']);
    assert.equal(ended.code, 5);
    assert.match(
      ended.stderr,
      /^1 call of host method `log` matched no mock: the rule on line 1 came closest to the last one: `level` is "info", and the rule wants "warn"\.$/m,
    );
    assert.match(ended.stderr, /^Rule 1 of `log` in .*strict\.json, line 1, answered no call\.$/m);
    assert.equal((await terminal([...GREET, '--mocks', mocks])).code, 1);
    assert.equal((await terminal([...GREET, '--strict'])).code, 5);
  });

  it('--strict: a mock that is not used', async () => {
    const mocks = temporary(
      'unused.json',
      `{ "include": ["sub/log.jsonc"], "hostMethods": { ${USER}, "other": [{ "reply": { "result": 1 } }] } }`,
    );
    const ended = await terminal([...GREET, '--mocks', mocks, '--strict']);
    assert.equal(ended.code, 5);
    assert.match(ended.stdout, /Ada/);
    assert.match(ended.stderr, /Rule 1 of `other` in .* answered no call\./);
    assert.equal((await terminal([...GREET, '--mocks', mocks])).code, 0);
  });

  it('expected calls that did not come are told without --strict too', async () => {
    const mocks = temporary(
      'times.json',
      `{ "include": ["sub/log.jsonc"], "hostMethods": { ${USER}, "x": [{ "times": 2, "reply": { "result": 1 } }] } }`,
    );
    const ended = await terminal([...GREET, '--mocks', mocks]);
    assert.equal(ended.code, 0);
    assert.match(ended.stderr, /Rule 1 of `x` in .* was to answer 2 calls, and answered 0\./);
    assert.equal((await terminal([...GREET, '--mocks', mocks, '--strict'])).code, 5);
  });

  it('a file with errors is refused with the first and how many more there are', async () => {
    const mocks = temporary('bad.json', '{ "hostMethods": { "a": [{}, {}], "b": 1 } }');
    const ended = await terminal([...GREET, '--mocks', mocks]);
    assert.equal(ended.code, 2);
    assert.match(
      ended.stderr,
      /bad\.json:1:26: This rule says no `reply`: .* \(and 2 more errors, which mocks check lists\)\.\n$/,
    );
  });
});

describe('mocks', { concurrency: true }, () => {
  it('check lists all that is wrong', async () => {
    const bad = temporary(
      'check.json',
      '{ "include": ["no.json"], "hostMethods": { "a": [{}, { "reply": { "error": { "code": 5, "message": "x" } } }] } }',
    );
    const ended = await terminal(['mocks', 'check', whole, bad]);
    assert.equal(ended.code, 1);
    assert.deepEqual(
      ended.stdout
        .trimEnd()
        .split('\n')
        .map((line) =>
          line
            .slice(folder.length + 1)
            .split(': ')
            .slice(0, 2)
            .join(': '),
        ),
      ['check.json:1:15: error', 'check.json:1:50: error', 'check.json:1:86: hint'],
    );
    assert.deepEqual(await terminal(['mocks', 'check', whole]), { code: 0, stdout: '', stderr: '' });
  });

  it('from-recording makes a file with which the call goes as it went', async () => {
    const recording = file('greet.recording.jsonl');
    const out = file('made.mocks.jsonc');
    const first = await terminal([
      ...GREET,
      '--mocks',
      whole,
      '--record',
      recording,
      '--clock',
      'virtual',
      '--seed',
      '1',
    ]);
    const made = await terminal(['mocks', 'from-recording', recording, '--out', out]);
    assert.deepEqual(made, { code: 0, stdout: '', stderr: '2 calls of 2 host methods in 2 rules.\n' });
    const again = await terminal([...GREET, '--mocks', out, '--strict', '--clock', 'virtual', '--seed', '1']);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(again.stdout, first.stdout);
    const printed = await terminal(['mocks', 'from-recording', recording, '--redact', '^Ada$']);
    assert.equal(printed.code, 0);
    assert.match(printed.stdout, /"display_name": "REDACTED"/);
  });
});
