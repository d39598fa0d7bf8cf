// The instruction reader and the opcode table, against wabt (names, bytes, lengths) and V8 (types). (I1)
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { wat } from '../testing/wat.ts';
import { WasmError } from './error.ts';
import { InstructionReader } from './instructions.ts';
import { parseModule, type WasmModule } from './module.ts';
import {
  FC_BASE,
  FD_BASE,
  featureOf,
  Immediate,
  OPCODE_LIMIT,
  opcodeImmediate,
  opcodeNamed,
  opcodeNames,
  opcodePops,
  opcodePushes,
  opcodeSignature,
  VARIABLE,
} from './opcodes.ts';
import { ByteWriter } from './writer.ts';

/** Immediates as WAT text, for each kind of immediate, of instructions in dead code. */
const IMMEDIATE_TEXT: Record<number, string> = {
  [Immediate.None]: '',
  [Immediate.Block]: '(type 1)',
  [Immediate.Label]: '0',
  [Immediate.LabelTable]: '0 0 0',
  [Immediate.Function]: '1',
  [Immediate.TypeTable]: '1 (type 1)',
  [Immediate.Local]: '1',
  [Immediate.Global]: '1',
  [Immediate.Table]: '1',
  [Immediate.Memory]: '(memory 1)',
  [Immediate.I32]: '-12345678',
  [Immediate.I64]: '-1234567890123456789',
  [Immediate.F32]: '-1.5',
  [Immediate.F64]: '3.25e100',
  [Immediate.HeapType]: 'extern',
  [Immediate.Data]: '1',
  [Immediate.Element]: '1',
  [Immediate.TableTable]: '1 0',
  [Immediate.ElementTable]: '1 1',
  [Immediate.V128]: 'i32x4 1 -2 3 -4',
  [Immediate.Shuffle]: '0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31',
  [Immediate.Lane]: '1',
};

const CONTEXT = `(type (func)) (type (func (param i32) (result i32))) (memory 1) (memory 1) (data "") (data "")
  (table 1 funcref) (table 1 funcref) (elem func 0) (elem func 1) (global (mut i32) (i32.const 0)) (global (mut i32) (i32.const 0))
  (func (type 0)) (func (type 1) (local.get 0))`;

/** WAT text of one instruction in dead code. */
function instructionText(opcode: number): string | undefined {
  const name = opcodeNames[opcode]!;
  const immediate = opcodeImmediate[opcode]!;
  switch (name) {
    case '':
    case 'else':
    case 'end':
      return undefined;
    case 'block':
    case 'loop':
      return `${name} (type 1) end`;
    case 'if':
      return `${name} (type 1) else end`;
    case 'select_t':
      return 'select (result i32)';
    case 'memory.size':
    case 'memory.grow':
    case 'memory.fill':
      return `${name} 1`;
    case 'memory.copy':
      return 'memory.copy 1 0';
    case 'memory.init':
      return 'memory.init 1 1';
  }
  if (immediate === Immediate.MemoryArgument || immediate === Immediate.MemoryArgumentLane) {
    const lane = immediate === Immediate.MemoryArgumentLane ? ' 1' : '';
    return `${name} 1 offset=70000 align=1${lane}`;
  }
  return `${name} ${IMMEDIATE_TEXT[immediate] ?? ''}`;
}

/** The instructions of defined function `n`: opcode numbers. The reader is left at the last one before the final end. */
function opcodesOf(module: WasmModule, n: number, visit: (reader: InstructionReader) => void = () => {}): number[] {
  const reader = new InstructionReader(module.bytes);
  reader.reset(module.bodyStart[n]!, module.bodyEnd[n]!);
  for (let left = reader.u32(); left > 0; left--) {
    reader.u32();
    reader.byte();
  }
  const opcodes: number[] = [];
  while (reader.next()) {
    opcodes.push(reader.opcode);
    visit(reader);
  }
  return opcodes;
}

const ALL = Array.from({ length: OPCODE_LIMIT }, (_, opcode) => opcode).filter((opcode) => opcodeNames[opcode] !== '');

