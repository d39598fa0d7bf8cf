// Where a variable is, from its DIE: its location expression or the entry of its location list, its constant value, the frame base of the function
// around it (DWARF 5 §2.6, §3.3.5, §4.1). Expressions themselves: location-expression.ts. Never throws.
import { At, Form, Tag } from './constants.ts';
import { DieReader } from './die-reader.ts';
import type { DwarfFile } from './dwarf-file.ts';
import { isMissing, type Location, type Machine, type Missing } from './location.ts';
import type { ExpressionContext } from './location-expression.ts';
import { evaluateExpression, evaluateNumber } from './location-expression.ts';
import { frameBaseLocal, frameSlot } from './location-expression-frame.ts';
import type { BaseKind } from './location-expression-values.ts';
import { entryAt, locationListOf } from './location-lists.ts';
import { type Claim, OverwrittenLocals } from './location-overwritten.ts';
import { UnwrittenSlots } from './location-unwritten.ts';
import { appendRanges } from './ranges.ts';
import type { DieOffset } from './type.ts';
import type { Unit } from './units.ts';

/** Chains of DW_AT_abstract_origin and DW_AT_specification in garbage may be rings. */
const MOST_ORIGINS = 8;

/** Bytes of an address in wasm32. */
const POINTER = 4;
const SCALARS: ReadonlySet<number> = new Set([
  Tag.BaseType,
  Tag.EnumerationType,
  Tag.PointerType,
  Tag.ReferenceType,
  Tag.RvalueReferenceType,
]);

const unavailable = (reason: string): Location => ({ kind: 'unavailable', reason });

export class VariableLocations {
  readonly #file: DwarfFile;
  /** One to stand on a variable, one that others ask within an evaluation. */
  readonly #reader: DieReader;
  readonly #other: DieReader;
  readonly #overwritten: OverwrittenLocals;
  readonly #unwritten: UnwrittenSlots;

  constructor(file: DwarfFile) {
    this.#file = file;
    this.#overwritten = new OverwrittenLocals(file.bytes);
    this.#unwritten = new UnwrittenSlots(file.bytes);
    this.#reader = new DieReader(file);
    this.#other = new DieReader(file);
  }

  /**
   * @param variable the variable's or parameter's own DIE; what it leaves out its origin says
   * @param functionDie the physical function around it, whose frame base counts; undefined for statics
   * @param offset the place in the file where the program stands
   * @param valueSize bytes of its type, where known
   */
  locate(
    variable: DieOffset,
    functionDie: DieOffset | undefined,
    offset: number,
    machine: Machine,
    valueSize?: number,
  ): Location {
    const reader = this.#reader;
    const address = offset - this.#file.sections.codeStart;
    let die = variable;
    for (let n = 0; n < MOST_ORIGINS && reader.at(die); n++) {
      if (valueSize === 4 && this.#isFunctionItem(reader)) return unavailable(WORDS.item);
      const described = this.#described(reader, At.Location, address);
      if (described !== undefined) {
        const { expression, range } = described;
        if (expression.length === 0) return orNothing(unavailable(WORDS.away), valueSize);
        const context = this.#context(reader.unit, functionDie, address, valueSize);
        if (machine.checksCode !== true || functionDie === undefined)
          return orNothing(evaluateExpression(expression, context, machine), valueSize);
        const checked = this.#checked(machine, context, range, variable, functionDie, address);
        const location = heldBy(evaluateExpression(expression, context, checked.machine), checked.holds);
        const isUnwritten =
          location.kind === 'memory' &&
          this.#isUnwritten(expression, context.frameBase, die, functionDie, address, valueSize);
        return isUnwritten ? unwritten(location.address, expression) : orNothing(location, valueSize);
      }
      if (reader.has(At.Location)) return orNothing(unavailable(WORDS.awayHere), valueSize);
      if (reader.has(At.ConstValue)) {
        const bytes = constantBytes(reader, valueSize);
        return bytes === undefined ? unavailable(WORDS.odd) : { kind: 'bytes', bytes };
      }
      const origin = reader.reference(At.AbstractOrigin) ?? reader.reference(At.Specification);
      if (origin === undefined)
        return orNothing(unavailable(reader.flag(At.Declaration) ? WORDS.declared : WORDS.away), valueSize);
      die = origin;
    }
    return unavailable(WORDS.unreadable);
  }

  /** What DW_OP_fbreg counts from in the function `functionDie`. */
  frameBase(functionDie: DieOffset, offset: number, machine: Machine): number | Missing {
    const address = offset - this.#file.sections.codeStart;
    const reader = this.#reader;
    if (!reader.at(functionDie)) return machine.frameBase();
    return frameBaseIn(this.#context(reader.unit, functionDie, address, undefined), machine);
  }

  /** A view; undefined: the attribute is absent, or its list has nothing for the address. */
  #expression(reader: DieReader, attribute: number, address: number): Uint8Array | undefined {
    return this.#described(reader, attribute, address)?.expression;
  }

  /** The same, with the addresses for which a list says it: [low, high). */
  #described(reader: DieReader, attribute: number, address: number): Described | undefined {
    const block = reader.block(attribute);
    if (block !== undefined) return { expression: this.#file.bytes.subarray(block.start, block.end), range: undefined };
    const list = locationListOf(reader, attribute);
    const entry = list === undefined ? undefined : entryAt(list, address);
    if (list === undefined || entry === undefined) return undefined;
    const range = entry.fallback ? undefined : { low: entry.low, high: entry.high };
    return { expression: list.bytes.subarray(entry.start, entry.end), range };
  }

  /** Of rustc: a function, not a pointer to one, which is described as if it were one; it takes no room, and its alignment is 1. */
  #isFunctionItem(reader: DieReader): boolean {
    if (reader.unsigned(At.Alignment) !== 1) return false;
    const type = reader.reference(At.Type);
    const other = this.#other;
    if (type === undefined || !other.at(type)) return false;
    const target = other.tag === Tag.PointerType ? other.reference(At.Type) : undefined;
    return target !== undefined && other.at(target) && other.tag === Tag.SubroutineType;
  }

