// Lines out of pieces of text. Contract E4.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TextLines } from './text-lines.ts';

describe('lines of a process', () => {
  it('are the same however the text is cut', () => {
    const text = fc.array(fc.constantFrom('a', 'é', '\u2028', '\r', '\r\n', '\n', '{"x":1}'), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), (pieces) => {
        const lines = new TextLines();
        const found = pieces.flatMap((piece) => lines.push(piece.join('')) ?? assert.fail('too long'));
        const whole = pieces.flat().join('').split('\n').slice(0, -1);
        assert.deepEqual(
          found,
          whole.map((line) => line.replace(/\r$/, '')),
        );
      }),
    );
  });

  it('E4: one without an end is given up, however it comes', () => {
    const lines = new TextLines(10);
    assert.deepEqual(lines.push('1234567890\n12345'), ['1234567890']);
    assert.deepEqual(lines.push('67890'), []);
    assert.equal(lines.push('1'), undefined);
    assert.equal(new TextLines(10).push('12345678901\nok\n'), undefined);
  });
});
