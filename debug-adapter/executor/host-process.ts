// The process behind `hostCommand`: started once a run, asked one host method at a time, its lines read by rpc/host-command.ts. Lives on
// the driving side; the worker sees only its replies. Contracts P2, E4.

import type { AnsweredBy } from '../rpc/answered-by.ts';
import { INTERNAL_ERROR } from '../rpc/errors.ts';
import { HostCommand } from '../rpc/host-command.ts';
import type { HostReply } from './messages.ts';
import type { LineProcess, Platform } from './platform.ts';

export interface HostProcess {
  /** Never rejects: a process that is gone answers with an error that says so. `params` is JSON text. */
  ask(method: string, params: string): Promise<HostReply>;
  close(): void;
}

/**
 * Starts `command` in folder `cwd`. `report` is told, in a sentence, of what the process does wrong: lines that are no replies, its
 * stderr, its end.
 */
export function startHostProcess(
  platform: Platform,
  command: string,
  cwd: string | undefined,
  report: (sentence: string) => void,
): HostProcess {
  let child: LineProcess | undefined;
  let closed = false;
  const noise = new Noise(() => platform.monotonic(), report);
  const answeredBy: AnsweredBy = { by: 'host', command };
  const host = new HostCommand({
    name: command,
    send: (line) => child?.send(line),
    unexpected: (sentence) => noise.say(sentence),
  });
  child = platform.startProcess(command, cwd, {
    line: (line) => host.receiveLine(line),
    stderr: (text) => {
      for (const line of text.split(/\r?\n/)) if (line !== '') noise.say(`host: ${line}`);
    },
    ended: (how) => {
      noise.settle();
      host.closed(how);
      if (!closed) report(`The host command '${command}' ${how}.`);
    },
  });
  return {
    async ask(method, params) {
      try {
        const reply = await host.call(method, params);
        if ('result' in reply) return { result: reply.result, answeredBy };
        return { error: { code: Number(reply.error.code), message: reply.error.message }, answeredBy };
      } catch (error) {
        const { message } = error as Error;
        report(message);
        return { error: { code: INTERNAL_ERROR.code, message }, answeredBy: { by: 'debugger', why: message } };
      }
    },
    close() {
      noise.settle();
      closed = true;
      child?.kill();
    },
  };
}

/** So many sentences about what a process writes may come at once, */
const BURST = 200;
/** and so many a second for ever. */
const PER_SECOND = 50;

/** What a process writes besides replies: past a rate it is counted, since a process may write without end (E2, E4). */
class Noise {
  readonly #now: () => number;
  readonly #report: (sentence: string) => void;
  #tokens = BURST;
  #at: number;
  #counted = 0;

  /** `now` gives ms. */
  constructor(now: () => number, report: (sentence: string) => void) {
    this.#now = now;
    this.#report = report;
    this.#at = now();
  }

  say(sentence: string): void {
    const now = this.#now();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#at) * PER_SECOND) / 1000);
    this.#at = now;
    // once lines are being counted, some may come together again
    if (this.#tokens < (this.#counted > 0 ? PER_SECOND : 1)) {
      this.#counted++;
      return;
    }
    this.settle();
    this.#tokens--;
    this.#report(sentence);
  }

  /** Tells what was only counted. */
  settle(): void {
    const counted = this.#counted;
    this.#counted = 0;
    if (counted > 0) this.#report(`host: … ${counted} ${counted === 1 ? 'line' : 'lines'} more, too many to be shown.`);
  }
}
