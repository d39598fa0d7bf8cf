// DAP conversations over stdio about recordings, against the real engine, compared with golden files: a session on a recording, runs to
// events, and what is said where a recording, its module or an event is not what was asked for. Contracts R2, R3, R4, S1.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pluginFile } from '../testing/run-call.ts';
import { terminal } from '../testing/terminal.ts';
import { assertConversation, Conversation, GREET, type Stopped } from './conversation-driver.ts';

const HELLO = 'test-plugins/hello/hello.wasm';
const MOCKS = 'test-plugins/hello/hello.mocks.json';
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-recording-'));
const inFolder = (name: string): string => path.join(folder, name);
const greeting = inFolder('greeting.recording.jsonl');

/** Another recording, made of the lines of the first. */
function changed(name: string, change: (lines: string[]) => string[]): string {
  fs.writeFileSync(inFolder(name), change(fs.readFileSync(greeting, 'utf8').split('\n')).join('\n'));
  return inFolder(name);
}

const converse = (name: string, talk: (dap: Conversation) => Promise<void>): Promise<void> =>
  assertConversation(name, new Conversation(), talk, (text) =>
    text
      .replaceAll(folder, 'FOLDER')
      .replace(/\b[0-9a-f]{12}…/g, '<sha>…')
      .replace(/reads up to \d+/g, 'reads up to <n>'),
  );

const toItsEnd = (dap: Conversation): Promise<void> => dap.untilEnd(() => dap.ask('continue', { threadId: 1 }));

describe('DAP over stdio, on a recording', { timeout: 300_000 }, () => {
  before(async () => {
    const choices = ['--mocks', MOCKS, '--clock', 'virtual:2024-01-01T08:00:00Z', '--seed', '1', '--record', greeting];
    await terminal(['call', HELLO, 'greet', '{"name":"Ada"}', ...choices]);
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('R2, R3, S1: stops where it is told to and at breakpoints, steps in the code, and ends as recorded', () =>
    converse('recording', async (dap) => {
      const stopped = dap.next<Stopped>('stopped');
      await dap.launch({ recording: greeting, stopAt: 5 }, () =>
        dap.ask('setFunctionBreakpoints', { breakpoints: [{ name: 'rpc-reply:get_user' }] }),
      );
      assert.equal((await stopped).reason, 'goto');
      await dap.ask('stackTrace', { threadId: 1, startFrame: 0, levels: 1 });
      const { body } = await dap.client.customRequest('plugin/events', { from: 5 });
      const { length, events } = body as { length: number; events: object[] };
      const recorded = fs.readFileSync(greeting, 'utf8').split('\n')[6] ?? '';
      assert.deepEqual([length, events], [6, [{ seq: 5, ...JSON.parse(recorded) }]]);

      dap.note('a breakpoint on the way comes first');
      assert.equal((await dap.go('plugin/runToEvent', { event: 30 })).reason, 'function breakpoint');
      assert.equal((await dap.go('next', { granularity: 'instruction' })).reason, 'step');
      assert.equal((await dap.go('plugin/runToEvent', { event: 30 })).reason, 'goto');

      dap.note('what is no event to run to');
      await dap.ask('plugin/runToEvent', { threadId: 1, event: 30 });
      await dap.ask('plugin/runToEvent', { threadId: 1, event: 1000 });
      await dap.ask('plugin/runToEvent', { threadId: 1, event: '31' });
      await dap.ask('setExpression', { expression: 'i32[1024]', value: '1' });
      await toItsEnd(dap);
    }));

  it('S1, R3: the end is an event to run to, and looked at there', () =>
    converse('recording-end', async (dap) => {
      const stopped = dap.next<Stopped>('stopped');
      await dap.launch({ recording: greeting, stopAt: 38, trace: false });
      assert.equal((await stopped).reason, 'goto');
      await dap.ask('stackTrace', { threadId: 1 });
      await dap.ask('evaluate', { expression: 'global[0]', context: 'watch' });
      // asked for before it can come
      await dap.untilEnd(() => dap.ask('next', { threadId: 1 }));
    }));

  it('R3: one that is ended on the way differs from nothing', () =>
    converse('recording-ended', async (dap) => {
      await dap.untilStop(() => dap.launch({ recording: greeting, stopAt: 5, trace: false }));
      await dap.untilEnd(() => dap.ask('terminate'));
    }));

  it('S1: a live call runs to an event too', () =>
    converse('run-to-event', async (dap) => {
      await dap.untilStop(() => dap.launch({ ...GREET, stopOnEntry: true }));
      assert.equal((await dap.go('plugin/runToEvent', { event: 9 })).reason, 'goto');
      await dap.ask('stackTrace', { threadId: 1, startFrame: 0, levels: 3 });
      await dap.ask('plugin/runToEvent', { threadId: 1, event: 9 });
      dap.note('past its end a live call just ends');
      await dap.untilEnd(() => dap.ask('plugin/runToEvent', { threadId: 1, event: 1000 }));
      await dap.ask('plugin/runToEvent', { threadId: 1, event: 1 });
    }));

  it('R2, R4: a launch that can’t be says why', () =>
    converse('recording-refused', async (dap) => {
      const initialized = dap.next('initialized');
      await dap.ask('initialize', { adapterID: 'wasmi-plugin', pathFormat: 'path' });
      await initialized;
      await dap.ask('launch', { recording: inFolder('none.recording.jsonl') });
      await dap.ask('launch', { recording: greeting, method: 'greet', mocks: MOCKS });
      await dap.ask('launch', { recording: greeting, stopAt: 1000 });
      await dap.ask('launch', { plugin: HELLO, method: 'greet', stopAt: 3 });
      await dap.ask('launch', { recording: changed('damaged.jsonl', (lines) => lines.with(3, '{"kind":"rpc"}')) });
      const header = (change: (text: string) => string) => (lines: string[]) => lines.with(0, change(lines[0] ?? ''));
      const moved = changed(
        'moved.jsonl',
        header((text) => text.replace(/"path":"[^"]*"/, '"path":"gone/away.wasm"')),
      );
      await dap.ask('launch', { recording: moved });
      const nowhere = changed(
        'nowhere.jsonl',
        header((text) => text.replace(/,"path":"[^"]*"/, '')),
      );
      await dap.ask('launch', { recording: nowhere });
      await dap.ask('launch', {
        recording: changed(
          'newer.jsonl',
          header((text) => text.replace(/"version":\d+/, '"version":99')),
        ),
      });
    }));

  for (const [name, about, make] of [
    [
      'recording-other-module',
      'R2: another module is refused',
      (): object => ({ recording: greeting, plugin: pluginFile('end-trap') }),
    ],
    [
      'recording-differs',
      'R3: the first event that differs is told',
      (): object => ({ recording: changed('other.jsonl', (lines) => lines.map((line) => line.replace('Ada', 'Eve'))) }),
    ],
    [
      'recording-cut',
      'R4: one that was cut short is run as far as it goes',
      (): object => ({
        recording: changed('cut.jsonl', (lines) => [...lines.slice(0, 12), lines[12]?.slice(0, 20) ?? '']),
      }),
    ],
  ] as const)
    it(about, () =>
      converse(name, async (dap) => {
        await dap.untilEnd(() => dap.launch({ ...make(), trace: false }));
      }),
    );
});
