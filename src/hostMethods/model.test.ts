// What the tree shows of mocks, calls and sources, and what its rows want of the mock file.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readMockSet } from '../../debug-adapter/mocks/mock-set.ts';
import type { MockRule, MockSet } from '../../debug-adapter/mocks/rules.ts';
import type { AnsweredBy } from '../../debug-adapter/rpc/answered-by.ts';
import type { Filler } from '../../debug-adapter/session/store-fixture.ts';
import { launched } from '../transcript/callFixture.ts';
import { delayOf, errorOf } from './answerText.ts';
import { CallTally } from './callTally.ts';
import { block, plain } from './markdown.ts';
import { hostMethods, type MethodNode, Misses, type ModelParts } from './model.ts';
import { methodJson, methodLook, ruleLook, tooltipOf } from './rowText.ts';
import { RuleIds } from './ruleIds.ts';
import { wantDelay, wantMoved, wantPause, wantReply, wantTurned } from './wanted.ts';

const MOCKS = `{
  "hostMethods": {
    "get_user": [
      { "when": { "params": { "name": "Ada" } }, "reply": { "result": 18446744073709551615 } },
      { "when": { "params": { "name": "Bob" } }, "reply": { "error": { "code": -1, "message": "no" } }, "disabled": true }
    ],
    "log": [{ "reply": { "result": null } }],
    "ask": [{ "pause": true }]
  }
}`;
const ids = new RuleIds();
const read = (text: string): MockSet => {
  const set = readMockSet({ name: '/m.mocks.jsonc', text }, () => undefined);
  ids.follow(set);
  return set;
};
const idOf = (rule: MockRule): string => ids.of(rule);

function rulesOf(set: MockSet): ConstructorParameters<typeof CallTally>[1] {
  return {
    initialState: set.initialState,
    idOf,
    find: ({ method, rule = 0 }) => set.methods.get(method)?.rules.find(({ number }) => number === rule),
  };
}

const encoder = new TextEncoder();
const reply = (filler: Filler, id: number, result: string, answeredBy?: AnsweredBy): void => {
  const line = encoder.encode(`{"jsonrpc":"2.0","id":${id},"result":${result}}`);
  filler.log.rpc('in', line, 0, 100 * id, id, answeredBy);
};

function tally(set: MockSet, fill: (filler: Filler) => void): CallTally {
  const counted = new CallTally(launched({}, fill), rulesOf(set));
  assert.ok(counted.advance(() => 0, 1));
  return counted;
}

const parts = (
  set: MockSet | undefined,
  tallies: readonly CallTally[],
  more: Partial<ModelParts> = {},
): ModelParts => ({
  set,
  tallies,
  places: new Map(),
  hasHost: false,
  waiting: undefined,
  idOf,
  misses: new Misses(),
  ...more,
});
const named = (methods: readonly MethodNode[], name: string): MethodNode => {
  const found = methods.find((method) => method.name === name);
  assert.ok(found, `${name} is not there`);
  return found;
};

