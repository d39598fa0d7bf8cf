// The instructions of one charge of fuel, in as few bytes as there can be: V8 inlines by size in bytes, and small functions
// that are not inlined any more cost a debug build more than all charges together. (I3)
import { I32 } from '../wasm/value-types.ts';
import type { ByteWriter } from '../wasm/writer.ts';
import type { Additions } from './additions.ts';
import { callHook } from './hooks.ts';
import { HookSlot } from './plan.ts';

/** More bytes than V8 inlines, whatever its budget. */
const NEVER_INLINED = 512;
const NOP = 0x01;

export class FuelCharge {
  /** Whether to call a helper where the instructions could be written out: for bodies near V8's limit. */
  coarse = false;
  readonly #code: ByteWriter;
  readonly #additions: Additions;
  readonly #global: number;

  /** @param global index of the fuel global */
  constructor(code: ByteWriter, additions: Additions, global: number) {
    this.#code = code;
    this.#additions = additions;
    this.#global = global;
  }

  /** fuel -= cost; if (fuel < 0) $fuel_slow(cost). */
  write(cost: number): void {
    const code = this.#code;
    if (this.coarse) {
      code.byte(0x41);
      code.s32(cost);
      code.byte(0x10);
      code.u32(charge(this.#additions, this.#global));
      return;
    }
    code.byte(0x23); // global.get
    code.u32(this.#global);
    code.byte(0x41); // i32.const
    code.s32(cost);
    code.raw(0x6b, 0x24); // i32.sub, global.set
    code.u32(this.#global);
    // Read again rather than kept in a local: a local takes more bytes, and costs no less time.
    code.byte(0x23);
    code.u32(this.#global);
    code.raw(0x41, 0x00, 0x48, 0x04, 0x40, 0x10); // i32.const 0, i32.lt_s, if, call
    code.u32(this.#slow(cost));
    code.byte(0x0b);
  }

  /** A helper for each cost, so that a charge need not say it twice. */
  #slow(cost: number): number {
    return this.#additions.helper(`fuel slow ${cost}`, [], [], (code) => {
      code.i32(cost).call(fuelSlow(this.#additions));
    });
  }
}

/** Index of `$fuel_slow(cost)`: enters the fuel hook. */
export function fuelSlow(additions: Additions): number {
  return additions.helper('fuel slow', [I32], [], (code) => {
    for (let n = 0; n < NEVER_INLINED; n++) code.code.byte(NOP);
    code.get(0);
    callHook(code, additions, HookSlot.Fuel);
  });
}

/** Index of `$charge(cost)`: takes `cost` (not negative) from the fuel and enters the hook when it is used up. */
export function charge(additions: Additions, fuelGlobal: number): number {
  return additions.helper('charge', [I32], [], (code) => {
    const left = code.local(I32);
    code.globalGet(fuelGlobal).get(0).op('i32.sub').tee(left).globalSet(fuelGlobal);
    code.get(left).i32(0).op('i32.lt_s').if().get(0).call(fuelSlow(additions)).op('end');
  });
}
