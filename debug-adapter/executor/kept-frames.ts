// What frames handed over at their calls, so that it can be seen while their callees run: of each call the last, by how many frames were live
// there. A call in a loop keeps it millions of times, so buffers are used again. (DESIGN: locals of callers)

export interface KeptFrame {
  readonly site: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export class KeptFrames {
  /** By the offset of the call, and the number of live frames. */
  readonly #calls = new Map<number, (KeptFrame | undefined)[]>();

  /** Copies what the site before the call at `offset` has handed over, `frames` being live. */
  keep(offset: number, frames: number, site: number, handed: Uint8Array): void {
    let rows = this.#calls.get(offset);
    if (rows === undefined) {
      rows = [];
      this.#calls.set(offset, rows);
    }
    const known = rows[frames];
    if (known?.site === site && known.bytes.length === handed.length) known.bytes.set(handed);
    else rows[frames] = { site, bytes: Uint8Array.from(handed) };
  }

  get(offset: number, frames: number): KeptFrame | undefined {
    return this.#calls.get(offset)?.[frames];
  }

  clear(): void {
    this.#calls.clear();
  }
}
