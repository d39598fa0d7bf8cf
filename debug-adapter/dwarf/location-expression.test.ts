// Every operator of DWARF expressions on bytes written by hand, and what is left of garbage. Locations of real plugins: location-plugins.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Encoding } from './constants.ts';
import type { Location, Machine, Missing } from './location.ts';
import { type ExpressionContext, evaluateExpression, evaluateNumber, noMachine } from './location-expression.ts';
import { Op } from './location-expression-operators.ts';
import { sleb, uleb, unsigned } from './types-fixture.ts';

const LOCALS = [10n, 0x1000n, 0xffff_fff0n, 0x1234_5678_9abc_def0n];
const MEMORY = Uint8Array.from({ length: 0x2000 }, (_, n) => n & 0xff);

const machine: Machine = {
  local: (index) => LOCALS[index] ?? { reason: `local ${index} is not at hand here` },
  global: (index) => (index === 0 ? 0x8000n : index === 1 ? 64n : { reason: `global ${index} is not at hand here` }),
  operand: (index) => (index < 2 ? BigInt(100 + index) : { reason: `operand ${index} is not at hand here` }),
  memory: (address, length): Uint8Array | Missing =>
    address + length <= MEMORY.length
      ? MEMORY.subarray(address, address + length)
      : { reason: 'it lies outside of the memory' },
  frameBase: () => 0x4000,
  stackPointer: () => undefined,
  entry: ({ index }) => (index === 0 ? 77n : { reason: 'what it was when the function was entered is not known' }),
};

/** DIEs of base types, as if they lay at these offsets of the unit. */
const KINDS: Record<number, { encoding: number; size: number }> = {
  1: { encoding: Encoding.Signed, size: 1 },
  2: { encoding: Encoding.Unsigned, size: 1 },
  3: { encoding: Encoding.Signed, size: 4 },
  4: { encoding: Encoding.Unsigned, size: 8 },
  5: { encoding: Encoding.Float, size: 4 },
  6: { encoding: Encoding.Float, size: 8 },
  7: { encoding: Encoding.Unsigned, size: 16 },
  8: { encoding: Encoding.Signed, size: 8 },
  9: { encoding: Encoding.Float, size: 2 },
};
const [I8, U8, I32, U64, F32, F64, U128, , F16] = [1, 2, 3, 4, 5, 6, 7, 8, 9];

const context: ExpressionContext = {
  addressSize: 4,
  offsetSize: 4,
  addressAt: (index) => [0x700, 0xffff_ffff][index],
  baseType: (offset) => KINDS[offset],
  called: (offset, whole) => {
    if (whole) return offset === 9 ? Uint8Array.of(Op.lit0 + 9) : undefined;
    if (offset === 5) return Uint8Array.of(Op.lit0 + 5);
    return offset === 6 ? Uint8Array.of(Op.call2, 6, 0) : undefined; // itself
  },
};

const at = (bytes: readonly number[], changed: Partial<ExpressionContext> = {}, on: Machine = machine): Location =>
  evaluateExpression(Uint8Array.from(bytes), { ...context, ...changed }, on);

/** What the expression leaves on the stack. */
const top = (...bytes: number[]): bigint | Missing => evaluateNumber(Uint8Array.from(bytes), context, machine);

const why = (location: Location | bigint | Missing): string =>
  typeof location === 'object' && 'reason' in location ? location.reason : `no reason: ${JSON.stringify(location)}`;

const memory = (address: number): Location => ({ kind: 'memory', address });
const bytes = (...values: number[]): Location => ({ kind: 'bytes', bytes: Uint8Array.from(values) });
const lit = (n: number): number => Op.lit0 + n;

