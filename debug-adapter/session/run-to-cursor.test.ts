// Run to Cursor as editors without `goto` do it, over stdio: they ask where a breakpoint can be, set one, run on, and take it away. Contracts S1, S3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { lineWith, sourceFile } from '../testing/source-session.ts';
import { Conversation } from './conversation-driver.ts';

type Stopped = DebugProtocol.StoppedEvent['body'];

const FILE = 'rust-calls/main.rs';

describe('DAP over stdio, Run to Cursor', { timeout: 60_000 }, () => {
  it('S1, S3: to a line, to a column amid it, and on to the end', async (test) => {
    const dap = new Conversation();
    test.after(() => dap.kill());
    const source = { path: sourceFile(FILE) };
    const from = lineWith(FILE, 'let nested =');
    const to = lineWith(FILE, 'let closed =');
    const set = (...breakpoints: DebugProtocol.SourceBreakpoint[]): Promise<unknown> =>
      dap.ask('setBreakpoints', { source, breakpoints });
    const runs = async (): Promise<string> => {
      const stopped = dap.next<Stopped>('stopped');
      await dap.ask('continue', { threadId: 1 });
      const { reason } = await stopped;
      const { stackFrames }: DebugProtocol.StackTraceResponse['body'] = await dap.ask('stackTrace', { threadId: 1 });
      return `${reason} ${stackFrames[0]?.name}:${stackFrames[0]?.line}:${stackFrames[0]?.column}`;
    };
    const first = dap.next<Stopped>('stopped');
    await dap.launch(
      { plugin: 'test-plugins/rust-calls/level0.wasm', method: 'none', sourceFolders: [sourceFile('rust-calls')] },
      () => set({ line: from }),
    );
    await first;

    const { breakpoints }: DebugProtocol.BreakpointLocationsResponse['body'] = await dap.ask('breakpointLocations', {
      source,
      line: to,
    });
    const text = '    let closed = add(one());';
    const columns = breakpoints.map(({ line, column }) => `${line}:${column}`);
    const call = text.indexOf('one()') + 1;
    assert.ok(columns.includes(`${to}:${call}`), columns.join());

    await set({ line: from }, { line: to });
    assert.match(await runs(), new RegExp(`^breakpoint _start:${to}:`));
    await set({ line: from });

    const next = lineWith(FILE, 'let both =');
    const amid = '    let both = sum(inlined(2), inlined(one()));'.indexOf('one()') + 1;
    await set({ line: from }, { line: next, column: amid });
    assert.equal(await runs(), `breakpoint _start:${next}:${amid}`);
    await set({ line: from });

    const terminated = dap.next('terminated');
    await dap.ask('continue', { threadId: 1 });
    await terminated;
    assert.equal(await dap.disconnect(), 0);
  });
});
