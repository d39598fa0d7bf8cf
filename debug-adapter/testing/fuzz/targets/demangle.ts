// Fuzz target: symbols. Always a text, of bounded length, in bounded time; what is no Rust symbol comes back as it was; and what only linkers
// add changes nothing of the meaning.
import { demangle, MAX_SYMBOL_LENGTH } from '../../../wasm/demangle.ts';
import { CRATE_VECTORS, REAL_VECTORS } from '../../../wasm/demangle-vectors.ts';
import type { RandomSource } from '../../random-source.ts';
import { type Bytes, changeBytes, joined, spliced, stretch } from '../bytes.ts';
import { changed } from '../json-text.ts';
import { texts } from '../seeds.ts';
import { expect, type FuzzTarget } from '../target.ts';

/** Tuples of two, each of the one before it: what they stand for doubles with each. `head` stands before, `tail` behind. */
function doubling(head: string, times: number, tail: string): string {
  let symbol = `${head}TmE`;
  let last = head.length;
  for (let n = 0; n < times; n++) {
    const reference = `B${base62(last - '_R'.length)}_`;
    last = symbol.length;
    symbol += `T${reference}${reference}E`;
  }
  return symbol + tail;
}

function base62(value: number): string {
  if (value === 0) return '';
  const digits = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  let text = '';
  for (let rest = value - 1; ; rest = Math.floor(rest / 62)) {
    text = `${digits[rest % 62]}${text}`;
    if (rest < 62) return text;
  }
}

const seeds = texts(
  ...[...CRATE_VECTORS, ...REAL_VECTORS].map(([symbol]) => symbol),
  // as type arguments, and in the path of an impl, which is read and not printed
  ...[3, 12, 16, 30, 60].flatMap((times) => [
    doubling('_RINvC1a1f', times, 'E'),
    doubling('_RNvXIC1a', times, 'ElC1b1f'),
    doubling('_RNvMIC1a', times, 'El1f'),
  ]),
);
const encoder = new TextEncoder();

/** Pieces of the two grammars: back references, binders, constants, escapes, lengths. */
const PIECES = [
  'B_',
  'B0_',
  'B2_',
  'Bz_',
  'BZZZ_',
  'NtB2_',
  'C1a',
  'NvC1a1b',
  'NtNt',
  'IB_',
  'E',
  'KpRL_',
  'L0_',
  'FG_',
  'DG_',
  'FUKC',
  'TEB_',
  'RB_',
  'QB_',
  'SB_',
  'AB_',
  'Kj0_',
  'Kjffffffffffffffff_',
  'Kan80_',
  'Kb1_',
  'Kc1f980_',
  'Kcd800_',
  'KRe616263_',
  'KVB_S',
  'KTE',
  'KAB_E',
  'u8gdel_5qa',
  'u3abc',
  's_',
  'sZZZZZZZZZZZ_',
  'XB_',
  'MB_',
  'YB_',
  'zE',
  'p',
  '$u20$',
  '$LT$',
  '$',
  '..',
  '.llvm.',
  '.llvm.AF09',
  '17h0123456789abcdefE',
  '1a',
  '0',
  '00',
  '99999999999999999999',
  '_ZN',
  '_R',
  '__R',
  'ZN',
  '_',
] as const;

function change(source: RandomSource, bytes: Uint8Array, other: Uint8Array): Bytes {
  const at = source.below(bytes.length + 1);
  const [from, to] = stretch(source, bytes.length);
  switch (source.below(8)) {
    case 0:
    case 1:
      return spliced(bytes, at, at, encoder.encode(source.one(PIECES)));
    case 2:
      return spliced(bytes, from, to, encoder.encode(source.one(PIECES)));
    case 3: {
      // the same many times over: what back references multiply
      const piece = encoder.encode(source.one(PIECES));
      const times = source.one([2, 10, 100, 600, source.chance(0.2) ? 10_000 : 50]);
      return spliced(bytes, at, at, joined(Array.from({ length: times }, () => piece)));
    }
    case 4: {
      const digits = String(source.one([0, 1, 2, 9, 10, 99, 65_536, 4_294_967_296, bytes.length, bytes.length - at]));
      return spliced(bytes, at, at, encoder.encode(digits));
    }
    default:
      return changeBytes(source, bytes, other);
  }
}

function check(bytes: Bytes): void {
  // latin1 for odd lengths: symbols are bytes, and any of them must do
  const symbol =
    bytes.length % 2 === 0
      ? new TextDecoder().decode(bytes)
      : Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  for (const hash of [false, true]) {
    const shown = demangle(symbol, { hash });
    expect(typeof shown === 'string', () => 'no text');
    expect(
      shown === symbol || shown.length <= MAX_SYMBOL_LENGTH + symbol.length,
      () => `${shown.length} characters out of ${symbol.length}`,
    );
    expect(symbol === '' || shown !== '', () => 'an empty name');
    const rust = /^(?:_R|_{0,2}ZN)/.test(symbol);
    expect(rust || shown === symbol, () => `${symbol} is no symbol of Rust, and became ${shown}`);
    if (shown === symbol) continue;
    // ThinLTO's suffix says nothing to people
    if (!symbol.includes('.llvm.') && symbol.length < MAX_SYMBOL_LENGTH - 20)
      expect(
        demangle(`${symbol}.llvm.0123ABCDEF`, { hash }) === shown,
        () => `with .llvm.: ${demangle(`${symbol}.llvm.0123ABCDEF`, { hash })}, not ${shown}`,
      );
    // legacy symbols may have two underscores, one, or none
    if (symbol.startsWith('_ZN'))
      expect(demangle(`_${symbol}`, { hash }) === shown, () => `with another _: ${demangle(`_${symbol}`, { hash })}`);
  }
}

export const target: FuzzTarget = {
  name: 'demangle',
  about: 'Rust symbols, legacy and v0: bounded text in bounded time',
  make: (source) => changed(source, seeds, change),
  check,
  bounds: { ms: 150, bytes: 24 << 20 },
};
