// The services for mock files: each on a file as an author has it, and all of them on texts that are anything.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readMockSet } from '../mocks/mock-set.ts';
import type { MockSet } from '../mocks/rules.ts';
import { guestCalls, NO_GUESTS } from './guest-calls.ts';
import { type Completion, mockCompletions } from './mock-completion.ts';
import { mockDiagnostics } from './mock-diagnostics.ts';
import { MockDocument } from './mock-document.ts';
import { formatMocks, type TextEdit } from './mock-format.ts';
import { mockHover } from './mock-hover.ts';
import { type MockSymbol, mockFolds, mockSymbols } from './mock-symbols.ts';
import { laidOutJson } from './mock-text.ts';
import { NOTHING_OBSERVED, type Observed } from './observed.ts';
import { SourceIndex } from './scanner.ts';

const FILE = `{
  // what the host says
  "states": ["out", "in"],
  "hostMethods": {
    "get_user": [
      {
        "name": "Ada",
        "when": { "params": { "user": { "id": 18446744073709551615 } }, "state": "in" },
        "reply": { "result": { "name": "Ada", "n": 18446744073709551615 } }
      },
      { "reply": { "result": null }, "setState": "in" },
      { "reply": { "result": 1 }, "disabled": true }
    ],
    "log": [{ "reply": { "result": null } }]
  },
}
`;

const setOf = (document: MockDocument): MockSet =>
  readMockSet({ name: document.name, text: document.text }, () => undefined);
const documentOf = (text: string): MockDocument => new MockDocument('a.mocks.jsonc', text);

const guests = (() => {
  const index = new SourceIndex();
  index.update('src/main.rs', 'async fn greet() { host.call("get_user", p).await; host.call("store", p).await; }');
  return guestCalls(index);
})();

const observed: Observed = {
  methods: [
    {
      method: 'get_user',
      calls: 3,
      last: { params: '{"user":{"id":7,"tag":"x"}}', answer: { kind: 'result', text: '18446744073709551615' } },
      params: ['{"user":{"id":7,"tag":"x"}}', '{"user":{"id":18446744073709551615}}'],
    },
    { method: 'now', calls: 1, params: [] },
  ],
  rules: [{ file: 'a.mocks.jsonc', method: 'get_user', number: 2, hits: 3, at: '14:05:01' }],
};

/** The text with `|` taken out, and where it stood. */
function marked(text: string): { document: MockDocument; offset: number } {
  const offset = text.indexOf('|');
  return { document: documentOf(text.slice(0, offset) + text.slice(offset + 1)), offset };
}

function complete(text: string): readonly Completion[] {
  const { document, offset } = marked(text);
  const known = { guests, observed, states: ['out', 'in'], files: ['base.mocks.jsonc'], snippets: true };
  return mockCompletions(document, offset, known);
}

const labels = (text: string): string[] => complete(text).map(({ label }) => label);

function applied(text: string, edits: readonly TextEdit[]): string {
  return [...edits]
    .sort((a, b) => b.from - a.from)
    .reduce((after, { from, to, text: by }) => after.slice(0, from) + by + after.slice(to), text);
}

describe('mock files: diagnostics', () => {
  it('has none for a file that is right, whatever is known', () => {
    const document = documentOf(FILE);
    assert.deepEqual(mockDiagnostics(document, setOf(document), NO_GUESTS, NOTHING_OBSERVED), []);
  });

  it('shows each problem where it is', () => {
    const text = `{"states": ["a"], "hostMethods": {"m": [
      {"reply": {"result": 1}},
      {"when": {"params": {"$regex": "("}}, "reply": {"result": 1}},
      {"when": {"state": "b"}, "reply": {"result": 1}}
    ]}}`;
    const document = documentOf(text);
    const found = mockDiagnostics(document, setOf(document), NO_GUESTS, NOTHING_OBSERVED);
    assert.deepEqual(
      found.map(({ code, severity, from, to, unnecessary }) => [code, severity, text.slice(from, to), unnecessary]),
      [
        ['bad-pattern', 'error', '"("', undefined],
        ['unreachable', 'warning', '{"when": {"state": "b"}, "reply": {"result": 1}}', true],
        ['unknown-state', 'error', '"b"', undefined],
      ],
    );
  });

  it('knows methods that no guest calls, once it knows a guest, and what was meant', () => {
    const document = documentOf('{"get_usr": 1, "store": 2, "now": 3, "unheard_of": 4}');
    const set = setOf(document);
    assert.deepEqual(mockDiagnostics(document, set, NO_GUESTS, observed), []);
    const found = mockDiagnostics(document, set, guests, observed);
    assert.deepEqual(
      found.map(({ from, to, severity }) => [document.text.slice(from, to), severity]),
      [
        ['"get_usr"', 'warning'],
        ['"unheard_of"', 'information'],
      ],
    );
    assert.match(found[0]?.message ?? '', /Did you mean `get_user`\?$/);
  });

  it('says of what is cut off where it ends', () => {
    const document = documentOf('{"a": ');
    const [found] = mockDiagnostics(document, setOf(document), NO_GUESTS, NOTHING_OBSERVED);
    assert.equal(found?.code, 'syntax');
    assert.ok(found.to <= document.text.length && found.from < found.to);
  });

  it('is bounded, with errors first', () => {
    const rules = Array.from({ length: 700 }, () => '{"reply": {"result": 1}}').join(',');
    const document = documentOf(`{"hostMethods": {"m": [${rules}, {"replay": 1}]}}`);
    const found = mockDiagnostics(document, setOf(document), NO_GUESTS, NOTHING_OBSERVED);
    assert.equal(found.length, 501);
    assert.equal(found[0]?.severity, 'error');
    assert.match(found.at(-1)?.message ?? '', /more problems/);
  });
});

