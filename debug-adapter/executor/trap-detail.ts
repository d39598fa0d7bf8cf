// What a trap was, from the instruction that trapped and the operands it was given: wasmi's word where V8 has one for two, and addresses,
// divisors, indices. Pure; the operands are those of a replay that stands before the instruction (trap-witness.ts). Contract P1.
import type { InstructionReader } from '../wasm/instructions.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opcodeNames, opcodePops } from '../wasm/opcodes.ts';
import { valueTypeName } from '../wasm/value-types.ts';

/** wasmi's words for its traps (wasmi_core 1.1.0, `TrapCode`). */
export const TRAP_WORDS = {
  unreachable: 'wasm `unreachable` instruction executed',
  memory: 'out of bounds memory access',
  table: 'undefined element: out of bounds table access',
  null: 'uninitialized element',
  divide: 'integer divide by zero',
  overflow: 'integer overflow',
  conversion: 'invalid conversion to integer',
  exhausted: 'call stack exhausted',
  signature: 'indirect call type mismatch',
} as const;

/** What a trap was. */
export interface TrapDetail {
  /** wasmi's words. */
  readonly words: string;
  /** What exactly, as a clause. */
  readonly what?: string;
  /** The bytes of memory that were to be accessed: from this address on. */
  readonly address?: bigint;
}

/** An operand; undefined where it can't be had. */
export type Operand = number | bigint | undefined;

/** The guest right before the instruction that trapped. */
export interface TrapState {
  readonly module: WasmModule;
  /** It has read the instruction. */
  readonly at: InstructionReader;
  /** Operand `index` from the top of the stack. */
  operand(index: number): Operand;
  /** Bytes; undefined where there is no such memory. */
  memorySize(index: number): number | undefined;
  /** Elements. */
  tableSize(index: number): number | undefined;
  /** The function at an index of a table: its number; -1: null; undefined: not known. */
  functionAt(table: number, index: number): number | undefined;
  nameOf(func: number): string;
}

/** What the instruction did; undefined where it is none that traps, or its operands do not say why it would. */
export function trapDetail(state: TrapState): TrapDetail | undefined {
  const name = opcodeNames[state.at.opcode] ?? '';
  if (name === 'unreachable') return { words: TRAP_WORDS.unreachable };
  const access = accessOf(name);
  if (access !== undefined) return accessDetail(state, access);
  const division = /^(i32|i64)\.(div|rem)_([su])$/.exec(name);
  if (division !== null) return divisionDetail(state, division[1] === 'i64' ? 64 : 32, division[3] === 's');
  const conversion = /^(i32|i64)\.trunc_f(?:32|64)_([su])$/.exec(name);
  if (conversion !== null) return conversionDetail(state, conversion[1] ?? '', conversion[2] === 's');
  switch (name) {
    case 'call_indirect':
    case 'return_call_indirect':
      return callDetail(state);
    case 'table.get':
    case 'table.set':
      return elementDetail(state, state.at.index, name === 'table.get' ? 0 : 1);
    default:
      return rangesDetail(state, name);
  }
}

const unsigned = (value: Operand): bigint | undefined =>
  value === undefined ? undefined : typeof value === 'bigint' ? BigInt.asUintN(64, value) : BigInt(value >>> 0);

const counted = (count: number | bigint, unit: string): string =>
  `${count} ${unit}${Number(count) === 1 ? '' : unit.endsWith('s') ? 'es' : 's'}`;

// Memory.

interface Access {
  readonly verb: 'load' | 'store';
  readonly bytes: number;
}

/** How many bytes a load or a store is of; undefined for other instructions. */
function accessOf(name: string): Access | undefined {
  const found = /^(i32|i64|f32|f64|v128)\.(load|store)(?:(\d+)(?:x(\d+))?)?(?:_\w+)?$/.exec(name);
  if (found === null) return undefined;
  const [, type = '', verb, bits, lanes] = found;
  const whole = type === 'v128' ? 16 : Number(type.slice(1)) / 8;
  const bytes = bits === undefined ? whole : (Number(bits) * Number(lanes ?? 1)) / 8;
  return { verb: verb === 'load' ? 'load' : 'store', bytes };
}

function memoryNamed(module: WasmModule, index: number, size: number | bigint): string {
  return `${module.memories.length > 1 ? `memory ${index}, of` : 'a memory of'} ${counted(size, 'byte')}`;
}

function accessDetail(state: TrapState, { verb, bytes }: Access): TrapDetail | undefined {
  const { at, module } = state;
  // the address lies under what is stored, and under the vector whose lane is loaded
  const base = unsigned(state.operand((opcodePops[at.opcode] ?? 1) - 1));
  const size = state.memorySize(at.index);
  if (base === undefined || size === undefined) return undefined;
  const address = base + BigInt(at.memoryOffset);
  if (address + BigInt(bytes) <= BigInt(size)) return undefined;
  const sum = at.memoryOffset === 0 ? '' : ` (${base} and an offset of ${at.memoryOffset})`;
  const what = `a ${verb} of ${counted(bytes, 'byte')} at address ${address}${sum} of ${memoryNamed(module, at.index, size)}`;
  return { words: TRAP_WORDS.memory, what, address };
}

// Numbers.

function divisionDetail(state: TrapState, bits: number, signed: boolean): TrapDetail | undefined {
  const [divisor, dividend] = [state.operand(0), state.operand(1)];
  if (divisor === undefined || dividend === undefined) return undefined;
  const shown = (value: number | bigint): bigint =>
    signed ? BigInt.asIntN(bits, BigInt(value)) : BigInt.asUintN(bits, BigInt(value));
  const name = opcodeNames[state.at.opcode] ?? '';
  const sum = `${shown(dividend)} ${name.includes('rem') ? '%' : '/'} ${shown(divisor)}`;
  if (BigInt(divisor) === 0n) return { words: TRAP_WORDS.divide, what: sum };
  return { words: TRAP_WORDS.overflow, what: `${sum} does not fit an i${bits}` };
}

