// A stopped guest's frame as DWARF's expressions ask for it: locals, globals, operands, memory, the frame base. Synchronous; nothing throws.
import type { Machine, Missing } from '../dwarf/location.ts';
import { Unavailable, Vector } from '../expressions/expression.ts';
import type { Slots } from '../expressions/scope.ts';
import type { GuestCode } from './guest-code.ts';
import type { UnwoundFrame } from './unwind.ts';

/** One frame, whose locals are those that `guest` looks at while it is asked. */
export class FrameMachine implements Machine {
  readonly checksCode = true;
  readonly #guest: GuestCode;
  readonly #unwound: () => UnwoundFrame | undefined;
  readonly #stackPointer: number;
  /** Locals or operands were asked for, and were not at hand. */
  lacked = false;

  /** @param stackPointer index of `__stack_pointer`; -1: there is none */
  constructor(guest: GuestCode, unwound: () => UnwoundFrame | undefined, stackPointer: number) {
    this.#guest = guest;
    this.#unwound = unwound;
    this.#stackPointer = stackPointer;
  }

  local(index: number): bigint | Missing {
    return this.#slot(this.#guest.locals, index, `local ${index}`);
  }

  operand(index: number): bigint | Missing {
    const { operands, operandsBelow } = this.#guest;
    const count = operandsBelow + operands.count();
    // they are counted from the bottom here, from the top there
    const fromTop = count - 1 - index;
    if (this.#guest.handed && (index < operandsBelow || fromTop < 0))
      return { reason: `operand ${index} lies under those that can be seen here` };
    return this.#slot(operands, fromTop, `operand ${index}`);
  }

  global(index: number): bigint | Missing {
    return bitsOf(this.#guest.globals.value(index), this.#guest.globals.type(index), `global ${index}`);
  }

  #slot(slots: Slots, index: number, what: string): bigint | Missing {
    if (!this.#guest.handed) {
      this.lacked = true;
      return { reason: `${what} is not at hand here` };
    }
    return bitsOf(slots.value(index), slots.type(index), what);
  }

  memory(address: number, length: number): Uint8Array | Missing {
    const window = this.#guest.memory(0);
    if (window === undefined) return { reason: 'the plugin has no memory' };
    if (!(address >= 0 && length >= 0 && address + length <= window.size))
      return { reason: `0x${Math.max(0, address).toString(16)} lies outside the plugin's memory` };
    return window.bytes.subarray(address - window.base, address - window.base + length);
  }

  frameBase(): number | Missing {
    const { frameBase, reason = 'where the frame lies is not known' } = this.#unwound() ?? {};
    return frameBase ?? { reason: reason.replace(/\.$/, '').replace(/^[A-Z]/, (first) => first.toLowerCase()) };
  }

  stackPointer(): { readonly global: number; readonly value: number } | undefined {
    const value = this.#unwound()?.stackPointer;
    return value === undefined || this.#stackPointer < 0 ? undefined : { global: this.#stackPointer, value };
  }

  entry({ index }: { readonly kind: 'local'; readonly index: number }): bigint | Missing {
    return { reason: `what local ${index} was when the function was called is not kept` };
  }
}

const scratch = new DataView(new ArrayBuffer(8));

function bitsOf(value: unknown, type: string, what: string): bigint | Missing {
  if (value instanceof Unavailable) return { reason: value.reason };
  if (value instanceof Vector) {
    const view = new DataView(value.bytes.buffer, value.bytes.byteOffset, 16);
    return (view.getBigUint64(8, true) << 64n) | view.getBigUint64(0, true);
  }
  if (typeof value === 'bigint') return BigInt.asUintN(64, value);
  if (typeof value !== 'number') return { reason: `there is no ${what} here` };
  switch (type) {
    case 'f32':
      scratch.setFloat32(0, value, true);
      return BigInt(scratch.getUint32(0, true));
    case 'f64':
      scratch.setFloat64(0, value, true);
      return scratch.getBigUint64(0, true);
    default:
      return BigInt.asUintN(type === 'i64' ? 64 : 32, BigInt(value));
  }
}
