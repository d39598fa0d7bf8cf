// Choices made at random, by a seed, for random-code.ts and random-module.ts. Only tests import it.
export type Letter = 'i' | 'l' | 'f' | 'd' | 'v';
export const TYPE_BYTE: Record<Letter, number> = { i: 0x7f, l: 0x7e, f: 0x7d, d: 0x7c, v: 0x7b };

export interface FunctionShape {
  readonly parameters: readonly Letter[];
  readonly results: readonly Letter[];
}

/** Index of the global that counts down. */
export const BUDGET = 0;
export const I32_CONSTANTS = [0, 1, -1, 2, 7, 31, 32, 255, 32767, -32768, 65536, 0x7fffffff, -0x80000000];

/** mulberry32: small, and the same everywhere. */
function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Draws numbers, items and lists; the same for the same seed. */
export class RandomSource {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = random(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  one<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  chance(part: number): boolean {
    return this.#random() < part;
  }

  /** Up to `most` of them. */
  some<T>(items: readonly T[], most: number): T[] {
    return Array.from({ length: this.below(most + 1) }, () => this.one(items));
  }

  float(): number {
    return this.one([0, -0, 1, -1.5, 2.5, 1e10, -3e-5, Number.POSITIVE_INFINITY, 1e300, 0.1]);
  }
}
