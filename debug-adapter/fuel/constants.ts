// Constant folding as wasmi's translator does it, over 64-bit values in two halves. It decides which `if` is constant and
// which code is unreachable, and so where charges are. Follows wasmi 1.0.3 src/engine/translator/func. (I3)
import { opcodeNames, opcodeSignature } from '../wasm/opcodes.ts';

/** What folding an instruction over constants came to. */
export const Folded = { Value: 0, Trap: 1, No: 2 } as const;

const buffer = new DataView(new ArrayBuffer(8));

/** The two halves of the last result. */
export let foldedLow = 0;
export let foldedHigh = 0;

function i32(value: number): number {
  foldedLow = value | 0;
  foldedHigh = 0;
  return Folded.Value;
}

function truth(value: boolean): number {
  return i32(value ? 1 : 0);
}

function i64(value: bigint): number {
  const wrapped = BigInt.asUintN(64, value);
  foldedLow = Number(wrapped & 0xffffffffn) | 0;
  foldedHigh = Number(wrapped >> 32n) | 0;
  return Folded.Value;
}

function f32(value: number): number {
  buffer.setFloat32(0, value);
  return i32(buffer.getInt32(0));
}

function f64(value: number): number {
  buffer.setFloat64(0, value);
  foldedHigh = buffer.getInt32(0);
  foldedLow = buffer.getInt32(4);
  return Folded.Value;
}