describe('mock files: symbols and folds', () => {
  it('are the host methods with their rules', () => {
    const tree = mockSymbols(documentOf(FILE));
    const flat = (symbols: readonly MockSymbol[], depth = 0): string[] =>
      symbols.flatMap(({ name, detail, children }) => [
        `${'  '.repeat(depth)}${name} | ${detail}`,
        ...flat(children, depth + 1),
      ]);
    assert.deepEqual(flat(tree), [
      'states | [2]',
      'get_user | 3 rules',
      '  1: Ada | {params, state} → {result}',
      '  rule 2 | always → {result}',
      '  rule 3 | always → {result} (off)',
      'log | 1 rule',
      '  rule 1 | always → {result}',
    ]);
  });

  it('of the short form are its methods', () => {
    const tree = mockSymbols(documentOf('{"a": {"b": 1}, "": null}'));
    assert.deepEqual(
      tree.map(({ name, kind }) => [name, kind]),
      [
        ['a', 'method'],
        ['""', 'method'],
      ],
    );
  });

  it('fold what is longer than two lines', () => {
    assert.deepEqual(
      mockFolds(documentOf(FILE)).map(({ start, end }) => [start, end]),
      [
        [0, 14],
        [3, 13],
        [4, 11],
        [5, 8],
      ],
    );
    assert.deepEqual(mockFolds(documentOf('/* a\nb */ {\r\n"x":\r\n1\r\n}')), [
      { start: 0, end: 1, kind: 'comment' },
      { start: 1, end: 3, kind: 'region' },
    ]);
  });
});

describe('mock files: hover', () => {
  const document = documentOf(FILE);
  const at = (piece: string): string | undefined =>
    mockHover(document, document.text.indexOf(piece) + 1, guests, observed)?.markdown;

  it('says what a member means', () => {
    assert.match(at('"when"') ?? '', /^\*\*when\*\* — When the rule answers/);
    assert.match(at('"states"') ?? '', /states of the scenario/);
    assert.equal(at('"Ada"'), undefined);
    assert.equal(mockHover(document, 0, guests, observed), undefined);
  });

  it('P2: says of a host method its last call and answer, with all digits', () => {
    const text = at('"get_user"') ?? '';
    assert.match(text, /Called at 1 place in plugin sources, first in `greet`/);
    assert.match(text, /Called 3 times in the last run/);
    assert.match(text, /"id": 7/);
    assert.match(text, /18446744073709551615/);
    assert.match(at('"log"') ?? '', /Not called in the last run/);
  });

  it('says which rule came closest, and in what it differed, on the method and on that rule', () => {
    const nearMiss = '`user.id` is 7, and the rule wants 18446744073709551615.';
    const missed: Observed = {
      methods: [
        {
          ...{ method: 'get_user', calls: 0, earlier: 2, params: [] },
          unmatched: { params: '{"user":{"id":7}}', nearMiss: `Rule 1 (Ada) came closest: ${nearMiss}` },
        },
      ],
      rules: [{ file: 'a.mocks.jsonc', method: 'get_user', number: 1, hits: 0, earlier: 1, nearMiss }],
    };
    const hover = (piece: string): string =>
      mockHover(document, document.text.indexOf(piece) + 1, guests, missed)?.markdown ?? '';
    const method = hover('"get_user"');
    assert.match(method, /Not called in the last run, 2 times in those before\./);
    assert.match(method, /Last call that no rule matched, with params/);
    assert.match(method, /Rule 1 \\\(Ada\\\) came closest: `user\.id` is 7, and the rule wants 18446744073709551615\./);
    const rule = hover('{\n        "name"');
    assert.match(rule, /Answered no call in the last run, once in those before\./);
    assert.match(rule, /Of the last call of `get_user` that no rule answered: `user\.id` is 7/);
    assert.doesNotMatch(hover('{ "reply": { "result": null }, '), /no rule answered/);
  });

  it('says of a rule how often it answered', () => {
    assert.match(at('"reply": { "result": null }, ') ?? '', /Answered 3 times in the last run, last at 14:05:01/);
    assert.match(at('{ "reply": { "result": null }, ') ?? '', /Answered 3 times/);
  });
});

