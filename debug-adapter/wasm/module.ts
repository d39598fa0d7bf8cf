// A module of the binary format as flat typed arrays: every section but the instructions and the names, which are read
// when somebody asks (instructions.ts, names.ts). Offsets are of the whole file. It checks structure, not types: what is
// valid decides V8 and, for production, features.ts. (E3, I1)
import { ByteReader } from './byte-reader.ts';
import { readExports, readFunctionTypes, readImports, readMemories, readTables, readTypes } from './declarations.ts';
import { WasmError } from './error.ts';
import { readDataSegments, readElementSegments, readGlobals } from './segments.ts';
import { valueTypeName } from './value-types.ts';

export const ImportKind = { Function: 0, Table: 1, Memory: 2, Global: 3 } as const;
export const EXTERNAL_KINDS = ['function', 'table', 'memory', 'global'] as const;

export const SectionId = {
  Custom: 0,
  Type: 1,
  Import: 2,
  Function: 3,
  Table: 4,
  Memory: 5,
  Global: 6,
  Export: 7,
  Start: 8,
  Element: 9,
  Code: 10,
  Data: 11,
  DataCount: 12,
} as const;

export interface Section {
  readonly id: number;
  /** Of a custom section; '' otherwise. */
  readonly name: string;
  /** The section's first byte, its id. */
  readonly offset: number;
  /** First byte of its content (after a custom section's name). */
  readonly start: number;
  readonly end: number;
}

export interface Limits {
  readonly min: number;
  /** Undefined where none is declared. */
  readonly max: number | undefined;
  /** Addresses are i64 (memory64). */
  readonly is64: boolean;
}

export interface TableType extends Limits {
  readonly elementType: number;
  readonly offset: number;
}

export interface MemoryType extends Limits {
  readonly offset: number;
}

export interface WasmImport {
  readonly module: string;
  readonly name: string;
  /** ImportKind. */
  readonly kind: number;
  /** The index in its own space (functions, tables, memories, globals). */
  readonly index: number;
  readonly offset: number;
}

export interface WasmExport {
  readonly name: string;
  /** ImportKind. */
  readonly kind: number;
  readonly index: number;
  readonly offset: number;
}

export interface WasmModule {
  readonly bytes: Uint8Array;
  /** In the order of the file, custom ones included. */
  readonly sections: readonly Section[];
  readonly typeCount: number;
  /** Parameters of type t: typeValues[typeStart[t], typeResults[t]); results: typeValues[typeResults[t], typeStart[t + 1]). */
  readonly typeStart: Uint32Array;
  readonly typeResults: Uint32Array;
  readonly typeValues: Uint8Array;
  readonly imports: readonly WasmImport[];
  readonly importedFunctions: number;
  readonly importedTables: number;
  readonly importedMemories: number;
  readonly importedGlobals: number;
  /** Type index of each function, imported ones first. */
  readonly functionTypes: Uint32Array;
  readonly tables: readonly TableType[];
  readonly memories: readonly MemoryType[];
  /** Value type, mutability (0, 1) of each global, imported ones first. */
  readonly globalTypes: Uint8Array;
  readonly globalMutable: Uint8Array;
  /** The initial expression of each global, without the closing `end`; 0, 0 for imported ones. */
  readonly globalInitStart: Uint32Array;
  readonly globalInitEnd: Uint32Array;
  readonly exports: readonly WasmExport[];
  /** Function index; -1 for none. */
  readonly start: number;
  readonly elementCount: number;
  /** Number of items of each element segment. */
  readonly elementLength: Uint32Array;
  /** Mode of each segment: 0 active, 1 passive, 2 declarative. */
  readonly elementMode: Uint8Array;
  /** -1 without the section. */
  readonly dataCount: number;
  readonly dataStart: Uint32Array;
  readonly dataEnd: Uint32Array;
  /** 0 active, 1 passive. */
  readonly dataMode: Uint8Array;
  /** Defined functions, in order: the body from its local declarations (after its size) to its end. */
  readonly bodyStart: Uint32Array;
  readonly bodyEnd: Uint32Array;
}

/** The order in which the sections must come; custom ones may come anywhere. */
const RANK = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11];

/** What the sections fill in, one after the other. */
export type Draft = { -readonly [K in keyof WasmModule]: WasmModule[K] };

/** Whether these bytes begin like a WebAssembly module (not a component). */
function isWasm(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
}

