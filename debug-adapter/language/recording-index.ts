// The lines of a recording in an editor, which may be damaged: what each is, which messages belong together, what is wrong and where. Works through a
// text in pieces, up to a bound, and goes on behind damage, where the reader of recordings stops. Pure. Contracts R4, E2, E4.
import { Continuation, NOTHING_JOINED } from '../recording/continuation.ts';
import type { LoggedEvent } from '../recording/event.ts';
import { type Fields, fieldsOf, RecordingError } from '../recording/fields.ts';
import { openHeader, readHeader } from '../recording/header.ts';
import { readEvent } from '../recording/jsonl.ts';
import { classifyBytes } from '../rpc/message.ts';
import { Pairer } from '../rpc/pairing.ts';
import { quoted } from '../wasm/quoted.ts';
import type { Severity } from './mock-diagnostics.ts';
import type { Span } from './span.ts';

/** The most lines, and UTF-16 units, of a recording that are looked at. */
const MOST_LINES = 200_000;
const MOST_UNITS = 100_000_000;
/** Lines between two turns. */
const TURN = 200;
/** The most problems that are kept. */
const MOST_PROBLEMS = 1000;

/** A message on a line. */
export interface RecordedMessage {
  readonly line: number;
  readonly dir: 'in' | 'out';
  readonly type: 'request' | 'response' | 'error' | 'invalid';
  /** Of a request; else empty. */
  readonly method: string;
  readonly id: string;
  readonly time: number;
  /** The line of the request that it answers, or of the reply to it; -1 for none. */
  pair: number;
}

export interface LineProblem {
  readonly line: number;
  readonly severity: Severity;
  readonly code: 'damaged' | 'cut-short' | 'bounded' | 'diagnosis';
  /** One sentence. */
  readonly message: string;
  /** The line of the event that says so, where it is another. */
  readonly said?: number;
}

/** A long text and the lines in which it goes on. */
export interface LineGroup {
  readonly start: number;
  readonly end: number;
}

export class RecordingIndex {
  readonly text: string;
  /** Where each line that was looked at begins, and behind the last where it ends. */
  readonly starts: number[] = [0];
  readonly messages: RecordedMessage[] = [];
  readonly problems: LineProblem[] = [];
  readonly groups: LineGroup[] = [];
  /** Lines of diagnoses with the line of the event that they are about. */
  readonly about = new Map<number, number>();
  /** The line of the end of the call, or -1. */
  exit = -1;
  /** Whether there are lines that were not looked at. */
  bounded = false;
  readonly #messages = new Map<number, RecordedMessage>();
  #heads: ReadonlyMap<number, LineGroup> | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get lines(): number {
    return this.starts.length - 1;
  }

  addMessage(message: RecordedMessage): void {
    this.messages.push(message);
    this.#messages.set(message.line, message);
  }

  messageAt(line: number): RecordedMessage | undefined {
    return this.#messages.get(line);
  }

  /** A line without its end. */
  span(line: number): Span {
    const from = this.starts[line] ?? this.text.length;
    let to = Math.max(from, (this.starts[line + 1] ?? this.text.length + 1) - 1);
    if (to > this.text.length) to = this.text.length;
    if (to > from && this.text[to - 1] === '\r') to--;
    return { from, to };
  }

  lineText(line: number): string {
    const { from, to } = this.span(line);
    return this.text.slice(from, to);
  }

  /** The line around an offset; undefined past those that were looked at. */
  lineAt(offset: number): number | undefined {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low < this.lines ? low : undefined;
  }

  /** The lines that hold the text which a line begins or goes on with. */
  groupAt(line: number): LineGroup {
    if (this.#heads === undefined) {
      const heads = new Map<number, LineGroup>();
      for (const group of this.groups) for (let each = group.start; each <= group.end; each++) heads.set(each, group);
      this.#heads = heads;
    }
    return this.#heads.get(line) ?? { start: line, end: line };
  }
}

interface Open {
  readonly value: Fields;
  readonly parts: Continuation;
  readonly line: number;
}

/** Looks at a recording; yields between turns. */
export function* indexRecording(
  text: string,
  bound: { readonly lines: number; readonly units: number } = { lines: MOST_LINES, units: MOST_UNITS },
): Generator<undefined, RecordingIndex> {
  const reader = new Indexer(text);
  for (let at = 0; at < text.length; ) {
    const { index } = reader;
    if (index.lines >= bound.lines || at >= bound.units) {
      index.bounded = true;
      break;
    }
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    reader.line(text.slice(at, end), newline < 0);
    at = end + 1;
    index.starts.push(at);
    if (index.lines % TURN === 0) yield;
  }
  return reader.finish();
}

class Indexer {
  readonly index: RecordingIndex;
  readonly #pairs = new Pairer<number>();
  /** Of each event, in their order: where it stands. */
  readonly #eventLines: number[] = [];
  #open: Open | undefined;
  #header = false;
  /** The last line that is a message or a line of the log, for diagnoses behind it. */
  #last = -1;

  constructor(text: string) {
    this.index = new RecordingIndex(text);
  }

  line(line: string, last: boolean): void {
    const number = this.index.lines;
    if (number > 0 && line.trim() === '') return;
    let value: unknown;
    try {
      if (number === 0) {
        this.#begin(openHeader(line, 'recording'), line, 0);
        return;
      }
      value = JSON.parse(line);
      const fields = fieldsOf(value);
      if (fields === undefined) throw new RecordingError('it is not a JSON object');
      if (this.#open !== undefined) this.#goOn(fields, line, number);
      else if (fields['kind'] === 'more') throw new RecordingError('it goes on with a text, and none is open');
      else this.#begin(fields, line, number);
    } catch (error) {
      // a file that a crash cut short ends amid a line
      if (last && value === undefined && number > 0) return;
      this.#damaged(number, error as Error);
    }
  }

  #damaged(line: number, { message }: Error): void {
    this.#problem({ line, severity: 'error', code: 'damaged', message: damage(message) });
  }

