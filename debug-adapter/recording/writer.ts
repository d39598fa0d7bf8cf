// Writes a recording piece by piece out of an event store: whoever takes the pieces decides how much at a time. Knows no files. Contracts R4, E2.

import { continuationLines } from './continuation.ts';
import type { RecordingHeader, RunEvent } from './event.ts';
import type { EventStore } from './event-store.ts';
import { packHeader } from './header.ts';
import { eventLines } from './jsonl.ts';

/** What looking through a slice of a long text without writing any of it counts as (characters). */
const SLICE_COSTS = 32 * 1024;

/** Gives the text of a recording whose events may still be coming. */
export class RecordingWriter {
  readonly #store: EventStore;
  readonly #to: number;
  /** Lines of the header or of an event that are not all written. */
  #open: Iterator<string>;
  #begun = 0;
  /** Events of which all lines were given; -1 before the header was. */
  #written = -1;

  /** `to`: the event before which it ends, of a call that goes on. */
  constructor(header: RecordingHeader, store: EventStore, to = Number.POSITIVE_INFINITY) {
    this.#store = store;
    this.#open = headerLines(header);
    this.#to = to;
  }

  get #length(): number {
    return Math.min(this.#store.length, this.#to);
  }

  /**
   * The next whole lines, of about `characters` together, fewer where no more events have come; empty at times before the end. 256 thousand take
   * one or two milliseconds.
   */
  write(characters: number): string {
    let text = '';
    for (let cost = 0; cost < characters; ) {
      const next = this.#open.next();
      if (next.done !== true) {
        text += next.value;
        cost += next.value.length || SLICE_COSTS;
      } else if (this.#begun < this.#length) this.#open = eventLines(this.#store.logged(this.#begun++));
      else {
        this.#written = this.#begun;
        return text;
      }
    }
    this.#written = this.#begun - 1;
    return text;
  }

  /** How much of what is there was given, from 0 to 1. */
  get progress(): number {
    return this.#length === 0 ? 0 : Math.max(0, this.#written) / this.#length;
  }

  /** Whether there is something to write now. */
  get behind(): boolean {
    return this.#written < this.#length;
  }
}

/** The header's lines, each with its newline. */
function* headerLines(header: RecordingHeader): Generator<string> {
  const { line, long } = packHeader(header);
  yield `${line}\n`;
  for (const field of long) yield* continuationLines(field);
}

/** A whole recording's text, of any events. */
export function recordingText(header: RecordingHeader, events: Iterable<RunEvent>): string {
  let text = [...headerLines(header)].join('');
  for (const event of events) text += [...eventLines(event)].join('');
  return text;
}
