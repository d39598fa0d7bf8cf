// The charges as they are found: columns that grow.

import { grown } from '../wasm/grown.ts';

export class Rows {
  count = 0;
  offset = new Uint32Array(4096);
  cost = new Uint32Array(4096);
  kind = new Uint8Array(4096);
  /** Instructions that are executed at most for one charge. */
  instructions = new Uint32Array(4096);

  /** Appends a row; answers its number. */
  add(offset: number, kind: number, cost: number): number {
    if (this.count === this.kind.length) this.#grow();
    const row = this.count++;
    this.offset[row] = offset;
    this.kind[row] = kind;
    this.cost[row] = cost;
    this.instructions[row] = 0;
    return row;
  }

  #grow(): void {
    this.offset = grown(this.offset);
    this.cost = grown(this.cost);
    this.kind = grown(this.kind);
    this.instructions = grown(this.instructions);
  }
}
