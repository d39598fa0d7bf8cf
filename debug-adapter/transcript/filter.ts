// The filter's language: text to a Filter, and back. Pure; how rows are held against it is filter-rows.ts, the page about it
// docs/transcript-filter.md. A wrong token is a problem with its place, and the others count. Never throws. Contract P2 (ids are u64).

import { type IdRange, idsText, type Range, rangeText, readIds, readRange } from './filter-amounts.ts';
import {
  ERRNOS,
  errnoOf,
  KEYS,
  type Key,
  keyOf,
  type NameField,
  nearest,
  type Quantity,
  SYSCALLS,
  type WordField,
} from './filter-keys.ts';
import { compilePattern } from './filter-pattern.ts';
import { quoted, readWords, type Word, type WordValue } from './filter-words.ts';

/** A part of the filter's text that is wrong: UTF-16 units, and a sentence. */
export interface FilterProblem {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

/** A name; `*` stands for anything unless it is quoted. ASCII letters of either case are the same. */
export interface NamePattern {
  readonly text: string;
  readonly quoted: boolean;
}

/** What to look for in what was written. */
export type TextPattern = { readonly text: string } | { readonly pattern: string; readonly ignoreCase: boolean };

/**
 * One token. A row passes when one of the alternatives holds; with `except` when it has such a thing, and none of them holds; without any
 * alternative when it has such a thing. `not` turns the answer round.
 */
export type Term = { readonly not: boolean; readonly except: boolean } & (
  | { readonly test: 'names'; readonly field: NameField; readonly names: readonly NamePattern[] }
  | { readonly test: 'words'; readonly field: WordField; readonly words: readonly string[] }
  | { readonly test: 'numbers'; readonly quantity: Quantity; readonly ranges: readonly Range[] }
  | { readonly test: 'ids'; readonly ranges: readonly IdRange[] }
  | { readonly test: 'text'; readonly texts: readonly TextPattern[] }
);

/** What a row must be: all terms hold. */
export interface Filter {
  readonly terms: readonly Term[];
}
export const Filter: { readonly empty: Filter } = { empty: { terms: [] } };

/** Longer filters are not read to their end: somebody has pasted a file. */
export const MOST = 10_000;

/** Reads a filter. What is wrong is in `problems`, by its place; what is right counts. */
export function parseFilter(text: string): { readonly filter: Filter; readonly problems: readonly FilterProblem[] } {
  const problems: FilterProblem[] = [];
  const terms: Term[] = [];
  if (text.length > MOST)
    problems.push({ from: MOST, to: text.length, message: `A filter is at most ${MOST} characters long: shorten it.` });
  for (const word of readWords(text.slice(0, MOST))) {
    const term = termOf(word, problems);
    if (term !== undefined) terms.push(term);
  }
  return { filter: terms.length === 0 ? Filter.empty : { terms }, problems };
}

/** Reads one value of a key; a sentence when it is wrong. */
type Reader<T> = (value: WordValue) => { readonly value: T } | { readonly wrong: string };

function termOf(word: Word, problems: FilterProblem[]): Term | undefined {
  const { key: named, negated: not } = word;
  if (word.junk !== undefined)
    problems.push({
      from: word.junk,
      to: word.to,
      message: 'After a closing quote or slash comes a space; a quote within quotes is written \\".',
    });
  if (named === undefined) {
    const [value] = word.values;
    if (value !== undefined) return textTerm(word, problems, not);
    problems.push({
      from: word.from,
      to: word.to,
      message: 'Here is nothing to negate: write it right behind, as in -kind:yield.',
    });
    return undefined;
  }
  const key = keyOf(named.name);
  if (key === undefined) {
    problems.push({ from: named.from, to: named.to + 1, message: unknownKey(word, named.name) });
    return undefined;
  }
  switch (key.takes) {
    case 'text':
      return textTerm(word, problems, not);
    case 'names': {
      const names = valuesOf<NamePattern>(word, problems, (value) => nameOf(key.name, value));
      return names && { not, except: names.except, test: 'names', field: key.name, names: names.values };
    }
    case 'words': {
      const words = valuesOf<string>(word, problems, (value) => {
        const text = value.text.toLowerCase();
        return key.words.has(text) ? { value: text } : { wrong: unknownWord(key, value.text, [...key.words.keys()]) };
      });
      return words && { not, except: words.except, test: 'words', field: key.name, words: words.values };
    }
    case 'numbers': {
      const ranges = valuesOf<Range>(word, problems, (value) => rangeOf(key, value.text));
      return ranges && { not, except: ranges.except, test: 'numbers', quantity: key.name, ranges: ranges.values };
    }
    case 'ids': {
      const ranges = valuesOf<IdRange>(word, problems, (value) => {
        const read = readIds(value.text);
        return typeof read === 'string'
          ? { wrong: `id:${shown(value.text)} is no id: ${read}, as in id:3 or id:5..9.` }
          : { value: read };
      });
      return ranges && { not, except: ranges.except, test: 'ids', ranges: ranges.values };
    }
  }
}

/** The values that are right; undefined when there are some and none is. Empty ones are not written yet. */
function valuesOf<T>(
  word: Word,
  problems: FilterProblem[],
  read: Reader<T>,
): { readonly except: boolean; readonly values: readonly T[] } | undefined {
  const values: T[] = [];
  let wrong = false;
  const except = word.values[0]?.not === true;
  for (const value of word.values) {
    if (value.unclosed) problems.push(unclosed(value));
    if (value.not && !except) {
      problems.push({
        from: value.from - 1,
        to: value.to,
        message: 'The ! stands before the first value and counts for all of them.',
      });
      wrong = true;
      continue;
    }
    if (value.text === '' && !value.quoted) continue;
    const one = read(value);
    if ('value' in one) values.push(one.value);
    else {
      problems.push({ from: value.from, to: value.to, message: one.wrong });
      wrong = true;
    }
  }
  // `errno:!` is not written to its end
  return wrong && values.length === 0 ? undefined : { except: except && values.length > 0, values };
}

const unclosed = (value: WordValue): FilterProblem => ({
  from: value.from,
  to: value.to,
  message: 'The quote that begins here has no end: add a closing ".',
});

/** `text:` and free words. Of those, none alone says nothing. */
function textTerm(word: Word, problems: FilterProblem[], not: boolean): Term | undefined {
  const texts = valuesOf<TextPattern>(word, problems, (value) => {
    const { text, flags } = value;
    if (flags === undefined) return { value: { text } };
    if (!/^i?$/.test(flags))
      return { wrong: `/${shown(text)}/${flags} has flags that are not known: i (either case) is the only one.` };
    const ignoreCase = flags === 'i';
    const search = compilePattern(text, ignoreCase);
    return typeof search === 'string'
      ? { wrong: `/${shown(text)}/ is no pattern: ${search}. Quoted, it is text to look for.` }
      : { value: { pattern: text, ignoreCase } };
  });
  const some = texts?.values.filter((one) => 'pattern' in one || one.text !== '') ?? [];
  if (texts === undefined || some.length === 0) return undefined;
  return { not, except: texts.except, test: 'text', texts: some };
}

function nameOf(field: NameField, value: WordValue): ReturnType<Reader<NamePattern>> {
  const { text } = value;
  if (field === 'syscall' && (value.quoted || !text.includes('*')) && !SYSCALLS.includes(text.toLowerCase())) {
    const near = nearest(text, SYSCALLS);
    return {
      wrong: `No WASI call is named ${shown(text)}: ${near === undefined ? `there are ${SYSCALLS.slice(0, -1).join(', ')}` : `did you mean ${near}?`}${near === undefined ? '.' : ''}`,
    };
  }
  return { value: { text, quoted: value.quoted && text.includes('*') } };
}

function rangeOf(key: Key & { readonly takes: 'numbers' }, text: string): ReturnType<Reader<Range>> {
  if (key.name === 'errno') {
    const number = errnoOf(text);
    if (number !== undefined) return { value: { low: number, high: number, open: false } };
    if (/^[A-Za-z]/.test(text)) {
      const near = nearest(text, ERRNOS);
      return {
        wrong: `No errno is named ${shown(text)}: ${near === undefined ? 'write a name as EBADF, or its number.' : `did you mean ${near}?`}`,
      };
    }
  }
  const range = readRange(text, key.units, key.whole);
  if (typeof range !== 'string') return { value: range };
  return { wrong: `${key.name}:${shown(text)} says no amount, as ${range}: write such as ${key.samples}.` };
}

function unknownKey(word: Word, name: string): string {
  const near = nearest(
    name,
    KEYS.map((key) => key.name),
  );
  const wayOut = word.values.length === 1 && word.junk === undefined ? ' Quoted, it is text to look for.' : '';
  return near === undefined
    ? `${shown(name)}: is no key of the filter: there are ${KEYS.map((key) => key.name).join(', ')}.${wayOut}`
    : `${shown(name)}: is no key of the filter: did you mean ${near}:?${wayOut}`;
}

function unknownWord(key: Key, text: string, words: readonly string[]): string {
  const near = nearest(text, words);
  return `${key.name}: does not take ${shown(text)}${near === undefined ? '' : ` (did you mean ${near}?)`}: it takes ${words.join(', ')}.`;
}

/** A piece of the text as it stands in a sentence. */
function shown(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ');
  return line.length <= 40 ? line : `${line.slice(0, 40).replace(/[\ud800-\udbff]$/, '')}…`;
}

// Back to text.

/** A text that parseFilter reads as `filter`, without problems. */
export function filterText(filter: Filter): string {
  return filter.terms.map(termText).join(' ');
}

function termText(term: Term): string {
  const [key, values] = partsOf(term);
  const list = values.join(',');
  // two colons are no key's: an empty value before keeps them apart
  return `${term.not ? '-' : ''}${key}:${term.except ? '!' : list.startsWith(':') ? ',' : ''}${list}`;
}

function partsOf(term: Term): [key: string, values: string[]] {
  switch (term.test) {
    case 'names':
      return [term.field, term.names.map(({ text, quoted: literal }) => nameText(text, literal))];
    case 'words':
      return [term.field, [...term.words]];
    case 'numbers':
      return [term.quantity, term.ranges.map(rangeText)];
    case 'ids':
      return ['id', term.ranges.map(idsText)];
    case 'text':
      return [
        'text',
        term.texts.map((one) => ('text' in one ? quoted(one.text) : `/${one.pattern}/${one.ignoreCase ? 'i' : ''}`)),
      ];
  }
}

/** `name` as a value: quoted where it would be read otherwise. With `literal`, a `*` in it is itself. */
export function nameText(name: string, literal: boolean): string {
  if (name.includes('*')) return literal ? quoted(name) : name;
  return name === '' || /^[!":]|[\s,]/.test(name) ? quoted(name) : name;
}
