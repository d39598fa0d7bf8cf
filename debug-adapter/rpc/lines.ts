// Lines out of a stream of bytes, as BufRead::read_line gives them to the host, with a bound on their length. Knows
// nothing of what is on them. Contracts P1 (not UTF-8), E4 (endless lines).

/** One line. `bytes` and `text` go without the "\n"; a "\r" before it stays, as read_line leaves it. */
export interface Line {
  readonly bytes: Uint8Array;
  /** The text, or undefined when the bytes are not UTF-8, which is production's InternalError. */
  readonly text: string | undefined;
  /** The line is longer than the bound: `bytes` are its first ones, the rest was thrown away. */
  readonly overlong: boolean;
  /** The stream ended before a "\n". */
  readonly unfinished: boolean;
}

const NEWLINE = 0x0a;
const NONE: readonly Line[] = [];
/** A buffer that one long line made bigger than this is given back after it (bytes). */
const KEPT_BUFFER = 1 << 20;
/** Up to this many characters a loop of ours beats TextEncoder and TextDecoder, whose calls cost more than the copying. */
const SHORT = 512;

// fatal: exactly the UTF-8 that Rust's str takes. ignoreBOM: a BOM is a character like any other, and not whitespace.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lossyUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** The text of UTF-8 bytes, or undefined when they are none. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (bytes.length <= SHORT) {
    let at = 0;
    while (at < bytes.length && bytes[at]! < 0x80) at++;
    // a Uint8Array is as good as an array here, and TypeScript does not know
    if (at === bytes.length) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  }
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The text of bytes with U+FFFD where they are not UTF-8: for showing only. */
export function showBytes(bytes: Uint8Array): string {
  return lossyUtf8.decode(bytes);
}

/** The bytes of a line as the host writes it: its text and a "\n". */
export function encodeLine(text: string): Uint8Array {
  const length = text.length;
  if (length > SHORT) return encoder.encode(`${text}\n`);
  const bytes = new Uint8Array(length + 1);
  for (let i = 0; i < length; i++) {
    const c = text.charCodeAt(i);
    if (c > 0x7f) return encoder.encode(`${text}\n`);
    bytes[i] = c;
  }
  bytes[length] = NEWLINE;
  return bytes;
}

export class LineFramer {
  readonly #maxBytes: number;
  #buffer = new Uint8Array(256);
  #length = 0;
  #dropped = false; // bytes of the current line were thrown away
  #unpolled = 0; // where the bytes begin that the host's current read_line has appended

  /** `maxBytes`: the longest line that is kept whole. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of the line that is not finished yet. */
  get pendingBytes(): number {
    return this.#length;
  }

  /** Takes bytes (copied) and gives the lines they complete. */
  push(bytes: Uint8Array): readonly Line[] {
    let newline = bytes.indexOf(NEWLINE);
    if (newline < 0) {
      this.#append(bytes, 0, bytes.length);
      return NONE;
    }
    const lines: Line[] = [];
    let start = 0;
    for (; newline >= 0; newline = bytes.indexOf(NEWLINE, start)) {
      if (this.#length === 0 && !this.#dropped && newline - start <= this.#maxBytes)
        lines.push(line(bytes.slice(start, newline), false, false));
      else {
        this.#append(bytes, start, newline);
        lines.push(this.#take(false));
      }
      start = newline + 1;
    }
    this.#append(bytes, start, bytes.length);
    return lines;
  }

  /**
   * The host looked and found no end of the line. Its read_line keeps what it appended only if that is UTF-8 by itself, so
   * a character that two writes share loses the bytes since the last look, silently. Returns how many were lost.
   */
  poll(): number {
    const appended = this.#buffer.subarray(this.#unpolled, this.#length);
    const lost = decodeUtf8(appended) === undefined ? appended.length : 0;
    this.#length -= lost;
    this.#unpolled = this.#length;
    return lost;
  }

  /**
   * The stream ended. Gives the unfinished line if production would read it: at the end read_line returns what it has just
   * read, but what it had read before an earlier look (`poll`) is lost if nothing was added since.
   */
  end(): Line | undefined {
    return this.#length > this.#unpolled || this.#dropped ? this.#take(true) : undefined;
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    const room = this.#maxBytes - this.#length;
    if (end - start > room) {
      this.#dropped = true;
      end = start + room;
    }
    if (end <= start) return;
    const length = this.#length + end - start;
    if (length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(length, this.#buffer.length * 2));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes.subarray(start, end), this.#length);
    this.#length = length;
  }

  #take(unfinished: boolean): Line {
    const taken = line(this.#buffer.slice(0, this.#length), this.#dropped, unfinished);
    this.#length = 0;
    this.#unpolled = 0;
    this.#dropped = false;
    if (this.#buffer.length > KEPT_BUFFER) this.#buffer = new Uint8Array(256);
    return taken;
  }
}

function line(bytes: Uint8Array, overlong: boolean, unfinished: boolean): Line {
  return { bytes, text: decodeUtf8(bytes), overlong, unfinished };
}
