// The call stack: where the call stands in its transcript, and the plugin's own frames with the text of their functions. In the code the
// innermost of these is on top, at an event the transcript is. Contracts S6, E2.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Stop } from '../executor/options.ts';
import { arrow, eventText } from '../transcript/transcript-line.ts';
import { inTurns } from '../transcript/turns.ts';
import type { Call } from './call.ts';
import type { EvaluationFrame } from './evaluate.ts';
import type { SessionRun } from './session-run.ts';
import { frameNumber, frameOfNumber, type ShownFrame, shownName, TRANSCRIPT_FRAME } from './shown-frames.ts';
import { notStopped } from './stopped.ts';
import { hexReference } from './variable-store.ts';
import { standsAtImport } from './waiting.ts';

/** The present stop. @throws Error with a sentence when the call is not stopped. */
export function stopOf(call: Call): Stop {
  const { stop } = call.run;
  if (stop === undefined) throw new Error(notStopped(call.run));
  return stop;
}

/**
 * The frame with the number that a client has; undefined: the transcript's. Without a number it is that on top.
 * @throws Error where there is no such frame.
 */
export function shownFrameOf(call: Call, frameId: unknown): ShownFrame | undefined {
  stopOf(call);
  const { frames } = call;
  if (frameId === undefined || frameId === null) return call.standsInCode ? frames[0] : undefined;
  if (frameId === TRANSCRIPT_FRAME) return undefined;
  const asked = frameOfNumber(frameId);
  const found = frames.find(({ index, level }) => index === asked?.index && level === asked.level);
  if (found === undefined) throw new Error(`There is no stack frame ${String(frameId)} at this stop.`);
  return found;
}

/** The frame that expressions are evaluated in: in the transcript's there are no variables. @throws Error where there is no such frame. */
export function evaluationFrame(call: Call, frameId: unknown): EvaluationFrame {
  const shown = shownFrameOf(call, frameId);
  return { frame: shown?.index ?? 0, level: shown?.level ?? 0, hasSource: shown?.source !== undefined };
}

/**
 * Whether what a stop is about is the plugin's code: the author's own source is on the stack, it stands before an instruction, or was paused
 * amid its computing, not where it waits for a syscall.
 */
export async function isInCode(run: SessionRun, stop: Stop, frames: readonly ShownFrame[]): Promise<boolean> {
  const [top] = stop.frames;
  // whoever has the source of what led here wants to see that, also where it waits for a syscall
  if (frames.some(({ source }) => source?.place?.own === true)) return true;
  if (top === undefined || stop.inCode || stop.reason !== 'pause') return stop.inCode && top !== undefined;
  try {
    return !(await standsAtImport(run, stop));
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
  const guests = foldedFrames(call, stop);
  const totalFrames = 1 + guests.length;
  const inCode = call.standsInCode;
  const transcriptAt = inCode ? guests.length : 0;
  const start = Math.max(0, args.startFrame ?? 0);
  const end = args.levels !== undefined && args.levels > 0 ? Math.min(totalFrames, start + args.levels) : totalFrames;
  const frames: DebugProtocol.StackFrame[] = [];
  for (let at = start; at < end; at++) {
    const guest = guests[at - (transcriptAt === 0 ? 1 : 0)];
    if (at === transcriptAt) frames.push(await transcriptFrame(call, stop, line));
    else if (typeof guest === 'number') frames.push(labelFrame(guest, at));
    else if (guest !== undefined) frames.push(await guestFrame(call, stop, guest, line));
  }
  return { stackFrames: frames, totalFrames };
}

/** What was inlined into the machine's innermost frame has levels there; the call stands in the first. */
const isInnermost = ({ index, level }: ShownFrame): boolean => index === 0 && level === 0;

/**
 * Whether a frame is the one that the call stands in, to be shown whoever wrote it. Not a library's that was inlined into the author's function: where a
 * breakpoint is on her line and nothing is left of that but the call, it is the line that she is to see.
 */
function isStanding(call: Call, stop: Stop, shown: ShownFrame): boolean {
  if (!isInnermost(shown) || !stop.inCode) return false;
  if (stop.reason !== 'breakpoint' || !call.plan.source.justMyCode || shown.source?.place?.own === true) return true;
  return !call.frames.some(({ index, source }) => index === 0 && source?.place?.own === true);
}

/** Frames of libraries in a row from which on they are one line. */
const FOLDED = 2;
/** Numbers of such lines: above those of all frames. */
const FIRST_LABEL = 0x2000_0000;

/**
 * The frames as a stack shows them. Where only the author's own code counts (`justMyCode`), and some of it is there, frames of libraries in a row are
 * a number: how many there are. An async runtime has dozens between two lines of hers, and editors load twenty at a time.
 */
function foldedFrames(call: Call, stop: Stop): (ShownFrame | number)[] {
  if (!call.plan.source.justMyCode || !call.hasOwnSource) return [...call.frames];
  const folded: (ShownFrame | number)[] = [];
  let run: ShownFrame[] = [];
  const close = (): void => {
    folded.push(...(run.length < FOLDED ? run : [run.length]));
    run = [];
  };
  for (const frame of call.frames) {
    const kept = frame.source?.place?.own === true || isStanding(call, stop, frame);
    if (!kept) run.push(frame);
    else {
      close();
      folded.push(frame);
    }
  }
  close();
  return folded;
}

function labelFrame(count: number, at: number): DebugProtocol.StackFrame {
  const name = `${count} frames of libraries`;
  return { id: FIRST_LABEL + at, name, line: 0, column: 0, presentationHint: 'label' };
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

/** Editors fold frames of such sources into one line. */
const LIBRARY_SOURCE = { presentationHint: 'deemphasize', origin: 'library' } as const;

async function guestFrame(
  call: Call,
  stop: Stop,
  shown: ShownFrame,
  line: (line: number) => number,
): Promise<DebugProtocol.StackFrame> {
  const { guest, source } = shown;
  const base = { id: frameNumber(shown), name: shownName(shown) };
  // Editors pass over subtle frames for the one that they show: the one that was stopped in is to be shown, whoever wrote it.
  const standing =
    isStanding(call, stop, shown) || (isInnermost(shown) && call.standsInCode && !stop.inCode && !call.hasOwnSource);
  const instruction = { instructionPointerReference: hexReference(guest.offset) };
  const place = source?.place;
  const file = place === undefined ? undefined : await call.sourceFile(place);
  if (place !== undefined && file !== undefined)
    return {
      ...base,
      source: file,
      line: line(place.line),
      // columns count like lines: from 1, or from 0
      column: line(Math.max(1, place.column)),
      ...instruction,
      ...(place.own || standing ? {} : { presentationHint: 'subtle' as const }),
    };
  const missing = place === undefined ? undefined : call.whyNoFile(place);
  // an inlined call has no instructions of its own: those of the function that it is in are what there is to show of it
  const code = source?.inlined === true && missing === undefined ? undefined : await call.code.place(guest, missing);
  const library = place === undefined ? call.hasOwnSource || LIBRARY.test(guest.name) : !place.own;
  const subtle = library && !standing;
  return {
    ...base,
    ...(code === undefined
      ? { line: 0, column: 0 }
      : {
          source:
            subtle && call.hasOwnSource
              ? { ...code.source, ...LIBRARY_SOURCE, origin: missing ?? LIBRARY_SOURCE.origin }
              : code.source,
          line: line(code.line),
          column: line(1),
        }),
    ...instruction,
    ...(subtle ? { presentationHint: 'subtle' as const } : {}),
  };
}
