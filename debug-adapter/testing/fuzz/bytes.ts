// Changes to inputs that know nothing of what they mean: bytes flipped, cut, moved, doubled, and two inputs made one. Only tests import it.
import type { RandomSource } from '../random-source.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes that mean something at many places: sizes, opcodes, ends of number formats, quotes, line ends, halves of characters. */
const TELLING = [
  0, 1, 2, 3, 0x05, 0x0b, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x2d, 0x30, 0x3a, 0x40, 0x5b, 0x5c, 0x5d, 0x5f, 0x7b, 0x7d,
  0x7f, 0x80, 0xbf, 0xc0, 0xc3, 0xd2, 0xe2, 0xed, 0xef, 0xf0, 0xf4, 0xfc, 0xfd, 0xfe, 0xff,
];

/** `bytes` with [from, to) replaced. */
export function spliced(bytes: Uint8Array, from: number, to: number, insert: ArrayLike<number>): Bytes {
  const out = new Uint8Array(bytes.length - (to - from) + insert.length);
  out.set(bytes.subarray(0, from));
  out.set(insert, from);
  out.set(bytes.subarray(to), from + insert.length);
  return out;
}

export function joined(parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A stretch of `length` places, short more often than not: [from, to). */
export function stretch(source: RandomSource, length: number): [from: number, to: number] {
  const from = source.below(length + 1);
  const most = source.chance(0.7) ? 8 : length;
  return [from, Math.min(length, from + source.below(most) + 1)];
}

/** One change; `other` is an input to take from. */
export function changeBytes(source: RandomSource, bytes: Uint8Array, other: Uint8Array): Bytes {
  const at = source.below(Math.max(1, bytes.length));
  const [from, to] = stretch(source, bytes.length);
  switch (source.below(10)) {
    case 0:
      return spliced(bytes, at, Math.min(bytes.length, at + 1), [source.below(256)]);
    case 1:
    case 2:
      return spliced(bytes, at, Math.min(bytes.length, at + 1), [source.one(TELLING)]);
    case 3: {
      const out = Uint8Array.from(bytes);
      if (out.length > 0) out[at] = out[at]! ^ (1 << source.below(8));
      return out;
    }
    case 4: // cut short
      return Uint8Array.from(bytes.subarray(0, at));
    case 5:
      return spliced(bytes, from, to, []);
    case 6: // doubled, now and then many times
      return spliced(bytes, to, to, repeated(bytes.subarray(from, to), source.chance(0.1) ? 1 + source.below(200) : 1));
    case 7:
      return spliced(
        bytes,
        at,
        at,
        Uint8Array.from({ length: 1 + source.below(4) }, () => source.one(TELLING)),
      );
    case 8: {
      // a piece of the other, over or between
      const [first, last] = stretch(source, other.length);
      return spliced(bytes, from, source.chance(0.5) ? to : from, other.subarray(first, last));
    }
    default: // the head of one and the tail of the other
      return joined([bytes.subarray(0, at), other.subarray(source.below(other.length + 1))]);
  }
}

/** `piece` so many times over, bounded to 64 KiB. */
function repeated(piece: Uint8Array, times: number): Bytes {
  const count = Math.max(1, Math.min(times, Math.floor(65536 / Math.max(1, piece.length))));
  return joined(Array.from({ length: count }, () => piece));
}
