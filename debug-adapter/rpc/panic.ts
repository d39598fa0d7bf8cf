// Finds Rust panics in the lines of stderr, in every form that rustc's std has printed them. Contract P1.

/** A panic as its message on stderr tells it. `message` may have several lines. */
export interface Panic {
  readonly thread: string;
  readonly message: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** Rust 1.73 on; the `(id)` after the thread's name came with 1.91. The message is on the lines below. */
const HEADER = /thread '([^']*)' (?:\(\d+\) )?panicked at (.+):(\d+):(\d+):$/;
/** Before 1.73: message and location on one line, though the message may have line breaks of its own. */
const OLD = /thread '([^']*)' panicked at '(.*)$/;
const OLD_END = /^(.*)', (.+):(\d+):(\d+)$/;
/** What std prints after a message. */
const TAIL = /^(?:note: run with `RUST_BACKTRACE|note: Some details are omitted|stack backtrace:)/;

const MESSAGE_LINES = 50;

interface Found {
  readonly thread: string;
  readonly lines: string[];
  /** Undefined while an old-style message has not come to its location yet. */
  place: { readonly file: string; readonly line: number; readonly column: number } | undefined;
}

export class PanicReader {
  #found: Found | undefined;

  /** Takes a line of stderr. Gives a panic once its message is whole. */
  line(text: string): Panic | undefined {
    const header = HEADER.exec(text);
    if (header) {
      const before = this.end();
      const [, thread = '', file = '', line, column] = header;
      this.#found = { thread, lines: [], place: { file, line: Number(line), column: Number(column) } };
      return before;
    }
    const old = OLD.exec(text);
    if (old) {
      const before = this.end();
      this.#found = { thread: old[1] ?? '', lines: [], place: undefined };
      return this.#oldLine(old[2] ?? '') ?? before;
    }
    if (!this.#found) return undefined;
    if (TAIL.test(text)) return this.end();
    if (!this.#found.place) return this.#oldLine(text);
    if (this.#found.lines.length < MESSAGE_LINES) this.#found.lines.push(text);
    return undefined;
  }

  /** The guest has ended, or another panic begins: gives the panic that was being read. */
  end(): Panic | undefined {
    const found = this.#found;
    this.#found = undefined;
    if (!found?.place) return undefined;
    return { thread: found.thread, message: found.lines.join('\n').trimEnd(), ...found.place };
  }

  #oldLine(text: string): Panic | undefined {
    const found = this.#found;
    if (!found) return undefined;
    const end = OLD_END.exec(text);
    if (end) {
      const [, last = '', file = '', line, column] = end;
      found.lines.push(last);
      found.place = { file, line: Number(line), column: Number(column) };
      return this.end();
    }
    found.lines.push(text);
    if (found.lines.length >= MESSAGE_LINES) this.#found = undefined;
    return undefined;
  }
}
