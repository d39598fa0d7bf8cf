// One instruction as WAT text that people read: names for indices, where a branch lands, what lies at a data address. What is added
// to the plain text stands in `(; ;)` comments. (core specification §6.5)
import { type CodeCursor, LEAVES, NOWHERE } from './disassembly-cursor.ts';
import { DataAddresses } from './disassembly-data.ts';
import type { FunctionCode } from './disassembly-index.ts';
import { labelTable } from './disassembly-label-table.ts';
import { type InstructionNames, identifier } from './disassembly-names.ts';
import { f32Text, f64Text, i64Text } from './disassembly-numbers.ts';
import { BLOCK_EMPTY, InstructionReader } from './instructions.ts';
import { parametersOf, resultsOf, type WasmModule } from './module.ts';
import { Flow, Immediate, OPCODE_LIMIT, opcodeFlow, opcodeImmediate, opcodeNamed, opcodeNames } from './opcodes.ts';
import { valueTypeName } from './value-types.ts';

/** Constants below are sizes and indices far more often than addresses. */
const LEAST_ADDRESS = 64;
/** Constant parts of a load's address below are places in a structure. */
const LEAST_OFFSET = 1024;

const I32_CONST = opcodeNamed('i32.const');
const I64_CONST = opcodeNamed('i64.const');
const LOOP = opcodeNamed('loop');
const ELSE = opcodeNamed('else');

/** Exponent of the natural alignment of each memory access: what it moves, by its name. */
const naturalAlign = new Uint8Array(OPCODE_LIMIT);
for (let opcode = 0; opcode < OPCODE_LIMIT; opcode++) {
  const [, kind, width, lanes] = /\.(load|store)(\d*)(x\d)?/.exec(opcodeNames[opcode]!) ?? [];
  if (kind === undefined) continue;
  // v128.load8x8_s reads eight times eight bits; other widths are in the name, or are those of the type.
  const bits = lanes !== undefined ? 64 : Number(width || /^[a-z](\d+)/.exec(opcodeNames[opcode]!)?.[1]);
  naturalAlign[opcode] = Math.log2(bits / 8);
}

const hex = (offset: number) => `0x${offset.toString(16)}`;

/** A function type as in WAT: `(param i32) (result i64)`, with a blank before it; '' if it has neither. */
export function signature(module: WasmModule, type: number): string {
  const part = (word: string, types: Uint8Array) =>
    types.length === 0 ? '' : ` (${word} ${Array.from(types, valueTypeName).join(' ')})`;
  return part('param', parametersOf(module, type)) + part('result', resultsOf(module, type));
}

/** Writes the instructions of one module. */
export class InstructionText {
  readonly #module: WasmModule;
  readonly #names: InstructionNames;
  readonly #data: DataAddresses;
  readonly #ahead: InstructionReader;

  constructor(module: WasmModule, names: InstructionNames) {
    this.#module = module;
    this.#names = names;
    this.#data = new DataAddresses(module);
    this.#ahead = new InstructionReader(module.bytes);
  }

  /** A function where it is mentioned: `$name (;12;)`; its index alone if nothing names it. Names need not be unique. */
  function(index: number): string {
    const name = this.#names.functions.of(index);
    if (name === `func[${index}]`) return String(index);
    return `${identifier(this.#names.functions.display(index))} (;${index};)`;
  }

