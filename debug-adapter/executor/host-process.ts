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
  const answeredBy: AnsweredBy = { by: 'host', command };
  const host = new HostCommand({
    name: command,
    send: (line) => child?.send(line),
    unexpected: (sentence) => report(sentence),
  });
  child = platform.startProcess(command, cwd, {
    line: (line) => host.receiveLine(line),
    stderr: (text) => {
      for (const line of text.split(/\r?\n/)) if (line !== '') report(`host: ${line}`);
    },
    ended: (how) => {
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
      closed = true;
      child?.kill();
    },
  };
}
