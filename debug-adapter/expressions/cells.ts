// Bytes of memory and vectors as values of expressions: typed cells, their elements and their texts. Reads bytes that somebody else has
// fetched and checked. Contracts P2, E4 (texts are of bounded length).
import { excerpt } from '../wasi/excerpt.ts';
import { EvaluationError } from './error.ts';
import { formatNumber, isCellType, WIDTHS } from './numbers.ts';
import { type Range, within } from './slices.ts';
import type { CellType, Format } from './syntax.ts';
import { Compound, type Value } from './values.ts';

const TWO_32 = 0x1_0000_0000;
const scratch = new DataView(new ArrayBuffer(8));

/** The little-endian number of `type` at `at`, which must be there. Whole numbers exactly: a BigInt only where a double does not hold it. */
export function readCell(type: CellType, bytes: Uint8Array, at: number): number | bigint {
  switch (type) {
    case 'i8':
      return (bytes[at]! << 24) >> 24;
    case 'u8':
      return bytes[at]!;
    case 'i16':
      return ((bytes[at]! | (bytes[at + 1]! << 8)) << 16) >> 16;
    case 'u16':
      return bytes[at]! | (bytes[at + 1]! << 8);
    case 'i32':
      return word(bytes, at);
    case 'u32':
      return word(bytes, at) >>> 0;
    case 'i64':
    case 'u64': {
      const low = word(bytes, at) >>> 0;
      const high = type === 'i64' ? word(bytes, at + 4) : word(bytes, at + 4) >>> 0;
      const near = high * TWO_32 + low;
      return Number.isSafeInteger(near) ? near : (BigInt(high) << 32n) | BigInt(low);
    }
    case 'f32':
      scratch.setInt32(0, word(bytes, at), true);
      return scratch.getFloat32(0, true);
    case 'f64':
      scratch.setInt32(0, word(bytes, at), true);
      scratch.setInt32(4, word(bytes, at + 4), true);
      return scratch.getFloat64(0, true);
  }
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** The bytes of `value`, which fits `type` (numbers.ts checks). */
export function cellBytes(type: CellType, value: number | bigint): Uint8Array<ArrayBuffer> {
  const { bytes, sort } = WIDTHS[type];
  if (sort !== 'float') scratch.setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
  else if (bytes === 4) scratch.setFloat32(0, Number(value), true);
  else scratch.setFloat64(0, Number(value), true);
  return new Uint8Array(scratch.buffer.slice(0, bytes));
}

/** Elements that a text shows. */
const SHOWN = 32;

/** `[1, 2, 3]`, `[1, 2, … 100 in all]`; bytes as a line of a hex dump. */
function cellsText(type: CellType | 'memory', bytes: Uint8Array, format: Format | undefined): string {
  if (format === 's') return JSON.stringify(utf8(bytes.subarray(0, 4096)));
  if (type === 'memory' && format === undefined) return excerpt(bytes);
  const cell = type === 'memory' ? 'u8' : type;
  if (cell === 'u8' && (format === undefined || format === 'x')) return hexLine(bytes);
  const count = cellCount(cell, bytes);
  const found: string[] = [];
  for (let i = 0; i < Math.min(count, SHOWN); i++) found.push(cellText(cell, bytes, i, format));
  return count > SHOWN ? `[${found.join(', ')}, … ${count} in all]` : `[${found.join(', ')}]`;
}

function hexLine(bytes: Uint8Array): string {
  const head = bytes.subarray(0, SHOWN);
  const hex = Array.from(head, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const text = Array.from(head, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
  return bytes.length > SHOWN ? `${hex} …  ${text}… ${bytes.length} in all` : `${hex}  ${text}`;
}

/** The cells of `bytes`, which are counted from 0: how many there are, and the text of one. */
export function cellCount(type: CellType, bytes: Uint8Array): number {
  return Math.floor(bytes.length / WIDTHS[type].bytes);
}
export function cellText(type: CellType, bytes: Uint8Array, index: number, format: Format | undefined): string {
  return formatNumber(readCell(type, bytes, index * WIDTHS[type].bytes), format, type);
}

/** Bytes as text; what is no UTF-8 becomes U+FFFD. */
export function utf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** Cells of one type that lie one after the other: `i32[0x100, 8]`, `memory[0x100, 64]`, the lanes of a vector. */
export class Cells extends Compound {
  readonly cell: CellType | 'memory';
  /** Undefined: not in memory. */
  readonly at: number | undefined;
  readonly memory: number;
  /** A copy: the guest may run on. */
  readonly bytes: Uint8Array;
  /** How many bytes were asked for: `memory[…]` gives those that there are. */
  readonly asked: number;

  constructor(cell: CellType | 'memory', bytes: Uint8Array, at: number | undefined, memory = 0, asked = bytes.length) {
    super();
    this.cell = cell;
    this.bytes = bytes;
    this.at = at;
    this.memory = memory;
    this.asked = asked;
  }

  get #type(): CellType {
    return this.cell === 'memory' ? 'u8' : this.cell;
  }
  /** Whether the cells are bytes. */
  get bytewise(): boolean {
    return WIDTHS[this.#type].bytes === 1;
  }
  get count(): number {
    return cellCount(this.#type, this.bytes);
  }
  override get type(): string {
    return this.cell === 'memory' ? `${this.bytes.length} bytes` : `${this.cell}[${this.count}]`;
  }
  override text(): string {
    return this.formatted(undefined);
  }
  formatted(format: Format | undefined): string {
    const text = cellsText(this.cell, this.bytes, format);
    return this.bytes.length < this.asked ? `${text} (${this.bytes.length} of ${this.asked} bytes)` : text;
  }
  override equals(other: Compound): boolean {
    return other instanceof Cells && other.#type === this.#type && sameBytes(this.bytes, other.bytes);
  }
  override member(name: string): Value {
    return name === 'length' ? this.count : undefined;
  }
  override index(index: Value): Value {
    if (typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < this.count)
      return readCell(this.#type, this.bytes, index * WIDTHS[this.#type].bytes);
    throw new EvaluationError(`there is no element ${String(index)}: there are ${this.count}, from 0`);
  }
  override address(): number | undefined {
    return this.at;
  }
  override slice(range: Range): Value {
    const { start, end } = within(range, this.count, 'elements');
    const { bytes } = WIDTHS[this.#type];
    const at = this.at === undefined ? undefined : this.at + start * bytes;
    return new Cells(this.cell, this.bytes.subarray(start * bytes, end * bytes), at, this.memory);
  }
  override length(): number {
    return this.count;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Shapes of a vector, by their names in WAT and with unsigned lanes. */
const SHAPE = /^([iuf](?:8|16|32|64))x(2|4|8|16)$/;

/** A v128: 16 bytes, the first lane first. Lanes by their shape: `$3.i32x4[0]`. */
export class Vector extends Compound {
  override readonly type = 'v128';
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.bytes = bytes;
  }
  override text(): string {
    return this.formatted(undefined);
  }
  /** As WAT has it: `i32x4 0x00000001 0x00000000 0x00000000 0x00000000`. */
  formatted(format: Format | undefined): string {
    if (format === 's') return cellsText('u8', this.bytes, 's');
    const lanes = [0, 4, 8, 12].map((at) => formatNumber(readCell('i32', this.bytes, at), format ?? 'x', 'i32'));
    return `i32x4 ${lanes.join(' ')}`;
  }
  override equals(other: Compound): boolean {
    return other instanceof Vector && sameBytes(this.bytes, other.bytes);
  }
  override member(name: string): Value {
    const [, type = '', count] = SHAPE.exec(name) ?? [];
    if (!isCellType(type) || WIDTHS[type].bytes * Number(count) !== 16) return undefined;
    return new Cells(type, this.bytes, undefined);
  }
}

/** `i32x4 1 2 3 4` as its bytes; undefined when it is nothing of that form, an EvaluationError when a lane does not fit. */
export function vectorBytes(text: string, lane: (type: CellType, text: string) => Uint8Array): Uint8Array | undefined {
  const [shape = '', ...lanes] = text.trim().split(/\s+/);
  const [, type = '', count] = SHAPE.exec(shape) ?? [];
  if (!isCellType(type) || WIDTHS[type].bytes * Number(count) !== 16 || lanes.length !== Number(count))
    return undefined;
  const bytes = new Uint8Array(16);
  for (const [i, one] of lanes.entries()) bytes.set(lane(type, one), i * WIDTHS[type].bytes);
  return bytes;
}
