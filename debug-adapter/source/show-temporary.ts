// Stands in for views/show.ts until that one is there.
import { isMissing } from '../dwarf/location.ts';
import type { Program, Shown, Value } from './value.ts';

export function show(value: Value, program: Program): Shown {
  const type = program.types.bare(value.type);
  const size = program.types.sizeOf(type) ?? 0;
  const bytes = value.bytes.read(0, size);
  const text = isMissing(bytes) ? bytes.reason : Buffer.from(bytes).toString('hex');
  return { text, type: type.name, address: value.bytes.address, named: 0, indexed: 0, children: () => [] };
}
