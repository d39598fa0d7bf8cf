// The filter once more, slowly: each row is decoded, and held against each term by the plainest means. Only tests and the fuzz target import it.
import type { RunEvent } from '../recording/event.ts';
import { errnoName } from '../wasi/definitions.ts';
import type { Filter, Term } from './filter.ts';
import { KIND_GROUPS } from './filter-keys.ts';
import { headline } from './headline.ts';
import type { RowTable } from './row-table.ts';

/** Whether a row passes. Patterns must mean the same over bytes as over characters. */
export function passes(rows: RowTable, row: number, filter: Filter): boolean {
  return filter.terms.every((term) => {
    const { has, holds } = answer(rows, row, term);
    return (term.except ? has && !holds : holds) !== term.not;
  });
}

interface Answer {
  readonly has: boolean;
  readonly holds: boolean;
}

function answer(rows: RowTable, row: number, term: Term): Answer {
  const event = rows.store.get(rows.event(row));
  switch (term.test) {
    case 'names': {
      const name = nameOf(rows, row, term.field);
      const holds =
        name !== undefined &&
        term.names.some(({ text, quoted }) => {
          const pieces = quoted ? [text] : text.split('*');
          return new RegExp(`^${pieces.map(escaped).join('[^]*')}$`).test(folded(name));
        });
      return {
        has: name !== undefined && name !== '',
        holds: term.names.length === 0 ? name !== undefined && name !== '' : holds,
      };
    }
    case 'words':
      return wordAnswer(rows, row, event, term.field, term.words);
    case 'numbers': {
      const events =
        term.quantity === 'event'
          ? Array.from({ length: rows.eventsEnd(row) - event.seq }, (_, i) => event.seq + i)
          : [numberOf(rows, row, event, term.quantity)];
      const numbers = events.filter((one) => one !== undefined);
      const holds = numbers.some((n) =>
        term.ranges.some(({ low, high, open }) => (open ? n > low && n < high : n >= low && n <= high)),
      );
      return { has: numbers.length > 0, holds: term.ranges.length === 0 ? numbers.length > 0 : holds };
    }
    case 'ids': {
      const message = event.kind === 'rpc' && event.utf8 ? headline(event) : undefined;
      const id = message === undefined || message.kind === 'invalid' ? undefined : BigInt(message.id);
      const holds = id !== undefined && term.ranges.some(({ low, high }) => id >= low && id <= high);
      return { has: id !== undefined, holds: term.ranges.length === 0 ? id !== undefined : holds };
    }
    case 'text': {
      const texts = textsOf(event).map((text) => Buffer.from(text).toString('latin1'));
      const holds = texts.some((text) =>
        term.texts.some((one) =>
          'text' in one
            ? folded(text).includes(folded(Buffer.from(one.text).toString('latin1')))
            : new RegExp(one.pattern, one.ignoreCase ? 'i' : '').test(text),
        ),
      );
      return { has: true, holds };
    }
  }
}

function wordAnswer(
  rows: RowTable,
  row: number,
  event: RunEvent,
  field: 'kind' | 'dir' | 'level' | 'is',
  words: readonly string[],
): Answer {
  switch (field) {
    case 'kind': {
      const kinds = words.flatMap((word) => KIND_GROUPS.get(word) ?? []);
      return { has: true, holds: words.length === 0 || kinds.includes(rows.kind(row)) };
    }
    case 'dir': {
      const has = event.kind === 'rpc';
      return { has, holds: has && (words.length === 0 || words.includes(event.dir)) };
    }
    case 'level': {
      const level = rows.severity(row);
      return { has: level !== undefined, holds: level !== undefined && (words.length === 0 || words.includes(level)) };
    }
    case 'is': {
      const states = [
        ...(rows.kind(row) === 'request' && rows.pair(row) === -1 ? ['pending'] : []),
        ...(rows.depth(row) > 0 ? ['nested'] : []),
        ...(event.kind === 'syscall' && event.flags.emptyPoll ? ['poll'] : []),
      ];
      return { has: true, holds: words.length === 0 || words.some((word) => states.includes(word)) };
    }
  }
}

function nameOf(rows: RowTable, row: number, field: 'method' | 'name' | 'syscall'): string | undefined {
  const kind = rows.kind(row);
  if (field === 'method' && !['request', 'result', 'error'].includes(kind)) return undefined;
  if (field === 'syscall' && !['syscall', 'polls'].includes(kind)) return undefined;
  return rows.name(row);
}

function numberOf(
  rows: RowTable,
  row: number,
  event: RunEvent,
  quantity: 'fuel' | 'total' | 'dur' | 'time' | 'bytes' | 'depth' | 'errno',
): number | undefined {
  switch (quantity) {
    case 'fuel':
      return row === 0 ? event.fuel : event.fuel - rows.store.get(rows.event(row - 1)).fuel;
    case 'total':
      return event.fuel;
    case 'time':
      return event.time;
    case 'depth':
      return rows.depth(row);
    case 'dur': {
      const reply = rows.pair(row);
      if (rows.kind(row) !== 'request' || reply < 0) return undefined;
      return rows.store.get(rows.event(reply)).time - event.time;
    }
    case 'errno':
      return event.kind === 'syscall' ? event.errno : undefined;
    case 'bytes':
      if (event.kind === 'rpc' || event.kind === 'stderr') return event.bytes.length;
      if (event.kind !== 'syscall') return undefined;
      return event.sent?.bytes ?? event.writes.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }
}

/** What was written, and what a row is called where that is not written. */
function textsOf(event: RunEvent): (string | Uint8Array)[] {
  switch (event.kind) {
    case 'rpc':
    case 'stderr':
      return [event.bytes];
    case 'syscall':
      return [event.name, ...(event.errno === undefined || event.errno === 0 ? [] : [errnoName(event.errno)])];
    case 'grow':
      return [`${event.space}.grow`];
    case 'edit':
      return ['edit', event.text];
    case 'diagnosis':
      return [event.diagnosis, event.message];
    case 'exit':
      return [event.reason, event.message];
    default:
      return [event.kind];
  }
}

const folded = (text: string): string =>
  [...text].map((char) => (/[A-Z]/.test(char) ? char.toLowerCase() : char)).join('');
const escaped = (text: string): string => folded(text).replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
