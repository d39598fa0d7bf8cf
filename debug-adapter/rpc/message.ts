// One line of JSON-RPC: what production takes it for, or why it takes it for nothing; and the lines the host writes.
// Nothing is paired or answered here. Params and results stay JSON text: classifying costs no parse, and rounds nothing.
// Contracts P1 (reasons), P2 (ids and payloads as text), E4 (never throws). After pdk rpc_message.rs and transport.rs.
import { JSONRPC } from 'json-rpc-2.0';
import type { RpcError } from './errors.ts';
import { isI64, isU64 } from './json-number.ts';
import { decodeString, type JsonRoot, type Member, scanJson } from './json-scan.ts';
import { decodeUtf8, showBytes } from './lines.ts';
import { explainMisfit, isStray } from './misfit.ts';

/** `out` is plugin to host (stdout), `in` is host to plugin (stdin). */
export type Direction = 'out' | 'in';

/** A JSON text, one value. */
export type JsonText = string;

/** A u64 in decimal. */
export type MessageId = string;

export interface RequestMessage {
  readonly type: 'request';
  readonly id: MessageId;
  readonly method: string;
  readonly params: JsonText;
}

export interface ResponseMessage {
  readonly type: 'response';
  readonly id: MessageId;
  readonly result: JsonText;
}

/** An error response as written: `code` is the text of an i64. What production makes of it says errors.ts. */
export interface ErrorMessage {
  readonly type: 'error';
  readonly id: MessageId;
  readonly code: string;
  readonly message: string;
  readonly hasData: boolean;
}

export type InvalidCause = 'stray-text' | 'malformed-json' | 'not-utf8' | 'invalid-message';

/** A line that production can't take: it stops reading at it. `reason` is one clause, `column` from 1 in UTF-16 units. */
export interface InvalidMessage {
  readonly type: 'invalid';
  readonly cause: InvalidCause;
  readonly reason: string;
  readonly column?: number;
  /** The line, for showing. */
  readonly text: string;
}

export type Message = RequestMessage | ResponseMessage | ErrorMessage | InvalidMessage;

/** A member; or that there are two of its name, which no variant takes; or that there is none. */
type Field = Member | 'twice' | undefined;

/** The members by name; a name that stands twice is `twice`, which fails whichever variant has it as a field. */
export type Fields = ReadonlyMap<string, Member | 'twice'>;

const FIELDS: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);
const ERROR_FIELDS: ReadonlySet<string> = new Set(['code', 'message', 'data']);

/** Classifies a line given as bytes, without its "\n". */
export function classifyBytes(bytes: Uint8Array): Message {
  const text = decodeUtf8(bytes);
  if (text !== undefined) return classifyLine(text);
  return { type: 'invalid', cause: 'not-utf8', reason: 'its bytes are not UTF-8', text: showBytes(bytes) };
}

/**
 * Classifies a line as `serde_json::from_str::<RpcMessage>(line.trim())` does: an untagged enum, so the first of request,
 * response and error response that fits wins, unknown members are ignored, and an array gives the fields in their order.
 */
export function classifyLine(line: string): Message {
  const [start, end] = trimmed(line);
  const scan = scanJson(line, { start, end, serde: true, keys: FIELDS });
  const invalid = (cause: InvalidCause, reason: string, offset?: number): InvalidMessage =>
    offset === undefined
      ? { type: 'invalid', cause, reason, text: line }
      : { type: 'invalid', cause, reason, column: offset + 1, text: line };
  if (scan.fault) {
    const { kind, offset } = scan.fault;
    if (start === end) return invalid('stray-text', 'it is an empty line');
    const stray = kind === 'syntax' ? isStray(line, start, end, offset) : undefined;
    if (stray !== undefined) return invalid('stray-text', stray);
    return invalid('malformed-json', `${scan.fault.reason} at column ${offset + 1}`, offset);
  }
  const message =
    scan.root === 'object'
      ? fromObject(line, scan.members)
      : scan.root === 'array'
        ? fromArray(line, scan.members, scan.count)
        : undefined;
  if (message) return message;
  const reason = explainMisfit(line, scan, byName(scan.members));
  return invalid(isWord(scan.root) ? 'stray-text' : 'invalid-message', reason);
}

function isWord(root: JsonRoot): boolean {
  return root !== 'object' && root !== 'array';
}

function byName(members: readonly Member[]): Fields {
  const fields = new Map<string, Member | 'twice'>();
  for (const member of members) {
    if (member.key === undefined) continue;
    fields.set(member.key, fields.has(member.key) ? 'twice' : member);
  }
  return fields;
}