describe('the model of Host Methods', () => {
  const set = read(MOCKS);
  const calls = (filler: Filler): void => {
    filler.request('in', 0, 'greet');
    filler.request('out', 0, 'get_user', '{"name":"Ada"}');
    reply(filler, 0, '18446744073709551615', {
      by: 'mock',
      file: '/m.mocks.jsonc',
      method: 'get_user',
      line: 4,
      rule: 1,
    });
    filler.request('out', 1, 'get_user', '{"name":"Eve"}');
    reply(filler, 1, 'null', { by: 'nobody' });
    filler.request('out', 2, 'time');
    reply(filler, 2, '5', { by: 'host', command: 'x' });
    filler.request('out', 3, 'hand');
    reply(filler, 3, '6', { by: 'hand' });
    filler.request('out', 4, 'open');
  };

  it('knows methods from mocks, calls and sources, each once', () => {
    const places = new Map([
      ['log', [{ file: '/a.rs', line: 3, character: 2, within: 'f' }]],
      ['scanned', [{ file: '/a.rs', line: 4, character: 2, within: undefined }]],
    ]);
    const methods = hostMethods(parts(set, [tally(set, calls)], { places }));
    assert.deepEqual(
      methods.map(({ name, state }) => `${name} ${state}`),
      [
        'get_user unmatched',
        'log mocked',
        'ask asked',
        'time passedOn',
        'hand unmatched',
        'open unmatched',
        'scanned uncalled',
      ],
    );
    assert.equal(named(methods, 'log').places.length, 1);
  });

  it('counts calls and hits, of the last call and of those before', () => {
    const methods = hostMethods(parts(set, [tally(set, calls), tally(set, calls)]));
    const user = named(methods, 'get_user');
    assert.equal(user.calls, 2);
    assert.equal(user.earlier, 2);
    assert.deepEqual(
      user.rules.map(({ hits, earlier }) => [hits, earlier]),
      [
        [1, 1],
        [0, 0],
      ],
    );
    assert.match(methodLook(user).description, /nothing answers, differs in name · 2 calls · 1 off/);
    assert.match(ruleLook(user.rules[0] ?? assert.fail()).description, /→ 18446744073709551615 · 1 hit$/);
  });

  it('says which rule came closest, and in what it differed, until a rule answers', () => {
    const counted = [tally(set, calls)];
    const user = named(hostMethods(parts(set, counted)), 'get_user');
    assert.equal(user.miss?.near?.rule.number, 1);
    assert.equal(user.miss?.near?.field, 'name');
    assert.match(tooltipOf(user), /Rule 1 came closest/);
    const more = read(MOCKS.replace('"Ada"', '"Eve"'));
    const answered = named(hostMethods(parts(more, counted)), 'get_user');
    assert.equal(answered.miss, undefined);
    assert.equal(answered.state, 'mocked');
  });

  it('P2: the last real answer is that of the host, or one by hand, with its digits', () => {
    const counted = [tally(set, calls)];
    const methods = hostMethods(parts(set, counted));
    assert.equal(named(methods, 'get_user').real, undefined);
    assert.ok(named(methods, 'time').real);
    assert.match(tooltipOf(named(methods, 'hand')), /\n6\n/);
    const json = methodJson(named(methods, 'get_user'));
    assert.match(json, /"result": 18446744073709551615/);
    JSON.parse(json);
  });

  it('counts of a rule stay when its reply is edited, and rules of one text are counted apart', () => {
    const rules = (...texts: string[]): MockSet => read(`{ "hostMethods": { "twin": [${texts.join(', ')}] } }`);
    const [nth, same, other] = [
      '{ "when": { "nth": 1 }, "reply": { "result": 0 } }',
      '{ "reply": { "result": 1 } }',
      '{ "reply": { "error": { "message": "no" } } }',
    ];
    const before = rules(nth ?? '', same ?? '', same ?? '');
    const counted = [
      tally(before, (filler) => {
        for (const [id, rule] of [1, 2, 2, 3].entries()) {
          filler.request('out', id, 'twin');
          reply(filler, id, '1', { by: 'mock', file: '/m.mocks.jsonc', method: 'twin', line: 1, rule });
        }
      }),
    ];
    const hits = (set: MockSet): number[] =>
      named(hostMethods(parts(set, counted)), 'twin').rules.map(({ hits: count }) => count);
    assert.deepEqual(hits(before), [1, 2, 1]);
    assert.deepEqual(hits(rules(nth ?? '', other ?? '', same ?? '')), [1, 2, 1]);
    assert.deepEqual(hits(rules(other ?? '', nth ?? '', same ?? '')), [2, 1, 1]);
  });

  it('E4: says of messages that are too long that they are neither shown nor compared', () => {
    const long = JSON.stringify({ name: 'x'.repeat(300_000) });
    const counted = tally(set, (filler) => {
      filler.request('out', 0, 'get_user', long);
      reply(filler, 0, 'null', { by: 'nobody' });
      filler.request('out', 1, 'log', 'null');
      reply(filler, 1, long, { by: 'host', command: 'x' });
    });
    const methods = hostMethods(parts(set, [counted]));
    const user = named(methods, 'get_user');
    assert.match(methodLook(user).description, /^nothing answers, params too long to compare · 1 call/);
    assert.match(tooltipOf(user), /Its last params have 300[ ,\u202f]?0\d\d bytes: too long to be shown here/);
    assert.match(tooltipOf(user), /too long to be compared with the rules here/);
    assert.match(tooltipOf(named(methods, 'log')), /Its last answer has 300/);
  });

  it('says of a method that nobody has called how many of its rules are off', () => {
    const off = '{ "hostMethods": { "m": [{ "reply": { "result": 1 }, "disabled": true }] } }';
    assert.equal(methodLook(named(hostMethods(parts(read(off), [])), 'm')).description, 'not yet called · 1 off');
  });

  it('the method at which a call waits is there, though nobody knows it', () => {
    const waits = named(hostMethods(parts(undefined, [], { waiting: 'echo' })), 'echo');
    assert.match(methodLook(waits).description, /waits for your answer/);
  });

  it('E4: what a plugin wrote stays text', () => {
    const evil = '[x](command:evil) `` ```\n# h <img src=x> $(bug)';
    assert.doesNotMatch(plain(evil), /[[\]()`<>\n]/);
    assert.match(block(evil), /^````json\n/);
    const methods = hostMethods(
      parts(undefined, [
        tally(set, (filler) => {
          filler.request('out', 0, evil, JSON.stringify({ evil }));
        }),
      ]),
    );
    assert.doesNotMatch(methodLook(named(methods, evil)).label, /\n/);
    assert.doesNotMatch(tooltipOf(named(methods, evil)).split('```')[0] ?? '', /\]\(command/);
  });
});

describe('what rows want of the mock file', () => {
  const node = (text: string, name: string) => named(hostMethods(parts(read(text), [])), name);
  const apply = (wanted: ReturnType<typeof wantMoved>, text = MOCKS): MockSet => {
    assert.ok(wanted);
    const set = read(wanted.change(text));
    assert.deepEqual(
      set.problems.filter(({ severity }) => severity === 'error'),
      [],
    );
    return set;
  };
  const rules = (set: MockSet, name: string) => set.methods.get(name)?.rules ?? [];

  it('a reply changes the rule for all calls, or adds one behind the narrower ones', () => {
    const error = { kind: 'error', code: '-32000', message: 'no' } as const;
    assert.equal(rules(apply(wantReply(node(MOCKS, 'log'), undefined, error)), 'log')[0]?.reply?.kind, 'error');
    const user = rules(apply(wantReply(node(MOCKS, 'get_user'), undefined, error)), 'get_user');
    assert.deepEqual(
      user.map(({ reply: { kind } = { kind: 'none' } }) => kind),
      ['result', 'error', 'error'],
    );
    const asked = rules(apply(wantReply(node(MOCKS, 'ask'), undefined, error)), 'ask');
    assert.deepEqual(
      asked.map(({ pause, reply: { kind } = { kind: 'none' } }) => [pause, kind]),
      [[false, 'error']],
    );
  });

  it('pausing is turned on and off', () => {
    const on = wantPause(node(MOCKS, 'log'), undefined).change(MOCKS);
    assert.equal(rules(read(on), 'log')[0]?.pause, true);
    assert.equal(
      wantPause(node(on, 'log'), undefined).change(on),
      MOCKS.replace('[{ "reply": { "result": null } }]', '[\n      { "reply": { "result": null } }\n    ]'),
    );
    const [rule] = node(MOCKS, 'log').rules;
    assert.equal(rules(apply(wantPause(node(MOCKS, 'log'), rule)), 'log')[0]?.pause, true);
  });

  it('rules are turned off together, in the short form too', () => {
    const methods = node('{ "a": 1, "b": 2 }', 'a');
    const [wanted] = wantTurned(methods.rules, false);
    const set = apply(wanted, '{ "a": 1, "b": 2 }');
    assert.deepEqual([rules(set, 'a')[0]?.disabled, rules(set, 'b')[0]?.disabled], [true, false]);
  });

  it('rules change places, within their method', () => {
    const [first, second] = node(MOCKS, 'get_user').rules;
    assert.ok(first && second);
    assert.deepEqual(
      rules(apply(wantMoved(first, second)), 'get_user').map(({ disabled }) => disabled),
      [true, false],
    );
    const [log] = node(MOCKS, 'log').rules;
    assert.ok(log);
    assert.equal(wantMoved(first, log), undefined);
  });

  it('delays and errors are read as people write them', () => {
    assert.equal(delayOf('250 ms'), '250');
    assert.equal(delayOf('100 to 300'), '[100, 300]');
    assert.equal(delayOf('300-100'), undefined);
    assert.equal(delayOf('soon'), undefined);
    assert.deepEqual(errorOf('-32602 bad params'), { kind: 'error', code: '-32602', message: 'bad params' });
    assert.deepEqual(errorOf('404: gone'), { kind: 'error', code: '404', message: 'gone' });
    assert.deepEqual(errorOf('it broke'), { kind: 'error', code: '-32000', message: 'it broke' });
    assert.deepEqual(
      rules(apply(wantDelay(node(MOCKS, 'log'), undefined, '[1, 2]', { kind: 'never' })), 'log')[0]?.delay,
      [1, 2],
    );
  });
});
