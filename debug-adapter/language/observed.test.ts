// What was seen of host methods: out of whatever a client sends.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NOTHING_OBSERVED, type Observed, readObserved, shortened } from './observed.ts';

describe('what was seen in runs', () => {
  it('P2: is read as it was told, and no number rounded', () => {
    const call = { params: '18446744073709551615', answer: { kind: 'result', text: '18446744073709551615' } } as const;
    const told: Observed = {
      methods: [
        { method: 'get', calls: 2, earlier: 3, last: call, unmatched: { ...call, nearMiss: 'Rule 1.' }, params: ['7'] },
      ],
      rules: [{ file: 'a', method: 'get', number: 2, hits: 1, earlier: 0, last: call, at: 'now', nearMiss: 'x' }],
    };
    assert.deepEqual(readObserved(JSON.parse(JSON.stringify(told))), told);
  });

  it('what is too long becomes a text that says so', () => {
    assert.equal(shortened('7'), '7');
    assert.equal(shortened('x'.repeat(100_000)), '"… (100000 characters)"');
  });

  it('takes anything from a client', () => {
    assert.deepEqual(readObserved(undefined), NOTHING_OBSERVED);
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        readObserved(a);
        const read = readObserved({ methods: [{ method: 'm', last: a, params: b }, a], rules: [b] });
        assert.ok(read.methods.some(({ method }) => method === 'm'));
      }),
    );
  });
});
