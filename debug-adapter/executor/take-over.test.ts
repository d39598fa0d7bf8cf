// A call that is rewritten while it stands, and goes on as if nothing had been: with more sites, with the same past and the same future.
// Contracts S4, R3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CALLERS } from '../testing/callers.ts';
import { type Driven, drive } from '../testing/drive.ts';
import {
  type CallOptions,
  echoHost,
  endedCall,
  GREET,
  needs,
  type Plugin,
  replaysExactly,
  runCall,
  startCall,
  stopAtEvery,
} from '../testing/run-call.ts';
import { wat } from '../testing/wat.ts';

const LOOP = wat(
  `(module (memory (export "memory") 1)
    (func $often (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func (export "_start") (local i32)
      (loop $again (local.set 0 (call $often (local.get 0))) (br $again))))`,
  { names: true },
);

const debug = (plugin: Plugin, method: string, params: string, options: CallOptions): Driven => {
  const driven = drive(startCall(plugin, method, params, { debug: true, ...options }));
  driven.run.on({
    problem: (sentence) => {
      throw new Error(sentence);
    },
  });
  return driven;
};

/** The recording's events without the times of a real clock. */
const events = (run: Driven['run']): unknown[] =>
  [...run.store.range()].filter(({ kind }) => kind !== 'yield').map((event) => ({ ...event, seq: 0 }));

describe('a step where the module has no sites', () => {
  for (const kind of ['rpc', 'syscall', 'yield', 'stderr'] as const)
    it(`S4: at each ${kind}: the call comes out as it does undisturbed, and its recording is exact`, async () => {
      const plain = await runCall('hello', 'greet', '{"name":"Ada"}', GREET);
      const driven = debug('hello', 'greet', '{"name":"Ada"}', { ...GREET, rules: [stopAtEvery(kind)] });
      const { run } = driven;
      let stop = await driven.stop();
      let taken = 0;
      for (;;) {
        const { moment, seq } = stop;
        if (!stop.over) {
          run.resume({ until: undefined, step: 'over' });
          stop = await driven.stop();
          taken++;
          if (stop.reason === 'step') assert.ok(stop.inCode, `from ${moment} to ${stop.moment}`);
          assert.ok(stop.moment >= moment && stop.seq >= seq);
        }
        run.resume({ until: undefined });
        if (taken > 12) run.setRules([]);
        const next = await driven.stop().catch(() => undefined);
        if (next === undefined) break;
        stop = next;
      }
      const outcome = await run.ended;
      assert.equal(outcome.result, plain.outcome.result);
      assert.equal(outcome.fuel.consumed, plain.outcome.fuel.consumed);
      assert.deepEqual(
        events(run),
        [...plain.run.store.range()].filter(({ kind }) => kind !== 'yield').map((event) => ({ ...event, seq: 0 })),
      );
      await replaysExactly(endedCall(run, outcome), 'hello');
    });
});

describe('breakpoints where the module has no sites', () => {
  it('S1: one that is set while the call runs is hit', async () => {
    const driven = debug(LOOP, 'x', 'null', {});
    await delay(200);
    driven.run.setBreakpoints([{ id: 'b', place: { function: 'often' } }]);
    const stop = await driven.stop();
    assert.deepEqual(
      [stop.reason, stop.rules, stop.inCode, stop.frames[0]?.name],
      ['breakpoint', ['b'], true, 'often'],
    );
    await driven.run.terminate();
  });

  it('S1: one that is set while it stands is hit, and nobody hears of more stops', async () => {
    const driven = debug('hello', 'greet', '{"name":"Ada"}', { ...GREET, stopOnEntry: true });
    let stops = 0;
    driven.run.on({ stopped: () => stops++ });
    await driven.stop();
    driven.run.setBreakpoints([{ id: 'b', place: { function: '__wasi_fd_read' }, hitCondition: '2' }]);
    const stop = await driven.on();
    assert.deepEqual([stop.rules, stop.frames[0]?.name], [['b'], '__wasi_fd_read']);
    assert.equal(stops, 2);
    driven.run.resume({ until: undefined });
    assert.equal((await driven.run.ended).kind, 'result');
  });

  it('S4: a reply that the host owes still comes, once', needs('rust-pdk.release'), async () => {
    const host = echoHost({ delay: 300 });
    const options = { host, rules: [{ ...stopAtEvery('rpc'), condition: "dir == 'out' && type == 'request'" }] };
    const driven = debug('rust-pdk.release', 'echo', '{"message":"x"}', options);
    await driven.stop();
    driven.run.resume({ until: undefined, step: 'out' });
    await driven.stop();
    driven.run.resume({ until: undefined });
    assert.equal((await driven.run.ended).kind, 'result');
    assert.equal(host.asked.length, 1);
  });
});

describe('frames of callers', () => {
  it('S1: their locals are those of their calls, at an event and amid the code', async () => {
    const driven = debug(CALLERS, 'x', 'null', { rules: [{ ...stopAtEvery('syscall'), hitCondition: '2' }] });
    const { run } = driven;
    const stop = await driven.stop();
    const locals = async (frame: number): Promise<string> =>
      (await run.frameValues(frame)).locals.map(({ name, value }) => `${name}=${value}`).join(' ');
    const all = async (): Promise<string[]> => {
      const found: string[] = [];
      for (let frame = 0; frame < stop.frames.length; frame++) found.push(await locals(frame));
      return found;
    };
    const FRAMES = [
      'n=0 what=301 twice=0',
      'n=1 what=201 twice=2',
      'n=2 what=101 twice=4',
      'n=3 what=1 twice=6',
      'outer=2.5',
    ];
    assert.deepEqual(await all(), FRAMES);
    assert.equal((await run.evaluate('$what + $n', 2)).value, '103');
    await assert.rejects(run.assign('$what', '3', 2), /innermost frame/);
    run.resume({ until: undefined, step: 'over' });
    const next = await driven.stop();
    assert.ok(next.inCode);
    assert.deepEqual(await all(), FRAMES);
    run.resume({ until: undefined });
    assert.equal((await run.ended).exitCode, 0);
  });
});
