// The binary log: what goes in comes out, whenever it is taken; yields and folded syscalls are gathered; reading by index. Contracts R1, P3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { arbitraryEvents } from '../testing/arbitrary-event.ts';
import type { RunEvent } from './event.ts';
import { EventStore } from './event-store.ts';
import { LogWriter, type WriteJournal } from './log.ts';
import { CALL, LINE, NO_ERRNO } from './log-format.ts';
import { SYSCALL_NAMES, syscallIndex } from './syscalls.ts';

const NO_WRITES: WriteJournal = { count: 0, address: () => 0, length: () => 0, bytes: () => new Uint8Array() };

/** Writes `events`, taking what there is after those whose number `taken` names. */
function stored(events: readonly RunEvent[], taken: ReadonlySet<number> = new Set()): EventStore {
  const writer = new LogWriter();
  const store = new EventStore();
  for (const [at, event] of events.entries()) {
    writer.append(event);
    if (taken.has(at)) store.append(writer.take());
  }
  store.append(writer.take());
  return store;
}

describe('LogWriter and EventStore', () => {
  it('R1: any events come out as they went in, however they are taken', () => {
    fc.assert(
      fc.property(arbitraryEvents, fc.array(fc.nat(40)), (events, taken) => {
        const store = stored(events, new Set(taken));
        assert.equal(store.length, events.length);
        assert.deepEqual([...store.range()], events);
        for (const { seq, kind } of events) assert.equal(store.kind(seq), kind);
      }),
      { numRuns: 500 },
    );
  });

  it('R1: events of many kilobytes and many events outgrow every buffer', () => {
    const events: RunEvent[] = [];
    for (let seq = 0; seq < 3000; seq++) {
      const bytes = new Uint8Array(seq % 500 === 0 ? 300_000 : seq % 50).fill(97 + (seq % 26));
      const line = new TextDecoder().decode(bytes);
      events.push({
        seq,
        fuel: seq,
        time: seq,
        kind: 'rpc',
        dir: 'out',
        bytes,
        line,
        utf8: true,
        complete: true,
        unread: false,
      });
    }
    const store = stored(events);
    assert.equal(store.length, 3000);
    for (const seq of [0, 1, 49, 500, 1023, 1024, 1025, 2048, 2999]) assert.deepEqual(store.get(seq), events[seq]);
  });

  it('P3: listeners get the range of each batch, until they leave', () => {
    const store = new EventStore();
    const ranges: [number, number][] = [];
    const leave = store.onAppend((from, to) => ranges.push([from, to]));
    const writer = new LogWriter();
    const batch = (events: number): void => {
      for (let n = 0; n < events; n++) writer.grow('memory', 0, 1, 1, 0, 0);
      store.append(writer.take());
    };
    batch(3);
    batch(0);
    batch(2);
    leave();
    batch(1);
    assert.deepEqual(ranges, [
      [0, 3],
      [3, 5],
    ]);
    assert.equal(store.length, 6);
  });

  it('P3: what is not there is a RangeError; a range is cut to what is there', () => {
    const store = stored([]);
    for (const seq of [0, -1, 1.5, Number.NaN]) assert.throws(() => store.get(seq), RangeError);
    const writer = new LogWriter();
    for (let n = 0; n < 3; n++) writer.grow('memory', 0, n, 1, 0, 0);
    store.append(writer.take());
    assert.deepEqual(
      [...store.range(-5, 99)].map(({ seq }) => seq),
      [0, 1, 2],
    );
    assert.deepEqual(
      [...store.range(1, 2)].map(({ seq }) => seq),
      [1],
    );
    assert.deepEqual([...store.range(2, 1)], []);
  });

  it('P3: bytes counts all records, taken or not', () => {
    const writer = new LogWriter();
    const store = new EventStore();
    for (let n = 0; n < 5; n++) {
      writer.stderr(new Uint8Array(n * 3), 0, 0, 0);
      if (n % 2 === 0) store.append(writer.take());
    }
    assert.equal(writer.bytes, store.bytes + writer.finishedBytes);
    store.append(writer.take());
    assert.equal(writer.bytes, store.bytes);
  });
});

