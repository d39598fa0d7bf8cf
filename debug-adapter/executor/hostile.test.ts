// Plugins that mean harm, or are merely broken: endless output, growth, recursion and depth end at a bound or as a fault, memory stays
// bounded, and this process goes on. Contracts E4, E9.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CallOptions, ofKind, type platform, replaysExactly, runCall, startCall } from '../testing/run-call.ts';
import { wat } from '../testing/wat.ts';
import { nodePlatform } from './node-platform.ts';
import type { Stop } from './options.ts';

const MB = 1 << 20;

/** Writes `length` bytes to `fd` so many times, each the letter `x` but for a newline at the end of every `line` bytes. */
const writer = (fd: 1 | 2, length: number, line: number, times = 2 ** 31 - 1): Uint8Array<ArrayBuffer> =>
  wat(`(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") ${Math.ceil((length + 64) / 65536)})
    (func (export "_start") (local $at i32)
      (i32.store (i32.const 0) (i32.const 64))
      (i32.store (i32.const 4) (i32.const ${length}))
      (memory.fill (i32.const 64) (i32.const 120) (i32.const ${length}))
      (local.set $at (i32.const ${line - 1}))
      (block $done (loop $lines
        (br_if $done (i32.ge_u (local.get $at) (i32.const ${length})))
        (i32.store8 offset=64 (local.get $at) (i32.const 10))
        (local.set $at (i32.add (local.get $at) (i32.const ${line})))
        (br $lines)))
      (local.set $at (i32.const ${times}))
      (loop $again
        (drop (call $fd_write (i32.const ${fd}) (i32.const 0) (i32.const 1) (i32.const 8)))
        (br_if $again (local.tee $at (i32.sub (local.get $at) (i32.const 1)))))))`);

/** Calls a syscall with constant arguments without end. */
const caller = (name: string, type: string, args: string, pages = 1): Uint8Array<ArrayBuffer> =>
  wat(`(module
    (import "wasi_snapshot_preview1" "${name}" (func $call ${type}))
    (memory (export "memory") ${pages})
    (func (export "_start")
      (loop $forever (drop (call $call ${args})) (br $forever))))`);

describe('endless output', { concurrency: 2 }, () => {
  for (const [what, plugin, limits, kind, sentence] of [
    [
      'lines on stdout',
      'endless-lines',
      { output: MB / 4 },
      'output',
      /^The plugin has written more than 0\.3 MiB to stdout.*\(limits\.output\)\.$/,
    ],
    [
      'one line on stdout',
      'endless-output',
      { line: MB },
      'line',
      /^The plugin wrote a line of more than 1 MiB to stdout.*\(limits\.line\)\.$/,
    ],
    [
      'one line on stdout, of 64 MB a write',
      writer(1, 64 * MB, 2 ** 30),
      { line: MB },
      'line',
      /a line of more than 1 MiB/,
    ],
    ['a long line that comes whole', writer(1, 3 * MB, 3 * MB), { line: 2 * MB }, 'line', /a line of more than 2 MiB/],
    ['one-letter lines on stdout', writer(1, 65536, 2), { output: MB / 2 }, 'output', /more than 0\.5 MiB/],
    [
      'polls',
      'endless-poll',
      { wallMs: 300 },
      'wall-time',
      /^The call has run for 0\.3 s, which is its limit \(limits\.wallMs\)\.$/,
    ],
    [
      'computing',
      'endless-loop',
      { fuel: 10_000_000 },
      'fuel',
      /^The call has consumed ≈10000000 fuel, which is its limit \(limits\.fuel\)\.$/,
    ],
    [
      'memory growth',
      'endless-grow',
      { memory: 64 * MB },
      'memory',
      /^The plugin asked for 64\.1 MiB of memory, and its limit here is 64 MiB/,
    ],
  ] as const satisfies readonly (readonly [string, string | Uint8Array, CallOptions['limits'], string, RegExp])[])
    it(`E4: R3: ${what} ends at a bound that says so, and replays exactly`, async () => {
      const call = await runCall(plugin, 'run', 'null', { limits });
      assert.equal(call.outcome.kind, 'limit', JSON.stringify(call.outcome.fault));
      assert.equal(call.outcome.fault?.kind, kind);
      assert.match(call.outcome.fault?.message ?? '', sentence);
      const told = ofKind(call.events(), 'diagnosis').at(-1);
      assert.equal(told?.message, call.outcome.fault?.message);
      await replaysExactly(call, plugin);
    });

  for (const [what, plugin] of [
    ['log lines', 'endless-log'],
    ['one log line', writer(2, 4096, 2 ** 30, 1000)],
    ['one-letter log lines', writer(2, 4096, 2, 1000)],
    ['a log of 16 MB a write', writer(2, 16 * MB, 1000, 3)],
  ] as const)
    it(`E4: R3: past the bound on output, ${what}: not kept, which is said once, and the call goes on`, async () => {
      const limits = { output: MB, line: MB / 4, fuel: plugin === 'endless-log' ? 300_000 : 10_000_000, events: 1000 };
      const call = await runCall(plugin, 'run', 'null', { limits });
      assert.equal(call.outcome.fault?.kind, plugin === 'endless-log' ? 'fuel' : 'no-response');
      const warnings = ofKind(call.events(), 'diagnosis').filter(({ severity }) => severity === 'warning');
      assert.deepEqual(
        warnings.map(({ diagnosis }) => diagnosis),
        what === 'one log line' ? ['log-cut'] : ['output'],
      );
      const kept = ofKind(call.events(), 'stderr').reduce((sum, { bytes }) => sum + bytes.length + 64, 0);
      assert.ok(kept > MB / 8 && kept <= MB, `${kept} bytes`);
      await replaysExactly(call, plugin);
    });

  it('E4: a log line longer than the bound on lines is cut, which is said once', async () => {
    const plugin = writer(2, 3 * 65536, 65536, 3);
    const call = await runCall(plugin, 'run', 'null', { limits: { line: 1000 } });
    const lines = ofKind(call.events(), 'stderr');
    assert.deepEqual(
      lines.map(({ bytes }) => bytes.length),
      Array(9).fill(1000),
    );
    const kinds = ofKind(call.events(), 'diagnosis').map(({ diagnosis }) => diagnosis);
    assert.deepEqual(kinds, ['log-cut', 'no-response']);
    await replaysExactly(call, plugin);
  });
});

