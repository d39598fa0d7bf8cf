// Replies by hand over DAP: asked for and given, changed before the plugin reads them, refused in sentences. Contracts M1, P2, E4.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import fc from 'fast-check';
import { Conversation } from './conversation-driver.ts';
import { Inline } from './inline-client.ts';

const GREET = {
  plugin: 'test-plugins/hello/hello.wasm',
  mocks: 'test-plugins/hello/hello.mocks.json',
  method: 'greet',
  params: { name: 'Ada' },
  clock: 'virtual:2024-01-01T08:00:00Z',
  seed: '1',
};
type Stopped = DebugProtocol.StoppedEvent['body'];
interface Replies {
  readonly unread: readonly number[];
}

describe('replies by hand over DAP', { timeout: 60_000 }, () => {
  it('P2: a reply that stands in stdin becomes another one, and the plugin reads that', async () => {
    const dap = new Conversation();
    try {
      const refused = async (command: string, args: object): Promise<string> => {
        const { refused }: { refused?: string } = await dap.ask(command, args);
        return refused ?? 'not refused';
      };
      const stopped = dap.next<Stopped>('stopped');
      await dap.launch(GREET, () =>
        dap.ask('setFunctionBreakpoints', { breakpoints: [{ name: 'rpc-reply:get_user' }] }),
      );
      await stopped;
      const { unread }: Replies = await dap.ask('plugin/replies', { threadId: 1 });
      assert.equal(unread.length, 1);
      assert.match(await refused('plugin/answer', { id: 0, result: 1 }), /No host call waits for an answer\./);
      assert.match(await refused('plugin/changeReply', { id: 9, result: 1 }), /No call with the id 9 has a reply/);
      assert.match(await refused('plugin/changeReply', { id: 0 }), /A reply is one of "result"/);
      assert.match(await refused('plugin/changeReply', { id: 0, result: 2 ** 60 }), /resultText/);
      const changed: Replies & { event: number } = await dap.ask('plugin/changeReply', {
        id: '0',
        resultText: '{"display_name":"Grace","utc_offset_hours":2}',
      });
      assert.deepEqual(changed.unread, [changed.event]);
      const { events }: { events: { line: string; answeredBy: object }[] } = await dap.ask('plugin/events', {
        from: changed.event,
      });
      assert.match(events[0]?.line ?? '', /Grace/);
      assert.deepEqual(Object.entries(events[0]?.answeredBy ?? {}).slice(0, 2), [
        ['by', 'hand'],
        ['changes', unread[0]],
      ]);
      const terminated = dap.next('terminated');
      await dap.ask('continue', { threadId: 1 });
      await terminated;
      assert.match(dap.text, /✓ .*Grace!/);
      assert.match(dap.text, /\(changed by hand: the plugin never saw event \d+\)/);
      assert.match(await refused('plugin/changeReply', { id: 0, result: 1 }), /The call has ended\./);
      assert.equal(await dap.disconnect(), 0);
    } finally {
      dap.kill();
    }
  });

  it('what is asked for is answered, and nothing else', async () => {
    const dap = new Inline();
    await dap.launch();
    await assert.rejects(dap.ask('plugin/answer', { id: 0, result: 1 }), /^Error: The call is running/);
    await dap.halt({ reason: 'ask', ask: { id: '7', method: 'pick', params: 'null', seq: 3 } });
    const { ask }: { ask: { id: string } } = await dap.ask('plugin/replies');
    assert.equal(ask.id, '7');
    await assert.rejects(dap.ask('plugin/answer', { id: 8, result: 1 }), /is pick with the id 7, and not 8\.$/);
    await dap.ask('plugin/answer', { id: 7, error: { code: '-9223372036854775808', message: 'no' } });
    await dap.ask('plugin/answer', { id: '7', never: true });
    await dap.ask('plugin/answer', { id: '7', result: null });
    assert.deepEqual(dap.engine.run.answered, [
      ['7', { error: { code: '-9223372036854775808', message: 'no' } }],
      ['7', 'never'],
      ['7', { result: 'null' }],
    ]);
  });

  it('E4: whatever is sent gets an answer or a sentence', async () => {
    const dap = new Inline();
    await dap.launch();
    await dap.halt({ reason: 'ask', ask: { id: '0', method: 'pick', params: 'null', seq: 3 } });
    const some = fc.option(fc.jsonValue(), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('plugin/answer', 'plugin/changeReply', 'plugin/replies'),
        fc.record({ id: fc.oneof(some, fc.constant(0)), result: some, resultText: some, error: some, never: some }),
        async (command, args) => {
          await dap.ask(command, args).catch((error: Error) => assert.match(error.message, /[.)]$/));
        },
      ),
      { numRuns: 300 },
    );
  });
});
