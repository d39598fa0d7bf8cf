// An answer that somebody typed, as it goes on the wire. Pure. Contract P2.
import { JsonError } from '../rpc/json.ts';
import { MAX_DEPTH } from '../rpc/json-scan.ts';
import { serdeText } from '../rpc/serde-text.ts';
import type { HandReply } from './messages.ts';

/** In a reply line a result lies one level deep. */
const RESULT_DEPTH = MAX_DEPTH - 1;

/** The reply with its result as production's host would write it. @throws Error with a sentence for a result that is not JSON */
export function handReply(reply: HandReply): HandReply {
  if (reply === 'never' || !('result' in reply)) return reply;
  try {
    return { result: serdeText(reply.result, { maxDepth: RESULT_DEPTH }) };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new Error(`The result is not JSON: ${error.message}.`, { cause: error });
  }
}
