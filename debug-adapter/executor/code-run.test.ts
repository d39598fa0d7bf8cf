// Stops amid the guest's code: breakpoints by function and by instruction, steps, moments, watched memory, and what is seen there.
// Contracts I2, S1.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Driven, drive } from '../testing/drive.ts';
import { type CallOptions, needs, type Plugin, startCall, VIRTUAL } from '../testing/run-call.ts';
import { wat } from '../testing/wat.ts';
import { type CodeBreakpoint, NO_SITES, type PlanChoice, type Resume, type Stop } from './options.ts';

const EVERY: PlanChoice = { ...NO_SITES, entries: true, functions: 'all' };

const debug = (plugin: Plugin, method: string, params = 'null', options: CallOptions = {}): Driven =>
  drive(startCall(plugin, method, params, { debug: true, clock: VIRTUAL, seed: '1', ...options }));

/** A call to a function of two locals, in a loop. */
const FACTORIAL = wat(
  `(module (memory (export "memory") 1)
    (global $total (export "total") (mut i32) (i32.const 0))
    (func $factorial (param $n i32) (result i64) (local $result i64)
      (local.set $result (i64.const 1))
      (loop $again
        (if (i32.gt_s (local.get $n) (i32.const 1))
          (then
            (local.set $result (i64.mul (local.get $result) (i64.extend_i32_u (local.get $n))))
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br $again))))
      (i64.store (i32.const 64) (local.get $result))
      (local.get $result))
    (func (export "_start")
      (drop (call $factorial (i32.const 5)))
      (drop (call $factorial (i32.const 20)))
      (global.set $total (i32.const 2))))`,
  { names: true },
);

const breakpoint = (place: CodeBreakpoint['place'], more: Partial<CodeBreakpoint> = {}): CodeBreakpoint => ({
  id: 'b',
  place,
  ...more,
});

const step = async (driven: Driven, kind: NonNullable<Resume['step']>): Promise<Stop> => {
  driven.run.resume({ until: undefined, step: kind });
  return driven.stop();
};

const text = async (driven: Driven): Promise<string> => {
  const { locals, operands } = await driven.run.frameValues(0);
  return `${locals.map(({ name, value }) => `${name}=${value}`).join(' ')} | ${operands.map(({ value }) => value).join(' ')}`;
};

/** The instruction before which a stop stands. */
const instruction = async (driven: Driven, { frames }: Stop): Promise<string> => {
  const [row] = await driven.run.disassemble(frames[0]?.offset ?? 0, 0, 1);
  return row?.text ?? '';
};

