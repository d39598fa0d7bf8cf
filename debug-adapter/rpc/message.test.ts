// Lines are classified as serde does with pdk's types (golden/serde-verdicts.jsonl holds what the real crate said), every
// misfit has its reason, and nothing throws.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { errorLosses, productionError } from './errors.ts';
import { JsonError } from './json.ts';
import { scanJson } from './json-scan.ts';
import { classifyBytes, classifyLine, errorLine, type InvalidCause, requestLine, responseLine } from './message.ts';
import { compareUtf8, serdeText } from './serde-text.ts';

const verdicts = readFileSync(new URL('./golden/serde-verdicts.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as [line: string, verdict: string]);

describe('classification', () => {
  it('P1: is that of wasmi-plugin-pdk 0.1.0 with serde_json 1.0.154', () => {
    assert.ok(verdicts.length > 400);
    for (const [line, verdict] of verdicts) {
      const message = classifyLine(line);
      const found = message.type === 'invalid' ? 'invalid' : `${message.type} ${message.id}`;
      assert.equal(found, verdict.split(' ', 2).join(' '), line);
    }
  });

  it('P2: what production would write again is what we write, but for numbers, which we keep', () => {
    let compared = 0;
    for (const [line, verdict] of verdicts) {
      const message = classifyLine(line);
      if (message.type === 'invalid') continue;
      const text = verdict.slice(verdict.indexOf('{')).replace(/^\{"jsonrpc":"(?:[^"\\]|\\.)*"/, '{"jsonrpc":"2.0"');
      if (message.type === 'error') {
        assert.equal(errorLine(message.id, productionError(message.code, message.message)), text);
        continue;
      }
      const payload = message.type === 'request' ? message.params : message.result;
      if (scanJson(payload).inexact) continue;
      const ours =
        message.type === 'request'
          ? requestLine(message.id, message.method, serdeText(payload))
          : responseLine(message.id, serdeText(payload));
      assert.equal(ours, text);
      compared++;
    }
    assert.ok(compared > 60);
  });

  it('P2: 2^64-1 is an id, and payloads keep their text', () => {
    const max = '18446744073709551615';
    assert.deepEqual(
      classifyLine(`{"jsonrpc":"2.0","id":${max},"method":"m","params":[${max},-0,0.30000000000000000000001]}`),
      {
        type: 'request',
        id: max,
        method: 'm',
        params: `[${max},-0,0.30000000000000000000001]`,
      },
    );
    assert.deepEqual(classifyLine(responseLine(max, `{"v": ${max}}`)), {
      type: 'response',
      id: max,
      result: `{"v": ${max}}`,
    });
    assert.deepEqual(classifyLine(errorLine(max, { code: -32000, message: 'no "such"\n' })), {
      type: 'error',
      id: max,
      code: '-32000',
      message: 'no "such"\n',
      hasData: false,
    });
  });

  const misfits: [line: string, cause: InvalidCause, reason: string][] = [
    ['hello', 'stray-text', 'it is no JSON'],
    ['', 'stray-text', 'it is an empty line'],
    ['[INFO] ready', 'stray-text', 'it is no JSON'],
    ['{a: 1}', 'stray-text', 'it is no JSON'],
    ['42', 'stray-text', 'it is the number `42`, not a message'],
    ['null', 'stray-text', 'it is null, not a message'],
    ['debug: {"jsonrpc":"2.0","id":0,"result":1}', 'stray-text', '`debug: ` stands before a message on the same line'],
    ['{"jsonrpc":"2.0","id":0,"result":1}done', 'stray-text', '`done` follows a message on the same line'],
    [
      '{"jsonrpc":"2.0","id":0,"result":1}{"jsonrpc":"2.0","id":0,"result":1}',
      'stray-text',
      'two messages stand on one line',
    ],
    ['{"jsonrpc":"2.0","id":0,"result":1', 'malformed-json', 'the text ends inside an object at column 35'],
    [
      '{"jsonrpc":"2.0","id":0,"result":1e400}',
      'malformed-json',
      'a number out of the range of a 64-bit float at column 34',
    ],
    [
      '{"jsonrpc":"2.0","id":0,"result":"\\ud800"}',
      'malformed-json',
      'half of a surrogate pair in a string at column 35',
    ],
    [`{"a":${'['.repeat(127)}`, 'malformed-json', 'nested deeper than 127 levels at column 132'],
    [
      '{"jsonrpc":"2.0","method":"m","params":1}',
      'invalid-message',
      'request `m` without id (production knows no notifications)',
    ],
    ['{"jsonrpc":"2.0","id":1,"params":1}', 'invalid-message', 'request without method'],
    [
      '{"jsonrpc":"2.0","id":1,"method":"m"}',
      'invalid-message',
      'request `m` without params (they must be there, if only as null)',
    ],
    ['{"id":1,"method":"m","params":1}', 'invalid-message', 'request `m` without jsonrpc'],
    [
      '{"jsonrpc":2,"id":1,"method":"m","params":1}',
      'invalid-message',
      'request `m` whose jsonrpc is the number `2`, not a string',
    ],
    [
      '{"jsonrpc":"2.0","id":1,"method":null,"params":1}',
      'invalid-message',
      'request whose method is null, not a string',
    ],
    ['{"jsonrpc":"2.0","id":-1,"result":1}', 'invalid-message', 'response whose id `-1` is negative'],
    [
      '{"jsonrpc":"2.0","id":1.5,"result":1}',
      'invalid-message',
      'response whose id `1.5` is not written as a whole number',
    ],
    [
      '{"jsonrpc":"2.0","id":"7","result":1}',
      'invalid-message',
      'response whose id is the string `"7"`, not an unsigned 64-bit number',
    ],
    [
      '{"jsonrpc":"2.0","id":null,"result":1}',
      'invalid-message',
      'response whose id is null, not an unsigned 64-bit number',
    ],
    [
      '{"jsonrpc":"2.0","id":18446744073709551616,"result":1}',
      'invalid-message',
      'response whose id `18446744073709551616` is over 2^64-1',
    ],
    ['{"jsonrpc":"2.0","id":1,"id":1,"result":1}', 'invalid-message', 'response with two members named id'],
    ['{"jsonrpc":"2.0","id":1}', 'invalid-message', 'it is an object without method, result or error'],
    ['{"jsonrpc":"2.0","id":1,"error":{"code":1}}', 'invalid-message', 'error response whose error has no message'],
    [
      '{"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":""}}',
      'invalid-message',
      'error response whose error code `1.5` is not a whole 64-bit number',
    ],
    [
      '{"jsonrpc":"2.0","id":1,"error":"x"}',
      'invalid-message',
      'error response whose error is the string `"x"`, not an object',
    ],
    ['[{"jsonrpc":"2.0","id":1,"result":1}]', 'invalid-message', 'it is a batch, which production does not know'],
    ['[1,2]', 'invalid-message', 'it is an array of 2 values, not a message'],
  ];
  for (const [line, cause, reason] of misfits)
    it(`P1: ${line.slice(0, 60) || 'an empty line'} is ${cause}: ${reason}`, () => {
      const message = classifyLine(line);
      assert.ok(message.type === 'invalid');
      assert.deepEqual([message.cause, message.reason, message.text], [cause, reason, line]);
    });

  it('P1: bytes that are not UTF-8', () => {
    for (const bytes of [[0xff], [0x22, 0xc3, 0x22], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]) {
      const message = classifyBytes(Uint8Array.from(bytes));
      assert.ok(message.type === 'invalid');
      assert.equal(message.cause, 'not-utf8');
    }
    assert.equal(classifyBytes(new TextEncoder().encode('{"jsonrpc":"2.0","id":1,"result":"é"}')).type, 'response');
  });

  it('E4: a million brackets are one fault, and quick', () => {
    for (const text of [
      '['.repeat(1_000_000),
      '{"a":'.repeat(300_000),
      `{"jsonrpc":"2.0","id":0,"result":${'['.repeat(1_000_000)}`,
    ]) {
      const message = classifyLine(text);
      assert.ok(message.type === 'invalid');
      assert.match(message.reason, /^nested deeper than 127 levels at column \d+$/);
    }
  });

  it('E4: no line makes it throw', () => {
    const seeds = verdicts.map(([line]) => new TextEncoder().encode(line));
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(), fc.nat(6), fc.uint8Array({ maxLength: 3 })), { maxLength: 4 }),
        (seed, edits) => {
          let bytes = [...seed];
          for (const [at, remove, insert] of edits) bytes = bytes.toSpliced(at % (bytes.length + 1), remove, ...insert);
          const message = classifyBytes(Uint8Array.from(bytes));
          if (message.type === 'invalid') assert.ok(message.reason.length > 0 && message.reason.length < 300);
        },
      ),
      { numRuns: 5000 },
    );
  });
});

