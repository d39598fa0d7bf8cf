// Which function is at which index of table 0, as the module's own active element segments fill it (WebAssembly core §5.5.12): what a function
// pointer of C or Rust means. What code changes in the table later is not seen; linkers write one plain segment, and that is what is read.
import { ByteReader } from './byte-reader.ts';
import { SectionId, type WasmModule } from './module.ts';

const I32_CONST = 0x41;
const END = 0x0b;
/** Indices that are kept; a table of more is no linker's. */
const MOST = 1 << 20;

/** Function indices by index of the table; -1 where there is none. The module was parsed, so its segments are well-formed. */
export function tableFunctions(module: WasmModule): Int32Array {
  const section = module.sections.find(({ id }) => id === SectionId.Element);
  if (section === undefined) return new Int32Array(0);
  const reader = new ByteReader(module.bytes, section.start, section.end);
  const found: { at: number; functions: number[] }[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    const flags = reader.u32();
    // passive and declarative ones, and those of expressions, are no linker's: what follows is not looked at
    if ((flags & ~2) !== 0) break;
    const table = flags === 2 ? reader.u32() : 0;
    if (reader.byte() !== I32_CONST) break;
    const at = signed(reader);
    if (reader.byte() !== END) break;
    if (flags === 2) reader.byte();
    const functions = Array.from({ length: reader.u32() }, () => reader.u32());
    if (table === 0 && at >= 0 && at + functions.length <= MOST) found.push({ at, functions });
  }
  const size = found.reduce((most, { at, functions }) => Math.max(most, at + functions.length), 0);
  const table = new Int32Array(size).fill(-1);
  for (const { at, functions } of found) table.set(functions, at);
  return table;
}

/** A signed LEB128 of 32 bits. */
function signed(reader: ByteReader): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = reader.byte();
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return shift < 25 && (byte & 0x40) !== 0 ? value | (-1 << (shift + 7)) : value;
  }
}
