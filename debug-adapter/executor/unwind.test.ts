// Unwound stack pointers and frame bases against true ones: at every call of whole runs of the test plugins, debug and release, and of a
// plugin of odd frames. (DESIGN: frame bases)
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameBaseOracle, type FrameBaseTally } from '../testing/frame-bases.ts';
import { oddFrames } from '../testing/frame-bases-odd.ts';
import { needs, pluginBytes } from '../testing/run-call.ts';
import { wat } from '../testing/wat.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import { parseModule } from '../wasm/module.ts';
import { opcodeNames } from '../wasm/opcodes.ts';
import { FrameLayouts } from '../wasm/prologue.ts';
import { enterBody } from '../wasm/prologue-pointer.ts';
import type { GuestFrame } from './options.ts';
import { unwind } from './unwind.ts';

type Call = readonly [method: string, params: string, end: RegExp, result?: string];

/** Calls of rust-pdk: messages, work, depth, and ends of all kinds. */
const RUST: readonly Call[] = [
  ['ping', 'null', /^returned$/, '"pong"'],
  ['many_echo', '{"n":8}', /^returned$/, '8'],
  ['prime_sieve', '{"limit":300}', /^returned$/, '{"count":62,"largest":293}'],
  ['recurse', '{"depth":200}', /^returned$/, '20100'],
  ['recurse', '{"depth":100000}', /^call stack exhausted$/],
  ['deep_json', '{"depth":30}', /^returned$/],
  ['joined', '{"ms":5}', /^returned$/, '["first","second"]'],
  ['panic', '{"message":"as asked"}', /^unreachable$/],
  ['trap', '{"kind":"out_of_bounds"}', /^memory access out of bounds$/],
  ['exit', '{"code":5}', /^exit 5$/],
];
const HELLO: readonly Call[] = [
  ['greet', '{"name":"Ada"}', /^returned$/],
  ['roll', '{"dice":3}', /^returned$/],
];
const C: readonly Call[] = [
  ['ping', 'null', /^returned$/, '"pong"'],
  ['add', '{"a":1,"b":2}', /^returned$/, '3'],
  ['echo', '{"message":{"a":[1,2]}}', /^returned$/, '{"a":[1,2]}'],
];

/** Runs the calls; nothing may differ. @param whole at each so many-th call the whole stack is unwound, at all the two innermost frames */
function check(
  bytes: Uint8Array,
  calls: readonly Call[],
  whole: number,
): { oracle: FrameBaseOracle; sum: FrameBaseTally } {
  const oracle = new FrameBaseOracle(bytes);
  let sum: FrameBaseTally | undefined;
  for (const [method, params, end, result] of calls) {
    const tally = oracle.run(method, params, whole, 499);
    assert.deepEqual(tally.differences, [], method);
    assert.match(tally.end, end, method);
    if (result !== undefined) assert.equal(/"result":(.*)\}$/.exec(tally.lines.at(-1) ?? '')?.[1], result);
    sum = sum === undefined ? tally : added(sum, tally);
  }
  assert.ok(sum !== undefined);
  return { oracle, sum };
}

function added(a: FrameBaseTally, b: FrameBaseTally): FrameBaseTally {
  return {
    ...a,
    calls: a.calls + b.calls,
    entries: a.entries + b.entries,
    hidden: a.hidden + b.hidden,
    bases: a.bases + b.bases,
    locals: a.locals + b.locals,
    unwound: a.unwound + b.unwound,
    barred: a.barred + b.barred,
    between: a.between + b.between,
    traces: a.traces + b.traces,
    deepest: Math.max(a.deepest, b.deepest),
  };
}

const unusualNames = ({ layouts, names }: FrameBaseOracle) =>
  layouts.unusual().map((func) => `${layouts.of(func).shape.kind} ${names.display(func)}`);

