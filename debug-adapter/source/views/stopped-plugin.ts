// A plugin that stands where it calls `stop_here`, for tests of views over real memory: a copy of its memory, and the variables of the caller.
// The module is run by itself, without the debugger's engine: the body of `stop_here` is replaced by a call of proc_exit with the stack
// pointer, which is what the caller's frame base is in code that is not optimised. Only tests import it.
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { openDwarf } from '../../dwarf/dwarf.ts';
import type { Machine } from '../../dwarf/location.ts';
import type { DwarfProgram, Scope, Variable } from '../../dwarf/program.ts';
import { parseModule, SectionId, type WasmModule } from '../../wasm/module.ts';
import { tableFunctions } from '../../wasm/table-functions.ts';
import { bytesAt, MemoryBytes } from '../bytes.ts';
import { scopesAt } from '../scopes.ts';
import type { Program, Value } from '../value.ts';

/** What the caller of `stop_here` looked like. */
export interface Stop {
  readonly dwarf: DwarfProgram;
  readonly program: Program;
  readonly memory: Uint8Array;
  readonly function: Scope;
  /** Of the call of stop_here. */
  readonly line: number;
  /** Those whose scope it stands in; what is declared further down has no value yet. */
  readonly variables: readonly { readonly variable: Variable; readonly value: Value }[];
}

/** The file of a plugin in test-plugins/out; testing/run-call.ts has the same, and the whole engine with it. */
export const built = (name: string): string =>
  fileURLToPath(new URL(`../../../test-plugins/out/${name}.wasm`, import.meta.url));

/** Test options that skip, with a sentence, where a plugin could not be built; where CI is set the test fails. */
export const unlessBuilt = (name: string): { skip?: string } =>
  fs.existsSync(built(name)) || process.env['CI']
    ? {}
    : { skip: `test-plugins/out/${name}.wasm is not built: node test-plugins/build.ts builds it.` };

export interface Plugin {
  readonly module: WasmModule;
  readonly patched: WebAssembly.Module;
  readonly original: (offset: number) => number;
  readonly dwarf: DwarfProgram;
}

/** @param file of a module built without optimisation, with a function `stop_here`; may be compressed */
export function openPlugin(file: string): Plugin {
  const content = fs.readFileSync(file);
  const module = parseModule(new Uint8Array(file.endsWith('.gz') ? gunzipSync(content) : content));
  const dwarf = openDwarf(module);
  if (dwarf === undefined) throw new Error(`${file} has no debug information`);
  const { bytes, original } = withStops(module, dwarf);
  return { module, patched: new WebAssembly.Module(bytes), original, dwarf };
}

interface Patched {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The original's offset of an offset in the code of the patched module. */
  readonly original: (offset: number) => number;
}

