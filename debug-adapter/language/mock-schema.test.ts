// Each keyword of the published schema is known to completion and hover, so that a new one can't be forgotten.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { NO_GUESTS } from './guest-calls.ts';
import { mockCompletions } from './mock-completion.ts';
import { MockDocument } from './mock-document.ts';
import { mockHover } from './mock-hover.ts';
import { NOTHING_OBSERVED } from './observed.ts';

type Step = string | number;
interface Schema {
  readonly [keyword: string]: unknown;
}
interface Keyword {
  readonly path: readonly Step[];
  readonly name: string;
}

const schema = JSON.parse(
  fs.readFileSync(new URL('../../schemas/mocks.schema.json', import.meta.url), 'utf8'),
) as Schema;

const schemasIn = (value: unknown): readonly Schema[] =>
  (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'object' && each !== null);

/** All members that the schema names, each with the path to its object; a definition within itself is followed no further. */
function keywords(node: Schema, path: readonly Step[], around: readonly string[]): Keyword[] {
  const found: Keyword[] = [];
  const into = (value: unknown, at: readonly Step[]): void => {
    for (const each of schemasIn(value)) found.push(...keywords(each, at, around));
  };
  const reference = node['$ref'];
  if (typeof reference === 'string' && !around.includes(reference)) {
    const definition = (schema['definitions'] as Readonly<Record<string, Schema>>)[
      reference.replace('#/definitions/', '')
    ];
    assert.ok(definition, reference);
    found.push(...keywords(definition, path, [...around, reference]));
  }
  for (const keyword of ['then', 'else', 'anyOf', 'oneOf', 'allOf']) into(node[keyword], path);
  into(node['items'], [...path, 0]);
  // a name of the author's: nowhere but below `hostMethods` there are keywords of it
  if (path.at(-1) === 'hostMethods') into(node['additionalProperties'], [...path, 'm']);
  for (const [name, value] of Object.entries((node['properties'] as Schema | undefined) ?? {})) {
    found.push({ path, name });
    into(value, [...path, name]);
  }
  return found;
}

/** A file with an object at `path` that holds `inside`. */
function fileWith(path: readonly Step[], inside: string): string {
  const text = path.reduceRight<string>(
    (value, step) => (typeof step === 'number' ? `[${value}]` : `{${JSON.stringify(step)}: ${value}}`),
    `{${inside}}`,
  );
  // what makes it a file of the full form
  return path[0] === 'hostMethods' ? text : path.length === 0 ? text.replace('{', '{"hostMethods": {}, ') : text;
}

describe('the schema of mock files', () => {
  const all = keywords(schema, [], []);
  const seen = new Map(all.map((keyword) => [JSON.stringify(keyword), keyword]));

  it('has the keywords that this looks for', () => {
    const names = new Set(all.map(({ name }) => name));
    for (const name of [
      'hostMethods',
      'rules',
      'when',
      '$regex',
      'reply',
      '$call',
      'plugin',
      '$param',
      'or',
      'data',
      'oneOf',
    ])
      assert.ok(names.has(name), name);
    assert.ok(seen.size > 60, `${seen.size} keywords`);
  });

  for (const { path, name } of seen.values())
    it(`${[...path, name].join('.')} is offered, and explained`, () => {
      // `or` is a word beside `$param` alone
      const beside = name === 'or' ? '"$param": "a", ' : '';
      const open = fileWith(path, `${beside}|`);
      const offset = open.indexOf('|');
      const known = { guests: NO_GUESTS, observed: NOTHING_OBSERVED, states: [], files: [], snippets: true };
      const document = new MockDocument('m.mocks.jsonc', open.replace('|', ''));
      const offered = mockCompletions(document, offset, known).find(({ label }) => label === name);
      if (name === 'hostMethods') assert.equal(offered, undefined, 'it is there already');
      else {
        assert.ok(offered, `in ${open}`);
        assert.notEqual(offered.about, '');
        assert.doesNotMatch(offered.about, /See docs/);
      }
      const written = name === 'hostMethods' ? '{"hostMethods": {}}' : fileWith(path, `${beside}"${name}": 1`);
      const hover = mockHover(
        new MockDocument('m.mocks.jsonc', written),
        written.lastIndexOf(`"${name}"`) + 1,
        NO_GUESTS,
        NOTHING_OBSERVED,
      );
      assert.match(hover?.markdown ?? '', new RegExp(`^\\*\\*${name.replace('$', '\\$')}\\*\\* — .`), written);
    });
});
