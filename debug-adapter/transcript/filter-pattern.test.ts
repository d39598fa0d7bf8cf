// Patterns: what they find is what JavaScript's RegExp finds in the same text, however the bytes are handed over; and none takes long. Contracts E2, E4.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compilePattern } from './filter-pattern.ts';
import { parsePattern } from './filter-pattern-syntax.ts';

const encoder = new TextEncoder();

/** Hands the line over in pieces of the lengths given. */
function finds(
  source: string,
  ignoreCase: boolean,
  text: string | Uint8Array,
  pieces: readonly number[] = [7],
  states?: number,
): boolean {
  const search = compilePattern(source, ignoreCase, states);
  assert.ok(typeof search !== 'string', `${source}: ${search}`);
  const line = typeof text === 'string' ? encoder.encode(text) : text;
  // as a line lies in the store: other bytes before and behind it
  const bytes = new Uint8Array(line.length + 6).fill(0x61);
  bytes.set(line, 3);
  const end = 3 + line.length;
  search.begin();
  let from = 3;
  for (let n = 0; ; n++) {
    const to = Math.min(end, from + (pieces[n % pieces.length] ?? 1));
    if (search.look(bytes, from, to, end)) return true;
    if (to === end) return false;
    from = to;
  }
}

const CHARS = [
  'a',
  'b',
  'B',
  'Z',
  '0',
  '_',
  ' ',
  '-',
  'é',
  'ß',
  '\u07ff',
  '\u0800',
  '\ud7ff',
  '\ue000',
  '€',
  '\uffff',
  '😀',
  '\n',
  '\u2028',
  '\u{10ffff}',
];
const char = fc.constantFrom(...CHARS);
const text = fc.array(char, { maxLength: 12 }).map((chars) => chars.join(''));
const escaped = (one: string): string => (/[\^$\\.*+?()[\]{}|/-]/.test(one) ? `\\${one}` : one);
const classItem = fc.oneof(
  char.map(escaped),
  fc.tuple(char, char).map(([a, b]) => {
    const [from, to] = (a.codePointAt(0) ?? 0) <= (b.codePointAt(0) ?? 0) ? [a, b] : [b, a];
    return `${escaped(from)}-${escaped(to)}`;
  }),
  fc.constantFrom('\\d', '\\w', '\\s', '\\D', '\\W', '\\S'),
);
const { pattern } = fc.letrec<{ pattern: string; sequence: string; atom: string }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: 'small' },
    tie('sequence'),
    fc.tuple(tie('sequence'), tie('sequence')).map((two) => two.join('|')),
  ),
  sequence: fc.array(tie('atom'), { maxLength: 4 }).map((atoms) => atoms.join('')),
  atom: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc
      .tuple(
        fc.oneof(
          { depthSize: 'small', maxDepth: 4 },
          char.map((one) => (one === '-' ? one : escaped(one))),
          fc.constantFrom('.', '\\d', '\\w', '\\s', '\\W', '\\u{1F600}', '\\x61', '\\u00e9'),
          fc
            .tuple(fc.boolean(), fc.array(classItem, { maxLength: 3 }))
            .map(([not, items]) => `[${not ? '^' : ''}${items.join('')}]`),
          tie('pattern').map((inner) => `(${inner})`),
          tie('pattern').map((inner) => `(?:${inner})`),
        ),
        fc.constantFrom('', '', '', '*', '+', '?', '*?', '{2}', '{0,2}', '{1,}', '{0}'),
      )
      .map((two) => two.join('')),
    fc.constantFrom('^', '$', '\\b', '\\B'),
  ),
}));

