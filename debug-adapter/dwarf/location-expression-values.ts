// Values on the stack of a DWARF expression (DWARF 5 §2.5.1.2, §2.5.1.4): generic ones and those of a base type, and arithmetic on them. Pure.
//
// The generic type ought to be as wide as an address. LLVM computes with the halves of 64-bit locals all the same (`DW_OP_constu 32, DW_OP_shr`),
// and writes u64::MAX as `DW_OP_lit0, DW_OP_not`: a generic value has 64 bits here. Where the sign decides, one that fits into the 32 bits of an
// address is taken as one of 32 bits.
import type { Missing } from './location.ts';

/** What DW_OP_convert and its like name: DW_ATE_* and bytes. */
export interface BaseKind {
  readonly encoding: number;
  readonly size: number;
}

export interface Cell {
  /** Unsigned, no wider than `kind` says. */
  readonly bits: bigint;
  /** Undefined: generic. */
  readonly kind: BaseKind | undefined;
}

const ENCODING_FLOAT = 0x04;
const SIGNED_ENCODINGS = new Set([0x05, 0x06, 0x0d]); // signed, signed_char, signed_fixed
const MOST_BYTES = 16;

export const generic = (bits: bigint): Cell => ({ bits: BigInt.asUintN(64, bits), kind: undefined });

/** A value of a base type; undefined for a size that no arithmetic here knows. */
export function typed(bits: bigint, kind: BaseKind): Cell | undefined {
  if (!(kind.size >= 1 && kind.size <= MOST_BYTES)) return undefined;
  if (isFloat(kind) && kind.size !== 4 && kind.size !== 8) return undefined;
  return { bits: BigInt.asUintN(kind.size * 8, bits), kind };
}

export const isFloat = (kind: BaseKind | undefined): boolean => kind?.encoding === ENCODING_FLOAT;

const scratch = new DataView(new ArrayBuffer(8));

function toFloat(cell: Cell): number {
  scratch.setBigUint64(0, BigInt.asUintN(64, cell.bits));
  return cell.kind?.size === 4 ? scratch.getFloat32(4) : scratch.getFloat64(0);
}

function ofFloat(value: number, kind: BaseKind): Cell {
  if (kind.size === 4) {
    scratch.setFloat32(0, value);
    return { bits: BigInt(scratch.getUint32(0)), kind };
  }
  scratch.setFloat64(0, value);
  return { bits: scratch.getBigUint64(0), kind };
}

/** The integer that a value is, with its sign: that of its type, or signed where it is generic. */
function signedOf(cell: Cell): bigint {
  const { bits, kind } = cell;
  if (kind === undefined) return bits <= 0xffffffffn ? BigInt.asIntN(32, bits) : BigInt.asIntN(64, bits);
  return SIGNED_ENCODINGS.has(kind.encoding) ? BigInt.asIntN(kind.size * 8, bits) : bits;
}

const bytesWide = (cell: Cell): number => cell.kind?.size ?? (cell.bits <= 0xffffffffn ? 4 : 8);

/** §2.5.1.6 DW_OP_convert: the same number in another type; `kind` undefined is the generic one. */
export function convert(cell: Cell, kind: BaseKind | undefined): Cell | undefined {
  if (isFloat(cell.kind)) {
    const value = toFloat(cell);
    if (kind !== undefined && isFloat(kind)) return typed(0n, kind) && ofFloat(value, kind);
    if (!Number.isFinite(value)) return kind === undefined ? generic(0n) : typed(0n, kind);
    const whole = BigInt(Math.trunc(value));
    return kind === undefined ? generic(whole) : typed(whole, kind);
  }
  if (kind === undefined) return cell.kind === undefined ? cell : generic(signedOf(cell));
  if (isFloat(kind)) return typed(0n, kind) && ofFloat(Number(signedOf(cell)), kind);
  return typed(cell.kind === undefined ? cell.bits : signedOf(cell), kind);
}

/** §2.5.1.6 DW_OP_reinterpret: the same bits. */
export const reinterpret = (cell: Cell, kind: BaseKind | undefined): Cell | undefined =>
  kind === undefined ? generic(cell.bits) : typed(cell.bits, kind);

/** Wide enough for every shift that leaves something. */
const MOST_SHIFT = 128n;

const like = (cell: Cell, bits: bigint): Cell =>
  cell.kind === undefined ? generic(bits) : { bits: BigInt.asUintN(cell.kind.size * 8, bits), kind: cell.kind };

export type Binary =
  | 'and'
  | 'div'
  | 'minus'
  | 'mod'
  | 'mul'
  | 'or'
  | 'plus'
  | 'shl'
  | 'shr'
  | 'shra'
  | 'xor'
  | Relation;
