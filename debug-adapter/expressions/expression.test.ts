// Conditions, watches and log messages: values as JavaScript has them, integers exact beyond its doubles, and one sentence for what is wrong.
// Contract P2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import vm from 'node:vm';
import fc from 'fast-check';
import { parseJson } from '../rpc/json.ts';
import { compileExpression, compileMessage, ExpressionError, type Scope, textOf, truthy } from './expression.ts';

const NOTHING: Scope = () => undefined;
const evaluate = (source: string, scope: Scope = NOTHING): unknown => compileExpression(source)(scope);

const EVENT: Record<string, unknown> = {
  errno: 6,
  name: 'fd_read',
  text: '',
  nothing: null,
  id: 2n ** 64n - 1n,
  params: parseJson(
    '{"user":{"id":18446744073709551615,"name":"Ada","tags":["a","b"]},"ratio":0.1,"tenth":1e-1,"one":1.0}',
  ),
};
const event: Scope = (name) => (Object.hasOwn(EVENT, name) ? EVENT[name] : undefined);

describe('values', () => {
  for (const [source, value] of [
    ['errno != 0', true],
    ['errno == 6 && name == "fd_read"', true],
    ["name == 'fd_read'", true],
    ['errno & 4', 4],
    ['errno | 1', 7],
    ['errno ^ 3', 5],
    ['~errno', -7],
    ['1 << 40', 2 ** 40],
    ['0xff >> 4', 15],
    ['-errno', -6],
    ['!errno', false],
    ['!text', true],
    ['errno > 5 ? "many" : "few"', 'many'],
    ['1 ? 2 ? 3 : 4 : 5', 3],
    ['0 ? 1 : 0 ? 2 : 3', 3],
    ['params.user.name', 'Ada'],
    ['params["user"]["name"]', 'Ada'],
    ['params.user.tags[1]', 'b'],
    ['params.user.tags.length', 2],
    ['len(params.user.tags)', 2],
    ['len(name)', 7],
    ['len(params.user)', 3],
    ['len(missing)', 0],
    ['contains(name, "read")', true],
    ['startsWith(name, "read")', false],
    ['contains(params, "Ada")', true],
    ['missing', undefined],
    ['missing == null', true],
    ['missing.of.missing', undefined],
    ['nothing == null', true],
    ['nothing == 0', false],
    ['"a" + 1', 'a1'],
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['7 / 2', 3.5],
    ['6 / 2', 3],
    ['-7 % 3', -1],
    ['1.5 + 1.5', 3],
    ['1e3', 1000],
    ['2 - 1 - 1', 0],
    ['8 / 4 / 2', 1],
    ['"b" > "a"', true],
    ['name[..2] + name[3..=4]', 'fdre'],
    ['len(params.user.tags[1..])', 1],
    ['params.user.tags[1..][0]', 'b'],
    ['(errno & 4) == 4 && errno & (1 + 5)', 6],
    ["'A' as u8 + i8::MIN", -63],
    ['true + true', 2],
    ['"a\\n\\"b"', 'a\n"b'],
  ] as const)
    it(`P2: ${source} is ${JSON.stringify(value)}`, () => {
      assert.deepEqual(evaluate(source, event), value);
    });

  for (const source of [
    'id == 18446744073709551615',
    'params.user.id == 18446744073709551615',
    'params.user.id == id',
    'params.user.id != 18446744073709551616',
    'params.user.id > 18446744073709551614',
    'params.user.id - 18446744073709551614 == 1',
    'id + 1 == 0x10000000000000000',
    'params.user.id % 10 == 5',
    '9007199254740993 != 9007199254740992',
    '9007199254740993 - 9007199254740992 == 1',
    '9223372036854775807 * 2 + 1 == id',
    'params.tenth == params.ratio',
    'params.one == 1',
    '1 < 18446744073709551615',
    '0.5 < 18446744073709551615',
    '18446744073709551615 > 1.5',
  ])
    it(`P2: no digit is lost: ${source}`, () => {
      assert.equal(evaluate(source, event), true);
    });

  it('P2: a whole number prints with all its digits', () => {
    assert.equal(textOf(evaluate('params.user.id', event)), '18446744073709551615');
    assert.equal(textOf(evaluate('id', event)), '18446744073709551615');
    assert.equal(textOf(evaluate('params.user', event)), '{"id":18446744073709551615,"name":"Ada","tags":["a","b"]}');
  });

  it('E4: a field is only what the value has itself', () => {
    for (const source of [
      'params.__proto__',
      'params.constructor',
      'name.constructor',
      'params.user.tags.map',
      'errno.toFixed',
      'toString',
    ])
      assert.equal(evaluate(source, event), undefined, source);
  });
});

