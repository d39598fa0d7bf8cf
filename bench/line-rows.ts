// Where statements begin, from a module's .debug_line: the addresses that the line programs mark, and nothing else. Not a reader of
// DWARF: it knows no files, no lines, no scopes. Pure. (DWARF 5 §6.2)
import { SectionId, type WasmModule } from '../debug-adapter/wasm/module.ts';

const COPY = 1;
const ADVANCE_PC = 2;
const CONST_ADD_PC = 8;
const NEGATE_STATEMENT = 6;
const FIXED_ADVANCE_PC = 9;
const END_SEQUENCE = 1;
const SET_ADDRESS = 2;

/** Byte offsets in the file of the instructions at which a statement begins, ascending; empty where there is no .debug_line. */
export function statementOffsets(module: WasmModule): Uint32Array {
  const section = module.sections.find(({ id, name }) => id === SectionId.Custom && name === '.debug_line');
  const code = module.sections.find(({ id }) => id === SectionId.Code);
  if (section === undefined || code === undefined) return new Uint32Array();
  const { bytes } = module;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: number[] = [];
  let at = section.start;
  while (at + 4 <= section.end) {
    const unit = at + 4 + view.getUint32(at, true);
    program(view, at + 4, unit, code.start, found);
    at = unit;
  }
  // A function's own row stands at the count of its locals, which is no instruction yet.
  const bodies = new Set<number>([...module.bodyStart, ...module.bodyEnd]);
  return Uint32Array.from(new Set(found.filter((offset) => !bodies.has(offset)))).sort();
}

/** One unit's line program (32-bit DWARF): adds the offsets of its statements to `found`. */
function program(view: DataView, start: number, end: number, code: number, found: number[]): void {
  let at = start;
  const byte = (): number => view.getUint8(at++);
  const leb = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const next = byte();
      value += (next & 0x7f) * scale;
      if (next < 0x80) return value;
    }
  };
  const version = view.getUint16(at, true);
  at += 2;
  if (version >= 5) at += 2; // address size, segment selector size
  const rows = at + 4 + view.getUint32(at, true);
  at += 4;
  const unitLength = byte();
  if (version >= 4) at++; // operations per instruction
  const defaultStatement = byte() !== 0;
  at++; // line base
  const lineRange = byte();
  const opcodeBase = byte();
  const operands = Array.from({ length: opcodeBase - 1 }, byte);
  at = rows;
  let address = 0;
  let statement = defaultStatement;
  // sequences of code that the linker dropped begin at 0, or at the end of the address space
  let dropped = true;
  const row = (): void => {
    if (statement && !dropped) found.push(code + address);
  };
  while (at < end) {
    const opcode = byte();
    if (opcode >= opcodeBase) {
      address += Math.floor((opcode - opcodeBase) / lineRange) * unitLength;
      row();
    } else if (opcode === 0) {
      const next = leb() + at;
      const extended = byte();
      if (extended === SET_ADDRESS) {
        address = view.getUint32(at, true);
        dropped = address === 0 || address >= 0xffff_fffe;
      } else if (extended === END_SEQUENCE) {
        address = 0;
        statement = defaultStatement;
        dropped = true;
      }
      at = next;
    } else if (opcode === COPY) row();
    else if (opcode === ADVANCE_PC) address += leb() * unitLength;
    else if (opcode === NEGATE_STATEMENT) statement = !statement;
    else if (opcode === CONST_ADD_PC) address += Math.floor((255 - opcodeBase) / lineRange) * unitLength;
    else if (opcode === FIXED_ADVANCE_PC) {
      address += view.getUint16(at, true);
      at += 2;
    } else for (let left = operands[opcode - 1] ?? 0; left > 0; left--) leb();
  }
}
