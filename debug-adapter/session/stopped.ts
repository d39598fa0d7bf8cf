// A stop of the executor in DAP's words. Pure. Contract S6.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Stop } from '../executor/options.ts';
import type { RunEvent } from '../recording/event.ts';
import { cut, grouped, visible } from '../transcript/transcript-line.ts';
import { hitNumbers } from './breakpoint-set.ts';
import { explain } from './explain.ts';
import type { SessionRun } from './session-run.ts';
import { type ShownFrame, shownName } from './shown-frames.ts';

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
  edit: 'Paused on an edit',
  exit: 'Paused at the end',
  folded: 'Paused on syscalls',
};

/** How a client names what was hit: VS Code shows the Disassembly view for an instruction breakpoint. */
function reasonOf(sorts: ReadonlySet<string>): string {
  if (sorts.has('function')) return 'function breakpoint';
  if (sorts.has('instruction') && sorts.size === 1) return 'instruction breakpoint';
  return 'breakpoint';
}

/** Characters of a name in a heading. */
const NAME = 60;

const shortened = (name: string): string =>
  name.length <= NAME ? visible(name) : `${visible(name.slice(0, NAME).replace(/[\ud800-\udbff]$/, ''))}…`;

/** What is known of a stop besides. */
export interface StopWords {
  /** What a paused call waits for, as a clause (waiting.ts). */
  readonly waits: string | undefined;
  /** What the data breakpoints that were hit watch. */
  readonly watched?: string | undefined;
}

/**
 * The body of the `stopped` event. `kind` is that of the event on which the call stands, if there is one; `top` the innermost of the frames that a
 * client is shown.
 */
export function stoppedBody(
  stop: Stop,
  kind: RunEvent['kind'] | undefined,
  top: ShownFrame | undefined,
  { waits, watched = 'what is watched' }: StopWords,
): DebugProtocol.StoppedEvent['body'] {
  const base = { threadId: THREAD, allThreadsStopped: true };
  const { ids, sorts } = hitNumbers(stop.rules);
  const hits = ids.length === 0 ? {} : { hitBreakpointIds: [...ids] };
  const inCode = stop.inCode && top !== undefined ? `Paused in ${shortened(shownName(top))}` : undefined;
  const on = inCode ?? (kind === undefined ? 'Paused' : PAUSED_ON[kind]);
  switch (stop.reason) {
    case 'entry':
      return { ...base, reason: 'entry', description: 'Paused before the first instruction' };
    case 'pause':
      return { ...base, reason: 'pause', description: waits === undefined ? 'Paused' : `Paused: it ${waits}` };
    case 'step':
      return { ...base, reason: 'step', description: on };
    case 'event':
      return { ...base, ...hits, reason: ids.length > 0 ? 'function breakpoint' : 'breakpoint', description: on };
    case 'breakpoint':
      return { ...base, ...hits, reason: reasonOf(sorts), description: on };
    case 'data':
      return {
        ...base,
        ...hits,
        reason: 'data breakpoint',
        description: `Paused behind a write to ${shortened(watched)}`,
      };
    case 'ask':
      return {
        ...base,
        reason: 'pause',
        description: `Paused at host method ${cut(stop.ask?.method ?? '', 60, 60)}, which waits for an answer`,
      };
    case 'reached':
      return { ...base, reason: 'goto', description: on };
    case 'moment':
      return { ...base, reason: 'goto', description: `Paused at moment ${grouped(stop.moment)}` };
    case 'fault':
    case 'limit': {
      const { diagnosis, message } = stop.diagnosis ?? { diagnosis: '', message: '' };
      return { ...base, ...hits, reason: 'exception', description: explain(diagnosis).title, text: message };
    }
  }
}