  /** A machine whose locals are those that still hold what DWARF says they do. */
  #checked(
    machine: Machine,
    context: ExpressionContext,
    range: Range | undefined,
    variable: DieOffset,
    functionDie: DieOffset,
    address: number,
  ): Checked {
    const { codeStart } = this.#file.sections;
    let body: Range | undefined;
    let claimed: Range | undefined;
    const holds = (index: number): boolean => {
      body ??= this.#extent(functionDie);
      if (body === undefined) return true;
      claimed ??= range ?? { low: this.#scopeStart(variable, functionDie) ?? body.low, high: body.high };
      const claim: Claim = { local: index, low: claimed.low + codeStart, high: claimed.high + codeStart };
      const code = { start: body.low + codeStart, end: body.high + codeStart };
      return !this.#overwritten.at(address + codeStart, claim, code);
    };
    const asked: Machine = {
      local: (index) => (holds(index) ? machine.local(index) : { reason: WORDS.overwritten }),
      global: (index) => machine.global(index),
      operand: (index) => machine.operand(index),
      memory: (at, length) => machine.memory(at, length),
      // the frame base is told of the whole function, by another expression
      frameBase: () => frameBaseIn(context, machine),
      stackPointer: () => machine.stackPointer(),
      // a parameter is what the function was entered with until the function writes it
      entry: (of) => {
        body ??= this.#extent(functionDie);
        if (body === undefined) return machine.entry(of);
        const code = { start: body.low + codeStart, end: body.high + codeStart };
        const claim: Claim = { local: of.index, low: code.start, high: code.end };
        return this.#overwritten.at(address + codeStart, claim, code) ? machine.entry(of) : machine.local(of.index);
      },
    };
    return { machine: asked, holds };
  }

  /** Whether what says where a variable is begins at a place in the frame that nothing can have written yet. */
  #isUnwritten(
    expression: Uint8Array,
    frameBase: Uint8Array | undefined,
    die: DieOffset,
    functionDie: DieOffset,
    address: number,
    valueSize: number | undefined,
  ): boolean {
    const slot = frameSlot(expression);
    const base = slot === undefined || frameBase === undefined ? undefined : frameBaseLocal(frameBase);
    if (slot === undefined || base === undefined || (!slot.isPointer && !this.#isScalar(die))) return false;
    const body = this.#extent(functionDie);
    const size = slot.isPointer ? POINTER : valueSize;
    if (body === undefined || size === undefined) return false;
    const { codeStart } = this.#file.sections;
    const code = { start: body.low + codeStart, end: body.high + codeStart };
    return this.#unwritten.at(address + codeStart, { base, from: slot.offset, size }, code);
  }

  /** Whether a variable is one number or address: the parts of others are written one by one, and by indexes. */
  #isScalar(variable: DieOffset): boolean {
    const other = this.#other;
    let die: DieOffset | undefined = variable;
    for (let n = 0; n < MOST_ORIGINS && die !== undefined && other.at(die); n++) {
      if (SCALARS.has(other.tag)) return true;
      die = other.reference(At.Type) ?? other.reference(At.AbstractOrigin);
    }
    return false;
  }

  /** From the first to the last address of a DIE's code; undefined: it has none. */
  #extent(die: DieOffset): Range | undefined {
    const pairs: number[] = [];
    if (this.#other.at(die)) appendRanges(this.#other, pairs);
    return extentOf(pairs);
  }

  /** Where the code of the innermost block around a variable begins. */
  #scopeStart(variable: DieOffset, functionDie: DieOffset): number | undefined {
    const reader = this.#other;
    let start: number | undefined;
    if (!reader.at(functionDie)) return undefined;
    for (;;) {
      let around: DieOffset | undefined;
      for (let on = reader.child(); on && reader.offset <= variable; on = reader.next())
        around = reader.hasChildren ? reader.offset : undefined;
      if (around === undefined || around === variable || !reader.at(around)) return start;
      const pairs: number[] = [];
      appendRanges(reader, pairs);
      start = extentOf(pairs)?.low ?? start;
    }
  }

  #context(
    unit: Unit,
    functionDie: DieOffset | undefined,
    address: number,
    valueSize: number | undefined,
  ): ExpressionContext {
    const other = this.#other;
    const frameBase =
      functionDie !== undefined && other.at(functionDie) ? this.#expression(other, At.FrameBase, address) : undefined;
    return {
      addressSize: unit.addressSize,
      offsetSize: unit.offsetSize,
      frameBase,
      valueSize,
      addressAt: (index) => (other.root(unit) ? other.indexedAddress(index) : undefined),
      baseType: (offset) => baseTypeAt(other, unit.offset + offset),
      called: (offset, whole) => {
        const die = whole ? offset : unit.offset + offset;
        return other.at(die) ? this.#expression(other, At.Location, address) : undefined;
      },
    };
  }
}

