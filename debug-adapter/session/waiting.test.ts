// What a paused plugin is said to wait for, in a DAP conversation over stdio, and which frame a client shows. Contract S6.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { needs } from '../testing/run-call.ts';
import { Conversation } from './conversation-driver.ts';
import { waitsFor } from './waiting.ts';

type Stopped = DebugProtocol.StoppedEvent['body'];
type StackTrace = DebugProtocol.StackTraceResponse['body'];

/** The frame that VS Code shows: the first with a source that is not said to be in the background. */
const shown = ({ stackFrames }: StackTrace): DebugProtocol.StackFrame | undefined =>
  stackFrames.find(
    ({ source, presentationHint }) =>
      source !== undefined && presentationHint === undefined && source.presentationHint === undefined,
  );

const FUEL = { consumed: 0, slice: 1, left: 1, yields: 0, exact: true };
const PAUSED = {
  reason: 'pause',
  seq: 0,
  rules: [],
  diagnosis: undefined,
  frames: [],
  fuel: FUEL,
  time: 0,
  moment: 0,
  over: false,
  steppable: true,
  inCode: false,
  handed: false,
} as const;

describe('what a paused plugin waits for', () => {
  const clause = (methods: readonly string[], name = 'fd_read', stop = {}, errno = 6): Promise<string | undefined> =>
    waitsFor(
      {
        store: { get: () => ({ kind: 'syscall', name, errno }) } as never,
        disassemble: () => Promise.resolve([]),
        openRequests: () => Promise.resolve(methods.map((method, id) => ({ dir: 'out', id: `${id}`, method, seq: 0 }))),
      },
      { ...PAUSED, ...stop },
      false,
    );

  it('S6: answers of the host by their methods, each once and some of many; else a timer, or nothing', async () => {
    assert.equal(await clause(['echo']), "waits for the host's answer to 'echo'");
    assert.equal(await clause(['echo', 'kv.get', 'echo']), "waits for the host's answer to 'echo' and 'kv.get'");
    assert.equal(await clause(['a', 'b', 'c', 'd', 'e']), "waits for the host's answer to 'a', 'b', 'c' and 2 more");
    assert.equal(await clause([], 'poll_oneoff'), 'waits for a timer');
    assert.equal(await clause([]), 'waits, and the host owes it no answer');
  });

  it('S6: one that stopped in its code, or on what is no waiting, does not wait', async () => {
    assert.equal(await clause(['echo'], 'fd_write'), undefined);
    assert.equal(await clause(['echo'], 'fd_read', {}, 0), undefined);
    assert.equal(await clause([], 'clock_time_get'), undefined);
    assert.equal(await clause(['echo'], 'fd_read', { inCode: true }), undefined);
    assert.equal(await clause(['echo'], 'fd_read', { reason: 'step' }), undefined);
    assert.equal(await clause(['echo'], 'fd_read', { seq: -1 }), undefined);
  });
});

describe('DAP over stdio, a pause', { timeout: 60_000, ...needs('rust-pdk.debug') }, () => {
  it("S6: shows the author's line where she computes", async (test) => {
    const dap = new Conversation();
    test.after(() => dap.kill());
    const plugin = 'test-plugins/out/rust-pdk.debug.wasm';
    await dap.launch({ plugin, method: 'prime_sieve', params: { limit: 200_000_000 } });
    // what comes before the sieve takes less than a tenth of that
    const consumed = async (): Promise<number> =>
      ((await dap.ask('plugin/fuel')) as { readonly consumed?: number }).consumed ?? 0;
    while ((await consumed()) < 20_000_000) await new Promise((resolve) => setTimeout(resolve, 5));
    const stopped = dap.next<Stopped>('stopped');
    await dap.ask('pause', { threadId: 1 });
    const { reason, description } = await stopped;
    assert.deepEqual([reason, description], ['pause', 'Paused']);
    const top = shown(await dap.ask('stackTrace', { threadId: 1 }));
    assert.match(top?.source?.path ?? '', /computation\.rs$/);
    await dap.disconnect();
  });

  it('S6: says which of its calls the host has not answered', async (test) => {
    const dap = new Conversation();
    test.after(() => dap.kill());
    const plugin = 'test-plugins/out/rust-pdk.debug.wasm';
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-'));
    test.after(() => fs.rmSync(folder, { recursive: true, force: true }));
    const mocks = path.join(folder, 'never.mocks.json');
    fs.writeFileSync(mocks, '{"hostMethods": {"echo": [{"reply": {"never": true}}]}}');
    await dap.launch({ plugin, method: 'echo', params: { message: 1 }, mocks });
    // it may not have come to wait yet
    let description: string | undefined;
    for (let first = true; !description?.includes('echo'); first = false) {
      const stopped = dap.next<Stopped>('stopped');
      if (!first) await dap.ask('continue', { threadId: 1 });
      await dap.ask('pause', { threadId: 1 });
      description = (await stopped).description;
    }
    assert.equal(description, "Paused: it waits for the host's answer to 'echo'");
    await dap.disconnect();
  });
});
