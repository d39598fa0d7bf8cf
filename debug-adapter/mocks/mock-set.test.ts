// Mock files of the full form: every error with its place and the way out, includes, states, and rules that can never answer.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { parse as parseJsonc } from 'jsonc-parser';
import { parseJson } from '../rpc/json.ts';
import { compileSchema } from './json-schema.ts';
import { gatherMocks, includePath, type MockSources, mockSetInTurns, mockSetOf, readMockSet } from './mock-set.ts';
import { Mocks, MocksError } from './mocks.ts';
import { compileRegex } from './pattern.ts';

const problems = (text: string, files: Readonly<Record<string, string>> = {}): string[] =>
  readMockSet({ name: 'a.json', text }, (path) => files[path]).problems.map(
    ({ file, line, column, severity, code, message }) => `${file}:${line}:${column} ${severity} ${code}: ${message}`,
  );
const rule = (text: string): string => `{"hostMethods":{"m":[${text}]}}`;
const first = (text: string): string => problems(rule(text))[0] ?? 'nothing is wrong';

describe('E2: ten thousand rules', () => {
  const text = JSON.stringify({
    hostMethods: { m: Array.from({ length: 10_000 }, (_, i) => ({ when: { params: i }, reply: { result: i } })) },
  });
  /** A clock that goes on by 1 ms with each look. */
  const clock = () => {
    let ms = 0;
    return () => ms++;
  };

  it('are read in turns, to the same end', async () => {
    let rests = 0;
    const rest = async (): Promise<void> => {
      rests++;
    };
    const set = await mockSetInTurns({ name: 'm', text }, { turn: 5, now: clock(), rest, isStale: () => false });
    assert.ok(rests >= 100, `${rests} rests`);
    assert.deepEqual(set, mockSetOf({ name: 'm', text }));
  });

  it('are left where they have changed meanwhile', async () => {
    let rests = 0;
    const how = { turn: 5, now: clock(), rest: async () => void rests++, isStale: () => rests === 3 };
    assert.equal(await mockSetInTurns({ name: 'm', text }, how), undefined);
    assert.equal(rests, 3);
  });
});