  /** The instruction that the cursor stands on. */
  of(cursor: CodeCursor, code: FunctionCode): string {
    const { reader } = cursor;
    const { opcode } = reader;
    const name = opcodeNames[opcode]!;
    switch (opcodeImmediate[opcode]) {
      case Immediate.None:
        return opcodeFlow[opcode] === Flow.End || opcode === ELSE ? this.#blockEnd(name, cursor, code) : name;
      case Immediate.Block:
        return this.#block(name, cursor, code);
      case Immediate.Label:
        return `${name} ${reader.index} (;${this.#target(cursor, code, reader.index)};)`;
      case Immediate.LabelTable:
        return `${name} ${this.#labelTable(cursor, code)}`;
      case Immediate.Function:
        return `${name} ${this.function(reader.index)}`;
      case Immediate.TypeTable: {
        const type =
          reader.index < this.#module.typeCount ? ` (type (func${signature(this.#module, reader.index)}))` : '';
        return `${name}${this.#index(reader.index2, this.#names.table(reader.index2), true)}${type}`;
      }
      case Immediate.Local:
        return `${name} ${this.#local(code.definedFunction, reader.index)}`;
      case Immediate.Global:
        return name + this.#index(reader.index, this.#names.global(reader.index));
      case Immediate.Table:
        return name + this.#index(reader.index, this.#names.table(reader.index));
      case Immediate.Memory:
        return name + this.#memory(reader.index);
      case Immediate.Data:
        return name + this.#index(reader.index, this.#names.data(reader.index));
      case Immediate.Element:
        return name + this.#index(reader.index, this.#names.element(reader.index));
      case Immediate.ValueTypes: {
        const types = this.#module.bytes.subarray(reader.listStart, reader.listStart + reader.count);
        return `select (result ${Array.from(types, valueTypeName).join(' ')})`;
      }
      case Immediate.MemoryArgument:
        return name + this.#memoryArgument(reader);
      case Immediate.MemoryArgumentLane:
        return `${name}${this.#memoryArgument(reader)} ${reader.lane}`;
      case Immediate.I32:
        return `${name} ${reader.low}${this.#address(reader, 0, reader.low >>> 0)}`;
      case Immediate.I64:
        return `${name} ${i64Text(reader.low, reader.high)}${this.#wideAddress(reader)}`;
      case Immediate.F32:
        return `${name} ${f32Text(reader.low)}`;
      case Immediate.F64:
        return `${name} ${f64Text(reader.low, reader.high)}`;
      case Immediate.HeapType:
        return `${name} ${reader.heapType === 0x70 ? 'func' : 'extern'}`;
      case Immediate.DataMemory:
        return `${name}${this.#memory(reader.index2)}${this.#index(reader.index, this.#names.data(reader.index))}`;
      case Immediate.ElementTable: {
        const table = this.#index(reader.index2, this.#names.table(reader.index2), true);
        return `${name}${table}${this.#index(reader.index, this.#names.element(reader.index))}`;
      }
      case Immediate.MemoryMemory: {
        // Both or neither, as in WAT.
        if (reader.index === 0 && reader.index2 === 0) return name;
        const memory = (index: number) => this.#index(index, this.#names.memory(index));
        return `${name}${memory(reader.index)}${memory(reader.index2)}`;
      }
      case Immediate.TableTable: {
        if (reader.index === 0 && reader.index2 === 0) return name;
        const table = (index: number) => this.#index(index, this.#names.table(index));
        return `${name}${table(reader.index)}${table(reader.index2)}`;
      }
      case Immediate.V128:
        return `${name} i32x4${this.#lanes(reader.listStart)}`;
      case Immediate.Shuffle:
        return `${name} ${this.#module.bytes.subarray(reader.listStart, reader.listStart + 16).join(' ')}`;
      case Immediate.Lane:
        return `${name} ${reader.lane}`;
      default:
        return name;
    }
  }

