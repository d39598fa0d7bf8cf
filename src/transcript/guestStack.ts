// The guest's stack at an event of a call that the panel has: where the call stands there now, what it stands on; else found by a replay, which
// costs nothing until somebody asks (executor/stack-at.ts). Contracts R2, R3.
import type { Platform } from '../../debug-adapter/executor/platform.ts';
import { stackAt } from '../../debug-adapter/executor/stack-at.ts';
import type { KeptCall } from './calls.ts';
import { moduleBytes } from './guestCode.ts';
import type { StackFrame } from './protocol.ts';

/** Frames, innermost first. @throws Error with a sentence when the call can't be done again. @throws the reason of `signal` */
export async function guestStack(
  platform: Platform,
  call: Pick<KeptCall, 'header' | 'module' | 'pluginPath' | 'standing' | 'store'>,
  event: number,
  signal: AbortSignal,
): Promise<readonly StackFrame[]> {
  const { standing } = call;
  if (standing?.seq === event) return framesOf(standing.frames);
  const module = await moduleBytes(call);
  const { header } = call;
  if (header === undefined) throw new Error('The call is still loading: wait until it runs.');
  return framesOf(await stackAt(platform, { header, records: call.store.records() }, module, event, signal));
}

function framesOf(frames: readonly StackFrame[]): readonly StackFrame[] {
  return frames.map(({ name, func, offset }) => ({ name, func, offset }));
}