describe('what is wrong with a mock file', () => {
  it('is told all at once, each with its place', () => {
    const text = `{
  "default": "never",
  "hostMethods": {
    "a": [
      { "when": { "params": { "x": { "$regx": 1 } }, "nth": 0 }, "rply": {} },
      7,
      { "reply": { "result": 1, "error": { "message": "x" } } },
      { "reply": { "result": { "$param": "a..b" } }, "delay": [3, 1], "times": -1, "pause": "yes" }
    ],
    "a": [],
    "b": "text"
  },
  "extra": 1
}`;
    assert.deepEqual(
      problems(text).map((problem) => problem.split(': ')[0]),
      [
        'a.json:2:14 error shape',
        'a.json:5:7 error no-reply',
        'a.json:5:38 error unknown-operator',
        'a.json:5:61 error shape',
        'a.json:5:66 error unknown-member',
        'a.json:6:7 error shape',
        'a.json:7:18 error no-reply',
        'a.json:8:42 error bad-path',
        'a.json:8:63 error bad-number',
        'a.json:8:80 error bad-number',
        'a.json:8:93 error shape',
        'a.json:10:5 error duplicate-method',
        'a.json:11:10 error shape',
        'a.json:13:3 error unknown-member',
      ],
    );
    assert.throws(
      () => Mocks.parse(text, 'a.json'),
      (error) =>
        error instanceof MocksError &&
        error.line === 2 &&
        error.column === 14 &&
        error.problems.length === 14 &&
        / \(and 13 more errors, which mocks check lists\)\.$/.test(error.message),
    );
    for (const problem of problems(text)) assert.match(problem, /[.]$/);
  });

  it('is a sentence with the way out', () => {
    const expected: Readonly<Record<string, string>> = {
      '{}': 'This rule says no `reply`: add one, such as {"result": null}, or "pause": true.',
      '{"reply":{"$call":{"plugin":"x"}}}':
        '`$call` takes an object with the path of a `plugin`, as seen from this file, and its `method`, such as {"plugin": "other.wasm", "method": "add"}.',
      '{"reply":{"error":{"code":1.5,"message":"x"}}}': 'The `code` of an error is a whole number of 64 bits.',
      '{"reply":{"sequence":[]}}':
        '`sequence` takes a list of one or more replies, such as [{"result": 1}, {"result": 2}].',
      '{"reply":{"never":true,"duplicate":true}}': '`duplicate` goes with a `result` or an `error`.',
      '{"when":{"params":{"$oneOf":[]}},"reply":{"result":1}}': '`$oneOf` takes a list of one or more.',
      '{"when":{"params":{"$schema":{"type":"text"}}},"reply":{"result":1}}':
        "This JSON Schema can't be used: #/type is one of null, boolean, number, integer, string, array, object, or a list of such.",
      '{"when":{"params":{"$schema":{"unevaluatedProperties":false}}},"reply":{"result":1}}':
        "This JSON Schema can't be used: #/unevaluatedProperties is not done here; say it with other keywords.",
      '{"reply":{"result":{"$random":{"from":6,"to":1}}}}':
        '`$random` takes "uuid", "fraction", {"from": 1, "to": 6} or {"oneOf": […]}.',
    };
    for (const [text, message] of Object.entries(expected)) assert.equal(first(text).split(/: (.*)/s)[1], message);
  });

  it('what production loses is a hint', () => {
    assert.match(first('{"reply":{"error":{"code":5,"message":"x"}}}'), /hint data-lost: .* gets -32000\.$/);
    assert.match(first('{"reply":{"error":{"code":-32602,"message":"x"}}}'), /hint data-lost: .* "Invalid params"\.$/);
    assert.match(first('{"reply":{"error":{"message":"x","data":1}}}'), /hint data-lost/);
  });

  it('rules that can never answer, and states that never come, are warnings', () => {
    const text = rule('{"reply":{"result":1}},{"reply":{"result":2}}');
    assert.match(problems(text).join(), /warning unreachable: .* rule 1, on line 1, takes every call/);
    assert.deepEqual(problems(rule('{"disabled":true,"reply":{"result":1}},{"reply":{"result":2}}')), []);
    const twice = '{"when":{"params":{"a":"x y"}, "nth":1},"reply":{"result":1}}';
    assert.match(
      first(`${twice},${twice.replaceAll(':', ' : ')}`),
      /warning unreachable: .* rule 1, on line 1, asks the same of a call and comes first/,
    );
    assert.equal(first(`${twice},${twice.replace('x y', 'xy')}`), 'nothing is wrong');
    assert.equal(first(`${twice},${twice.replace(', "nth":1', '')}`), 'nothing is wrong');
    assert.match(first('{"when":{"state":"x"},"reply":{"result":1}}'), /warning never-true/);
    const declared = '{"states":["a"],"hostMethods":{"m":[{"when":{"state":"x"},"reply":{"result":1}}]}}';
    assert.match(problems(declared).join(), /error unknown-state: There is no state `x`: `states` has `a`\.$/);
  });

  it('E4: nesting, in results and elsewhere', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    assert.equal(first(`{"reply":{"result":${nested(126)}}}`), 'nothing is wrong');
    assert.match(first(`{"reply":{"result":${nested(127)}}}`), /error too-deep/);
    assert.match(first(`{"reply":{"sequence":[{"result":${nested(127)}}]}}`), /error too-deep/);
    assert.match(first(`{"reply":{"result":${nested(100_000)}}}`), /error too-deep/);
    assert.match(first(`{"when":{"params":${nested(100_000)}},"reply":{"result":1}}`), /error too-deep/);
  });

  it('E4: ten thousand rules, and an answer of 10 MB', () => {
    const rules = Array.from({ length: 10_000 }, (_, i) => `{"when":{"params":{"id":${i}}},"reply":{"result":${i}}}`);
    const set = readMockSet({ name: 'a', text: rule(rules.join(',\n')) }, () => undefined);
    assert.equal(set.methods.get('m')?.rules.length, 10_000);
    assert.equal(set.methods.get('m')?.rules[9_999]?.place.line, 10_000);
    const large = `"${'x'.repeat(10_000_000)}"`;
    assert.equal(Mocks.parse(rule(`{"reply":{"result":${large}}}`), 'a').answer('m', 'null')?.result, large);
    assert.equal(Mocks.parse(`{"m":${large}}`, 'a').answer('m', 'null')?.result, large);
  });
});