describe('constants (DWARF 5 §2.5.1.1)', () => {
  const cases: [string, number[], bigint][] = [
    ['lit0', [lit(0)], 0n],
    ['lit31', [lit(31)], 31n],
    ['const1u', [Op.const1u, 0xff], 255n],
    ['const1s', [Op.const1s, 0xff], 2n ** 64n - 1n],
    ['const2u', [Op.const2u, 0xfe, 0xff], 0xfffen],
    ['const2s', [Op.const2s, 0xfe, 0xff], 2n ** 64n - 2n],
    ['const4u', [Op.const4u, 0xfd, 0xff, 0xff, 0xff], 0xffff_fffdn],
    ['const4s', [Op.const4s, 0xfd, 0xff, 0xff, 0xff], 2n ** 64n - 3n],
    ['const8u', [Op.const8u, ...unsigned(2n ** 64n - 9n, 8)], 2n ** 64n - 9n],
    ['const8s', [Op.const8s, ...unsigned(-9n, 8)], 2n ** 64n - 9n],
    ['constu', [Op.constu, ...uleb(2n ** 64n - 1n)], 2n ** 64n - 1n],
    ['consts', [Op.consts, ...sleb(-(2n ** 63n))], 2n ** 63n],
    ['addr', [Op.addr, 0x10, 0x20, 0x30, 0x00], 0x302010n],
    ['addrx', [Op.addrx, 0], 0x700n],
    ['GNU_addr_index', [Op.GNU_addr_index, 0], 0x700n],
    ['constx', [Op.constx, 1], 0xffff_ffffn],
    ['GNU_const_index', [Op.GNU_const_index, 0], 0x700n],
  ];
  for (const [name, expression, value] of cases) it(name, () => assert.equal(top(...expression), value));

  it('an address is a place in memory', () => assert.deepEqual(at([Op.addr, 0, 4, 0, 0]), memory(0x400)));
  it('of eight bytes in wasm64', () =>
    assert.deepEqual(at([Op.addr, 0, 0, 0, 0, 1, 0, 0, 0], { addressSize: 8 }), memory(2 ** 32)));
  it('what the linker dropped has a tombstone for an address', () => {
    assert.equal(why(at([Op.addr, 0xff, 0xff, 0xff, 0xff])), 'the linker dropped it');
    assert.equal(why(at([Op.addrx, 1])), 'the linker dropped it');
  });
  it('an entry of .debug_addr that is not there', () =>
    assert.equal(why(at([Op.addrx, 9])), 'entry 9 of .debug_addr is not there'));
});

describe('operations on the stack (§2.5.1.3)', () => {
  const three = [lit(1), lit(2), lit(3)];
  const drop = Op.drop;
  const cases: [string, number[], bigint][] = [
    ['dup', [lit(4), Op.dup, Op.plus], 8n],
    ['drop', [...three, drop], 2n],
    ['over', [...three, Op.over], 2n],
    ['pick 0', [...three, Op.pick, 0], 3n],
    ['pick 2', [...three, Op.pick, 2], 1n],
    ['swap', [...three, Op.swap], 2n],
    ['swap leaves the other on top', [...three, Op.swap, drop], 3n],
    ['rot: the top becomes the third', [...three, Op.rot], 2n],
    ['rot: the second of it', [...three, Op.rot, drop], 1n],
    ['rot: the third of it', [...three, Op.rot, drop, drop], 3n],
    ['deref reads an address', [Op.const2u, 0x10, 0, Op.deref], 0x13121110n],
    ['deref_size 1', [lit(17), Op.deref_size, 1], 17n],
    ['deref_size 2', [lit(17), Op.deref_size, 2], 0x1211n],
    ['deref_size 8', [lit(16), Op.deref_size, 8], 0x1716151413121110n],
    ['fbreg', [Op.fbreg, ...sleb(-16)], 0x3ff0n],
    ['call_frame_cfa', [Op.call_frame_cfa], 0x4000n],
    ['push_object_address', [Op.push_object_address], 0n],
  ];
  for (const [name, expression, value] of cases)
    it(name, () => {
      const changed = name === 'push_object_address' ? { ...context, object: 0 } : context;
      assert.equal(evaluateNumber(Uint8Array.from(expression), changed, machine), value);
    });

  for (const op of [Op.dup, Op.drop, Op.over, Op.swap, Op.rot, Op.plus, Op.neg, Op.deref, Op.stack_value])
    it(`an empty stack: operator 0x${op.toString(16)}`, () =>
      assert.equal(why(at([op])), 'its DWARF expression takes from an empty stack'));
  it('pick, past the bottom', () =>
    assert.equal(why(at([lit(1), Op.pick, 1])), 'its DWARF expression takes from an empty stack'));
  it('memory that can’t be read', () => {
    assert.equal(why(at([Op.const2u, 0xff, 0xff, Op.deref])), 'it lies outside of the memory');
    assert.equal(why(at([lit(1), Op.deref_size, 0])), 'its DWARF expression reads 0 bytes at once');
    assert.equal(why(at([lit(1), Op.deref_size, 200])), 'its DWARF expression reads 200 bytes at once');
  });
  it('no object', () => assert.equal(why(at([Op.push_object_address])), 'the object that it is of is not at hand'));
  for (const op of [Op.xderef, Op.xderef_size, Op.xderef_type])
    it(`other address spaces: 0x${op.toString(16)}`, () =>
      assert.match(why(at([lit(1), lit(2), op, 4])), /another address space/));
  for (const op of [Op.form_tls_address, Op.GNU_push_tls_address])
    it(`thread-locals: 0x${op.toString(16)}`, () => assert.match(why(at([lit(1), op])), /thread-local/));
});