describe('breakpoints in code', () => {
  it('S1: at a function by its name, with what it was called with', async () => {
    const driven = debug(FACTORIAL, 'x', 'null', { breakpoints: [breakpoint({ function: 'factorial' })] });
    const stop = await driven.stop();
    assert.deepEqual([stop.reason, stop.rules, stop.inCode], ['breakpoint', ['b'], true]);
    assert.equal(stop.frames[0]?.name, 'factorial');
    assert.equal(await text(driven), 'n=5 result=0 | ');
    await driven.on();
    assert.equal(await text(driven), 'n=20 result=0 | ');
    driven.run.resume({ until: undefined });
    await driven.run.ended;
  });

  it('S1: conditions, counts of hits, log messages', async () => {
    const driven = debug(FACTORIAL, 'x', 'null', {
      breakpoints: [
        breakpoint({ function: 'factorial' }, { id: 'log', logMessage: 'of {$n} at {moment}' }),
        breakpoint({ function: 'factorial' }, { id: 'condition', condition: '$n > 5 && $0 == 20' }),
        breakpoint({ function: 'factorial' }, { id: 'count', hitCondition: '2' }),
        breakpoint({ function: 'factorial' }, { id: 'never', condition: '$n > 20' }),
      ],
    });
    const stop = await driven.stop();
    assert.deepEqual(stop.rules, ['condition', 'count']);
    assert.deepEqual(
      driven.logs.map(([logged]) => logged),
      ['of 5 at 2', `of 20 at ${stop.moment}`],
    );
    await driven.run.terminate();
  });

  it('S1: set, moved and taken away while it runs', async () => {
    const driven = debug(FACTORIAL, 'x', 'null', { plan: EVERY, stopOnEntry: true });
    await driven.stop();
    driven.run.setBreakpoints([breakpoint({ function: 'factorial' })]);
    const { frames } = await driven.on();
    const [set] = await driven.run.disassemble(frames[0]?.offset ?? 0, 1, 1);
    assert.equal(set?.text, 'local.set $result');
    driven.run.setBreakpoints([breakpoint({ offset: set.offset })]);
    assert.equal(await instruction(driven, await driven.on()), 'local.set $result');
    assert.equal(await text(driven), 'n=5 result=0 | 1');
    driven.run.setBreakpoints([]);
    driven.run.resume({ until: undefined });
    await driven.run.ended;
  });

  it('S1: where a range of memory is written', async () => {
    const driven = debug(FACTORIAL, 'x', 'null', { breakpoints: [breakpoint({ address: 68, length: 2 })] });
    const stop = await driven.stop();
    assert.deepEqual([stop.reason, stop.rules], ['data', ['b']]);
    assert.equal((await driven.run.evaluate('i64[64]', 0)).value, '120');
    await driven.on();
    assert.equal((await driven.run.evaluate('i64[64]', 0)).value, '2432902008176640000');
    await driven.run.terminate();
  });
});

describe('steps by instruction', () => {
  it('S1: into, over, out', async () => {
    const driven = debug(FACTORIAL, 'x', 'null', { plan: EVERY, breakpoints: [breakpoint({ function: '_start' })] });
    const seen: string[] = [];
    let stop = await driven.stop();
    const go = async (kind: NonNullable<Resume['step']>): Promise<void> => {
      stop = await step(driven, kind);
      seen.push(`${kind}: ${stop.frames[0]?.name} ${await instruction(driven, stop)} @${stop.moment}`);
    };
    for (const kind of ['over', 'over', 'into', 'into', 'into', 'over', 'into', 'over', 'out', 'into', 'over'] as const)
      await go(kind);
    await driven.run.terminate();
    assert.deepEqual(seen, [
      'over: _start call $factorial (;0;) @1',
      'over: _start drop @71',
      'into: _start i32.const 20 @72',
      'into: _start call $factorial (;0;) @73',
      'into: factorial i64.const 1 @74',
      'over: factorial local.set $result @75',
      'into: factorial loop (;@1;) @76',
      'over: factorial local.get $n @77',
      'out: _start drop @353',
      'into: _start i32.const 2 @354',
      'over: _start global.set $total @355',
    ]);
  });
});

describe('moments', () => {
  it('I2: a run to any moment stops right there', needs('hello'), async () => {
    const driven = debug('hello', 'greet', '{"name":"Ada"}', {
      plan: EVERY,
      stopOnEntry: true,
      mocks: '{"get_user":{"display_name":"Ada","utc_offset_hours":1},"log":null}',
    });
    await driven.stop();
    for (const moment of [1, 2, 1000, 1001, 20_000]) {
      driven.run.resume({ until: undefined, moment });
      const stop = await driven.stop();
      assert.deepEqual([stop.reason, stop.moment, stop.inCode], ['moment', moment, true]);
    }
    await driven.run.terminate();
  });

  it('I2: where the code there has no sites, it gets them', needs('rust-pdk.debug'), async () => {
    const driven = debug('rust-pdk.debug', 'prime_sieve', '{"limit":1000}', { stopOnEntry: true });
    await driven.stop();
    for (const moment of [777, 100_001, 1_000_001]) {
      driven.run.resume({ until: undefined, moment });
      const stop = await driven.stop();
      assert.deepEqual([stop.reason, stop.moment, stop.inCode], ['moment', moment, true]);
    }
    await driven.run.terminate();
  });
});

