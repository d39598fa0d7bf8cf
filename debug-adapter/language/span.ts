// A piece of a text, as the services of the language server name places. Not a position of an editor: the server turns offsets into those.

/** Offsets in UTF-16 units; `to` is behind the last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** `span` within a text of `length` units: nothing that a service tells of lies outside the text. */
export function within({ from, to }: Span, length: number): Span {
  const start = Math.min(Math.max(0, from), length);
  return { from: start, to: Math.min(Math.max(start, to), length) };
}
