// The document in which an answer is typed: what it begins as, and what is sent for it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { answerDraft, typedError, typedJson } from './answerText.ts';

describe('answers by hand', () => {
  it('P2: begins with the params as a comment, and what stands below is what is sent', () => {
    const draft = answerDraft('get_user', '{\n  "id": 18446744073709551615\n}', 'null', ['Ctrl+Enter']);
    assert.match(draft, /^\/\/ The plugin calls the host method get_user/);
    assert.match(draft, /\/\/ {3}"id": 18446744073709551615|\/\/ +"id": 18446744073709551615/);
    assert.equal(typedJson(draft), 'null');
    assert.equal(
      typedJson('// c\n{ "n": 18446744073709551615,\n  "s": "// no comment" } /* c */'),
      '{ "n": 18446744073709551615, "s": "// no comment" }',
    );
  });

  it('E4: params that hold anything stay in their comment', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.string({ unit: 'binary', maxLength: 60 }),
        (method, text) => {
          assert.equal(typedJson(answerDraft(method, JSON.stringify(text), '1', ['keys'])), '1');
        },
      ),
    );
  });

  it('refuses what is no answer, in a sentence that says where', () => {
    assert.throws(() => typedJson('// nothing\n'), /no answer yet/);
    assert.throws(() => typedJson('{\n  "a": ]'), /^Error: The answer is not JSON: .* in line 2, column 8\.$/);
    assert.throws(() => typedJson('1 /* '), /has no end/);
  });

  it('reads an error as an object or as its message', () => {
    assert.deepEqual(typedError('{ "message": "no \\"user\\"", "code": -32602 }'), {
      kind: 'error',
      code: '-32602',
      message: 'no "user"',
    });
    assert.deepEqual(typedError('"no"'), { kind: 'error', code: '-32000', message: 'no' });
    for (const text of ['null', '{}', '{"code":1.5,"message":"x"}', '{"code":1,"message":2}', '[1]'])
      assert.throws(() => typedError(text), /An error is an object such as/);
  });
});
