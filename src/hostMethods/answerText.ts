// The document in which an answer is typed, as text: how it begins, with the params beside the answer as a comment, and what is sent for it. Pure.
// Contracts P2 (digits stay), E4 (params that hold anything stay within their comment).

import { blankComments, JsoncText } from '../../debug-adapter/mocks/jsonc.ts';
import { CUSTOM_CODE } from '../../debug-adapter/rpc/errors.ts';
import { isI64 } from '../../debug-adapter/rpc/json-number.ts';
import { scanJson } from '../../debug-adapter/rpc/json-scan.ts';
import { visible } from '../../debug-adapter/transcript/transcript-line.ts';
import type { NewReply } from './mockEdits.ts';

/** Lines of params that stand in the comment. */
const LINES = 200;
const WIDTH = 400;

/**
 * @param params JSON text, laid out over lines @param answer what stands there to begin with, JSON text @param changes it is the reply that the
 * call has, and that the plugin has not read
 */
export function answerDraft(
  method: string,
  params: string,
  answer: string,
  keys: readonly string[],
  changes = false,
): string {
  const lines = params.trimEnd().split(/\r\n|\r|\n/);
  const shown = lines.slice(0, LINES).map((line) => visible(line.length > WIDTH ? `${line.slice(0, WIDTH)}…` : line));
  const more = lines.length > LINES ? [`… ${lines.length - LINES} lines more: see the transcript`] : [];
  const name = visible(method).slice(0, 200);
  const comment = [
    changes
      ? `The reply to the host method ${name}, of which the plugin has read nothing yet: change it. The params of the call:`
      : `The plugin calls the host method ${name} and waits. Its params:`,
    ...[...shown, ...more].map((line) => `  ${line}`),
    ...keys,
  ];
  return `${comment.map((line) => `// ${line}`.trimEnd()).join('\n')}\n${answer}\n`;
}

/** What was typed, as JSON text. @throws Error with a sentence where it is none */
export function typedJson(text: string): string {
  const blanked = blankComments(text);
  if ('unclosed' in blanked) throw new Error('A comment in the answer has no end: close it with `*/`.');
  const { fault, start, end } = scanJson(blanked.text, { maxDepth: Number.POSITIVE_INFINITY });
  if (fault === undefined) return blanked.text.slice(start, end).replace(/[\r\n]+\s*/g, ' ');
  if (blanked.text.trim() === '') throw new Error('There is no answer yet: type one as JSON, such as null.');
  const before = text.slice(0, fault.offset).split('\n');
  throw new Error(
    `The answer is not JSON: ${fault.reason} in line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}.`,
  );
}

/** What was typed as an error: an object with `code` and `message`, or only the message. @throws Error with a sentence */
export function typedError(text: string): Extract<NewReply, { kind: 'error' }> {
  const json = new JsoncText(typedJson(text));
  const { root, start, end } = scanJson(json.text, { maxDepth: Number.POSITIVE_INFINITY });
  const node = { kind: root, start, end };
  if (root === 'string') return { kind: 'error', code: String(CUSTOM_CODE), message: json.string(node) };
  const members = root === 'object' ? json.members(node) : [];
  const code = members.find(({ key }) => key === 'code')?.value;
  const message = members.find(({ key }) => key === 'message')?.value;
  if (code?.kind !== 'number' || !isI64(json.source(code)) || message?.kind !== 'string')
    throw new Error(
      'An error is an object such as {"code": -32000, "message": "no such user"}, or the message alone in quotes.',
    );
  return { kind: 'error', code: json.source(code), message: json.string(message) };
}

/** An error in an input box: `-32000 the message`, or the message alone. */
export function errorOf(text: string): Extract<NewReply, { kind: 'error' }> {
  const found = /^\s*(-?\d+)(?:[\s:,]+|$)/.exec(text);
  const code = found?.[1];
  return code !== undefined && isI64(code)
    ? { kind: 'error', code, message: text.slice(found?.[0].length) }
    : { kind: 'error', code: String(CUSTOM_CODE), message: text.trim() };
}

/** A delay in an input box: `250`, or `100 to 300`, as JSON text; undefined where it is none. */
export function delayOf(text: string): string | undefined {
  const [, least, most = least] = /^\s*(\d{1,8})\s*(?:(?:to|-|–|,|\.\.)\s*(\d{1,8})\s*)?(?:ms)?\s*$/.exec(text) ?? [];
  if (least === undefined || most === undefined || Number(least) > Number(most) || Number(most) > 86_400_000)
    return undefined;
  return least === most ? String(Number(least)) : `[${Number(least)}, ${Number(most)}]`;
}