describe('mock files: completion', () => {
  it('offers what a file may hold', () => {
    assert.deepEqual(labels('{|}'), ['get_user', 'store', 'now', 'hostMethods']);
    assert.deepEqual(labels('{"hostMethods": {}, "|"}'), ['include', 'default', 'states', 'initialState', '$schema']);
  });

  it('offers the methods of guests and runs, but those that are there', () => {
    assert.deepEqual(labels('{"hostMethods": {"store": [], |}}'), ['get_user', 'now']);
    const [item] = complete('{"hostMethods": {"ge|t": [] }}').filter(({ label }) => label === 'get_user');
    assert.equal(item?.insert, '"get_user"', 'its value is there');
    assert.deepEqual(item?.replaces, { from: 17, to: 22 });
  });

  it('offers members of rules, of `when` and of replies', () => {
    assert.deepEqual(labels('{"hostMethods": {"m": [{"reply": {}, |}]}}').slice(0, 2), ['when', 'name']);
    assert.deepEqual(labels('{"hostMethods": {"m": [{"when": {|}}]}}'), ['params', 'nth', 'state']);
    const replies = labels('{"hostMethods": {"m": {"rules": [{"reply": {"|"}}]}}}');
    assert.deepEqual(replies.slice(0, 3), ['result', 'error', 'sequence']);
    assert.deepEqual(labels('{"hostMethods": {"m": [{"reply": {"error": {|}}}]}}'), ['code', 'message', 'data']);
    const inSequence = labels('{"hostMethods": {"m": [{"reply": {"sequence": [{|}]}}]}}');
    assert.ok(inSequence.includes('never'));
  });

  it('P2: offers fields and values that were seen, with their digits', () => {
    const fields = complete('{"hostMethods": {"get_user": [{"when": {"params": {"user": {|}}}}]}}');
    assert.deepEqual(
      fields.slice(0, 2).map(({ label, insert }) => [label, insert]),
      [
        ['id', '"id": 7'],
        ['tag', '"tag": "x"'],
      ],
    );
    const values = labels('{"hostMethods": {"get_user": [{"when": {"params": {"user": {"id": |}}}}]}}');
    assert.deepEqual(values.slice(0, 2), ['7', '18446744073709551615']);
    const oneOf = labels('{"hostMethods": {"get_user": [{"when": {"params": {"user": {"id": {"$oneOf": [|]}}}}}]}}');
    assert.ok(oneOf.includes('18446744073709551615'), String(oneOf));
    const paths = labels('{"hostMethods": {"get_user": [{"reply": {"result": {"$param": "|"}}}]}}');
    assert.deepEqual(paths, ['"user"', '"user.id"', '"user.tag"']);
  });

  it('offers operators, quotes, states, words and files', () => {
    assert.ok(labels('{"hostMethods": {"m": [{"when": {"params": {"a": {"$|"}}}}]}}').includes('$regex'));
    assert.ok(labels('{"hostMethods": {"m": [{"when": {"params": {"a": |}}}]}}').includes('{"$gt"}'));
    assert.deepEqual(labels('{"hostMethods": {"m": [{"reply": {"result": {"$|"}}}]}}').slice(0, 2), [
      '$param',
      '$count',
    ]);
    assert.deepEqual(labels('{"hostMethods": {"m": [{"setState": "|"}]}}'), ['"out"', '"in"']);
    assert.deepEqual(labels('{"hostMethods": {}, "default": |}'), ['"unknown"', '"pause"', '"host"']);
    assert.deepEqual(labels('{"hostMethods": {}, "include": ["|"]}'), ['"base.mocks.jsonc"']);
  });

  it('offers nothing in a comment, and in texts with slashes as anywhere', () => {
    assert.deepEqual(labels('{ // |\n}'), []);
    assert.deepEqual(labels('{ /* | */}'), []);
    assert.ok(labels('{"a//b": 1, |}').includes('get_user'));
  });
});

