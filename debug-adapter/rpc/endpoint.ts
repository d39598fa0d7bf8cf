// The host's side of one call as hdk's Plugin::call plays it: which line it reads next, what it answers, when it stops.
// Synchronous and pure: it runs inside the worker while the guest is blocked. Does no framing, keeps no time.
// Contracts M1 (one at a time, in order), E6 (replies owed), P2. After pdk transport.rs and hdk plugin.rs.
import { type AnsweredBy, faulty, type ReplyFault } from './answered-by.ts';
import { CUSTOM_CODE, INTERNAL_ERROR, PARSE_ERROR, productionError, type RpcError } from './errors.ts';
import { Fifo } from './fifo.ts';
import {
  classifyBytes,
  classifyLine,
  type ErrorMessage,
  errorLine,
  type InvalidMessage,
  type JsonText,
  type Message,
  type MessageId,
  type RequestMessage,
  requestLine,
  responseLine,
} from './message.ts';

/** The id of the host's only request: each side counts from 0, and a call has one request of the host's. */
export const CALL_ID: MessageId = '0';

/** What a host method gives back. `result` is one JSON value's text; an error is changed as production changes it. */
export type Reply = (
  | { readonly result: JsonText }
  | { readonly error: { readonly code: number | string; readonly message: string } }
) & {
  /** Goes with the line that is written. */
  readonly answeredBy?: AnsweredBy | undefined;
  /** The line is to be wrong. */
  readonly fault?: LineFault | undefined;
};

/** Faults that one asks for: no host of production's does any of these. */
export type LineFault =
  /** This line in place of the reply; undefined: the reply cut in half. */
  | { readonly kind: 'malformed'; readonly line: string | undefined }
  /** Undefined: the right one and a thousand. */
  | { readonly kind: 'wrongId'; readonly id: MessageId | undefined }
  | { readonly kind: 'duplicate' }
  /** Behind the next reply that leaves; see `releaseHeld`. */
  | { readonly kind: 'outOfOrder' };

/**
 * `pending`: `settle` will bring the reply. `never`: nothing will, and nothing behind it is read, as in production. `held`: in a replay, one
 * that left out of order.
 */
export type Answer = Reply | 'pending' | 'never' | 'held';

/** Answers a request of the plugin's, at once. If it throws, the request gets an error reply with the error's text. */
export type Answerer = (request: RequestMessage) => Answer;

/** Why the host has stopped reading. From then on it reads nothing, and answers nothing. */
export type Outcome =
  | { readonly kind: 'result'; readonly result: JsonText }
  /** An error response came, whichever id it carries: `error` is what production's call returns, `response` what was written. */
  | { readonly kind: 'error-response'; readonly error: RpcError; readonly response: ErrorMessage }
  /** A line that is no message: ParseError, or InternalError when it is not UTF-8. */
  | { readonly kind: 'invalid-line'; readonly error: RpcError; readonly line: InvalidMessage }
  /** stdout ended (the plugin ended, or closed fd 1) before a response. */
  | { readonly kind: 'end-of-output'; readonly error: RpcError };

/** A line for the guest's stdin, without its "\n", and the same as a message. */
export interface HostLine {
  readonly text: string;
  readonly message: Message;
  /** Of a reply, where whoever answered said it. */
  readonly answeredBy?: AnsweredBy;
  /** Of a reply, what it answers; a duplicate answers nothing. */
  readonly request?: RequestMessage;
}

export type WaitState = 'unanswered' | 'queued' | 'being answered' | 'never answered' | 'never read';

/** A request that somebody waits for the reply to. */
export interface Wait {
  readonly id: MessageId;
  readonly method: string;
  readonly state: WaitState;
}

/** What each side waits for: the host for the plugin's response, the plugin for the host's replies (oldest first). */
export interface Waits {
  readonly host: readonly Wait[];
  readonly plugin: readonly Wait[];
}

