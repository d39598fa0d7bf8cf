// The types of the operand stack, checked by V8: a function cut off at some instruction, which then takes exactly the operands that
// were tracked, block by block, must be valid; with one type changed, one more or one fewer it must not. (I1)
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { buildWat } from '../../test-plugins/wat/build.ts';
import { randomModule } from '../testing/random-module.ts';
import { RandomSource } from '../testing/random-source.ts';
import { wat } from '../testing/wat.ts';
import { WasmError } from './error.ts';
import { InstructionReader } from './instructions.ts';
import { parseModule, type WasmModule } from './module.ts';
import { opcodeNames } from './opcodes.ts';
import { OperandTypes } from './operand-types.ts';
import { cutOff, type Position, positionsOf, TYPES, withBodies } from './operand-types-oracle.ts';
import { I32 } from './value-types.ts';

interface Choice {
  /** Positions out of a hundred instructions. */
  readonly positions: number;
  /** Positions of a module that are also shown to be refused when one type is changed. */
  readonly refusals: number;
}

/** Holds V8's opinion against the tracked types; answers how many positions were checked. */
function checkModule(name: string, module: WasmModule, source: RandomSource, choice: Choice): number {
  const operands = new OperandTypes(module);
  const positions: Position[] = [];
  for (let n = 0; n < module.bodyStart.length; n++)
    positions.push(
      ...positionsOf(operands, module, n, () => choice.positions >= 100 || source.chance(choice.positions / 100)),
    );
  const bodies = positions.map((position) => cutOff(module, operands, position, position.types));
  const functions = positions.map((position) => position.definedFunction);
  if (!WebAssembly.validate(withBodies(module, bodies, functions) as Uint8Array<ArrayBuffer>)) {
    const wrong = positions.find(
      (position, n) =>
        !WebAssembly.validate(withBodies(module, [bodies[n]!], [position.definedFunction]) as Uint8Array<ArrayBuffer>),
    );
    assert.fail(
      `${name}: wrong types ${wrong?.types} at 0x${wrong?.offset.toString(16)} of function ${wrong?.definedFunction}`,
    );
  }
  const reachable = positions.filter((position) => !position.unreachable);
  for (let left = Math.min(choice.refusals, reachable.length); left > 0; left--) {
    const position = source.one(reachable);
    const { types, definedFunction } = position;
    for (const wrong of mutations(types, source)) {
      const bytes = withBodies(module, [cutOff(module, operands, position, wrong)], [definedFunction]);
      assert.equal(
        WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>),
        false,
        `${name}: V8 also takes ${wrong} for ${types} at 0x${position.offset.toString(16)}`,
      );
    }
  }
  return positions.length;
}

/** One type changed, one operand fewer, one more. */
function mutations(types: readonly number[], source: RandomSource): number[][] {
  const more = [...types, I32];
  if (types.length === 0) return [more];
  const at = source.below(types.length);
  const other = source.one(TYPES.filter((type) => type !== types[at]));
  return [types.with(at, other), types.toSpliced(at, 1), more];
}

