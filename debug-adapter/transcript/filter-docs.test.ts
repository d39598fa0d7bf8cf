// docs/transcript-filter.md says what the filter does: every key and word is in it, its examples are right, and what it says of them holds.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { parseFilter } from './filter.ts';
import { KEYS } from './filter-keys.ts';
import { compilePattern, LOOKED_AT } from './filter-pattern.ts';

const page = fs.readFileSync(new URL('../../docs/transcript-filter.md', import.meta.url), 'utf8');
const wordsOf = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, inside = '']) => inside);

describe('docs/transcript-filter.md', () => {
  it('has every key and every word, and no other', () => {
    const rows = [...page.matchAll(/^\| (`\w+:`.*)$/gm)].map(([, row = '']) => row);
    const named = rows.flatMap((row) => wordsOf(row.split('|')[0] ?? ''));
    assert.deepEqual(new Set(named), new Set(KEYS.map(({ name }) => `${name}:`)));
    for (const key of KEYS) {
      if (key.takes !== 'words') continue;
      const row = rows.find((one) => one.startsWith(`\`${key.name}:\``)) ?? '';
      assert.deepEqual(new Set(wordsOf(row).slice(1)), new Set(key.words.keys()), key.name);
    }
  });

  it('has examples that are right', () => {
    const [, fenced = ''] = /```\n([\s\S]*?)```/.exec(page) ?? [];
    const examples = fenced.split('\n').map((line) => (line.split(/ {2,}/)[0] ?? '').trim());
    assert.equal(examples.length, 7);
    const inline = wordsOf(page).filter((word) => KEYS.some(({ name }) => word.startsWith(`${name}:`)));
    assert.ok(inline.length > 15);
    for (const text of [...examples, ...inline, ...KEYS.map(({ example }) => example)])
      assert.deepEqual(parseFilter(text).problems, [], text);
  });

  it('says what amounts are, and what is no pattern', () => {
    const rangeOf = (text: string) => {
      const [term] = parseFilter(text).filter.terms;
      return term?.test === 'numbers' ? term.ranges.map(({ low, high }) => [low, high]) : undefined;
    };
    assert.deepEqual(rangeOf('dur:5ms'), [[4.5, 5.5]]);
    assert.deepEqual(rangeOf('dur:5.0ms'), [[4.95, 5.05]]);
    assert.deepEqual(rangeOf('bytes:1kB'), [[500, 1500]]);
    assert.deepEqual(rangeOf('fuel:1000'), [[1000, 1000]]);
    assert.deepEqual(rangeOf('time:10..20us'), [[0.01, 0.02]]);
    assert.match(String(compilePattern('(?=a)', false)), /\(\?=/);
    assert.equal(typeof compilePattern('(a+)+b', false), 'object');
    assert.equal(LOOKED_AT, 64 * 1024);
  });
});
