// Which request a reply answers, over the messages of one call in the order they were written. A message is paired by
// (direction, id), never by id alone: each side counts its requests from 0. Durations are the caller's business.
import { Fifo } from './fifo.ts';
import type { Direction, Message, MessageId } from './message.ts';

/** `K` is how the caller names a message: an event's sequence number, say. Never undefined. */
export type Pairing<K> =
  | { readonly kind: 'request' }
  /** A reply (or error reply) and the request it answers. */
  | { readonly kind: 'reply'; readonly request: K }
  /** A reply to an id whose requests were all answered already, the last one by `reply`. */
  | { readonly kind: 'duplicate'; readonly reply: K }
  /** A reply to an id that the other side never asked. */
  | { readonly kind: 'unknown' }
  /** A line that is no message. */
  | { readonly kind: 'none' };

const REQUEST = { kind: 'request' } as const;

/** One side's requests. Plain maps of keys: a plugin may make a million host calls. */
class Asked<K extends number | string> {
  readonly open = new Map<MessageId, K>();
  /** Further requests with an id that is open already, oldest first: replies come in the order of the requests. */
  readonly more = new Map<MessageId, Fifo<K>>();
  /** The last reply to an id. */
  readonly replied = new Map<MessageId, K>();
}

export class Pairer<K extends number | string> {
  readonly #out = new Asked<K>();
  readonly #in = new Asked<K>();

  /** Takes the next message, and says what it is to the ones before it. */
  add(direction: Direction, message: Message, key: K): Pairing<K> {
    if (message.type === 'invalid') return { kind: 'none' };
    const { id } = message;
    if (message.type === 'request') {
      const asked = direction === 'out' ? this.#out : this.#in;
      if (asked.open.has(id)) {
        const more = asked.more.get(id) ?? new Fifo<K>();
        more.push(key);
        asked.more.set(id, more);
      } else asked.open.set(id, key);
      return REQUEST;
    }
    const asked = direction === 'out' ? this.#in : this.#out;
    const request = asked.open.get(id);
    if (request === undefined) {
      const reply = asked.replied.get(id);
      return reply === undefined ? { kind: 'unknown' } : { kind: 'duplicate', reply };
    }
    asked.open.delete(id);
    asked.replied.set(id, key);
    const next = asked.more.get(id)?.shift();
    if (next === undefined) asked.more.delete(id);
    else asked.open.set(id, next);
    return { kind: 'reply', request };
  }

  /** The requests of a direction that have no reply yet, an id's own in the order they were written. */
  open(direction: Direction): { readonly id: MessageId; readonly request: K }[] {
    const asked = direction === 'out' ? this.#out : this.#in;
    const open: { id: MessageId; request: K }[] = [];
    for (const [id, request] of asked.open) {
      open.push({ id, request });
      for (const more of asked.more.get(id) ?? []) open.push({ id, request: more });
    }
    return open;
  }
}