export type Relation = 'eq' | 'ge' | 'gt' | 'le' | 'lt' | 'ne';

const compare = (op: Relation, order: number): boolean => {
  switch (op) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0 || Number.isNaN(order);
    case 'ge':
      return order >= 0;
    case 'gt':
      return order > 0;
    case 'le':
      return order <= 0;
    default:
      return order < 0;
  }
};

const RELATIONS = new Set<string>(['eq', 'ge', 'gt', 'le', 'lt', 'ne']);
const isRelation = (op: Binary): op is Relation => RELATIONS.has(op);

/**
 * §2.5.1.4: `left` was pushed before `right`. Types ought to be the same; LLVM mixes typed and generic ones (`DW_OP_convert …, DW_OP_constu 1,
 * DW_OP_minus`), so the generic one then takes the other's type.
 */
export function binary(op: Binary, left: Cell, right: Cell): Cell | Missing {
  const kind = left.kind ?? (op === 'shl' || op === 'shr' || op === 'shra' ? undefined : right.kind);
  const a = left.kind === undefined && kind !== undefined ? convert(left, kind) : left;
  const b = right.kind === undefined && isFloat(kind) ? convert(right, kind) : right;
  if (a === undefined || b === undefined) return { reason: 'its DWARF expression mixes types' };
  if (isFloat(a.kind)) return floats(op, a, b);
  const x = signedOf(a);
  const y = signedOf(b);
  if (isRelation(op)) return generic(compare(op, x < y ? -1 : x > y ? 1 : 0) ? 1n : 0n);
  switch (op) {
    case 'and':
      return like(a, a.bits & b.bits);
    case 'or':
      return like(a, a.bits | b.bits);
    case 'xor':
      return like(a, a.bits ^ b.bits);
    case 'plus':
      return like(a, a.bits + b.bits);
    case 'minus':
      return like(a, a.bits - b.bits);
    case 'mul':
      return like(a, a.bits * b.bits);
    case 'div':
      return y === 0n ? { reason: 'its DWARF expression divides by zero' } : like(a, x / y);
    case 'mod':
      // §2.5.1.4: of generic values it is unsigned, unlike DW_OP_div.
      if (y === 0n) return { reason: 'its DWARF expression divides by zero' };
      return a.kind === undefined ? like(a, a.bits % b.bits) : like(a, x % y);
    case 'shl':
      return like(a, b.bits >= MOST_SHIFT ? 0n : a.bits << b.bits);
    case 'shr':
      return like(a, b.bits >= MOST_SHIFT ? 0n : a.bits >> b.bits);
    default: {
      const negative = BigInt.asIntN(bytesWide(a) * 8, a.bits);
      return like(a, negative >> (b.bits >= MOST_SHIFT ? MOST_SHIFT : b.bits));
    }
  }
}

function floats(op: Binary, left: Cell, right: Cell): Cell | Missing {
  const { kind } = left;
  if (kind === undefined || !isFloat(right.kind)) return { reason: 'its DWARF expression mixes types' };
  const x = toFloat(left);
  const y = toFloat(right);
  if (isRelation(op)) return generic(compare(op, x === y ? 0 : x < y ? -1 : x > y ? 1 : Number.NaN) ? 1n : 0n);
  switch (op) {
    case 'plus':
      return ofFloat(x + y, kind);
    case 'minus':
      return ofFloat(x - y, kind);
    case 'mul':
      return ofFloat(x * y, kind);
    case 'div':
      return ofFloat(x / y, kind);
    default:
      return { reason: 'its DWARF expression takes bits of a float' };
  }
}

export function unary(op: 'abs' | 'neg' | 'not', cell: Cell): Cell | Missing {
  const { kind } = cell;
  if (kind !== undefined && isFloat(kind)) {
    if (op === 'not') return { reason: 'its DWARF expression takes bits of a float' };
    const value = toFloat(cell);
    return ofFloat(op === 'neg' ? -value : Math.abs(value), kind);
  }
  if (op === 'not') return like(cell, ~cell.bits);
  const value = signedOf(cell);
  return like(cell, op === 'neg' || value < 0n ? -value : value);
}

/** The bytes of a value, little-endian: those of its type, eight of a generic one. */
export function bytesOf(cell: Cell, length: number = cell.kind?.size ?? 8): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = cell.bits;
  for (let i = 0; i < length && rest !== 0n; i++) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** What these bytes are, unsigned. */
export function bitsOf(bytes: Uint8Array): bigint {
  let bits = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) bits = (bits << 8n) | BigInt(bytes[i] ?? 0);
  return bits;
}