describe('the text that serde_json writes', () => {
  it('is compact, with keys in the order of their bytes, the last of equal keys, and whole numbers', () => {
    assert.equal(
      serdeText(' { "b" : [ 1.0 , -0 , 1E2 ] , "a" : null , "b" : 18446744073709551615 } '),
      '{"a":null,"b":18446744073709551615}',
    );
    assert.equal(serdeText('{"10":1,"9":2,"\\u0041":"\\/\\u0001\\ud83d\\ude00"}'), '{"10":1,"9":2,"A":"/\\u0001😀"}');
    assert.equal(serdeText('{"\\uffff":1,"😀":2,"z":3}'), '{"z":3,"\uffff":1,"😀":2}');
    assert.equal(serdeText('{"a":[1,2,],}', { trailingCommas: true }), '{"a":[1,2]}');
    assert.throws(() => serdeText('[1,]'), JsonError);
    assert.throws(() => serdeText('['.repeat(100_000)), JsonError);
  });

  it('orders strings as their UTF-8 bytes do', () => {
    const encoder = new TextEncoder();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        assert.equal(Math.sign(compareUtf8(a, b)), Buffer.compare(encoder.encode(a), encoder.encode(b)));
      }),
    );
  });
});

describe('errors', () => {
  it('E3: standard codes keep their code and lose their message, others become -32000 and keep it', () => {
    const standard: [number, string][] = [
      [-32700, 'Parse error'],
      [-32600, 'Invalid request'],
      [-32601, 'Method not found'],
      [-32602, 'Invalid params'],
      [-32603, 'Internal error'],
    ];
    for (const [code, message] of standard) assert.deepEqual(productionError(code, 'mine'), { code, message });
    for (const code of [0, -32000, -32099, 42, '9223372036854775807'])
      assert.deepEqual(productionError(code, 'mine'), { code: -32000, message: 'mine' });
    assert.deepEqual(productionError('-32602', ''), { code: -32602, message: 'Invalid params' });
  });

  it('E3: what is lost is said', () => {
    assert.deepEqual(errorLosses('42', 'mine', true), ['its code 42 becomes -32000', 'its data is dropped']);
    assert.deepEqual(errorLosses(-32601, 'no echo', false), ['its message becomes "Method not found"']);
    assert.deepEqual(errorLosses(-32000, 'mine', false), []);
  });
});
