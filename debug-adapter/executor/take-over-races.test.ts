// What happens while another worker is on its way to take over: it is held up here, so that pause, terminate, breakpoints, edits, and replies
// come in between. Contracts S4, E2, R1.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Driven, drive } from '../testing/drive.ts';
import {
  type CallOptions,
  echoHost,
  endedCall,
  needs,
  optionsOf,
  type Plugin,
  platform,
  replaysExactly,
  VIRTUAL,
} from '../testing/run-call.ts';
import { stopRule } from '../testing/stop-rule.ts';
import { wat } from '../testing/wat.ts';
import type { FromWorker } from './messages.ts';
import type { Platform } from './platform.ts';
import { Run } from './run.ts';

/** A platform whose workers that take over are not heard to arrive before they are let. */
function holding(): { platform: Platform; arrived(count: number): Promise<void>; letCome(): void; lose: boolean } {
  let held: (() => void)[] = [];
  let open = false;
  let wake = (): void => {};
  const holding = {
    lose: false,
    platform: {
      ...platform,
      startWorker(start, transfer, events) {
        if (start.continues === undefined) return platform.startWorker(start, transfer, events);
        const message = (message: FromWorker): void => {
          if (holding.lose) events.died('it was lost');
          else if (open || message.type !== 'stopped') events.message(message);
          else {
            held.push(() => events.message(message));
            wake();
          }
        };
        return platform.startWorker(start, transfer, { ...events, message });
      },
    } satisfies Platform,
    /** So many have come to where they are held up. */
    async arrived(count: number): Promise<void> {
      while (held.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    },
    letCome(): void {
      open = true;
      for (const tell of held) tell();
      held = [];
    },
  };
  return holding;
}

type Held = ReturnType<typeof holding> & Driven & { readonly problems: string[]; readonly stops: () => number };

function debug(plugin: Plugin, method: string, params: string, options: CallOptions): Held {
  const held = holding();
  const run = Run.start(held.platform, optionsOf(plugin, method, params, { debug: true, ...options }), options.host);
  const problems: string[] = [];
  let stops = 0;
  run.on({ problem: (sentence) => problems.push(sentence), stopped: () => stops++ });
  return Object.assign(held, drive(run), { problems, stops: () => stops });
}

const FIXED: CallOptions = { clock: VIRTUAL, seed: '1', rules: [stopRule('syscall')] };

/** Yields, and ends with what `$down` makes of a byte of memory. */
const DOWN = wat(
  `(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
    (memory (export "memory") 1)
    (func $down (param $n i32) (result i32)
      (drop (call $yield))
      (i32.add (local.get $n) (i32.load8_u (i32.const 8))))
    (func $later (param $n i32) (result i32) (i32.add (local.get $n) (i32.const 1)))
    (func (export "_start") (local $outer i32)
      (local.set $outer (i32.const 3))
      (call $exit (call $later (call $down (local.get $outer))))))`,
  { names: true },
);

const LOOP = wat(
  `(module (memory (export "memory") 1)
    (func $often (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func (export "_start") (local i32)
      (loop $again (local.set 0 (call $often (local.get 0))) (br $again))))`,
  { names: true },
);

/** At the yield in `$down`, with a worker under way that a step there needs. */
async function stepping(): Promise<Held> {
  const held = debug(DOWN, 'x', 'null', FIXED);
  await held.stop();
  held.run.resume({ until: undefined, step: 'out' });
  await held.arrived(1);
  return held;
}

describe('while another worker is under way', () => {
  it('S4: terminate ends the call where it stands, with a whole recording', async () => {
    const { run, letCome } = await stepping();
    const ended = run.terminate();
    letCome();
    await ended;
    const outcome = await run.ended;
    assert.deepEqual([outcome.kind, outcome.fault?.message], ['terminated', 'the call was ended by the debugger']);
    await replaysExactly(endedCall(run, outcome), DOWN);
  });

  it('E2: pause keeps the call where it stands, at once', async () => {
    const held = await stepping();
    const { run } = held;
    run.pause();
    const stop = await held.stop();
    assert.deepEqual([stop.reason, stop.rules, stop.frames[0]?.name], ['pause', [], 'down']);
    held.letCome();
    await delay(50);
    assert.deepEqual([run.state, run.stop?.reason, held.stops()], ['stopped', 'pause', 2]);
    run.resume({ until: undefined, step: 'out' });
    assert.equal((await held.stop()).reason, 'step');
    run.setRules([]);
    run.resume({ until: undefined });
    assert.equal((await run.ended).exitCode, 4);
  });

  it('S4: breakpoints that are set then are hit, and the step keeps its sites', async () => {
    const held = await stepping();
    const { run } = held;
    run.setBreakpoints([{ id: 'b', place: { function: 'later' } }]);
    held.letCome();
    const stepped = await held.stop();
    assert.deepEqual([stepped.reason, stepped.inCode, stepped.frames[0]?.name], ['step', true, '_start']);
    run.resume({ until: undefined });
    assert.deepEqual((await held.stop()).rules, ['b']);
    run.setRules([]);
    run.resume({ until: undefined });
    assert.equal((await run.ended).exitCode, 4);
    assert.deepEqual(held.problems, []);
  });

  it('S4: of a worker that is not wanted any more nobody hears', async () => {
    const held = await stepping();
    const { run } = held;
    run.setBreakpoints([{ id: 'a', place: { function: 'later' } }]);
    run.setBreakpoints([{ id: 'b', place: { function: 'later' } }]);
    run.setBreakpoints([{ id: 'c', place: { function: 'later' } }]);
    await held.arrived(2);
    held.letCome();
    assert.equal((await held.stop()).reason, 'step');
    assert.deepEqual((await held.on()).rules, ['c']);
    assert.equal(held.stops(), 3);
    await run.terminate();
  });

  it('S4: rules that are set then hold', async () => {
    const held = await stepping();
    held.run.setRules([stopRule('syscall', { name: 'proc_exit', id: 'exit' })]);
    held.letCome();
    await held.stop();
    assert.deepEqual((await held.on()).rules, ['exit']);
    await held.run.terminate();
  });

  it('R1: an edit that is done then is there afterwards, and in the recording once', async () => {
    const held = debug(DOWN, 'x', 'null', FIXED);
    const { run } = held;
    await held.stop();
    const values = run.frameValues(1);
    await held.arrived(1);
    assert.equal((await run.assign('u8[8]', '40', 0)).value, '40');
    held.letCome();
    assert.deepEqual(
      (await values).locals.map(({ value }) => value),
      ['3'],
    );
    run.setRules([]);
    run.resume({ until: undefined });
    const outcome = await run.ended;
    assert.equal(outcome.exitCode, 44);
    await replaysExactly(endedCall(run, outcome), DOWN);
  });

  it('S1: locals of callers that are being found are found, whatever breakpoints are set', async () => {
    const held = debug(DOWN, 'x', 'null', FIXED);
    const { run } = held;
    await held.stop();
    const values = run.frameValues(1);
    await held.arrived(1);
    run.setBreakpoints([{ id: 'b', place: { function: 'later' } }]);
    held.letCome();
    assert.deepEqual(
      (await values).locals.map(({ value }) => value),
      ['3'],
    );
    run.setBreakpoints([{ id: 'd', place: { function: '_start' } }]);
    await delay(300);
    assert.deepEqual(
      (await run.frameValues(1)).locals.map(({ value }) => value),
      ['3'],
    );
    await run.terminate();
  });

  it('S4: a reply that the host gives then comes once', needs('rust-pdk.release'), async () => {
    const host = echoHost({ delay: 300 });
    const held = debug('rust-pdk.release', 'echo', '{"message":"x"}', { host, rules: [stopRule('yield')] });
    const { run } = held;
    await held.stop();
    while (host.asked.length === 0) await held.on();
    run.resume({ until: undefined, step: 'into' });
    await held.arrived(1);
    await delay(400);
    run.setRules([]);
    held.letCome();
    await held.stop();
    run.resume({ until: undefined });
    assert.equal((await run.ended).kind, 'result');
    assert.equal(host.asked.length, 1);
  });

  it('S4: where it is lost, a step is not done without its sites', async () => {
    const held = debug(DOWN, 'x', 'null', FIXED);
    const { run } = held;
    await held.stop();
    held.lose = true;
    run.resume({ until: undefined, step: 'out' });
    assert.equal((await held.stop()).frames[0]?.name, 'down');
    assert.match(held.problems.join(), /^The plugin could not be taken to where it stands .*lost\)\.$/);
    await run.terminate();
  });
});

