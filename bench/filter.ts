// The transcript panel's filter, over a call of 100 000 rows: how long until all rows are looked at, and until the first page is there, for each kind
// of token; sorting by a column likewise. The call is made up, in the form that real ones have: 25 000 host calls, each of a syscall that writes the
// request, the request, the reply, and a syscall that reads it.
import { EventStore } from '../debug-adapter/recording/event-store.ts';
import { LogWriter } from '../debug-adapter/recording/log.ts';
import { CALL } from '../debug-adapter/recording/log-format.ts';
import { syscallIndex } from '../debug-adapter/recording/syscalls.ts';
import { parseFilter } from '../debug-adapter/transcript/filter.ts';
import { RowTable } from '../debug-adapter/transcript/row-table.ts';
import { ShownRows } from '../debug-adapter/transcript/shown-rows.ts';
import type { Order } from '../debug-adapter/transcript/sort-keys.ts';
import { type Sample, sampleOf } from './sample.ts';

export interface FilterSpeed {
  readonly filter: string;
  readonly order: string;
  readonly rows: number;
  /** Rows that pass. */
  readonly shown: number;
  /** ms until all rows were looked at, and are in their places. The first one is of a filter that nobody has used before. */
  readonly all: Sample;
  readonly first: number;
  /** ms until as many rows are shown as a screen has, or all that pass. */
  readonly page: Sample;
  /** The longest that one slice took, in ms; each was to take SLICE. */
  readonly slice: number;
}

/** One filter for each kind of token. What the last ones look for is in no row: every byte is looked at. */
const FILTERS: readonly (readonly [filter: string, order?: Order])[] = [
  [''],
  ['method:echo'],
  ['name:fd_*'],
  ['kind:error,invalid'],
  ['dir:out'],
  ['syscall:fd_read'],
  ['errno:!0'],
  ['fuel:>1000'],
  ['total:>1G'],
  ['dur:>5ms'],
  ['time:10..20ms'],
  ['bytes:>1kB'],
  ['depth:>0'],
  ['event:120..130'],
  ['id:3'],
  ['level:fault'],
  ['is:pending'],
  ['-method:echo dur:>1ms bytes:>300'],
  ['text:"number 24999"'],
  ['quaggy'],
  ['-z'],
  ['text:zebra,quaggy,"not there"'],
  ['/qu[a-f]ggy/'],
  ['/error code: \\d+/i'],
  ['', { column: 'duration', descending: true }],
  ['', { column: 'name', descending: false }],
  ['', { column: 'summary', descending: false }],
];

/** As the panel does it. */
const SLICE = 8;
const PAGE = 100;
const CALLS = 25_000;

/** A call of `calls` host calls: four events each, and lines of 400 bytes. */
export function hostCalls(calls: number): RowTable {
  const encoder = new TextEncoder();
  const log = new LogWriter();
  const store = new EventStore();
  const none = { count: 0, address: () => 0, length: () => 0, bytes: () => new Uint8Array() };
  const words =
    'the quick brown fox jumps over a lazy dog while Ada writes "notes" on engines and errors of all kinds. ';
  const filler = JSON.stringify(words.repeat(3)).slice(1, -1);
  let fuel = 0;
  let time = 0;
  const line = (dir: 'in' | 'out', text: string): void => log.rpc(dir, encoder.encode(text), 0, fuel, time);
  const write = syscallIndex('fd_write');
  const read = syscallIndex('fd_read');
  line('in', '{"jsonrpc":"2.0","id":0,"method":"many_echo","params":{"n":25000}}');
  for (let n = 0; n < calls; n++) {
    fuel += 700 + ((n * 7919) % 600);
    time += 0.02;
    const method = n % 5 === 0 ? 'store.get' : 'echo';
    log.syscall(write, [1, 4096, 1, 4080], 0, CALL.sent, none, 0, 400, n, fuel, time);
    line('out', `{"jsonrpc":"2.0","id":${n},"method":"${method}","params":{"text":"number ${n}: ${filler}"}}`);
    time += n % 1000 === 0 ? 6 : 0.01;
    const reply =
      n % 50 === 0 ? `"error":{"code":-32000,"message":"not found: ${filler}"}` : `"result":"number ${n}: ${filler}"`;
    line('in', `{"jsonrpc":"2.0","id":${n},${reply}}`);
    fuel += 90;
    log.syscall(read, [0, 4096, 1, 4080], n % 100 === 0 ? 8 : 0, 0, none, 0, 0, 0, fuel, time);
  }
  store.append(log.take());
  const rows = new RowTable(store, () => 0);
  while (!rows.advance(Number.POSITIVE_INFINITY));
  return rows;
}

function once(rows: RowTable, filter: string, order: Order | undefined) {
  const now = (): number => performance.now();
  const start = now();
  const shown = new ShownRows(rows, parseFilter(filter).filter, order, now);
  let page: number | undefined;
  let slice = 0;
  for (let done = false; !done; ) {
    const from = now();
    done = shown.advance(SLICE);
    const to = now();
    slice = Math.max(slice, to - from);
    if (page === undefined && (done || shown.length >= PAGE)) page = to - start;
  }
  return { all: now() - start, page: page ?? Number.NaN, slice, shown: shown.length };
}

/** Measures each kind of token. `say` is told what is being done. */
export function filterSpeed(rounds: number, quick: boolean): FilterSpeed[] {
  const rows = hostCalls(quick ? CALLS / 100 : CALLS);
  return FILTERS.map(([filter, order]) => {
    const times = Array.from({ length: rounds }, () => once(rows, filter, order));
    return {
      filter,
      order: order === undefined ? '' : `${order.column}${order.descending ? ', descending' : ''}`,
      rows: rows.length,
      shown: times[0]?.shown ?? 0,
      all: sampleOf(times.map(({ all }) => all)),
      first: times[0]?.all ?? Number.NaN,
      page: sampleOf(times.map(({ page }) => page)),
      slice: Math.max(...times.map(({ slice }) => slice)),
    };
  });
}
