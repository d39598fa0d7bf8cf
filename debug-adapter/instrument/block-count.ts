// The instructions that count the runs of a straight-line block, in a memory of ours. (I2)
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

export class BlockCount {
  /** Whether to call a helper where the instructions could be written out: for bodies near V8's limit. */
  coarse = false;
  readonly #code: ByteWriter;
  readonly #additions: Additions;
  readonly #counts: number;
  #offset = new Uint32Array(1024);
  #length = new Uint32Array(1024);
  #count = 0;

  /** @param counts index of the memory of counts */
  constructor(code: ByteWriter, additions: Additions, counts: number) {
    this.#code = code;
    this.#additions = additions;
    this.#counts = counts;
  }

  get count(): number {
    return this.#count;
  }

  /** Forgets the blocks after the first `count`: a body is woven again. */
  truncate(count: number): void {
    this.#count = count;
  }

  /** counts[block] += 1, for the block that ends with the instruction at `offset` and has so many. */
  write(offset: number, instructions: number): void {
    const row = this.#count++;
    if (row === this.#offset.length) {
      this.#offset = doubled(this.#offset);
      this.#length = doubled(this.#length);
    }
    this.#offset[row] = offset;
    this.#length[row] = instructions;
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
