// `call` as a process: what it prints where, and what it exits with. The texts are golden files. Contracts P2, R1, R4.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { parseEvent } from '../recording/jsonl.ts';
import { answerText } from '../rpc/answered-by.ts';
import { assertGolden } from '../testing/golden.ts';
import { needs, watNames } from '../testing/run-call.ts';
import { SOURCE, terminal, transcriptOf } from '../testing/terminal.ts';

const HELLO = 'test-plugins/hello/hello.wasm';
const MOCKS = ['--mocks', 'test-plugins/hello/hello.mocks.json'];
const GREET = ['call', HELLO, 'greet', '{"name":"Ada"}'];
/** The same call each time: the greeting is drawn by lot. */
const SAME = ['--seed', '1', '--clock', 'virtual:2024-02-03T10:00:00Z'];
const wat = (name: string): string => {
  assert.ok(watNames.includes(name), name);
  return `test-plugins/out/wat/${name}.wasm`;
};

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-call-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
const temporary = (name: string, text?: string): string => {
  const file = path.join(folder, name);
  if (text !== undefined) fs.writeFileSync(file, text);
  return file;
};
const ECHO = ['--mocks', temporary('echo.json', '{"echo":{"id":18446744073709551615}}')];
const MEGABYTE = 'x'.repeat(1 << 20);
const LONG = JSON.stringify({ get_user: { display_name: MEGABYTE, utc_offset_hours: 0 }, log: null });
const GREET_LONG = [...GREET, '--mocks', temporary('long.json', LONG)];

const golden = (name: string, code: number, ...words: string[]) =>
  it(`golden/${name}: exits with ${code}`, async () => {
    const ended = await terminal(words);
    assertGolden(import.meta.url, name, transcriptOf(words, ended).replaceAll(folder, 'TMP'));
    assert.equal(ended.code, code);
  });

/** Runs with --json. @returns the exit code and the object, which is all there is on stdout. */
async function json(...words: string[]): Promise<[code: number | null, object: Record<string, unknown>]> {
  const { code, stdout, stderr } = await terminal([...words, '--json']);
  assert.equal(stderr, '');
  assert.match(stdout, /^\{.*\}\n$/);
  return [code, JSON.parse(stdout) as Record<string, unknown>];
}

describe('call, for people', { concurrency: true }, () => {
  golden('call-result.txt', 0, ...GREET, ...MOCKS, ...SAME);
  golden('call-error.txt', 1, ...GREET, ...SAME);
  golden('call-trap.txt', 3, 'call', wat('end-trap'), 'run');
  golden('call-stray-text.txt', 3, 'call', wat('rpc-stray-text'), 'run', '[1]', '--trace', 'rpc');
  golden('call-missing-import.txt', 3, 'call', wat('link-missing-import'), 'run');
  golden(
    'call-enosys.txt',
    0,
    'call',
    wat('link-missing-import'),
    'run',
    '--missing-imports',
    'enosys',
    '--trace',
    'syscall',
  );
  golden('call-feature.txt', 3, 'call', wat('feature-simd'), 'run');
  golden('call-feature-let-through.txt', 0, 'call', wat('feature-simd'), 'run', '--features', 'simd', '--trace', '');
  golden('call-limit.txt', 4, 'call', wat('endless-loop'), 'run', '--fuel-limit', '1_000_000');
  golden(
    'call-everything-traced.txt',
    0,
    ...['call', wat('rpc-call-echo'), 'run', '{"z":1.50}', ...ECHO, '--trace', 'rpc,syscall,stderr,fuel'],
    ...['--clock', 'virtual', '--arg', '--verbose', '--env', 'A=b=c'],
  );
});

