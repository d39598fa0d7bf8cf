// What an editor shows of a recording: hovers with the event decoded, its outline, folds, and where a line leads. Markdown and spans. Pure.
// Contracts P2, E4.

import type { RpcEvent, SyscallEvent } from '../recording/event.ts';
import { withLine } from '../recording/event-store.ts';
import { classifyLine } from '../rpc/message.ts';
import { eventText, milliseconds } from '../transcript/transcript-line.ts';
import { describeCall, readerOfWrites } from '../wasi/describe.ts';
import type { Diagnosis } from './mock-diagnostics.ts';
import type { Hover } from './mock-hover.ts';
import type { Fold } from './mock-symbols.ts';
import { brief, code, fenced, fencedJson } from './mock-text.ts';
import { eventAt, type RecordedMessage, type RecordingIndex } from './recording-index.ts';
import type { Span } from './span.ts';

/** A hover decodes no more than that (UTF-16 units of the file). */
const MOST_DECODED = 4_000_000;

/** What happened at a line. */
export function recordingHover(index: RecordingIndex, offset: number): Hover | undefined {
  const line = index.lineAt(offset);
  if (line === undefined) return undefined;
  const span = index.span(line);
  if (line === 0 || index.groupAt(line).start === 0) return { ...span, markdown: headerText(index) };
  const logged = eventAt(index, line, MOST_DECODED);
  if (logged === undefined) {
    const { start, end } = index.groupAt(line);
    if (end - start < 2) return undefined;
    return { ...span, markdown: `A long text over ${end - start + 1} lines, which the transcript panel shows.` };
  }
  const event = withLine(logged);
  const parts = [`${fenced(eventText(event), '')}`, `${milliseconds(event.time)} ms, fuel ${event.fuel}`];
  if (event.kind === 'rpc') parts.push(...messageParts(event, index));
  else if (event.kind === 'syscall') parts.push(...syscallParts(event));
  return { ...span, markdown: parts.join('\n\n') };
}

function headerText(index: RecordingIndex): string {
  const last = index.exit < 0 ? 'cut short' : 'to its end';
  return `The header of a recording: ${index.messages.length} messages${index.bounded ? ' so far as it is looked at' : `, ${last}`}.`;
}

function messageParts(event: RpcEvent, index: RecordingIndex): string[] {
  const message = classifyLine(event.line);
  const parts: string[] = [];
  if (message.type === 'request') parts.push(fencedJson(message.params));
  else if (message.type === 'response') parts.push(fencedJson(message.result));
  else if (message.type === 'error') parts.push(`Error ${code(message.code)}: ${code(message.message)}`);
  const { answeredBy } = event;
  if (answeredBy?.by === 'mock') {
    const rule = answeredBy.rule === undefined ? '' : `, rule ${answeredBy.rule}`;
    parts.push(`Answered by the mock file ${code(answeredBy.file)}${rule}.`);
  } else if (answeredBy?.by === 'host') parts.push(`Answered by the host process ${code(answeredBy.command)}.`);
  else if (answeredBy !== undefined) parts.push(`Answered by ${answeredBy.by}.`);
  const own = index.messageAt(event.seq);
  const pair = own && index.messageAt(own.pair);
  if (own !== undefined && pair !== undefined) {
    const apart = milliseconds(Math.abs(pair.time - own.time));
    const title = own.type === 'request' ? `The reply, line ${pair.line + 1}` : `The request, line ${pair.line + 1}`;
    const other = eventAt(index, pair.line, MOST_DECODED);
    parts.push(`${title}, ${apart} ms ${own.type === 'request' ? 'later' : 'earlier'}:`);
    if (other !== undefined) parts.push(fenced(eventText(withLine(other)), ''));
  } else if (own?.type === 'request') parts.push('No reply to it was recorded.');
  return parts;
}

