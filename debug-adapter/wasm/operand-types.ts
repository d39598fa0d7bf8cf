// Follows the types of the operand stack through one function body: the validation algorithm of the core specification's
// appendix, for code that V8 validates anyway. It checks what it needs in order not to fall over (indices, heights,
// nesting), not that types match. Columns, no object per instruction. (I1)
import { ByteReader } from './byte-reader.ts';
import { grown } from './grown.ts';
import { BLOCK_EMPTY, type InstructionReader } from './instructions.ts';
import type { WasmModule } from './module.ts';
import { OPCODE_LIMIT, opcodeNamed, opcodePops, opcodePushes, opcodeSignature, VARIABLE } from './opcodes.ts';
import { F32, F64, FUNCREF, I32, I64, V128 } from './value-types.ts';

/** The type of an operand in code that is never reached, where anything fits. */
export const UNKNOWN_TYPE = 0;
/** V8 and wasmi both take no function with more locals. */
const MAX_LOCALS = 50_000;
/** A body of V8's greatest size can't leave more on its stack by instructions of one result; calls of a thousand could. */
const MAX_OPERANDS = 1 << 23;

/** What an instruction of a fixed signature gives, where that is no value type by itself. */
const Given = { Nothing: 0, Address: 1, TableAddress: 2, Element: 3, Null: 4 } as const;
const GIVEN_LETTERS: Record<string, number> = {
  i: I32,
  l: I64,
  f: F32,
  d: F64,
  v: V128,
  a: Given.Address,
  t: Given.TableAddress,
};

/** By opcode: a value type, or one of `Given`. */
const given = new Uint8Array(OPCODE_LIMIT);
for (let opcode = 0; opcode < OPCODE_LIMIT; opcode++) {
  if (opcodePushes[opcode] !== 1) continue;
  const [, letter = ''] = opcodeSignature[opcode]!.split(':');
  given[opcode] = GIVEN_LETTERS[letter] ?? Given.Nothing;
}
given[opcodeNamed('table.get')] = Given.Element;
given[opcodeNamed('ref.null')] = Given.Null;
given[opcodeNamed('ref.func')] = FUNCREF;

const UNREACHABLE = 0x00;
const BLOCK = 0x02;
const LOOP = 0x03;
const IF = 0x04;
const ELSE = 0x05;
const END = 0x0b;
const BR = 0x0c;
const BR_IF = 0x0d;
const BR_TABLE = 0x0e;
const RETURN = 0x0f;
const CALL = 0x10;
const CALL_INDIRECT = 0x11;
const RETURN_CALL = 0x12;
const RETURN_CALL_INDIRECT = 0x13;
const DROP = 0x1a;
const SELECT = 0x1b;
const SELECT_T = 0x1c;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const GLOBAL_GET = 0x23;
const GLOBAL_SET = 0x24;

/**
 * Tracks operand types. For each function: `begin`, then `apply` for every instruction from `codeStart` on. One instance
 * serves a whole module.
 */
export class OperandTypes {
  /** Value types, deepest first; only [0, depth) counts. A new array when it has grown: do not keep it across `apply`. */
  types: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  /** Operands on the stack before the instruction that comes next, those of enclosing blocks included. */
  depth = 0;
  /** Operands that lie outside the innermost block, which code in it can't touch. */
  height = 0;
  /** The next instruction can't be reached: it follows a br, return, unreachable… in this block or in one around it. */
  unreachable = false;
  /** Open blocks, the function's own included; 0 after its last `end`. */
  nesting = 0;
  /** Offset of the function's first instruction in the file. */
  codeStart = 0;
  codeEnd = 0;
  localCount = 0;
  readonly #module: WasmModule;
  #locals = new Uint8Array(256);
  /** Any operand may be taken from below the innermost block's own: what the specification calls polymorphic. */
  #polymorphic = false;
  // The blocks that are open, outermost first; of the innermost, `height` and `#polymorphic` are above.
  #opener = new Uint8Array(64);
  #blockType = new Int32Array(64);
  #heights = new Int32Array(64);
  #polymorphics = new Uint8Array(64);
  /** Whether the block began in code that can't be reached. */
  #dead = new Uint8Array(64);

