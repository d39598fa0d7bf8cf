// The instructions that charge a straight-line block to the moment, in few bytes, and count its runs where that is asked for. (I2)
import { I32 } from '../wasm/value-types.ts';
import type { ByteWriter } from '../wasm/writer.ts';
import type { Additions } from './additions.ts';

/** Blocks in the order of the code: plain columns that can be posted to another thread. */
export interface BlockColumns {
  /** Byte offset in the original file of the block's last instruction. */
  readonly offset: Uint32Array;
  /** How many instructions it has. */
  readonly length: Uint32Array;
}

export class MomentCharge {
  /** Whether to call a helper where the instructions could be written out: for bodies near V8's limit. */
  coarse = false;
  readonly #code: ByteWriter;
  readonly #additions: Additions;
  readonly #global: number;
  readonly #counts: number;
  #offset = new Uint32Array(1024);
  #length = new Uint32Array(1024);
  #count = 0;

  /** @param global index of the moment global @param counts index of the memory of counts; -1: nothing is counted */
  constructor(code: ByteWriter, additions: Additions, global: number, counts: number) {
    this.#code = code;
    this.#additions = additions;
    this.#global = global;
    this.#counts = counts;
  }

  get count(): number {
    return this.#count;
  }

  /** Forgets the blocks after the first `count`: a body is woven again. */
  truncate(count: number): void {
    this.#count = count;
  }

  /** moment += passed; the block ends with the instruction at `offset`. */
  write(offset: number, passed: number): void {
    const code = this.#code;
    if (this.coarse) {
      code.byte(0x41);
      code.s32(passed);
      code.byte(0x10);
      code.u32(this.#helper());
    } else {
      code.byte(0x23); // global.get
      code.u32(this.#global);
      code.byte(0x42); // i64.const
      code.s64Small(passed);
      code.raw(0x7c, 0x24); // i64.add, global.set
      code.u32(this.#global);
    }
    if (this.#counts >= 0) this.#countRun(offset, passed);
  }

  #helper(): number {
    return this.#additions.helper('moments', [I32], [], (code) => {
      code.globalGet(this.#global).get(0).op('i64.extend_i32_u', 'i64.add').globalSet(this.#global);
    });
  }

  /** counts[block] += 1 */
  #countRun(offset: number, passed: number): void {
    const row = this.#count++;
    if (row === this.#offset.length) {
      this.#offset = doubled(this.#offset);
      this.#length = doubled(this.#length);
    }
    this.#offset[row] = offset;
    this.#length[row] = passed;
    const code = this.#code;
    const access = (opcode: number) => {
      code.raw(opcode, 0x43); // aligned to 8 bytes, in another memory than 0
      code.u32(this.#counts);
      code.u32(row * 8);
    };
    if (this.coarse) {
      code.byte(0x41);
      code.s32(row * 8);
      code.byte(0x10);
      code.u32(
        this.#additions.helper('count', [I32], [], (helper) => {
          const memory = [0x43, this.#counts, 0];
          helper.get(0).get(0);
          helper
            .emit([0x29], ...memory)
            .i64(1)
            .op('i64.add');
          helper.emit([0x37], ...memory);
        }),
      );
      return;
    }
    code.raw(0x41, 0, 0x41, 0);
    access(0x29); // i64.load
    code.raw(0x42, 1, 0x7c); // i64.const 1, i64.add
    access(0x37); // i64.store
  }

  columns(): BlockColumns {
    return { offset: this.#offset.slice(0, this.#count), length: this.#length.slice(0, this.#count) };
  }
}

function doubled(column: Uint32Array): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(column.length * 2);
  more.set(column);
  return more;
}
