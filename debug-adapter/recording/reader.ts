// Reads a recording piece by piece into an event store: whoever feeds it decides how much at a time, so that nobody waits. A file cut short by a
// crash loads up to its last whole event. Knows no files. Contracts R2, R4, R5, E2.

import { quoted } from '../wasm/quoted.ts';
import { Continuation } from './continuation.ts';
import type { RecordingHeader } from './event.ts';
import { EventStore } from './event-store.ts';
import { type Fields, fieldsOf, RecordingError } from './fields.ts';
import { openHeader, readHeader } from './header.ts';
import { readEvent } from './jsonl.ts';
import { LogWriter } from './log.ts';

const NEWLINE = 0x0a;
/** Records go to the store in batches of about this size (bytes). */
const BATCH = 256 * 1024;

const encoder = new TextEncoder();

/** A recording that was read to its end. */
export interface ReadRecording {
  readonly header: RecordingHeader;
  readonly store: EventStore;
  /** A sentence when the file was cut short, else undefined. */
  readonly cutShort: string | undefined;
}

/** What parseRecording() found. */
export interface LoadedRecording {
  readonly header: RecordingHeader;
  /** The events as log records: EventStore.append() takes them. */
  readonly records: Uint8Array<ArrayBuffer>;
  readonly events: number;
  /** A sentence when the file was cut short, else undefined. */
  readonly cutShort: string | undefined;
}

/** Reads a recording from its text, all at once. @throws RecordingError as RecordingReader does */
export function parseRecording(text: string | Uint8Array, name: string): LoadedRecording {
  const reader = new RecordingReader(name);
  reader.push(typeof text === 'string' ? encoder.encode(text) : text);
  const { header, store, cutShort } = reader.finish();
  return { header, records: store.records(), events: store.length, cutShort };
}

/** A line whose parts may not all have come. */
interface Open {
  readonly value: Fields;
  readonly parts: Continuation;
  readonly line: number;
}

/**
 * Takes a recording's bytes in pieces of any size. `push` and `finish` throw a RecordingError, one sentence that names file and line, for a file that is no
 * recording, is of a newer version, or is damaged before its last line; it takes nothing after that.
 */
export class RecordingReader {
  /** The events that have come so far, without the last few. */
  readonly store = new EventStore();
  readonly #name: string;
  readonly #writer = new LogWriter();
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** Of a line whose newline has not come. */
  #rest: Uint8Array[] = [];
  #line = 0;
  #open: Open | undefined;
  #header: RecordingHeader | undefined;
  #ended = false;

  /** `name` is the file's, for sentences. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Undefined until the first lines have come. */
  get header(): RecordingHeader | undefined {
    return this.#header;
  }

  /** Reads the whole lines that are there; keeps no view of `bytes`. */
  push(bytes: Uint8Array): void {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      let line = bytes.subarray(start, end);
      start = end + 1;
      if (this.#rest.length > 0) {
        this.#rest.push(line);
        line = joined(this.#rest);
        this.#rest = [];
      }
      this.#read(line, false);
      if (this.#writer.finishedBytes >= BATCH) this.store.append(this.#writer.takeFinished());
    }
    if (start < bytes.length) this.#rest.push(bytes.slice(start));
  }

  /** There are no more bytes. */
  finish(): ReadRecording {
    if (this.#rest.length > 0 || this.#line === 0) this.#read(joined(this.#rest), true);
    this.#rest = [];
    this.store.append(this.#writer.take());
    const header = this.#header;
    if (header === undefined)
      throw new RecordingError(
        `${this.#name}:1: this recording was cut short within its header; record the call again.`,
      );
    const cutShort = this.#ended
      ? undefined
      : `${this.#name} was cut short: it holds ${this.store.length} events and not the end of the call.`;
    return { header, store: this.store, cutShort };
  }

  #read(bytes: Uint8Array, last: boolean): void {
    this.#line++;
    if (this.#line === 1) {
      this.#first(bytes);
      return;
    }
    let value: unknown;
    try {
      const line = this.#utf8.decode(bytes);
      if (line.trim() === '') return;
      value = JSON.parse(line);
      this.#take(line, value);
    } catch (error) {
      // The last line of a file that a crash cut short has no newline and is no JSON; anything else that is broken is damage.
      if (last && value === undefined) return;
      throw this.#damaged(this.#line, error as Error);
    }
  }

  #damaged(line: number, error: Error): RecordingError {
    return new RecordingError(
      `${this.#name}:${line}: this line of the recording is damaged (${quoted(error.message)}); record the call again.`,
      { cause: error },
    );
  }

  #first(bytes: Uint8Array): void {
    const line = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    const value = openHeader(line, this.#name);
    try {
      this.#open = { value, parts: new Continuation(line, value), line: 1 };
    } catch (error) {
      throw this.#damaged(1, error as Error);
    }
    this.#complete();
  }

  #take(line: string, value: unknown): void {
    if (this.#open !== undefined) {
      try {
        this.#open.parts.add(value);
      } catch (error) {
        throw new RecordingError(`${(error as Error).message}; the text begins in line ${this.#open.line}`, {
          cause: error,
        });
      }
    } else {
      const fields = fieldsOf(value);
      if (fields === undefined) throw new RecordingError('it is not a JSON object');
      if (fields['kind'] === 'more') throw new RecordingError('it goes on with a text, and none is open');
      this.#open = { value: fields, parts: new Continuation(line, fields), line: this.#line };
    }
    this.#complete();
  }

  /** The open line is read, if all of its parts have come. */
  #complete(): void {
    const open = this.#open;
    if (open === undefined || !open.parts.whole) return;
    this.#open = undefined;
    const { joined: parts } = open.parts;
    if (this.#header === undefined) {
      this.#header = readHeader(open.value, parts, this.#name);
      return;
    }
    const event = readEvent(open.value, parts, this.#writer.count);
    if (event === undefined) return;
    if (this.#ended) throw new RecordingError('it comes after the end of the call');
    this.#writer.append(event);
    this.#ended = event.kind === 'exit';
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
