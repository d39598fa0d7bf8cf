// The statements of a plugin: places where a line of source begins, from the line table, and which line any instruction is of. Columns, no object
// a row. A function's prologue is passed over: before its end parameters are not where DWARF says. Contracts S1, S3.
import { type LineRows, RowFlag } from '../dwarf/program.ts';
import { codeStart } from '../wasm/disassembly-index.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';
import type { SourceFiles } from './files.ts';

const CALLS: ReadonlySet<number> = new Set(['call', 'call_indirect'].map(opcodeNamed));
const UNREACHABLE = opcodeNamed('unreachable');
const LOOP = opcodeNamed('loop');
const BLOCK = opcodeNamed('block');
const END = opcodeNamed('end');

/** Where code comes from: file (an index), line and column from 1; column 0: not known. */
export interface LinePlace {
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

export class Statements {
  readonly files: SourceFiles;
  readonly #rows: LineRows;
  readonly #module: WasmModule;
  readonly #reader: InstructionReader;
  /** The first row of each defined function, and one more. */
  readonly #firstRow: Uint32Array;
  /** By the indices of files. */
  readonly #ofFiles = new Map<string, Uint32Array>();
  /** Of the place that was found last: it is the head of a loop. */
  #loops = false;
  /** Of each statement, ascending by offset: the instruction, its row, whether it is the first of its function. */
  readonly offset: Uint32Array;
  readonly row: Uint32Array;
  readonly entry: Uint8Array;

