// Mock files that are no JSON: each slip is told, and the rules that are whole are checked all the same.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MOST_SYNTAX_ERRORS } from './broken-text.ts';
import { readMockFile } from './mock-file.ts';
import { readMockSet } from './mock-set.ts';

const read = (text: string) => readMockFile('m.mocks.jsonc', text);
const told = (text: string): string[] =>
  read(text).problems.map(({ line, code, message }) => `${line} ${code} ${message}`);

describe('a mock file that is no JSON', () => {
  it('tells each slip in its line, and the rest of the file is checked', () => {
    const text = `{
  "hostMethods": {
    "a": [{ "reply": { "result": 1 } "disabled": true }],
    "b": [{ "reply": { "result": nul } }, { "when": { "params": { "$regex": "(" } }, "reply": { "result": 1 } }],
    "c": [{ "replay": 1 }],
    "d": [{ "reply": { "result": "x\ty" } }],
    eve: [{ "reply": { "result": 1 } }],
    "f": [{ "reply": { "result": 1 } }, { "reply": { "result": 2 } }]
  },
  "default": "nobody"
}`;
    assert.deepEqual(told(text), [
      '3 syntax Expected `,` or `}`.',
      '4 syntax This is no word of JSON, which has `true`, `false`, `null`, and texts in double quotes.',
      '4 bad-pattern This is no pattern in the syntax of RE2: missing closing ): `(`; see docs/mock-files.md.',
      '5 no-reply This rule says no `reply`: add one, such as {"result": null}, or "pause": true.',
      '5 unknown-member There is no `replay` in a rule: there are `name`, `when`, `reply`, `delay`, `times`, `setState`, `pause`, `disabled`.',
      '6 syntax A control character in a string.',
      '7 syntax Expected a key in quotes.',
      '8 unreachable This rule can never answer: rule 1, on line 8, takes every call; move it up, or give that one a `when`.',
      '10 shape `default` takes "unknown" (error -32601, as production), "pause" (stop and ask) or "host" (pass on to hostCommand).',
    ]);
    assert.deepEqual(
      read(text).methods.map(({ name, rules }) => [name, rules.map(({ number }) => number)]),
      [
        ['a', []],
        ['b', []],
        ['c', []],
        ['d', []],
        ['f', [1, 2]],
      ],
    );
  });

  it('rules keep their numbers and places behind a broken one', () => {
    const text = '{"hostMethods": {"a": [{"reply" 1}, {"reply": {"result": 2}}]}}';
    const [method] = read(text).methods;
    assert.deepEqual(
      method?.rules.map(({ number, place }) => [number, text.slice(place.from, place.to)]),
      [[2, '{"reply": {"result": 2}}']],
    );
  });

  it('what is not closed is closed, and what was written before it is there', () => {
    const open = read('{"hostMethods": {"a": [{"reply": {"result": 1}}, {"reply"');
    assert.equal(open.form, 'full');
    assert.deepEqual(
      open.problems.map(({ code }) => code),
      ['syntax'],
    );
    assert.equal(open.methods[0]?.rules.length, 1);
    const comment = read('{"hostMethods": {"a": [{"replay": 1}] /* }}');
    assert.deepEqual(
      comment.problems.map(({ code }) => code),
      ['no-reply', 'unknown-member', 'syntax'],
    );
  });

  it('states are not called unknown where their declaration may be what is broken', () => {
    const text = '{"states": ["a" "b"], "hostMethods": {"m": [{"when": {"state": "b"}, "reply": {"result": 1}}]}}';
    const { problems } = readMockSet({ name: 'm', text }, () => undefined);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['syntax'],
    );
  });

  it('E4: tells no more than a hundred, and how many there are besides', () => {
    const text = `{"hostMethods": {\n${'"a": [nul],\n'.repeat(150)}}}`;
    const { problems } = read(text);
    assert.equal(problems.filter(({ code }) => code === 'syntax').length, MOST_SYNTAX_ERRORS);
    assert.match(problems.findLast(({ code }) => code === 'syntax')?.message ?? '', / 50 more errors/);
  });

  it('E4: a text too deep to be looked at is told of once', () => {
    const text = '['.repeat(100_000);
    assert.equal(read(`{"hostMethods": ${text}`).problems.length, 1);
  });

  const WHOLE = `{
  // a comment
  "states": ["out", "in"],
  "hostMethods": {
    "a": [{ "when": { "params": { "x": [1, "two"] }, "state": "in" }, "reply": { "result": { "y": -1.5e3 } } }],
    "b": { "rules": [{ "reply": { "error": { "message": "no" } }, "name": "é🦀" }, { "pause": true }], "default": "host" },
  }
}
`;
  it('never throws; every place is in the text; and whole rules stay what they are, whatever is cut out or put in', () => {
    const rules = new Set(read(WHOLE).methods.flatMap(({ rules: all }) => all.map(({ text }) => text)));
    assert.equal(rules.size, 3);
    const piece = fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '//', '/*', '*/', '\n', '1', 'x', '\\', '');
    fc.assert(
      fc.property(fc.nat(WHOLE.length), fc.nat(6), piece, (at, length, by) => {
        const text = WHOLE.slice(0, at) + by + WHOLE.slice(at + length);
        const file = read(text);
        for (const { from, to } of file.problems) assert.ok(from >= 0 && from <= to && from <= text.length);
        const known = file.problems.some(({ code }) => code === 'syntax');
        for (const { rules: all } of file.methods)
          for (const rule of all) {
            if (rule.number === 0) continue;
            // comments are blanks in a rule's text
            const there = text.slice(rule.place.from, rule.place.to);
            assert.equal(rule.text.length, there.length);
            if (known && !there.includes('/')) assert.equal(rule.text, there);
          }
      }),
      { numRuns: 1500 },
    );
  });
});
