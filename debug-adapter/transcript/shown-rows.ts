// The rows of a call that pass a filter, in an order, found in slices of time while rows come. Row numbers only: what a row looks like is asked of the
// table. After `advance` has said that it is done, it has what a new one over the same rows would have. Contracts E2, P3.
import { grown } from '../wasm/grown.ts';
import type { Filter } from './filter.ts';
import { RowFilter } from './filter-rows.ts';
import { MORE, YES } from './filter-text.ts';
import type { RowTable } from './row-table.ts';
import { type Order, sortKeys } from './sort-keys.ts';
import { SortedRows } from './sort-rows.ts';

/** Row numbers in an order. */
export interface RowList {
  readonly length: number;
  /** Counts up when rows have come or gone elsewhere than behind the last. */
  readonly version: number;
  /** Bytes of text that it had to read so far. */
  readonly work: number;
  /** It wants `settle` before it is told of more rows. */
  readonly full: boolean;
  row(index: number): number;
  /** Whether a row passes: each row in turn, and again when it may have changed. */
  put(row: number, passes: boolean): void;
  /** Brings what it was told into the list, until `end` of the clock. True when nothing is left to do. */
  settle(end: number): boolean;
  indexOf(row: number): number;
  place(row: number): number;
}

/** Rows between two looks at the clock, */
const STRIDE = 256;
/** and bytes of text. */
const WORK = 128 * 1024;

export class ShownRows {
  readonly rows: RowTable;
  readonly #filter: RowFilter;
  readonly #list: RowList;
  readonly #now: () => number;
  readonly #backwards: boolean;
  readonly #changes: boolean;
  /** Rows that were looked at, and how many events the table had then. */
  #looked = 0;
  #laid = 0;
  /** Rows to look at before the next: the one that has come, and those that it may have changed. */
  readonly #todo: number[] = [];

  /** `now` gives ms. Without an order, and by event, rows are in the order of what happened. */
  constructor(rows: RowTable, filter: Filter, order: Order | undefined, now: () => number) {
    this.rows = rows;
    this.#now = now;
    this.#filter = new RowFilter(rows, filter);
    const sorted = order !== undefined && order.column !== 'event';
    const keys = sorted ? sortKeys(rows, order) : undefined;
    this.#list = keys === undefined ? new RowsAsTheyCame() : new SortedRows(keys, now);
    this.#backwards = order?.column === 'event' && order.descending;
    this.#changes = this.#filter.changes || (keys?.changes ?? false);
  }

  /** Rows that are shown so far. */
  get length(): number {
    return this.#list.length;
  }

  /** Counts up when rows have come or gone elsewhere than behind the last one: places are not what they were. */
  get version(): number {
    // each row that comes is before all others
    return this.#backwards ? this.#list.version + this.#list.length : this.#list.version;
  }

  /** The row at a place from 0 to `length` - 1. */
  row(index: number): number {
    return this.#list.row(this.#backwards ? this.#list.length - 1 - index : index);
  }

  /** Where a row is shown; -1 when it is not. */
  indexOf(row: number): number {
    const index = this.#list.indexOf(row);
    return this.#backwards && index >= 0 ? this.#list.length - 1 - index : index;
  }