describe('against JavaScript', () => {
  // numbers and truth values apart: what mixes them is coerced in JavaScript, and is not here
  const { number } = fc.letrec<{ number: string; truth: string }>((tie) => ({
    number: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.integer({ min: -1000, max: 1000 }).map((n) => (n < 0 ? `(${n})` : String(n))),
      fc.constantFrom('a', 'b', 'c', '0x1f', '2.5', '0'),
      fc.tuple(tie('number'), fc.constantFrom('+', '-', '*'), tie('number')).map((parts) => `(${parts.join(' ')})`),
      fc
        .tuple(
          tie('number'),
          fc.constantFrom('+', '-', '*'),
          tie('number'),
          fc.constantFrom('+', '-', '*'),
          tie('number'),
        )
        .map((parts) => `(${parts.join('')})`.replace('--', '- -')),
      tie('number').map((operand) => `(- ${operand})`),
      fc.tuple(tie('truth'), tie('number'), tie('number')).map(([test, yes, no]) => `(${test} ? ${yes} : ${no})`),
    ),
    truth: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom('true', 'false'),
      fc
        .tuple(tie('number'), fc.constantFrom('<', '<=', '>', '>=', '==', '!=', '===', '!=='), tie('number'))
        .map((parts) => parts.join(' ')),
      fc.tuple(tie('truth'), fc.constantFrom('&&', '||'), tie('truth')).map((parts) => `(${parts.join(' ')})`),
      fc
        .tuple(tie('truth'), fc.constantFrom('&&', '||'), tie('truth'), fc.constantFrom('&&', '||'), tie('truth'))
        .map((parts) => `(${parts.join('')})`),
      tie('truth').map((operand) => `!(${operand})`),
    ),
  }));
  const scopes = fc.record({
    a: fc.integer({ min: -1e6, max: 1e6 }),
    b: fc.integer({ min: -50, max: 50 }),
    c: fc.constantFrom(0.5, -1.25, 3),
  });

  it('P2: the same value wherever no number leaves what a double holds exactly', () => {
    let compared = 0;
    fc.assert(
      fc.property(number, scopes, (source, scope) => {
        const expected: unknown = vm.runInNewContext(source, { ...scope });
        if (typeof expected !== 'number' || !(Math.abs(expected) < 2 ** 40)) return;
        compared++;
        const found = evaluate(source, (name) => (scope as Record<string, unknown>)[name]);
        assert.ok(found === expected, `${source} is ${found}, and ${expected} in JavaScript`);
      }),
      { numRuns: 2000 },
    );
    assert.ok(compared > 1000);
  });

  const integers = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n });
  it('P2: whole numbers of any size are exact, as BigInt has them', () => {
    fc.assert(
      fc.property(integers, integers, fc.constantFrom('+', '-', '*', '&', '|', '^', '%'), (a, b, sign) => {
        if (sign === '%' && b === 0n) return;
        const expected = {
          '+': a + b,
          '-': a - b,
          '*': a * b,
          '&': a & b,
          '|': a | b,
          '^': a ^ b,
          '%': b === 0n ? 0n : a % b,
        }[sign];
        const scope: Scope = (name) => (name === 'a' ? a : b);
        assert.equal(BigInt(evaluate(`a ${sign} b`, scope) as bigint), expected);
        assert.equal(BigInt(evaluate(`(${a}) ${sign} (${b})`) as bigint), expected);
        for (const order of ['<', '<=', '>', '>=', '==', '!='] as const) {
          const holds = { '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b, '==': a === b, '!=': a !== b }[order];
          assert.equal(evaluate(`a ${order} b`, scope), holds, `${a} ${order} ${b}`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('P2: comparisons of small integers are JavaScript’s', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer(),
        fc.constantFrom('<', '<=', '>', '>=', '==', '!=', '===', '!=='),
        (a, b, sign) => {
          const expected = vm.runInNewContext(`(${a}) ${sign} (${b})`);
          assert.equal(evaluate(`(${a}) ${sign} (${b})`), expected);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what is wrong', () => {
  for (const [source, sentence] of [
    ['errno ==', "'errno ==': a value is expected at column 9, and it ends."],
    ['== 3', "'== 3': a value is expected at column 1, and there is '=='."],
    ['(errno', "'(errno': ')' is expected at column 7, and it ends."],
    ['errno 3', "'errno 3': an operator or the end is expected at column 7, and there is '3'."],
    ['a ? b', "'a ? b': ':' is expected at column 6, and it ends."],
    ['a.+3', "'a.+3': a field name is expected at column 3, and there is '+'."],
    [
      'a.boil()',
      "'a.boil()': no code of the plugin is run here, so there is no method 'boil' (column 3): there are len, is_empty, is_some, is_none, is_ok, is_err, unwrap, get, contains_key, first, last, contains, starts_with, ends_with.",
    ],
    ['a.len(1)', "'a.len(1)': len at column 3 takes nothing, and is given 1."],
    ['300u8', "'300u8': the number at column 1 does not fit u8."],
    ['errno = 3', "'errno = 3': column 7 holds '=', which no expression has."],
    ['"open', "'\"open': column 1 holds '\"', which no expression has."],
    ['', "'': a value is expected at column 1, and it ends."],
    [
      'errno & 4 == 4',
      "'errno & 4 == 4': '&' at column 7 needs parentheses, since C and Rust read it differently beside a comparison: (a & b) == c, or a & (b == c).",
    ],
    ['name[1..=]', "'name[1..=]': a value is expected at column 10, and there is ']'."],
    ['name[1..2', "'name[1..2': ']' is expected at column 10, and it ends."],
    ['1..2', "'1..2': an operator or the end is expected at column 2, and there is '..'."],
    ['1.5u', "'1.5u': the number at column 1 is no whole one, as u has them."],
  ] as const)
    it(`${JSON.stringify(source)} is refused by column`, () => {
      assert.throws(() => compileExpression(source), { name: 'ExpressionError', message: sentence });
    });

  for (const [source, sentence] of [
    ['1 / 0', "This divides by zero (column 3 of '1 / 0')."],
    ['1 % 0', "This divides by zero (column 3 of '1 % 0')."],
    ['"a" - 1', `"a" is no number (column 5 of '"a" - 1').`],
    ['1 << 500', "A shift by 500 is out of range (column 3 of '1 << 500')."],
    ['1 << -1', "A shift by -1 is out of range (column 3 of '1 << -1')."],
    ['1.5 & 1', "'&' takes whole numbers (column 5 of '1.5 & 1')."],
    ['~1.5', "1.5 is no whole number (column 1 of '~1.5')."],
    ['missing + 1', "What is not available here is no number (column 9 of 'missing + 1')."],
    ['"1" < 2', `"1" is a text and 2 a number: they can't be compared (column 5 of '"1" < 2').`],
    ['"1" == 1', `"1" is a text and 1 a number: they can't be compared (column 5 of '"1" == 1').`],
    ['name[5..9]', 'The range 5..9 reaches out of it: there are 7 characters.'],
    ['params.user.tags[3..]', 'The range begins at 3: there are 2 elements.'],
    ['params.user.tags[2..1]', 'The range begins at 2, and ends before it, at 1.'],
    ['errno[1..2]', "What is a number has no elements in an order (column 6 of 'errno[1..2]')."],
    [
      'params.user.tags[..missing]',
      "A range is of whole numbers, and null is none (column 17 of 'params.user.tags[..missing]').",
    ],
    ['1 == true', "1 is a number and true a boolean: they can't be compared (column 3 of '1 == true')."],
    ['-1 >>> 1', "'>>>' has to know how wide -1 is: write u32(…) or u64(…) around it (column 4 of '-1 >>> 1')."],
  ] as const)
    it(`${source} says why it has no value`, () => {
      assert.throws(() => evaluate(source, source.includes('[') ? event : NOTHING), {
        name: 'EvaluationError',
        message: sentence,
      });
    });

  it('E4: nesting is bounded, and long chains are not', () => {
    for (const deep of [
      '('.repeat(5000),
      '!'.repeat(5000),
      '-'.repeat(100_000),
      '['.repeat(9),
      'a['.repeat(5000),
      'len('.repeat(5000),
    ])
      assert.throws(() => compileExpression(deep), ExpressionError);
    for (const chain of [
      `1${' + 1'.repeat(20_000)}`,
      `a${'.b'.repeat(20_000)}`,
      `1${' || 1'.repeat(20_000)}`,
      `0${' ? 1 : 0'.repeat(20_000)}`,
    ]) {
      try {
        evaluate(chain);
      } catch (error) {
        assert.ok(error instanceof ExpressionError, String(error));
      }
    }
  });

  it('E4: numbers that would fill memory are refused', () => {
    const square = 'a * a';
    let value: unknown = 2n ** 64n;
    assert.throws(() => {
      for (let round = 0; round < 40; round++) value = evaluate(square, () => value);
    }, ExpressionError);
  });

  const soup = fc.array(
    fc.constantFrom(
      'errno',
      'params',
      'len',
      'contains',
      '(',
      ')',
      '[',
      ']',
      '.',
      ',',
      '?',
      ':',
      '+',
      '-',
      '*',
      '/',
      '%',
      '!',
      '~',
      '<',
      '>',
      '==',
      '!=',
      '&&',
      '||',
      '<<',
      '>>',
      '&',
      '|',
      '^',
      '1',
      '0',
      '2.5',
      '0xff',
      '18446744073709551615',
      '"a"',
      "'b'",
      'true',
      'null',
      ' ',
    ),
    { maxLength: 30 },
  );
  const anything = fc.oneof(
    soup.map((parts) => parts.join('')),
    fc.string(),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );

  it('E4: whatever is written, compiling and evaluating ends, with a value or an ExpressionError', () => {
    fc.assert(
      fc.property(anything, (source) => {
        try {
          const value = evaluate(source, event);
          assert.equal(typeof textOf(value), 'string');
          assert.equal(typeof truthy(value), 'boolean');
        } catch (error) {
          assert.ok(error instanceof ExpressionError, `${JSON.stringify(source)}: ${error}`);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('E4: and so with log messages, which always give a text once they are compiled', () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.oneof(anything, fc.constantFrom('{', '}', '{{', '}}', '{errno}', 'text')))
          .map((parts) => parts.join('')),
        (source) => {
          let message: (scope: Scope) => string;
          try {
            message = compileMessage(source);
          } catch (error) {
            assert.ok(error instanceof ExpressionError, `${JSON.stringify(source)}: ${error}`);
            return;
          }
          assert.equal(typeof message(event), 'string');
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('log messages', () => {
  for (const [source, text] of [
    ['plain', 'plain'],
    ['', ''],
    ['errno {errno}', 'errno 6'],
    ['{name}: {params.user.id}', 'fd_read: 18446744073709551615'],
    ['{{errno}} }', '{errno} }'],
    ['{params.user.tags}', '["a","b"]'],
    ['{missing}', 'not available here'],
    ['{1 / 0}', '<this divides by zero.>'],
    ['{"}"}', '}'],
  ] as const)
    it(`${source} reads ${JSON.stringify(text)}`, () => {
      assert.equal(compileMessage(source)(event), text);
    });

  it('an open brace is refused by its column', () => {
    assert.throws(() => compileMessage('a {errno'), {
      name: 'ExpressionError',
      message: "'a {errno': the brace at column 3 is not closed.",
    });
  });
});
