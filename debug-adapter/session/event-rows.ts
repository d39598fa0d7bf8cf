// What is to be known of one event, as rows and as names for expressions. Reads the event store only: the same for a live call and a
// recorded one. Contracts P2, S6.
import { messageScope, syscallScope, withCommon } from '../expressions/event-scope.ts';
import type { Scope } from '../expressions/expression.ts';
import type { RpcEvent, RunEvent } from '../recording/event.ts';
import type { EventStore } from '../recording/event-store.ts';
import { classifyLine } from '../rpc/message.ts';
import { headline, isLong } from '../transcript/headline.ts';
import { lineRow, type Row } from '../transcript/json-tree.ts';
import { grouped, milliseconds, visible } from '../transcript/transcript-line.ts';

/** How far back the request of a reply is looked for. */
const LOOK_BACK = 20_000;

/** The event at or before `seq` of that kind, by its number; -1 when there is none. */
export function lastOfKind(store: EventStore, seq: number, kind: RunEvent['kind']): number {
  let at = Math.min(seq, store.length - 1);
  while (at >= 0 && store.kind(at) !== kind) at--;
  return at;
}

/** The method of the request that the message `event` is, or answers; undefined when it is neither. */
function methodOf(store: EventStore, event: RpcEvent): string | undefined {
  const head = headline(event);
  if (head.kind === 'request') return head.method;
  if (head.kind === 'invalid') return undefined;
  for (let seq = event.seq - 1; seq >= Math.max(0, event.seq - LOOK_BACK); seq--) {
    if (store.kind(seq) !== 'rpc') continue;
    const other = store.get(seq);
    if (other.kind !== 'rpc' || other.dir === event.dir) continue;
    const asked = headline(other);
    if (asked.kind === 'request' && asked.id === head.id) return asked.method;
  }
  return undefined;
}

const KINDS = { request: 'request', result: 'result', error: 'error response', invalid: 'no message' } as const;

/** The message of `event`: its way, kind, id and method, and the whole of it as a tree. */
export function messageRows(store: EventStore, event: RpcEvent): Row[] {
  const head = headline(event);
  const method = methodOf(store, event);
  const rows: Row[] = [
    { name: 'direction', value: event.dir === 'in' ? 'host → plugin' : 'plugin → host', expression: 'dir' },
    { name: 'kind', value: KINDS[head.kind], expression: 'type' },
  ];
  if (head.kind === 'invalid') rows.push({ name: 'why', value: visible(head.reason) });
  else rows.push({ name: 'id', value: head.id, type: 'number', expression: 'id' });
  if (method !== undefined) {
    const label = head.kind === 'request' ? 'method' : 'answers';
    rows.push({ name: label, value: visible(method), expression: 'method' });
  }
  rows.push(payloadRow(event, head.kind));
  if (event.unread) rows.push({ name: 'in production', value: 'the host has stopped reading before this line' });
  if (!event.complete) rows.push({ name: 'newline', value: 'missing: the plugin ended before it' });
  rows.push({ name: 'size', value: `${grouped(event.bytes.length)} bytes`, expression: 'bytes' });
  rows.push({ name: 'event', value: `${event.seq}, at ${milliseconds(event.time)} ms, ≈${grouped(event.fuel)} fuel` });
  return rows;
}

/** Params, result or error of a short message; of a long one the line, which is looked through when it is opened. */
function payloadRow(event: RpcEvent, kind: keyof typeof KINDS): Row {
  const name = kind === 'request' ? 'params' : kind;
  const row = lineRow('message', event);
  if (kind === 'invalid' || isLong(event)) return row;
  const members = row.children?.rows(0, 16);
  const payload = Array.isArray(members) ? members.find((member: Row) => member.name === name) : undefined;
  return payload === undefined ? row : { ...payload, expression: name };
}

/** Names of an event for conditions and watches: expressions/event-scope.ts says which. */
export function eventScope(store: EventStore, event: RunEvent): Scope {
  return withCommon(ownScope(store, event), event.fuel, event.time);
}

function ownScope(store: EventStore, event: RunEvent): Scope {
  switch (event.kind) {
    case 'rpc':
      return messageScope(
        event.dir,
        classifyLine(event.line),
        () => event.line,
        event.bytes.length,
        methodOf(store, event),
      );
    case 'syscall':
      return syscallScope(event.name, event.args, event.errno);
    case 'stderr':
      return (name) =>
        name === 'kind' ? 'stderr' : name === 'line' ? event.line : name === 'bytes' ? event.bytes.length : undefined;
    default: {
      const fields: Readonly<Record<string, unknown>> = { ...event };
      return (name) => (Object.hasOwn(fields, name) ? fields[name] : undefined);
    }
  }
}
