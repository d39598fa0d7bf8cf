// A JSON text with comments and trailing commas as values with their places, read where somebody looks and no deeper. Not an editor of such texts.
import { createScanner } from 'jsonc-parser';
import { jsonNumber, type LosslessNumber } from '../rpc/json-number.ts';
import { decodeString, type JsonRoot } from '../rpc/json-scan.ts';
import type { JsonText } from '../rpc/message.ts';
import { serdeText } from '../rpc/serde-text.ts';

/** A value of a text: `[start, end)`. */
export interface JsonNode {
  readonly kind: JsonRoot;
  readonly start: number;
  readonly end: number;
}

export interface JsonMember {
  readonly key: string;
  /** The key with its quotes. */
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: JsonNode;
}

/** A text that was scanned whole and has no fault. Offsets are those of the file: comments are blanks. */
export class JsoncText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  members({ start }: JsonNode): JsonMember[] {
    const members: JsonMember[] = [];
    for (let at = this.#next(start + 1); this.text.charCodeAt(at) !== CLOSING_BRACE; at = this.#next(at)) {
      const keyStart = at;
      const keyEnd = this.#stringEnd(at);
      const from = this.#next(keyEnd);
      at = this.#valueEnd(from);
      const key = decodeString(this.text.slice(keyStart, keyEnd));
      members.push({ key, keyStart, keyEnd, value: this.#node(from, at) });
    }
    return members;
  }

  items({ start }: JsonNode): JsonNode[] {
    const items: JsonNode[] = [];
    for (let at = this.#next(start + 1); this.text.charCodeAt(at) !== CLOSING_BRACKET; at = this.#next(at)) {
      const from = at;
      at = this.#valueEnd(from);
      items.push(this.#node(from, at));
    }
    return items;
  }

  /** Of a node of kind `string`. */
  string({ start, end }: JsonNode): string {
    return decodeString(this.text.slice(start, end));
  }

  /** Of a node of kind `number`. */
  number({ start, end }: JsonNode): number | LosslessNumber {
    return jsonNumber(this.text.slice(start, end));
  }

  /** As it stands in the file, comments blanked. */
  source({ start, end }: JsonNode): string {
    return this.text.slice(start, end);
  }

  /** As production's host would write it. */
  serde(node: JsonNode): JsonText {
    return serdeText(this.source(node), { trailingCommas: true, maxDepth: Number.POSITIVE_INFINITY });
  }

  #node(start: number, end: number): JsonNode {
    return { kind: kindAt(this.text.charCodeAt(start)), start, end };
  }

  // The text is known to be well-formed, so that one level of a long one is found in little more than a look at each character.

  /** The first place from `at` on that is no whitespace, `,` or `:`. */
  #next(at: number): number {
    for (let next = at; ; next++) {
      const c = this.text.charCodeAt(next);
      if (c > 0x20 && c !== 0x2c && c !== 0x3a) return next;
    }
  }

  #stringEnd(start: number): number {
    for (let at = start + 1; ; at++) {
      const c = this.text.charCodeAt(at);
      if (c === QUOTE) return at + 1;
      if (c === 0x5c) at++;
    }
  }

  #valueEnd(start: number): number {
    const { text } = this;
    const first = text.charCodeAt(start);
    if (first === QUOTE) return this.#stringEnd(start);
    let at = start;
    if (first !== 0x7b && first !== 0x5b) {
      for (;;) {
        const c = text.charCodeAt(++at);
        // also at the end of the text, where it is NaN
        if (!(c > 0x20) || c === 0x2c || c === CLOSING_BRACE || c === CLOSING_BRACKET) return at;
      }
    }
    for (let depth = 0; ; at++) {
      const c = text.charCodeAt(at);
      if (c === QUOTE) at = this.#stringEnd(at) - 1;
      else if (c === 0x7b || c === 0x5b) depth++;
      else if ((c === CLOSING_BRACE || c === CLOSING_BRACKET) && --depth === 0) return at + 1;
    }
  }
}

const QUOTE = 0x22;
const CLOSING_BRACE = 0x7d;
const CLOSING_BRACKET = 0x5d;

function kindAt(c: number): JsonRoot {
  switch (c) {
    case 0x7b:
      return 'object';
    case 0x5b:
      return 'array';
    case 0x22:
      return 'string';
    case 0x74:
    case 0x66:
      return 'boolean';
    case 0x6e:
      return 'null';
    default:
      return 'number';
  }
}

// jsonc-parser's SyntaxKind and ScanError are const enums, which single-file compilation can't read.
const LINE_COMMENT = 12;
const BLOCK_COMMENT = 13;
const END_OF_FILE = 17;
const UNEXPECTED_END_OF_COMMENT = 1;

/** The text with its comments, and a byte order mark, turned to spaces, line breaks left; or where a comment begins that has no end. */
export function blankComments(source: string): { readonly text: string } | { readonly unclosed: number } {
  if (!source.includes('/') && !source.startsWith('\uFEFF')) return { text: source };
  const parts: string[] = [];
  let copied = 0;
  const blank = (start: number, end: number): void => {
    parts.push(source.slice(copied, start), source.slice(start, end).replace(/[^\r\n]/g, ' '));
    copied = end;
  };
  if (source.startsWith('\uFEFF')) blank(0, 1);
  const scanner = createScanner(source);
  for (let kind: number = scanner.scan(); kind !== END_OF_FILE; kind = scanner.scan()) {
    if (kind !== LINE_COMMENT && kind !== BLOCK_COMMENT) continue;
    const start = scanner.getTokenOffset();
    if (Number(scanner.getTokenError()) === UNEXPECTED_END_OF_COMMENT) return { unclosed: start };
    blank(start, start + scanner.getTokenLength());
  }
  parts.push(source.slice(copied));
  return { text: parts.join('') };
}

/** A path of keys and indices as a person reads it: `user.names[0]["odd key"]`. */
export function pathText(path: readonly (string | number)[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\p{ID_Start}_$][\p{ID_Continue}$-]*$/u.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}
