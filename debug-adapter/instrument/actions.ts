// Which instructions the weaver has to look at, as a table by opcode; all others are copied in runs. Also which float
// instructions may make a NaN, and which ones don't care about a NaN's payload. (I1, R3)

import { FEATURES, Immediate, OPCODE_LIMIT, opcodeFeature, opcodeImmediate, opcodeNamed } from '../wasm/opcodes.ts';
import { F32, F64, V128 } from '../wasm/value-types.ts';
import type { ProbePlan } from './plan.ts';

export const Action = {
  Copy: 0,
  Local: 1,
  Global: 2,
  Open: 3,
  Else: 4,
  End: 5,
  Branch: 6,
  BranchTable: 7,
  Return: 8,
  Call: 9,
  CallIndirect: 10,
  ReturnCall: 11,
  ReturnCallIndirect: 12,
  FunctionReference: 13,
  Float: 14,
  MemoryGrow: 15,
  TableGrow: 16,
  MemoryFill: 17,
  MemoryCopy: 18,
  MemoryInit: 19,
  TableFill: 20,
  TableCopy: 21,
  TableInit: 22,
  DropSegment: 23,
  /** table.get, table.set, table.size: only the index is checked. */
  Table: 24,
  /** Loads, stores, memory.size: only the index is checked, for it may be that of a memory of ours. */
  Memory: 25,
} as const;

const BY_NAME: readonly (readonly [string, number])[] = [
  ['local.get', Action.Local],
  ['local.set', Action.Local],
  ['local.tee', Action.Local],
  ['global.get', Action.Global],
  ['global.set', Action.Global],
  ['block', Action.Open],
  ['loop', Action.Open],
  ['if', Action.Open],
  ['else', Action.Else],
  ['end', Action.End],
  ['br', Action.Branch],
  ['br_if', Action.Branch],
  ['br_table', Action.BranchTable],
  ['return', Action.Return],
  ['call', Action.Call],
  ['call_indirect', Action.CallIndirect],
  ['return_call', Action.ReturnCall],
  ['return_call_indirect', Action.ReturnCallIndirect],
  ['ref.func', Action.FunctionReference],
  ['memory.grow', Action.MemoryGrow],
  ['table.grow', Action.TableGrow],
  ['memory.fill', Action.MemoryFill],
  ['memory.copy', Action.MemoryCopy],
  ['memory.init', Action.MemoryInit],
  ['table.fill', Action.TableFill],
  ['table.copy', Action.TableCopy],
  ['table.init', Action.TableInit],
  ['data.drop', Action.DropSegment],
  ['elem.drop', Action.DropSegment],
  ['table.get', Action.Table],
  ['table.set', Action.Table],
  ['table.size', Action.Table],
];

const ARITHMETIC = ['ceil', 'floor', 'trunc', 'nearest', 'sqrt', 'add', 'sub', 'mul', 'div', 'min', 'max'];

/** The value type whose NaN an instruction may produce; 0 for none. For SIMD the shape decides the comparison. */
export const nanType = new Uint8Array(OPCODE_LIMIT);
/** 32 or 64: width of the lanes whose NaNs are made canonical. */
export const nanWidth = new Uint8Array(OPCODE_LIMIT);
/** Single-byte float instructions whose result does not depend on the payload of a NaN that they take from the top. */
export const ignoresPayload = new Uint8Array(256);

function producesNaN(name: string, type: number, width: number): void {
  const opcode = opcodeNamed(name);
  nanType[opcode] = type;
  nanWidth[opcode] = width;
}

for (const name of ARITHMETIC) {
  producesNaN(`f32.${name}`, F32, 32);
  producesNaN(`f64.${name}`, F64, 64);
  producesNaN(`f32x4.${name}`, V128, 32);
  producesNaN(`f64x2.${name}`, V128, 64);
}
for (const name of ['relaxed_madd', 'relaxed_nmadd', 'relaxed_min', 'relaxed_max']) {
  producesNaN(`f32x4.${name}`, V128, 32);
  producesNaN(`f64x2.${name}`, V128, 64);
}
producesNaN('f32.demote_f64', F32, 32);
producesNaN('f64.promote_f32', F64, 64);
producesNaN('f32x4.demote_f64x2_zero', V128, 32);
producesNaN('f64x2.promote_low_f32x4', V128, 64);

for (let opcode = 0; opcode < 256; opcode++) if (nanType[opcode] !== 0) ignoresPayload[opcode] = 1;
for (const type of ['f32', 'f64']) {
  for (const name of ['eq', 'ne', 'lt', 'gt', 'le', 'ge']) ignoresPayload[opcodeNamed(`${type}.${name}`)] = 1;
  for (const name of ['i32', 'i64'])
    for (const sign of ['s', 'u']) ignoresPayload[opcodeNamed(`${name}.trunc_${type}_${sign}`)] = 1;
}

/** Relaxed instructions and the strict ones that are among the results they may have: a replay elsewhere must agree. */
export const strictTwin = new Uint16Array(OPCODE_LIMIT);
for (const [relaxed, strict] of [
  ['i8x16.relaxed_swizzle', 'i8x16.swizzle'],
  ['i32x4.relaxed_trunc_f32x4_s', 'i32x4.trunc_sat_f32x4_s'],
  ['i32x4.relaxed_trunc_f32x4_u', 'i32x4.trunc_sat_f32x4_u'],
  ['i32x4.relaxed_trunc_f64x2_s_zero', 'i32x4.trunc_sat_f64x2_s_zero'],
  ['i32x4.relaxed_trunc_f64x2_u_zero', 'i32x4.trunc_sat_f64x2_u_zero'],
  ['i8x16.relaxed_laneselect', 'v128.bitselect'],
  ['i16x8.relaxed_laneselect', 'v128.bitselect'],
  ['i32x4.relaxed_laneselect', 'v128.bitselect'],
  ['i64x2.relaxed_laneselect', 'v128.bitselect'],
  ['f32x4.relaxed_min', 'f32x4.min'],
  ['f32x4.relaxed_max', 'f32x4.max'],
  ['f64x2.relaxed_min', 'f64x2.min'],
  ['f64x2.relaxed_max', 'f64x2.max'],
  ['i16x8.relaxed_q15mulr_s', 'i16x8.q15mulr_sat_s'],
] as const)
  strictTwin[opcodeNamed(relaxed)] = opcodeNamed(strict);

const OF_MEMORY: readonly number[] = [Immediate.Memory, Immediate.MemoryArgument, Immediate.MemoryArgumentLane];

/** The action for each opcode under a plan. */
export function actionsFor(plan: ProbePlan): Uint8Array {
  const actions = new Uint8Array(OPCODE_LIMIT);
  for (let opcode = 0; opcode < OPCODE_LIMIT; opcode++)
    if (OF_MEMORY.includes(opcodeImmediate[opcode]!)) actions[opcode] = Action.Memory;
  for (const [name, action] of BY_NAME) actions[opcodeNamed(name)] = action;
  if (plan.canonicalNaN)
    for (let opcode = 0; opcode < OPCODE_LIMIT; opcode++)
      if (nanType[opcode] !== 0 || FEATURES[opcodeFeature[opcode]!] === 'relaxed-simd') actions[opcode] = Action.Float;
  return actions;
}
