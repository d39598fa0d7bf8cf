// Times, and what is made of them. What else runs on the machine only ever adds to a time, so ratios are of the best rounds; the median
// and the spread say how much there was of it. Pure but for the clocks.
import process from 'node:process';

/** Milliseconds of several rounds. */
export interface Sample {
  readonly best: number;
  readonly median: number;
  readonly worst: number;
  readonly rounds: number;
}

export function sampleOf(times: readonly number[]): Sample {
  const sorted = [...times].sort((a, b) => a - b);
  return {
    best: sorted[0] ?? Number.NaN,
    median: sorted[sorted.length >> 1] ?? Number.NaN,
    worst: sorted.at(-1) ?? Number.NaN,
    rounds: sorted.length,
  };
}

/** What one run took, in ms: by the clock, and of this thread's work alone. */
export interface Time {
  readonly wall: number;
  readonly cpu: number;
}

/** Shorter times (ms) are not to be had of the system, which counts a thread's work in ticks of a millisecond or so. */
const TICKS = 20;

/** The thread's work; by the clock where that is too short for the system to tell. */
export const workOf = ({ wall, cpu }: Time): number => (wall < TICKS ? wall : cpu);

export function timed<T>(work: () => T): Time & { readonly value: T } {
  const cpu = process.threadCpuUsage();
  const start = performance.now();
  const value = work();
  const wall = performance.now() - start;
  const { user, system } = process.threadCpuUsage(cpu);
  return { wall, cpu: (user + system) / 1e3, value };
}
