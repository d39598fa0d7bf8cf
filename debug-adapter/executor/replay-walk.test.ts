// Replays under the debugger that are driven at random: whatever is asked of one, it comes to the recorded end, with the recorded events, and
// stands at each moment as it stood at first. Recordings with edits, folded syscalls, yields in a row, another model of fuel. Contracts R1, R3, R5,
// I2, S4.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRecording } from '../recording/reader.ts';
import { chance } from '../testing/chance.ts';
import { type Driven, drive } from '../testing/drive.ts';
import {
  type CallOptions,
  echoHost,
  type Plugin,
  platform,
  pluginBytes,
  recordingOf,
  runCall,
  startCall,
  VIRTUAL,
} from '../testing/run-call.ts';
import { stopRule } from '../testing/stop-rule.ts';
import { wat } from '../testing/wat.ts';
import type { RunOptions, Stop } from './options.ts';
import { replayOptions } from './replay-options.ts';
import { Run } from './run.ts';

const MOCKS = '{"get_user":{"display_name":"Ada","utc_offset_hours":1},"log":null}';
const GREET: CallOptions = { mocks: MOCKS, clock: VIRTUAL, seed: '1' };

function replay(text: string, plugin: Plugin, options: Partial<RunOptions> = {}): Driven {
  const recording = parseRecording(text, 'test.jsonl');
  const bytes = typeof plugin === 'string' ? pluginBytes(plugin) : Uint8Array.from(plugin);
  const driven = drive(
    Run.replay(platform, recording, { ...replayOptions(recording.header, 'p.wasm', bytes), debug: true, ...options }),
  );
  driven.run.on({
    problem: (sentence) => {
      if (!sentence.startsWith('There is no event')) throw new Error(sentence);
    },
  });
  return driven;
}

/** Writes a global and what lies in memory to stdout, and what `$sum` makes of them into its exit code. */
const EDITED = wat(
  `(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (global $plus (mut i32) (i32.const 0))
    (data (i32.const 16) "\\20\\00\\00\\00\\04\\00\\00\\00log\\n")
    (data (i32.const 32) "log\\n")
    (func $sum (param $a i32) (param $b i32) (result i32)
      (i32.add (local.get $a) (local.get $b)))
    (func (export "_start") (local $n i32)
      (loop $again
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (drop (call $write (i32.const 2) (i32.const 16) (i32.const 1) (i32.const 64)))
        (drop (call $yield))
        (br_if $again (i32.lt_u (local.get $n) (i32.const 3))))
      (call $exit
        (i32.add (call $sum (local.get $n) (i32.const 4)) (i32.add (global.get $plus) (i32.load8_u (i32.const 8)))))))`,
  { names: true },
);

/** A call that was edited before its first instruction, at syscalls before what they wrote was looked at, at yields, and in the code. */
async function editedRecording(): Promise<string> {
  const rules = [stopRule('syscall'), stopRule('yield')];
  const driven = drive(
    startCall(EDITED, 'x', 'null', {
      ...{ debug: true, clock: VIRTUAL, seed: '1', stopOnEntry: true, rules },
      breakpoints: [{ id: 'b', place: { function: 'sum' } }],
    }),
  );
  const { run } = driven;
  for (let n = 1; ; n++) {
    const stop = await driven.stop().catch(() => undefined);
    if (stop === undefined) break;
    if (stop.inCode) await run.assign('$a', '$a + 10', 0);
    if (n % 2 === 1) await run.assign('$plus', `$plus + ${n}`, 0);
    if (n % 3 === 1) await run.writeMemory(8, Uint8Array.of(n));
    run.resume({ until: undefined });
  }
  await run.ended;
  return recordingOf(run);
}

/** What a stop must be wherever the call was stopped at this event and moment. */
const state = async ({ run }: Driven, stop: Stop): Promise<string> =>
  JSON.stringify([
    stop.fuel.consumed,
    stop.frames,
    (await run.globals()).map(({ value }) => value),
    Buffer.from(await run.readMemory(0, 64)).toString('hex'),
  ]);

