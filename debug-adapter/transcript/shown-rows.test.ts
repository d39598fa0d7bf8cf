// The rows that are shown: in slices of any length, whatever comes when, they are those that a plain filter and a plain sort give. Contract E2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RunEvent } from '../recording/event.ts';
import { EventStore } from '../recording/event-store.ts';
import { LogWriter } from '../recording/log.ts';
import { arbitraryEvent } from '../testing/arbitrary-event.ts';
import { RandomSource } from '../testing/random-source.ts';
import { Filter, parseFilter } from './filter.ts';
import { RowFilter } from './filter-rows.ts';
import { Finder } from './finder.ts';
import { RowTable } from './row-table.ts';
import { rowSummary } from './row-text.ts';
import { RowsAsTheyCame, ShownRows } from './shown-rows.ts';
import type { Column, Order } from './sort-keys.ts';
import { SortedRows } from './sort-rows.ts';

/** A clock that goes on by a ms each time that it is looked at. */
function ticking(): () => number {
  let time = 0;
  return () => time++;
}

const encoder = new TextEncoder();
const message = (dir: 'in' | 'out', text: string): RunEvent => ({
  seq: 0,
  fuel: 0,
  time: 0,
  kind: 'rpc',
  dir,
  line: text,
  bytes: encoder.encode(text),
  utf8: true,
  complete: true,
  unread: false,
});

const POLL: RunEvent = {
  seq: 0,
  fuel: 0,
  time: 0,
  kind: 'syscall',
  name: 'fd_read',
  args: [0],
  errno: 6,
  writes: [],
  sent: undefined,
  flags: { fuelToZero: true, emptyPoll: true, hostWouldPanic: false, sleepMs: undefined },
};
const PANIC: RunEvent = {
  seq: 0,
  fuel: 0,
  time: 0,
  kind: 'diagnosis',
  diagnosis: 'panic',
  message: 'it panicked',
  severity: 'fault',
};

/** Conversations: requests either way, replies to some of them, polls that fold, diagnoses, and anything else. */
const traffic = fc.array(
  fc.oneof(
    { arbitrary: arbitraryEvent, weight: 2 },
    {
      arbitrary: fc
        .tuple(fc.constantFrom('in' as const, 'out' as const), fc.nat(5), fc.constantFrom('echo', 'greet', 'b', 'ab'))
        .map(([dir, id, method]) => message(dir, `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":null}`)),
      weight: 4,
    },
    {
      arbitrary: fc
        .tuple(fc.constantFrom('in' as const, 'out' as const), fc.nat(5), fc.boolean())
        .map(([dir, id, ok]) =>
          message(dir, `{"jsonrpc":"2.0","id":${id},${ok ? '"result":1' : '"error":{"code":1,"message":"no"}'}}`),
        ),
      weight: 4,
    },
    {
      arbitrary: fc.constant(POLL),
      weight: 3,
    },
    {
      arbitrary: fc.constant(PANIC),
      weight: 1,
    },
  ),
  { maxLength: 60 },
);

/** Time and fuel go on by random steps. */
const timed = fc.tuple(traffic, fc.array(fc.nat(3), { minLength: 1, maxLength: 20 })).map(([events, steps]) => {
  let now = 0;
  return events.map((event, seq): RunEvent => {
    now += steps[seq % steps.length] ?? 0;
    return { ...event, seq, fuel: now * 10, time: now };
  });
});

const COLUMNS: readonly Column[] = [
  'event',
  'dir',
  'kind',
  'name',
  'id',
  'summary',
  'bytes',
  'fuelSince',
  'fuel',
  'time',
  'duration',
];
const order: fc.Arbitrary<Order | undefined> = fc.option(
  fc.record({ column: fc.constantFrom(...COLUMNS), descending: fc.boolean() }),
  { nil: undefined },
);
const filterText = fc.constantFrom(
  '',
  'is:pending',
  '-is:pending',
  'dur:',
  'dur:>2ms',
  '-dur:<=1ms',
  'level:fault',
  '-level:',
  'event:3..12',
  'kind:request,polls',
  'kind:!request',
  'echo',
  '-echo kind:message',
  'method:*b',
  'is:pending method:echo',
);

