// Checks that a text is one JSON value as serde_json 1.0 would take it, and says where the root's members lie.
// Builds no values and never recurses, so a million `[` cost a million steps and no stack. Not a parser: see json.ts.
// Contracts E4 (deep JSON), P1 (what is wrong, and where), P2 (which numbers a double can't hold).
import { isOutOfSerdeRange } from './json-number.ts';

/** serde_json's recursion limit is 128: opening the 128th container is its error, so 127 levels are what production reads. */
export const MAX_DEPTH = 127;

/** `syntax`: no JSON at all; the others are JSON that serde_json refuses all the same. */
export type JsonFaultKind = 'syntax' | 'depth' | 'surrogate' | 'range';

/** What is wrong with a JSON text. `offset` is in UTF-16 units from the start of the text; `reason` is one clause. */
export interface JsonFault {
  readonly kind: JsonFaultKind;
  readonly reason: string;
  readonly offset: number;
}

/** A child of the root: `[start, end)` is its value's text; `key` is decoded, and undefined in an array. */
export interface Member {
  readonly key: string | undefined;
  readonly keyStart: number;
  readonly start: number;
  readonly end: number;
}

export type JsonRoot = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

export interface Scan {
  /** The first fault; everything below is then incomplete. */
  readonly fault: JsonFault | undefined;
  readonly root: JsonRoot;
  /** `[start, end)` of the root's text, without the whitespace around it. */
  readonly start: number;
  readonly end: number;
  /** The children of the root, in the order of the text, duplicates included; see `ScanOptions.keys`. */
  readonly members: readonly Member[];
  /** How many children the root has, whether or not `members` holds them. */
  readonly count: number;
  /** Some number's text is not what JavaScript would write for it (2^64-1, 1.0, -0, 1e400). */
  readonly inexact: boolean;
  /** Some key is written with an escape. */
  readonly escapedKey: boolean;
}

export interface ScanOptions {
  /** Scan only `[start, end)` of the text; offsets stay those of the whole text. */
  readonly start?: number;
  readonly end?: number;
  /** Levels of `[` and `{` that may lie inside one another. Default MAX_DEPTH. */
  readonly maxDepth?: number;
  /** Refuse what serde_json refuses beyond the grammar: numbers out of a double's range, halves of surrogate pairs. */
  readonly serde?: boolean;
  /** Keep only the members with these keys, and of an array's no more than KEPT: a hostile line has millions of them. */
  readonly keys?: ReadonlySet<string>;
  /** Allow `,` before a closing bracket, as JSONC does. */
  readonly trailingCommas?: boolean;
}

/** The members that a scan with `keys` keeps at most. */
const KEPT = 4096;

const VALUE = 0;
const VALUE_OR_CLOSE = 1;
const KEY = 2;
const KEY_OR_CLOSE = 3;
const COLON = 4;
const AFTER = 5;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OBJECT = 1;

/** Scans one JSON value (RFC 8259), all of `text` or the part that `options` names. Never throws. */
export function scanJson(text: string, options: ScanOptions = {}): Scan {
  const scanner = new Scanner(text, options);
  const fault = scanner.run();
  return {
    fault,
    root: scanner.root,
    start: scanner.rootStart,
    end: scanner.rootEnd,
    members: scanner.members,
    count: scanner.count,
    inexact: scanner.inexact,
    escapedKey: scanner.escapedKey,
  };
}

/** The value of a JSON string token, quotes included, that scanJson has found to be well-formed. */
export function decodeString(token: string): string {
  return token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
}

class Scanner {
  readonly text: string;
  readonly end: number;
  readonly options: ScanOptions;
  readonly members: Member[] = [];
  root: JsonRoot = 'null';
  rootStart = 0;
  rootEnd = 0;
  inexact = false;
  escapedKey = false;
  #escapes = 0;
  count = 0;
  /** Where the value that ended last ends: whitespace may have been skipped since. */
  lastEnd = 0;
  at: number;
  fault: JsonFault | undefined;

  constructor(text: string, options: ScanOptions) {
    this.text = text;
    this.at = options.start ?? 0;
    this.end = options.end ?? text.length;
    this.options = options;
  }

