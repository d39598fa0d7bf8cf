import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Outcome } from '../executor/options.ts';
import { getPath, parseJson, stringifyJson } from '../rpc/json.ts';
import { outcomeJson } from './outcome-json.ts';

const base: Outcome = {
  kind: 'result',
  result: 'null',
  error: undefined,
  fault: undefined,
  exitCode: 0,
  fuel: { consumed: 1234, slice: 100_000, left: 5, yields: 2, exact: false },
  events: { rpc: 4, syscall: 9 },
  stderr: ['one', 'two "quoted"'],
  wallMs: 12.34567,
};

const REST = { fuel: { consumed: 1234, yields: 2, exact: false }, events: { rpc: 4, syscall: 9 }, stderr: base.stderr };

describe('--json', () => {
  it('is one object with these fields, and no others', () => {
    const wallMs = 12.346;
    assert.deepEqual(JSON.parse(outcomeJson(base)), { result: null, ...REST, wallMs });
    const seenAs = { code: -32000, message: 'no' };
    assert.deepEqual(
      JSON.parse(outcomeJson({ ...base, kind: 'error', result: undefined, error: { code: 7, message: 'no', seenAs } })),
      { error: { code: 7, message: 'no' }, ...REST, wallMs },
    );
    for (const kind of ['fault', 'limit', 'terminated'] as const)
      assert.deepEqual(
        JSON.parse(outcomeJson({ ...base, kind, result: undefined, fault: { kind: 'hang', message: 'It hangs.' } })),
        { fault: { kind: 'hang', message: 'It hangs.' }, ...REST, wallMs },
      );
  });

  it('P2: keeps every digit of the result', () => {
    const text =
      '{"big":18446744073709551615,"small":-9223372036854775808,"exact":0.1000000000000000055511151231257827}';
    assert.ok(outcomeJson({ ...base, result: text }).startsWith(`{"result":${text},`));
    const numbers = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map(String),
      fc.double().map(String),
    );
    fc.assert(
      fc.property(fc.array(numbers.filter((text) => /\d/.test(text) && !/^(-?Inf|NaN)/.test(text))), (list) => {
        const json = parseJson(outcomeJson({ ...base, result: `[${list.join(',')}]` }));
        assert.equal(stringifyJson(getPath(json, ['result']) ?? null), stringifyJson(parseJson(`[${list.join(',')}]`)));
      }),
    );
  });

  it('adds what a replay has to say', () => {
    const replay = { exact: true, events: 3, cutShort: false };
    assert.deepEqual(JSON.parse(outcomeJson(base, { replay })), { result: null, ...REST, wallMs: 12.346, replay });
  });
});