describe('yields', () => {
  it('R1: in a row are one event, with the fuel of the first and of the last', () => {
    const writer = new LogWriter();
    const store = new EventStore();
    writer.yield(5, 100, 1);
    writer.yield(6, 200, 2);
    assert.equal(writer.takeFinished().length, 0, 'taking what is finished does not end the row');
    writer.yield(7, 300, 3);
    writer.grow('table', 1, 2, 3, 301, 4);
    writer.yield(8, 400, 5);
    store.append(writer.take());
    assert.deepEqual(
      [...store.range()],
      [
        { seq: 0, kind: 'yield', fuel: 100, time: 1, count: 3, lastFuel: 300, required: 7 },
        { seq: 1, kind: 'grow', space: 'table', index: 1, delta: 2, result: 3, fuel: 301, time: 4 },
        { seq: 2, kind: 'yield', fuel: 400, time: 5, count: 1, lastFuel: 400, required: 8 },
      ],
    );
  });
});

describe('folded syscalls', () => {
  const READ = syscallIndex('fd_read');
  const journal = (address: number, bytes: Uint8Array): WriteJournal => ({
    count: 1,
    address: () => address,
    length: () => bytes.length,
    bytes: () => bytes,
  });

  /** Random happenings past the bound on events, taken by `take` after each of `taken`. */
  const happenings = fc.array(
    fc.constantFrom('call', 'yield', 'line', 'exit') as fc.Arbitrary<'call' | 'yield' | 'line' | 'exit'>,
    { maxLength: 60 },
  );
  const write = (list: readonly string[], taken: ReadonlySet<number>): RunEvent[] => {
    const writer = new LogWriter();
    const store = new EventStore();
    for (const [at, what] of list.entries()) {
      if (what === 'call')
        writer.foldedSyscall(
          READ,
          at % 3 === 0 ? NO_ERRNO : 6,
          at % 2 ? CALL.fuelToZero : 0,
          journal(at, Uint8Array.of(at, 1)),
          at,
          at,
        );
      else if (what === 'yield') writer.foldedYield(1, at, at);
      else if (what === 'line') writer.stderr(Uint8Array.of(65, at), LINE.incomplete, at, at);
      else writer.yield(1, at, at);
      if (taken.has(at)) store.append(writer.takeFinished());
    }
    store.append(writer.take());
    return [...store.range()];
  };

  it('E7: R1: come out the same whenever what is finished is taken', () => {
    fc.assert(
      fc.property(happenings, fc.array(fc.nat(60)), (list, taken) => {
        assert.deepEqual(write(list, new Set(taken)), write(list, new Set()));
      }),
      { numRuns: 500 },
    );
  });

  it('R1: keep what a replay needs, in order, with yields counted between', () => {
    const list = ['call', 'yield', 'yield', 'call', 'line', 'call'];
    const [first, line, second] = write(list, new Set());
    assert.deepEqual(first, {
      seq: 0,
      kind: 'folded',
      fuel: 0,
      time: 0,
      count: 3,
      calls: [
        { name: 'fd_read', errno: undefined, fuelToZero: false, writes: [{ address: 0, bytes: Uint8Array.of(0, 1) }] },
        { name: 'yield', count: 2 },
        { name: 'fd_read', errno: undefined, fuelToZero: true, writes: [{ address: 3, bytes: Uint8Array.of(3, 1) }] },
      ],
    });
    assert.equal(line?.kind, 'stderr');
    assert.equal(second?.kind, 'folded');
  });

  it('R1: are closed every 64 KiB, so that a crash loses little', () => {
    const writer = new LogWriter();
    for (let n = 0; n < 10_000; n++) writer.foldedSyscall(READ, 0, 0, NO_WRITES, n, n);
    const store = new EventStore();
    store.append(writer.takeFinished());
    assert.equal(store.length, 1);
    store.append(writer.take());
    const counts = [...store.range()].map((event) => (event.kind === 'folded' ? event.count : 0));
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      10_000,
    );
  });
});

describe('syscalls by number', () => {
  it('R5: numbers stay what they were', () => {
    assert.deepEqual(
      SYSCALL_NAMES.map((name) => syscallIndex(name)),
      SYSCALL_NAMES.map((_, index) => index),
    );
    assert.equal(syscallIndex('fd_read'), 4);
    assert.equal(syscallIndex('enosys'), 14);
    assert.throws(() => syscallIndex('fd_seek'), RangeError);
  });
});