/** Not by way of `byName`: every message comes along here, and a map of four members takes longer than looking at them. */
function fromObject(line: string, members: readonly Member[]): Message | undefined {
  const twice = (before: Field, member: Member): Field => (before === undefined ? member : 'twice');
  let jsonrpc: Field;
  let id: Field;
  let method: Field;
  let params: Field;
  let result: Field;
  let error: Field;
  for (const member of members) {
    switch (member.key) {
      case 'jsonrpc':
        jsonrpc = twice(jsonrpc, member);
        break;
      case 'id':
        id = twice(id, member);
        break;
      case 'method':
        method = twice(method, member);
        break;
      case 'params':
        params = twice(params, member);
        break;
      case 'result':
        result = twice(result, member);
        break;
      case 'error':
        error = twice(error, member);
        break;
    }
  }
  return (
    (method === undefined ? undefined : build(line, 'request', [jsonrpc, id, method, params])) ??
    (result === undefined ? undefined : build(line, 'response', [jsonrpc, id, result])) ??
    (error === undefined ? undefined : build(line, 'error', [jsonrpc, id, error]))
  );
}

function fromArray(line: string, members: readonly Member[], count: number): Message | undefined {
  if (count === 4) return build(line, 'request', members);
  return count === 3 ? (build(line, 'response', members) ?? build(line, 'error', members)) : undefined;
}

/** The message of one variant from its fields in their order, or undefined if one is missing or of another type. */
function build(
  line: string,
  type: 'request' | 'response' | 'error',
  [jsonrpc, id, third, fourth]: readonly Field[],
): Message | undefined {
  if (!isString(line, jsonrpc) || !isMember(id) || !isMember(third)) return undefined;
  const idText = line.slice(id.start, id.end);
  if (!isU64(idText)) return undefined;
  if (type === 'response') return { type, id: idText, result: line.slice(third.start, third.end) };
  if (type === 'error') return buildError(line, idText, third);
  if (!isString(line, third) || !isMember(fourth)) return undefined;
  const method = decodeString(line.slice(third.start, third.end));
  return { type, id: idText, method, params: line.slice(fourth.start, fourth.end) };
}

function buildError(line: string, id: MessageId, { start, end }: Member): ErrorMessage | undefined {
  const scan = scanJson(line, { start, end, keys: ERROR_FIELDS });
  const fields = byName(scan.members);
  const array = scan.root === 'array' && scan.count === 2;
  const code = array ? scan.members[0] : fields.get('code');
  const message = array ? scan.members[1] : fields.get('message');
  if (!isMember(code) || !isString(line, message)) return undefined;
  const codeText = line.slice(code.start, code.end);
  if (!isI64(codeText)) return undefined;
  return {
    type: 'error',
    id,
    code: codeText,
    message: decodeString(line.slice(message.start, message.end)),
    hasData: fields.has('data'),
  };
}

function isMember(field: Field): field is Member {
  return field !== undefined && field !== 'twice';
}

function isString(line: string, field: Field): field is Member {
  return isMember(field) && line.charCodeAt(field.start) === 0x22;
}

/** `str::trim`: Unicode's White_Space, which has U+0085 and lacks U+FEFF, unlike JavaScript's trim. */
function trimmed(text: string): [number, number] {
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text.charCodeAt(start))) start++;
  while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end--;
  return [start, end];
}

function isWhiteSpace(c: number): boolean {
  if (c < 0x80) return c === 0x20 || (c >= 0x09 && c <= 0x0d);
  return (
    c === 0x85 ||
    c === 0xa0 ||
    c === 0x1680 ||
    (c >= 0x2000 && c <= 0x200a) ||
    c === 0x2028 ||
    c === 0x2029 ||
    c === 0x202f ||
    c === 0x205f ||
    c === 0x3000
  );
}

// The lines that the host writes, as serde_json writes pdk's structs. They are put together from text, not by the
// constructors of json-rpc-2.0, because params and results are text that must not go through a double (P2).

/** A request line, without its "\n". `params` is one JSON value. */
export function requestLine(id: MessageId, method: string, params: JsonText): string {
  return `{"jsonrpc":"${JSONRPC}","id":${id},"method":${JSON.stringify(method)},"params":${params}}`;
}

/** A response line, without its "\n". `result` is one JSON value. */
export function responseLine(id: MessageId, result: JsonText): string {
  return `{"jsonrpc":"${JSONRPC}","id":${id},"result":${result}}`;
}

/** An error response line, without its "\n". */
export function errorLine(id: MessageId, error: RpcError): string {
  return `{"jsonrpc":"${JSONRPC}","id":${id},"error":{"code":${error.code},"message":${JSON.stringify(error.message)}}}`;
}
