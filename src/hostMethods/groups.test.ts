// Ten thousand rules or methods: what of them the tree builds at a time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readMockSet } from '../../debug-adapter/mocks/mock-set.ts';
import { GROUP_ROWS, groupLook, inGroups } from './groups.ts';
import { hostMethods, type MethodNode, Misses } from './model.ts';

const methodsOf = (methods: object): readonly MethodNode[] => {
  const set = readMockSet({ name: 'm', text: JSON.stringify({ hostMethods: methods }) }, () => undefined);
  const none = { tallies: [], places: new Map(), hasHost: false, waiting: undefined, misses: new Misses() };
  return hostMethods({ ...none, set, idOf: ({ number }) => String(number) });
};
const rules = (count: number) => Array.from({ length: count }, (_, i) => ({ reply: { result: i } }));

describe('very many rows', () => {
  it('few stand as they are', () => {
    const [method] = methodsOf({ m: rules(500) });
    assert.ok(method);
    assert.equal(inGroups(method.rules, method), method.rules);
  });

  it('E2: ten thousand rules are groups, in which each is once and in order', () => {
    const [method] = methodsOf({ m: rules(10_001) });
    assert.ok(method);
    const groups = inGroups(method.rules, method);
    assert.equal(groups.length, 41);
    assert.deepEqual(
      groups.flatMap((group) => (group.kind === 'group' ? group.rows : [])),
      method.rules,
    );
    assert.ok(
      groups.every((group) => group.kind === 'group' && group.rows.length <= GROUP_ROWS && group.of === method),
    );
    assert.equal(new Set(groups.map(({ id }) => id)).size, groups.length);
    const last = groups.at(-1);
    assert.ok(last?.kind === 'group');
    assert.match(groupLook(last).label, /^rules 10\D?001 to 10\D?001$/);
    assert.equal(groupLook(last).description, 'no hits');
  });

  it('ten thousand methods as well, which say where they begin and end', () => {
    const methods = methodsOf(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`m${i}`, rules(1)])));
    const [first] = inGroups(methods, undefined);
    assert.ok(first?.kind === 'group');
    assert.equal(groupLook(first).label, 'host methods 1 to 250');
    assert.equal(groupLook(first).description, 'm0 … m249 · 0 calls');
  });
});