const EVERYTHING = `(module
  (type $pair (func (param i32 i64) (result i64 i32)))
  (import "env" "swap" (func $swap (type $pair)))
  (memory $small 1) (memory $large i64 1)
  (table $t 4 funcref) (table $x 2 externref) (table $big i64 3 funcref)
  (global $g (mut f32) (f32.const 0)) (global $h externref (ref.null extern))
  (data $d "abc") (elem $e func $swap)
  (func (param $p i32) (param $q f64) (result i64 i32) (local $v v128) (local $f funcref) (local i64 i64)
    (local.set $v (v128.const i32x4 1 2 3 4))
    local.get $p
    local.get 4
    loop $l (param i32 i64) (result i64 i32)
      call $swap
      local.get $p
      if (param i64 i32) (result i64 i32 f32)
        global.get $g
        br 0
      else
        drop
        local.get $p
        f32.const 1
        local.get $p
        br_if 0
      end
      global.set $g
      block $b (param i64 i32) (result i64 i32)
        local.get $p
        br_table $b $b $b
        i32.add
        drop
        f64.const 0
        i32.const 0
        select
        drop
        loop (result f32) (br 0) end
        unreachable
      end
      (i64.load (local.get $p)) (i32.wrap_i64)
      (memory.size $large) (memory.grow $large) drop
      (memory.size $small) (memory.grow $small) drop
      (i64x2.splat (i64.load32_u $large offset=4294967296 (i64.const 1))) local.tee $v
      i64x2.extract_lane 1 drop
      (select (result externref) (global.get $h) (ref.null extern) (local.get $p))
      ref.is_null
      drop
      (table.get $t (i32.const 0)) local.set $f
      (table.grow $big (ref.func $swap) (i64.const 1)) (table.size $big) i64.add drop
      (table.grow $x (global.get $h) (i32.const 1)) (table.fill $x (global.get $h) (table.size $x))
      (memory.copy $small $large (i32.const 0) (i64.const 0) (i32.const 0))
      (memory.init $small $d (i32.const 0) (i32.const 0) (i32.const 0))
      (table.copy $t $big (i32.const 0) (i64.const 0) (i32.const 0))
      (table.init $big $e (i64.const 0) (i32.const 0) (i32.const 0))
      (call_indirect $big (type $pair) (i32.const 1) (i64.const 2) (i64.const 0)) drop drop
      (select (local.get $p) (i32.const 1) (i32.const 0))
      i32.add
      i32.add
    end
    (if (i32.eqz) (then (i32.const 1) (i64.const 2) (return_call $swap)))
    i32.const 1 i64.const 5 i32.const 2
    (return_call_indirect $t (type $pair)))
  (func (result i32) (return (i32.const 1)) (select) (block (param i32 f64) (result i32) (drop)) (br_if 0 (i32.const 1)) (drop))
  (func (result i64) unreachable select i64.const 1 i32.const 0 select))`;

