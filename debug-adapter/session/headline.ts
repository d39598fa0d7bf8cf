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

/** Lines up to this long are scanned whole: about 0.5 ms. */
const WHOLE = 64 * 1024;
/** Of a longer one, so much of each end. */
const END = 4096;

/** The headline of a line. `payload` is its params, result or error as JSON text; of a long line only how it begins. */
export function headline(line: string): Headline {
  if (line.length > WHOLE) return peek(line);
  const message = classifyLine(line);
  switch (message.type) {
    case 'request':
      return { kind: 'request', id: message.id, method: message.method, payload: message.params };
    case 'response':
      return { kind: 'result', id: message.id, payload: message.result };
    case 'error':
      return { kind: 'error', id: message.id, payload: `${message.code} ${JSON.stringify(message.message)}` };
    default:
      return { kind: 'invalid', reason: message.reason, payload: line };
  }
}

const SCALAR = /\s*"(jsonrpc|id|method)"\s*:\s*("(?:[^"\\]|\\.)*"|\d{1,20})\s*,/y;
const PAYLOAD = /\s*"(params|result|error)"\s*:\s*/y;
/** In JSON, what stands before the last brace stands in the outermost object; a key's own quote is not escaped. */
const LAST = /,\s*"(jsonrpc|id|method)"\s*:\s*("(?:[^"\\]|\\.)*"|\d{1,20})\s*\}\s*$/;

/** Reads the members before the payload and those after it, without looking at what lies between. */
function peek(line: string): Headline {
  const found = new Map<string, string>();
  const head = line.slice(0, END);
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
  const payload = line.slice(PAYLOAD.lastIndex, PAYLOAD.lastIndex + END);
  let tail = line.slice(-END);
  for (let match = LAST.exec(tail); match?.[1] !== undefined && match[2] !== undefined; match = LAST.exec(tail)) {
    found.set(match[1], match[2]);
    tail = `${tail.slice(0, match.index)}}`;
  }
  const id = found.get('id');
  const method = found.get('method');
  if (kind === undefined || id === undefined || id.startsWith('"'))
    return { kind: 'invalid', reason: 'it is long, and neither end of it looks like a message', payload: head };
  if (kind === 'params' && method?.startsWith('"'))
    return { kind: 'request', id, method: decodeString(method), payload };
  if (kind === 'params') return { kind: 'invalid', reason: 'it is long, and has params but no method', payload: head };
  return { kind: kind === 'result' ? 'result' : 'error', id, payload };
}
