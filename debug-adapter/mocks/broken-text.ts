// What can be said of a mock file's text that is no JSON: all its syntax errors, and a text of the same length in which the rules that are whole stand
// where they stood, so that they can be checked. Bounded, and without recursion deeper than the text may be. Pure. Contract E4.
import { createScanner, type Node, type ParseError, parseTree } from 'jsonc-parser';
import { scanJson } from '../rpc/json-scan.ts';

/** The most syntax errors that are told of one file. */
export const MOST_SYNTAX_ERRORS = 100;
/** Above that (UTF-16 units) a text is not looked at by what works by recursion. */
export const MOST_TEXT = 4_000_000;
/** jsonc-parser calls itself once a level. */
const MOST_NESTED = 400;

/** And above that no more than the first fault of a broken one is looked for. */
const MOST_BROKEN = 1_000_000;

export interface SyntaxFault {
  readonly from: number;
  readonly to: number;
  /** One sentence. */
  readonly message: string;
}

// jsonc-parser's enums are const enums, which single-file compilation can't read.
const OPEN_BRACE = 1;
const CLOSE_BRACE = 2;
const OPEN_BRACKET = 3;
const CLOSE_BRACKET = 4;
const COLON = 6;
const UNKNOWN = 16;
const END_OF_FILE = 17;

/** Whether a text is short and shallow enough for what works by recursion. */
export function canBeParsed(text: string): boolean {
  if (text.length > MOST_TEXT) return false;
  if (text.length < MOST_NESTED) return true;
  let depth = 0;
  const scanner = createScanner(text, true);
  for (let kind: number = scanner.scan(); kind !== END_OF_FILE; kind = scanner.scan()) {
    if (kind === OPEN_BRACE || kind === OPEN_BRACKET) {
      if (++depth > MOST_NESTED) return false;
    } else if (kind === CLOSE_BRACE || kind === CLOSE_BRACKET) depth = Math.max(0, depth - 1);
  }
  return true;
}

/** By jsonc-parser's ParseErrorCode. */
const SENTENCES: Readonly<Record<number, string>> = {
  1: 'This is no word of JSON, which has `true`, `false`, `null`, and texts in double quotes',
  2: 'This is no number of JSON',
  3: 'Expected a key in quotes',
  4: 'Expected a value',
  5: 'Expected `:`',
  6: 'Expected `,`',
  7: 'Expected `}`',
  8: 'Expected `]`',
  9: 'Something follows the end of the value',
  11: 'This comment has no end',
  12: 'This string has no end in its line',
  13: 'This number has no end',
  14: 'Invalid escape in a string',
  15: 'Invalid escape in a string',
  16: 'A control character in a string',
};

/** What is left of a broken text. */
export interface BrokenText {
  /** In order, one a line. */
  readonly faults: readonly SyntaxFault[];
  /** More faults than are told. */
  readonly more: number;
  /** Undefined where nothing of it can be checked. */
  readonly mended:
    | {
        /** As long as the text or a little longer; all that stands in it stands at its place. */
        readonly text: string;
        /** What is broken: problems that are told of these are not the author's. */
        readonly gaps: readonly { readonly from: number; readonly to: number }[];
        /** Where the root begins, which is an object. */
        readonly start: number;
        readonly end: number;
      }
    | undefined;
}

/**
 * Looks at a text, comments blanked, of which the first fault is known. `maxDepth` is the number of levels a value in it may have. `whole` says whether the
 * faults behind the first are wanted too: not where the text is cut off.
 */
export function readBrokenText(text: string, first: SyntaxFault, maxDepth: number, whole = true): BrokenText {
  if (text.length > MOST_BROKEN || !canBeParsed(text)) return { faults: [first], more: 0, mended: undefined };
  const errors: ParseError[] = [];
  const { readable, bare } = withKeysQuoted(text);
  const root = parseTree(readable, errors, { allowTrailingComma: true });
  const mender = new Mender(text, maxDepth);
  const mended = root === undefined ? undefined : mender.mend(root, whole);
  const others = errors.map(({ error, offset, length }) => ({
    from: offset,
    to: offset + Math.max(1, length),
    message: `${SENTENCES[Number(error)] ?? 'This is no JSON'}.`,
  }));
  const found = whole ? [...others, ...bare, ...mender.faults].sort((a, b) => a.from - b.from) : [];
  const faults: SyntaxFault[] = [first];
  let line = text.indexOf('\n', first.from);
  let more = 0;
  for (const fault of found) {
    // what follows in the same line follows from the same slip
    if (line < 0 || fault.from <= line) continue;
    if (faults.length < MOST_SYNTAX_ERRORS) faults.push(fault);
    else more++;
    line = text.indexOf('\n', fault.from);
  }
  return { faults, more, mended };
}

/** Keys without quotes are the commonest slip, and jsonc-parser loses its way at one: in a text of the same length they have some. */
function withKeysQuoted(text: string): { readonly readable: string; readonly bare: readonly SyntaxFault[] } {
  const bare: SyntaxFault[] = [];
  const scanner = createScanner(text, true);
  let readable = '';
  let from = -1;
  let to = -1;
  for (let kind: number = scanner.scan(); kind !== END_OF_FILE; kind = scanner.scan()) {
    if (kind === COLON && to > from) {
      bare.push({ from, to, message: `${SENTENCES[3]}.` });
      // a key of one letter takes a blank as well
      const start = to - from >= 2 ? from : from - 1;
      if (start === from || /\s/.test(text.charAt(start)))
        readable += `${text.slice(readable.length, start)}"${' '.repeat(to - start - 2)}"`;
    }
    from = kind === UNKNOWN ? scanner.getTokenOffset() : to;
    to = kind === UNKNOWN ? from + scanner.getTokenLength() : from;
  }
  return { readable: readable + text.slice(readable.length), bare };
}

