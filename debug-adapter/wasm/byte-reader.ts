// A cursor over the bytes between code: section headers, numbers, names. Bounds-checked; throws WasmError.
import { WasmError } from './error.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

export class ByteReader {
  readonly bytes: Uint8Array;
  position: number;
  limit: number;

  constructor(bytes: Uint8Array, position = 0, limit: number = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.limit = limit;
  }

  get done(): boolean {
    return this.position >= this.limit;
  }

  fail(what: string, offset: number = this.position): never {
    throw new WasmError(`The module cannot be read: ${what}`, offset);
  }

  byte(): number {
    if (this.position >= this.limit) this.fail('it is cut short');
    return this.bytes[this.position++]!;
  }

  /** An unsigned LEB128 of at most 32 bits. */
  u32(): number {
    const start = this.position;
    let result = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result >>> 0;
    }
    const last = this.byte();
    if (last > 0x0f) this.fail('a number has more than 32 bits', start);
    return (result | (last << 28)) >>> 0;
  }

  /** An unsigned LEB128 of at most 64 bits, as a double (exact up to 2^53). */
  u64(): number {
    const start = this.position;
    let result = 0;
    let scale = 1;
    for (let n = 0; n < 9; n++) {
      const byte = this.byte();
      result += (byte & 0x7f) * scale;
      if (byte < 0x80) return result;
      scale *= 128;
    }
    const last = this.byte();
    if (last > 1) this.fail('a number has more than 64 bits', start);
    return result + last * scale;
  }

  /** The number of items of a vector whose items take `least` bytes or more; what can't fit is refused at once. */
  count(what: string, least = 1): number {
    const start = this.position;
    const count = this.u32();
    if (count * least > this.limit - this.position) this.fail(`it says ${count} ${what}, which do not fit`, start);
    return count;
  }

  skip(count: number, what: string): number {
    const start = this.position;
    if (count > this.limit - start) this.fail(`${what} is cut short`);
    this.position = start + count;
    return start;
  }

  /** A name; must be UTF-8 (the format requires it). */
  name(): string {
    const start = this.position;
    const length = this.u32();
    const at = this.skip(length, 'a name');
    try {
      return decoder.decode(this.bytes.subarray(at, at + length));
    } catch {
      return this.fail('a name is not UTF-8', start);
    }
  }
}
