// `exceptionInfo`: what is wrong where the call stands, in a sentence with its place, and the stack as text with lines of source. For a trap
// the call is done again up to it, which this waits for a moment: what is found later is told in the console. Contracts P1, S6.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Stop, StopTrap } from '../executor/options.ts';
import { type Panic, PanicReader } from '../rpc/panic.ts';
import { cut, visible } from '../transcript/transcript-line.ts';
import { inTurns } from '../transcript/turns.ts';
import type { Call } from './call.ts';
import { explain } from './explain.ts';
import type { ShownFrame } from './shown-frames.ts';
import { stopOf } from './stack.ts';
import { frameName, placeText, trapText } from './trap-text.ts';

type Body = DebugProtocol.ExceptionInfoResponse['body'];

/** How long the operands of a trap are waited for, in ms: an editor shows nothing until it has the answer. */
const PATIENCE_MS = 1000;
const SOUGHT = ' What it was given is still being looked for: the call is done again up to there.';

/** @throws Error with a sentence where the call has not stopped on a fault. */
export async function exceptionInfo(call: Call, patience = PATIENCE_MS): Promise<Body> {
  const stop = stopOf(call);
  const { diagnosis: fault, trap } = stop;
  if (fault === undefined) throw new Error('The call has not stopped on a fault.');
  const { title, production, remedy } = explain(fault.diagnosis);
  const stackTrace = await stackText(call);
  const details = { typeName: fault.diagnosis, ...(stackTrace === '' ? {} : { stackTrace }) };
  if (fault.diagnosis === 'trap' && trap !== undefined) {
    // where it can't be found out, what is known already is told
    const found = await call.run.trap(patience).catch(() => undefined);
    const { kind, sentence } = trapText(trap, found, call.frames, lastWords(call, stop));
    if (found?.sought === true) void tellLater(call, trap);
    return about(
      kind,
      `${sentence}${found?.sought === true ? SOUGHT : ''}`,
      `${production} ${trapAfterResponse(fault.message)}`.trim(),
      { message: sentence, ...details },
    );
  }
  const panic = fault.diagnosis === 'panic' ? await panicAt(call, stop) : undefined;
  if (panic !== undefined) {
    const { sentence, whole } = panicText(panic, call.frames);
    return about('panic', sentence, production, { message: whole, ...details });
  }
  return about(title, fault.message, `${production} ${remedy}`, { message: fault.message, ...details });
}

/** Traps of which the rest is told as soon as it is found. */
const awaited = new WeakSet<StopTrap>();

/** No editor asks a second time by itself: the console has the whole sentence, once. */
async function tellLater(call: Call, trap: StopTrap): Promise<void> {
  if (awaited.has(trap)) return;
  awaited.add(trap);
  const found = await call.run.trap().catch(() => undefined);
  if (found?.what === undefined || call.run.stop?.trap !== trap) return;
  call.report(trapText(trap, found, call.frames).sentence);
}

function about(exceptionId: string, sentence: string, more: string, details: DebugProtocol.ExceptionDetails): Body {
  return { exceptionId, description: `${sentence}\n\n${more}`, breakMode: 'always', details };
}

/** Of a trap behind the response production knows nothing: its sentence says so. */
function trapAfterResponse(message: string): string {
  return /, after its response/.test(message)
    ? 'It came after the response, though, so that production does not mind.'
    : '';
}

// Panics.

/** Characters of a panic's message in the sentence; the details have it whole. */
const PANIC_TEXT = 1000;

