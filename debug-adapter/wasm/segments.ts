// Globals, element and data segments: the sections that hold constant expressions (WebAssembly core §5.5.9, §5.5.12, §5.5.14).
import type { ByteReader } from './byte-reader.ts';
import { readMutability, readValueType } from './declarations.ts';
import { InstructionReader } from './instructions.ts';
import type { Draft } from './module.ts';

const END = 0x0b;

const GLOBAL_GET = 0x23;
const REF_FUNC = 0xd2;

/**
 * Moves the reader behind the `end` of a constant expression; answers where that `end` is. Indices are checked here, because
 * the rewritten module has more globals and functions than the guest may name.
 */
function skipConstantExpression(
  module: Draft,
  reader: ByteReader,
  globals: number = module.globalTypes.length,
): number {
  const instructions = new InstructionReader(reader.bytes);
  instructions.reset(reader.position, reader.limit);
  while (instructions.next()) {
    const { opcode, index } = instructions;
    if (opcode === GLOBAL_GET && index >= globals) instructions.fail(`global ${index} does not exist`);
    if (opcode === REF_FUNC && index >= module.functionTypes.length)
      instructions.fail(`function ${index} does not exist`);
    if (opcode !== END) continue;
    reader.position = instructions.end;
    return instructions.offset;
  }
  return reader.fail('a constant expression has no end');
}

export function readGlobals(module: Draft, reader: ByteReader): void {
  const count = reader.count('globals', 4);
  const imported = module.globalTypes.length;
  const types = new Uint8Array(imported + count);
  const mutable = new Uint8Array(imported + count);
  const starts = new Uint32Array(imported + count);
  const ends = new Uint32Array(imported + count);
  types.set(module.globalTypes);
  mutable.set(module.globalMutable);
  for (let n = imported; n < imported + count; n++) {
    types[n] = readValueType(reader);
    mutable[n] = readMutability(reader);
    starts[n] = reader.position;
    ends[n] = skipConstantExpression(module, reader, n);
  }
  module.globalTypes = types;
  module.globalMutable = mutable;
  module.globalInitStart = starts;
  module.globalInitEnd = ends;
}

export function readElementSegments(module: Draft, reader: ByteReader): void {
  const count = reader.count('element segments', 2);
  const lengths = new Uint32Array(count);
  const modes = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    const offset = reader.position;
    const flags = reader.u32();
    if (flags > 7) reader.fail('an element segment is malformed', offset);
    modes[n] = flags & 1 ? (flags & 2 ? 2 : 1) : 0;
    if (!(flags & 1)) {
      const table = flags & 2 ? reader.u32() : 0;
      if (table >= module.tables.length) reader.fail(`table ${table} does not exist`, offset);
      skipConstantExpression(module, reader);
    }
    const expressions = (flags & 4) !== 0;
    if (flags & 3) {
      if (expressions) readValueType(reader);
      else reader.byte();
    }
    const items = reader.count('elements');
    lengths[n] = items;
    for (let left = items; left > 0; left--) {
      if (expressions) skipConstantExpression(module, reader);
      else if (reader.u32() >= module.functionTypes.length)
        reader.fail('an element segment names a function that does not exist');
    }
  }
  module.elementCount = count;
  module.elementLength = lengths;
  module.elementMode = modes;
}

export function readDataSegments(module: Draft, reader: ByteReader): void {
  const count = reader.count('data segments', 2);
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  const modes = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    const offset = reader.position;
    const flags = reader.u32();
    if (flags > 2) reader.fail('a data segment is malformed', offset);
    modes[n] = flags & 1;
    const memory = flags === 2 ? reader.u32() : 0;
    if (!(flags & 1) && memory >= module.memories.length) reader.fail(`memory ${memory} does not exist`, offset);
    if (!(flags & 1)) skipConstantExpression(module, reader);
    starts[n] = reader.skip(reader.u32(), 'a data segment');
    ends[n] = reader.position;
  }
  module.dataStart = starts;
  module.dataEnd = ends;
  module.dataMode = modes;
}