describe('what endless syscalls leave behind', { concurrency: 2 }, () => {
  const args = (...values: number[]): string => values.map((value) => `(i32.const ${value})`).join(' ');
  const ENDLESS: readonly [what: string, plugin: Uint8Array][] = [
    [
      'clock_time_get',
      caller('clock_time_get', '(param i32 i64 i32) (result i32)', '(i32.const 0) (i64.const 1) (i32.const 8)'),
    ],
    ['random_get of 1 MB', caller('random_get', '(param i32 i32) (result i32)', args(0, MB), 17)],
    ['random_get of 16 bytes', caller('random_get', '(param i32 i32) (result i32)', args(0, 16))],
    ['calls that fail', caller('fd_close', '(param i32) (result i32)', args(77))],
    ['calls with bad pointers', caller('fd_read', '(param i32 i32 i32 i32) (result i32)', args(0, -8, 1, 0))],
    [
      'memory.grow by 0',
      wat(
        '(module (memory (export "memory") 1) (func (export "_start") (loop $f (drop (memory.grow (i32.const 0))) (br $f))))',
      ),
    ],
    [
      'table.grow',
      wat(
        '(module (memory (export "memory") 1) (table 1 externref) (func (export "_start") (loop $f (drop (table.grow (ref.null extern) (i32.const 1000000))) (br $f))))',
      ),
    ],
  ];
  for (const [what, plugin] of ENDLESS)
    it(`E4: endless ${what}: all events together are bounded`, async () => {
      const call = await runCall(plugin, 'run', 'null', { limits: { wallMs: 300, events: 100 } });
      assert.equal(call.outcome.kind, 'limit');
      assert.match(call.outcome.fault?.kind ?? '', /^(events|wall-time)$/);
      // folded records are closed at 64 KiB, and one call may bring more
      assert.ok(call.run.store.bytes <= 66 * MB, `${call.run.store.bytes} bytes`);
      const told = ofKind(call.events(), 'diagnosis');
      assert.ok(told.length <= 12, `${told.length} diagnoses`);
    });

  it('E4: the bound on all events ends the run in a sentence', async () => {
    const [, plugin] = ENDLESS[1] ?? assert.fail();
    const call = await runCall(plugin, 'run', 'null', { limits: { events: 100 }, seed: '1' });
    assert.equal(call.outcome.kind, 'limit');
    assert.match(
      call.outcome.fault?.message ?? '',
      /^The call's events take more than 64 MiB, which is the limit for 100 events \(limits\.events\)\.$/,
    );
  });
});

describe('depth', () => {
  it('E4: P1: a response of 100 000 nested arrays is refused as production does', async () => {
    const { outcome } = await runCall('rpc-deep-json', 'run');
    assert.equal(outcome.fault?.kind, 'malformed-json');
    assert.match(outcome.fault?.message ?? '', /nested deeper than 127 levels/);
  });

  it('E4: E8: recursion without end is a trap of the plugin', async () => {
    const { outcome } = await runCall('deep-recursion', 'run');
    assert.equal(outcome.fault?.kind, 'trap');
    assert.match(outcome.fault?.message ?? '', /call stack exhausted/);
  });
});

