// Finds a text in bytes, ASCII letters of either case being the same: Horspool's search over a line as it lies in the store, nothing decoded. Pure.

const encoder = new TextEncoder();

/** A byte as it is compared: capital ASCII letters are small. */
export const FOLD: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
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

/** Searches for one text. */
export class TextSearch implements ByteSearch {
  readonly piece: number;
  readonly work = 0;
  readonly #needle: Uint8Array;
  /** By the byte under the needle's last: how far the needle can move. */
  readonly #skip = new Int32Array(256);

  constructor(text: string) {
    this.#needle = encoder.encode(text).map((byte) => FOLD[byte]!);
    // at worst each byte is compared with all of the needle
    this.piece = Math.max(256, (1 << 20) / Math.max(1, this.#needle.length));
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
    for (let at = from + last; at < stop; ) {
      const byte = bytes[at]!;
      if (FOLD[byte] === final) {
        let i = 1;
        while (i <= last && FOLD[bytes[at - i]!] === needle[last - i]) i++;
        if (i > last) return true;
      }
      at += skip[byte]!;
    }
    return false;
  }
}