describe('mock files: formatting', () => {
  it('P2: changes white space alone, and leaves what is laid out', () => {
    const how = { tabSize: 2, insertSpaces: true };
    const layOut = (text: string): string => applied(text, formatMocks(documentOf(text), how));
    assert.equal(
      layOut('{"a":[18446744073709551615,1.10e5],}'),
      '{\n  "a": [\n    18446744073709551615,\n    1.10e5\n  ],\n}',
    );
    const kept = '{\n"a":[1,{"b":18446744073709551615}],// x\n    "d":null }\n';
    assert.equal(layOut(kept), '{\n  "a": [ 1, { "b": 18446744073709551615 } ], // x\n  "d": null }\n');
    assert.equal(layOut(layOut(kept)), layOut(kept));
  });
});

describe('mock files: what fuzzing found', () => {
  it('P2: the layout of what is nested a hundred levels deep changes no token', () => {
    const deep = documentOf(`{"a":${'['.repeat(110)}1${']'.repeat(110)}}`);
    const after = applied(deep.text, formatMocks(deep, { tabSize: 2, insertSpaces: true }));
    assert.equal(after.replace(/\s/g, ''), deep.text);
    assert.doesNotMatch(laidOutJson(deep.text), /undefined/);
  });
});

describe('mock files: any text', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '"hostMethods"',
    '"when"',
    '"params"',
    '"reply"',
    '"result"',
    '"$regex"',
    '"$param"',
    '//',
    '/*',
    '\n',
    '\\',
    '1e400',
    'null',
    'é🦀',
    ' ',
    '"a"',
    '"states"',
    '"state"',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
    fc
      .tuple(fc.nat(FILE.length), fc.nat(FILE.length), fc.string())
      .map(([a, b, by]) => FILE.slice(0, Math.min(a, b)) + by + FILE.slice(Math.max(a, b))),
  );

  it('never throws, and every place is inside the text', () => {
    fc.assert(
      fc.property(text, fc.nat(400), (source, where) => {
        const document = documentOf(source);
        const { length } = source;
        const offset = Math.min(where, length);
        const inside = ({ from, to }: { from: number; to: number }): void =>
          assert.ok(0 <= from && from <= to && to <= length, `[${from}, ${to}) of ${length}`);
        for (const each of mockDiagnostics(document, setOf(document), guests, observed)) inside(each);
        const visit = (symbols: readonly MockSymbol[]): void => {
          for (const symbol of symbols) {
            inside(symbol);
            inside(symbol.selection);
            assert.ok(symbol.from <= symbol.selection.from && symbol.selection.to <= symbol.to);
            assert.notEqual(symbol.name, '');
            visit(symbol.children);
          }
        };
        visit(mockSymbols(document));
        const lines = source.split(/\r\n|\r|\n/).length;
        for (const { start, end } of mockFolds(document)) assert.ok(start < end && end < lines, `${start}–${end}`);
        const hover = mockHover(document, offset, guests, observed);
        if (hover !== undefined) inside(hover);
        const known = { guests, observed, states: [], files: [], snippets: true };
        for (const { replaces } of mockCompletions(document, offset, known)) {
          inside(replaces);
          assert.ok(replaces.from <= offset && offset <= replaces.to);
        }
        const edits = formatMocks(document, { tabSize: 2, insertSpaces: true });
        for (const edit of edits) inside(edit);
        assert.equal(applied(source, edits).replace(/\s/g, ''), source.replace(/\s/g, ''));
      }),
      { numRuns: 1500 },
    );
  });

  it('is never too deep or too long', () => {
    const deep = documentOf('['.repeat(100_000));
    assert.deepEqual(mockSymbols(deep), []);
    assert.deepEqual(mockCompletions(deep, 50_000, { guests, observed, states: [], files: [], snippets: true }), []);
    assert.equal(mockHover(deep, 5, guests, observed), undefined);
    assert.deepEqual(formatMocks(deep, { tabSize: 2, insertSpaces: true }), []);
  });
});
