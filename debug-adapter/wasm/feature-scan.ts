// Finds which features of WebAssembly a module uses, and where each is first met. It walks all code once. (E3)

import { ByteReader } from './byte-reader.ts';
import { WasmError } from './error.ts';
import { InstructionReader } from './instructions.ts';
import { SectionId, sectionOf, type WasmModule } from './module.ts';
import { FEATURES, type Feature, Immediate, opcodeFeature, opcodeImmediate, opcodeNamed } from './opcodes.ts';
import { EXTERNREF, V128 } from './value-types.ts';

export interface FeatureUse {
  readonly feature: Feature;
  /** Byte offset in the file where it is first met. */
  readonly offset: number;
}

const GLOBAL_GET = opcodeNamed('global.get');
const CALL_INDIRECT = opcodeNamed('call_indirect');
const RETURN_CALL_INDIRECT = opcodeNamed('return_call_indirect');

/** Features beyond the first version of WebAssembly that `module` uses, by the offset where each begins. */
export function featuresUsed(module: WasmModule): FeatureUse[] {
  const first = new Float64Array(FEATURES.length).fill(-1);
  const meet = (feature: Feature, offset: number) => {
    const index = FEATURES.indexOf(feature);
    if (first[index]! < 0 || offset < first[index]!) first[index] = offset;
  };
  scanDeclarations(module, meet);
  try {
    scanCode(module, first, meet);
  } catch (error) {
    // Code that can't be read: a refused feature is a use of it; other faults are found by whoever reads the code.
    if (!(error instanceof WasmError) || error.feature === undefined) throw error;
    meet(error.feature, error.offset);
  }
  const found: FeatureUse[] = [];
  for (const [index, feature] of FEATURES.entries())
    if (feature !== 'mvp' && first[index]! >= 0) found.push({ feature, offset: first[index]! });
  return found.sort((a, b) => a.offset - b.offset);
}

function scanDeclarations(module: WasmModule, meet: (feature: Feature, offset: number) => void): void {
  const start = (id: number) => sectionOf(module, id)?.start ?? 0;
  for (let type = 0; type < module.typeCount; type++) {
    if (module.typeStart[type + 1]! - module.typeResults[type]! > 1) meet('multi-value', start(SectionId.Type));
  }
  if (module.typeValues.includes(V128)) meet('simd', start(SectionId.Type));
  if (module.typeValues.includes(EXTERNREF) || module.typeValues.includes(0x70))
    meet('reference-types', start(SectionId.Type));
  const second = module.memories[1];
  if (second !== undefined) meet('multi-memory', second.offset);
  for (const memory of module.memories) if (memory.is64) meet('memory64', memory.offset);
  for (const [index, table] of module.tables.entries()) {
    if (table.is64) meet('memory64', table.offset);
    if (index > 0 || table.elementType === EXTERNREF) meet('reference-types', table.offset);
  }
  const importOffset = module.imports.find((item) => item.kind === 3 && module.globalMutable[item.index] === 1)?.offset;
  if (importOffset !== undefined) meet('mutable-globals', importOffset);
  const exported = module.exports.find((item) => item.kind === 3 && module.globalMutable[item.index] === 1);
  if (exported !== undefined) meet('mutable-globals', exported.offset);
  if (module.globalTypes.includes(V128)) meet('simd', start(SectionId.Global));
  const dataCount = sectionOf(module, SectionId.DataCount);
  if (dataCount !== undefined) meet('bulk-memory', dataCount.offset);
  scanInitialValues(module, meet);
}

/** Constant expressions of several instructions are the extended ones. */
function scanInitialValues(module: WasmModule, meet: (feature: Feature, offset: number) => void): void {
  const reader = new InstructionReader(module.bytes);
  for (let global = module.importedGlobals; global < module.globalTypes.length; global++) {
    reader.reset(module.globalInitStart[global]!, module.globalInitEnd[global]!);
    let count = 0;
    while (reader.next()) {
      if (++count > 1) meet('extended-const', reader.offset);
      // Only with garbage collection may a global start from one that the module itself defines.
      if (reader.opcode === GLOBAL_GET && reader.index >= module.importedGlobals) meet('gc', reader.offset);
    }
  }
}

function scanCode(module: WasmModule, first: Float64Array, meet: (feature: Feature, offset: number) => void): void {
  const reader = new InstructionReader(module.bytes);
  for (let n = 0; n < module.bodyStart.length; n++) {
    const start = module.bodyStart[n]!;
    const end = module.bodyEnd[n]!;
    const locals = new ByteReader(module.bytes, start, end);
    for (let left = locals.u32(); left > 0; left--) {
      locals.u32();
      const type = locals.byte();
      if (type === V128) meet('simd', locals.position - 1);
      else if (type === EXTERNREF || type === 0x70) meet('reference-types', locals.position - 1);
      else if (type < 0x7b || type > 0x7f)
        throw new WasmError(
          `A local has the type 0x${type.toString(16)}, which is not supported`,
          locals.position - 1,
          'gc',
        );
    }
    reader.reset(locals.position, end);
    while (reader.next()) {
      const { opcode } = reader;
      const feature = opcodeFeature[opcode]!;
      if (feature !== 0 && first[feature]! < 0) first[feature] = reader.offset;
      switch (opcodeImmediate[opcode]) {
        case Immediate.Block:
          if (reader.blockType >= 0) meet('multi-value', reader.offset);
          break;
        case Immediate.TypeTable:
          if (reader.index2 > 0 && (opcode === CALL_INDIRECT || opcode === RETURN_CALL_INDIRECT))
            meet('reference-types', reader.offset);
          break;
      }
    }
  }
}
