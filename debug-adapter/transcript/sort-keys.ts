// By what rows are sorted: one key a row, taken once, so that comparing two rows reads typed arrays only. Equal rows stay in the order of what happened.
// Rows without a value come last, whichever way the column is sorted. Contract P2 (ids are u64).

import { grown } from '../wasm/grown.ts';
import type { RowTable } from './row-table.ts';
import { rowSummary } from './row-text.ts';

/** A column that rows can be sorted by. */
export type Column =
  | 'event'
  | 'dir'
  | 'kind'
  | 'name'
  | 'id'
  | 'summary'
  | 'bytes'
  | 'fuelSince'
  | 'fuel'
  | 'time'
  | 'duration';

export interface Order {
  readonly column: Column;
  readonly descending: boolean;
}

/** Compares two rows whose keys were taken: below 0 when `a` comes first. Never 0 for two rows. */
export type Compare = (a: number, b: number) => number;

/** The keys of rows. */
export interface SortKeys {
  /** Whether a key may become another by a later row: see RowFilter.changes. */
  readonly changes: boolean;
  /** Bytes of text that went into keys so far. */
  readonly work: number;
  /** Takes the key of a row. True when it is not what it was. */
  take(row: number): boolean;
  readonly compare: Compare;
}

/** Of a summary so many words of 32 bits count: longer ones that begin alike stay as they came. */
const WORDS = 8;
const SUMMARY = WORDS * 4;

export function sortKeys(rows: RowTable, { column, descending }: Order): SortKeys {
  if (column === 'name') return nameKeys(rows, descending);
  if (column === 'summary') return summaryKeys(rows, descending);
  return numberKeys(rows, column, descending);
}

/** What a column has for a row; NaN: nothing. */
function numberOf(rows: RowTable, column: Exclude<Column, 'name' | 'summary'>): (row: number) => number {
  switch (column) {
    case 'event':
      return (row) => row;
    case 'dir':
      return (row) => (rows.dir(row) === undefined ? Number.NaN : rows.dir(row) === 'in' ? 0 : 1);
    case 'kind':
      return (row) => rows.kindCode(row);
    case 'id':
      return (row) => {
        const id = rows.shortId(row);
        return Number.isNaN(id) ? Number(rows.id(row) ?? Number.NaN) : id;
      };
    case 'bytes':
      return (row) => (rows.bytes(row) < 0 ? Number.NaN : rows.bytes(row));
    case 'fuelSince':
      return (row) => rows.fuelSince(row);
    case 'fuel':
      return (row) => rows.fuel(row);
    case 'time':
      return (row) => rows.time(row);
    case 'duration':
      return (row) => rows.duration(row);
  }
}

function numberKeys(rows: RowTable, column: Exclude<Column, 'name' | 'summary'>, descending: boolean): SortKeys {
  const value = numberOf(rows, column);
  let keys = new Float64Array(1024);
  const take = (row: number): boolean => {
    if (row >= keys.length) keys = grown(keys, row + 1);
    const number = value(row);
    const key = Number.isNaN(number) ? Number.POSITIVE_INFINITY : descending ? -number : number;
    if (keys[row] === key) return false;
    keys[row] = key;
    return true;
  };
  const plain: Compare = (a, b) => {
    const x = keys[a]!;
    const y = keys[b]!;
    return x < y ? -1 : x > y ? 1 : a - b;
  };
  // ids that are no exact doubles are told apart by their digits
  const ids: Compare = (a, b) => {
    const x = keys[a]!;
    const y = keys[b]!;
    if (x !== y) return x < y ? -1 : 1;
    if (!Number.isNaN(rows.shortId(a))) return a - b;
    const first = rows.id(a) ?? '';
    const second = rows.id(b) ?? '';
    if (first === second) return a - b;
    return first.length < second.length || (first.length === second.length && first < second) !== descending ? -1 : 1;
  };
  return { changes: column === 'duration', work: 0, take, compare: column === 'id' ? ids : plain };
}

/** Names by their code units; a row without one last. They stay what they are. */
function nameKeys(rows: RowTable, descending: boolean): SortKeys {
  const sign = descending ? -1 : 1;
  const compare: Compare = (a, b) => {
    const x = rows.nameNumber(a);
    const y = rows.nameNumber(b);
    if (x === y) return a - b;
    if (x === 0 || y === 0) return x === 0 ? 1 : -1;
    return rows.nameOf(x) < rows.nameOf(y) ? -sign : sign;
  };
  return { changes: false, work: 0, take: () => false, compare };
}

const encoder = new TextEncoder();

/** How the summaries begin, as bytes of UTF-8. */
function summaryKeys(rows: RowTable, descending: boolean): SortKeys {
  let keys = new Uint32Array(1024 * WORDS);
  let taken = new Uint8Array(1024);
  const bytes = new Uint8Array(SUMMARY);
  const view = new DataView(bytes.buffer);
  const sign = descending ? -1 : 1;
  const sorted = {
    changes: true,
    work: 0,
    take(row: number): boolean {
      if ((row + 1) * WORDS > keys.length) keys = grown(keys, (row + 1) * WORDS);
      if (row >= taken.length) taken = grown(taken, row + 1);
      // a reply or a diagnosis changes nothing of what a row says, more polls do
      if (taken[row] === 1 && rows.kind(row) !== 'polls') return false;
      taken[row] = 1;
      bytes.fill(0);
      encoder.encodeInto(rowSummary(rows, row, SUMMARY).slice(0, SUMMARY), bytes);
      sorted.work += 256 + Math.max(0, rows.bytes(row));
      let changed = false;
      for (let i = 0; i < WORDS; i++) {
        const word = view.getUint32(i * 4);
        changed ||= keys[row * WORDS + i] !== word;
        keys[row * WORDS + i] = word;
      }
      return changed;
    },
    compare(a: number, b: number): number {
      for (let i = 0; i < WORDS; i++) {
        const x = keys[a * WORDS + i]!;
        const y = keys[b * WORDS + i]!;
        if (x !== y) return x < y ? -sign : sign;
      }
      return a - b;
    },
  };
  return sorted;
}
