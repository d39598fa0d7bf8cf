// A DAP conversation over stdio about a line with several calls: which are offered, and a step into one of them. Contract S1.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { lineWith, sourceFile } from '../testing/source-session.ts';
import { Conversation } from './conversation-driver.ts';

type Stopped = DebugProtocol.StoppedEvent['body'];
type StackTrace = DebugProtocol.StackTraceResponse['body'];
type Targets = DebugProtocol.StepInTargetsResponse['body'];

const FILE = 'rust-calls/main.rs';
const PLUGIN = 'test-plugins/rust-calls/level0.wasm';

describe('DAP over stdio, a step into one of several calls', { timeout: 60_000 }, () => {
  it('S1: stepInTargets, stepIn with one of them, and a number that is none', async (test) => {
    const dap = new Conversation();
    test.after(() => dap.kill());
    const source = { path: sourceFile(FILE) };
    const line = lineWith(FILE, 'let nested =');
    const stopped = dap.next<Stopped>('stopped');
    await dap.launch({ plugin: PLUGIN, method: 'none', sourceFolders: [sourceFile('rust-calls')] }, () =>
      dap.ask('setBreakpoints', { source, breakpoints: [{ line }] }),
    );
    assert.equal((await stopped).reason, 'breakpoint');
    const { stackFrames }: StackTrace = await dap.ask('stackTrace', { threadId: 1 });
    const { targets }: Targets = await dap.ask('stepInTargets', { frameId: stackFrames[0]?.id });
    assert.deepEqual(
      targets.map(({ label, line, column }) => [label, line, column]),
      [
        ['one', line, 22],
        ['next', line, 35],
        ['twice', line, 29],
        ['sum', line, 18],
      ],
    );
    const refused = await dap.ask('stepIn', { threadId: 1, targetId: 4711 });
    assert.deepEqual(refused, { refused: 'There is no call 4711 to step into here: ask for them anew.' });

    const stepped = dap.next<Stopped>('stopped');
    await dap.ask('stepIn', { threadId: 1, targetId: targets[2]?.id });
    assert.equal((await stepped).reason, 'step');
    const { stackFrames: inside }: StackTrace = await dap.ask('stackTrace', { threadId: 1 });
    assert.deepEqual(
      inside.slice(0, 2).map((frame) => [frame.name, frame.line]),
      [
        ['main::twice', lineWith(FILE, 'let twice =')],
        ['_start', line],
      ],
    );

    // of the caller, what is left of its line; of the transcript there is nothing to step into
    const { targets: left }: Targets = await dap.ask('stepInTargets', { frameId: inside[1]?.id });
    assert.deepEqual(
      left.map(({ label }) => label),
      ['sum'],
    );
    const { targets: none }: Targets = await dap.ask('stepInTargets', { frameId: inside.at(-1)?.id });
    assert.deepEqual(none, []);
    assert.equal(await dap.disconnect(), 0);
    assert.equal(dap.client.stderr, '');
  });
});
