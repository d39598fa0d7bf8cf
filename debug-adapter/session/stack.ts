// The call stack: where the call stands in its transcript, and the plugin's own frames with the text of their functions. In the code the
// innermost of these is on top, at an event the transcript is. Contracts S6, E2.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { GuestFrame, Stop } from '../executor/options.ts';
import { arrow, eventText } from '../transcript/transcript-line.ts';
import { inTurns } from '../transcript/turns.ts';
import type { Call } from './call.ts';
import type { SessionRun } from './session-run.ts';
import { notStopped } from './stopped.ts';
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
export function guestFrameOf(call: Call, frameId: unknown): number | undefined {
  const stop = stopOf(call);
  if (frameId === undefined || frameId === null) return call.standsInCode ? 0 : undefined;
  if (frameId === TRANSCRIPT_FRAME) return undefined;
  const index = typeof frameId === 'number' ? frameId - FIRST_GUEST_FRAME : -1;
  if (stop.frames[index] === undefined) throw new Error(`There is no stack frame ${String(frameId)} at this stop.`);
  return index;
}

/**
 * Whether what a stop is about is the plugin's code: it stands before an instruction, or was paused amid its computing, not where it waits for a
 * syscall.
 */
export async function isInCode(run: SessionRun, stop: Stop): Promise<boolean> {
  const [top] = stop.frames;
  if (top === undefined || stop.inCode || stop.reason !== 'pause') return stop.inCode && top !== undefined;
  try {
    const [row] = await run.disassemble(top.offset, 0, 1);
    const called = /^call (?:.*\(;(\d+);\)|(\d+))$/.exec(row?.text ?? '');
    // imported functions come first, those that the module defines after them
    const imported = top.func - (row?.definedFunction ?? top.func);
    return called === null || Number(called[1] ?? called[2]) >= imported;
  } catch {
    return false;
  }
}

export async function stackTrace(
  call: Call,
  args: DebugProtocol.StackTraceArguments,
  line: (line: number) => number,
): Promise<DebugProtocol.StackTraceResponse['body']> {
  const stop = stopOf(call);
  const totalFrames = 1 + stop.frames.length;
  const inCode = call.standsInCode;
  const transcriptAt = inCode ? stop.frames.length : 0;
  const start = Math.max(0, args.startFrame ?? 0);
  const end = args.levels !== undefined && args.levels > 0 ? Math.min(totalFrames, start + args.levels) : totalFrames;
  const frames: DebugProtocol.StackFrame[] = [];
  for (let at = start; at < end; at++) {
    const index = at - (transcriptAt === 0 ? 1 : 0);
    const guest = stop.frames[index];
    if (at === transcriptAt) frames.push(await transcriptFrame(call, stop, line));
    else if (guest !== undefined) frames.push(await guestFrame(call, guest, index, inCode, line));
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
