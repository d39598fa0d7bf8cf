// wasmi's operand stack as far as fuel cares: how high it is, and which operands are constants. Columns, reused for every
// function.

import { grown } from '../wasm/grown.ts';

/** What an operand is to wasmi's translator. */
export const Operand = { Temp: 0, Constant: 1 } as const;

export class Operands {
  height = 0;
  max = 0;
  kind = new Uint8Array(256);
  low = new Int32Array(256);
  high = new Int32Array(256);

  reset(): void {
    this.height = 0;
    this.max = 0;
  }

  pushTemp(): void {
    const at = this.height;
    if (at === this.kind.length) this.#grow();
    this.kind[at] = Operand.Temp;
    this.height = at + 1;
    if (at + 1 > this.max) this.max = at + 1;
  }

  pushTemps(count: number): void {
    const end = this.height + count;
    while (end > this.kind.length) this.#grow();
    this.kind.fill(Operand.Temp, this.height, end);
    this.height = end;
    if (end > this.max) this.max = end;
  }

  pushConstant(low: number, high: number): void {
    const at = this.height;
    if (at === this.kind.length) this.#grow();
    this.kind[at] = Operand.Constant;
    this.low[at] = low;
    this.high[at] = high;
    this.height = at + 1;
    if (at + 1 > this.max) this.max = at + 1;
  }

  /** Takes `count` off; never below nothing, whatever a malformed body says. */
  pop(count: number): void {
    this.height = count > this.height ? 0 : this.height - count;
  }

  /** Whether the operand `depth` below the top is a constant. */
  constantAt(depth: number): boolean {
    const at = this.height - 1 - depth;
    return at >= 0 && this.kind[at] === Operand.Constant;
  }

  /** Cuts down to `height` and puts `count` temporaries on. */
  restart(height: number, count: number): void {
    if (this.height > height) this.height = height;
    if (count > 0) this.pushTemps(count);
  }

  #grow(): void {
    this.kind = grown(this.kind);
    this.low = grown(this.low);
    this.high = grown(this.high);
  }
}