describe('includes', () => {
  const answers = (text: string): string => `{"hostMethods":${text}}`;

  it('come behind the file’s own rules, each once, as seen from the file that has them', () => {
    const files = {
      'mocks/b.json': '{"include":["sub/c.json"],"default":"pause","hostMethods":{"m":[{"reply":{"result":"b"}}]}}',
      'mocks/sub/c.json': '{"include":["../d.json"],"hostMethods":{"n":[{"reply":{"result":"c"}}]}}',
      'mocks/d.json': '{"m":"d","o":"d"}',
    };
    const set = readMockSet(
      {
        name: 'mocks/a.json',
        text: '{"include":["b.json","./d.json"],"hostMethods":{"m":[{"when":{"nth":1},"reply":{"result":"a"}}]}}',
      },
      (path) => files[path as keyof typeof files],
    );
    assert.deepEqual(set.problems, []);
    assert.deepEqual(set.files, ['mocks/a.json', 'mocks/b.json', 'mocks/sub/c.json', 'mocks/d.json']);
    assert.equal(set.default, 'pause');
    const rules = [...set.methods].map(([name, method]) => [name, ...method.rules.map(({ place }) => place.file)]);
    assert.deepEqual(rules, [
      ['m', 'mocks/a.json', 'mocks/b.json', 'mocks/d.json'],
      ['n', 'mocks/sub/c.json'],
      ['o', 'mocks/d.json'],
    ]);
  });

  it('E4: circles, missing files and depth are told where the include stands', () => {
    const self = '{"include":["a.json"],"hostMethods":{}}';
    assert.deepEqual(problems(self), [
      'a.json:1:13 error include-cycle: This file includes itself (a.json → a.json); take one of these includes out.',
    ]);
    assert.deepEqual(
      problems('{"include":["b.json"],"hostMethods":{}}', { 'b.json': '{"include":["./a.json"],"hostMethods":{}}' }),
      [
        'b.json:1:13 error include-cycle: This file includes itself (a.json → b.json → a.json); take one of these includes out.',
      ],
    );
    assert.match(
      problems('{"include":["no.json"],"hostMethods":{}}').join(),
      /a\.json:1:13 error include-missing: The file no\.json can't be read/,
    );
    const chain = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`${i}`, `{"include":["${i + 1}"],"hostMethods":{}}`]),
    );
    assert.match(problems('{"include":["0"],"hostMethods":{}}', chain).join(), /error include-depth/);
    const bad = problems('{"include":["b.json"],"hostMethods":{}}', { 'b.json': answers('{"m":\n7}') });
    assert.match(bad.join(), /^b\.json:2:1 error shape/);
  });

  it('are gathered once each; what can’t be read is left out', async () => {
    const asked: string[] = [];
    const read = async (path: string): Promise<string> => {
      asked.push(path);
      if (path === 'x/no.json') throw new Error('no');
      return '{"include":["a.json","no.json"],"hostMethods":{"m":[{"reply":{"result":1}}]}}';
    };
    const source = { name: 'x/a.json', text: '{"include":["b.json","no.json"],"hostMethods":{}}' };
    const sources: MockSources = await gatherMocks(source, read);
    assert.deepEqual(asked, ['x/b.json', 'x/no.json']);
    assert.deepEqual(
      sources.included?.map(({ name }) => name),
      ['x/b.json'],
    );
    assert.deepEqual(
      mockSetOf(sources).problems.map(({ code }) => code),
      ['include-missing', 'include-cycle', 'include-missing'],
    );
    assert.equal(await gatherMocks({ name: 'a', text: '{"m":1}' }, read).then(({ included }) => included), undefined);
  });

  it('paths', () => {
    const expected: readonly (readonly [from: string, path: string, whole: string])[] = [
      ['a.json', 'b.json', 'b.json'],
      ['/x/y/a.json', '../b.json', '/x/b.json'],
      ['/a.json', '../../b.json', '/b.json'],
      ['x/a.json', '../../b.json', '../b.json'],
      ['C:\\x\\a.json', 'sub\\b.json', 'C:/x/sub/b.json'],
      ['x/a.json', '/b.json', '/b.json'],
      ['', './x//a.json', 'x/a.json'],
    ];
    for (const [from, path, whole] of expected) assert.equal(includePath(from, path), whole);
  });
});

