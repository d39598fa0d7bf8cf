// Numbers, payloads, marks in the filter, hex dumps: what the panel writes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { marked } from './filterMarks.ts';
import { fromBase64, hexLine } from './hexText.ts';
import { axisText, bytesText, countText, fuelText, grouped, msText } from './numbers.ts';
import { pieces } from './payloadText.ts';
import { cellText, rowContext, rowLabel } from './rowText.ts';

const N = '\u202f';

describe('numbers', () => {
  it('are grouped by narrow spaces, with their units', () => {
    assert.equal(grouped(1234567), `1${N}234${N}567`);
    assert.equal(fuelText(12_400), `≈12${N}400`);
    assert.deepEqual([0, 0.002, 0.42, 12.34, 1204, 12_345, 720_000].map(msText), [
      `0.00${N}ms`,
      `2.0${N}µs`,
      `0.42${N}ms`,
      `12.3${N}ms`,
      `1${N}204${N}ms`,
      `12.3${N}s`,
      `12${N}min`,
    ]);
    assert.deepEqual(
      [bytesText(1), bytesText(999), bytesText(12_000), bytesText(10_000_000)],
      [`1${N}byte`, `999${N}bytes`, `12${N}kB`, `10${N}MB`],
    );
    assert.deepEqual(
      [countText(1, 1), countText(1204, 1204), countText(37, 1204)],
      ['1 row', `1${N}204 rows`, `37 of 1${N}204`],
    );
    assert.deepEqual(
      [axisText('fuel', 9000), axisText('fuel', 12_000_000), axisText('time', 3)],
      [`9${N}000`, `12${N}M`, `3.00${N}ms`],
    );
  });
});

describe('filter marks', () => {
  it('cut the text without a loss, whatever the problems are', () => {
    const problem = fc.record({
      from: fc.integer({ min: -3, max: 30 }),
      to: fc.integer({ min: -3, max: 30 }),
      message: fc.constant(''),
    });
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.array(problem, { maxLength: 4 }), (text, problems) => {
        assert.equal(
          marked(text, problems)
            .map((part) => part.text)
            .join(''),
          text,
        );
      }),
    );
    assert.deepEqual(marked('a bogus:3', [{ from: 2, to: 9, message: 'no' }]), [
      { text: 'a ', wrong: false },
      { text: 'bogus:3', wrong: true },
    ]);
  });
});

describe('payloads', () => {
  it('E4: controls and direction overrides are set apart and named, the rest is as it was', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
    const unseen = /[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/;
    assert.deepEqual(pieces('a\u001b[1m\u202eb\n\tc'), [
      { text: 'a' },
      { text: '\u241b', control: 'U+001B' },
      { text: '[1m' },
      { text: 'U+202E', control: 'U+202E' },
      { text: 'b\n\tc' },
    ]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const piece of pieces(text)) assert.doesNotMatch(piece.text, unseen);
      }),
    );
  });
});

describe('hex', () => {
  it('lines of sixteen, with what is not there left out', () => {
    const bytes = new TextEncoder().encode('{"a":"\u001b"}0123456789');
    assert.deepEqual(hexLine(0, bytes, 0, 16), {
      offset: '00000000',
      hex: '7b 22 61 22 3a 22 1b 22  7d 30 31 32 33 34 35 36',
      text: '{"a":"."}0123456',
    });
    assert.deepEqual(hexLine(1, bytes, 0, 16), { offset: '00000010', hex: '37 38 39', text: '789' });
    assert.deepEqual(hexLine(7, bytes, 0, 16), { offset: '00000070', hex: '', text: '' });
    assert.deepEqual(hexLine(2, bytes, 0, 8), { offset: '00000010', hex: '37 38 39', text: '789' });
    assert.deepEqual([...fromBase64(Buffer.from([0, 255, 10]).toString('base64'))], [0, 255, 10]);
  });
});

describe('rows', () => {
  const row = {
    row: 4,
    event: 7,
    events: 3,
    kind: 'request',
    dir: 'out',
    name: 'echo',
    id: '18446744073709551615',
    depth: 1,
    summary: '{"text":"hi"}',
    bytes: 96,
    fuelSince: 100,
    fuel: 7300,
    time: 0.086,
    pending: true,
  } as const;

  it('P2: are read out with all that their colours say', () => {
    assert.equal(
      rowLabel(row, true),
      'The debugger stands here, request echo, id 18446744073709551615, plugin to host, {"text":"hi"}, no reply so far, 96\u202fbytes, level 2',
    );
    assert.equal(cellText(row, 'id'), '18446744073709551615');
    assert.equal(cellText(row, 'event'), '7 +2');
    assert.equal(cellText(row, 'duration'), 'pending');
  });

  it('tell the context menu what they are', () => {
    assert.deepEqual(JSON.parse(rowContext(row, 2)), {
      webviewSection: 'row',
      preventDefaultContextMenuItems: true,
      call: 2,
      row: 4,
      rowKind: 'request',
      rowDir: 'out',
    });
  });
});
