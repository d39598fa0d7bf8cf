// The status bar's words for fuel.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fuelTooltip, shortFuel } from './fuelText.ts';

const fuel = (consumed: number, exact = false) => ({ consumed, slice: 100_000, left: 1234, yields: 12_345, exact });

describe('fuel in the status bar', () => {
  it('is short whatever the number', () => {
    assert.equal(shortFuel(fuel(0)), '≈0');
    assert.equal(shortFuel(fuel(9_999, true)), '9\u202f999');
    assert.equal(shortFuel(fuel(12_345)), '≈12.3\u202fk');
    assert.equal(shortFuel(fuel(123_456_789)), '≈123\u202fM');
    assert.equal(shortFuel(fuel(9_999_999_999)), '≈10\u202f000\u202fM');
    assert.equal(shortFuel(fuel(12_345_678_901)), '≈12.3\u202fG');
    assert.equal(shortFuel(fuel(12_345_678_901_234)), '≈12\u202f346\u202fG');
  });

  it('has yields and the slice in the tooltip', () => {
    const text = fuelTooltip(fuel(5));
    assert.match(text, /Yields: 12\u202f345/);
    assert.match(text, /Left in this slice: 1\u202f234 of 100\u202f000/);
  });
});
