// A DAP conversation over stdio about a plugin without debug information: who is shown functions in place of lines is told why, once a session.
// Contract S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { Conversation } from './conversation-driver.ts';

const WHY = /This plugin has no debug information, so its lines are not known/g;

/** How often it was said so far. */
const said = (dap: Conversation): number =>
  dap.events
    .map(({ event, body }) => (event === 'output' ? (body as DebugProtocol.OutputEvent['body']).output : ''))
    .join('')
    .match(WHY)?.length ?? 0;

describe('DAP over stdio, of a plugin without debug information', { timeout: 180_000 }, () => {
  it('S6: why there are no lines is said at the first stop in the code, and not again', async (test) => {
    const dap = new Conversation();
    test.after(() => dap.kill());
    const go = async (work: () => Promise<unknown>): Promise<string> => {
      const stopped = dap.next<DebugProtocol.StoppedEvent['body']>('stopped');
      await work();
      return (await stopped).reason;
    };
    const launch = { plugin: 'test-plugins/hello/hello.wasm', method: 'greet', params: { name: 'Ada' } };
    const arrival = await go(() =>
      dap.launch({ ...launch, clock: 'virtual', seed: '1', stopOnEntry: true }, () =>
        dap.ask('setFunctionBreakpoints', { breakpoints: [{ name: 'hello::main' }, { name: 'rpc:get_user' }] }),
      ),
    );
    assert.equal(arrival, 'entry');
    assert.equal(await go(() => dap.ask('continue', { threadId: 1 })), 'function breakpoint');
    assert.equal(said(dap), 1);
    assert.equal(await go(() => dap.ask('next', { threadId: 1 })), 'step');
    assert.equal(await go(() => dap.ask('next', { threadId: 1 })), 'step');
    // a stop at a message, and one in the code again
    assert.equal(await go(() => dap.ask('continue', { threadId: 1 })), 'function breakpoint');
    assert.equal(await go(() => dap.ask('stepIn', { threadId: 1 })), 'step');
    assert.equal(said(dap), 1);
    assert.equal(await dap.disconnect(), 0);
  });
});
