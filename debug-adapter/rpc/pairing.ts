// Which request a reply answers, over the messages of one call in the order they were written. A message is paired by
// (direction, id), never by id alone: each side counts its requests from 0. Durations are the caller's business.
import type { Direction, Message, MessageId } from './message.ts';

/** `K` is how the caller names a message: an event's sequence number, say. */
export type Pairing<K> =
  | { readonly kind: 'request' }
  /** A reply (or error reply) and the request it answers. */
  | { readonly kind: 'reply'; readonly request: K }
  /** A reply to a request that was answered already, by `reply`. */
  | { readonly kind: 'duplicate'; readonly request: K; readonly reply: K }
  /** A reply to an id that the other side never asked. */
  | { readonly kind: 'unknown' }
  /** A line that is no message. */
  | { readonly kind: 'none' };

interface Asked<K> {
  /** Requests with this id that wait for a reply, oldest first: replies come in the order of the requests. */
  readonly open: K[];
  last: { readonly request: K; readonly reply: K } | undefined;
}

export class Pairer<K> {
  readonly #out = new Map<MessageId, Asked<K>>();
  readonly #in = new Map<MessageId, Asked<K>>();

  /** Takes the next message, and says what it is to the ones before it. */
  add(direction: Direction, message: Message, key: K): Pairing<K> {
    if (message.type === 'invalid') return { kind: 'none' };
    if (message.type === 'request') {
      const requests = direction === 'out' ? this.#out : this.#in;
      const asked = requests.get(message.id);
      if (asked) asked.open.push(key);
      else requests.set(message.id, { open: [key], last: undefined });
      return { kind: 'request' };
    }
    const asked = (direction === 'out' ? this.#in : this.#out).get(message.id);
    if (!asked) return { kind: 'unknown' };
    const request = asked.open.shift();
    if (request !== undefined) {
      asked.last = { request, reply: key };
      return { kind: 'reply', request };
    }
    return asked.last ? { kind: 'duplicate', ...asked.last } : { kind: 'unknown' };
  }

  /** The requests of a direction that have no reply yet, in the order of their ids' first request. */
  open(direction: Direction): { readonly id: MessageId; readonly request: K }[] {
    const open: { id: MessageId; request: K }[] = [];
    for (const [id, asked] of direction === 'out' ? this.#out : this.#in)
      for (const request of asked.open) open.push({ id, request });
    return open;
  }
}
