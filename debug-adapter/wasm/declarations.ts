// The sections that declare: types, imports, functions, tables, memories, exports (WebAssembly core §5.5.4 to §5.5.10).
import type { ByteReader } from './byte-reader.ts';
import { WasmError } from './error.ts';
import {
  type Draft,
  ImportKind,
  type Limits,
  type MemoryType,
  type TableType,
  type WasmExport,
  type WasmImport,
} from './module.ts';
import { quoted } from './quoted.ts';
import { isReferenceType } from './value-types.ts';

/** A value type; refuses those of proposals that wasmi does not have. */
export function readValueType(reader: ByteReader): number {
  const offset = reader.position;
  const type = reader.byte();
  if ((type >= 0x7b && type <= 0x7f) || isReferenceType(type)) return type;
  if (type === 0x69 || type === 0x74)
    throw new WasmError('The type exnref belongs to exceptions, which are not supported', offset, 'exceptions');
  if (type === 0x63 || type === 0x64)
    throw new WasmError(
      'A typed function reference is used, which is not supported',
      offset,
      'typed-function-references',
    );
  if (type >= 0x60 && type < 0x80)
    throw new WasmError(`The type 0x${type.toString(16)} belongs to gc, which is not supported`, offset, 'gc');
  return reader.fail(`the type 0x${type.toString(16)} is unknown`, offset);
}

function readReferenceType(reader: ByteReader): number {
  const offset = reader.position;
  const type = readValueType(reader);
  if (!isReferenceType(type)) reader.fail('a table holds something else than references', offset);
  return type;
}

/** Limits of a memory or table; `what` names it in errors. */
function readLimits(reader: ByteReader, what: 'memory' | 'table'): Limits {
  const offset = reader.position;
  const flags = reader.byte();
  if (flags & 2) throw new WasmError(`A shared ${what} belongs to threads, which are not supported`, offset, 'threads');
  if (flags & 8)
    throw new WasmError(
      `A ${what} with pages of its own size belongs to custom-page-sizes, which are not supported`,
      offset,
      'custom-page-sizes',
    );
  if (flags > 7) reader.fail(`the limits of a ${what} are malformed`, offset);
  const is64 = (flags & 4) !== 0;
  const min = is64 ? reader.u64() : reader.u32();
  const max = flags & 1 ? (is64 ? reader.u64() : reader.u32()) : undefined;
  return { min, max, is64 };
}

function readTableType(reader: ByteReader): TableType {
  const offset = reader.position;
  const elementType = readReferenceType(reader);
  return { ...readLimits(reader, 'table'), elementType, offset };
}

function readMemoryType(reader: ByteReader): MemoryType {
  const offset = reader.position;
  return { ...readLimits(reader, 'memory'), offset };
}

export function readTypes(module: Draft, reader: ByteReader): void {
  const count = reader.count('types', 2);
  const starts = new Uint32Array(count + 1);
  const results = new Uint32Array(count);
  const values: number[] = [];
  for (let n = 0; n < count; n++) {
    const offset = reader.position;
    const form = reader.byte();
    if (form === 0x5e || form === 0x5f || form === 0x4e || form === 0x4f || form === 0x50)
      throw new WasmError(
        'The module defines a type of gc (struct, array or recursion group), which is not supported',
        offset,
        'gc',
      );
    if (form !== 0x60) reader.fail('a type is malformed', offset);
    starts[n] = values.length;
    readValueTypes(reader, 'parameters', values);
    results[n] = values.length;
    readValueTypes(reader, 'results', values);
  }
  starts[count] = values.length;
  module.typeCount = count;
  module.typeStart = starts;
  module.typeResults = results;
  module.typeValues = Uint8Array.from(values);
}

/** V8 and wasmi both stop at 1 000 parameters, and at as many results. */
function readValueTypes(reader: ByteReader, what: string, into: number[]): void {
  const offset = reader.position;
  const count = reader.count(what);
  if (count > 1000) reader.fail(`a function type has ${count} ${what}, of 1000 that engines take`, offset);
  for (let left = count; left > 0; left--) into.push(readValueType(reader));
}

