// The client of a process that answers host methods: newline JSON-RPC on its stdio, numbers unrounded. Starts no process and
// owns no stream: lines go out through `send` and come in through receiveLine. Not for the worker: it speaks promises.
// Contracts P2, E4 (what the process writes is not trusted).
import { JSONRPCClient, type JSONRPCRequest } from 'json-rpc-2.0';
import type { Reply } from './endpoint.ts';
import { CUSTOM_CODE } from './errors.ts';
import { JsonError } from './json.ts';
import { decodeString, type Member, scanJson } from './json-scan.ts';
import { type JsonText, requestLine } from './message.ts';
import { quote } from './misfit.ts';
import { serdeText } from './serde-text.ts';

export interface HostCommandOptions {
  /** The command line, for sentences. */
  readonly name: string;
  /** Writes a line (without its "\n") to the process's stdin. */
  readonly send: (line: string) => void;
  /** Told of each line that is no reply to an open request, with one sentence. */
  readonly unexpected: (sentence: string, line: string) => void;
}

/** Carries JSON text through JSONRPCClient, which would round what it parsed. */
class RawParams {
  readonly text: JsonText;
  constructor(text: JsonText) {
    this.text = text;
  }
}

const KEYS: ReadonlySet<string> = new Set(['id', 'method', 'result', 'error', 'code', 'message']);

export class HostCommand {
  readonly #options: HostCommandOptions;
  readonly #client: JSONRPCClient;
  readonly #open = new Set<number>();
  #lastId = -1;
  #closed: string | undefined;

  constructor(options: HostCommandOptions) {
    this.#options = options;
    // The ids are the client's own: two calls may be open at once, and the plugin's ids are its own business.
    this.#client = new JSONRPCClient(
      (request: JSONRPCRequest) => {
        const params = request.params as RawParams; // `call` is the only one who makes requests
        options.send(requestLine(String(request.id), request.method, params.text));
      },
      () => ++this.#lastId,
    );
  }

  /**
   * Asks the process to answer a host method. Resolves with what it replies, an error reply included; rejects with one
   * sentence when the process has ended, or its stdin can't be written.
   */
  async call(method: string, params: JsonText): Promise<Reply> {
    const fail = (reason: string) => new Error(`${reason} before it answered host method ${quote(method)}.`);
    if (this.#closed !== undefined) throw fail(this.#closed);
    const id = this.#lastId + 1;
    this.#open.add(id);
    try {
      return (await this.#client.request(method, new RawParams(params))) as Reply; // receiveLine gives Replies as results
    } catch (error) {
      if (this.#closed !== undefined) throw fail(this.#closed);
      const cause = error instanceof Error ? error.message : String(error);
      throw new Error(`The host command ${quote(this.#options.name)} could not be asked ${quote(method)}: ${cause}.`, {
        cause: error,
      });
    } finally {
      this.#open.delete(id);
    }
  }

  /** How many calls wait for a reply. */
  get pending(): number {
    return this.#open.size;
  }

  /** Takes one line of the process's stdout. Never throws. */
  receiveLine(line: string): void {
    if (line.trim() === '') return;
    const read = readReply(line);
    const open = typeof read !== 'string' && this.#open.delete(read.id);
    if (typeof read !== 'string' && open) {
      // An error is a result to the client: its own errors would round the code and drop what they don't know.
      this.#client.receive({ jsonrpc: '2.0', id: read.id, result: read.reply });
      return;
    }
    const reason = typeof read === 'string' ? read : `nothing was asked with id ${read.id}, or it was answered already`;
    const sentence = `The host command ${quote(this.#options.name)} wrote ${quote(line.trim())}: ${reason}.`;
    this.#options.unexpected(sentence, line);
  }

  /** The process has ended or could not start: `how` completes "The host command `x` …", for example "ended (exit code 1)". */
  closed(how: string): void {
    this.#closed ??= `The host command ${quote(this.#options.name)} ${how}`;
    this.#client.rejectAllPendingRequests(this.#closed);
  }
}

/** A reply by the specification of JSON-RPC 2.0 (section 5), or one clause that says why the line is none. */
function readReply(line: string): { id: number; reply: Reply } | string {
  const scan = scanJson(line, { keys: KEYS });
  if (scan.fault) return `it is no JSON, ${scan.fault.reason} at column ${scan.fault.offset + 1}`;
  if (scan.root !== 'object') return 'a reply is an object';
  const members = byKey(scan.members);
  const text = (key: string) => {
    const member = members.get(key);
    return member && line.slice(member.start, member.end);
  };
  if (members.has('method')) return 'it is a request, and only replies are taken';
  const id = text('id');
  if (id === undefined || !/^\d{1,15}$/.test(id)) return 'its id is none that was asked';
  const error = text('error');
  const result = text('result');
  if (error !== undefined && error !== 'null') return { id: Number(id), reply: { error: readError(error) } };
  if (result === undefined) return 'it has neither result nor error';
  try {
    return { id: Number(id), reply: { result: serdeText(result) } };
  } catch (cause) {
    if (cause instanceof JsonError) return cause.message;
    throw cause;
  }
}

function readError(text: string): { code: number | string; message: string } {
  const scan = scanJson(text, { keys: KEYS });
  const members = byKey(scan.members);
  const code = members.get('code');
  const message = members.get('message');
  const messageText = message && text.slice(message.start, message.end);
  const codeText = code && text.slice(code.start, code.end);
  return {
    code: codeText !== undefined && /^-?\d+$/.test(codeText) ? codeText : CUSTOM_CODE,
    message: messageText?.startsWith('"') ? decodeString(messageText) : text,
  };
}

function byKey(members: readonly Member[]): Map<string, Member> {
  return new Map(members.map((member) => [member.key ?? '', member]));
}
