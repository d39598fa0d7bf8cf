// The guest's stack at an event of a call that the panel has: where the call stands there now, what it stands on; else found by a replay, which
// costs nothing until somebody asks (executor/stack-at.ts). Contracts R2, R3.
import type { Platform } from '../../debug-adapter/executor/platform.ts';
import { type PlacedFrame, placed, stackAt } from '../../debug-adapter/executor/stack-at.ts';
import type { KeptCall } from './calls.ts';
import { moduleBytes } from './guestCode.ts';
import type { StackFrame } from './protocol.ts';

/** A call that has run on meanwhile: its frames are known, their lines are not. */
const NOBODY = { sourceFrames: () => Promise.resolve([]) };

/** Frames, innermost first. @throws Error with a sentence when the call can't be done again. @throws the reason of `signal` */
export async function guestStack(
  platform: Platform,
  call: Pick<KeptCall, 'header' | 'module' | 'pluginPath' | 'standing' | 'store'> &
    Partial<Pick<KeptCall, 'standingRun' | 'plan'>>,
  event: number,
  signal: AbortSignal,
): Promise<readonly StackFrame[]> {
  const { standing } = call;
  if (standing?.seq === event) return framesOf(await placed(call.standingRun ?? NOBODY, standing.frames));
  const module = await moduleBytes(call);
  const { header } = call;
  if (header === undefined) throw new Error('The call is still loading: wait until it runs.');
  const recording = { header, records: call.store.records() };
  return framesOf(await stackAt(platform, recording, module, event, signal, call.plan?.source));
}

function framesOf(frames: readonly PlacedFrame[]): readonly StackFrame[] {
  return frames.map(({ name, func, offset, place }) => ({
    name,
    func,
    offset,
    ...(place === undefined ? {} : { place: { path: place.path, line: place.line, own: place.own } }),
  }));
}
