// Where random_get's bytes come from: the platform's generator, or a seeded one that gives the same bytes in every run.
// The seeded one is for repeatable runs, not for secrets. Contract E7.

/** Fills `bytes` whole. */
export interface RandomSource {
  fill(bytes: Uint8Array): void;
}

const MASK_64 = (1n << 64n) - 1n;

/** One step of splitmix64 (Steele, Lea, Flood 2014; Vigna's public domain version). @returns the next state and the output. */
export function splitMix64(state: bigint): { readonly state: bigint; readonly output: bigint } {
  const next = (state + 0x9e3779b97f4a7c15n) & MASK_64;
  let z = next;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK_64;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK_64;
  return { state: next, output: z ^ (z >> 31n) };
}

/**
 * xoshiro256** 1.0 (Blackman and Vigna 2018), its 256 bits of state seeded by four outputs of splitmix64, as its authors
 * advise. Its outputs are one stream of bytes, each u64 little-endian; how it is cut into calls does not matter.
 * The state is eight 32-bit halves, since a BigInt a step would be thirty times slower.
 */
export class SeededRandom implements RandomSource {
  /** s0 low, s0 high, s1 low, s1 high, … */
  readonly #s = new Uint32Array(8);
  readonly #block = new Uint8Array(8);
  #used = 8;

  /** @param seed any integer; its low 64 bits count. */
  constructor(seed: bigint | number) {
    let state = BigInt.asUintN(64, BigInt(seed));
    for (let i = 0; i < 4; i++) {
      const step = splitMix64(state);
      state = step.state;
      this.#s[2 * i] = Number(step.output & 0xffffffffn);
      this.#s[2 * i + 1] = Number(step.output >> 32n);
    }
  }

  /** A generator in a given state, four u64 that are not all zero: for the reference vectors. */
  static fromState(state: readonly [bigint, bigint, bigint, bigint]): SeededRandom {
    const random = new SeededRandom(0);
    for (const [i, word] of state.entries()) {
      random.#s[2 * i] = Number(word & 0xffffffffn);
      random.#s[2 * i + 1] = Number(word >> 32n);
    }
    return random;
  }

  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) {
      if (this.#used === 8) this.#next();
      bytes[i] = this.#block[this.#used++]!;
    }
  }

  /** One step: result = rotl(s1 * 5, 7) * 9, then the linear engine. */
  #next(): void {
    const s = this.#s;
    const s0l = s[0]!;
    const s0h = s[1]!;
    const s1l = s[2]!;
    const s1h = s[3]!;
    // x * 5 = (x << 2) + x; a low half's sum is at most 2^33 and its carry a plain division.
    let low = ((s1l << 2) >>> 0) + s1l;
    let high = (((s1h << 2) | (s1l >>> 30)) + s1h + (low > 0xffffffff ? 1 : 0)) >>> 0;
    low >>>= 0;
    const turnedLow = ((low << 7) | (high >>> 25)) >>> 0;
    const turnedHigh = ((high << 7) | (low >>> 25)) >>> 0;
    low = ((turnedLow << 3) >>> 0) + turnedLow;
    high = (((turnedHigh << 3) | (turnedLow >>> 29)) + turnedHigh + (low > 0xffffffff ? 1 : 0)) >>> 0;
    const block = this.#block;
    block[0] = low;
    block[1] = low >>> 8;
    block[2] = low >>> 16;
    block[3] = low >>> 24;
    block[4] = high;
    block[5] = high >>> 8;
    block[6] = high >>> 16;
    block[7] = high >>> 24;
    this.#used = 0;

    const s2l = s[4]! ^ s0l;
    const s2h = s[5]! ^ s0h;
    const s3l = s[6]! ^ s1l;
    const s3h = s[7]! ^ s1h;
    s[2] = s1l ^ s2l;
    s[3] = s1h ^ s2h;
    s[0] = s0l ^ s3l;
    s[1] = s0h ^ s3h;
    s[4] = s2l ^ (s1l << 17);
    s[5] = s2h ^ ((s1h << 17) | (s1l >>> 15));
    // rotl(s3, 45): the halves change places, then turn by 13.
    s[6] = (s3h << 13) | (s3l >>> 19);
    s[7] = (s3l << 13) | (s3h >>> 19);
  }
}

/** The Web Crypto limit of getRandomValues: bytes in one call. */
const MOST_AT_ONCE = 65_536;

/** The platform's generator. */
export class SystemRandom implements RandomSource {
  readonly #getRandomValues: (bytes: Uint8Array) => void;

  /** @param getRandomValues fills up to 65 536 bytes, e.g. `(bytes) => crypto.getRandomValues(bytes)`. */
  constructor(getRandomValues: (bytes: Uint8Array) => void) {
    this.#getRandomValues = getRandomValues;
  }

  fill(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += MOST_AT_ONCE)
      this.#getRandomValues(bytes.subarray(at, Math.min(bytes.length, at + MOST_AT_ONCE)));
  }
}
