// Real and virtual clocks. Contract E7.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatTime, parseTime, RealClock, VirtualClock } from './clock.ts';

describe('RealClock', () => {
  it('E7: stands still while paused, and goes on from there', () => {
    let platform = 1000n;
    const clock = new RealClock(() => platform);
    assert.equal(clock.now(), 1000n);
    platform = 1500n;
    clock.pause();
    platform = 9000n;
    clock.pause();
    assert.equal(clock.now(), 1500n);
    assert.equal(clock.paused, true);
    clock.resume();
    clock.resume();
    assert.equal(clock.now(), 1500n);
    platform = 9100n;
    assert.equal(clock.now(), 1600n);
    clock.pause();
    platform = 10_000n;
    assert.equal(clock.now(), 1600n);
  });
});

describe('VirtualClock', () => {
  it('E7: starts where told, advances only when told, never back', () => {
    const clock = new VirtualClock('2024-01-31T12:00:00Z');
    assert.equal(clock.now(), 1_706_702_400_000_000_000n);
    clock.advanceBy(1n);
    assert.equal(clock.now(), 1_706_702_400_000_000_001n);
    assert.throws(() => clock.advanceBy(-1n), /cannot go back by 1 ns/);
    assert.equal(new VirtualClock(5n).now(), 5n);
  });
});

describe('parseTime', () => {
  it('E7: knows nanoseconds and zones, and takes a time without one as UTC', () => {
    for (const [text, ns] of [
      ['1970-01-01', 0n],
      ['1970-01-01T00:00:00.000000001Z', 1n],
      ['1970-01-01T00:00:01.5', 1_500_000_000n],
      ['1970-01-01T01:00+01:00', 0n],
      ['1970-01-01 00:01:00-0000', 60_000_000_000n],
      ['1970-01-01T00:00:00.123456789+00:30', -1_799_876_543_211n],
      ['1969-12-31T23:59:59.9Z', -100_000_000n],
      ['2024-02-29T00:00:00Z', 1_709_164_800_000_000_000n],
    ] as const)
      assert.equal(parseTime(text), ns, text);
  });
  it('refuses all else, by name', () => {
    for (const text of [
      '',
      'now',
      '2024',
      '2024-13-01',
      '2024-02-30',
      '2023-02-29T00:00:00Z',
      '2024-01-01T25:00:00Z',
      '2024-01-01T00:00:00.1234567890Z',
      '2024-01-01T00:00:00+99:99',
    ])
      assert.throws(
        () => parseTime(text),
        new RangeError(`'${text}' is not a time: write it like 2024-01-31T12:00:00Z`),
      );
  });
  it('reads back what formatTime writes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -62_000_000_000_000_000_000n, max: 250_000_000_000_000_000_000n }), (ns) => {
        assert.equal(parseTime(formatTime(ns)), ns);
      }),
    );
    assert.equal(formatTime((1n << 64n) - 1n), '2554-07-21T23:34:33.709551615Z');
    assert.equal(formatTime(10n ** 30n), `${10n ** 30n} ns since 1970`);
  });
});
