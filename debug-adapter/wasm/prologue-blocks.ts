// The blocks that are open while a function's stack pointer is followed: columns that grow. Not what their branches bring: Snapshots.

import { grown } from './grown.ts';

export class OpenBlocks {
  depth = 0;
  /** Opcode of block, loop, if or else. */
  kind = new Uint16Array(64);
  /** Operands below the block's own. */
  floor = new Uint32Array(64);
  parameters = new Uint32Array(64);
  results = new Uint32Array(64);
  /** Of a loop: its number in the function. */
  loop = new Int32Array(64);

  /** Opens a block; answers how many are around it. */
  open(opcode: number, floor: number, parameters: number, results: number): number {
    const at = this.depth++;
    if (at === this.kind.length) this.#grow();
    this.kind[at] = opcode;
    this.floor[at] = floor;
    this.parameters[at] = parameters;
    this.results[at] = results;
    return at;
  }

  #grow(): void {
    this.kind = grown(this.kind);
    this.floor = grown(this.floor);
    this.parameters = grown(this.parameters);
    this.results = grown(this.results);
    this.loop = grown(this.loop);
  }
}