/** The module with another body of stop_here: no locals; global.get 0; call proc_exit; end. */
function withStops(module: WasmModule, dwarf: DwarfProgram): Patched {
  const [found] = [...dwarf.functionsNamed('*::stop_here'), ...dwarf.functionsNamed('stop_here')];
  const index = module.bodyStart.findIndex((start, at) => {
    const offset = found?.offset ?? -1;
    return offset >= start && offset < (module.bodyEnd[at] ?? 0);
  });
  const exit = module.imports.find(({ name }) => name === 'proc_exit')?.index ?? -1;
  const section = module.sections.find(({ id }) => id === SectionId.Code);
  const start = module.bodyStart[index] ?? 0;
  const end = module.bodyEnd[index] ?? 0;
  if (index < 0 || exit < 0 || section === undefined) throw new Error('stop_here can not be replaced');
  const { bytes } = module;
  // the size is the shortest that says it, or as long as the linker likes
  let size = start - 1;
  while (size > section.start && bytes[size - 1]! >= 0x80) size--;
  const body = [0x00, 0x23, 0x00, 0x10, ...leb(exit), 0x0b];
  const content = joined(
    bytes.subarray(section.start, size),
    Uint8Array.from([...leb(body.length), ...body]),
    bytes.subarray(end, section.end),
  );
  const head = joined(bytes.subarray(0, section.offset), Uint8Array.from([section.id, ...leb(content.length)]));
  const shifted = head.length - section.start;
  const grown = content.length - (section.end - section.start);
  return {
    bytes: joined(head, content, bytes.subarray(section.end)),
    original: (offset) => offset - shifted - (offset - shifted > start ? grown : 0),
  };
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

class Ended extends Error {}

/** Runs one method of the plugin, and gives what it looked like each time that `stop_here` was called. The host answers nothing. */
export function stopsOf({ module, patched, original, dwarf }: Plugin, method: string): Stop[] {
  const stops: Stop[] = [];
  const input = new TextEncoder().encode(`${JSON.stringify({ jsonrpc: '2.0', id: 0, method, params: null })}\n`);
  const table = tableFunctions(module);
  const functionNamed = (at: number) => {
    const index = table[at] ?? -1;
    if (index < 0) return undefined;
    const offset = module.bodyStart[index - module.importedFunctions] ?? 0;
    return { name: dwarf.functionAt(offset)?.name ?? '', offset };
  };
  let read = 0;
  const buffer = () => (instance.exports['memory'] as WebAssembly.Memory).buffer;
  const view = () => new DataView(buffer());
  const eachVector = (start: number, count: number, use: (at: number, length: number) => number): number => {
    let done = 0;
    for (let i = 0; i < count; i++)
      done += use(view().getUint32(start + i * 8, true), view().getUint32(start + i * 8 + 4, true));
    return done;
  };
  const calls: Record<string, (...given: number[]) => number> = {
    proc_exit: (stackPointer = 0) => {
      const offset = callerOffset();
      if (offset === undefined) throw new Ended('the plugin ended');
      const stop = stopAt(dwarf, original(offset), new Uint8Array(buffer()).slice(), stackPointer, functionNamed);
      if (stop !== undefined) stops.push(stop);
      return 0;
    },
    fd_read: (_fd, start = 0, count = 0, size = 0) => {
      if (read === input.length) throw new Ended('the plugin waits for its host');
      const copy = (at: number, length: number): number => {
        const part = input.subarray(read, read + length);
        new Uint8Array(buffer()).set(part, at);
        read += part.length;
        return part.length;
      };
      view().setUint32(size, eachVector(start, count, copy), true);
      return 0;
    },
    fd_write: (_fd, start = 0, count = 0, size = 0) => {
      view().setUint32(
        size,
        eachVector(start, count, (_, length) => length),
        true,
      );
      return 0;
    },
    random_get: (start = 0, length = 0) => {
      for (let i = 0; i < length; i++) view().setUint8(start + i, (i * 37 + 11) & 255);
      return 0;
    },
    environ_sizes_get: (first = 0, second = 0) => {
      view().setUint32(first, 0, true);
      view().setUint32(second, 0, true);
      return 0;
    },
  };
  const anyCall = new Proxy(calls, {
    get: (known, name) => (typeof name === 'string' && Object.hasOwn(known, name) ? known[name] : () => 0),
  });
  const imports: WebAssembly.Imports = {};
  for (const { module: from, name } of module.imports) {
    imports[from] ??= {};
    const call = name === 'clock_time_get' ? clock : anyCall[name];
    Object.assign(imports[from], { [name]: call });
  }
  function clock(_id: number, _precision: bigint, at: number): number {
    view().setBigUint64(at, 12_345_678_901n, true);
    return 0;
  }
  const instance = new WebAssembly.Instance(patched, imports);
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 6;
  try {
    (instance.exports['_start'] as () => void)();
  } catch (error) {
    if (!(error instanceof Ended) && !(error instanceof WebAssembly.RuntimeError)) throw error;
  } finally {
    Error.stackTraceLimit = limit;
  }
  return stops;
}

/** Where the caller of stop_here stands, by the engine's own trace; undefined where it is not stop_here that called. */
function callerOffset(): number | undefined {
  const frames = [...(new Error().stack ?? '').matchAll(/at (.*?) \(wasm:.*?wasm-function\[\d+\]:0x([0-9a-f]+)\)/g)];
  if (!/stop_here/.test(frames[0]?.[1] ?? '')) return undefined;
  return Number.parseInt(frames[1]?.[2] ?? '', 16);
}

function stopAt(
  dwarf: DwarfProgram,
  offset: number,
  memory: Uint8Array,
  stackPointer: number,
  functionNamed: Program['functionNamed'],
): Stop | undefined {
  const scope = dwarf.functionAt(offset);
  if (scope === undefined) return undefined;
  const missing = { reason: 'it is not at hand' };
  const read = (address: number, length: number) =>
    address + length <= memory.length
      ? memory.subarray(address, address + length)
      : { reason: `address ${address} is outside memory` };
  const machine: Machine = {
    local: () => missing,
    global: () => missing,
    operand: () => missing,
    memory: read,
    frameBase: () => stackPointer,
    stackPointer: () => ({ global: 0, value: stackPointer }),
    entry: () => missing,
  };
  const variables: { variable: Variable; value: Value }[] = [];
  for (const { variables: here } of scopesAt(scope, offset))
    for (const variable of here) {
      const location = dwarf.locate(variable, scope, offset, machine);
      variables.push({ variable, value: { type: variable.type, bytes: bytesAt(location, machine) } });
    }
  const program = programOver(memory, dwarf, functionNamed);
  return { dwarf, program, memory, function: scope, line: lineAt(dwarf, offset), variables };
}

function lineAt({ lines }: DwarfProgram, offset: number): number {
  let line = 0;
  for (let row = 0; row < lines.count && lines.offset[row]! <= offset; row++) line = lines.line[row]!;
  return line;
}

/** A program over a copy of memory. */
export function programOver(memory: Uint8Array, dwarf: DwarfProgram, functionNamed: Program['functionNamed']): Program {
  const read = (address: number, length: number) =>
    address >= 0 && length >= 0 && address + length <= memory.length
      ? memory.subarray(address, address + length)
      : { reason: `address ${address} is outside memory` };
  return {
    types: dwarf.types,
    memorySize: memory.length,
    memory: (address) => new MemoryBytes(read, address),
    functionNamed,
  };
}
