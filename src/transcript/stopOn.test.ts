// Breakpoints on messages like a row's: names that the session takes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BreakpointSet } from '../../debug-adapter/session/breakpoint-set.ts';
import { launched } from './callFixture.ts';
import { breakpointFor } from './stopOn.ts';

describe('stopping on messages like this', () => {
  const { rows } = launched({}, (filler) =>
    filler
      .request('in', 0, 'greet')
      .request('out', 0, 'a b')
      .result('in', 0, 'null')
      .syscall('fd_write', [1, 0, 0, 0])
      .poll()
      .stderr('x')
      .yields()
      .result('in', 9, '1')
      .request('out', 1, 'x log: y'),
  );

  it('names that the debugger takes', () => {
    const names = [0, 1, 2, 3, 4].map((row) => breakpointFor(rows, row));
    assert.deepEqual(names, ['rpc:greet', 'rpc:a b', 'rpc-reply:a b', 'syscall:fd_write', 'syscall:fd_read']);
    const answer = new BreakpointSet().setFunctions({ breakpoints: names.map((name) => ({ name })) })() as {
      breakpoints: { verified: boolean; message?: string }[];
    };
    assert.deepEqual(
      answer.breakpoints.filter(({ verified }) => !verified),
      [],
    );
  });

  it('sentences for what there is no breakpoint on', () => {
    for (const row of [5, 6]) assert.throws(() => breakpointFor(rows, row), /ticked in the Breakpoints view/);
    assert.throws(() => breakpointFor(rows, 7), /answers nothing/);
    assert.throws(() => breakpointFor(rows, 8), /no breakpoint can have/);
  });
});
