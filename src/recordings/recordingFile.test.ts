// Recordings on disk: whole, cancelled, cut short, damaged; in turns that hold nobody up. Contracts E2, R4.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { EventStore } from '../../debug-adapter/recording/event-store.ts';
import { LogWriter } from '../../debug-adapter/recording/log.ts';
import { parseRecording } from '../../debug-adapter/recording/reader.ts';
import { recordingText } from '../../debug-adapter/recording/writer.ts';
import { neverLate, watchTimers } from '../../debug-adapter/testing/lateness.ts';
import { RECORDING_HEADER } from '../../debug-adapter/testing/recording-header.ts';
import { readRecordingBytes, readRecordingFile, recordingName, writeRecordingFile } from './recordingFile.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-recordings-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));

const HEADER = RECORDING_HEADER;

const encoder = new TextEncoder();
function storeOf(lines: Iterable<string>, ended = true): EventStore {
  const log = new LogWriter();
  const store = new EventStore();
  let at = 0;
  for (const line of lines) {
    log.rpc('out', encoder.encode(line), 0, at, at / 8);
    at++;
    if (log.finishedBytes > 65_536) store.append(log.takeFinished());
  }
  const [reason, message] = ['returned', 'it returned'] as const;
  if (ended)
    log.exit({ reason, code: 0, message, memorySha256: undefined, inputs: undefined, at: undefined }, at, at / 8);
  store.append(log.take());
  return store;
}
function* messages(count: number): Generator<string> {
  for (let id = 0; id < count; id++) yield `{"jsonrpc":"2.0","id":${id},"method":"echo","params":["x",${id}]}`;
}
const GOES_ON = { isCancellationRequested: false };
const ignore = (): void => {};
const inFolder = (name: string): string => path.join(folder, name);

