// The guest's frames as a client has them at one stop: in place of each frame of the machine the frames of source that stand there, the calls
// that were inlined included. Asks the run once a stop. Contract S6.
import type { GuestFrame, Stop } from '../executor/options.ts';
import type { SourceFrame } from '../source/module-source.ts';
import type { SessionRun } from './session-run.ts';

export interface ShownFrame {
  /** Of the machine's frames: 0 is the innermost. */
  readonly index: number;
  /** Of the frames of source in that one: 0 is the innermost, the last the machine's own. */
  readonly level: number;
  readonly guest: GuestFrame;
  /** Undefined without debug information. */
  readonly source: SourceFrame | undefined;
}

/** What a frame is called: of an inlined call its own function, not the machine's that it is in; of a closure where it is, as its type is called. */
export function shownName({ guest, source }: Pick<ShownFrame, 'guest' | 'source'>): string {
  // without debug information a `{{closure}}` may be the body of an async function, too
  return source === undefined ? guest.name : withoutClosure(source.name === '' ? guest.name : source.name);
}

/** `app::run::{{closure}}`, or `app::run::{closure#0}` by rustc's newer names, is `closure in app::run`. */
function withoutClosure(name: string): string {
  const path = /^(.*)::\{(?:\{closure\}|closure#\d+)\}(?:<.*>)?$/s.exec(name)?.[1];
  return path === undefined ? name : `closure in ${withoutClosure(path)}`;
}

/** Frame numbers: the transcript's, and then the guest's own; the same in whatever order they are shown. */
export const TRANSCRIPT_FRAME = 1;
const FIRST_GUEST_FRAME = 2;
/** More than there can be of the machine's (E8). */
const LEVEL = 4096;

export const frameNumber = ({ index, level }: Pick<ShownFrame, 'index' | 'level'>): number =>
  FIRST_GUEST_FRAME + index + level * LEVEL;

/** The frames of a stop, innermost first. */
export async function shownFrames(run: Pick<SessionRun, 'sourceFrames'>, stop: Stop): Promise<ShownFrame[]> {
  const sources = stop.frames.length === 0 ? [] : await run.sourceFrames().catch(() => []);
  return stop.frames.flatMap((guest, index): ShownFrame[] => {
    const levels = sources[index] ?? [];
    if (levels.length === 0) return [{ index, level: 0, guest, source: undefined }];
    return levels.map((source, level) => ({ index, level, guest, source }));
  });
}

/** The place that a number of a frame names; undefined: it is none of the guest's. */
export function frameOfNumber(number: unknown): Pick<ShownFrame, 'index' | 'level'> | undefined {
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < FIRST_GUEST_FRAME) return undefined;
  const at = number - FIRST_GUEST_FRAME;
  return { index: at % LEVEL, level: Math.floor(at / LEVEL) };
}
