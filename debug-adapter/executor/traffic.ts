// What crosses the pipes, line by line: framed, classified, named, diagnosed, put into the log, and decided on. Both ways, and stderr.
// Contracts P1, E4, R3.

import { messageScope, withCommon } from '../expressions/event-scope.ts';
import type { AnsweredBy } from '../recording/event.ts';
import { LINE } from '../recording/log-format.ts';
import { Diagnoser, type Diagnosis, type End } from '../rpc/diagnosis.ts';
import { type Answerer, CALL_ID, type HostEndpoint } from '../rpc/endpoint.ts';
import { type Line, LineFramer, showBytes } from '../rpc/lines.ts';
import type { Message, RequestMessage } from '../rpc/message.ts';
import { Pairer } from '../rpc/pairing.ts';
import { type Bounds, megabytes } from './bounds.ts';
import type { EventSink } from './event-sink.ts';
import type { Replayer } from './replayer.ts';
import type { Happening, StopRules } from './stops.ts';
import type { Finding, Verdicts } from './verdicts.ts';

/** What traffic needs of the run around it. */
interface TrafficContext {
  readonly endpoint: HostEndpoint;
  /** Undefined in a live run, and as soon as one goes on live. */
  readonly replayer: Replayer | undefined;
  /** In a replay: the host reads a request. */
  readonly replayed: Answerer;
  /** A line, and all that comes of it, is done. */
  arrive(): void;
  fuel(): number;
  time(): number;
  /** The guest function that is writing, as a noun phrase: looked up only when a diagnosis asks. */
  where(): string | undefined;
  /** Whether somebody answers a host method of this name. */
  answers(method: string): boolean;
  /** The guest, or the host, sent something: nobody hangs. */
  active(): void;
}

/** What a line takes besides its bytes, about: endless short lines are bounded too. */
const LINE_BYTES = 64;

export class Traffic {
  readonly #context: TrafficContext;
  readonly #sink: EventSink;
  readonly #rules: StopRules;
  readonly #verdicts: Verdicts;
  readonly #bounds: Bounds;
  readonly #stdout: LineFramer;
  readonly #stderr: LineFramer;
  readonly #diagnoser: Diagnoser;
  readonly #sent = { stdout: 0, stderr: 0 };
  /** On stdout, of the present write (bytes). */
  #longestLine = 0;
  /** Past the bound on output the log is not kept. */
  #logFull = false;
  /** The host reads nothing that comes now, though it may not have come so far yet. */
  #hostStopped = false;
  /** A log line was cut, and that was said. */
  #logCut = false;
  /** Production reads no log any more. */
  #logEnded = false;
  /** Which request a reply answers, by the numbers of their events: to name replies, and to tell what is open. */
  readonly #pairs = new Pairer<number>();
  /** Methods of requests by the numbers of their events. */
  readonly #methods = new Map<number, string>();
  /** The events of requests that the host may still answer. */
  readonly #askedAt = new WeakMap<Message, number>();

  constructor(
    context: TrafficContext,
    sink: EventSink,
    rules: StopRules,
    verdicts: Verdicts,
    bounds: Bounds,
    method: string,
    lineLimit: number,
  ) {
    this.#context = context;
    this.#sink = sink;
    this.#rules = rules;
    this.#verdicts = verdicts;
    this.#bounds = bounds;
    // a message is judged whole: the bounds on output and on lines end the run, not a line
    this.#stdout = new LineFramer(Number.MAX_SAFE_INTEGER);
    this.#stderr = new LineFramer(lineLimit);
    this.#diagnoser = new Diagnoser(method);
  }

  /** The guest is about to write to stdout: `bytes` in the present call, so far. */
  admit(bytes: number): void {
    while (this.#context.replayer === undefined && this.#sent.stdout + bytes > this.#bounds.output)
      this.#tooMuchOutput('before');
  }

  /** The guest has written to stdout or stderr; `dropped` bytes more than are here. */
  output(fd: 1 | 2, bytes: Uint8Array, dropped: number): void {
    if (fd === 1) this.#toStdout(bytes);
    else this.#toStderr(bytes, dropped);
  }

  #toStdout(bytes: Uint8Array): void {
    this.#sent.stdout += bytes.length;
    this.#longestLine = 0;
    for (const line of this.#stdout.push(bytes)) {
      this.#sent.stdout += LINE_BYTES;
      this.#longestLine = Math.max(this.#longestLine, line.bytes.length);
      this.#messageOut(line);
    }
  }

