// What is completed in the Debug Console: the text before the cursor taken apart, and the answer over a run filled by hand. Contract S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cutAt, isMeant } from './completions.ts';

describe('the text before the cursor', () => {
  for (const [text, owner, afterDot, word] of [
    ['', '', false, ''],
    ['cou', '', false, 'cou'],
    ['app::CO', '', false, 'app::CO'],
    ['user.', 'user', true, ''],
    ['user.na', 'user', true, 'na'],
    ['1 + user.name.le', 'user.name', true, 'le'],
    ['list[a.b + 1].x', 'list[a.b + 1]', true, 'x'],
    ['map["a.]"].', 'map["a.]"]', true, ''],
    ['(*p).x', '(*p)', true, 'x'],
    ['p->next->va', 'p->next', true, 'va'],
    ['len(user.', 'user', true, ''],
    ['$0 + x', '', false, 'x'],
    ['f(a)[0].b.', 'f(a)[0].b', true, ''],
    ['pair.0.', 'pair.0', true, ''],
    ['1.', '', true, ''],
    ['].', '', true, ''],
    ['a == b.', 'b', true, ''],
  ] as const)
    it(`${JSON.stringify(text)} ends in ${JSON.stringify(word)}${afterDot ? ` of ${JSON.stringify(owner)}` : ''}`, () => {
      const cut = cutAt(text);
      assert.deepEqual(
        [cut.owner, cut.afterDot, cut.word, cut.start],
        [owner, afterDot, word, text.length - word.length],
      );
    });

  it('of a path the last name is meant, or the beginning of any', () => {
    const meant = (word: string) =>
      ['user', 'rust_views::statics::TABLE', 'rust_views::statics::DEPTH'].filter((label) => isMeant(label, word));
    assert.deepEqual(meant('us'), ['user']);
    assert.deepEqual(meant('abl'), ['rust_views::statics::TABLE']);
    assert.deepEqual(meant('stat').length, 2);
    assert.deepEqual(meant('statics::D'), ['rust_views::statics::DEPTH']);
    assert.deepEqual(meant('').length, 3);
  });

  it('E4: whatever is written is taken apart', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '.', '->', '[', ']', '(', ')', '"', "'", '\\', ' ', '::', '0', '$', 'ü')),
        (parts) => {
          const text = parts.join('');
          const { owner, word, start } = cutAt(text);
          assert.equal(text.slice(start), word);
          assert.ok(text.includes(owner));
        },
      ),
      { numRuns: 500 },
    );
  });
});
