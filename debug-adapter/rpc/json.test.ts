// Lossless JSON: every number's text survives, depth is bounded, equality and order are exact.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  getPath,
  JsonError,
  type JsonValue,
  jsonEqual,
  lineAndColumn,
  parseJson,
  parsePath,
  stringifyJson,
} from './json.ts';
import { compareNumbers, isI64, isU64, jsonNumber, LosslessNumber } from './json-number.ts';
import { MAX_DEPTH, scanJson } from './json-scan.ts';

const integer = fc.oneof(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String), fc.constantFrom('0', '-0'));
const numberText = fc
  .tuple(integer, fc.option(fc.stringMatching(/^[0-9]{1,40}$/)), fc.option(fc.integer({ min: -500, max: 500 })))
  .map(([whole, fraction, exponent]) => {
    return `${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`;
  });
const jsonText = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom('null', 'true', 'false'),
    numberText,
    fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(fc.string(), tie('value')), { maxLength: 4, selector: ([key]) => key })
      // Keys like array indices: JavaScript moves them to the front, which is not what this test is about.
      .map((entries) => entries.filter(([key]) => !/^\d+$/.test(key)))
      .map((entries) => `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
  ),
})).value;

describe('lossless JSON', () => {
  const kept = [
    '18446744073709551615',
    '18446744073709551616',
    '-9223372036854775808',
    '9007199254740993',
    '1e400',
    '-1e-400',
    '0.123456789012345678901234567890',
    '-0',
    '1.0',
    '1E+2',
    '123456789012345678901234567890',
  ];
  for (const source of kept)
    it(`P2: ${source} is written as it was read`, () => {
      assert.equal(stringifyJson(parseJson(source)), source);
      assert.equal(stringifyJson(parseJson(`{"a":[${source},{"b":${source}}]}`)), `{"a":[${source},{"b":${source}}]}`);
      const value = parseJson(source);
      assert.ok(value instanceof LosslessNumber);
      assert.equal(value.source, source);
      assert.equal(`${value}`, source);
    });

  it('P2: a number that JavaScript writes the same way is a plain number', () => {
    for (const source of ['0', '-1', '3.25', '1e+21', '5e-324', '9007199254740991', '0.1'])
      assert.equal(typeof parseJson(source), 'number', source);
  });

  it('P2: any JSON text comes back as it was, but for whitespace', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        assert.equal(stringifyJson(parseJson(text)), text);
        assert.equal(stringifyJson(parseJson(stringifyJson(parseJson(text), 2))), text);
      }),
    );
  });

  it('P2: keys that objects treat specially are members like any other', () => {
    const value = parseJson('{"__proto__":1.0,"constructor":2,"hasOwnProperty":3}');
    assert.equal(stringifyJson(value), '{"__proto__":1.0,"constructor":2,"hasOwnProperty":3}');
    assert.equal(getPath(value, ['constructor']), 2);
    assert.equal(getPath(parseJson('{}'), ['constructor']), undefined);
    assert.equal(getPath(parseJson('{}'), ['__proto__']), undefined);
    assert.ok(jsonEqual(getPath(value, ['__proto__']) ?? null, 1));
  });

  it('E4: nesting deeper than serde_json allows is one clear error, however deep', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    assert.equal(stringifyJson(parseJson(nested(MAX_DEPTH))), nested(MAX_DEPTH));
    for (const text of [nested(MAX_DEPTH + 1), nested(1_000_000), '['.repeat(1_000_000), '{"a":'.repeat(1_000_000)])
      assert.throws(() => parseJson(text), {
        name: 'JsonError',
        message: /^nested deeper than 127 levels at column \d+$/,
      });
    assert.equal(stringifyJson(parseJson(nested(1000), 1000)), nested(1000));
  });

  it('a fault is named with its place', () => {
    const fault = (text: string) => {
      try {
        parseJson(text);
      } catch (error) {
        assert.ok(error instanceof JsonError);
        return error.message;
      }
      return assert.fail(`no fault in ${text}`);
    };
    assert.equal(fault(''), 'the text ends where a value should stand at column 1');
    assert.equal(fault('{"a" 1}'), 'expected `:` at column 6');
    assert.equal(fault('[1 2]'), 'expected `,` or `]` at column 4');
    assert.equal(fault('{"a":1,}'), 'a comma before the closing `}` at column 8');
    assert.equal(fault('[\n  1,\n  02\n]'), 'a number that begins with 0 at line 3, column 3');
    assert.equal(fault('"a\tb"'), 'control character U+0009 in a string at column 3');
    assert.equal(fault('[tru]'), 'expected a value at column 2');
    assert.equal(fault('1 x'), 'something follows the end of the value at column 3');
    assert.deepEqual(lineAndColumn('a\nbc', 4), { line: 2, column: 3 });
  });

  it('takes exactly what JSON.parse takes, and never throws anything but a JsonError', () => {
    const piece = fc.constantFrom(
      ...'{}[],:"\\-+.eE0123456789tfn \n\tu/\u0000é',
      'true',
      'null',
      '"a":',
      '\\u00e9',
      '1.5e3',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), jsonText, fc.nat(), (pieces, valid, at) => {
        for (const text of [
          pieces.join(''),
          valid.slice(0, at % (valid.length + 1)) + pieces.join('') + valid.slice(at % (valid.length + 1)),
        ]) {
          let parses = true;
          try {
            JSON.parse(text);
          } catch {
            parses = false;
          }
          assert.equal(scanJson(text).fault === undefined, parses, text);
          if (parses) parseJson(text);
          else assert.throws(() => parseJson(text), JsonError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('a scan says where the members of the root lie', () => {
    const text = ' {"a" : [1,{"x":2}] ,"\\u0062":"c"} ';
    const scan = scanJson(text);
    assert.deepEqual(
      scan.members.map(({ key, start, end }) => [key, text.slice(start, end)]),
      [
        ['a', '[1,{"x":2}]'],
        ['b', '"c"'],
      ],
    );
    assert.equal(text.slice(scan.start, scan.end), text.trim());
    assert.deepEqual(
      scanJson('[[],{},1]').members.map(({ start, end }) => [start, end]),
      [
        [1, 3],
        [4, 6],
        [7, 8],
      ],
    );
  });

  it('E4: a scan for a few keys keeps no millions of members', () => {
    const scan = scanJson(`[${'1,'.repeat(100_000)}1]`, { keys: new Set(['id']) });
    assert.equal(scan.count, 100_001);
    assert.ok(scan.members.length <= 4096);
  });
});

describe('JSON numbers', () => {
  /** The exact value as a fraction: numerator, and power of ten below it. */
  const exact = (source: string): [bigint, bigint] => {
    const [, sign, whole = '', fraction = '', exponent = '0'] =
      /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(source) ?? [];
    const digits = BigInt(`${sign}${whole}${fraction}`);
    const power = BigInt(exponent) - BigInt(fraction.length);
    return power >= 0n ? [digits * 10n ** power, 0n] : [digits, -power];
  };

  it('P2: numbers compare by their exact values', () => {
    fc.assert(
      fc.property(numberText, numberText, (a, b) => {
        const [x, xs] = exact(a);
        const [y, ys] = exact(b);
        const left = x * 10n ** ys;
        const right = y * 10n ** xs;
        const expected = left < right ? -1 : left > right ? 1 : 0;
        assert.equal(Math.sign(compareNumbers(jsonNumber(a), jsonNumber(b))), expected, `${a} ${b}`);
        assert.equal(jsonEqual(jsonNumber(a), jsonNumber(b)), expected === 0);
        assert.equal(compareNumbers(jsonNumber(a), jsonNumber(a)), 0);
      }),
    );
  });

  it('P2: 2^64-1 is not 2^64, though a double takes them for one', () => {
    assert.equal(jsonEqual(parseJson('18446744073709551615'), parseJson('18446744073709551616')), false);
    assert.equal(jsonEqual(parseJson('{"a":1.0,"b":[2]}'), parseJson('{"b":[2e0],"a":1}')), true);
    assert.equal(jsonEqual(parseJson('[1]'), parseJson('{"0":1}')), false);
    assert.equal(jsonEqual(parseJson('{"a":null}'), parseJson('{"b":null}')), false);
    assert.equal(jsonEqual('1', 1), false);
  });

  it('P2: the bounds of u64 and i64', () => {
    for (const source of ['0', '18446744073709551615']) assert.ok(isU64(source), source);
    for (const source of ['-0', '-1', '18446744073709551616', '1.0', '1e0', '99999999999999999999'])
      assert.ok(!isU64(source), source);
    for (const source of ['0', '-9223372036854775808', '9223372036854775807']) assert.ok(isI64(source), source);
    for (const source of ['-0', '-9223372036854775809', '9223372036854775808', '1.5'])
      assert.ok(!isI64(source), source);
  });

  it('a LosslessNumber holds nothing but a JSON number', () => {
    for (const source of ['', '01', '1.', '.5', 'NaN', '1,2', '0x10', '+1'])
      assert.throws(() => new LosslessNumber(source), TypeError);
  });
});

describe('keys', () => {
  it('P2: a key with an escape stays that key, whatever was parsed before', () => {
    // V8 13.6 reads it as the key `\\` of the objects before it
    for (const key of [
      '\\\\',
      '\\\\n',
      '\\nx',
      '\\u0041\\u0042',
      'x\\\\',
      'x\\n',
      '\\n',
      '\\"',
      '\\/',
      '\\u0041',
      '\\ud800',
      '\\u005C',
    ]) {
      const text = `{"a":[1.0,{"b":18446744073709551615}],"${key}":{"${key}":[true,"x",null,-0]}}`;
      const value = parseJson(text) as { [key: string]: JsonValue };
      const plain = JSON.parse(`"${key}"`) as string;
      assert.deepEqual(Object.keys(value), ['a', plain]);
      assert.equal(
        stringifyJson(value),
        `{"a":[1.0,{"b":18446744073709551615}],${JSON.stringify(plain)}:{${JSON.stringify(plain)}:[true,"x",null,-0]}}`,
      );
    }
    const twice = parseJson('{"\\n":1,"__proto__":{"\\t":2},"\\n":3}') as { [key: string]: JsonValue };
    assert.deepEqual(Object.keys(twice), ['\n', '__proto__']);
    assert.equal(twice['\n'], 3);
  });
});

describe('paths', () => {
  const value: JsonValue = parseJson('{"a":{"b":[10,{"odd key":18446744073709551615}]},"":7}');

  it('P2: a path leads to a value, and its number is whole', () => {
    const get = (text: string) => stringifyJson(getPath(value, parsePath(text) ?? assert.fail(text)) ?? null);
    assert.equal(get('a.b[0]'), '10');
    assert.equal(get('a.b[1]["odd key"]'), '18446744073709551615');
    assert.equal(get('[""]'), '7');
    assert.equal(get('a["b"][0]'), '10');
    assert.equal(get('a.b[2]'), 'null');
    assert.equal(get('a.b.length'), 'null');
    assert.equal(get('a.b[1]["odd key"].source'), 'null');
    assert.equal(parsePath('')?.length, 0);
  });

  it('a text that is no path is undefined', () => {
    for (const text of ['.a', 'a.', 'a..b', 'a[', 'a[-1]', 'a["x]', 'a[b]', '1a', 'a b', '["\\x"]', '.[0]'])
      assert.equal(parsePath(text), undefined, text);
  });
});
