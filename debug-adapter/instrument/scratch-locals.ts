// Locals that woven code needs, one per type at most. Which ones is known only when a body was walked: room for all is
// reserved in the declarations (as groups of zero locals), and filled in as they are asked for.
import type { ByteWriter } from '../wasm/writer.ts';

export class ScratchLocals {
  /** Groups that `reserve` adds to the declarations. */
  static readonly GROUPS = 5;
  readonly #code: ByteWriter;
  #at = 0;
  #first = 0;
  #used = 0;
  readonly #index = new Int32Array(256);

  constructor(code: ByteWriter) {
    this.#code = code;
  }

  /** Writes the empty groups. `count` is the number of the function's own locals, parameters included. */
  reserve(count: number): void {
    this.#at = this.#code.length;
    this.#first = count;
    this.#used = 0;
    this.#index.fill(-1);
    for (let n = 0; n < ScratchLocals.GROUPS; n++) this.#code.raw(0, 0x7f);
  }

  /** The index of the scratch local of this type. */
  index(type: number): number {
    const known = this.#index[type]!;
    if (known >= 0) return known;
    const buffer = this.#code.buffer;
    buffer[this.#at + this.#used * 2] = 1;
    buffer[this.#at + this.#used * 2 + 1] = type;
    const index = this.#first + this.#used++;
    this.#index[type] = index;
    return index;
  }
}