  constructor(module: WasmModule) {
    this.#module = module;
  }

  /** Stands before the first instruction of a defined function. @throws WasmError for malformed local declarations. */
  begin(definedFunction: number): void {
    const module = this.#module;
    const type = module.functionTypes[module.importedFunctions + definedFunction]!;
    const start = module.typeStart[type]!;
    const parameters = module.typeResults[type]! - start;
    this.codeEnd = module.bodyEnd[definedFunction]!;
    const reader = new ByteReader(module.bytes, module.bodyStart[definedFunction]!, this.codeEnd);
    this.localCount = 0;
    this.#addLocals(parameters, 0);
    for (let n = 0; n < parameters; n++) this.#locals[n] = module.typeValues[start + n]!;
    for (let groups = reader.u32(); groups > 0; groups--) {
      const offset = reader.position;
      const count = reader.u32();
      if (count > MAX_LOCALS - this.localCount)
        reader.fail(`a function has more than the ${MAX_LOCALS} locals that engines take`, offset);
      this.#addLocals(count, reader.byte());
    }
    this.codeStart = reader.position;
    this.depth = 0;
    this.height = 0;
    this.nesting = 0;
    this.unreachable = false;
    this.#polymorphic = false;
    // The function's own block has its parameters as locals, so `#enter` is not for it.
    this.#open(BLOCK, type);
  }

  /** The type of a local or parameter of the function; UNKNOWN_TYPE if there is none. */
  localType(index: number): number {
    return index < this.localCount ? this.#locals[index]! : UNKNOWN_TYPE;
  }

  /** The operand `fromTop` places below the top (0 is the top); UNKNOWN_TYPE where there is none. */
  operandType(fromTop: number): number {
    const at = this.depth - 1 - fromTop;
    return at >= 0 ? this.types[at]! : UNKNOWN_TYPE;
  }

  /** Goes over the instruction that `reader` has read. @throws WasmError for code that can't be valid. */
  apply(reader: InstructionReader): void {
    const { opcode } = reader;
    if (this.nesting === 0) reader.fail('a function goes on after its end');
    const pops = opcodePops[opcode]!;
    if (pops !== VARIABLE && opcodePushes[opcode] !== VARIABLE) {
      if (pops !== 0) this.#pop(reader, pops);
      const gives = given[opcode]!;
      if (gives !== Given.Nothing) this.#push(reader, gives > Given.Null ? gives : this.#given(reader, gives));
      return;
    }
    switch (opcode) {
      case LOCAL_GET:
      case GLOBAL_GET:
        this.#push(reader, this.#variable(reader));
        break;
      case LOCAL_SET:
      case GLOBAL_SET:
        this.#variable(reader);
        this.#pop(reader, 1);
        break;
      case LOCAL_TEE:
        this.#pop(reader, 1);
        this.#push(reader, this.#variable(reader));
        break;
      case DROP:
        this.#pop(reader, 1);
        break;
      case SELECT:
        this.#select(reader);
        break;
      case SELECT_T:
        if (reader.count !== 1) reader.fail('a select names other than one type');
        this.#pop(reader, 3);
        this.#push(reader, reader.bytes[reader.listStart]!);
        break;
      case BLOCK:
      case LOOP:
      case IF:
        this.#enter(reader);
        break;
      case ELSE:
        this.#else(reader);
        break;
      case END:
        this.#end(reader);
        break;
      case BR_IF:
        this.#pop(reader, 1);
        this.#branchIf(reader);
        break;
      case BR:
      case BR_TABLE:
        this.#frame(reader);
        this.#stop();
        break;
      case CALL:
        if (reader.index >= this.#module.functionTypes.length) reader.fail(`function ${reader.index} does not exist`);
        this.#call(reader, this.#module.functionTypes[reader.index]!);
        break;
      case CALL_INDIRECT:
        if (reader.index >= this.#module.typeCount) reader.fail(`type ${reader.index} does not exist`);
        this.#pop(reader, 1);
        this.#call(reader, reader.index);
        break;
      case UNREACHABLE:
      case RETURN:
      case RETURN_CALL:
      case RETURN_CALL_INDIRECT:
        this.#stop();
        break;
      default:
        reader.fail('an instruction is unknown');
    }
  }

  #addLocals(count: number, type: number): void {
    const from = this.localCount;
    this.localCount += count;
    if (this.localCount > this.#locals.length) this.#locals = grown(this.#locals, this.localCount);
    this.#locals.fill(type, from, this.localCount);
  }

  #push(reader: InstructionReader, type: number): void {
    if (this.depth === this.types.length) this.#reserve(reader, 1);
    this.types[this.depth++] = type;
  }

  #reserve(reader: InstructionReader, count: number): void {
    const need = this.depth + count;
    if (need <= this.types.length) return;
    if (need > MAX_OPERANDS) reader.fail(`a function leaves more than ${MAX_OPERANDS} operands on its stack`);
    const types = new Uint8Array(Math.min(MAX_OPERANDS, Math.max(need, this.types.length * 2)));
    types.set(this.types);
    this.types = types;
  }

