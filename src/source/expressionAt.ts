// The expression of source under a cursor, as the debugger's language has it: a path of names, fields, tuple fields, indices. Text only: says what is
// written there, not whether it means anything.

/** Words that name no value. `self` does. */
const KEYWORDS = new Set(
  'as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return static struct super trait true type unsafe use where while'.split(
    ' ',
  ),
);

export interface Span {
  /** Columns of the line, from 0; the end is behind it. */
  readonly start: number;
  readonly end: number;
}

const WORD = /[\p{ID_Continue}]/u;

/** The expression that ends with the word at `column` of a line; undefined: there is none. */
export function expressionAt(line: string, column: number): Span | undefined {
  if (isInTextOrComment(line, column)) return undefined;
  const isWord = (at: number): boolean => at >= 0 && at < line.length && WORD.test(line[at] ?? '');
  let end = column;
  if (!isWord(end) && isWord(end - 1)) end--;
  if (!isWord(end)) return undefined;
  while (isWord(end)) end++;
  let start = end;
  while (isWord(start - 1)) start--;
  const word = line.slice(start, end);
  // `r#type` is no keyword
  const isRaw = line.slice(start - 2, start) === 'r#' && !isWord(start - 3);
  if (isRaw) start -= 2;
  // a call's name, a macro, a type's path, a label
  if ((KEYWORDS.has(word) && !isRaw) || /^\s*(?:\(|!(?!=)|::|\{\s*$)/.test(line.slice(end)) || line[start - 1] === "'")
    return undefined;
  for (;;) {
    const before = ownerBefore(line, start);
    if (before === undefined) break;
    start = before;
  }
  const text = line.slice(start, end);
  // a number, a field of nothing, a type or a constant of a path
  return /^\d/.test(text) || (line[start - 1] === '.' && line[start - 2] !== '.') ? undefined : { start, end };
}

/** Where what stands before `.name` or `::name` at `start` begins; undefined where nothing that has a field does. */
function ownerBefore(line: string, start: number): number | undefined {
  const isPath = line.slice(start - 2, start) === '::';
  const isArrow = line.slice(start - 2, start) === '->';
  if (!isPath && !isArrow && (line[start - 1] !== '.' || line[start - 2] === '.')) return undefined;
  let at = start - (isPath || isArrow ? 2 : 1);
  while (!isPath && line[at - 1] === ']') {
    at = openingOf(line, at - 1);
    if (at < 0) return undefined;
  }
  const end = at;
  while (at > 0 && WORD.test(line[at - 1] ?? '')) at--;
  return at === end ? undefined : at;
}

/** The bracket that belongs to the closing one at `at`; -1: it is not on this line. */
function openingOf(line: string, at: number): number {
  let depth = 0;
  for (let i = at; i >= 0; i--) {
    if (line[i] === ']') depth++;
    else if (line[i] === '[' && --depth === 0) return i;
  }
  return -1;
}

/** Columns of the words of a line that are in no text and no comment, as far as the line alone tells. */
export function wordsOf(line: string): { readonly word: string; readonly start: number }[] {
  const found = [];
  for (const match of line.matchAll(/[\p{ID_Start}_][\p{ID_Continue}]*/gu)) {
    const [word] = match;
    const { index } = match;
    // a field's name is none of a variable, nor is what is called
    const isField = line[index - 1] === '.' && line[index - 2] !== '.';
    const behind = line.slice(index + word.length);
    if (
      isField ||
      /^\s*(?:\(|!(?!=)|::)/.test(behind) ||
      (/^\s*:(?!:)/.test(behind) && /[{,]\s*$/.test(line.slice(0, index)))
    )
      continue;
    if (!KEYWORDS.has(word) && !isInTextOrComment(line, index)) found.push({ word, start: index });
  }
  return found;
}

function isInTextOrComment(line: string, column: number): boolean {
  let inText = false;
  for (let at = 0; at < column && at < line.length; at++) {
    const letter = line[at];
    if (inText) {
      if (letter === '\\') at++;
      else if (letter === '"') inText = false;
    } else if (letter === '"') inText = true;
    else if (letter === '/' && line[at + 1] === '/') return true;
    // '"' and '\'' are characters; 'a is a lifetime
    else if (letter === "'") at += Math.max(0, (/^'(?:\\.|[^\\'])'/.exec(line.slice(at, at + 4))?.[0].length ?? 1) - 1);
  }
  return inText;
}
