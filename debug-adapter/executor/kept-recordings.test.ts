// Recordings of each version of the format, kept since they were made: read, written and replayed for ever. Contracts R3, R5.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { EventStore } from '../recording/event-store.ts';
import { parseRecording } from '../recording/reader.ts';
import { recordingText } from '../recording/writer.ts';
import { replayText } from '../testing/run-call.ts';

describe('recordings that are kept', () => {
  const fixture = (name: string): URL => new URL(`../recording/fixtures/${name}`, import.meta.url);
  /** Without times, and without diagnoses, whose words may change. */
  const lasting = (text: string): string[] =>
    text
      .trimEnd()
      .split('\n')
      .filter((line) => !line.startsWith('{"kind":"diagnosis"'))
      .map((line) => line.replace(/,"t":[\d.e+-]+/, ''));

  for (const version of [1, 2])
    it(`R5: of version ${version}: read, written, and replayed exactly`, async () => {
      const name = `version-${version}.recording.jsonl`;
      const text = fs.readFileSync(fixture(name), 'utf8').replaceAll('\r\n', '\n');
      const { header, records, cutShort } = parseRecording(text, name);
      assert.equal(header.version, version);
      assert.equal(cutShort, undefined);
      const store = new EventStore();
      store.append(records);
      assert.equal(recordingText(header, store.range()), text.replace('"version":1', '"version":2'));
      const replay = await replayText(text, fs.readFileSync(fixture('call-echo.wasm')));
      assert.equal(replay.divergence, undefined);
      const result = '{"jsonrpc":"2.0","id":0,"result":18446744073709551615}';
      assert.equal(replay.outcome.result, version === 1 ? result : undefined);
      assert.deepEqual(lasting(recordingText(header, replay.events())).slice(1), lasting(text).slice(1));
    });
});
