// Matching against a slow oracle: a second reading of the page docs/mock-files.md, over plain JSON, that shares no code with the first. Contract P2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseJson } from '../rpc/json.ts';
import { worked } from '../testing/lateness.ts';
import { type MockDecision, MockMatcher } from './matcher.ts';
import { Mocks } from './mocks.ts';
import { nearMiss } from './observe.ts';
import { compileRegex, matches, mismatches } from './pattern.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const key = fc.constantFrom('a', 'b', 'id', '__proto__', 'constructor', 'ü x');
/** Numbers a double holds: JSON.parse is the oracle's reader. */
const scalar = fc.oneof(
  fc.constantFrom<Json>(null, true, false, '', 'a', 'ab', 'b', 0, 1, 2, 1.5, -1, 1e21),
  fc.integer({ min: -3, max: 3 }),
);
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3 }),
  ),
}));
const { pattern } = fc.letrec<{ pattern: Json }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.constantFrom<Json>(
      { $any: true },
      { $absent: true },
      { $regex: '^a' },
      { $regex: 'b$' },
      { $gt: 0 },
      { $lt: 2, $gt: -1 },
    ),
    fc.record({ $literal: value }),
    fc.record({ $oneOf: fc.array(tie('pattern'), { minLength: 1, maxLength: 3 }) }),
    fc.array(tie('pattern'), { maxLength: 3 }),
    fc.dictionary(key, tie('pattern'), { maxKeys: 3 }),
  ),
}));

const same = (a: Json | undefined, b: Json | undefined): boolean => {
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [x, y] = [Object.keys(a).sort(), Object.keys(b).sort()];
  return x.join('\n') === y.join('\n') && x.every((name) => same((a as never)[name], (b as never)[name]));
};

function oracle(pattern: Json, value: Json | undefined): boolean {
  if (typeof pattern !== 'object' || pattern === null) return pattern === value;
  if (Array.isArray(pattern))
    return (
      Array.isArray(value) && value.length === pattern.length && pattern.every((item, i) => oracle(item, value[i]))
    );
  const names = Object.keys(pattern);
  if (names.length > 0 && names.every((name) => name.startsWith('$')))
    return names.every((name) => {
      const wants = pattern[name] as Json;
      switch (name) {
        case '$any':
          return value !== undefined;
        case '$absent':
          return value === undefined;
        case '$regex':
          return typeof value === 'string' && new RegExp(String(wants)).test(value);
        case '$gt':
          return typeof value === 'number' && value > Number(wants);
        case '$lt':
          return typeof value === 'number' && value < Number(wants);
        case '$oneOf':
          return (wants as Json[]).some((one) => oracle(one, value));
        default:
          return same(wants, value);
      }
    });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return names.every((name) => oracle(pattern[name] as Json, Object.hasOwn(value, name) ? value[name] : undefined));
}

const setOf = (rules: unknown, rest: object = {}) =>
  Mocks.parse(JSON.stringify({ ...rest, hostMethods: { m: rules } }), 'm.json').set;
const matcherOf = (rules: unknown, rest: object = {}, seed = 1n) =>
  new MockMatcher(setOf(rules, rest), { seed, now: () => 1_700_000_000_123_456_789n });
const answerOf = (decision: MockDecision): string =>
  decision.kind === 'reply'
    ? decision.reply.kind === 'result'
      ? decision.reply.result
      : decision.reply.kind === 'error'
        ? `error ${decision.reply.code} ${decision.reply.message}`
        : decision.reply.kind
    : decision.kind;

