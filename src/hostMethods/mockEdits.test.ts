// Edits of mock files: what was asked for is in the file, and everything else is still there.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readMockFile } from '../../debug-adapter/mocks/mock-file.ts';
import { readMockSet } from '../../debug-adapter/mocks/mock-set.ts';
import { smallestChange } from './jsoncParts.ts';
import { addRule, moveRule, NEW_FILE, removeRule, replyText, setReply, setRuleMember, upgraded } from './mockEdits.ts';
import { RuleIds } from './ruleIds.ts';

const errors = (text: string) =>
  readMockFile('m', text)
    .problems.filter(({ severity }) => severity === 'error')
    .map(({ message }) => message);
const rulesOf = (text: string, method: string) =>
  readMockFile('m', text).methods.find(({ name }) => name === method)?.rules ?? [];
const result = (json: string) => replyText({ kind: 'result', json });

const FULL = `// of the team
{
  "hostMethods": {
    // who is it?
    "get_user": [
      // Ada is special
      { "when": { "params": { "name": "Ada" } }, "reply": { "result": 18446744073709551615 } }, // u64
      // everybody else
      { "reply": { "result": null } } // none
    ],
    "log": { "default": "pause" /* ask */, "rules": [] }, // the log
  },
}
`;

describe('edits of mock files', () => {
  it('a new file takes its first rule', () => {
    assert.deepEqual(errors(NEW_FILE), []);
    const text = addRule(NEW_FILE, 'echo', { reply: result('"hi"') });
    assert.equal(
      text,
      `// What host methods answer: the first rule that matches a call answers it.
{
  "hostMethods": {
    "echo": [
      { "reply": { "result": "hi" } }
    ]
  }
}
`,
    );
  });

  it('P2: a result keeps its digits, in either form', () => {
    const digits = '18446744073709551615';
    assert.equal(
      setReply('{ "a": 1 }', { method: 'a', number: 0 }, { kind: 'result', json: digits }),
      `{ "a": ${digits} }`,
    );
    const text = setReply(FULL, { method: 'get_user', number: 2 }, { kind: 'result', json: `[${digits}]` });
    assert.match(text, /"result": \[18446744073709551615\] \} \} \/\/ none/);
    assert.match(text, /"result": 18446744073709551615 \} \}, \/\/ u64/);
  });

  it('rules are moved with their comments', () => {
    const text = moveRule(FULL, 'get_user', 2, 1);
    assert.deepEqual(errors(text), []);
    assert.match(
      text,
      /\/\/ everybody else\n {6}\{ "reply": \{ "result": null \} \}, \/\/ none\n {6}\/\/ Ada is special\n.*\/\/ u64\n {4}\]/,
    );
    assert.equal(moveRule(text, 'get_user', 1, 2), FULL);
  });

  it('rules are added before others and taken out again', () => {
    const text = addRule(FULL, 'get_user', { pause: 'true' }, 0);
    assert.deepEqual(
      rulesOf(text, 'get_user').map(({ pause }) => pause),
      [true, false, false],
    );
    assert.equal(removeRule(text, { method: 'get_user', number: 1 }), FULL);
    const log = addRule(FULL, 'log', { reply: result('null') });
    assert.match(log, /"default": "pause" \/\* ask \*\/, "rules": \[\n.*\{ "reply": \{ "result": null \} \}/);
    assert.deepEqual(errors(log), []);
  });

  it('the last rule of a method takes the method with it', () => {
    const text = addRule(NEW_FILE, 'echo', { reply: result('1') });
    assert.equal(rulesOf(removeRule(text, { method: 'echo', number: 1 }), 'echo').length, 0);
    assert.deepEqual(readMockFile('m', removeRule(text, { method: 'echo', number: 1 })).methods, []);
    assert.equal(removeRule('{\n  "a": 1, // one\n  "b": 2\n}', { method: 'a', number: 0 }), '{\n  "b": 2\n}');
  });

  it('members of rules are set, changed and taken out', () => {
    const address = { method: 'get_user', number: 2 };
    const off = setRuleMember(FULL, address, 'disabled', 'true');
    assert.match(off, /\{ "reply": \{ "result": null \}, "disabled": true \} \/\/ none/);
    assert.equal(setRuleMember(off, address, 'disabled', undefined), FULL);
    assert.match(setRuleMember(off, address, 'disabled', 'false'), /"disabled": false/);
  });

  it('the short form becomes the full form where it has to, comments and digits kept', () => {
    const short = `{
  // who
  "get_user": { "n": 18446744073709551615,
    "deep": [1.0] }, // u64
  "log": null,
}
`;
    assert.deepEqual(errors(upgraded(short)), []);
    const text = setRuleMember(short, { method: 'log', number: 0 }, 'delay', '250');
    assert.deepEqual(errors(text), []);
    assert.deepEqual(rulesOf(text, 'log')[0]?.delay, [250, 250]);
    assert.match(text, /\/\/ who\n {4}"get_user": \[\{ "reply": \{ "result": \{ "n": 18446744073709551615,\n/);
    assert.match(text, /\/\/ u64/);
    assert.match(text, /1\.0/);
    assert.deepEqual(errors(upgraded('{"a":{"$param":"x"}}')), []);
    assert.equal(rulesOf(upgraded('{"a":{"$param":"x"}}'), 'a')[0]?.reply?.kind, 'result');
    assert.match(upgraded('{"a":{"$param":"x"}}'), /\$literal/);
  });

  it('a file with a mistake is left alone', () => {
    assert.throws(() => addRule('{ "a": ', 'b', { reply: result('1') }), /has a mistake/);
    assert.throws(
      () => setRuleMember(FULL, { method: 'get_user', number: 7 }, 'pause', 'true'),
      /not in the file any more/,
    );
  });

  it('a rule stays the same one when it is turned off, moved, edited, or written into the full form', () => {
    const named = (ids: RuleIds, text: string, method: string): string[] => {
      const set = readMockSet({ name: 'm', text }, () => undefined);
      ids.follow(set);
      return (set.methods.get(method)?.rules ?? []).map((rule) => ids.of(rule));
    };
    const full = new RuleIds();
    const [ada, other] = named(full, FULL, 'get_user');
    assert.ok(ada && other && ada !== other);
    const off = setRuleMember(FULL, { method: 'get_user', number: 1 }, 'disabled', 'true');
    assert.deepEqual(named(full, off, 'get_user').slice(0, 2), [ada, other]);
    const failing = setReply(off, { method: 'get_user', number: 1 }, { kind: 'error', code: '-1', message: 'no' });
    assert.deepEqual(named(full, failing, 'get_user').slice(0, 2), [ada, other]);
    assert.deepEqual(named(full, moveRule(failing, 'get_user', 1, 2), 'get_user').slice(0, 2), [other, ada]);
    const ids = new RuleIds();
    const short = '{ "a": { "b" : [1, 2] } }';
    const [before] = named(ids, short, 'a');
    assert.ok(before);
    assert.deepEqual(named(ids, upgraded(short), 'a'), [before]);
  });

  it('any order of edits leaves a file that can be read, with all its comments', () => {
    const json = fc.constantFrom(
      'null',
      '18446744073709551615',
      '{"a":[1,2]}',
      `"${'x'.repeat(200)}"`,
      '{"$param":"a"}',
    );
    const method = fc.constantFrom('get_user', 'log', 'new "one"');
    const edit = fc.oneof(
      fc.record({ do: fc.constant('add' as const), method, json, at: fc.nat(4) }),
      fc.record({ do: fc.constant('set' as const), method, json, at: fc.nat(4) }),
      fc.record({ do: fc.constant('move' as const), method, json, at: fc.nat(4) }),
      fc.record({ do: fc.constant('delay' as const), method, json, at: fc.nat(4) }),
    );
    const start = fc.constantFrom(
      FULL,
      FULL.replaceAll('\n', '\r\n'),
      NEW_FILE,
      '{}',
      '{ "log": 1, /* c */ "get_user": [2] } // e',
    );
    fc.assert(
      fc.property(start, fc.array(edit, { maxLength: 8 }), (first, edits) => {
        let text = first;
        const comments = (first.match(/\/\/.*|\/\*.*\*\//g) ?? []).map((comment) => comment.trim());
        for (const { do: what, method: name, json: value, at } of edits) {
          const rules = rulesOf(text, name);
          const number = Math.min(at + (rules[0]?.number === 0 ? 0 : 1), rules.at(-1)?.number ?? 0);
          if (what === 'add') text = addRule(text, name, { reply: result(value) }, at);
          else if (rules.length === 0) continue;
          else if (what === 'set') text = setReply(text, { method: name, number }, { kind: 'result', json: value });
          else if (what === 'delay') text = setRuleMember(text, { method: name, number }, 'delay', '[1, 2]');
          else if (number > 0) text = moveRule(text, name, number, 1);
          assert.deepEqual(errors(text), [], text);
          for (const comment of comments) assert.ok(text.includes(comment), `${comment} is gone: ${text}`);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('the smallest change makes the one text of the other', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (before, after) => {
        const change = smallestChange(before, after);
        const made =
          change === undefined ? before : before.slice(0, change.from) + change.text + before.slice(change.to);
        assert.equal(made, after);
      }),
    );
  });
});