describe('patterns', () => {
  it('find what RegExp finds, in pieces of any length', () => {
    fc.assert(
      fc.property(
        pattern,
        fc.boolean(),
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        (source, ignoreCase, lines, pieces) => {
          // with `i` RegExp knows of more letters than ASCII has
          const wanted = new RegExp(source, ignoreCase ? 'iu' : 'u');
          // and with \B V8 looks into the halves of a surrogate pair
          // and though no more than a few states are kept
          for (const line of lines.filter(
            (one) => !(ignoreCase || source.includes('\\B')) || /^\p{ASCII}*$/u.test(one),
          ))
            for (const states of [undefined, 3])
              assert.equal(
                finds(source, ignoreCase, line, pieces, states),
                wanted.test(line),
                `/${source}/ in ${JSON.stringify(line)}`,
              );
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('take braces of JSON as they stand', () => {
    assert.ok(finds('{"id":\\d+}', false, 'x {"id":17} y'));
    assert.ok(finds('a{,2}]', false, 'a{,2}]'));
    assert.ok(!finds('^{"id":\\d{3}', false, '{"id":17}'));
  });

  it('see no character in bytes that are not UTF-8', () => {
    assert.ok(!finds('^.$', false, Uint8Array.of(0x80)));
    assert.ok(!finds('a.b', false, Uint8Array.of(0x61, 0xff, 0x62)));
    assert.ok(!finds('[^x]', false, Uint8Array.of(0xed, 0xa0, 0x80)));
    assert.ok(finds('ab', false, Uint8Array.of(0xff, 0x61, 0x62, 0xc3)));
  });

  it('are refused with a clause when they are none, or look around, or are too large', () => {
    for (const [source, clause] of [
      ['(a', /\( has no \)/],
      ['a)', /\) has no \(/],
      ['[a', /\[ has no \]/],
      ['*a', /before a repetition/],
      ['a**', /before a repetition/],
      ['a{3,2}', /wrong way round/],
      ['[b-a]', /wrong way round/],
      ['[\\d-a]', /from one character/],
      ['(?=a)', /look around/],
      ['(?<n>a)', /look around/],
      ['\\1', /\\1 is not known/],
      ['\\pL', /\\p is not known/],
      ['a\\', /at its end/],
      ['\\u{110000}', /so high/],
      ['\\x1', /two digits/],
      ['a{1001}', /1000 at most/],
      ['((.{1000}){1000}){1000}', /too large/],
      [`${'('.repeat(60)}${')'.repeat(60)}`, /deep/],
    ] as const) {
      const refusal = compilePattern(source, false);
      assert.ok(typeof refusal === 'string', source);
      assert.match(refusal, clause, source);
    }
    assert.throws(() => parsePattern('(', false), { name: 'PatternError' });
  });

  it('E2: none takes long, whatever it is: the work is in proportion to the text', () => {
    const line = encoder.encode('a'.repeat(20_000));
    for (const source of [
      '(a+)+b',
      '(a|a)*b',
      'a*a*a*a*a*a*b',
      '(a|aa)+$b',
      '(?:a?){200}a{200}b',
      '(a|b)*a(a|b){60}c',
    ]) {
      const search = compilePattern(source, false);
      assert.ok(typeof search !== 'string', source);
      search.begin();
      assert.equal(search.look(line, 0, line.length, line.length), false, source);
      assert.ok(search.work <= 10_000 * line.length, `${source}: ${search.work}`);
      // states that come again cost nothing
      const before = search.work;
      search.begin();
      search.look(line, 0, line.length, line.length);
      assert.ok(search.work - before <= 10_000 * 2, `${source}: ${search.work - before} the second time`);
    }
  });

  it('E2: states that do not come again are dropped, and found again', () => {
    const search = compilePattern('(a|b)*a(a|b){14}c', false);
    assert.ok(typeof search !== 'string');
    let seed = 1;
    const bits = Array.from({ length: 20_000 }, () => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return seed & 0x10000 ? 'a' : 'b';
    }).join('');
    for (const [tail, found] of [
      ['', false],
      [`a${'b'.repeat(14)}c`, true],
      [`b${'b'.repeat(14)}c`, false],
    ] as const) {
      const line = encoder.encode(bits + tail);
      search.begin();
      assert.equal(search.look(line, 0, line.length, line.length), found, tail);
    }
  });
});
