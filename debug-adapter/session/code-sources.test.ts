// Functions as text: lines and instructions, windows of long functions, what is kept. Over code that is filled by hand. Contracts S6, E2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DisassemblyRow } from '../wasm/disassembly.ts';
import { CodeSources, codeReference, HEAD_LINES, WINDOW } from './code-sources.ts';

const START = 0x100;

/** A function of `count` instructions of two bytes, and one more behind it; counts what it is asked for. */
function codeOf(count: number) {
  const rows = Array.from({ length: count + 2 }, (_, i): DisassemblyRow => {
    const n = i < count ? i : i - count;
    const last = i === count - 1 || i === count + 1;
    return {
      offset: START + 2 * i,
      length: 2,
      bytes: '01 01',
      text: last ? 'end' : n === 1 ? `br 0 (;@1 → 0x${(START + 2 * i + 4).toString(16)};)` : 'nop',
      depth: n > 0 && !last ? 1 : 0,
      definedFunction: i < count ? 0 : 1,
      symbol: n === 0 ? `func $f${i < count ? 0 : 1} (;5;)` : '',
      valid: true,
    };
  });
  const asked = { queries: 0, most: 0 };
  return {
    asked,
    run: {
      async functions(pattern: string) {
        return pattern === 'func[5]' ? [{ func: 5, offset: START, name: 'app::f/g' }] : [];
      },
      async disassemble(offset: number, instructionOffset: number, wanted: number) {
        asked.queries++;
        asked.most = Math.max(asked.most, wanted);
        const from = (offset - START) / 2 + instructionOffset;
        return Array.from({ length: wanted }, (_, i) => rows[from + i] ?? { ...NOTHING });
      },
    },
  };
}

const NOTHING: DisassemblyRow = {
  offset: -1,
  length: 1,
  bytes: '',
  text: '',
  depth: 0,
  definedFunction: -1,
  symbol: '',
  valid: false,
};
const frame = (instruction: number) => ({ func: 5, offset: START + 2 * instruction, name: 'app::f/g' });

describe('functions as text', () => {
  it('S6: one instruction a line, under a head of two; targets of branches are lines', async () => {
    const { run, asked } = codeOf(4);
    const sources = new CodeSources(run, 'app.wasm');
    const place = await sources.place(frame(2));
    assert.equal(place?.line, HEAD_LINES + 3);
    assert.equal(place.source.name, 'app::f·g.wat');
    assert.equal(
      await sources.text(place.source.sourceReference ?? 0),
      [
        ';; app::f/g, function 5 of app.wasm, at 0x100',
        '(func $f0 (;5;)',
        '  nop',
        '    br 0 (;@1 → line 6;)',
        '    nop',
        ')',
        '',
      ].join('\n'),
    );
    const { queries } = asked;
    await sources.place(frame(3));
    assert.ok(asked.queries - queries <= 1, 'the text is kept');
  });

  it('E2: a long function comes in windows, few rows at a time', async () => {
    const { run, asked } = codeOf(3 * WINDOW);
    const sources = new CodeSources(run, 'app.wasm');
    for (const [instruction, window, line] of [
      [0, 0, HEAD_LINES + 1],
      [WINDOW - 1, 0, HEAD_LINES + WINDOW],
      [WINDOW, 1, HEAD_LINES + 1],
      [2 * WINDOW + 5, 2, HEAD_LINES + 6],
      [3 * WINDOW - 1, 2, HEAD_LINES + WINDOW],
    ] as const) {
      const place = await sources.place(frame(instruction));
      assert.deepEqual(
        [codeReference(place?.source.sourceReference), place?.line],
        [{ func: 5, window }, line],
        `instruction ${instruction}`,
      );
    }
    const text = async (window: number) => (await sources.text(0x4000_0000 + 5 * 1024 + window)).trimEnd().split('\n');
    const second = await text(1);
    assert.match(second[0] ?? '', /from instruction 8 000 \(0x3f80\) on$/);
    assert.equal(second.at(-1), '  ;; … and on');
    assert.equal(second.length, HEAD_LINES + WINDOW + 1);
    assert.equal((await text(2)).at(-1), ')');
    assert.ok(asked.most <= 2000, `${asked.most} rows at once`);
  });

  it('what is not there is a sentence, or a frame without a source', async () => {
    const sources = new CodeSources(codeOf(4).run, 'app.wasm');
    await assert.rejects(sources.text(7), /^Error: There is no function's text with the number 7\.$/);
    await assert.rejects(sources.text(0x4000_0000), /^Error: The plugin defines no function 0\.$/);
    await assert.rejects(sources.text(0x4000_0000 + 5 * 1024 + 1), /has no instruction 8000/);
    assert.equal(await sources.place({ func: 1, offset: 0, name: 'imported' }), undefined);
    for (const reference of [undefined, null, 1000, 1.5, 0x8000_0000, '1073741824', Number.NaN])
      assert.equal(codeReference(reference), undefined);
  });
});