function signed64(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

function float32(low: number): number {
  buffer.setInt32(0, low);
  return buffer.getFloat32(0);
}

function float64(low: number, high: number): number {
  buffer.setInt32(0, high);
  buffer.setInt32(4, low);
  return buffer.getFloat64(0);
}

/** Folds an instruction with one constant operand. */
export function foldUnary(opcode: number, low: number, high: number): number {
  const name = opcodeNames[opcode]!;
  switch (name) {
    case 'i32.eqz':
      return truth(low === 0);
    case 'i64.eqz':
      return truth(low === 0 && high === 0);
    case 'i32.clz':
      return i32(Math.clz32(low));
    case 'i32.ctz':
      return i32(trailing(low));
    case 'i32.popcnt':
      return i32(ones(low));
    case 'i64.clz':
      return i64(BigInt(high === 0 ? 32 + Math.clz32(low) : Math.clz32(high)));
    case 'i64.ctz':
      return i64(BigInt(low === 0 ? 32 + trailing(high) : trailing(low)));
    case 'i64.popcnt':
      return i64(BigInt(ones(low) + ones(high)));
    case 'i32.wrap_i64':
    case 'i32.reinterpret_f32':
    case 'f32.reinterpret_i32':
      return i32(low);
    case 'i64.extend_i32_u':
      return i64(BigInt(low >>> 0));
    case 'i64.extend_i32_s':
    case 'i64.extend32_s':
      return i64(BigInt(low));
    case 'i64.reinterpret_f64':
    case 'f64.reinterpret_i64':
      return i64(signed64(low, high));
    case 'i32.extend8_s':
      return i32((low << 24) >> 24);
    case 'i32.extend16_s':
      return i32((low << 16) >> 16);
    case 'i64.extend8_s':
      return i64(BigInt((low << 24) >> 24));
    case 'i64.extend16_s':
      return i64(BigInt((low << 16) >> 16));
    case 'f32.abs':
      return i32(low & 0x7fffffff);
    case 'f32.neg':
      return i32(low ^ 0x80000000);
    case 'f64.abs':
      return i64(signed64(low, high & 0x7fffffff));
    case 'f64.neg':
      return i64(signed64(low, high ^ 0x80000000));
  }
  const [type = '', operation = ''] = name.split('.');
  const taken = opcodeSignature[opcode]![0];
  if (operation.startsWith('trunc_'))
    return truncate(type, operation, taken === 'f' ? float32(low) : float64(low, high));
  if (operation.startsWith('convert_')) return convert(type, operation, low, high);
  if (operation === 'demote_f64') return f32(float64(low, high));
  if (operation === 'promote_f32') return f64(float32(low));
  const rounded = roundFloat(operation, type === 'f32' ? float32(low) : float64(low, high));
  if (rounded === undefined) return Folded.No;
  return type === 'f32' ? f32(rounded) : f64(rounded);
}

function trailing(value: number): number {
  return value === 0 ? 32 : 31 - Math.clz32(value & -value);
}

function ones(value: number): number {
  let rest = value >>> 0;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function roundFloat(operation: string, value: number): number | undefined {
  switch (operation) {
    case 'ceil':
      return Math.ceil(value);
    case 'floor':
      return Math.floor(value);
    case 'trunc':
      return Math.trunc(value);
    case 'sqrt':
      return Math.sqrt(value);
    case 'nearest': {
      if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 52) return value;
      const floor = Math.floor(value);
      const rest = value - floor;
      const near = rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
      return near === 0 ? value * 0 : near;
    }
    default:
      return undefined;
  }
}

function truncate(type: string, operation: string, value: number): number {
  const unsigned = operation.endsWith('_u');
  const bits = type === 'i32' ? 32 : 64;
  const least = unsigned ? 0 : -(2 ** (bits - 1));
  const most = unsigned ? 2 ** bits : 2 ** (bits - 1);
  const whole = Math.trunc(value);
  if (operation.includes('_sat_')) {
    const all = 1n << BigInt(unsigned ? bits : bits - 1);
    const result = Number.isNaN(value) ? 0n : whole < least ? BigInt(least) : whole >= most ? all - 1n : BigInt(whole);
    return bits === 32 ? i32(Number(BigInt.asIntN(32, result))) : i64(result);
  }
  if (Number.isNaN(value) || whole < least || whole >= most) return Folded.Trap;
  return bits === 32 ? i32(Number(BigInt.asIntN(32, BigInt(whole)))) : i64(BigInt(whole));
}

function convert(type: string, operation: string, low: number, high: number): number {
  const unsigned = operation.endsWith('_u');
  if (operation.includes('i32')) {
    const value = unsigned ? low >>> 0 : low;
    return type === 'f32' ? f32(value) : f64(value);
  }
  const whole = unsigned ? BigInt.asUintN(64, signed64(low, high)) : signed64(low, high);
  return type === 'f64' ? f64(Number(whole)) : f32(roundToF32(whole));
}

/** A 64-bit integer to f32 in one rounding: through a double it would be two. */
function roundToF32(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  const bits = magnitude.toString(2).length;
  if (bits <= 53) return Number(value);
  // Keep 26 bits and a sticky one, so that the rounding to 24 bits sees which side of the middle it is on.
  const shift = BigInt(bits - 26);
  const sticky = (magnitude & ((1n << shift) - 1n)) === 0n ? 0n : 1n;
  const short = Number((((magnitude >> shift) << 1n) | sticky) << (shift - 1n));
  return value < 0n ? -short : short;
}

/** Folds an instruction with two constant operands. */
export function foldBinary(opcode: number, aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  const [type = '', operation = ''] = opcodeNames[opcode]!.split('.');
  switch (type) {
    case 'i32':
      return foldI32(operation, aLow, bLow);
    case 'i64':
      return foldI64(operation, signed64(aLow, aHigh), signed64(bLow, bHigh));
    case 'f32':
      if (operation === 'copysign') return i32((aLow & 0x7fffffff) | (bLow & 0x80000000));
      return foldFloat(operation, float32(aLow), float32(bLow), f32);
    case 'f64':
      if (operation === 'copysign') return i64(signed64(aLow, (aHigh & 0x7fffffff) | (bHigh & 0x80000000)));
      return foldFloat(operation, float64(aLow, aHigh), float64(bLow, bHigh), f64);
    default:
      return Folded.No;
  }
}

function foldI32(operation: string, a: number, b: number): number {
  switch (operation) {
    case 'add':
      return i32(a + b);
    case 'sub':
      return i32(a - b);
    case 'mul':
      return i32(Math.imul(a, b));
    case 'and':
      return i32(a & b);
    case 'or':
      return i32(a | b);
    case 'xor':
      return i32(a ^ b);
    case 'shl':
      return i32(a << b);
    case 'shr_s':
      return i32(a >> b);
    case 'shr_u':
      return i32(a >>> b);
    case 'rotl':
      return i32((a << b) | (b & 31 ? a >>> (32 - (b & 31)) : 0));
    case 'rotr':
      return i32((a >>> b) | (b & 31 ? a << (32 - (b & 31)) : 0));
    case 'div_s':
      return b === 0 || (a === -0x80000000 && b === -1) ? Folded.Trap : i32(Math.trunc(a / b));
    case 'div_u':
      return b === 0 ? Folded.Trap : i32(Math.trunc((a >>> 0) / (b >>> 0)));
    case 'rem_s':
      return b === 0 ? Folded.Trap : i32(b === -1 ? 0 : a % b);
    case 'rem_u':
      return b === 0 ? Folded.Trap : i32((a >>> 0) % (b >>> 0));
    default:
      return compare(operation, a, b, a >>> 0, b >>> 0);
  }
}

function foldI64(operation: string, a: bigint, b: bigint): number {
  const count = b & 63n;
  const unsigned = BigInt.asUintN(64, a);
  const divisor = BigInt.asUintN(64, b);
  switch (operation) {
    case 'add':
      return i64(a + b);
    case 'sub':
      return i64(a - b);
    case 'mul':
      return i64(a * b);
    case 'and':
      return i64(a & b);
    case 'or':
      return i64(a | b);
    case 'xor':
      return i64(a ^ b);
    case 'shl':
      return i64(a << count);
    case 'shr_s':
      return i64(a >> count);
    case 'shr_u':
      return i64(unsigned >> count);
    case 'rotl':
      return i64((unsigned << count) | (unsigned >> (64n - count)));
    case 'rotr':
      return i64((unsigned >> count) | (unsigned << (64n - count)));
    case 'div_s':
      return b === 0n || (a === -(1n << 63n) && b === -1n) ? Folded.Trap : i64(a / b);
    case 'div_u':
      return b === 0n ? Folded.Trap : i64(unsigned / divisor);
    case 'rem_s':
      return b === 0n ? Folded.Trap : i64(a % b);
    case 'rem_u':
      return b === 0n ? Folded.Trap : i64(unsigned % divisor);
    default:
      return compare(operation, a, b, unsigned, divisor);
  }
}

function compare<T extends number | bigint>(operation: string, a: T, b: T, ua: T, ub: T): number {
  switch (operation) {
    case 'eq':
      return truth(a === b);
    case 'ne':
      return truth(a !== b);
    case 'lt_s':
      return truth(a < b);
    case 'lt_u':
      return truth(ua < ub);
    case 'gt_s':
      return truth(a > b);
    case 'gt_u':
      return truth(ua > ub);
    case 'le_s':
      return truth(a <= b);
    case 'le_u':
      return truth(ua <= ub);
    case 'ge_s':
      return truth(a >= b);
    case 'ge_u':
      return truth(ua >= ub);
    default:
      return Folded.No;
  }
}

function foldFloat(operation: string, a: number, b: number, make: (value: number) => number): number {
  switch (operation) {
    case 'eq':
      return truth(a === b);
    case 'ne':
      return truth(a !== b);
    case 'lt':
      return truth(a < b);
    case 'gt':
      return truth(a > b);
    case 'le':
      return truth(a <= b);
    case 'ge':
      return truth(a >= b);
    case 'add':
      return make(a + b);
    case 'sub':
      return make(a - b);
    case 'mul':
      return make(a * b);
    case 'div':
      return make(a / b);
    case 'min':
      return make(Math.min(a, b));
    case 'max':
      return make(Math.max(a, b));
    default:
      return Folded.No;
  }
}
