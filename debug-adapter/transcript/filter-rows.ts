// Holds rows against a filter: columns of the table for numbers and names, bytes of the store for text. No object per row, nothing decoded but the
// few events that are JSON in the store (diagnoses, the exit, edits). Contracts E2 (a long line can be looked at in pieces), P2, P3.
import { RecordCursor } from '../recording/event-store.ts';
import { KIND, NO_ERRNO } from '../recording/log-format.ts';
import { errnoName } from '../wasi/definitions.ts';
import type { Filter, NamePattern, Term, TextPattern } from './filter.ts';
import type { IdRange, Range } from './filter-amounts.ts';
import { KIND_GROUPS, type Quantity } from './filter-keys.ts';
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
const maskOf = (kinds: readonly RowKind[]): number =>
  kinds.reduce((mask, kind) => mask | (1 << ROW_KINDS.indexOf(kind)), 0);
const MESSAGES = maskOf(['request', 'result', 'error']);
const REQUEST = maskOf(['request']);
const SYSCALLS = maskOf(['syscall', 'polls']);
const POLLS = maskOf(['polls']);
/** Rows whose name is written in none of their bytes, but is what they are called. */
const NAMED = maskOf(['syscall', 'polls', 'yield', 'grow', 'diagnosis', 'exit', 'folded', 'edit']);

type Test = (row: number) => boolean;

/** A filter over the rows of one call. Rows may come while it is used. */
export class RowFilter {
  readonly rows: RowTable;
  /**
   * Whether the answer on a row may become another when its reply comes, a diagnosis about it, or more events are folded into it: each time by
   * a later row, whose `pair` or `about` it is, or by being the last.
   */
  readonly changes: boolean;
  /** Bytes of text looked at so far: what most of the time goes into. */
  work = 0;
  readonly #tests: Test[] = [];
  readonly #texts: TextTest[] = [];
  /** The row that the answer MORE was given for, and the text that is being looked for in it. */
  #row = -1;
  #text = 0;

  constructor(rows: RowTable, filter: Filter) {
    this.rows = rows;
    let changes = false;
    for (const term of filter.terms) {
      if (term.test === 'text') this.#texts.push(new TextTest(rows, term));
      else this.#tests.push(testOf(rows, term));
      changes ||=
        (term.test === 'words' && (term.field === 'is' || term.field === 'level')) ||
        (term.test === 'numbers' && (term.quantity === 'dur' || term.quantity === 'event'));
    }
    this.changes = changes;
  }

  /** Whether a row passes, as it is now. */
  matches(row: number): boolean {
    this.#row = -1;
    return this.look(row, Number.POSITIVE_INFINITY) === YES;
  }

