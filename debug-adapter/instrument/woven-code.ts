// The instructions that are woven into bodies: a charge of fuel, the count of frames. What they are, not where. (I3, E8)
import { I32, I64 } from '../wasm/value-types.ts';
import type { ByteWriter } from '../wasm/writer.ts';
import type { Additions } from './additions.ts';
import { charge, fuelSlow, stackSlow } from './hooks.ts';
import type { ScratchLocals } from './scratch-locals.ts';

const CALL = 0x10;
const END = 0x0b;
/** `i64.const 0x8000000080000000`: a packed count with one of these bits has passed a limit, bit 63 the frames, bit 31 the stack. */
const OVERFLOW_MASK = [0x42, 0x80, 0x80, 0x80, 0x80, 0x88, 0x80, 0x80, 0x80, 0x80, 0x7f];

export class WovenCode {
  /** Whether helpers are called where the instructions could be written out: for bodies near V8's limit. */
  coarse = false;
  readonly #code: ByteWriter;
  readonly #scratch: ScratchLocals;
  readonly #additions: Additions;
  readonly #fuelGlobal: number;
  readonly #depthGlobal: number;

  constructor(
    code: ByteWriter,
    scratch: ScratchLocals,
    additions: Additions,
    globals: { readonly fuelGlobal: number; readonly depthGlobal: number },
  ) {
    this.#code = code;
    this.#scratch = scratch;
    this.#additions = additions;
    this.#fuelGlobal = globals.fuelGlobal;
    this.#depthGlobal = globals.depthGlobal;
  }

  /** fuel -= cost; if (fuel < 0) $fuel_slow(cost). */
  charge(cost: number): void {
    const code = this.#code;
    if (this.coarse) {
      code.byte(0x41);
      code.s32(cost);
      code.byte(CALL);
      code.u32(charge(this.#additions, this.#fuelGlobal));
      return;
    }
    const left = this.#scratch.index(I32);
    code.byte(0x23); // global.get fuel
    code.u32(this.#fuelGlobal);
    code.byte(0x41); // i32.const cost
    code.s32(cost);
    code.raw(0x6b, 0x22); // i32.sub, local.tee
    code.u32(left);
    code.byte(0x24); // global.set fuel
    code.u32(this.#fuelGlobal);
    code.byte(0x20); // local.get
    code.u32(left);
    code.raw(0x41, 0x00, 0x48, 0x04, 0x40, 0x41); // i32.const 0, i32.lt_s, if, i32.const cost
    code.s32(cost);
    code.byte(CALL);
    code.u32(fuelSlow(this.#additions));
    code.byte(END);
  }

  /**
   * Adds `packed` (a frame in the upper half, its slots in the lower) and checks both limits with one mask. A leaf only
   * checks (`counted` false): nobody can look while it runs.
   */
  enterFrame(packed: number, counted: boolean): void {
    const code = this.#code;
    const now = this.#scratch.index(I64);
    code.byte(0x23); // global.get depth
    code.u32(this.#depthGlobal);
    code.byte(0x42); // i64.const
    code.s64Small(packed);
    code.raw(0x7c, 0x22); // i64.add, local.tee
    code.u32(now);
    if (counted) {
      code.byte(0x24); // global.set depth
      code.u32(this.#depthGlobal);
      code.byte(0x20); // local.get
      code.u32(now);
    }
    code.raw(...OVERFLOW_MASK);
    code.raw(0x83, 0x50, 0x45, 0x04, 0x40, 0x20); // i64.and, i64.eqz, i32.eqz, if, local.get
    code.u32(now);
    code.byte(CALL);
    code.u32(stackSlow(this.#additions));
    code.byte(END);
  }

  leaveFrame(packed: number): void {
    const code = this.#code;
    code.byte(0x23); // global.get depth
    code.u32(this.#depthGlobal);
    code.byte(0x42); // i64.const
    code.s64Small(packed);
    code.raw(0x7d, 0x24); // i64.sub, global.set depth
    code.u32(this.#depthGlobal);
  }
}
