// Finds a /pattern/ in the bytes of a line. Patterns are RE2's, by re2js: JavaScript's own RegExp goes back and tries again, for ever on
// some patterns, and this runs on the extension host's main thread. Contracts E2, E4.
import { RE2JS } from 're2js';
import type { ByteSearch } from './filter-search.ts';
import { visible } from './transcript-line.ts';

/** Bytes at the beginning of a line that are looked at: some ms. */
export const LOOKED_AT = 64 * 1024;
/** The longest pattern, in UTF-16 units: what it takes to run grows with it. */
const LONGEST = 1000;
/** It takes about so many times as long as a search for a text. */
const COST = 20;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The search for a pattern; a clause that says why there is none. Never throws. */
export function compilePattern(source: string, ignoreCase: boolean): ByteSearch | string {
  if (source.length > LONGEST) return `it is longer than ${LONGEST} characters`;
  try {
    return new PatternSearch(RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0));
  } catch (error) {
    return visible((error as Error).message.replace(/^error parsing regexp: /, '')).replaceAll('\t', ' ');
  }
}

class PatternSearch implements ByteSearch {
  readonly piece = LOOKED_AT;
  work = 0;
  readonly #pattern: RE2JS;
  #begun = false;

  constructor(pattern: RE2JS) {
    this.#pattern = pattern;
  }

  begin(): void {
    this.#begun = false;
  }

  look(bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#begun) return false;
    this.#begun = true;
    this.work += COST * (to - from);
    return this.#pattern.test(decoder.decode(bytes.subarray(from, to)));
  }
}
