// The worker's entry on Node: gives guest-run.ts its platform; or makes mocks of a call, where it is started for that. Bundled as dist/worker.mjs; run from source by the tests.
import { createHash, getRandomValues } from 'node:crypto';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type MocksTask, runMocksTask } from '../mocks/mocks-task.ts';
import { runGuest } from './guest-run.ts';
import type { ToWorker, WorkerStart } from './messages.ts';

/** Node hashes up to 2 GiB at once, and a guest's memory may have 4. */
const HASHED_AT_ONCE = 2 ** 30;

const port = parentPort;
if (port === null) throw new Error('worker.ts runs as a worker only');

const started: WorkerStart | MocksTask = workerData; // what run.ts put there, or whoever wants mocks

if ('mocksOf' in started)
  runMocksTask(
    { post: (message) => port.postMessage(message), onMessage: (take) => port.on('message', take) },
    started,
  );
else
  runGuest(
    {
      post: (message, transfer) => port.postMessage(message, [...(transfer ?? [])]),
      receive: () => receiveMessageOnPort(port)?.message as ToWorker | undefined,
      unixTime: () => BigInt(Date.now()) * 1_000_000n,
      monotonic: () => performance.now(),
      getRandomValues: (bytes) => {
        getRandomValues(bytes);
      },
      sha256: (bytes) => {
        const hash = createHash('sha256');
        for (let at = 0; at < bytes.length; at += HASHED_AT_ONCE) hash.update(bytes.subarray(at, at + HASHED_AT_ONCE));
        return hash.digest('hex');
      },
    },
    started,
  );
