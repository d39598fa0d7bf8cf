// Rows that pass, sorted by a column, while rows come and change. A sorted list is shown; rows that are new, or whose key has become another, queue;
// now and then the queue is sorted and merged into a second list, which then takes the place of the first. All in slices of time. Contract E2.
import { grown } from '../wasm/grown.ts';
import type { RowList } from './shown-rows.ts';
import type { SortKeys } from './sort-keys.ts';
import { SlicedSort } from './sort-slices.ts';

/** The queue is sorted when it has so many rows, or as many as are shown: so all of it costs little more than one sort. */
const QUEUE = 4096;
/** Steps between two looks at the clock. */
const STRIDE = 8192;

// what is known of a row
const SHOWN = 1;
/** Its place in the shown list is no longer its own. */
const STALE = 2;
const QUEUED = 4;
const PASSES = 8;

export class SortedRows implements RowList {
  version = 0;
  readonly #keys: SortKeys;
  readonly #now: () => number;
  readonly #sort: SlicedSort;
  #state = new Uint8Array(1024);
  #shown = new Uint32Array(1024);
  #length = 0;
  #stale = 0;
  #queue = new Uint32Array(1024);
  #queued = 0;
  #phase: 'look' | 'sort' | 'merge' = 'look';
  // the merge
  #next = new Uint32Array(1024);
  #i = 0;
  #j = 0;
  #k = 0;

  constructor(keys: SortKeys, now: () => number) {
    this.#keys = keys;
    this.#now = now;
    this.#sort = new SlicedSort(keys.compare, now);
  }

  get length(): number {
    return this.#length;
  }
  get work(): number {
    return this.#keys.work;
  }
  get full(): boolean {
    return this.#phase !== 'look' || this.#queued >= Math.max(QUEUE, this.#length);
  }

  row(index: number): number {
    return this.#shown[index]!;
  }

  put(row: number, passes: boolean): void {
    if (row >= this.#state.length) this.#state = grown(this.#state, row + 1);
    let state = this.#state[row]!;
    const moved = passes && this.#keys.take(row);
    if ((state & (SHOWN | STALE)) === SHOWN && (!passes || moved)) {
      state |= STALE;
      this.#stale++;
    }
    if (!passes) state &= ~PASSES;
    else {
      state |= PASSES;
      // once it has queued it stays in the queue, as it is sorted when that is
      if ((state & (SHOWN | STALE)) !== SHOWN && (state & QUEUED) === 0) {
        if (this.#queued === this.#queue.length) this.#queue = grown(this.#queue);
        this.#queue[this.#queued++] = row;
        state |= QUEUED;
      }
    }
    this.#state[row] = state;
  }

  settle(end: number): boolean {
    if (this.#phase === 'look') {
      if (this.#queued === 0 && this.#stale === 0) return true;
      this.#beginSort();
    }
    if (this.#phase === 'sort') {
      if (!this.#sort.run(end)) return false;
      this.#beginMerge();
    }
    return this.#merge(end);
  }

  indexOf(row: number): number {
    // keys of rows that wait are not those that the list was sorted by: so no search by halves, and 1 ms for a million
    return this.#shown.subarray(0, this.#length).indexOf(row);
  }

  place(row: number): number {
    if ((this.#state[row] ?? 0) === 0) this.#keys.take(row);
    return this.#lower(row, 0);
  }

  /** The first place from `from` on whose row does not come before `row`. */
  #lower(row: number, from: number): number {
    const { compare } = this.#keys;
    let low = from;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.#shown[middle]!, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #beginSort(): void {
    let kept = 0;
    for (let i = 0; i < this.#queued; i++) {
      const row = this.#queue[i]!;
      const state = this.#state[row]! & ~QUEUED;
      this.#state[row] = state;
      if ((state & PASSES) !== 0 && (state & (SHOWN | STALE)) !== SHOWN) this.#queue[kept++] = row;
    }
    this.#queued = kept;
    this.#sort.begin(this.#queue, kept);
    this.#phase = 'sort';
  }

  #beginMerge(): void {
    this.#queue = this.#sort.sorted;
    const most = this.#length + this.#queued;
    if (this.#next.length < most) this.#next = new Uint32Array(Math.max(most, this.#next.length * 2));
    this.#i = 0;
    this.#j = 0;
    this.#k = 0;
    this.#phase = 'merge';
  }

  #merge(end: number): boolean {
    const few = this.#stale === 0 && this.#queued * 16 < this.#length;
    for (;;) {
      if (few ? this.#insertSome() : this.#mergeSome()) break;
      if (this.#now() >= end) return false;
    }
    for (let j = 0; j < this.#queued; j++) {
      const row = this.#queue[j]!;
      this.#state[row] = this.#state[row]! | SHOWN;
    }
    [this.#shown, this.#next] = [this.#next, this.#shown];
    this.#length = this.#k;
    this.#queued = 0;
    this.#stale = 0;
    this.#phase = 'look';
    this.version++;
    return true;
  }

  /** One row of the list after the other. True at the end. */
  #mergeSome(): boolean {
    const shown = this.#shown;
    const queue = this.#queue;
    const next = this.#next;
    const state = this.#state;
    const { compare } = this.#keys;
    const length = this.#length;
    const queued = this.#queued;
    let i = this.#i;
    let j = this.#j;
    let k = this.#k;
    for (let steps = STRIDE; steps > 0 && (i < length || j < queued); steps--) {
      if (i < length) {
        const row = shown[i]!;
        if ((state[row]! & STALE) !== 0) {
          state[row] = state[row]! & ~(STALE | SHOWN);
          i++;
          continue;
        }
        if (j >= queued || compare(row, queue[j]!) < 0) {
          next[k++] = row;
          i++;
          continue;
        }
      }
      next[k++] = queue[j++]!;
    }
    this.#i = i;
    this.#j = j;
    this.#k = k;
    return i === length && j === queued;
  }

  /** A few rows into a long list: stretches of it are copied as they are. */
  #insertSome(): boolean {
    for (let steps = 64; steps > 0; steps--) {
      const last = this.#j === this.#queued;
      const place = last ? this.#length : this.#lower(this.#queue[this.#j]!, this.#i);
      this.#next.set(this.#shown.subarray(this.#i, place), this.#k);
      this.#k += place - this.#i;
      this.#i = place;
      if (last) return true;
      this.#next[this.#k++] = this.#queue[this.#j++]!;
    }
    return false;
  }
}
