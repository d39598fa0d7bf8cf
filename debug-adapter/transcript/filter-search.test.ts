// The search for a text in bytes, against the plainest one; and that its work is in proportion to the bytes whatever the two are. Contract E2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TextSearch } from './filter-search.ts';

const encoder = new TextEncoder();

/** Looks in pieces of `piece` bytes, in the midst of other bytes. */
function finds(needle: string, line: string, piece: number): boolean {
  const search = new TextSearch(needle);
  const text = encoder.encode(line);
  const bytes = new Uint8Array(text.length + 8).fill(0x61);
  bytes.set(text, 4);
  const end = 4 + text.length;
  search.begin();
  for (let from = 4; ; from += piece) {
    const to = Math.min(end, from + piece);
    if (search.look(bytes, from, to, end)) return true;
    if (to === end) return false;
  }
}

describe('text in bytes', () => {
  it('is found where it is, in either case, in pieces of any length', () => {
    const text = (maxLength: number) =>
      fc.string({ unit: fc.constantFrom('a', 'A', 'b', '"', 'é', 'É', '[', '{'), maxLength });
    const fold = (one: string): string => one.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
    let found = 0;
    fc.assert(
      fc.property(text(5), text(30), fc.nat(9), (needle, line, piece) => {
        const wanted = fold(line).includes(fold(needle));
        if (wanted) found++;
        assert.equal(finds(needle, line, piece + 1), wanted);
      }),
      { numRuns: 3000 },
    );
    assert.ok(found > 300 && found < 2700, `${found} of 3000`);
  });

  it('E2: takes no longer where it is nearly there again and again', () => {
    for (const [needle, line, found] of [
      [`b${'a'.repeat(300)}`, 'a'.repeat(5000), false],
      [`b${'a'.repeat(300)}`, `${'a'.repeat(5000)}b${'a'.repeat(300)}`, true],
      [`${'ab'.repeat(100)}b`, 'ab'.repeat(3000), false],
      [`${'ab'.repeat(100)}b`, `${'ab'.repeat(3000)}b`, true],
      [`a${'b'.repeat(200)}a`, `${'b'.repeat(3000)}a`.repeat(3), false],
      [`a${'b'.repeat(200)}a`, `${'b'.repeat(3000)}a${'b'.repeat(200)}A`, true],
    ] as const) {
      assert.equal(finds(needle, line, 1 << 20), found);
      assert.equal(finds(needle, line, 700), found);
    }
    // 16 MB, which would take a minute if each place were compared with all of the needle
    const bytes = new Uint8Array(16 << 20).fill(0x61);
    const search = new TextSearch(`b${'a'.repeat(9000)}`);
    assert.equal(search.look(bytes, 0, bytes.length, bytes.length), false);
  });
});
