// Single things the weaver has to get right: NaNs, huge bodies, what it refuses, names, indices. (I1, R3)
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wat } from '../testing/wat.ts';
import { WasmError } from '../wasm/error.ts';
import { parseModule, type WasmModule } from '../wasm/module.ts';
import { instrument } from './instrument.ts';
import type { ProbePlan } from './plan.ts';
import { HOOK_SLOTS } from './plan.ts';
import { entryCharges, NO_PLAN, outcomeOf, RewrittenGuest } from './testing.ts';

const NAN_PLAN = (): ProbePlan => ({ ...NO_PLAN, canonicalNaN: true });

const CANONICAL_32 = 0x7fc00000;
const CANONICAL_64 = 0x7ff8000000000000n;

describe('R3: NaN results are canonical', () => {
  const unary = ['ceil', 'floor', 'trunc', 'nearest', 'sqrt'];
  const binary = ['add', 'sub', 'mul', 'div', 'min', 'max'];
  const bodies: string[] = [];
  for (const name of unary) {
    bodies.push(
      `(func (export "f32.${name}") (param i32) (result i32) (i32.reinterpret_f32 (f32.${name} (f32.reinterpret_i32 (local.get 0)))))`,
    );
    bodies.push(
      `(func (export "f64.${name}") (param i64) (result i64) (i64.reinterpret_f64 (f64.${name} (f64.reinterpret_i64 (local.get 0)))))`,
    );
    bodies.push(
      `(func (export "f32x4.${name}") (param i32) (result i32) (i32x4.extract_lane 2 (f32x4.${name} (i32x4.splat (local.get 0)))))`,
    );
    bodies.push(
      `(func (export "f64x2.${name}") (param i64) (result i64) (i64x2.extract_lane 1 (f64x2.${name} (i64x2.splat (local.get 0)))))`,
    );
  }
  for (const name of binary) {
    bodies.push(
      `(func (export "f32.${name}") (param i32) (result i32) (i32.reinterpret_f32 (f32.${name} (f32.reinterpret_i32 (local.get 0)) (f32.const 1))))`,
    );
    bodies.push(
      `(func (export "f64.${name}") (param i64) (result i64) (i64.reinterpret_f64 (f64.${name} (f64.reinterpret_i64 (local.get 0)) (f64.const 1))))`,
    );
    bodies.push(
      `(func (export "f32x4.${name}") (param i32) (result i32) (i32x4.extract_lane 2 (f32x4.${name} (i32x4.splat (local.get 0)) (f32x4.splat (f32.const 1)))))`,
    );
    bodies.push(
      `(func (export "f64x2.${name}") (param i64) (result i64) (i64x2.extract_lane 1 (f64x2.${name} (i64x2.splat (local.get 0)) (f64x2.splat (f64.const 1)))))`,
    );
  }
  bodies.push(
    '(func (export "f32.demote") (param i64) (result i32) (i32.reinterpret_f32 (f32.demote_f64 (f64.reinterpret_i64 (local.get 0)))))',
  );
  bodies.push(
    '(func (export "f64.promote") (param i32) (result i64) (i64.reinterpret_f64 (f64.promote_f32 (f32.reinterpret_i32 (local.get 0)))))',
  );
  bodies.push(
    '(func (export "f32.chain") (param i32) (result i32) (i32.reinterpret_f32 (f32.add (f32.const 1) (f32.mul (f32.reinterpret_i32 (local.get 0)) (f32.const 2)))))',
  );
  const text = `(module ${bodies.join('\n')})`;
  const names = bodies.map((body) => /export "([^"]+)"/.exec(body)?.[1] ?? '');

  for (const coarse of [false, true])
    it(`R3: every float instruction that may make a NaN makes the canonical one${coarse ? ', woven coarsely' : ''}`, () => {
      const bytes = wat(text);
      const guest = new RewrittenGuest(bytes, NAN_PLAN, {}, coarse ? 40 : undefined);
      const raw = new WebAssembly.Instance(new WebAssembly.Module(bytes));
      for (const name of names) {
        const is64 = !/^f32(x4)?\./.test(name) || name === 'f32.demote';
        const returns64 = (is64 && name !== 'f32.demote') || name === 'f64.promote';
        const takes64 = is64 && name !== 'f64.promote';
        const nans: (number | bigint)[] = takes64
          ? [0xfff8000000000123n, 0x7ff0000000000001n, 0x7ff8000000000000n, -1n]
          : [0xffc00123 | 0, 0x7f800001, 0x7fc00000, -1];
        for (const nan of nans)
          assert.equal(
            outcomeOf(guest.instance, name, [nan]),
            returns64 ? `${CANONICAL_64}n` : String(CANONICAL_32),
            `${name}(${nan})`,
          );
        for (const value of takes64
          ? [0n, 0x4009000000000000n, -0x8000000000000000n, 0x7ff0000000000000n]
          : [0, 0x40480000, -0x80000000, 0x7f800000]) {
          const expected = outcomeOf(raw, name, [value]);
          // An infinity minus itself makes a NaN of its own.
          if (!/2143289344|-4194304/.test(expected))
            assert.equal(outcomeOf(guest.instance, name, [value]), expected, `${name}(${value})`);
        }
      }
    });

  it('R3: moves, signs and loads keep the payload', () => {
    const guest = new RewrittenGuest(
      wat(`(module (memory 1)
        (func (export "keep") (param i32) (result i32) (local f32)
          (local.set 1 (f32.neg (f32.abs (f32.reinterpret_i32 (local.get 0)))))
          (f32.store (i32.const 0) (f32.copysign (local.get 1) (f32.const 1)))
          (i32.load (i32.const 0))))`),
      NAN_PLAN,
    );
    assert.equal(outcomeOf(guest.instance, 'keep', [0x7fa12345]), String(0x7fa12345));
  });
});

