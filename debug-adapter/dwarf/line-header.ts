// The header of a line number program (DWARF 5 §6.2.4; versions 2 to 5): how its opcodes count, and its tables of directories and files, of
// which only the positions of the texts are kept. Not the program: line-program.ts.
import { Form } from './constants.ts';
import { type Encoded, skipForm } from './forms.ts';
import { type DwarfSections, type SectionRange, skipLeb, textAt, u16, u32, u64, uleb, unsignedOf } from './sections.ts';

/** DW_LNCT_* (§6.2.4.1) */
const PATH = 1;
const DIRECTORY_INDEX = 2;

/** Text positions (in the bytes of the module) of directories and files; 0: none. */
export interface FileNames {
  readonly directories: readonly number[];
  /** A file's name and the index of its directory. */
  readonly names: number[];
  readonly directoryOf: number[];
}

export interface LineHeader extends Encoded {
  readonly minimumInstructionLength: number;
  /** 1 but for VLIW machines. */
  readonly maximumOperations: number;
  readonly defaultIsStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Position of the length of standard opcode 1. */
  readonly opcodeLengths: number;
  readonly files: FileNames;
  /** The program's opcodes: [start, end) in the bytes of the module. */
  readonly start: number;
  readonly end: number;
}

/** Reads the header at an offset of .debug_line; `strOffsets` is the unit's base in .debug_str_offsets. Why not: a clause. */
export function readLineHeader(
  sections: DwarfSections,
  offset: number,
  addressSize: number,
  strOffsets: number,
): LineHeader | string {
  const { bytes, line: section } = sections;
  let position = section.start + offset;
  if (!(position + 4 <= section.end)) return 'it is not in .debug_line';
  let length = u32(bytes, position);
  position += 4;
  let offsetSize: 4 | 8 = 4;
  if (length === 0xffffffff) {
    length = u64(bytes, position);
    position += 8;
    offsetSize = 8;
  } else if (length >= 0xfffffff0) return 'its length is one that no version of DWARF knows';
  const end = position + length;
  if (!(end <= section.end)) return 'it is longer than .debug_line';
  const version = u16(bytes, position);
  position += 2;
  if (version < 2 || version > 5) return `it is of version ${version}, which is not known`;
  let size = addressSize;
  if (version >= 5) {
    size = bytes[position] ?? 0;
    position += 2;
  }
  const start = position + offsetSize + unsignedOf(bytes, position, offsetSize);
  position += offsetSize;
  if (!(start <= end)) return 'its header is longer than itself';
  const minimumInstructionLength = bytes[position++] ?? 0;
  const maximumOperations = version >= 4 ? (bytes[position++] ?? 0) : 1;
  const defaultIsStatement = bytes[position++] !== 0;
  const lineBase = ((bytes[position++] ?? 0) << 24) >> 24;
  const lineRange = bytes[position++] ?? 0;
  const opcodeBase = bytes[position++] ?? 0;
  const opcodeLengths = position;
  position += Math.max(0, opcodeBase - 1);
  const encoded: Encoded = { version, offsetSize, addressSize: size };
  const files: FileNames =
    version >= 5 ? readEntries(sections, position, start, encoded, strOffsets) : readStrings(bytes, position, start);
  return {
    ...encoded,
    minimumInstructionLength,
    maximumOperations,
    defaultIsStatement,
    lineBase,
    lineRange,
    opcodeBase,
    opcodeLengths,
    files,
    start,
    end,
  };
}

/** The tables of versions 2 to 4, made to count from 0 as those of version 5 do: directory 0 and file 0 are the unit's own. */
function readStrings(bytes: Uint8Array, from: number, limit: number): FileNames {
  const directories = [0];
  let position = from;
  while (position < limit && bytes[position] !== 0) {
    directories.push(position);
    position = behindText(bytes, position, limit);
  }
  position++;
  const files: FileNames = { directories, names: [0], directoryOf: [0] };
  while (position < limit && bytes[position] !== 0) position = readFileEntry(bytes, position, limit, files);
  return files;
}

function behindText(bytes: Uint8Array, at: number, limit: number): number {
  const zero = bytes.indexOf(0, at);
  return zero < 0 || zero >= limit ? limit : zero + 1;
}

/** One file of versions 2 to 4, also that of DW_LNE_define_file; gives the position behind it. */
export function readFileEntry(bytes: Uint8Array, at: number, limit: number, files: FileNames): number {
  let position = behindText(bytes, at, limit);
  files.names.push(at);
  files.directoryOf.push(uleb(bytes, position));
  for (let n = 0; n < 3; n++) position = skipLeb(bytes, position, limit); // directory, time, length
  return position;
}

/** The tables of version 5 (§6.2.4.1). */
function readEntries(
  sections: DwarfSections,
  from: number,
  limit: number,
  encoded: Encoded,
  strOffsets: number,
): FileNames {
  const directories: number[] = [];
  const names: number[] = [];
  const directoryOf: number[] = [];
  const after = readTable(sections, from, limit, encoded, strOffsets, directories, undefined);
  if (after >= 0) readTable(sections, after, limit, encoded, strOffsets, names, directoryOf);
  return { directories, names, directoryOf };
}

