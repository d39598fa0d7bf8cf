// What views in the same process have of a session: they follow its calls from one start to the next, read the events, and have the module
// again when a call is over; and recordings that are on no disk. The real engine, inline. Contracts P3, R2, R3, E1.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Platform } from '../executor/platform.ts';
import { replayOptions } from '../executor/replay-options.ts';
import { Run } from '../executor/run.ts';
import { EventStore } from '../recording/event-store.ts';
import { LogWriter } from '../recording/log.ts';
import { platform, pluginBytes, pluginFile, recordingOf, runCall } from '../testing/run-call.ts';
import { engineOf } from './engine.ts';
import { InlineClient } from './inline-client.ts';
import { type CallView, type HeldRecording, PluginDebugSession } from './session.ts';

const HELLO = {
  plugin: pluginFile('hello'),
  mocks: pluginFile('hello').replace('.wasm', '.mocks.json'),
  method: 'greet',
  params: { name: 'Ada' },
};

/** A platform whose only file is this text. */
const holding = (text: string): Platform => ({
  ...platform,
  readFile: async () => new TextEncoder().encode(text),
});

/** A session whose calls are followed. */
class Followed extends InlineClient {
  readonly calls: CallView[] = [];
  readonly told: string[] = [];

  constructor(recordings: Record<string, HeldRecording> = {}) {
    super(new PluginDebugSession(platform, { recordings: (name) => recordings[name] }));
    this.session.onCall((view) => {
      const number = this.calls.push(view);
      this.told.push(`${number}: ${view.plan.method}, ${view.run.state}, ${view.store.length} events`);
      view.run.on({
        stopped: ({ reason }) => this.told.push(`${number} stopped: ${reason}`),
        resumed: () => this.told.push(`${number} runs`),
        ended: ({ kind }) => this.told.push(`${number} ended: ${kind}`),
      });
    });
  }

  async launch(args: object): Promise<void> {
    await this.ask('initialize', { adapterID: 'wasmi-plugin' });
    await this.ask('launch', args);
    await this.ask('configurationDone');
  }
}

describe('views of a session', { timeout: 300_000 }, () => {
  it('P3, E1: follow each call, that of a restart too, with its states', async () => {
    const dap = new Followed();
    assert.equal(dap.session.view, undefined);
    let stopped = dap.next('stopped');
    await dap.launch({ ...HELLO, stopOnEntry: true });
    assert.equal(dap.session.view, dap.calls[0]);
    assert.deepEqual([dap.calls[0]?.header, dap.calls[0]?.module()], [undefined, undefined], 'not before it is loaded');
    await stopped;
    assert.equal(dap.calls[0]?.header?.call.method, 'greet');
    stopped = dap.next('stopped');
    await dap.ask('restart', { arguments: { ...HELLO, method: 'roll', params: { dice: 1 }, stopOnEntry: true } });
    await stopped;
    const terminated = dap.next('terminated');
    await dap.ask('continue', { threadId: 1 });
    await terminated;
    assert.deepEqual(dap.told, [
      '1: greet, loading, 0 events',
      '1 stopped: entry',
      '1 ended: terminated',
      '2: roll, loading, 0 events',
      '2 stopped: entry',
      '2 runs',
      '2 ended: result',
    ]);
    assert.ok((dap.calls[1]?.transcript.rows.length ?? 0) > 0, 'as the session lays them out');
    assert.equal(dap.session.view, dap.calls[1]);
  });

  it('R2: the module is there when the calls are over, one copy for all of them, and can be run again', async () => {
    const dap = new Followed();
    for (const request of ['launch', 'restart']) {
      const terminated = dap.next('terminated');
      if (request === 'launch') await dap.launch({ ...HELLO, noDebug: true });
      else await dap.ask(request);
      await terminated;
    }
    const [first, second] = dap.calls;
    const bytes = second?.module();
    assert.ok(bytes !== undefined && second?.header !== undefined);
    assert.equal(first?.module(), bytes);
    assert.deepEqual(Buffer.from(bytes), Buffer.from(pluginBytes('hello')));
    const { header, store } = second;
    const run = Run.replay(platform, { header, records: store.records() }, replayOptions(header, 'p', bytes.slice()));
    await run.ended;
    assert.equal(run.divergence, undefined);
  });

  it('R2, R3: a recording that is held in memory, by its name', async () => {
    const recordings: Record<string, HeldRecording> = {};
    const live = new Followed();
    const over = live.next('terminated');
    await live.launch(HELLO);
    await over;
    const [call] = live.calls;
    const module = call?.module();
    assert.ok(call?.header !== undefined);
    recordings['call:1'] = { header: call.header, records: call.store.records(), module };
    recordings['call:2'] = { header: call.header, records: call.store.records() };
    for (const recording of ['call:1', 'call:2']) {
      const dap = new Followed(recordings);
      const stopped = dap.next<DebugProtocol.StoppedEvent['body']>('stopped');
      await dap.launch({ recording, stopAt: 12 });
      assert.equal((await stopped).reason, 'goto');
      const [view] = dap.calls;
      assert.deepEqual([view?.run.stop?.seq, view?.store.length, view?.plan.recording], [12, 13, recording]);
      assert.deepEqual([view?.plan.method, view?.plan.params], ['greet', '{"name":"Ada"}']);
      assert.equal(view?.module(), module);
      const terminated = dap.next('terminated');
      await dap.ask('continue', { threadId: 1 });
      await terminated;
      assert.deepEqual(view?.store.records(), call.store.records());
      assert.deepEqual(view?.header, call.header);
    }
    assert.equal((await engineOf(platform, (name) => recordings[name]).readRecording('call:1')).cutShort, undefined);
    const short = new EventStore();
    short.append(call.store.records());
    const cut = new LogWriter();
    for (const event of short.range(0, 7)) cut.append(event);
    recordings['call:3'] = { header: call.header, records: cut.take(), module };
    assert.equal(
      (await engineOf(platform, (name) => recordings[name]).readRecording('call:3')).cutShort,
      'call:3 holds 7 events and not the end of the call.',
    );
    const other = new Followed(recordings);
    await assert.rejects(
      other.launch({ recording: 'call:9' }),
      /^Error: The recording call:9 can't be read: there is no such file\.$/,
    );
  });

  it('E2: a long recording is read in turns, so that this thread has time for others', async () => {
    const { run } = await runCall('hello', 'greet', '{"name":"Ada"}', { mocks: '{"get_user":null,"log":null}' });
    const [header = '', ...events] = recordingOf(run).trimEnd().split('\n');
    const syscalls = events.filter((line) => line.includes('"kind":"syscall"'));
    const many = Array.from({ length: 100_000 }, (_, n) => syscalls[n % syscalls.length]);
    let turns = 0;
    let over = false;
    const count = (): void => {
      turns++;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    const read = await engineOf(holding([header, ...many, events.at(-1)].join('\n'))).readRecording(
      'long.recording.jsonl',
    );
    over = true;
    assert.deepEqual([read.events, read.cutShort], [100_001, undefined]);
    assert.ok(turns > 5, `${turns} turns`);
  });
});
