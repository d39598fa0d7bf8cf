// A row of the table as the webview shows it: made for the rows in view only.
import { headline } from '../../debug-adapter/transcript/headline.ts';
import type { RowTable } from '../../debug-adapter/transcript/row-table.ts';
import { rowSummary } from '../../debug-adapter/transcript/row-text.ts';
import { cut, visible } from '../../debug-adapter/transcript/transcript-line.ts';
import { errnoName } from '../../debug-adapter/wasi/definitions.ts';
import type { RowView } from './protocol.ts';

/** Characters of a summary: more than a wide window shows. */
const WIDTH = 300;
/** Characters of a method's name. */
const NAME = 200;
/** `errno` of EAGAIN: an empty stdin, which is no failure. */
const EAGAIN = 6;

/** Row `row` of `rows`. */
export function rowView(rows: RowTable, row: number): RowView {
  const dir = rows.dir(row);
  const id = rows.id(row);
  const bytes = rows.bytes(row);
  const duration = rows.duration(row);
  const pair = rows.pair(row);
  const severity = rows.severity(row);
  const errno = rows.errno(row);
  const kind = rows.kind(row);
  const diagnosis = diagnosisOf(rows, row);
  return {
    row,
    event: rows.event(row),
    events: rows.eventsEnd(row) - rows.event(row),
    kind,
    ...(dir === undefined ? {} : { dir }),
    name: cut(rows.name(row), rows.name(row).length, NAME),
    ...(id === undefined ? {} : { id }),
    depth: rows.depth(row),
    summary: withoutName(rowSummary(rows, row, WIDTH), rows.name(row)),
    ...(bytes < 0 ? {} : { bytes }),
    fuelSince: rows.fuelSince(row),
    fuel: rows.fuel(row),
    time: rows.time(row),
    ...(Number.isNaN(duration) ? {} : { duration }),
    ...(kind === 'request' && pair < 0 && rows.kind(rows.length - 1) !== 'exit' ? { pending: true } : {}),
    ...(pair < 0 ? {} : { pair }),
    ...(severity === undefined ? {} : { severity }),
    ...(errno > 0 && errno !== EAGAIN ? { errno: errnoName(errno) } : {}),
    ...(diagnosis === undefined ? {} : { diagnosis }),
  };
}

/** A syscall's line begins with its name, which has a column of its own. */
function withoutName(summary: string, name: string): string {
  return name !== '' && summary.startsWith(`${name}(`) ? summary.slice(name.length) : summary;
}

/** What is wrong with a message, as a sentence. */
export function diagnosisOf(rows: RowTable, row: number): string | undefined {
  const about = rows.kind(row) === 'diagnosis' ? -1 : rows.about(row);
  if (about >= 0) {
    const event = rows.store.get(rows.event(about));
    if (event.kind === 'diagnosis') return visible(event.message);
  }
  if (rows.kind(row) !== 'invalid') return undefined;
  const event = rows.store.get(rows.event(row));
  if (event.kind !== 'rpc') return undefined;
  const head = headline(event);
  return head.kind === 'invalid' ? `This is no message: ${visible(head.reason)}.` : undefined;
}
