// Rows: what each kind of event becomes, pairs and nesting, what is wrong with them, and that slices and batches make no difference.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { EventStore } from '../recording/event-store.ts';
import { LogWriter } from '../recording/log.ts';
import { CALL, LINE, NO_ERRNO } from '../recording/log-format.ts';
import { syscallIndex } from '../recording/syscalls.ts';
import { arbitraryEvent } from '../testing/arbitrary-event.ts';
import { RowTable } from './row-table.ts';
import { rowSummary } from './row-text.ts';

const encoder = new TextEncoder();
const NO_WRITES = { count: 0, address: () => 0, length: () => 0, bytes: () => new Uint8Array() };

class Script {
  readonly store = new EventStore();
  readonly log = new LogWriter();
  #at = 0;

  line(dir: 'in' | 'out', text: string, flags = 0): this {
    this.#at++;
    this.log.rpc(dir, encoder.encode(text), flags, this.#at * 10, this.#at);
    return this;
  }
  ask(dir: 'in' | 'out', id: string | number, method: string): this {
    return this.line(dir, `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":null}`);
  }
  answer(dir: 'in' | 'out', id: string | number): this {
    return this.line(dir, `{"jsonrpc":"2.0","id":${id},"result":1}`);
  }
  syscall(name: string, flags = 0, errno = 0): this {
    this.#at++;
    this.log.syscall(syscallIndex(name), [0, 1], errno, flags, NO_WRITES, 0, 57, 0, this.#at * 10, this.#at);
    return this;
  }
  stderr(text: string): this {
    this.#at++;
    this.log.stderr(encoder.encode(text), 0, this.#at * 10, this.#at);
    return this;
  }
  diagnosis(kind: string, severity: 'fault' | 'warning'): this {
    this.log.diagnosis(kind, `A ${kind}.`, severity, this.#at * 10, this.#at);
    return this;
  }
  /** A reply by hand in place of that of event `changes`. */
  changed(id: string | number, changes: number): this {
    this.#at++;
    const bytes = encoder.encode(`{"jsonrpc":"2.0","id":${id},"result":"changed"}`);
    this.log.rpc('in', bytes, 0, this.#at * 10, this.#at, { by: 'hand', changes });
    return this;
  }
  takenBack(index: number): this {
    const bytes = new Uint8Array();
    this.log.edit({ space: 'reply', index, address: 0, bytes, moment: 7, offset: -1, text: 'taken back' }, 0, this.#at);
    return this;
  }
  rows(): RowTable {
    this.store.append(this.log.take());
    return laid(this.store);
  }
}

function laid(store: EventStore): RowTable {
  const rows = new RowTable(store, () => 0);
  while (!rows.advance(1));
  return rows;
}

const each = <T>(rows: RowTable, column: (row: number) => T): T[] =>
  Array.from({ length: rows.length }, (_, i) => column(i));

describe('rows', () => {
  it('a reply that takes the place of one that was unread answers its request; the other one was never read', () => {
    const rows = new Script()
      .ask('in', 0, 'run')
      .ask('out', 0, 'read')
      .ask('out', 1, 'write')
      .answer('in', 0)
      .answer('in', 1)
      .changed(0, 3)
      .changed(0, 5)
      .rows();
    assert.deepEqual(
      each(rows, (row) => rows.pair(row)),
      [-1, 6, 4, 1, 2, 1, 1],
    );
    assert.deepEqual(
      each(rows, (row) => rows.neverRead(row)),
      [false, false, false, true, false, true, false],
    );
    assert.deepEqual(each(rows, (row) => rows.name(row)).slice(3), ['read', 'write', 'read', 'read']);
    assert.match(rowSummary(rows, 6), /"changed" {2}\(changed by hand: the plugin never saw event 5\)$/);
    // what it says it changes may be anything
    assert.equal(new Script().ask('out', 0, 'read').changed(0, 0).rows().severity(1), 'warning');
    assert.equal(new Script().changed(0, 9).rows().severity(0), 'warning');
  });

  it('replies that were taken back leave their requests open, and later ones answer them', () => {
    const script = new Script()
      .ask('in', 0, 'run')
      .ask('out', 0, 'read')
      .ask('out', 1, 'write')
      .answer('in', 0)
      .answer('in', 1)
      .takenBack(4);
    const rows = script.rows();
    assert.deepEqual(
      each(rows, (row) => rows.pair(row)),
      [-1, 3, -1, 1, 2, -1],
    );
    assert.equal(rows.neverRead(4), true);
    assert.ok(Number.isNaN(rows.duration(2)));
    const behind = new Script().ask('out', 0, 'read').ask('out', 1, 'write').answer('in', 0).answer('in', 1);
    const changed = behind.changed(0, 2).takenBack(3).rows();
    assert.deepEqual([changed.pair(0), changed.pair(1)], [4, -1], 'what was changed keeps its place');
    assert.equal(behind.takenBack(4).rows().pair(0), -1);
    const later = script.answer('in', 1).rows();
    assert.equal(later.pair(2), 6);
  });

  it('P2: a request and its reply are linked by direction and id, digits intact, and share method and depth', () => {
    const rows = new Script()
      .ask('in', 0, 'run')
      .ask('out', 0, 'read')
      .ask('out', '18446744073709551615', 'write')
      .answer('in', 0)
      .line('in', '{"jsonrpc":"2.0","id":18446744073709551615,"error":{"code":-1,"message":"full"}}')
      .answer('out', 0)
      .rows();
    assert.deepEqual(
      each(rows, (row) => rows.kind(row)),
      ['request', 'request', 'request', 'result', 'error', 'result'],
    );
    assert.deepEqual(
      each(rows, (row) => rows.pair(row)),
      [5, 3, 4, 1, 2, 0],
    );
    assert.deepEqual(
      each(rows, (row) => rows.name(row)),
      ['run', 'read', 'write', 'read', 'write', 'run'],
    );
    assert.deepEqual(
      each(rows, (row) => rows.depth(row)),
      [0, 1, 1, 1, 1, 0],
    );
    assert.equal(rows.id(2), '18446744073709551615');
    assert.equal(rows.id(4), '18446744073709551615');
    assert.deepEqual([rows.duration(0), rows.duration(1), rows.duration(3)], [5, 2, Number.NaN]);
    assert.deepEqual(rows.methods, ['run', 'read', 'write']);
  });

  it('a nested call is under its cause: what the host asks amid a host call, and what the plugin asks for that', () => {
    const rows = new Script()
      .ask('in', 0, 'run')
      .syscall('random_get')
      .ask('out', 0, 'convert')
      .ask('in', 7, 'callback')
      .ask('out', 1, 'inner')
      .stderr('deep')
      .answer('in', 1)
      .answer('out', 7)
      .answer('in', 0)
      .answer('out', 0)
      .stderr('after')
      .rows();
    assert.deepEqual(
      each(rows, (row) => rows.depth(row)),
      [0, 1, 1, 2, 3, 3, 3, 2, 1, 0, 0],
    );
  });

  it('E5: polls of an empty stdin are one row, with the clock reads and yields between', () => {
    const script = new Script().ask('in', 0, 'run');
    for (let i = 0; i < 3; i++) {
      script.syscall('fd_read', CALL.emptyPoll, 6).syscall('clock_time_get');
      script.log.yield(5, 100, 5);
    }
    const rows = script.stderr('x').syscall('clock_time_get').syscall('fd_read', CALL.emptyPoll, 6).rows();
    assert.deepEqual(
      each(rows, (row) => rows.kind(row)),
      ['request', 'polls', 'stderr', 'syscall', 'polls'],
    );
    const { polls, clocks, yields } = rows.polls(1) ?? {};
    assert.deepEqual([polls, clocks, yields], [3, 3, 3]);
    assert.match(rowSummary(rows, 1), /^polled 3 times, .*\(3 clock reads, 3 yields\)$/);
    assert.equal(rows.eventsEnd(1), rows.event(2));
    assert.equal(rows.errno(1), 6);
    assert.equal(rows.polls(2), undefined);
  });

  it('P1: a diagnosis marks the message that it is about, and the end says whether it was one', () => {
    const script = new Script()
      .ask('in', 0, 'run')
      .line('out', 'hello')
      .diagnosis('stray-text', 'fault')
      .answer('out', 9);
    script.diagnosis('unknown-response', 'warning');
    script.log.exit(
      {
        reason: 'trap',
        code: undefined,
        message: 'unreachable',
        memorySha256: undefined,
        inputs: undefined,
        at: undefined,
      },
      99,
      9,
    );
    const rows = script.rows();
    assert.deepEqual(
      each(rows, (row) => rows.kind(row)),
      ['request', 'invalid', 'diagnosis', 'result', 'diagnosis', 'exit'],
    );
    assert.deepEqual(
      each(rows, (row) => rows.severity(row)),
      [undefined, 'fault', 'fault', 'warning', 'warning', 'fault'],
    );
    assert.deepEqual(
      each(rows, (row) => rows.about(row)),
      [-1, 2, 1, 4, 3, -1],
    );
    assert.equal(rows.pair(3), -1);
  });

  it('bytes are those of the line, and of syscalls what was handed over or written', () => {
    const script = new Script()
      .line('in', '[1]')
      .syscall('fd_write', CALL.sent)
      .syscall('fd_close')
      .syscall('proc_exit', 0, NO_ERRNO);
    const journal = { count: 2, address: () => 0, length: () => 4, bytes: () => Uint8Array.of(1, 2, 3, 4) };
    script.log.syscall(syscallIndex('fd_read'), [0, 1, 2, 3], 0, 0, journal, 0, 0, 0, 50, 5);
    script.log.yield(1, 60, 6);
    const rows = script.rows();
    assert.deepEqual(
      each(rows, (row) => rows.bytes(row)),
      [3, 57, 0, 0, 8, -1],
    );
    assert.deepEqual(
      each(rows, (row) => rows.errno(row)),
      [-1, 0, 0, -1, 0, -1],
    );
    assert.deepEqual(
      each(rows, (row) => rows.fuelSince(row)),
      [10, 10, 10, 10, 10, 10],
    );
  });

  it('E4: bytes that are not UTF-8, and lines that are no messages, are rows as well', () => {
    const script = new Script();
    script.log.rpc('out', Uint8Array.of(0x7b, 0xff), LINE.notUtf8, 1, 1);
    const rows = script.line('out', '').line('out', '\u0000\u202e<b>').line('out', '{"jsonrpc":"2.0"').rows();
    assert.deepEqual(
      each(rows, (row) => rows.kind(row)),
      ['invalid', 'invalid', 'invalid', 'invalid'],
    );
    assert.doesNotMatch(each(rows, (row) => rowSummary(rows, row)).join(''), /[\0\u202e]/);
  });

  it('E2: many calls in flight, answered first to last, cost no more each than few', () => {
    const script = new Script().ask('in', 0, 'run');
    for (let i = 0; i < 50_000; i++) script.ask('out', i, 'm');
    for (let i = 0; i < 50_000; i++) script.answer('in', i);
    const rows = script.stderr('after').rows();
    assert.equal(rows.pair(1), 50_001);
    assert.equal(rows.depth(rows.length - 1), 1);
  });

  it('rowAt: the last row at or before a place of an axis', () => {
    const rows = new Script().stderr('a').stderr('b').stderr('c').rows();
    assert.deepEqual(
      [9, 10, 19, 30, 1e9].map((at) => rows.rowAt('fuel', at)),
      [-1, 0, 0, 2, 2],
    );
    assert.equal(rows.rowAt('time', 2), 1);
  });

  it('P3: any events, in any batches, make the same rows, and every event has one', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryEvent, { maxLength: 60 }),
        fc.array(fc.nat(10), { maxLength: 8 }),
        (events, cuts) => {
          const log = new LogWriter();
          const store = new EventStore();
          const live = new RowTable(store, () => 0);
          let next = 0;
          for (const event of events) {
            log.append(event);
            if (cuts.includes(next++ % 11)) {
              store.append(log.take());
              while (!live.advance(1));
            }
          }
          store.append(log.take());
          while (!live.advance(1));
          const whole = laid(store);
          const columns = (rows: RowTable) =>
            each(rows, (row) => [
              rows.kind(row),
              rows.name(row),
              rows.id(row),
              rows.depth(row),
              rows.pair(row),
              rows.severity(row),
              rows.about(row),
              rows.bytes(row),
              rows.polls(row),
              rowSummary(rows, row),
            ]);
          assert.deepEqual(columns(live), columns(whole));
          for (let seq = 0; seq < store.length; seq++) {
            const row = whole.rowOf(seq);
            assert.ok(whole.event(row) <= seq && seq < whole.eventsEnd(row));
          }
          for (let row = 0; row < whole.length; row++)
            if (whole.pair(row) >= 0) assert.equal(whole.pair(whole.pair(row)), row);
        },
      ),
    );
  });
});
