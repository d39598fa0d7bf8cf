// A restart goes to the adapter only with a plugin that is up to date.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type * as vscode from 'vscode';
import { PreparedRestart } from './preparedRestart.ts';

type Listener = (message: vscode.DebugProtocolMessage) => void;

function adapter() {
  const listeners = new Set<Listener>();
  const received: object[] = [];
  const inner: vscode.DebugAdapter = {
    onDidSendMessage: (listener, self) => {
      const bound: Listener = listener.bind(self);
      listeners.add(bound);
      return { dispose: () => listeners.delete(bound) };
    },
    handleMessage: (message) => received.push(message),
    dispose: () => received.push({ disposed: true }),
  };
  return { inner, received, say: (message: object) => [...listeners].map((listener) => listener(message)) };
}

const restart = {
  seq: 7,
  type: 'request',
  command: 'restart',
  arguments: { arguments: { cargo: {}, plugin: 'old.wasm' } },
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a prepared restart', () => {
  it('passes everything else on, both ways', () => {
    const { inner, received, say } = adapter();
    const prepared = new PreparedRestart(inner, () => assert.fail('nothing is to be prepared'));
    const heard: object[] = [];
    const listening = prepared.onDidSendMessage((message) => heard.push(message));
    prepared.handleMessage({ seq: 1, type: 'request', command: 'next' });
    // a client other than VS Code restarts without a configuration
    prepared.handleMessage({ seq: 2, type: 'request', command: 'restart' });
    say({ type: 'event' });
    listening.dispose();
    say({ type: 'event' });
    prepared.dispose();
    assert.equal(received.length, 3);
    assert.deepEqual(heard, [{ type: 'event' }]);
  });

  it('restarts with what was prepared', async () => {
    const { inner, received } = adapter();
    const prepared = new PreparedRestart(inner, async (launch) => ({ ...launch, plugin: 'new.wasm' }));
    prepared.handleMessage(restart);
    await settled();
    assert.deepEqual(received, [{ ...restart, arguments: { arguments: { cargo: {}, plugin: 'new.wasm' } } }]);
  });

  it('does not restart when the plugin was not built, and answers so', async () => {
    const { inner, received } = adapter();
    const prepared = new PreparedRestart(inner, async () => undefined);
    const heard: { request_seq?: number; success?: boolean }[] = [];
    prepared.onDidSendMessage((message) => heard.push(message));
    prepared.handleMessage(restart);
    await settled();
    assert.deepEqual(received, []);
    assert.deepEqual([heard[0]?.request_seq, heard[0]?.success], [7, false]);
  });
});
