// The words of a filter's text: where each begins and ends, its key, its values with their quotes taken off. Not what they mean (filter.ts).
// Used by the parser and by the completion, so that both see the same words. Never throws.
import { keyOf } from './filter-keys.ts';

/** One alternative of a word. Places are UTF-16 units of the text. */
export interface WordValue {
  readonly from: number;
  readonly to: number;
  /** What it says, without quotes. */
  readonly text: string;
  readonly quoted: boolean;
  /** `!` stands before it; `from` is behind that. */
  readonly not: boolean;
  /** `/source/flags`; `text` is the source. */
  readonly flags?: string;
  /** The quote that it begins with has no end. */
  readonly unclosed?: true;
}

export interface Word {
  readonly from: number;
  readonly to: number;
  readonly negated: boolean;
  /** Without the colon. */
  readonly key: { readonly from: number; readonly to: number; readonly name: string } | undefined;
  /** One for a free word; none for a negation of nothing. */
  readonly values: readonly WordValue[];
  /** Where something follows a closing quote or slash that may not stand there. */
  readonly junk?: number;
}

const SPACE = /\s/;
const SPACES = /\s*/y;
/** `time::Instant` is text, */
const KEY = /([A-Za-z]+):(?!:)/y;
/** and so are `http://` and `C:\`, as what stands before is no key. */
const NO_VALUE = /\/\/|\\/y;
const BARE = /\S*/y;
const BARE_VALUE = /[^\s,]*/y;
/** The slash that ends a pattern is the first that is neither escaped nor in a class. */
const PATTERN = /\/((?:[^/\\[]|\\[\s\S]|\[(?:[^\]\\]|\\[\s\S])*\])+)\/([A-Za-z]*)/y;
/** What JavaScript has flags for: anything else behind a slash is a path. */
const FLAGS = /^[dgimsuvy]{0,3}$/;

export function readWords(text: string): Word[] {
  const words: Word[] = [];
  for (let at = after(SPACES, text, 0); at < text.length; at = after(SPACES, text, at)) {
    const word = readWord(text, at);
    words.push(word);
    at = word.to;
  }
  return words;
}

function readWord(text: string, from: number): Word {
  let at = from;
  const negated = text[at] === '-' || text[at] === '!';
  if (negated) at++;
  KEY.lastIndex = at;
  const name = KEY.exec(text)?.[1];
  NO_VALUE.lastIndex = KEY.lastIndex;
  if (name === undefined || (keyOf(name) === undefined && NO_VALUE.test(text))) {
    if (at === text.length || SPACE.test(text[at] ?? '')) return { from, to: at, negated, key: undefined, values: [] };
    const value = readValue(text, at, false, BARE, true);
    return ended(text, { from, to: value.to, negated, key: undefined, values: [value] }, /\s/);
  }
  const key = { from: at, to: at + name.length, name };
  at = key.to + 1;
  const isText = name.toLowerCase() === 'text';
  const values: WordValue[] = [];
  for (;;) {
    const not = text[at] === '!';
    if (not) at++;
    const value = readValue(text, at, not, BARE_VALUE, isText);
    values.push(value);
    at = value.to;
    if (text[at] !== ',') break;
    at++;
  }
  return ended(text, { from, to: at, negated, key, values }, SPACE);
}

/** What must end here and does not is passed over. */
function ended(text: string, word: Word, end: RegExp): Word {
  if (word.to === text.length || end.test(text[word.to] ?? '')) return word;
  return { ...word, junk: word.to, to: after(BARE, text, word.to) };
}

/** Slashes around a pattern are so in text only: methods may have them in their names. */
function readValue(text: string, from: number, not: boolean, bare: RegExp, isText: boolean): WordValue {
  if (text[from] === '"') return readQuoted(text, from, not);
  if (isText && text[from] === '/') {
    PATTERN.lastIndex = from;
    const match = PATTERN.exec(text);
    const to = PATTERN.lastIndex;
    const [, source, flags] = match ?? [];
    const next = text[to] ?? ' ';
    if (
      source !== undefined &&
      flags !== undefined &&
      FLAGS.test(flags) &&
      (SPACE.test(next) || (bare === BARE_VALUE && next === ','))
    )
      return { from, to, text: source, quoted: false, not, flags };
  }
  const to = after(bare, text, from);
  return { from, to, text: text.slice(from, to), quoted: false, not };
}

/** Within quotes `\"` is a quote and `\\` a backslash; any other backslash is itself, as lines of JSON have many. */
function readQuoted(text: string, from: number, not: boolean): WordValue {
  let value = '';
  let at = from + 1;
  for (; at < text.length && text[at] !== '"'; at++) {
    if (text[at] === '\\' && (text[at + 1] === '"' || text[at + 1] === '\\')) at++;
    value += text[at];
  }
  const closed = at < text.length;
  const to = closed ? at + 1 : at;
  return { from, to, text: value, quoted: true, not, ...(closed ? {} : { unclosed: true }) };
}

function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  pattern.exec(text);
  return pattern.lastIndex;
}

/** `text` as a quoted value. */
export function quoted(text: string): string {
  return `"${text.replaceAll(/[\\"]/g, '\\$&')}"`;
}
