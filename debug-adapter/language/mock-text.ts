// JSON texts as pieces of what an editor shows: shortened, laid out, and fenced for Markdown. Numbers keep their digits (P2). Pure.
import { format } from 'jsonc-parser';
import { canBeParsed } from '../mocks/broken-text.ts';
import { visible } from '../transcript/transcript-line.ts';

/** On one line, at most so many UTF-16 units. */
export function brief(text: string, most = 60): string {
  const line = visible(text.slice(0, most + 1).replace(/\s+/g, ' '));
  return line.length <= most ? line : `${line.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** The most of a payload that a hover shows (UTF-16 units). */
const SHOWN = 2000;

/** A JSON text over lines, as a fenced block. */
export function fencedJson(text: string): string {
  if (text.length > SHOWN * 4) return fenced(`${text.slice(0, SHOWN).replace(/[\ud800-\udbff]$/, '')}…`, '');
  const laidOut = laidOutJson(text);
  return laidOut.length <= SHOWN
    ? fenced(laidOut, 'json')
    : fenced(`${laidOut.slice(0, SHOWN).replace(/[\ud800-\udbff]$/, '')}…`, 'json');
}

/** No token of it changes. */
export function laidOutJson(text: string): string {
  if (!canBeParsed(text)) return text;
  const edits = format(text, undefined, { insertSpaces: true, tabSize: 2, eol: '\n' });
  // past 200 columns of indentation jsonc-parser has no text where white space belongs
  if (edits.some(({ content }) => typeof content !== 'string' || content.trim() !== '')) return text;
  let out = '';
  let at = 0;
  for (const { offset, length, content } of edits) {
    out += text.slice(at, offset) + content;
    at = offset + length;
  }
  return out + text.slice(at);
}

/** A Markdown fence longer than any in the text. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** `text` as code within a line of Markdown. */
export function code(text: string): string {
  const one = brief(text, 120);
  const longest = Math.max(0, ...[...one.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${one}${fence}` : `${fence} ${one} ${fence}`;
}
