// The guest's memory as a syscall sees it: bounds-checked little-endian access, and a journal of what was written (R1).
// Knows no syscall. Out of bounds is an answer (undefined or false), never an exception. Contracts E3, E4.

/** The part of WebAssembly.Memory that is used. 32-bit and 64-bit memories look the same from here. */
export interface MemoryLike {
  readonly buffer: ArrayBufferLike;
}

const NO_BYTES = new Uint8Array(0);

/**
 * A window on the guest's memory. Addresses are plain numbers; those below 0 stand for what production makes of a
 * negative i32 (`as usize`: an address near 2^64) and are out of bounds whatever the length.
 *
 * The bounds are those of wasmi's `Memory::read/write`: `address + length <= size`, also for a length of 0. So no bytes
 * at the very end of memory are in bounds, and no bytes behind it are not.
 */
export class GuestMemory {
  readonly #lookup: () => MemoryLike | undefined;
  #memory: MemoryLike | undefined;
  #bytes: Uint8Array = NO_BYTES;
  #view: DataView = new DataView(NO_BYTES.buffer);

  /**
   * What has been written since the call began: address, length, address, length, … in bytes, in the order of the
   * writes. Ranges may overlap: whoever reads the bytes after the call gets the last state for each, and writing them
   * back in order restores it.
   */
  readonly journal: number[] = [];

  /** @param lookup finds the memory; asked at the beginning of each call, as production looks its export `memory` up. */
  constructor(lookup: () => MemoryLike | undefined) {
    this.#lookup = lookup;
  }

  /** Looks the memory up and empties the journal. @returns false when there is no memory (production's host panics then). */
  beginCall(): boolean {
    this.journal.length = 0;
    const memory = this.#lookup();
    if (memory !== this.#memory) this.#bytes = NO_BYTES;
    this.#memory = memory;
    this.#refresh();
    return this.#memory !== undefined;
  }

  /** Bytes. 0 when there is no memory. */
  get size(): number {
    this.#refresh();
    return this.#bytes.length;
  }

  /**
   * Growth replaces the buffer and detaches the old one, so the cached views are checked before each use. A view of a detached buffer
   * has no bytes, and that is quicker to ask than the memory for its buffer.
   */
  #refresh(): void {
    if (this.#bytes.length > 0) return;
    this.#memory ??= this.#lookup();
    const buffer = this.#memory === undefined ? NO_BYTES.buffer : this.#memory.buffer;
    if (buffer === this.#bytes.buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  /** Whether `length` bytes from `address` on lie in memory. */
  contains(address: number, length: number): boolean {
    // Sums stay far below 2^53: an address is an i32 or u32 plus at most 2^31 times a struct's size.
    return address >= 0 && length >= 0 && address + length <= this.size;
  }

  readU8(address: number): number | undefined {
    return this.contains(address, 1) ? this.#view.getUint8(address) : undefined;
  }

  readU32(address: number): number | undefined {
    return this.contains(address, 4) ? this.#view.getUint32(address, true) : undefined;
  }

  readU64(address: number): bigint | undefined {
    return this.contains(address, 8) ? this.#view.getBigUint64(address, true) : undefined;
  }

  /** A view of guest memory, not a copy: it changes with the guest, and dies when memory grows. */
  readBytes(address: number, length: number): Uint8Array | undefined {
    return this.contains(address, length) ? this.#bytes.subarray(address, address + length) : undefined;
  }

  writeU32(address: number, value: number): boolean {
    if (!this.contains(address, 4)) return false;
    this.#view.setUint32(address, value, true);
    this.#note(address, 4);
    return true;
  }

  writeU64(address: number, value: bigint): boolean {
    if (!this.contains(address, 8)) return false;
    this.#view.setBigUint64(address, value, true);
    this.#note(address, 8);
    return true;
  }

  writeBytes(address: number, bytes: Uint8Array): boolean {
    const target = this.writable(address, bytes.length);
    if (target === undefined) return false;
    target.set(bytes);
    return true;
  }

  /** A view that the caller is going to fill whole; it is journalled as written. */
  writable(address: number, length: number): Uint8Array | undefined {
    const target = this.readBytes(address, length);
    if (target !== undefined) this.#note(address, length);
    return target;
  }

  #note(address: number, length: number): void {
    if (length === 0) return;
    const { journal } = this;
    const last = journal.length - 2;
    // Args and environment are written piece by piece, end to end: one entry will do.
    if (last >= 0 && journal[last]! + journal[last + 1]! === address) journal[last + 1]! += length;
    else journal.push(address, length);
  }
}
