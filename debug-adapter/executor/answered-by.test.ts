// Replies say who answered: a mock's rule, the host's process, nobody, the debugger. The recording keeps it, and so does a replay, which compares none of it.
// Contracts P1, R3, R4.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AnsweredBy, RunEvent } from '../recording/event.ts';
import { type EndedCall, ofKind, platform, replayText, runCall } from '../testing/run-call.ts';
import { startHostProcess } from './host-process.ts';

const NODE = `"${process.execPath.replaceAll('\\', '\\\\')}"`;
const HOST = `"${fileURLToPath(new URL('../../test-plugins/host.ts', import.meta.url)).replaceAll('\\', '\\\\')}"`;
const ECHO = '{\n  // the only one\n  "echo": 1\n}';
const RULE: AnsweredBy = { by: 'mock', file: 'test.mocks.json', method: 'echo', line: 3 };

/** Who answered each message to the plugin; the call's own request is answered by nobody. */
const sources = (events: Iterable<RunEvent>): (AnsweredBy | undefined)[] =>
  ofKind(events, 'rpc')
    .filter(({ dir }) => dir === 'in')
    .map(({ answeredBy }) => answeredBy);

/** The recording says it, and its replay has the same events. */
async function keeps(call: EndedCall, plugin: string, ...expected: readonly AnsweredBy[]): Promise<void> {
  assert.deepEqual(sources(call.events()), [undefined, ...expected]);
  assert.ok(ofKind(call.events(), 'rpc').every(({ dir, answeredBy }) => dir === 'in' || answeredBy === undefined));
  const text = call.recordingText;
  for (const source of expected) assert.ok(text.includes(`,"answeredBy":${JSON.stringify(source)}}\n`), text);
  for (const options of [{}, { debug: true }]) {
    const replay = await replayText(text, plugin, options);
    assert.equal(replay.divergence, undefined);
    assert.deepEqual(sources(replay.events()), [undefined, ...expected]);
  }
}

describe('who answered a host method', { concurrency: 2 }, () => {
  it('R4: a rule of the mock file', async () => {
    await keeps(await runCall('rpc-call-echo', 'run', '[1]', { mocks: ECHO }), 'rpc-call-echo', RULE);
  });

  it('R4: the process of the host', async () => {
    const command = `${NODE} ${HOST}`;
    const host = startHostProcess(platform, command, undefined, () => {});
    const call = await runCall('rpc-call-echo', 'run', '[1]', { host });
    await keeps(call, 'rpc-call-echo', { by: 'host', command });
  });

  it('R4: a mock goes before the process', async () => {
    const host = startHostProcess(platform, `${NODE} ${HOST}`, undefined, () => {});
    await keeps(await runCall('rpc-call-echo', 'run', '[1]', { host, mocks: ECHO }), 'rpc-call-echo', RULE);
  });

  it('R4: nobody', async () => {
    const call = await runCall('rpc-unknown-method', 'run');
    await keeps(call, 'rpc-unknown-method', { by: 'nobody' });
    await keeps(await runCall('rpc-call-echo', 'run', '[1]', { mocks: '{}' }), 'rpc-call-echo', { by: 'nobody' });
  });

  it('R4: the debugger, where the process has ended', async () => {
    const command = `${NODE} -e "process.exit(3)"`;
    const said: string[] = [];
    const host = startHostProcess(platform, command, undefined, (sentence) => said.push(sentence));
    const call = await runCall('rpc-call-echo', 'run', '[1]', { host });
    const [, source] = sources(call.events());
    assert.ok(source?.by === 'debugger', JSON.stringify(source));
    assert.match(source.why, /^The host command .* before it answered host method `echo`\.$/);
    await keeps(call, 'rpc-call-echo', source);
  });

  it('R3: a replay compares none of it', async () => {
    const { recordingText } = await runCall('rpc-call-echo', 'run', '[1]', { mocks: ECHO });
    const source = `,"answeredBy":${JSON.stringify(RULE)}`;
    assert.ok(recordingText.includes(source));
    for (const other of ['', ',"answeredBy":{"by":"nobody"}', ',"answeredBy":{"by":"oracle"}', ',"answeredBy":7']) {
      const replay = await replayText(recordingText.replace(source, other), 'rpc-call-echo');
      assert.equal(replay.divergence, undefined);
      assert.equal(replay.outcome.kind, 'result');
    }
  });
});
