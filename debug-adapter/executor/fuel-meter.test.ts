// Slices, chunks, yields and sums against a naive model of what the hdk does. Contracts I3, E2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CHUNK, type FuelGlobal, FuelMeter } from './fuel-meter.ts';

/** The hdk: fuel that counts down, and what becomes of it when it does not suffice (wasi/wasmi.rs, `run_wasm`). */
class Hdk {
  readonly slice: number;
  fuel = 0;
  consumed = 0;
  readonly yields: number[] = [];
  constructor(slice: number) {
    this.slice = slice;
  }
  charge(cost: number): void {
    if (this.fuel < cost) {
      this.yields.push(this.consumed);
      this.fuel = Math.max(cost, this.slice);
    }
    this.fuel -= cost;
    this.consumed += cost;
  }
}

/** What the rewritten module does at a charge, and the executor's hook. @returns whether the hook was entered. */
function charge(meter: FuelMeter, global: FuelGlobal, cost: number, yields: number[]): boolean {
  global.value -= cost;
  if (global.value >= 0) return false;
  const enough = meter.close(cost);
  if (!enough) {
    yields.push(meter.consumed);
    meter.refill(cost);
  }
  meter.grant(cost);
  return true;
}

/** -1 stands for a syscall that sets the fuel to 0. */
const costs = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: fc.integer({ min: 0, max: 60 }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 300_000 }) },
    { weight: 1, arbitrary: fc.constant(-1) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 ** 30 }) },
  ),
  { maxLength: 300 },
);
const slices = fc.oneof(
  fc.integer({ min: 0, max: 500 }),
  fc.constant(100_000),
  fc.integer({ min: 0, max: 10_000_000 }),
  fc.constant(Number.MAX_SAFE_INTEGER),
);

describe('FuelMeter', () => {
  it('I3: consumes, leaves and yields what the hdk does, whatever the costs and the slice', () => {
    fc.assert(
      fc.property(costs, slices, (list, slice) => {
        const hdk = new Hdk(slice);
        const global = { value: 12345 };
        const meter = new FuelMeter(global, slice);
        const yields: number[] = [];
        for (const cost of list) {
          if (cost < 0) {
            hdk.fuel = 0;
            meter.zero();
          } else {
            hdk.charge(cost);
            charge(meter, global, cost, yields);
          }
          assert.equal(meter.consumed, hdk.consumed);
          assert.equal(meter.left, hdk.fuel);
          assert.equal(meter.yields, hdk.yields.length);
          assert.ok(global.value >= 0 && global.value < 2 ** 31 && Number.isInteger(global.value));
        }
        assert.deepEqual(yields, hdk.yields);
      }),
      { numRuns: 1000 },
    );
  });

  it('E2: the hook is entered at least once a chunk, whatever the slice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 400 }),
        slices,
        (list, slice) => {
          const global = { value: 0 };
          const meter = new FuelMeter(global, slice);
          let since = 0;
          for (const cost of list) {
            since = charge(meter, global, cost, []) ? cost : since + cost;
            assert.ok(since <= CHUNK, `${since} fuel without a hook`);
          }
        },
      ),
    );
  });

  it('R3: with a bound, the hook is entered at the first charge once so much is consumed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 200_000 }),
        fc.integer({ min: 0, max: 199 }),
        (list, slice, at) => {
          // a bound that a run can have had: what was consumed before one of its charges
          const bound = list.slice(0, at).reduce((sum, cost) => sum + cost, 0);
          const global = { value: 0 };
          const meter = new FuelMeter(global, slice);
          meter.bound = bound;
          for (const [index, cost] of list.entries()) {
            const before = meter.consumed;
            const entered = charge(meter, global, cost, []);
            if (before === bound) assert.ok(entered, `charge ${index} at ${bound}`);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('I3: the guest starts without fuel, so that its first charge yields', () => {
    const global = { value: 99 };
    const meter = new FuelMeter(global, 1000);
    assert.equal(global.value, 0);
    assert.deepEqual([meter.consumed, meter.left, meter.yields], [0, 0, 0]);
    const yields: number[] = [];
    assert.ok(charge(meter, global, 2, yields));
    assert.deepEqual(yields, [0]);
    assert.deepEqual([meter.consumed, meter.left, meter.yields], [2, 998, 1]);
  });
});