describe('right after a run was told to run on', () => {
  it('E2: a pause stops it', async () => {
    const held = debug(LOOP, 'x', 'null', { stopOnEntry: true });
    await held.stop();
    for (let i = 0; i < 20; i++) {
      held.run.resume({ until: undefined });
      held.run.pause();
      assert.equal((await held.stop()).reason, 'pause');
    }
    await held.run.terminate();
  });

  it('S4: nothing is asked of it, and nobody takes over', async () => {
    const held = debug(DOWN, 'x', 'null', FIXED);
    const { run } = held;
    await held.stop();
    run.setRules([]);
    run.resume({ until: undefined });
    await assert.rejects(run.frameValues(1), /running/);
    await assert.rejects(run.assign('u8[8]', '1', 0), /running/);
    assert.equal((await run.ended).exitCode, 4);
  });

  it('S4: breakpoints that need sites do not end a run to a moment', async () => {
    const held = debug(LOOP, 'x', 'null', { stopOnEntry: true });
    held.letCome();
    await held.stop();
    held.run.resume({ until: undefined, moment: 300_000_000 });
    await delay(20);
    held.run.setBreakpoints([{ id: 'b', place: { function: '_start' } }]);
    const stop = await held.stop();
    assert.deepEqual([stop.reason, stop.moment], ['moment', 300_000_000]);
    await held.run.terminate();
  });
});

