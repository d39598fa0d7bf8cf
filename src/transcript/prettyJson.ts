// JSON text laid out over lines, two spaces a level, every token as it was written (no number loses a digit). Works through the text once, in
// slices, and never fails: what is no JSON comes out as it went in, more or less broken into lines. Contracts P2, E2 (a message of 10 MB).

/** Characters of one slice: a few ms where each is a token. */
const SLICE = 64 * 1024;
/** Deeper levels are not indented further: a text of brackets alone would grow with its square. */
const DEEPEST = 200;

/** Lays out `text`; `turn` is awaited between slices, so that others have theirs. */
export async function prettyJson(text: string, turn: () => Promise<void>): Promise<string> {
  const slices: string[] = [];
  let parts: string[] = [];
  let depth = 0;
  let at = 0;
  let next = SLICE;
  const newlines: string[] = [];
  const newline = (): void => {
    const level = Math.min(depth, DEEPEST);
    newlines[level] ??= `\n${'  '.repeat(level)}`;
    parts.push(newlines[level]);
  };
  while (at < text.length) {
    if (at >= next) {
      next = at + SLICE;
      slices.push(parts.join(''));
      parts = [];
      await turn();
    }
    const character = text.charCodeAt(at);
    switch (character) {
      case 0x20:
      case 0x09:
      case 0x0a:
      case 0x0d:
        at++;
        break;
      case 0x22: {
        const end = stringEnd(text, at);
        parts.push(text.slice(at, end));
        at = end;
        break;
      }
      case 0x7b: // {
      case 0x5b: {
        const close = character + 2;
        const inside = skipSpace(text, at + 1);
        if (text.charCodeAt(inside) === close) {
          parts.push(character === 0x7b ? '{}' : '[]');
          at = inside + 1;
          break;
        }
        parts.push(character === 0x7b ? '{' : '[');
        depth++;
        newline();
        at = inside;
        break;
      }
      case 0x7d: // }
      case 0x5d:
        depth = Math.max(0, depth - 1);
        newline();
        parts.push(character === 0x7d ? '}' : ']');
        at++;
        break;
      case 0x2c:
        parts.push(',');
        newline();
        at++;
        break;
      case 0x3a:
        parts.push(': ');
        at++;
        break;
      default: {
        let end = at + 1;
        while (end < text.length && !isBreak(text.charCodeAt(end))) end++;
        parts.push(text.slice(at, end));
        at = end;
      }
    }
  }
  parts.push('\n');
  slices.push(parts.join(''));
  return slices.join('');
}

function isBreak(character: number): boolean {
  return (
    character <= 0x20 ||
    character === 0x22 ||
    character === 0x2c ||
    character === 0x3a ||
    character === 0x5b ||
    character === 0x5d ||
    character === 0x7b ||
    character === 0x7d
  );
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
  return at;
}

/** Behind the closing quote of the string that begins at `from`. */
function stringEnd(text: string, from: number): number {
  for (let quote = text.indexOf('"', from + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let before = quote - 1;
    while (text.charCodeAt(before) === 0x5c) before--;
    if ((quote - before) % 2 === 1) return quote + 1;
  }
  return text.length;
}
