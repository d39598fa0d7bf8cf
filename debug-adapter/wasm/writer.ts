// A byte buffer that grows, with the number formats of the binary format. It knows nothing of modules.

/** Appends bytes. `bytes()` is a view that the next write may leave behind. */
export class ByteWriter {
  buffer: Uint8Array<ArrayBuffer>;
  length = 0;

  /** @param capacity bytes reserved at first */
  constructor(capacity = 1024) {
    this.buffer = new Uint8Array(Math.max(16, capacity));
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const need = this.length + count;
    if (need <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(need, this.buffer.length * 2));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
  }

  byte(value: number): void {
    if (this.length === this.buffer.length) this.reserve(1);
    this.buffer[this.length++] = value;
  }

  /** Each argument is one byte. */
  raw(...values: number[]): void {
    this.reserve(values.length);
    for (const value of values) this.buffer[this.length++] = value;
  }

  /** Copies source[start, end). */
  copy(source: Uint8Array, start: number, end: number): void {
    const count = end - start;
    this.reserve(count);
    if (count < 24) {
      // A short run is copied sooner than a view of it is made.
      const buffer = this.buffer;
      let at = this.length;
      for (let from = start; from < end; from++) buffer[at++] = source[from]!;
    } else this.buffer.set(source.subarray(start, end), this.length);
    this.length += count;
  }

  append(source: Uint8Array): void {
    this.reserve(source.length);
    this.buffer.set(source, this.length);
    this.length += source.length;
  }

  /** Unsigned LEB128 of a number below 2^32. */
  u32(value: number): void {
    this.reserve(5);
    const buffer = this.buffer;
    let rest = value >>> 0;
    let at = this.length;
    while (rest >= 0x80) {
      buffer[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[at++] = rest;
    this.length = at;
  }

  /** Unsigned LEB128 in exactly five bytes, to be patched later with `patchU32`. Answers where it is. */
  u32Padded(): number {
    this.reserve(5);
    const at = this.length;
    this.length += 5;
    return at;
  }

  patchU32(at: number, value: number): void {
    const buffer = this.buffer;
    buffer[at] = (value & 0x7f) | 0x80;
    buffer[at + 1] = ((value >>> 7) & 0x7f) | 0x80;
    buffer[at + 2] = ((value >>> 14) & 0x7f) | 0x80;
    buffer[at + 3] = ((value >>> 21) & 0x7f) | 0x80;
    buffer[at + 4] = (value >>> 28) & 0x0f;
  }

  /** Signed LEB128 of a 32-bit number. */
  s32(value: number): void {
    this.reserve(5);
    const buffer = this.buffer;
    let rest = value | 0;
    let at = this.length;
    for (;;) {
      const bits = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && (bits & 0x40) === 0) || (rest === -1 && (bits & 0x40) !== 0)) {
        buffer[at++] = bits;
        break;
      }
      buffer[at++] = bits | 0x80;
    }
    this.length = at;
  }

  /** Signed LEB128 of a 64-bit number. */
  s64(value: bigint): void {
    this.reserve(10);
    let rest = BigInt.asIntN(64, value);
    for (;;) {
      const bits = Number(rest & 0x7fn);
      rest >>= 7n;
      if ((rest === 0n && (bits & 0x40) === 0) || (rest === -1n && (bits & 0x40) !== 0)) {
        this.buffer[this.length++] = bits;
        return;
      }
      this.buffer[this.length++] = bits | 0x80;
    }
  }

  /** Signed LEB128 of a whole number from 0 to 2^53: as `s64`, without a bigint on the way. */
  s64Small(value: number): void {
    this.reserve(9);
    let rest = value;
    while (rest >= 0x40) {
      this.buffer[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[this.length++] = rest;
  }

  /** A type index where a block type is expected: a signed number of 33 bits. */
  typeIndex(value: number): void {
    this.s64Small(value);
  }

  /** A vector of UTF-8 bytes with its length before it. */
  name(text: string): void {
    const encoded = new TextEncoder().encode(text);
    this.u32(encoded.length);
    this.append(encoded);
  }

  /** A section with its id and size. */
  section(id: number, body: Uint8Array): void {
    this.byte(id);
    this.u32(body.length);
    this.append(body);
  }

  /** What was written, as a view. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.buffer.subarray(0, this.length);
  }
}
