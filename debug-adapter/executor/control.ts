// The control block: a few shared integers through which the other side reaches a worker that is busy in the guest, and
// through which the worker shows its counters without a message. Contracts E2, P3.

/** Bits of the request word. */
export const REQUEST = { pause: 1, terminate: 2, messages: 4 } as const;

const WORDS = { request: 0, wake: 1, batchesSent: 2, batchesTaken: 3 } as const;
const NUMBERS = { consumed: 0, left: 1, yields: 2, slice: 3 } as const;
const NUMBERS_AT = 32;
const BYTES = 64;

/** Batches of events that may be on their way before the worker waits for them to be taken. */
const MOST_BATCHES = 32;

export class Control {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;

  constructor(buffer = new SharedArrayBuffer(BYTES)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, NUMBERS_AT / 4);
    this.#numbers = new Float64Array(buffer, NUMBERS_AT);
  }

  // The driving side.

  /** Sets request bits and wakes the worker if it waits. */
  request(bits: number): void {
    Atomics.or(this.#words, WORDS.request, bits);
    this.wake();
  }

  wake(): void {
    Atomics.add(this.#words, WORDS.wake, 1);
    Atomics.notify(this.#words, WORDS.wake);
  }

  batchTaken(): void {
    Atomics.add(this.#words, WORDS.batchesTaken, 1);
    Atomics.notify(this.#words, WORDS.batchesTaken);
  }

  /** The counters as the worker last showed them. */
  counters(): { consumed: number; left: number; yields: number; slice: number } {
    const [consumed = 0, left = 0, yields = 0, slice = 0] = this.#numbers;
    return { consumed, left, yields, slice };
  }

  // The worker's side.

  /** The request bits, without clearing them. */
  pending(): number {
    return Atomics.load(this.#words, WORDS.request);
  }

  clear(bits: number): void {
    Atomics.and(this.#words, WORDS.request, ~bits);
  }

  /** To be read before looking for messages, so that none is missed by `wait`. */
  wakeCount(): number {
    return Atomics.load(this.#words, WORDS.wake);
  }

  /** Waits until woken since `seen` was read, or for `ms`. @returns false when the time was over first. */
  wait(seen: number, ms: number): boolean {
    return Atomics.wait(this.#words, WORDS.wake, seen, ms) !== 'timed-out';
  }

  /** Counts a batch as sent; waits while too many are on their way, so that a fast guest can't fill the memory of a slow reader. */
  batchSent(): void {
    const sent = Atomics.add(this.#words, WORDS.batchesSent, 1) + 1;
    for (;;) {
      const taken = Atomics.load(this.#words, WORDS.batchesTaken);
      if (sent - taken <= MOST_BATCHES || this.pending() & REQUEST.terminate) return;
      Atomics.wait(this.#words, WORDS.batchesTaken, taken, 100);
    }
  }

  show(consumed: number, left: number, yields: number, slice: number): void {
    this.#numbers[NUMBERS.consumed] = consumed;
    this.#numbers[NUMBERS.left] = left;
    this.#numbers[NUMBERS.yields] = yields;
    this.#numbers[NUMBERS.slice] = slice;
  }
}
