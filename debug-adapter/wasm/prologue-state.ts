// What is known of a function's values while its stack pointer is followed: each is a constant, or so many bytes from the stack
// pointer at entry, or from that rounded down, or unknown. Columns, reused for every function. Knows no instructions.

import { grown } from './grown.ts';

/** What a value's offset counts from. From `Aligned` on: row `base - Aligned` of the alignments. */
export const Base = { Unknown: 0, Constant: 1, Entry: 2, Aligned: 3 } as const;

/** Locals whose values are followed across branches: the first that take a stack address. A prologue needs three. */
const SLOTS = 16;
/** Values in a snapshot: those locals, and the stack pointer. */
const SNAPSHOT = SLOTS + 1;
const ALIGNMENTS = 64;

/** Snapshots in rows, for branch targets and loop heads. */
export class Snapshots {
  base = new Uint8Array(64 * SNAPSHOT);
  offset = new Float64Array(64 * SNAPSHOT);
  #filled = new Uint8Array(64);

  has(row: number): boolean {
    return this.#filled[row] === 1;
  }

  clear(row: number): void {
    if (row >= this.#filled.length) this.#grow(row);
    this.#filled[row] = 0;
  }

  fill(row: number): void {
    this.#filled[row] = 1;
  }

  clearAll(): void {
    this.#filled.fill(0);
  }

  #grow(row: number): void {
    this.#filled = grown(this.#filled, row + 1);
    this.base = grown(this.base, (row + 1) * SNAPSHOT);
    this.offset = grown(this.offset, (row + 1) * SNAPSHOT);
  }
}

/** Addresses that were rounded down, in rows: (base + offset) & mask. */
export interface Alignments {
  readonly alignedBase: Uint8Array;
  readonly alignedOffset: Float64Array;
  readonly alignedMask: Float64Array;
}

export class FlowState {
  /** The stack pointer. */
  pointerBase: number = Base.Entry;
  pointerOffset = 0;
  /** Of the value that the last `pop` or `read` gave. */
  base: number = Base.Unknown;
  offset = 0;
  /** Set where paths met and the stack pointer is not the same, or not known, on all of them. */
  disagreed = false;
  /** Operands. */
  height = 0;
  #operandBase = new Uint8Array(256);
  #operandOffset = new Float64Array(256);
  #localBase = new Uint8Array(64);
  #localOffset = new Float64Array(64);
  /** The straight line in which a local without a slot was set; its value is forgotten where that ends. */
  #localLine = new Uint32Array(64);
  #slotOf = new Int8Array(64).fill(-1);
  #line = 1;
  readonly #slots = new Int32Array(SLOTS);
  #slotCount = 0;
  readonly #alignedBase = new Uint8Array(ALIGNMENTS);
  readonly #alignedOffset = new Float64Array(ALIGNMENTS);
  readonly #alignedMask = new Float64Array(ALIGNMENTS);
  alignedCount = 0;
  /** 64-bit addresses (memory64). */
  wide = false;

