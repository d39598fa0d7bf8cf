// Turns tracked operand types into functions that V8 takes only if they are right: each is cut off at some instruction, and there takes
// exactly the operands that were tracked, block by block. Only tests import it.
import assert from 'node:assert/strict';
import { BLOCK_EMPTY, InstructionReader } from './instructions.ts';
import { resultsOf, SectionId, type WasmModule } from './module.ts';
import { opcodeNames } from './opcodes.ts';
import { type OperandTypes, UNKNOWN_TYPE } from './operand-types.ts';
import { EXTERNREF, F32, F64, FUNCREF, I32, I64, V128 } from './value-types.ts';
import { ByteWriter } from './writer.ts';

export const TYPES = [I32, I64, F32, F64, V128, FUNCREF, EXTERNREF];

/** A block that was open where a function was cut off. */
export interface OpenBlock {
  readonly opcode: number;
  readonly blockType: number;
  /** Operands outside it. */
  readonly height: number;
}

/** Everything that is known before one instruction. */
export interface Position {
  readonly definedFunction: number;
  readonly offset: number;
  readonly types: readonly number[];
  readonly blocks: readonly OpenBlock[];
  readonly unreachable: boolean;
}

/** The positions before each instruction of a function that `chosen` takes; checks the columns against each other on the way. */
export function positionsOf(
  operands: OperandTypes,
  module: WasmModule,
  definedFunction: number,
  chosen: (n: number) => boolean,
): Position[] {
  const found: Position[] = [];
  const reader = new InstructionReader(module.bytes);
  operands.begin(definedFunction);
  reader.reset(operands.codeStart, operands.codeEnd);
  const type = module.functionTypes[module.importedFunctions + definedFunction]!;
  const blocks: OpenBlock[] = [{ opcode: 0x02, blockType: type, height: 0 }];
  for (let n = 0; reader.next(); n++) {
    assert.equal(operands.nesting, blocks.length);
    assert.equal(operands.height, blocks.at(-1)!.height);
    if (chosen(n))
      found.push({
        definedFunction,
        offset: reader.offset,
        types: Array.from(operands.types.subarray(0, operands.depth)),
        blocks: blocks.slice(),
        unreachable: operands.unreachable,
      });
    operands.apply(reader);
    const name = opcodeNames[reader.opcode];
    if (name === 'block' || name === 'loop' || name === 'if')
      blocks.push({ opcode: reader.opcode, blockType: reader.blockType, height: operands.height });
    else if (name === 'else') blocks.push({ ...blocks.pop()!, opcode: 0x05 });
    else if (name === 'end') blocks.pop();
  }
  assert.equal(operands.nesting, 0, 'every function ends');
  return found;
}

function blockResults(module: WasmModule, blockType: number): readonly number[] {
  if (blockType >= 0) return Array.from(resultsOf(module, blockType));
  return blockType === BLOCK_EMPTY ? [] : [-blockType];
}

/**
 * A body that is the function's own up to `position`; there each open block, from the innermost out, takes its operands into locals
 * of their types (what is unknown is dropped), gives its results out of locals, and ends.
 */
export function cutOff(
  module: WasmModule,
  operands: OperandTypes,
  position: Position,
  types: readonly number[],
): Uint8Array {
  const code = new ByteWriter();
  operands.begin(position.definedFunction);
  const type = module.functionTypes[module.importedFunctions + position.definedFunction]!;
  const parameters = module.typeResults[type]! - module.typeStart[type]!;
  code.u32(operands.localCount - parameters + TYPES.length);
  for (let local = parameters; local < operands.localCount; local++) code.raw(1, operands.localType(local));
  for (const each of TYPES) code.raw(1, each);
  code.copy(module.bytes, operands.codeStart, position.offset);
  const take = (operand: number) => {
    if (operand === UNKNOWN_TYPE) code.byte(0x1a);
    else {
      code.byte(0x21);
      code.u32(operands.localCount + TYPES.indexOf(operand));
    }
  };
  let depth = types.length;
  let inner: readonly number[] = [];
  for (const block of position.blocks.toReversed()) {
    for (const result of inner.toReversed()) take(result);
    while (depth > block.height) take(types[--depth]!);
    inner = blockResults(module, block.blockType);
    for (const result of inner) {
      code.byte(0x20);
      code.u32(operands.localCount + TYPES.indexOf(result));
    }
    // An if without else gives what it takes; this one has an else, so that it need not.
    if (block.opcode === 0x04) code.raw(0x05, 0x00);
    code.byte(0x0b);
  }
  return code.bytes().slice();
}

/** The module with `bodies` as further functions, each of the type of the function that it was cut from. */
export function withBodies(
  module: WasmModule,
  bodies: readonly Uint8Array[],
  functions: readonly number[],
): Uint8Array {
  const out = new ByteWriter(module.bytes.length);
  out.copy(module.bytes, 0, 8);
  for (const section of module.sections) {
    if (section.id === SectionId.Custom) continue;
    const body = new ByteWriter();
    if (section.id === SectionId.Function) {
      body.u32(module.bodyStart.length + bodies.length);
      for (const type of module.functionTypes.subarray(module.importedFunctions)) body.u32(type);
      for (const index of functions) body.u32(module.functionTypes[module.importedFunctions + index]!);
    } else if (section.id === SectionId.Code) {
      body.u32(module.bodyStart.length + bodies.length);
      for (const [n, start] of module.bodyStart.entries()) {
        body.u32(module.bodyEnd[n]! - start);
        body.copy(module.bytes, start, module.bodyEnd[n]!);
      }
      for (const each of bodies) {
        body.u32(each.length);
        body.append(each);
      }
    } else body.copy(module.bytes, section.start, section.end);
    out.section(section.id, body.bytes());
  }
  return out.bytes().slice();
}
