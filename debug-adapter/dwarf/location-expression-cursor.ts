// A cursor over the bytes of one DWARF expression or location list. It throws CutShort past the end, which never leaves the two files that use it.

import { skipLeb, slebBits, u16, u32, uleb, ulebBits, unsignedBits, unsignedOf } from './sections.ts';

/** The bytes end in the middle of something. */
export class CutShort extends Error {
  override readonly name = 'CutShort';
}

export class ExpressionCursor {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = Math.min(end, bytes.length);
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** The next byte, which stays; -1 at the end. */
  peek(): number {
    return this.at < this.end ? (this.bytes[this.at] ?? -1) : -1;
  }

  #take(length: number): number {
    const start = this.at;
    // Of a LEB128 that says how long a block is, anything may come here.
    if (!(length >= 0 && length <= this.end - start)) throw new CutShort();
    this.at = start + length;
    return start;
  }

  /** Where a LEB128 number begins; the cursor goes behind it. */
  #takeLeb(): number {
    const start = this.at;
    this.at = skipLeb(this.bytes, start, this.end);
    if (this.at === start || (this.bytes[this.at - 1] ?? 0x80) >= 0x80) throw new CutShort();
    return start;
  }

  u8(): number {
    return unsignedOf(this.bytes, this.#take(1), 1);
  }

  u16(): number {
    return u16(this.bytes, this.#take(2));
  }

  s16(): number {
    return (this.u16() << 16) >> 16;
  }

  u32(): number {
    return u32(this.bytes, this.#take(4));
  }

  /** An unsigned number of 1 to 8 bytes. */
  unsigned(size: number): bigint {
    return unsignedBits(this.bytes, this.#take(size), size);
  }

  /** A view, of as many bytes. */
  block(length: number): Uint8Array {
    const start = this.#take(length);
    return this.bytes.subarray(start, start + length);
  }

  /** §7.6, unsigned; bits past 64 are dropped. */
  uleb(): bigint {
    return BigInt.asUintN(64, ulebBits(this.bytes, this.#takeLeb(), this.end));
  }

  /** The same as a double: exact up to 2^53, which no index or size here goes beyond. */
  ulebNumber(): number {
    return uleb(this.bytes, this.#takeLeb());
  }

  /** §7.6, signed; bits past 64 are dropped. */
  sleb(): bigint {
    return BigInt.asIntN(64, slebBits(this.bytes, this.#takeLeb(), this.end));
  }
}
