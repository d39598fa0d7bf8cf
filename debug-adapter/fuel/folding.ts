// Which instructions wasmi folds away, decided over the operand stack: all operands constant, shifts by nothing, divisions
// by a constant zero, selects with a constant condition. (src/engine/translator/func/mod.rs)
import type { InstructionReader } from '../wasm/instructions.ts';
import type { WasmModule } from '../wasm/module.ts';
import { OPCODE_LIMIT, opcodeNamed } from '../wasm/opcodes.ts';
import { Folded, foldBinary, foldedHigh, foldedLow, foldUnary } from './constants.ts';
import { Operand, type Operands } from './operands.ts';

/** What became of an instruction. */
export const Outcome = {
  /** It is emitted. */
  Emitted: 0,
  /** Its result is on the stack already, at no cost. */
  Gone: 1,
  /** It is replaced by a trap; nothing after it is reached. */
  Trap: 2,
  /** Its result is on the stack; it cost a copy. */
  Copied: 3,
} as const;

const Group = { None: 0, Plain: 1, Division: 2, Shift32: 3, Shift64: 4, Access: 5, IsNull: 6 } as const;

const group = new Uint8Array(OPCODE_LIMIT);
const range = (first: string, last: string, of: number) => {
  for (let opcode = opcodeNamed(first); opcode <= opcodeNamed(last); opcode++) group[opcode] = of;
};
range('i32.load', 'i64.store32', Group.Access);
range('i32.eqz', 'i64.extend32_s', Group.Plain);
range('i32.trunc_sat_f32_s', 'i64.trunc_sat_f64_u', Group.Plain);
for (const type of ['i32', 'i64']) range(`${type}.div_s`, `${type}.rem_u`, Group.Division);
range('i32.shl', 'i32.rotr', Group.Shift32);
range('i64.shl', 'i64.rotr', Group.Shift64);
group[opcodeNamed('ref.is_null')] = Group.IsNull;

const I64_EQZ = opcodeNamed('i64.eqz');

/** Folds the instruction that `reader` is at, if wasmi does; takes `pops` operands then. */
export function fold(reader: InstructionReader, module: WasmModule, operands: Operands, pops: number): number {
  const { opcode } = reader;
  const kind = group[opcode]!;
  if (kind === Group.None) return Outcome.Emitted;
  if (kind === Group.Access) {
    const address = operands.height - pops;
    if (!operands.constantAt(pops - 1) || !neverInBounds(reader, module, operands, address)) return Outcome.Emitted;
    operands.pop(pops);
    return Outcome.Trap;
  }
  const top = operands.height - 1;
  const low = operands.low[top]!;
  const high = operands.high[top]!;
  const shift = kind === Group.Shift32 || kind === Group.Shift64;
  let outcome: number;
  if (!operands.constantAt(0)) {
    // Shifting a constant zero gives zero, by whatever it is shifted.
    if (!shift || !operands.constantAt(1) || operands.low[top - 1] !== 0 || operands.high[top - 1] !== 0)
      return Outcome.Emitted;
    operands.pop(2);
    operands.pushConstant(0, 0);
    return Outcome.Gone;
  }
  if (pops === 1) outcome = foldUnary(kind === Group.IsNull ? I64_EQZ : opcode, low, high);
  else if (operands.constantAt(1))
    outcome = foldBinary(opcode, operands.low[top - 1]!, operands.high[top - 1]!, low, high);
  else if (kind === Group.Division && low === 0 && high === 0) outcome = Folded.Trap;
  else {
    if (!shift || (low & (kind === Group.Shift32 ? 31 : 63)) !== 0) return Outcome.Emitted;
    operands.pop(1);
    return Outcome.Gone;
  }
  if (outcome === Folded.No) return Outcome.Emitted;
  operands.pop(pops);
  if (outcome === Folded.Trap) return Outcome.Trap;
  operands.pushConstant(foldedLow, foldedHigh);
  return Outcome.Gone;
}

/** Whether a memory access with a constant address, operand `at`, lies beyond what its memory can ever be. */
function neverInBounds(reader: InstructionReader, module: WasmModule, operands: Operands, at: number): boolean {
  const memory = module.memories[reader.index];
  if (memory === undefined) return false;
  const low = operands.low[at]! >>> 0;
  const high = memory.is64 ? operands.high[at]! >>> 0 : 0;
  const address = high * 2 ** 32 + low + reader.memoryOffset;
  if (address >= 2 ** 64) return true;
  if (memory.max !== undefined && address > memory.max * 65536) return true;
  return !memory.is64 && address >= 2 ** 32;
}

/** A select: forwarded where both values are the same constant or the condition is one. */
export function foldSelect(operands: Operands): number {
  const at = operands.height - 3;
  if (at < 0) {
    operands.pop(3);
    operands.pushTemp();
    return Outcome.Emitted;
  }
  const { kind, low, high } = operands;
  const bothConstant = kind[at] === Operand.Constant && kind[at + 1] === Operand.Constant;
  if (bothConstant && low[at] === low[at + 1] && high[at] === high[at + 1]) {
    operands.pop(2);
    return Outcome.Gone;
  }
  if (kind[at + 2] === Operand.Constant) {
    const first = low[at + 2] !== 0;
    const from = first ? at : at + 1;
    const constant = kind[from] === Operand.Constant;
    const chosenLow = low[from]!;
    const chosenHigh = high[from]!;
    operands.pop(3);
    if (constant) {
      operands.pushConstant(chosenLow, chosenHigh);
      return Outcome.Gone;
    }
    operands.pushTemp();
    // The second operand has to move down into the place of the first.
    return first ? Outcome.Gone : Outcome.Copied;
  }
  operands.pop(3);
  operands.pushTemp();
  return Outcome.Emitted;
}
