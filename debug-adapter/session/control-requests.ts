// The requests that steer a call: running on, steps, pause. What each step means until code can be stepped. Contract S1.
import type { Resume } from '../executor/options.ts';
import type { Call } from './call.ts';
import { notStopped } from './stopped.ts';

/** F10, F11 and Shift+F11 belong to code; until it can be stepped they go to the next event, syscall and message. */
export const STEPS: Readonly<Record<string, Resume['until']>> = {
  continue: undefined,
  next: 'event',
  stepIn: 'syscall',
  stepOut: 'rpc',
  'plugin/nextMessage': 'rpc',
  'plugin/nextSyscall': 'syscall',
  'plugin/nextYield': 'yield',
};

/** Lets the call run on. @throws Error with a sentence when it is not stopped. */
export function resume(call: Call, until: Resume['until']): void {
  const { stop } = call.run;
  if (stop === undefined) throw new Error(notStopped(call.run));
  call.resuming(stop);
  call.run.resume({ until });
}