function readTypeIndex(module: Draft, reader: ByteReader): number {
  const offset = reader.position;
  const index = reader.u32();
  if (index >= module.typeCount) reader.fail(`type ${index} does not exist`, offset);
  return index;
}

export function readImports(module: Draft, reader: ByteReader): void {
  const count = reader.count('imports', 4);
  const imports: WasmImport[] = [];
  const functions: number[] = [];
  const tables: TableType[] = [];
  const memories: MemoryType[] = [];
  const globals: number[] = [];
  const mutable: number[] = [];
  for (let n = 0; n < count; n++) {
    const offset = reader.position;
    const from = reader.name();
    const name = reader.name();
    const at = reader.position;
    const kind = reader.byte();
    let index = 0;
    switch (kind) {
      case ImportKind.Function:
        index = functions.push(readTypeIndex(module, reader)) - 1;
        break;
      case ImportKind.Table:
        index = tables.push(readTableType(reader)) - 1;
        break;
      case ImportKind.Memory:
        index = memories.push(readMemoryType(reader)) - 1;
        break;
      case ImportKind.Global:
        index = globals.push(readValueType(reader)) - 1;
        mutable.push(readMutability(reader));
        break;
      case 4:
        throw new WasmError('The module imports a tag: it uses exceptions, which are not supported', at, 'exceptions');
      default:
        reader.fail('an import is of an unknown kind', at);
    }
    imports.push({ module: from, name, kind, index, offset });
  }
  module.imports = imports;
  module.importedFunctions = functions.length;
  module.importedTables = tables.length;
  module.importedMemories = memories.length;
  module.importedGlobals = globals.length;
  module.functionTypes = Uint32Array.from(functions);
  module.tables = tables;
  module.memories = memories;
  module.globalTypes = Uint8Array.from(globals);
  module.globalMutable = Uint8Array.from(mutable);
  module.globalInitStart = new Uint32Array(globals.length);
  module.globalInitEnd = new Uint32Array(globals.length);
}

/** 0 or 1. */
export function readMutability(reader: ByteReader): number {
  const offset = reader.position;
  const flag = reader.byte();
  if (flag === 2 || flag === 3)
    throw new WasmError('A shared global belongs to threads, which are not supported', offset, 'threads');
  if (flag > 1) reader.fail('the mutability of a global is malformed', offset);
  return flag;
}

export function readFunctionTypes(module: Draft, reader: ByteReader): void {
  const count = reader.count('functions');
  const imported = module.functionTypes;
  const types = new Uint32Array(imported.length + count);
  types.set(imported);
  for (let n = 0; n < count; n++) types[imported.length + n] = readTypeIndex(module, reader);
  module.functionTypes = types;
}

export function readTables(module: Draft, reader: ByteReader): void {
  const tables = [...module.tables];
  for (let left = reader.count('tables', 3); left > 0; left--) {
    if (reader.bytes[reader.position] === 0x40) {
      // A table with an initial expression; only typed function references need it.
      throw new WasmError(
        'A table with an initial value belongs to typed-function-references, which are not supported',
        reader.position,
        'typed-function-references',
      );
    }
    tables.push(readTableType(reader));
  }
  module.tables = tables;
}

export function readMemories(module: Draft, reader: ByteReader): void {
  const memories = [...module.memories];
  for (let left = reader.count('memories', 2); left > 0; left--) memories.push(readMemoryType(reader));
  module.memories = memories;
}

export function readExports(module: Draft, reader: ByteReader): void {
  const exports: WasmExport[] = [];
  const limits = [module.functionTypes.length, module.tables.length, module.memories.length, module.globalTypes.length];
  for (let left = reader.count('exports', 3); left > 0; left--) {
    const offset = reader.position;
    const name = reader.name();
    const at = reader.position;
    const kind = reader.byte();
    if (kind === 4)
      throw new WasmError('The module exports a tag: it uses exceptions, which are not supported', at, 'exceptions');
    const limit = limits[kind];
    if (limit === undefined) reader.fail('an export is of an unknown kind', at);
    const index = reader.u32();
    if (index >= limit) reader.fail(`it exports something that does not exist as "${quoted(name)}"`, offset);
    exports.push({ name, kind, index, offset });
  }
  module.exports = exports;
}
