// A lexer for Rust source text, as far as finding calls and items needs: comments are gone, every literal is one token.
// Not a parser, and no judge: source that rustc would refuse has tokens too.

import { grown } from '../wasm/grown.ts';

/** One character of punctuation has its char code as its kind; these stand above them. */
export const Kind = {
  /** Also keywords that no one here asks for, and raw identifiers. */
  identifier: 128,
  lifetime: 129,
  /** `"…"`, with its closing quote. */
  string: 130,
  /** `r"…"` or `r#"…"#`, with its end. */
  rawString: 131,
  /** Numbers, characters, byte and C strings, and any string that lacks its end. */
  literal: 132,
  fn: 140,
  mod: 141,
  impl: 142,
  trait: 143,
  const: 144,
  static: 145,
  struct: 146,
  enum: 147,
  type: 148,
  use: 149,
  let: 150,
  pub: 151,
  async: 152,
  unsafe: 153,
  extern: 154,
  for: 155,
  where: 156,
  move: 157,
  /** Not keywords, but the names that the scanner looks for. */
  call: 160,
  withMethod: 161,
} as const;

const WORDS: readonly (readonly [string, number])[] = [
  ['fn', Kind.fn],
  ['mod', Kind.mod],
  ['impl', Kind.impl],
  ['trait', Kind.trait],
  ['const', Kind.const],
  ['static', Kind.static],
  ['struct', Kind.struct],
  ['enum', Kind.enum],
  ['type', Kind.type],
  ['use', Kind.use],
  ['let', Kind.let],
  ['pub', Kind.pub],
  ['async', Kind.async],
  ['unsafe', Kind.unsafe],
  ['extern', Kind.extern],
  ['for', Kind.for],
  ['where', Kind.where],
  ['move', Kind.move],
  ['call', Kind.call],
  ['with_method', Kind.withMethod],
];