function conversionDetail(state: TrapState, type: string, signed: boolean): TrapDetail | undefined {
  const value = state.operand(0);
  if (typeof value !== 'number') return undefined;
  if (Number.isNaN(value)) return { words: TRAP_WORDS.conversion, what: `NaN is no ${type}` };
  const shown = Number.isInteger(value) && Math.abs(value) < 1e21 ? BigInt(value) : value;
  return {
    words: TRAP_WORDS.overflow,
    what: `${Object.is(value, -0) ? '-0' : shown} does not fit ${signed ? 'a signed' : 'an unsigned'} ${type}`,
  };
}

// Tables.

const tableNamed = (module: WasmModule, table: number, size: number): string =>
  `${module.tables.length > 1 ? `table ${table}, of` : 'a table of'} ${counted(size, 'element')}`;

function elementDetail(state: TrapState, table: number, operand: number): TrapDetail | undefined {
  const index = unsigned(state.operand(operand));
  const size = state.tableSize(table);
  if (index === undefined || size === undefined || index < BigInt(size)) return undefined;
  return { words: TRAP_WORDS.table, what: `index ${index} of ${tableNamed(state.module, table, size)}` };
}

function callDetail(state: TrapState): TrapDetail | undefined {
  const { at, module } = state;
  const table = at.index2;
  const outside = elementDetail(state, table, 0);
  if (outside !== undefined) return { ...outside, what: `a call of ${outside.what}` };
  const index = unsigned(state.operand(0));
  if (index === undefined) return undefined;
  const func = state.functionAt(table, Number(index));
  const element = `index ${index} of ${module.tables.length > 1 ? `table ${table}` : 'the table'}`;
  if (func === -1) return { words: TRAP_WORDS.null, what: `a call of ${element}, which is null` };
  if (func === undefined) return undefined;
  const wanted = signature(module, at.index);
  const has = signature(module, module.functionTypes[func] ?? 0);
  if (wanted === has) return undefined;
  const what = `${element} is \`${state.nameOf(func)}\`, a function ${has}, and is called as ${wanted}`;
  return { words: TRAP_WORDS.signature, what };
}

/** `(i32, i64) -> f64` */
function signature(module: WasmModule, type: number): string {
  const { typeStart, typeResults, typeValues } = module;
  const names = (from: number, to: number): string[] =>
    Array.from(typeValues.subarray(from, to), (value) => valueTypeName(value));
  const [start, results, end] = [typeStart[type] ?? 0, typeResults[type] ?? 0, typeStart[type + 1] ?? 0];
  const given = names(results, end);
  const result = given.length === 1 ? given.join() : `(${given.join(', ')})`;
  return `(${names(start, results).join(', ')}) -> ${result}`;
}

// Ranges of memories, tables and segments.

function rangesDetail(state: TrapState, name: string): TrapDetail | undefined {
  const { at, module } = state;
  const [count, second, third] = [unsigned(state.operand(0)), unsigned(state.operand(1)), unsigned(state.operand(2))];
  if (count === undefined || third === undefined) return undefined;
  const memory = (index: number, from: bigint | undefined, verb: string, place: string): TrapDetail | undefined => {
    const size = state.memorySize(index);
    if (from === undefined || size === undefined || from + count <= BigInt(size)) return undefined;
    const what = `a ${verb} of ${counted(count, 'byte')} ${place} address ${from} on, of ${memoryNamed(module, index, size)}`;
    return { words: TRAP_WORDS.memory, what, address: from };
  };
  const table = (index: number, from: bigint | undefined, verb: string, place: string): TrapDetail | undefined => {
    const size = state.tableSize(index);
    if (from === undefined || size === undefined || from + count <= BigInt(size)) return undefined;
    const what = `a ${verb} of ${counted(count, 'element')} ${place} index ${from} on, of ${tableNamed(module, index, size)}`;
    return { words: TRAP_WORDS.table, what };
  };
  /** `size`: of the segment in the file; it has nothing once it was dropped, which nothing tells by itself. */
  const segment = (kind: 'data' | 'element', size: number): TrapDetail => {
    const unit = kind === 'data' ? 'byte' : 'element';
    const dropped = second !== undefined && second + count <= BigInt(size);
    const has = dropped ? 'which was dropped before' : `which has ${size}`;
    const what = `a copy of ${counted(count, unit)} from ${unit} ${second} on, of ${kind} segment ${at.index}, ${has}`;
    return { words: kind === 'data' ? TRAP_WORDS.memory : TRAP_WORDS.table, what };
  };
  switch (name) {
    case 'memory.fill':
      return memory(at.index, third, 'fill', 'from');
    case 'memory.copy':
      return memory(at.index, third, 'copy', 'to') ?? memory(at.index2, second, 'copy', 'from');
    case 'memory.init':
      return (
        memory(at.index2, third, 'copy', 'to') ??
        segment('data', (module.dataEnd[at.index] ?? 0) - (module.dataStart[at.index] ?? 0))
      );
    case 'table.fill':
      return table(at.index, third, 'fill', 'from');
    case 'table.copy':
      return table(at.index, third, 'copy', 'to') ?? table(at.index2, second, 'copy', 'from');
    case 'table.init':
      return table(at.index2, third, 'copy', 'to') ?? segment('element', module.elementLength[at.index] ?? 0);
    default:
      return undefined;
  }
}