/** The rows that pass, by a plain loop and a plain sort. */
function plainly(rows: RowTable, filter: Filter, by: Order | undefined): number[] {
  const passes = new RowFilter(rows, filter);
  const list = Array.from({ length: rows.length }, (_, row) => row).filter((row) => passes.matches(row));
  if (by === undefined) return list;
  const sign = by.descending ? -1 : 1;
  const key = (row: number): number | bigint | string | undefined => {
    switch (by.column) {
      case 'event':
        return row;
      case 'dir':
        return rows.dir(row);
      case 'kind':
        return rows.kindCode(row);
      case 'name':
        return rows.name(row) || undefined;
      case 'id': {
        const id = rows.id(row);
        return id === undefined ? undefined : BigInt(id);
      }
      case 'summary':
        return Buffer.from(rowSummary(rows, row, 32).slice(0, 32))
          .subarray(0, 32)
          .toString('latin1')
          .replace(/\0+$/, '');
      case 'bytes':
        return rows.bytes(row) < 0 ? undefined : rows.bytes(row);
      case 'fuelSince':
        return rows.fuelSince(row);
      case 'fuel':
        return rows.fuel(row);
      case 'time':
        return rows.time(row);
      case 'duration':
        return Number.isNaN(rows.duration(row)) ? undefined : rows.duration(row);
    }
  };
  const keys = new Map(list.map((row) => [row, key(row)]));
  return list.sort((a, b) => {
    const [x, y] = [keys.get(a), keys.get(b)];
    if (x === y) return a - b;
    if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
    return x < y ? -sign : sign;
  });
}

const shownIn = (shown: ShownRows): number[] => Array.from({ length: shown.length }, (_, index) => shown.row(index));

