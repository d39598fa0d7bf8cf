// What the moment global lacks, or has too much, where control stands amid a block: at a trap, which no site announces. (I2)
import { InstructionReader } from '../wasm/instructions.ts';
import type { WasmModule } from '../wasm/module.ts';
import { OperandTypes } from '../wasm/operand-types.ts';
import { MomentBlocks } from './moment-blocks.ts';

/**
 * Instructions to add to the moment global, so that it is the moment right before the instruction at `offset` (in the original file) of
 * defined function `n`. -1 where that instruction ends its block: it is charged already while it is executed.
 */
export function unchargedAt(module: WasmModule, n: number, offset: number): number {
  const types = new OperandTypes(module);
  types.begin(n);
  const reader = new InstructionReader(module.bytes);
  reader.reset(types.codeStart, types.codeEnd);
  const blocks = new MomentBlocks();
  blocks.begin();
  while (reader.next()) {
    const { pending } = blocks;
    const charged = blocks.take(reader) > 0;
    if (reader.offset >= offset) return charged ? -1 : pending;
  }
  return 0;
}
