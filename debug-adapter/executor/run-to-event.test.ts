// Runs to an event, live and by a recording, and replays under a debugger: they stop where the call that was recorded stopped, show its own
// events, and are rewritten while they stand. Contracts R2, R3, S1, S4.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRecording } from '../recording/reader.ts';
import { CALLERS } from '../testing/callers.ts';
import { type Driven, drive } from '../testing/drive.ts';
import {
  type EndedCall,
  echoHost,
  endedCall,
  GREET,
  type Plugin,
  platform,
  pluginBytes,
  recordingOf,
  runCall,
  startCall,
  stopAtEvery,
  VIRTUAL,
  watNames,
} from '../testing/run-call.ts';
import type { RunOptions, Stop } from './options.ts';
import { replayOptions } from './replay-options.ts';
import { Run } from './run.ts';

/** A recording under the debugger. */
function replay(text: string, plugin: Plugin, options: Partial<RunOptions> = {}): Driven {
  const recording = parseRecording(text, 'test.jsonl');
  const bytes = typeof plugin === 'string' ? pluginBytes(plugin) : Uint8Array.from(plugin);
  return drive(
    Run.replay(platform, recording, {
      ...replayOptions(recording.header, recording.header.module.path ?? '', bytes),
      debug: true,
      ...options,
    }),
  );
}

const greeting = (): Promise<EndedCall> => runCall('hello', 'greet', '{"name":"Ada"}', GREET);

async function endRun({ run }: Driven): Promise<void> {
  run.setRules([]);
  run.resume({ until: undefined });
  await run.ended;
}

/** Runs on to its end, which must be that of the recording. */
async function endsAsRecorded({ run }: Driven, text: string): Promise<void> {
  run.setRules([]);
  run.setBreakpoints([]);
  run.resume({ until: undefined });
  await run.ended;
  assert.equal(run.divergence, undefined);
  assert.equal(recordingOf(run), text);
}

describe('a run to an event', () => {
  it('S1: live: stops when it has happened, whatever it is, and at none before', async () => {
    const call = await greeting();
    const length = call.events().length;
    for (const event of [0, 1, 5, 10, length - 2, length - 1]) {
      const driven = drive(startCall('hello', 'greet', '{"name":"Ada"}', { ...GREET, debug: true, runToEvent: event }));
      const stop = await driven.stop();
      assert.deepEqual([stop.reason, stop.seq, stop.over], ['reached', event, event === length - 1]);
      driven.run.resume({ until: undefined });
      assert.equal((await driven.run.ended).kind, 'result');
    }
  });

  it('S1: R3: every event of a recording can be run to, from its start and one after the other', async () => {
    const call = await greeting();
    const text = call.recordingText;
    const events = call.events();
    const walking = replay(text, 'hello', { runToEvent: 0 });
    for (const { seq, time } of events) {
      const stop = await walking.stop();
      assert.deepEqual([stop.reason, stop.seq, stop.time], ['reached', seq, time]);
      assert.equal(walking.run.store.length, seq + 1);
      walking.run.resume({ until: undefined, event: seq + 1 });
    }
    await walking.run.ended;
    assert.equal(recordingOf(walking.run), text);
    for (const event of [3, 17]) {
      const driven = replay(text, 'hello', { runToEvent: event });
      assert.equal((await driven.stop()).seq, event);
      await endsAsRecorded(driven, text);
    }
  });

  it('R3: past the end of a recording it stops at the end, and says so', async () => {
    const call = await greeting();
    const last = call.events().length - 1;
    const driven = replay(call.recordingText, 'hello', { runToEvent: 1000 });
    const problems: string[] = [];
    driven.run.on({ problem: (sentence) => problems.push(sentence) });
    const stop = await driven.stop();
    assert.deepEqual([stop.reason, stop.seq, stop.over], ['reached', last, true]);
    assert.deepEqual(problems, [`There is no event 1000: the recording ends with event ${last}.`]);
    await endsAsRecorded(driven, call.recordingText);
  });

  it('S1: a breakpoint on the way comes first, and ends it', async () => {
    const call = await greeting();
    const driven = replay(call.recordingText, 'hello', {
      runToEvent: 20,
      rules: [{ ...stopAtEvery('rpc'), hitCondition: '2' }],
    });
    const stop = await driven.stop();
    assert.deepEqual([stop.reason, stop.rules], ['event', ['rpc']]);
    driven.run.resume({ until: undefined });
    await driven.run.ended;
    assert.equal(driven.run.divergence, undefined);
  });
});

