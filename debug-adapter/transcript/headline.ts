// What one line of JSON-RPC is, for lists and columns: kind, id, method, and where the payload stands. A short line is classified as
// production would; of a long one only both ends are looked at, because this runs on the extension host's main thread and a line may
// have 64 MB. Contracts E2 (bounded work), P2 (ids and payloads as text).
import { decodeString } from '../rpc/json-scan.ts';
import { classifyLine } from '../rpc/message.ts';

export type Headline =
  | { readonly kind: 'request'; readonly id: string; readonly method: string; readonly payload: string }
  | { readonly kind: 'result'; readonly id: string; readonly payload: string }
  | { readonly kind: 'error'; readonly id: string; readonly payload: string }
  /** No message of production's: `reason` is a clause. */
  | { readonly kind: 'invalid'; readonly reason: string; readonly payload: string };

/** A line as an event has it. Of a long one `line` is not looked at, so that it need not be decoded. */
export interface Line {
  readonly line: string;
  readonly bytes: Uint8Array;
  /** False: production can't read it at all. */
  readonly utf8?: boolean;
}

/** Lines up to so many bytes are scanned whole: about 0.5 ms. */
const WHOLE = 64 * 1024;
/** Of a longer one, so much of each end. */
const END = 4096;
const decoder = new TextDecoder();

/** Whether a line is looked into only when somebody opens it. */
export function isLong(line: Line): boolean {
  return line.bytes.length > WHOLE;
}

/** How a line begins: all of a short one. */
export function beginning(line: Line): string {
  return isLong(line) ? decoder.decode(line.bytes.subarray(0, END)) : line.line;
}

/** The headline of a line. `payload` is its params, result or error as JSON text; of a long line only how it begins. */
export function headline(line: Line): Headline {
  if (line.utf8 === false) return { kind: 'invalid', reason: 'its bytes are not UTF-8', payload: beginning(line) };
  if (isLong(line)) return peek(line);
  const message = classifyLine(line.line);
  switch (message.type) {
    case 'request':
      return { kind: 'request', id: message.id, method: message.method, payload: message.params };
    case 'response':
      return { kind: 'result', id: message.id, payload: message.result };
    case 'error':
      return { kind: 'error', id: message.id, payload: `${message.code} ${JSON.stringify(message.message)}` };
    default:
      return { kind: 'invalid', reason: message.reason, payload: line.line };
  }
}

const SCALAR = /\s*"(jsonrpc|id|method)"\s*:\s*("(?:[^"\\]|\\.)*"|\d{1,20})\s*,/y;
const PAYLOAD = /\s*"(params|result|error)"\s*:\s*/y;
/** In JSON, what stands before the last brace stands in the outermost object; a key's own quote is not escaped. */
const LAST = /,\s*"(jsonrpc|id|method)"\s*:\s*("(?:[^"\\]|\\.)*"|\d{1,20})\s*\}\s*$/;

/** Reads the members before the payload and those after it, without looking at what lies between. */
function peek(line: Line): Headline {
  const found = new Map<string, string>();
  const head = beginning(line);
  let at = /^\s*\{/.exec(head)?.[0].length ?? head.length;
  for (;;) {
    SCALAR.lastIndex = at;
    const match = SCALAR.exec(head);
    if (match?.[1] === undefined || match[2] === undefined) break;
    found.set(match[1], match[2]);
    at = SCALAR.lastIndex;
  }
  PAYLOAD.lastIndex = at;
  const kind = PAYLOAD.exec(head)?.[1];
  const payload = head.slice(PAYLOAD.lastIndex);
  let tail = decoder.decode(line.bytes.subarray(-END));
  for (let match = LAST.exec(tail); match?.[1] !== undefined && match[2] !== undefined; match = LAST.exec(tail)) {
    found.set(match[1], match[2]);
    tail = `${tail.slice(0, match.index)}}`;
  }
  const id = found.get('id');
  const method = found.get('method');
  if (kind === undefined || id === undefined || id.startsWith('"'))
    return { kind: 'invalid', reason: 'it is long, and neither end of it looks like a message', payload: head };
  if (kind === 'params') {
    const name = method?.startsWith('"') ? decoded(method) : undefined;
    if (name === undefined)
      return { kind: 'invalid', reason: 'it is long, and has params but no method', payload: head };
    return { kind: 'request', id, method: name, payload };
  }
  return { kind: kind === 'result' ? 'result' : 'error', id, payload };
}

/** A string token's value; undefined when it is no JSON, as nobody has checked. */
function decoded(token: string): string | undefined {
  try {
    return decodeString(token);
  } catch {
    return undefined;
  }
}
