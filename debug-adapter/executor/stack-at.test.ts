// The guest's stack at an event, by a replay up to it: the frames that a live call has there, and a sentence where there are none to be had.
// Contracts R2, R3, E2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drive } from '../testing/drive.ts';
import {
  type CallOptions,
  type EndedCall,
  needs,
  platform,
  pluginBytes,
  runCall,
  startCall,
  VIRTUAL,
} from '../testing/run-call.ts';
import { lineWith, sourceFile } from '../testing/source-session.ts';
import { type Recording, stackAt } from './stack-at.ts';

const MOCKS = '{"get_user":{"display_name":"Ada","utc_offset_hours":1},"log":null}';
const GREET: CallOptions = { mocks: MOCKS, clock: VIRTUAL, seed: '1' };

function recordingOf({ run }: EndedCall): Recording {
  assert.ok(run.header !== undefined);
  return { header: run.header, records: run.store.records() };
}

describe('the stack at an event', () => {
  it('R3: is that of the live call, at every event', async () => {
    const call = await runCall('hello', 'greet', '{"name":"Ada"}', GREET);
    const recording = recordingOf(call);
    const bytes = pluginBytes('hello');
    for (const { seq, kind } of call.events()) {
      const frames = await stackAt(platform, recording, bytes, seq);
      const live = drive(startCall('hello', 'greet', '{"name":"Ada"}', { ...GREET, debug: true, runToEvent: seq }));
      assert.deepEqual(frames, (await live.stop()).frames, `event ${seq}: ${kind}`);
      if (seq > 1 && kind !== 'exit') assert.equal(frames.at(-1)?.name, '_start');
      await live.run.terminate();
    }
    assert.equal(bytes.length, pluginBytes('hello').length, 'the module stays its owner’s');
  });

  it('R3: of a trap it is where the plugin trapped', async () => {
    const call = await runCall('end-trap', 'run');
    const last = call.events().length - 1;
    const frames = await stackAt(platform, recordingOf(call), pluginBytes('end-trap'), last);
    assert.ok(frames.length > 0);
  });

  it('S6: has the lines of source, where there is debug information', needs('rust-pdk.debug'), async () => {
    const call = await runCall('rust-pdk.debug', 'echo', '{"message":"x"}', { mocks: '{"echo":0}' });
    const asked = call.events().find((event) => event.kind === 'rpc' && event.dir === 'out');
    const frames = await stackAt(platform, recordingOf(call), pluginBytes('rust-pdk.debug'), asked?.seq ?? -1);
    const own = frames.flatMap(({ place }) => (place?.own === true ? [place] : []));
    const file = 'rust-pdk/src/basics.rs';
    const line = lineWith(file, 'let response = host.call("echo", params.message).await?;');
    assert.deepEqual(own[0] && [own[0].path, own[0].line], [sourceFile(file), line]);
    assert.match(own[1]?.path ?? '', /main\.rs$/);
  });

  it('R2: at a call of the pdk’s, 20 frames deep and more', needs('rust-pdk.release'), async () => {
    const call = await runCall('rust-pdk.release', 'echo', '{"message":"x"}', { mocks: '{"echo":0}' });
    const asked = call.events().find((event) => event.kind === 'rpc' && event.dir === 'out');
    const frames = await stackAt(platform, recordingOf(call), pluginBytes('rust-pdk.release'), asked?.seq ?? -1);
    assert.ok(frames.length > 15, `${frames.length} frames`);
  });

  it('R2, R3: says what is wrong in a sentence', async () => {
    const call = await runCall('hello', 'greet', '{"name":"Ada"}', GREET);
    const recording = recordingOf(call);
    const at = (event: number, module = 'hello', { header, records } = recording) =>
      stackAt(platform, { header, records }, pluginBytes(module), event);
    const last = call.events().length - 1;
    await assert.rejects(
      at(last + 1),
      new RegExp(`^Error: There is no event ${last + 1}: the recording ends with event ${last}\\.$`),
    );
    await assert.rejects(at(-1), /^Error: -1 is not the number of an event\.$/);
    await assert.rejects(
      at(3, 'end-trap'),
      /^Error: The recording can't be run again to event 3: .* is not the module that was recorded/,
    );
    const other = { ...recording.header, call: { method: 'greet', params: '{"name":"Eve"}' } };
    await assert.rejects(at(9, 'hello', { ...recording, header: other }), /^Error: The replay differs at event 0: /);
  });

  it('E2: can be given up, while it loads and while it runs', async () => {
    const call = await runCall('hello', 'greet', '{"name":"Ada"}', GREET);
    const recording = recordingOf(call);
    for (const ms of [0, 60]) {
      const given = new AbortController();
      const stack = stackAt(platform, recording, pluginBytes('hello'), call.events().length - 1, given.signal);
      setTimeout(() => given.abort(new Error('another row')), ms);
      await assert.rejects(stack, /^Error: another row$/).catch((error: unknown) => {
        // it may have been there by then
        if (ms === 0) throw error;
      });
    }
    const over = AbortSignal.abort(new Error('never asked'));
    await assert.rejects(stackAt(platform, recording, pluginBytes('hello'), 1, over), /^Error: never asked$/);
  });
});
