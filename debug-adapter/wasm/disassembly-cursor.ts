// Walks the instructions of an indexed function from any of them on, with the blocks that are open around it. No text.
import { type FunctionCode, STRIDE } from './disassembly-index.ts';
import { grown } from './grown.ts';
import { InstructionReader } from './instructions.ts';
import { Flow, opcodeFlow } from './opcodes.ts';

/** Of `target`: the branch leaves the function. */
export const LEAVES = -1;
/** Of `target`: there is no such label. */
export const NOWHERE = -2;

/** One cursor serves a module. `seek`, then `next` for each instruction. */
export class CodeCursor {
  /** Stands on the instruction that `next` read. */
  readonly reader: InstructionReader;
  /** Which of the function's instructions that is. */
  ordinal = 0;
  /** Blocks open before it, the function's own not counted. */
  nesting = 0;
  /** Blocks opened before it, whether still open or not: the number of the one that it opens, if it does. */
  opened = 0;
  #chain = new Int32Array(64);
  #pending = false;

  constructor(bytes: Uint8Array) {
    this.reader = new InstructionReader(bytes);
  }

  /** Makes `next` read instruction `ordinal` of the function; it must be one. */
  seek(code: FunctionCode, ordinal: number): void {
    const checkpoint = Math.floor(ordinal / STRIDE);
    this.#pending = false;
    this.reader.reset(code.checkpointOffset[checkpoint] ?? code.start, code.brokenAt);
    this.opened = code.checkpointOpened[checkpoint] ?? 0;
    this.ordinal = checkpoint * STRIDE - 1;
    const block = code.checkpointBlock[checkpoint] ?? -1;
    this.nesting = 0;
    for (let open = block; open >= 0; open = code.blockParent[open]!) this.nesting++;
    this.#reserve(this.nesting);
    let at = this.nesting;
    for (let open = block; open >= 0; open = code.blockParent[open]!) this.#chain[--at] = open;
    while (this.ordinal < ordinal - 1 && this.next());
  }

  /** Reads the next instruction; false after the last that can be read. */
  next(): boolean {
    if (this.#pending) this.#leave();
    this.#pending = this.reader.next();
    if (this.#pending) this.ordinal++;
    return this.#pending;
  }

  /** The innermost open block, or LEAVES for the function itself. */
  get innermost(): number {
    return this.nesting === 0 ? LEAVES : this.#chain[this.nesting - 1]!;
  }

  /** The block that label `index` names at this instruction; LEAVES for the function itself, NOWHERE for none. */
  target(index: number): number {
    if (index < this.nesting) return this.#chain[this.nesting - 1 - index]!;
    return index === this.nesting ? LEAVES : NOWHERE;
  }

  #leave(): void {
    switch (opcodeFlow[this.reader.opcode]) {
      case Flow.Block:
      case Flow.Loop:
      case Flow.If:
        this.#reserve(this.nesting + 1);
        this.#chain[this.nesting++] = this.opened++;
        break;
      case Flow.End:
        if (this.nesting > 0) this.nesting--;
        break;
    }
  }

  #reserve(count: number): void {
    if (count > this.#chain.length) this.#chain = grown(this.#chain, count);
  }
}