describe('a replay under the debugger', () => {
  it('R3: stops where the call stopped: at messages both ways, syscalls, yields and log lines', async () => {
    const rules = (['rpc', 'syscall', 'yield', 'stderr'] as const).map(stopAtEvery);
    const live = drive(startCall('hello', 'greet', '{"name":"Ada"}', { ...GREET, debug: true, rules }));
    const stops: string[] = [];
    const shown = (stop: Awaited<ReturnType<Driven['stop']>>): string =>
      `${stop.seq} ${stop.reason} ${stop.rules} ${stop.moment} ${stop.fuel.consumed} ${stop.frames.length}`;
    for (;;) {
      const stop = await live.stop().catch(() => undefined);
      if (stop === undefined) break;
      stops.push(shown(stop));
      live.run.resume({ until: undefined });
    }
    const text = endedCall(live.run, await live.run.ended).recordingText;
    const again = replay(text, 'hello', { rules });
    const same: string[] = [];
    for (;;) {
      const stop = await again.stop().catch(() => undefined);
      if (stop === undefined) break;
      same.push(shown(stop));
      again.run.resume({ until: undefined });
    }
    assert.deepEqual(same, stops);
    assert.ok(stops.length > 30);
    await again.run.ended;
    assert.equal(again.run.divergence, undefined);
    assert.equal(recordingOf(again.run), text);
  });

  it('R3: of every small plugin, however its call ended', async () => {
    const limits = { wallMs: 100, fuel: 3_000_000, output: 1 << 20, memory: 1 << 26 };
    // those that are refused are all alike
    for (const name of watNames.filter((one) => one === 'feature-atomics' || !one.startsWith('feature-'))) {
      const call = await runCall(name, 'run', '[1]', { host: echoHost(), clock: VIRTUAL, seed: '1', limits });
      const { run } = replay(call.recordingText, name);
      run.on({ stopped: () => run.resume({ until: undefined }) });
      const outcome = await run.ended;
      assert.equal(run.divergence, undefined, name);
      assert.equal(recordingOf(run), call.recordingText, name);
      assert.deepEqual(
        { ...outcome, wallMs: 0, fuel: outcome.fuel.consumed },
        { ...call.outcome, wallMs: 0, fuel: call.outcome.fuel.consumed },
        name,
      );
    }
  });

  it('R3: stops where a bound was reached that the call went on past', async () => {
    const live = drive(startCall('endless-loop', 'run', 'null', { debug: true, limits: { fuel: 1_000_000 } }));
    for (let n = 0; n < 2; n++) {
      assert.equal((await live.stop()).reason, 'limit');
      if (n === 0) live.run.resume({ until: undefined });
    }
    await live.run.terminate();
    const text = endedCall(live.run, await live.run.ended).recordingText;
    const again = replay(text, 'endless-loop');
    for (let n = 0; n < 2; n++) {
      const { reason, diagnosis } = await again.stop();
      assert.deepEqual([reason, diagnosis?.diagnosis], ['limit', 'fuel']);
      again.run.resume({ until: undefined });
    }
    assert.equal((await again.run.ended).kind, 'terminated');
    assert.deepEqual([again.run.divergence, recordingOf(again.run)], [undefined, text]);
  });

  it('R3: a fault stops it as it stopped the call, in the words that were recorded', async () => {
    const rules = [stopAtEvery('trap'), stopAtEvery('protocol')];
    for (const name of ['end-trap', 'rpc-stray-text', 'rpc-call-echo']) {
      const live = drive(startCall(name, 'run', '[1]', { debug: true, rules, clock: VIRTUAL, seed: '1' }));
      const shown = (stop: Stop | undefined): unknown[] => [stop?.reason, stop?.seq, stop?.diagnosis, stop?.moment];
      const first = await live.stop();
      assert.equal(first.reason, 'fault', name);
      await endRun(live);
      const again = replay(recordingOf(live.run), name, { rules });
      assert.deepEqual(shown(await again.stop()), shown(first), name);
      await endsAsRecorded(again, recordingOf(live.run));
    }
  });

  it('R3: stops before the first instruction, with no event', async () => {
    const { recordingText } = await greeting();
    const driven = replay(recordingText, 'hello', { stopOnEntry: true });
    const stop = await driven.stop();
    assert.deepEqual([stop.reason, stop.seq, stop.moment], ['entry', -1, 0]);
    await endsAsRecorded(driven, recordingText);
  });

  for (const from of [-1, 0, 1, 4, 9, 14])
    it(`S4: R3: steps by instruction from event ${from}, a breakpoint set there, and the rest as recorded`, async () => {
      const { recordingText } = await greeting();
      const driven = replay(recordingText, 'hello', from < 0 ? { stopOnEntry: true } : { runToEvent: from });
      const { run } = driven;
      run.on({
        problem: (sentence) => {
          throw new Error(sentence);
        },
      });
      const first = await driven.stop();
      assert.equal(first.seq, from);
      for (let i = 0; i < 3; i++) {
        run.resume({ until: undefined, step: 'over' });
        const stop = await driven.stop();
        assert.deepEqual([stop.reason, stop.inCode], ['step', true]);
        assert.ok(stop.moment >= first.moment);
      }
      run.setBreakpoints([{ id: 'b', place: { function: '__wasi_fd_read' } }]);
      run.resume({ until: undefined });
      const hit = await driven.stop().catch(() => undefined);
      if (from < 14) assert.deepEqual([hit?.rules, hit?.frames[0]?.name], [['b'], '__wasi_fd_read']);
      if (hit === undefined) await run.ended;
      else await endsAsRecorded(driven, recordingText);
      assert.equal(run.divergence, undefined);
    });

  it('S1: the locals of callers are those of their calls', async () => {
    const { recordingText } = await runCall(CALLERS, 'x');
    const driven = replay(recordingText, CALLERS, { rules: [{ ...stopAtEvery('syscall'), hitCondition: '2' }] });
    const stop = await driven.stop();
    const found: string[] = [];
    for (let frame = 0; frame < stop.frames.length; frame++)
      found.push((await driven.run.frameValues(frame)).locals.map(({ name, value }) => `${name}=${value}`).join(' '));
    assert.deepEqual(found, [
      'n=0 what=301 twice=0',
      'n=1 what=201 twice=2',
      'n=2 what=101 twice=4',
      'n=3 what=1 twice=6',
      'outer=2.5',
    ]);
    await assert.rejects(driven.run.assign('$n', '3', 0), /This is a replay: nothing can be changed/);
    await endsAsRecorded(driven, recordingText);
  });
});
