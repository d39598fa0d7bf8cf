// A mock file laid out: white space changes, and no token does. Pure. Contract P2 (numbers keep their digits).
import { format } from 'jsonc-parser';
import { canBeParsed, type MockDocument } from './mock-document.ts';
import type { Span } from './span.ts';

export interface TextEdit extends Span {
  readonly text: string;
}

/** The edits that lay out a file, or a piece of it. A text that is no mock file at all is left as it is. */
export function formatMocks(
  { text }: MockDocument,
  how: { readonly tabSize: number; readonly insertSpaces: boolean },
  range?: Span,
): TextEdit[] {
  if (!canBeParsed(text)) return [];
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const piece = range && { offset: range.from, length: range.to - range.from };
  const tabSize = Math.min(16, Math.max(1, how.tabSize));
  return format(text, piece, { tabSize, insertSpaces: how.insertSpaces, eol, keepLines: false }).map(
    ({ offset, length, content }) => ({ from: offset, to: offset + length, text: content }),
  );
}
