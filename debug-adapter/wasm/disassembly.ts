// Disassembly of a module on demand: rows of WAT text for any stretch of its code, as DAP's `disassemble` and the terminal want
// them. Offsets are of the original file. It knows nothing of source lines or of rewriting.
import { CodeCursor } from './disassembly-cursor.ts';
import { codeStart, type FunctionCode, indexCode, STRIDE } from './disassembly-index.ts';
import { InstructionNames, identifier } from './disassembly-names.ts';
import { InstructionText, signature } from './disassembly-text.ts';
import type { WasmModule } from './module.ts';
import type { FunctionNames } from './names.ts';
import { Flow, opcodeFlow } from './opcodes.ts';
import { valueTypeName } from './value-types.ts';

/** Rows that one call gives at the most. */
const MAX_ROWS = 100_000;
/** Instructions of functions whose columns are kept: some 20 bytes each where all of them are blocks, less than one otherwise. */
const KEPT_INSTRUCTIONS = 4_000_000;
/** Bytes of one instruction that are written out; a br_table may have thousands. */
const MAX_BYTES = 24;

export interface DisassemblyRow {
  /** Offset of the instruction in the file. Of a placeholder: one that no instruction has, and that may be negative. */
  readonly offset: number;
  /** Its length in bytes; 1 of a placeholder. */
  readonly length: number;
  /** Its bytes as hex text, `41 80 80 c0 00`; '' of a placeholder. */
  readonly bytes: string;
  readonly text: string;
  /** Blocks of the function around it: how far to indent. An `else` or `end` stands with its opener. */
  readonly depth: number;
  /** Index among the functions that the module defines; -1 of a placeholder. */
  readonly definedFunction: number;
  /** Of the first row of a function: its header, `func $name (;12;) (param i32)`. '' otherwise. */
  readonly symbol: string;
  /** False for placeholders before the first and after the last function, and for code that can't be read. */
  readonly valid: boolean;
}

/** Where an offset lies in the code. */
export interface InstructionPlace {
  readonly definedFunction: number;
  /** Offset of the instruction at the asked-for offset, or of the nearest one before it. */
  readonly offset: number;
  /** The asked-for offset is the first byte of that instruction. */
  readonly exact: boolean;
}

/** Disassembles one module. Nothing is read before it is asked for. */
export class Disassembly {
  readonly #module: WasmModule;
  readonly #names: InstructionNames;
  readonly #text: InstructionText;
  readonly #cursor: CodeCursor;
  readonly #kept = new Map<number, FunctionCode>();
  #keptInstructions = 0;

  constructor(module: WasmModule, functions?: FunctionNames) {
    this.#module = module;
    this.#names = new InstructionNames(module, functions);
    this.#text = new InstructionText(module, this.#names);
    this.#cursor = new CodeCursor(module.bytes);
  }

  /** Names of locals, labels, tables… as the name section has them. */
  get names(): InstructionNames {
    return this.#names;
  }