function syscallParts(event: SyscallEvent): string[] {
  const { name, args, errno, writes } = event;
  const rows = describeCall({ name, args, errno }, readerOfWrites(writes));
  return rows.length === 0
    ? []
    : [
        rows
          .slice(0, 20)
          .map((row) => `- ${code(row.name)}: ${code(row.value)}`)
          .join('\n'),
      ];
}

/** Where a line leads: to the paired message, from a diagnosis to what it is about, from the rest of a long text to its beginning. */
export function recordingDefinition(index: RecordingIndex, offset: number): Span | undefined {
  const line = index.lineAt(offset);
  if (line === undefined) return undefined;
  const { start } = index.groupAt(line);
  if (start !== line) return index.span(start);
  const pair = index.messageAt(line)?.pair ?? -1;
  const target = pair >= 0 ? pair : index.about.get(line);
  return target === undefined || target === line ? undefined : index.span(target);
}

export interface RecordingSymbol extends Span {
  readonly name: string;
  readonly detail: string;
  readonly kind: 'call' | 'hostCall' | 'fault' | 'end';
  readonly selection: Span;
  readonly children: RecordingSymbol[];
}

/** The most symbols of one recording. */
const MOST_SYMBOLS = 10_000;

/** Calls of the plugin's methods with the calls of host methods within them, what is wrong, and the end. */
export function recordingSymbols(index: RecordingIndex): RecordingSymbol[] {
  const roots: RecordingSymbol[] = [];
  let around: RecordingSymbol | undefined;
  let left = MOST_SYMBOLS;
  for (const message of index.messages) {
    if (left <= 0) break;
    if (message.type !== 'request' && message.type !== 'invalid') continue;
    const symbol = messageSymbol(index, message);
    left--;
    if (message.dir === 'in' && message.type === 'request') {
      roots.push(symbol);
      around = symbol;
    } else if (around !== undefined && symbol.from <= around.to) around.children.push(symbol);
    else roots.push(symbol);
  }
  if (index.exit >= 0) {
    const span = index.span(index.exit);
    roots.push({ ...span, selection: span, name: 'end of the call', detail: '', kind: 'end', children: [] });
  }
  return roots;
}

function messageSymbol(index: RecordingIndex, message: RecordedMessage): RecordingSymbol {
  const selection = index.span(message.line);
  const end = message.pair > message.line ? index.span(message.pair).to : selection.to;
  const reply = index.messageAt(message.pair);
  const detail =
    reply === undefined
      ? message.type === 'invalid'
        ? 'no message'
        : 'no reply'
      : `${reply.type === 'error' ? 'error' : 'result'} after ${milliseconds(reply.time - message.time)} ms`;
  const name =
    message.type === 'invalid' ? 'a line that is no message' : `${brief(message.method, 100)} #${message.id}`;
  const kind = message.type === 'invalid' ? 'fault' : message.dir === 'in' ? 'call' : 'hostCall';
  return { from: selection.from, to: Math.max(end, selection.to), selection, name, detail, kind, children: [] };
}

const MOST_FOLDS = 5000;

/** Long texts, and calls from request to reply. Lines from 0, as the recording has them. */
export function recordingFolds(index: RecordingIndex): Fold[] {
  const folds: Fold[] = index.groups.slice(0, MOST_FOLDS).map(({ start, end }) => ({ start, end, kind: 'region' }));
  for (const { line, pair, type } of index.messages) {
    if (folds.length >= MOST_FOLDS) break;
    if (type === 'request' && pair > line + 1) folds.push({ start: line, end: pair - 1, kind: 'region' });
  }
  return folds.sort((a, b) => a.start - b.start || b.end - a.end);
}

/** What is wrong, at the line that it is about. */
export function recordingDiagnoses(index: RecordingIndex): (Diagnosis & { readonly said?: Span })[] {
  return index.problems.map(({ line, severity, code: kind, message, said }) => ({
    ...index.span(line),
    ...{ severity, message, code: kind },
    ...(said !== undefined && { said: index.span(said) }),
  }));
}