describe('unwound against true frames, at every call', () => {
  it('rust-pdk, debug', needs('rust-pdk.debug'), (t) => {
    const { oracle, sum } = check(pluginBytes('rust-pdk.debug'), RUST, 23);
    // tokio has two functions whose frames are aligned to 128 bytes.
    const unusual = unusualNames(oracle);
    assert.ok(unusual.length < 10 && unusual.every((name) => name.startsWith('aligned ')), unusual.join());
    assert.ok(sum.calls > 100_000 && sum.bases > sum.calls / 2 && sum.traces > 100 && sum.deepest === 1000);
    // Both ways together reach every frame; outwards alone the aligned ones bar the way.
    assert.equal(sum.hidden > 0, unusual.length > 0);
    assert.equal(sum.between, 0);
    t.diagnostic(`${unusual.join(', ')}; ${sum.barred} frames barred`);
    t.diagnostic(`${sum.entries + sum.bases + sum.locals + sum.unwound} comparisons at ${sum.calls} calls`);
  });

  it('rust-pdk, release', needs('rust-pdk.release'), (t) => {
    const { oracle, sum } = check(pluginBytes('rust-pdk.release'), RUST, 5);
    assert.deepEqual(unusualNames(oracle), []);
    assert.ok(sum.calls > 10_000 && sum.bases > sum.calls / 2 && sum.traces > 10);
    assert.deepEqual([sum.hidden, sum.barred, sum.between], [0, 0, 0]);
    t.diagnostic(`${sum.entries + sum.bases + sum.locals + sum.unwound} comparisons at ${sum.calls} calls`);
  });

  it('hello, debug', needs('hello.debug'), () => {
    const { sum } = check(pluginBytes('hello.debug'), HELLO, 11);
    assert.ok(sum.calls > 1000 && sum.between === 0);
  });

  it('hello, prebuilt', () => {
    const { oracle, sum } = check(pluginBytes('hello'), HELLO, 1);
    assert.deepEqual(unusualNames(oracle), []);
    assert.ok(sum.calls > 300 && sum.barred === 0);
  });

  for (const name of ['c-minimal', 'c-minimal.optimized'])
    it(name, needs(name), () => {
      const { oracle, sum } = check(pluginBytes(name), C, 1);
      assert.deepEqual(unusualNames(oracle), []);
      assert.ok(sum.calls > 100 && sum.barred === 0);
    });

  for (const address of ['i32', 'i64'] as const)
    it(`odd frames, addresses of ${address}`, () => {
      const { oracle, sum } = check(oddFrames(address), [['', 'null', /^returned$/]], 1);
      const { layouts } = oracle;
      assert.deepEqual(
        [0, 1, 2, 3, 4, 5, 6, 7].map((func) => layouts.of(func).shape.kind),
        ['static', 'static', 'irregular', 'aligned', 'irregular', 'static', 'none', 'none'],
      );
      assert.deepEqual(layouts.unusual(), [2, 3, 4]);
      // Between two frames of computed size only what was stored tells: it told all.
      assert.ok(sum.between > 0 && sum.barred > sum.between);
    });

  it('the oracle sees a layout that is wrong', () => {
    const bytes = oddFrames('i32');
    const oracle = new FrameBaseOracle(bytes);
    // $plain's frame of 48 bytes, said to be one of 32: as the layouts of a module with that one constant changed have it.
    const wrong = Uint8Array.from(bytes);
    const { bodyStart, bodyEnd } = oracle.module;
    for (let at = bodyStart[1]!; at < bodyEnd[1]!; at++)
      if (wrong[at] === 0x41 && wrong[at + 1] === 0x30) wrong[at + 1] = 0x20;
    const layouts = new FrameLayouts(parseModule(wrong));
    assert.ok(oracle.run('', 'null', 1, 499, layouts).differences.length > 0);
  });
});

