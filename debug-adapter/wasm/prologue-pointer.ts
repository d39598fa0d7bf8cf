// Finds the global that LLVM's code keeps its shadow stack by: the stack pointer of the C ABI in linear memory. Not what functions
// do with it: prologue.ts. (DESIGN: frame bases)
import { WasmError } from './error.ts';
import { InstructionReader } from './instructions.ts';
import { ImportKind, type WasmModule } from './module.ts';
import { FunctionNames } from './names.ts';
import { opcodeNamed } from './opcodes.ts';
import { I32, I64 } from './value-types.ts';

const NAME = '__stack_pointer';
/** A prologue in debug code: get, set, const, set, get, get, sub. */
const PROLOGUE_LENGTH = 8;
/** Functions looked at where no name helps. */
const SAMPLE = 4000;

const GLOBAL_GET = opcodeNamed('global.get');
const I32_SUB = opcodeNamed('i32.sub');
const I64_SUB = opcodeNamed('i64.sub');

/**
 * The index of `__stack_pointer`: by the name section, else by an export or import of that name, else the mutable integer global
 * that most functions begin by subtracting from. -1 where there is none.
 */
export function stackPointerGlobal(module: WasmModule, names: FunctionNames = new FunctionNames(module)): number {
  const count = module.globalTypes.length;
  const fits = (index: number) =>
    module.globalMutable[index] === 1 && (module.globalTypes[index] === I32 || module.globalTypes[index] === I64);
  for (let index = 0; index < count; index++) if (fits(index) && names.global(index) === NAME) return index;
  for (const { kind, name, index } of [...module.exports, ...module.imports])
    if (kind === ImportKind.Global && name === NAME && fits(index)) return index;
  return mostUsed(module, fits);
}

function mostUsed(module: WasmModule, fits: (index: number) => boolean): number {
  const uses = new Map<number, number>();
  const reader = new InstructionReader(module.bytes);
  for (let n = 0; n < Math.min(SAMPLE, module.bodyStart.length); n++) {
    const global = subtractedFrom(module, reader, n);
    if (global >= 0 && fits(global)) uses.set(global, (uses.get(global) ?? 0) + 1);
  }
  let best = -1;
  let most = 0;
  for (const [global, times] of uses)
    if (times > most || (times === most && global < best)) [best, most] = [global, times];
  return best;
}

/** The global that defined function `n` reads before its first subtraction, if both stand at its head; else -1. */
function subtractedFrom(module: WasmModule, reader: InstructionReader, n: number): number {
  let global = -1;
  try {
    enterBody(module, reader, n);
    for (let left = PROLOGUE_LENGTH; left > 0 && reader.next(); left--) {
      if (reader.opcode === GLOBAL_GET && global < 0) global = reader.index;
      if (reader.opcode === I32_SUB || reader.opcode === I64_SUB) return global;
    }
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
  }
  return -1;
}

/** Puts the reader before the first instruction of defined function `n`; answers how many locals it has, parameters included. */
export function enterBody(module: WasmModule, reader: InstructionReader, n: number): number {
  const start = module.bodyStart[n]!;
  const type = module.functionTypes[module.importedFunctions + n]!;
  reader.reset(start, module.bodyEnd[n]!);
  reader.offset = start;
  let locals = module.typeResults[type]! - module.typeStart[type]!;
  for (let groups = reader.u32(); groups > 0; groups--) {
    locals += reader.u32();
    reader.byte();
    if (locals > 50_000) reader.fail('a function has more than 50 000 locals');
  }
  return locals;
}
