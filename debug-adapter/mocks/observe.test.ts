// What became of a mock file in a call, and mock files out of recordings: the same calls get the same answers. Contract P2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AnsweredBy } from '../rpc/answered-by.ts';
import { parseJson } from '../rpc/json.ts';
import { errorLine, requestLine, responseLine } from '../rpc/message.ts';
import { serdeText } from '../rpc/serde-text.ts';
import { mocksFromEvents } from './from-recording.ts';
import { MockMatcher } from './matcher.ts';
import { Mocks } from './mocks.ts';
import { type MessageEvent, missedTimes, nearMiss, observeMocks, unusedRules } from './observe.ts';

/** A call of a host method and its answer: a result, or an error's message. */
type Exchange = readonly [method: string, params: string, result: string | undefined, error?: string];

/** The messages of a call whose host is `mocks`, or is as told. */
function eventsOf(
  exchanges: readonly Exchange[],
  answeredBy: (i: number) => AnsweredBy = () => ({ by: 'host', command: 'x' }),
): MessageEvent[] {
  const events: MessageEvent[] = [{ kind: 'rpc', seq: 0, dir: 'in', line: requestLine('0', 'run', 'null') }];
  for (const [i, [method, params, result, error]] of exchanges.entries()) {
    const id = String(i);
    events.push({ kind: 'rpc', seq: events.length, dir: 'out', line: requestLine(id, method, params) });
    events.push({ kind: 'syscall', seq: events.length });
    const line =
      result === undefined ? errorLine(id, { code: -32000, message: error ?? 'no' }) : responseLine(id, result);
    events.push({ kind: 'rpc', seq: events.length, dir: 'in', line, answeredBy: answeredBy(i) });
  }
  return events;
}

describe('what became of a mock file', () => {
  const { set } = Mocks.parse(
    JSON.stringify({
      hostMethods: {
        m: [
          { when: { params: { id: 1 } }, reply: { result: 'one' }, times: 2 },
          { when: { params: { id: 2 }, state: 'b' }, reply: { result: 'two' } },
          { name: 'other', when: { params: { kind: 'x' } }, reply: { result: 'x' }, setState: 'b' },
        ],
        n: [{ reply: { result: 0 }, times: [0, 1] }],
      },
    }),
    'a.json',
  );
  const matcher = new MockMatcher(set, { seed: 1n, now: () => 0n });
  const calls: readonly (readonly [string, string])[] = [
    ['m', '{"id":1}'],
    ['m', '{"id":2,"kind":"y"}'],
    ['m', '{"kind":"x"}'],
    ['m', '{"id":2}'],
    ['q', '[]'],
  ];
  const sources: AnsweredBy[] = [];
  const exchanges = calls.map(([method, params]): Exchange => {
    const decision = matcher.decide(method, params);
    sources.push(decision.kind === 'reply' ? decision.answeredBy : { by: 'nobody' });
    return [
      method,
      params,
      decision.kind === 'reply' && decision.reply.kind === 'result' ? decision.reply.result : undefined,
    ];
  });
  const observations = observeMocks(
    set,
    eventsOf(exchanges, (i) => sources[i] ?? assert.fail()),
  );

  it('hits, last calls and answers, out of the messages alone', () => {
    const m = observations.methods.get('m') ?? assert.fail();
    assert.deepEqual([m.calls, m.unmatched, m.passedOn], [4, 1, 0]);
    assert.deepEqual(
      m.rules.map(({ hits }) => hits),
      [1, 1, 1],
    );
    assert.equal(m.rules[1]?.last?.params, '{"id":2}');
    assert.ok(m.last?.answer?.kind === 'result' && m.last.answer.result === '"two"');
    assert.equal(observations.state, matcher.state);
    assert.deepEqual([...observations.methods.keys()], ['m', 'n', 'q']);
  });

  it('P1: the rule that came closest, and what differed', () => {
    const call = observations.methods.get('m')?.lastUnmatched ?? assert.fail();
    const miss = nearMiss(set, call) ?? assert.fail();
    assert.deepEqual([miss.rule.number, miss.field, miss.path, miss.differences], [1, 'id', ['id'], 1]);
    assert.equal(miss.message, '`id` is 2, and the rule wants 1.');
    const other = nearMiss(set, { method: 'm', params: '{"id":2}', nth: 1, state: 'start' });
    assert.equal(other?.message, '`id` is 2, and the rule wants 1.');
    assert.equal(nearMiss(set, { method: 'q', params: '{}', nth: 1, state: 'start' }), undefined);
  });

  it('expected calls that did not come, and rules that answered none', () => {
    assert.deepEqual(
      missedTimes(observations).map(({ message }) => message),
      ['Rule 1 of `m` in a.json, line 1, was to answer 2 calls, and answered 1.'],
    );
    assert.deepEqual(unusedRules(observations), []);
    const none = observeMocks(set, []);
    assert.deepEqual(
      unusedRules(none).map(({ method, number }) => `${method} ${number}`),
      ['m 1', 'm 2', 'm 3'],
    );
  });
});

