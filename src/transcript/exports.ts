// Rows as text for the clipboard: as JSON, as Markdown for an issue report, as the line that they are. Pure. Contracts P2, E4.
import type { RunEvent } from '../../debug-adapter/recording/event.ts';
import { formatEvent } from '../../debug-adapter/recording/jsonl.ts';
import type { RowTable } from '../../debug-adapter/transcript/row-table.ts';
import { pollText } from '../../debug-adapter/transcript/row-text.ts';
import { arrow, eventText, grouped, milliseconds, visible } from '../../debug-adapter/transcript/transcript-line.ts';
import type { KeptCall } from './calls.ts';

/** Bytes that go to the clipboard at most. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Characters of a message in a report: issues are read by people. */
const MESSAGE = 8000;
/** Log lines before the row that a report shows, and rows that are looked through for them. */
const LOG_LINES = 10;
const LOG_ROWS = 2000;

/** The event that a row begins with. */
const eventOf = (rows: RowTable, row: number): RunEvent => rows.store.get(rows.event(row));

/** The rows of a message and its partner, the request first. */
function exchange(rows: RowTable, row: number): readonly number[] {
  const pair = rows.pair(row);
  if (pair < 0) return [row];
  return rows.kind(row) === 'request' ? [row, pair] : [pair, row];
}

/**
 * The request and its reply, each the line as it crossed; of anything else, the event as a recording has it. Bytes that are not UTF-8 come
 * as the recording has them, too. @throws Error with a sentence
 */
export function rowJson(rows: RowTable, row: number): string {
  const lines: string[] = [];
  let bytes = 0;
  for (const each of exchange(rows, row)) {
    bytes += Math.max(0, rows.bytes(each));
    if (bytes > MOST_BYTES)
      throw new Error(
        `The message has ${grouped(bytes)} bytes, which is too much for the clipboard: save the recording instead.`,
      );
    const event = eventOf(rows, each);
    lines.push(event.kind === 'rpc' && event.utf8 ? event.line : formatEvent(event));
  }
  return `${lines.join('\n')}\n`;
}

/** The row as a line of the transcript. */
export function rowLine(rows: RowTable, row: number): string {
  const event = eventOf(rows, row);
  const polls = rows.polls(row);
  return `${milliseconds(event.time)} ms  ${grouped(event.fuel)}  ${arrow(event)} ${polls === undefined ? eventText(event) : pollText(polls)}`;
}

/** A block of code that what stands in it can't end. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Code within a line, of any text. */
function code(text: string): string {
  const clean = visible(text.replaceAll(/[\r\n]+/g, ' '));
  const longest = Math.max(0, ...[...clean.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const room = longest > 0 || clean.trim() === '' ? ' ' : '';
  return `${fence}${room}${clean}${room}${fence}`;
}

/** Control characters and what turns text around are written out; line breaks and tabs stay. */
function shown(text: string): string {
  const cut = text.length > MESSAGE ? `${text.slice(0, MESSAGE).replace(/[\ud800-\udbff]$/, '')}…` : text;
  return cut.split('\n').map(visible).join('\n');
}

function messageBlock(rows: RowTable, row: number): string {
  const event = eventOf(rows, row);
  if (event.kind !== 'rpc') return fenced(shown(rowLine(rows, row)), 'text');
  const bytes = rows.bytes(row);
  const cut = bytes > MESSAGE ? `\n\nThe first ${grouped(MESSAGE)} characters of ${grouped(bytes)} bytes.` : '';
  const text = bytes > MESSAGE ? new TextDecoder().decode(event.bytes.subarray(0, MESSAGE + 4)) : event.line;
  return `${fenced(shown(text), rows.kind(row) === 'invalid' ? 'text' : 'json')}${cut}`;
}

function heading(rows: RowTable, row: number): string {
  const kind = rows.kind(row);
  const dir = rows.dir(row);
  const way = dir === undefined ? '' : dir === 'in' ? ', to the plugin' : ', from the plugin';
  const words: Partial<Record<typeof kind, string>> = {
    request: 'Request',
    result: 'Result',
    error: 'Error response',
    invalid: 'Line that is no message',
    stderr: 'Log line',
    syscall: 'Syscall',
    diagnosis: 'Diagnosis',
    exit: 'End',
  };
  const name = rows.name(row);
  const id = rows.id(row);
  const about = kind === 'request' || kind === 'result' || kind === 'error' || kind === 'syscall';
  return `### ${words[kind] ?? 'Event'}${way}${about && name !== '' ? `: ${code(name)}` : ''}${id === undefined ? '' : ` #${id}`}`;
}

/** Log lines just before a row. */
function logBefore(rows: RowTable, row: number): readonly string[] {
  const lines: string[] = [];
  for (let at = row - 1; at >= Math.max(0, row - LOG_ROWS) && lines.length < LOG_LINES; at--) {
    if (rows.kind(at) !== 'stderr') continue;
    lines.push(eventText(eventOf(rows, at), 400).replace(/^stderr \| /, ''));
  }
  return lines.reverse();
}

/** Sentences about a row: its own, and the diagnosis that stands behind it. */
function diagnoses(rows: RowTable, row: number): readonly string[] {
  const sentences = new Set<string>();
  for (const at of [row, rows.about(row), ...exchange(rows, row).map((each) => rows.about(each))]) {
    if (at < 0) continue;
    const event = eventOf(rows, at);
    if (event.kind === 'diagnosis') sentences.add(event.message);
  }
  return [...sentences];
}

/** What a report says of where it was made: one line each. */
export interface Versions {
  readonly debugger: string;
  readonly editor: string;
  readonly system: string;
}

/** A row for an issue report: the call, the message and its reply, what is wrong with it, cost, versions. */
export function rowMarkdown(call: KeptCall, row: number, versions: Versions): string {
  const { rows, header, plan } = call;
  const event = eventOf(rows, row);
  const bytes = header === undefined ? '' : `, ${grouped(header.module.bytes)} bytes, SHA-256 ${header.module.sha256}`;
  const clock = plan === undefined ? header?.clock : plan.clock.kind;
  const seed = plan?.seed ?? header?.seed;
  const parts = [
    `## ${code(call.method)} of ${code(call.plugin === '' ? 'an unnamed plugin' : call.plugin)}`,
    [
      `- Plugin: ${code(call.plugin)}${bytes}`,
      `- Call: ${code(call.title)}`,
      `- At: event ${rows.event(row)}, ${milliseconds(event.time)} ms and ≈${grouped(event.fuel)} fuel after the call began`,
      ...(call.outcome === undefined ? [] : [`- The call's end: ${call.outcome}`]),
      `- Slice of ${grouped(plan?.slice ?? header?.slice ?? 0)} fuel, clock ${clock ?? 'unknown'}${seed === undefined ? '' : `, seed ${code(seed)}`}`,
      `- ${versions.debugger}; ${versions.editor}; ${versions.system}`,
    ].join('\n'),
  ];
  const found = diagnoses(rows, row);
  if (found.length > 0) parts.push('### What is wrong', ...found.map((sentence) => fenced(shown(sentence), 'text')));
  for (const each of exchange(rows, row)) {
    const took = rows.duration(each);
    const answered = Number.isNaN(took) ? '' : `\n\nAnswered after ${milliseconds(took)} ms.`;
    parts.push(heading(rows, each), `${messageBlock(rows, each)}${answered}`);
  }
  const log = logBefore(rows, row);
  if (log.length > 0) parts.push('### Log before it', fenced(log.join('\n'), 'text'));
  return `${parts.join('\n\n')}\n`;
}
