// Where in a function the stack pointer changes: columns that grow, and their search. Not what the values mean: prologue-state.ts.

import { grown } from './grown.ts';

/** Whether the frame base is held: by its own local, or by another that is a copy of it. */
export const Held = { No: 0, Yes: 1, Elsewhere: 2 } as const;

/** From offset `at` on (before the instruction there) the stack pointer is `base + offset`. */
export interface PointerColumns {
  readonly at: Uint32Array;
  readonly base: Uint8Array;
  readonly offset: Float64Array;
  readonly held: Uint8Array;
}

export class PointerRows {
  count = 0;
  #at = new Uint32Array(64);
  #base = new Uint8Array(64);
  #offset = new Float64Array(64);
  #held = new Uint8Array(64);

  /** What is found at `at`; a row only where that is something new. Offsets ascend. */
  add(at: number, base: number, offset: number, held: number): void {
    const last = this.count - 1;
    if (last >= 0 && this.#base[last] === base && this.#offset[last] === offset && this.#held[last] === held) return;
    const row = this.count++;
    if (row === this.#at.length) this.#grow();
    this.#at[row] = at;
    this.#base[row] = base;
    this.#offset[row] = offset;
    this.#held[row] = held;
  }

  #grow(): void {
    this.#at = grown(this.#at);
    this.#base = grown(this.#base);
    this.#offset = grown(this.#offset);
    this.#held = grown(this.#held);
  }

  /** A copy of the rows. */
  columns(): PointerColumns {
    const { count } = this;
    return {
      at: this.#at.slice(0, count),
      base: this.#base.slice(0, count),
      offset: this.#offset.slice(0, count),
      held: this.#held.slice(0, count),
    };
  }
}

/** The last row at or before a byte offset; -1 for none. */
export function rowAt({ at }: PointerColumns, offset: number): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at[middle]! <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