  /** The defined function whose body has the byte at `offset`; between bodies the one before; -1 before the first. */
  functionAt(offset: number): number {
    const { bodyStart } = this.#module;
    let low = 0;
    let high = bodyStart.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (bodyStart[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The instruction at an offset, or the nearest one before it. Undefined before the first instruction of the module. */
  instructionAt(offset: number): InstructionPlace | undefined {
    for (let definedFunction = this.functionAt(offset); definedFunction >= 0; definedFunction--) {
      const ordinal = this.#ordinalAt(definedFunction, offset);
      if (ordinal < 0) continue;
      const found = this.#offsetOf(this.#code(definedFunction), ordinal);
      return { definedFunction, offset: found, exact: found === offset };
    }
    return undefined;
  }

  /** Offset of a function's first instruction, behind its local declarations. @throws WasmError where those are malformed. */
  codeStart(definedFunction: number): number {
    return codeStart(this.#module, definedFunction);
  }

  /** A function as the head of its text: `func $name (;12;) (param $x i32) (result i32)`. */
  header(definedFunction: number): string {
    const index = this.#module.importedFunctions + definedFunction;
    const type = this.#module.functionTypes[index] ?? 0;
    const parameters = this.#module.typeResults[type]! - this.#module.typeStart[type]!;
    let named = false;
    for (let local = 0; local < parameters && !named; local++) named = this.#names.local(index, local) !== '';
    if (!named) return `func ${this.#text.function(index)}${signature(this.#module, type)}`;
    let text = `func ${this.#text.function(index)}`;
    for (let local = 0; local < parameters; local++) {
      const name = this.#names.local(index, local);
      const value = valueTypeName(this.#module.typeValues[this.#module.typeStart[type]! + local]!);
      text += ` (param ${name === '' ? '' : `${identifier(name)} `}${value})`;
    }
    const results = this.#module.typeValues.subarray(
      this.#module.typeResults[type]!,
      this.#module.typeStart[type + 1]!,
    );
    return results.length === 0 ? text : `${text} (result ${Array.from(results, valueTypeName).join(' ')})`;
  }

  /** Instructions of a function. */
  instructionCount(definedFunction: number): number {
    return this.#code(definedFunction).count;
  }

  /** Up to `count` rows of one function from its instruction `from` on. */
  rowsOf(definedFunction: number, from = 0, count = MAX_ROWS): DisassemblyRow[] {
    const rows: DisassemblyRow[] = [];
    if (definedFunction < 0 || definedFunction >= this.#module.bodyStart.length) return rows;
    this.#append(rows, definedFunction, from, Math.min(count, MAX_ROWS));
    return rows;
  }

  /** The row of the instruction at an offset, or of the nearest one before it; undefined where there is none. */
  rowAt(offset: number): DisassemblyRow | undefined {
    const place = this.instructionAt(offset);
    if (place === undefined) return undefined;
    return this.rowsOf(place.definedFunction, this.#ordinalAt(place.definedFunction, place.offset), 1)[0];
  }

  /**
   * Exactly `count` rows (at most MAX_ROWS) from `instructionOffset` instructions after the one at `offset` on, across functions.
   * Before the first instruction of the module and after the last there are placeholders.
   */
  rowsAround(offset: number, instructionOffset: number, count: number): DisassemblyRow[] {
    const wanted = Math.max(0, Math.min(Math.trunc(count), MAX_ROWS));
    const rows: DisassemblyRow[] = [];
    const functions = this.#module.bodyStart.length;
    const place = this.instructionAt(offset);
    let definedFunction = place?.definedFunction ?? 0;
    let ordinal =
      (place === undefined ? 0 : this.#ordinalAt(definedFunction, place.offset)) + Math.trunc(instructionOffset);
    while (ordinal < 0 && definedFunction > 0) ordinal += this.instructionCount(--definedFunction);
    for (; definedFunction < functions; definedFunction++) {
      const instructions = this.instructionCount(definedFunction);
      if (ordinal < instructions) break;
      ordinal -= instructions;
    }
    if (ordinal < 0) {
      const first = functions > 0 ? this.#code(0).start : 0;
      for (let n = ordinal; n < 0 && rows.length < wanted; n++) rows.push(placeholder(first + n));
      ordinal = 0;
    }
    for (; definedFunction < functions && rows.length < wanted; definedFunction++) {
      this.#append(rows, definedFunction, ordinal, wanted - rows.length);
      ordinal = 0;
    }
    const end = functions > 0 ? this.#module.bodyEnd[functions - 1]! : 0;
    for (let n = ordinal; rows.length < wanted; n++) rows.push(placeholder(end + n));
    return rows;
  }

  #code(definedFunction: number): FunctionCode {
    const kept = this.#kept.get(definedFunction);
    if (kept !== undefined) return kept;
    const code = indexCode(this.#module, definedFunction);
    this.#keptInstructions += code.count;
    for (const [oldest, { count }] of this.#kept) {
      if (this.#keptInstructions <= KEPT_INSTRUCTIONS) break;
      this.#kept.delete(oldest);
      this.#keptInstructions -= count;
    }
    this.#kept.set(definedFunction, code);
    return code;
  }

  /** The number of the function's instruction at `offset` or before it; -1 for none. */
  #ordinalAt(definedFunction: number, offset: number): number {
    const code = this.#code(definedFunction);
    if (code.count === 0 || offset < code.start) return -1;
    if (offset >= code.brokenAt && code.broken !== '') return code.count - 1;
    let low = 0;
    let high = code.checkpointOffset.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (code.checkpointOffset[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    const cursor = this.#cursor;
    cursor.seek(code, (low - 1) * STRIDE);
    while (cursor.next()) if (offset < cursor.reader.end) break;
    return cursor.ordinal;
  }

  #offsetOf(code: FunctionCode, ordinal: number): number {
    if (code.broken !== '' && ordinal === code.count - 1) return code.brokenAt;
    this.#cursor.seek(code, ordinal);
    this.#cursor.next();
    return this.#cursor.reader.offset;
  }

  #append(rows: DisassemblyRow[], definedFunction: number, from: number, count: number): void {
    const code = this.#code(definedFunction);
    const cursor = this.#cursor;
    const readable = code.broken === '' ? code.count : code.count - 1;
    const last = Math.min(from + count, code.count);
    if (from < readable) cursor.seek(code, from);
    for (let ordinal = from; ordinal < last; ordinal++) {
      const symbol = ordinal === 0 ? this.header(definedFunction) : '';
      if (ordinal >= readable || !cursor.next()) {
        rows.push(this.#brokenRow(code, symbol));
        continue;
      }
      const { opcode, offset, end } = cursor.reader;
      const flow = opcodeFlow[opcode];
      rows.push({
        offset,
        length: end - offset,
        bytes: this.#hex(offset, end),
        text: this.#text.of(cursor, code),
        depth: flow === Flow.End || flow === Flow.Else ? Math.max(0, cursor.nesting - 1) : cursor.nesting,
        definedFunction,
        symbol,
        valid: true,
      });
    }
  }

  /** The rest of a function whose code can't be read. */
  #brokenRow(code: FunctionCode, symbol: string): DisassemblyRow {
    return {
      offset: code.brokenAt,
      length: Math.max(1, code.end - code.brokenAt),
      bytes: this.#hex(code.brokenAt, code.end),
      text: `(;${code.broken};)`,
      depth: 0,
      definedFunction: code.definedFunction,
      symbol,
      valid: false,
    };
  }

  #hex(start: number, end: number): string {
    const { bytes } = this.#module;
    let text = '';
    for (let at = start; at < end; at++) {
      if (at - start === MAX_BYTES) return `${text} …`;
      text += `${at > start ? ' ' : ''}${HEX[bytes[at]!]}`;
    }
    return text;
  }
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function placeholder(offset: number): DisassemblyRow {
  return { offset, length: 1, bytes: '', text: '', depth: 0, definedFunction: -1, symbol: '', valid: false };
}
