// What the language server is told of host methods: what the tree knows, with the params that were seen, and nothing twice.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MOST_PARAMS, type Observed } from '../debug-adapter/language/observed.ts';
import { readMockSet } from '../debug-adapter/mocks/mock-set.ts';
import type { AnsweredBy } from '../debug-adapter/rpc/answered-by.ts';
import type { Filler } from '../debug-adapter/session/store-fixture.ts';
import { CallTally } from './hostMethods/callTally.ts';
import { hostMethods, type MethodNode, Misses } from './hostMethods/model.ts';
import { RuleIds } from './hostMethods/ruleIds.ts';
import { ObservedCalls, type ShownMethods } from './observedCalls.ts';
import { launched } from './transcript/callFixture.ts';

const FILE = '/m.mocks.jsonc';
const MOCKS = `{
  "hostMethods": {
    "get_user": [
      { "name": "Ada", "when": { "params": { "name": "Ada", "id": 1 } }, "reply": { "result": 18446744073709551615 } },
      { "when": { "params": { "name": "Bob" }, "nth": 9 }, "reply": { "result": null } }
    ]
  }
}`;
const set = readMockSet({ name: FILE, text: MOCKS }, () => undefined);
const ids = new RuleIds();
ids.follow(set);
const idOf = ids.of.bind(ids);
const finder = {
  initialState: set.initialState,
  idOf,
  find: ({ method, rule = 0 }: { readonly method: string; readonly rule?: number }) =>
    set.methods.get(method)?.rules.find(({ number }) => number === rule),
};

const encoder = new TextEncoder();
const asked = (filler: Filler, id: number, method: string, params: string, answer?: string, by?: AnsweredBy): void => {
  filler.request('out', id, method, params);
  if (answer === undefined) return;
  filler.log.rpc('in', encoder.encode(`{"jsonrpc":"2.0","id":${id},${answer}}`), 0, 1000, id, by);
};
const mock: AnsweredBy = { by: 'mock', file: FILE, method: 'get_user', line: 4, rule: 1 };

/** The tree, whose rows are put into it. */
class Tree implements ShownMethods {
  methods: readonly MethodNode[] = [];
  readonly set = set;
  readonly listeners = new Set<() => void>();
  readonly tallies: CallTally[] = [];

  onDidShow(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  call(fill: (filler: Filler) => void): void {
    const tally = new CallTally(launched({}, fill), finder);
    assert.ok(tally.advance(() => 0, 1));
    this.tallies.push(tally);
    const none = { places: new Map(), hasHost: false, waiting: undefined };
    this.methods = hostMethods({ ...none, set, tallies: this.tallies, idOf, misses: new Misses() });
    this.show();
  }

  show(): void {
    for (const listener of this.listeners) listener();
  }
}

/** What is told of a tree, one after the other. */
function follow(tree: Tree) {
  const told: Observed[] = [];
  let wake: (observed: Observed) => void = () => {};
  const observed = new ObservedCalls(tree, (each) => {
    told.push(each);
    wake(each);
  });
  const next = (work: () => void): Promise<Observed> =>
    new Promise((resolve) => {
      wake = resolve;
      work();
    });
  return { told, observed, next };
}

describe('what the language server is told of calls', () => {
  it('P2: is what the tree knows, of the last call and those before, with the near miss', async () => {
    const tree = new Tree();
    const { told, observed, next } = follow(tree);
    const first = await next(() =>
      tree.call((filler) => {
        asked(filler, 0, 'get_user', '{"id":1,"name":"Ada"}', '"result":18446744073709551615', mock);
        asked(filler, 1, 'get_user', '{"name":"Eve"}', '"error":{"code":-32601,"message":"Method not found"}', {
          by: 'nobody',
        });
      }),
    );
    const eve = { params: '{"name":"Eve"}', answer: { kind: 'error', text: '-32601: Method not found' } };
    const nearMiss = 'Rule 1 (Ada) came closest: `name` is "Eve", and the rule wants "Ada". 2 things differ in all.';
    assert.deepEqual(first.methods, [
      {
        ...{ method: 'get_user', calls: 2, earlier: 0, params: ['{"id":1,"name":"Ada"}', '{"name":"Eve"}'] },
        ...{ last: eve, unmatched: { ...eve, nearMiss } },
      },
    ]);
    const [rule, ...others] = first.rules;
    assert.ok(rule);
    assert.deepEqual(others, []);
    const { at, ...rest } = rule;
    assert.match(at ?? '', /\d/);
    assert.deepEqual(rest, {
      ...{ file: FILE, method: 'get_user', number: 1, hits: 1, earlier: 0, nearMiss },
      last: { params: '{"id":1,"name":"Ada"}', answer: { kind: 'result', text: '18446744073709551615' } },
    });
    const second = await next(() => tree.call((filler) => asked(filler, 0, 'echo', 'null')));
    assert.deepEqual(
      second.methods.map(({ method, calls, earlier }) => [method, calls, earlier]),
      [
        ['get_user', 0, 2],
        ['echo', 1, 0],
      ],
    );
    assert.equal(second.rules[0]?.earlier, 1);
    assert.deepEqual(second.methods[1]?.last, { params: 'null' });
    // what says nothing new is not told
    tree.show();
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.equal(told.length, 2);
    observed.dispose();
    assert.equal(tree.listeners.size, 0);
  });

  it('has the last call that no rule answered, whoever did', async () => {
    const tree = new Tree();
    const { observed, next } = follow(tree);
    const told = await next(() =>
      tree.call((filler) => {
        asked(filler, 0, 'get_user', '{"name":"Eve"}', '"result":1', { by: 'nobody' });
        asked(filler, 1, 'get_user', '{"name":"Zoe"}', '"result":{"by":"hand"}', { by: 'hand' });
      }),
    );
    assert.equal(told.methods[0]?.unmatched?.params, '{"name":"Zoe"}');
    assert.match(told.methods[0]?.unmatched?.nearMiss ?? '', /`name` is "Zoe"/);
    observed.dispose();
  });

  it('E4: keeps few params, and no long messages', async () => {
    const tree = new Tree();
    const { observed, next } = follow(tree);
    const told = await next(() =>
      tree.call((filler) => {
        for (let i = 0; i < 100; i++) asked(filler, i, 'm', String(i));
        asked(filler, 100, 'm', `"${'x'.repeat(300_000)}"`, `"result":"${'y'.repeat(300_000)}"`);
      }),
    );
    const [method] = told.methods;
    assert.equal(method?.params.length, MOST_PARAMS);
    assert.match(method.last?.params ?? '', /^"… \(300\d\d\d bytes\)"$/);
    assert.match(method.last?.answer?.text ?? '', /^"… \(300\d\d\d bytes\)"$/);
    observed.dispose();
  });
});