describe('docs/mock-files.md and schemas/mocks.schema.json', () => {
  const read = (file: string): string => fs.readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const samples = [...read('docs/mock-files.md').matchAll(/^```jsonc\n([\s\S]*?)^```/gm)].map(
    ([, inside = '']) => inside,
  );
  const schema = compileSchema(parseJson(read('schemas/mocks.schema.json')), compileRegex);
  const fits = (text: string): boolean => {
    const value: unknown = parseJsonc(text, [], { allowTrailingComma: true });
    return schema.check(parseJson(JSON.stringify(value))) === undefined;
  };

  it('the page’s files can be used, and fit the schema', () => {
    const sets = samples.map((text) => readMockSet({ name: 'a', text }, () => '{}'));
    assert.deepEqual(
      sets.flatMap((set) => set.problems),
      [],
    );
    assert.deepEqual(
      sets.map(({ form, methods }) => [form, ...methods.keys()]),
      [
        ['short', 'get_user', 'log', 'random'],
        ['full', 'get_user', 'sign_in', 'roll', 'poll', 'ask_me'],
      ],
    );
    assert.deepEqual(samples.map(fits), [true, true]);
  });

  it('the schema takes and refuses what the debugger does', () => {
    const rules = [
      '{"reply":{"result":{"a":[{"$param":"x","or":1},{"$now":"iso"}]}},"delay":[1,2],"times":0,"name":"x","setState":"y"}',
      '{"pause":true,"when":{"nth":[1,2],"state":["a","b"],"params":{"a":[{"$any":true}],"b":{"$gt":1,"$lt":2}}}}',
      '{"reply":{"error":{"code":1,"message":"x"},"wrongId":7},"disabled":true,"when":{"nth":{"$gte":2}}}',
      '{"reply":{"sequence":[{"result":1},{"malformed":true}],"then":"cycle"}}',
      '{"reply":{"$call":{"plugin":"a.wasm","method":"x","params":{"$param":""}}}}',
      '{"when":{"params":{"$schema":{"type":"object"}}},"reply":{"never":true}}',
      '{}',
      '7',
      '{"reply":{}}',
      '{"reply":{"result":1,"error":{"message":"x"}}}',
      '{"reply":{"result":1},"delay":-1}',
      '{"reply":{"result":1},"dealy":1}',
      '{"when":{"params":{"$regx":"a"}},"reply":{"result":1}}',
      '{"when":{"params":{"a":{"$gt":"1"}}},"reply":{"result":1}}',
      '{"when":{"nth":0},"reply":{"result":1}}',
      '{"reply":{"result":{"$now":"never"}}}',
      '{"reply":{"sequence":[]}}',
      '{"reply":{"$call":{"plugin":"a.wasm"}}}',
    ];
    for (const text of rules) assert.equal(fits(rule(text)), !/error/.test(first(text).split(':')[2] ?? ''), text);
    for (const text of ['{"hostMethods":{},"default":"no"}', '{"hostMethods":{},"extra":1}', '{"hostMethods":[]}'])
      assert.equal(fits(text), false, text);
  });
});
