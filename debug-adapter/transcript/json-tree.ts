// JSON text as rows of the Variables view, a level at a time: nothing is parsed until somebody opens it, and every number is shown as it
// stands in the text. Contracts P2, E2 (a message of 10 MB costs nothing until it is opened), E4 (any depth).
import { decodeString, scanJson } from '../rpc/json-scan.ts';
import { beginning, isLong, type Line } from './headline.ts';
import { MemberIndex } from './large-json.ts';
import { cut, visible } from './transcript-line.ts';
import { inTurns } from './turns.ts';

/** One row, and what opens below it. */
export interface Row {
  readonly name: string;
  readonly value: string;
  readonly type?: string;
  /** How an expression names it: for "add to watch". */
  readonly expression?: string;
  /** Address in guest memory that it stands for. */
  readonly address?: number;
  /** What an assignment to it assigns to, in which of the guest's frames, and of the frames of source in it; undefined: it can't be set. */
  readonly target?: { readonly expression: string; readonly frame: number; readonly level?: number };
  /** Where its own bytes lie, of a variable of the source: `address` may be where it points to. */
  readonly extent?: { readonly address: number; readonly length: number };
  /** Sets it to what a text says. @returns what it is then. @throws Error with a sentence */
  readonly assign?: (text: string) => Promise<Row>;
  readonly children?: Children;
}

export interface Children {
  /** How many of them are numbered, where that is known and matters: clients then ask for pages. */
  readonly indexed?: number;
  /** With `indexed`: how many have names. Those come first. */
  readonly named?: number;
  /** Children [start, start + count). */
  rows(start: number, count: number): readonly Row[] | Promise<readonly Row[]>;
}

/** Rows that are there already. */
export function listed(rows: readonly Row[]): Children {
  return { rows: (start, count) => rows.slice(start, start + count) };
}

/** A container's text is shown up to this width, */
const EXCERPT = 100;
/** a string's up to this: editors cut it themselves, and copy the whole. */
const TEXT = 10_000;
/** An array of fewer characters has no more elements than anyone needs pages for. */
const PAGED = 200;
/** More rows than this are not listed at once, whatever a client asks for: it may ask for pages. */
const MOST_ROWS = 10_000;

/** The value that stands at `[start, end)` of `text`, which is well-formed JSON, as a row. */
export function jsonRow(name: string, text: string, expression?: string, start = 0, end = text.length): Row {
  const first = text[start];
  const named = expression === undefined ? { name } : { name, expression };
  if (first === '{' || first === '[') {
    const value = excerpt(text.slice(start, Math.min(end, start + EXCERPT + 1)));
    return {
      ...named,
      value,
      type: first === '{' ? 'object' : 'array',
      children: jsonChildren(text, start, end, expression),
    };
  }
  if (first === '"') {
    const long = end - start > TEXT;
    return {
      ...named,
      value: long ? `${text.slice(start, start + TEXT)}… (${end - start} characters)` : text.slice(start, end),
      type: 'string',
    };
  }
  const word = text.slice(start, end);
  return {
    ...named,
    value: word,
    type: word === 'null' ? 'null' : word === 'true' || word === 'false' ? 'boolean' : 'number',
  };
}

/** The members of the object or array at `[start, end)`. The scan is made when they are first asked for, and kept with them. */
function jsonChildren(text: string, start: number, end: number, expression: string | undefined): Children {
  let scanned: ReturnType<typeof scanJson> | undefined;
  const scan = () => {
    scanned ??= scanJson(text, { start, end, maxDepth: Number.POSITIVE_INFINITY });
    return scanned;
  };
  const rows = (from: number, count: number): readonly Row[] => {
    const { members } = scan();
    const page = members.slice(from, from + Math.min(count, MOST_ROWS));
    const found = page.map((member, i) => {
      const key = member.key ?? String(from + i);
      const path = expression === undefined ? undefined : pathTo(expression, member.key ?? from + i);
      return jsonRow(key, text, path, member.start, member.end);
    });
    if (count > MOST_ROWS && members.length > from + MOST_ROWS)
      found.push({ name: '…', value: `${members.length - from - MOST_ROWS} more` });
    return found;
  };
  if (text[start] !== '[' || end - start <= PAGED) return { rows };
  return {
    get indexed() {
      return scan().members.length;
    },
    rows,
  };
}

