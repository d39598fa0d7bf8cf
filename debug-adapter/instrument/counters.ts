// The counters of fuel and moments, and the woven instructions that move both: in one word where both are counted, so that a charge is one
// addition, and in as few bytes as there can be, because V8 inlines by size in bytes. (I2, I3)
import { I32, I64 } from '../wasm/value-types.ts';
import type { ByteWriter } from '../wasm/writer.ts';
import type { Additions } from './additions.ts';
import type { Assembler } from './assembler.ts';
import { callHook } from './hooks.ts';
import { HookSlot } from './plan.ts';
import type { ScratchLocals } from './scratch-locals.ts';

/** More bytes than V8 inlines, whatever its budget. */
const NEVER_INLINED = 512;
const NOP = 0x01;
const IF = 0x04;
const EMPTY = 0x40;
const END = 0x0b;
const CALL = 0x10;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const GLOBAL_GET = 0x23;
const GLOBAL_SET = 0x24;
const I32_CONST = 0x41;
const I64_CONST = 0x42;
const I32_LT_S = 0x48;
const I64_LT_S = 0x53;
const I32_SUB = 0x6b;
const I64_ADD = 0x7c;

/**
 * The packed word: fuel in the upper bits, signed; in the lower ones the moments since they were last moved to a global of their own. Fuel is
 * dealt out in chunks of at most 2^17, each charge is 1 at least, and pays for at most LONG_BODY instructions: together they fit.
 */
const MOMENT_BITS = 34;
const MOMENT_MASK = (1n << BigInt(MOMENT_BITS)) - 1n;
const FUEL_UNIT = 2 ** MOMENT_BITS;
/** Instructions ahead up to which they and a cost are a key together: a cost is below 2^31, and a double holds 2^53. */
const MOST_AHEAD = 2 ** 22;
/** Bodies of more bytes move the moments at every charge of fuel. */
const LONG_BODY = 1 << 17;

/** The globals, by index. */
export interface CounterGlobals {
  /** i32 fuel, or the packed word where moments are counted too; -1 without fuel. */
  readonly fuel: number;
  /** i64: the moments, or those that the packed word does not hold; -1 without moments. */
  readonly moment: number;
}

function isPacked({ fuel, moment }: CounterGlobals): boolean {
  return fuel >= 0 && moment >= 0;
}

/** The names of the counters' exports. */
interface CounterExports {
  readonly fuel: string | null;
  readonly moment: string | null;
}

function globalOf<T>(exports: WebAssembly.Exports, name: string | null): T | undefined {
  const found = exports[name ?? ''];
  return found instanceof WebAssembly.Global ? (found as T) : undefined;
}

/** The fuel of an instance, to be read and set (up to 2^17); undefined without charges. */
export function fuelOf(exports: WebAssembly.Exports, names: CounterExports): { value: number } | undefined {
  if (names.moment === null) return globalOf(exports, names.fuel);
  const word = globalOf<{ value: bigint }>(exports, names.fuel);
  if (word === undefined) return undefined;
  return {
    get value() {
      return Number(word.value >> BigInt(MOMENT_BITS));
    },
    set value(fuel) {
      word.value = (BigInt(fuel) << BigInt(MOMENT_BITS)) | (word.value & MOMENT_MASK);
    },
  };
}

/** The instructions that an instance has passed, as far as they are charged; undefined without moments. */
export function momentsOf(exports: WebAssembly.Exports, names: CounterExports): { readonly value: number } | undefined {
  const moved = globalOf<{ value: bigint }>(exports, names.moment);
  if (moved === undefined) return undefined;
  const word = globalOf<{ value: bigint }>(exports, names.fuel);
  return {
    get value() {
      return Number(moved.value + (word === undefined ? 0n : word.value & MOMENT_MASK));
    },
  };
}

