// Instructions that may write a variable in its function's frame on the stack in memory: stores at its offset from the frame base, and constants that
// make its address. As compilers write unoptimised code; a guess where a program computes with such a number itself. Pure.
import { behindLocals } from '../wasm/disassembly-index.ts';
import { WasmError } from '../wasm/error.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import { opcodeNamed, opcodeNames } from '../wasm/opcodes.ts';

const CONSTANT = opcodeNamed('i32.const');
const WIDE_CONSTANT = opcodeNamed('i64.const');

const isStore = Uint8Array.from(opcodeNames, (name) => (name?.includes('.store') === true ? 1 : 0));

/** The offsets, ascending, of those instructions of a body ([start, end) of the file) that mention bytes [from, from + size) of the frame. */
export function frameWrites(bytes: Uint8Array, start: number, end: number, from: number, size: number): number[] {
  const found: number[] = [];
  const isIn = (offset: number): boolean => offset >= from && offset < from + size;
  try {
    const reader = new InstructionReader(bytes);
    reader.reset(behindLocals(bytes, start, end), end);
    while (reader.next()) {
      const { opcode } = reader;
      const mentions =
        isStore[opcode] === 1
          ? isIn(reader.memoryOffset)
          : (opcode === CONSTANT || (opcode === WIDE_CONSTANT && reader.high === 0)) && isIn(reader.low);
      if (mentions) found.push(reader.offset);
    }
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
  }
  return found;
}
