// The filter's text cut into what is understood and what is not, for the underline. Pure.
import type { FilterProblem } from '../protocol.ts';

export interface Part {
  readonly text: string;
  readonly wrong: boolean;
}

/** `text` in order; problems may overlap, or lie outside of a text that has changed since. */
export function marked(text: string, problems: readonly FilterProblem[]): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const { from, to } of [...problems].sort((a, b) => a.from - b.from)) {
    const start = Math.max(at, Math.min(from, text.length));
    const end = Math.max(start, Math.min(to, text.length));
    if (start > at) parts.push({ text: text.slice(at, start), wrong: false });
    if (end > start) parts.push({ text: text.slice(start, end), wrong: true });
    at = end;
  }
  if (at < text.length) parts.push({ text: text.slice(at), wrong: false });
  return parts;
}