/** Puts together what is whole: keys and values at their places, the brackets around them, and nothing else. */
class Mender {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #pieces: { readonly from: number; readonly text: string }[] = [];
  readonly #gaps: { readonly from: number; readonly to: number }[] = [];
  readonly faults: SyntaxFault[] = [];
  #closers = '';

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  mend(root: Node, whole: boolean): BrokenText['mended'] {
    if (root.type !== 'object') return undefined;
    const isFull = root.children?.some(({ children }) => children?.[0]?.value === 'hostMethods') === true;
    // where its member is not found, the form is not known
    if (!isFull && (!whole || this.#text.includes('"hostMethods"'))) return undefined;
    this.#object(root, isFull ? (key) => (key === 'hostMethods' ? METHODS : undefined) : () => undefined, true);
    this.#pieces.sort((a, b) => a.from - b.from);
    let text = '';
    let hasMethods = false;
    for (const piece of this.#pieces) {
      if (piece.from < text.length) return undefined; // two in one place
      text += blank(this.#text.slice(text.length, piece.from)) + piece.text;
      hasMethods ||= piece.text === this.#methodsKey;
    }
    if (isFull && !hasMethods) return undefined;
    text += blank(this.#text.slice(text.length)) + this.#closers;
    return { text, gaps: this.#gaps, start: root.offset, end: text.trimEnd().length };
  }

  #methodsKey = '';

  /** `within` says of a member which parts of its value are looked at for themselves where it is not whole. `open`: all around it may lack their ends. */
  #object(node: Node, within: (key: string) => Level | undefined, open: boolean): boolean {
    const ends = this.#brackets(node, open);
    if (ends === undefined) return false;
    for (const { type, children } of node.children ?? []) {
      const [key, value] = children ?? [];
      if (type !== 'property' || key === undefined || value === undefined) continue;
      const written = this.#text.slice(key.offset, key.offset + key.length);
      if (scanJson(written).fault !== undefined) continue;
      const level = within(String(key.value));
      if (level === METHODS) this.#methodsKey = written;
      if (!this.#isWhole(value)) {
        if (level === undefined || !this.#level(value, level, open && ends.isOpen)) {
          this.#gap(key.offset, value);
          continue;
        }
      } else this.#copy(value);
      this.#pieces.push({ from: key.offset, text: written });
    }
    return true;
  }

  #level(node: Node, level: Level, open: boolean): boolean {
    if (level === METHODS) return node.type === 'object' && this.#object(node, () => METHOD, open);
    if (node.type === 'array') return this.#rules(node, open);
    return (
      level === METHOD &&
      node.type === 'object' &&
      this.#object(node, (key) => (key === 'rules' ? RULES : undefined), open)
    );
  }

  /** Rules keep their numbers: in the place of a broken one stands an empty one. */
  #rules(node: Node, open: boolean): boolean {
    if (this.#brackets(node, open) === undefined) return false;
    for (const rule of node.children ?? [])
      if (this.#isWhole(rule)) this.#copy(rule);
      else {
        this.#pieces.push({ from: rule.offset, text: '{}' });
        this.#gap(rule.offset, rule);
      }
    return true;
  }

  #brackets(node: Node, open: boolean): { readonly isOpen: boolean } | undefined {
    const [opening, closing] = node.type === 'object' ? '{}' : '[]';
    if (opening === undefined || closing === undefined || this.#text[node.offset] !== opening) return undefined;
    const last = node.offset + node.length - 1;
    // jsonc-parser gives what is never closed no length
    const isOpen = node.length < 2 || this.#text[last] !== closing;
    if (isOpen && !open) return undefined;
    if (isOpen) this.#closers = closing + this.#closers;
    else this.#pieces.push({ from: last, text: closing });
    this.#pieces.push({ from: node.offset, text: opening });
    return { isOpen };
  }

  /** Whether a value is JSON as it stands, and what follows it does not touch it. */
  #isWhole({ offset, length }: Node): boolean {
    if (length <= 0) return false;
    const end = offset + length;
    const { fault } = scanJson(this.#text, { start: offset, end, trailingCommas: true, maxDepth: this.#maxDepth });
    if (fault !== undefined) {
      if (fault.kind === 'syntax' && fault.offset < end)
        this.faults.push({ from: fault.offset, to: fault.offset + 1, message: sentence(fault.reason) });
      return false;
    }
    return (
      end >= this.#text.length || !/[\w.+-]/.test(this.#text.charAt(end - 1)) || /[\s,\]}]/.test(this.#text.charAt(end))
    );
  }

  #copy({ offset, length }: Node): void {
    this.#pieces.push({ from: offset, text: this.#text.slice(offset, offset + length) });
  }

  #gap(from: number, { offset, length }: Node): void {
    this.#gaps.push({ from, to: length < 0 ? this.#text.length : Math.max(offset + 2, offset + length) });
  }
}

type Level = typeof METHODS | typeof METHOD | typeof RULES;
const METHODS = 'methods';
const METHOD = 'method';
const RULES = 'rules';

const blank = (text: string): string => text.replace(/[^\r\n]/g, ' ');

/** A clause as a sentence. */
export function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}
