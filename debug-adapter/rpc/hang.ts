// Says in one sentence what a call that does not move hangs on. Contract P1.
import { CALL_ID, type Wait, type Waits } from './endpoint.ts';
import { quote } from './misfit.ts';

/** What the guest does meanwhile: polls an empty stdin, sleeps in poll_oneoff, or computes without a syscall. */
export type Activity = 'polling' | 'sleeping' | 'computing';

export interface HangState {
  /** The plugin method that was called. */
  readonly method: string;
  readonly waits: Waits;
  readonly activity: Activity;
  /** Why the host reads no more, as a noun phrase. */
  readonly stoppedBy: string | undefined;
  readonly responded: boolean;
  readonly outOfOrder: boolean;
}

const DOES: Readonly<Record<Activity, string>> = {
  polling: 'keeps polling stdin',
  sleeping: 'sleeps',
  computing: 'keeps computing without reading or writing',
};

export function hangSentence({ method, waits, activity, stoppedBy, responded, outOfOrder }: HangState): string {
  const call = `${quote(method)} (id ${CALL_ID})`;
  const find = (state: Wait['state']) => waits.plugin.find((wait) => wait.state === state);
  const name = (wait: Wait) => `${quote(wait.method)} (id ${wait.id})`;
  const unread = find('never read');
  if (activity !== 'computing' && unread)
    return `The call hangs, as in production: the plugin waits for the reply to ${name(unread)}, but the host stopped reading at ${stoppedBy ?? 'an earlier line'}.`;
  if (responded)
    return `The plugin has answered ${call} but does not end: it ${DOES[activity]}, and production's call returns only when it ends.`;
  if (stoppedBy !== undefined)
    return `The call hangs, as in production: the host stopped reading at ${stoppedBy}, and the plugin ${DOES[activity]}.`;
  const never = find('never answered');
  if (activity !== 'computing' && never) {
    const behind = waits.plugin.filter((wait) => wait.state === 'queued').length;
    const also =
      behind === 0 ? '' : `, and ${behind === 1 ? 'one more request waits' : `${behind} more requests wait`} behind it`;
    return `The call hangs: the plugin waits for the reply to ${name(never)}, which never comes${also}.`;
  }
  const pending = find('being answered');
  if (activity !== 'computing' && pending) return `The call hangs: the host has not answered ${name(pending)} yet.`;
  const order = outOfOrder ? ' (a reply went out before an earlier request was answered, which hangs the pdk)' : '';
  return `The call hangs: the plugin ${DOES[activity]}, ${call} has no response, and the host owes no reply${order}.`;
}
