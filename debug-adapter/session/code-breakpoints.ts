// Places in the plugin's code that a DAP client asks to stop at: functions by name or pattern, instructions, lines of a function's text,
// ranges of memory. Checks what can be checked before the plugin is there; finding the places is the executor's. Contract S1.
import type { CodeBreakpoint } from '../executor/options.ts';
import { type Asked, type FunctionBreakpointArguments, filled, MOST_CHARACTERS, problemOf } from './breakpoints.ts';

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

/** A watched range as a `dataId`, and back. */
export const dataId = (address: number, length: number): string => `0x${address.toString(16)}+${length}`;

/** A watched local or global as a `dataId`, and back. */
export type WatchedSlot = Extract<CodeBreakpoint['place'], { readonly written: string }>;

export const slotId = (slot: WatchedSlot): string =>
  slot.written === 'global' ? `global ${slot.index}` : `local ${slot.index} of function ${slot.func}`;

export function watchedSlot(id: unknown): WatchedSlot | undefined {
  const match = typeof id === 'string' ? /^(?:global (\d{1,9})|local (\d{1,9}) of function (\d{1,9}))$/.exec(id) : null;
  if (match === null) return undefined;
  const [, global, local, func] = match;
  return global === undefined
    ? { written: 'local', index: Number(local), func: Number(func) }
    : { written: 'global', index: Number(global) };
}

export function watchedRange(id: unknown): { readonly address: number; readonly length: number } | undefined {
  const match = typeof id === 'string' ? /^0x([0-9a-f]{1,12})\+(\d{1,10})$/.exec(id) : null;
  if (match === null) return undefined;
  const range = { address: Number.parseInt(match[1] ?? '', 16), length: Number(match[2]) };
  return range.length > 0 ? range : undefined;
}
