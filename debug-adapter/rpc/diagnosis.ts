// What is wrong with a call, one sentence a fault: fed with what happens, in order, it says at once what production would
// make of it. Decides nothing about the run, and keeps no time. Contract P1.

import { CALL_ID, type Waits } from './endpoint.ts';
import { METHOD_NOT_FOUND, productionError } from './errors.ts';
import { Fifo } from './fifo.ts';
import { type Activity, hangSentence } from './hang.ts';
import type { ErrorMessage, InvalidMessage, Message, MessageId, RequestMessage } from './message.ts';
import { quote } from './misfit.ts';
import { type Panic, PanicReader } from './panic.ts';

export type DiagnosisKind =
  | 'stray-text'
  | 'malformed-json'
  | 'not-utf8'
  | 'invalid-message'
  | 'unknown-response'
  | 'duplicate-response'
  | 'error-pinned'
  | 'unknown-host-method'
  | 'out-of-order-reply'
  | 'no-response'
  | 'panic'
  | 'trap'
  | 'hang'
  | 'unread-message';

/** `error`: the call fails or hangs in production. `warning`: production goes on, but the plugin did not mean this. */
export type Severity = 'error' | 'warning';

export interface Diagnosis {
  readonly kind: DiagnosisKind;
  /** One sentence: the cause, the message, and what wrote it. */
  readonly message: string;
  readonly severity: Severity;
  /** Of a `panic`, its whole text and its location. */
  readonly panic?: Panic;
}

/**
 * What wrote something, as a noun phrase: "function `app::main`". A function is asked only when there is a diagnosis, which
 * may be later (an unknown host method shows in the reply): it must answer for the moment it was passed at.
 */
export type Where = string | undefined | (() => string | undefined);

/** How the guest ended. `code` is proc_exit's, which `where` called, or 0 after a return from `_start`. */
export type End =
  | { readonly kind: 'exit'; readonly code: number; readonly where?: Where }
  | { readonly kind: 'trap'; readonly message: string; readonly where?: Where };

/** A request of the plugin's. */
interface Asked {
  readonly id: MessageId;
  readonly method: string;
  readonly where: Where;
  replied: boolean;
}

/** Messages nobody reads and methods nobody knows are told of up to this number: a plugin may write them without end. */
const TOLD = 10;
/** A panic's text is told up to this many UTF-16 units. */
const PANIC_TEXT = 1000;

export class Diagnoser {
  readonly #method: string;
  readonly #panics = new PanicReader();
  #panicWhere: Where;
  #panicked = false;
  /** The plugin's requests in their order, from the first without a reply on. */
  #asked = new Fifo<Asked>();
  /** How many of them are without a reply. */
  #open = 0;
  /** Why the host reads no more, as a noun phrase. */
  #stoppedBy: string | undefined;
  #responded = false;
  #unread = 0;
  #unknownResponses = 0;
  #outOfOrder = false;
  readonly #unknownMethods = new Set<string>();

  /** `method`: the plugin method that is called. */
  constructor(method: string) {
    this.#method = method;
  }

  /** Whether the plugin's response has been written. */
  get responded(): boolean {
    return this.#responded;
  }

