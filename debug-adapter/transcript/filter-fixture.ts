// Events and rows for tests of the filter. Only tests import it.
import type { RunEvent } from '../recording/event.ts';
import { EventStore } from '../recording/event-store.ts';
import { LogWriter } from '../recording/log.ts';
import { RowTable } from './row-table.ts';

export function rowsOf(events: readonly RunEvent[]): RowTable {
  const log = new LogWriter();
  for (const event of events) log.append(event);
  const store = new EventStore();
  store.append(log.take());
  const rows = new RowTable(store, () => 0);
  while (!rows.advance(1));
  return rows;
}

const encoder = new TextEncoder();
export const PLAIN = { seq: 0, complete: true, utf8: true, unread: false } as const;
let clock = 0;
/** The next event is at 1 ms, and 100 fuel. */
export function restartClock(): void {
  clock = 0;
}
const line = (dir: 'in' | 'out', text: string): RunEvent => ({
  ...PLAIN,
  kind: 'rpc',
  dir,
  line: text,
  bytes: encoder.encode(text),
  fuel: ++clock * 100,
  time: clock,
});
export const ask = (dir: 'in' | 'out', id: string | number, method: string, params = 'null'): RunEvent =>
  line(dir, `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${params}}`);
export const reply = (dir: 'in' | 'out', id: string | number, result = '1'): RunEvent =>
  line(dir, `{"jsonrpc":"2.0","id":${id},"result":${result}}`);
export const refuse = (dir: 'in' | 'out', id: string | number): RunEvent =>
  line(dir, `{"jsonrpc":"2.0","id":${id},"error":{"code":-32000,"message":"No such Key"}}`);
export const log = (text: string): RunEvent => ({
  ...PLAIN,
  kind: 'stderr',
  line: text,
  bytes: encoder.encode(text),
  fuel: ++clock * 100,
  time: clock,
});
export const syscall = (name: string, errno: number, emptyPoll = false): RunEvent => ({
  ...PLAIN,
  kind: 'syscall',
  name,
  args: [],
  errno,
  writes: [],
  sent: undefined,
  flags: { fuelToZero: false, emptyPoll, hostWouldPanic: false, sleepMs: undefined },
  fuel: ++clock * 100,
  time: clock,
});