describe('arithmetic (§2.5.1.4)', () => {
  const minus = (n: number) => [Op.consts, ...sleb(-n)];
  const cases: [string, number[], bigint][] = [
    ['abs', [...minus(5), Op.abs], 5n],
    ['and', [lit(12), lit(10), Op.and], 8n],
    ['div is signed', [...minus(7), lit(2), Op.div], 2n ** 64n - 3n],
    ['div of i32 bits in a local is signed', [Op.WASM_location, 0, 2, lit(16), Op.div], 2n ** 64n - 1n],
    ['minus', [lit(3), lit(5), Op.minus], 2n ** 64n - 2n],
    ['mod is unsigned', [Op.const4u, 0xff, 0xff, 0xff, 0xff, lit(16), Op.mod], 15n],
    ['mul', [lit(6), lit(7), Op.mul], 42n],
    ['neg', [lit(1), Op.neg], 2n ** 64n - 1n],
    ['not', [lit(0), Op.not], 2n ** 64n - 1n],
    ['or', [lit(12), lit(10), Op.or], 14n],
    ['plus', [lit(12), lit(10), Op.plus], 22n],
    ['plus wraps', [...minus(1), lit(2), Op.plus], 1n],
    ['plus_uconst', [lit(12), Op.plus_uconst, ...uleb(300)], 312n],
    ['shl', [lit(1), lit(31), Op.shl], 2n ** 31n],
    ['shl by more than there is', [lit(1), ...minus(1), Op.shl], 0n],
    ['shr', [...minus(1), lit(31), Op.shr], 2n ** 33n - 1n],
    ['shra', [...minus(256), lit(4), Op.shra], 2n ** 64n - 16n],
    ['shra of i32 bits', [Op.WASM_location, 0, 2, lit(4), Op.shra], 2n ** 64n - 1n],
    ['shra by more than there is', [...minus(256), ...minus(1), Op.shra], 2n ** 64n - 1n],
    ['xor', [lit(12), lit(10), Op.xor], 6n],
    ['eq', [lit(1), lit(1), Op.eq], 1n],
    ['ne', [lit(1), lit(1), Op.ne], 0n],
    ['lt is signed', [...minus(1), lit(1), Op.lt], 1n],
    ['le', [lit(1), lit(1), Op.le], 1n],
    ['gt', [lit(2), lit(1), Op.gt], 1n],
    ['ge', [lit(0), lit(1), Op.ge], 0n],
    ['lt of i32 bits', [Op.WASM_location, 0, 2, lit(0), Op.lt], 1n],
  ];
  for (const [name, expression, value] of cases) it(name, () => assert.equal(top(...expression), value));
  it('by zero', () => {
    assert.equal(why(top(lit(1), lit(0), Op.div)), 'its DWARF expression divides by zero');
    assert.equal(why(top(lit(1), lit(0), Op.mod)), 'its DWARF expression divides by zero');
  });
  it('LLVM takes the halves of 64-bit locals', () =>
    assert.deepEqual(
      at([Op.WASM_location, 0, 3, Op.constu, 32, Op.shr, Op.stack_value], { valueSize: 4 }),
      bytes(0x78, 0x56, 0x34, 0x12, 0, 0, 0, 0),
    ));
  it('LLVM extends signs with nothing else in DWARF 4', () => {
    const sign = [Op.dup, Op.constu, 7, Op.shr, lit(0), Op.not, Op.mul, Op.constu, 8, Op.shl, Op.or, Op.stack_value];
    assert.deepEqual(at([Op.const1u, 0x80, ...sign]), bytes(0x80, ...Array(7).fill(0xff)));
    assert.deepEqual(at([Op.const1u, 0x7f, ...sign]), bytes(0x7f, 0, 0, 0, 0, 0, 0, 0));
  });
});