  run(): JsonFault | undefined {
    const maxDepth = this.options.maxDepth ?? MAX_DEPTH;
    const containers: number[] = []; // OBJECT or 0, outermost first
    let state = VALUE;
    let afterComma = false;
    let key: string | undefined;
    let keyStart = 0;
    let childStart = -1; // of the root's child that is being read
    for (;;) {
      const c = this.skipWhitespace();
      if (state === AFTER) {
        if (containers.length === 1 && childStart >= 0) {
          this.child({ key, keyStart, start: childStart, end: this.lastEnd });
          childStart = -1;
        }
        if (containers.length === 0) {
          this.rootEnd = this.lastEnd;
          return c < 0 ? undefined : this.fail('syntax', 'something follows the end of the value', this.at);
        }
        const inObject = containers[containers.length - 1] === OBJECT;
        if (c === 0x2c) {
          this.at++;
          state = inObject ? KEY : VALUE;
          afterComma = true;
          continue;
        }
        if (c === (inObject ? 0x7d : 0x5d)) {
          this.at++;
          this.lastEnd = this.at;
          containers.pop();
          continue;
        }
        const expected = inObject ? 'expected `,` or `}`' : 'expected `,` or `]`';
        return this.fail('syntax', c < 0 ? this.endsInside(inObject) : expected, this.at);
      }
      if (state === COLON) {
        if (c !== 0x3a) return this.fail('syntax', c < 0 ? this.endsInside(true) : 'expected `:`', this.at);
        this.at++;
        state = VALUE;
        continue;
      }
      if (state === KEY || state === KEY_OR_CLOSE) {
        if (c === 0x7d && (state === KEY_OR_CLOSE || this.options.trailingCommas === true)) {
          this.at++;
          this.lastEnd = this.at;
          containers.pop();
          state = AFTER;
          continue;
        }
        if (c === 0x7d) return this.fail('syntax', 'a comma before the closing `}`', this.at);
        if (c !== QUOTE)
          return this.fail('syntax', c < 0 ? this.endsInside(true) : 'expected a key in quotes', this.at);
        const start = this.at;
        const escapes = this.#escapes;
        if (!this.string()) return this.fault;
        if (this.#escapes > escapes) this.escapedKey = true;
        if (containers.length === 1) {
          key = decodeString(this.text.slice(start, this.at));
          keyStart = start;
        }
        state = COLON;
        afterComma = false;
        continue;
      }
      // VALUE or VALUE_OR_CLOSE
      if (c === 0x5d && (state === VALUE_OR_CLOSE || (afterComma && containers[containers.length - 1] !== OBJECT))) {
        if (state === VALUE && this.options.trailingCommas !== true)
          return this.fail('syntax', 'a comma before the closing `]`', this.at);
        this.at++;
        this.lastEnd = this.at;
        containers.pop();
        state = AFTER;
        continue;
      }
      afterComma = false;
      if (containers.length === 0) this.rootStart = this.at;
      if (containers.length === 1) childStart = this.at;
      state = AFTER;
      if (c === 0x7b || c === 0x5b) {
        if (containers.length >= maxDepth) return this.fail('depth', `nested deeper than ${maxDepth} levels`, this.at);
        if (containers.length === 0) {
          this.root = c === 0x7b ? 'object' : 'array';
          childStart = -1;
        }
        this.at++;
        containers.push(c === 0x7b ? OBJECT : 0);
        state = c === 0x7b ? KEY_OR_CLOSE : VALUE_OR_CLOSE;
        continue;
      }
      if (!this.scalar(c, containers.length)) return this.fault;
      this.lastEnd = this.at;
    }
  }

  child(member: Member): void {
    this.count++;
    const { keys } = this.options;
    if (keys && (this.members.length >= KEPT || (member.key !== undefined && !keys.has(member.key)))) return;
    this.members.push(member);
  }

  skipWhitespace(): number {
    const text = this.text;
    let at = this.at;
    while (at < this.end) {
      const c = text.charCodeAt(at);
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) {
        this.at = at;
        return c;
      }
      at++;
    }
    this.at = at;
    return -1;
  }

