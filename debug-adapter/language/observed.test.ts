// What was seen of host methods: out of messages, and out of whatever a client sends.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CallObserver, MOST_PARAMS, NOTHING_OBSERVED, type ObservedMessage, readObserved } from './observed.ts';

const ask = (id: number, method: string, params: string): ObservedMessage => ({
  dir: 'out',
  time: 0,
  line: `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`,
});
const reply = (id: number, rest: string, more: Partial<ObservedMessage> = {}): ObservedMessage => ({
  ...{ dir: 'in', time: 5, line: `{"jsonrpc":"2.0","id":${id},${rest}}` },
  ...more,
});

describe('what was seen in a call', () => {
  it('P2: has calls, answers, rules, and no number rounded', () => {
    const observer = new CallObserver((ms) => `at ${ms}`);
    const mock = { by: 'mock', file: 'a.mocks.json', method: 'get', rule: 2, line: 4 } as const;
    observer.add(ask(0, 'get', '18446744073709551615'));
    observer.add(reply(0, '"result":18446744073709551615', { answeredBy: mock }));
    observer.add(ask(1, 'get', '7'));
    observer.add(reply(1, '"error":{"code":-1,"message":"no"}', { answeredBy: { by: 'nobody' } }));
    observer.add(ask(2, 'wait', 'null'));
    const unmatched = { params: '7', answer: { kind: 'error', text: '-1: no' } };
    const expected = {
      methods: [
        { method: 'get', calls: 2, params: ['18446744073709551615', '7'], last: unmatched, unmatched },
        { method: 'wait', calls: 1, params: ['null'], last: { params: 'null' } },
      ],
      rules: [
        {
          ...{ file: 'a.mocks.json', method: 'get', number: 2, hits: 1, at: 'at 5' },
          last: { params: '18446744073709551615', answer: { kind: 'result', text: '18446744073709551615' } },
        },
      ],
    };
    assert.deepEqual(observer.observed, expected);
    assert.deepEqual(readObserved(JSON.parse(JSON.stringify(observer.observed))), expected);
  });

  it('keeps few params, and no long ones', () => {
    const observer = new CallObserver(String);
    for (let i = 0; i < 100; i++) observer.add(ask(i, 'm', String(i)));
    observer.add(ask(100, 'm', `"${'x'.repeat(100_000)}"`));
    const [method] = observer.observed.methods;
    assert.equal(method?.params.length, MOST_PARAMS);
    assert.equal(method.last?.params, '"… (100002 characters)"');
  });

  it('takes anything from a client', () => {
    assert.deepEqual(readObserved(undefined), NOTHING_OBSERVED);
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        readObserved(a);
        const read = readObserved({ methods: [{ method: 'm', last: a, params: b }, a], rules: [b] });
        assert.ok(read.methods.some(({ method }) => method === 'm'));
      }),
    );
  });
});