describe('function bodies near the limit of V8', () => {
  const ifs = (count: number) =>
    `(module (func (export "f") (param i32) (result i32) (local i32) ${'(if (local.get 0) (then (local.set 1 (i32.add (local.get 1) (i32.const 1)))))'.repeat(count)} (local.get 1)))`;
  const plan = (module: WasmModule): ProbePlan => {
    // A charge at every `if`, as fuel would have it: opcode 0x04 with an empty block type, in this text only at ifs.
    const entry = entryCharges(module, 1);
    const offsets = [entry.offset[0]!];
    const kinds = [0];
    for (let at = module.bodyStart[0]!; at < module.bodyEnd[0]! - 1; at++)
      if (module.bytes[at] === 0x04 && module.bytes[at + 1] === 0x40) {
        offsets.push(at);
        kinds.push(2);
      }
    const charges = {
      ...entry,
      count: offsets.length,
      offset: Uint32Array.from(offsets),
      kind: Uint8Array.from(kinds),
      cost: new Uint32Array(offsets.length).fill(1),
    };
    return { ...NO_PLAN, charges, canonicalNaN: true };
  };

  it('are woven more coarsely, with the same fuel', () => {
    const bytes = wat(ifs(1000));
    const fine = new RewrittenGuest(bytes, plan);
    const coarse = new RewrittenGuest(bytes, plan, {}, 25_000);
    assert.ok(coarse.instrumented.bytes.length < fine.instrumented.bytes.length * 0.7);
    for (const guest of [fine, coarse]) {
      assert.equal(outcomeOf(guest.instance, 'f', [1]), '1000');
      assert.equal(guest.consumed, 1001);
    }
  });

  it('are refused by name when even that is too large', () => {
    const module = parseModule(wat(ifs(1000)));
    assert.throws(
      () => instrument(module, plan(module), 15_000),
      (error) =>
        error instanceof WasmError &&
        /^Function 0 is too large to be debugged/.test(error.message) &&
        error.offset === module.bodyStart[0],
    );
  });

  it('are refused by name when the locals of the pass are too many', () => {
    const locals = `(module (func (local ${'i32 '.repeat(49_999)}) (drop (f64.add (f64.const 1) (f64.const 2)))
      (drop (i32.trunc_f64_s (f64.add (f64.const 1) (f64.const 2)))) (drop (f32.add (f32.const 1) (f32.const 2)))))`;
    const module = parseModule(wat(locals));
    assert.throws(
      () => instrument(module, { ...NO_PLAN, canonicalNaN: true }),
      /^WasmError: Function 0 has 49999 locals, and with those that the debugger adds more than the 50000 that V8 takes/,
    );
    assert.ok(WebAssembly.validate(instrument(module, NO_PLAN).bytes));
  });
});

