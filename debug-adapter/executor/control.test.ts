// The control block between two threads: nothing that is asked is missed, and a fast guest waits for a slow reader. Contracts E2, P3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { until } from '../testing/until.ts';
import { Control, REQUEST } from './control.ts';

describe('Control', () => {
  it('E2: both sides see the same words', () => {
    const here = new Control();
    const there = new Control(here.buffer);
    assert.equal(there.pending(), 0);
    here.request(REQUEST.pause);
    here.request(REQUEST.messages);
    assert.equal(there.pending(), REQUEST.pause | REQUEST.messages);
    there.clear(REQUEST.pause);
    assert.equal(here.pending(), REQUEST.messages);
    there.clear(REQUEST.terminate);
    assert.equal(here.pending(), REQUEST.messages);
  });

  it('P3: shows counters of any size', () => {
    const here = new Control();
    assert.deepEqual(here.counters(), { consumed: 0, left: 0, yields: 0, slice: 0 });
    new Control(here.buffer).show(Number.MAX_SAFE_INTEGER, 1, 2 ** 40, 100_000);
    assert.deepEqual(here.counters(), { consumed: Number.MAX_SAFE_INTEGER, left: 1, yields: 2 ** 40, slice: 100_000 });
  });

  it('E2: a wake between reading the count and waiting is not missed', () => {
    const control = new Control();
    const seen = control.wakeCount();
    control.wake();
    assert.equal(control.wait(seen, 10_000), true);
    assert.equal(control.wait(control.wakeCount(), 1), false);
  });

  it('E2: a request wakes who waits in another thread', async () => {
    const control = new Control();
    const source = `
      import { parentPort, workerData } from 'node:worker_threads';
      import { Control } from ${JSON.stringify(new URL('control.ts', import.meta.url).href)};
      const control = new Control(workerData);
      const seen = control.wakeCount();
      parentPort.postMessage('waits');
      const woken = control.wait(seen, 20_000);
      parentPort.postMessage([woken, control.pending()]);`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
      workerData: control.buffer,
    });
    const said: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', () => resolve());
      worker.on('message', (message) => {
        said.push(message);
        if (message === 'waits') setTimeout(() => control.request(REQUEST.terminate), 30);
      });
    });
    assert.deepEqual(said, ['waits', [true, REQUEST.terminate]]);
  });

  it('P3: E4: a writer waits once too many batches are on their way, goes on when they are taken, and at once when it is to end', async () => {
    const control = new Control();
    const source = `
      import { parentPort, workerData } from 'node:worker_threads';
      import { Control } from ${JSON.stringify(new URL('control.ts', import.meta.url).href)};
      const control = new Control(workerData);
      for (let batch = 1; batch <= 100; batch++) { control.batchSent(); parentPort.postMessage(batch); }`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
      workerData: control.buffer,
    });
    let sent = 0;
    worker.on('message', (batch) => {
      sent = batch;
    });
    const exit = new Promise((resolve, reject) => {
      worker.on('exit', resolve);
      worker.on('error', reject);
    });
    const goesTo = async (count: number): Promise<void> => {
      await until(`${count} batches`, () => sent >= count);
      await new Promise((resolve) => setTimeout(resolve, 120));
      assert.equal(sent, count, 'and waits there');
    };
    await goesTo(32);
    for (let batch = 0; batch < 10; batch++) control.batchTaken();
    await goesTo(42);
    control.request(REQUEST.terminate);
    await exit;
    assert.equal(sent, 100);
  });
});
