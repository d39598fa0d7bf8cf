// How much each instruction costs: a plain table by opcode. wasmi charges its own register code, which depends on the
// translation; until that is followed, a number made with this model is shown with "about". (R5)
import { OPCODE_LIMIT, opcodeNamed } from '../wasm/opcodes.ts';

/** The model's name, as recordings carry it. Another name: fuel and yields are computed anew and not compared. */
export const FUEL_MODEL = 'plain-1';

/** Every charging block costs this much by itself. */
export const BASE_COST = 1;
/** Bytes that memory.copy, fill, init and grow handle for one unit of fuel (wasmi's default costs). */
export const BYTES_PER_FUEL = 64;
/** Bytes that wasmi counts for one value of a table, built without `simd`. */
export const BYTES_PER_VALUE = 8;

/**
 * What emits no code of its own in wasmi, mostly: operands are registers, a result goes straight into the local that is set,
 * and a branch takes the place of the comparison before it.
 */
const FREE = [
  'nop',
  'block',
  'loop',
  'if',
  'else',
  'end',
  'br_if',
  'drop',
  'local.get',
  'local.set',
  'local.tee',
  'i32.const',
  'i64.const',
  'f32.const',
  'f64.const',
  'v128.const',
  'ref.null',
  'i32.reinterpret_f32',
  'i64.reinterpret_f64',
  'f32.reinterpret_i32',
  'f64.reinterpret_i64',
  'i64.extend_i32_u',
];

/** Fuel by opcode, added to the charging block that the instruction belongs to. */
export const instructionCost = new Uint8Array(OPCODE_LIMIT).fill(1);
for (const name of FREE) instructionCost[opcodeNamed(name)] = 0;