describe('the types of the operand stack', () => {
  it('I1: are what V8 finds at every instruction of a module with everything', () => {
    const module = parseModule(wat(EVERYTHING));
    assert.ok(WebAssembly.validate(module.bytes as Uint8Array<ArrayBuffer>));
    assert.ok(checkModule('everything', module, new RandomSource(1), { positions: 100, refusals: 60 }) > 100);
  });

  it('I1: are what V8 finds at every instruction of the wat plugins', async () => {
    let checked = 0;
    for (const { name, wasm } of await buildWat()) {
      const bytes = Uint8Array.from(fs.readFileSync(wasm));
      if (!WebAssembly.validate(bytes)) continue;
      let module: WasmModule;
      try {
        module = parseModule(bytes);
        checked += checkModule(name, module, new RandomSource(7), { positions: 100, refusals: 2 });
      } catch (error) {
        // Some are there to be refused: exceptions, GC, threads.
        if (!(error instanceof WasmError)) throw error;
        assert.match(name, /^feature-/);
      }
    }
    assert.ok(checked > 1000);
  });

  it('I1: are what V8 finds in programs made at random', () => {
    let checked = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const module = parseModule(randomModule({ seed, simd: seed % 2 === 0 }).bytes);
      checked += checkModule(`seed ${seed}`, module, new RandomSource(seed), { positions: 20, refusals: 3 });
    }
    assert.ok(checked > 1000);
  });

  for (const [plugin, positions] of [
    ['c-minimal.wasm', 20],
    ['hello.wasm', 1],
    ['rust-pdk.debug.wasm', 0.2],
  ] as const)
    it(`I1: are what V8 finds at a sample of the instructions of ${plugin}`, () => {
      const module = parseModule(fs.readFileSync(new URL(`../../test-plugins/out/${plugin}`, import.meta.url)));
      assert.ok(checkModule(plugin, module, new RandomSource(3), { positions, refusals: 2 }) > 100);
    });

  it('tells code that is never reached from code that is', () => {
    const module = parseModule(
      wat(`(module (func (param i32) (result i32)
        local.get 0
        if (result i32) i32.const 1 return nop
        else i32.const 2
          block nop br 0 nop loop nop end nop end
        end
        nop
        block unreachable nop block nop end nop end nop))`),
    );
    const operands = new OperandTypes(module);
    const reader = new InstructionReader(module.bytes);
    operands.begin(0);
    reader.reset(operands.codeStart, operands.codeEnd);
    const reached: string[] = [];
    while (reader.next()) {
      if (opcodeNames[reader.opcode] === 'nop') reached.push(operands.unreachable ? 'dead' : 'live');
      operands.apply(reader);
    }
    assert.equal(reached.join(' '), 'dead live dead dead dead live dead dead dead live');
  });

  it('gives a WasmError for code that cannot be valid', () => {
    const cases: [string, RegExp][] = [
      ['1a 0b', /takes more operands than its block has/],
      ['41 00 02 40 1a 0b 0b', /takes more operands/],
      ['20 01 0b', /local 1 does not exist/],
      ['23 00 0b', /global 0 does not exist/],
      ['10 05 0b', /function 5 does not exist/],
      ['11 05 00 0b', /type 5 does not exist/],
      ['02 05 0b 0b', /type 5 does not exist/],
      ['0c 01 0b', /label 1 does not exist/],
      ['41 00 0d 07 0b', /label 7 does not exist/],
      ['05 0b', /an else has no if/],
      ['41 00 0b', /ends with 1 operands, not with 0/],
      ['02 7f 0b 0b', /ends with 0 operands, not with 1/],
      ['0b 01', /goes on after its end/],
      ['3f 00 0b', /memory 0 does not exist/],
      ['41 00 25 00 0b', /table 0 does not exist/],
      ['41 00 41 00 41 00 1c 00 0b', /names other than one type/],
    ];
    for (const [hex, message] of cases) {
      const code = hex.split(' ').map((each) => Number.parseInt(each, 16));
      const module = parseModule(
        Uint8Array.of(
          0,
          0x61,
          0x73,
          0x6d,
          1,
          0,
          0,
          0,
          1,
          4,
          1,
          0x60,
          0,
          0,
          3,
          2,
          1,
          0,
          10,
          code.length + 3,
          1,
          code.length + 1,
          0,
          ...code,
        ),
      );
      assert.throws(
        () => walk(module),
        (error) => error instanceof WasmError && message.test(error.message),
        hex,
      );
    }
    const many = Uint8Array.of(
      0,
      0x61,
      0x73,
      0x6d,
      1,
      0,
      0,
      0,
      1,
      4,
      1,
      0x60,
      0,
      0,
      3,
      2,
      1,
      0,
      10,
      10,
      1,
      8,
      1,
      0xff,
      0xff,
      0xff,
      0xff,
      0xf,
      0x7f,
      0xb,
    );
    assert.throws(() => walk(parseModule(many)), /more than the 50000 locals/);
  });

  it('refuses a stack that is out of proportion to the code', () => {
    const results = 'i32 '.repeat(1000);
    const module = (calls: number) =>
      parseModule(
        wat(`(module (import "env" "f" (func (result ${results}))) (func ${'call 0 '.repeat(calls)} unreachable))`),
      );
    assert.equal(walk(module(1000)), 1002);
    assert.throws(() => walk(module(9000)), /leaves more than 8388608 operands/);
  });

  it('never breaks on bytes changed at random', () => {
    const original = wat(EVERYTHING);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(original.length - 9), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const bytes = original.slice();
          for (const [at, byte] of changes) bytes[8 + at] = byte;
          try {
            walk(parseModule(bytes));
          } catch (error) {
            if (!(error instanceof WasmError)) throw error;
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

/** Goes over all code; answers the number of instructions. */
function walk(module: WasmModule): number {
  const operands = new OperandTypes(module);
  const reader = new InstructionReader(module.bytes);
  let instructions = 0;
  for (let n = 0; n < module.bodyStart.length; n++) {
    operands.begin(n);
    reader.reset(operands.codeStart, operands.codeEnd);
    for (; reader.next(); instructions++) operands.apply(reader);
  }
  return instructions;
}