/** Requests that wait are listed up to this number: a plugin may write them without end. */
const LISTED = 100;

export class HostEndpoint {
  readonly method: string;
  readonly #params: JsonText;
  #started = false;
  #queue = new Fifo<Message>();
  #answering: RequestMessage | undefined;
  #never = false;
  #ended = false;
  #outcome: Outcome | undefined;
  #out: HostLine[] = [];
  #unread: RequestMessage[] = [];
  /** Replies that are to leave out of order, oldest first; in a replay the recording has their lines. */
  #held: { readonly request: RequestMessage; readonly line: HostLine | undefined }[] = [];

  /** `params`: one JSON value's text, `null` where there are none; see serdeText for the form that production writes. */
  constructor(method: string, params: JsonText) {
    this.method = method;
    this.#params = params;
  }

  /** The request that begins the call, without its "\n": to be written to stdin before the guest runs. */
  start(): HostLine {
    this.#started = true;
    const message: RequestMessage = { type: 'request', id: CALL_ID, method: this.method, params: this.#params };
    return { text: requestLine(CALL_ID, this.method, this.#params), message };
  }

  /** Queues one line of the guest's stdout, without its "\n"; `pump` reads it. Returns what it is. */
  receiveLine(line: Uint8Array | string): Message {
    const message = typeof line === 'string' ? classifyLine(line) : classifyBytes(line);
    this.receive(message);
    return message;
  }

  /** Queues one message of the guest's, classified already. */
  receive(message: Message): void {
    if (this.#outcome) this.#keepUnread(message);
    else this.#queue.push(message);
  }

  /** stdout has ended: the host finds out when it has read what is queued. */
  endOfOutput(): void {
    this.#ended = true;
  }

  /**
   * Reads queued lines one after the other until none is left, a reply is pending, or the host stops reading. Call it
   * after receiveLine, settle and endOfOutput; then takeLines gives what the host wrote.
   */
  pump(answer: Answerer): void {
    while (!this.#outcome && !this.#answering) {
      const message = this.#queue.shift();
      if (!message) {
        if (this.#ended) this.#stop({ kind: 'end-of-output', error: INTERNAL_ERROR });
        return;
      }
      this.#process(message, answer);
    }
  }

  /** Asks `answer` once more for the reply that is pending: whoever was to bring it is another one now. */
  reanswer(answer: Answerer): void {
    if (this.#answering !== undefined && !this.#never) this.#answer(this.#answering, answer);
  }

  /**
   * Brings the reply to the request that is being answered; call pump next. False, and nothing happens, if another or no
   * request is being answered, or this one never is.
   */
  settle(id: MessageId, reply: Reply | 'never'): boolean {
    const request = this.#answering;
    if (!request || request.id !== id || this.#never) return false;
    if (reply === 'never') this.#never = true;
    else {
      this.#answering = undefined;
      this.#reply(request, reply);
    }
    return true;
  }

  /** Whether a request with this id waits for the host to read it. */
  queued(id: MessageId): boolean {
    for (const message of this.#queue) if (message.type === 'request' && message.id === id) return true;
    return false;
  }

  /** The request whose answer never comes, if it has this id, gets one all the same: it is being answered again. */
  revive(id: MessageId): boolean {
    if (!this.#never || this.#answering?.id !== id) return false;
    this.#never = false;
    return true;
  }

  /** Whether the reply to `id` is held back to leave out of order. */
  isHeld(id: MessageId): boolean {
    return this.#held.some(({ request }) => request.id === id);
  }

  /** The reply to `id` that is held back to leave out of order becomes another one. @returns false where there is none */
  changeHeld(id: MessageId, change: (line: HostLine) => Reply): boolean {
    const at = this.#held.findIndex(({ request }) => request.id === id);
    const held = this.#held[at];
    if (held?.line === undefined) return false;
    this.#held[at] = { ...held, line: marked(replyLine(held.request, change(held.line)), 'outOfOrder') };
    return true;
  }

  /**
   * Replies to these requests, oldest first, were taken back before anybody had read of them: the first is never answered, and holds up the
   * others and all that are behind them (M1).
   */
  takeBack(requests: readonly RequestMessage[]): void {
    const again: Message[] = this.#answering === undefined ? [...requests] : [...requests, this.#answering];
    const [first, ...rest] = again;
    if (first?.type !== 'request') return;
    if (this.#outcome !== undefined) {
      for (const message of again) this.#keepUnread(message);
      return;
    }
    const behind = this.#queue;
    this.#queue = new Fifo();
    for (const message of rest) this.#queue.push(message);
    for (const message of behind) this.#queue.push(message);
    this.#answering = first;
    this.#never = true;
  }

  /** Whether replies are held back to leave out of order, and no other request is there whose reply could go first. */
  get holdsAlone(): boolean {
    return this.#held.length > 0 && this.#answering === undefined && this.#queue.peek() === undefined;
  }

  /** Whether replies are held back to leave out of order. */
  get holds(): boolean {
    return this.#held.length > 0;
  }

  /** Nothing else comes: what is held back leaves now. */
  releaseHeld(): void {
    for (const { line } of this.#held) if (line !== undefined) this.#out.push(line);
    this.#held = [];
  }

  /** In a replay: the request that a line is for which was written, with this id and fault. */
  requestOf(id: MessageId | undefined, fault: ReplyFault | undefined): RequestMessage | undefined {
    if (fault === 'duplicate') return undefined;
    if (fault === 'outOfOrder') {
      const held = this.#held.find(({ request }) => request.id === id);
      if (held !== undefined) return held.request;
    }
    return this.#answering;
  }

  /**
   * In a replay: a line was written that was asked to be wrong. `id` is the line's, if it has one. False when no request is there that it could
   * have been for.
   */
  settleFaulty(fault: ReplyFault, id: MessageId | undefined): boolean {
    if (fault === 'duplicate') return true;
    if (fault === 'outOfOrder') {
      const held = this.#held.findIndex(({ request }) => request.id === id);
      if (held >= 0) this.#held.splice(held, 1);
      if (held >= 0) return true;
    }
    if (this.#answering === undefined || (fault === 'outOfOrder' && this.#answering.id !== id)) return false;
    this.#answering = undefined;
    return true;
  }

  /** The lines for stdin since the last call, in order. Whoever calls owns the array. */
  takeLines(): HostLine[] {
    if (this.#out.length === 0) return [];
    const lines = this.#out;
    this.#out = [];
    return lines;
  }

  /** Set once the host has stopped reading; the call itself returns only when the guest has ended. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  /** The request that a pending reply belongs to. */
  get answering(): RequestMessage | undefined {
    return this.#never ? undefined : this.#answering;
  }

  /** How many replies to the plugin will still come: none once the host has stopped, or is stuck on one that never comes. */
  get repliesOwed(): number {
    if (this.#outcome || this.#never) return 0;
    let owed = this.#held.length + (this.#answering ? 1 : 0);
    for (const message of this.#queue) {
      if (message.type === 'request') owed++;
      else if (message.type !== 'response' || message.id === CALL_ID) break; // the host stops there
    }
    return owed;
  }

  /** What each side still waits for. */
  waits(): Waits {
    const plugin: Wait[] = [];
    const add = (request: Message, state: WaitState) => {
      if (request.type === 'request') plugin.push({ id: request.id, method: request.method, state });
    };
    for (const { request } of this.#held) if (plugin.length < LISTED) add(request, 'being answered');
    if (this.#answering) add(this.#answering, this.#never ? 'never answered' : 'being answered');
    for (const message of this.#queue) if (plugin.length < LISTED) add(message, 'queued');
    for (const request of this.#unread) add(request, 'never read');
    const open = this.#started && !this.#outcome;
    return { host: open ? [{ id: CALL_ID, method: this.method, state: 'unanswered' }] : [], plugin };
  }

  #process(message: Message, answer: Answerer): void {
    switch (message.type) {
      case 'request':
        this.#answer(message, answer);
        break;
      case 'response':
        // Any other id has no entry in `pending`, and is ignored.
        if (message.id === CALL_ID) this.#stop({ kind: 'result', result: message.result });
        break;
      case 'error': {
        // process_message returns the error before it looks at the id.
        const error = productionError(message.code, message.message);
        this.#stop({ kind: 'error-response', error, response: message });
        break;
      }
      case 'invalid': {
        const error = message.cause === 'not-utf8' ? INTERNAL_ERROR : PARSE_ERROR;
        this.#stop({ kind: 'invalid-line', error, line: message });
        break;
      }
    }
  }

  #answer(request: RequestMessage, answer: Answerer): void {
    this.#answering = request;
    let answered: Answer;
    try {
      answered = answer(request);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      answered = {
        error: { code: CUSTOM_CODE, message },
        answeredBy: { by: 'debugger', why: `the call could not be answered: ${message}` },
      };
    }
    if (answered === 'never') this.#never = true;
    if (answered === 'never' || answered === 'pending') return;
    this.#answering = undefined;
    if (answered === 'held') this.#held.push({ request, line: undefined });
    else this.#reply(request, answered);
  }

  #reply(request: RequestMessage, reply: Reply): void {
    const { id } = request;
    const { fault } = reply;
    switch (fault?.kind) {
      case undefined:
        this.#send(replyLine(request, reply));
        break;
      case 'duplicate':
        this.#send(replyLine(request, reply));
        this.#out.push(marked(lineOf(id, reply), 'duplicate'));
        break;
      case 'wrongId': {
        const wrong = fault.id ?? String(BigInt.asUintN(64, BigInt(id) + WRONG_BY));
        this.#send(marked({ ...lineOf(wrong, reply), request }, 'wrongId'));
        break;
      }
      case 'malformed': {
        const right = replyLine(request, reply);
        const text = fault.line ?? right.text.slice(0, Math.ceil(right.text.length / 2));
        this.#send(marked({ ...right, text, message: classifyLine(text) }, 'malformed'));
        break;
      }
      case 'outOfOrder':
        this.#held.push({ request, line: marked(replyLine(request, reply), 'outOfOrder') });
    }
  }

  /** A reply leaves, and those behind it that were held back for that. */
  #send(line: HostLine): void {
    if (this.#held.length === 0) {
      this.#out.push(line);
      return;
    }
    this.#out.push(line.answeredBy?.fault === undefined ? marked(line, 'outOfOrder') : line);
    this.releaseHeld();
  }

  #stop(outcome: Outcome): void {
    this.#outcome = outcome;
    for (const message of this.#queue) this.#keepUnread(message);
    this.#queue = new Fifo();
  }

  #keepUnread(message: Message): void {
    if (message.type === 'request' && this.#unread.length < LISTED) this.#unread.push(message);
  }
}

/** What a wrong id is beside the right one. */
const WRONG_BY = 1000n;

/** The reply as a line, whatever fault it is to have. */
export function replyLine(request: RequestMessage, reply: Reply): HostLine {
  return { ...lineOf(request.id, reply), request };
}

function lineOf(id: MessageId, reply: Reply): HostLine {
  const source = reply.answeredBy === undefined ? undefined : { answeredBy: reply.answeredBy };
  if ('result' in reply) {
    const { result } = reply;
    return { text: responseLine(id, result), message: { type: 'response', id, result }, ...source };
  }
  const { code, message } = productionError(reply.error.code, reply.error.message);
  return {
    text: errorLine(id, { code, message }),
    message: { type: 'error', id, code: String(code), message, hasData: false },
    ...source,
  };
}

function marked(line: HostLine, fault: ReplyFault): HostLine {
  return { ...line, answeredBy: faulty(line.answeredBy, fault) };
}
