// Where a function charges moments, and how many. A chain is a stretch of code that is charged as a whole where it begins; branches that
// leave it amid pay the rest back. What is ahead of, or behind, the true moment is known at every instruction. Pure. (I2)
import { BLOCK_EMPTY, InstructionReader } from '../wasm/instructions.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';
import { BlockEdge, edgeOf } from './moment-blocks.ts';

/** Where a charge stands, seen from the instruction at its offset. */
export const ChargePlace = {
  /** Before the function's first instruction. */
  Entry: 0,
  /** Behind the instruction. */
  After: 1,
  /** The same, behind a call, or what else enters a hook. */
  AfterCall: 4,
  /** Before a `br`. */
  Before: 2,
  /** On the way that a `br_if` takes when it branches. */
  Taken: 3,
} as const;

const CALL = opcodeNamed('call');
const CALL_INDIRECT = opcodeNamed('call_indirect');

const LOOP = 1;
const IF = 2;
const DEAD = 4;
/** A branch comes here that can't be charged on its way: the chains around it end. */
const SETTLED = 8;
/** The label takes operands: a `br_if` to it can't be charged on its way. */
const OPERANDS = 16;

/**
 * The chains and charges of one function after another. A chain ends with what needs the exact moment (a call, a hook), with a loop, an
 * `if`, a branch back, and where control goes no further. A branch forward goes on in it, on the way that does not branch. Loops and entries
 * are where fuel is charged too, so the two are one addition there.
 */
export class MomentChains {
  readonly #module: WasmModule;
  readonly #reader: InstructionReader;
  /** Whether the function has loops that control may come to. */
  loops = false;
  /** Whether it comes to a call of a function of the guest's, tail calls apart. */
  calls = false;
  /** Chains in the order of the code. */
  chains = 0;
  /** Offset of each chain's first instruction. */
  start = new Uint32Array(64);
  /** Instructions of each. */
  length = new Int32Array(64);
  /** Charges in the order of the code, one at most for an instruction, beside the entry's. */
  charges = 0;
  offset = new Uint32Array(64);
  place = new Uint8Array(64);
  /** Instructions to add to the moment: negative where what was charged is not passed. Never 0. */
  amount = new Int32Array(64);
  /** By charge: the chain it begins (amount: its length); or for branches the chain and the place in it that they leave, and where they come. */
  #chain = new Int32Array(64);
  #leaves = new Int32Array(64);
  #comesChain = new Int32Array(64);
  #comesAt = new Int32Array(64);
  /** The next branch to the same label. */
  #link = new Int32Array(64);
  #frames = new Uint8Array(64);
  #heads = new Int32Array(64);
  #nesting = 0;
  /** The chain that is open; -1 in dead code. */
  #open = -1;

  constructor(module: WasmModule) {
    this.#module = module;
    this.#reader = new InstructionReader(module.bytes);
  }

