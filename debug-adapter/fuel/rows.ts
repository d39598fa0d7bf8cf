// The charges as they are found: columns that grow.

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
    const size = this.kind.length * 2;
    const offset = new Uint32Array(size);
    offset.set(this.offset);
    this.offset = offset;
    const cost = new Uint32Array(size);
    cost.set(this.cost);
    this.cost = cost;
    const kind = new Uint8Array(size);
    kind.set(this.kind);
    this.kind = kind;
    const instructions = new Uint32Array(size);
    instructions.set(this.instructions);
    this.instructions = instructions;
  }
}
