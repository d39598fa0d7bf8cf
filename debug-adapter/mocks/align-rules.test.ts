// Which rule is which when a file has changed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { alignRules } from './align-rules.ts';
import { readMockSet } from './mock-set.ts';
import type { MockRule } from './rules.ts';

const rulesOf = (rules: readonly object[]): readonly MockRule[] =>
  readMockSet({ name: 'm', text: JSON.stringify({ hostMethods: { m: rules } }) }, () => undefined).methods.get('m')
    ?.rules ?? [];
const aligned = (before: readonly object[], after: readonly object[]): number[] => [
  ...alignRules(rulesOf(before), rulesOf(after)),
];
const rule = (params: number, result: unknown, more: object = {}) => ({
  when: { params },
  reply: { result },
  ...more,
});

describe('rules of a file that has changed', () => {
  const [a, b, c] = [rule(1, 'a'), rule(2, 'b'), rule(3, 'c')];

  it('are the same with the same text, wherever they went', () => {
    assert.deepEqual(aligned([a, b, c], [a, b, c]), [0, 1, 2]);
    assert.deepEqual(aligned([a, b, c], [c, a, b]), [2, 0, 1]);
    assert.deepEqual(aligned([a, b, c], [rule(9, 'n'), a, b, c]), [-1, 0, 1, 2]);
    assert.deepEqual(aligned([a, b, c], [a, c]), [0, 2]);
  });

  it('of the same text are told apart by their order', () => {
    assert.deepEqual(aligned([a, a, b], [a, a, b]), [0, 1, 2]);
    assert.deepEqual(aligned([a, b, a], [b, a]), [1, 2]);
    assert.deepEqual(aligned([a, a], [a, rule(9, 'n'), a]), [0, -1, 1]);
  });

  it('are the same where the reply, the name, or a switch was edited', () => {
    assert.deepEqual(aligned([a, b, c], [a, rule(2, 'other'), c]), [0, 1, 2]);
    assert.deepEqual(aligned([a, b], [rule(1, 'x', { disabled: true }), rule(2, 'y', { name: 'n' })]), [0, 1]);
    assert.deepEqual(aligned([a, b, c], [a, rule(9, 'n'), rule(2, 'other'), c]), [0, -1, 1, 2]);
  });

  it('are the same where what they ask was edited, between the same neighbours', () => {
    assert.deepEqual(aligned([a, b, c], [a, rule(7, 'b'), c]), [0, 1, 2]);
    assert.deepEqual(aligned([a, b, c], [a, rule(7, 'x'), rule(8, 'y'), c]), [0, -1, -1, 2]);
  });

  it('are taken once at most, whatever was changed', () => {
    const some = fc.array(
      fc
        .record({ params: fc.nat(3), result: fc.nat(2), disabled: fc.boolean() })
        .map(({ params, result, disabled }) => rule(params, result, disabled ? { disabled } : {})),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(some, some, (before, after) => {
        const was = aligned(before, after);
        assert.equal(was.length, after.length);
        const found = was.filter((index) => index >= 0);
        assert.equal(new Set(found).size, found.length);
        // a text that both have is found as often as it can be
        const count = (rules: readonly object[], text: string): number =>
          rules.filter((each) => JSON.stringify(each) === text).length;
        for (const text of new Set(after.map((each) => JSON.stringify(each)))) {
          const kept = after.filter((each, i) => {
            const old = before[was[i] ?? -1];
            return JSON.stringify(each) === text && old !== undefined && JSON.stringify(old) === text;
          }).length;
          assert.equal(kept, Math.min(count(before, text), count(after, text)));
        }
        assert.deepEqual(aligned(before, before), [...before.keys()]);
      }),
      { numRuns: 500 },
    );
  });

  it('E4: ten thousand of them are aligned at once, also when all have changed', () => {
    const many = rulesOf(Array.from({ length: 10_000 }, (_, i) => rule(i, i)));
    const other = rulesOf(Array.from({ length: 10_000 }, (_, i) => rule(9_999 - i, -i)));
    const was = alignRules(many, other);
    assert.equal(was[0], 9_999);
    assert.equal(new Set(was).size, 10_000);
  });
});