  /** Takes operands of the innermost block; in dead code there are always enough. */
  #pop(reader: InstructionReader, count: number): void {
    this.depth -= count;
    if (this.depth >= this.height) return;
    if (!this.#polymorphic) reader.fail('an instruction takes more operands than its block has');
    this.depth = this.height;
  }

  /** Pushes typeValues[start, end). */
  #pushTypes(reader: InstructionReader, start: number, end: number): void {
    this.#reserve(reader, end - start);
    const { typeValues } = this.#module;
    const { types } = this;
    let at = this.depth;
    for (let n = start; n < end; n++) types[at++] = typeValues[n]!;
    this.depth = at;
  }

  /** What an instruction gives whose result depends on the memory, table or type that it names. */
  #given(reader: InstructionReader, gives: number): number {
    if (gives === Given.Null) return reader.heapType;
    if (gives === Given.Address) {
      const memory = this.#module.memories[reader.index];
      if (memory === undefined) reader.fail(`memory ${reader.index} does not exist`);
      return memory.is64 ? I64 : I32;
    }
    const table = this.#module.tables[reader.index];
    if (table === undefined) reader.fail(`table ${reader.index} does not exist`);
    if (gives === Given.Element) return table.elementType;
    return table.is64 ? I64 : I32;
  }

  /** The type of the local or global that an instruction names. */
  #variable(reader: InstructionReader): number {
    const { opcode, index } = reader;
    if (opcode === GLOBAL_GET || opcode === GLOBAL_SET) {
      if (index >= this.#module.globalTypes.length) reader.fail(`global ${index} does not exist`);
      return this.#module.globalTypes[index]!;
    }
    if (index >= this.localCount) reader.fail(`local ${index} does not exist`);
    return this.#locals[index]!;
  }

  /** A select without a type gives what it takes: in dead code perhaps only one of the two is known. */
  #select(reader: InstructionReader): void {
    this.#pop(reader, 1);
    const top = this.depth > this.height ? this.types[this.depth - 1]! : UNKNOWN_TYPE;
    this.#pop(reader, 1);
    const below = this.depth > this.height ? this.types[this.depth - 1]! : UNKNOWN_TYPE;
    this.#pop(reader, 1);
    this.#push(reader, top === UNKNOWN_TYPE ? below : top);
  }

  #call(reader: InstructionReader, type: number): void {
    const { typeStart, typeResults } = this.#module;
    const results = typeResults[type]!;
    this.#pop(reader, results - typeStart[type]!);
    this.#pushTypes(reader, results, typeStart[type + 1]!);
  }

  /** The rest of the innermost block is dead. */
  #stop(): void {
    this.depth = this.height;
    this.#polymorphic = true;
    this.unreachable = true;
  }

  /** The open block that a branch names. */
  #frame(reader: InstructionReader): number {
    if (reader.index >= this.nesting) reader.fail(`label ${reader.index} does not exist`);
    return this.nesting - 1 - reader.index;
  }

  /** A branch not taken leaves what it would have carried. Only dead code may not have had it. */
  #branchIf(reader: InstructionReader): void {
    const frame = this.#frame(reader);
    const type = this.#blockType[frame]!;
    if (this.#opener[frame] === LOOP) {
      if (type < 0) return;
      const { typeStart, typeResults } = this.#module;
      this.#pop(reader, typeResults[type]! - typeStart[type]!);
      this.#pushTypes(reader, typeStart[type]!, typeResults[type]!);
      return;
    }
    this.#pop(reader, this.#resultCount(type));
    this.#pushResults(reader, type);
  }

  #resultCount(type: number): number {
    if (type >= 0) return this.#module.typeStart[type + 1]! - this.#module.typeResults[type]!;
    return type === BLOCK_EMPTY ? 0 : 1;
  }

  #pushResults(reader: InstructionReader, type: number): void {
    if (type >= 0) this.#pushTypes(reader, this.#module.typeResults[type]!, this.#module.typeStart[type + 1]!);
    else if (type !== BLOCK_EMPTY) this.#push(reader, -type);
  }

  #enter(reader: InstructionReader): void {
    const type = reader.blockType;
    if (type >= this.#module.typeCount) reader.fail(`type ${type} does not exist`);
    if (reader.opcode === IF) this.#pop(reader, 1);
    const { typeStart, typeResults } = this.#module;
    if (type >= 0) this.#pop(reader, typeResults[type]! - typeStart[type]!);
    this.#open(reader.opcode, type);
    if (type >= 0) this.#pushTypes(reader, typeStart[type]!, typeResults[type]!);
  }

  /** Opens a block above the operands that are there. */
  #open(opener: number, type: number): void {
    const at = this.nesting++;
    if (at === this.#opener.length) this.#grow();
    this.#opener[at] = opener;
    this.#blockType[at] = type;
    this.#heights[at] = this.height;
    this.#polymorphics[at] = this.#polymorphic ? 1 : 0;
    this.#dead[at] = this.unreachable ? 1 : 0;
    this.height = this.depth;
    this.#polymorphic = false;
  }

  /** Checks that the innermost block ends with its results and nothing else on the stack. */
  #close(reader: InstructionReader): number {
    const at = this.nesting - 1;
    const left = this.depth - this.height;
    const results = this.#resultCount(this.#blockType[at]!);
    if (left > results || (left < results && !this.#polymorphic))
      reader.fail(`a block ends with ${left} operands, not with ${results}`);
    this.depth = this.height;
    this.unreachable = this.#dead[at] === 1;
    return at;
  }

  #else(reader: InstructionReader): void {
    if (this.#opener[this.nesting - 1] !== IF) reader.fail('an else has no if');
    const at = this.#close(reader);
    this.#opener[at] = ELSE;
    this.#polymorphic = false;
    const type = this.#blockType[at]!;
    if (type >= 0) this.#pushTypes(reader, this.#module.typeStart[type]!, this.#module.typeResults[type]!);
  }

  #end(reader: InstructionReader): void {
    const at = this.#close(reader);
    this.nesting = at;
    this.height = this.#heights[at]!;
    this.#polymorphic = this.#polymorphics[at] === 1;
    this.#pushResults(reader, this.#blockType[at]!);
  }

  #grow(): void {
    this.#opener = grown(this.#opener);
    this.#blockType = grown(this.#blockType);
    this.#heights = grown(this.#heights);
    this.#polymorphics = grown(this.#polymorphics);
    this.#dead = grown(this.#dead);
  }
}
