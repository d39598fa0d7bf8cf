// Where instructions begin in one function, and its blocks: one walk over its code, kept as columns, so that any fifty rows of a
// body of five megabytes are found without printing the rest. No text.
import { ByteReader } from './byte-reader.ts';
import { WasmError } from './error.ts';
import { grown } from './grown.ts';
import { InstructionReader } from './instructions.ts';
import type { WasmModule } from './module.ts';
import { Flow, opcodeFlow } from './opcodes.ts';

/** Instructions from one checkpoint to the next. */
export const STRIDE = 64;

/** The blocks of a function by the order of their openers: `block`, `loop`, `if`. -1 stands for the function itself. */
export interface FunctionCode {
  readonly definedFunction: number;
  /** Offset of the first instruction; after the local declarations. */
  readonly start: number;
  readonly end: number;
  /** Instructions, or rows: what can't be read is one more at the end. */
  readonly count: number;
  /** Why the code can't be read from `brokenAt` on; '' if it can. */
  readonly broken: string;
  readonly brokenAt: number;
  /** Every 64th instruction: its offset, the innermost block before it, the blocks opened before it. */
  readonly checkpointOffset: Uint32Array;
  readonly checkpointBlock: Int32Array;
  readonly checkpointOpened: Uint32Array;
  /** Opcode of each block's opener. */
  readonly blockOpcode: Uint8Array;
  readonly blockParent: Int32Array;
  /** Offset of the block's first instruction. */
  readonly blockBody: Uint32Array;
  /** Offset of the first instruction of the else arm; 0 without one. */
  readonly blockElse: Uint32Array;
  /** Offset of the instruction that follows the block's `end`. */
  readonly blockAfter: Uint32Array;
}

/** Numbers that are appended; as an array of their own in the end. */
class Column<T extends Uint8Array | Uint32Array | Int32Array> {
  values: T;
  readonly #make: (length: number) => T;
  length = 0;

  constructor(make: (length: number) => T) {
    this.#make = make;
    this.values = make(16);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      this.values = grown(this.values);
    }
    this.values[this.length++] = value;
  }

  done(): T {
    const exact = this.#make(this.length);
    exact.set(this.values.subarray(0, this.length));
    return exact;
  }
}

const bytes = () => new Column((length) => new Uint8Array(length));
const unsigned = () => new Column((length) => new Uint32Array(length));
const signed = () => new Column((length) => new Int32Array(length));

/** Offset of a function's first instruction: behind its local declarations. @throws WasmError where those are malformed. */
export function codeStart(module: WasmModule, definedFunction: number): number {
  return behindLocals(module.bytes, module.bodyStart[definedFunction]!, module.bodyEnd[definedFunction]!);
}

/** The same of a body at [start, end) of the file. @throws WasmError */
export function behindLocals(bytes: Uint8Array, start: number, end: number): number {
  const reader = new ByteReader(bytes, start, end);
  for (let groups = reader.u32(); groups > 0; groups--) {
    reader.u32();
    reader.byte();
  }
  return reader.position;
}

/** Walks a function's code once. Does not throw: what can't be read is said in `broken`. */
export function indexCode(module: WasmModule, definedFunction: number): FunctionCode {
  const end = module.bodyEnd[definedFunction]!;
  let start = module.bodyStart[definedFunction]!;
  let count = 0;
  let broken = '';
  let brokenAt = end;
  const checkpointOffset = unsigned();
  const checkpointBlock = signed();
  const checkpointOpened = unsigned();
  const blockOpcode = bytes();
  const blockParent = signed();
  const blockBody = unsigned();
  const blockElse = unsigned();
  const blockAfter = unsigned();
  const reader = new InstructionReader(module.bytes);
  let block = -1;
  try {
    start = codeStart(module, definedFunction);
    reader.reset(start, end);
    for (; ; count++) {
      // Where the walk breaks off there is a row too, so it may have a checkpoint.
      if (count % STRIDE === 0 && reader.end < end) {
        checkpointOffset.push(reader.end);
        checkpointBlock.push(block);
        checkpointOpened.push(blockOpcode.length);
      }
      if (!reader.next()) break;
      switch (opcodeFlow[reader.opcode]) {
        case Flow.Block:
        case Flow.Loop:
        case Flow.If:
          blockOpcode.push(reader.opcode);
          blockParent.push(block);
          blockBody.push(reader.end);
          blockElse.push(0);
          blockAfter.push(end);
          block = blockOpcode.length - 1;
          break;
        case Flow.Else:
          if (block < 0) reader.fail('an else has no if');
          blockElse.values[block] = reader.end;
          break;
        case Flow.End:
          if (block < 0) {
            if (reader.end !== end) reader.fail('a function goes on after its end');
            break;
          }
          blockAfter.values[block] = reader.end;
          block = blockParent.values[block]!;
          break;
      }
    }
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    broken = error.message;
    brokenAt = count === 0 ? start : reader.offset;
    if (count === 0 && checkpointOffset.length === 0) {
      checkpointOffset.push(start);
      checkpointBlock.push(-1);
      checkpointOpened.push(0);
    }
    count++;
  }
  return {
    definedFunction,
    start,
    end,
    count,
    broken,
    brokenAt,
    checkpointOffset: checkpointOffset.done(),
    checkpointBlock: checkpointBlock.done(),
    checkpointOpened: checkpointOpened.done(),
    blockOpcode: blockOpcode.done(),
    blockParent: blockParent.done(),
    blockBody: blockBody.done(),
    blockElse: blockElse.done(),
    blockAfter: blockAfter.done(),
  };
}
