// Places in the plugin's code that a DAP client asks to stop at: functions by name or pattern, instructions, lines of a function's text,
// ranges of memory. Checks what can be checked before the plugin is there; finding the places is the executor's. Contract S1.
import type { CodeBreakpoint } from '../executor/options.ts';
import { grouped } from '../transcript/transcript-line.ts';
import { type Asked, type FunctionBreakpointArguments, filled, MOST_CHARACTERS, problemOf } from './breakpoints.ts';
import { hexReference } from './variable-store.ts';

export interface CheckedCode {
  readonly code: CodeBreakpoint | undefined;
  /** Why there is none. */
  readonly message: string | undefined;
}

/** What a client sends beside a place, unchecked. */
export type Unchecked = { readonly [Name in keyof Asked]?: unknown };

/** A breakpoint in the code with the id `id`, as far as its condition, hit count and log message are sound. */
export function codeBreakpoint(place: CodeBreakpoint['place'], unchecked: Unchecked, id: string): CheckedCode {
  const asked: Asked = {
    condition: filled(unchecked.condition),
    hitCondition: filled(unchecked.hitCondition),
    logMessage: filled(unchecked.logMessage),
  };
  // which names there are, who has the debug information knows: executor/condition-names.ts
  const message = problemOf(asked, () => undefined);
  return message === undefined ? { code: { id, place, ...asked }, message } : { code: undefined, message };
}

const LOGS = /^(.*?)\s+log:\s*(.*?)\s*$/s;

/** A function breakpoint that names functions of the plugin: `factorial`, `*::greet`, `*::greet log: of {$0}`. */
export function functionCodeBreakpoint(breakpoint: FunctionBreakpointArguments, id: string): CheckedCode {
  const text = breakpoint.name.trim();
  if (text === '' || text.length > MOST_CHARACTERS)
    return { code: undefined, message: `A name of ${text.length} characters is no function's.` };
  const [, name = text, logMessage] = LOGS.exec(text) ?? [];
  const { condition, hitCondition } = breakpoint;
  return codeBreakpoint(
    { function: name },
    { condition, hitCondition, logMessage: filled(breakpoint.logMessage) ?? logMessage },
    id,
  );
}

/** The byte offset that `reference` (`0x…`, as stack frames and disassembly have it) and `offset` name; undefined: none. */
export function instructionOffset(reference: unknown, offset: unknown = 0): number | undefined {
  if (typeof reference !== 'string' || !/^(?:0x[0-9a-f]{1,12}|\d{1,15})$/i.test(reference.trim())) return undefined;
  const at = Number(reference) + (typeof offset === 'number' ? offset : Number.NaN);
  return Number.isSafeInteger(at) && at >= 0 ? at : undefined;
}

/** Characters of what is watched that its `dataId` carries. */
const LABEL = 200;
const labelled = (place: string, label: string): string => (label === '' ? place : `${place} ${label.slice(0, LABEL)}`);

/** A watched range as a `dataId`, and back; with the expression that it was asked for as, which is how a stop there is called. */
export const dataId = (address: number, length: number, label = ''): string =>
  labelled(`0x${address.toString(16)}+${length}`, label);

/** A watched local or global as a `dataId`, and back. */
export const slotDataId = (slot: WatchedSlot, label: string): string => labelled(slotId(slot), label);

/** A local or global that is watched. */
export type WatchedSlot = Extract<CodeBreakpoint['place'], { readonly written: string }>;

export const slotId = (slot: WatchedSlot): string =>
  slot.written === 'global' ? `global ${slot.index}` : `local ${slot.index} of function ${slot.func}`;

const SLOT = /^(?:global (\d{1,9})|local (\d{1,9}) of function (\d{1,9}))(?: (.{1,200}))?$/s;
const RANGE = /^0x([0-9a-f]{1,12})\+(\d{1,10})(?: (.{1,200}))?$/s;

/** What a `dataId` watches, in words: the expression that it was asked for as, else its place. */
export function watchedName(id: string): string {
  const range = RANGE.exec(id);
  if (range === null) return SLOT.exec(id)?.[4] ?? id;
  const [, address, length, label] = range;
  return label ?? bytesAt(Number.parseInt(address ?? '', 16), Number(length));
}

export const bytesAt = (address: number, length: number): string =>
  `${grouped(length)} byte${length === 1 ? '' : 's'} at ${hexReference(address)}`;

export function watchedSlot(id: unknown): WatchedSlot | undefined {
  const match = typeof id === 'string' ? SLOT.exec(id) : null;
  if (match === null) return undefined;
  const [, global, local, func] = match;
  return global === undefined
    ? { written: 'local', index: Number(local), func: Number(func) }
    : { written: 'global', index: Number(global) };
}

export function watchedRange(id: unknown): { readonly address: number; readonly length: number } | undefined {
  const match = typeof id === 'string' ? RANGE.exec(id) : null;
  if (match === null) return undefined;
  const range = { address: Number.parseInt(match[1] ?? '', 16), length: Number(match[2]) };
  return range.length > 0 ? range : undefined;
}