/** As the machine knows it, else as the function's DW_AT_frame_base has it. */
function frameBaseIn(context: ExpressionContext, machine: Machine): number | Missing {
  const known = machine.frameBase();
  if (!isMissing(known) || context.frameBase === undefined) return known;
  const found = evaluateNumber(context.frameBase, { ...context, frameBase: undefined }, machine);
  return isMissing(found) ? known : Number(BigInt.asUintN(8 * context.addressSize, found));
}

/** What DWARF says of a place, and for which addresses; undefined: wherever the variable is. */
interface Described {
  readonly expression: Uint8Array;
  readonly range: Range | undefined;
}

/** Addresses of DWARF: [low, high). */
interface Range {
  readonly low: number;
  readonly high: number;
}

function extentOf(pairs: readonly number[]): Range | undefined {
  if (pairs.length === 0) return undefined;
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (let at = 0; at < pairs.length; at += 2) {
    low = Math.min(low, pairs[at] ?? low);
    high = Math.max(high, pairs[at + 1] ?? high);
  }
  return { low, high };
}

/** A machine whose locals are those that still hold what DWARF says they do, and which those are. */
interface Checked {
  readonly machine: Machine;
  readonly holds: (local: number) => boolean;
}

/** A location in locals that hold it no more says so. Nothing is read: who asks again and again keeps the location. */
function heldBy(location: Location, holds: Checked['holds']): Location {
  if (location.kind === 'local') return holds(location.index) ? location : unavailable(WORDS.overwritten);
  if (location.kind !== 'pieces') return location;
  const pieces = location.pieces.map((piece) => ({ ...piece, location: heldBy(piece.location, holds) }));
  return { kind: 'pieces', pieces };
}

/** What lies in the frame itself will be at that address; what is found by a pointer will not. */
function unwritten(address: number, expression: Uint8Array): Location {
  const { unwritten: reason } = WORDS;
  return frameSlot(expression)?.isPointer === true ? unavailable(reason) : { kind: 'unavailable', reason, address };
}

/** A value of no bytes is there wherever it is: LLVM often loses its place, and optimises it away first. */
const orNothing = (location: Location, valueSize: number | undefined): Location =>
  location.kind === 'unavailable' && valueSize === 0 ? { kind: 'bytes', bytes: new Uint8Array(0) } : location;

const WORDS = {
  away: 'it was optimised away',
  awayHere: 'it was optimised away here',
  item: 'it is the function itself, which takes no room',
  overwritten: 'it was optimised away: its place holds something else by now',
  unwritten: 'it has not been written to its place in memory yet',
  declared: 'it is declared here and defined elsewhere',
  odd: 'its constant value is of a form that is not known',
  unreadable: 'its description cannot be read',
} as const;

/** DW_AT_encoding and size of a DW_TAG_base_type; undefined where none is. */
function baseTypeAt(reader: DieReader, die: DieOffset): BaseKind | undefined {
  if (!reader.at(die)) return undefined;
  const encoding = reader.unsigned(At.Encoding);
  const size = reader.unsigned(At.ByteSize) ?? Math.ceil((reader.unsigned(At.BitSize) ?? 0) / 8);
  return encoding === undefined || size === 0 ? undefined : { encoding, size };
}

/** DW_AT_const_value (§4.1): little-endian, of `size` bytes or eight. */
function constantBytes(reader: DieReader, size: number | undefined): Uint8Array | undefined {
  const block = reader.block(At.ConstValue);
  if (block !== undefined) return reader.file.bytes.subarray(block.start, block.end);
  const form = reader.form(At.ConstValue);
  if (form === Form.Addr || form === Form.Addrx) {
    const address = reader.address(At.ConstValue);
    return address === undefined ? undefined : littleEndian(BigInt(address), size ?? 8);
  }
  const bits = reader.unsignedBits(At.ConstValue);
  if (bits !== undefined) return littleEndian(bits, size ?? 8);
  const text = reader.string(At.ConstValue);
  // A C string that is no array of the program: with the zero that ends it.
  return text === undefined ? undefined : new TextEncoder().encode(`${text}\0`);
}

function littleEndian(bits: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(Math.min(Math.max(size, 1), 16));
  let rest = BigInt.asUintN(128, bits);
  for (let n = 0; n < bytes.length; n++) {
    bytes[n] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}
