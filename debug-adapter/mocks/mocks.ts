// Mock files: what the host answers without a host. For now a JSON object (JSONC tolerated) from host method to result;
// rules that look at params come with their own issue, so `answer` takes them already. Pure.
// Contracts P2 (results keep their numbers), M1 (the caller sends replies in order).
import { createScanner } from 'jsonc-parser';
import type { AnsweredBy } from '../rpc/answered-by.ts';
import { lineAndColumn } from '../rpc/json.ts';
import { MAX_DEPTH, type Member, scanJson } from '../rpc/json-scan.ts';
import type { JsonText } from '../rpc/message.ts';
import { serdeText } from '../rpc/serde-text.ts';
import { quoted } from '../wasm/quoted.ts';

/** A mock file that can't be used. The message is `FILE:LINE:COLUMN: sentence`, both from 1, columns in UTF-16 units. */
export class MocksError extends Error {
  readonly line: number;
  readonly column: number;

  constructor(file: string, source: string, offset: number, sentence: string) {
    const { line, column } = lineAndColumn(source, offset);
    super(`${file}:${line}:${column}: ${sentence}`);
    this.name = 'MocksError';
    this.line = line;
    this.column = column;
  }
}

/** A host method's result, ready for the wire. */
export interface MockReply {
  readonly result: JsonText;
  /** The rule that it stands in: the same value each time. */
  readonly answeredBy: AnsweredBy;
}

/** In a reply line a result lies one level deep, and serde_json in the plugin reads MAX_DEPTH levels. */
const RESULT_DEPTH = MAX_DEPTH - 1;

export class Mocks {
  /** No mocks: every host method is unknown. */
  static readonly NONE: Mocks = new Mocks(new Map());

  readonly #replies: ReadonlyMap<string, MockReply>;

  private constructor(replies: ReadonlyMap<string, MockReply>) {
    this.#replies = replies;
  }

  /** Reads a mock file's text; `file` is its name for messages. Throws a MocksError. */
  static parse(source: string, file: string): Mocks {
    const fail = (offset: number, sentence: string) => new MocksError(file, source, offset, sentence);
    // Comments become spaces, so that every offset stays that of the file.
    const text = blankComments(source, (offset) => fail(offset, 'This comment has no end; close it with `*/`.'));
    const scan = scanJson(text, { trailingCommas: true, maxDepth: RESULT_DEPTH + 1 });
    if (scan.fault) {
      const { kind, reason, offset } = scan.fault;
      throw kind === 'depth' ? tooDeep(fail, offset) : fail(offset, `${sentenceCase(reason)}.`);
    }
    if (scan.root !== 'object')
      throw fail(scan.start, `A mock file is a JSON object from host method to result, not ${article(scan.root)}.`);
    const replies = new Map<string, MockReply>();
    const lineAt = lineCounter(text);
    for (const member of scan.members) {
      const method = member.key ?? '';
      if (replies.has(method))
        throw fail(member.keyStart, `Host method \`${quoted(method)}\` stands here a second time; remove one.`);
      replies.set(method, {
        result: resultText(text, member),
        answeredBy: { by: 'mock', file, method, line: lineAt(member.keyStart) },
      });
    }
    return new Mocks(replies);
  }

  /** The host methods that have an answer, in the order of the file. */
  get methods(): readonly string[] {
    return [...this.#replies.keys()];
  }

  /** The answer to a call of a host method, or undefined when there is none. Costs one look-up. */
  answer(method: string, _params: JsonText): MockReply | undefined {
    return this.#replies.get(method);
  }
}

/** Line numbers (from 1) of offsets that only grow, in one pass over the text. Lines end as in `lineAndColumn`. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let next = 0;
  return (offset) => {
    for (let end = text.indexOf('\n', next); end >= 0 && end < offset; end = text.indexOf('\n', next)) {
      line++;
      next = end + 1;
    }
    return line;
  };
}

function resultText(text: string, { start, end }: Member): JsonText {
  return serdeText(text.slice(start, end), { trailingCommas: true });
}

function tooDeep(fail: (offset: number, sentence: string) => MocksError, offset: number): MocksError {
  return fail(offset, `This result is nested deeper than ${RESULT_DEPTH} levels, which no plugin could read.`);
}

// jsonc-parser's SyntaxKind and ScanError are const enums, which single-file compilation can't read.
const LINE_COMMENT = 12;
const BLOCK_COMMENT = 13;
const END_OF_FILE = 17;
const UNEXPECTED_END_OF_COMMENT = 1;

/** The text with its comments, and a byte order mark, turned to spaces; line breaks stay. */
function blankComments(source: string, unclosed: (offset: number) => MocksError): string {
  if (!source.includes('/') && !source.startsWith('\uFEFF')) return source;
  const parts: string[] = [];
  let copied = 0;
  const blank = (start: number, end: number) => {
    parts.push(source.slice(copied, start), source.slice(start, end).replace(/[^\r\n]/g, ' '));
    copied = end;
  };
  if (source.startsWith('\uFEFF')) blank(0, 1);
  const scanner = createScanner(source);
  for (let kind: number = scanner.scan(); kind !== END_OF_FILE; kind = scanner.scan()) {
    if (kind !== LINE_COMMENT && kind !== BLOCK_COMMENT) continue;
    const start = scanner.getTokenOffset();
    if (Number(scanner.getTokenError()) === UNEXPECTED_END_OF_COMMENT) throw unclosed(start);
    blank(start, start + scanner.getTokenLength());
  }
  parts.push(source.slice(copied));
  return parts.join('');
}

function sentenceCase(clause: string): string {
  return clause.charAt(0).toUpperCase() + clause.slice(1);
}

function article(root: string): string {
  return root === 'null' ? root : root === 'array' ? 'an array' : `a ${root}`;
}
