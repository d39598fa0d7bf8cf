// What a trap was, in a debugged call that stands at it: wasmi's word where V8 has one for two, addresses, divisors, indices; and what the
// frame had that trapped. Contracts P1, S6.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { parseRecording } from '../recording/reader.ts';
import { drive } from '../testing/drive.ts';
import { HeldWitnesses } from '../testing/held-witness.ts';
import {
  type CallOptions,
  echoHost,
  endedCall,
  needs,
  optionsOf,
  platform,
  recordingOf,
  replaysExactly,
  runCall,
  startCall,
  stopAtEvery,
} from '../testing/run-call.ts';
import { lineWith } from '../testing/source-session.ts';
import { wat } from '../testing/wat.ts';
import type { Stop } from './options.ts';
import type { Platform } from './platform.ts';
import { replayOptions } from './replay-options.ts';
import { Run } from './run.ts';
import { TRAP_WORDS } from './trap-detail.ts';

const { unreachable, memory, table, null: nothing, divide, overflow, conversion, signature, exhausted } = TRAP_WORDS;

/** `words` and the clause, of code in a module with memories of 65 536 and 131 072 bytes and tables of 2 and 4 elements. */
const TRAPS: readonly (readonly [code: string, words: string, what: string | undefined])[] = [
  ['unreachable', unreachable, undefined],
  ['(drop (i32.load (i32.const -1)))', memory, 'a load of 4 bytes at address 4294967295 of memory 0, of 65536 bytes'],
  [
    '(drop (i64.load32_u offset=8 (i32.const 65528)))',
    memory,
    'a load of 4 bytes at address 65536 (65528 and an offset of 8) of memory 0, of 65536 bytes',
  ],
  [
    '(drop (f64.load offset=4294967295 (i32.const -1)))',
    memory,
    'a load of 8 bytes at address 8589934590 (4294967295 and an offset of 4294967295) of memory 0, of 65536 bytes',
  ],
  [
    '(i32.store8 (i32.const 65536) (i32.const 1))',
    memory,
    'a store of 1 byte at address 65536 of memory 0, of 65536 bytes',
  ],
  [
    '(i64.store (i32.const 65529) (i64.const 1))',
    memory,
    'a store of 8 bytes at address 65529 of memory 0, of 65536 bytes',
  ],
  [
    '(i32.store16 1 (i32.const 131071) (i32.const 1))',
    memory,
    'a store of 2 bytes at address 131071 of memory 1, of 131072 bytes',
  ],
  [
    '(memory.fill (i32.const 0) (i32.const 0) (i32.const 65537))',
    memory,
    'a fill of 65537 bytes from address 0 on, of memory 0, of 65536 bytes',
  ],
  [
    '(memory.copy (i32.const 1) (i32.const 0) (i32.const 65536))',
    memory,
    'a copy of 65536 bytes to address 1 on, of memory 0, of 65536 bytes',
  ],
  [
    '(memory.copy (i32.const 0) (i32.const -4) (i32.const 8))',
    memory,
    'a copy of 8 bytes from address 4294967292 on, of memory 0, of 65536 bytes',
  ],
  [
    '(memory.init $d (i32.const 0) (i32.const 0) (i32.const 9))',
    memory,
    'a copy of 9 bytes from byte 0 on, of data segment 0, which has 8',
  ],
  [
    '(data.drop $d) (memory.init $d (i32.const 0) (i32.const 2) (i32.const 1))',
    memory,
    'a copy of 1 byte from byte 2 on, of data segment 0, which was dropped before',
  ],
  [
    '(memory.init $d (i32.const 65535) (i32.const 0) (i32.const 2))',
    memory,
    'a copy of 2 bytes to address 65535 on, of memory 0, of 65536 bytes',
  ],
  ['(drop (i32.div_s (i32.const -7) (i32.const 0)))', divide, '-7 / 0'],
  ['(drop (i32.div_u (i32.const -7) (i32.const 0)))', divide, '4294967289 / 0'],
  ['(drop (i64.rem_u (i64.const -1) (i64.const 0)))', divide, '18446744073709551615 % 0'],
  ['(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))', overflow, '-2147483648 / -1 does not fit an i32'],
  [
    '(drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1)))',
    overflow,
    '-9223372036854775808 / -1 does not fit an i64',
  ],
  ['(drop (i32.trunc_f64_s (f64.const nan)))', conversion, 'NaN is no i32'],
  ['(drop (i64.trunc_f32_u (f32.const nan)))', conversion, 'NaN is no i64'],
  ['(drop (i32.trunc_f64_s (f64.const 1e10)))', overflow, '10000000000 does not fit a signed i32'],
  ['(drop (i32.trunc_f64_u (f64.const -1.5)))', overflow, '-1.5 does not fit an unsigned i32'],
  ['(drop (i64.trunc_f64_s (f64.const inf)))', overflow, 'Infinity does not fit a signed i64'],
  ['(drop (table.get $t (i32.const 99)))', table, 'index 99 of table 0, of 2 elements'],
  ['(table.set $u (i32.const -1) (ref.null func))', table, 'index 4294967295 of table 1, of 4 elements'],
  [
    '(table.fill $u (i32.const 3) (ref.null func) (i32.const 2))',
    table,
    'a fill of 2 elements from index 3 on, of table 1, of 4 elements',
  ],
  [
    '(table.copy $t $u (i32.const 1) (i32.const 0) (i32.const 2))',
    table,
    'a copy of 2 elements to index 1 on, of table 0, of 2 elements',
  ],
  [
    '(table.copy $u $t (i32.const 0) (i32.const 1) (i32.const 2))',
    table,
    'a copy of 2 elements from index 1 on, of table 0, of 2 elements',
  ],
  [
    '(table.init $u $e (i32.const 0) (i32.const 1) (i32.const 1))',
    table,
    'a copy of 1 element from element 1 on, of element segment 1, which has 1',
  ],
  ['(call_indirect $t (type $void) (i32.const 99))', table, 'a call of index 99 of table 0, of 2 elements'],
  ['(call_indirect $t (type $void) (i32.const 0))', nothing, 'a call of index 0 of table 0, which is null'],
  [
    '(call_indirect $t (type $void) (i32.const 1))',
    signature,
    'index 1 of table 0 is `other`, a function (i32) -> (), and is called as () -> ()',
  ],
  // what the table has now, not what it began with
  [
    '(table.set $u (i32.const 2) (ref.func $both)) (drop (call_indirect $u (result i32) (i32.const 2)))',
    signature,
    'index 2 of table 1 is `both`, a function (f32, i64) -> (i64, f32), and is called as () -> i32',
  ],
  ['(return_call_indirect $u (type $void) (i32.const 3))', nothing, 'a call of index 3 of table 1, which is null'],
];