  /** @param isGlue of a defined function: the compiler made it up, though its lines are the author's: nobody stops in it */
  constructor(rows: LineRows, module: WasmModule, files: SourceFiles, isGlue: (definedFunction: number) => boolean) {
    this.#rows = rows;
    this.#module = module;
    this.#reader = new InstructionReader(module.bytes);
    this.files = files;
    this.#firstRow = firstRows(rows, module);
    const offset = new Uint32Array(rows.count);
    const row = new Uint32Array(rows.count);
    const entry = new Uint8Array(rows.count);
    const stepped = steppedFiles(files);
    let count = 0;
    for (let n = 0; n < module.bodyStart.length; n++) {
      const end = this.#firstRow[n + 1]!;
      let at = this.#firstRow[n]!;
      if (at === end || isGlue(n)) continue;
      const bodyStart = module.bodyStart[n]!;
      const first = count;
      for (at = afterPrologue(rows, at, end, bodyStart); at < end; at++) {
        const flags = rows.flags[at]!;
        if ((flags & RowFlag.EndSequence) !== 0 || rows.line[at] === 0) continue;
        const begin = rows.offset[at]!;
        const opcode = module.bytes[begin]!;
        const structural = opcode === LOOP || opcode === BLOCK || opcode === END || begin === bodyStart;
        const place = structural ? this.#behindStructure(n, at, end) : begin;
        // compilers name no statement where the line above is the same
        const named = (flags & RowFlag.Statement) !== 0;
        if (!named && place === begin && (stepped[rows.file[at]!] === 0 || !this.#callsAnew(at))) continue;
        if (count > first && offset[count - 1] === place) {
          row[count - 1] = at;
          continue;
        }
        offset[count] = place;
        row[count] = at;
        // at the head of a loop it says nothing of where one came from
        entry[count] = count === first && !(structural && this.#loops) ? 1 : 0;
        count++;
      }
    }
    this.offset = offset.slice(0, count);
    this.row = row.slice(0, count);
    this.entry = entry.slice(0, count);
  }

  /**
   * Whether a row goes on with the line of the one before it, and calls something: who comes back from another call on that line is to stand there,
   * and can step into this one.
   */
  #callsAnew(row: number): boolean {
    const rows = this.#rows;
    const before = row - 1;
    if (before < 0) return false;
    if (rows.line[before] !== rows.line[row] || rows.file[before] !== rows.file[row]) return false;
    if (rows.column[before] === rows.column[row]) return false;
    try {
      const reader = this.#reader;
      reader.reset(rows.offset[row]!, rows.offset[row + 1] ?? rows.offset[row]!);
      // what never returns is no way on: a panic
      while (reader.next()) if (CALLS.has(reader.opcode)) return this.#module.bytes[reader.end] !== UNREACHABLE;
    } catch {
      // a row of damaged lines stands amid an instruction
    }
    return false;
  }

  /**
   * The instruction at which the statement of a row is reached however control comes there. The row may begin at a `loop` or at the `end` of a block:
   * a branch to those lands behind them. (A loop's next round would not be seen.)
   */
  #behindStructure(definedFunction: number, row: number, end: number): number {
    const { bytes, bodyStart, bodyEnd } = this.#module;
    const rows = this.#rows;
    // what stands before the first instruction, local declarations, is none
    const begin =
      rows.offset[row] === bodyStart[definedFunction] ? codeStart(this.#module, definedFunction) : rows.offset[row]!;
    let place = begin;
    this.#loops = false;
    // the function's own `end` is its last byte
    for (let at = begin, next = row + 1; at < bodyEnd[definedFunction]! - 1; ) {
      const opcode = bytes[at++]!;
      if (opcode !== LOOP && opcode !== BLOCK && opcode !== END) break;
      // the type of a block: a LEB128
      if (opcode !== END) while ((bytes[at++] ?? 0) >= 0x80);
      // not past where another line begins
      for (; next < end && rows.offset[next]! <= at; next++) {
        const sameLine = rows.line[next] === rows.line[row] && rows.file[next] === rows.file[row];
        if (rows.offset[next]! > begin && !sameLine) return place;
      }
      // a block begins nothing that is reached otherwise
      if (opcode !== BLOCK) place = at;
      if (opcode === LOOP) this.#loops = true;
    }
    return place;
  }

  get count(): number {
    return this.offset.length;
  }

  file(statement: number): number {
    return this.#rows.file[this.row[statement]!]!;
  }
  line(statement: number): number {
    return this.#rows.line[this.row[statement]!]!;
  }
  column(statement: number): number {
    return this.#rows.column[this.row[statement]!]!;
  }

  /** The statements of these files, ascending: few of all. */
  of(files: readonly number[]): Uint32Array {
    const key = files.join();
    let found = this.#ofFiles.get(key);
    if (found === undefined) {
      const isOf = new Uint8Array(this.files.count);
      for (const file of files) isOf[file] = 1;
      found = new Uint32Array(this.count);
      let count = 0;
      for (let at = 0; at < this.count; at++) if (isOf[this.file(at)] === 1) found[count++] = at;
      found = found.slice(0, count);
      this.#ofFiles.set(key, found);
    }
    return found;
  }

  /** The statement that begins at the instruction at `offset`; -1: none does. */
  at(offset: number): number {
    const found = lowerBound(this.offset, offset);
    return this.offset[found] === offset ? found : -1;
  }

  /** The first statement of the function whose code holds `offset`, behind its prologue; -1: it has none. */
  first(definedFunction: number): number {
    const { bodyStart, bodyEnd } = this.#module;
    const found = lowerBound(this.offset, bodyStart[definedFunction] ?? Number.POSITIVE_INFINITY);
    return (this.offset[found] ?? Number.POSITIVE_INFINITY) < (bodyEnd[definedFunction] ?? 0) ? found : -1;
  }

  /** The function, among those that the module defines, whose body holds `offset`; -1: none. */
  functionOf(offset: number): number {
    const { bodyStart, bodyEnd } = this.#module;
    const n = lowerBound(bodyStart, offset + 1) - 1;
    return n >= 0 && offset < bodyEnd[n]! ? n : -1;
  }

  /** Where the instruction at `offset` comes from; code that no line stands for belongs to the line before it. */
  placeAt(offset: number): LinePlace | undefined {
    const n = this.functionOf(offset);
    if (n < 0) return undefined;
    const rows = this.#rows;
    const first = this.#firstRow[n]!;
    let at = lowerBound(rows.offset, offset + 1, first, this.#firstRow[n + 1]!) - 1;
    if (at >= first && (rows.flags[at]! & RowFlag.EndSequence) !== 0) return undefined;
    while (at >= first && rows.line[at] === 0) at--;
    if (at < first) return undefined;
    return { file: rows.file[at]!, line: rows.line[at]!, column: rows.column[at]! };
  }

  /** The least and the greatest line of these files in a function, its prologue included; undefined: none of its code is of them. */
  span(
    definedFunction: number,
    isOf: (file: number) => boolean,
  ): { readonly low: number; readonly high: number } | undefined {
    const rows = this.#rows;
    let low = Number.POSITIVE_INFINITY;
    let high = 0;
    for (let at = this.#firstRow[definedFunction]!; at < this.#firstRow[definedFunction + 1]!; at++) {
      const line = rows.line[at]!;
      if (line === 0 || (rows.flags[at]! & RowFlag.EndSequence) !== 0 || !isOf(rows.file[at]!)) continue;
      if (line < low) low = line;
      if (line > high) high = line;
    }
    return high === 0 ? undefined : { low, high };
  }

  /** The greatest line of each file that code is of; 0 for files of which none is. */
  lastLines(): Uint32Array {
    const { count, file, line } = this.#rows;
    const last = new Uint32Array(this.files.count);
    for (let at = 0; at < count; at++) if (line[at]! > last[file[at]!]!) last[file[at]!] = line[at]!;
    return last;
  }

  /** Offsets of all statements that steps may end at, ascending. */
  steppedOffsets(): Uint32Array {
    const stepped = steppedFiles(this.files);
    const found = new Uint32Array(this.count);
    let count = 0;
    for (let at = 0; at < this.count; at++) if (stepped[this.file(at)] === 1) found[count++] = this.offset[at]!;
    return found.slice(0, count);
  }
}

/** Of each file: 1 where steps end in it. */
const steppedFiles = (files: SourceFiles): Uint8Array =>
  Uint8Array.from({ length: files.count }, (_, file) => (files.stepped(file) ? 1 : 0));

/** The row at which the prologue is over: as the compiler says, else the second place of the function, if it has one. */
function afterPrologue(rows: LineRows, first: number, end: number, bodyStart: number): number {
  for (let at = first; at < end; at++) if ((rows.flags[at]! & RowFlag.PrologueEnd) !== 0) return at;
  for (let at = first; at < end; at++)
    if (rows.offset[at]! > bodyStart && rows.line[at] !== 0 && (rows.flags[at]! & RowFlag.EndSequence) === 0) return at;
  return first;
}

/** The first row of each defined function, and one more: both ascend. */
function firstRows(rows: LineRows, { bodyStart }: WasmModule): Uint32Array {
  const first = new Uint32Array(bodyStart.length + 1);
  let at = 0;
  for (let n = 0; n < bodyStart.length; n++) {
    // a row that ends a sequence may stand where the next function begins
    while (at < rows.count && rows.offset[at]! < bodyStart[n]!) at++;
    while (at < rows.count && rows.offset[at] === bodyStart[n] && (rows.flags[at]! & RowFlag.EndSequence) !== 0) at++;
    first[n] = at;
  }
  first[bodyStart.length] = rows.count;
  return first;
}

/** The first index in [low, high) whose number is not below `wanted`. */
export function lowerBound(ascending: Uint32Array, wanted: number, low = 0, high: number = ascending.length): number {
  let from = low;
  let to = high;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (ascending[middle]! < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}
