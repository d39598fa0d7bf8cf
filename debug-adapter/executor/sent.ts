// What one fd_write of the guest sends, until the call is done: its bytes as one run, their number and CRC-32. Not framed, not judged.
// Contracts R3, E4.
import { crc32 } from '../recording/crc32.ts';

const NOTHING = new Uint8Array();

export class Sent {
  #fd: 1 | 2 = 1;
  #bytes = 0;
  #crc = 0;
  /** A view of guest memory while there is one piece only; else the buffer's beginning. */
  #kept: Uint8Array = NOTHING;
  #buffer = new Uint8Array(256);

  /** A call begins. */
  begin(): void {
    this.#bytes = 0;
    this.#crc = 0;
    this.#kept = NOTHING;
  }

  get fd(): 1 | 2 {
    return this.#fd;
  }
  /** All that was sent, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }
  get crc(): number {
    return this.#crc;
  }
  /** What was kept of it; valid until the guest runs on. */
  get kept(): Uint8Array {
    return this.#kept;
  }

  /** Adds a piece, a view of guest memory; past `most` bytes a call's pieces are counted and not kept. */
  add(fd: 1 | 2, piece: Uint8Array, most: number): void {
    const first = this.#bytes === 0;
    this.#fd = fd;
    this.#bytes += piece.length;
    this.#crc = crc32(piece, this.#crc);
    const length = this.#kept.length;
    const room = Math.min(piece.length, most - length);
    if (room <= 0) return;
    if (first) {
      this.#kept = room === piece.length ? piece : piece.subarray(0, room);
      return;
    }
    if (this.#kept.buffer !== this.#buffer.buffer || length + room > this.#buffer.length) {
      const buffer = length + room > this.#buffer.length ? new Uint8Array((length + room) * 2) : this.#buffer;
      buffer.set(this.#kept);
      this.#buffer = buffer;
    }
    this.#buffer.set(piece.subarray(0, room), length);
    this.#kept = this.#buffer.subarray(0, length + room);
  }
}