describe('opcodes', () => {
  it('has every instruction of the features of wasmi 1.0.3', () => {
    // 172 of the first version, 5 sign extensions, 8 saturating conversions, 7 bulk, 9 reference types, 2 tail calls, 236 SIMD, 20 relaxed.
    assert.equal(ALL.length, 459);
    assert.equal(ALL.filter((opcode) => featureOf(opcode) === 'simd').length, 236);
    assert.equal(ALL.filter((opcode) => featureOf(opcode) === 'relaxed-simd').length, 20);
    assert.equal(opcodeNamed('i32.trunc_sat_f32_s'), FC_BASE);
    assert.equal(opcodeNamed('v128.load'), FD_BASE);
    assert.equal(opcodeNamed('i32.relaxed'), -1);
  });

  it('I1: every opcode is what wabt assembles under its name, immediates and all', () => {
    const texts = ALL.flatMap((opcode) => {
      const text = instructionText(opcode);
      return text === undefined ? [] : [{ opcode, text }];
    });
    const functions = texts.map(({ text }) => `(func (param i32 i32) unreachable ${text} unreachable)`);
    const module = parseModule(wat(`(module ${CONTEXT} ${functions.join('\n')})`));
    for (const [index, { opcode, text }] of texts.entries()) {
      const opcodes = opcodesOf(module, index + 2);
      assert.equal(opcodeNames[opcodes[1]!], opcodeNames[opcode], text);
      assert.equal(opcodes.at(-2), 0, `${text} is followed by unreachable`);
      assert.equal(opcodes.at(-1), opcodeNamed('end'));
    }
  });

  it('I1: the table of operands and results is what V8 checks', () => {
    const types: Record<string, number> = { i: 0x7f, l: 0x7e, f: 0x7d, d: 0x7c, v: 0x7b, a: 0x7f, t: 0x7f, r: 0x70 };
    const samples: Record<number, number[]> = {
      [Immediate.None]: [],
      [Immediate.Table]: [0],
      [Immediate.Memory]: [0],
      [Immediate.MemoryArgument]: [0, 0],
      [Immediate.MemoryArgumentLane]: [0, 0, 0],
      [Immediate.I32]: [0],
      [Immediate.I64]: [0],
      [Immediate.F32]: [0, 0, 0, 0],
      [Immediate.F64]: [0, 0, 0, 0, 0, 0, 0, 0],
      [Immediate.HeapType]: [0x70],
      [Immediate.DataMemory]: [0, 0],
      [Immediate.Data]: [0],
      [Immediate.MemoryMemory]: [0, 0],
      [Immediate.ElementTable]: [0, 0],
      [Immediate.Element]: [0],
      [Immediate.TableTable]: [0, 0],
      [Immediate.V128]: new Array<number>(16).fill(0),
      [Immediate.Shuffle]: new Array<number>(16).fill(0),
      [Immediate.Lane]: [0],
      [Immediate.Function]: [0],
    };
    let checked = 0;
    for (const opcode of ALL) {
      const immediates = samples[opcodeImmediate[opcode]!];
      if (opcodePops[opcode] === VARIABLE || opcodePushes[opcode] === VARIABLE || immediates === undefined) continue;
      const [pops = '', pushes = ''] = opcodeSignature[opcode]!.split(':');
      const body = new ByteWriter();
      body.byte(0);
      for (let parameter = 0; parameter < pops.length; parameter++) body.raw(0x20, parameter);
      if (opcode >= FD_BASE) body.byte(0xfd);
      else if (opcode >= FC_BASE) body.byte(0xfc);
      if (opcode >= FC_BASE) body.u32(opcode % 0x100 === opcode - FC_BASE ? opcode - FC_BASE : opcode - FD_BASE);
      else body.byte(opcode);
      body.raw(...immediates, 0x0b);
      const module = new ByteWriter();
      module.raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
      const letters = (text: string) => Array.from(text, (letter) => types[letter]!);
      module.section(1, Uint8Array.of(1, 0x60, pops.length, ...letters(pops), pushes.length, ...letters(pushes)));
      module.section(3, Uint8Array.of(1, 0));
      module.section(4, Uint8Array.of(1, 0x70, 0, 1));
      module.section(5, Uint8Array.of(1, 0, 1));
      module.section(9, Uint8Array.of(1, 1, 0, 1, 0));
      module.section(12, Uint8Array.of(1));
      module.section(10, Uint8Array.of(1, body.length, ...body.bytes()));
      module.section(11, Uint8Array.of(1, 1, 0));
      assert.ok(WebAssembly.validate(module.bytes()), `${opcodeNames[opcode]} ${opcodeSignature[opcode]}`);
      checked++;
    }
    assert.ok(checked > 420, `${checked} instructions`);
  });
});

