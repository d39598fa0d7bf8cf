// An expression's text as tokens: numbers, texts, names, `$names` and signs, each with its column. Linear in the text, whatever it holds.
// Knows no grammar. Contracts P2 (numbers keep their digits), E4 (bounded).
import { ExpressionError, quoted } from './error.ts';

export interface Token {
  readonly kind: 'number' | 'text' | 'name' | 'dollar' | 'field' | 'sign' | 'end';
  /** A name, a sign, what follows the `$`, a text without its quotes; of a number the digits as written. */
  readonly text: string;
  /** Of a number. */
  readonly value: number | bigint;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Where it ends in the text, as an offset. */
  readonly end: number;
}

/** More words and signs than this are refused: closures nest as deep as chains are long. */
const MOST_TOKENS = 2000;
/** Digits of a whole number: more than the 4 096 bits that values may have. */
const MOST_DIGITS = 1300;

const SIGNS = ['===', '!==', '>>>', '..=', '..', '==', '!=', '<=', '>=', '&&', '||', '<<', '>>', '::', '->'];
const SINGLE = '-+*/%<>!~&|^().,[]?:@=';
const NUMBER = /0[xX][0-9a-fA-F_]+|0[bB][01_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d[\d_]*)?/y;
/** What Rust and C write behind a number to say its type; of digits in hex none that is of digits itself. */
const SUFFIX =
  /_?(?:[iu](?:8|16|32|64|128|size)|f32|f64|[uU](?:[lL]|ll|LL)?|(?:[lL]|ll|LL)[uU]?|[fF])(?![\p{ID_Continue}$])/uy;
/** The number of a field: `pair.0.1` holds no fraction. */
const FIELD = /\d+/y;
const NAME = /(?:r#)?[\p{ID_Start}_][\p{ID_Continue}$]*/uy;
const DOLLAR = /[\p{ID_Continue}$]*/uy;

/** The tokens of `source`; the last is of the kind `end`. @throws ExpressionError */
export function tokens(source: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  const add = (kind: Token['kind'], text: string, end: number, value: number | bigint = 0): void => {
    found.push({ kind, text, value, column: at + 1, end });
    at = end;
  };
  for (;;) {
    while (at < source.length && isSpace(source.charCodeAt(at))) at++;
    if (at >= source.length) break;
    if (found.length === MOST_TOKENS)
      throw new ExpressionError(`${quoted(source)} is too long: more than ${MOST_TOKENS} words and signs.`);
    const c = source[at] ?? '';
    const behind = found.at(-1);
    if (c >= '0' && c <= '9' && behind?.kind === 'sign' && (behind.text === '.' || behind.text === '->')) {
      const text = match(FIELD, source, at);
      add('field', text, at + text.length);
    } else if (c >= '0' && c <= '9') {
      const text = match(NUMBER, source, at);
      const suffix = match(SUFFIX, source, at + text.length);
      const value = numeral(text, source, at + 1);
      add(
        'number',
        text,
        at + text.length + suffix.length,
        suffix === '' ? value : suffixed(value, suffix, source, at),
      );
    } else if (c === '"' || c === "'") {
      const end = textEnd(source, at);
      add('text', unquote(source.slice(at + 1, end - 1)), end);
    } else if (c === 'b' && source[at + 1] === "'") {
      const end = textEnd(source, at + 1);
      const byte = unquote(source.slice(at + 2, end - 1));
      if (byte.length !== 1 || byte.charCodeAt(0) > 0xff)
        throw new ExpressionError(`${quoted(source)}: b'…' at column ${at + 1} holds one character of one byte.`);
      add('number', source.slice(at, end), end, byte.charCodeAt(0));
    } else if (c === '$') {
      if (source[at + 1] === '"') {
        const end = textEnd(source, at + 1);
        add('dollar', unquote(source.slice(at + 2, end - 1)), end);
      } else {
        const text = match(DOLLAR, source, at + 1);
        add('dollar', text, at + 1 + text.length);
      }
    } else {
      const name = match(NAME, source, at);
      // `r#type` is called `type`
      if (name !== '') add('name', name.replace('r#', ''), at + name.length);
      else {
        const sign =
          SIGNS.find((candidate) => source.startsWith(candidate, at)) ?? (SINGLE.includes(c) ? c : undefined);
        if (sign === undefined) throw strange(source, at);
        add('sign', sign, at + sign.length);
      }
    }
  }
  at = source.length;
  add('end', '', at);
  return found;
}

function match(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? '';
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0 || code === 0xfeff;
}

/** A character that has no business there. */
export function strange(source: string, at: number): ExpressionError {
  const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
  return new ExpressionError(`${quoted(source)}: column ${at + 1} holds '${character}', which no expression has.`);
}

/** Where the text that opens at `at` ends, behind its quote. */
function textEnd(source: string, at: number): number {
  const quote = source[at];
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === quote) return i + 1;
  }
  throw strange(source, at);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', 0: '\0', b: '\b', f: '\f' };
const ESCAPE = /\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))/gs;

/** Escapes as JSON, Rust and C write them; a backslash before anything else is nothing. */
function unquote(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (_, braced?: string, four?: string, two?: string, one?: string) => {
    if (one !== undefined) return ESCAPES[one] ?? one;
    const code = Number.parseInt(braced ?? four ?? two ?? '', 16);
    return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
  });
}

/** Whole numbers exactly: as a double where it holds them, else as a BigInt (P2). */
function numeral(written: string, source: string, column: number): number | bigint {
  const text = written.replaceAll('_', '');
  const radix = /^0[xXbB]/.test(text);
  if (radix && text.length === 2)
    throw new ExpressionError(`${quoted(source)}: the number at column ${column} has no digits.`);
  if (text.length > MOST_DIGITS)
    throw new ExpressionError(`${quoted(source)}: the number at column ${column} has more than ${MOST_DIGITS} digits.`);
  if (!radix && !/^\d+$/.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    throw new ExpressionError(`${quoted(source)}: the number at column ${column} is larger than any f64.`);
  }
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

/** `5u64`, `0.1f32`, `5UL` of C: the value that the type has; how it is computed with does not depend on it. */
function suffixed(value: number | bigint, suffix: string, source: string, at: number): number | bigint {
  const type = suffix.replace('_', '');
  if (type === 'f64') return Number(value);
  if (/^(?:f32|f)$/i.test(type)) return Math.fround(Number(value));
  if (/^[ul]+$/i.test(type)) return whole(value, type, source, at);
  const bits = type.endsWith('size') ? 32 : Number(type.slice(1));
  const most = (1n << BigInt(type.startsWith('i') ? bits - 1 : bits)) - 1n;
  // the least of a signed type is written with a minus before it
  const room = type.startsWith('i') ? most + 1n : most;
  if (BigInt(whole(value, type, source, at)) > room)
    throw new ExpressionError(`${quoted(source)}: the number at column ${at + 1} does not fit ${type}.`);
  return value;
}

function whole(value: number | bigint, type: string, source: string, at: number): number | bigint {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return value;
  throw new ExpressionError(`${quoted(source)}: the number at column ${at + 1} is no whole one, as ${type} has them.`);
}
