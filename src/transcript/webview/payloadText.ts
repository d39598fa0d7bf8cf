// A payload as people may read it: characters that can't be seen, or that would turn the text around, are set apart and named. Pure.

export interface Piece {
  readonly text: string;
  /** The name of what `text` stands for: `U+202E`. */
  readonly control?: string;
}

/** What is not to be seen as itself: controls but tab and line feed, direction overrides and isolates, the byte order mark. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is for
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** `text` in pieces. Controls below U+0020 are shown as their pictures (U+2400 and on). */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(UNSEEN)) {
    if (match.index > at) found.push({ text: text.slice(at, match.index) });
    const code = match[0].charCodeAt(0);
    const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    found.push({
      text: code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '\u2421' : name,
      control: name,
    });
    at = match.index + 1;
  }
  if (at < text.length) found.push({ text: text.slice(at) });
  return found;
}
