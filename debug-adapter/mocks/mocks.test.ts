// Mock files: what they may hold, how their faults are told, and that no number is rounded.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { scanJson } from '../rpc/json-scan.ts';
import { classifyLine, responseLine } from '../rpc/message.ts';
import { Mocks, MocksError } from './mocks.ts';

const message = (source: string) => {
  try {
    Mocks.parse(source, 'hello.mocks.json');
  } catch (error) {
    assert.ok(error instanceof MocksError);
    return error.message;
  }
  return assert.fail('it has no fault');
};

describe('mock files', () => {
  it('map host methods to results', () => {
    const mocks = Mocks.parse('{ "echo" : { "b": 1, "a": [ true, null ] }, "none": null, "": "x" }', 'm.json');
    assert.deepEqual(mocks.methods, ['echo', 'none', '']);
    const rule = (method: string) => ({ by: 'mock', file: 'm.json', method, line: 1 });
    assert.deepEqual(mocks.answer('echo', 'null'), { result: '{"a":[true,null],"b":1}', answeredBy: rule('echo') });
    assert.deepEqual(mocks.answer('none', 'null'), { result: 'null', answeredBy: rule('none') });
    assert.deepEqual(mocks.answer('', 'null'), { result: '"x"', answeredBy: rule('') });
    assert.equal(mocks.answer('other', 'null'), undefined);
    assert.equal(mocks.answer('constructor', 'null'), undefined);
    assert.equal(mocks.answer('__proto__', 'null'), undefined);
    assert.equal(Mocks.NONE.answer('echo', 'null'), undefined);
  });

  it('P1: each answer names its rule and its line, the same value each time', () => {
    const mocks = Mocks.parse('\uFEFF{ // a\r\n\n  "a": [\n1], "b":\n2,\n\n/* x\n */ "c": 3 }', 'm.json');
    const lines = mocks.methods.map((method) => {
      const { answeredBy } = mocks.answer(method, 'null') ?? assert.fail();
      assert.equal(mocks.answer(method, '1')?.answeredBy, answeredBy);
      return answeredBy.by === 'mock' ? `${answeredBy.method} ${answeredBy.line}` : assert.fail();
    });
    assert.deepEqual(lines, ['a 3', 'b 4', 'c 8']);
  });

  it('P2: results keep their numbers', () => {
    const mocks = Mocks.parse('{"a": 18446744073709551615, "b": [1e400, -0, 0.30000000000000000001, 1.0]}', 'm.json');
    assert.equal(mocks.answer('a', 'null')?.result, '18446744073709551615');
    assert.equal(mocks.answer('b', 'null')?.result, '[1e400,-0,0.30000000000000000001,1.0]');
  });

  it('may have comments, commas at the end, and a byte order mark', () => {
    const source =
      '\uFEFF// what the host says\n{\n  "a": "/* no // comment */", /* one\n two */\n  "b": [1, 2,], // last\n}\n';
    const mocks = Mocks.parse(source, 'm.json');
    assert.equal(mocks.answer('a', 'null')?.result, '"/* no // comment */"');
    assert.equal(mocks.answer('b', 'null')?.result, '[1,2]');
  });

  it('P1: a fault is one sentence with file, line and column', () => {
    assert.equal(message('{\n  "a": 1,\n  b: 2\n}'), 'hello.mocks.json:3:3: Expected a key in quotes.');
    assert.equal(message('{\n  "a": 1\n  "b": 2\n}'), 'hello.mocks.json:3:3: Expected `,` or `}`.');
    assert.equal(message('/* x\n */ {"a": tru}'), 'hello.mocks.json:2:11: Expected a value.');
    assert.equal(
      message('{"a": 1 /* never\nends'),
      'hello.mocks.json:1:9: This comment has no end; close it with `*/`.',
    );
    assert.equal(message('{"a": 1'), 'hello.mocks.json:1:8: The text ends inside an object.');
    assert.equal(message(''), 'hello.mocks.json:1:1: The text ends where a value should stand.');
    assert.equal(
      message('[1]'),
      'hello.mocks.json:1:1: A mock file is a JSON object from host method to result, not an array.',
    );
    assert.equal(
      message('\n null'),
      'hello.mocks.json:2:2: A mock file is a JSON object from host method to result, not null.',
    );
    assert.equal(
      message('{"a":1,\n "\\u0061":2}'),
      'hello.mocks.json:2:2: Host method `a` stands here a second time; remove one.',
    );
  });

  it('E4: results are as deep as a plugin can read, and no deeper', () => {
    const nested = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const result = Mocks.parse(nested(126), 'm.json').answer('a', 'null')?.result ?? '';
    assert.equal(classifyLine(responseLine('0', result)).type, 'response');
    const tooDeep = 'hello.mocks.json:1:132: This result is nested deeper than 126 levels, which no plugin could read.';
    assert.equal(message(nested(127)), tooDeep);
    assert.equal(message(nested(1_000_000)), tooDeep);
  });

  it('E4: whatever the file holds, it is read or refused with a MocksError', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b":',
      '1',
      '/',
      '//',
      '/*',
      '*/',
      '\n',
      '"',
      '\\',
      'true',
      '\uFEFF',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => {
        try {
          const mocks = Mocks.parse(`{${pieces.join('')}}`, 'm.json');
          for (const method of mocks.methods)
            assert.equal(scanJson(mocks.answer(method, 'null')?.result ?? '').fault, undefined);
        } catch (error) {
          assert.ok(error instanceof MocksError);
          assert.match(error.message, /^m\.json:\d+:\d+: [A-Z].*\.$/);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
