// Where fuel is charged: UPSTREAM.md "Fuel" case by case, and against wasmi itself. `wasmi-truth.jsonl` holds programs made at
// random with what wasmi 1.0.3 (eager, fuel on) made of them: the cost of each `Op::ConsumeFuel`, printed at the end of
// FuncTranslator::finish, its frame sizes, and the fuel that calls consumed. (I3)
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { ChargeKind } from '../instrument/plan.ts';
import { NO_PLAN, outcomeOf, RewrittenGuest } from '../instrument/testing.ts';
import { wat } from '../testing/wat.ts';
import { parseModule } from '../wasm/module.ts';
import { chargeTable } from './charge-table.ts';
import { FUEL_MODEL } from './model.ts';

const KINDS = ['entry', 'loop', 'then', 'else', 'implicit else', 'end of then'];

/** Kinds of the charges of one function with this body. */
function kinds(body: string, signature = '(param i32) (result i32)'): string[] {
  const table = chargeTable(
    parseModule(
      wat(
        `(module (memory 1 2) (global $one i32 (i32.const 1)) (global $var (mut i32) (i32.const 1)) (func ${signature} ${body}))`,
      ),
    ),
  );
  return Array.from(table.kind, (kind) => KINDS[kind] ?? '');
}

/** Fuel that one call of `f` consumes. */
function fuelOf(text: string, ...args: number[]): number {
  const guest = new RewrittenGuest(wat(`(module (memory 1) ${text})`), (module) => ({
    ...NO_PLAN,
    charges: chargeTable(module),
  }));
  outcomeOf(guest.instance, 'f', args);
  return guest.consumed;
}

describe('charging blocks', () => {
  it('I3: an empty function costs 2: its block and its return', () => {
    assert.equal(fuelOf('(func (export "f"))'), 2);
    // An unreachable end has no return.
    assert.equal(fuelOf('(func (export "f") (return))'), 2);
    assert.equal(fuelOf('(func (export "f") (unreachable))'), 2);
  });

  it('I3: the five kinds', () => {
    assert.deepEqual(kinds('(local.get 0)'), ['entry']);
    assert.deepEqual(kinds('(loop (br_if 0 (local.get 0))) (local.get 0)'), ['entry', 'loop']);
    assert.deepEqual(kinds('(if (local.get 0) (then (nop))) (local.get 0)'), ['entry', 'then']);
    assert.deepEqual(kinds('(if (local.get 0) (then (nop)) (else (nop))) (local.get 0)'), ['entry', 'then', 'else']);
    assert.deepEqual(kinds('(local.get 0) (if (param i32) (result i32) (local.get 0) (then (i32.eqz)))'), [
      'entry',
      'then',
      'implicit else',
    ]);
    assert.deepEqual(kinds('(block (br_if 0 (local.get 0))) (local.get 0)'), ['entry'], 'a plain block has none');
  });

  it('I3: an if with a constant condition has none for its then; an else is always charged', () => {
    assert.deepEqual(kinds('(if (i32.const 1) (then (nop))) (local.get 0)'), ['entry']);
    assert.deepEqual(kinds('(if (i32.const 0) (then (loop (br 0)))) (local.get 0)'), ['entry']);
    assert.deepEqual(kinds('(if (i32.const 1) (then (nop)) (else (loop (br 0)))) (local.get 0)'), [
      'entry',
      'end of then',
    ]);
    assert.deepEqual(kinds('(if (i32.const 0) (then (loop (br 0))) (else (nop))) (local.get 0)'), ['entry', 'else']);
    assert.deepEqual(kinds('(local.get 0) (if (param i32) (result i32) (i32.const 1) (then (i32.eqz)))'), ['entry']);
  });

  it('I3: a constant-true if falls through the charge of its else, and a branch out of it does not', () => {
    const text = (then: string) => `(func (export "f") (block $b (if (i32.const 1) (then ${then}) (else (nop)))))`;
    assert.equal(fuelOf(text('(nop)')), 3);
    assert.equal(fuelOf(text('(br 0)')), 3, 'entry, branch, return');
    assert.equal(fuelOf(text('(br $b)')), 3);
  });

  it('I3: what is constant for wasmi', () => {
    const constant = ['entry'];
    for (const condition of [
      '(i32.and (i32.const 3) (i32.const 1))',
      '(i32.eqz (i32.const 0))',
      '(i64.lt_u (i64.const 1) (i64.const -1))',
      '(i32.wrap_i64 (i64.extend_i32_s (i32.const -1)))',
      '(global.get $one)',
      '(select (i32.const 1) (i32.const 1) (local.get 0))',
      '(select (i32.const 1) (local.get 0) (i32.const 1))',
      '(i32.eqz (i32.shl (i32.const 0) (local.get 0)))',
      '(i32.trunc_f64_s (f64.add (f64.const 0.5) (f64.const 0.5)))',
      '(i32.eqz (i32.reinterpret_f32 (f32.const 0)))',
      '(local.tee 0 (i32.const 1))',
      '(block (result i32) (i32.const 1))',
      '(ref.is_null (ref.null func))',
    ])
      assert.deepEqual(kinds(`(if ${condition} (then (nop))) (local.get 0)`), constant, condition);
    for (const condition of [
      '(i32.and (local.get 0) (i32.const 0))',
      '(global.get $var)',
      '(select (local.get 0) (i32.const 1) (i32.const 1))',
      '(i32.shl (i32.const 1) (local.get 0))',
      '(block (result i32) (br_if 0 (i32.const 1) (local.get 0)))',
      '(loop (result i32) (if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 1))))',
      '(i32.load (i32.const 0))',
      '(memory.size)',
    ])
      assert.equal(kinds(`(if ${condition} (then (nop))) (local.get 0)`).at(-1), 'then', condition);
  });

  it('I3: unreachable code is not charged', () => {
    assert.deepEqual(kinds('(return (local.get 0)) (loop (br 0)) (if (local.get 0) (then))'), ['entry']);
    assert.deepEqual(kinds('(block (br 0) (loop (br 0))) (local.get 0)'), ['entry']);
    assert.deepEqual(kinds('(br_if 0 (local.get 0) (i32.const 1)) (loop (br 0))'), ['entry']);
    assert.deepEqual(
      kinds('(drop (i32.div_u (local.get 0) (i32.const 0))) (loop (br 0)) (local.get 0)'),
      ['entry'],
      'a division by constant zero traps',
    );
    assert.deepEqual(
      kinds('(drop (i32.load offset=131000 (i32.const 100))) (loop (br 0)) (local.get 0)'),
      ['entry'],
      'an address past the maximum traps',
    );
    assert.deepEqual(kinds('(drop (i32.trunc_f32_s (f32.const nan))) (loop (br 0)) (local.get 0)'), ['entry']);
    assert.equal(fuelOf('(func (export "f") (return) (i32.add (i32.const 1) (i32.const 2)) (drop) (call 0))'), 2);
  });

  it('I3: what follows an if belongs to the block around it, and is charged before it', () => {
    const text =
      '(func (export "f") (param i32) (if (local.get 0) (then (return))) (i32.store (i32.const 0) (local.get 0)))';
    // Entry 1, store 1, return 1; with the branch taken also the then arm: 1, and its return: 1.
    assert.equal(fuelOf(text, 0), 3);
    assert.equal(fuelOf(text, 1), 5);
  });

  it('has rows by function, in the order of their offsets', () => {
    const module = parseModule(wat('(module (func (loop)) (func) (func (loop (loop))))'));
    const table = chargeTable(module);
    assert.deepEqual([...table.functionRows], [0, 2, 3, 6]);
    assert.deepEqual(
      [...table.kind],
      [ChargeKind.Entry, ChargeKind.Loop, ChargeKind.Entry, ChargeKind.Entry, ChargeKind.Loop, ChargeKind.Loop],
    );
    for (let row = 1; row < table.count; row++) assert.ok(table.offset[row]! >= table.offset[row - 1]!);
    assert.equal(table.model, FUEL_MODEL);
  });
});

