// The worker's entry on Node: gives guest-run.ts its platform. Bundled as dist/worker.mjs; run from source by the tests.
import { createHash, getRandomValues } from 'node:crypto';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { runGuest } from './guest-run.ts';
import type { ToWorker, WorkerStart } from './messages.ts';

const port = parentPort;
if (port === null) throw new Error('worker.ts runs as a worker only');

runGuest(
  {
    post: (message, transfer) => port.postMessage(message, [...(transfer ?? [])]),
    receive: () => receiveMessageOnPort(port)?.message as ToWorker | undefined,
    unixTime: () => BigInt(Date.now()) * 1_000_000n,
    monotonic: () => performance.now(),
    getRandomValues: (bytes) => {
      getRandomValues(bytes);
    },
    sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  },
  workerData as WorkerStart, // what run.ts put there
);