describe('recordings on disk', () => {
  it('R4: are read as they were written, and progress comes to its end', async () => {
    const store = storeOf([...messages(5000), 'é🦀'.repeat(100_000), '']);
    const file = inFolder('whole.recording.jsonl');
    const written: number[] = [];
    const source = { header: HEADER, store };
    assert.equal(await writeRecordingFile(source, file, 'whole', (part) => written.push(part), GOES_ON), true);
    assert.equal(fs.readFileSync(file, 'utf8'), recordingText(HEADER, store.range()));
    assert.equal(written.at(-1), 1);
    const seen: number[] = [];
    const read = await readRecordingFile(file, 'whole', (part) => seen.push(part), GOES_ON);
    assert.ok(read !== undefined);
    assert.deepEqual(read.header, HEADER);
    assert.deepEqual(read.store.records(), store.records());
    assert.equal(read.cutShort, undefined);
    assert.equal(seen.at(-1), 1);
    const bytes = fs.readFileSync(file);
    const again = await readRecordingBytes(bytes, 'whole', ignore, GOES_ON);
    assert.deepEqual(again?.store.records(), store.records());
  });

  it('R4: a call that goes on is saved as far as it has come', async () => {
    const store = storeOf(messages(3000), false);
    const file = inFolder('going.recording.jsonl');
    const grow = (): void => {
      const log = new LogWriter();
      log.stderr(encoder.encode('later'), 0, 1, 1);
      store.append(log.take());
    };
    await writeRecordingFile({ header: HEADER, store }, file, 'going', grow, GOES_ON);
    const read = await readRecordingFile(file, 'going.jsonl', ignore, GOES_ON);
    assert.equal(read?.store.length, 3000);
    assert.equal(read.cutShort, 'going.jsonl was cut short: it holds 3000 events and not the end of the call.');
  });

  it('R4: cancelled, neither leaves anything; a file that was there stays', async () => {
    const store = storeOf(messages(100_000));
    const file = inFolder('kept.recording.jsonl');
    fs.writeFileSync(file, 'older');
    const before = fs.readdirSync(folder);
    const cancellation = { isCancellationRequested: false };
    const cancel = (): void => {
      cancellation.isCancellationRequested = true;
    };
    assert.equal(await writeRecordingFile({ header: HEADER, store }, file, 'kept', cancel, cancellation), false);
    assert.deepEqual(fs.readdirSync(folder), before);
    assert.equal(fs.readFileSync(file, 'utf8'), 'older');
    cancellation.isCancellationRequested = false;
    await writeRecordingFile({ header: HEADER, store }, file, 'kept', ignore, cancellation);
    assert.equal(await readRecordingFile(file, 'kept', cancel, cancellation), undefined);
    assert.deepEqual(fs.readdirSync(folder), before);
  });

  it('R4: errors are one sentence', async () => {
    const source = { header: HEADER, store: storeOf(messages(1)) };
    const write = (file: string): Promise<boolean> => writeRecordingFile(source, file, 'a.jsonl', ignore, GOES_ON);
    const read = (file: string): Promise<unknown> => readRecordingFile(file, 'a.jsonl', ignore, GOES_ON);
    await assert.rejects(write(inFolder('none/a.jsonl')), {
      message: "The recording a.jsonl can't be written: there is no such file or folder.",
    });
    const taken = inFolder('a-folder');
    fs.mkdirSync(taken);
    await assert.rejects(write(taken), { message: "The recording a.jsonl can't be written: it is a folder." });
    assert.deepEqual(
      fs.readdirSync(folder).filter((name) => name.endsWith('.part')),
      [],
    );
    await assert.rejects(read(inFolder('none')), {
      message: "The recording a.jsonl can't be read: there is no such file or folder.",
    });
    await assert.rejects(read(taken), { message: "The recording a.jsonl can't be read: it is a folder." });
    const file = inFolder('bad.jsonl');
    for (const [text, message] of [
      ['', 'a.jsonl:1: this is no recording: its first line is not JSON.'],
      [
        JSON.stringify({ ...HEADER, version: 9 }),
        'a.jsonl:1: this recording has version 9, and this debugger reads up to 2; update the debugger.',
      ],
      [
        `${JSON.stringify(HEADER)}\n\n[]\n`,
        'a.jsonl:3: this line of the recording is damaged (it is not a JSON object); record the call again.',
      ],
    ] as const) {
      fs.writeFileSync(file, text);
      await assert.rejects(read(file), { name: 'RecordingError', message });
    }
  });

  it('E2: neither holds up this thread, whatever the length of the recording or of a message', async (t) => {
    const store = storeOf([...messages(100_000), `"${'0123456789 é'.repeat(800_000)}"`]);
    const file = inFolder('long.recording.jsonl');
    for (const work of [
      () => writeRecordingFile({ header: HEADER, store }, file, 'long', ignore, GOES_ON),
      () => readRecordingFile(file, 'long', ignore, GOES_ON),
    ]) {
      await neverLate(t, async () => {
        const watch = watchTimers();
        await work();
        return watch.stop();
      });
    }
    assert.equal(parseRecording(fs.readFileSync(file), 'long').events, store.length);
  });

  it('are named for the method and the time', () => {
    const local = new Date(2024, 1, 3, 4, 5, 6);
    const named = (method: string, created = local.toISOString()): string =>
      recordingName({ ...HEADER, call: { method, params: 'null' }, created }, local);
    assert.equal(named('greet'), 'greet-20240203-040506.recording.jsonl');
    assert.equal(named('a/b\\c:d*?"<>|\n\u0000e'), 'a_b_c_d_e-20240203-040506.recording.jsonl');
    assert.equal(named('../../etc'), 'etc-20240203-040506.recording.jsonl');
    assert.equal(named(''), 'call-20240203-040506.recording.jsonl');
    assert.equal(named('грета.1'), 'грета.1-20240203-040506.recording.jsonl');
    assert.equal(named('x'.repeat(500)).length, 60 + '-20240203-040506.recording.jsonl'.length);
    assert.equal(named('a', 'never'), 'a-20240203-040506.recording.jsonl');
  });
});