describe('what a plugin can reach', () => {
  it('E4: the worker it runs in has an empty environment', async () => {
    const source = `import { parentPort } from 'node:worker_threads'; parentPort.postMessage({ ...process.env });`;
    const elsewhere = nodePlatform(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
    const found = await new Promise((resolve, reject) => {
      elsewhere.startWorker({ control: new SharedArrayBuffer(64) } as Parameters<typeof platform.startWorker>[0], [], {
        message: resolve,
        died: reject,
      });
    });
    assert.deepEqual(found, {});
  });

  it('E3: E4: neither arguments nor environment, unless they are given', async () => {
    const plugin = wat(`(module
      (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start")
        (drop (call $args (i32.const 0) (i32.const 4)))
        (drop (call $env (i32.const 8) (i32.const 12)))
        (call $exit (i32.add
          (i32.add (i32.load (i32.const 0)) (i32.mul (i32.const 10) (i32.load (i32.const 4))))
          (i32.add (i32.mul (i32.const 100) (i32.load (i32.const 8))) (i32.mul (i32.const 1000) (i32.load (i32.const 12))))))))`);
    assert.equal((await runCall(plugin, 'run')).outcome.exitCode, 0);
    const given = await runCall(plugin, 'run', 'null', { args: ['ab', 'c'], env: ['K=V'] });
    // 2 arguments of 5 bytes, 1 entry of 4
    assert.equal(given.outcome.exitCode, 2 + 50 + 100 + 4000);
  });
});

describe('memory', () => {
  it('E9: a grow past the cap ends the run and says what production would do; the cap is in the header', async () => {
    const call = await runCall('endless-grow', 'run', 'null', { limits: { memory: 5 * MB } });
    assert.equal(call.outcome.kind, 'limit');
    assert.equal(
      call.outcome.fault?.message,
      "The plugin asked for 5.1 MiB of memory, and its limit here is 5 MiB, where production has none but the module's own (limits.memory).",
    );
    assert.equal(call.run.header?.limits.memory, 5 * MB);
    const grows = ofKind(call.events(), 'grow');
    assert.deepEqual(
      grows.map(({ result }) => result),
      [1, 17, 33, 49],
    );
  });

  it("E9: a grow past the module's own maximum fails, as in production, and is no limit", async () => {
    const plugin = wat(`(module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1 3)
      (func (export "_start")
        (drop (memory.grow (i32.const 2)))
        (call $exit (memory.grow (i32.const 1)))))`);
    const call = await runCall(plugin, 'run', 'null', { limits: { memory: 3 * 65536 } });
    assert.equal(call.outcome.exitCode, -1);
    assert.deepEqual(
      ofKind(call.events(), 'grow').map(({ result }) => result),
      [1, -1],
    );
  });

  it('E9: all memories of a plugin count together', async () => {
    const plugin = wat(`(module (memory (export "memory") 16) (memory $other 16)
      (func (export "_start") (loop $forever (drop (memory.grow $other (i32.const 1))) (br $forever))))`);
    const { outcome } = await runCall(plugin, 'run', 'null', { limits: { memory: 3 * MB } });
    assert.equal(outcome.fault?.kind, 'memory');
    assert.match(outcome.fault?.message ?? '', /asked for 3\.1 MiB/);
  });

  it('E9: R3: a module that declares more than the cap is stopped before it begins', async () => {
    const plugin = wat('(module (memory (export "memory") 64) (func (export "_start")))');
    const call = await runCall(plugin, 'run', 'null', { limits: { memory: MB } });
    assert.equal(call.outcome.kind, 'limit');
    assert.match(call.outcome.fault?.message ?? '', /asked for 4 MiB of memory, and its limit here is 1 MiB/);
    await replaysExactly(call, plugin);
  });

  it('E9: with a debugger the grow stops the run, and going on doubles the cap', async () => {
    const run = startCall('endless-grow', 'run', 'null', { debug: true, limits: { memory: 2 * MB, wallMs: 60_000 } });
    const stops: Stop[] = [];
    await new Promise<void>((resolve) => {
      run.on({
        stopped(stop) {
          stops.push(stop);
          if (stops.length < 3) run.resume({ until: undefined });
          else resolve();
        },
      });
    });
    assert.deepEqual(
      stops.map(({ reason, diagnosis }) => [reason, diagnosis?.diagnosis]),
      Array(3).fill(['limit', 'memory']),
    );
    assert.deepEqual(
      stops.map(({ diagnosis }) => /its limit here is (\d+ MiB)/.exec(diagnosis?.message ?? '')?.[1]),
      ['2 MiB', '4 MiB', '8 MiB'],
    );
    for (const { diagnosis } of stops) assert.match(diagnosis?.message ?? '', /Continue goes on with twice as much\.$/);
    assert.equal(await run.memorySize(), 8 * MB - MB + 65536);
    await run.terminate();
  });
});
