// Globals that wasmi replaces by their value: immutable, defined in the module, with an initial expression of constants.
// (src/engine/translator/func/visit.rs, visit_global_get)
import { InstructionReader } from '../wasm/instructions.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';
import { Folded, foldBinary, foldedHigh, foldedLow } from './constants.ts';

const CONST = ['i32.const', 'i64.const', 'f32.const', 'f64.const'].map(opcodeNamed);
const NULL = opcodeNamed('ref.null');
const ARITHMETIC = new Set(['i32.add', 'i32.sub', 'i32.mul', 'i64.add', 'i64.sub', 'i64.mul'].map(opcodeNamed));

export class ConstantGlobals {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly #constant: Uint8Array;

  constructor(module: WasmModule) {
    const count = module.globalTypes.length;
    this.low = new Int32Array(count);
    this.high = new Int32Array(count);
    this.#constant = new Uint8Array(count);
    const reader = new InstructionReader(module.bytes);
    for (let index = module.importedGlobals; index < count; index++) {
      if (module.globalMutable[index] !== 0) continue;
      reader.reset(module.globalInitStart[index]!, module.globalInitEnd[index]!);
      this.#evaluate(index, reader);
    }
  }

  isConstant(index: number): boolean {
    return this.#constant[index] === 1;
  }

  #evaluate(index: number, reader: InstructionReader): void {
    const stack: [low: number, high: number][] = [];
    while (reader.next()) {
      const { opcode } = reader;
      if (CONST.includes(opcode)) {
        stack.push([reader.low, opcode === CONST[1] || opcode === CONST[3] ? reader.high : 0]);
      } else if (opcode === NULL) stack.push([0, 0]);
      else if (ARITHMETIC.has(opcode)) {
        const b = stack.pop();
        const a = stack.pop();
        if (a === undefined || b === undefined) return;
        if (foldBinary(opcode, a[0], a[1], b[0], b[1]) !== Folded.Value) return;
        stack.push([foldedLow, foldedHigh]);
      } else return;
    }
    const value = stack.pop();
    if (value === undefined) return;
    this.#constant[index] = 1;
    this.low[index] = value[0];
    this.high[index] = value[1];
  }
}
