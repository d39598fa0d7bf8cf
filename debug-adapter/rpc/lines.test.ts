// Framing against a naive model of BufRead::read_line, its bound, and its speed on a long line in small pieces.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeUtf8, encodeLine, LineFramer, showBytes } from './lines.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const byte = fc.constantFrom(0x0a, 0x0a, 0x0d, 0x61, 0x62, 0xc3, 0xa9, 0xff, 0xf0, 0x9f, 0x98, 0x80);
const chunk = fc.array(byte, { maxLength: 12 }).map((values) => Uint8Array.from(values));

/** read_line over a pipe, as std writes it down: what each read_line appends is kept only if it is UTF-8. */
function model(steps: (Uint8Array | 'poll')[]): {
  lines: [text: string | undefined, unfinished: boolean][];
  lost: number;
} {
  const lines: [string | undefined, boolean][] = [];
  let lost = 0;
  let kept = '';
  let appended: number[] = [];
  for (const step of steps) {
    if (step === 'poll') {
      const text = decodeUtf8(Uint8Array.from(appended));
      if (text === undefined) lost += appended.length;
      kept += text ?? '';
      appended = [];
      continue;
    }
    for (const value of step) {
      if (value !== 0x0a) {
        appended.push(value);
        continue;
      }
      const text = decodeUtf8(Uint8Array.from(appended));
      lines.push([text === undefined ? undefined : kept + text, false]);
      kept = '';
      appended = [];
    }
  }
  if (appended.length > 0) {
    const text = decodeUtf8(Uint8Array.from(appended));
    lines.push([text === undefined ? undefined : kept + text, true]);
  }
  return { lines, lost };
}

describe('line framing', () => {
  it('E3: gives the lines that read_line gives, however the bytes arrive and whenever the host looks', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(chunk, fc.constant('poll' as const)), { maxLength: 20 }), (steps) => {
        const framer = new LineFramer(1000);
        const lines = [];
        let lost = 0;
        for (const step of steps) {
          if (step === 'poll') lost += framer.poll();
          else lines.push(...framer.push(step));
        }
        const last = framer.end();
        if (last) lines.push(last);
        assert.deepEqual({ lines: lines.map((line) => [line.text, line.unfinished]), lost }, model(steps));
      }),
      { numRuns: 2000 },
    );
  });

  it('gives the bytes of every line, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(chunk), (chunks) => {
        const framer = new LineFramer(1000);
        const lines = chunks.flatMap((part) => framer.push(part));
        const last = framer.end();
        const joined = Buffer.concat([...lines.flatMap((line) => [line.bytes, bytes('\n')]), last?.bytes ?? bytes('')]);
        assert.deepEqual(joined, Buffer.concat(chunks));
      }),
    );
  });

  it('P1: a line that is not UTF-8 has no text', () => {
    const [line] = new LineFramer(100).push(Uint8Array.of(0x61, 0xff, 0x0a));
    assert.equal(line?.text, undefined);
    assert.equal(showBytes(line?.bytes ?? bytes('')), 'a\uFFFD');
  });

  it('a byte order mark is a character, as for Rust', () => {
    assert.equal(new LineFramer(100).push(bytes('\uFEFFa\n'))[0]?.text, '\uFEFFa');
  });

  it('E3: a character that two writes share is lost if the host looks between them', () => {
    const framer = new LineFramer(100);
    framer.push(Uint8Array.of(0x61, 0xc3));
    assert.equal(framer.poll(), 2);
    assert.equal(framer.push(Uint8Array.of(0xa9, 0x0a))[0]?.text, undefined);
  });

  it('E3: an unfinished line is read at the end, but not if the host has looked since', () => {
    const framer = new LineFramer(100);
    framer.push(bytes('half'));
    assert.equal(framer.pendingBytes, 4);
    assert.deepEqual([framer.end()?.text, framer.end()], ['half', undefined]);
    framer.push(bytes('half'));
    framer.poll();
    assert.equal(framer.end(), undefined);
  });

  it('E4: a line over the bound is cut and flagged, and the next one is whole', () => {
    for (const size of [1, 3, 100]) {
      const framer = new LineFramer(4);
      const input = bytes('abcd\nabcdef\n\nxy\n');
      const lines = [];
      for (let at = 0; at < input.length; at += size) lines.push(...framer.push(input.subarray(at, at + size)));
      assert.deepEqual(
        lines.map((line) => [line.text, line.overlong]),
        [
          ['abcd', false],
          ['abcd', true],
          ['', false],
          ['xy', false],
        ],
      );
    }
    const endless = new LineFramer(1 << 16);
    for (let i = 0; i < 1000; i++) endless.push(new Uint8Array(1 << 16).fill(0x61));
    assert.equal(endless.pendingBytes, 1 << 16);
    assert.equal(endless.end()?.overlong, true);
  });

  it('E4: 10 MB in pieces of one byte take time in proportion to their number', () => {
    const framer = new LineFramer(1 << 30);
    const piece = bytes('x');
    const started = process.cpuUsage();
    for (let i = 0; i < 10_000_000; i++) framer.push(piece);
    const [line] = framer.push(bytes('\n'));
    assert.equal(line?.bytes.length, 10_000_000);
    // Copying the line for each piece would be 50 000 000 MB; a minute is far from both.
    assert.ok(process.cpuUsage(started).user < 60e6);
  });

  it('takes a copy of the bytes, and encodes what the host writes', () => {
    const framer = new LineFramer(100);
    const shared = bytes('ab\ncd');
    const [line] = framer.push(shared);
    shared.fill(0x7a);
    assert.equal(line?.text, 'ab');
    assert.equal(framer.push(bytes('\n'))[0]?.text, 'cd');
    for (const text of ['', 'plain', 'é', 'x'.repeat(2000), `${'x'.repeat(2000)}é`])
      assert.deepEqual(encodeLine(text), bytes(`${text}\n`));
  });
});
