// Weaves in, behind each instruction that stores into the watched memory, a look whether it stored into the watched range. The range lies in
// two globals, so that it can be changed while the guest runs. (R1, S1)
import type { InstructionReader } from '../wasm/instructions.ts';
import { OPCODE_LIMIT, opcodeNames } from '../wasm/opcodes.ts';
import { F32, F64, I32, I64, V128 } from '../wasm/value-types.ts';
import type { ByteWriter } from '../wasm/writer.ts';
import { Action } from './actions.ts';
import type { Additions } from './additions.ts';
import type { Assembler } from './assembler.ts';
import { callHook } from './hooks.ts';
import { HookSlot } from './plan.ts';
import type { ScratchLocals } from './scratch-locals.ts';

/** Bytes that an instruction stores; 0 for all that are no stores. */
const storedBytes = new Uint8Array(OPCODE_LIMIT);
const storedType = new Uint8Array(OPCODE_LIMIT);
const TYPES: Readonly<Record<string, number>> = { i32: I32, i64: I64, f32: F32, f64: F64, v128: V128 };
const WIDTHS: Readonly<Record<string, number>> = { i32: 4, i64: 8, f32: 4, f64: 8, v128: 16 };
for (const [opcode, name] of opcodeNames.entries()) {
  const match = /^(i32|i64|f32|f64|v128)\.store(\d*)(?:_lane)?$/.exec(name);
  if (match === null) continue;
  const [, type = '', bits = ''] = match;
  storedBytes[opcode] = bits === '' ? WIDTHS[type]! : Number(bits) / 8;
  storedType[opcode] = TYPES[type]!;
}

/** i64.extend_i32_u */
const EXTEND = 0xad;

export class StoreWatch {
  readonly #memory: number;
  readonly #is64: boolean;
  readonly #code: ByteWriter;
  readonly #additions: Additions;
  readonly #scratch: ScratchLocals;
  readonly #from: number;

  /** @param memory that is watched @param from index of the global that holds the range's first address; the next one holds its length */
  constructor(memory: number, code: ByteWriter, additions: Additions, scratch: ScratchLocals, from: number) {
    this.#memory = memory;
    this.#is64 = additions.module.memories[memory]?.is64 ?? false;
    this.#code = code;
    this.#additions = additions;
    this.#scratch = scratch;
    this.#from = from;
  }

  /** Whether the instruction that was read is a store of this memory. */
  stores(reader: InstructionReader): boolean {
    return storedBytes[reader.opcode] !== 0 && reader.index === this.#memory;
  }

  /** Whether the bulk operation that was read stores into this memory. */
  storesInBulk(reader: InstructionReader, action: number): boolean {
    switch (action) {
      case Action.MemoryFill:
      case Action.MemoryCopy:
        return reader.index === this.#memory;
      case Action.MemoryInit:
        return reader.index2 === this.#memory;
      default:
        return false;
    }
  }

  /** Before the store: keeps its address and gives everything back. */
  before(reader: InstructionReader): void {
    const code = this.#code;
    const value = this.#scratch.index(storedType[reader.opcode]!, 1);
    const address = this.#scratch.index(this.#is64 ? I64 : I32);
    code.byte(0x21);
    code.u32(value);
    code.byte(0x22);
    code.u32(address);
    code.byte(0x20);
    code.u32(value);
  }

  /** After it. What did not trap has an address that can't overflow. */
  after(reader: InstructionReader, site: number): void {
    const code = this.#code;
    code.byte(0x20);
    code.u32(this.#scratch.index(this.#is64 ? I64 : I32));
    if (!this.#is64) code.byte(EXTEND);
    code.byte(0x42);
    code.s64(BigInt(reader.memoryOffset));
    code.raw(0x7c, 0x41);
    code.s32(site);
    code.byte(0x10);
    code.u32(this.#told(storedBytes[reader.opcode]!));
  }

  /** Index of the function that does the bulk operation by `helper` (-1: by itself), and looks afterwards. Its last parameter is the site. */
  bulk(reader: InstructionReader, action: number, helper: number): number {
    const { index, index2, opcode } = reader;
    const { module } = this.#additions;
    const wide = this.#is64 ? I64 : I32;
    const sourceIs64 = action === Action.MemoryCopy && (module.memories[index2]?.is64 ?? false);
    const second = action === Action.MemoryCopy ? (sourceIs64 ? I64 : I32) : I32;
    const count = action === Action.MemoryInit ? I32 : action === Action.MemoryCopy && !sourceIs64 ? I32 : wide;
    return this.#additions.helper(
      `watched ${opcode} ${index} ${index2}`,
      [wide, second, count, I32],
      [],
      (code: Assembler) => {
        code.get(0).get(1).get(2);
        if (helper >= 0) code.call(helper);
        else if (action === Action.MemoryFill) code.emit([0xfc, 11], index);
        else code.emit([0xfc, action === Action.MemoryCopy ? 10 : 8], index, index2);
        const extended = (local: number, type: number) => {
          code.get(local);
          if (type === I32) code.op('i64.extend_i32_u');
        };
        const length = code.local(I64);
        extended(2, count);
        code.tee(length).op('i64.eqz').if().op('return', 'end');
        extended(0, wide);
        code.get(length).get(3).call(this.#toldOf());
      },
    );
  }

  /** Index of the function that takes an address and a site, for stores of `bytes`. */
  #told(bytes: number): number {
    return this.#additions.helper(`stored ${bytes}`, [I64, I32], [], (code) => {
      // [a, a + bytes) meets [from, from + length): a - from + bytes - 1 < length + bytes - 1, unsigned
      code
        .get(0)
        .globalGet(this.#from)
        .op('i64.sub')
        .i64(bytes - 1)
        .op('i64.add');
      code
        .globalGet(this.#from + 1)
        .i64(bytes - 1)
        .op('i64.add', 'i64.lt_u')
        .if();
      code.get(0).i64(bytes).get(1).call(this.#toldOf()).op('end');
    });
  }

  /** Index of the function that takes an address, a length and a site, and enters the hook when the range is met. */
  #toldOf(): number {
    return this.#additions.helper('stored', [I64, I64, I32], [], (code) => {
      code.get(0).globalGet(this.#from).op('i64.sub').get(1).op('i64.add').i64(1).op('i64.sub');
      code
        .globalGet(this.#from + 1)
        .get(1)
        .op('i64.add')
        .i64(1)
        .op('i64.sub', 'i64.lt_u')
        .if();
      code.get(2).get(0).op('f64.convert_i64_u').get(1).op('f64.convert_i64_u');
      callHook(code, this.#additions, HookSlot.Stored);
      code.op('end');
    });
  }
}
