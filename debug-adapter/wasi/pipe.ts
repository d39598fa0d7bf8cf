// The guest's stdin: what the host has written and the guest has not read. Production puts std's BufReader (8 KiB) over a
// non-blocking queue, and where reads fall short follows from that, so both are modelled. Contract E3, E5.

/** Capacity of production's BufReader: std's default. */
export const STDIN_BUFFER_SIZE = 8192;

const NOTHING = new Uint8Array(0);

/**
 * One queue of bytes; the first {@link buffered} of them are those that BufReader has already fetched. A read never goes
 * past those (`std::io::BufReader`): that makes the short reads at 8 KiB boundaries, and where two messages arrive one
 * after the other. Only a read of 8 KiB or more with an empty buffer bypasses it and gets all there is.
 */
export class StdinPipe {
  readonly #chunks: Uint8Array[] = [];
  /** Index of the first chunk in use, and of the first unread byte in it. */
  #first = 0;
  #offset = 0;
  #unread = 0;
  #buffered = 0;
  /** Unread bytes that were there when BufReader last fetched, fetched or not, and how much of its buffer has not been handed out since. */
  #present = 0;
  #room = 0;
  #ended = false;

  /** Bytes the guest has not read, BufReader's included. */
  get unread(): number {
    return this.#unread;
  }

  /** Bytes that lie in BufReader's buffer. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Whether the host has closed its end. Production never does while a guest runs. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Adds bytes at the host's end. They are kept, not copied: the caller must not change them afterwards. */
  append(bytes: Uint8Array): void {
    if (this.#ended) throw new Error('stdin has been closed by the host: nothing can be written to it any more');
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#unread += bytes.length;
  }

  /**
   * What was appended in one go becomes something else, as if it had been that from the start; no bytes: it is taken out. `start` counts from
   * the first unread byte, and none of it may have been read.
   * @throws Error where nothing of that place and length was appended
   */
  replace(start: number, length: number, bytes: Uint8Array): void {
    let index = this.#first;
    let at = -this.#offset;
    while (index < this.#chunks.length && at < start) at += this.#chunks[index++]!.length;
    if (at !== start || this.#chunks[index]?.length !== length || length === 0)
      throw new Error(`stdin has no ${length} bytes at ${start} that were written in one go and are unread`);
    if (bytes.length === 0) this.#chunks.splice(index, 1);
    else this.#chunks[index] = bytes;
    this.#unread += bytes.length - length;
    // what arrived after BufReader had fetched did not change what it fetched
    if (this.#buffered === 0 || start >= this.#present) return;
    this.#present += bytes.length - length;
    this.#buffered = Math.min(this.#present, this.#room);
  }

  /** Closes the host's end: once all is read, reads give no bytes (the end of the file) instead of "would block". */
  end(): void {
    this.#ended = true;
  }

  /**
   * `BufReader::fill_buf` as the host's loop uses it to see whether a waiting guest can go on (`stdin_available`). It
   * MOVES up to 8 KiB into the buffer, and so decides where the next read ends: call it where production does.
   * @returns whether there is anything to read.
   */
  fill(): boolean {
    if (this.#buffered === 0) {
      this.#buffered = Math.min(this.#unread, STDIN_BUFFER_SIZE);
      this.#present = this.#unread;
      this.#room = STDIN_BUFFER_SIZE;
    }
    return this.#buffered > 0;
  }

  /**
   * `BufReader::read` with room for `length` bytes.
   * @returns the bytes (none at the end of the file, or when `length` is 0 and something is there), or undefined for
   * "would block". A length of 0 blocks too when nothing is there: production fills its buffer first.
   */
  read(length: number): Uint8Array | undefined {
    let ready: number;
    if (this.#buffered === 0 && length >= STDIN_BUFFER_SIZE) {
      ready = this.#unread;
      if (ready === 0) return this.#ended ? NOTHING : undefined;
      return this.#take(Math.min(length, ready));
    }
    if (!this.fill()) return this.#ended ? NOTHING : undefined;
    ready = Math.min(length, this.#buffered);
    this.#buffered -= ready;
    this.#present -= ready;
    this.#room -= ready;
    return this.#take(ready);
  }

  /** Takes `count` (at most {@link unread}) bytes off the front; copies only when they come from several chunks. */
  #take(count: number): Uint8Array {
    if (count === 0) return NOTHING;
    this.#unread -= count;
    const head = this.#chunks[this.#first]!;
    if (head.length - this.#offset >= count) {
      const bytes = head.subarray(this.#offset, this.#offset + count);
      this.#advance(count);
      return bytes;
    }
    const bytes = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      const chunk = this.#chunks[this.#first]!;
      const part = Math.min(count - filled, chunk.length - this.#offset);
      bytes.set(chunk.subarray(this.#offset, this.#offset + part), filled);
      filled += part;
      this.#advance(part);
    }
    return bytes;
  }

  /** Steps over `count` bytes of the first chunk, and drops it when it is used up. */
  #advance(count: number): void {
    this.#offset += count;
    if (this.#offset < this.#chunks[this.#first]!.length) return;
    this.#chunks[this.#first] = NOTHING;
    this.#first++;
    this.#offset = 0;
    // Array.shift on each chunk would be quadratic for a host that sends a million small ones.
    if (this.#first > 1024 && this.#first * 2 > this.#chunks.length) {
      this.#chunks.splice(0, this.#first);
      this.#first = 0;
    }
  }
}