describe('replies that were changed before they were read', () => {
  const { set } = Mocks.parse('{"hostMethods":{"m":[{"reply":{"result":1}}],"n":[{"reply":{"result":2}}]}}', 'a.json');
  const mock = (method: string): AnsweredBy => ({ by: 'mock', file: 'a.json', method, line: 1, rule: 1 });
  const message = (seq: number, dir: 'in' | 'out', line: string, answeredBy?: AnsweredBy): MessageEvent => ({
    ...{ kind: 'rpc', seq, dir, line },
    ...(answeredBy === undefined ? {} : { answeredBy }),
  });
  const events = [
    message(0, 'out', requestLine('0', 'm', 'null')),
    message(1, 'out', requestLine('1', 'n', 'null')),
    message(2, 'in', responseLine('0', '1'), mock('m')),
    message(3, 'in', responseLine('1', '2'), mock('n')),
    message(4, 'in', responseLine('0', '"hand"'), { by: 'hand', changes: 2 }),
    { kind: 'edit', seq: 5, space: 'reply', index: 3 },
  ];

  it('count for their rule, and are what they became', () => {
    const { methods } = observeMocks(set, events);
    const [m, n] = ['m', 'n'].map((name) => methods.get(name));
    assert.deepEqual([m?.rules[0]?.hits, m?.byHand, n?.rules[0]?.hits], [1, 0, 1]);
    assert.ok(m?.last?.answer?.kind === 'result' && m.last.answer.result === '"hand"');
    assert.equal(n?.last?.answer, undefined);
    const late = observeMocks(set, [...events, message(6, 'in', responseLine('1', '3'), { by: 'hand' })]).methods;
    assert.deepEqual([late.get('n')?.last?.answer?.seq, late.get('n')?.byHand], [6, 1]);
  });
});

