// What random_get hands out: the platform's randomness, or a generator's that a seed starts. Contract E7.
import { SeededRandom, SystemRandom } from '../wasi/random.ts';
import type { WorkerPlatform } from './messages.ts';

/** The source for a call; a seed is any text, and a decimal number is itself. */
export function guestRandom(seed: string | undefined, platform: WorkerPlatform): SeededRandom | SystemRandom {
  if (seed === undefined) return new SystemRandom((bytes) => platform.getRandomValues(bytes));
  return new SeededRandom(seedNumber(seed));
}

/** 64 bits of the platform's randomness. */
export function randomSeed(platform: WorkerPlatform): bigint {
  const bytes = new Uint8Array(8);
  platform.getRandomValues(bytes);
  return new DataView(bytes.buffer).getBigUint64(0);
}

function seedNumber(seed: string): bigint {
  if (/^-?\d+$/.test(seed)) return BigInt(seed);
  let hash = 0xcbf29ce484222325n; // FNV-1a, 64 bits
  for (const byte of new TextEncoder().encode(seed)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
