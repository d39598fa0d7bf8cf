// wasmi's stack of control frames as columns, reused for every function: a body of seven million nested blocks makes no
// object. (src/engine/translator/func/stack/control.rs)
import { grown } from '../wasm/grown.ts';
import { Operand, type Operands } from './operands.ts';

/** Kinds of control frame. An unreachable one stands for whatever was opened in dead code. */
export const Frame = { Block: 0, Loop: 1, If: 2, Else: 3, Unreachable: 4 } as const;
/** Which arms of an `if` wasmi translates. */
export const Arms = { Both: 0, OnlyThen: 1, OnlyElse: 2 } as const;

export class ControlStack {
  depth = 0;
  kind = new Uint8Array(64);
  arms = new Uint8Array(64);
  branchedTo = new Uint8Array(64);
  thenEndReachable = new Uint8Array(64);
  /** The charging block that instructions in it belong to; -1 for none. */
  row = new Int32Array(64);
  height = new Int32Array(64);
  parameters = new Int32Array(64);
  results = new Int32Array(64);
  /** Where an if's saved parameters begin in `#saved`; -1 where it has none. */
  #savedAt = new Int32Array(64);
  /** Parameters of open ifs, for their else arms. */
  readonly #saved: { kind: Uint8Array; low: Int32Array; high: Int32Array; length: number } = {
    kind: new Uint8Array(64),
    low: new Int32Array(64),
    high: new Int32Array(64),
    length: 0,
  };

  reset(): void {
    this.depth = 0;
    this.#saved.length = 0;
  }

  /** Opens a frame; answers its place. */
  push(kind: number, height: number, parameters: number, results: number, row: number): number {
    const at = this.depth++;
    if (at === this.kind.length) this.#grow();
    this.kind[at] = kind;
    this.arms[at] = Arms.Both;
    this.branchedTo[at] = 0;
    this.thenEndReachable[at] = 0;
    this.row[at] = row;
    this.height[at] = height;
    this.parameters[at] = parameters;
    this.results[at] = results;
    this.#savedAt[at] = -1;
    return at;
  }

  /** Closes the innermost frame; answers its place, which stays readable until the next push. */
  pop(): number {
    const at = --this.depth;
    const saved = this.#savedAt[at]!;
    if (saved >= 0) this.#saved.length = saved;
    return at;
  }

  /** The row of the frame around the innermost one. */
  get enclosingRow(): number {
    return this.depth >= 2 ? this.row[this.depth - 2]! : -1;
  }

  /** Keeps the topmost operands, the parameters of the `if` at `at`, for its else arm. */
  saveParameters(at: number, operands: Operands): void {
    const count = this.parameters[at]!;
    if (count === 0) return;
    const saved = this.#saved;
    const start = saved.length;
    this.#savedAt[at] = start;
    if (start + count > saved.kind.length) {
      saved.kind = grown(saved.kind, start + count);
      saved.low = grown(saved.low, start + count);
      saved.high = grown(saved.high, start + count);
    }
    const from = this.height[at]!;
    saved.kind.set(operands.kind.subarray(from, from + count), start);
    saved.low.set(operands.low.subarray(from, from + count), start);
    saved.high.set(operands.high.subarray(from, from + count), start);
    saved.length = start + count;
  }

  /** Puts the parameters of the `if` at `at` back on the operands, for its else arm. */
  restoreParameters(at: number, operands: Operands): void {
    operands.restart(this.height[at]!, 0);
    const start = this.#savedAt[at]!;
    if (start < 0) return;
    const saved = this.#saved;
    for (let n = start; n < start + this.parameters[at]!; n++) {
      if (saved.kind[n] === Operand.Constant) operands.pushConstant(saved.low[n]!, saved.high[n]!);
      else operands.pushTemp();
    }
  }

  #grow(): void {
    this.kind = grown(this.kind);
    this.arms = grown(this.arms);
    this.branchedTo = grown(this.branchedTo);
    this.thenEndReachable = grown(this.thenEndReachable);
    this.row = grown(this.row);
    this.height = grown(this.height);
    this.parameters = grown(this.parameters);
    this.results = grown(this.results);
    this.#savedAt = grown(this.#savedAt);
  }
}