describe('mock files out of recordings', () => {
  const replay = (text: string, exchanges: readonly Exchange[]): void => {
    const mocks = Mocks.parse(text, 'made.jsonc');
    const matcher = new MockMatcher(mocks.set, { seed: 1n, now: () => 0n });
    for (const [method, params, result, error] of exchanges) {
      const decision = matcher.decide(method, params);
      assert.ok(decision.kind === 'reply', `${method} ${params} in ${text}`);
      if (result === undefined)
        assert.ok(decision.reply.kind === 'error' && decision.reply.message === (error ?? 'no'), text);
      else
        assert.equal(
          decision.reply.kind === 'result' ? decision.reply.result : decision.reply.kind,
          serdeText(result),
          text,
        );
    }
  };

  it('P2: the same calls get the same answers', () => {
    const scalar = fc.constantFrom(
      '0',
      '1',
      '18446744073709551615',
      '1.0',
      '"a"',
      'null',
      '{"$param":"x"}',
      '{"$any":true}',
      '{}',
    );
    const object = fc.dictionary(fc.constantFrom('a', 'b', '$c', '__proto__'), scalar, { maxKeys: 3 }).map(
      (members) =>
        `{${Object.entries(members)
          .map(([key, value]) => `${JSON.stringify(key)}:${value}`)
          .join()}}`,
    );
    const json = fc.oneof(
      scalar,
      object,
      fc.array(scalar, { maxLength: 2 }).map((items) => `[${items.join()}]`),
    );
    const exchange: fc.Arbitrary<Exchange> = fc.tuple(
      fc.constantFrom('m', 'n'),
      json,
      fc.option(json, { nil: undefined, freq: 5 }),
      fc.constantFrom('no', 'never'),
    );
    fc.assert(
      fc.property(fc.array(exchange, { maxLength: 12 }), (exchanges) => {
        const made = mocksFromEvents(eventsOf(exchanges), { names: [], values: [] });
        assert.equal(made.calls, exchanges.length);
        replay(made.text, exchanges);
      }),
      { numRuns: 3000 },
    );
  });

  it('calls that get one answer share a rule', () => {
    const users: Exchange[] = [
      ['user', '{"id":1,"at":100}', '{"n":"Ada"}'],
      ['user', '{"id":1,"at":101}', '{"n":"Ada"}'],
      ['user', '{"id":2,"at":102}', '{"n":"Bob"}'],
      ['echo', '1', '1'],
      ['echo', '[2]', '[2]'],
      ['log', '{"text":"a"}', 'null'],
      ['log', '{"text":"b"}', 'null'],
      ['poll', '[]', '"wait"'],
      ['poll', '[]', '"done"'],
    ];
    const made = mocksFromEvents(eventsOf(users));
    assert.equal(
      made.text,
      `// 9 calls of 4 host methods, made of a recording.
{
  "hostMethods": {
    "user": [
      { "when": { "params": { "id": 1, "at": { "$any": true } } }, "reply": { "result": { "n": "Ada" } } },
      { "when": { "params": { "id": 2, "at": 102 } }, "reply": { "result": { "n": "Bob" } } }
    ],
    "echo": [
      { "reply": { "result": { "$param": "" } } }
    ],
    "log": [
      { "reply": { "result": null } }
    ],
    "poll": [
      { "reply": { "sequence": [{ "result": "wait" }, { "result": "done" }], "then": "stay" } }
    ]
  }
}
`,
    );
    replay(made.text, users);
  });

  it('what looks like a secret is left out', () => {
    const secrets: Exchange[] = [
      [
        'login',
        '{"user":"ada","password":"hunter2"}',
        '{"access_token":"abc","expires":3600,"deep":{"api_key":[1,"x"]}}',
      ],
      ['login', '{"user":"bob","password":"hunter3"}', '{"link":"https://u:p@host/","note":"Bearer abcdefgh12345678"}'],
      ['get', '{"url":"x"}', undefined, 'denied for sk-live-0123456789abcdef0123'],
    ];
    const made = mocksFromEvents(eventsOf(secrets));
    assert.doesNotMatch(made.text, /hunter|abc|u:p@|sk-live/);
    assert.match(made.text, /"password": \{ "\$any": true \}/);
    const matcher = new MockMatcher(Mocks.parse(made.text, 'made').set, { seed: 1n, now: () => 0n });
    const decision = matcher.decide('login', '{"user":"ada","password":"other"}');
    assert.ok(decision.kind === 'reply' && decision.reply.kind === 'result');
    assert.deepEqual(parseJson(decision.reply.result), {
      access_token: 'REDACTED',
      deep: { api_key: [0, 'REDACTED'] },
      expires: 3600,
    });
    assert.ok(mocksFromEvents(eventsOf(secrets), { names: [], values: [] }).text.includes('hunter2'));
  });

  it('calls without an answer are counted', () => {
    const events = eventsOf([['m', '1', '1']], () => ({ by: 'nobody' }));
    const made = mocksFromEvents([...events, { kind: 'rpc', seq: 9, dir: 'out', line: requestLine('7', 'm', '2') }]);
    assert.deepEqual([made.calls, made.left, made.rules], [0, 2, 0]);
    assert.deepEqual(Mocks.parse(made.text, 'made').methods, []);
  });
});