describe('control flow (§2.5.1.5)', () => {
  it('skip', () => assert.equal(top(lit(1), Op.skip, 1, 0, Op.drop, Op.nop), 1n));
  it('bra, taken and not', () => {
    assert.equal(top(lit(7), lit(1), Op.bra, 1, 0, Op.neg), 7n);
    assert.equal(top(lit(7), lit(0), Op.bra, 1, 0, Op.neg), 2n ** 64n - 7n);
  });
  it('a loop that counts down', () => {
    // 5, then while nonzero: minus 1
    assert.equal(top(lit(5), lit(1), Op.minus, Op.dup, Op.bra, 0xfa, 0xff), 0n);
  });
  it('a loop without an end', () =>
    assert.equal(why(top(lit(1), Op.skip, 0xfd, 0xff)), 'its DWARF expression does not come to an end'));
  it('a loop without an end, of expressions that have long ones within them', () => {
    // Each entry value counts from 200 down to 0.
    const counts = [Op.const1u, 200, lit(1), Op.minus, Op.dup, Op.bra, 0xfa, 0xff];
    const loop = [Op.entry_value, counts.length, ...counts, Op.drop];
    const back = unsigned(-(loop.length + 3), 2);
    assert.equal(why(top(...loop, Op.skip, ...back)), 'its DWARF expression does not come to an end');
    assert.equal(top(...loop, lit(3)), 3n);
  });
  it('out of the expression', () => {
    assert.equal(why(top(Op.skip, 9, 0)), 'its DWARF expression jumps out of itself');
    assert.equal(why(top(Op.skip, 0, 0x80)), 'its DWARF expression jumps out of itself');
  });
  it('call2, call4 and call_ref share the stack; a DIE without a location does nothing', () => {
    assert.equal(top(lit(1), Op.call2, 5, 0, Op.plus), 6n);
    assert.equal(top(lit(1), Op.call4, 5, 0, 0, 0, Op.plus), 6n);
    assert.equal(top(lit(1), Op.call_ref, 9, 0, 0, 0, Op.plus), 10n);
    assert.equal(top(lit(1), Op.call2, 1, 0), 1n);
  });
  it('calls that call themselves', () =>
    assert.equal(why(top(Op.call2, 6, 0)), 'its DWARF expressions call each other without end'));
  it('an endless stack', () =>
    assert.equal(why(top(lit(1), Op.skip, 0xfc, 0xff)), 'its DWARF expression takes too much stack'));
});

