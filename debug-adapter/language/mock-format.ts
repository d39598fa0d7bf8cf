// A mock file laid out: white space changes, and no token does. Pure. Contract P2 (numbers keep their digits).
import { format } from 'jsonc-parser';
import { canBeParsed } from '../mocks/broken-text.ts';
import type { MockDocument } from './mock-document.ts';
import type { Span } from './span.ts';

export interface TextEdit extends Span {
  readonly text: string;
}

/**
 * The edits that lay out a file, or a piece of it: an author's line breaks stay, a file without any gets some. A text that works by recursion could not
 * read is left as it is.
 */
export function formatMocks(
  { text }: MockDocument,
  how: { readonly tabSize: number; readonly insertSpaces: boolean },
  range?: Span,
): TextEdit[] {
  if (!canBeParsed(text)) return [];
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const piece = range && { offset: range.from, length: range.to - range.from };
  const tabSize = Math.min(16, Math.max(1, Math.floor(how.tabSize) || 2));
  const keepLines = /[\r\n]/.test(text.trim());
  const insertFinalNewline = range === undefined && /[\r\n]\s*$/.test(text);
  const options = { tabSize, insertSpaces: how.insertSpaces, eol, keepLines, insertFinalNewline };
  const edits = format(text, piece, options);
  // past 200 columns of indentation jsonc-parser has no text where white space belongs
  if (edits.some(({ content }) => typeof content !== 'string' || content.trim() !== '')) return [];
  return edits.map(({ offset, length, content }) => ({
    from: Math.min(offset, text.length),
    to: Math.min(offset + length, text.length),
    text: content,
  }));
}
