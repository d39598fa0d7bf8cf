// What the host has put into the guest's stdin and the guest has not read, line by line: so that a reply which lies there can be changed, or taken
// back. Knows no mocks and no events but their numbers. Contracts R1, M1.
import type { HostLine } from '../rpc/endpoint.ts';
import { Fifo } from '../rpc/fifo.ts';
import type { StdinPipe } from '../wasi/pipe.ts';

/** A line in stdin. */
export interface StdinLine {
  readonly line: HostLine;
  /** Of the event that has it. */
  readonly seq: number;
  /** Its bytes, with the newline. */
  readonly length: number;
}

/** A line and where it begins, from the first unread byte on; below 0, so many of its bytes were read. */
export interface PlacedLine extends StdinLine {
  readonly start: number;
}

/** Of the unread replies so many are listed. */
const LISTED = 1000;

export class StdinLines {
  readonly #pipe: StdinPipe;
  /** Those that are unread at least in part, oldest first; some more that were read lately. */
  #lines = new Fifo<StdinLine>();
  /** Bytes of these. */
  #bytes = 0;

  constructor(pipe: StdinPipe) {
    this.#pipe = pipe;
  }

  /** Appends a line whose bytes, with the newline, are kept; its event is, or is going to be, number `seq`. */
  put(line: HostLine, bytes: Uint8Array, seq: number): void {
    this.#pipe.append(bytes);
    this.#lines.push({ line, seq, length: bytes.length });
    this.#bytes += bytes.length;
    this.#forgetRead();
  }

  #forgetRead(): void {
    const { unread } = this.#pipe;
    for (let first = this.#lines.peek(); first !== undefined; first = this.#lines.peek()) {
      if (this.#bytes - first.length < unread) return;
      this.#lines.shift();
      this.#bytes -= first.length;
    }
  }

  *#placed(): Generator<PlacedLine> {
    this.#forgetRead();
    let start = this.#pipe.unread - this.#bytes;
    for (const line of this.#lines) {
      yield { ...line, start };
      start += line.length;
    }
  }

  /** The oldest unread reply to a request with this id; else one that is read in part. */
  find(id: string): PlacedLine | undefined {
    let begun: PlacedLine | undefined;
    for (const placed of this.#placed()) {
      if (placed.line.request?.id !== id) continue;
      if (placed.start >= 0) return placed;
      begun = placed;
    }
    return begun;
  }

  /** The line of an event, as long as it is unread. */
  ofEvent(seq: number): PlacedLine | undefined {
    for (const placed of this.#placed()) if (placed.seq === seq) return placed.start >= 0 ? placed : undefined;
    return undefined;
  }

  /** The events of replies of which nothing was read. */
  unread(): number[] {
    const found: number[] = [];
    for (const { line, seq, start } of this.#placed())
      if (line.request !== undefined && start >= 0 && found.length < LISTED) found.push(seq);
    return found;
  }

  /** An unread line becomes another one, of another event. */
  change(placed: PlacedLine, line: HostLine, bytes: Uint8Array, seq: number): void {
    this.#pipe.replace(placed.start, placed.length, bytes);
    this.#rebuild((each) => (each.seq === placed.seq ? { line, seq, length: bytes.length } : each));
  }

  /** Takes an unread line out, and all behind it. @returns these */
  takeBack(placed: PlacedLine): HostLine[] {
    const taken = [...this.#placed()].filter(({ start }) => start >= placed.start);
    // from the end on, so that each is where it was found
    for (const { start, length } of taken.toReversed()) this.#pipe.replace(start, length, new Uint8Array(0));
    const seqs = new Set(taken.map(({ seq }) => seq));
    this.#rebuild((each) => (seqs.has(each.seq) ? undefined : each));
    return taken.map(({ line }) => line);
  }

  #rebuild(change: (line: StdinLine) => StdinLine | undefined): void {
    const lines = this.#lines;
    this.#lines = new Fifo();
    this.#bytes = 0;
    for (const line of lines) {
      const changed = change(line);
      if (changed === undefined) continue;
      this.#lines.push(changed);
      this.#bytes += changed.length;
    }
  }
}