describe('WebAssembly’s places, as LLVM writes them', () => {
  it('a local, a global, an operand with DW_OP_stack_value is the place itself', () => {
    assert.deepEqual(at([Op.WASM_location, 0, 3, Op.stack_value]), { kind: 'local', index: 3 });
    assert.deepEqual(at([Op.WASM_location, 0, ...uleb(300), Op.stack_value]), { kind: 'local', index: 300 });
    assert.deepEqual(at([Op.WASM_location, 1, 0, Op.stack_value]), { kind: 'global', index: 0 });
    assert.deepEqual(at([Op.WASM_location, 2, 1, Op.stack_value]), { kind: 'operand', index: 1 });
    assert.deepEqual(at([Op.WASM_location, 3, 1, 0, 0, 0, Op.stack_value]), { kind: 'global', index: 1 });
    assert.deepEqual(at([Op.WASM_location_int, 0, 3, 0, 0, 0, Op.stack_value]), { kind: 'local', index: 3 });
  });
  it('without it, what it holds is an address', () => {
    assert.deepEqual(at([Op.WASM_location, 0, 1]), memory(0x1000));
    assert.deepEqual(at([Op.WASM_location, 0, 1, Op.plus_uconst, 4]), memory(0x1004));
    assert.deepEqual(at([Op.WASM_location, 3, 0, 0, 0, 0]), memory(0x8000));
  });
  it('computed with, it is a value', () =>
    assert.deepEqual(at([Op.WASM_location, 0, 0, Op.plus_uconst, 1, Op.stack_value]), bytes(11, 0, 0, 0, 0, 0, 0, 0)));
  it('a local of 64 bits keeps them', () =>
    assert.deepEqual(
      at([Op.WASM_location, 0, 3, Op.plus_uconst, 1, Op.stack_value], { valueSize: 8 }),
      bytes(0xf1, 0xde, 0xbc, 0x9a, 0x78, 0x56, 0x34, 0x12),
    ));
  it('the stack pointer of this frame, not the present one', () => {
    const caller = { ...machine, stackPointer: () => ({ global: 0, value: 0x1500 }) };
    assert.deepEqual(at([Op.WASM_location, 3, 0, 0, 0, 0], {}, caller), memory(0x1500));
    assert.deepEqual(
      at([Op.WASM_location, 3, 0, 0, 0, 0, Op.stack_value], {}, caller),
      bytes(0, 0x15, 0, 0, 0, 0, 0, 0),
    );
    assert.deepEqual(at([Op.WASM_location, 3, 1, 0, 0, 0, Op.stack_value], {}, caller), { kind: 'global', index: 1 });
  });
  it('a thread-local of a module without threads, whose __tls_base was dropped', () =>
    assert.deepEqual(at([Op.WASM_location, 3, 0xff, 0xff, 0xff, 0xff, Op.addr, 0, 4, 0, 0, Op.plus]), memory(0x400)));
  it('what is not at hand says so', () => {
    assert.equal(why(at([Op.WASM_location, 0, 9])), 'local 9 is not at hand here');
    assert.equal(why(at([Op.WASM_location, 2, 5, Op.lit0, Op.plus])), 'operand 5 is not at hand here');
    assert.equal(why(at([Op.WASM_location, 7, 0])), 'its DWARF expression has an unknown kind 7 of WebAssembly place');
  });
  it('registers there are none', () => {
    for (const op of [Op.reg0, Op.reg0 + 31, Op.breg0, Op.breg0 + 31, Op.regx, Op.bregx, Op.regval_type])
      assert.equal(why(at([op, 0, 0])), 'it is in a register, and WebAssembly has none');
  });
});

describe('the frame base', () => {
  const blind = { ...machine, frameBase: () => ({ reason: 'the frame base is not known' }) };
  const ofLocal = Uint8Array.of(Op.WASM_location, 0, 1, Op.stack_value);
  const ofGlobal = Uint8Array.of(Op.WASM_location, 3, 0, 0, 0, 0, Op.stack_value);
  it('what was unwound comes before DW_AT_frame_base', () =>
    assert.deepEqual(at([Op.fbreg, 8], { frameBase: ofLocal }), memory(0x4008)));
  it('DW_AT_frame_base in a local, in the global of this frame', () => {
    assert.deepEqual(at([Op.fbreg, 8], { frameBase: ofLocal }, blind), memory(0x1008));
    assert.deepEqual(at([Op.fbreg, 8], { frameBase: ofGlobal }, blind), memory(0x8008));
    const caller = { ...blind, stackPointer: () => ({ global: 0, value: 0x1500 }) };
    assert.deepEqual(at([Op.fbreg, 8], { frameBase: ofGlobal }, caller), memory(0x1508));
  });
  it('neither', () => assert.equal(why(at([Op.fbreg, 8], {}, blind)), 'the frame base is not known'));
  it('one that asks for itself', () =>
    assert.equal(
      why(at([Op.fbreg, 8], { frameBase: Uint8Array.of(Op.fbreg, 0) }, blind)),
      'the frame base is not known',
    ));
});

