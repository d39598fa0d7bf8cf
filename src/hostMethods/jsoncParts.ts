// An object or a list of a JSON text with comments, as the parts that it is written of: so that one of them can be added, taken out or moved, and
// every comment stays with the part that it stands above or behind. Knows nothing of mock files; numbers are text (P2).
import { createScanner, type Node } from 'jsonc-parser';

/** One member or item. Put together again, `lead + body + ',' + tail` is what stands in the file. */
export interface Part {
  /** What stands before it: line breaks, indentation, comments of its own. */
  lead: string;
  body: string;
  /** What stands behind it in its last line: a comment. */
  tail: string;
}

/** What stands between two brackets. */
export interface Parts {
  /** Offsets of what is between the brackets. */
  readonly from: number;
  readonly to: number;
  /** Behind the opening bracket, in its line. */
  head: string;
  readonly parts: Part[];
  /** Before the closing bracket. */
  end: string;
  readonly trailingComma: boolean;
}

// jsonc-parser's SyntaxKind is a const enum, which single-file compilation can't read.
const COMMA = 5;
const LINE_COMMENT = 12;
const BLOCK_COMMENT = 13;
const LINE_BREAK = 14;
const BLANKS = 15;

const isTrivia = (kind: number): boolean => kind >= LINE_COMMENT && kind <= BLANKS;

/** Where a comment ends that stands behind `at` in the same line with nothing else after it; `at` where there is none. */
function lineEnd(text: string, at: number): number {
  const scanner = createScanner(text);
  scanner.setPosition(at);
  for (let comment = false; ; ) {
    const kind: number = scanner.scan();
    if (kind === LINE_BREAK) return comment ? scanner.getTokenOffset() : at;
    if (!isTrivia(kind)) return at;
    comment ||= kind === LINE_COMMENT || kind === BLOCK_COMMENT;
  }
}

/** Where the comma stands behind `at`, comments passed over; -1: none. */
function commaBehind(text: string, at: number): number {
  const scanner = createScanner(text);
  scanner.setPosition(at);
  for (;;) {
    const kind: number = scanner.scan();
    if (kind === COMMA) return scanner.getTokenOffset();
    if (!isTrivia(kind)) return -1;
  }
}

/** The parts of an object or a list. */
export function partsOf(text: string, node: Node): Parts {
  const from = node.offset + 1;
  const to = node.offset + node.length - 1;
  let at = lineEnd(text, from);
  const head = text.slice(from, at);
  const parts: Part[] = [];
  let trailingComma = false;
  for (const child of node.children ?? []) {
    const end = child.offset + child.length;
    const comma = commaBehind(text, end);
    trailingComma = comma >= 0;
    const behind = lineEnd(text, comma < 0 ? end : comma + 1);
    const tail = comma < 0 ? text.slice(end, behind) : text.slice(end, comma) + text.slice(comma + 1, behind);
    parts.push({ lead: text.slice(at, child.offset), body: text.slice(child.offset, end), tail });
    at = behind;
  }
  return { from, to, head, parts, end: text.slice(at, to), trailingComma };
}

/** The text with these parts in place of those that it had. */
export function withParts(text: string, { from, to, head, parts, end, trailingComma }: Parts): string {
  let inside = head;
  // nothing but a line break ends a comment that runs to the end of its line
  const add = (piece: string): void => {
    inside += /\/\/[^\r\n]*$/.test(lastPiece) && !/^\s*?[\r\n]/.test(piece) ? `${lineBreak(text)}${piece}` : piece;
    lastPiece = piece;
  };
  let lastPiece = head;
  for (const [i, { lead, body, tail }] of parts.entries()) {
    add(lead);
    inside += body + (i < parts.length - 1 || trailingComma ? ',' : '') + tail;
    lastPiece = tail;
  }
  add(end);
  return text.slice(0, from) + inside + text.slice(to);
}

/** As the text has it. */
export const lineBreak = (text: string): string => (/\r\n/.test(text) ? '\r\n' : '\n');

/** One step of indentation, as the text has it. */
export function indentUnit(text: string): string {
  return /[\r\n]([ \t]+)\S/.exec(text)?.[1]?.replace(/^\t[\s\S]*/, '\t') ?? '  ';
}

/** The blanks before the first word of the line in which `at` lies. */
function indentAt(text: string, at: number): string {
  const start = Math.max(text.lastIndexOf('\n', at - 1), text.lastIndexOf('\r', at - 1)) + 1;
  return /^[ \t]*/.exec(text.slice(start, at))?.[0] ?? '';
}

/** Puts `bodyAt`, made for the indentation that it is told, among the parts of `node` as number `index`: on a line of its own. */
export function insertPart(text: string, node: Node, index: number, bodyAt: (indent: string) => string): string {
  const parts = partsOf(text, node);
  const newline = lineBreak(text);
  const outer = indentAt(text, node.offset);
  const beside = parts.parts.map(({ lead }) => /[\r\n]([ \t]*)$/.exec(lead)?.[1]).find((found) => found !== undefined);
  const indent = beside ?? outer + indentUnit(text);
  if (beside === undefined) {
    // what was in one line is in lines of its own from now on
    for (const part of parts.parts) if (part.lead.trim() === '') part.lead = newline + indent;
    parts.end = `${parts.end.trimEnd()}${newline}${outer}`;
  }
  parts.parts.splice(index, 0, { lead: newline + indent, body: bodyAt(indent), tail: '' });
  return withParts(text, parts);
}

/** Takes part number `index` out, with the comments that are its own. */
export function removePart(text: string, node: Node, index: number): string {
  const parts = partsOf(text, node);
  parts.parts.splice(index, 1);
  if (parts.parts.length === 0 && parts.end.trim() === '' && parts.head === '') parts.end = '';
  return withParts(text, parts);
}

/** Moves part number `from` so that it is number `to`, with the comments that are its own. */
export function movePart(text: string, node: Node, from: number, to: number): string {
  const parts = partsOf(text, node);
  const blanks = parts.parts.map(({ lead }) => lead);
  const [moved] = parts.parts.splice(from, 1);
  if (moved === undefined) return text;
  parts.parts.splice(to, 0, moved);
  // blanks belong to the place, comments to the part
  for (const [i, part] of parts.parts.entries()) {
    const lead = blanks[i] ?? part.lead;
    if (part.lead.trim() === '' && lead.trim() === '') part.lead = lead;
  }
  return withParts(text, parts);
}

/** The one change that makes `after` of `before`: what is the same at both ends stays untouched. Undefined: they are the same. */
export function smallestChange(
  before: string,
  after: string,
): { readonly from: number; readonly to: number; readonly text: string } | undefined {
  if (before === after) return undefined;
  const most = Math.min(before.length, after.length);
  let same = 0;
  while (same < most && before[same] === after[same]) same++;
  let behind = 0;
  while (behind < most - same && before[before.length - 1 - behind] === after[after.length - 1 - behind]) behind++;
  return { from: same, to: before.length - behind, text: after.slice(same, after.length - behind) };
}
