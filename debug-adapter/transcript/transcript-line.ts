// One event as one line of the transcript: pure text, no columns from elsewhere, nothing kept. Also used for the Debug Console's lines.
// Contracts S6, P2, E4 (whatever a plugin wrote, a line stays one line and has a bounded width).
import type { FoldedEvent, RunEvent, SyscallEvent } from '../recording/event.ts';
import { type FinishedCall, readerOfWrites, summarizeCall } from '../wasi/describe.ts';
import { beginning, headline, type Line } from './headline.ts';

/** The longest piece of a payload or a log line that a line shows, in UTF-16 units. */
export const WIDTH = 160;

/** Characters that would break a line, move the cursor, or turn the text around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is for
const UNSEEN = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** `text` with every character that is not to be seen as itself written as an escape: `\u001b`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** At most `width` units of `text`, made visible; what is cut is told by `bytes`, the size of the whole. */
export function cut(text: string, bytes: number, width: number = WIDTH): string {
  if (text.length <= width) return visible(text);
  const piece = text.slice(0, width).replace(/[\ud800-\udbff]$/, '');
  return `${visible(piece)}… (${grouped(bytes)} bytes)`;
}

/** Digits in groups of three: `1 234 567`. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, ' ');
}

/** ms with three decimals. */
export function milliseconds(ms: number): string {
  return ms.toFixed(3);
}

/** Between the columns and the text: which way a message goes. */
export function arrow(event: RunEvent): '→' | '←' | ' ' {
  if (event.kind !== 'rpc') return ' ';
  return event.dir === 'in' ? '→' : '←';
}

/** What happened, on one line. */
export function eventText(event: RunEvent, width: number = WIDTH): string {
  switch (event.kind) {
    case 'rpc':
      return `${messageText(event, width)}${event.complete ? '' : '  (no newline at its end)'}${
        event.unread ? '  (production no longer reads this)' : ''
      }${changedText(event)}`;
    case 'syscall':
      return syscallText(event);
    case 'stderr':
      return `stderr | ${cut(beginning(event), event.bytes.length, width)}${event.complete ? '' : '  (no newline at its end)'}`;
    case 'yield':
      return `yield ×${grouped(event.count)}`;
    case 'grow':
      return growText(event.space, event.index, event.delta, event.result);
    case 'edit':
      return `✎ ${visible(event.text)}`;
    case 'diagnosis':
      return `${event.severity === 'fault' ? '✗' : '⚠'} ${visible(event.message)}`;
    case 'exit':
      return `■ ${exitText(event.reason, event.code, event.message)}`;
    case 'folded':
      return foldedText(event);
  }
}

/** That a reply takes the place of another one: two blanks and a remark, or nothing. */
export function changedText({ answeredBy }: Extract<RunEvent, { kind: 'rpc' }>): string {
  const changes = answeredBy?.by === 'hand' ? answeredBy.changes : undefined;
  return changes === undefined ? '' : `  (changed by hand: the plugin never saw event ${changes})`;
}

function messageText(line: Line, width: number): string {
  const message = headline(line);
  const bytes = line.bytes.length;
  // The cut tells the size of the whole line: that is what crossed, and what a bound on lines counts.
  const payload = cut(message.payload, bytes, width);
  switch (message.kind) {
    case 'request':
      return `#${message.id} ${cut(message.method, message.method.length, width)} ${payload}`;
    case 'result':
      return `#${message.id} result ${payload}`;
    case 'error':
      return `#${message.id} error ${payload}`;
    case 'invalid':
      return `${payload}  (no message: ${visible(message.reason)})`;
  }
}

/** A syscall, from what was recorded of it. */
export function finishedCall({ name, args, errno, flags, sent }: SyscallEvent): FinishedCall {
  const { hostWouldPanic } = flags;
  return { name, args, errno, hostWouldPanic, ...(sent === undefined ? {} : { sentBytes: sent.bytes }) };
}

/** The same as one line. */
function syscallText(event: SyscallEvent): string {
  const sleep = event.flags.sleepMs;
  return `${summarizeCall(finishedCall(event), readerOfWrites(event.writes))}${sleep === undefined ? '' : `, sleeps ${milliseconds(sleep)} ms`}`;
}

function growText(space: 'memory' | 'table', index: number, delta: number, result: number): string {
  const name = index === 0 ? space : `${space} ${index}`;
  const unit = space === 'memory' ? 'pages' : 'elements';
  if (result === -1) return `${name}.grow by ${grouped(delta)} ${unit} was refused`;
  return `${name}.grow by ${grouped(delta)} to ${grouped(result + delta)} ${unit}`;
}

function exitText(reason: string, code: number | undefined, message: string): string {
  const words: Record<string, string> = {
    returned: '_start returned',
    exit: `the plugin exited with ${code ?? 0}`,
    trap: 'trap',
    limit: 'a limit was reached',
    terminated: 'terminated',
    ours: 'the debugger failed',
  };
  const first = words[reason] ?? reason;
  return message === '' || reason === 'returned' || reason === 'exit' ? first : `${first}: ${visible(message)}`;
}

function foldedText(event: FoldedEvent): string {
  const counts = new Map<string, number>();
  for (const call of event.calls) {
    const count = 'count' in call ? call.count : 1;
    counts.set(call.name, (counts.get(call.name) ?? 0) + count);
  }
  const list = [...counts].map(([name, count]) => `${name} ×${grouped(count)}`).join(', ');
  return `… past the bound on events, only counted: ${list}`;
}