describe('bare sites', () => {
  it('S1: a function that is stepped into is seen whole, though its entry hands nothing over', async () => {
    const driven = debug(FACTORIAL, 'x', 'null', { plan: { ...NO_SITES, entries: true }, stopOnEntry: true });
    await driven.stop();
    for (const name of ['_start', 'factorial']) {
      driven.run.resume({ until: undefined, step: 'into' });
      let stop = await driven.stop();
      while (stop.frames[0]?.name !== name) {
        driven.run.resume({ until: undefined, step: 'into' });
        stop = await driven.stop();
      }
    }
    assert.equal(await text(driven), 'n=5 result=0 | ');
    await driven.run.terminate();
  });

  it('S1: and so are its locals, by doing the call again', async () => {
    const driven = debug(FACTORIAL, 'x', 'null', { plan: { ...NO_SITES, entries: true } });
    driven.run.setBreakpoints([breakpoint({ function: 'factorial' }, { hitCondition: '2' })]);
    const stop = await driven.stop();
    assert.deepEqual([stop.inCode, stop.frames[0]?.name], [true, 'factorial']);
    assert.equal(await text(driven), 'n=20 result=0 | ');
    assert.equal((await driven.run.assign('$n', '3', 0)).value, '3');
    driven.run.resume({ until: undefined });
    await driven.run.ended;
  });
});

describe('writes of locals and globals', () => {
  it('S1: stop right behind them', async () => {
    const driven = debug(FACTORIAL, 'x', 'null', {
      breakpoints: [
        breakpoint({ written: 'local', index: 1, func: 0 }, { id: 'local', condition: '$result > 100' }),
        breakpoint({ written: 'global', index: 0 }, { id: 'global' }),
        breakpoint({ written: 'local', index: 7, func: 0 }, { id: 'none' }),
      ],
    });
    const told = await new Promise<readonly (string | undefined)[]>((resolve) =>
      driven.run.on({ breakpoints: (resolved) => resolve(resolved.map(({ message }) => message)) }),
    );
    assert.deepEqual(told, [undefined, undefined, 'No instruction of this plugin sets it.']);
    const stop = await driven.stop();
    assert.deepEqual([stop.reason, stop.rules], ['data', ['local']]);
    assert.equal(await text(driven), 'n=2 result=120 | ');
    let last = stop;
    while (last.rules[0] === 'local') last = await driven.on();
    assert.deepEqual([last.reason, last.rules], ['data', ['global']]);
    assert.equal((await driven.run.evaluate('$total', 0)).value, '2');
    await driven.run.terminate();
  });
});

describe('conditions at events', () => {
  it('S1: may ask for globals and memory', async () => {
    const TWICE = wat(
      `(module
        (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
        (memory (export "memory") 1)
        (global $round (mut i32) (i32.const 0))
        (func (export "_start")
          (loop $again
            (global.set $round (i32.add (global.get $round) (i32.const 1)))
            (i32.store (i32.const 16) (i32.mul (global.get $round) (i32.const 100)))
            (drop (call $yield))
            (br_if $again (i32.lt_s (global.get $round) (i32.const 9))))))`,
      { names: true },
    );
    const rule = { class: 'syscall', name: 'sched_yield', hitCondition: undefined } as const;
    const driven = debug(TWICE, 'x', 'null', {
      rules: [
        { ...rule, id: 'stop', condition: '$round == 7 && i32[16] == 700', logMessage: undefined },
        { ...rule, id: 'log', condition: 'i32[16] < 300', logMessage: 'round {$round}' },
      ],
    });
    const stop = await driven.stop();
    assert.deepEqual(stop.rules, ['stop']);
    assert.equal((await driven.run.evaluate('$round', 0)).value, '7');
    assert.deepEqual(
      driven.logs.map(([logged]) => logged),
      ['round 1', 'round 2'],
    );
    await driven.run.terminate();
  });
});