describe('matching', () => {
  it('a pattern matches what the oracle says; where it does not, a mismatch says why', () => {
    fc.assert(
      fc.property(pattern, value, (pattern, value) => {
        const set = setOf([{ when: { params: pattern }, reply: { result: 1 } }]);
        const compiled = set.methods.get('m')?.rules[0]?.when.params ?? assert.fail();
        const params = parseJson(JSON.stringify(value));
        const expected = oracle(pattern, value);
        assert.equal(matches(compiled, params), expected);
        const found = mismatches(compiled, params);
        assert.equal(found.length === 0, expected);
        for (const { message } of found) assert.match(message, /^`[^\n]+\.$/);
      }),
      { numRuns: 3000 },
    );
  });

  it('the first rule whose `when` holds answers, whatever else there is', () => {
    const when = fc.record(
      {
        params: pattern,
        nth: fc.constantFrom<Json>(1, [1, 3], { $gt: 1 }),
        state: fc.constantFrom<Json>('s', ['s', 't'], 't'),
      },
      { requiredKeys: [] },
    );
    const rule = fc.record({ when, disabled: fc.boolean(), setState: fc.constantFrom('s', 't') }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), fc.array(value, { maxLength: 6 }), (rules, calls) => {
        const numbered = rules.map((each, i) => ({ ...each, reply: { result: i } }));
        const matcher = matcherOf(numbered, { states: ['s', 't'] });
        let state = 's';
        for (const [call, params] of calls.entries()) {
          const holds = ({ when = {}, disabled }: (typeof rules)[number]): boolean => {
            const nth =
              when.nth === undefined ||
              (Array.isArray(when.nth) ? when.nth.includes(call + 1) : oracle(when.nth, call + 1));
            const states = when.state === undefined || [when.state].flat().includes(state);
            return !disabled && nth && states && (when.params === undefined || oracle(when.params, params));
          };
          const expected = rules.findIndex(holds);
          const decision = matcher.decide('m', JSON.stringify(params));
          assert.equal(answerOf(decision), expected < 0 ? 'unmatched' : String(expected));
          state = rules[expected]?.setState ?? state;
          assert.equal(matcher.state, state);
          if (expected < 0 && rules.length > 0) {
            const miss = nearMiss(matcher.set, { method: 'm', params: JSON.stringify(params), nth: call + 1, state });
            assert.match(miss?.message ?? '', /\.$/);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('P2: numbers are compared by their digits', () => {
    const answers = (when: string, ...params: string[]): string[] => {
      const text = `{"hostMethods":{"m":[{"when":{"params":${when}},"reply":{"result":{"$param":""}}}]}}`;
      const matcher = new MockMatcher(Mocks.parse(text, 'm').set, { seed: 1n, now: () => 0n });
      return params.map((each) => answerOf(matcher.decide('m', each)));
    };
    const [least, most] = ['18446744073709551614', '18446744073709551615'];
    assert.deepEqual(answers(most, most, least, '18446744073709551615.0', '18446744073709551616'), [
      most,
      'unmatched',
      '18446744073709551615.0',
      'unmatched',
    ]);
    assert.deepEqual(answers(`{"$gt":${least}}`, most, least), [most, 'unmatched']);
    assert.deepEqual(answers(`{"$lt":${most}}`, most, least), ['unmatched', least]);
    assert.deepEqual(answers(`{"$schema":{"maximum":${least}}}`, most, least), ['unmatched', least]);
    assert.deepEqual(answers(`{"$schema":{"const":${most},"type":"integer"}}`, most, least), [most, 'unmatched']);
    assert.deepEqual(answers('{"$schema":{"multipleOf":0.1}}', '0.3', '0.35'), ['0.3', 'unmatched']);
  });

  it('E4: patterns take time in proportion to the text', () => {
    const text = `${'a'.repeat(100_000)}!`;
    for (const source of ['^(a+)+$', '^(a|a)*$', '(a*)*b', '^(([a-z])+.)+[A-Z]([a-z])+$']) {
      const took = worked(() => assert.equal(compileRegex(source).test(text), false));
      assert.ok(took < 5000, `${source} took ${took} ms`);
    }
    assert.throws(() => compileRegex('(?=a)'));
    assert.throws(() => compileRegex('a'.repeat(1001)), /longer than 1000/);
  });

  it('E4: a schema that refers to itself ends', () => {
    const tree = {
      $defs: { node: { properties: { next: { $ref: '#/$defs/node' } }, required: ['v'] } },
      $ref: '#/$defs/node',
    };
    const matcher = matcherOf([{ when: { params: { $schema: tree } }, reply: { result: 1 } }]);
    assert.equal(answerOf(matcher.decide('m', '{"v":1,"next":{"v":2}}')), '1');
    assert.equal(answerOf(matcher.decide('m', '{"v":1,"next":{}}')), 'unmatched');
    const endless = matcherOf([
      { when: { params: { $schema: { allOf: [{ $ref: '#' }, { $ref: '#' }] } } }, reply: { result: 1 } },
    ]);
    assert.equal(answerOf(endless.decide('m', '{}')), 'unmatched');
    const chain = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`d${i}`, { $ref: `#/$defs/d${i + 1}` }]));
    const long = { $defs: { ...chain, d5000: true }, $ref: '#/$defs/d0' };
    assert.throws(
      () => matcherOf([{ when: { params: { $schema: long } }, reply: { result: 1 } }]),
      /more than 500 schemas/,
    );
  });
});

describe('replies', () => {
  it('sequences stay or cycle', () => {
    const sequence = [{ result: 1 }, { error: { code: -7, message: 'no' } }, { never: true }];
    const answers = (rule: object): string[] => {
      const matcher = matcherOf([rule]);
      return Array.from({ length: 5 }, () => answerOf(matcher.decide('m', 'null')));
    };
    assert.deepEqual(answers({ reply: { sequence } }), ['1', 'error -7 no', 'never', 'never', 'never']);
    assert.deepEqual(answers({ reply: { sequence, ...Object.fromEntries([['then', 'cycle']]) } }), [
      '1',
      'error -7 no',
      'never',
      '1',
      'error -7 no',
    ]);
  });

  it('E7: chance is the seed’s, the method’s and the number’s of the call, whatever other rules there are', () => {
    const result = {
      n: { $random: { from: 1, to: '18446744073709551615' as unknown } },
      u: { $random: 'uuid' },
      f: { $random: 'fraction' },
      c: { $random: { oneOf: ['x', { $count: 'method' }] } },
    };
    const text = (rules: unknown[]): string =>
      JSON.stringify({ hostMethods: { m: rules } }).replaceAll('"18446744073709551615"', '18446744073709551615');
    const answers = (rules: unknown[], seed: bigint): string[] => {
      const matcher = new MockMatcher(Mocks.parse(text(rules), 'm').set, { seed, now: () => 0n });
      return Array.from({ length: 20 }, () => answerOf(matcher.decide('m', '1')));
    };
    const rule = { reply: { result } };
    const first = answers([rule], 1n);
    assert.deepEqual(answers([{ when: { params: 2 }, reply: { result: 0 } }, rule], 1n), first);
    assert.notDeepEqual(answers([rule], 2n), first);
    assert.equal(new Set(first).size, 20);
    for (const each of first) {
      const { u, f } = JSON.parse(each) as { u: string; f: number };
      assert.match(u, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
      assert.ok(f >= 0 && f < 1);
    }
  });

  it('templates quote the call', () => {
    const result = {
      a: { $param: 'u[1].x' },
      b: { $param: 'no', or: { $count: 'rule' } },
      c: { $now: 'ms' },
      d: { $now: 'iso' },
      e: { $literal: { $param: 'x' } },
      $x: 1,
      z: [{ $param: '' }],
    };
    const matcher = matcherOf([{ reply: { result } }]);
    assert.equal(
      answerOf(matcher.decide('m', '{"u":[0,{"x":18446744073709551615}]}')),
      '{"$x":1,"a":18446744073709551615,"b":1,"c":1700000000123,"d":"2023-11-14T22:13:20.123Z","e":{"$param":"x"},"z":[{"u":[0,{"x":18446744073709551615}]}]}',
    );
    assert.match(
      answerOf(matcher.decide('m', '[]')),
      /^error -32000 m\.json:1:\d+: \{"\$param": "u\[1\]\.x"\} refers to nothing/,
    );
  });
});

describe('a file that changes', () => {
  it('rules keep their counts, also where they were edited, and the scenario its state', () => {
    const sequence = { reply: { sequence: [{ result: 1 }, { result: 2 }, { result: 3 }] } };
    const matcher = matcherOf([sequence]);
    assert.equal(answerOf(matcher.decide('m', '0')), '1');
    matcher.replace(setOf([{ when: { params: 9 }, reply: { result: 9 }, setState: 'x' }, sequence]));
    assert.equal(answerOf(matcher.decide('m', '0')), '2');
    assert.equal(answerOf(matcher.decide('m', '9')), '9');
    matcher.replace(setOf([sequence]));
    assert.equal(matcher.state, 'x');
    assert.equal(answerOf(matcher.decide('m', '0')), '3');
    matcher.replace(setOf([{ reply: { result: { $count: 'rule' } } }]));
    assert.equal(answerOf(matcher.decide('m', '0')), '4');
    matcher.replace(setOf([]));
    matcher.replace(setOf([sequence]));
    assert.equal(answerOf(matcher.decide('m', '0')), '1');
  });
});
