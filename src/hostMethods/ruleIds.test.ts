// Rules by names that outlive edits of their file.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readMockSet } from '../../debug-adapter/mocks/mock-set.ts';
import type { MockSet } from '../../debug-adapter/mocks/rules.ts';
import { RuleIds } from './ruleIds.ts';

const setOf = (methods: object, name = '/m.mocks.jsonc'): MockSet =>
  readMockSet({ name, text: JSON.stringify({ hostMethods: methods }) }, () => undefined);
const reply = (result: unknown, more: object = {}) => ({ reply: { result }, ...more });

describe('names of rules', () => {
  const ids = new RuleIds();
  const namesOf = (set: MockSet, method = 'm'): (string | undefined)[] => {
    ids.follow(set);
    return (set.methods.get(method)?.rules ?? []).map((rule) => ids.of(rule));
  };

  it('stay when rules are edited, turned off, moved, or come back', () => {
    const [a, b, c] = [reply(1, { when: { nth: 1 } }), reply(2), reply(2)];
    const first = namesOf(setOf({ m: [a, b, c] }));
    assert.equal(new Set(first).size, 3);
    assert.deepEqual(namesOf(setOf({ m: [{ ...a, reply: { result: 7 } }, b, c] })), first);
    assert.deepEqual(namesOf(setOf({ m: [b, c, { ...a, disabled: true }] })).slice(0, 2), first.slice(1));
    assert.deepEqual(namesOf(setOf({ m: [a, b, c] })).slice(1), first.slice(1));
    const gone = namesOf(setOf({ m: [a, b, c] }));
    assert.deepEqual(namesOf(setOf({ m: [a] })), gone.slice(0, 1));
    assert.deepEqual(namesOf(setOf({})), []);
    assert.deepEqual(namesOf(setOf({ m: [a] })), gone.slice(0, 1));
  });

  it('are not shared by files or methods', () => {
    const one = namesOf(setOf({ m: [reply(1)], other: [reply(1)] }));
    const other = namesOf(setOf({ m: [reply(1)], other: [reply(1)] }), 'other');
    const elsewhere = namesOf(setOf({ m: [reply(1)] }, '/n.mocks.jsonc'));
    assert.equal(new Set([...one, ...other, ...elsewhere]).size, 3);
    assert.deepEqual(namesOf(setOf({ m: [reply(1)], other: [reply(1)] })), one);
  });
});