describe('shown rows', () => {
  it('E2: are the same however they come, in slices of any length', () => {
    fc.assert(
      fc.property(
        timed,
        filterText,
        order,
        fc.array(fc.nat(9), { minLength: 1, maxLength: 20 }),
        fc.constantFrom('echo', 'is:pending', '-level:', 'dur:>1ms'),
        (events, text, by, batches, sought) => {
          const { filter, problems } = parseFilter(text);
          assert.deepEqual(problems, []);
          const store = new EventStore();
          const rows = new RowTable(store, () => 0);
          const now = ticking();
          const shown = new ShownRows(rows, filter, by, now);
          const finder = new Finder(shown, parseFilter(sought).filter, now);
          const writer = new LogWriter();
          let batch = 0;
          let left = batches[0] ?? 0;
          for (const event of events) {
            writer.append(event);
            if (left-- > 0) continue;
            left = batches[++batch % batches.length] ?? 0;
            store.append(writer.take());
            rows.advance(1);
            if (left % 3 === 0) {
              shown.advance(left);
              finder.advance(left);
              continue;
            }
            while (!shown.advance(1));
            assert.deepEqual(shownIn(shown), plainly(rows, filter, by));
          }
          store.append(writer.take());
          rows.advance(1);
          while (!shown.advance(1));
          const expected = plainly(rows, filter, by);
          assert.deepEqual(shownIn(shown), expected);
          for (let row = 0; row < rows.length; row++) assert.equal(shown.indexOf(row), expected.indexOf(row));
          checkPlaces(shown, rows, by);
          while (!finder.advance(1));
          checkFinder(finder, shown, rows, sought);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('E2: are the same when many thousands come at once and slices end anywhere', () => {
    const source = new RandomSource(7);
    for (const [text, by] of [
      ['', undefined],
      ['is:pending', undefined],
      ['-dur:<=40ms', { column: 'event', descending: true }],
      ['kind:message', { column: 'duration', descending: true }],
      ['is:pending', { column: 'name', descending: false }],
      ['', { column: 'id', descending: true }],
      ['-kind:yield', { column: 'fuelSince', descending: false }],
      ['echo', { column: 'summary', descending: false }],
    ] as const) {
      const { filter } = parseFilter(text);
      const store = new EventStore();
      const rows = new RowTable(store, () => 0);
      const log = new LogWriter();
      const now = ticking();
      const shown = new ShownRows(rows, filter, by, now);
      const finder = new Finder(shown, parseFilter('echo').filter, now);
      const world = { time: 0, next: 0, open: [] as number[] };
      let slices = 0;
      for (const batch of [9_000, 1, 300, 6_000]) {
        for (let n = 0; n < batch; n++) converse(log, world, source);
        store.append(log.take());
        while (!rows.advance(1));
        for (let done = false; !done; slices++) {
          done = shown.advance(1 + source.below(3));
          // in the middle of it, what is shown are rows, each of them once
          if (!done && slices % 5 === 0) assert.equal(new Set(shownIn(shown)).size, shown.length);
          if (slices % 3 === 0) finder.advance(1);
        }
        assert.deepEqual(shownIn(shown), plainly(rows, filter, by), `${text} ${by?.column}, ${rows.length} rows`);
        while (!finder.advance(1));
        const hits = new RowFilter(rows, parseFilter('echo').filter);
        assert.equal(finder.next(0, false).count, shownIn(shown).filter((row) => hits.matches(row)).length);
      }
      assert.ok(slices > 20, `${slices} slices`);
    }
  });

  it('E5: polls that go on are looked at again', () => {
    for (const [text, by, sought] of [
      ['event:4', undefined, 'event:4'],
      ['-event:4', { column: 'event', descending: true }, 'event:5'],
      ['', { column: 'summary', descending: false }, 'event:4..'],
    ] as const) {
      const store = new EventStore();
      const rows = new RowTable(store, () => 0);
      const log = new LogWriter();
      const { filter } = parseFilter(text);
      const shown = new ShownRows(rows, filter, by, () => 0);
      const finder = new Finder(shown, parseFilter(sought).filter, () => 0);
      for (const event of [
        message('in', '{"polls": 1}'),
        POLL,
        message('in', '{"polls": 2}'),
        POLL,
        POLL,
        POLL,
        message('in', '{"polls": 3}'),
      ]) {
        log.append(event);
        store.append(log.take());
        rows.advance(1);
        assert.ok(shown.advance(1));
        assert.ok(finder.advance(1));
        assert.deepEqual(shownIn(shown), plainly(rows, filter, by), `${text} after ${rows.laid} events`);
        checkFinder(finder, shown, rows, sought);
      }
    }
  });

  it('find looks again at rows that have their reply, or a diagnosis', () => {
    for (const sought of ['is:pending', 'level:fault']) {
      const store = new EventStore();
      const rows = new RowTable(store, () => 0);
      const log = new LogWriter();
      const shown = new ShownRows(rows, Filter.empty, undefined, () => 0);
      const finder = new Finder(shown, parseFilter(sought).filter, () => 0);
      for (const event of [
        message('out', '{"jsonrpc":"2.0","id":1,"method":"a","params":null}'),
        message('out', '{"jsonrpc":"2.0","id":2,"method":"b","params":null}'),
        message('in', '{"jsonrpc":"2.0","id":1,"result":1}'),
        PANIC,
        message('in', '{"jsonrpc":"2.0","id":2,"result":1}'),
      ]) {
        log.append(event);
        store.append(log.take());
        rows.advance(1);
        assert.ok(shown.advance(1));
        assert.ok(finder.advance(1));
        checkFinder(finder, shown, rows, sought);
      }
    }
  });

  it('lists of rows take any change, in any order, in slices of any length', () => {
    const step = fc.record({
      rows: fc.array(fc.tuple(fc.nat(60), fc.boolean(), fc.nat(9)), { maxLength: 30 }),
      came: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.boolean(), (steps, sorted) => {
        const now = ticking();
        const wanted: number[] = [];
        const taken: number[] = [];
        const list = sorted
          ? new SortedRows(
              {
                changes: true,
                work: 0,
                take: (row) => {
                  const moved = taken[row] !== wanted[row];
                  taken[row] = wanted[row] ?? 0;
                  return moved;
                },
                compare: (a, b) => (taken[a] ?? 0) - (taken[b] ?? 0) || a - b,
              },
              now,
            )
          : new RowsAsTheyCame();
        const passing = new Set<number>();
        const put = (row: number, passes: boolean, key: number): void => {
          wanted[row] = key;
          if (passes) passing.add(row);
          else passing.delete(row);
          list.put(row, passes);
        };
        let seen = 0;
        for (const { rows, came } of steps) {
          for (const [row, passes, key] of rows) if (row < seen) put(row, passes, key);
          for (let n = 0; n < came; n++) put(seen++, n % 3 !== 0, (seen * 7) % 5);
          while (!list.settle(now() + 1));
          const expected = [...passing].sort((a, b) => (sorted ? (wanted[a] ?? 0) - (wanted[b] ?? 0) : 0) || a - b);
          assert.deepEqual(
            Array.from({ length: list.length }, (_, index) => list.row(index)),
            expected,
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it('E2: a slice ends when its time does, though a line has many MB', () => {
    const long = new Uint8Array(4 << 20).fill(0x61);
    const log = new LogWriter();
    for (let n = 0; n < 4; n++) log.stderr(long, 0, n, n);
    const store = new EventStore();
    store.append(log.take());
    const rows = new RowTable(store, () => 0);
    while (!rows.advance(1));
    const shown = new ShownRows(rows, parseFilter('needle').filter, undefined, ticking());
    let slices = 1;
    for (; !shown.advance(1); slices++);
    assert.equal(shown.length, 0);
    // one look at the clock for each 128 kB or so
    assert.ok(slices >= 50, `${slices} slices`);
  });
});

/** Adds an event of a conversation: requests that wait long or short, replies in their order, log lines, yields, polls. */
function converse(log: LogWriter, world: { time: number; next: number; open: number[] }, source: RandomSource): void {
  world.time += source.below(20);
  const { time } = world;
  const fuel = time * 3;
  const line = (dir: 'in' | 'out', text: string): void => log.rpc(dir, encoder.encode(text), 0, fuel, time);
  switch (source.below(6)) {
    case 0:
    case 1:
      line(
        'out',
        `{"jsonrpc":"2.0","id":${world.next},"method":"${source.one(['echo', 'get', 'a.b'])}","params":${time}}`,
      );
      world.open.push(world.next++);
      break;
    case 2:
    case 3: {
      const id = source.chance(0.5) ? world.open.shift() : world.open.pop();
      line('in', `{"jsonrpc":"2.0","id":${id ?? 18446744073709551000n + BigInt(time)},"result":"${source.below(9)}"}`);
      break;
    }
    case 4:
      log.stderr(encoder.encode(`line ${source.below(1000)}`), 0, fuel, time);
      break;
    default:
      if (source.chance(0.1)) log.diagnosis('panic', 'It panicked.', 'fault', fuel, time);
      else log.yield(1, fuel, time);
  }
}

/** The next shown row: where it would stand if it were shown. */
function checkPlaces(shown: ShownRows, rows: RowTable, by: Order | undefined): void {
  const all = plainly(rows, Filter.empty, by);
  for (let row = 0; row < rows.length; row++) {
    const next = all.slice(all.indexOf(row)).find((other) => shown.indexOf(other) >= 0);
    assert.equal(shown.place(row), next === undefined ? -1 : shown.indexOf(next), `row ${row}`);
  }
}

function checkFinder(finder: Finder, shown: ShownRows, rows: RowTable, sought: string): void {
  const passes = new RowFilter(rows, parseFilter(sought).filter);
  const hits = shownIn(shown).flatMap((row, index) => (passes.matches(row) ? [index] : []));
  for (let from = -1; from <= shown.length; from++) {
    for (const backwards of [false, true]) {
      const index =
        (backwards ? hits.findLast((hit) => hit < from) : hits.find((hit) => hit > from)) ??
        (backwards ? hits.at(-1) : hits[0]) ??
        -1;
      assert.deepEqual(finder.next(from, backwards), { index, ordinal: hits.indexOf(index) + 1, count: hits.length });
    }
  }
}
