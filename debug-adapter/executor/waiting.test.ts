// A guest that finds stdin empty: polls back off and end when something comes, async guests make progress, and a call that waits for nothing
// is told so. Contracts E5, E6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type EndedCall,
  echoHost,
  endedCall,
  needs,
  ofKind,
  replaysExactly,
  runCall,
  startCall,
  VIRTUAL,
} from '../testing/run-call.ts';
import { until } from '../testing/until.ts';
import { wat } from '../testing/wat.ts';
import type { Stop } from './options.ts';

/** Waits for the reply to `echo`, and gets none. */
const UNANSWERED = 'rpc-call-echo';
const never = () => echoHost({ never: ['echo'] });

/** Polls an empty stdin and reads the clock until so many ms are over, and answers then. */
const impatient = (ms: number): Uint8Array =>
  wat(`(module
    (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\\00\\10\\00\\00\\00\\10\\00\\00\\40\\00\\00\\00\\2a\\00\\00\\00")
    (data (i32.const 64) "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":0,\\"result\\":\\"enough\\"}\\n")
    (func $now (result i64) (drop (call $clock (i32.const 1) (i64.const 1) (i32.const 40))) (i64.load (i32.const 40)))
    (func (export "_start") (local $end i64)
      (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 32)))
      (local.set $end (i64.add (call $now) (i64.const ${ms}000000)))
      (loop $poll
        (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 32)))
        (br_if $poll (i64.lt_u (call $now) (local.get $end))))
      (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 32)))))`);

const polls = (call: EndedCall) => ofKind(call.events(), 'syscall').filter(({ flags }) => flags.emptyPoll);

describe('empty polls', { concurrency: 4 }, () => {
  it('E5: E7: wait 1, 2, 4, 8 and then 10 ms of the clock', async () => {
    const run = startCall(UNANSWERED, 'run', '1', { host: never(), clock: VIRTUAL });
    await until('eight polls', () => ofKind(run.store.range(), 'syscall').length > 12);
    await run.terminate();
    const call = endedCall(run, await run.ended);
    const times = polls(call).map(({ time }) => time);
    const waits = times.slice(1).map((time, at) => Math.floor(time - (times[at] ?? 0)));
    assert.deepEqual(waits.slice(0, 7), [1, 2, 4, 8, 10, 10, 10]);
  });

  it('E5: on the real clock no less, so that a guest that waits costs little', async () => {
    const call = await runCall(UNANSWERED, 'run', '1', { host: never(), limits: { wallMs: 300 } });
    const times = polls(call).map(({ time }) => time);
    const waits = times.slice(1).map((time, at) => time - (times[at] ?? 0));
    for (const [at, wait] of waits.entries())
      assert.ok(wait >= Math.min(2 ** at, 10) - 0.6, `wait ${at} took ${wait} ms`);
    assert.ok(times.length <= 36, `${times.length} polls in 300 ms`);
  });

  it('E5: end at once when a reply comes, and begin anew at 1 ms', async () => {
    const call = await runCall(UNANSWERED, 'run', '1', { host: echoHost({ delay: 55 }) });
    assert.equal(call.outcome.kind, 'result');
    const events = call.events();
    const at = events.findLastIndex((event) => event.kind === 'rpc' && event.dir === 'in');
    const [read] = ofKind(events.slice(at), 'syscall');
    assert.deepEqual([read?.name, read?.errno], ['fd_read', 0]);
    const times = polls(call).map(({ time }) => time);
    const took = (events[at]?.time ?? 0) - (times[0] ?? 0);
    assert.ok(times.length >= 1 && times.length <= 5 + took / 9, `${times.length} polls in ${took} ms`);
  });

  for (const clock of ['real', 'virtual'] as const)
    for (const [method, ms, hostTakes, result] of [
      ['select', 10_000, 25, '{"reply":"in time?"}'],
      ['select', 40, 900, '{"timeout":40}'],
      ['reply_or_timeout', 40, 900, '[{"timeout":40},"after"]'],
    ] as const)
      it(
        `E5: a tokio guest in ${method} {ms: ${ms}} against a host of ${hostTakes} ms makes progress with few polls, ${clock} clock`,
        needs('rust-pdk.release'),
        async () => {
          const call = await runCall('rust-pdk.release', method, `{"ms":${ms}}`, {
            host: echoHost({ delay: hostTakes }),
            clock: clock === 'real' ? { kind: 'real' } : VIRTUAL,
          });
          assert.equal(call.outcome.result, result, call.outcome.fault?.message);
          const most = 60 + call.outcome.wallMs / 4;
          assert.ok(polls(call).length > 0 && polls(call).length < most, `${polls(call).length} polls`);
          await replaysExactly(call, 'rust-pdk.release');
        },
      );

  it('E7: a host process is waited for in real time though the clock is virtual', async () => {
    const call = await runCall(UNANSWERED, 'run', '1', { host: echoHost({ delay: 120 }), clock: VIRTUAL });
    assert.equal(call.outcome.kind, 'result');
    assert.ok(call.outcome.wallMs >= 119, `${call.outcome.wallMs} ms`);
  });
});

