// The blocks that are open while a function's stack pointer is followed: columns that grow. Not what their branches bring: Snapshots.

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
    const grow = <T extends Uint16Array | Uint32Array | Int32Array>(from: T, into: T): T => {
      into.set(from);
      return into;
    };
    const size = this.kind.length * 2;
    this.kind = grow(this.kind, new Uint16Array(size));
    this.floor = grow(this.floor, new Uint32Array(size));
    this.parameters = grow(this.parameters, new Uint32Array(size));
    this.results = grow(this.results, new Uint32Array(size));
    this.loop = grow(this.loop, new Int32Array(size));
  }
}
