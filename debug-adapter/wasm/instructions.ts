// Walks the instructions of one function body or constant expression. One reader is reused for a whole module: its fields
// are overwritten by `next()`, so that walking 700 000 instructions makes no objects. It decodes, it does not validate
// types. (I1)
import { WasmError } from './error.ts';
import { FC_BASE, FD_BASE, Immediate, OPCODE_LIMIT, opcodeBytes, opcodeImmediate, refusedFeature } from './opcodes.ts';
import { isValueType } from './value-types.ts';

/** `blockType` of a block without parameters and results; one result is minus the value type's byte. */
export const BLOCK_EMPTY = -0x40;

/** Decodes instructions; every field describes the instruction that the last `next()` read. Offsets are of the whole file. */
export class InstructionReader {
  readonly bytes: Uint8Array;
  /** Where the walk ends (exclusive). */
  limit = 0;
  /** The instruction's number, as opcodes.ts counts them. */
  opcode = 0;
  /** First byte of the instruction. */
  offset = 0;
  /** First byte after it. */
  end = 0;
  /** The first index: function, local, global, label, type, memory, table, data or element segment; of a copy the destination. */
  index = 0;
  /** The second index: table of a call_indirect, memory of memory.init, table of table.init, source of a copy. */
  index2 = 0;
  /** Type index if not negative; else minus a value type's byte, or BLOCK_EMPTY. */
  blockType = 0;
  /** i32.const, the low half of an i64 or f64, the bits of an f32; signed. */
  low = 0;
  /** The high half of an i64 or f64; signed. */
  high = 0;
  /** Exponent of the alignment of a memory access. */
  align = 0;
  /** Constant part of a memory access's address; exact up to 2^53. */
  memoryOffset = 0;
  /** br_table: labels before the default one (which is `index`). select: value types. */
  count = 0;
  /** First byte of the list of labels or types; of the 16 bytes of a v128.const or shuffle. */
  listStart = 0;
  lane = 0;
  /** The type byte of ref.null. */
  heapType = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Starts a walk over [start, limit). */
  reset(start: number, limit: number): void {
    this.end = start;
    this.limit = limit;
  }

  /** Reads the next instruction; false at the end. Throws WasmError for what is cut short, malformed or refused. */
  next(): boolean {
    const start = this.end;
    if (start >= this.limit) return false;
    this.offset = start;
    const bytes = this.bytes;
    let opcode = bytes[start]!;
    this.end = start + 1;
    if (opcode >= 0xfb) opcode = this.#prefixed(opcode);
    this.opcode = opcode;
    switch (opcodeImmediate[opcode]) {
      case Immediate.None:
        break;
      case Immediate.Label:
      case Immediate.Function:
      case Immediate.Local:
      case Immediate.Global:
      case Immediate.Table:
      case Immediate.Memory:
      case Immediate.Data:
      case Immediate.Element:
        this.index = this.u32();
        break;
      case Immediate.MemoryArgument:
        this.#memoryArgument();
        break;
      case Immediate.I32:
        this.low = this.s32();
        break;
      case Immediate.Block:
        this.blockType = this.#readBlockType();
        break;
      case Immediate.I64:
        this.#s64();
        break;
      case Immediate.LabelTable: {
        this.count = this.u32();
        // Each label takes a byte at least: a count that can't fit is refused before it is walked.
        if (this.count > this.limit - this.end) this.fail('a br_table is longer than its function');
        this.listStart = this.end;
        for (let n = this.count; n > 0; n--) this.u32();
        this.index = this.u32();
        break;
      }
      case Immediate.TypeTable:
      case Immediate.DataMemory:
      case Immediate.MemoryMemory:
      case Immediate.ElementTable:
      case Immediate.TableTable:
        this.index = this.u32();
        this.index2 = this.u32();
        break;
      case Immediate.F32:
        this.low = this.#word();
        break;
      case Immediate.F64:
        this.low = this.#word();
        this.high = this.#word();
        break;
      case Immediate.ValueTypes:
        this.count = this.u32();
        if (this.count > this.limit - this.end) this.fail('a list of types is longer than its function');
        this.listStart = this.end;
        for (let n = this.count; n > 0; n--) {
          const type = this.byte();
          if (!isValueType(type)) this.refuseType('A select', type);
        }
        break;
      case Immediate.HeapType:
        this.heapType = this.byte();
        if (this.heapType !== 0x70 && this.heapType !== 0x6f)
          throw new WasmError(
            'ref.null of a type other than funcref and externref is not supported: typed function references or GC',
            start,
            'typed-function-references',
          );
        break;
      case Immediate.V128:
      case Immediate.Shuffle:
        this.listStart = this.end;
        this.end += 16;
        break;
      case Immediate.Lane:
        this.lane = this.byte();
        break;
      case Immediate.MemoryArgumentLane:
        this.#memoryArgument();
        this.lane = this.byte();
        break;
      default:
        this.#refuse(opcode);
    }
    if (this.end > this.limit) this.fail('the code is cut short in the middle of an instruction');
    return true;
  }

  /** Throws a WasmError at the present instruction. */
  fail(what: string): never {
    throw new WasmError(`The module cannot be read: ${what}`, this.offset);
  }

  /** Throws a WasmError at the present instruction, for a type that wasmi 1.0.3 does not know. */
  refuseType(what: string, type: number): never {
    throw new WasmError(
      `${what} has the type 0x${type.toString(16)}, which is not supported: typed function references, exceptions or GC`,
      this.offset,
      'gc',
    );
  }

