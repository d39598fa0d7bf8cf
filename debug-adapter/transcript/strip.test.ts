// Strips: what is counted where, calls in flight in their lanes, parts of the axis, and slices.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EventStore } from '../recording/event-store.ts';
import { LogWriter } from '../recording/log.ts';
import { RowTable } from './row-table.ts';
import { StripBuilder, type StripQuestion } from './strip.ts';

const encoder = new TextEncoder();

interface Given {
  readonly at: number;
  readonly what: 'ask' | 'answer' | 'fail' | 'log';
  readonly id?: number;
}

function rowsOf(events: readonly Given[]): RowTable {
  const log = new LogWriter();
  for (const { at, what, id } of events) {
    const rest =
      what === 'ask'
        ? '"method":"m","params":1'
        : what === 'answer'
          ? '"result":1'
          : '"error":{"code":1,"message":"no"}';
    if (what === 'log') log.stderr(encoder.encode('x'), 0, at, at / 2);
    else log.rpc(what === 'ask' ? 'out' : 'in', encoder.encode(`{"jsonrpc":"2.0","id":${id},${rest}}`), 0, at, at / 2);
  }
  const store = new EventStore();
  store.append(log.take());
  const rows = new RowTable(store, () => 0);
  while (!rows.advance(1));
  return rows;
}

function strip(rows: RowTable, question: StripQuestion) {
  const builder = new StripBuilder(rows, question, () => 0);
  while (!builder.advance(1));
  return builder.strip();
}

describe('strip', () => {
  it('counts what happened in each part of the axis, and which calls were in flight', () => {
    const rows = rowsOf([
      { at: 0, what: 'log' },
      { at: 10, what: 'ask', id: 0 },
      { at: 15, what: 'ask', id: 1 },
      { at: 30, what: 'answer', id: 0 },
      { at: 39, what: 'fail', id: 1 },
      { at: 50, what: 'ask', id: 2 },
      { at: 100, what: 'log' },
    ]);
    const { inFlight, stderr, messages, faults, spans, end } = strip(rows, { axis: 'fuel', buckets: 10 });
    assert.deepEqual(inFlight, [0, 2, 2, 2, 0, 1, 1, 1, 1, 1]);
    assert.deepEqual(stderr, [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert.deepEqual(messages, [0, 2, 0, 2, 0, 1, 0, 0, 0, 0]);
    assert.deepEqual(faults, [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    assert.equal(end, 100);
    assert.deepEqual(
      spans?.map(({ row, lane, from, to, failed }) => ({ row, lane, from, to, failed })),
      [
        { row: 1, lane: 0, from: 10, to: 30, failed: false },
        { row: 2, lane: 1, from: 15, to: 39, failed: true },
        { row: 5, lane: 0, from: 50, to: undefined, failed: false },
      ],
    );
    const part = strip(rows, { axis: 'time', from: 10, to: 20, buckets: 2 });
    assert.deepEqual(part.inFlight, [2, 2]);
    assert.deepEqual(part.messages, [0, 2]);
    assert.deepEqual(
      part.spans?.map(({ row }) => row),
      [1, 2],
    );
  });

  it('of a call without rows it is empty, and odd questions get an answer', () => {
    const none = strip(rowsOf([]), { axis: 'fuel', buckets: 3 });
    assert.deepEqual(none.syscalls, [0, 0, 0]);
    for (const buckets of [0, -1, Number.NaN, 1e9])
      assert.ok(strip(rowsOf([{ at: 1, what: 'log' }]), { axis: 'time', from: 5, to: 5, buckets }).stderr.length >= 1);
  });

  it('more calls than bars are a density', () => {
    const many = Array.from({ length: 1000 }, (_, id): Given => ({ at: id, what: 'ask', id }));
    const { spans, inFlight } = strip(rowsOf(many), { axis: 'fuel', buckets: 2 });
    assert.equal(spans, undefined);
    assert.equal(inFlight.at(-1), 1000);
    assert.equal(strip(rowsOf(many), { axis: 'fuel', from: 0, to: 300, buckets: 2 }).spans?.length, 301);
  });

  it('every message is counted once, whatever the buckets, and spans of a lane do not overlap', () => {
    const given = fc.record({ what: fc.constantFrom('ask', 'answer', 'fail', 'log'), id: fc.nat(5), gap: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(given, { maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (list, buckets) => {
        let at = 0;
        const rows = rowsOf(
          list.map(({ what, id, gap }) => {
            at += gap;
            return { what: what as Given['what'], id, at };
          }),
        );
        const found = strip(rows, { axis: 'fuel', buckets });
        const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
        assert.equal(sum(found.messages) + sum(found.stderr), list.length);
        for (const a of found.spans ?? [])
          for (const b of found.spans ?? [])
            if (a.row < b.row && a.lane === b.lane) assert.ok((a.to ?? found.end) <= b.from);
      }),
    );
  });
});