  /** Where a row is shown, or the next one that is; -1 when there is none behind it. */
  place(row: number): number {
    const exact = this.indexOf(row);
    if (exact >= 0) return exact;
    const place = this.#list.place(row);
    if (this.#backwards)
      return this.#list.length - 1 - (place - 1) < this.#list.length ? this.#list.length - place : -1;
    return place < this.#list.length ? place : -1;
  }

  /**
   * Goes on with the rows that have come, and with those that they have changed (a request that has its reply; a message with a diagnosis; folded
   * polls), for at most `budget` ms. True when all are looked at and in their places.
   */
  advance(budget: number): boolean {
    const end = this.#now() + budget;
    for (;;) {
      if (this.#list.full && !this.#list.settle(end)) return false;
      if (!this.#look(end)) {
        if (this.#now() >= end) return false;
        continue;
      }
      return this.#list.settle(end);
    }
  }

  /** False when there is no time left, or the list is full. */
  #look(end: number): boolean {
    const { rows } = this;
    const filter = this.#filter;
    const list = this.#list;
    const todo = this.#todo;
    let stride = STRIDE;
    let work = filter.work + list.work;
    if (this.#changes && todo.length === 0 && rows.laid !== this.#laid && this.#looked > 0) todo.push(this.#looked - 1);
    this.#laid = rows.laid;
    for (;;) {
      const row = todo.pop();
      if (row !== undefined) {
        const answer = filter.look(row, WORK);
        if (answer === MORE) {
          todo.push(row);
          stride = 0;
        } else list.put(row, answer === YES);
      } else {
        const next = this.#looked;
        if (next >= rows.length) return true;
        if (list.full) return false;
        this.#looked++;
        todo.push(next);
        if (!this.#changes) continue;
        const pair = rows.pair(next);
        if (pair >= 0 && pair < next) todo.push(pair);
        const about = rows.about(next);
        if (about >= 0 && about < next) todo.push(about);
        continue;
      }
      if (--stride > 0 && filter.work + list.work - work < WORK) continue;
      if (this.#now() >= end) return false;
      stride = STRIDE;
      work = filter.work + list.work;
    }
  }
}

const LISTED = 1;
const PASSES = 2;
const CHANGED = 4;
/** So many changes are done one by one. */
const ONE_BY_ONE = 8;

/** Ascending row numbers. Nearly always rows come behind the last; one that has changed comes or goes elsewhere. */
export class RowsAsTheyCame implements RowList {
  version = 0;
  readonly work = 0;
  #shown = new Uint32Array(1024);
  #length = 0;
  /** Of rows that are not put behind the last: what is known of them, and that they wait. Rows are put in turn: those below #seen were. */
  #state = new Uint8Array(1024);
  #seen = 0;
  #changed: number[] = [];

  get length(): number {
    return this.#length;
  }
  get full(): boolean {
    return this.#changed.length >= 4096;
  }
  row(index: number): number {
    return this.#shown[index]!;
  }

  put(row: number, passes: boolean): void {
    if (row >= this.#state.length) this.#state = grown(this.#state, row + 1);
    const state = this.#state[row]!;
    if (row >= this.#seen) {
      this.#seen = row + 1;
      if (passes) {
        this.#push(row);
        this.#state[row] = LISTED | PASSES;
      }
      return;
    }
    const next = passes ? state | PASSES : state & ~PASSES;
    this.#state[row] = next;
    if ((next & CHANGED) === 0 && ((next & LISTED) !== 0) !== passes) {
      this.#state[row] = next | CHANGED;
      this.#changed.push(row);
    }
  }

  settle(): boolean {
    if (this.#changed.length === 0) return true;
    const came: number[] = [];
    const went: number[] = [];
    for (const row of this.#changed) {
      const state = this.#state[row]! & ~CHANGED;
      const listed = (state & LISTED) !== 0;
      const passes = (state & PASSES) !== 0;
      this.#state[row] = passes ? LISTED | PASSES : 0;
      if (listed !== passes) (passes ? came : went).push(row);
    }
    this.#changed = [];
    if (came.length + went.length === 0) return true;
    this.version++;
    if (came.length + went.length <= ONE_BY_ONE) {
      for (const row of went) {
        const place = this.place(row);
        this.#shown.copyWithin(place, place + 1, this.#length--);
      }
      for (const row of came) {
        const place = this.place(row);
        this.#push(0);
        this.#shown.copyWithin(place + 1, place, this.#length - 1);
        this.#shown[place] = row;
      }
    } else this.#rebuild(Uint32Array.from(came).sort(), went);
    return true;
  }

  #rebuild(came: Uint32Array, went: readonly number[]): void {
    let first = came[0] ?? Number.POSITIVE_INFINITY;
    for (const row of went) first = Math.min(first, row);
    let kept = this.place(first);
    for (let i = kept; i < this.#length; i++) {
      const row = this.#shown[i]!;
      if ((this.#state[row]! & PASSES) !== 0) this.#shown[kept++] = row;
    }
    this.#length = kept + came.length;
    this.#reserve();
    const shown = this.#shown;
    let to = this.#length - 1;
    let i = kept - 1;
    for (let j = came.length - 1; j >= 0; to--) {
      if (i >= 0 && shown[i]! > came[j]!) shown[to] = shown[i--]!;
      else shown[to] = came[j--]!;
    }
  }

  #push(row: number): void {
    this.#length++;
    this.#reserve();
    this.#shown[this.#length - 1] = row;
  }
  #reserve(): void {
    if (this.#length > this.#shown.length) this.#shown = grown(this.#shown, this.#length);
  }

  indexOf(row: number): number {
    const place = this.place(row);
    return place < this.#length && this.#shown[place] === row ? place : -1;
  }

  place(row: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#shown[middle]! < row) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
