// Where a function's straight-line blocks end, and how many instructions each has: what runs are counted by. One instance serves a whole
// module. Moments are charged by chains of them (moment-chains.ts). (I2)
import type { InstructionReader } from '../wasm/instructions.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';

/** What an instruction does to the block that it stands in. */
export const BlockEdge = {
  None: 0,
  Block: 1,
  Loop: 2,
  If: 3,
  Else: 4,
  End: 5,
  Branch: 6,
  BranchIf: 7,
  BranchTable: 8,
  /** return, tail calls: control does not come back. */
  Leave: 9,
  Unreachable: 10,
  /** Calls, and what enters a hook: the moment has to be exact while it is done. */
  Call: 11,
} as const;

/** BlockEdge by opcode. */
export const edgeOf = new Uint8Array(1024);
const named: readonly (readonly [number, readonly string[]])[] = [
  [BlockEdge.Block, ['block']],
  [BlockEdge.Loop, ['loop']],
  [BlockEdge.If, ['if']],
  [BlockEdge.Else, ['else']],
  [BlockEdge.End, ['end']],
  [BlockEdge.Branch, ['br']],
  [BlockEdge.BranchIf, ['br_if']],
  [BlockEdge.BranchTable, ['br_table']],
  [BlockEdge.Leave, ['return', 'return_call', 'return_call_indirect']],
  [BlockEdge.Unreachable, ['unreachable']],
  [BlockEdge.Call, ['call', 'call_indirect', 'memory.grow', 'table.grow', 'memory.fill', 'memory.copy', 'memory.init']],
  [BlockEdge.Call, ['table.fill', 'table.copy', 'table.init']],
];
for (const [edge, names] of named) for (const name of names) edgeOf[opcodeNamed(name)] = edge;

const LOOP = 1;
const JOINS = 2;
const TARGETED = 4;
const DEAD = 8;

/**
 * Feed it each instruction of a function in order. A block ends with the instruction that may send control elsewhere, and is counted just
 * before that one, that one included. A branch lands after the `end` of what it leaves, and after the `loop` that it repeats.
 */
export class MomentBlocks {
  /** Instructions since the last block's end, the present one not included. */
  pending = 0;
  /** Control does not come here: after a branch, until the `else` or `end` that it does come to. */
  dead = false;
  #frames = new Uint8Array(64);
  #nesting = 0;

  begin(): void {
    this.pending = 0;
    this.dead = false;
    this.#nesting = 0;
  }

  /**
   * Takes the next instruction. @returns how many the block has that ends with it: 0 if none does. Afterwards `pending` counts from behind it.
   */
  take(reader: InstructionReader): number {
    switch (edgeOf[reader.opcode]) {
      case BlockEdge.None:
        this.pending++;
        return 0;
      case BlockEdge.Block:
        this.#push(0);
        this.pending++;
        return 0;
      case BlockEdge.Loop:
        this.#push(LOOP);
        return this.#charge();
      case BlockEdge.If: {
        this.#push(JOINS);
        return this.#charge();
      }
      case BlockEdge.Else: {
        const charge = this.#charge();
        this.dead = this.#nesting > 0 && (this.#frames[this.#nesting - 1]! & DEAD) !== 0;
        return charge;
      }
      case BlockEdge.End:
        return this.#end();
      case BlockEdge.Branch: {
        this.#target(reader.index);
        const charge = this.#charge();
        this.dead = true;
        return charge;
      }
      case BlockEdge.BranchIf:
        this.#target(reader.index);
        return this.#charge();
      case BlockEdge.BranchTable: {
        this.#targets(reader);
        const charge = this.#charge();
        this.dead = true;
        return charge;
      }
      case BlockEdge.Leave: {
        const charge = this.#charge();
        this.dead = true;
        return charge;
      }
      case BlockEdge.Unreachable:
        this.pending++;
        this.dead = true;
        return 0;
      default:
        return this.#charge();
    }
  }

  #charge(): number {
    const charge = this.dead ? 0 : this.pending + 1;
    this.pending = 0;
    return charge;
  }

  #end(): number {
    if (this.#nesting === 0) return this.#charge();
    const frame = this.#frames[--this.#nesting]!;
    const wasDead = this.dead;
    this.dead = (frame & DEAD) !== 0;
    if (wasDead) {
      this.pending = 0;
      return 0;
    }
    if ((frame & (JOINS | TARGETED)) === 0) {
      this.pending++;
      return 0;
    }
    const charge = this.pending + 1;
    this.pending = 0;
    return charge;
  }

  #push(frame: number): void {
    if (this.#nesting === this.#frames.length) {
      const more = new Uint8Array(this.#nesting * 2);
      more.set(this.#frames);
      this.#frames = more;
    }
    this.#frames[this.#nesting++] = frame | (this.dead ? DEAD : 0);
  }

  /** A loop is not left by a branch to it, so its `end` is no place where ways meet. */
  #target(label: number): void {
    const at = this.#nesting - 1 - label;
    if (at >= 0 && !this.dead && (this.#frames[at]! & LOOP) === 0) this.#frames[at] = this.#frames[at]! | TARGETED;
  }

  #targets(reader: InstructionReader): void {
    const { end, count, index } = reader;
    reader.end = reader.listStart;
    for (let left = count; left > 0; left--) this.#target(reader.u32());
    reader.end = end;
    this.#target(index);
  }
}
