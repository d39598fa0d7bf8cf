// The call stack: where the call stands in its transcript, and the plugin's own frames with the text of their functions. In the code the
// innermost of these is on top, at an event the transcript is. Contracts S6, E2.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { GuestFrame, Stop } from '../executor/options.ts';
import type { Call } from './call.ts';
import { notStopped } from './stopped.ts';
import { arrow, eventText } from './transcript-line.ts';
import { inTurns } from './turns.ts';
import { hexReference } from './variable-store.ts';

/** Frame numbers: the transcript's, and then the guest's own, innermost first; the same in whatever order they are shown. */
export const TRANSCRIPT_FRAME = 1;
const FIRST_GUEST_FRAME = 2;

/** The present stop. @throws Error with a sentence when the call is not stopped. */
export function stopOf(call: Call): Stop {
  const { stop } = call.run;
  if (stop === undefined) throw new Error(notStopped(call.run));
  return stop;
}

/**
 * The guest's frame with the number that a client has, 0 being the innermost; undefined: the transcript's. Without a number it is that on top.
 * @throws Error where there is no such frame.
 */
export function guestFrameOf(stop: Stop, frameId: unknown): number | undefined {
  if (frameId === undefined || frameId === null) return codeOnTop(stop) ? 0 : undefined;
  if (frameId === TRANSCRIPT_FRAME) return undefined;
  const index = typeof frameId === 'number' ? frameId - FIRST_GUEST_FRAME : -1;
  if (stop.frames[index] === undefined) throw new Error(`There is no stack frame ${String(frameId)} at this stop.`);
  return index;
}

const codeOnTop = (stop: Stop): boolean => stop.inCode && stop.frames.length > 0;

export async function stackTrace(
  call: Call,
  args: DebugProtocol.StackTraceArguments,
  line: (line: number) => number,
): Promise<DebugProtocol.StackTraceResponse['body']> {
  const stop = stopOf(call);
  const totalFrames = 1 + stop.frames.length;
  const transcriptAt = codeOnTop(stop) ? stop.frames.length : 0;
  const start = Math.max(0, args.startFrame ?? 0);
  const end = args.levels !== undefined && args.levels > 0 ? Math.min(totalFrames, start + args.levels) : totalFrames;
  const frames: DebugProtocol.StackFrame[] = [];
  for (let at = start; at < end; at++) {
    const index = at - (transcriptAt === 0 ? 1 : 0);
    const guest = stop.frames[index];
    if (at === transcriptAt) frames.push(await transcriptFrame(call, stop, line));
    else if (guest !== undefined) frames.push(await guestFrame(call, guest, index, codeOnTop(stop), line));
  }
  return { stackFrames: frames, totalFrames };
}

async function transcriptFrame(
  call: Call,
  stop: Stop,
  line: (line: number) => number,
): Promise<DebugProtocol.StackFrame> {
  await inTurns((budget) => call.transcript.advance(budget));
  const place = call.transcript.placeOf(stop.seq);
  const event = stop.seq < 0 ? undefined : call.run.store.get(stop.seq);
  const name = event === undefined ? 'before the first instruction' : `${arrow(event)} ${eventText(event, 60)}`.trim();
  return {
    id: TRANSCRIPT_FRAME,
    name,
    source: call.sources.source(place.part),
    line: line(place.line),
    column: line(1),
  };
}

/** Functions that no author of a plugin wrote: shown, but not in the foreground. */
const LIBRARY =
  /^(?:<?&?(?:mut )?)*(?:core|alloc|std|compiler_builtins|dlmalloc|hashbrown|__rust|__wasi|wasi|tokio|serde|serde_json|tracing|futures\w*)(?:::|_|$)/;

async function guestFrame(
  call: Call,
  frame: GuestFrame,
  index: number,
  inCode: boolean,
  line: (line: number) => number,
): Promise<DebugProtocol.StackFrame> {
  const place = await call.code.place(frame);
  // Editors pass over subtle frames for the one that they show: the one that was stopped in is to be shown, whoever wrote it.
  const subtle = LIBRARY.test(frame.name) && !(inCode && index === 0);
  return {
    id: FIRST_GUEST_FRAME + index,
    name: frame.name,
    ...(place === undefined
      ? { line: 0, column: 0 }
      : { source: place.source, line: line(place.line), column: line(1) }),
    instructionPointerReference: hexReference(frame.offset),
    ...(subtle ? { presentationHint: 'subtle' as const } : {}),
  };
}
