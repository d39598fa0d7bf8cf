// A merge sort that stops when its time is over and goes on later. Row numbers in typed arrays; knows nothing of rows. Contract E2.
import type { Compare } from './sort-keys.ts';

/** Stretches that are sorted by insertion first. */
const RUN = 16;
/** Steps between two looks at the clock: some 0.1 ms. */
const STRIDE = 4096;

export class SlicedSort {
  readonly #compare: Compare;
  readonly #now: () => number;
  #from = new Uint32Array(0);
  #to = new Uint32Array(0);
  #length = 0;
  /** Length of the stretches that are sorted; 0: insertion is still going on, at #left. */
  #width = 0;
  #left = 0;
  // the two stretches that are being merged
  #i = 0;
  #j = 0;
  #k = 0;

  constructor(compare: Compare, now: () => number) {
    this.#compare = compare;
    this.#now = now;
  }

  /** Begins to sort the first `length` numbers of `numbers`, which it keeps. Numbers compare the same until it is done. */
  begin(numbers: Uint32Array<ArrayBuffer>, length: number): void {
    this.#from = numbers;
    this.#length = length;
    if (this.#to.length < length) this.#to = new Uint32Array(numbers.length);
    this.#width = 0;
    this.#left = 0;
  }

  /** Goes on until `end` (of the clock). True when it is sorted: then `sorted` has it. */
  run(end: number): boolean {
    for (;;) {
      if (this.#width >= this.#length && this.#width > 0) return true;
      if (this.#width === 0) this.#insertSome();
      else this.#mergeSome();
      if (this.#now() >= end) return this.#width >= this.#length && this.#width > 0;
    }
  }

  /** The sorted numbers: the array that `begin` got, or another one in its place; the other may be written to. */
  get sorted(): Uint32Array<ArrayBuffer> {
    return this.#from;
  }

  #insertSome(): void {
    const numbers = this.#from;
    const compare = this.#compare;
    const stop = Math.min(this.#length, this.#left + STRIDE);
    for (; this.#left < stop; this.#left += RUN) {
      const end = Math.min(this.#length, this.#left + RUN);
      for (let i = this.#left + 1; i < end; i++) {
        const number = numbers[i]!;
        let j = i;
        for (; j > this.#left && compare(numbers[j - 1]!, number) > 0; j--) numbers[j] = numbers[j - 1]!;
        numbers[j] = number;
      }
    }
    if (this.#left >= this.#length) this.#beginWidth(RUN);
  }

  #beginWidth(width: number): void {
    this.#width = width;
    this.#beginPair(0);
  }

  #beginPair(left: number): void {
    this.#left = left;
    this.#i = left;
    this.#j = Math.min(this.#length, left + this.#width);
    this.#k = left;
  }

  #mergeSome(): void {
    const from = this.#from;
    const to = this.#to;
    const compare = this.#compare;
    const length = this.#length;
    for (let steps = STRIDE; steps > 0; ) {
      const middle = Math.min(length, this.#left + this.#width);
      const right = Math.min(length, middle + this.#width);
      let i = this.#i;
      let j = this.#j;
      let k = this.#k;
      const stop = Math.min(right, k + steps);
      steps -= stop - k;
      while (k < stop) {
        if (i < middle && (j >= right || compare(from[i]!, from[j]!) < 0)) to[k++] = from[i++]!;
        else to[k++] = from[j++]!;
      }
      this.#i = i;
      this.#j = j;
      this.#k = k;
      if (k < right) return;
      if (right < length) {
        this.#beginPair(right);
        continue;
      }
      this.#from = to;
      this.#to = from;
      this.#beginWidth(this.#width * 2);
      return;
    }
  }
}