describe('what the pass refuses', () => {
  /** A module with one function of these body bytes (without local declarations) and one memory. */
  const withBody = (...body: number[]) => {
    const code = [0, ...body];
    return Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 1],
      ...[10, code.length + 2, 1, code.length, ...code],
    ]);
  };
  const offset = 8 + 6 + 4 + 5 + 5;
  const cases: readonly [string, number[], RegExp, string | undefined, number][] = [
    ['threads', [0xfe, 0x10, 2, 0, 0x0b], /belongs to threads/, 'threads', offset],
    ['exceptions', [0x01, 0x08, 0, 0x0b], /belongs to exceptions/, 'exceptions', offset + 1],
    ['garbage collection', [0xfb, 0x00, 0, 0x0b], /belongs to gc/, 'gc', offset],
    ['wide arithmetic', [0xfc, 19, 0x0b], /belongs to wide-arithmetic/, 'wide-arithmetic', offset],
    ['typed function references', [0x14, 0, 0x0b], /typed-function-references/, 'typed-function-references', offset],
    ['unknown bytes', [0x27, 0x0b], /0x27 is unknown/, undefined, offset],
    ['unknown SIMD', [0xfd, 0xff, 0x7f, 0x0b], /0xfd 0x3fff is unknown/, undefined, offset],
    ['a local that is not there', [0x20, 0, 0x1a, 0x0b], /local 0 does not exist/, undefined, offset],
    ['a global of ours', [0x23, 0, 0x1a, 0x0b], /global 0 does not exist/, undefined, offset],
    ['a function of ours', [0x10, 1, 0x0b], /function 1 does not exist/, undefined, offset],
    ['the hook table', [0x41, 0, 0x11, 0, 0, 0x0b], /table 0 does not exist/, undefined, offset + 2],
    ['a label outside of the function', [0x0c, 1, 0x0b], /leaves 1 blocks, of 0/, undefined, offset],
    ['a body without an end', [0x02, 0x40, 0x0b], /has no end/, undefined, offset + 3],
    ['code after the end', [0x0b, 0x01], /code after its end/, undefined, offset],
  ];
  for (const [name, body, message, feature, at] of cases)
    it(`I1: ${name}, by name and at its offset`, () => {
      const module = parseModule(withBody(...body));
      const plan: ProbePlan = {
        ...NO_PLAN,
        charges: entryCharges(module, 1),
        frameSlots: new Uint32Array(1),
        canonicalNaN: true,
        chunkBulk: true,
        growHooks: true,
      };
      assert.throws(
        () => instrument(module, plan),
        (error) => {
          assert.ok(error instanceof WasmError);
          assert.match(error.message, message);
          assert.equal(error.feature, feature);
          assert.equal(error.offset, at);
          return true;
        },
      );
    });
});

describe('what the rewritten module exports', () => {
  it('I1: names of ours never meet names of the guest', () => {
    const text = `(module (memory 1) (memory 1) (global i32 (i32.const 1)) (global (mut f64) (f64.const 2))
      (table 5 funcref) (table 6 7 externref) (func (export "wpd:table 0"))
      (func (export "wpd:hooks")) (func (export "wpd:hooks'")) (func (export "wpd:fuel")) (func (export "wpd:memory 1")) (start 0))`;
    const guest = new RewrittenGuest(wat(text), (module) => ({ ...NO_PLAN, charges: entryCharges(module, 1) }));
    const { exports } = guest.instrumented;
    assert.deepEqual(exports, {
      hooks: "wpd:hooks''",
      fuel: "wpd:fuel'",
      depth: null,
      moment: null,
      sites: null,
      counts: null,
      stored: null,
      watched: null,
      memories: ['wpd:memory 0', "wpd:memory 1'"],
      globals: ['wpd:global 0', 'wpd:global 1'],
      tables: ["wpd:table 0'", 'wpd:table 1'],
      start: 'wpd:start',
    });
    const lengths = exports.tables.map((name) => (guest.instance.exports[name] as WebAssembly.Table).length);
    assert.deepEqual(lengths, [5, 6]);
    assert.equal((guest.instance.exports['wpd:global 1'] as WebAssembly.Global).value, 2);
    assert.equal((guest.instance.exports[exports.hooks] as WebAssembly.Table).length, HOOK_SLOTS);
  });

  it('leaves custom sections out, wherever they stand', () => {
    const module = wat('(module (func (export "f")))', { names: true });
    const custom = [0, 5, 1, 0x78, 1, 2, 3];
    const bytes = Uint8Array.from([...module.subarray(0, 8), ...custom, ...module.subarray(8), ...custom]);
    const { bytes: rewritten } = instrument(parseModule(bytes), NO_PLAN);
    const compiled = new WebAssembly.Module(rewritten);
    assert.equal(WebAssembly.Module.customSections(compiled, 'x').length, 0);
    assert.equal(WebAssembly.Module.customSections(compiled, 'name').length, 0);
  });

  it('rewrites a module without any section', () => {
    const { bytes } = instrument(parseModule(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)), NO_PLAN);
    assert.ok(WebAssembly.validate(bytes));
  });

  it('takes charges of the module they were made for only', () => {
    const module = parseModule(wat('(module (func (export "f") (nop) (nop)))'));
    const charges = { ...entryCharges(module, 1), kind: Uint8Array.of(1) };
    assert.throws(() => instrument(module, { ...NO_PLAN, charges }), RangeError);
  });
});