describe('unwind', () => {
  const module = parseModule(oddFrames('i32'));
  const layouts = new FrameLayouts(module);
  /** A frame at the function's call number `call`; -1: at its first instruction. */
  const at = (name: string, func: number, call = 0): GuestFrame => {
    const reader = new InstructionReader(module.bytes);
    enterBody(module, reader, func);
    const calls = [reader.end];
    while (reader.next()) if (opcodeNames[reader.opcode]?.startsWith('call')) calls.push(reader.offset);
    return { func, name, offset: calls[call + 1] ?? assert.fail(`${name} has no call ${call}`) };
  };
  /** The call behind early's prologue. */
  const early = at('early', 5, 2);

  it('gives entry, stack pointer and frame base of each frame', () => {
    const frames = [at('plain', 1), early, at('_start', 7)];
    assert.deepEqual(unwind(frames, layouts, { now: 1000, outermost: undefined }), [
      { entry: 1048, stackPointer: 1000, frameBase: 1000, reason: undefined },
      { entry: 1080, stackPointer: 1048, frameBase: 1048, reason: undefined },
      { entry: 1080, stackPointer: 1080, frameBase: 1080, reason: undefined },
    ]);
  });

  it('a frame that is not yet there has no base, and says so', () => {
    const [frame] = unwind([at('plain', 1, -1)], layouts, { now: 1000, outermost: 1000 });
    assert.deepEqual(frame, {
      entry: 1000,
      stackPointer: 1000,
      frameBase: undefined,
      reason: 'At this instruction plain has no frame in memory.',
    });
  });

  it('past a frame that bars the way there is a sentence, unless the other way leads there', () => {
    const frames = [at('plain', 1), at('aligned', 3), early];
    const [inner, aligned, outer] = unwind(frames, layouts, { now: 1104, outermost: undefined });
    assert.equal(inner?.frameBase, 1104);
    assert.deepEqual(aligned, {
      entry: undefined,
      stackPointer: 1152,
      frameBase: undefined,
      reason:
        "Where the frame lies is not known: the stack can't be unwound past aligned, because it aligns its frame to 128 bytes.",
    });
    assert.equal(outer?.reason, aligned.reason);
    const both = unwind(frames, layouts, { now: 1104, outermost: 1400 });
    assert.deepEqual(
      both.map(({ entry, frameBase }) => [entry, frameBase]),
      [
        [1152, 1104],
        [1368, 1152],
        [1400, 1368],
      ],
    );
  });

  it('what is stored is believed, and what contradicts it is not given', () => {
    const frames = [at('plain', 1), at('aligned', 3), early];
    const stored = (index: number) => (index === 1 ? 1368 : undefined);
    const [, , outer] = unwind(frames, layouts, { now: 1104, outermost: undefined, stored });
    assert.equal(outer?.entry, 1400);
    const wrong = unwind(frames, layouts, { now: 1104, outermost: 2000, stored });
    assert.equal(wrong[2]?.entry, undefined);
    assert.match(wrong[2]?.reason ?? '', /set it in a way of its own/);
  });

  it('addresses above 2 GB, which JavaScript has as negative numbers', () => {
    const [frame] = unwind([at('plain', 1)], layouts, { now: 0xf000_0000 | 0, outermost: 0xf000_0030 });
    assert.deepEqual([frame?.entry, frame?.frameBase], [0xf000_0030, 0xf000_0000]);
  });

  it('a stack pointer that somebody set at a stop is seen', () => {
    const frames = [at('plain', 1), early];
    for (const { entry, frameBase, reason } of unwind(frames, layouts, { now: 999, outermost: 1080 })) {
      assert.deepEqual([entry, frameBase], [undefined, undefined]);
      assert.match(reason ?? '', /does not fit/);
    }
  });

  it('a plugin without a stack pointer says so', () => {
    const none = new FrameLayouts(parseModule(wat('(module (func))')));
    const [frame] = unwind([{ func: 0, offset: 0, name: 'f' }], none, { now: 0, outermost: undefined });
    assert.match(frame?.reason ?? '', /keeps no stack pointer/);
    assert.deepEqual(unwind([], layouts, { now: 0n, outermost: undefined }), []);
  });
});
