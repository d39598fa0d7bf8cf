// What a person is told who stands at a trap or a panic of a plugin with debug information, over DAP with the real engine: the sentence, the
// line that is shown, the stack as text, and the variables of the frame that ended it. Contracts P1, S6, R3.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { needs, pluginFile } from '../testing/run-call.ts';
import { lineWith, sourceFile } from '../testing/source-session.ts';
import { ExceptionClient, sentenceOf } from './exception-client.ts';

const ENDINGS = 'rust-endings/src/main.rs';

/** Methods of rust-endings: the kind, and what the sentence says. Lines are those of its comments. */
const ENDED: readonly (readonly [method: string, kind: string, sentence: RegExp, locals: readonly string[]])[] = [
  [
    'stack_overflow',
    'stack overflow',
    /^Stack overflow: rust_endings::large_frames calls itself, \d+ frames deep, and the stack of 1 048 576 bytes is full, which ends in a store of \d+ bytes? at address \d+ (\(\d+ and an offset of \d+\) )?of a memory of \d+ bytes, in rust_endings::large_frames \(main\.rs:\d+\)\.$/,
    // it is left at its prologue, where its argument is not in its place yet
    [],
  ],
  [
    'call_each_other',
    'call stack exhausted',
    /^Call stack exhausted: rust_endings::is_(even|odd) and rust_endings::is_(even|odd) call each other, 9\d\d frames deep, and a call would be one more than production's 1 000 frames, in .*\.$/,
    [],
  ],
  [
    'panic_in_drop',
    'panic',
    /^Panicked at src\/main\.rs:\d+:\d+, in .*Guard.*drop: the file was still open\.$/,
    ['self = &mut Guard { name: "the file" }', 'name = "the file"'],
  ],
  [
    'panic_while_shown',
    'unreachable',
    /^Unreachable: the plugin aborted itself, because it panicked at src\/main\.rs:\d+:\d+ while it told of a panic: cannot be shown, in abort, called from .*Unspeakable.*fmt \(main\.rs:\d+\)\.$/,
    ['self = &Unspeakable'],
  ],
  [
    'library',
    'panic',
    /^Panicked at alloc\/src\/collections\/vec_deque\/mod\.rs:\d+:\d+, in rust_endings::library \(main\.rs:\d+\): assertion failed: j < self\.len\(\)\.$/,
    ['queue = [1, 2, 3]', 'beyond = 7'],
  ],
  [
    'many_lines',
    'panic',
    /^Panicked at src\/main\.rs:\d+:\d+, in rust_endings::many_lines: first: 🦀 \\u202e ⏎ \tthird\\u001b\[31m, with a quote " ⏎ last\.$/,
    [],
  ],
  [
    'no_message',
    'panic',
    /^Panicked at src\/main\.rs:\d+:\d+, in rust_endings::no_message: no message\.$/,
    ['empty = ""'],
  ],
  [
    'aborts',
    'unreachable',
    /^Unreachable: the plugin aborted itself, in abort, called from rust_endings::aborts \(main\.rs:\d+\)\.$/,
    ['code = 3'],
  ],
  [
    'never_reached',
    'panic',
    /^Panicked at src\/main\.rs:\d+:\d+, in rust_endings::never_reached: internal error: entered unreachable code: state 3\.$/,
    ['state = 3'],
  ],
  [
    'capacity',
    'panic',
    /^Panicked at alloc\/src\/raw_vec(\/mod)?\.rs:\d+:\d+, in rust_endings::capacity \(main\.rs:\d+\): capacity overflow\.$/,
    ['length = 4294967295'],
  ],
  [
    'out_of_memory',
    'unreachable',
    /^Unreachable: the plugin aborted itself, having logged `memory allocation of 2147483647 bytes failed`, in abort, called from rust_endings::out_of_memory::\{.*\} \(main\.rs:\d+\)\.$/,
    ['length = 2147483647'],
  ],
  [
    'past_the_end',
    'out of bounds memory access',
    /^Out of bounds memory access: a load of 4 bytes at address 10747\d+ of a memory of \d+ bytes, in rust_endings::past_the_end \(main\.rs:\d+\)\.$/,
    ['numbers = [1, 2, 3]', 'beyond = 268435456'],
  ],
];

describe('how a plugin ended, over DAP', { timeout: 300_000, ...needs('rust-endings') }, () => {
  for (const [method, kind, sentence, locals] of ENDED)
    it(`P1: ${method}: ${kind}`, async (test) => {
      const dap = await ExceptionClient.at(test, 'rust-endings', method);
      const info = await dap.info();
      assert.equal(info.exceptionId, kind);
      assert.match(sentenceOf(info), sentence);
      assert.equal(info.breakMode, 'always');
      assert.equal(info.details?.typeName, kind === 'panic' ? 'panic' : 'trap');
      const shown = await dap.shown();
      // what overflows the stack does so before its first line
      const function_ = method === 'stack_overflow' ? 'fn large_frames(' : undefined;
      const line = function_ === undefined ? lineWith(ENDINGS, `// ends: ${method}`) : lineWith(ENDINGS, function_);
      if (method === 'panic_while_shown') assert.match(shown.name, /fmt/);
      else if (method !== 'call_each_other') assert.equal(await dap.shownLine(), `main.rs:${line}`);
      assert.match(info.details?.stackTrace ?? '', /^ {4}at rust_endings::main \(.*main\.rs:\d+:\d+\)$/m);
      const found = await dap.scope(shown, 'Locals');
      if (method === 'stack_overflow') assert.deepEqual(found, []);
      for (const local of locals) assert.ok(found.includes(local), `${local} is not among ${found.join('; ')}`);
    });

  it('P1: a frame that is larger than the stack, in a function that calls no other', async (test) => {
    const dap = await ExceptionClient.at(test, 'rust-endings', 'leaf_overflow');
    const info = await dap.info();
    assert.equal(info.exceptionId, 'stack overflow');
    assert.match(
      sentenceOf(info),
      /^Stack overflow: the stack of 1 048 576 bytes is full, which ends in a (store|fill) of/,
    );
    assert.match(sentenceOf(info), /rust_endings::larger_than_the_stack \(main\.rs:\d+\)\.$/);
  });

  it('P1: the stack of a recursion is told once, and how often', async (test) => {
    const dap = await ExceptionClient.at(test, 'rust-endings', 'stack_overflow');
    const { details } = await dap.info();
    const lines = (details?.stackTrace ?? '').split('\n');
    assert.ok(lines.length < 10, details?.stackTrace);
    assert.match(lines.join('\n'), /… the same \d+ times more/);
    // each of them has its own variables all the same
    const [, second, third] = (await dap.frames()).filter(({ name }) => name === 'rust_endings::large_frames');
    assert.ok(second !== undefined && third !== undefined);
    const depths = await Promise.all([second, third].map((frame) => dap.scope(frame, 'Locals')));
    const [one, other] = depths.map((locals) => Number(/^depth = (\d+)$/.exec(locals[0] ?? '')?.[1]));
    assert.equal(one, (other ?? 0) + 1, JSON.stringify(depths));
  });

  it('P1: a filter that is off stops at nothing; a trap is the end all the same', async (test) => {
    const dap = new ExceptionClient(test);
    await dap.ask('initialize', { adapterID: 'wasmi-plugin' });
    const stopped = dap.stop();
    await dap.ask('launch', { plugin: pluginFile('rust-endings'), method: 'aborts' });
    await dap.ask('setExceptionBreakpoints', { filters: ['protocol'] });
    await dap.ask('configurationDone');
    assert.equal(await stopped, 'ended');
  });
});

/** Methods whose lines say in a comment how they end: `// panic: text`, `// trap: kind`. */
const panicsOf = (): (readonly [method: string, line: number, text: string])[] => {
  let method = '';
  return fs
    .readFileSync(sourceFile('rust-views/src/panics.rs'), 'utf8')
    .split('\n')
    .flatMap((line, at) => {
      method = /^(?:pub )?fn (\w+)/.exec(line)?.[1] ?? method;
      const found = /\/\/ panic: (.*)$/.exec(line);
      return found === null ? [] : [[method, at + 1, found[1] ?? ''] as const];
    });
};

const SOURCE = 'rust-views/src/panics.rs';
const TRAPS: readonly (readonly [
  method: string,
  text: string,
  kind: string,
  sentence: RegExp,
  locals: readonly string[],
])[] = [
  ['trap_unreachable', '// trap: unreachable', 'unreachable', /^Unreachable: .*wasm32::unreachable, called from/, []],
  [
    'trap_out_of_bounds',
    '// trap: out of bounds',
    'out of bounds memory access',
    /: a load of 4 bytes at address 4293918720 of a memory of \d+ bytes, in .*read_volatile.*, called from .*trap_out_of_bounds/,
    ['address = 4293918720'],
  ],
  [
    'trap_indirect_call',
    '// trap: indirect call',
    'indirect call type mismatch',
    /: index \d+ of the table is `rust_views::dynamic::double`, a function \(i32\) -> i32, and is called as \(f64, f64\) -> f64, in/,
    [],
  ],
  [
    'trap_null_function',
    '// trap: null function',
    'out of bounds table access',
    /: a call of index 2147483647 of a table of \d+ elements, in/,
    ['beyond = 2147483647'],
  ],
];

describe('panics and traps in an async plugin, over DAP', { timeout: 300_000, ...needs('rust-views.debug') }, () => {
  for (const [method, line, text] of panicsOf())
    it(`P1, S6: ${method} is shown at its line: ${text}`, async (test) => {
      const dap = await ExceptionClient.at(test, 'rust-views.debug', method);
      assert.equal(await dap.shownLine(), `panics.rs:${line}`);
      const info = await dap.info();
      assert.equal(info.exceptionId, 'panic');
      assert.match(info.details?.stackTrace ?? '', new RegExp(`^ {4}at .*panics\\.rs:${line}:\\d+\\)$`, 'm'));
      // rustc's own words change from one year to the next
      const [told = ''] = (info.details?.message ?? '').split('\n');
      assert.ok(
        /borrowed/.test(text) ? /already.* borrowed/.test(told) : told.includes(text.split(':')[0] ?? ''),
        told,
      );
      assert.ok(sentenceOf(info).includes(`rust_views::panics::${method}`), sentenceOf(info));
    });

  for (const [method, text, kind, sentence, locals] of TRAPS)
    it(`P1, S6: ${method}: ${kind}, at its line, with its variables`, async (test) => {
      const dap = await ExceptionClient.at(test, 'rust-views.debug', method);
      assert.equal(await dap.shownLine(), `panics.rs:${lineWith(SOURCE, text)}`);
      const info = await dap.info();
      assert.equal(info.exceptionId, kind);
      assert.match(sentenceOf(info), sentence);
      const found = await dap.scope(await dap.shown(), 'Locals');
      for (const local of locals) assert.ok(found.includes(local), `${local} is not among ${found.join('; ')}`);
    });

  it('P1: a message of 500 lines is told as far as it goes, and what it is of', async (test) => {
    const dap = await ExceptionClient.at(test, 'rust-views.debug', 'long_message');
    const info = await dap.info();
    assert.equal(info.exceptionId, 'panic');
    assert.ok(sentenceOf(info).length < 1500, String(sentenceOf(info).length));
    assert.match(
      sentenceOf(info),
      /^Panicked at src\/panics\.rs:\d+:\d+, in .*long_message: a long line of it ⏎ a long/,
    );
    assert.match(info.details?.message ?? '', /^a long line of it\na long line of it\n/);
    assert.match(info.details?.message ?? '', /\nat src\/panics\.rs:\d+:\d+$/);
  });

  it('P1, S6: a panic behind an await', async (test) => {
    const dap = await ExceptionClient.at(test, 'rust-views.debug', 'panics', {
      mocks: sourceFile('rust-pdk/rust-pdk.mocks.json'),
    });
    assert.equal((await dap.info()).exceptionId, 'panic');
    assert.equal(await dap.shownLine(), `asynchronous.rs:${lineWith('rust-views/src/asynchronous.rs', '// panic: ')}`);
  });
});

describe('how an optimised plugin ended, over DAP', { timeout: 300_000, ...needs('rust-pdk.optimized') }, () => {
  const PDK = 'rust-pdk/src/endings.rs';
  for (const [method, params, kind, sentence, text] of [
    [
      'panic',
      { message: 'one\n\ntwo 🦀' },
      'panic',
      /^Panicked at src\/endings\.rs:\d+:\d+, in rust_pdk::endings::inner: one ⏎ two 🦀\.$/,
      'panic!("{message}")',
    ],
    [
      'trap',
      { kind: 'out_of_bounds' },
      'out of bounds memory access',
      /^Out of bounds memory access: a store of 1 byte at address 4294967280 .*of a memory of \d+ bytes, in .*endings::trap.* \(endings\.rs:\d+\)\.$/,
      'without_provenance_mut',
    ],
    [
      'trap',
      { kind: 'unreachable' },
      'unreachable',
      /^Unreachable: the plugin aborted itself, in abort, called from .*endings::trap.* \(endings\.rs:\d+\)\.$/,
      '=> std::process::abort()',
    ],
  ] as const)
    it(`P1, S6: ${method} ${JSON.stringify(params)}`, async (test) => {
      const dap = await ExceptionClient.at(test, 'rust-pdk.optimized', method, { params });
      const info = await dap.info();
      assert.equal(info.exceptionId, kind);
      assert.match(sentenceOf(info), sentence);
      assert.equal(await dap.shownLine(), `endings.rs:${lineWith(PDK, text)}`);
      if (method === 'panic') assert.match(info.details?.message ?? '', /^one\n\ntwo 🦀\nat src\/endings\.rs:\d+:\d+$/);
    });
});
