// The members of large JSON texts: the same as the scanner of short ones finds, whatever the slices; and texts that are no JSON end.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { scanJson } from '../rpc/json-scan.ts';
import { MemberIndex } from './large-json.ts';

function indexed(bytes: Uint8Array, start: number, end: number): MemberIndex {
  const index = new MemberIndex(bytes, start, end);
  while (!index.advance(0, () => 0));
  return index;
}

/** JSON text with spaces wherever they may be. */
const spaced = fc.tuple(fc.json(), fc.constantFrom('', ' ', '\n\t ')).map(([text, space]) => {
  const value: unknown = JSON.parse(text);
  return space === '' ? text : (JSON.stringify(value, undefined, space) ?? 'null');
});

describe('large JSON', () => {
  it('P2: finds the members that the scanner finds, and how many each has', () => {
    fc.assert(
      fc.property(fc.array(spaced, { maxLength: 5 }), fc.boolean(), (values, isObject) => {
        const inner = values.map((value, i) => (isObject ? `"k\\"${i}é" :${value}` : value)).join(' ,');
        const text = isObject ? `{ ${inner} }` : `[ ${inner} ]`;
        const bytes = new TextEncoder().encode(text);
        const index = indexed(bytes, 0, bytes.length);
        assert.equal(index.length, values.length);
        const piece = (from: number, to: number) => new TextDecoder().decode(bytes.subarray(from, to));
        for (const [i, value] of values.entries()) {
          assert.equal(piece(index.start(i), index.end(i)), value);
          assert.equal(index.count(i), scanJson(value).members.length);
          assert.equal(index.key(i) > 0, isObject);
        }
      }),
    );
  });

  it('E4: any bytes end, with members that lie inside', () => {
    const byte = fc.constantFrom(...new TextEncoder().encode('[]{}",:\\ 1a'));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), (list) => {
        const bytes = Uint8Array.from([0x7b, ...list]);
        const index = indexed(bytes, 0, bytes.length);
        for (let i = 0; i < index.length; i++)
          assert.ok(index.start(i) > 0 && index.start(i) < index.end(i) && index.end(i) <= bytes.length);
      }),
    );
  });

  it('E2: goes on where the last slice ended', () => {
    const bytes = new TextEncoder().encode(`[${'{"a":[1,2,"]"]},'.repeat(100_000)}0]`);
    const index = new MemberIndex(bytes, 0, bytes.length);
    let slices = 1;
    while (!index.advance(0, () => 0)) slices++;
    assert.equal(slices, Math.ceil((bytes.length - 1) / 65536));
    assert.equal(index.length, 100_001);
    assert.equal(index.count(99_999), 1);
  });
});