describe('a step that breakpoints come into', () => {
  const LONG = wat(
    `(module (memory (export "memory") 1)
      (func $long (local i32)
        (loop $again
          (local.set 0 (i32.add (local.get 0) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get 0) (i32.const 30000000)))))
      (func $after (i32.store8 (i32.const 8) (i32.const 1)))
      (func (export "_start") (call $long) (nop) (call $after)))`,
    { names: true },
  );

  const AFTER = { id: 'after', place: { function: 'after' } } as const;
  // where memory is written needs other code; the entries of all functions are sites already
  const WRITTEN = { id: 'written', place: { address: 8, length: 1 } } as const;
  for (const [how, breakpoint] of [
    ['with the sites that there are', AFTER],
    ['with the sites that they need', WRITTEN],
  ] as const)
    it(`S1: goes on ${how}`, async () => {
      const held = debug(LONG, 'x', 'null', { breakpoints: [{ id: 'start', place: { function: '_start' } }] });
      held.letCome();
      const { run } = held;
      await held.stop();
      run.resume({ until: undefined, step: 'over' });
      await new Promise<void>((resolve) => run.on({ resumed: resolve }));
      run.setBreakpoints([breakpoint]);
      const stop = await held.stop();
      assert.deepEqual([stop.reason, stop.frames.map(({ name }) => name), held.stops()], ['step', ['_start'], 2]);
      assert.deepEqual((await held.on()).rules, [breakpoint.id]);
      await run.terminate();
    });
});

describe('before there is an instance', () => {
  it('S4: breakpoints that are set at a stop do not hold the call up', async () => {
    const held = debug(Uint8Array.of(1, 2, 3), 'x', 'null', { rules: [stopRule('diagnosis')] });
    const { run } = held;
    await held.stop();
    run.setBreakpoints([{ id: 'b', place: { function: 'x' } }]);
    run.resume({ until: undefined });
    assert.equal((await run.ended).kind, 'fault');
  });
});
