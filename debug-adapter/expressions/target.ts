// What can be assigned to, and the values that are: `$0`, `global[0]`, `i32[$0 + 4]` on the left, any expression on the right, checked
// against the type. Assigns nothing itself: whoever owns the guest does. Contracts P2, R1 (an edit is these plain values).

import { cellBytes, readCell, Vector, vectorBytes } from './cells.ts';
import { compile } from './compile.ts';
import { EvaluationError, type Place, quoted } from './error.ts';
import { isCellType, WIDTHS } from './numbers.ts';
import { parseExpression } from './parse.ts';
import type { Scope, WasmType } from './scope.ts';
import { addressFrom, slotIndex, slotNamed, slotsOf, slotValue, windowAt } from './state.ts';
import type { CellType, Node } from './syntax.ts';
import { exact, isAbsent, isNumeric, shown, Unavailable, type Value } from './values.ts';

export type Target =
  | { readonly kind: 'local' | 'global' | 'stack'; readonly index: number; readonly type: WasmType }
  | { readonly kind: 'memory'; readonly memory: number; readonly address: number; readonly type: CellType };

/** A value that fits its type: `number` for i32 (signed) and floats, `bigint` (signed) for i64 and u64, else a number; and its bytes. */
export interface TargetValue {
  readonly type: WasmType | CellType;
  /** What a WebAssembly.Global of the type takes; undefined for a v128, which is its bytes. */
  readonly value: number | bigint | undefined;
  /** Little-endian. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Whether the form of an expression is one that can be assigned to. */
export function isTarget(node: Node): boolean {
  return (
    node.kind === 'dollar' ||
    node.kind === 'slot' ||
    (node.kind === 'load' && node.count === undefined && isCellType(node.type))
  );
}

/** What `source` names, as something to assign to; checked to be there. @throws ExpressionError, EvaluationError */
export function parseTarget(scope: Scope, source: string): Target {
  const { root: node } = parseExpression(source, true);
  const place: Place = { source, column: node.column };
  const run = (inner: Node): Value => compile({ root: inner, source })(scope);
  switch (node.kind) {
    case 'dollar': {
      if (/^\d+$/.test(node.name)) return slotTarget(scope, 'local', Number(node.name), place);
      const { space, index } = slotNamed(scope, node.name, place);
      return slotTarget(scope, space, index, place);
    }
    case 'slot': {
      const slots = slotsOf(scope, node.space, place);
      return slotTarget(scope, node.space, slotIndex(slots, node.space, run(node.index), place), place);
    }
    case 'load': {
      const { type, memory } = node;
      if (!isCellType(type) || node.count !== undefined) break;
      const address = addressFrom(run(node.address), place);
      windowAt(scope, memory, address, WIDTHS[type].bytes, place);
      return { kind: 'memory', memory, address, type };
    }
  }
  throw new EvaluationError(
    'this can’t be assigned to: a variable, a local ($0), a global (global[0]) or a cell of memory (i32[address]) can',
    place,
  );
}

function slotTarget(scope: Scope, kind: 'local' | 'global' | 'stack', index: number, place: Place): Target {
  const slots = slotsOf(scope, kind, place);
  const value = slotValue(slots, kind, index, place);
  if (value instanceof Unavailable) throw new EvaluationError(value.reason, place);
  return { kind, index, type: slots.type(index) };
}

const NOWHERE: Scope = () => undefined;

/**
 * The value of the expression `text` as `type` has it, e.g. `$1 + 4`, `0xff`, `-1`, `nan`, `i32x4 1 2 3 4`. i32 and i64 have no sign: both
 * -1 and 4294967295 fit i32. @throws ExpressionError, EvaluationError: `300 does not fit u8`
 */
export function parseValue(text: string, type: WasmType | CellType, scope: Scope = NOWHERE): TargetValue {
  const source = text.trim();
  if (type === 'funcref' || type === 'externref') throw new EvaluationError(`a ${type} can’t be written`);
  if (type === 'v128') {
    const lanes = vectorBytes(source, (lane, one) => cellValue(lane, one, scope).bytes);
    const bytes = lanes ?? vectorFrom(plainOf(source, scope), source);
    return { type, value: undefined, bytes: new Uint8Array(bytes) };
  }
  return cellValue(type, source, scope);
}

const ODD_FLOATS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
};

function cellValue(type: CellType, source: string, scope: Scope): TargetValue {
  const { bytes, sort } = WIDTHS[type];
  if (sort === 'float') {
    const odd = ODD_FLOATS[source.toLowerCase()];
    const number = odd ?? Number(numberFrom(plainOf(source, scope), source));
    const value = bytes === 4 ? Math.fround(number) : number;
    if (!Number.isFinite(value) && Number.isFinite(number))
      throw new EvaluationError(`${shown(number)} does not fit ${type}`);
    // the literal -0 is the whole number 0
    const zero = value === 0 && /^-0(?:\.0*)?$/.test(source) ? -0 : value;
    return { type, value: zero, bytes: cellBytes(type, zero) };
  }
  const number = numberFrom(plainOf(source, scope), source);
  if (typeof number === 'number' && !Number.isSafeInteger(number))
    throw new EvaluationError(`${shown(number)} is no whole number, as ${type} has them`);
  const size = 8n * BigInt(bytes);
  const least = sort === 'signed' ? -(1n << (size - 1n)) : 0n;
  // Wasm's own types have no sign
  const most = sort === 'signed' && bytes < 4 ? (1n << (size - 1n)) - 1n : (1n << size) - 1n;
  if (number < least || number > most)
    throw new EvaluationError(`${shown(number)} does not fit ${type}, which goes from ${least} to ${most}`);
  const written = cellBytes(type, number);
  return {
    type,
    value: bytes === 8 ? BigInt.asIntN(64, BigInt(number)) : Number(readCell(type, written, 0)),
    bytes: written,
  };
}

function plainOf(source: string, scope: Scope): Value {
  return exact(compile(parseExpression(source))(scope));
}

function numberFrom(value: Value, source: string): number | bigint {
  if (isNumeric(value)) return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const found = isAbsent(value) ? 'not available here' : shown(value);
  throw new EvaluationError(
    `${quoted(source)} is ${found === source ? 'no number' : `${found}, and must be a number`}`,
  );
}

/** A vector, or a whole number of 128 bits, its lowest byte first. */
function vectorFrom(value: Value, source: string): Uint8Array {
  if (value instanceof Vector) return value.bytes;
  const number = numberFrom(value, source);
  const large = typeof number === 'bigint' || Number.isSafeInteger(number) ? BigInt(number) : -1n;
  if (large < 0n || large >> 128n !== 0n)
    throw new EvaluationError(`${shown(number)} does not fit v128: write e.g. i32x4 1 2 3 4`);
  return Uint8Array.from({ length: 16 }, (_, i) => Number((large >> BigInt(8 * i)) & 0xffn));
}
