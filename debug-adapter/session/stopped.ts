// A stop of the executor in DAP's words. Pure. Contract S6.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Stop } from '../executor/options.ts';
import type { RunEvent } from '../recording/event.ts';
import { explain } from './explain.ts';
import type { SessionRun } from './session-run.ts';

/** The one thread: the call. */
export const THREAD = 1;

/** Why nothing can be looked at or stepped. */
export function notStopped(run: Pick<SessionRun, 'state'>): string {
  return run.state === 'ended' ? 'The call has ended.' : 'The call is running: pause it first.';
}

const PAUSED_ON: Readonly<Record<RunEvent['kind'], string>> = {
  rpc: 'Paused on a message',
  syscall: 'Paused on a syscall',
  stderr: 'Paused on a log line',
  yield: 'Paused on a yield',
  grow: 'Paused on memory growth',
  diagnosis: 'Paused on a diagnosis',
  exit: 'Paused at the end',
  folded: 'Paused on syscalls',
};

/** The numbers of the function breakpoints among the rules that were hit (breakpoints.ts gives them their ids). */
export function hitBreakpoints(rules: readonly string[]): number[] {
  return rules.filter((rule) => rule.startsWith('function:')).map((rule) => Number(rule.slice('function:'.length)));
}

/** The body of the `stopped` event. `kind` is that of the event on which the call stands, if there is one. */
export function stoppedBody(stop: Stop, kind: RunEvent['kind'] | undefined): DebugProtocol.StoppedEvent['body'] {
  const base = { threadId: THREAD, allThreadsStopped: true };
  const hit = hitBreakpoints(stop.rules);
  const hits = hit.length === 0 ? {} : { hitBreakpointIds: hit };
  const on = kind === undefined ? 'Paused' : PAUSED_ON[kind];
  switch (stop.reason) {
    case 'entry':
      return { ...base, reason: 'entry', description: 'Paused before the first instruction' };
    case 'pause':
      return { ...base, reason: 'pause', description: 'Paused' };
    case 'step':
      return { ...base, reason: 'step', description: on };
    case 'event':
      return { ...base, ...hits, reason: hit.length > 0 ? 'function breakpoint' : 'breakpoint', description: on };
    default: {
      const { diagnosis, message } = stop.diagnosis ?? { diagnosis: '', message: '' };
      return { ...base, ...hits, reason: 'exception', description: explain(diagnosis).title, text: message };
    }
  }
}
