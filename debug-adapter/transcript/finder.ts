// Find next and previous among the rows that are shown: those that hold a filter of their own, counted in slices of time. Contract E2.
import { grown } from '../wasm/grown.ts';
import type { Filter } from './filter.ts';
import { RowFilter } from './filter-rows.ts';
import { type Answer, MORE, NO, YES } from './filter-text.ts';
import type { ShownRows } from './shown-rows.ts';

export interface Found {
  /** Place among the shown rows; -1: there is none. */
  readonly index: number;
  /** Which of `count` it is, from 1; 0: there is none. */
  readonly ordinal: number;
  /** Of the rows that were looked at so far: all of them once `advance` has said so. */
  readonly count: number;
}

const STRIDE = 256;
const WORK = 128 * 1024;

// what is known of a row
const MISS = 1;
const HIT = 2;

export class Finder {
  readonly #shown: ShownRows;
  readonly #filter: RowFilter;
  readonly #now: () => number;
  #verdicts = new Uint8Array(1024);
  #version: number;
  /** Places that were looked at, and those of them that hold. */
  #looked = 0;
  #hits = new Uint32Array(256);
  #count = 0;
  /** Rows and events that the table had when it was last asked what may have changed. */
  #rows = 0;
  #laid = 0;

  /** `now` gives ms. An empty filter finds every row. */
  constructor(shown: ShownRows, filter: Filter, now: () => number) {
    this.#shown = shown;
    this.#filter = new RowFilter(shown.rows, filter);
    this.#now = now;
    this.#version = shown.version;
    this.#rows = shown.rows.length;
    this.#laid = shown.rows.laid;
  }

  /** Looks at what is shown, for at most `budget` ms. True when all of it was looked at. */
  advance(budget: number): boolean {
    const end = this.#now() + budget;
    const shown = this.#shown;
    const filter = this.#filter;
    if (filter.changes) this.#forget();
    if (shown.version !== this.#version) {
      // places are others; what is known of rows stays
      this.#version = shown.version;
      this.#looked = 0;
      this.#count = 0;
    }
    let stride = STRIDE;
    let { work } = filter;
    while (this.#looked < shown.length) {
      const row = shown.row(this.#looked);
      const verdict = this.#verdict(row);
      if (verdict !== MORE) {
        if (verdict === YES) this.#hit(this.#looked);
        this.#looked++;
      }
      if (--stride > 0 && filter.work - work < WORK) continue;
      if (this.#now() >= end) return this.#looked === shown.length;
      stride = STRIDE;
      work = filter.work;
    }
    return true;
  }

  /**
   * The next place from `from` on (not itself) that holds, or the one before it; behind the last it goes on with the first, and the other way round.
   * Of what was looked at so far.
   */
  next(from: number, backwards: boolean): Found {
    const count = this.#count;
    if (count === 0) return { index: -1, ordinal: 0, count };
    let low = 0;
    let high = count;
    // the first that is behind `from`; backwards, the first that is not before it
    while (low < high) {
      const middle = (low + high) >> 1;
      const hit = this.#hits[middle]!;
      if (backwards ? hit < from : hit <= from) low = middle + 1;
      else high = middle;
    }
    const found = backwards ? (low + count - 1) % count : low % count;
    return { index: this.#hits[found]!, ordinal: found + 1, count };
  }

  /** Rows that later ones may have changed are looked at again (RowFilter.changes). */
  #forget(): void {
    const { rows } = this.#shown;
    if (rows.laid === this.#laid) return;
    this.#laid = rows.laid;
    this.#forgetRow(this.#rows - 1);
    for (let row = this.#rows; row < rows.length; row++) {
      this.#forgetRow(rows.pair(row));
      this.#forgetRow(rows.about(row));
    }
    this.#rows = rows.length;
  }

  #forgetRow(row: number): void {
    if (row < 0 || row >= this.#verdicts.length || this.#verdicts[row] === 0) return;
    this.#verdicts[row] = 0;
    this.#looked = 0;
    this.#count = 0;
  }

  #verdict(row: number): Answer {
    if (row >= this.#verdicts.length) this.#verdicts = grown(this.#verdicts, row + 1);
    const known = this.#verdicts[row]!;
    if (known !== 0) return known === HIT ? YES : NO;
    const answer = this.#filter.look(row, WORK);
    if (answer !== MORE) this.#verdicts[row] = answer === YES ? HIT : MISS;
    return answer;
  }

  #hit(index: number): void {
    if (this.#count === this.#hits.length) this.#hits = grown(this.#hits);
    this.#hits[this.#count++] = index;
  }
}