function panicText(panic: Panic, frames: readonly ShownFrame[]): { readonly sentence: string; readonly whole: string } {
  const place = `${shortPath(panic.file)}:${panic.line}:${panic.column}`;
  const message = panic.message === '' ? 'no message' : panic.message;
  const line = visible(
    message
      .split('\n')
      .filter((part) => part.trim() !== '')
      .join(' ⏎ '),
  );
  const own = frames.find(({ source }) => source?.place?.own === true);
  // the place is that of the panic; of one in a library the author's own line is another
  const of = own?.source?.place;
  const here = of !== undefined && of.line === panic.line && of.path.endsWith(panic.file.replace(/^.*[\\/]/, ''));
  const called = own === undefined ? '' : here ? `, in ${frameName(own)}` : placeText([own]);
  const sentence = `Panicked at ${place}${called}: ${cut(line, line.length, PANIC_TEXT)}`;
  const whole = `${message}\nat ${panic.file}:${panic.line}:${panic.column}`;
  return { sentence: /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`, whole };
}

/** Events that a panic's first line may be back from the stop. */
const MOST_EVENTS = 10_000;
/**
 * Lines of the log among them. Each is read out of its record, so they are read in turns: a message of more lines has its first line out of sight,
 * and what panics are in general is told.
 */
const MOST_LINES = 2000;
/** Lines that are read from a panic's first on: PanicReader keeps 50 of a message. */
const READ_LINES = 60;

/** The panic that the log ends with at a stop; undefined where it has none. */
async function panicAt(call: Call, stop: Stop): Promise<Panic | undefined> {
  const { store } = call.run;
  const last = Math.min(stop.seq, store.length - 1);
  const lineOf = (seq: number): string | undefined => {
    const event = store.kind(seq) === 'stderr' ? store.get(seq) : undefined;
    return event?.kind === 'stderr' ? event.line : undefined;
  };
  const least = Math.max(0, last - MOST_EVENTS);
  let first: number | undefined;
  let [at, lines] = [last, 0];
  await inTurns((budget) => {
    const until = performance.now() + budget;
    for (; at >= least && lines < MOST_LINES && first === undefined && performance.now() < until; at--) {
      const line = lineOf(at);
      if (line !== undefined) lines++;
      if (line?.includes('panicked at') === true) first = at;
    }
    return at < least || lines >= MOST_LINES || first !== undefined;
  });
  if (first === undefined) return undefined;
  const reader = new PanicReader();
  let left = READ_LINES;
  for (let seq = first; seq <= last && left > 0; seq++) {
    const line = lineOf(seq);
    if (line === undefined) continue;
    left--;
    const panic = reader.line(line);
    if (panic !== undefined) return panic;
  }
  return reader.end();
}

/** Lines of the log that may tell why a plugin aborted itself, and events back from the stop among which they are. */
const LAST_LINES = 10;
const LAST_EVENTS = 1000;
/** What std prints of a panic that came while it told of another, and production's note on any. */
const PANIC_AMID_PANIC = /^thread panicked while processing panic/;
const NOTE = /^(?:note: |$)/;

/** What the plugin logged right before it trapped, as a clause; undefined where it did other things since. */
function lastWords(call: Call, stop: Stop): string | undefined {
  const { store } = call.run;
  const lines: string[] = [];
  const end = Math.min(stop.seq, store.length - 1);
  for (let seq = end; seq > Math.max(-1, end - LAST_EVENTS) && lines.length < LAST_LINES; seq--) {
    const kind = store.kind(seq);
    const event = kind === 'stderr' ? store.get(seq) : undefined;
    if (event?.kind === 'stderr') lines.unshift(event.line);
    else if (kind !== 'syscall' && kind !== 'diagnosis') break;
  }
  const told = lines.filter((line) => !NOTE.test(line));
  const last = told.at(-1);
  if (last === undefined) return undefined;
  const second = PANIC_AMID_PANIC.test(last) ? told.findLastIndex((line) => /panicked at .+:$/.test(line)) : -1;
  if (second < 0) return `having logged \`${cut(visible(last), last.length, 200)}\``;
  const place = (told[second] ?? '').replace(/^.*panicked at /, '').replace(/:$/, '');
  const why = told.slice(second + 1, -1).join(' ');
  return `because it panicked at ${shortPath(place)} while it told of a panic${why === '' ? '' : `: ${cut(visible(why), why.length, 200)}`}`;
}

/** A file of a toolchain or of cargo's registry from its crate on. */
const shortPath = (file: string): string =>
  file.replace(/^.*?[\\/](?:rustc(?:[\\/][0-9a-f]{40}|-[^\\/]+)[\\/]library|registry[\\/]src[\\/][^\\/]+)[\\/]/, '');

// The stack.

/** Lines of a stack as text: those of its top, and those that it began with. */
const TOP_LINES = 40;
const BOTTOM_LINES = 10;

/** The frames, a line each, with the lines of the author's own source; frames of libraries in a row are one where there are such. */
async function stackText(call: Call): Promise<string> {
  const { frames, hasOwnSource } = call;
  const lines: string[] = [];
  let libraries = 0;
  let again = 0;
  // of a recursion
  const repeated = (): void => {
    if (again > 0) lines.push(again === 1 ? (lines.at(-1) ?? '') : `    … the same ${again} times more`);
    again = 0;
  };
  const close = (): void => {
    repeated();
    if (libraries > 0) lines.push(`    … ${libraries} ${libraries === 1 ? 'frame' : 'frames'} of libraries`);
    libraries = 0;
  };
  for (const frame of frames) {
    const place = frame.source?.place;
    if (hasOwnSource && place?.own !== true) {
      libraries++;
      continue;
    }
    if (libraries > 0) close();
    const file = place === undefined ? undefined : await call.sourceFile(place);
    const at = place === undefined ? '' : ` (${file?.path ?? place.path}:${place.line}:${Math.max(1, place.column)})`;
    const line = `    at ${frameName(frame)}${at}`;
    if (line === lines.at(-1)) again++;
    else {
      repeated();
      lines.push(line);
    }
  }
  repeated();
  close();
  const left = lines.length - TOP_LINES - BOTTOM_LINES;
  if (left <= 1) return lines.join('\n');
  return [...lines.slice(0, TOP_LINES), `    … ${left} frames more`, ...lines.slice(-BOTTOM_LINES)].join('\n');
}
