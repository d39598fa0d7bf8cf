// Names out of a module as a sentence may quote them: on one line, without what moves a terminal's cursor, and cut. A module may name things
// as it likes.

/** The longest piece of a name that a sentence quotes, in UTF-16 units. */
const QUOTED = 300;

/** Control characters, line separators, and marks that turn the direction of text. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** `name` for a sentence. */
export function quoted(name: string): string {
  const piece = name.length > QUOTED ? `${name.slice(0, QUOTED).replace(/[\ud800-\udbff]$/, '')}…` : name;
  return piece.replace(UNSEEN, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