describe('call --json', { concurrency: true }, () => {
  it('a result', async () => {
    const [code, { fuel, wallMs, ...rest }] = await json(...GREET, ...MOCKS, ...SAME);
    assert.equal(code, 0);
    assert.ok(typeof wallMs === 'number' && wallMs > 0);
    assert.deepEqual(Object.keys(fuel as object), ['consumed', 'yields', 'exact']);
    assert.deepEqual(rest, {
      result: { part_of_day: 'morning', text: (rest['result'] as Record<string, unknown>)['text'] },
      events: { rpc: 6, syscall: rest['events'] && (rest['events'] as Record<string, unknown>)['syscall'] },
      stderr: ['who is Ada?', 'it is morning there'],
    });
  });

  it('an error, and no trace beside it', async () => {
    const [code, { error, ...rest }] = await json(...GREET);
    assert.equal(code, 1);
    assert.deepEqual(error, { code: -32601, message: 'Method not found' });
    assert.deepEqual(Object.keys(rest), ['fuel', 'events', 'stderr', 'wallMs']);
  });

  it('a fault, and a limit', async () => {
    const [code, { fault }] = await json('call', wat('rpc-stray-text'), 'run');
    assert.equal(code, 3);
    assert.equal((fault as Record<string, unknown>)['kind'], 'stray-text');
    const [limited, { fault: limit }] = await json('call', wat('endless-loop'), 'run', '--timeout', '100');
    assert.equal(limited, 4);
    assert.equal((limit as Record<string, unknown>)['kind'], 'wall-time');
  });

  it('P2: digits of params and results stay as they are', async () => {
    const params = '[18446744073709551615,-9223372036854775808,0.10000000000000000555]';
    const { stdout } = await terminal(['call', wat('rpc-call-echo'), 'run', params, ...ECHO, '--json']);
    assert.match(stdout, /^\{"result":.*18446744073709551615/);
    const traced = await terminal(['call', wat('rpc-call-echo'), 'run', params, ...ECHO, '--trace', 'rpc']);
    assert.ok(traced.stderr.includes(`run ${params}`), traced.stderr);
  });

  for (const [what, kind, ...words] of [
    ['memory', 'memory', 'endless-grow', '--memory-limit', '10000000'],
    ['fuel', 'fuel', 'endless-loop', '--fuel-limit', '200000'],
    ['output', 'output', 'endless-output', '--output-limit', '10000'],
    ['a line', 'line', 'endless-output', '--line-limit', '1000'],
  ] as const)
    it(`the limit on ${what}`, async () => {
      const [name, ...options] = words;
      const [code, { fault }] = await json('call', wat(name), 'run', ...options);
      assert.equal((fault as Record<string, unknown>)['kind'], kind);
      assert.equal(code, 4);
    });

  it('past the limit on events syscalls are counted', async () => {
    const [code, { events }] = await json(...GREET, ...MOCKS, '--event-limit', '5');
    assert.equal(code, 0);
    const { rpc, syscall } = events as Record<string, number>;
    assert.equal(rpc, 6);
    assert.ok((syscall ?? 0) > 15);
  });
});

describe('call', { concurrency: true }, () => {
  it('runs from its sources', async () => {
    const { code, stdout } = await terminal([...GREET, ...MOCKS], { program: SOURCE });
    assert.match(stdout, /^\{"part_of_day":"\w+","text":"Good .*Ada Lovelace!.*"\}\n$/);
    assert.equal(code, 0);
  });

  it('takes any JSON text for params, a negative number too', async () => {
    await Promise.all(
      ['-5', '[]', '"--json"', ' {"a" :\n1} '].map(async (params) => {
        const { code, stderr } = await terminal(['call', wat('end-exit-after-response'), 'run', params]);
        assert.ok(stderr.includes(`run ${params.trim().replace('\n', ' ')}\n`), stderr);
        assert.equal(code, 0);
      }),
    );
  });

  it('--seed, a number or a text, makes random_get repeatable', async () => {
    const roll = async (...seed: string[]) =>
      (await terminal(['call', HELLO, 'roll', '{"dice":20}', '--trace', '', ...seed])).stdout;
    const [one, again, other, text, textAgain] = await Promise.all([
      ...[roll('--seed', '1'), roll('--seed=1'), roll('--seed', '-1'), roll('--seed', 'Ada'), roll('--seed', 'Ada')],
    ]);
    assert.equal(one, again);
    assert.notEqual(one, other);
    assert.notEqual(one, text);
    assert.equal(text, textAgain);
  });

  it('--clock virtual:TIME begins then', async () => {
    const { stderr } = await terminal([...GREET, '--clock', 'virtual:2031-05-06T07:08:09Z', '--trace', 'syscall']);
    assert.match(stderr, /clock_time_get\(\w+\) = SUCCESS, 2031-05-06T07:08:09\./);
  });

  it('--slice is the fuel between two yields', async () => {
    const yields = async (slice: string) => (await json(...GREET, ...MOCKS, ...SAME, '--slice', slice))[1]['fuel'];
    const [few, many] = await Promise.all([yields('10_000_000'), yields('1_000')]);
    assert.ok((few as { yields: number }).yields < 10);
    assert.ok((many as { yields: number }).yields > 50);
  });

  it('--host-command answers what no mock does', async () => {
    const words = ['call', wat('rpc-call-echo'), 'run', '--trace', ''];
    const { code, stdout } = await terminal([...words, '--host-command', 'node test-plugins/host.ts']);
    assert.match(stdout, /"result":\[18446744073709551615,/);
    assert.equal(code, 0);
    const mocked = await terminal([...words, ...ECHO, '--host-command', 'node test-plugins/host.ts']);
    assert.match(mocked.stdout, /"result":\{"id":18446744073709551615\}/);
  });

  it('a host command that can not be started is named', async () => {
    const { stderr } = await terminal(['call', wat('rpc-call-echo'), 'run', '--host-command', 'no-such-program x']);
    assert.match(stderr, /The host command .no-such-program x. could not be started/);
  });

  it('a result of 1 MB comes out whole, however slowly it is read', async () => {
    const slowly = ({ stdout }: ChildProcess) => {
      stdout?.pause();
      setTimeout(() => stdout?.resume(), 1000);
    };
    const { code, stdout } = await terminal([...GREET_LONG, '--trace', ''], { started: slowly });
    assert.equal(code, 0);
    assert.ok(stdout.includes(MEGABYTE));
    assert.ok(stdout.endsWith('}\n'));
  });

  it('a reader that goes away is no fault', async () => {
    const gone = ({ stdout, stderr }: ChildProcess) => {
      stdout?.destroy();
      stderr?.destroy();
    };
    const words = [...GREET_LONG, '--trace', 'rpc,syscall'];
    assert.equal((await terminal(words, { started: gone })).code, 0);
    const silent = await terminal(words, { started: ({ stdout }) => stdout?.destroy() });
    assert.doesNotMatch(silent.stderr, /EPIPE|node:/);
    assert.equal(silent.code, 0);
  });

  it('Ctrl-C ends the plugin, and the recording is whole', { skip: process.platform === 'win32' }, async () => {
    const file = temporary('interrupted.recording');
    const interrupt = (child: ChildProcess) => child.stderr?.once('data', () => child.kill('SIGINT')); // the first line of the trace: it runs
    const { code, stdout, stderr } = await terminal(['call', wat('endless-loop'), 'run', '--record', file], {
      started: interrupt,
    });
    assert.equal(stdout, '');
    assert.match(stderr, /the call was ended/);
    assert.equal(code, 130);
    const lines = fs.readFileSync(file, 'utf8').trimEnd().split('\n');
    assert.equal(JSON.parse(lines.at(-1) ?? '').reason, 'terminated');
  });

  it('R4: --record makes the folder that it needs, and its recording begins with the header', async () => {
    const file = temporary('a/b/c.recording');
    await terminal([...GREET, ...MOCKS, '--record', file]);
    const [header = ''] = fs.readFileSync(file, 'utf8').split('\n');
    assert.equal(JSON.parse(header).format, 'wasmi-plugin-recording');
    assert.equal(JSON.parse(header).call.params, '{"name":"Ada"}');
  });

  it('R4: --record says who answered', async () => {
    const file = temporary('answered.recording');
    await terminal([...GREET, ...MOCKS, '--record', file]);
    const events = fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(1).map(parseEvent);
    const sources = events.flatMap((event) => (event?.kind === 'rpc' && event.answeredBy ? [event.answeredBy] : []));
    assert.deepEqual(
      sources.map((source) => answerText(source).replace(/`([^`]*)` of .*[\\/]/, '`$1` of ')),
      ['mock `get_user` of hello.mocks.json, line 2', 'mock `log` of hello.mocks.json, line 3'],
    );
  });

  it('a recording that can not be written ends the call, with a sentence', async () => {
    temporary('file', '');
    for (const [place, why] of [
      ['', 'it is a folder'],
      ['file/x', 'a part of its path is no folder'],
    ] as const) {
      const { code, stdout, stderr } = await terminal([
        'call',
        wat('endless-loop'),
        'run',
        '--record',
        temporary(place),
      ]);
      assert.equal(stdout, '');
      const sentence = `The recording ${path.normalize(temporary(place))} can't be written: `;
      assert.ok(stderr.startsWith(sentence) && stderr.endsWith('.\n'), stderr);
      if (process.platform !== 'win32') assert.equal(stderr, `${sentence}${why}.\n`);
      assert.equal(code, 2);
    }
  });

  it('P2: 1 MB goes both ways, and u64 extremes, through the real pdk', needs('rust-pdk.release'), async () => {
    const rust = ['call', 'test-plugins/out/rust-pdk.release.wasm'];
    const host = ['--host-command', 'node test-plugins/host.ts', '--json'];
    const extremes = await terminal([...rust, 'u64_extremes', ...host]);
    assert.ok(
      extremes.stdout.startsWith(
        '{"result":[18446744073709551615,9223372036854775808,9007199254740993,-9223372036854775808,-9007199254740993],',
      ),
    );
    const { stdout } = await terminal([...rust, 'payload', '{"bytes":1000000}', ...host]);
    assert.match(stdout, /^\{"result":1000000,/);
  });
});
