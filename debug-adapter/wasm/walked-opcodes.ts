// The opcodes that a walk through a function's body tells apart, by name: control, variables, constants. All others it knows by what they pop
// and push (opcodes.ts).
import { opcodeNamed } from './opcodes.ts';

export const OP = {
  unreachable: opcodeNamed('unreachable'),
  block: opcodeNamed('block'),
  loop: opcodeNamed('loop'),
  if: opcodeNamed('if'),
  else: opcodeNamed('else'),
  end: opcodeNamed('end'),
  br: opcodeNamed('br'),
  brIf: opcodeNamed('br_if'),
  brTable: opcodeNamed('br_table'),
  return: opcodeNamed('return'),
  call: opcodeNamed('call'),
  callIndirect: opcodeNamed('call_indirect'),
  returnCall: opcodeNamed('return_call'),
  returnCallIndirect: opcodeNamed('return_call_indirect'),
  drop: opcodeNamed('drop'),
  select: opcodeNamed('select'),
  selectTyped: opcodeNamed('select_t'),
  localGet: opcodeNamed('local.get'),
  localSet: opcodeNamed('local.set'),
  localTee: opcodeNamed('local.tee'),
  globalGet: opcodeNamed('global.get'),
  globalSet: opcodeNamed('global.set'),
  i32Const: opcodeNamed('i32.const'),
  i64Const: opcodeNamed('i64.const'),
  f32Const: opcodeNamed('f32.const'),
  f64Const: opcodeNamed('f64.const'),
  refNull: opcodeNamed('ref.null'),
  refIsNull: opcodeNamed('ref.is_null'),
} as const;
