// Answers by hand that are kept as mocks: for all calls of a method, or for those with the same params; read back by the reader of mock files.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MockMatcher } from '../../debug-adapter/mocks/matcher.ts';
import { readMockSet } from '../../debug-adapter/mocks/mock-set.ts';
import type { MockSet } from '../../debug-adapter/mocks/rules.ts';
import { type GivenByHand, HandAnswers, wantRemembered } from './answerRemembered.ts';
import { hostMethods, type MethodNode, Misses } from './model.ts';

const setOf = (text: string): MockSet => readMockSet({ name: 'm.jsonc', text }, () => undefined);

function methodOf(text: string, name: string): MethodNode {
  const nodes = hostMethods({
    set: setOf(text),
    tallies: [],
    places: new Map(),
    hasHost: false,
    waiting: name,
    idOf: ({ method, number }) => `${method} ${number}`,
    misses: new Misses(),
  });
  const node = nodes.find((each) => each.name === name);
  assert.ok(node);
  return node;
}

/** The file after the answer was kept; `asked` is the number of the rule that asked. */
function kept(text: string, given: GivenByHand, others: readonly string[] = [], asked?: number): string {
  const method = methodOf(text, given.method);
  const rule = method.rules.find(({ rule }) => rule.number === asked);
  const edited = wantRemembered(method, rule, given, others).change(text);
  assert.deepEqual(
    setOf(edited).problems.filter(({ severity }) => severity === 'error'),
    [],
    edited,
  );
  return edited;
}

/** What a call gets by the file: the text of its result, `pause`, or `unmatched`. */
function gets(text: string, params: string): string {
  const decision = new MockMatcher(setOf(text), { seed: 1n, now: () => 0n }).decide('pick', params);
  if (decision.kind !== 'reply') return decision.kind;
  return decision.reply.kind === 'result' ? decision.reply.result : decision.reply.kind;
}

const given = (params: string, json: string): GivenByHand => ({
  session: 's',
  method: 'pick',
  params,
  reply: { kind: 'result', json },
});
const ASKS = '{ "hostMethods": { "pick": [{ "pause": true }] } }';
const NONE = '{ "default": "pause", "hostMethods": { "pick": [] } }';

describe('an answer by hand that is kept', () => {
  it('is for all calls where nothing else is known of the method', () => {
    for (const text of [kept(NONE, given('{"n":1}', '1')), kept(ASKS, given('{"n":1}', '1'), [], 1)]) {
      assert.equal(gets(text, '{"n":1}'), '1');
      assert.equal(gets(text, '{"n":2}'), '1');
    }
  });

  it('P2: is for calls with the same params where the method has other rules', () => {
    const ruled =
      '{ "hostMethods": { "pick": [{ "when": { "params": { "n": 1 } }, "reply": { "result": 1 } } /* one */] } }';
    const text = kept(ruled, given('{"n":18446744073709551615}', '2'));
    assert.match(text, /\/\* one \*\//);
    assert.equal(gets(text, '{"n":1}'), '1');
    assert.equal(gets(text, '{"n":18446744073709551615}'), '2');
    assert.equal(gets(text, '{"n":18446744073709551614}'), 'unmatched');
    const off = ruled.replace('"reply"', '"disabled": true, "reply"');
    assert.equal(gets(kept(off, given('{"n":3}', '3')), '{"n":4}'), '3', 'rules that are off do not count');
  });

  it('is for calls with the same params where another call was answered otherwise by hand', () => {
    const text = kept(ASKS, given('{"n":1}', '1'), ['{"n":1,"m":2}', '{"n":2}'], 1);
    assert.equal(gets(text, '{"n":1}'), '1');
    assert.equal(gets(text, '{"n":2}'), 'pause');
    assert.equal(gets(text, '{"n":1,"m":2}'), 'pause', 'which a part of the params would take too');
  });

  it('comes before what would take its calls, and takes the place of a rule that asks about them alone', () => {
    const general = '{ "hostMethods": { "pick": [{ "reply": { "result": 0 } }] } }';
    const text = kept(general, given('[1, "a"]', '5'));
    assert.equal(gets(text, '[1,"a"]'), '5');
    assert.equal(gets(text, '[1,"b"]'), '0');
    const narrow =
      '{ "hostMethods": { "pick": [{ "when": { "nth": 1 }, "pause": true }, { "reply": { "result": 0 } }] } }';
    assert.equal(gets(kept(narrow, given('7', '6'), [], 1), '8'), '6');
    const short = '{ "pick": 0 }';
    assert.equal(gets(kept(short, given('7', '6')), '7'), '6');
    assert.equal(gets(kept(short, given('7', '6')), '8'), '0');
  });

  it('E4: keeps no secrets of the params, and goes by no params that are very long', () => {
    const ruled = '{ "hostMethods": { "pick": [{ "when": { "params": 1 }, "reply": { "result": 1 } }] } }';
    const text = kept(ruled, given('{"user":"ada","api_key":"hunter2"}', '2'));
    assert.doesNotMatch(text, /hunter2/);
    assert.equal(gets(text, '{"user":"ada","api_key":"other"}'), '2');
    assert.equal(gets(text, '{"user":"bob","api_key":"other"}'), 'unmatched');
    const long = JSON.stringify('x'.repeat(30_000));
    assert.ok(kept(ruled, given(long, '2')).length < 1000);
    const odd = kept(ruled, given('{"$any":true}', '3'));
    assert.equal(gets(odd, '{"$any":true}'), '3');
    assert.equal(gets(odd, '5'), 'unmatched');
  });

  it('is told from earlier ones of its session by method, params and reply', () => {
    const answers = new HandAnswers();
    answers.add(given('1', '"a"'));
    answers.add(given('2', '"b"'));
    answers.add({ ...given('3', '"c"'), method: 'other' });
    answers.add({ ...given('4', '"d"'), session: 't' });
    assert.deepEqual(answers.othersThan(given('1', '"a"')), ['2']);
    assert.deepEqual(answers.othersThan(given('3', '"a"')), ['2']);
    assert.deepEqual(answers.othersThan(given('2', '"z"')), ['1']);
  });
});