describe('typed values (§2.5.1.2, §2.5.1.6)', () => {
  const typed = (expression: number[]) => at([...expression, Op.stack_value]);
  const f32 = (value: number) => [...new Uint8Array(Float32Array.of(value).buffer)];
  const f64 = (value: number) => [...new Uint8Array(Float64Array.of(value).buffer)];
  const constant = (type: number | undefined, value: number[]) => [Op.const_type, type ?? 0, value.length, ...value];

  it('const_type', () => {
    assert.deepEqual(typed(constant(I8, [0xff])), bytes(0xff));
    assert.deepEqual(typed([Op.GNU_const_type, 3, 4, 1, 2, 3, 4]), bytes(1, 2, 3, 4));
  });
  it('deref_type', () => {
    assert.deepEqual(typed([lit(16), Op.deref_type, 4, I32 ?? 0]), bytes(16, 17, 18, 19));
    assert.deepEqual(
      typed([lit(16), Op.GNU_deref_type, 16, U128 ?? 0]),
      bytes(...Array.from({ length: 16 }, (_, n) => 16 + n)),
    );
  });
  it('convert: sign, width, floats', () => {
    assert.deepEqual(typed([...constant(I8, [0xff]), Op.convert, 3]), bytes(0xff, 0xff, 0xff, 0xff));
    assert.deepEqual(typed([...constant(U8, [0xff]), Op.convert, 3]), bytes(0xff, 0, 0, 0));
    assert.deepEqual(typed([...constant(F64, f64(-2.75)), Op.convert, 3]), bytes(0xfe, 0xff, 0xff, 0xff));
    assert.deepEqual(typed([...constant(I8, [0xfe]), Op.convert, 5]), bytes(...f32(-2)));
    assert.deepEqual(typed([...constant(F32, f32(0.5)), Op.GNU_convert, 6]), bytes(...f64(0.5)));
    assert.deepEqual(typed([...constant(F64, f64(Number.NaN)), Op.convert, 3]), bytes(0, 0, 0, 0));
    assert.deepEqual(typed([...constant(I8, [0xfe]), Op.convert, 0]), bytes(0xfe, ...Array(7).fill(0xff)));
  });
  it('reinterpret', () => {
    assert.deepEqual(typed([...constant(F32, f32(1)), Op.reinterpret, 3]), bytes(...f32(1)));
    assert.deepEqual(typed([...constant(I8, [0xff]), Op.GNU_reinterpret, 0]), bytes(0xff, 0, 0, 0, 0, 0, 0, 0));
  });
  it('as LLVM sign-extends, and goes on with a generic constant', () =>
    assert.deepEqual(
      typed([lit(31), Op.convert, 1, Op.convert, 3, Op.constu, 33, Op.minus]),
      bytes(0xfe, 0xff, 0xff, 0xff),
    ));
  it('arithmetic in the type', () => {
    assert.deepEqual(typed([...constant(U8, [0xff]), ...constant(U8, [2]), Op.plus]), bytes(1));
    assert.deepEqual(
      typed([...constant(U64, unsigned(-1, 8)), ...constant(U64, unsigned(16, 8)), Op.mod]),
      bytes(15, 0, 0, 0, 0, 0, 0, 0),
    );
    assert.deepEqual(typed([...constant(F64, f64(1.5)), ...constant(F64, f64(2)), Op.mul]), bytes(...f64(3)));
    assert.deepEqual(typed([...constant(F32, f32(1.5)), ...constant(F32, f32(2)), Op.div]), bytes(...f32(0.75)));
    assert.deepEqual(typed([...constant(F64, f64(1.5)), Op.neg]), bytes(...f64(-1.5)));
    assert.deepEqual(typed([...constant(F64, f64(-1.5)), Op.abs]), bytes(...f64(1.5)));
    assert.deepEqual(typed([...constant(F64, f64(1.5)), lit(1), Op.plus]), bytes(...f64(2.5)));
    assert.equal(top(...constant(F64, f64(1.5)), ...constant(F64, f64(2)), Op.lt), 1n);
    assert.equal(top(...constant(F64, f64(Number.NaN)), ...constant(F64, f64(2)), Op.ne), 1n);
    assert.equal(top(...constant(F64, f64(Number.NaN)), ...constant(F64, f64(2)), Op.ge), 0n);
    assert.equal(top(...constant(U8, [0xff]), ...constant(U8, [1]), Op.gt), 1n);
    assert.equal(top(...constant(I8, [0xff]), ...constant(I8, [1]), Op.gt), 0n);
  });
  it('what makes no sense', () => {
    assert.match(why(typed([Op.convert, 77])), /names a base type that is not there/);
    assert.match(why(typed([lit(1), Op.convert, F16 ?? 0])), /type of odd size/);
    assert.match(why(typed([...constant(F64, f64(1)), Op.not])), /takes bits of a float/);
    assert.match(why(typed([...constant(F64, f64(1)), ...constant(F64, f64(1)), Op.and])), /takes bits of a float/);
    assert.match(why(at(constant(F64, f64(1)))), /takes a float for an address/);
    assert.match(why(typed([...constant(F64, f64(1)), ...constant(I8, [1]), Op.plus])), /mixes types/);
  });
});