/** The tokens of one text, in parallel arrays of `count` entries. Offsets are UTF-16 units. */
export interface RustTokens {
  readonly text: string;
  readonly count: number;
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

const SPACE = 1;
const IDENTIFIER = 2;
const DIGIT = 3;
const CLASSES = new Uint8Array(128);
for (const code of [0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20]) CLASSES[code] = SPACE;
for (let code = 0x30; code <= 0x39; code++) CLASSES[code] = DIGIT;
for (let code = 0x41; code <= 0x5a; code++) CLASSES[code] = CLASSES[code + 0x20] = IDENTIFIER;
CLASSES[0x5f] = IDENTIFIER;

// The words by length and first letter, which is as good as a perfect hash.
const WORDS_BY_SHAPE: (readonly (readonly [string, number])[])[] = [];
for (const word of WORDS) {
  const shape = word[0].length * 128 + word[0].charCodeAt(0);
  WORDS_BY_SHAPE[shape] = [...(WORDS_BY_SHAPE[shape] ?? []), word];
}

const MAX_HASHES = 255; // of a raw string, as in rustc
const LONGEST_CHARACTER = 24; // '\u{10_ff_ff}' with room for more underscores

/** The tokens of `text`. Linear in its length; never throws. Rust Reference, "Tokens". */
export function lexRust(text: string): RustTokens {
  const length = text.length;
  let kinds = new Uint8Array((length >> 2) + 16);
  let starts = new Int32Array(kinds.length);
  let ends = new Int32Array(kinds.length);
  let count = 0;
  let at = skipShebang(text);

  while (at < length) {
    const code = text.charCodeAt(at);
    const start = at;
    let kind = 0;
    const kindOfCode = code < 128 ? CLASSES[code]! : isWideSpace(code) ? SPACE : IDENTIFIER;
    if (kindOfCode === SPACE) {
      at++;
      continue;
    }
    if (kindOfCode === IDENTIFIER) {
      at = identifierEnd(text, at + 1);
      kind = Kind.identifier;
      const next = text.charCodeAt(at);
      if (at - start <= 2 && (next === 0x22 || next === 0x23 || next === 0x27)) {
        const prefixed = prefixedEnd(text, start, at);
        if (prefixed !== undefined) ({ kind, end: at } = prefixed);
      }
      if (kind === Kind.identifier && code < 128) {
        const words = WORDS_BY_SHAPE[(at - start) * 128 + code];
        if (words !== undefined)
          for (const [word, wordKind] of words) if (text.startsWith(word, start)) kind = wordKind;
      }
    } else if (kindOfCode === DIGIT) {
      at = identifierEnd(text, at + 1);
      // `1.5` is one number; `1.max(2)` and `1..2` are not.
      if (text.charCodeAt(at) === 0x2e && isDigit(text.charCodeAt(at + 1))) at = identifierEnd(text, at + 1);
      kind = Kind.literal;
    } else if (code === 0x2f /* / */ && text.charCodeAt(at + 1) === 0x2f) {
      at = text.indexOf('\n', at);
      if (at < 0) break;
      continue;
    } else if (code === 0x2f && text.charCodeAt(at + 1) === 0x2a /* * */) {
      at = blockCommentEnd(text, at);
      continue;
    } else if (code === 0x22 /* " */) {
      at = quotedEnd(text, at);
      kind = at < 0 ? Kind.literal : Kind.string;
      if (at < 0) at = length;
    } else if (code === 0x27 /* ' */) {
      const end = characterEnd(text, at);
      if (end >= 0) {
        at = end;
        kind = Kind.literal;
      } else if (isIdentifierPart(text.charCodeAt(at + 1))) {
        // `'r#async` is one lifetime.
        const isRaw = text.startsWith("'r#", at) && isIdentifierPart(text.charCodeAt(at + 3));
        at = identifierEnd(text, at + (isRaw ? 3 : 1));
        kind = Kind.lifetime;
      } else {
        at++;
        kind = code;
      }
    } else {
      at++;
      kind = code;
    }

    if (count === kinds.length) {
      kinds = grown(kinds);
      starts = grown(starts);
      ends = grown(ends);
    }
    kinds[count] = kind;
    starts[count] = start;
    ends[count] = at;
    count++;
  }
  return { text, count, kinds, starts, ends };
}

function skipShebang(text: string): number {
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  // `#![…]` is an attribute; `#!/usr/bin/env …` is not.
  if (!text.startsWith('#!', start) || /^\s*\[/.test(text.slice(start + 2, start + 64))) return start;
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}

function isWideSpace(code: number): boolean {
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x200e ||
    code === 0x200f ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0xfeff
  );
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isIdentifierPart(code: number): boolean {
  return code < 128 ? CLASSES[code]! >= IDENTIFIER : code >= 128 && !isWideSpace(code);
}

function identifierEnd(text: string, from: number): number {
  let at = from;
  while (isIdentifierPart(text.charCodeAt(at))) at++;
  return at;
}

/** The end of a comment that may hold others; the end of the text where it is not closed. */
function blockCommentEnd(text: string, from: number): number {
  let depth = 1;
  let at = from + 2;
  for (;;) {
    // Slashes are rarer in comments than stars.
    const slash = text.indexOf('/', at);
    if (slash < 0) return text.length;
    // The star of an opening may not serve for a closing as well: `/*/` is no whole comment.
    if (slash > at && text.charCodeAt(slash - 1) === 0x2a) {
      at = slash + 1;
      if (--depth === 0) return at;
    } else if (text.charCodeAt(slash + 1) === 0x2a) {
      depth++;
      at = slash + 2;
    } else at = slash + 1;
  }
}

/** The end of the `"…"` or `'…'` with escapes that begins at `from`; -1 without one. */
function quotedEnd(text: string, from: number): number {
  const quote = text.charCodeAt(from);
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code === 0x5c /* \ */) at++;
  }
  return -1;
}

