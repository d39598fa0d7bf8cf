// What the moments that are charged lack, or have too much, where control stands amid a chain: at a trap, which no site announces. (I2)
import { InstructionReader } from '../wasm/instructions.ts';
import type { WasmModule } from '../wasm/module.ts';
import { OperandTypes } from '../wasm/operand-types.ts';
import { MomentChains } from './moment-chains.ts';

/**
 * Instructions to add to the moments that are charged, so that it is the moment right before the instruction at `offset` (in the original
 * file) of defined function `n`: 0 or less.
 */
export function unchargedAt(module: WasmModule, n: number, offset: number): number {
  const types = new OperandTypes(module);
  types.begin(n);
  const { codeStart, codeEnd } = types;
  const chains = new MomentChains(module);
  chains.scan(n, codeStart);
  let chain = chains.chains - 1;
  while (chain > 0 && chains.start[chain]! > offset) chain--;
  const reader = new InstructionReader(module.bytes);
  reader.reset(chains.start[chain]!, codeEnd);
  let ahead = chains.length[chain]!;
  while (ahead > 0 && reader.next() && reader.offset < offset) ahead--;
  return 0 - ahead;
}
