// A watched range of memory, held against the memory itself: every byte in the range that a call has changed was told, and nothing was told that
// does not touch the range. Only tests import it. (I1, S1)
import type { RewrittenGuest } from '../instrument/testing.ts';
import type { RandomSource } from './random-source.ts';

export class WatchedRange {
  readonly #guest: RewrittenGuest;
  readonly #memory: WebAssembly.Memory;
  #from = 0;
  #length = 0;
  #before = Buffer.alloc(0);
  /** Stores of earlier calls. */
  readonly #seen: [address: number, length: number][] = [];

  /** Stores that were told. */
  get seen(): number {
    return this.#seen.length;
  }

  /** @param index of the watched memory */
  constructor(guest: RewrittenGuest, index: number) {
    this.#guest = guest;
    this.#memory = guest.instance.exports[guest.instrumented.exports.memories[index] ?? ''] as WebAssembly.Memory;
  }

  /** Before a call: watches some range, and keeps what is there. */
  begin(source: RandomSource): void {
    const { byteLength } = this.#memory.buffer;
    if (this.#seen.length > 0 && source.chance(0.7)) {
      // the edges of a store are where a mistake would be
      const [address, length] = source.one(this.#seen);
      this.#from = Math.max(0, address + source.one([-5, -1, 0, length - 1, length]));
      this.#length = source.one([1, 2, 5]);
    } else {
      this.#from = source.chance(0.7) ? 0 : source.below(byteLength + 1);
      this.#length = source.chance(0.7) ? byteLength : source.one([0, 64, 4096, 65536]);
    }
    const { watched } = this.#guest.instrumented.exports;
    const { exports } = this.#guest.instance;
    (exports[watched?.from ?? ''] as WebAssembly.Global).value = BigInt(this.#from);
    (exports[watched?.length ?? ''] as WebAssembly.Global).value = BigInt(this.#length);
    this.#guest.log.length = 0;
    this.#before = Buffer.from(new Uint8Array(this.#memory.buffer));
  }

  /** After it. @returns what is wrong, as a sentence */
  end(): string | undefined {
    const after = new Uint8Array(this.#memory.buffer);
    const end = this.#from + this.#length;
    const told = new Uint8Array(after.length);
    for (const line of this.#guest.log) {
      const [what, , start, size] = line.split(' ');
      if (what !== 'stored') continue;
      const [address, length] = [Number(start), Number(size)];
      if (address >= end || address + length <= this.#from)
        return `a store to [${address}, ${address + length}) was told, and [${this.#from}, ${end}) is watched`;
      if (address + length > after.length) return `a store to [${address}, ${address + length}) was told, past the end`;
      told.fill(1, address, address + length);
      if (this.#seen.length < 20) this.#seen.push([address, length]);
    }
    for (let at = this.#from; at < Math.min(end, after.length); at++)
      if (after[at] !== (this.#before[at] ?? 0) && told[at] === 0) return `byte ${at} was changed, and not told`;
    return undefined;
  }
}