  /** ` $name` or ` 3`; nothing for the first of its kind where WAT lets that be left out and nothing names it. */
  #index(index: number, name: string, optional = false): string {
    if (optional && index === 0) return '';
    return ` ${name === '' ? index : identifier(name)}`;
  }

  #memory(index: number): string {
    return this.#index(index, this.#names.memory(index), true);
  }

  #local(definedFunction: number, local: number): string {
    const functionIndex = this.#module.importedFunctions + definedFunction;
    const name = this.#names.local(functionIndex, local);
    if (name === '') return String(local);
    return this.#names.isLocalShared(functionIndex, name) ? `${identifier(name)} (;${local};)` : identifier(name);
  }

  #memoryArgument(reader: InstructionReader): string {
    const { opcode, memoryOffset, align } = reader;
    let text = this.#memory(reader.index);
    if (memoryOffset !== 0) text += ` offset=${exactOffset(reader)}`;
    if (align !== naturalAlign[opcode]) text += ` align=${2 ** align}`;
    return memoryOffset < LEAST_OFFSET ? text : text + this.#place(reader.index, memoryOffset, 0);
  }

  /** What lies at the address that an i32.const may be. */
  #address(reader: InstructionReader, memory: number, address: number): string {
    if (address < LEAST_ADDRESS || this.#module.memories[memory]?.is64) return '';
    return this.#place(memory, address, this.#lengthAhead(reader));
  }

  /** The same of an i64.const, for a memory of 64 bits. */
  #wideAddress(reader: InstructionReader): string {
    const memory = this.#module.memories.findIndex(({ is64 }) => is64);
    const address = (reader.high >>> 0) * 2 ** 32 + (reader.low >>> 0);
    if (memory < 0 || address < LEAST_ADDRESS) return '';
    return this.#place(memory, address, this.#lengthAhead(reader));
  }

  /** A text is handed over as its address and its length: a constant that follows says where it ends. 0 for none. */
  #lengthAhead(reader: InstructionReader): number {
    const ahead = this.#ahead;
    const { bytes } = this.#module;
    // Cheaper than to read whatever comes next.
    if (reader.end >= reader.limit || (bytes[reader.end] !== I32_CONST && bytes[reader.end] !== I64_CONST)) return 0;
    ahead.reset(reader.end, reader.limit);
    try {
      return ahead.next() && ahead.low > 0 && (ahead.opcode === I32_CONST || ahead.high === 0) ? ahead.low : 0;
    } catch {
      return 0;
    }
  }

  #place(memory: number, address: number, length: number): string {
    const place = this.#data.placeOf(memory, address);
    if (place === undefined) return '';
    const text = this.#data.excerpt(place, length);
    if (text !== '') return ` (;${text};)`;
    if (address < LEAST_OFFSET) return '';
    const name = this.#names.data(place.segment);
    const pointed = this.#data.pointedText(place, memory);
    const words = name === '' ? [] : [`${identifier(name)}${place.distance === 0 ? '' : `+${place.distance}`}`];
    if (pointed !== '') words.push(`→ ${pointed}`);
    return words.length === 0 ? '' : ` (;${words.join(' ')};)`;
  }

  /** `(;$name @2;)` of a block: its name if it has one, and its place among the blocks that are open there. */
  #label(code: FunctionCode, block: number, depth: number): string {
    const name = this.#names.label(this.#module.importedFunctions + code.definedFunction, block);
    return name === '' ? `@${depth}` : `${identifier(name)} @${depth}`;
  }

  #block(name: string, cursor: CodeCursor, code: FunctionCode): string {
    const { blockType } = cursor.reader;
    const block = cursor.opened;
    let type = '';
    if (blockType >= 0)
      type = blockType < this.#module.typeCount ? signature(this.#module, blockType) : ` (type ${blockType})`;
    else if (blockType !== BLOCK_EMPTY) type = ` (result ${valueTypeName(-blockType)})`;
    const label = this.#label(code, block, cursor.nesting + 1);
    if (opcodeFlow[cursor.reader.opcode] !== Flow.If) return `${name}${type} (;${label};)`;
    return `${name}${type} (;${label}, else → ${hex(code.blockElse[block]! || code.blockAfter[block]!)};)`;
  }

  #blockEnd(name: string, cursor: CodeCursor, code: FunctionCode): string {
    const block = cursor.innermost;
    return block === LEAVES ? name : `${name} (;${this.#label(code, block, cursor.nesting)};)`;
  }

  /** Where a branch to label `index` lands: `@2 → 0x1a4f`, or `return`. */
  #target(cursor: CodeCursor, code: FunctionCode, index: number): string {
    const block = cursor.target(index);
    if (block === LEAVES) return 'return';
    if (block === NOWHERE) return 'no such label';
    const lands = code.blockOpcode[block] === LOOP ? code.blockBody[block]! : code.blockAfter[block]!;
    return `${this.#label(code, block, cursor.nesting - index)} → ${hex(lands)}`;
  }

  /** The labels, then where each of them leads. */
  #labelTable(cursor: CodeCursor, code: FunctionCode): string {
    const { reader } = cursor;
    const { text, distinct, more } = labelTable(reader);
    const words = distinct
      .filter((label) => label !== reader.index)
      .map((label) => `${label}: ${this.#target(cursor, code, label)}`);
    if (more) words.push('…');
    words.push(`default: ${this.#target(cursor, code, reader.index)}`);
    return `${text} (;${words.join(', ')};)`;
  }

  #lanes(start: number): string {
    const lanes = new DataView(this.#module.bytes.buffer, this.#module.bytes.byteOffset + start, 16);
    let text = '';
    for (let lane = 0; lane < 16; lane += 4) text += ` 0x${lanes.getUint32(lane, true).toString(16).padStart(8, '0')}`;
    return text;
  }
}

/** The constant part of an address in full: the reader's own is exact up to 2^53 only. */
function exactOffset(reader: InstructionReader): string {
  if (reader.memoryOffset <= Number.MAX_SAFE_INTEGER) return String(reader.memoryOffset);
  const lane = opcodeImmediate[reader.opcode] === Immediate.MemoryArgumentLane ? 1 : 0;
  let at = reader.end - lane - 1;
  let value = BigInt(reader.bytes[at]!);
  // Backwards: every byte of the number before its last one says that more follow.
  while (reader.bytes[at - 1]! >= 0x80) value = (value << 7n) | BigInt(reader.bytes[--at]! & 0x7f);
  return String(value);
}
