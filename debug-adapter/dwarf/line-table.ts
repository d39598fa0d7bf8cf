// The line table of a whole module: the line programs of all its units, in ascending order of code, with one list of files. Carries LineRows
// of program.ts; how programs run: line-program.ts.
import { At } from './constants.ts';
import { DieReader } from './die-reader.ts';
import type { DwarfFile } from './dwarf-file.ts';
import { FilePaths, type LineHeader, readLineHeader } from './line-header.ts';
import { RowColumns, runLineProgram } from './line-program.ts';
import type { LineRows } from './program.ts';
import { inOrderOf } from './ranges.ts';
import type { Unit } from './units.ts';

/** Characters of all paths together. */
const MAX_PATHS = 1 << 26;

/** A program with what its unit says of its files. */
interface Program {
  readonly offset: number;
  readonly header: LineHeader;
  readonly paths: FilePaths;
  /** The module's index of each of its files; -1: not asked for yet. */
  indices: Int32Array;
}

export class LineTable {
  readonly #file: DwarfFile;
  readonly #files: string[] = [];
  readonly #fileIndex = new Map<string, number>();
  readonly #reader: DieReader;
  /** By offset in .debug_line; undefined: can't be read. */
  readonly #programs = new Map<number, Program | undefined>();
  #rows: LineRows | undefined;
  /** Bytes of line programs that may still be read: garbage may begin one at every byte. */
  #left: number;
  #pathsLeft = MAX_PATHS;

  /** @param known the rows of the same module, where they were read before */
  constructor(file: DwarfFile, known?: LineRows) {
    this.#file = file;
    this.#reader = new DieReader(file);
    this.#left = 2 * (file.sections.line.end - file.sections.line.start);
    if (known === undefined) return;
    this.#files.push(...known.files);
    for (const [index, path] of this.#files.entries()) this.#fileIndex.set(path, index);
    this.#rows = { ...known, files: this.#files };
  }

  /** All rows. `files` has every file that a row names, and grows at its end when `fileOf` is asked for another. */
  get rows(): LineRows {
    this.#rows ??= this.#read();
    return this.#rows;
  }

  /** The module's index of a file that a unit's DIE names (DW_AT_decl_file, DW_AT_call_file); -1: there is none. */
  fileOf(unit: Unit, number: number): number {
    // Files of rows come first, so that a list made of `rows.files` stays true.
    if (this.#rows === undefined) this.#rows = this.#read();
    const program = this.#program(unit);
    if (program === undefined || (number === 0 && unit.version < 5)) return -1;
    const index = this.#indexOf(program, number);
    return this.#files[index] === '' ? -1 : index;
  }

  #program(unit: Unit): Program | undefined {
    const reader = this.#reader;
    if (!reader.root(unit)) return undefined;
    const offset = reader.sectionOffset(At.StmtList);
    if (offset === undefined) return undefined;
    if (this.#programs.has(offset)) return this.#programs.get(offset);
    // Only tables of version 5 may have texts by index.
    const strOffsets = unit.version >= 5 ? reader.bases().strOffsets : 0;
    const header = readLineHeader(this.#file.sections, offset, unit.addressSize, strOffsets);
    let program: Program | undefined;
    if (typeof header === 'string') {
      this.#file.problem(`The line program at 0x${offset.toString(16)} can't be read: ${header}.`);
    } else if (this.#left < header.end - header.start) {
      this.#file.problem('The line programs of some units overlap; not all of them are read.');
    } else {
      this.#left -= header.end - this.#file.sections.line.start - offset;
      program = {
        offset,
        header,
        paths: new FilePaths(this.#file.bytes, header, reader.string(At.CompDir) ?? '', reader.string(At.Name) ?? ''),
        indices: new Int32Array(header.files.names.length).fill(-1),
      };
    }
    this.#programs.set(offset, program);
    return program;
  }

  /** The index of a file of the program; of '' where garbage names more files than there can be. */
  #indexOf(program: Program, number: number): number {
    const known = program.indices[number];
    if (known !== undefined && known >= 0) return known;
    const path = this.#pathsLeft > 0 ? program.paths.path(number) : '';
    let index = this.#fileIndex.get(path);
    if (index === undefined) {
      this.#pathsLeft -= path.length;
      index = this.#files.push(path) - 1;
      this.#fileIndex.set(path, index);
    }
    if (known !== undefined) program.indices[number] = index;
    return index;
  }

  #read(): LineRows {
    const { sections } = this.#file;
    // Compilers write a row in some ten bytes, tables of files included.
    const columns = new RowColumns(Math.ceil((sections.line.end - sections.line.start) / 8));
    const run = new Set<number>();
    for (const unit of this.#file.units) {
      const program = this.#program(unit);
      if (program === undefined || run.has(program.offset)) continue;
      run.add(program.offset);
      const why = runLineProgram(sections, program.header, (number) => this.#indexOf(program, number), columns);
      if (why !== '')
        this.#file.problem(`The line program at 0x${program.offset.toString(16)} is not read to its end: ${why}.`);
    }
    return inOrder(columns, this.#files);
  }
}

/** The sequences in ascending order. Those of linkers don't overlap; where some do all the same, rows are sorted one by one. */
function inOrder(columns: RowColumns, files: readonly string[]): LineRows {
  const { starts, lows, count } = columns;
  const sequences = inOrderOf(lows);
  const offset = new Uint32Array(count);
  const file = new Uint32Array(count);
  const line = new Uint32Array(count);
  const column = new Uint16Array(count);
  const flags = new Uint8Array(count);
  let to = 0;
  let sorted = true;
  let last = 0;
  for (const sequence of sequences) {
    const from = starts[sequence]!;
    const end = starts[sequence + 1] ?? count;
    if (lows[sequence]! < last || !columns.ascending[sequence]) sorted = false;
    offset.set(columns.offset.subarray(from, end), to);
    file.set(columns.file.subarray(from, end), to);
    line.set(columns.line.subarray(from, end), to);
    column.set(columns.column.subarray(from, end), to);
    flags.set(columns.flags.subarray(from, end), to);
    last = columns.offset[end - 1]!;
    to += end - from;
  }
  if (sorted) return { count, offset, file, line, column, flags, files };
  const order = Uint32Array.from({ length: count }, (_, row) => row).sort((a, b) => offset[a]! - offset[b]! || a - b);
  return {
    count,
    offset: offset.map((_, row) => offset[order[row]!]!),
    file: file.map((_, row) => file[order[row]!]!),
    line: line.map((_, row) => line[order[row]!]!),
    column: column.map((_, row) => column[order[row]!]!),
    flags: flags.map((_, row) => flags[order[row]!]!),
    files,
  };
}
