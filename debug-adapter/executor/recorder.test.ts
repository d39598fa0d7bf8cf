// The recording on disk: written while the call runs, whole at its end, loadable at any moment before. Contracts R4, E2.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { parseRecording } from '../recording/reader.ts';
import { neverLate, watchTimers } from '../testing/lateness.ts';
import { platform, recordingOf, replayText, startCall } from '../testing/run-call.ts';
import { until } from '../testing/until.ts';
import { startRecorder } from './recorder.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-recorder-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('the recorder', () => {
  it('R4: writes all of a call, and what it wrote replays exactly', async () => {
    const file = path.join(folder, 'sub/whole.jsonl');
    const run = startCall('hello', 'roll', '{"dice":50}');
    const { done } = await startRecorder(platform, run, file);
    await done;
    const text = fs.readFileSync(file, 'utf8');
    assert.equal(text, recordingOf(run));
    const replay = await replayText(text, 'hello');
    assert.equal(replay.divergence, undefined);
  });

  it('R4: though it starts when the call has ended', async () => {
    const file = path.join(folder, 'late.jsonl');
    const run = startCall('hello', 'roll', '{"dice":5}');
    await run.ended;
    await (await startRecorder(platform, run, file)).done;
    assert.equal(fs.readFileSync(file, 'utf8'), recordingOf(run));
  });

  it('R4: while the call runs, the file holds what has happened, and loads', async () => {
    const file = path.join(folder, 'running.jsonl');
    const run = startCall('endless-poll', 'run');
    const { done } = await startRecorder(platform, run, file);
    const loaded = await until('six events in the file', () => {
      const text = fs.readFileSync(file, 'utf8');
      const recording = text === '' ? undefined : parseRecording(text, 'running.jsonl');
      return recording !== undefined && recording.events > 5 ? recording : undefined;
    });
    assert.match(loaded.cutShort ?? '', /was cut short/);
    await run.terminate();
    await done;
    assert.equal(parseRecording(fs.readFileSync(file, 'utf8'), 'running.jsonl').cutShort, undefined);
  });

  it('R4: a plugin that can not run leaves a recording of just that', async () => {
    const file = path.join(folder, 'unusable.jsonl');
    const run = startCall('link-no-start', 'run');
    await (await startRecorder(platform, run, file)).done;
    assert.equal(fs.readFileSync(file, 'utf8'), recordingOf(run));
  });

  it('R4: a file that can not be written is an error, and the call goes on', async () => {
    const run = startCall('hello', 'roll', '{"dice":5}');
    await assert.rejects(startRecorder(platform, run, folder));
    assert.equal((await run.ended).kind, 'result');
  });

  it('E2: a flood of events does not hold up this thread', async (t) => {
    await neverLate(t, async () => {
      const run = startCall('endless-log', 'run', 'null', { limits: { wallMs: 60_000 } });
      await new Promise<void>((resolve) => run.on({ loaded: () => resolve() }));
      const watch = watchTimers();
      const { done } = await startRecorder(platform, run, path.join(folder, 'flood.jsonl'));
      await delay(500);
      await run.terminate();
      const late = watch.stop();
      await done;
      return late;
    });
  });
});
