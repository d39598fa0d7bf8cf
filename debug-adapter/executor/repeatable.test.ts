// With a seed and a virtual clock a call is the same each time, to the byte; without them it is not. Contract E7.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CallOptions, needs, ofKind, type Plugin, runCall, VIRTUAL } from '../testing/run-call.ts';
import { wat } from '../testing/wat.ts';

const SAME: CallOptions = { seed: '7', clock: VIRTUAL };
const GREET = '{"get_user":{"display_name":"Ada","utc_offset_hours":1},"log":null}';
const ECHO = '{"echo":"said"}';

const untimed = (text: string): string => text.replace(/"created":"[^"]*"/, '');

async function twice(plugin: Plugin, method: string, params: string, options: CallOptions): Promise<[string, string]> {
  const [one, two] = await Promise.all([
    runCall(plugin, method, params, options),
    runCall(plugin, method, params, options),
  ]);
  return [untimed(one.recordingText), untimed(two.recordingText)];
}

describe('a seed and a virtual clock', { concurrency: 2 }, () => {
  for (const [plugin, method, params, mocks] of [
    ['hello', 'greet', '{"name":"Ada"}', GREET],
    ['hello', 'roll', '{"dice":100}', '{}'],
    ['rust-pdk.release', 'random', '{"bytes":5000}', '{}'],
    ['rust-pdk.release', 'time', 'null', '{}'],
    ['rust-pdk.release', 'log', 'null', '{}'],
    ['rust-pdk.release', 'joined', '{"ms":500}', ECHO],
    ['rust-pdk.release', 'select', 'null', ECHO],
    ['rust-pdk.release', 'sleep', '{"ms":3000000}', '{}'],
    ['rust-pdk.release', 'prime_sieve', '{"limit":200000}', '{}'],
    ['endless-poll', 'run', 'null', '{}'],
  ] as const)
    it(
      `E7: ${plugin} ${method} ${params}: two recordings are the same but for when they were made`,
      needs(plugin),
      async () => {
        const [one, two] = await twice(plugin, method, params, { ...SAME, mocks });
        assert.equal(one, two);
      },
    );

  it(
    'E7: the virtual clock begins where it is told, advances with fuel, and passes sleeps at once',
    needs('rust-pdk.release'),
    async () => {
      const { outcome } = await runCall('rust-pdk.release', 'time', 'null', SAME);
      const { unix_ns, elapsed_ns } = JSON.parse(outcome.result ?? '', (_key, value) => value) as Record<
        string,
        number
      >;
      const since = (unix_ns ?? 0) / 1e6 - VIRTUAL.startMs;
      assert.ok(since > 0 && since < 10, `${since} ms`);
      assert.ok(elapsed_ns !== undefined && elapsed_ns >= 0 && elapsed_ns < 1e6);
      const hour = await runCall('rust-pdk.release', 'sleep', '{"ms":3600000}', SAME);
      assert.match(hour.outcome.result ?? '', /^360000[0-5]$/);
      assert.ok(hour.outcome.wallMs < 20_000, `${hour.outcome.wallMs} ms`);
    },
  );

  it('E7: on the real clock a sleep takes its time', needs('rust-pdk.release'), async () => {
    const { outcome } = await runCall('rust-pdk.release', 'sleep', '{"ms":120}');
    assert.ok(Number(outcome.result) >= 120 && outcome.wallMs >= 120, `${outcome.result}, ${outcome.wallMs} ms`);
  });
});

describe('without them', { concurrency: 2 }, () => {
  it('E7: another seed gives other random bytes; no seed gives others each time', async () => {
    const roll = async (seed: string | undefined) =>
      (await runCall('hello', 'roll', '{"dice":60}', { seed })).outcome.result;
    const results = [
      await roll('7'),
      await roll('8'),
      await roll(undefined),
      await roll(undefined),
      await roll('a text'),
      await roll('another'),
    ];
    assert.equal(new Set(results).size, results.length);
    assert.equal(await roll('7'), results[0]);
    assert.equal(await roll('a text'), results[4]);
    assert.equal(await roll('07'), results[0], 'a decimal number is itself');
  });

  it('E7: a slice changes yields and not what the plugin does', async () => {
    const small = await runCall('hello', 'roll', '{"dice":50}', { ...SAME, slice: 1000 });
    const big = await runCall('hello', 'roll', '{"dice":50}', { ...SAME, slice: 100_000_000 });
    assert.equal(small.outcome.result, big.outcome.result);
    assert.ok(small.outcome.fuel.yields > 10 * big.outcome.fuel.yields);
    assert.equal(small.outcome.fuel.consumed, big.outcome.fuel.consumed);
    const yields = ofKind(small.events(), 'yield').reduce((sum, { count }) => sum + count, 0);
    assert.equal(yields, small.outcome.fuel.yields);
  });

  for (const slice of [0, 1, 7, 2 ** 31 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER])
    it(`E7: I3: a slice of ${slice} works`, async () => {
      const plugin =
        wat(`(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)
        (func (export "_start") (local $n i32)
          (loop $again (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $again (i32.lt_u (local.get $n) (i32.const 100000))))
          (call $exit (local.get $n))))`);
      const { outcome } = await runCall(plugin, 'run', 'null', { slice });
      assert.equal(outcome.exitCode, 100_000);
      const once = await runCall(plugin, 'run', 'null', { slice: 100_000 });
      assert.equal(outcome.fuel.consumed, once.outcome.fuel.consumed);
    });
});
