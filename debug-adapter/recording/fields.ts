// What all readers of a recording's lines share: a line's fields, and the error that refuses one.
import { quoted } from '../wasm/quoted.ts';

/** A recording that can't be read: one sentence that names the line and the way out. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

export type Fields = Record<string, unknown>;

export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** What a field holds, for a sentence: short, whatever it is. */
export function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return quoted(String(JSON.stringify(value)).slice(0, 60));
}
