// Holds rows against a filter: columns of the table for numbers and names; text is filter-text.ts. No object per row. Contracts E2 (a long line can be
// looked at in pieces), P2, P3.
import { grown } from '../wasm/grown.ts';
import type { Filter, NamePattern, Term } from './filter.ts';
import type { IdRange, Range } from './filter-amounts.ts';
import { KIND_GROUPS, type Quantity } from './filter-keys.ts';
import { type Answer, MORE, maskOf, NO, TextTest, YES } from './filter-text.ts';
import type { RowTable } from './row-table.ts';

const MESSAGES = maskOf(['request', 'result', 'error']);
const REQUEST = maskOf(['request']);
const SYSCALLS = maskOf(['syscall', 'polls']);
const POLLS = maskOf(['polls']);

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
      return (row) => ((kinds >> rows.kindCode(row)) & 1) !== 0 && names.holds(rows.nameNumber(row));
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
      return (row) => ((kinds >> rows.kindCode(row)) & 1) !== 0 && rows.nameNumber(row) !== 0;
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
      return (row) => ((kinds >> rows.kindCode(row)) & 1) !== 0;
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
        const kind = 1 << rows.kindCode(row);
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
    if (number >= this.#verdicts.length) this.#verdicts = grown(this.#verdicts, number + 1);
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
