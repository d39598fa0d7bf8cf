// Services that lead elsewhere or change a mock file: definitions, references, rename, actions, lenses; on files as authors have them, and on any text.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readMockSet } from '../mocks/mock-set.ts';
import type { MockSet } from '../mocks/rules.ts';
import { guestCalls } from './guest-calls.ts';
import { mockActions } from './mock-actions.ts';
import { mockDiagnostics } from './mock-diagnostics.ts';
import { MockDocument } from './mock-document.ts';
import { addRule, edited, indentOf, rulePath, setAt } from './mock-edits.ts';
import { mockLenses } from './mock-lenses.ts';
import { calledAt, callsOf, mockName, rulesOf, stateDefinitions, statePlaces } from './mock-navigation.ts';
import { renameState, stateAt } from './mock-rename.ts';
import { NOTHING_OBSERVED, type Observed } from './observed.ts';
import { SourceIndex } from './scanner.ts';

const index = new SourceIndex();
const SOURCE =
  'async fn greet() {\n  host.call("get", p).await;\n  host.call("get", q).await;\n host.call("log", 1).await; }';
index.update('src/main.rs', SOURCE);
const guests = guestCalls(index);

const FILE = `{
  // the states
  "states": ["out", "in"],
  "hostMethods": {
    "get": [
      // first of all
      { "when": { "state": "in" }, "reply": { "result": 18446744073709551615 } },
      { "reply": { "result": 1.10 }, "setState": "in", "disabled": true } // then
    ],
    "logs": { "rules": [{ "reply": { "result": null } }] }
  }
}
`;
const documentOf = (text: string): MockDocument => new MockDocument('a.mocks.jsonc', text);
const setOf = ({ name, text }: MockDocument): MockSet => readMockSet({ name, text }, () => undefined);
const document = documentOf(FILE);
const at = (piece: string, further = 1): number => FILE.indexOf(piece) + further;

const observed: Observed = {
  methods: [
    {
      ...{ method: 'get', calls: 9, params: [] },
      unmatched: { params: '{"id":18446744073709551615}', answer: { kind: 'result', text: '1.0' } },
    },
    { method: 'odd', calls: 1, params: [], unmatched: { params: '{"$id":1}' } },
  ],
  rules: [{ file: 'a.mocks.jsonc', method: 'get', number: 1, hits: 8, at: '12:34:56' }],
};

/** The files that the actions of a place lead to, by title. */
function outcomes(text: string, offset: number, seen: Observed): Map<string, string> {
  const there = documentOf(text);
  const diagnoses = mockDiagnostics(there, setOf(there), guests, seen).filter(
    ({ from, to }) => from <= offset && offset <= to,
  );
  const actions = mockActions(there, { from: offset, to: offset }, diagnoses, guests, seen);
  return new Map(actions.map(({ title, edits }) => [title, edited(text, edits)]));
}

describe('mock files: places', () => {
  it('from a rule, and from its method, to the calls of the guest', () => {
    assert.deepEqual(mockName(document, at('"get"')), {
      kind: 'method',
      name: 'get',
      from: FILE.indexOf('"get"'),
      to: FILE.indexOf('"get"') + 5,
    });
    assert.equal(mockName(document, at('"reply"'))?.name, 'get');
    assert.equal(mockName(document, at('"rules"'))?.name, 'logs');
    assert.equal(mockName(document, at('"states"')), undefined);
    assert.deepEqual(
      callsOf(guests, 'get').map(({ file, range, within }) => [file, range.start.line, within]),
      [
        ['src/main.rs', 1, 'greet'],
        ['src/main.rs', 2, 'greet'],
      ],
    );
  });

  it('from a call of the guest to the rules', () => {
    const places = index.methodsIn('src/main.rs').map((method) => ({ file: 'src/main.rs', method }));
    assert.equal(calledAt(places, 1, 13)?.method.name, 'get');
    assert.equal(calledAt(places, 1, 3), undefined);
    assert.deepEqual(
      rulesOf(setOf(document), 'get').map(({ line }) => line),
      [7, 8],
    );
    assert.deepEqual(rulesOf(setOf(document), 'none'), []);
  });

  it('of a state: where it is declared, and every use', () => {
    const set = setOf(document);
    assert.equal(mockName(document, at('"in" }'))?.kind, 'state');
    assert.deepEqual(
      stateDefinitions(set, 'in').map(({ line }) => line),
      [3],
    );
    assert.deepEqual(
      statePlaces(set, 'in').map(({ line }) => line),
      [3, 8, 7],
    );
  });
});