describe('descriptions (§2.6)', () => {
  it('nothing: optimised away; so is what LLVM leaves of a place that it dropped', () => {
    assert.equal(why(at([])), 'it was optimised away');
    assert.equal(why(at([Op.plus_uconst, 14])), 'it was optimised away');
    assert.deepEqual(at([Op.plus_uconst, 14], { initial: 2n }), memory(16));
  });
  it('stack_value', () => assert.deepEqual(at([lit(5), Op.stack_value]), bytes(5, 0, 0, 0, 0, 0, 0, 0)));
  it('implicit_value', () => assert.deepEqual(at([Op.implicit_value, 3, 1, 2, 3]), bytes(1, 2, 3)));
  it('implicit_pointer', () => {
    assert.deepEqual(at([Op.implicit_pointer, 0x10, 0, 0, 0, ...sleb(-4)]), {
      kind: 'implicitPointer',
      die: 16,
      offset: -4,
    });
    assert.deepEqual(at([Op.GNU_implicit_pointer, 0x10, 0, 0, 0, 0]), { kind: 'implicitPointer', die: 16, offset: 0 });
  });
  it('entry_value', () => {
    assert.deepEqual(at([Op.entry_value, 3, Op.WASM_location, 0, 0, Op.stack_value]), bytes(77, 0, 0, 0, 0, 0, 0, 0));
    assert.deepEqual(at([Op.GNU_entry_value, 4, Op.WASM_location, 0, 0, Op.stack_value]), memory(77));
    assert.deepEqual(at([Op.entry_value, 5, Op.WASM_location, 0, 0, Op.plus_uconst, 3]), memory(80));
    for (const inner of [
      [Op.WASM_location, 0, 1],
      [Op.WASM_location, 1, 0],
      [Op.fbreg, 0],
      [lit(0), Op.deref],
      [Op.entry_value, 0],
    ])
      assert.equal(at([Op.entry_value, inner.length, ...inner]).kind, 'unavailable');
    assert.match(why(at([Op.entry_value, 3, Op.WASM_location, 1, 0])), /when the function was entered/);
  });
  it('pieces: of places, values and nothing', () =>
    assert.deepEqual(
      at([
        Op.WASM_location,
        0,
        3,
        Op.stack_value,
        Op.piece,
        4,
        Op.piece,
        2,
        lit(1),
        Op.stack_value,
        Op.piece,
        1,
        Op.fbreg,
        4,
        Op.piece,
        1,
      ]),
      {
        kind: 'pieces',
        pieces: [
          { location: { kind: 'local', index: 3 }, size: 32, offset: 0 },
          { location: { kind: 'unavailable', reason: 'it was optimised away' }, size: 16, offset: 0 },
          { location: bytes(1, 0, 0, 0, 0, 0, 0, 0), size: 8, offset: 0 },
          { location: memory(0x4004), size: 8, offset: 0 },
        ],
      },
    ));
  it('bit_piece', () =>
    assert.deepEqual(at([lit(16), Op.bit_piece, 3, 5, Op.WASM_location, 0, 0, Op.stack_value, Op.bit_piece, 13, 0]), {
      kind: 'pieces',
      pieces: [
        { location: memory(16), size: 3, offset: 5 },
        { location: { kind: 'local', index: 0 }, size: 13, offset: 0 },
      ],
    }));
  it('pieces side by side in memory are one', () => {
    const pair = [Op.fbreg, 4, Op.piece, 4, Op.fbreg, 8, Op.piece, 4];
    assert.deepEqual(at(pair, { valueSize: 8 }), memory(0x4004));
    assert.deepEqual(at(pair), { kind: 'pieces', pieces: [{ location: memory(0x4004), size: 64, offset: 0 }] });
    // A value that is larger than what is said of it does not go on behind the pieces.
    assert.equal(at(pair, { valueSize: 12 }).kind, 'pieces');
    assert.equal(at([Op.fbreg, 4, Op.piece, 4, Op.fbreg, 12, Op.piece, 4], { valueSize: 8 }).kind, 'pieces');
  });
  it('one that goes on behind its end', () => {
    assert.equal(why(at([lit(1), Op.stack_value, lit(2)])), 'its DWARF expression goes on behind its end');
    assert.match(why(at([lit(1), Op.piece, 4, lit(2)])), /last part/);
  });
  it('one of DWARF’s own for which there is no use', () => {
    for (const op of [Op.GNU_encoded_addr, Op.GNU_parameter_ref, Op.GNU_variable_value])
      assert.match(why(at([op, 0, 0, 0, 0])), /its DWARF expression uses DW_OP_GNU_/);
    assert.deepEqual(at([Op.fbreg, 0, Op.GNU_uninit]), memory(0x4000));
  });
  it('operators that nobody knows', () => {
    for (const op of [0x00, 0x01, 0x07, 0xaa, 0xe9, 0xfe, 0xff])
      assert.equal(why(at([op])), `its DWARF expression has an unknown operator 0x${op.toString(16).padStart(2, '0')}`);
  });
});

