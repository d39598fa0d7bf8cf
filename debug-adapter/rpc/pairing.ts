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

/** What pairing looks at. */
type Paired =
  | { readonly type: 'invalid' }
  | { readonly type: Exclude<Message['type'], 'invalid'>; readonly id: MessageId };

/** An id as a key: a map of numbers is quicker than one of texts. An id is a u64 in JSON's decimal, so that each has one text only. */
type Id = number | MessageId;

/** Ids of up to so many digits are exact as numbers. */
const EXACT_DIGITS = 15;

const keyOf = (id: MessageId): Id => (id.length <= EXACT_DIGITS ? Number(id) : id);

/** One side's requests. Plain maps of keys: a plugin may make a million host calls. */
class Asked<K extends number | string> {
  readonly open = new Map<Id, K>();
  /** Further requests with an id that is open already, oldest first: replies come in the order of the requests. */
  readonly more = new Map<Id, Fifo<K>>();
  /** The last reply to an id. */
  readonly replied = new Map<Id, K>();
}

export class Pairer<K extends number | string> {
  readonly #out = new Asked<K>();
  readonly #in = new Asked<K>();

  /** Takes the next message, and says what it is to the ones before it. */
  add(direction: Direction, message: Paired, key: K): Pairing<K> {
    if (message.type === 'invalid') return { kind: 'none' };
    const id = keyOf(message.id);
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
    if (asked.more.size > 0) {
      const next = asked.more.get(id)?.shift();
      if (next === undefined) asked.more.delete(id);
      else asked.open.set(id, next);
    }
    return { kind: 'reply', request };
  }

  /** The reply to request `request` of a direction was taken back: it is open again, before any other with its id. */
  reopen(direction: Direction, id: MessageId, request: K): void {
    const asked = direction === 'out' ? this.#out : this.#in;
    const key = keyOf(id);
    const other = asked.open.get(key);
    asked.open.set(key, request);
    if (other === undefined) return;
    const more = new Fifo<K>();
    more.push(other);
    for (const behind of asked.more.get(key) ?? []) more.push(behind);
    asked.more.set(key, more);
  }

  /** The requests of a direction that have no reply yet, an id's own in the order they were written. */
  open(direction: Direction): { readonly id: MessageId; readonly request: K }[] {
    const asked = direction === 'out' ? this.#out : this.#in;
    const open: { id: MessageId; request: K }[] = [];
    for (const [key, request] of asked.open) {
      const id = String(key);
      open.push({ id, request });
      for (const more of asked.more.get(key) ?? []) open.push({ id, request: more });
    }
    return open;
  }
}