  /** As `matches`, but looks at about `most` bytes of text; answers MORE when that was not enough. Other rows may be asked for between: it then begins anew. */
  look(row: number, most: number): Answer {
    if (this.#row !== row) {
      for (const test of this.#tests) if (!test(row)) return NO;
      this.#text = 0;
      this.#texts[0]?.begin(row);
    }
    this.#row = -1;
    let left = most;
    while (this.#text < this.#texts.length) {
      const text = this.#texts[this.#text]!;
      const answer = text.look(left);
      this.work += text.looked;
      left -= text.looked;
      if (answer === MORE) {
        this.#row = row;
        return MORE;
      }
      if (answer === NO) return NO;
      this.#texts[++this.#text]?.begin(row);
    }
    return YES;
  }
}

function testOf(rows: RowTable, term: Exclude<Term, { readonly test: 'text' }>): Test {
  const holds = holdsOf(rows, term);
  const { not, except } = term;
  if (!except) return not ? (row) => !holds(row) : holds;
  const has = hasOf(rows, term);
  return (row) => (has(row) && !holds(row)) !== not;
}

/** Whether one of the alternatives holds; when there are none, whether the row has such a thing. */
function holdsOf(rows: RowTable, term: Exclude<Term, { readonly test: 'text' }>): Test {
  switch (term.test) {
    case 'names': {
      if (term.names.length === 0) return hasOf(rows, term);
      const kinds = kindsOf(term.field);
      const names = new NameVerdicts(rows, term.names);
      return (row) => ((kinds >> rows.kindNumber(row)) & 1) !== 0 && names.holds(rows.nameNumber(row));
    }
    case 'words':
      return wordTest(rows, term.field, term.words);
    case 'numbers':
      return term.ranges.length === 0 ? hasOf(rows, term) : numberTest(rows, term.quantity, term.ranges);
    case 'ids':
      return term.ranges.length === 0 ? hasOf(rows, term) : idTest(rows, term.ranges);
  }
}

const kindsOf = (field: 'method' | 'name' | 'syscall'): number =>
  field === 'method' ? MESSAGES : field === 'syscall' ? SYSCALLS : -1;

/** Whether a row has what a term speaks of. */
function hasOf(rows: RowTable, term: Exclude<Term, { readonly test: 'text' }>): Test {
  switch (term.test) {
    case 'names': {
      const kinds = kindsOf(term.field);
      return (row) => ((kinds >> rows.kindNumber(row)) & 1) !== 0 && rows.nameNumber(row) !== 0;
    }
    case 'words':
      if (term.field === 'dir') return (row) => rows.dir(row) !== undefined;
      if (term.field === 'level') return (row) => rows.severity(row) !== undefined;
      return () => true;
    case 'numbers':
      switch (term.quantity) {
        case 'dur':
          return (row) => !Number.isNaN(rows.duration(row));
        case 'bytes':
          return (row) => rows.bytes(row) >= 0;
        case 'errno':
          return (row) => rows.errno(row) >= 0;
        default:
          return () => true;
      }
    case 'ids':
      return (row) => !Number.isNaN(rows.shortId(row)) || rows.id(row) !== undefined;
  }
}

function wordTest(rows: RowTable, field: 'kind' | 'dir' | 'level' | 'is', words: readonly string[]): Test {
  switch (field) {
    case 'kind': {
      const kinds = words.length === 0 ? -1 : maskOf(words.flatMap((word) => KIND_GROUPS.get(word) ?? []));
      return (row) => ((kinds >> rows.kindNumber(row)) & 1) !== 0;
    }
    case 'dir':
      return (row) => {
        const dir = rows.dir(row);
        return dir !== undefined && (words.length === 0 || words.includes(dir));
      };
    case 'level':
      return (row) => {
        const severity = rows.severity(row);
        return severity !== undefined && (words.length === 0 || words.includes(severity));
      };
    case 'is': {
      const pending = words.includes('pending');
      const nested = words.includes('nested');
      const poll = words.includes('poll');
      const any = words.length === 0;
      return (row) => {
        const kind = 1 << rows.kindNumber(row);
        return (
          any ||
          (pending && (kind & REQUEST) !== 0 && rows.pair(row) < 0) ||
          (nested && rows.depth(row) > 0) ||
          (poll && (kind & POLLS) !== 0)
        );
      };
    }
  }
}

function numberTest(rows: RowTable, quantity: Quantity, ranges: readonly Range[]): Test {
  if (quantity === 'event')
    return (row) => {
      const first = rows.event(row);
      const last = rows.eventsEnd(row) - 1;
      for (const { low, high, open } of ranges)
        if (open ? last > low && first < high : last >= low && first <= high) return true;
      return false;
    };
  const value = numberOf(rows, quantity);
  const [only, ...others] = ranges;
  if (only !== undefined && others.length === 0) {
    const { low, high, open } = only;
    return open
      ? (row) => {
          const number = value(row);
          return number > low && number < high;
        }
      : (row) => {
          const number = value(row);
          return number >= low && number <= high;
        };
  }
  return (row) => {
    const number = value(row);
    for (const { low, high, open } of ranges)
      if (open ? number > low && number < high : number >= low && number <= high) return true;
    return false;
  };
}

/** A row's number; NaN where it has none. */
function numberOf(rows: RowTable, quantity: Exclude<Quantity, 'event'>): (row: number) => number {
  switch (quantity) {
    case 'fuel':
      return (row) => rows.fuelSince(row);
    case 'total':
      return (row) => rows.fuel(row);
    case 'dur':
      return (row) => rows.duration(row);
    case 'time':
      return (row) => rows.time(row);
    case 'depth':
      return (row) => rows.depth(row);
    case 'bytes':
      return (row) => {
        const bytes = rows.bytes(row);
        return bytes < 0 ? Number.NaN : bytes;
      };
    case 'errno':
      return (row) => {
        const errno = rows.errno(row);
        return errno < 0 ? Number.NaN : errno;
      };
  }
}

/** Ids of the table's column are exact: a bound that is no exact double lies above all of them. Longer ones are held as what they are. */
function idTest(rows: RowTable, ranges: readonly IdRange[]): Test {
  const bounds = ranges.map(({ low, high }) => ({ low: Number(low), high: Number(high) }));
  return (row) => {
    const id = rows.shortId(row);
    if (!Number.isNaN(id)) {
      for (const { low, high } of bounds) if (id >= low && id <= high) return true;
      return false;
    }
    const text = rows.id(row);
    if (text === undefined) return false;
    const long = BigInt(text);
    return ranges.some(({ low, high }) => long >= low && long <= high);
  };
}

/** Whether names hold, decided once for each name; names come while a call runs. */
class NameVerdicts {
  readonly #rows: RowTable;
  readonly #matchers: ((name: string) => boolean)[];
  /** By the name's number. 0: not decided. */
  #verdicts = new Uint8Array(64);

  constructor(rows: RowTable, names: readonly NamePattern[]) {
    this.#rows = rows;
    this.#matchers = names.map(nameMatcher);
  }

  holds(number: number): boolean {
    if (number >= this.#verdicts.length) {
      const verdicts = new Uint8Array(Math.max(number + 1, this.#verdicts.length * 2));
      verdicts.set(this.#verdicts);
      this.#verdicts = verdicts;
    }
    const known = this.#verdicts[number]!;
    if (known !== 0) return known === 2;
    const name = foldText(this.#rows.nameOf(number));
    const verdict = this.#matchers.some((matches) => matches(name));
    this.#verdicts[number] = verdict ? 2 : 1;
    return verdict;
  }
}

/** `text` with its ASCII letters small. */
export function foldText(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Whether a folded name is what a pattern says. The pieces between the stars are found from left to right: never in more than name × pattern. */
function nameMatcher({ text, quoted }: NamePattern): (name: string) => boolean {
  const folded = foldText(text);
  if (quoted || !folded.includes('*')) return (name) => name === folded;
  const pieces = folded.split('*');
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  const middle = pieces.slice(1, -1);
  return (name) => {
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
    let at = first.length;
    const end = name.length - last.length;
    for (const piece of middle) {
      const found = name.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}

/** A text that is looked for, with its alternatives, in one row after the other. */
class TextTest {
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
    if (((NAMED >> this.#rows.kindNumber(row)) & 1) === 0) return false;
    const number = this.#rows.nameNumber(row);
    if (number >= this.#names.length) {
      const names = new Uint8Array(Math.max(number + 1, this.#names.length * 2));
      names.set(this.#names);
      this.#names = names;
    }
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
