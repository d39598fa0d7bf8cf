// The strip's arithmetic: pixels and places, zoom that keeps a place still, ticks, lanes, the sentence for screen readers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { axisText } from './numbers.ts';
import { atX, lanes, stripSummary, ticks, within, xOf, zoomed } from './stripGeometry.ts';

const range = fc
  .tuple(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.double({ min: 1, max: 1e9, noNaN: true }))
  .map(([from, length]) => ({ from, to: from + length }));

describe('strip geometry', () => {
  it('pixels and places go both ways', () => {
    fc.assert(
      fc.property(range, fc.double({ min: 0, max: 1000, noNaN: true }), (part, x) => {
        assert.ok(Math.abs(xOf(atX(x, part, 1000), part, 1000) - x) < 0.01);
      }),
    );
    assert.equal(atX(-50, { from: 5, to: 10 }, 100), 5);
    assert.equal(atX(500, { from: 5, to: 10 }, 100), 10);
    assert.equal(xOf(5, { from: 5, to: 5 }, 100), 0);
  });

  it('zoom keeps the place under the pointer, and stays within the call', () => {
    const part = zoomed({ from: 0, to: 1000 }, 300, 0.5, 1000, 'fuel');
    assert.deepEqual(part, { from: 150, to: 650 });
    assert.equal(zoomed({ from: 150, to: 650 }, 300, 4, 1000, 'fuel'), undefined);
    assert.deepEqual(zoomed({ from: 0, to: 1000 }, 0, 1e-9, 1000, 'fuel'), { from: 0, to: 50 });
    assert.deepEqual(zoomed({ from: 0, to: 200 }, 0, 1.5, 1000, 'time'), { from: 0, to: 300 });
    assert.deepEqual(within({ from: -10, to: 20 }, 100), { from: 0, to: 30 });
    assert.deepEqual(within({ from: 90, to: 120 }, 100), { from: 70, to: 100 });
  });

  it('ticks are round, in the part, and apart from each other', () => {
    fc.assert(
      fc.property(range, (part) => {
        const found = ticks(part, 1000, 110);
        assert.ok(found.length <= 11);
        for (const at of found) assert.ok(at >= part.from - 1e-6 && at <= part.to + 1e-6);
      }),
    );
    assert.deepEqual(ticks({ from: 0, to: 1000 }, 1000, 110), [0, 200, 400, 600, 800, 1000]);
    assert.deepEqual(ticks({ from: 0, to: 0 }, 1000, 110), []);
  });

  it('lanes do not overlap, and the axis has its line', () => {
    const all = lanes(64, 15);
    let bottom = 0;
    for (const lane of all) {
      assert.ok(lane.top >= bottom && lane.height > 0);
      bottom = lane.top + lane.height;
    }
    assert.ok(bottom <= 64 - 15);
  });

  it('says what it shows', () => {
    const strip = {
      axis: 'fuel' as const,
      from: 0,
      to: 12_400,
      end: 12_400,
      inFlight: [0, 2, 1],
      syscalls: [3, 4, 0],
      stderr: [0, 0, 1],
      messages: [1, 2, 3],
      faults: [0, 0, 1],
      spans: undefined,
    };
    assert.equal(
      stripSummary(strip, (at) => axisText('fuel', at)),
      'From 0 to 12.4\u202fk of 12.4\u202fk fuel: 6 messages, 7 syscalls, 1 log lines, at most 2 host calls in flight, something is wrong in 1 of 3 places.',
    );
  });
});
