// Headlines of lines short and long: the same words for both, and bounded work for the long ones.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headline as headlineOf } from './headline.ts';

const headline = (line: string) => headlineOf({ line, bytes: new TextEncoder().encode(line) });

const LONG = 'x'.repeat(100_000);

describe('headline', () => {
  it('names request, result, error, and what is no message', () => {
    assert.deepEqual(headline('{"jsonrpc":"2.0","id":7,"method":"echo","params":[1]}'), {
      kind: 'request',
      id: '7',
      method: 'echo',
      payload: '[1]',
    });
    assert.deepEqual(headline('{"jsonrpc":"2.0","id":18446744073709551615,"result":1.0}'), {
      kind: 'result',
      id: '18446744073709551615',
      payload: '1.0',
    });
    assert.deepEqual(headline('{"jsonrpc":"2.0","id":0,"error":{"code":-32601,"message":"no"}}'), {
      kind: 'error',
      id: '0',
      payload: '-32601 "no"',
    });
    assert.equal(headline('hello').kind, 'invalid');
  });

  it('E2: of a long line both ends are enough, in whatever order its members stand', () => {
    for (const line of [
      `{"jsonrpc":"2.0","id":3,"method":"put \\"it\\"","params":{"data":"${LONG}"}}`,
      `{"method":"put \\"it\\"","params":{"data":"${LONG}"},"id":3,"jsonrpc":"2.0"}`,
      ` { "params" : {"data":"${LONG}"} , "method" : "put \\"it\\"" , "id" : 3 , "jsonrpc" : "2.0" } `,
    ]) {
      const head = headline(line);
      assert.ok(head.kind === 'request' && head.id === '3' && head.method === 'put "it"', line.slice(0, 40));
      assert.match(head.payload, /^\{"data":"x/);
      assert.ok(head.payload.length < 5000);
    }
    const result = headline(`{"jsonrpc":"2.0","id":3,"result":"${LONG}"}`);
    assert.ok(result.kind === 'result' && result.id === '3');
  });

  it('a long line that only looks like a message inside a text is none', () => {
    const text = JSON.stringify(`,"id":5}`);
    const head = headline(`{"jsonrpc":"2.0","result":"${LONG}","z":${text}}`);
    assert.equal(head.kind, 'invalid');
    assert.equal(headline(LONG).kind, 'invalid');
    assert.equal(headline(`{"id":7,"method":"\\q","params":"${LONG}"}`).kind, 'invalid');
    assert.equal(headline(`{"id":"7","result":"${LONG}"}`).kind, 'invalid');
  });
});