export class CounterCharge {
  readonly #code: ByteWriter;
  readonly #additions: Additions;
  readonly #globals: CounterGlobals;
  readonly #scratch: ScratchLocals;
  readonly #packed: boolean;
  /** The helpers of `#slow`, by what they are told. */
  readonly #slowHelpers = new Map<number, number>();
  /** Whether to call a helper where the instructions could be written out: for bodies near V8's limit. */
  #coarse = false;
  /** The same for charges of fuel alone, for long bodies. */
  #long = false;
  /** Whether a local of the body always holds what the global does. */
  #cached = false;

  constructor(code: ByteWriter, additions: Additions, globals: CounterGlobals, scratch: ScratchLocals) {
    this.#code = code;
    this.#additions = additions;
    this.#globals = globals;
    this.#scratch = scratch;
    this.#packed = isPacked(globals);
  }

  /** Begins a body of so many bytes. */
  begin(bytes: number, coarse: boolean, loops: boolean): void {
    this.#coarse = coarse;
    this.#long = this.#packed && bytes > LONG_BODY;
    // V8 forgets what it knows of a global at every loop and wherever ways meet, of a local it does not. The global is written all the
    // same: a trap leaves nothing else behind.
    this.#cached = loops && this.#packed && !coarse && !this.#long;
  }

  /** After what may have changed the global. */
  reload(): void {
    if (!this.#cached) return;
    this.#code.byte(GLOBAL_GET);
    this.#code.u32(this.#globals.fuel);
    this.#code.byte(LOCAL_SET);
    this.#code.u32(this.#local());
  }

  #local(): number {
    return this.#scratch.index(this.#packed ? I64 : I32, 2);
  }