/** `params.user`, `params["odd key"]`, `params[3]`: as expressions/expression.ts reads it. */
function pathTo(expression: string, key: string | number): string {
  if (typeof key === 'number') return `${expression}[${key}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${expression}.${key}` : `${expression}[${JSON.stringify(key)}]`;
}

/** The rows of a whole line: the members of its outermost object or array, or the text itself when it is no JSON. */
export function lineRow(name: string, line: Line): Row {
  const head = beginning(line).trimStart();
  const first = head[0];
  if (first !== '{' && first !== '[') return { name, value: cut(head, line.bytes.length, TEXT), type: 'text' };
  const value = excerpt(head);
  if (isLong(line)) {
    const start = line.bytes.indexOf(first.charCodeAt(0));
    return { name, value, ...(largeRow(name, line.bytes, start, line.bytes.length) as Pick<Row, 'type' | 'children'>) };
  }
  const rows = (start: number, count: number) => {
    const text = line.line.trim();
    const { fault } = scanJson(text, { maxDepth: Number.POSITIVE_INFINITY, keys: NO_KEYS });
    if (fault === undefined) return jsonRow(name, text).children?.rows(start, count) ?? [];
    return [{ name: 'not JSON', value: `${fault.reason} at column ${fault.offset + 1}`, type: 'text' }];
  };
  return { name, value, type: first === '{' ? 'object' : 'array', children: { rows } };
}
const NO_KEYS: ReadonlySet<string> = new Set();

/** Objects and arrays of fewer bytes are looked into as text, at once. */
const SMALL = 64 * 1024;
const decoder = new TextDecoder();

/** The value at `[start, end)` of a long line. `count`: how many members it has, where that is known. */
function largeRow(name: string, bytes: Uint8Array, start: number, end: number, count?: number): Row {
  const first = bytes[start];
  const isContainer = first === 0x7b || first === 0x5b;
  if (end - start <= SMALL || !isContainer) {
    // of a long text or number only what is shown is decoded
    const whole = end - start <= 4 * TEXT || isContainer;
    if (whole) return jsonRow(name, decoder.decode(bytes.subarray(start, end)));
    const text = decoder.decode(bytes.subarray(start, start + 4 * TEXT)).slice(0, TEXT);
    return { name, value: `${text}… (${end - start} bytes)`, type: first === 0x22 ? 'string' : 'number' };
  }
  const value = excerpt(decoder.decode(bytes.subarray(start, start + 4 * EXCERPT)));
  return {
    name,
    value,
    type: first === 0x7b ? 'object' : 'array',
    children: largeChildren(bytes, start, end, first === 0x5b ? count : undefined),
  };
}

/** The members are looked for in turns when they are first asked for, and kept with them. */
function largeChildren(bytes: Uint8Array, start: number, end: number, indexed: number | undefined): Children {
  const index = new MemberIndex(bytes, start, end);
  let found: Promise<void> | undefined;
  const rows = async (from: number, count: number): Promise<readonly Row[]> => {
    found ??= inTurns((budget) => index.advance(budget, () => performance.now()));
    await found;
    const listed: Row[] = [];
    const until = Math.min(index.length, from + Math.min(count, MOST_ROWS));
    for (let i = from; i < until; i++)
      listed.push(largeRow(memberName(bytes, index, i), bytes, index.start(i), index.end(i), index.count(i)));
    if (until < index.length && until - from < count) listed.push({ name: '…', value: `${index.length - until} more` });
    return listed;
  };
  return indexed === undefined ? { rows } : { indexed, rows };
}

/** Key tokens longer than this (bytes) are cut. */
const KEY = 1000;

function memberName(bytes: Uint8Array, index: MemberIndex, i: number): string {
  const key = index.key(i);
  if (key === 0) return String(i);
  let end = bytes.subarray(key, index.start(i)).lastIndexOf(0x22) + key + 1;
  const isCut = end - key > KEY;
  if (isCut) end = key + KEY;
  const token = decoder.decode(bytes.subarray(key, end));
  try {
    return isCut ? `${token.slice(1)}…` : decodeString(token);
  } catch {
    return token;
  }
}

/** How a container's text begins. */
function excerpt(text: string): string {
  return text.length <= EXCERPT ? visible(text) : `${visible(text.slice(0, EXCERPT).replace(/[\ud800-\udbff]$/, ''))}…`;
}