  scalar(c: number, depth: number): boolean {
    let root: JsonRoot;
    if (c === QUOTE) {
      root = 'string';
      if (!this.string()) return false;
    } else if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
      root = 'number';
      if (!this.number()) return false;
    } else if (c === 0x74) {
      root = 'boolean';
      if (!this.word('true')) return false;
    } else if (c === 0x66) {
      root = 'boolean';
      if (!this.word('false')) return false;
    } else if (c === 0x6e) {
      root = 'null';
      if (!this.word('null')) return false;
    } else {
      this.fail('syntax', c < 0 ? 'the text ends where a value should stand' : 'expected a value', this.at);
      return false;
    }
    if (depth === 0) this.root = root;
    return true;
  }

  word(word: string): boolean {
    if (this.at + word.length > this.end || !this.text.startsWith(word, this.at)) {
      this.fail('syntax', 'expected a value', this.at);
      return false;
    }
    this.at += word.length;
    return true;
  }

  string(): boolean {
    const text = this.text;
    const end = this.end;
    let at = this.at + 1;
    for (; at < end; at++) {
      const c = text.charCodeAt(at);
      if (c === QUOTE) {
        this.at = at + 1;
        return true;
      }
      if (c < 0x20) {
        this.fail('syntax', `control character U+${c.toString(16).toUpperCase().padStart(4, '0')} in a string`, at);
        return false;
      }
      if (c !== BACKSLASH) continue;
      const size = this.escape(at);
      if (size === 0) return false;
      at += size - 1;
    }
    this.fail('syntax', 'the text ends inside a string', this.end);
    return false;
  }

  /** The length of the escape at `at`, a whole surrogate pair being one; 0 after a fault. */
  escape(at: number): number {
    this.#escapes++;

    const c = at + 1 < this.end ? this.text.charCodeAt(at + 1) : -1;
    // " \ / b f n r t
    if (c === 0x22 || c === 0x5c || c === 0x2f || c === 0x62 || c === 0x66 || c === 0x6e || c === 0x72 || c === 0x74)
      return 2;
    const unit = c === 0x75 ? this.hex4(at + 2) : -1;
    if (unit < 0) {
      const cut = c < 0 || (c === 0x75 && at + 6 > this.end);
      this.fail('syntax', cut ? 'the text ends inside a string' : 'invalid escape in a string', cut ? this.end : at);
      return 0;
    }
    if (this.options.serde !== true || unit < 0xd800 || unit > 0xdfff) return 6;
    const low = unit < 0xdc00 && this.text.startsWith('\\u', at + 6) ? this.hex4(at + 8) : -1;
    if (low >= 0xdc00 && low <= 0xdfff) return 12;
    this.fail('surrogate', 'half of a surrogate pair in a string', at);
    return 0;
  }

  hex4(at: number): number {
    if (at + 4 > this.end) return -1;
    let value = 0;
    for (let i = at; i < at + 4; i++) {
      const c = this.text.charCodeAt(i);
      const digit =
        c >= 0x30 && c <= 0x39 ? c - 0x30 : (c | 0x20) >= 0x61 && (c | 0x20) <= 0x66 ? (c | 0x20) - 0x57 : -1;
      if (digit < 0) return -1;
      value = value * 16 + digit;
    }
    return value;
  }

  number(): boolean {
    const text = this.text;
    const start = this.at;
    let plain = true; // digits only, after at most a sign
    if (text.charCodeAt(this.at) === 0x2d) this.at++;
    const integer = this.at;
    if (!this.digits()) return false;
    if (text.charCodeAt(integer) === 0x30 && this.at > integer + 1) {
      this.fail('syntax', 'a number that begins with 0', integer);
      return false;
    }
    if (this.at < this.end && text.charCodeAt(this.at) === 0x2e) {
      plain = false;
      this.at++;
      if (!this.digits()) return false;
    }
    if (this.at < this.end && (text.charCodeAt(this.at) | 0x20) === 0x65) {
      plain = false;
      this.at++;
      const sign = this.at < this.end ? text.charCodeAt(this.at) : -1;
      if (sign === 0x2b || sign === 0x2d) this.at++;
      if (!this.digits()) return false;
    }
    const size = this.at - integer;
    // Up to 15 digits are exact; the only text of theirs that JavaScript writes otherwise is -0.
    if (plain && size <= 15 && !(integer > start && text.charCodeAt(integer) === 0x30)) return true;
    const token = text.slice(start, this.at);
    if (!this.inexact && String(Number(token)) !== token) this.inexact = true;
    if (this.options.serde === true && (!plain || size > 300) && isOutOfSerdeRange(token)) {
      this.fail('range', 'a number out of the range of a 64-bit float', start);
      return false;
    }
    return true;
  }

  digits(): boolean {
    const start = this.at;
    while (this.at < this.end) {
      const c = this.text.charCodeAt(this.at);
      if (c < 0x30 || c > 0x39) break;
      this.at++;
    }
    if (this.at > start) return true;
    this.fail('syntax', this.at >= this.end ? 'the text ends inside a number' : 'expected a digit', this.at);
    return false;
  }

  endsInside(object: boolean): string {
    return object ? 'the text ends inside an object' : 'the text ends inside an array';
  }

  fail(kind: JsonFaultKind, reason: string, offset: number): JsonFault {
    this.fault = { kind, reason, offset };
    return this.fault;
  }
}
