// Elements of the source's lists in an order: cut out by ranges, compared, written in a format. What they are read from is source-value.ts.
// Contracts S6, E4.
import type { Child, Shown, Value as SourceBytes } from '../source/value.ts';
import { listed, withElements } from '../source/views/look.ts';
import { same } from './arithmetic.ts';
import { utf8 } from './cells.ts';
import { EvaluationError } from './error.ts';
import { formatNumber } from './numbers.ts';
import type { Format } from './syntax.ts';
import { type Compound, exact, isNumeric, MOST_TEXT } from './values.ts';

/** An element, with what a row shows of it. */
export interface Element extends Compound {
  readonly shown: Shown;
  /** Where its bytes are; undefined: it is made up. */
  readonly source: SourceBytes | undefined;
}

/** What has elements that are counted. */
export interface Elements {
  /** The index of the first: of C's pointers any. */
  readonly least: number;
  readonly length: number;
  /** Their type; undefined: each has its own. */
  readonly element: string | undefined;
  readonly isOfC: boolean;
  at(index: number): Element;
}

/** Elements that two lists are compared by, and that a text in a format tells of. */
const MOST_COMPARED = 100_000;
const FORMATTED = 64;

export function sameElements(one: Elements, other: Elements): boolean {
  if (one.length > MOST_COMPARED)
    throw new EvaluationError(`lists of more than ${MOST_COMPARED} elements are not compared`);
  for (let index = 0; index < one.length; index++)
    if (!same(one.at(index), other.at(index), { source: `[${index}]`, column: 1 })) return false;
  return true;
}

/** Some of the elements of a list: `list[1..3]`. */
export interface Cut {
  readonly start: number;
  readonly length: number;
  /** Of an element. */
  readonly type: string;
  readonly isOfC: boolean;
  at(index: number): Element;
}

/** Elements that are copied. */
const MOST_WHOLE = 10_000;
/** How a slice is told in a line, as other lists are. */
const LINE = { width: 150, few: 10, brief: false };

export function sliceShown({ start, length, type, isOfC, at }: Cut): Shown {
  const [open, close] = isOfC ? ['{', '}'] : ['[', ']'];
  const text = listed(LINE, open, close, length, (index) => at(start + index).text());
  const child = (index: number): Child => {
    const one = at(start + index);
    const { source } = one;
    return {
      name: `[${index}]`,
      path: `[${index}]`,
      shown: () => one.shown,
      ...(source === undefined ? {} : { value: source }),
    };
  };
  const name = isOfC ? `${type}[${length}]` : `[${type}]`;
  return withElements(text, name, length, child, length === 0 ? undefined : at(start).address());
}

/** All of a slice, to be copied. */
export function wholeSlice({ start, length, at, isOfC }: Cut): string {
  const parts: string[] = [];
  for (let index = 0; index < Math.min(length, MOST_WHOLE); index++) parts.push(at(start + index).whole());
  if (length > MOST_WHOLE) parts.push(`… ${length - MOST_WHOLE} more`);
  return isOfC ? `{${parts.join(', ')}}` : `[${parts.join(', ')}]`;
}

/** A list of numbers in hex or binary, a list of bytes as the text that they hold; undefined: it is none of these. */
export function formattedList(list: Elements, format: Format): string | undefined {
  if (!Number.isFinite(list.length) || list.length === 0) return undefined;
  const parts: string[] = [];
  const numbers: number[] = [];
  const most = Math.min(list.length, format === 's' ? MOST_TEXT : FORMATTED);
  for (let index = list.least; index < most; index++) {
    const one = list.at(index);
    const plain = exact(one);
    if (!isNumeric(plain)) return undefined;
    if (format !== 's') parts.push(formatNumber(plain, format, one.numberType));
    else if (one.numberType === 'u8' || one.numberType === 'i8') numbers.push(Number(plain) & 0xff);
    else return undefined;
  }
  if (format === 's') return utf8(Uint8Array.from(numbers));
  if (list.length > most) parts.push(`… ${list.length - most} more`);
  return list.isOfC ? `{${parts.join(', ')}}` : `[${parts.join(', ')}]`;
}
