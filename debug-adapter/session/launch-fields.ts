// Fields of something that came from outside as JSON: read one by one, with a sentence for each that is not what it must be. Pure.
import { quoted } from '../wasm/quoted.ts';

/** What a field holds, for a sentence: short, and by JSON's own words. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return called(text);
}

/** A name or a value that was given, as a sentence may quote it: on one line, and cut. */
export function called(text: string): string {
  return quoted(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads fields of the arguments and collects what is wrong with them. */
export class Fields {
  readonly problems: string[] = [];
  readonly values: Record<string, unknown>;

  constructor(values: Record<string, unknown>) {
    this.values = values;
  }

  /** The field's value; null counts as not given, as editors write it for "no value". */
  raw(name: string): unknown {
    return this.values[name] ?? undefined;
  }

  wrong(name: string, must: string, value: unknown = this.raw(name)): undefined {
    this.problems.push(`"${name}" is ${shown(value)}, and must be ${must}.`);
    return undefined;
  }

  text(name: string, must: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value.trim() === '') return this.wrong(name, must);
    return value;
  }

  flag(name: string): boolean {
    const value = this.raw(name);
    if (value === undefined) return false;
    if (typeof value !== 'boolean') this.wrong(name, 'true or false');
    return value === true;
  }

  texts(name: string, must: string): readonly string[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    const clean = (entry: unknown): entry is string => typeof entry === 'string' && !entry.includes('\0');
    if (!Array.isArray(value) || !value.every(clean)) {
      this.wrong(name, must);
      return [];
    }
    return value;
  }

  choice<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    const value = this.raw(name);
    if (value === undefined) return otherwise;
    const found = choices.find((choice) => choice === value);
    if (found === undefined) this.wrong(name, choices.map((choice) => `"${choice}"`).join(' or '));
    return found ?? otherwise;
  }
}
