// What a client asks to stop at in the code, checked and kept: names, conditions, references, numbers that stay, and what it is told when
// the places are found. Contracts S1, S3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { BreakpointSet, hitNumbers } from './breakpoint-set.ts';
import {
  dataId,
  functionCodeBreakpoint,
  instructionOffset,
  slotDataId,
  watchedName,
  watchedRange,
  watchedSlot,
} from './code-breakpoints.ts';
import { HEAD_LINES } from './code-sources.ts';

type Answer = { breakpoints: DebugProtocol.Breakpoint[] };
const functions = (set: BreakpointSet, ...breakpoints: DebugProtocol.FunctionBreakpoint[]) =>
  (set.setFunctions({ breakpoints })() as Answer).breakpoints;
const FUNCTION_7 = 0x4000_0000 + 7 * 1024;

describe('breakpoints in the code', () => {
  it('S1: names of events are told from names of functions', () => {
    const set = new BreakpointSet();
    functions(set, { name: 'rpc:echo' }, { name: 'rpc::echo' }, { name: 'syscall:fd_read' }, { name: ' *::greet ' });
    assert.deepEqual(
      set.rules.map(({ id, name }) => [id, name]),
      [
        ['function:1', 'echo'],
        ['function:3', 'fd_read'],
      ],
    );
    assert.deepEqual(
      set.code.map(({ id, place }) => [id, place]),
      [
        ['function:2', { function: 'rpc::echo' }],
        ['function:4', { function: '*::greet' }],
      ],
    );
  });

  it('a log message stands in the name; conditions are over the code', () => {
    const { code } = functionCodeBreakpoint({ name: '*::greet log: of {$0} at {moment}' }, 'x');
    assert.deepEqual([code?.place, code?.logMessage], [{ function: '*::greet' }, 'of {$0} at {moment}']);
    const refused: [object, RegExp][] = [
      [{ name: 'f', condition: '$0 ==' }, /a value is expected/],
      [{ name: 'f', hitCondition: 'often' }, /^The hit condition 'often'/],
      [{ name: ' ' }, /no function's/],
      [{ name: 'f'.repeat(3000) }, /no function's/],
    ];
    for (const [breakpoint, sentence] of refused) {
      const { code, message } = functionCodeBreakpoint(breakpoint as { name: string }, 'x');
      assert.equal(code, undefined);
      assert.match(message ?? '', sentence);
    }
  });

  it('a breakpoint that stays keeps its number; two of the same are two', () => {
    const set = new BreakpointSet();
    const ids = (...names: string[]) => functions(set, ...names.map((name) => ({ name }))).map(({ id }) => id);
    assert.deepEqual(ids('a', 'a', 'b'), [1, 2, 3]);
    assert.deepEqual(ids('b', 'a'), [3, 1]);
    const { breakpoints } = set.setInstructions({ breakpoints: [{ instructionReference: '0x10' }] })() as Answer;
    assert.equal(breakpoints[0]?.id, 4, 'numbers are those of the session');
  });

  it('is pending until the places are found; what has changed is told once', () => {
    const set = new BreakpointSet();
    const pending = functions(set, { name: 'one' }, { name: 'many' }, { name: 'none' });
    assert.ok(pending.every(({ verified, reason }) => !verified && reason === 'pending'));
    assert.equal(set.allResolved, false);
    const place = (n: number) => ({ func: n, offset: 16 * n, name: `f${n}` });
    set.resolved([
      { id: 'function:1', places: [place(1)], message: undefined },
      { id: 'function:2', places: [1, 2, 3, 4, 5, 6, 7].map(place), message: undefined },
      { id: 'function:3', places: [], message: "No function is named 'none'." },
    ]);
    assert.equal(set.allResolved, true);
    assert.deepEqual(set.news(), [
      { id: 1, verified: true, instructionReference: '0x10' },
      { id: 2, verified: true, message: 'In 7 functions: f1, f2, f3, f4, f5 and 2 more.' },
      {
        id: 3,
        verified: false,
        reason: 'failed',
        message: "No function is named 'none'. Messages are named rpc:none.",
      },
    ]);
    assert.deepEqual(set.news(), []);
    functions(set, { name: 'one' });
    assert.deepEqual(set.news(), [], 'the answer has told it');
    set.forget();
    assert.equal(set.allResolved, false, 'another call, and perhaps another plugin');
  });

  it('S3: lines of a function’s text are its instructions; those above are the first', () => {
    const set = new BreakpointSet();
    const lines = (reference: number, ...wanted: number[]) =>
      (
        set.setLines(
          { source: { sourceReference: reference }, breakpoints: wanted.map((line) => ({ line })) },
          (line) => line + 1, // a client that counts from 0
        )() as Answer
      ).breakpoints.map(({ line }) => line);
    assert.deepEqual(lines(FUNCTION_7, 0, 2, 9), [2, 2, 9]);
    lines(FUNCTION_7 + 2, 2);
    assert.deepEqual(
      set.code.map(({ place }) => place),
      [
        { func: 7, instruction: 0 },
        { func: 7, instruction: 0 },
        { func: 7, instruction: 10 - HEAD_LINES - 1 },
        { func: 7, instruction: 16_000 },
      ],
    );
    lines(FUNCTION_7);
    assert.equal(set.code.length, 1, 'each source has its own');
    const { breakpoints } = set.setLines(
      { source: { path: 'src/main.rs' }, breakpoints: [{ line: 3 }] },
      (line) => line,
    )() as Answer;
    assert.deepEqual([breakpoints[0]?.verified, breakpoints[0]?.line], [false, 3]);
  });

  it('references and ranges of memory are read with care', () => {
    for (const [reference, offset, at] of [
      ['0x1f', undefined, 31],
      ['31', 0, 31],
      ['0x10', -4, 12],
      ['0x10', -17, undefined],
      ['', 0, undefined],
      ['-1', 0, undefined],
      ['0x', 0, undefined],
      ['1e3', 0, undefined],
      [7, 0, undefined],
      ['0x10', 0.5, undefined],
      ['0x10', '1', undefined],
    ] as const)
      assert.equal(instructionOffset(reference, offset), at, `${reference} ${offset}`);
    assert.deepEqual(watchedRange(dataId(1024, 8)), { address: 1024, length: 8 });
    assert.deepEqual(watchedRange(dataId(1024, 8, 'point.x')), { address: 1024, length: 8 });
    assert.deepEqual(watchedSlot(slotDataId({ written: 'local', index: 2, func: 7 }, 'n')), {
      written: 'local',
      index: 2,
      func: 7,
    });
    assert.deepEqual(
      [dataId(1024, 1), dataId(1024, 8, 'point.x'), 'global 3', 'local 2 of function 7 a b'].map(watchedName),
      ['1 byte at 0x400', 'point.x', 'global 3', 'a b'],
    );
    assert.deepEqual(watchedRange(dataId(16, 4, 'long'.repeat(1000))), { address: 16, length: 4 });
    for (const id of ['', '0x10', '0x10+0', 'memory:1:2', undefined, 5]) assert.equal(watchedRange(id), undefined);
    const set = new BreakpointSet();
    const { breakpoints } = set.setWatches({
      breakpoints: [
        { dataId: '0x400+8', condition: 'i64[1024] > 5' },
        { dataId: '0x400+8', accessType: 'readWrite' },
      ],
    })() as Answer;
    assert.deepEqual(
      breakpoints.map(({ message }) => message),
      ['It is looked for when the plugin is loaded.', 'Only writes can be stopped at.'],
    );
  });

  it('E4: arguments of any depth are no trouble', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    const set = new BreakpointSet();
    const [answer] = functions(set, { name: 'f', odd: deep } as DebugProtocol.FunctionBreakpoint);
    assert.equal(answer?.id, 1);
  });

  it('what was hit is told by its number, whatever else was hit', () => {
    const { sorts, ids } = hitNumbers(['filter:rpc', 'line:4', 'function:12', 'odd:1']);
    assert.deepEqual(
      [[...sorts], ids],
      [
        ['line', 'function'],
        [4, 12],
      ],
    );
  });
});
