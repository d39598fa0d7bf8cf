// JSON as rows: digits intact, a level at a time, pages of long arrays, any depth.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compileExpression } from '../expressions/expression.ts';
import { parseJson } from '../rpc/json.ts';
import { jsonRow, lineRow, type Row } from '../transcript/json-tree.ts';
import { VariableStore } from './variable-store.ts';

const below = (row: Row, start = 0, count = 10_000): Row[] => [
  ...((row.children?.rows(start, count) ?? []) as readonly Row[]),
];

const lineOf = (line: string) => lineRow('message', { line, bytes: new TextEncoder().encode(line) });

describe('JSON rows', () => {
  it('P2: numbers are shown as they stand in the text', () => {
    const row = jsonRow(
      'params',
      '{"a":18446744073709551615,"b":1.0,"c":-0,"d":1e400,"e":[null,true,"x\\n"]}',
      'params',
    );
    assert.deepEqual(
      below(row).map(({ name, value, type, expression }) => [name, value, type, expression]),
      [
        ['a', '18446744073709551615', 'number', 'params.a'],
        ['b', '1.0', 'number', 'params.b'],
        ['c', '-0', 'number', 'params.c'],
        ['d', '1e400', 'number', 'params.d'],
        ['e', '[null,true,"x\\n"]', 'array', 'params.e'],
      ],
    );
    assert.deepEqual(
      below(below(row)[4] as Row).map(({ name, value, expression }) => [name, value, expression]),
      [
        ['0', 'null', 'params.e[0]'],
        ['1', 'true', 'params.e[1]'],
        ['2', '"x\\n"', 'params.e[2]'],
      ],
    );
  });

  it('the names of rows are expressions that give the same value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer(), { minKeys: 1 }), (object) => {
        const text = JSON.stringify(object);
        const scope = (name: string) => (name === 'params' ? parseJson(text) : undefined);
        for (const { expression, value } of below(jsonRow('params', text, 'params')))
          assert.equal(String(compileExpression(expression ?? '')(scope)), value);
      }),
    );
  });

  it('long arrays have a count and come in pages', () => {
    const row = jsonRow('list', JSON.stringify(Array.from({ length: 1000 }, (_, i) => i)));
    assert.equal(row.children?.indexed, 1000);
    assert.deepEqual(
      below(row, 990, 5).map(({ name, value }) => [name, value]),
      [990, 991, 992, 993, 994].map((i) => [String(i), String(i)]),
    );
    assert.equal(jsonRow('list', '[1,2,3]').children?.indexed, undefined);
  });

  it('E4: nesting of any depth opens a level at a time', () => {
    const depth = 100_000;
    let row = jsonRow('deep', '['.repeat(depth) + ']'.repeat(depth));
    for (let i = 0; i < 50; i++) row = below(row)[0] as Row;
    assert.equal(row.type, 'array');
    assert.match(row.value, /^\[+…$/);
  });

  it('a line that is no JSON says so when it is opened', () => {
    assert.deepEqual(
      below(lineOf('{"a":1,}')).map(({ name }) => name),
      ['not JSON'],
    );
    assert.equal(lineOf('plain text').children, undefined);
  });
});

describe('variables by number', () => {
  it('those of a stop are gone when the call runs on, those of the console stay', async () => {
    const store = new VariableStore();
    const children = jsonRow('x', '{"a":{"b":1}}').children;
    assert.ok(children);
    const stop = store.add(children, 'stop');
    const session = store.add(children, 'session');
    const [inner] = await store.list(session, undefined);
    assert.equal((await store.list(stop, undefined))[0]?.name, 'a');
    store.forgetStop();
    await assert.rejects(store.list(stop, undefined), /earlier stop/);
    assert.deepEqual(
      (await store.list(inner?.variablesReference ?? 0, undefined)).map(({ name, value }) => [name, value]),
      [['b', '1']],
    );
  });

  it('pages and filters are those of DAP', async () => {
    const store = new VariableStore();
    const { children } = jsonRow('list', JSON.stringify(Array.from({ length: 300 }, (_, i) => i)));
    assert.ok(children);
    const number = store.add(children, 'stop');
    assert.equal((await store.list(number, 'named')).length, 0);
    assert.deepEqual(
      (await store.list(number, 'indexed', 100, 2)).map(({ value }) => value),
      ['100', '101'],
    );
    const row = store.variable({ name: 'list', value: '', children }, 'stop');
    assert.equal(row.indexedVariables, 300);
  });
});