  /** Forgets the function before. */
  begin(locals: number): void {
    if (locals > this.#localBase.length) {
      const size = locals * 2;
      this.#localBase = new Uint8Array(size);
      this.#localOffset = new Float64Array(size);
      this.#localLine = new Uint32Array(size);
      this.#slotOf = new Int8Array(size).fill(-1);
    } else for (let slot = 0; slot < this.#slotCount; slot++) this.#slotOf[this.#slots[slot]!] = -1;
    this.#slotCount = 0;
    this.alignedCount = 0;
  }

  /** Back to the function's first instruction; which locals have slots stays. */
  restart(): void {
    this.#line++;
    this.height = 0;
    this.pointerBase = Base.Entry;
    this.pointerOffset = 0;
    this.disagreed = false;
    for (let slot = 0; slot < this.#slotCount; slot++) this.#localBase[this.#slots[slot]!] = Base.Unknown;
  }

  push(base: number, offset: number): void {
    const at = this.height;
    if (at === this.#operandBase.length) this.#growOperands();
    this.#operandBase[at] = base;
    this.#operandOffset[at] = offset;
    this.height = at + 1;
  }

  pushUnknown(count: number): void {
    for (let left = count; left > 0; left--) this.push(Base.Unknown, 0);
  }

  /** Takes the top operand into `base` and `offset`. */
  pop(): void {
    if (this.height === 0) {
      this.base = Base.Unknown;
      return;
    }
    const at = --this.height;
    this.base = this.#operandBase[at]!;
    this.offset = this.#operandOffset[at]!;
  }

  drop(count: number): void {
    this.height = count > this.height ? 0 : this.height - count;
  }

  #growOperands(): void {
    this.#operandBase = grown(this.#operandBase);
    this.#operandOffset = grown(this.#operandOffset);
  }

  /** Takes a local into `base` and `offset`. */
  read(local: number): void {
    if (this.#slotOf[local]! >= 0 || this.#localLine[local] === this.#line) {
      this.base = this.#localBase[local]!;
      this.offset = this.#localOffset[local]!;
    } else this.base = Base.Unknown;
  }

  write(local: number, base: number, offset: number): void {
    this.#localBase[local] = base;
    this.#localOffset[local] = offset;
    this.#localLine[local] = this.#line;
    if (base >= Base.Entry && this.#slotOf[local]! < 0 && this.#slotCount < SLOTS) {
      this.#slotOf[local] = this.#slotCount;
      this.#slots[this.#slotCount++] = local;
    }
  }

  holds(local: number, base: number, offset: number): boolean {
    this.read(local);
    return this.base === base && this.offset === offset;
  }

  /** The locals that are followed across branches. */
  followed(): number[] {
    return Array.from(this.#slots.subarray(0, this.#slotCount));
  }

  /** The first local with a slot that holds this value; -1 for none. */
  holderOf(base: number, offset: number): number {
    for (let slot = 0; slot < this.#slotCount; slot++) {
      const local = this.#slots[slot]!;
      if (this.#localBase[local] === base && this.#localOffset[local] === offset) return local;
    }
    return -1;
  }

  /** Two operands become their sum, or difference. */
  add(sign: 1 | -1): void {
    this.pop();
    const { base, offset } = this;
    this.pop();
    let result: number = Base.Unknown;
    if (this.base !== Base.Unknown && base !== Base.Unknown) {
      if (base === Base.Constant) result = this.base;
      else if (sign === 1 && this.base === Base.Constant) result = base;
      else if (sign === -1 && this.base === base) result = Base.Constant;
    }
    this.push(result, result === Base.Unknown ? 0 : this.wrap(this.offset + sign * offset));
  }

  /** Two operands become their bitwise and: an address rounded down, where one of them is such a mask. */
  and(): void {
    this.pop();
    const { base, offset } = this;
    this.pop();
    const address = base === Base.Constant ? this.base : base;
    const mask = base === Base.Constant ? offset : this.offset;
    const constant = base === Base.Constant || this.base === Base.Constant;
    if (!constant || address < Base.Entry || !(mask < 0 && powerOfTwo(-mask))) {
      this.push(Base.Unknown, 0);
      return;
    }
    const from = base === Base.Constant ? this.offset : offset;
    this.push(this.#aligned(address, from, mask), 0);
  }

  #aligned(base: number, offset: number, mask: number): number {
    for (let row = 0; row < this.alignedCount; row++)
      if (this.#alignedBase[row] === base && this.#alignedOffset[row] === offset && this.#alignedMask[row] === mask)
        return Base.Aligned + row;
    if (this.alignedCount === ALIGNMENTS) return Base.Unknown;
    const row = this.alignedCount++;
    this.#alignedBase[row] = base;
    this.#alignedOffset[row] = offset;
    this.#alignedMask[row] = mask;
    return Base.Aligned + row;
  }

  /** A copy of the alignments. */
  alignments(): Alignments {
    return {
      alignedBase: this.#alignedBase.slice(0, this.alignedCount),
      alignedOffset: this.#alignedOffset.slice(0, this.alignedCount),
      alignedMask: this.#alignedMask.slice(0, this.alignedCount),
    };
  }

  /** As the address type computes; of 64 bits only what a double holds. */
  wrap(offset: number): number {
    return this.wide ? offset : offset | 0;
  }

  /** Joins the present state to what other paths brought to `row`. Answers whether the row changed. */
  mergeInto(snapshots: Snapshots, row: number): boolean {
    const { base, offset } = snapshots;
    const at = row * SNAPSHOT;
    const first = !snapshots.has(row);
    let changed = first;
    for (let slot = 0; slot < SNAPSHOT; slot++) {
      let present = this.pointerBase;
      let distance = this.pointerOffset;
      if (slot < SLOTS) {
        const local = slot < this.#slotCount ? this.#slots[slot]! : -1;
        present = local < 0 ? Base.Unknown : this.#localBase[local]!;
        distance = local < 0 ? 0 : this.#localOffset[local]!;
      }
      if (first) {
        base[at + slot] = present;
        offset[at + slot] = distance;
      } else if (base[at + slot] !== Base.Unknown && (base[at + slot] !== present || offset[at + slot] !== distance)) {
        base[at + slot] = Base.Unknown;
        changed = true;
      }
    }
    snapshots.fill(row);
    return changed;
  }

  /** Paths meet: goes on from what `row` holds. What is not followed across branches is forgotten. */
  take(snapshots: Snapshots, row: number): void {
    const at = row * SNAPSHOT;
    for (let slot = 0; slot < this.#slotCount; slot++) {
      const local = this.#slots[slot]!;
      this.#localBase[local] = snapshots.base[at + slot]!;
      this.#localOffset[local] = snapshots.offset[at + slot]!;
    }
    this.pointerBase = snapshots.base[at + SLOTS]!;
    this.pointerOffset = snapshots.offset[at + SLOTS]!;
    if (this.pointerBase === Base.Unknown) this.disagreed = true;
    this.#line++;
  }

  /** Nothing is known any more, at a loop that is not worth another walk. */
  forget(snapshots: Snapshots, row: number): void {
    snapshots.base.fill(Base.Unknown, row * SNAPSHOT, (row + 1) * SNAPSHOT);
    snapshots.fill(row);
  }
}

function powerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}
