// The requests that give replies by hand: to the host call that waits for one, or in place of a reply that the plugin has not read. Contracts M1, P2.
import type { HandReply } from '../executor/messages.ts';
import { isI64 } from '../rpc/json-number.ts';
import type { Call } from './call.ts';
import { stopOf } from './stack.ts';

/** As a client sends it. */
export interface ReplyArguments {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly resultText?: unknown;
  readonly error?: unknown;
  readonly never?: unknown;
}

/** The host call that waits, and the replies that can still be changed. */
export function replies(call: Call): object {
  const { ask, unread = [] } = stopOf(call);
  return { ...(ask === undefined ? {} : { ask }), unread };
}

/** Answers the host call that waits; it goes on when it is resumed. @throws Error with a sentence */
export function answer(call: Call, args: ReplyArguments): undefined {
  const { ask } = stopOf(call);
  const id = idOf(args);
  if (ask?.id !== id)
    throw new Error(
      ask === undefined
        ? 'No host call waits for an answer.'
        : `The host call that waits for an answer is ${ask.method} with the id ${ask.id}, and not ${id}.`,
    );
  call.run.answer(id, replyOf(args));
  return undefined;
}

/** Gives another reply in place of one that the plugin has not read. @throws Error with a sentence */
export async function changeReply(call: Call, args: ReplyArguments): Promise<object> {
  stopOf(call);
  const event = await call.run.changeReply(idOf(args), replyOf(args));
  return { ...(event < 0 ? {} : { event }), unread: call.run.stop?.unread ?? [] };
}

/** Of the plugin's request: a u64, as a text or, where a double holds it, a number. */
function idOf({ id }: ReplyArguments): string {
  if (typeof id === 'string' && /^\d{1,20}$/.test(id)) return id;
  if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0) return String(id);
  throw new Error('"id" is the number of the plugin\'s request, or its digits as a text.');
}

function replyOf({ result, resultText, error, never }: ReplyArguments): HandReply {
  const given = [result, resultText, error, never].filter((value) => value !== undefined);
  if (given.length !== 1 || (never !== undefined && never !== true))
    throw new Error('A reply is one of "result", "resultText" (JSON text), "error" and "never" (true).');
  if (never === true) return 'never';
  if (resultText !== undefined) {
    if (typeof resultText !== 'string') throw new Error('"resultText" is a text that holds JSON.');
    return { result: resultText };
  }
  if (error === undefined) return { result: resultOf(result) };
  const { code, message }: { code?: unknown; message?: unknown } =
    typeof error === 'object' && error !== null ? error : {};
  const isCode = (code: unknown): code is number | string =>
    (typeof code === 'number' && Number.isSafeInteger(code)) || (typeof code === 'string' && isI64(code));
  if (!isCode(code) || typeof message !== 'string')
    throw new Error('An "error" has a whole number as its code (as a text past 2^53) and a text as its message.');
  return { error: { code, message } };
}

/** Whole numbers past 2^53 may have been rounded before they came here, and nobody could tell (P2). */
function resultOf(result: unknown): string {
  return JSON.stringify(result, (_, value: unknown) => {
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
      throw new Error('A number in "result" is past 2^53 and may have been rounded: give it in "resultText".');
    return value;
  });
}
