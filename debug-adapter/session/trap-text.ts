// A trap in a person's words: what it was, and in which function and line, in one sentence. Pure; wasmi's own words stay in the transcript and
// in recordings. Contract P1.
import type { StopTrap } from '../executor/options.ts';
import { TRAP_WORDS } from '../executor/trap-detail.ts';
import type { TrapFound } from '../executor/trap-state.ts';
import { grouped } from '../transcript/transcript-line.ts';
import type { ShownFrame } from './shown-frames.ts';

interface TrapText {
  /** A few words for a heading: the kind of trap. */
  readonly kind: string;
  /** One sentence. */
  readonly sentence: string;
}

/**
 * `found`: what the instruction told, where it could be asked. Frames innermost first.
 * @param lastWords what the plugin had logged right before, as a clause
 */
export function trapText(
  trap: StopTrap,
  found: TrapFound | undefined,
  frames: readonly ShownFrame[],
  lastWords?: string,
): TrapText {
  const { words = trap.words, what, overflow } = found ?? {};
  const place = placeText(frames);
  const told = (kind: string, clause: string | undefined): TrapText => ({
    kind,
    sentence: `${kind.charAt(0).toUpperCase()}${kind.slice(1)}${clause === undefined ? '' : `: ${clause}`}${place}.`,
  });
  if (trap.limit !== undefined) return told(TRAP_WORDS.exhausted, exhaustedText(trap.limit, frames));
  if (overflow !== undefined) {
    const size = overflow.bytes === undefined ? '' : ` of ${counted(overflow.bytes, 'byte')}`;
    const met = what === undefined ? '' : `, which ends in ${what}`;
    const where = overflow.bytes === undefined ? 'runs into data' : 'is full';
    return told('stack overflow', `${recursionText(frames)}the stack${size} ${where}${met}`);
  }
  if (words === TRAP_WORDS.unreachable) return told('unreachable', unreachableText(frames, lastWords));
  // wasmi's word for it has two parts
  return told(words === TRAP_WORDS.table ? 'out of bounds table access' : words, what);
}

const counted = (count: number, unit: string): string => `${grouped(count)} ${unit}${count === 1 ? '' : 's'}`;

export const frameName = ({ source, guest }: ShownFrame): string =>
  source === undefined || source.name === '' ? guest.name : source.name;

/** `, in app::inner (lib.rs:66)`; where a library trapped, which of the author's functions had called it. */
export function placeText(frames: readonly ShownFrame[]): string {
  const [top] = frames;
  if (top === undefined) return '';
  const own = frames.find(({ source }) => source?.place?.own === true);
  if (own === undefined || own === top) return `, in ${frameName(top)}${lineText(top)}`;
  return `, in ${frameName(top)}, called from ${frameName(own)}${lineText(own)}`;
}

function lineText({ source }: ShownFrame): string {
  const place = source?.place;
  return place === undefined ? '' : ` (${place.path.replace(/^.*[\\/]/, '')}:${place.line})`;
}

/** What wasm-ld puts in the place of a function whose callers think it has another type, or that is nowhere. */
const STUB = /^(signature_mismatch|undefined(?:_weak|_stub)?):(.+)$/;
/** How deep below the function that was called the instruction may lie. */
const NEAR = 4;

/** Why an `unreachable` was met, as far as names tell. */
function unreachableText(frames: readonly ShownFrame[], lastWords: string | undefined): string {
  const names = frames.slice(0, NEAR).map(frameName);
  const stub = STUB.exec(names[0] ?? '');
  if (stub?.[1] === 'signature_mismatch')
    return `the linker found ${stub[2]} declared with another type than it has, and put a trap in place of the call`;
  if (stub !== null) return `${stub[2]} is nowhere, and the linker put a trap in its place`;
  const abort = names.find((name) => /(?:^|::)abort(?:_internal)?$/.test(name));
  if (abort === undefined) return 'control came to where it must not';
  return `the plugin aborted itself${lastWords === undefined ? '' : `, ${lastWords}`}`;
}

function exhaustedText(limit: NonNullable<StopTrap['limit']>, frames: readonly ShownFrame[]): string {
  const live = frames.reduce((most, { index }) => Math.max(most, index + 1), 0);
  const full =
    limit === 'frames'
      ? "a call would be one more than production's 1 000 frames"
      : `${grouped(live)} frames have used up production's 1 000 000 slots of value stack`;
  return `${recursionText(frames)}${full}`;
}

/** Frames that a cycle of calls may have. */
const LONGEST_CYCLE = 32;
/** A cycle that the stack ends with has been gone round so often, at least. */
const ROUNDS = 3;

/** `app::fib calls itself, 996 frames deep, and `; of functions that call each other all; '' where the stack ends in no recursion. */
function recursionText(frames: readonly ShownFrame[]): string {
  const cycle = recursionOf(frames);
  if (cycle === undefined) return '';
  const { names, frames: deep } = cycle;
  const [only] = names;
  // a calls b calls c calls a: as the source has it, not as the stack
  const calls =
    names.length === 1
      ? `${only} calls itself`
      : names.length === 2
        ? `${names.join(' and ')} call each other`
        : `${[...names, only].join(' calls ')}`;
  return `${calls}, ${grouped(deep)} frames deep, and `;
}

/** The functions that call each other at the top of the stack, in the order of their calls, and how many of their frames there are. */
export function recursionOf(
  frames: readonly ShownFrame[],
): { readonly names: readonly string[]; readonly frames: number } | undefined {
  const guests = new Map<number, ShownFrame>();
  // of a machine's frame the last of its frames of source is its own function; the others were inlined into it
  for (const frame of frames) guests.set(frame.index, frame);
  const stack = [...guests.values()];
  const func = (at: number): number | undefined => stack[at]?.guest.func;
  // what has trapped may be below the recursion: a formatter, an allocator
  for (let from = 0; from < Math.min(LONGEST_CYCLE, stack.length); from++)
    for (let length = 1; length <= LONGEST_CYCLE; length++) {
      let at = from;
      while (func(at) !== undefined && func(at) === func(at + length)) at++;
      if (at - from < length * (ROUNDS - 1)) continue;
      const names = stack
        .slice(from, from + length)
        .map(frameName)
        .reverse();
      return { names, frames: at - from + length };
    }
  return undefined;
}