function readTable(
  sections: DwarfSections,
  from: number,
  limit: number,
  encoded: Encoded,
  strOffsets: number,
  texts: number[],
  directoryOf: number[] | undefined,
): number {
  const { bytes } = sections;
  let position = from;
  const formats = bytes[position++] ?? 0;
  const contents: number[] = [];
  const forms: number[] = [];
  for (let n = 0; n < formats && position < limit; n++) {
    contents.push(uleb(bytes, position));
    position = skipLeb(bytes, position, limit);
    forms.push(uleb(bytes, position));
    position = skipLeb(bytes, position, limit);
  }
  const count = uleb(bytes, position);
  position = skipLeb(bytes, position, limit);
  for (let entry = 0; entry < count; entry++) {
    const start = position;
    let text = 0;
    let directory = 0;
    for (let n = 0; n < forms.length; n++) {
      const form = forms[n]!;
      const end = skipForm(bytes, position, limit, form, encoded);
      if (end < 0) return -1;
      if (contents[n] === PATH) text = textPosition(sections, position, form, encoded, strOffsets);
      else if (contents[n] === DIRECTORY_INDEX) directory = constantOf(bytes, position, form);
      position = end;
    }
    if (position === start) return position; // entries that take no bytes say nothing, and there may be endlessly many
    texts.push(text);
    directoryOf?.push(directory);
  }
  return position;
}

function constantOf(bytes: Uint8Array, at: number, form: number): number {
  switch (form) {
    case Form.Data1:
      return bytes[at] ?? 0;
    case Form.Data2:
      return unsignedOf(bytes, at, 2);
    case Form.Data4:
      return unsignedOf(bytes, at, 4);
    case Form.Udata:
      return uleb(bytes, at);
    default:
      return 0;
  }
}

/** Where the text of a form lies; 0: nowhere. */
function textPosition(
  sections: DwarfSections,
  at: number,
  form: number,
  { offsetSize }: Encoded,
  strOffsets: number,
): number {
  const { bytes } = sections;
  const within = (section: SectionRange, offset: number) =>
    offset < section.end - section.start ? section.start + offset : 0;
  let index: number;
  switch (form) {
    case Form.String:
      return at;
    case Form.LineStrp:
      return within(sections.lineStr, unsignedOf(bytes, at, offsetSize));
    case Form.Strp:
      return within(sections.str, unsignedOf(bytes, at, offsetSize));
    case Form.Strx:
      index = uleb(bytes, at);
      break;
    case Form.Strx1:
    case Form.Strx2:
    case Form.Strx3:
    case Form.Strx4:
      index = unsignedOf(bytes, at, form - Form.Strx1 + 1);
      break;
    default:
      return 0;
  }
  const entry = sections.strOffsets.start + strOffsets + index * offsetSize;
  if (!(entry + offsetSize <= sections.strOffsets.end)) return 0;
  return within(sections.str, unsignedOf(bytes, entry, offsetSize));
}

/** Absolute on some machine: `/a`, `\a`, `C:\a`, or remapped to a scheme of its own, as the WASI SDK's sources are (`wasisdk://v30.0/…`). */
const ABSOLUTE = /^(?:[/\\]|[A-Za-z][\w+.-]*:)/;

/** A directory and what is in it, with the separator that the directory has. */
export function joinPath(directory: string, name: string): string {
  if (directory === '' || ABSOLUTE.test(name)) return name;
  if (name === '') return directory;
  if (/[/\\]$/.test(directory)) return directory + name;
  const backslash = directory.includes('\\') && !directory.includes('/');
  return `${directory}${backslash ? '\\' : '/'}${name}`;
}

/** Bytes of the longest part of a path that is read whole. */
const MAX_PART = 4096;

/** The paths of the files of one table. */
export class FilePaths {
  readonly #bytes: Uint8Array;
  readonly #header: LineHeader;
  readonly #directory: string;
  readonly #name: string;
  /** Paths of directories: most hold several files. */
  readonly #directories: (string | undefined)[] = [];

  /** `directory` and `name` are the unit's own (DW_AT_comp_dir, DW_AT_name). */
  constructor(bytes: Uint8Array, header: LineHeader, directory: string, name: string) {
    this.#bytes = bytes;
    this.#header = header;
    this.#directory = directory;
    this.#name = name;
  }

  /** '' where the table has no file with that number. */
  path(number: number): string {
    const { files, version } = this.#header;
    const position = files.names[number];
    if (position === undefined) return '';
    if (position === 0) return version < 5 && number === 0 ? joinPath(this.#directory, this.#name) : '';
    return joinPath(this.#parent(files.directoryOf[number] ?? 0), this.#text(position));
  }

  #parent(index: number): string {
    const { files, version } = this.#header;
    if (index === 0 && version < 5) return this.#directory;
    let path = this.#directories[index];
    if (path === undefined) {
      const own = index === 0 ? this.#directory : this.#parent(0);
      path = joinPath(own, this.#text(files.directories[index] ?? 0));
      if (index < files.directories.length) this.#directories[index] = path;
    }
    return path;
  }

  #text(at: number): string {
    return at === 0 ? '' : textAt(this.#bytes, at, { start: at, end: this.#bytes.length }, MAX_PART);
  }
}