/** Reads a module (WebAssembly core §5.5). Keeps a view of `bytes`. Throws WasmError. */
export function parseModule(bytes: Uint8Array): WasmModule {
  if (!isWasm(bytes)) throw new WasmError('This is not a WebAssembly module: it does not begin with \\0asm', 0);
  const version = bytes[4]! | (bytes[5]! << 8) | (bytes[6]! << 16) | (bytes[7]! << 24);
  if (version === 0x1000d)
    throw new WasmError('This is a WebAssembly component; a plugin is a core module (target wasm32-wasip1)', 4);
  if (version !== 1)
    throw new WasmError(`The version of the WebAssembly format is ${version}, which is not supported`, 4);
  const sections: Section[] = [];
  const module: Draft = {
    bytes,
    sections,
    typeCount: 0,
    typeStart: new Uint32Array(1),
    typeResults: new Uint32Array(0),
    typeValues: new Uint8Array(0),
    imports: [],
    importedFunctions: 0,
    importedTables: 0,
    importedMemories: 0,
    importedGlobals: 0,
    functionTypes: new Uint32Array(0),
    tables: [],
    memories: [],
    globalTypes: new Uint8Array(0),
    globalMutable: new Uint8Array(0),
    globalInitStart: new Uint32Array(0),
    globalInitEnd: new Uint32Array(0),
    exports: [],
    start: -1,
    elementCount: 0,
    elementLength: new Uint32Array(0),
    elementMode: new Uint8Array(0),
    dataCount: -1,
    dataStart: new Uint32Array(0),
    dataEnd: new Uint32Array(0),
    dataMode: new Uint8Array(0),
    bodyStart: new Uint32Array(0),
    bodyEnd: new Uint32Array(0),
  };
  const file = new ByteReader(bytes, 8);
  let rank = 0;
  while (!file.done) {
    const offset = file.position;
    const id = file.byte();
    if (id === 13)
      throw new WasmError(
        'The module has a tag section: it uses exceptions, which are not supported',
        offset,
        'exceptions',
      );
    if (id > 12) file.fail(`section ${id} is unknown`, offset);
    const size = file.u32();
    const start = file.skip(size, 'a section');
    const reader = new ByteReader(bytes, start, file.position);
    if (id === SectionId.Custom) {
      const name = reader.name();
      sections.push({ id, name, offset, start: reader.position, end: reader.limit });
      continue;
    }
    const order = RANK[id] ?? 0;
    if (order <= rank) file.fail('a section comes twice or out of order', offset);
    rank = order;
    sections.push({ id, name: '', offset, start, end: reader.limit });
    readSection(module, id, reader);
    if (!reader.done) reader.fail('a section is longer than its content');
  }
  if (module.bodyStart.length !== module.functionTypes.length - module.importedFunctions)
    throw new WasmError(
      `The module cannot be read: it declares ${module.functionTypes.length - module.importedFunctions} functions and has ${module.bodyStart.length} bodies`,
      bytes.length,
    );
  if (module.dataCount >= 0 && module.dataCount !== module.dataMode.length)
    throw new WasmError(
      `The module cannot be read: it announces ${module.dataCount} data segments and has ${module.dataMode.length}`,
      bytes.length,
    );
  return module;
}

function readSection(module: Draft, id: number, reader: ByteReader): void {
  switch (id) {
    case SectionId.Type:
      readTypes(module, reader);
      break;
    case SectionId.Import:
      readImports(module, reader);
      break;
    case SectionId.Function:
      readFunctionTypes(module, reader);
      break;
    case SectionId.Table:
      readTables(module, reader);
      break;
    case SectionId.Memory:
      readMemories(module, reader);
      break;
    case SectionId.Global:
      readGlobals(module, reader);
      break;
    case SectionId.Export:
      readExports(module, reader);
      break;
    case SectionId.Start: {
      const offset = reader.position;
      module.start = reader.u32();
      if (module.start >= module.functionTypes.length) reader.fail('its start function does not exist', offset);
      const type = module.functionTypes[module.start]!;
      if (module.typeStart[type] !== module.typeStart[type + 1])
        reader.fail('its start function takes or gives values', offset);
      break;
    }
    case SectionId.Element:
      readElementSegments(module, reader);
      break;
    case SectionId.DataCount:
      module.dataCount = reader.u32();
      break;
    case SectionId.Code:
      readBodies(module, reader);
      break;
    case SectionId.Data:
      readDataSegments(module, reader);
      break;
  }
}

function readBodies(module: Draft, reader: ByteReader): void {
  const count = reader.count('functions');
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  for (let n = 0; n < count; n++) {
    const size = reader.u32();
    starts[n] = reader.skip(size, 'a function body');
    ends[n] = reader.position;
  }
  module.bodyStart = starts;
  module.bodyEnd = ends;
}

/** The section with this id; undefined for none. */
export function sectionOf(module: WasmModule, id: number): Section | undefined {
  return module.sections.find((section) => section.id === id);
}

/** Parameter types of type `index`, as a view. */
export function parametersOf(module: WasmModule, index: number): Uint8Array {
  return module.typeValues.subarray(module.typeStart[index] ?? 0, module.typeResults[index] ?? 0);
}

/** Result types of type `index`, as a view. */
export function resultsOf(module: WasmModule, index: number): Uint8Array {
  return module.typeValues.subarray(module.typeResults[index] ?? 0, module.typeStart[index + 1] ?? 0);
}

/** A function type as text: `(i32, i64) -> (i32)`. */
export function functionType(module: WasmModule, type: number): string {
  const words = (types: Uint8Array) => Array.from(types, valueTypeName).join(', ');
  return `(${words(parametersOf(module, type))}) -> (${words(resultsOf(module, type))})`;
}
