// Recursion ends where production ends it: at the 1 001st frame, or past 1 000 000 slots of value stack; never at a limit of V8's or of the
// worker's stack. Contract E8.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needs, replaysExactly, runCall } from '../testing/run-call.ts';
import { wat } from '../testing/wat.ts';

/** Recurses `depth` deep, each frame with so many i64 locals alive across the call; ends with code 7 when all of them came back unharmed. */
const frames = (depth: number, locals: number): Uint8Array => {
  const names = Array.from({ length: locals }, (_, at) => at);
  return wat(`(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func $deeper (param $left i32) (result i64)
      ${locals > 0 ? `(local ${'i64 '.repeat(locals)})` : ''}
      ${names.map((at) => `(local.set ${at + 1} (i64.add (i64.extend_i32_u (local.get $left)) (i64.const ${at})))`).join('\n')}
      (if (local.get $left) (then (drop (call $deeper (i32.sub (local.get $left) (i32.const 1))))))
      (i64.const 0)
      ${names.map((at) => `(i64.add (i64.xor (local.get ${at + 1}) (i64.add (i64.extend_i32_u (local.get $left)) (i64.const ${at}))))`).join('\n')})
    (func (export "_start")
      (if (i64.ne (call $deeper (i32.const ${depth - 2})) (i64.const 0)) (then unreachable))
      (call $exit (i32.const 7))))`);
};

/** The same through an indirect call. */
const indirect = (depth: number): Uint8Array =>
  wat(`(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (type $step (func (param i32)))
    (table 1 funcref) (elem (i32.const 0) $deeper)
    (func $deeper (type $step)
      (if (local.get 0) (then (call_indirect (type $step) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))))
    (func (export "_start") (call $deeper (i32.const ${depth - 2})) (call $exit (i32.const 7))))`);

async function endsWell(plugin: Uint8Array): Promise<void> {
  const { outcome } = await runCall(plugin, 'run');
  assert.equal(outcome.exitCode, 7, outcome.fault?.message);
}

async function isExhausted(plugin: string | Uint8Array, method = 'run', params = 'null'): Promise<void> {
  const call = await runCall(plugin, method, params);
  assert.equal(call.outcome.kind, 'fault');
  assert.equal(call.outcome.fault?.kind, 'trap', call.outcome.fault?.message);
  assert.match(
    call.outcome.fault?.message ?? '',
    /^The plugin trapped( in function `.+`( \(\w+\.rs:\d+\))?)?: call stack exhausted\.$/,
  );
  await replaysExactly(call, plugin);
}

describe('recursion', { concurrency: 2 }, () => {
  it('E8: 1 000 frames are production’s last', async () => {
    assert.equal((await runCall('recursion-1000-frames', 'run')).outcome.result, '"done"');
    await isExhausted('recursion-1001-frames');
  });

  for (const [what, plugin, further] of [
    ['small frames', frames(1000, 0), frames(1001, 0)],
    ['frames of 100 locals', frames(1000, 100), frames(1001, 100)],
    ['frames of 900 locals', frames(1000, 900), frames(1001, 900)],
    ['indirect calls', indirect(1000), indirect(1001)],
  ] as const)
    it(`E8: 1 000 live ${what} fit the worker’s stack, and the next one is a trap of the plugin`, async () => {
      await endsWell(plugin);
      await isExhausted(further);
    });

  it('E8: a million slots of value stack end it earlier', async () => {
    await endsWell(frames(300, 3000));
    await isExhausted(frames(500, 3000));
  });

  for (const build of ['release', 'debug'])
    it(`E8: rust-pdk.${build} recurses as deep as production lets it`, needs(`rust-pdk.${build}`), async () => {
      const fits = await runCall(`rust-pdk.${build}`, 'recurse', '{"depth":900}');
      assert.equal(fits.outcome.result, '405450', fits.outcome.fault?.message);
      await isExhausted(`rust-pdk.${build}`, 'recurse', '{"depth":1000}');
    });

  it('E8: hot recursion ends where cold does', async () => {
    // 3 000 recursions of 990 frames, so that V8 has optimised them, and then one of 1 001
    const plugin = wat(`(module
      (memory (export "memory") 1)
      (global $turns (mut i32) (i32.const 0))
      (func $deeper (param $left i32) (if (local.get $left) (then (call $deeper (i32.sub (local.get $left) (i32.const 1))))))
      (func (export "_start")
        (loop $again
          (call $deeper (i32.const 990))
          (global.set $turns (i32.add (global.get $turns) (i32.const 1)))
          (br_if $again (i32.lt_u (global.get $turns) (i32.const 3000))))
        (call $deeper (i32.const 998))
        (global.set $turns (i32.const -1))
        (call $deeper (i32.const 999))))`);
    const call = await runCall(plugin, 'run');
    assert.match(call.outcome.fault?.message ?? '', /call stack exhausted/);
    const run = await replaysExactly(call, plugin);
    assert.equal(run.outcome.fault?.kind, 'trap');
  });
});
