// The terminal command of a call: every option of the launch, and the same launch when the terminal reads it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { launched, recorded } from './callFixture.ts';
import { callWords, terminalCommand } from './commandLine.ts';

const words = (launch: Record<string, unknown>) => callWords(launched(launch)).slice(2);

describe('the terminal command of a call', () => {
  it('says no more than it must', () => {
    assert.deepEqual(words({}), ['/plugins/hello.wasm', 'greet']);
    assert.deepEqual(words({ params: { name: 'Ada' } }), ['/plugins/hello.wasm', 'greet', '{"name":"Ada"}']);
  });

  it('P2: params keep their digits', () => {
    assert.equal(words({ paramsText: '[18446744073709551615]' }).at(-1), '[18446744073709551615]');
  });

  it('has every option of the launch', () => {
    const launch = {
      mocks: '/a b/m.json',
      hostCommand: 'node host.js',
      clock: 'virtual:2024-02-03T04:05:06Z',
      seed: '7',
      slice: 5000,
      args: ['--x', 'y'],
      env: { K: 'V W' },
      missingImports: 'enosys',
      features: ['simd'],
      limits: { wallMs: 1, fuel: 2, memory: 65536, output: 4, line: 5, events: 6 },
      record: '/elsewhere.recording.jsonl',
      stopOnEntry: true,
      trace: true,
    };
    assert.deepEqual(words(launch), [
      ...['--mocks', '/a b/m.json', '--host-command', 'node host.js'],
      ...['--clock', 'virtual:2024-02-03T04:05:06.000Z', '--seed', '7', '--slice', '5000'],
      ...['--arg=--x', '--arg', 'y', '--env', 'K=V W', '--missing-imports', 'enosys', '--features', 'simd'],
      ...['--timeout', '1', '--fuel-limit', '2', '--memory-limit', '65536', '--output-limit', '4'],
      ...['--line-limit', '5', '--event-limit', '6', '/plugins/hello.wasm', 'greet'],
    ]);
  });

  it('a method that looks like an option is none', () => {
    assert.deepEqual(words({ method: '--help', paramsText: '-5' }), ['--', '/plugins/hello.wasm', '--help', '-5']);
  });

  it('of a recording: what its header says', () => {
    const call = recorded({ clock: 'virtual:2024-02-03T04:05:06.000Z', seed: 'x', args: ['a'] });
    assert.deepEqual(callWords(call).slice(2), [
      ...['--clock', 'virtual:2024-02-03T04:05:06.000Z', '--seed', 'x', '--arg', 'a'],
      ...['/plugins/hello.wasm', 'greet', '{"n":18446744073709551615}'],
    ]);
    const { path: _, ...nameless } = call.header?.module ?? { sha256: '', bytes: 0 };
    assert.throws(() => callWords(recorded({ module: nameless })), /does not say where its plugin is/);
  });

  it('the host’s command runs in its folder', () => {
    const call = launched({ hostCommand: 'node host.js', cwd: '/a b' });
    assert.match(
      terminalCommand(call, 'posix'),
      /^cd '\/a b' && npx wasmi-plugin-debugger call --host-command 'node host\.js' /,
    );
    assert.match(terminalCommand(call, 'powershell'), /^cd '.*'; npx /);
  });

  it('what no command line can carry is refused', () => {
    assert.throws(() => terminalCommand(launched({ method: 'a\0b' }), 'posix'), /NUL character/);
  });
});