const module = (code: string): Uint8Array =>
  wat(
    `(module
      (type $void (func)) (type $other (func (param i32))) (type $both (func (param f32 i64) (result i64 f32)))
      (memory (export "memory") 1 1) (memory 2 2) (data $d "12345678")
      (table $t 2 funcref) (table $u 4 funcref) (elem (table $t) (i32.const 1) func $other) (elem $e func $other)
      (elem declare func $both)
      (func $other (type $other))
      (func $both (type $both) (local.get 1) (local.get 0))
      (func $guilty (param $left i32) (param $right i64) (i32.const 11) (i32.const 22) ${code} (drop) (drop))
      (func (export "_start") (call $guilty (i32.const 1234) (i64.const -5))))`,
    { names: true },
  );

describe('what a trap was', { concurrency: 2 }, () => {
  for (const [code, words, what] of TRAPS)
    it(`P1: ${code} is '${words}': ${what ?? 'no more'}`, async () => {
      const plugin = module(
        code.startsWith('(return')
          ? code.replace('(return', '(drop) (drop) (return').concat(' (i32.const 1) (i32.const 2)')
          : code,
      );
      const run = startCall(plugin, 'run', 'null', { debug: true, rules: [stopAtEvery('trap')] });
      const stop = await drive(run).stop();
      assert.equal(stop.reason, 'fault');
      const { words: told, what: clause } = (await run.trap()) ?? {};
      assert.equal(told ?? stop.trap?.words, words);
      assert.equal(clause, what);
      const { locals } = await run.frameValues(0);
      assert.deepEqual(
        locals.map(({ name, value }) => `${name} ${value}`),
        ['left 1234', 'right -5'],
      );
      run.resume({ until: undefined });
      await replaysExactly(endedCall(run, await run.ended), plugin);
    });
});

