// Where a variable is, from its DIE: its location expression or the entry of its location list, its constant value, the frame base of the function
// around it (DWARF 5 §2.6, §3.3.5, §4.1). Expressions themselves: location-expression.ts. Never throws.
import { At, Form } from './constants.ts';
import { DieReader } from './die-reader.ts';
import type { DwarfFile } from './dwarf-file.ts';
import type { Location, Machine } from './location.ts';
import type { ExpressionContext } from './location-expression.ts';
import { evaluateExpression } from './location-expression.ts';
import type { BaseKind } from './location-expression-values.ts';
import { expressionAt, locationListOf } from './location-lists.ts';
import type { DieOffset } from './type.ts';
import type { Unit } from './units.ts';

/** Chains of DW_AT_abstract_origin and DW_AT_specification in garbage may be rings. */
const MOST_ORIGINS = 8;

const unavailable = (reason: string): Location => ({ kind: 'unavailable', reason });

export class VariableLocations {
  readonly #file: DwarfFile;
  /** One to stand on a variable, one that others ask within an evaluation. */
  readonly #reader: DieReader;
  readonly #other: DieReader;

  constructor(file: DwarfFile) {
    this.#file = file;
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
      const expression = this.#expression(reader, At.Location, address);
      if (expression !== undefined) {
        if (expression.length === 0) return orNothing(unavailable(WORDS.away), valueSize);
        const context = this.#context(reader.unit, functionDie, address, valueSize);
        return orNothing(evaluateExpression(expression, context, machine), valueSize);
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

  /** A view; empty where the list has nothing for the address; undefined: the attribute is absent. */
  #expression(reader: DieReader, attribute: number, address: number): Uint8Array | undefined {
    const block = reader.block(attribute);
    if (block !== undefined) return this.#file.bytes.subarray(block.start, block.end);
    const list = locationListOf(reader, attribute);
    return list === undefined ? undefined : expressionAt(list, address);
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

/** A value of no bytes is there wherever it is: LLVM often loses its place, and optimises it away first. */
const orNothing = (location: Location, valueSize: number | undefined): Location =>
  location.kind === 'unavailable' && valueSize === 0 ? { kind: 'bytes', bytes: new Uint8Array(0) } : location;

const WORDS = {
  away: 'it was optimised away',
  awayHere: 'it was optimised away here',
  declared: 'it is declared here and defined elsewhere',
  odd: 'its constant value is of a form that is not known',
  unreadable: 'its description cannot be read',
} as const;

/** DW_AT_encoding and size of a DW_TAG_base_type; undefined where none is. */
export function baseTypeAt(reader: DieReader, die: DieOffset): BaseKind | undefined {
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
