// Which replies of a recording left out of order, as it was asked for: a replay's host goes on past their requests, as the recorded one did.
// Contract R3.
import { EventStore, RecordCursor } from '../recording/event-store.ts';
import { KIND } from '../recording/log-format.ts';
import { classifyBytes } from '../rpc/message.ts';

/** Ids of the plugin's requests whose replies are marked so, in the records of a log. */
export function heldIds(records: Uint8Array): ReadonlySet<string> {
  const ids = new Set<string>();
  const store = new EventStore();
  store.append(records);
  const cursor = new RecordCursor();
  for (let seq = 0; seq < store.length; seq++) {
    store.seek(cursor, seq);
    if (cursor.kind !== KIND.rpc || cursor.d === 0) continue;
    const event = store.logged(seq);
    if (event.kind !== 'rpc' || event.answeredBy?.fault !== 'outOfOrder') continue;
    const message = classifyBytes(event.bytes);
    if (message.type === 'response' || message.type === 'error') ids.add(message.id);
  }
  return ids;
}
