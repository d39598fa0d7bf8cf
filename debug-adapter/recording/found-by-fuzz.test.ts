// Recordings and event logs that the fuzzer found wanting once. Contracts R4, P3, E4.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunEvent } from './event.ts';
import { EventStore } from './event-store.ts';
import { RecordingError } from './fields.ts';
import { formatEvent, parseEvent } from './jsonl.ts';
import { LogWriter } from './log.ts';
import { parseRecording } from './reader.ts';

const HEADER = {
  format: 'wasmi-plugin-recording',
  version: 1,
  module: { sha256: 'ab'.repeat(32) },
  call: { method: 'run', params: 'null' },
  fuelModel: 'plain-1',
  slice: 100_000,
  clock: 'real',
};
const textOf = (header: object, ...lines: readonly string[]) => `${[JSON.stringify(header), ...lines].join('\n')}\n`;

function refusal(text: string): string {
  try {
    parseRecording(text, 'x.jsonl');
  } catch (error) {
    assert.ok(error instanceof RecordingError, String(error));
    return error.message;
  }
  return assert.fail('it is taken');
}
const damage = (line: string) => refusal(textOf(HEADER, line, '{"kind":"yield"}'));

describe('recordings', () => {
  it('R4: base64 that is a text after all is one', () => {
    const event = parseEvent('{"kind":"rpc","fuel":0,"t":0,"dir":"out","line":{"base64":"w4A="}}', 0);
    assert.ok(event?.kind === 'rpc' && event.utf8);
    assert.equal(event.line, 'À');
    assert.equal(formatEvent(event), '{"kind":"rpc","fuel":0,"t":0,"dir":"out","line":"À"}');
  });

  it('R4: numbers that JSON can not write are refused, and large ones written', () => {
    for (const line of [
      '{"kind":"stderr","fuel":1e400,"t":0,"line":""}',
      '{"kind":"stderr","fuel":0,"t":-1e999,"line":""}',
      '{"kind":"syscall","fuel":0,"t":0,"name":"fd_read","args":[],"errno":0,"writes":[[1e400,""]]}',
      '{"kind":"folded","fuel":0,"t":0,"calls":[{"yields":1e400}]}',
      '{"kind":"folded","fuel":0,"t":0,"calls":[{"yields":-1}]}',
      '{"kind":"folded","fuel":0,"t":0,"calls":[{"yields":1.5}]}',
    ])
      assert.match(damage(line), /^x\.jsonl:2: this line of the recording is damaged \(.*\); record the call again\.$/);
    const late = parseEvent('{"kind":"stderr","fuel":0,"t":1e308,"line":""}', 0);
    assert.equal(JSON.parse(formatEvent(late ?? assert.fail())).t, 1e308);
  });

  it('R4: a header without the size of its module can be written and read again', () => {
    const { header } = parseRecording(textOf(HEADER), 'x.jsonl');
    assert.equal(header.module.bytes, 0);
    assert.equal(parseRecording(`${JSON.stringify(header)}\n`, 'x.jsonl').header.module.bytes, 0);
  });

  it('R4: a last line without its newline is left out where it is no JSON, and counts as any other where it is', () => {
    const exit = '{"kind":"exit","fuel":0,"t":0,"reason":"returned","message":""}';
    const log = '{"kind":"stderr","fuel":0,"t":0,"line":""}';
    const whole = textOf(HEADER, log);
    assert.equal(parseRecording(whole + log, 'x.jsonl').events, 2);
    for (let length = 1; length < log.length; length++)
      assert.equal(parseRecording(whole + log.slice(0, length), 'x.jsonl').events, 1);
    assert.match(refusal(textOf(HEADER, exit) + log), /^x\.jsonl:3: .*it comes after the end of the call/);
    assert.match(refusal(`${whole}{"kind":"stderr"}`), /^x\.jsonl:3: .*"fuel" is not a number/);
  });

  it('E4: depth, and what would move the cursor, are told in one sentence', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    assert.match(
      refusal(`${JSON.stringify(HEADER).slice(0, -1)},"x":${deep}}\n`),
      /^x\.jsonl:1: this is no recording: its header is nested deeper than 127 levels\.$/,
    );
    assert.match(
      refusal(textOf({ ...HEADER, version: [[1]] })),
      /"version" is a list, and must be 1 or 2; record the call again\.$/,
    );
    const line = `{"kind":"syscall","fuel":0,"t":0,"name":"fd_read","args":[${deep}]}`;
    assert.match(damage(line), /damaged \(a list is no argument of a syscall\)/);
    for (const broken of ['{"kind":\u0000', '{"kind":"rpc",\u001b[2J', '\u2028{"a":'])
      assert.doesNotMatch(damage(broken), /[\p{Cc}\u2028]/u);
  });
});

describe('damaged event logs', () => {
  const event: RunEvent = {
    ...{ seq: 0, fuel: 1, time: 2, kind: 'stderr', line: 'x' },
    ...{ bytes: Uint8Array.of(120), utf8: true, complete: true },
  };
  const records = (): Uint8Array<ArrayBuffer> => {
    const writer = new LogWriter();
    for (let n = 0; n < 3; n++) writer.append(event);
    return writer.take();
  };

  it('P3: a size of 0, one past the end, and one that cuts a record are errors, not endless loops', () => {
    const size = records().length / 3;
    for (const wrong of [0, 8, size * 4, size - 4, 0xffffffff]) {
      const bytes = records();
      new DataView(bytes.buffer).setUint32(size, wrong, true);
      const store = new EventStore();
      assert.throws(() => store.append(bytes), RangeError);
      assert.equal(store.length, 0);
    }
    const store = new EventStore();
    assert.throws(() => store.append(records().subarray(0, size + 20)), RangeError);
    store.append(records());
    assert.equal(store.length, 3);
  });
});
