// One number per instruction: a single byte is itself, 0xfc-prefixed ones are 0x100 + sub-opcode, 0xfd-prefixed ones
// 0x200 + sub-opcode. Typed arrays by that number: name, immediates, feature, stack effect. Not a disassembler. (I1)
import { OPCODE_LINES } from './opcode-lines.ts';

export const FC_BASE = 0x100;
export const FD_BASE = 0x200;
/** Above every opcode number. */
export const OPCODE_LIMIT = 0x400;

/** How the bytes after the opcode are read. */
export const Immediate = {
  None: 0,
  Block: 1,
  Label: 2,
  LabelTable: 3,
  Function: 4,
  TypeTable: 5,
  Local: 6,
  Global: 7,
  Table: 8,
  ValueTypes: 9,
  MemoryArgument: 10,
  Memory: 11,
  I32: 12,
  I64: 13,
  F32: 14,
  F64: 15,
  HeapType: 16,
  DataMemory: 17,
  Data: 18,
  MemoryMemory: 19,
  ElementTable: 20,
  Element: 21,
  TableTable: 22,
  V128: 23,
  Shuffle: 24,
  Lane: 25,
  MemoryArgumentLane: 26,
  /** No instruction that this engine knows. */
  Unknown: 27,
} as const;

/** A feature of WebAssembly, as the engine tells them apart. `mvp` stands for the first version. */
export const FEATURES = [
  'mvp',
  'mutable-globals',
  'multi-value',
  'multi-memory',
  'saturating-conversions',
  'sign-extension',
  'bulk-memory',
  'reference-types',
  'tail-calls',
  'extended-const',
  'memory64',
  'simd',
  'relaxed-simd',
  'threads',
  'exceptions',
  'typed-function-references',
  'gc',
  'wide-arithmetic',
  'custom-page-sizes',
  'stack-switching',
] as const;
export type Feature = (typeof FEATURES)[number];

/** How an instruction may change control: everything but `Plain` ends a straight-line run or changes nesting. */
export const Flow = {
  Plain: 0,
  Block: 1,
  Loop: 2,
  If: 3,
  Else: 4,
  End: 5,
  /** Nothing after it is reached: unreachable, br, br_table, return, return_call. */
  Stop: 6,
  Call: 7,
  BranchIf: 8,
} as const;

export const opcodeNames: string[] = new Array(OPCODE_LIMIT).fill('');
export const opcodeImmediate = new Uint8Array(OPCODE_LIMIT).fill(Immediate.Unknown);
/** Index into FEATURES. */
export const opcodeFeature = new Uint8Array(OPCODE_LIMIT);
/** Operands taken; 255 where that depends on immediates (blocks, branches, calls). */
export const opcodePops = new Uint8Array(OPCODE_LIMIT);
/** Operands given; 255 where that depends on immediates. */
export const opcodePushes = new Uint8Array(OPCODE_LIMIT);
/** Types taken and given, for example `ii:i`: i l f d v (the five number types), a (address), t (table index), r (reference), * (depends). */
export const opcodeSignature: string[] = new Array(OPCODE_LIMIT).fill('');
export const opcodeFlow = new Uint8Array(OPCODE_LIMIT);
/** Stack effect that depends on immediates. */
export const VARIABLE = 255;

const IMMEDIATE_WORDS: Record<string, number> = {
  '-': Immediate.None,
  block: Immediate.Block,
  label: Immediate.Label,
  labels: Immediate.LabelTable,
  func: Immediate.Function,
  'type+table': Immediate.TypeTable,
  local: Immediate.Local,
  global: Immediate.Global,
  table: Immediate.Table,
  types: Immediate.ValueTypes,
  mem: Immediate.MemoryArgument,
  memory: Immediate.Memory,
  i32: Immediate.I32,
  i64: Immediate.I64,
  f32: Immediate.F32,
  f64: Immediate.F64,
  heap: Immediate.HeapType,
  'data+memory': Immediate.DataMemory,
  data: Immediate.Data,
  'memory+memory': Immediate.MemoryMemory,
  'elem+table': Immediate.ElementTable,
  elem: Immediate.Element,
  'table+table': Immediate.TableTable,
  v128: Immediate.V128,
  shuffle: Immediate.Shuffle,
  lane: Immediate.Lane,
  'mem+lane': Immediate.MemoryArgumentLane,
};

const FLOW_WORDS: Record<string, number> = {
  unreachable: Flow.Stop,
  block: Flow.Block,
  loop: Flow.Loop,
  if: Flow.If,
  else: Flow.Else,
  end: Flow.End,
  br: Flow.Stop,
  br_if: Flow.BranchIf,
  br_table: Flow.Stop,
  return: Flow.Stop,
  call: Flow.Call,
  call_indirect: Flow.Call,
  return_call: Flow.Stop,
  return_call_indirect: Flow.Stop,
};

function arity(types: string): number {
  return types.includes('*') ? VARIABLE : types.length;
}

const byName = new Map<string, number>();
let base = 0;
let feature = 0;
for (const line of OPCODE_LINES.split('\n')) {
  const words = line.trim().split(/\s+/);
  if (words.length < 2) continue;
  const [first = '', second = '', third = '-', fourth = ':'] = words;
  if (first === 'prefix') {
    base = second === 'fc' ? FC_BASE : second === 'fd' ? FD_BASE : 0;
    continue;
  }
  if (first === 'feature') {
    feature = FEATURES.indexOf(second as Feature);
    continue;
  }
  const opcode = base + Number.parseInt(first, 16);
  const [pops = '', pushes = ''] = fourth.split(':');
  opcodeNames[opcode] = second;
  opcodeImmediate[opcode] = IMMEDIATE_WORDS[third] ?? Immediate.Unknown;
  opcodeFeature[opcode] = feature;
  opcodePops[opcode] = arity(pops);
  opcodePushes[opcode] = arity(pushes);
  opcodeSignature[opcode] = fourth;
  opcodeFlow[opcode] = FLOW_WORDS[second] ?? Flow.Plain;
  byName.set(second, opcode);
}

/** The number of an instruction by its WAT name; -1 for none. */
export function opcodeNamed(name: string): number {
  return byName.get(name) ?? -1;
}

/** The feature that an opcode belongs to. */
export function featureOf(opcode: number): Feature {
  return FEATURES[opcodeFeature[opcode] ?? 0] ?? 'mvp';
}

/** How the bytes of an opcode look, for messages: `0xfd 0x5e`. */
export function opcodeBytes(opcode: number): string {
  if (opcode >= FD_BASE) return `0xfd 0x${(opcode - FD_BASE).toString(16)}`;
  if (opcode >= FC_BASE) return `0xfc 0x${(opcode - FC_BASE).toString(16)}`;
  return `0x${opcode.toString(16)}`;
}

/** The feature of an instruction that this engine refuses, by its bytes; undefined if no proposal is known to use them. */
export function refusedFeature(prefix: number, sub: number): Feature | undefined {
  if (prefix === 0xfe) return 'threads';
  if (prefix === 0xfb) return 'gc';
  if (prefix === 0xfc && sub >= 19 && sub <= 22) return 'wide-arithmetic';
  if ((prefix >= 0x06 && prefix <= 0x0a) || prefix === 0x18 || prefix === 0x19 || prefix === 0x1f) return 'exceptions';
  if (prefix === 0x14 || prefix === 0x15 || prefix === 0xd4 || prefix === 0xd5 || prefix === 0xd6)
    return 'typed-function-references';
  if (prefix === 0xd3) return 'gc';
  if (prefix >= 0xe0 && prefix <= 0xe6) return 'stack-switching';
  return undefined;
}
