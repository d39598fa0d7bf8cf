// The merge sort in slices, against the engine's own; and that a slice ends when its time does. Contract E2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SlicedSort } from './sort-slices.ts';

describe('a sort in slices', () => {
  it('E2: is the sort that it would be in one, and used again sorts again', () => {
    let time = 0;
    let slices = 0;
    const keys = new Float64Array(20_000);
    const compare = (a: number, b: number): number => keys[a]! - keys[b]! || a - b;
    const sort = new SlicedSort(compare, () => time++);
    const length = fc.oneof(fc.nat(40), fc.constantFrom(4095, 4096, 4097, 8192, 8193), fc.nat(19_999));
    fc.assert(
      fc.property(length, fc.nat(4), fc.integer({ min: 1, max: 1e6 }), fc.nat(3), (count, spare, different, budget) => {
        const numbers = new Uint32Array(count + spare);
        for (let i = 0; i < count; i++) {
          numbers[i] = count - 1 - i;
          keys[i] = Math.imul(i + 1, 0x9e3779b1) % different;
        }
        const expected = numbers.slice(0, count).sort(compare);
        sort.begin(numbers, count);
        while (!sort.run(time + budget)) slices++;
        assert.deepEqual(sort.sorted.subarray(0, count), expected);
      }),
      { numRuns: 200 },
    );
    assert.ok(slices > 200, `${slices} slices`);
  });
});