  byte(): number {
    if (this.end >= this.limit) this.fail('it is cut short');
    return this.bytes[this.end++]!;
  }

  /** An unsigned LEB128 of at most 32 bits. */
  u32(): number {
    const byte = this.bytes[this.end]!;
    if (byte < 0x80 && this.end < this.limit) {
      this.end++;
      return byte;
    }
    return this.#u32Long();
  }

  #u32Long(): number {
    let result = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result >>> 0;
    }
    const last = this.byte();
    if (last > 0x0f) this.fail('a number has more than 32 bits');
    return (result | (last << 28)) >>> 0;
  }

  /** A signed LEB128 of at most 32 bits. */
  s32(): number {
    const first = this.bytes[this.end]!;
    if (first < 0x80 && this.end < this.limit) {
      this.end++;
      return (first << 25) >> 25;
    }
    let result = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (result << (25 - shift)) >> (25 - shift);
    }
    const last = this.byte();
    if (last > 0x7f || (((last << 25) >> 25) & ~7) !== (last & 8 ? -8 : 0)) this.fail('a number has more than 32 bits');
    return result | (last << 28);
  }

  /** A signed LEB128 of at most 64 bits into `low` and `high`. */
  #s64(): void {
    const first = this.bytes[this.end]!;
    if (first < 0x80 && this.end < this.limit) {
      this.end++;
      this.low = (first << 25) >> 25;
      this.high = this.low >> 31;
      return;
    }
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 63; shift += 7) {
      const byte = this.byte();
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high |= bits >> 4;
      else if (shift > 28) high |= bits << (shift - 32);
      if (byte < 0x80) {
        if (byte & 0x40) {
          const used = shift + 7;
          if (used < 32) {
            low |= -1 << used;
            high = -1;
          } else if (used === 32) high = -1;
          else high |= used - 32 < 32 ? -1 << (used - 32) : 0;
        }
        this.low = low;
        this.high = high;
        return;
      }
    }
    const last = this.byte();
    if (last !== 0 && last !== 0x7f) this.fail('a number has more than 64 bits');
    this.low = low;
    this.high = high | (last << 31);
  }

  /** An unsigned LEB128 of at most 64 bits, as a double. */
  #u64(): number {
    const byte = this.bytes[this.end]!;
    if (byte < 0x80 && this.end < this.limit) {
      this.end++;
      return byte;
    }
    let result = 0;
    let scale = 1;
    for (let n = 0; n < 9; n++) {
      const next = this.byte();
      result += (next & 0x7f) * scale;
      if (next < 0x80) return result;
      scale *= 128;
    }
    const last = this.byte();
    if (last > 1) this.fail('a number has more than 64 bits');
    return result + last * scale;
  }

  #word(): number {
    const at = this.end;
    if (at + 4 > this.limit) this.fail('it is cut short');
    this.end = at + 4;
    const bytes = this.bytes;
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  }

  #memoryArgument(): void {
    const flags = this.u32();
    if (flags < 0x40) {
      this.align = flags;
      this.index = 0;
    } else {
      // Multi-memory: bit 6 of the alignment says that a memory index follows.
      if (flags >= 0x80) this.fail('the alignment of a memory access is malformed');
      this.align = flags & 0x3f;
      this.index = this.u32();
    }
    this.memoryOffset = this.#u64();
  }

  #readBlockType(): number {
    const first = this.bytes[this.end]!;
    if (first < 0x40 && this.end < this.limit) {
      this.end++;
      return first;
    }
    if (first < 0x80) {
      this.end++;
      if (first !== 0x40 && first !== 0x70 && first !== 0x6f && (first < 0x7b || first > 0x7f))
        this.refuseType('A block', first);
      return -first;
    }
    // s33: what does not fit 32 bits would have to be a type index above 2^32, or negative and long-winded.
    let result = 0;
    let scale = 1;
    for (let n = 0; n < 5; n++) {
      const byte = this.byte();
      result += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (byte & 0x40 || result > 0xffffffff) this.fail('the type of a block is malformed');
        return result;
      }
      scale *= 128;
    }
    return this.fail('the type of a block is malformed');
  }

  #prefixed(prefix: number): number {
    const at = this.end;
    if (prefix === 0xfc || prefix === 0xfd) {
      const sub = this.u32();
      const opcode = (prefix === 0xfc ? FC_BASE : FD_BASE) + sub;
      const top = prefix === 0xfc ? FD_BASE : OPCODE_LIMIT;
      if (opcode < top && opcodeImmediate[opcode] !== Immediate.Unknown) return opcode;
      this.#refuseBytes(prefix, sub);
    }
    if (prefix === 0xfe || prefix === 0xfb) {
      this.end = at;
      this.#refuseBytes(prefix, this.u32());
    }
    return this.#refuse(prefix);
  }

  #refuse(opcode: number): never {
    const feature = refusedFeature(opcode, 0);
    if (feature !== undefined) this.#refuseBytes(opcode, 0);
    throw new WasmError(`The instruction ${opcodeBytes(opcode)} is unknown`, this.offset);
  }

  #refuseBytes(prefix: number, sub: number): never {
    const feature = refusedFeature(prefix, sub);
    const shown = prefix >= 0xfb ? `0x${prefix.toString(16)} 0x${sub.toString(16)}` : `0x${prefix.toString(16)}`;
    if (feature === undefined) throw new WasmError(`The instruction ${shown} is unknown`, this.offset);
    throw new WasmError(`The instruction ${shown} belongs to ${feature}, which is not supported`, this.offset, feature);
  }
}