/** Numbers from 0 to 1, the same for a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Asks for whatever there is to ask, at random, and then for the end. */
async function walk(text: string, plugin: Plugin, seed: number, known: Map<string, string>): Promise<void> {
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const length = text.trimEnd().split('\n').length - 1;
  const driven = replay(
    text,
    plugin,
    random() < 0.3 ? { stopOnEntry: true } : { runToEvent: Math.floor(random() * length) },
  );
  const { run } = driven;
  const done: string[] = [];
  try {
    let last: Stop | undefined;
    for (let n = 0; ; n++) {
      const stop = await driven.stop().catch(() => undefined);
      if (stop === undefined) break;
      done.push(`${stop.reason} ${stop.seq} ${stop.moment}`);
      assert.ok(last === undefined || (stop.seq >= last.seq && stop.moment >= last.moment));
      last = stop;
      if (!stop.over && stop.inCode) {
        const key = `${stop.seq} ${stop.moment}`;
        const found = await state(driven, stop);
        assert.equal(found, known.get(key) ?? found, key);
        known.set(key, found);
      }
      if (n > 12) {
        run.setRules([]);
        run.setBreakpoints([]);
        run.resume({ until: undefined });
        continue;
      }
      if (random() < 0.2) run.setBreakpoints([{ id: 'b', place: { function: pick(['sum', '*read*', '*alloc*']) } }]);
      if (random() < 0.2) run.setRules([stopRule(pick(['rpc', 'syscall', 'yield', 'stderr'] as const))]);
      if (random() < 0.2 && stop.frames.length > 1) await run.frameValues(1).catch(() => undefined);
      const mode = pick([
        { until: undefined, step: 'over' },
        { until: undefined, step: 'into' },
        { until: undefined, step: 'out' },
        { until: 'event' },
        { until: 'syscall' },
        { until: undefined, moment: stop.moment + 1 + Math.floor(random() * 300) },
        { until: undefined, event: stop.seq + 1 + Math.floor(random() * 5) },
      ] as const);
      done.push(JSON.stringify(mode));
      run.resume(stop.over ? { until: undefined } : mode);
      if (random() < 0.15) {
        done.push('pause');
        run.pause();
      }
    }
    await run.ended;
    assert.equal(run.divergence, undefined);
    assert.equal(recordingOf(run), text);
  } catch (error) {
    throw new Error(`seed ${seed}: ${done.join(', ')}`, { cause: error });
  }
}

/** Walks of each recording: each of them is a good many workers. WALKS=100 looks further. */
const WALKS = Number(process.env['WALKS'] ?? 2);

async function walks(text: string, plugin: Plugin): Promise<void> {
  const known = new Map<string, string>();
  for (let seed = 1; seed <= WALKS; seed++) await walk(text, plugin, seed, known);
}

describe('a replay that is driven at random', { timeout: 600_000 }, () => {
  it('R3, S4: of a call with messages both ways', async () => {
    await walks((await runCall('hello', 'greet', '{"name":"Ada"}', GREET)).recordingText, 'hello');
  });

  it('R3, S4: of one that reads the clock, sleeps, grows and yields', async () => {
    const call = await runCall(chance, 'run', 'null', { ...GREET, host: echoHost() });
    await walks(call.recordingText, chance);
  });

  it('R1, R3: of a call that was edited on the way', async () => {
    const text = await editedRecording();
    assert.ok(text.split('"kind":"edit"').length > 8);
    await walks(text, EDITED);
  });

  it('R3: of a call whose yields came in a row, and whose syscalls were folded', async () => {
    const rows = await runCall('hello', 'roll', '{"dice":3}', { ...GREET, slice: 500 });
    assert.match(rows.recordingText, /"kind":"yield".*"count":\d{2}/);
    await walks(rows.recordingText, 'hello');
    const folded = await runCall('hello', 'greet', '{"name":"Ada"}', { ...GREET, limits: { events: 8 } });
    assert.match(folded.recordingText, /"kind":"folded"/);
    await walks(folded.recordingText, 'hello');
  });
});
