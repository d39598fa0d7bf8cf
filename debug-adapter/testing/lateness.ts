// How late this thread's own timers are while something goes on, how much of its own time some work takes, and rounds of a measurement that
// a busy machine may spoil. Only tests import it.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

const PERIOD = 10;

// TypeScript's library does not know it yet (Node 23.9).
const { threadCpuUsage } = process as unknown as { threadCpuUsage(): { user: number; system: number } };

/** ms that this thread has worked so far: what other threads and processes take of the machine is not in it. */
export function ownCpu(): number {
  const { user, system } = threadCpuUsage.call(process);
  return (user + system) / 1000;
}

/** ms that this thread works in `work`, which must not wait for anything. */
export function worked(work: () => void): number {
  const before = ownCpu();
  work();
  return ownCpu() - before;
}

export interface Lateness {
  /** ms that a timer of 10 ms came too late, at the most. */
  readonly worst: number;
  /** The same, counting only what this thread has worked meanwhile: what other processes took is not in it. */
  readonly worstOwn: number;
}

export interface Watch {
  stop(): Lateness;
}

/** Watches a timer of 10 ms until `stop` is called. */
export function watchTimers(): Watch {
  let worst = 0;
  let worstOwn = 0;
  let due = performance.now() + PERIOD;
  let cpu = ownCpu();
  const look = (): void => {
    const now = performance.now();
    const late = now - due;
    worst = Math.max(worst, late);
    worstOwn = Math.max(worstOwn, Math.min(late, ownCpu() - cpu));
    due = performance.now() + PERIOD;
    cpu = ownCpu();
    timer = setTimeout(look, PERIOD);
  };
  let timer = setTimeout(look, PERIOD);
  return {
    stop() {
      const late = performance.now() - due;
      clearTimeout(timer);
      return { worst: Math.max(worst, late), worstOwn: Math.max(worstOwn, Math.min(late, ownCpu() - cpu)) };
    },
  };
}

/** Pauses between rounds (ms): what else keeps the machine busy may be over after one of them. */
const PAUSES = [0, 50, 200, 500, 1000, 2000, 2000];

/**
 * Measures, and again where that is not within what was promised: a promise that is kept is shown by its best round, and what is slow by
 * itself is slow in each.
 * @returns the first measurement within, else the last.
 */
export async function measured<T>(
  t: TestContext,
  within: (found: T) => boolean,
  measure: () => T | Promise<T>,
): Promise<T> {
  let found = await measure();
  for (const pause of PAUSES) {
    if (within(found)) break;
    t.diagnostic(`measured again after ${JSON.stringify(found)}`);
    await delay(pause);
    found = await measure();
  }
  return found;
}

/** ms that a timer of the thread that drives a call may be late (E2). */
const MOST_LATE = 50;

/** E2: asserts that timers of this thread are in time while `work` goes on, which watches them itself. */
export async function neverLate(t: TestContext, work: () => Promise<Lateness>): Promise<void> {
  const { worst, worstOwn } = await measured(t, (late) => late.worst <= MOST_LATE, work);
  assert.ok(
    worst <= MOST_LATE || worstOwn <= MOST_LATE,
    `late by ${Math.round(worst)} ms, of which this thread itself has worked ${Math.round(worstOwn)}`,
  );
}
