// Runs line number programs (DWARF 5 §6.2.5; versions 2 to 5) into columns of typed arrays. Rows of code that was dropped are left out. Not
// the order of the rows in the module: line-table.ts.
import { type LineHeader, readFileEntry } from './line-header.ts';
import { RowFlag } from './program.ts';
import { type DwarfSections, isLive, skipLeb, sleb, uleb, unsignedOf } from './sections.ts';

const LNS = {
  Copy: 1,
  AdvancePc: 2,
  AdvanceLine: 3,
  SetFile: 4,
  SetColumn: 5,
  NegateStatement: 6,
  SetBasicBlock: 7,
  ConstAddPc: 8,
  FixedAdvancePc: 9,
  SetPrologueEnd: 10,
  SetEpilogueBegin: 11,
  SetIsa: 12,
} as const;
const LNE = { EndSequence: 1, SetAddress: 2, DefineFile: 3 } as const;

/** Operands of the standard opcodes, from 0 on. A program that declares others means others. */
const OPERANDS = [0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
const MAX_COLUMN = 0xffff;

/** Rows as they come, sequence by sequence. */
export class RowColumns {
  count = 0;
  offset: Uint32Array;
  file: Uint32Array;
  line: Uint32Array;
  column: Uint16Array;
  flags: Uint8Array;
  /** Of each sequence kept: its first row and its first offset. Its last row is that before the next's first. */
  readonly starts: number[] = [];
  readonly lows: number[] = [];
  /** Of each sequence: whether its rows ascend. */
  readonly ascending: boolean[] = [];

  constructor(capacity: number) {
    this.offset = new Uint32Array(capacity);
    this.file = new Uint32Array(capacity);
    this.line = new Uint32Array(capacity);
    this.column = new Uint16Array(capacity);
    this.flags = new Uint8Array(capacity);
  }

  /** Makes room for so many rows more. */
  reserve(more: number): void {
    if (this.count + more <= this.offset.length) return;
    const larger = new RowColumns(this.count * 2 + more);
    larger.offset.set(this.offset);
    larger.file.set(this.file);
    larger.line.set(this.line);
    larger.column.set(this.column);
    larger.flags.set(this.flags);
    this.offset = larger.offset;
    this.file = larger.file;
    this.line = larger.line;
    this.column = larger.column;
    this.flags = larger.flags;
  }

  /** Keeps the rows from `first` on as a sequence, if there is code and it is all in the module's (`inside`); drops them otherwise. */
  endSequence(first: number, ascending: boolean, inside: boolean): void {
    const low = this.offset[first]!;
    if (!inside || first === this.count || (ascending && low === this.offset[this.count - 1])) {
      this.count = first;
      return;
    }
    this.starts.push(first);
    this.lows.push(low);
    this.ascending.push(ascending);
  }
}

/**
 * Runs one program. `fileIndex` turns a number of the program's own file table into the module's. Gives a clause about what it could not
 * read, '' if it read all.
 */
export function runLineProgram(
  sections: DwarfSections,
  header: LineHeader,
  fileIndex: (number: number) => number,
  rows: RowColumns,
): string {
  const { bytes, codeStart, codeSize } = sections;
  const { end, lineBase, lineRange, opcodeBase, opcodeLengths } = header;
  const initialStatement = header.defaultIsStatement ? RowFlag.Statement : 0;
  const step = header.minimumInstructionLength;
  // §6.2.4: only VLIW machines have more than one operation an instruction.
  const operations = Math.max(1, header.maximumOperations);
  let problem = lineRange === 0 ? 'its line range is 0' : '';
  const range = lineRange === 0 ? 1 : lineRange;
  const constAdvance = Math.floor((255 - opcodeBase) / range);
  /** Bits of the standard opcodes that the program declares with other operands: they mean something else, and are skipped. */
  let others = 0;
  for (let opcode = 1; opcode < opcodeBase && opcode < OPERANDS.length; opcode++)
    if (bytes[opcodeLengths + opcode - 1] !== OPERANDS[opcode]) others |= 1 << opcode;

  // No row takes less than a byte, so that the loop needs no bounds.
  rows.reserve(end - header.start);
  const offsets = rows.offset;
  const files = rows.file;
  const lines = rows.line;
  const columns = rows.column;
  const rowFlags = rows.flags;
  let count = rows.count;
  let first = count;

  let address = 0;
  let operation = 0;
  let file = 1;
  let line = 1;
  let column = 0;
  let statement = initialStatement;
  /** Flags of the next row only: Block, PrologueEnd, EpilogueBegin. */
  let once = 0;
  let live = false;
  /** Addresses fall back only where one is set. */
  let ascending = true;
  /** The highest address that one was set after. */
  let highest = 0;
  /** The module's index of `file`; -1: not asked yet. */
  let index = -1;
  let position = header.start;

  // One long loop without calls or closures where it matters: it runs but once, for the most part before V8 has optimised it. Whatever counts
  // stays an integer of V8's.
  while (position < end) {
    const opcode = bytes[position++]!;
    let ends = 0;
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      const advance = (adjusted / range) | 0;
      line = (line + lineBase + adjusted - advance * range) | 0;
      if (operations === 1) address += advance * step;
      else {
        address += Math.floor((operation + advance) / operations) * step;
        operation = (operation + advance) % operations;
      }
    } else if (opcode === 0) {
      const length = uleb(bytes, position);
      position = skipLeb(bytes, position, end);
      const after = position + length;
      if (!(after <= end)) {
        problem = 'an extended opcode is longer than the program';
        break;
      }
      const extended = length > 0 ? bytes[position]! : 0;
      if (extended === LNE.SetAddress) {
        const size = length - 1;
        const set = size === 4 || size === 8 || size === 2 ? unsignedOf(bytes, position + 1, size) : 0;
        if (live && count > first) {
          if (address > highest) highest = address;
          if (set < address) ascending = false;
        }
        operation = 0;
        live = isLive(sections, set);
        address = live ? set : 0;
      } else if (extended === LNE.DefineFile && header.version < 5) {
        readFileEntry(bytes, position + 1, after, header.files);
      }
      position = after;
      if (extended !== LNE.EndSequence) continue;
      ends = RowFlag.EndSequence;
    } else if (opcode >= OPERANDS.length || (others >> opcode) & 1) {
      for (let n = bytes[opcodeLengths + opcode - 1]!; n > 0; n--) position = skipLeb(bytes, position, end);
      continue;
    } else if (opcode !== LNS.Copy) {
      const at = position;
      let operand = 0;
      if (OPERANDS[opcode] === 1 && opcode !== LNS.FixedAdvancePc) {
        operand = bytes[position]!;
        if (operand < 0x80) position++;
        else {
          operand = uleb(bytes, position);
          position = skipLeb(bytes, position, end);
        }
      }
      switch (opcode) {
        case LNS.AdvancePc:
        case LNS.ConstAddPc: {
          const advance = opcode === LNS.AdvancePc ? operand : constAdvance;
          if (operations === 1) address += advance * step;
          else {
            address += Math.floor((operation + advance) / operations) * step;
            operation = (operation + advance) % operations;
          }
          break;
        }
        case LNS.AdvanceLine:
          line = (line + sleb(bytes, at)) | 0;
          break;
        case LNS.SetFile:
          file = operand;
          index = -1;
          break;
        case LNS.SetColumn:
          column = operand > MAX_COLUMN ? MAX_COLUMN : operand;
          break;
        case LNS.NegateStatement:
          statement ^= RowFlag.Statement;
          break;
        case LNS.SetBasicBlock:
          once |= RowFlag.Block;
          break;
        case LNS.FixedAdvancePc:
          address += unsignedOf(bytes, position, 2);
          operation = 0;
          position += 2;
          break;
        case LNS.SetPrologueEnd:
          once |= RowFlag.PrologueEnd;
          break;
        case LNS.SetEpilogueBegin:
          once |= RowFlag.EpilogueBegin;
          break;
      }
      continue;
    }
    if (live) {
      if (index < 0) index = fileIndex(file);
      offsets[count] = address + codeStart;
      files[count] = index;
      lines[count] = line;
      columns[count] = column;
      rowFlags[count++] = statement | once | ends;
    }
    once = 0;
    if (ends === 0) continue;
    rows.count = count;
    if (count > first) rows.endSequence(first, ascending, Math.max(highest, address) <= codeSize);
    count = rows.count;
    first = count;
    address = 0;
    operation = 0;
    file = 1;
    line = 1;
    column = 0;
    statement = initialStatement;
    live = false;
    ascending = true;
    highest = 0;
    index = -1;
  }
  if (first < count && problem === '') problem = 'its last sequence has no end';
  rows.count = first;
  return problem;
}
