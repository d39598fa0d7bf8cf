// Writes the bodies of the few helper functions that the pass appends, and of the hook module. Not used on the guest's code.
import { ByteWriter } from '../wasm/writer.ts';

/** A single-byte instruction without immediates, by its WAT name. */
const PLAIN = {
  unreachable: 0x00,
  else: 0x05,
  end: 0x0b,
  return: 0x0f,
  'i32.eqz': 0x45,
  'i32.lt_s': 0x48,
  'i32.add': 0x6a,
  'i32.sub': 0x6b,
  'i32.or': 0x72,
  'i32.wrap_i64': 0xa7,
  'i64.eqz': 0x50,
  'i64.ne': 0x52,
  'i64.lt_s': 0x53,
  'i64.lt_u': 0x54,
  'i64.gt_u': 0x56,
  'i64.le_u': 0x58,
  'i64.add': 0x7c,
  'i64.sub': 0x7d,
  'i64.mul': 0x7e,
  'i64.div_u': 0x80,
  'i64.and': 0x83,
  'i64.shl': 0x86,
  'i64.shr_u': 0x88,
  'i64.extend_i32_s': 0xac,
  'i64.extend_i32_u': 0xad,
  'f64.convert_i32_s': 0xb7,
  'f64.convert_i32_u': 0xb8,
  'f64.convert_i64_s': 0xb9,
  'f64.convert_i64_u': 0xba,
} as const;

/** Assembles one function: locals first (`local`), then instructions; `body()` is what the code section holds. */
export class Assembler {
  readonly code = new ByteWriter(128);
  #parameters: number;
  readonly #locals: number[] = [];

  constructor(parameters: number) {
    this.#parameters = parameters;
  }

  /** Begins another function: what was assembled is forgotten. */
  begin(parameters: number): void {
    this.code.length = 0;
    this.#parameters = parameters;
    this.#locals.length = 0;
  }

  /** A further local of this type; answers its index. */
  local(type: number): number {
    return this.#parameters + this.#locals.push(type) - 1;
  }

  op(...names: (keyof typeof PLAIN)[]): this {
    for (const name of names) this.code.byte(PLAIN[name]);
    return this;
  }

  /** Any instruction: opcode bytes, then unsigned immediates. */
  emit(bytes: readonly number[], ...immediates: number[]): this {
    this.code.raw(...bytes);
    for (const immediate of immediates) this.code.u32(immediate);
    return this;
  }

  i32(value: number): this {
    this.code.byte(0x41);
    this.code.s32(value);
    return this;
  }

  i64(value: number | bigint): this {
    this.code.byte(0x42);
    this.code.s64(BigInt(value));
    return this;
  }

  get(local: number): this {
    return this.emit([0x20], local);
  }

  set(local: number): this {
    return this.emit([0x21], local);
  }

  tee(local: number): this {
    return this.emit([0x22], local);
  }

  globalGet(index: number): this {
    return this.emit([0x23], index);
  }

  globalSet(index: number): this {
    return this.emit([0x24], index);
  }

  call(index: number): this {
    return this.emit([0x10], index);
  }

  callIndirect(type: number, table: number): this {
    return this.emit([0x11], type, table);
  }

  /** `if` without parameters; `result` is a value type's byte. */
  if(result = 0x40): this {
    this.code.raw(0x04, result);
    return this;
  }

  loop(): this {
    this.code.raw(0x03, 0x40);
    return this;
  }

  branchIf(label: number): this {
    return this.emit([0x0d], label);
  }

  /** Local declarations, instructions, `end`; without the size in front. */
  body(): Uint8Array {
    const out = new ByteWriter(this.code.length + 32);
    out.u32(this.#locals.length);
    for (const type of this.#locals) out.raw(1, type);
    out.append(this.code.bytes());
    out.byte(0x0b);
    return out.bytes();
  }
}
