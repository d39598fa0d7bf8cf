// Patterns: found in the bytes of a line, in time in proportion to it, and refused with a clause.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compilePattern, LOOKED_AT } from './filter-pattern.ts';

const encoder = new TextEncoder();

/** Hands the line over a piece at a time, with other bytes before and behind it, as it lies in the store. */
function finds(source: string, ignoreCase: boolean, text: string): boolean {
  const search = compilePattern(source, ignoreCase);
  assert.ok(typeof search !== 'string', `${source}: ${search}`);
  const line = encoder.encode(text);
  const bytes = new Uint8Array(line.length + 6).fill(0x61);
  bytes.set(line, 3);
  const end = 3 + line.length;
  search.begin();
  for (let from = 3; ; ) {
    const to = Math.min(end, from + search.piece);
    if (search.look(bytes, from, to, end)) return true;
    if (to === end) return false;
    from = to;
  }
}

describe('patterns of the filter', () => {
  it('find what is there, by characters, with the line as their bounds', () => {
    assert.ok(finds('^h.llo$', false, 'héllo'));
    assert.ok(!finds('^ello', false, 'hello'));
    assert.ok(finds('GET|PUT', true, 'a put'));
    assert.ok(!finds('GET|PUT', false, 'a put'));
    assert.ok(finds('\\p{Greek}', false, 'aλb'));
    assert.ok(finds('"id":\\d{20}', false, '{"id":18446744073709551615}'));
  });

  it('E4: say why they are none, whatever they are', () => {
    for (const source of ['(a', '[', '(?=a)', '\\1', '.{1001}', 'x'.repeat(1001)])
      assert.match(String(compilePattern(source, false)), /^[a-z]/, source);
    fc.assert(
      fc.property(fc.string(), fc.boolean(), (source, ignoreCase) => {
        assert.ok(['string', 'object'].includes(typeof compilePattern(source, ignoreCase)));
      }),
    );
  });

  it('E2: what makes RegExp try for ever takes no longer than other patterns, and the end of a long line is not looked at', () => {
    assert.ok(!finds('(a+)+$', false, `${'a'.repeat(5000)}b`));
    assert.ok(finds('x', false, `${'a'.repeat(LOOKED_AT - 1)}x`));
    assert.ok(!finds('x', false, `${'a'.repeat(LOOKED_AT)}x`));
  });
});