describe('instruction reader', () => {
  it('decodes immediates', () => {
    const module = parseModule(
      wat(
        `(module ${CONTEXT} (func (param i32 i32)
        i32.const -2147483648 drop i64.const -9223372036854775808 drop i64.const 4294967296 drop i64.const -8589934593 drop f32.const -0 drop f64.const 1 drop
        i32.const 0 i32.load16_u 1 offset=4294967295 align=2 drop
        i32.const 0 i32.const 1 i32.const 2 memory.copy 1 0 i32.const 0 i32.const 1 i32.const 2 memory.init 1 1
        block (result i32) i32.const 5 end drop block (type 1) (param i32) (result i32) end drop))`.replace(
          'block (type 1) (param i32) (result i32) end drop',
          'i32.const 1 block (type 1) (param i32) (result i32) end drop',
        ),
      ),
    );
    const seen: unknown[] = [];
    opcodesOf(module, 2, (reader) => {
      const { index, index2, low, high, blockType, align, memoryOffset } = reader;
      switch (opcodeNames[reader.opcode]) {
        case 'i32.const':
        case 'f32.const':
          seen.push(low);
          break;
        case 'i64.const':
        case 'f64.const':
          seen.push((BigInt(high) << 32n) | BigInt(low >>> 0));
          break;
        case 'i32.load16_u':
          seen.push([index, align, memoryOffset]);
          break;
        case 'memory.copy':
        case 'memory.init':
          seen.push([index, index2]);
          break;
        case 'block':
          seen.push(blockType);
      }
    });
    assert.deepEqual(seen, [
      ...[-2147483648, -9223372036854775808n, 4294967296n, -8589934593n, -2147483648, 0x3ff0000000000000n],
      ...[0, [1, 1, 4294967295], 0, 1, 2, [1, 0], 0, 1, 2, [1, 1], -0x7f, 5, 1, 1],
    ]);
  });

  const decode = (...bytes: number[]): InstructionReader => {
    const reader = new InstructionReader(Uint8Array.from(bytes));
    reader.reset(0, bytes.length);
    reader.next();
    return reader;
  };

  it('reads every number that the writer writes', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
        fc.integer(),
        fc.nat(0xffffffff),
        (wide, narrow, index) => {
          const writer = new ByteWriter();
          writer.byte(0x42);
          writer.s64(wide);
          const i64 = decode(...writer.bytes());
          assert.equal((BigInt(i64.high) << 32n) | BigInt(i64.low >>> 0), wide);
          writer.length = 0;
          writer.byte(0x41);
          writer.s32(narrow);
          assert.equal(decode(...writer.bytes()).low, narrow);
          writer.length = 0;
          writer.byte(0x10);
          writer.u32(index);
          assert.equal(decode(...writer.bytes()).index, index);
          writer.length = 0;
          writer.byte(0x10);
          writer.patchU32(writer.u32Padded(), index);
          assert.equal(decode(...writer.bytes()).index, index);
        },
      ),
      { numRuns: 2000 },
    );
    for (const wide of [
      0n,
      1n,
      -1n,
      63n,
      64n,
      -64n,
      -65n,
      1n << 27n,
      1n << 28n,
      1n << 31n,
      -(1n << 31n),
      1n << 32n,
      1n << 34n,
      1n << 35n,
      1n << 62n,
    ]) {
      const writer = new ByteWriter();
      writer.byte(0x42);
      writer.s64(wide);
      const { low, high } = decode(...writer.bytes());
      assert.equal((BigInt(high) << 32n) | BigInt(low >>> 0), wide);
    }
  });

  it('refuses numbers with too many bits, as V8 does', () => {
    for (const bytes of [
      [0x41, 0x80, 0x80, 0x80, 0x80, 0x08],
      [0x41, 0x80, 0x80, 0x80, 0x80, 0x70],
      [0x41, 0xff, 0xff, 0xff, 0xff, 0x8f],
      [0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
      [0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7e],
      [0x10, 0x80, 0x80, 0x80, 0x80, 0x10],
      [0x28, 0x00, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02],
      [0x02, 0xff, 0xff, 0xff, 0xff, 0x7f],
    ])
      assert.throws(() => decode(...bytes), WasmError, bytes.join());
    assert.equal(decode(0x41, 0x80, 0x80, 0x80, 0x80, 0x78).low, -2147483648);
    assert.equal(decode(0x41, 0xff, 0xff, 0xff, 0xff, 0x07).low, 2147483647);
    assert.equal(decode(0x41, 0x80, 0x80, 0x80, 0x80, 0x00).low, 0);
  });

  it('never reads past its limit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(20), (bytes, more) => {
        const limit = Math.max(1, bytes.length - more);
        const reader = new InstructionReader(bytes);
        reader.reset(0, limit);
        try {
          while (reader.next()) assert.ok(reader.end <= limit && reader.end > reader.offset);
        } catch (error) {
          assert.ok(error instanceof WasmError, String(error));
          assert.ok(error.offset >= 0 && error.offset <= limit);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it('does not walk a br_table that cannot be there', () => {
    assert.throws(() => decode(0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f), /longer than its function/);
  });
});
