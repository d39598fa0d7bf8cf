// Looks for a text, or one of several, in what was written in a row: bytes of the store for lines, a verdict for each name and errno, and the few events that
// are JSON in the store decoded. A long line can be looked at in pieces. Contracts E2, P3.
import { RecordCursor } from '../recording/event-store.ts';
import { KIND, NO_ERRNO } from '../recording/log-format.ts';
import { errnoName } from '../wasi/definitions.ts';
import { grown } from '../wasm/grown.ts';
import type { Term, TextPattern } from './filter.ts';
import { compilePattern } from './filter-pattern.ts';
import { type ByteSearch, TextSearch } from './filter-search.ts';
import { ROW_KINDS, type RowKind, type RowTable } from './row-table.ts';

/** What `look` answers. */
export const NO = 0;
export const YES = 1;
/** There is more of the line to look at: ask again for the same row. */
export const MORE = 2;
export type Answer = typeof NO | typeof YES | typeof MORE;

const encoder = new TextEncoder();

/** A bit for each of the kinds, at its place in ROW_KINDS. */
export const maskOf = (kinds: readonly RowKind[]): number =>
  kinds.reduce((mask, kind) => mask | (1 << ROW_KINDS.indexOf(kind)), 0);
/** Rows whose name is written in none of their bytes, but is what they are called. */
const NAMED = maskOf(['syscall', 'polls', 'yield', 'grow', 'diagnosis', 'exit', 'folded', 'edit']);

/** A text that is looked for, with its alternatives, in one row after the other. */
export class TextTest {
  /** Bytes that the last `look` went through. */
  looked = 0;
  readonly #rows: RowTable;
  readonly #cursor = new RecordCursor();
  readonly #searches: ByteSearch[];
  /** Whether a row that has one of them passes. */
  readonly #wanted: boolean;
  /** Verdicts on what is the same for many rows: names, and errnos. 0: not decided. */
  #names = new Uint8Array(64);
  readonly #errnos = new Uint8Array(0x10000);
  // the row that is being looked at
  #row = 0;
  #search = 0;
  #at = 0;

  constructor(rows: RowTable, term: Term & { readonly test: 'text' }) {
    this.#rows = rows;
    this.#searches = term.texts.map(searchOf);
    this.#wanted = term.not === term.except;
  }

  begin(row: number): void {
    this.#row = row;
    this.#search = 0;
    this.#at = 0;
  }

  look(most: number): Answer {
    this.looked = 0;
    const found = this.#find(most);
    return found === MORE ? MORE : (found === YES) === this.#wanted ? YES : NO;
  }

  #find(most: number): Answer {
    const rows = this.#rows;
    const cursor = this.#cursor;
    const seq = rows.event(this.#row);
    rows.store.seek(cursor, seq);
    switch (cursor.kind) {
      case KIND.rpc:
      case KIND.stderr: {
        const { bytes, start } = cursor;
        return this.#lookAt(bytes, start, start + cursor.c, most);
      }
      case KIND.syscall: {
        const { b } = cursor;
        return this.#isNamed(this.#row) || (b !== 0 && b !== NO_ERRNO && this.#isErrno(b)) ? YES : NO;
      }
      case KIND.diagnosis:
      case KIND.exit:
      case KIND.edit:
        return this.#isNamed(this.#row) || this.#isIn(seq) ? YES : NO;
      default:
        return this.#isNamed(this.#row) ? YES : NO;
    }
  }

  /** Looks through a line, from where it was left. */
  #lookAt(bytes: Uint8Array, start: number, end: number, most: number): Answer {
    let left = most;
    while (this.#search < this.#searches.length) {
      const search = this.#searches[this.#search]!;
      if (this.#at === 0) search.begin();
      const from = start + this.#at;
      const to = Math.min(end, from + search.piece);
      const before = search.work;
      const found = search.look(bytes, from, to, end);
      const looked = to - from + search.work - before;
      this.looked += looked;
      left -= looked;
      if (found) return YES;
      if (to < end) this.#at = to - start;
      else {
        this.#search++;
        this.#at = 0;
      }
      if (left <= 0 && this.#search < this.#searches.length) return MORE;
    }
    return NO;
  }

  #isNamed(row: number): boolean {
    if (((NAMED >> this.#rows.kindCode(row)) & 1) === 0) return false;
    const number = this.#rows.nameNumber(row);
    if (number >= this.#names.length) this.#names = grown(this.#names, number + 1);
    if (this.#names[number] === 0) this.#names[number] = this.#isInText(this.#rows.nameOf(number)) ? 2 : 1;
    return this.#names[number] === 2;
  }

  #isErrno(errno: number): boolean {
    if (this.#errnos[errno] === 0) this.#errnos[errno] = this.#isInText(errnoName(errno)) ? 2 : 1;
    return this.#errnos[errno] === 2;
  }

  /** Of an event that is JSON in the store: what people are told. */
  #isIn(seq: number): boolean {
    const event = this.#rows.store.get(seq);
    if (event.kind === 'edit') return this.#isInText(event.text);
    return (event.kind === 'diagnosis' || event.kind === 'exit') && this.#isInText(event.message);
  }

  #isInText(text: string): boolean {
    const bytes = encoder.encode(text);
    this.looked += bytes.length;
    return this.#searches.some((search) => {
      search.begin();
      return search.look(bytes, 0, bytes.length, bytes.length);
    });
  }
}

/** @throws RangeError for a pattern that parseFilter would have refused */
function searchOf(pattern: TextPattern): ByteSearch {
  if ('text' in pattern) return new TextSearch(pattern.text);
  const search = compilePattern(pattern.pattern, pattern.ignoreCase);
  if (typeof search === 'string') throw new RangeError(`/${pattern.pattern}/ is no pattern: ${search}`);
  return search;
}
