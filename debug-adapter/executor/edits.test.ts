// Changes made at a stop: the guest finds them, the recording has them, and a replay does them again at the same moment. Contract R1.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drive } from '../testing/drive.ts';
import { endedCall, recordingOf, replaysExactly, replayText, startCall, VIRTUAL } from '../testing/run-call.ts';
import { stopRule } from '../testing/stop-rule.ts';
import { wat } from '../testing/wat.ts';
import { type CodeBreakpoint, NO_SITES } from './options.ts';

/** Writes what `$sum(3, 4)`, a global and a byte of memory come to into its exit code. */
const SUM = wat(
  `(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
    (memory (export "memory") 1)
    (global $plus (mut i32) (i32.const 0))
    (func $sum (param $a i32) (param $b i32) (result i32)
      (i32.add (local.get $a) (local.get $b)))
    (func (export "_start")
      (drop (call $yield))
      (call $exit
        (i32.add (call $sum (i32.const 3) (i32.const 4)) (i32.add (global.get $plus) (i32.load8_u (i32.const 8)))))))`,
  { names: true },
);

const at = (place: CodeBreakpoint['place'], id = 'b'): CodeBreakpoint => ({ id, place });

const start = (breakpoints: readonly CodeBreakpoint[], more = {}) =>
  drive(startCall(SUM, 'x', 'null', { debug: true, clock: VIRTUAL, seed: '1', breakpoints, ...more }));

describe('edits', () => {
  it('R1: of locals, operands, globals and memory', async () => {
    const driven = start([at({ function: 'sum' })], { plan: { ...NO_SITES, functions: 'all' } });
    const { run } = driven;
    await driven.stop();
    assert.equal((await run.assign('$a', '$a + 10', 0)).value, '13');
    assert.equal((await run.assign('$plus', '100', 0)).value, '100');
    assert.equal((await run.assign('u8[8]', '0x20', 0)).value, '32');
    run.resume({ until: undefined, step: 'over' });
    await driven.stop();
    run.resume({ until: undefined, step: 'over' });
    await driven.stop();
    assert.equal((await run.assign('stack[0]', '5', 0)).value, '5');
    run.resume({ until: undefined });
    const outcome = await run.ended;
    assert.equal(outcome.exitCode, 13 + 5 + 100 + 32);
    const edits = [...run.store.range()].filter(({ kind }) => kind === 'edit');
    assert.deepEqual(
      edits.map((edit) => (edit.kind === 'edit' ? [edit.text, edit.space, edit.moment] : [])),
      [
        ['$a = $a + 10', 'local', 5],
        ['$plus = 100', 'global', 5],
        ['u8[8] = 0x20', 'memory', 5],
        ['stack[0] = 5', 'stack', 7],
      ],
    );
    await replaysExactly(endedCall(run, outcome), SUM);
  });

  it('R1: at an event, and before the first instruction', async () => {
    const driven = start([], {
      stopOnEntry: true,
      rules: [stopRule('syscall', { name: 'sched_yield' })],
    });
    const { run } = driven;
    await driven.stop();
    assert.equal(await run.writeMemory(8, Uint8Array.of(1)), 1);
    await driven.on();
    await run.assign('$plus', '50', 0);
    await assert.rejects(run.assign('$0', '1', 0), /before an instruction/);
    await assert.rejects(run.assign('u8[8]', '300', 0), /300/);
    await assert.rejects(run.assign('u8[70000]', '3', 0), /past the end/);
    run.resume({ until: undefined });
    const outcome = await run.ended;
    assert.equal(outcome.exitCode, 58);
    await replaysExactly(endedCall(run, outcome), SUM);
  });

  it('R1: a call that goes on in another worker keeps its edits', async () => {
    const driven = start([at({ function: 'sum' })]);
    const { run } = driven;
    await driven.stop();
    await run.assign('$b', '20', 0);
    for (let n = 0; n < 2; n++) {
      run.resume({ until: undefined, step: 'over' });
      await driven.stop();
    }
    assert.equal((await run.evaluate('stack[0]', 0)).value, '20');
    run.resume({ until: undefined });
    const outcome = await run.ended;
    assert.equal(outcome.exitCode, 23);
    await replaysExactly(endedCall(run, outcome), SUM);
  });

  it('R3: a replay of a changed edit differs where it shows', async () => {
    const driven = start([at({ function: 'sum' })]);
    await driven.stop();
    await driven.run.assign('$b', '20', 0);
    driven.run.resume({ until: undefined });
    await driven.run.ended;
    const text = recordingOf(driven.run);
    const moved = await replayText(text.replace(/"moment":\d+/, '"moment":6'), SUM);
    assert.match(moved.divergence?.message ?? '', /the edit .\$b = 20.|the recording has the edit/);
    const other = await replayText(text.replace('"base64":"FAAAAA=="', '"base64":"FQAAAA=="'), SUM);
    assert.match(other.divergence?.message ?? '', /proc_exit/);
  });
});