  /** The plugin wrote a line. */
  out(message: Message, where?: Where): Diagnosis[] {
    if (message.type === 'request') {
      this.#asked.push({ id: message.id, method: message.method, where, replied: false });
      this.#open++;
    }
    if (message.type === 'response') return this.#response(message.id, where);
    if (this.#stoppedBy !== undefined) return this.#notRead(message, where);
    if (message.type === 'request') return [];
    return message.type === 'invalid' ? [this.#invalid(message, where)] : this.#errorResponse(message, where);
  }

  /** The host wrote a line. */
  in(message: Message): Diagnosis[] {
    if (message.type === 'request' || message.type === 'invalid') return [];
    const first = this.#asked.peek();
    const request = first?.id === message.id ? first : this.#find(message.id);
    if (request) {
      request.replied = true;
      this.#open--;
      const found = request === first ? [] : [this.#reordered(request, first)];
      while (this.#asked.peek()?.replied) this.#asked.shift();
      if (message.type === 'error') found.push(...this.#errorReply(message, request));
      return found;
    }
    const text = `The host replied to id ${message.id}, which the plugin is not waiting for.`;
    return [{ kind: 'unknown-response', severity: 'warning', message: text }];
  }

  /** Replies to these requests of the plugin's, oldest first, were taken back before it had read of them. */
  takenBack(requests: readonly RequestMessage[]): void {
    const asked = new Fifo<Asked>();
    for (const { id, method } of requests) {
      asked.push({ id, method, where: undefined, replied: false });
      this.#open++;
    }
    for (const request of this.#asked)
      if (!request.replied || !requests.some(({ id }) => id === request.id)) asked.push(request);
    this.#asked = asked;
  }

  /** A line of stderr. */
  stderr(line: string, where?: Where): Diagnosis[] {
    if (line.includes('panicked at')) this.#panicWhere = where;
    const panic = this.#panics.line(line);
    return panic ? [this.#panic(panic)] : [];
  }

  /** The guest has ended, and all that it wrote has been told. */
  end(end: End): Diagnosis[] {
    const panic = this.#panics.end();
    const found = panic ? [this.#panic(panic)] : [];
    if (end.kind === 'trap') {
      // Rust ends a panic with `unreachable`: the panic is the news.
      if (this.#panicked && /unreachable/i.test(end.message)) return found;
      const after = this.#responded ? ', after its response, so that production does not mind' : '';
      const message = `The plugin trapped${inside(end.where)}${after}: ${end.message.replace(/\.$/, '')}.`;
      found.push({ kind: 'trap', severity: this.#responded ? 'warning' : 'error', message });
      return found;
    }
    if (this.#stoppedBy === undefined && !this.#panicked) {
      const message = `The plugin ended with exit code ${end.code}${inside(end.where)} without a response to ${quote(this.#method)} (id ${CALL_ID}): production's call fails with Internal error (-32603).`;
      found.push({ kind: 'no-response', severity: 'error', message });
    }
    return found;
  }

  /** The run was given up because nothing moves: says what it hangs on. */
  hang(waits: Waits, activity: Activity): Diagnosis {
    const message = hangSentence({
      method: this.#method,
      waits,
      activity,
      stoppedBy: this.#stoppedBy,
      responded: this.#responded,
      outOfOrder: this.#outOfOrder,
    });
    return { kind: 'hang', severity: 'error', message };
  }

  #response(id: MessageId, where: Where): Diagnosis[] {
    if (id !== CALL_ID) {
      if (++this.#unknownResponses > TOLD) return [];
      const message = `A response to id ${id}, written${by(where)}, answers nothing: the host asked only ${quote(this.#method)} (id ${CALL_ID}), so production ignores it.`;
      return [{ kind: 'unknown-response', severity: 'warning', message }];
    }
    if (this.#responded) {
      if (++this.#unread > TOLD) return [];
      const message = `A second response to ${quote(this.#method)} (id ${CALL_ID}), written${by(where)}: it was answered already, and production never reads this one.`;
      return [{ kind: 'duplicate-response', severity: 'warning', message }];
    }
    if (this.#stoppedBy !== undefined) {
      const message = `The response to ${quote(this.#method)} (id ${CALL_ID}), written${by(where)}, is never read: the host stopped reading at ${this.#stoppedBy}.`;
      this.#responded = true;
      return [{ kind: 'unread-message', severity: 'error', message }];
    }
    this.#responded = true;
    this.#stoppedBy = 'the response';
    return [];
  }

  #invalid(line: InvalidMessage, where: Where): Diagnosis {
    const what = {
      'stray-text': 'Stray text on stdout',
      'malformed-json': 'Malformed JSON on stdout',
      'not-utf8': 'A line on stdout that is not UTF-8',
      'invalid-message': 'A message that production cannot read',
    }[line.cause];
    const error = line.cause === 'not-utf8' ? 'Internal error (-32603)' : 'Parse error (-32700)';
    this.#stoppedBy = `${line.cause === 'not-utf8' ? 'a line that is not UTF-8' : quote(line.text.trim())}`;
    const message = `${what}, ${quote(line.text.trim())}, written${by(where)}: ${line.reason}, so the host stops reading with ${error}.`;
    return { kind: line.cause, severity: 'error', message };
  }

  #errorResponse(response: ErrorMessage, where: Where): Diagnosis[] {
    if (response.id === CALL_ID) {
      this.#responded = true;
      this.#stoppedBy = 'the error response';
      return [];
    }
    this.#stoppedBy = `the error response with id ${response.id}`;
    const error = productionError(response.code, response.message);
    const message = `An error response with id ${response.id}, written${by(where)}, answers nothing, but production pins it on ${quote(this.#method)} (id ${CALL_ID}), which fails with ${quote(error.message)} (${error.code}).`;
    return [{ kind: 'error-pinned', severity: 'error', message }];
  }

  #notRead(message: Message, where: Where): Diagnosis[] {
    if (message.type === 'error' && message.id === CALL_ID && this.#responded) {
      const text = `A second response to ${quote(this.#method)} (id ${CALL_ID}), an error, written${by(where)}: it was answered already, and production never reads this one.`;
      return [{ kind: 'duplicate-response', severity: 'warning', message: text }];
    }
    if (++this.#unread > TOLD) return [];
    const request = message.type === 'request';
    const what = request
      ? `The request ${quote(message.method)} (id ${message.id})`
      : message.type === 'invalid'
        ? `The line ${quote(message.text.trim())}`
        : `The error response with id ${message.id}`;
    const after = this.#stoppedBy ?? 'an earlier line';
    const hangs = request ? ', and production hangs if the plugin waits for the reply' : '';
    const text = `${what}, written${by(where)}, is never read: the host stopped reading at ${after}${hangs}.`;
    return [{ kind: 'unread-message', severity: request ? 'error' : 'warning', message: text }];
  }

  /** The oldest request with an id that waits for its reply. */
  #find(id: MessageId): Asked | undefined {
    for (const request of this.#asked) if (request.id === id && !request.replied) return request;
    return undefined;
  }

  #errorReply(reply: ErrorMessage, request: Asked): Diagnosis[] {
    const found: Diagnosis[] = [];
    const name = `${quote(request.method)} (id ${request.id})`;
    if (
      reply.code === String(METHOD_NOT_FOUND.code) &&
      !this.#unknownMethods.has(request.method) &&
      this.#unknownMethods.size < TOLD
    ) {
      this.#unknownMethods.add(request.method);
      const message = `Host method ${name}, called${by(request.where)}, is unknown to the host, which answers Method not found (-32601).`;
      found.push({ kind: 'unknown-host-method', severity: 'error', message });
    }
    if (this.#open > 0) {
      const others: string[] = [];
      for (const other of this.#asked) {
        if (others.length === 3) break;
        if (!other.replied) others.push(`${quote(other.method)} (id ${other.id})`);
      }
      const also = `${others.join(', ')}${this.#open > 3 ? ' and others' : ''} also wait${this.#open > 1 ? '' : 's'}`;
      const message = `The error reply to ${name} comes while ${also}: a plugin on the pdk pins it on whichever call reads it, whatever its id.`;
      found.push({ kind: 'error-pinned', severity: 'warning', message });
    }
    return found;
  }

  #reordered(request: Asked, first: Asked | undefined): Diagnosis {
    this.#outOfOrder = true;
    const before = first ? ` before the one to ${quote(first.method)} (id ${first.id}), which was asked first` : '';
    const message = `The reply to ${quote(request.method)} (id ${request.id}) left${before}: production never does this, and a plugin on the pdk may wait for ever.`;
    return { kind: 'out-of-order-reply', severity: 'warning', message };
  }

  #panic(panic: Panic): Diagnosis {
    this.#panicked = true;
    const lines = panic.message.split('\n').map((line) => line.trim());
    const whole = lines
      .filter((line) => line !== '')
      .join(' ⏎ ')
      .replace(/\.$/, '');
    const text = whole.length > PANIC_TEXT ? `${whole.slice(0, PANIC_TEXT)} …` : whole;
    const place = `${panic.file}:${panic.line}:${panic.column}`;
    const message = `The plugin panicked at ${place}${inside(this.#panicWhere)}: ${text === '' ? 'no message' : text}.`;
    return { kind: 'panic', severity: this.#responded ? 'warning' : 'error', message, panic };
  }
}

function told(where: Where): string | undefined {
  return typeof where === 'function' ? where() : where;
}

function by(where: Where): string {
  const text = told(where);
  return text === undefined ? ' by the plugin' : ` by ${text}`;
}

function inside(where: Where): string {
  const text = told(where);
  return text === undefined ? '' : ` in ${text}`;
}
