// What the filter's text can go on with at the caret: keys, and the values of a key. Completed, a word is right. Not the list's looks. Pure.
import { nameText } from './filter.ts';
import { ERRNOS, KEYS, type Key, keyOf, SYSCALLS } from './filter-keys.ts';
import { foldText } from './filter-rows.ts';
import { readWords, type Word } from './filter-words.ts';
import type { RowTable } from './row-table.ts';
import { cut } from './transcript-line.ts';

export interface Completion {
  /** Replaces [from, to) of the text. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** How it is listed, and a few words on it. */
  readonly label: string;
  readonly detail: string;
}

/** The longest list. */
const MOST = 50;
/** A method's name is listed up to so many characters. */
const LABEL = 80;
/** What production answers, and the stub of an import that it lacks: the others come after them. */
const ANSWERED = [6, 8, 21, 28, 52];
/** Characters that do not stay what they are in a line of text. */
const UNTYPED = /[\p{Cc}\u2028\u2029]/u;

interface Offer {
  /** What is held against what is written. */
  readonly name: string;
  readonly text: string;
  readonly detail: string;
}

/** What may stand at `caret` (UTF-16 units), best first, 50 at most. `rows`: the call whose methods are offered. */
export function completions(text: string, caret: number, rows: RowTable): Completion[] {
  const at = Math.max(0, Math.min(text.length, Math.trunc(caret) || 0));
  const word = readWords(text).find(({ from, to }) => from < at && at <= to);
  if (word === undefined) return listed(keyOffers(), '', at, at);
  const { key } = word;
  if (key === undefined) {
    const [value] = word.values;
    const from = word.from + (word.negated ? 1 : 0);
    // text in quotes and patterns are nobody's key
    if (value !== undefined && (value.quoted || value.flags !== undefined)) return [];
    if (at < from) return [];
    return listed(keyOffers(), text.slice(from, at), from, word.to);
  }
  if (at < key.from) return [];
  if (at <= key.to) return listed(keyOffers(), text.slice(key.from, at), key.from, key.to + 1);
  const known = keyOf(key.name);
  return known === undefined ? [] : valueCompletions(text, at, word, known, rows);
}

function valueCompletions(text: string, at: number, word: Word, key: Key, rows: RowTable): Completion[] {
  const value = word.values.find(({ from, to }) => from <= at && at <= to);
  if (value === undefined || word.junk !== undefined) return [];
  const written = text.slice(value.from, at).replace(/^"/, '');
  const others = new Set(word.values.filter((other) => other !== value).map((other) => foldText(other.text)));
  const first = value === word.values[0] && !value.not;
  const offers = valueOffers(key, first, rows).filter(({ name }) => !others.has(foldText(name)));
  return listed(offers, written, value.from, value.to);
}

const keyOffers = (): Offer[] =>
  KEYS.map(({ name, about, example }) => ({ name, text: `${name}:`, detail: `${about}: ${example}` }));

function valueOffers(key: Key, first: boolean, rows: RowTable): Offer[] {
  switch (key.takes) {
    case 'words':
      return [...key.words].map(([name, about]) => ({ name, text: name, detail: about }));
    case 'names': {
      if (key.name === 'syscall') return namesOf(SYSCALLS.slice(0, -1), 'WASI call');
      if (key.name === 'method') return namesOf(rows.methods, 'method of this call');
      const methods = new Set(rows.methods);
      return [
        ...namesOf([...methods], 'method of this call'),
        ...namesOf(
          rows.names.slice(1).filter((name) => !methods.has(name)),
          'name of this call',
        ),
      ];
    }
    case 'numbers': {
      if (key.name !== 'errno') return samples(key.name).map(([name, detail]) => ({ name, text: name, detail }));
      const rest = ERRNOS.map((_, errno) => errno).filter((errno) => !ANSWERED.includes(errno));
      const named = [...ANSWERED, ...rest].map((errno) => {
        const name = ERRNOS[errno] ?? String(errno);
        return { name, text: name, detail: `errno ${errno}` };
      });
      return first ? [{ name: '!0', text: '!0', detail: 'any that is no success' }, ...named] : named;
    }
    default:
      return [];
  }
}

const namesOf = (names: readonly string[], detail: string): Offer[] =>
  names
    .filter((name) => !UNTYPED.test(name) && name !== '')
    .map((name) => ({ name, text: nameText(name, true), detail }));

function samples(name: string): [text: string, about: string][] {
  switch (name) {
    case 'dur':
      return [
        ['>1ms', 'longer than a millisecond'],
        ['>10ms', 'longer than 10 ms'],
        ['>100ms', 'longer than 100 ms'],
        ['>1s', 'longer than a second'],
      ];
    case 'time':
      return [
        ['<10ms', 'the first 10 ms'],
        ['>1s', 'after the first second'],
        ['10..20ms', 'from one time to another'],
      ];
    case 'fuel':
    case 'total':
      return [
        ['>1k', 'more than 1 000'],
        ['>100k', 'more than a slice of 100 000'],
        ['>1M', 'more than a million'],
      ];
    case 'bytes':
      return [
        ['>1kB', 'more than 1 000 bytes'],
        ['>64KiB', 'more than 65 536 bytes'],
        ['>1MB', 'more than a million bytes'],
      ];
    case 'depth':
      return [
        ['0', "the call's own request"],
        ['>1', 'nested in what is nested'],
      ];
    default:
      return [
        ['120..130', 'from one event to another'],
        ['>=1000', 'from an event on'],
      ];
  }
}

/** Those that begin with what is written come first, then those that have it somewhere. */
function listed(offers: readonly Offer[], written: string, from: number, to: number): Completion[] {
  const folded = foldText(written);
  const begin: Offer[] = [];
  const within: Offer[] = [];
  for (const offer of offers) {
    const at = foldText(offer.name).indexOf(folded);
    if (at === 0) begin.push(offer);
    else if (at > 0) within.push(offer);
    if (begin.length >= MOST) break;
  }
  return [...begin, ...within].slice(0, MOST).map(({ name, text, detail }) => ({
    from,
    to,
    text,
    label: cut(text.endsWith(':') ? text : name, name.length, LABEL),
    detail,
  }));
}
