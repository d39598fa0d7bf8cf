// The thread in which fuzz.ts lets a target run: what it is at stands in shared memory, where it can be read even if it hangs. Its uncaught errors are
// the watcher's to report. Only fuzz.ts starts it.
import { parentPort, workerData } from 'node:worker_threads';
import { loop } from './loop.ts';
import type { Finding, FuzzTarget } from './target.ts';

/** Words of the shared memory: the input being run, and how often one was begun. */
export const Word = { Input: 0, Begun: 1 } as const;

export interface WorkerJob {
  /** URL of a module that exports `target`. */
  readonly module: string;
  readonly seed: number;
  readonly first: number;
  readonly count: number;
  readonly ms: number;
  readonly known: readonly string[];
  readonly shared: SharedArrayBuffer;
}

export type WorkerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly ran: number; readonly ms: number; readonly finding: Finding | undefined };

async function main(job: WorkerJob, report: (message: WorkerReport) => void): Promise<void> {
  const words = new Int32Array(job.shared);
  const { target } = (await import(job.module)) as { target: FuzzTarget }; // whoever starts this names such a module
  report({ kind: 'ready' });
  const start = performance.now();
  const { ran, finding } = await loop(target, {
    seed: job.seed,
    first: job.first,
    count: job.count,
    until: start + job.ms,
    known: new Set(job.known),
    began: (n) => {
      Atomics.store(words, Word.Input, n);
      Atomics.add(words, Word.Begun, 1);
    },
  });
  report({ kind: 'done', ran, ms: performance.now() - start, finding });
}

if (parentPort !== null) {
  const port = parentPort;
  await main(workerData as WorkerJob, (message) => port.postMessage(message)); // fuzz.ts gives one
}