/** The end of the character literal at `from`; -1 where a lifetime or nothing begins. */
function characterEnd(text: string, from: number): number {
  const first = text.charCodeAt(from + 1);
  if (first === 0x5c /* \ */) {
    const close = text.indexOf("'", from + 3);
    return close < 0 || close - from > LONGEST_CHARACTER ? -1 : close + 1;
  }
  const isPair = first >= 0xd800 && first < 0xdc00;
  const close = from + (isPair ? 3 : 2);
  return first !== 0x27 && first !== 0x0a && text.charCodeAt(close) === 0x27 ? close + 1 : -1;
}

/** What follows the letters `b`, `c`, `r`, `br` or `cr` in [`start`, `at`), if these are a prefix. */
function prefixedEnd(text: string, start: number, at: number): { kind: number; end: number } | undefined {
  const prefix = text.slice(start, at);
  const next = text.charCodeAt(at);
  if (prefix === 'b' || prefix === 'c') {
    if (next === 0x23 || (next === 0x27 && prefix === 'c')) return undefined;
    const end = next === 0x27 ? characterEnd(text, at) : quotedEnd(text, at);
    if (end < 0 && next === 0x27) return undefined;
    return { kind: Kind.literal, end: end < 0 ? text.length : end };
  }
  if ((prefix !== 'r' && prefix !== 'br' && prefix !== 'cr') || next === 0x27) return undefined;
  let hashes = 0;
  while (hashes <= MAX_HASHES && text.charCodeAt(at + hashes) === 0x23) hashes++;
  if (text.charCodeAt(at + hashes) !== 0x22) {
    // A raw identifier, like `r#type`.
    if (prefix !== 'r' || hashes !== 1 || !isIdentifierPart(text.charCodeAt(at + 1))) return undefined;
    return { kind: Kind.identifier, end: identifierEnd(text, at + 1) };
  }
  const close = text.indexOf(`"${'#'.repeat(hashes)}`, at + hashes + 1);
  if (close < 0) return { kind: Kind.literal, end: text.length };
  return { kind: prefix === 'r' ? Kind.rawString : Kind.literal, end: close + 1 + hashes };
}

/** The identifier (or keyword) that token `index` is, without `r#`. */
export function identifierText(tokens: RustTokens, index: number): string {
  const start = tokens.starts[index] ?? 0;
  const text = tokens.text.slice(start, tokens.ends[index]);
  return text.startsWith('r#') ? text.slice(2) : text;
}

const ESCAPE = /\\(?:x([0-7][0-9a-fA-F])|u\{([0-9a-fA-F_]{1,16})\}|(\r?\n)[ \t\r\n]*|([nrt0\\'"]))/g;
const SHORT_ESCAPES = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['0', '\0'],
]);

/** The value of the string or raw string that token `index` is; undefined for any other token. */
export function stringValue(tokens: RustTokens, index: number): string | undefined {
  const kind = tokens.kinds[index];
  if (index >= tokens.count || (kind !== Kind.string && kind !== Kind.rawString)) return undefined;
  const literal = tokens.text.slice(tokens.starts[index], tokens.ends[index]);
  const open = literal.indexOf('"') + 1;
  if (kind === Kind.rawString) return literal.slice(open, literal.length - open + 1).replaceAll('\r\n', '\n');
  const content = literal.slice(1, -1);
  if (!content.includes('\\') && !content.includes('\r')) return content;
  // A line's end goes first, as in rustc, so that "\r" in the source never meets the escape of the same name.
  return content
    .replaceAll('\r\n', '\n')
    .replace(ESCAPE, (whole, hex?: string, wide?: string, _line?: string, short?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (short !== undefined) return SHORT_ESCAPES.get(short) ?? short;
      if (wide === undefined) return ''; // a continued line
      const codePoint = Number.parseInt(wide.replaceAll('_', '') || 'x', 16);
      const valid = codePoint <= 0x10ffff && !(codePoint >= 0xd800 && codePoint < 0xe000);
      return valid ? String.fromCodePoint(codePoint) : whole;
    });
}