  #problem(problem: LineProblem): void {
    if (this.index.problems.length < MOST_PROBLEMS) this.index.problems.push(problem);
  }

  #begin(value: Fields, text: string, line: number): void {
    this.#open = { value, parts: new Continuation(text, value), line };
    this.#complete(line);
  }

  #goOn(fields: Fields, text: string, line: number): void {
    const open = this.#open;
    if (open === undefined) return;
    try {
      open.parts.add(fields);
    } catch (error) {
      // what follows is looked at for itself
      this.#open = undefined;
      this.#damaged(line, new RecordingError(`${(error as Error).message}; the text begins in line ${open.line + 1}`));
      if (fields['kind'] !== 'more') this.#begin(fields, text, line);
      return;
    }
    this.#complete(line);
  }

  #complete(line: number): void {
    const open = this.#open;
    if (open === undefined || !open.parts.whole) return;
    this.#open = undefined;
    if (line > open.line) this.index.groups.push({ start: open.line, end: line });
    if (open.line === 0) {
      readHeader(open.value, open.parts.joined, 'recording');
      this.#header = true;
      return;
    }
    const event = readEvent(open.value, open.parts.joined, this.index.lines);
    if (event !== undefined) this.#event(event, open.line);
  }

  #event(event: LoggedEvent, line: number): void {
    const { index } = this;
    this.#eventLines.push(line);
    if (index.exit >= 0) throw new RecordingError('it comes after the end of the call');
    if (event.kind === 'rpc') {
      this.#message(event, line);
      this.#last = line;
    } else if (event.kind === 'stderr') this.#last = line;
    else if (event.kind === 'diagnosis') {
      const target = this.#last < 0 ? line : this.#last;
      index.about.set(line, target);
      const severity = event.severity === 'fault' ? 'error' : 'warning';
      this.#problem({
        line: target,
        severity,
        code: 'diagnosis',
        message: event.message,
        ...(target !== line && { said: line }),
      });
    } else {
      this.#last = -1;
      if (event.kind === 'edit' && event.space === 'reply') this.#takenBack(event.index);
      if (event.kind === 'exit') index.exit = line;
    }
  }

  /** Replies from this event on were taken back, unread: what they answered is open again. */
  #takenBack(event: number): void {
    const from = this.#eventLines[event] ?? Number.POSITIVE_INFINITY;
    for (const reply of this.index.messages.values()) {
      const request = reply.line < from || reply.dir !== 'in' ? undefined : this.index.messageAt(reply.pair);
      if (request?.pair !== reply.line) continue;
      request.pair = -1;
      this.#pairs.reopen('out', reply.id, request.line);
    }
  }

  /** The line of what the reply of an earlier event answers: a changed one answers the same; -1: nothing is known of it. */
  #answeredBy(event: number): number {
    return this.index.messageAt(this.#eventLines[event] ?? -1)?.pair ?? -1;
  }

  #message({ dir, bytes, time, answeredBy }: Extract<LoggedEvent, { kind: 'rpc' }>, line: number): void {
    const message = classifyBytes(bytes);
    const changes = answeredBy?.by === 'hand' ? answeredBy.changes : undefined;
    const pairing = changes === undefined ? this.#pairs.add(dir, message, line) : undefined;
    let pair = pairing?.kind === 'reply' ? pairing.request : -1;
    if (changes !== undefined) pair = this.#answeredBy(changes);
    const request = this.index.messageAt(pair);
    if (request !== undefined) request.pair = line;
    this.index.addMessage({
      ...{ line, dir, time, pair, type: message.type },
      id: message.type === 'invalid' ? '' : message.id,
      method: message.type === 'request' ? message.method : '',
    });
  }

  finish(): RecordingIndex {
    const { index } = this;
    const last = Math.max(0, index.lines - 1);
    if (index.bounded)
      this.#problem({
        ...{ line: last, severity: 'information', code: 'bounded' },
        message: `Only the first ${index.lines} lines of this recording are looked at here; the transcript panel shows all of it.`,
      });
    else if (this.#header && index.exit < 0)
      this.#problem({
        ...{ line: last, severity: 'information', code: 'cut-short' },
        message: 'This recording was cut short: it does not hold the end of the call.',
      });
    return index;
  }
}

/** What is wrong as a sentence. Those of the header are sentences, which begin with a place. */
function damage(message: string): string {
  const header = /^recording:1: (.*)$/s.exec(message)?.[1] ?? /^recording (.*)$/s.exec(message)?.[0];
  if (header !== undefined) return header.charAt(0).toUpperCase() + header.slice(1);
  return `This line of the recording is damaged (${quoted(message)}); record the call again.`;
}

/** The event of a line with all that goes on behind it; undefined for a line that holds none, or is too long for `most` units. */
export function eventAt(index: RecordingIndex, line: number, most: number): LoggedEvent | undefined {
  const { start, end } = index.groupAt(line);
  if (start === 0 || index.span(end).to - index.span(start).from > most) return undefined;
  try {
    const text = index.lineText(start);
    const value: unknown = JSON.parse(text);
    if (fieldsOf(value) === undefined) return undefined;
    if (end === start) return readEvent(value, NOTHING_JOINED, start);
    const parts = new Continuation(text, value);
    for (let each = start + 1; each <= end; each++) parts.add(JSON.parse(index.lineText(each)));
    return readEvent(value, parts.joined, start);
  } catch {
    return undefined; // damaged: the problems say so
  }
}
