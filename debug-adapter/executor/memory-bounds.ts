// How far the guest's memories and tables may grow: production has no limit but the module's own, and a debugger must have one. Contracts E4,
// E9.
import type { EndPlace } from '../recording/event.ts';
import { megabytes } from './bounds.ts';
import type { RunParts } from './run-parts.ts';

/** Elements by which all tables together may grow: no guest needs more, and a table takes memory like any other thing. */
const TABLE_LIMIT = 10_000_000;
const PAGE = 65_536;

type MemoryBoundsContext = Pick<RunParts, 'guest' | 'bounds'>;

export class MemoryBounds {
  readonly #run: MemoryBoundsContext;
  /** By which all tables have grown. */
  #tableItems = 0;

  constructor(run: MemoryBoundsContext) {
    this.#run = run;
  }

  /** Whether a table may grow by `delta` elements more; those are counted. */
  admitsItems(delta: number): boolean {
    if (this.#tableItems + delta > TABLE_LIMIT) return false;
    this.#tableItems += delta;
    return true;
  }

  /** Whether memory `index` may grow by `delta` pages. @throws RunEnd where all of them pass the bound */
  admitsPages(index: number, delta: number): boolean {
    // What no memory of this module can have fails in production too: that is the guest's to handle.
    const declared = this.#run.guest.loaded?.module.memories[index];
    if (this.#size(index) / PAGE + delta > (declared?.max ?? (declared?.is64 ? 2 ** 37 : PAGE))) return false;
    this.check(delta * PAGE, 'before');
    return true;
  }

  /** Bytes of a memory of the guest's; before there is an instance, what its module declares. */
  #size(index: number): number {
    const { loaded, instance } = this.#run.guest;
    const memory = instance?.exports[loaded?.instrumented.exports.memories[index] ?? ''];
    return memory instanceof WebAssembly.Memory
      ? memory.buffer.byteLength
      : (loaded?.module.memories[index]?.min ?? 0) * PAGE;
  }

  /** E9: all memories of the guest together, and `more` bytes. @throws RunEnd */
  check(more: number, at: EndPlace): void {
    const { guest, bounds } = this.#run;
    let size = more;
    for (const index of (guest.loaded?.module.memories ?? []).keys()) size += this.#size(index);
    while (size > bounds.memory)
      bounds.reached(
        'memory',
        `The plugin asked for ${megabytes(size)} of memory, and its limit here is ${megabytes(bounds.memory)}, where production has none but the module's own`,
        at,
      );
  }
}
