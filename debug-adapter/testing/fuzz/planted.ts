// A small decoder with a fault planted in it, to show that the harness finds it: which one says the query of this module's URL. Only fuzz.test.ts
// has it loaded.
import { ownCpu } from '../lateness.ts';
import type { RandomSource } from '../random-source.ts';
import { type Bytes, changeBytes } from './bytes.ts';
import { changed } from './json-text.ts';
import { expect, type FuzzTarget } from './target.ts';

const fault = new URL(import.meta.url).searchParams.get('fault') ?? 'none';

/** A count, then so many texts, each with its length before it; a text that does not fit is refused. */
function decode(bytes: Uint8Array): string[] | undefined {
  const texts: string[] = [];
  let at = 1;
  for (let left = bytes[0] ?? 0; left > 0; left--) {
    const length = bytes[at++];
    if (fault === 'crash' && length === undefined) return [(undefined as unknown as string).trim()]; // the planted fault
    if (length === undefined || at + length > bytes.length) return undefined;
    const end = at + length - (fault === 'wrong' && length === 0x80 ? 1 : 0);
    texts.push(Array.from(bytes.subarray(at, end), (byte) => String.fromCharCode(byte)).join(''));
    if (fault === 'hang' && length === 0x7f) {
      texts.pop();
      at--;
      left++;
    } else at += length;
    if (length === 0xff) stumble();
  }
  return texts;
}

/** The faults that a text of 255 bytes sets off. */
function stumble(): void {
  if (fault === 'slow') for (const end = ownCpu() + 400; ownCpu() < end; );
  if (fault === 'hungry') kept.push(new Uint8Array(64 << 20));
  if (fault === 'late') void Promise.reject(new Error('nobody waits for this'));
  if (fault === 'heap') for (const list: unknown[] = []; ; ) list.push({ list, text: `${list.length}` });
}
const kept: Uint8Array[] = [];

const seeds = [Uint8Array.of(2, 3, 97, 98, 99, 0), Uint8Array.of(0), Uint8Array.of(1, 1, 7)];

function make(source: RandomSource): Bytes {
  if (source.chance(0.5)) return changed(source, seeds, changeBytes);
  const length = source.one([0x7f, 0x80, 0xff]);
  const bytes = new Uint8Array(length + 3);
  bytes.set([1, length]);
  return bytes;
}

async function check(bytes: Bytes): Promise<void> {
  const texts = decode(bytes);
  if (fault === 'late') await new Promise((resolve) => setImmediate(resolve));
  if (texts === undefined) return;
  let at = 1;
  for (const text of texts) {
    expect(bytes[at] === text.length, () => `a text of ${text.length} bytes, which should have ${bytes[at]}`);
    at += 1 + text.length;
  }
}

export const target: FuzzTarget = {
  name: `planted-${fault}`,
  about: `a decoder with the fault '${fault}'`,
  make,
  check,
};
