// Windowing: which rows are drawn, and scroll bars that stand for more than they have pixels.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { drawn, furthest, type Lengths, revealing, scaled, scrollOf, spacer, TALLEST, topOf } from './windowing.ts';

const lengths = fc.record<Lengths>({
  count: fc.integer({ min: 1, max: 20_000_000 }),
  row: fc.integer({ min: 18, max: 40 }),
  view: fc.integer({ min: 50, max: 1500 }),
});

describe('windowing', () => {
  it('draws the rows in view and a few beyond, never more', () => {
    fc.assert(
      fc.property(lengths, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
        const top = share * furthest(list);
        const { from, to } = drawn(top, list, 12);
        assert.ok(from >= 0 && to <= list.count && from < to);
        assert.ok(from * list.row <= top && to * list.row >= Math.min(top + list.view, list.count * list.row) - 0.001);
        assert.ok(to - from <= Math.ceil(list.view / list.row) + 26);
      }),
    );
  });

  it('the scroll bar reaches both ends, whatever the count, and is never taller than a browser can lay out', () => {
    fc.assert(
      fc.property(lengths, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
        assert.ok(spacer(list) <= TALLEST);
        assert.equal(scrollOf(0, list), 0);
        const far = furthest(list);
        const end = scrollOf(far, list);
        assert.ok(Math.abs(end - Math.max(0, spacer(list) - list.view)) < 0.5);
        assert.ok(Math.abs(topOf(end, list) - far) < 1);
        const top = share * far;
        assert.ok(Math.abs(topOf(scrollOf(top, list), list) - top) < 1);
      }),
    );
  });

  it('ten million rows are scaled; the last is still reached', () => {
    const list = { count: 10_000_000, row: 22, view: 300 };
    assert.equal(scaled(list), true);
    const top = revealing(list.count - 1, 0, list, 'nearest');
    assert.equal(drawn(top, list, 0).to, list.count);
    assert.equal(scaled({ ...list, count: 100_000 }), false);
  });

  it('reveals the shortest way, or in the middle, and not at all what is in view', () => {
    const list = { count: 1000, row: 20, view: 200 };
    assert.equal(revealing(5, 0, list, 'nearest'), 0);
    assert.equal(revealing(10, 0, list, 'nearest'), 20);
    assert.equal(revealing(3, 100, list, 'nearest'), 60);
    assert.equal(revealing(500, 0, list, 'center'), 500 * 20 - 90);
    assert.equal(revealing(999, 0, list, 'center'), 1000 * 20 - 200);
    assert.equal(revealing(3, 0, { count: 5, row: 20, view: 200 }, 'center'), 0);
  });

  it('a list of nothing draws nothing', () => {
    assert.deepEqual(drawn(0, { count: 0, row: 22, view: 300 }, 12), { from: 0, to: 0 });
    assert.equal(furthest({ count: 0, row: 22, view: 300 }), 0);
  });
});