  /** Finds the chains of defined function `n`, whose first instruction is at `from`. */
  scan(n: number, from: number): void {
    const { bodyEnd, functionTypes, importedFunctions } = this.#module;
    const reader = this.#reader;
    reader.reset(from, bodyEnd[n]!);
    this.chains = 0;
    this.charges = 0;
    this.loops = false;
    this.calls = false;
    this.#nesting = 0;
    this.#open = -1;
    this.#begin(this.#charge(from, ChargePlace.Entry), from);
    this.#push(this.#hasResults(functionTypes[importedFunctions + n]!) ? OPERANDS : 0);
    while (this.#nesting > 0 && reader.next())
      // most instructions are neither the beginning nor the end of anything
      if (edgeOf[reader.opcode] !== BlockEdge.None) this.#visit(reader);
      else if (this.#open >= 0) this.#pass();
    this.#resolve();
  }

  #visit(reader: InstructionReader): void {
    const edge = edgeOf[reader.opcode];
    if (edge === BlockEdge.End) {
      this.#end(reader);
      return;
    }
    if (edge === BlockEdge.Else) {
      if (this.#open >= 0) this.#pass();
      if ((this.#frames[this.#nesting - 1]! & DEAD) !== 0) this.#open = -1;
      else this.#beginAfter(reader);
      return;
    }
    if (this.#open < 0) {
      if (edge === BlockEdge.Block || edge === BlockEdge.Loop || edge === BlockEdge.If) this.#push(DEAD);
      return;
    }
    this.#pass();
    switch (edge) {
      case BlockEdge.Block:
        this.#push(this.#hasResults(reader.blockType) ? OPERANDS : 0);
        return;
      case BlockEdge.Loop:
        this.#push(LOOP);
        this.loops = true;
        this.#beginAfter(reader);
        return;
      case BlockEdge.If:
        this.#push(this.#hasResults(reader.blockType) ? IF | OPERANDS : IF);
        this.#beginAfter(reader);
        return;
      case BlockEdge.Branch:
        this.#branch(reader.offset, ChargePlace.Before, reader.index);
        this.#open = -1;
        return;
      case BlockEdge.BranchIf:
        this.#branchIf(reader);
        return;
      case BlockEdge.BranchTable:
        this.#settleAll(reader);
        this.#open = -1;
        return;
      case BlockEdge.Leave:
      case BlockEdge.Unreachable:
        this.#open = -1;
        return;
      default:
        if (reader.opcode === CALL ? reader.index >= this.#module.importedFunctions : reader.opcode === CALL_INDIRECT)
          this.calls = true;
        this.#beginAfter(reader, ChargePlace.AfterCall);
    }
  }

  #pass(): void {
    this.length[this.#open] = this.length[this.#open]! + 1;
  }

  #hasResults(blockType: number): boolean {
    if (blockType < 0) return blockType !== BLOCK_EMPTY;
    const { typeCount, typeStart, typeResults } = this.#module;
    return blockType >= typeCount || typeStart[blockType + 1]! > typeResults[blockType]!;
  }

  #branchIf(reader: InstructionReader): void {
    const at = this.#nesting - 1 - reader.index;
    const frame = at < 0 ? LOOP : this.#frames[at]!;
    if ((frame & (LOOP | OPERANDS)) !== 0) {
      if (at >= 0) this.#frames[at] = frame | SETTLED;
      this.#beginAfter(reader);
    } else this.#branch(reader.offset, ChargePlace.Taken, reader.index);
  }

  /** A branch of which it is known later what is to be paid back. */
  #branch(offset: number, place: number, label: number): void {
    const at = this.#nesting - 1 - label;
    if (at < 0 || (this.#frames[at]! & LOOP) !== 0) return;
    const charge = this.#charge(offset, place);
    this.#chain[charge] = this.#open;
    this.#leaves[charge] = this.length[this.#open]!;
    this.#comesChain[charge] = -1;
    this.#link[charge] = this.#heads[at]!;
    this.#heads[at] = charge;
  }

  #settleAll(reader: InstructionReader): void {
    const { end, count, index } = reader;
    reader.end = reader.listStart;
    for (let left = count; left > 0; left--) this.#settle(reader.u32());
    reader.end = end;
    this.#settle(index);
  }

  #settle(label: number): void {
    const at = this.#nesting - 1 - label;
    if (at >= 0) this.#frames[at] = this.#frames[at]! | SETTLED;
  }

  #end(reader: InstructionReader): void {
    const frame = this.#frames[--this.#nesting]!;
    if ((frame & DEAD) !== 0) {
      this.#open = -1;
      return;
    }
    if (this.#open >= 0) this.#pass();
    // What comes to the end of the function is settled: it came from a chain's place to no chain.
    if (this.#nesting === 0) return;
    const head = this.#heads[this.#nesting]!;
    if ((frame & IF) !== 0 || ((frame & SETTLED) !== 0 && (frame & LOOP) === 0)) {
      this.#beginAfter(reader);
      return;
    }
    if (head < 0) return;
    // Branches alone come here: they pay for what follows.
    if (this.#open < 0) this.#begin(-1, reader.end);
    for (let charge = head; charge >= 0; charge = this.#link[charge]!) {
      this.#comesChain[charge] = this.#open;
      this.#comesAt[charge] = this.length[this.#open]!;
    }
  }

  #beginAfter(reader: InstructionReader, place: number = ChargePlace.After): void {
    this.#begin(this.#charge(reader.offset, place), reader.end);
  }

  #begin(charge: number, start: number): void {
    const chain = this.chains++;
    if (chain === this.length.length) {
      this.start = doubled(this.start, new Uint32Array(chain * 2));
      this.length = doubled(this.length, new Int32Array(chain * 2));
    }
    this.start[chain] = start;
    this.length[chain] = 0;
    this.#open = chain;
    if (charge < 0) return;
    // Comes to the chain's start from nowhere.
    this.#chain[charge] = -1;
    this.#comesChain[charge] = chain;
    this.#comesAt[charge] = 0;
  }

  #charge(offset: number, place: number): number {
    const charge = this.charges++;
    if (charge === this.place.length) this.#growCharges();
    this.offset[charge] = offset;
    this.place[charge] = place;
    return charge;
  }

  #growCharges(): void {
    const size = this.place.length * 2;
    this.offset = doubled(this.offset, new Uint32Array(size));
    this.place = doubled(this.place, new Uint8Array(size));
    this.amount = doubled(this.amount, new Int32Array(size));
    this.#chain = doubled(this.#chain, new Int32Array(size));
    this.#leaves = doubled(this.#leaves, new Int32Array(size));
    this.#comesChain = doubled(this.#comesChain, new Int32Array(size));
    this.#comesAt = doubled(this.#comesAt, new Int32Array(size));
    this.#link = doubled(this.#link, new Int32Array(size));
  }

  #push(frame: number): void {
    if (this.#nesting === this.#frames.length) {
      this.#frames = doubled(this.#frames, new Uint8Array(this.#nesting * 2));
      this.#heads = doubled(this.#heads, new Int32Array(this.#nesting * 2));
    }
    this.#heads[this.#nesting] = -1;
    this.#frames[this.#nesting++] = frame;
  }

  /** Computes the amounts and drops the charges of nothing. */
  #resolve(): void {
    let kept = 0;
    for (let charge = 0; charge < this.charges; charge++) {
      const from = this.#chain[charge]!;
      const to = this.#comesChain[charge]!;
      const paid = from < 0 ? 0 : this.length[from]! - this.#leaves[charge]!;
      const due = to < 0 ? 0 : this.length[to]! - this.#comesAt[charge]!;
      if (paid === due) continue;
      this.offset[kept] = this.offset[charge]!;
      this.place[kept] = this.place[charge]!;
      this.amount[kept++] = due - paid;
    }
    this.charges = kept;
  }
}

function doubled<T extends Uint8Array | Int32Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
