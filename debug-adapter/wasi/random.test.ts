// Seeded randomness against its authors' reference outputs and a plain BigInt model. Contract E7.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type RandomSource, SeededRandom, SystemRandom, splitMix64 } from './random.ts';

const MASK = (1n << 64n) - 1n;

function outputs(random: RandomSource, count: number): bigint[] {
  const bytes = new Uint8Array(8 * count);
  random.fill(bytes);
  const view = new DataView(bytes.buffer);
  return Array.from({ length: count }, (_, i) => view.getBigUint64(8 * i, true));
}

/** xoshiro256** as its authors' C has it. */
function* xoshiro(state: readonly bigint[]): Generator<bigint, never> {
  let [s0 = 0n, s1 = 0n, s2 = 0n, s3 = 0n] = state;
  const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (64n - k))) & MASK;
  for (;;) {
    yield (rotl((s1 * 5n) & MASK, 7n) * 9n) & MASK;
    const t = (s1 << 17n) & MASK;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = rotl(s3, 45n);
  }
}

function first<T>(sequence: Iterator<T>, count: number): T[] {
  return Array.from({ length: count }, () => sequence.next().value);
}

describe('SeededRandom', () => {
  it('E7: splitmix64 gives its reference outputs for seed 1234567', () => {
    const found: bigint[] = [];
    let state = 1234567n;
    for (let i = 0; i < 5; i++) {
      const step = splitMix64(state);
      found.push(step.output);
      state = step.state;
    }
    assert.deepEqual(found, [
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
      4593380528125082431n,
      16408922859458223821n,
    ]);
  });
  it('E7: xoshiro256** gives its reference outputs for the state 1, 2, 3, 4', () => {
    assert.deepEqual(outputs(SeededRandom.fromState([1n, 2n, 3n, 4n]), 10), [
      11520n,
      0n,
      1509978240n,
      1215971899390074240n,
      1216172134540287360n,
      607988272756665600n,
      16172922978634559625n,
      8476171486693032832n,
      10595114339597558777n,
      2904607092377533576n,
    ]);
  });
  it('E7: is xoshiro256** for every state', () => {
    const word = fc.bigInt({ min: 0n, max: MASK });
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), (state) => {
        assert.deepEqual(outputs(SeededRandom.fromState(state), 20), first(xoshiro(state), 20));
      }),
    );
  });
  it('E7: one stream of bytes, however it is cut into calls', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -MASK, max: MASK }), fc.array(fc.nat(30), { maxLength: 10 }), (seed, cuts) => {
        const total = cuts.reduce((sum, length) => sum + length, 0);
        const whole = new Uint8Array(total);
        new SeededRandom(seed).fill(whole);
        const pieces = new Uint8Array(total);
        const random = new SeededRandom(seed);
        let at = 0;
        for (const length of cuts) {
          random.fill(pieces.subarray(at, at + length));
          at += length;
        }
        assert.deepEqual(pieces, whole);
      }),
    );
  });
  it('E7: the same seed gives the same bytes, another seed others; numbers and bigints alike', () => {
    assert.deepEqual(outputs(new SeededRandom(7), 4), outputs(new SeededRandom(7n), 4));
    assert.deepEqual(outputs(new SeededRandom(-1n), 4), outputs(new SeededRandom(MASK), 4));
    assert.notDeepEqual(outputs(new SeededRandom(7), 4), outputs(new SeededRandom(8), 4));
  });
});

describe('SystemRandom', () => {
  it('E7: asks for at most 65 536 bytes at once, and fills all', () => {
    const asked: number[] = [];
    const bytes = new Uint8Array(150_000);
    new SystemRandom((part) => {
      asked.push(part.length);
      part.fill(9);
    }).fill(bytes);
    assert.deepEqual(asked, [65_536, 65_536, 150_000 - 131_072]);
    assert.ok(bytes.every((byte) => byte === 9));
  });
});
