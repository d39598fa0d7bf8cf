// The guest's stack at an event of a call that was recorded: found by running the recording again up to there, since to keep the stack of every
// event would slow the call down (docs/benchmarks.md has the figures). Keeps nothing. Contracts R2, R3.
import type { RecordingHeader } from '../recording/event.ts';
import type { SourceChoices } from '../source/files.ts';
import type { SourcePlace } from '../source/module-source.ts';
import type { GuestFrame } from './options.ts';
import type { Platform } from './platform.ts';
import { replayOptions } from './replay-options.ts';
import { Run } from './run.ts';

/** A recording as `Run.replay` takes it; `EventStore.records()` gives those of a call in this process. */
export interface Recording {
  readonly header: RecordingHeader;
  readonly records: Uint8Array<ArrayBuffer>;
}

/** A frame, with the line of source at which it stands where the plugin has debug information: of several that were inlined, the innermost. */
export interface PlacedFrame extends GuestFrame {
  readonly place?: SourcePlace;
}

/** The frames with their places in the source, of a run that stands there. */
export async function placed(
  run: Pick<Run, 'sourceFrames'>,
  frames: readonly GuestFrame[],
): Promise<readonly PlacedFrame[]> {
  const sources = frames.length === 0 ? [] : await run.sourceFrames().catch(() => []);
  return frames.map((frame, index) => {
    const place = sources[index]?.[0]?.place;
    return place === undefined ? frame : { ...frame, place };
  });
}

/**
 * The frames at event `event`, innermost first; none before the plugin runs and once it has returned, and where it trapped those of the trap. It takes
 * as long as a replay up to there, in a worker of its own. `module` stays the caller's, as `Run.module` gives it. `source`: where its files are.
 * @throws Error with a sentence: the recording has no such event, it is another module's, the replay differs before it came there
 * @throws the reason of `signal`, once that is aborted
 */
export async function stackAt(
  platform: Platform,
  recording: Recording,
  module: Uint8Array<ArrayBuffer>,
  event: number,
  signal?: AbortSignal,
  source?: SourceChoices,
): Promise<readonly PlacedFrame[]> {
  signal?.throwIfAborted();
  if (!Number.isSafeInteger(event) || event < 0) throw new Error(`${event} is not the number of an event.`);
  const { header } = recording;
  const options = replayOptions(header, header.module.path ?? 'the plugin', module.slice());
  const seen = source === undefined ? {} : { source };
  const run = Run.replay(platform, recording, {
    ...options,
    ...seen,
    debug: true,
    keepModule: false,
    runToEvent: event,
  });
  let abort = (): void => {};
  try {
    return await new Promise((resolve, reject) => {
      abort = () => reject(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      let problem: string | undefined;
      run.on({
        problem: (sentence) => {
          problem = sentence;
        },
        stopped: ({ reason, frames }) => {
          if (problem !== undefined) reject(new Error(problem));
          else if (reason === 'reached') resolve(placed(run, frames));
          // a bound that the call was stopped at, and went on past
          else run.resume({ until: undefined, event });
        },
        ended: ({ fault }) =>
          reject(
            new Error(
              run.divergence?.message ??
                `The recording can't be run again to event ${event}: ${fault?.message ?? 'it ends before.'}`,
            ),
          ),
      });
    });
  } finally {
    signal?.removeEventListener('abort', abort);
    void run.terminate();
  }
}
