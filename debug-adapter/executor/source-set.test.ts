// Setting variables of every kind, in real plugins: what can be set takes the text that it is shown as, other values are seen afterwards, and what can't be
// set says why in a sentence. Contracts S6, P2, R1.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needs } from '../testing/run-call.ts';
import { breakOn, SourceSession } from '../testing/source-session.ts';

/** Why something that may be set in parts, or to other texts, can't be set to what it is shown as. */
const WHY_NOT = /can't be set as a whole|What is shown of this text|^The variants are|is not a whole number\.$/;

/** Sets every row that says it can be to its own text; answers how many were, and what was said of the others. */
async function setAll(session: SourceSession): Promise<{ set: number; refused: string[] }> {
  const { own } = await session.standing();
  assert.ok(own !== undefined);
  const at = { frame: own.index, level: own.level, scope: 'locals' } as const;
  const found = { set: 0, refused: [] as string[] };
  const walk = async (path: readonly number[], depth: number): Promise<void> => {
    const { rows } = await session.run.variables({ ...at, path }, 0, depth === 0 ? 100 : 4);
    for (const [index, row] of rows.entries()) {
      const here = [...path, index];
      if (row.settable) {
        try {
          const after = await session.run.setVariable({ ...at, path: here }, row.value);
          assert.equal(after?.value, row.value, row.name);
          found.set++;
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          found.refused.push(`${row.name}: ${(error as Error).message}`);
        }
      } else
        await assert.rejects(
          session.run.setVariable({ ...at, path: here }, row.value),
          /set|lies|written|not/,
          row.name,
        );
      if (depth < 2 && row.named + row.indexed > 0) await walk(here, depth + 1);
    }
  };
  await walk([], 0);
  return found;
}

describe('what can be set', () => {
  for (const [plugin, file, methods] of [
    ['rust-views.debug', 'rust-views/src/scalars.rs', ['integers', 'floats', 'characters']],
    ['rust-views.debug', 'rust-views/src/text.rs', ['strings', 'other_strings']],
    ['rust-views.debug', 'rust-views/src/enums.rs', ['options', 'results', 'tagged', 'niches']],
    ['rust-views.debug', 'rust-views/src/pointers.rs', ['references', 'boxes', 'raw']],
    ['rust-views.optimized', 'rust-views/src/enums.rs', ['options']],
    ['c-views', 'c-views/main.c', ['integers', 'strings', 'structs', 'enums']],
  ] as const)
    it(`S6: ${plugin}: takes the text it is shown as: ${methods.join(', ')}`, needs(plugin), async (test) => {
      for (const method of methods) {
        const session = SourceSession.of(test, plugin, method, 'null', [breakOn(file, `// stop: ${method}`)]);
        const { set, refused } = await setAll(session);
        assert.deepEqual(
          refused.filter((sentence) => !WHY_NOT.test(sentence)),
          [],
        );
        assert.ok(set >= 5, `${method}: ${set} were set`);
        await session.end();
      }
    });

  it(
    'P2: numbers of every width exactly; enums, options and texts in their places',
    needs('rust-views.debug'),
    async (test) => {
      for (const [method, file, edits] of [
        [
          'integers',
          'scalars',
          [
            ['largest_u64', '18446744073709551614', '18446744073709551614'],
            ['smallest_i64', '-9223372036854775807', '-9223372036854775807'],
            ['largest_u128', '340282366920938463463374607431768211454', '340282366920938463463374607431768211454'],
            ['smallest_i128', '-1', '-1'],
            ['small', '256', /256/],
            ['yes', 'false', 'false'],
            ['nonzero', '9', '9'],
          ],
        ],
        [
          'floats',
          'scalars',
          [
            ['tenth', '1e-7', '1e-7'],
            ['half', 'NaN', 'NaN'],
            ['pi', '-inf', '-inf'],
            ['half', '1e40', /1e40 is larger than any float of 4 bytes/],
          ],
        ],
        [
          'characters',
          'scalars',
          [
            ['letter', "'🦀'", "'🦀'"],
            ['letter', "'ab'", /character/],
            ['letter', '120 as char', "'x'"],
          ],
        ],
        [
          'options',
          'enums',
          [
            ['none', 'Some(7)', 'Some(7)'],
            ['some', 'None', 'None'],
            ['some_bool', 'Some(true)', 'Some(true)'],
            ['some_string', 'Some("Bob")', 'Some("Bob")'],
            ['none_string', 'Some("Bob")', /can't be set as a whole/],
            ['some_u128', 'Some(1)', 'Some(1)'],
          ],
        ],
        [
          'c_like',
          'enums',
          [
            ['red', 'Blue', 'Blue'],
            ['red', 'Purple', /one of Red, Green, Blue/],
            ['red', 'green', 'Green'],
            ['red', 'grean', /one of Red, Green, Blue/],
          ],
        ],
        [
          'strings',
          'text',
          [
            ['owned', '"OWNED"', '"OWNED"'],
            ['owned', '"é"', '"é"'],
            ['owned', '"a text that is too long"', /23 bytes, and there is room for/],
            ['with_capacity', '"longer than it was"', '"longer than it was"'],
          ],
        ],
      ] as const) {
        const session = SourceSession.of(test, 'rust-views.debug', method, 'null', [
          breakOn(`rust-views/src/${file}.rs`, `// stop: ${method}`),
        ]);
        const { own } = await session.standing();
        assert.ok(own !== undefined);
        const at = { frame: own.index, level: own.level, scope: 'locals' } as const;
        for (const [name, text, expected] of edits) {
          const { rows } = await session.run.variables({ ...at, path: [] }, 0, 100);
          const path = [rows.findIndex((row) => row.name === name)];
          const said = await session.run.setVariable({ ...at, path }, text).then(
            (row) => row?.value ?? '',
            (error: Error) => error.message,
          );
          if (typeof expected === 'string') assert.equal(said, expected, name);
          else assert.match(said, expected, name);
        }
        await session.end();
      }
    },
  );
});
