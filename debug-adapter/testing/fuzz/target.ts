// What a fuzz target is, and which input is the n-th of a seed. Not the loop that runs it (loop.ts). Only tests and scripts/fuzz.ts import it.
import { RandomSource } from '../random-source.ts';

/** A decoder under test: where its inputs come from, and what must be true of any of them. */
export interface FuzzTarget {
  readonly name: string;
  /** What it decodes, in a few words. */
  readonly about: string;
  /** Makes an input: usually one of the target's seeds with some of it changed. The same draws give the same input. */
  make(source: RandomSource): Uint8Array<ArrayBuffer>;
  /** Decodes `input` and compares what comes out with an oracle. Throws where it is wrong. */
  check(input: Uint8Array<ArrayBuffer>): void | Promise<void>;
  /** What one check may cost; see DEFAULT_BOUNDS. */
  readonly bounds?: Partial<Bounds>;
}

/** What a check of `n` bytes may take: generous, since it is there to find what is not in proportion to its input. */
export interface Bounds {
  /** ms whatever the size. */
  readonly ms: number;
  /** ms for each further KiB of input. */
  readonly msPerKiB: number;
  /** Bytes allocated whatever the size. */
  readonly bytes: number;
  /** Bytes allocated for each byte of input. */
  readonly bytesPerByte: number;
}

const DEFAULT_BOUNDS: Bounds = { ms: 250, msPerKiB: 10, bytes: 48 << 20, bytesPerByte: 4096 };

export function boundsOf(target: FuzzTarget): Bounds {
  return { ...DEFAULT_BOUNDS, ...target.bounds };
}

/** Input `n` of `seed`: each can be made without those before it. */
export function inputOf(target: FuzzTarget, seed: number, n: number): Uint8Array<ArrayBuffer> {
  return target.make(new RandomSource(mixed(seed, n)));
}

/** One number of 32 bits out of two, so that neighbours are unlike (murmur3's finalizer). */
function mixed(seed: number, n: number): number {
  let h = Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul((n | 0) + 0x7f4a7c15, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

export type Fault = 'wrong' | 'crash' | 'slow' | 'hungry' | 'hang' | 'out of memory';

/** An input on which a check failed. */
export interface Finding {
  readonly target: string;
  readonly seed: number;
  readonly n: number;
  /** `wrong`: an oracle disagrees; `crash`: an error that no oracle threw. */
  readonly fault: Fault;
  /** The error's message, or what was measured. */
  readonly message: string;
  readonly stack: string;
  /** The input, made smaller where that was possible. */
  readonly input: Uint8Array<ArrayBuffer>;
}

/** Thrown by oracles: what came out is not what should have. Other errors out of a check are crashes of the decoder. */
export class Wrong extends Error {
  override readonly name = 'Wrong';
}

export function expect(condition: boolean, what: () => string): asserts condition {
  if (!condition) throw new Wrong(what());
}

/** What people are told must be one sentence, or a clause of one: one line, not empty, and of a length that can be read. */
export function expectSentence(text: unknown, what: string, most = 2000): asserts text is string {
  expect(typeof text === 'string' && text.trim() !== '', () => `${what}: there is no message`);
  expect(!/[\p{Cc}\u2028\u2029]/u.test(text), () => `${what}: the message is not one line: ${JSON.stringify(text)}`);
  expect(text.length <= most, () => `${what}: the message has ${text.length} characters: ${text.slice(0, 200)}`);
  expect(
    !/undefined is not|Cannot read prop|is not a function|\[object Object\]|Maximum call stack|is not iterable/.test(
      text,
    ),
    () => `${what}: the message is JavaScript's: ${text}`,
  );
}
