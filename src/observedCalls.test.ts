// What the language server is told of calls: the latest, as it goes on, and nothing twice.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Observed } from '../debug-adapter/language/observed.ts';
import { EventStore } from '../debug-adapter/recording/event-store.ts';
import { LogWriter } from '../debug-adapter/recording/log.ts';
import { type FollowedCall, ObservedCalls } from './observedCalls.ts';

const encoder = new TextEncoder();

class Call implements FollowedCall {
  readonly store = new EventStore();
  readonly started = 0;
  readonly listeners = new Set<() => void>();
  readonly #log = new LogWriter();

  onDidChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  write(dir: 'in' | 'out', message: object): void {
    this.#log.rpc(dir, encoder.encode(JSON.stringify({ jsonrpc: '2.0', ...message })), 0, 1, 1);
    this.store.append(this.#log.take());
    for (const listener of this.listeners) listener();
  }
}

class Calls {
  readonly calls: Call[] = [];
  readonly listeners = new Set<() => void>();

  onDidChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  add(call: Call): void {
    this.calls.push(call);
    for (const listener of this.listeners) listener();
  }
}

describe('what the language server is told of calls', () => {
  it('is all of the latest call, told again when it goes on', async () => {
    const calls = new Calls();
    const told: Observed[] = [];
    let wake: () => void = () => {};
    const observed = new ObservedCalls(calls, (each) => {
      told.push(each);
      wake();
    });
    const next = (): Promise<void> =>
      new Promise((resolve) => {
        wake = resolve;
      });
    const [first, second] = [new Call(), new Call()];
    for (let i = 0; i < 100; i++) first.write('out', { id: i, method: 'log', params: i });
    let waiting = next();
    calls.add(first);
    await waiting;
    assert.deepEqual(
      told.at(-1)?.methods.map(({ method, calls: count }) => [method, count]),
      [['log', 100]],
    );
    waiting = next();
    first.write('in', { id: 99, result: 'x' });
    await waiting;
    assert.deepEqual(told.at(-1)?.methods[0]?.last, { params: '99', answer: { kind: 'result', text: '"x"' } });
    waiting = next();
    second.write('out', { id: 0, method: 'echo', params: null });
    calls.add(second);
    await waiting;
    assert.deepEqual(
      told.at(-1)?.methods.map(({ method }) => method),
      ['echo'],
    );
    assert.equal(told.length, 3);
    assert.equal(first.listeners.size, 0);
    observed.dispose();
    assert.equal(second.listeners.size + calls.listeners.size, 0);
  });
});
