// The guest's stack at an event of a call: where the call stands there now, what it stands on; else by doing the call again up to the event.
// Nothing is gathered while a call runs: a replay takes no longer than the call did, and costs nothing until somebody asks. Contracts R2, R3.
import type { Platform } from '../../debug-adapter/executor/platform.ts';
import { replayOptions } from '../../debug-adapter/executor/replay-options.ts';
import { Run } from '../../debug-adapter/executor/run.ts';
import type { KeptCall } from './calls.ts';
import { moduleBytes } from './guestCode.ts';
import type { StackFrame } from './protocol.ts';

/** Frames, innermost first. @throws Error with a sentence when the call can't be done again, or `signal` says that nobody waits any more */
export async function guestStack(
  platform: Platform,
  call: Pick<KeptCall, 'header' | 'module' | 'pluginPath' | 'plugin' | 'standing' | 'store'>,
  event: number,
  signal: AbortSignal,
): Promise<readonly StackFrame[]> {
  const { standing, header } = call;
  if (standing?.seq === event) return framesOf(standing.frames);
  const bytes = await moduleBytes(call);
  if (header === undefined) throw new Error('The call is still loading: wait until it runs.');
  refuseAborted(signal);
  const run = Run.replay(
    platform,
    { header, records: call.store.records() },
    { ...replayOptions(header, call.plugin, bytes.slice()), debug: true, runToEvent: event },
  );
  const abort = (): void => void run.terminate();
  signal.addEventListener('abort', abort);
  try {
    return await new Promise((resolve, reject) => {
      run.on({
        stopped: (stop) => {
          if (stop.seq === event) resolve(framesOf(stop.frames));
          else if (stop.over || stop.reason === 'fault' || stop.reason === 'limit')
            reject(new Error(stop.diagnosis?.message ?? 'The replay of the call ended before it came to this event.'));
          else run.resume({ until: undefined, event });
        },
        ended: (outcome) =>
          reject(
            new Error(
              run.divergence?.message ??
                outcome.fault?.message ??
                'The replay of the call ended before it came to this event.',
            ),
          ),
      });
    });
  } finally {
    signal.removeEventListener('abort', abort);
    await run.terminate();
  }
}

function framesOf(frames: readonly StackFrame[]): readonly StackFrame[] {
  return frames.map(({ name, func, offset }) => ({ name, func, offset }));
}

function refuseAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new Error('Nobody waits for this stack any more.');
}
