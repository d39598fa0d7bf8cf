// Lossless JSON: parsing, writing, equality and paths over values whose numbers keep their text. Not a checker of what
// production would take (json-scan.ts with `serde`), nor of messages (message.ts).
// Contracts P2 (numbers), E4 (bounded depth).
import { compareNumbers, jsonNumber, LosslessNumber } from './json-number.ts';
import { type JsonFault, MAX_DEPTH, type Member, type Scan, scanJson } from './json-scan.ts';

/** Any JSON value. Numbers that a double can't hold as written are LosslessNumbers; values do not cross threads, text does. */
export type JsonValue = null | boolean | number | string | LosslessNumber | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

/** A text that is not JSON, or nested too deep. The message is one clause with the column (from 1, in UTF-16 units). */
export class JsonError extends Error {
  readonly fault: JsonFault;

  constructor(text: string, fault: JsonFault) {
    super(`${fault.reason} at ${place(text, fault.offset)}`);
    this.name = 'JsonError';
    this.fault = fault;
  }
}

/** `column N`, or `line M, column N` in a text of several lines. */
function place(text: string, offset: number): string {
  const { line, column } = lineAndColumn(text, offset);
  return line === 1 && !text.includes('\n') ? `column ${column}` : `line ${line}, column ${column}`;
}

/** Line and column of an offset, both from 1, columns in UTF-16 units as editors count them. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

// TypeScript's library does not know the reviver's third argument yet: the source text of a primitive (V8 11.4, Node 21).
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver?: Reviver) => JsonValue;

const keepNumbers: Reviver = (_key, value, context) =>
  typeof value === 'number' && context.source !== undefined ? jsonNumber(context.source) : value;

/** Parses one JSON value (RFC 8259), keeping each number's text. Throws a JsonError; never anything else, however deep. */
export function parseJson(text: string, maxDepth: number = MAX_DEPTH): JsonValue {
  const scan = scanJson(text, { maxDepth });
  if (scan.fault) throw new JsonError(text, scan.fault);
  // V8 13.6 compares such a key with one of an object before it by the text as it stands: after {"\\n":1} it reads {"\n":1} as the same.
  if (scan.escapedKey) return assembled(text, scan);
  // The reviver makes V8's parser ten times slower, so it is for texts that need it.
  return scan.inexact ? parseWithSource(text, keepNumbers) : parseWithSource(text);
}

/** The value of a part of `text` that was scanned and found well-formed, without JSON.parse but for strings and numbers. */
function assembled(text: string, { root, start, end, members }: Scan): JsonValue {
  if (root === 'number') return jsonNumber(text.slice(start, end));
  if (root !== 'object' && root !== 'array') return JSON.parse(text.slice(start, end)) as JsonValue;
  // no deeper than the scan was allowed to go
  const inner = (member: Member) =>
    assembled(text, scanJson(text, { start: member.start, end: member.end, maxDepth: Number.POSITIVE_INFINITY }));
  return root === 'array'
    ? members.map(inner)
    : Object.fromEntries(members.map((member) => [member.key ?? '', inner(member)]));
}

/** The compact JSON text of a value, each number as it was written. */
export function stringifyJson(value: JsonValue, indent = 0): string {
  return JSON.stringify(value, undefined, indent);
}

/** Whether two values are the same JSON: keys in any order, numbers by their exact value (1.0 is 1, 2^64-1 is not 2^64). */
export function jsonEqual(a: JsonValue, b: JsonValue): boolean {
  if (isNumber(a) || isNumber(b)) return isNumber(a) && isNumber(b) && compareNumbers(a, b) === 0;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => jsonEqual(item, b[i] ?? null));
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && jsonEqual(a[key] ?? null, b[key] ?? null));
}

export function isNumber(value: JsonValue): value is number | LosslessNumber {
  return typeof value === 'number' || value instanceof LosslessNumber;
}

export type JsonPath = readonly (string | number)[];

/** The value at a path of keys and indices, or undefined where there is none. Only own keys count. */
export function getPath(value: JsonValue, path: JsonPath): JsonValue | undefined {
  let at: JsonValue | undefined = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || at instanceof LosslessNumber) return undefined;
    if (Array.isArray(at)) at = typeof step === 'number' ? at[step] : undefined;
    else at = Object.hasOwn(at, String(step)) ? at[String(step)] : undefined;
  }
  return at;
}

/** Parses `a.b[0]["odd key"]` into a path; undefined when the text is no path. The empty text is the value itself. */
export function parsePath(text: string): JsonPath | undefined {
  const path: (string | number)[] = [];
  const step = /\.?([\p{ID_Start}_$][\p{ID_Continue}$-]*)|\[(\d{1,15})\]|\[("(?:[^"\\]|\\.)*")\]/uy;
  while (step.lastIndex < text.length) {
    const dotAllowed = step.lastIndex > 0;
    const dot = text[step.lastIndex] === '.';
    const match = step.exec(text);
    if (!match) return undefined;
    const [, name, index, quoted] = match;
    if (name !== undefined && dot !== dotAllowed) return undefined;
    if (name !== undefined) path.push(name);
    else if (index !== undefined) path.push(Number(index));
    else {
      if (quoted === undefined || scanJson(quoted).fault) return undefined;
      path.push(JSON.parse(quoted) as string);
    }
  }
  return path;
}
