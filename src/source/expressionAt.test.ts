import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expressionAt, wordsOf } from './expressionAt.ts';

/** The expression at the `|` of a line. */
function at(marked: string): string | undefined {
  const line = marked.replace('|', '');
  const found = expressionAt(line, marked.indexOf('|'));
  return found && line.slice(found.start, found.end);
}

describe('expressionAt', () => {
  it('is a path of names, fields and indices up to the word', () => {
    for (const [marked, expected] of [
      ['let x = us|er.id;', 'user'],
      ['let x = user.i|d;', 'user.id'],
      ['self.a[0].b|', 'self.a[0].b'],
      ['if self.items[index + 1].na|me == x', 'self.items[index + 1].name'],
      ['pair.0|', 'pair.0'],
      ['p->ne|xt', 'p->next'],
      ['app::COU|NT', 'app::COUNT'],
      ['for i in 0..co|unt {}', 'count'],
      ['foo(ba|r, baz)', 'bar'],
      ['keyword.r#ty|pe', 'keyword.r#type'],
      ['r#mat|ch + 1', 'r#match'],
    ] as const)
      assert.equal(at(marked), expected, marked);
  });

  it('is nothing at calls, macros, keywords, numbers, texts, comments and lifetimes', () => {
    for (const marked of [
      'fo|o(1)',
      'x.le|n()',
      'pri|ntln!("x")',
      'ma|tch x {',
      'let x = 4|2;',
      'let s = "na|me";',
      '// na|me',
      "fn f<'a|>(x: &'a str)",
      'foo().ba|r',
      'Ve|c::new()',
      ' | ',
    ])
      assert.equal(at(marked), undefined, marked);
  });
});

describe('wordsOf', () => {
  it('gives names of variables, and no fields, calls, keywords or texts', () => {
    const words = (line: string) => wordsOf(line).map(({ word }) => word);
    assert.deepEqual(words('let total = price.amount * count + f(rate); // tax'), ['total', 'price', 'count', 'rate']);
    assert.deepEqual(words(`let c = '"'; let d = "c";`), ['c', 'd']);
    assert.deepEqual(words('User { name: user_name, age }'), ['User', 'user_name', 'age']);
    assert.deepEqual(words('for i in 0..limit {'), ['i', 'limit']);
  });
});
