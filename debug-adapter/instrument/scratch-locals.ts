// Locals that woven code needs, four per type at most. Which ones is known only when a body was walked, and most bodies need
// none: their declarations are put in afterwards, so that those bodies don't grow. V8 inlines by size in bytes.
import { ByteWriter } from '../wasm/writer.ts';

export class ScratchLocals {
  #first = 0;
  readonly #types: number[] = [];
  readonly #index = new Int32Array(1024).fill(-1);
  /** Where `#index` has one. */
  readonly #used: number[] = [];
  readonly #declarations = new ByteWriter(64);

  /** How many the function has, its own included. */
  get count(): number {
    return this.#first + this.#types.length;
  }

  /** Begins a function. `count` is the number of its own locals, parameters included. */
  begin(count: number): void {
    this.#first = count;
    this.#types.length = 0;
    for (const key of this.#used) this.#index[key] = -1;
    this.#used.length = 0;
  }

  /** The index of the scratch local of this type; `further` gives others of it. */
  index(type: number, further: 0 | 1 | 2 | 3 = 0): number {
    const key = type + 256 * further;
    const known = this.#index[key]!;
    if (known >= 0) return known;
    const index = this.#first + this.#types.push(type) - 1;
    this.#index[key] = index;
    this.#used.push(key);
    return index;
  }

  /**
   * Adds the declarations of the locals that were asked for. `from` is where the declarations stand in `code`, `to` where
   * they end; `groups` is how many there are. Answers by how many bytes what follows has moved.
   */
  declare(code: ByteWriter, from: number, to: number, groups: number): number {
    const types = this.#types;
    if (types.length === 0) return 0;
    const declarations = this.#declarations;
    declarations.length = 0;
    declarations.u32(groups + types.length);
    // The guest's own groups follow their count.
    let own = from;
    while (code.buffer[own]! >= 0x80) own++;
    declarations.copy(code.buffer, own + 1, to);
    for (const type of types) declarations.raw(1, type);
    const moved = declarations.length - (to - from);
    code.reserve(moved);
    code.buffer.copyWithin(to + moved, to, code.length);
    code.buffer.set(declarations.bytes(), from);
    code.length += moved;
    return moved;
  }
}
