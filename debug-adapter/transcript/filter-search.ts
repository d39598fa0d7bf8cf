// Finds a text in bytes, ASCII letters of either case being the same: Horspool's search over a line as it lies in the store, nothing decoded. Pure.

const encoder = new TextEncoder();

/** A byte as it is compared: capital ASCII letters are small. */
const FOLD: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
);

/** Looks for something in the bytes of a line, a stretch after the other. */
export interface ByteSearch {
  /** Bytes to hand over at a time, so that one piece takes no longer than some ms. */
  readonly piece: number;
  /** What was done so far beside looking at each byte once, in as many bytes. */
  readonly work: number;
  /** Begins with a line that is `length` bytes long. */
  begin(): void;
  /**
   * Goes on with the bytes [from, to) of a line that ends at `end`; those before `from` were looked at, or `from` is where the line begins. True
   * once it is found.
   */
  look(bytes: Uint8Array, from: number, to: number, end: number): boolean;
}

/** Searches for one text: by Horspool's way, and where that compares the same bytes over and over, by Knuth, Morris and Pratt's. */
export class TextSearch implements ByteSearch {
  readonly piece = 64 * 1024;
  readonly work = 0;
  readonly #needle: Uint8Array;
  /** By the byte under the needle's last: how far the needle can move. */
  readonly #skip = new Int32Array(256);
  /** By how much of the needle was there: how much of it is there all the same when the next byte is another. Made when it is needed. */
  #borders: Int32Array | undefined;

  constructor(text: string) {
    this.#needle = encoder.encode(text).map((byte) => FOLD[byte]!);
    const last = this.#needle.length - 1;
    this.#skip.fill(last + 1);
    for (let i = 0; i < last; i++) {
      const byte = this.#needle[i]!;
      this.#skip[byte] = last - i;
      if (byte >= 0x61 && byte <= 0x7a) this.#skip[byte - 0x20] = last - i;
    }
  }

  begin(): void {}

  look(bytes: Uint8Array, from: number, to: number, end: number): boolean {
    const needle = this.#needle;
    const skip = this.#skip;
    const last = needle.length - 1;
    if (last < 0) return true;
    const final = needle[last]!;
    // what begins in [from, to) may end behind it
    const stop = Math.min(end, to + last);
    let compares = 2 * (to - from) + 64;
    for (let at = from + last; at < stop; ) {
      const byte = bytes[at]!;
      if (FOLD[byte] === final) {
        let i = 1;
        while (i <= last && FOLD[bytes[at - i]!] === needle[last - i]) i++;
        if (i > last) return true;
        compares -= i;
        if (compares < 0) return this.#lookOnce(bytes, at - last, stop);
      }
      at += skip[byte]!;
    }
    return false;
  }

  /** Looks at each of the bytes [from, stop) once. */
  #lookOnce(bytes: Uint8Array, from: number, stop: number): boolean {
    const needle = this.#needle;
    this.#borders ??= bordersOf(needle);
    const borders = this.#borders;
    let there = 0;
    for (let at = from; at < stop; at++) {
      const byte = FOLD[bytes[at]!]!;
      while (there > 0 && needle[there] !== byte) there = borders[there - 1]!;
      if (needle[there] === byte) there++;
      if (there === needle.length) return true;
    }
    return false;
  }
}

function bordersOf(needle: Uint8Array): Int32Array {
  const borders = new Int32Array(needle.length);
  let there = 0;
  for (let at = 1; at < needle.length; at++) {
    while (there > 0 && needle[there] !== needle[at]) there = borders[there - 1]!;
    if (needle[there] === needle[at]) there++;
    borders[at] = there;
  }
  return borders;
}