  /** Pushes the word. @param anew the local does not hold it yet, or no more */
  #get(global: number, anew: boolean): void {
    const kept = this.#cached && !anew;
    this.#code.byte(kept ? LOCAL_GET : GLOBAL_GET);
    this.#code.u32(kept ? this.#local() : global);
  }

  /** moments += amount. @param anew the global may have been changed since the last charge */
  move(amount: number, anew = false): void {
    const code = this.#code;
    const global = this.#packed ? this.#globals.fuel : this.#globals.moment;
    if (this.#coarse) {
      code.byte(I32_CONST);
      code.s32(amount);
      code.byte(CALL);
      code.u32(
        this.#additions.helper('moments', [I32], [], (helper) => {
          helper.globalGet(global).get(0).op('i64.extend_i32_s', 'i64.add').globalSet(global);
        }),
      );
      return;
    }
    this.#get(global, anew);
    code.byte(I64_CONST);
    code.s32(amount);
    code.byte(I64_ADD);
    if (this.#cached) {
      code.byte(LOCAL_TEE);
      code.u32(this.#local());
    }
    code.byte(GLOBAL_SET);
    code.u32(global);
  }

  /**
   * fuel -= cost; moments += amount; if (fuel < 0) $fuel_slow(cost). In the hook the moments have to be exact: `ahead` is how far they are
   * ahead there, the amount included.
   */
  charge(cost: number, amount: number, ahead: number, anew = false): void {
    const code = this.#code;
    const { fuel } = this.#globals;
    if (this.#coarse || this.#long) {
      code.byte(I32_CONST);
      code.s32(cost);
      code.byte(CALL);
      code.u32(charge(this.#additions, this.#globals));
      if (amount !== 0) this.move(amount);
      return;
    }
    const local = this.#local();
    this.#get(fuel, anew);
    if (this.#packed) {
      code.byte(I64_CONST);
      signed(code, amount - cost * FUEL_UNIT);
      code.byte(I64_ADD);
    } else {
      code.byte(I32_CONST);
      code.s32(cost);
      code.byte(I32_SUB);
    }
    code.byte(LOCAL_TEE);
    code.u32(local);
    if (this.#packed) code.raw(I64_CONST, 0, I64_LT_S);
    else code.raw(I32_CONST, 0, I32_LT_S);
    code.raw(IF, EMPTY, LOCAL_GET);
    code.u32(local);
    code.byte(CALL);
    code.u32(this.#slow(cost, this.#packed ? ahead : 0));
    code.byte(LOCAL_SET);
    code.u32(local);
    code.byte(END);
    // Written here for both ways: so V8 knows the global where they have met, and the next charge need not load it.
    code.byte(LOCAL_GET);
    code.u32(local);
    code.byte(GLOBAL_SET);
    code.u32(fuel);
  }

  /** Index of a helper for each cost, so that a charge need not say it twice. Takes the word and gives it back. */
  #slow(cost: number, ahead: number): number {
    const key = cost * MOST_AHEAD + ahead;
    const known = ahead < MOST_AHEAD ? this.#slowHelpers.get(key) : undefined;
    if (known !== undefined) return known;
    const helper = this.#slowHelper(cost, ahead);
    if (ahead < MOST_AHEAD) this.#slowHelpers.set(key, helper);
    return helper;
  }

  #slowHelper(cost: number, ahead: number): number {
    const type = this.#packed ? I64 : I32;
    return this.#additions.helper(`fuel slow ${cost} ${ahead}`, [type], [type], (code) => {
      const { fuel } = this.#globals;
      code.get(0).globalSet(fuel).i32(cost).i32(ahead).call(fuelSlow(this.#additions, this.#globals)).globalGet(fuel);
    });
  }
}

/** Index of `$fuel_slow(cost, ahead)`: enters the fuel hook, with the moments as they are without those that are ahead. */
function fuelSlow(additions: Additions, globals: CounterGlobals): number {
  return additions.helper('fuel slow', [I32, I32], [], (code) => {
    const { fuel, moment } = globals;
    for (let n = 0; n < NEVER_INLINED; n++) code.code.byte(NOP);
    if (!isPacked(globals)) {
      code.get(0);
      callHook(code, additions, HookSlot.Fuel);
      return;
    }
    code.globalGet(fuel).get(1).op('i64.extend_i32_s', 'i64.sub').globalSet(fuel);
    moveMoments(code, fuel, moment);
    code.get(0);
    callHook(code, additions, HookSlot.Fuel);
    code.globalGet(fuel).get(1).op('i64.extend_i32_s', 'i64.add').globalSet(fuel);
  });
}

/** The moments of the packed word go to their own global. */
function moveMoments(code: Assembler, fuel: number, moment: number): void {
  code.globalGet(moment).globalGet(fuel).i64(MOMENT_MASK).op('i64.and', 'i64.add').globalSet(moment);
  code.globalGet(fuel).i64(~MOMENT_MASK).op('i64.and').globalSet(fuel);
}

/** Index of `$charge(cost)`: takes `cost` (not negative) from the fuel and enters the hook when it is used up. The moments have to be exact. */
export function charge(additions: Additions, globals: CounterGlobals): number {
  return additions.helper('charge', [I32], [], (code) => {
    const { fuel, moment } = globals;
    if (isPacked(globals)) {
      moveMoments(code, fuel, moment);
      const left = code.local(I64);
      code.globalGet(fuel).get(0).op('i64.extend_i32_u').i64(MOMENT_BITS).op('i64.shl', 'i64.sub').tee(left);
      code.globalSet(fuel).get(left).i64(0).op('i64.lt_s');
    } else {
      const left = code.local(I32);
      code.globalGet(fuel).get(0).op('i32.sub').tee(left).globalSet(fuel);
      code.get(left).i32(0).op('i32.lt_s');
    }
    code.if().get(0).i32(0).call(fuelSlow(additions, globals)).op('end');
  });
}

/** Signed LEB128 of a whole number that a double holds. */
function signed(code: ByteWriter, value: number): void {
  let rest = value;
  for (;;) {
    const bits = ((rest % 0x80) + 0x80) % 0x80;
    rest = (rest - bits) / 0x80;
    if ((rest === 0 && bits < 0x40) || (rest === -1 && bits >= 0x40)) {
      code.byte(bits);
      return;
    }
    code.byte(bits | 0x80);
  }
}