interface Truth {
  readonly module: string;
  readonly costs: readonly (readonly number[])[];
  readonly frames: readonly number[];
  readonly calls: readonly (readonly [name: string, args: readonly string[], fuel: number, traps: boolean])[];
}

const truths = fs
  .readFileSync(new URL('./wasmi-truth.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Truth);

describe('against wasmi 1.0.3', () => {
  it('I3: the same number of charging blocks in every function', () => {
    for (const truth of truths) {
      const table = chargeTable(parseModule(Uint8Array.from(Buffer.from(truth.module, 'base64'))));
      for (const [n, costs] of truth.costs.entries())
        assert.equal(table.functionRows[n + 1]! - table.functionRows[n]!, costs.length, truth.module);
    }
  });

  it('I3: with the costs of wasmi in those blocks, every call consumes what it does in wasmi', () => {
    for (const truth of truths) {
      const bytes = Uint8Array.from(Buffer.from(truth.module, 'base64'));
      const table = chargeTable(parseModule(bytes));
      const cost = Uint32Array.from(truth.costs.flat());
      for (const [name, args, fuel, traps] of truth.calls) {
        const guest = new RewrittenGuest(bytes, () => ({
          ...NO_PLAN,
          charges: { ...table, cost },
          chunkBulk: true,
          growHooks: true,
        }));
        const outcome = outcomeOf(
          guest.instance,
          name,
          args.map((text) => (text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text))),
        );
        assert.equal(outcome.startsWith('trap'), traps);
        assert.equal(guest.consumed, fuel, `${name}(${args.join(', ')})`);
      }
    }
  });

  it('E8: frames are about as large', () => {
    let ours = 0;
    let theirs = 0;
    for (const truth of truths) {
      const table = chargeTable(parseModule(Uint8Array.from(Buffer.from(truth.module, 'base64'))));
      for (const [n, slots] of truth.frames.entries()) {
        ours += table.frameSlots[n]!;
        theirs += slots;
      }
    }
    assert.ok(ours >= theirs * 0.9 && ours <= theirs * 1.3, `${ours} slots, wasmi ${theirs}`);
  });
});