/** Accesses that production refuses, and calls let through: `(v128)` stands for a vector. */
const VECTORS: readonly (readonly [code: string, bytes: string])[] = [
  ['(drop (v128.load (i32.const 65521)))', 'a load of 16 bytes at address 65521'],
  ['(v128.store offset=1 (i32.const 65520) (v128))', 'a store of 16 bytes at address 65521 (65520 and an offset of 1)'],
  ['(drop (v128.load8x8_u (i32.const 65529)))', 'a load of 8 bytes at address 65529'],
  ['(drop (v128.load32x2_s (i32.const 65530)))', 'a load of 8 bytes at address 65530'],
  ['(drop (v128.load16_splat (i32.const 65535)))', 'a load of 2 bytes at address 65535'],
  ['(drop (v128.load32_zero (i32.const 65533)))', 'a load of 4 bytes at address 65533'],
  ['(drop (v128.load64_zero (i32.const 65529)))', 'a load of 8 bytes at address 65529'],
  [
    '(drop (v128.load8_lane offset=6 3 (i32.const 65530) (v128)))',
    'a load of 1 byte at address 65536 (65530 and an offset of 6)',
  ],
  ['(v128.store64_lane 1 (i32.const 65529) (v128))', 'a store of 8 bytes at address 65529'],
];

/** A call in debug that traps: what it stands at. */
async function trapped(
  plugin: Uint8Array,
  more: CallOptions = {},
  on: Platform = platform,
): Promise<{ run: Run; stop: Stop }> {
  const asked = { debug: true, rules: [stopAtEvery('trap')], ...more };
  const run = Run.start(on, optionsOf(plugin, 'run', 'null', asked), asked.host);
  return { run, stop: await drive(run).stop() };
}