describe('a call that waits for nothing', { concurrency: 4 }, () => {
  it('E6: P1: is told so after 2 s, and ends', async () => {
    const call = await runCall('endless-poll', 'wait');
    assert.equal(call.outcome.kind, 'fault');
    assert.equal(call.outcome.fault?.kind, 'hang');
    assert.equal(
      call.outcome.fault?.message,
      'The call hangs: the plugin keeps polling stdin, `wait` (id 0) has no response, and the host owes no reply.',
    );
    assert.ok(call.outcome.wallMs >= 2000 && call.outcome.wallMs < 15_000, `${call.outcome.wallMs} ms`);
    await replaysExactly(call, 'endless-poll');
  });

  it('E6: E7: or after an hour of virtual time, which takes no time', async () => {
    const call = await runCall('endless-poll', 'wait', 'null', { clock: VIRTUAL });
    assert.equal(call.outcome.fault?.kind, 'hang');
    const end = ofKind(call.events(), 'exit')[0]?.time ?? 0;
    assert.ok(end >= 3_600_000 && end < 7_300_000, `${end} ms`);
    assert.ok(polls(call).length < 40, `${polls(call).length} polls`);
    assert.ok(call.outcome.wallMs < 15_000, `${call.outcome.wallMs} ms`);
    await replaysExactly(call, 'endless-poll');
  });

  it('E6: a guest that times out by itself before that is left alone', async () => {
    const inTime = await runCall(impatient(59 * 60_000), 'wait', 'null', { clock: VIRTUAL });
    assert.equal(inTime.outcome.result, '"enough"', inTime.outcome.fault?.message);
    const late = await runCall(impatient(150 * 60_000), 'wait', 'null', { clock: VIRTUAL });
    assert.equal(late.outcome.fault?.kind, 'hang');
    const real = await runCall(impatient(300), 'wait');
    assert.equal(real.outcome.result, '"enough"', real.outcome.fault?.message);
  });

  it('E6: a reply that is owed is waited for, however long it takes', async () => {
    const call = await runCall(UNANSWERED, 'run', '1', { host: echoHost({ delay: 2500 }) });
    assert.equal(call.outcome.kind, 'result', call.outcome.fault?.message);
  });

  it('E6: P1: what the host will never answer since it stopped reading is named', async () => {
    const { outcome } = await runCall('rpc-stray-text-then-call', 'run', 'null', { clock: VIRTUAL });
    assert.equal(outcome.kind, 'fault');
    assert.match(outcome.fault?.message ?? '', /stray text|stopped reading/i);
  });

  it('E6: with a debugger the run stops and says so; going on waits on', async () => {
    const run = startCall('endless-poll', 'wait', 'null', { clock: VIRTUAL, debug: true });
    const stops: Stop[] = [];
    await new Promise<void>((resolve) => {
      run.on({
        stopped(stop) {
          stops.push(stop);
          if (stops.length === 3) resolve();
          else run.resume({ until: undefined });
        },
      });
    });
    for (const { reason, diagnosis } of stops) {
      assert.equal(reason, 'limit');
      assert.equal(diagnosis?.diagnosis, 'hang');
      assert.match(diagnosis?.message ?? '', /Continue waits on\.$/);
    }
    const [first = 0, second = 0] = stops.map(({ time }) => time);
    assert.ok(second - first >= 3_600_000);
    await run.terminate();
    assert.equal((await run.ended).kind, 'terminated');
  });
});

describe('time while paused', () => {
  it('E7: the real clock stands still, and so does the bound on wall time', async () => {
    const limits = { wallMs: 3000 };
    const run = startCall(impatient(300), 'wait', 'null', { debug: true, stopOnEntry: true, limits });
    await new Promise<void>((resolve) => run.on({ stopped: () => resolve() }));
    await delay(3100);
    const start = performance.now();
    run.resume({ until: undefined });
    const outcome = await run.ended;
    assert.equal(outcome.result, '"enough"', outcome.fault?.message);
    assert.ok(performance.now() - start >= 299);
    assert.ok(outcome.wallMs >= 299 && outcome.wallMs < 3000, `${outcome.wallMs} ms`);
  });
});
