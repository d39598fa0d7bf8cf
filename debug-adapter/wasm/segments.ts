// Globals, element and data segments: the sections that hold constant expressions (WebAssembly core §5.5.9, §5.5.12, §5.5.14).
import type { ByteReader } from './byte-reader.ts';
import { readMutability, readValueType } from './declarations.ts';
import { InstructionReader } from './instructions.ts';
import type { Draft } from './module.ts';

const END = 0x0b;

/** Moves the reader behind the `end` of a constant expression; answers where that `end` is. */
export function skipConstantExpression(reader: ByteReader): number {
  const instructions = new InstructionReader(reader.bytes);
  instructions.reset(reader.position, reader.limit);
  while (instructions.next()) {
    if (instructions.opcode !== END) continue;
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
    ends[n] = skipConstantExpression(reader);
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
      if (flags & 2) reader.u32();
      skipConstantExpression(reader);
    }
    const expressions = (flags & 4) !== 0;
    if (flags & 3) {
      if (expressions) readValueType(reader);
      else reader.byte();
    }
    const items = reader.count('elements');
    lengths[n] = items;
    for (let left = items; left > 0; left--) {
      if (expressions) skipConstantExpression(reader);
      else reader.u32();
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
    if (flags === 2) reader.u32();
    if (!(flags & 1)) skipConstantExpression(reader);
    starts[n] = reader.skip(reader.u32(), 'a data segment');
    ends[n] = reader.position;
  }
  module.dataStart = starts;
  module.dataEnd = ends;
  module.dataMode = modes;
}
