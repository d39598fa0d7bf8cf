import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endsStatementStep, type FutureReached, hasGoneOn, type StatementReached, seenByFuture } from './stepping.ts';

const ORIGIN = { file: 1, line: 10, inlined: [] as number[] };
const at = (more: Partial<StatementReached>): StatementReached => ({
  file: 1,
  line: 10,
  inlined: [],
  entry: false,
  sameFrame: true,
  outside: false,
  ...more,
});
const KINDS = ['into', 'over', 'out'] as const;
const ends = (from: typeof ORIGIN, reached: StatementReached) =>
  KINDS.filter((kind) => endsStatementStep(kind, from, reached));
const future = (more: Partial<FutureReached>): FutureReached => ({
  sameBody: true,
  sameFuture: true,
  waits: true,
  inItsPlace: false,
  goesOn: false,
  isFresh: false,
  recursive: false,
  begins: false,
  ...more,
});

describe('steps by statement', () => {
  it('S1: another line of the frame ends a step into and over, the same line none', () => {
    assert.deepEqual(ends(ORIGIN, at({ line: 11 })), ['into', 'over']);
    assert.deepEqual(ends(ORIGIN, at({ file: 2 })), ['into', 'over']);
    assert.deepEqual(ends(ORIGIN, at({})), []);
  });

  it('S1: what is called ends a step into, what called ends all', () => {
    assert.deepEqual(ends(ORIGIN, at({ line: 40, sameFrame: false })), ['into']);
    assert.deepEqual(ends(ORIGIN, at({ line: 10, sameFrame: false, outside: true })), [...KINDS]);
  });

  it('S1: the first statement of the function again is another call of it', () => {
    assert.deepEqual(ends(ORIGIN, at({ entry: true })), [...KINDS]);
  });

  it('S1: a call that was inlined is stepped over, into and out of as any other', () => {
    assert.deepEqual(ends(ORIGIN, at({ line: 90, inlined: [7] })), ['into']);
    const within = { ...ORIGIN, line: 90, inlined: [7] };
    assert.deepEqual(ends(within, at({ line: 91, inlined: [7] })), ['into', 'over']);
    assert.deepEqual(ends(within, at({ line: 92, inlined: [7, 8] })), ['into']);
    assert.deepEqual(ends(within, at({ line: 10 })), [...KINDS]);
    // another copy of it, on the same line
    assert.deepEqual(ends(within, at({ line: 90, inlined: [9] })), [...KINDS]);
  });

  it('S1: in an async function the frame is its future, wherever it is polled', () => {
    const seen = (kind: (typeof KINDS)[number], reached: StatementReached, of: FutureReached) => {
      const found = seenByFuture(kind, reached, of);
      return found !== undefined && endsStatementStep(kind, ORIGIN, found);
    };
    const elsewhere = at({ line: 11, sameFrame: false, outside: true });
    assert.equal(seen('over', elsewhere, future({})), true);
    // the same function works on another future
    assert.equal(seen('over', at({ line: 11 }), future({ sameFuture: false })), false);
    // callers are passed on the way out as long as it waits, and are where it ends when it has returned
    const other = { sameBody: false, sameFuture: false };
    assert.equal(seen('over', elsewhere, future(other)), false);
    assert.equal(seen('over', elsewhere, future({ ...other, waits: false })), true);
    assert.equal(seen('out', elsewhere, future({ ...other, waits: false })), true);
    // what it calls
    const inner = at({ line: 50, sameFrame: false });
    assert.equal(seen('into', inner, future(other)), true);
    assert.equal(seen('over', inner, future(other)), false);
  });

  it('S1: a body that is inlined is left for what it is inlined into, once its future has returned', () => {
    const other = future({ sameBody: false, sameFuture: false });
    const around = at({ line: 44, inlined: [] });
    for (const kind of KINDS) {
      assert.equal(seenByFuture(kind, around, { ...other, waits: true }), undefined);
      const left = seenByFuture(kind, around, { ...other, waits: false });
      assert.equal(left && endsStatementStep(kind, { ...ORIGIN, inlined: [7] }, left), true);
    }
  });

  it('S1: another future in the place of one that has returned is outside, in that of one that waits it is passed', () => {
    const next = future({ sameFuture: false });
    const found = seenByFuture('over', at({ line: 11 }), { ...next, inItsPlace: true, waits: false });
    assert.equal(found && endsStatementStep('over', ORIGIN, found), true);
    for (const kind of KINDS) assert.equal(seenByFuture(kind, at({ line: 11 }), next), undefined);
  });

  it('S1: a step does not end in a future that runs beside the one that has returned, of the same async function', () => {
    const beside = future({ sameFuture: false, waits: false });
    const endsIn = (of: FutureReached, reached: StatementReached) =>
      KINDS.filter((kind) => {
        const seen = seenByFuture(kind, reached, of);
        return seen !== undefined && endsStatementStep(kind, ORIGIN, seen);
      });
    const resumed = at({ line: 11 });
    // polled from further out: the one that has returned was in a future of its own
    const further = at({ line: 11, sameFrame: false, outside: true });
    for (const where of [resumed, further]) {
      assert.deepEqual(endsIn(beside, where), []);
      // it begins: what comes next, and on no line's middle
      assert.deepEqual(endsIn({ ...beside, isFresh: true }, where), ['into']);
    }
    // the line of who joins them
    assert.deepEqual(endsIn({ ...beside, sameBody: false }, further), [...KINDS]);
    // an async function that awaits itself: it is who awaits
    assert.deepEqual(endsIn({ ...beside, recursive: true }, further), [...KINDS]);
    assert.deepEqual(endsIn({ ...beside, recursive: true }, resumed), []);
  });

  it('S1: a step into does not go into a future further in that merely goes on, whether it is inlined or not', () => {
    for (const sameFuture of [false, true]) {
      const other = future({ sameBody: sameFuture, sameFuture });
      const inner = at({ line: 50, sameFrame: sameFuture, inlined: sameFuture ? [9] : [] });
      const found = seenByFuture('into', inner, other);
      assert.equal(found && endsStatementStep('into', ORIGIN, found), true);
      assert.equal(seenByFuture('into', inner, { ...other, goesOn: true }), undefined);
    }
  });

  it('S1: a body that awaits and stands on another line has gone on: another future won, or it was dropped', () => {
    const awaiting = [
      { func: 7, file: 1, line: 44, inlined: [] },
      { func: 9, file: 1, line: 52, inlined: [3] },
    ];
    const gone = (func: number, line: number, inlined: number[] = []) =>
      hasGoneOn(awaiting, { func, file: 1, line, inlined });
    assert.equal(gone(7, 45), true);
    // it is polled again, and awaits as before
    assert.equal(gone(7, 44), false);
    // not one that awaits, nor the body itself: what is inlined into it, or what it is inlined into
    assert.equal(gone(8, 45), false);
    assert.equal(gone(7, 45, [5]), false);
    assert.equal(gone(9, 53), false);
    assert.equal(gone(9, 53, [3]), true);
  });
});
