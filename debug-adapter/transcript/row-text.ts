// What a row says on one line where other columns have its name, id and direction. Pure text, bounded. Contracts E4, P2, S6.
import type { RunEvent } from '../recording/event.ts';
import { headline } from './headline.ts';
import type { Polls, RowTable } from './row-table.ts';
import { changedText, cut, eventText, grouped, milliseconds, visible, WIDTH } from './transcript-line.ts';

/** `polled 37 times, until 12.500 ms: stdin is empty (36 clock reads)` */
export function pollText(polls: Polls): string {
  const times = polls.polls === 1 ? 'once' : `${grouped(polls.polls)} times, until ${milliseconds(polls.until)} ms`;
  const between: string[] = [];
  if (polls.clocks > 0) between.push(`${grouped(polls.clocks)} clock read${polls.clocks === 1 ? '' : 's'}`);
  if (polls.yields > 0) between.push(`${grouped(polls.yields)} yield${polls.yields === 1 ? '' : 's'}`);
  return `polled ${times}: stdin is empty${between.length === 0 ? '' : ` (${between.join(', ')})`}`;
}

/** What happened in a row, without what its other columns say. */
export function rowSummary(rows: RowTable, row: number, width: number = WIDTH): string {
  const polls = rows.polls(row);
  return polls === undefined ? summaryOf(rows.store.get(rows.event(row)), width) : pollText(polls);
}

function summaryOf(event: RunEvent, width: number): string {
  switch (event.kind) {
    case 'rpc': {
      const message = headline(event);
      const payload = cut(message.payload, event.bytes.length, width);
      const flags = `${event.complete ? '' : '  (no newline at its end)'}${event.unread ? '  (production no longer reads this)' : ''}${changedText(event)}`;
      return message.kind === 'invalid'
        ? `${payload}  (no message: ${visible(message.reason)})${flags}`
        : `${payload}${flags}`;
    }
    case 'stderr':
      return eventText(event, width).replace(/^stderr \| /, '');
    case 'syscall':
      return eventText(event, width);
    case 'diagnosis':
      return visible(event.message);
    case 'exit':
    case 'edit':
      return eventText(event, width).replace(/^[■✎] /, '');
    default:
      return eventText(event, width);
  }
}
