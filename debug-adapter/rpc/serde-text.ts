// The text that serde_json writes for a Value: compact, keys in byte order, the last of equal keys. One thing differs: a
// number keeps the text it had (P2), where serde_json would round what neither u64, i64 nor f64 holds.
import { JsonError } from './json.ts';
import { decodeString, MAX_DEPTH, scanJson } from './json-scan.ts';

/**
 * Rewrites a JSON text as the production host would put it on the wire: it keeps results and params as serde_json Values,
 * which are sorted maps. With `trailingCommas`, JSONC's are dropped. Throws a JsonError.
 */
export function serdeText(text: string, options: { maxDepth?: number; trailingCommas?: boolean } = {}): string {
  const scan = scanJson(text, {
    maxDepth: options.maxDepth ?? MAX_DEPTH,
    trailingCommas: options.trailingCommas === true,
  });
  if (scan.fault) throw new JsonError(text, scan.fault);
  return new Writer(text, scan.start).value();
}

/** Orders strings as Rust does, by their UTF-8 bytes: UTF-16 order but for surrogates, which stand above U+E000 to U+FFFF. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const high = (c: number) => (c >= 0xe000 ? c - 0x800 : c >= 0xd800 ? c + 0x2000 : c);
    return high(x) - high(y);
  }
  return a.length - b.length;
}

/** Reads a text that scanJson has found well-formed and no deeper than the stack allows, so it checks nothing. */
class Writer {
  readonly text: string;
  at: number;

  constructor(text: string, at: number) {
    this.text = text;
    this.at = at;
  }

  value(): string {
    switch (this.peek()) {
      case '{':
        return this.object();
      case '[':
        return this.array();
      case '"':
        return JSON.stringify(decodeString(this.string()));
      default:
        return this.word();
    }
  }

  object(): string {
    const entries = new Map<string, string>();
    this.at++;
    while (this.peek() !== '}') {
      const key = decodeString(this.string());
      this.peek();
      this.at++; // :
      entries.set(key, this.value());
      if (this.peek() === ',') this.at++;
    }
    this.at++;
    const keys = [...entries.keys()].sort(compareUtf8);
    return `{${keys.map((key) => `${JSON.stringify(key)}:${entries.get(key)}`).join(',')}}`;
  }

  array(): string {
    const items: string[] = [];
    this.at++;
    while (this.peek() !== ']') {
      items.push(this.value());
      if (this.peek() === ',') this.at++;
    }
    this.at++;
    return `[${items.join(',')}]`;
  }

  string(): string {
    const start = this.at;
    for (this.at++; this.text[this.at] !== '"'; this.at++) if (this.text[this.at] === '\\') this.at++;
    this.at++;
    return this.text.slice(start, this.at);
  }

  word(): string {
    const word = /[^\s,\]}]+/y;
    word.lastIndex = this.at;
    const found = word.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  peek(): string {
    const space = /[ \t\r\n]*/y;
    space.lastIndex = this.at;
    space.exec(this.text);
    this.at = space.lastIndex;
    return this.text[this.at] ?? '';
  }
}
