// Counts frames, and where it matters their value-stack slots, against production's limits. Two ways: frames alone, in few
// bytes, where no frame is so large that the stack could end before the frames do; else both, packed into one i64. (E8)
import { I32, I64 } from '../wasm/value-types.ts';
import type { ByteWriter } from '../wasm/writer.ts';
import type { Additions } from './additions.ts';
import { callHook } from './hooks.ts';
import { FRAME_LIMIT, HookSlot, STACK_LIMIT } from './plan.ts';
import type { ScratchLocals } from './scratch-locals.ts';

const CALL = 0x10;
const END = 0x0b;
const UNREACHABLE = 0x00;
const LOCAL_GET = 0x20;
const LOCAL_TEE = 0x22;
const GLOBAL_GET = 0x23;
const GLOBAL_SET = 0x24;

/** What the packed global begins with: it reaches bit 63 with the frame too many, bit 31 with the slot too many. */
const PACKED_START = (BigInt(0x80000000 - FRAME_LIMIT - 1) << 32n) | BigInt(0x80000000 - STACK_LIMIT);
/** `i64.const 0x8000000080000000` */
const OVERFLOW_MASK = [0x42, 0x80, 0x80, 0x80, 0x80, 0x88, 0x80, 0x80, 0x80, 0x80, 0x7f];

/** Live frames, by the value of the depth global (a number where frames alone are counted); leaf functions are not in it. */
export function framesOf(depth: number | bigint): number {
  if (typeof depth === 'number') return FRAME_LIMIT - depth;
  return Number(BigInt.asUintN(64, depth - PACKED_START) >> 32n);
}

/** Value-stack slots in use by the value of the depth global; undefined where they are not counted. */
export function slotsOf(depth: number | bigint): number | undefined {
  return typeof depth === 'number' ? undefined : Number((depth - PACKED_START) & 0xffffffffn);
}

export class FrameCount {
  readonly #code: ByteWriter;
  readonly #additions: Additions;
  readonly #global: number;
  readonly #slots: Uint32Array;
  readonly #packed: boolean;
  /** Index of the helper for a frame too many; -1: not asked for yet. */
  #slow = -1;
  readonly #scratch: ScratchLocals;

  /** @param slots of each frame, by defined function @param global index of the depth global */
  constructor(code: ByteWriter, additions: Additions, slots: Uint32Array, global: number, scratch: ScratchLocals) {
    this.#code = code;
    this.#additions = additions;
    this.#global = global;
    this.#slots = slots;
    this.#scratch = scratch;
    this.#packed = slots.reduce((most, count) => Math.max(most, count), 0) * FRAME_LIMIT >= STACK_LIMIT;
  }

  /** Type and initial value of the depth global, as the global section has them. */
  declare(section: ByteWriter): void {
    if (this.#packed) {
      section.raw(I64, 1, 0x42);
      section.s64(PACKED_START);
    } else {
      section.raw(I32, 1, 0x41);
      section.s32(FRAME_LIMIT);
    }
    section.byte(END);
  }

  /** Checks that there is room for a frame of defined function `n`, and counts it; a leaf (`counted` false) only checks. */
  enter(n: number, counted: boolean): void {
    if (this.#packed) this.#enterPacked(n, counted);
    else {
      const code = this.#code;
      code.byte(GLOBAL_GET);
      code.u32(this.#global);
      if (counted) {
        code.byte(LOCAL_TEE);
        code.u32(this.#kept);
      }
      code.raw(0x45, 0x04, 0x40, CALL); // i32.eqz, if, call
      code.u32(this.#framesSlow());
      // It never comes back; said here, so that V8 has no second way into the body.
      code.raw(UNREACHABLE, END);
      if (!counted) return;
      code.byte(LOCAL_GET);
      code.u32(this.#kept);
      code.raw(0x41, 1, 0x6b, GLOBAL_SET); // i32.const 1, i32.sub
      code.u32(this.#global);
    }
  }

  /** Leaves the number of live frames that are counted on the stack, as an i32. */
  writeCount(code: ByteWriter): void {
    if (this.#packed) {
      code.byte(GLOBAL_GET);
      code.u32(this.#global);
      code.raw(0x42, 32, 0x88, 0xa7, 0x41); // i64.const, i64.shr_u, i32.wrap_i64, i32.const
      code.s32(Number(PACKED_START >> 32n));
    } else {
      code.byte(0x41);
      code.s32(FRAME_LIMIT);
      code.byte(GLOBAL_GET);
      code.u32(this.#global);
    }
    code.byte(0x6b); // i32.sub
  }

  /** Takes the frame of defined function `n` off the count. */
  leave(n: number): void {
    if (this.#packed) this.#addPacked(n, 0x7d);
    else {
      // What it was at the entry, kept in a local: a load of what the callee has just stored would wait for that.
      this.#code.byte(LOCAL_GET);
      this.#code.u32(this.#kept);
      this.#code.byte(GLOBAL_SET);
      this.#code.u32(this.#global);
    }
  }

  /** The local that holds the frames that were left at the entry. */
  get #kept(): number {
    return this.#scratch.index(I32, 3);
  }

  #enterPacked(n: number, counted: boolean): void {
    const code = this.#code;
    if (counted) {
      this.#addPacked(n, 0x7c);
      code.byte(GLOBAL_GET);
      code.u32(this.#global);
    } else this.#sumPacked(n, 0x7c);
    code.raw(...OVERFLOW_MASK);
    code.raw(0x83, 0x50, 0x45, 0x04, 0x40); // i64.and, i64.eqz, i32.eqz, if
    if (counted) {
      code.byte(GLOBAL_GET);
      code.u32(this.#global);
    } else this.#sumPacked(n, 0x7c);
    code.byte(CALL);
    code.u32(this.#packedSlow());
    code.raw(UNREACHABLE, END);
  }

  #addPacked(n: number, opcode: number): void {
    this.#sumPacked(n, opcode);
    this.#code.byte(GLOBAL_SET);
    this.#code.u32(this.#global);
  }

  /** The count with frame `n` added or taken off: a frame in the upper half, its slots in the lower. */
  #sumPacked(n: number, opcode: number): void {
    const code = this.#code;
    code.byte(GLOBAL_GET);
    code.u32(this.#global);
    code.byte(0x42);
    code.s64Small(2 ** 32 + (this.#slots[n] ?? 0));
    code.byte(opcode);
  }

  /** Index of the helper that tells the stack hook of a frame too many, and never comes back. */
  #framesSlow(): number {
    if (this.#slow < 0)
      this.#slow = this.#additions.helper('frames slow', [], [], (code) => {
        code.i32(1).i32(0);
        callHook(code, this.#additions, HookSlot.Stack);
        code.op('unreachable');
      });
    return this.#slow;
  }

  /** The same for the packed count, which says which of the two limits was passed. */
  #packedSlow(): number {
    return this.#additions.helper('stack slow', [I64], [], (code) => {
      code.get(0).i64(63).op('i64.shr_u', 'i32.wrap_i64');
      code.get(0).i64(31).op('i64.shr_u').i64(1).op('i64.and', 'i32.wrap_i64');
      callHook(code, this.#additions, HookSlot.Stack);
      code.op('unreachable');
    });
  }
}