describe('mock files: rename of a state', () => {
  it('changes every use, and nothing else', () => {
    const found = stateAt(document, at('"in" }', 2));
    assert.equal(found && FILE.slice(found.from, found.to), 'in');
    const edits = renameState(setOf(document), 'in', 'logged "in"');
    assert.ok(typeof edits !== 'string');
    const after = edited(
      FILE,
      edits.map(({ place: { from, to }, text }) => ({ from, to, text })),
    );
    assert.equal(after, FILE.replaceAll('"in"', '"logged \\"in\\""'));
  });

  it('is refused in a sentence where two states would become one, and elsewhere', () => {
    assert.match(String(renameState(setOf(document), 'in', 'out')), /would become one/);
    assert.match(String(renameState(setOf(document), 'in', ' ')), /one character or more/);
    assert.match(String(renameState(setOf(document), 'in', '\ud800')), /half a character/);
    assert.equal(stateAt(document, at('"get"')), undefined);
    const implied = documentOf('{"hostMethods": {"m": [{"when": {"state": "start"}, "reply": {"result": 1}}]}}');
    assert.match(String(renameState(setOf(implied), 'start', 'x')), /give "initialState"/);
  });
});

describe('mock files: edits', () => {
  it('P2: a rule goes first, and comments and digits stay', () => {
    const after = edited(FILE, addRule(document, 'get', '{ "reply": { "result": 18446744073709551614 } }', true));
    assert.equal(setOf(documentOf(after)).methods.get('get')?.rules.length, 3);
    assert.match(after, /\[\s+\{ "reply": \{ "result": 18446744073709551614 \} \},/);
    for (const kept of ['// the states', '// first of all', '// then', '18446744073709551615', '1.10'])
      assert.ok(after.includes(kept));
  });

  it('a rule makes a method, and a file of nothing', () => {
    assert.equal(
      setOf(documentOf(edited(FILE, addRule(document, 'new', '{ "pause": true }', true)))).methods.get('new')?.rules
        .length,
      1,
    );
    const empty = documentOf('{}');
    const made = documentOf(edited('{}', addRule(empty, 'm', '{ "reply": { "result": 1 } }', true)));
    assert.deepEqual(setOf(made).problems, []);
    assert.equal(made.file.form, 'full');
    assert.deepEqual(addRule(documentOf('{"m": 1}'), 'n', '{}', true), []);
    assert.deepEqual(addRule(documentOf(''), 'n', '{}', true), []);
  });

  it('a rule is turned off and on', () => {
    const off = edited(FILE, setAt(document, rulePath(document, 'logs', 1, 'disabled'), 'true'));
    assert.equal(setOf(documentOf(off)).methods.get('logs')?.rules[0]?.disabled, true);
    const on = edited(FILE, setAt(document, rulePath(document, 'get', 2, 'disabled'), undefined));
    assert.equal(setOf(documentOf(on)).methods.get('get')?.rules[1]?.disabled, false);
    assert.ok(on.includes('// then'));
  });

  it('indents as the file does', () => {
    assert.deepEqual(indentOf('{\n\t"a": 1}'), { tabSize: 4, insertSpaces: false });
    assert.deepEqual(indentOf('{\n    "a": 1}'), { tabSize: 4, insertSpaces: true });
  });
});

describe('mock files: actions', () => {
  it('P2: a call that none matched becomes a rule that does', () => {
    const after = outcomes(FILE, at('"get"'), observed).get('Add a rule for the call of get that none matched');
    assert.ok(after);
    const [rule] = setOf(documentOf(after)).methods.get('get')?.rules ?? [];
    assert.match(rule?.text ?? '', /"id":18446744073709551615/);
    assert.match(rule?.text ?? '', /"result": 1\.0/);
    const odd = outcomes(FILE, 0, observed).get('Add a rule for the call of odd that none matched') ?? '';
    assert.match(odd, /"\$literal": \{"\$id":1\}/);
    assert.deepEqual(setOf(documentOf(odd)).problems, []);
  });

  it('mend what they say', () => {
    assert.match(outcomes(FILE, at('"logs"'), NOTHING_OBSERVED).get('Call it log') ?? '', /"log": \{ "rules"/);
    const states =
      '{"states": ["start", "ready"], "hostMethods": {"get": [{"when": {"state": "raedy"}, "reply": {"result": 1}}]}}';
    const mended = outcomes(states, states.indexOf('"raedy"') + 1, NOTHING_OBSERVED);
    for (const title of ['Change to the state ready', 'Declare the state raedy'])
      assert.deepEqual(setOf(documentOf(mended.get(title) ?? '')).problems, [], title);
    const behind = '{"hostMethods": {"get": [{"reply": {"result": 1}}, {"reply": {"result": 2}}]}}';
    const without = outcomes(behind, behind.lastIndexOf('{"reply"'), NOTHING_OBSERVED).get('Take this rule out') ?? '';
    assert.equal(setOf(documentOf(without)).methods.get('get')?.rules.length, 1);
    const silent = '{"hostMethods": {"get": [{"when": {}}]}}';
    const replies = outcomes(silent, silent.indexOf('{"when"'), NOTHING_OBSERVED).get('Reply with null') ?? '';
    assert.deepEqual(setOf(documentOf(replies)).problems, []);
  });

  it('turn rules off, and bring in methods that the guest calls', () => {
    assert.ok(outcomes(FILE, at('"reply"'), NOTHING_OBSERVED).has('Turn this rule off'));
    assert.ok(outcomes(FILE, at('"setState"'), NOTHING_OBSERVED).has('Turn this rule on'));
    const added = outcomes('{"get": 1}', 0, NOTHING_OBSERVED).get('Add the host method log') ?? '';
    assert.deepEqual([...setOf(documentOf(added)).methods.keys()], ['get', 'log']);
  });
});

describe('mock files: lenses', () => {
  it('say whether a rule is on, how often it answered and when', () => {
    assert.deepEqual(
      mockLenses(document, observed).map(({ title, toggles }) => [title, toggles?.number]),
      [
        ['● on', 1],
        ['8 hits, last matched at 12:34:56', undefined],
        ['○ off', 2],
        ['no hits', undefined],
        ['● on', 1],
        ['no hits', undefined],
      ],
    );
    assert.deepEqual(mockLenses(documentOf('{"a": 1}'), NOTHING_OBSERVED), []);
  });
});

describe('mock files: any text', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .tuple(fc.nat(FILE.length), fc.nat(FILE.length), fc.string())
      .map(([a, b, by]) => FILE.slice(0, Math.min(a, b)) + by + FILE.slice(Math.max(a, b))),
  );
  it('never throws, and every place is inside the text', () => {
    fc.assert(
      fc.property(text, fc.nat(400), (source, where) => {
        const there = documentOf(source);
        const offset = Math.min(where, source.length);
        const inside = ({ from, to }: { from: number; to: number }): void =>
          assert.ok(0 <= from && from <= to && to <= source.length, `[${from}, ${to}) of ${source.length}`);
        const set = setOf(there);
        const name = mockName(there, offset);
        if (name !== undefined) inside(name);
        const state = stateAt(there, offset);
        if (state !== undefined) {
          inside(state);
          renameState(set, state.name, 'x');
        }
        for (const lens of mockLenses(there, observed)) inside(lens);
        const diagnoses = mockDiagnostics(there, set, guests, observed);
        for (const { edits } of mockActions(there, { from: offset, to: offset }, diagnoses, guests, observed))
          for (const edit of edits) inside(edit);
      }),
      { numRuns: 700 },
    );
  });
});
