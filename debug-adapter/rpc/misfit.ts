// Says in one clause why a line is no message of production's: stray text, or JSON of another shape. Words only; whether a
// line fits is decided in message.ts. Contract P1.
import { isI64 } from './json-number.ts';
import { decodeString, type Member, type Scan, scanJson } from './json-scan.ts';
import type { Fields } from './message.ts';

/** The longest piece of someone's text that a sentence quotes, in UTF-16 units. */
const QUOTED = 60;

/** A text in backquotes for a sentence: on one line, and cut. */
export function quote(text: string): string {
  const line = text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}]/gu,
    (c) => ({ '\t': '\\t', '\n': '\\n', '\r': '\\r' })[c] ?? '\uFFFD',
  );
  return `\`${line.length > QUOTED ? `${line.slice(0, QUOTED).replace(/[\uD800-\uDBFF]$/, '')}…` : line}\``;
}

/**
 * Why a line that is not JSON (fault at `offset`) is rather text than a message gone wrong, or undefined if it looks like
 * a message. A log line may well begin with a bracket: `[INFO] ready`, `{:?}`.
 */
export function isStray(line: string, start: number, end: number, offset: number): string | undefined {
  const text = line.slice(start, Math.min(end, start + 4096));
  const envelope = /\{\s*"jsonrpc"\s*:/.exec(text);
  if (envelope && envelope.index > 0 && start + envelope.index >= offset) {
    const before = text.slice(0, envelope.index);
    if (scanJson(before).fault) return `${quote(before)} stands before a message on the same line`;
    return 'two messages stand on one line';
  }
  if (!/^\{\s*(?:["}]|$)|^\[\s*(?:["{[\]\d-]|$)/.test(text)) return 'it is no JSON';
  // A whole message came first: what follows is text that was printed after it.
  const rest = line.slice(offset, end);
  if (envelope && scanJson(line, { start, end: offset }).fault === undefined) {
    if (/^\{\s*"jsonrpc"\s*:/.test(rest)) return 'two messages stand on one line';
    return `${quote(rest)} follows a message on the same line`;
  }
  return undefined;
}

/** Why JSON that is well-formed fits none of request, response and error response. */
export function explainMisfit(line: string, scan: Scan, fields: Fields): string {
  const text = line.slice(scan.start, scan.end);
  if (scan.root === 'array') {
    const batch = scan.count > 0 && scan.members.every((member) => line[member.start] === '{');
    return batch
      ? 'it is a batch, which production does not know'
      : `it is an array of ${scan.count} values, not a message`;
  }
  if (scan.root !== 'object')
    return `it is ${scan.root === 'null' ? 'null' : `the ${scan.root} ${quote(text)}`}, not a message`;
  const request = fields.has('method') || (fields.has('params') && !fields.has('result') && !fields.has('error'));
  const what = request
    ? requestName(line, fields)
    : fields.has('result')
      ? 'response'
      : fields.has('error')
        ? 'error response'
        : '';
  if (what === '') return 'it is an object without method, result or error';
  const third = request ? 'method' : fields.has('result') ? 'result' : 'error';
  const needed = ['jsonrpc', 'id', third, ...(request ? ['params'] : [])];
  for (const name of needed) {
    const field = fields.get(name);
    if (field === 'twice') return `${what} with two members named ${name}`;
    if (field === undefined) return missing(what, name);
    const clause = misfit(line, what, name, field);
    if (clause !== undefined) return clause;
  }
  return `${what} that production can't read`;
}

function requestName(line: string, fields: Fields): string {
  const method = fields.get('method');
  if (method === undefined || method === 'twice' || line[method.start] !== '"') return 'request';
  return `request ${quote(decodeString(line.slice(method.start, method.end)))}`;
}

function missing(what: string, name: string): string {
  if (name === 'id' && what.startsWith('request')) return `${what} without id (production knows no notifications)`;
  if (name === 'params') return `${what} without params (they must be there, if only as null)`;
  return `${what} without ${name}`;
}

function misfit(line: string, what: string, name: string, field: Member): string | undefined {
  const value = line.slice(field.start, field.end);
  if ((name === 'jsonrpc' || name === 'method') && !value.startsWith('"'))
    return `${what} whose ${name} is ${kind(value)}, not a string`;
  if (name === 'id') {
    const id = idMisfit(value);
    return id === undefined ? undefined : `${what} whose id ${id}`;
  }
  return name === 'error' ? errorMisfit(line, what, field) : undefined;
}

function idMisfit(value: string): string | undefined {
  if (!/^[-\d]/.test(value)) return `is ${kind(value)}, not an unsigned 64-bit number`;
  if (value.startsWith('-')) return `${quote(value)} is negative`;
  if (!/^\d+$/.test(value)) return `${quote(value)} is not written as a whole number`;
  return value.length > 20 || (value.length === 20 && value > '18446744073709551615')
    ? `${quote(value)} is over 2^64-1`
    : undefined;
}

function errorMisfit(line: string, what: string, { start, end }: Member): string {
  const scan = scanJson(line, { start, end });
  if (scan.root !== 'object') return `${what} whose error is ${kind(line.slice(start, end))}, not an object`;
  for (const name of ['code', 'message']) {
    const found = scan.members.filter((member) => member.key === name);
    const value = found[0] && line.slice(found[0].start, found[0].end);
    if (value === undefined) return `${what} whose error has no ${name}`;
    if (found.length > 1) return `${what} whose error has two members named ${name}`;
    if (name === 'message' && !value.startsWith('"'))
      return `${what} whose error message is ${kind(value)}, not a string`;
    if (name === 'code' && !isI64(value))
      return `${what} whose error code ${quote(value)} is not a whole 64-bit number`;
  }
  return `${what} whose error production can't read`;
}

/** What a JSON text is, with its article and, when it is short, its text. */
function kind(value: string): string {
  const first = value[0];
  if (first === '{') return 'an object';
  if (first === '[') return 'an array';
  if (first === '"') return `the string ${quote(value)}`;
  if (first === 'n') return 'null';
  return first === 't' || first === 'f' ? value : `the number ${quote(value)}`;
}