describe('garbage', () => {
  const every = Object.values(Op).flatMap((op) =>
    op === Op.lit0 || op === Op.reg0 || op === Op.breg0 ? [op, op + 31] : [op],
  );

  it('cut short at every byte, an operator that takes more says so', () => {
    assert.equal(why(at([Op.addr, 1, 2])), 'its DWARF expression is cut short');
    assert.equal(why(at([Op.implicit_value, 200, 1])), 'its DWARF expression is cut short');
    assert.equal(why(at([Op.fbreg, 0x80])), 'its DWARF expression is cut short');
    assert.equal(why(at([Op.entry_value, ...uleb(2n ** 62n), 1])), 'its DWARF expression is cut short');
  });
  it('of every operator something becomes, with whatever follows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...every), fc.integer({ min: 0, max: 255 })), { maxLength: 40 }),
        fc.constantFrom(undefined, 1, 4, 8, 16),
        fc.boolean(),
        (expression, valueSize, known) => {
          const changed = {
            valueSize,
            frameBase: Uint8Array.from(expression.slice(5)),
            initial: known ? 3n : undefined,
          };
          const location = at(expression, changed, known ? machine : noMachine);
          assert.equal(typeof location.kind, 'string');
          if (location.kind === 'unavailable') assert.match(location.reason, /^[a-zA-Z]/);
          if (location.kind === 'memory') assert.ok(location.address >= 0 && location.address < 2 ** 32);
          const number = evaluateNumber(Uint8Array.from(expression), context, machine);
          if (typeof number === 'bigint') assert.ok(number >= 0n);
        },
      ),
      { numRuns: 3000 },
    );
  });
  it('arithmetic is that of 64-bit integers', () => {
    const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    const wide = (value: bigint) => [Op.const8u, ...unsigned(value, 8)];
    fc.assert(
      fc.property(u64, u64, (a, b) => {
        const of = (op: number) => top(...wide(a), ...wide(b), op);
        assert.equal(of(Op.plus), BigInt.asUintN(64, a + b));
        assert.equal(of(Op.minus), BigInt.asUintN(64, a - b));
        assert.equal(of(Op.mul), BigInt.asUintN(64, a * b));
        assert.equal(of(Op.xor), a ^ b);
        assert.equal(of(Op.and), a & b);
        assert.equal(of(Op.or), a | b);
        assert.equal(of(Op.eq), a === b ? 1n : 0n);
        if (b !== 0n) assert.equal(of(Op.mod), a % b);
      }),
      { numRuns: 300 },
    );
  });
});
