// JSON laid out over lines: as JSON.stringify would, but with every token as it was.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { neverLate, watchTimers } from '../../debug-adapter/testing/lateness.ts';
import { prettyJson } from './prettyJson.ts';

const noTurn = async (): Promise<void> => {};

describe('pretty JSON', () => {
  it('P2: numbers keep every digit, strings every escape', async () => {
    const text = '{"id":18446744073709551615,"x":[1.50,1e400,-0.0],"s":"\\u00e9\\"\\\\","e":{},"f":[ ]}';
    assert.equal(
      await prettyJson(text, noTurn),
      `{
  "id": 18446744073709551615,
  "x": [
    1.50,
    1e400,
    -0.0
  ],
  "s": "\\u00e9\\"\\\\",
  "e": {},
  "f": []
}
`,
    );
  });

  it('is what JSON.stringify makes of a value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        const value: unknown = JSON.parse(text);
        assert.equal(await prettyJson(JSON.stringify(value), noTurn), `${JSON.stringify(value, null, 2)}\n`);
        assert.equal(await prettyJson(JSON.stringify(value, null, 1), noTurn), `${JSON.stringify(value, null, 2)}\n`);
      }),
    );
  });

  it('what is no JSON loses nothing but spaces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom(...'{}[]:,"\\ ab1') }), async (text) => {
        const bare = (some: string) => some.replaceAll(/\s/g, '');
        assert.equal(bare(await prettyJson(text, noTurn)), bare(text));
      }),
    );
  });

  it('E2: 10 MB of tokens hold nobody up', async (t) => {
    const text = `[${Array(3_500_000).fill('12').join(',')}]`;
    await neverLate(t, async () => {
      const watch = watchTimers();
      const pretty = await prettyJson(text, () => new Promise((resolve) => setImmediate(resolve)));
      const late = watch.stop();
      assert.equal(pretty.length, 3_500_000 * 6 + 3);
      return late;
    });
  });

  it('E4: brackets without end do not make it grow with their square', async () => {
    const pretty = await prettyJson('['.repeat(20_000), noTurn);
    assert.ok(pretty.length < 20_000 * 500);
  });
});
