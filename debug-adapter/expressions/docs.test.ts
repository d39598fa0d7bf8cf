// docs/expressions.md against the language: its examples are expressions, and nothing of the language is missing there.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { parseExpression } from './expression.ts';
import { FUNCTIONS, METHODS } from './functions.ts';
import { CELL_TYPES, FORMATS, LEVELS } from './syntax.ts';

const page = fs.readFileSync(new URL('../../docs/expressions.md', import.meta.url), 'utf8');

describe('docs/expressions.md', () => {
  it('its examples are expressions', () => {
    const block = /```\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    const examples = block.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.split(/ {2,}/)[0] ?? '']));
    assert.ok(examples.length >= 6);
    for (const example of examples) assert.ok(parseExpression(example, true).root, example);
  });

  it('every form in the tables of names, memory and functions is one', () => {
    const forms = [...page.matchAll(/^\| ((?:`[^`]+`[ ,…]*)+) \|/gm)]
      .flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)])
      .map(([, form = '']) => form.replaceAll('\\|', '|'))
      .filter((form) => /\w/.test(form) && !/^[xbusw]$/.test(form));
    assert.ok(forms.length > 40, `${forms.length}`);
    for (const form of forms) assert.ok(parseExpression(form, true).root, form);
  });

  it('every operator, function, type and format stands there', () => {
    const words = new Set(page.match(/\w+/g));
    for (const name of [
      ...FUNCTIONS.keys(),
      ...METHODS.keys(),
      ...CELL_TYPES,
      ...FORMATS,
      'memory',
      'str',
      'cstr',
      'local',
      'global',
      'stack',
    ])
      assert.ok(words.has(name), name);
    for (const operator of LEVELS.flat()) assert.ok(page.replaceAll('\\', '').includes(`\`${operator}\``), operator);
  });
});