  /** After a write: a bound ends the run only when all of the write was dealt with, so that a replay comes to the same. @throws RunEnd */
  checkBounds(): void {
    if (this.#context.replayer !== undefined) return;
    while (this.#sent.stdout > this.#bounds.output) this.#tooMuchOutput('event');
    while (Math.max(this.#longestLine, this.#stdout.pendingBytes) > this.#bounds.line)
      this.#bounds.reached(
        'line',
        `The plugin wrote a line of more than ${megabytes(this.#bounds.line)} to stdout, which is the limit`,
        'event',
      );
  }

  #tooMuchOutput(at: 'event' | 'before'): void {
    this.#bounds.reached(
      'output',
      `The plugin has written more than ${megabytes(this.#bounds.output)} to stdout, each line counted with ${LINE_BYTES} bytes more, which is its limit`,
      at,
    );
  }

  #toStderr(bytes: Uint8Array, dropped: number): void {
    if (this.#context.replayer === undefined && this.#logFull) return;
    for (const line of this.#stderr.push(bytes)) {
      const { replayer } = this.#context;
      if (replayer === undefined) {
        this.#sent.stderr += line.bytes.length + LINE_BYTES;
        if (this.#sent.stderr > this.#bounds.output) {
          this.#logFills();
          return;
        }
      } else if (!replayer.expectsStderr && this.#logFull) return;
      this.#logLine(line);
    }
    if (dropped > 0 && this.#context.replayer === undefined) this.#logFills();
  }

  #logFills(): void {
    this.#logFull = true;
    const message = `The plugin's log has passed ${megabytes(this.#bounds.output)}, each line counted with ${LINE_BYTES} bytes more (limits.output): what follows is not kept.`;
    this.#sink.diagnosis('output', message, 'warning');
  }

  /** In a replay: the recording stopped keeping the log here. */
  logNoLongerKept(): void {
    this.#logFull = true;
  }

  /** The guest has ended: what stands on stdout and stderr without a newline is read now. */
  flush(): void {
    const log = this.#stderr.end();
    if (log !== undefined && !this.#logFull) this.#logLine(log);
    const message = this.#stdout.end();
    if (message !== undefined) this.#messageOut(message);
  }

  /** The guest has ended: what that means. `stack` is V8's trace of a trap. */
  end(end: End, stack?: string): void {
    this.#verdicts.decide([], this.#verdicts.diagnose(this.#diagnoser.end(end)), stack);
  }

  /** What a call that does not move hangs on. */
  hang(): Diagnosis {
    return this.#diagnoser.hang(this.#context.endpoint.waits(), 'polling');
  }

  #messageOut(line: Line): void {
    const { endpoint, replayer } = this.#context;
    const flags =
      replayer?.line('rpc', line.bytes, this.#context.fuel()) ?? flagsOf(line) | (this.#hostStopped ? LINE.unread : 0);
    this.#sink.message('out', line.bytes, flags);
    this.#context.active();
    const message = endpoint.receiveLine(line.text ?? line.bytes);
    this.#hostStopped ||= stopsHost(message);
    const method = this.#methodOf('out', message);
    // A diagnosis may ask only when the reply comes, and then the guest is elsewhere: a request that nobody will answer is asked now.
    let where: string | undefined;
    let here = true;
    if (message.type === 'request' && !this.#context.answers(message.method)) where = this.#context.where();
    const found = this.#diagnoser.out(message, () => {
      if (here) where ??= this.#context.where();
      return where;
    });
    here = false;
    this.#judge('out', message, method, line, found);
    if (replayer !== undefined) endpoint.pump(this.#context.replayed);
    this.#context.arrive();
  }

  /**
   * The host has looked at stdout and found no whole line. Its read_line keeps what it has read so far only if that is UTF-8 by itself
   * (rpc/lines.ts): to be called at each yield at which the host reads.
   */
  hostLooked(): void {
    const { endpoint } = this.#context;
    if (endpoint.outcome !== undefined || endpoint.answering !== undefined || this.#stdout.pendingBytes === 0) return;
    const lost = this.#stdout.poll();
    if (lost === 0) return;
    const message = `${lost} bytes at the end of stdout were lost: the plugin yielded amid a character of several bytes, and production's host drops what it has read of the line then; write whole lines.`;
    this.#verdicts.decide([], this.#verdicts.diagnose([{ kind: 'lost-bytes', message, severity: 'error' }]));
  }

  /** The host has written a line. */
  messageIn(message: Message, bytes: Uint8Array, answeredBy?: AnsweredBy): void {
    this.#sink.message('in', bytes, 0, answeredBy);
    this.#heard(message, bytes);
  }

  /** A line takes the place of one that the guest has not read. */
  messageChanged(bytes: Uint8Array, answeredBy?: AnsweredBy): void {
    this.#sink.message('in', bytes, 0, answeredBy);
  }

  /** Replies to these requests were taken back before the guest had read of them. */
  takenBack(requests: readonly RequestMessage[]): void {
    for (const request of requests) {
      const asked = this.#askedAt.get(request);
      if (asked !== undefined) this.#pairs.reopen('out', request.id, asked);
    }
    this.#diagnoser.takenBack(requests);
  }

  /** The host wrote a line in a recording: it is in the log already. */
  replayedMessageIn(message: Message, bytes: Uint8Array): void {
    this.#heard(message, bytes);
  }

  #heard(message: Message, bytes: Uint8Array): void {
    const method = this.#methodOf('in', message);
    const found = this.#diagnoser.in(message);
    this.#judge('in', message, method, { bytes, text: undefined, overlong: false, unfinished: false }, found);
  }

  /** Pairs a message with those before it. @returns the method that it is about */
  #methodOf(dir: 'in' | 'out', message: Message): string | undefined {
    const seq = this.#sink.last;
    const pairing = this.#pairs.add(dir, message, seq);
    if (message.type === 'request') {
      this.#methods.set(seq, message.method);
      this.#askedAt.set(message, seq);
    }
    return this.#methods.get('request' in pairing ? pairing.request : seq);
  }

  /** The event that asked the request `id` of this direction which is still open; -1 when there is none. */
  askedAt(dir: 'in' | 'out', id: string): number {
    return this.#pairs.open(dir).find((open) => open.id === id)?.request ?? -1;
  }

  #judge(
    dir: 'in' | 'out',
    message: Message,
    method: string | undefined,
    line: Line,
    found: readonly Diagnosis[],
  ): void {
    const cares = this.#rules.cares('rpc');
    if (!cares && found.length === 0) return;
    const reply = message.type === 'response' || message.type === 'error';
    const text = (): string => line.text ?? showBytes(line.bytes);
    const scope = withCommon(
      messageScope(dir, message, text, line.bytes.length, method),
      this.#context.fuel(),
      this.#context.time(),
    );
    // A reply is a message too, but `rpc:NAME` means requests of that name.
    const happenings: Happening[] = reply
      ? [
          { classes: ['rpc-reply'], name: method, scope },
          { classes: ['rpc'], name: undefined, scope },
        ]
      : [{ classes: ['rpc'], name: method, scope }];
    this.#verdicts.decide(cares ? happenings : [], this.#verdicts.diagnose(found));
  }

  #logLine(line: Line): void {
    this.#sink.stderr(
      line.bytes,
      this.#context.replayer?.line('stderr', line.bytes, this.#context.fuel()) ?? flagsOf(line),
    );
    const text = line.text ?? showBytes(line.bytes);
    const found: Finding[] = this.#diagnoser.stderr(text, () => this.#context.where());
    if (line.overlong && !this.#logCut) {
      this.#logCut = true;
      const message = `A log line is longer than ${megabytes(line.bytes.length)} (limits.line): it is cut there, and so are others.`;
      found.push({ kind: 'log-cut', message, severity: 'warning' });
    }
    if (line.text === undefined && !this.#logEnded) {
      this.#logEnded = true;
      const message = `A log line that is not UTF-8, \`${text.slice(0, 80)}\`: production's log ends silently here; what follows is shown by the debugger only.`;
      found.push({ kind: 'log-not-utf8', message, severity: 'warning' });
    }
    this.#judgeLog(line, text, found);
    this.#context.arrive();
  }

  #judgeLog(line: Line, text: string, found: readonly Finding[]): void {
    const cares = this.#rules.cares('stderr');
    if (!cares && found.length === 0) return;
    const scope = (name: string): unknown =>
      name === 'kind' ? 'stderr' : name === 'line' ? text : name === 'bytes' ? line.bytes.length : undefined;
    const common = withCommon(scope, this.#context.fuel(), this.#context.time());
    const happenings: Happening[] = cares ? [{ classes: ['stderr'], name: undefined, scope: common }] : [];
    this.#verdicts.decide(happenings, this.#verdicts.diagnose(found));
  }
}

/** Whether production's host reads no further line after this one (UPSTREAM.md, "JSON-RPC as it is really spoken"). */
function stopsHost(message: Message): boolean {
  return (
    message.type === 'invalid' || message.type === 'error' || (message.type === 'response' && message.id === CALL_ID)
  );
}

function flagsOf(line: Line): number {
  return (line.text === undefined ? LINE.notUtf8 : 0) | (line.unfinished ? LINE.incomplete : 0);
}