describe('what a trap was, of features and limits', { concurrency: 2 }, () => {
  for (const [code, access] of VECTORS)
    it(`P1: ${code} is ${access}`, async () => {
      const plugin = wat(
        `(module (memory (export "memory") 1) (func (export "_start") ${code.replace('(v128)', '(v128.const i32x4 1 2 3 4)')}))`,
      );
      const { run, stop } = await trapped(plugin, { features: ['simd'] });
      assert.equal(stop.trap?.words, memory);
      assert.equal((await run.trap())?.what, `${access} of a memory of 65536 bytes`);
      run.resume({ until: undefined });
      await run.ended;
    });

  it('P1: addresses of 64 bits', async () => {
    const { run } = await trapped(
      wat('(module (memory (export "memory") i64 1) (func (export "_start") (drop (i32.load (i64.const -8)))))'),
    );
    assert.equal(
      (await run.trap())?.what,
      'a load of 4 bytes at address 18446744073709551608 of a memory of 65536 bytes',
    );
    run.resume({ until: undefined });
    await run.ended;
  });

  for (const [limit, locals] of [
    ['frames', 0],
    ['slots', 3000],
  ] as const)
    it(`P1, E8: a recursion with ${locals} locals ends at the limit of ${limit}, in the frame that called`, async () => {
      const names = Array.from({ length: locals }, (_, at) => at + 1);
      const { run, stop } = await trapped(
        wat(
          `(module (memory (export "memory") 1)
            (func $deeper (param $left i32) (result i64) ${locals > 0 ? `(local ${'i64 '.repeat(locals)})` : ''}
              (drop (call $deeper (i32.sub (local.get $left) (i32.const 1))))
              (i64.const 0) ${names.map((at) => `(i64.add (local.get ${at}))`).join(' ')})
            (func (export "_start") (drop (call $deeper (i32.const 2000)))))`,
          { names: true },
        ),
      );
      assert.deepEqual([stop.trap?.words, stop.trap?.limit], [exhausted, limit]);
      // the call that was one too many made no frame: the one on top has called
      const deep = stop.frames.filter(({ name }) => name === 'deeper').length;
      if (limit === 'frames') assert.equal(stop.frames.length, 1000);
      else assert.ok(stop.frames.length < 1000, String(stop.frames.length));
      const { locals: found, operands } = await run.frameValues(0);
      assert.equal(found[0]?.value, String(2000 - deep + 1));
      assert.equal(operands[0]?.value, String(2000 - deep));
      assert.equal((await run.frameValues(deep - 1)).locals[0]?.value, '2000');
      run.resume({ until: undefined });
      await run.ended;
    });

  it('S6: a recording that is run to its end has what the frames had there', async () => {
    const plugin = module('(drop (i32.load (i32.const -1)))');
    const { run } = await trapped(plugin);
    run.resume({ until: undefined });
    const recording = parseRecording(recordingOf(await run.ended.then(() => run)), 'test.jsonl');
    const last = run.store.length - 1;
    const options = replayOptions(recording.header, 'test.wasm', Uint8Array.from(plugin));
    const again = Run.replay(platform, recording, { ...options, debug: true, runToEvent: last });
    const stop = await drive(again).stop();
    assert.equal(stop.reason, 'reached');
    assert.equal(stop.trap?.words, memory);
    assert.deepEqual(
      (await again.frameValues(0)).locals.map(({ value }) => value),
      ['1234', '-5'],
    );
    assert.match((await again.trap())?.what ?? '', /^a load of 4 bytes at address 4294967295/);
    again.resume({ until: undefined });
    await again.ended;
    assert.equal(again.divergence, undefined);
  });

  it('P1: a call that nobody debugs is told the line', needs('rust-endings'), async () => {
    const { outcome } = await runCall('rust-endings', 'past_the_end');
    const line = lineWith('rust-endings/src/main.rs', '// ends: past_the_end');
    assert.equal(
      outcome.fault?.message,
      `The plugin trapped in function \`rust_endings::past_the_end\` (main.rs:${line}): out of bounds memory access.`,
    );
  });

  it('S6, E2: a call can be ended amid the search for what its frames had', async () => {
    const { run } = await trapped(module('(drop (i32.load (i32.const -1)))'));
    const asked = run.frameValues(0).then(
      ({ locals }) => locals.filter(({ available }) => available).length,
      (error: Error) => error.message,
    );
    await run.terminate();
    assert.equal(run.state, 'ended');
    assert.match(String(await asked), /^0$|^The call /);
  });

  it('S6: the frame that has trapped is seen first, and then those that had called', async () => {
    const { run } = await trapped(module('(drop (i32.load (i32.const -1)))'));
    const first = await run.frameValues(0);
    assert.deepEqual(
      first.locals.map(({ value }) => value),
      ['1234', '-5'],
    );
    // of its call: the arguments
    const caller = await run.frameValues(1);
    assert.deepEqual([caller.locals, caller.operands], [[], []]);
    assert.equal((await run.evaluate('$left * 2', 0)).value, '2468');
    assert.deepEqual(await run.frameValues(0), first);
    run.resume({ until: undefined });
    await run.ended;
  });

  it('P1: who does not wait is told what is known; how far the search is, is told until it is over', async () => {
    const witnesses = new HeldWitnesses();
    const { run, stop } = await trapped(module('(drop (i32.load (i32.const -1)))'), {}, witnesses.platform);
    const told: ({ phase: string; fraction: number } | undefined)[] = [];
    const over = new Promise<void>((resolve) => {
      run.on({
        search: (state) => {
          told.push(state);
          if (state === undefined) resolve();
        },
      });
    });
    const found = await run.trap(0);
    assert.deepEqual([found?.sought, found?.what, stop.trap?.words], [true, undefined, memory]);
    assert.equal(typeof told[0]?.phase, 'string');
    const whole = run.trap();
    witnesses.release();
    const { sought, what } = (await whole) ?? {};
    assert.deepEqual(
      [sought, what],
      [undefined, 'a load of 4 bytes at address 4294967295 of memory 0, of 65536 bytes'],
    );
    await over;
    assert.equal(told.filter((state) => state === undefined).length, 1);
    assert.ok(told.every((state) => state === undefined || (state.fraction >= 0 && state.fraction <= 1)));
    // it is there: nobody waits any more
    assert.equal((await run.trap(0))?.what, what);
    run.resume({ until: undefined });
    await run.ended;
  });

  it('S6: a search that is given up is over', async () => {
    const witnesses = new HeldWitnesses();
    const { run } = await trapped(module('(drop (i32.load (i32.const -1)))'), {}, witnesses.platform);
    const told: unknown[] = [];
    run.on({ search: (state) => told.push(state) });
    await run.trap(0);
    run.resume({ until: undefined });
    await run.ended;
    assert.equal(told.at(-1), undefined);
    assert.deepEqual([witnesses.started, witnesses.ended], [1, 1]);
    witnesses.release();
  });

  it('S6: a worker that knows all frames takes the place of the one that knows the frame on top', async () => {
    const witnesses = new HeldWitnesses();
    const { run } = await trapped(module('(drop (i32.load (i32.const -1)))'), {}, witnesses.platform);
    witnesses.release();
    const first = await run.frameValues(0);
    assert.deepEqual([witnesses.started, witnesses.ended], [1, 0]);
    // asked while the other one comes, too
    const [, again] = await Promise.all([run.frameValues(1), run.frameValues(0)]);
    await witnesses.untilEnded(1);
    assert.deepEqual([witnesses.started, witnesses.ended], [2, 1]);
    assert.deepEqual([again, await run.frameValues(0)], [first, first]);
    assert.match((await run.trap())?.what ?? '', /^a load of 4 bytes/);
    run.resume({ until: undefined });
    await run.ended;
    assert.deepEqual([witnesses.started, witnesses.ended], [2, 2]);
  });

  it('P1, R2: what a host had answered is answered again, without the host', async () => {
    const text = fs.readFileSync(new URL('../../test-plugins/wat/rpc-unknown-method.wat', import.meta.url), 'utf8');
    // an address as far below 2^32 as the reply is long
    const guilty = '(drop (i32.load (i32.sub (i32.const 0) (i32.load (i32.const 8)))))';
    const plugin = wat(text.replace(/\(call \$answer_reply\)\)\s*\)\s*$/, `${guilty}))`), { names: true });
    const host = echoHost({ results: { no_such_method: '"a reply"' }, delay: 5 });
    const { run, stop } = await trapped(plugin, { host, slice: 1000 });
    assert.equal(stop.trap?.words, memory);
    const reply = '{"jsonrpc":"2.0","id":0,"result":"a reply"}\n';
    assert.equal(
      (await run.trap())?.what,
      `a load of 4 bytes at address ${2 ** 32 - reply.length} of a memory of 65536 bytes`,
    );
    assert.deepEqual((await run.frameValues(0)).operands[0]?.value, String(-reply.length));
    assert.equal(host.asked.length, 1);
    run.resume({ until: undefined });
    await replaysExactly(endedCall(run, await run.ended), plugin);
  });
});
