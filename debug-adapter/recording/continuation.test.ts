// Long texts of a recording: cut into lines that editors can bear, and put together again, whole or not at all. Contracts R4, R5.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { arbitraryEvents } from '../testing/arbitrary-event.ts';
import { RECORDING_HEADER } from '../testing/recording-header.ts';
import { LONGEST_FIELD } from './continuation.ts';
import type { RunEvent } from './event.ts';
import { EventStore } from './event-store.ts';
import { RecordingError } from './fields.ts';
import { formatEvent } from './jsonl.ts';
import { LogWriter } from './log.ts';
import { parseRecording, RecordingReader } from './reader.ts';
import { RecordingWriter, recordingText } from './writer.ts';

const encoder = new TextEncoder();
const HEADER = { ...RECORDING_HEADER, call: { method: 'run', params: 'null' } };
const base = { seq: 0, fuel: 1, time: 0 };
const EXIT: RunEvent = {
  ...{ ...base, kind: 'exit', reason: 'returned', code: 0, message: 'it returned' },
  ...{ memorySha256: undefined, inputs: undefined, at: undefined },
};

function rpc(bytes: Uint8Array, utf8 = true): RunEvent {
  const line = new TextDecoder().decode(bytes);
  return { ...base, kind: 'rpc', dir: 'out', line, bytes, utf8, complete: true, unread: false };
}
const message = (text: string): RunEvent => rpc(encoder.encode(text));
const numbered = (events: readonly RunEvent[]): RunEvent[] => events.map((event, seq) => ({ ...event, seq }));
function storeOf(events: readonly RunEvent[]): EventStore {
  const log = new LogWriter();
  for (const event of events) log.append(event);
  const store = new EventStore();
  store.append(log.take());
  return store;
}
function eventsIn(text: string | Uint8Array): RunEvent[] {
  const store = new EventStore();
  store.append(parseRecording(text, 'x.jsonl').records);
  return [...store.range()].map((event) => ({ ...event }));
}
function refusal(text: string | Uint8Array): string {
  try {
    parseRecording(text, 'x.jsonl');
  } catch (error) {
    assert.ok(error instanceof RecordingError, String(error));
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  }
  return assert.fail('it is taken');
}
const linesOf = (text: string): string[] => text.trimEnd().split('\n');

/** Text of every kind of character, about `bytes` long, with odd ones around each place where it may be cut. */
const longText = (bytes: number, unit: string): string => unit.repeat(Math.ceil(bytes / encoder.encode(unit).length));
const UNITS = ['a', 'é', '€', '🦀', '"\\', '\u0000\u001f', 'x🦀é', '\ufeff', '\u2028'];
const INVALID = Uint8Array.from({ length: 50_000 }, (_, at) => (at * 7) & 0xff);

describe('long texts', () => {
  it('R4: are cut at code points into parts that come back, and short ones are not', () => {
    for (const unit of UNITS)
      for (const bytes of [LONGEST_FIELD - 4, LONGEST_FIELD, LONGEST_FIELD + 1, 3 * LONGEST_FIELD + 5]) {
        const event = message(longText(bytes, unit));
        assert.ok(event.kind === 'rpc');
        const text = recordingText(HEADER, [event, EXIT]);
        assert.deepEqual(eventsIn(text), numbered([event, EXIT]));
        const [, first = '', ...rest] = linesOf(text);
        const { line } = JSON.parse(first) as { line: string | { text: string; more: number } };
        const cut = event.bytes.length > LONGEST_FIELD;
        assert.equal(typeof line, cut ? 'object' : 'string');
        if (typeof line === 'string') continue;
        assert.equal(rest.length, line.more + 1);
        const parts = [line.text, ...rest.slice(0, -1).map((part) => (JSON.parse(part) as { text: string }).text)];
        assert.equal(
          parts.join(''),
          event.line === '' ? '' : new TextDecoder('utf-8', { ignoreBOM: true }).decode(event.bytes),
        );
        for (const part of parts) {
          assert.ok(part.isWellFormed());
          assert.ok(encoder.encode(part).length <= 8192);
        }
      }
  });

  it('R4: bytes that are no text go on in base64, part by part', () => {
    const event = rpc(INVALID, false);
    const text = recordingText(HEADER, [event, EXIT]);
    assert.deepEqual(eventsIn(text), numbered([event, EXIT]));
    const parts = linesOf(text).slice(2, -1);
    assert.ok(parts.length > 5);
    for (const part of parts) assert.match(part, /^\{"kind":"more","base64":"[A-Za-z0-9+/]+=*"\}$/);
  });

  it('R4: several of one event follow in the order of its fields', () => {
    const a = encoder.encode(longText(40_000, 'a'));
    const b = encoder.encode(longText(30_000, '🦀'));
    const writes = [
      { address: 8, bytes: a },
      { address: 16, bytes: encoder.encode('short') },
      { address: 24, bytes: INVALID },
      { address: 32, bytes: b },
    ];
    const syscall: RunEvent = {
      ...{ ...base, kind: 'syscall', name: 'fd_read', args: [0, 1, 2, 3], errno: 0, writes, sent: undefined },
      flags: { fuelToZero: false, emptyPoll: false, hostWouldPanic: false, sleepMs: undefined },
    };
    const folded: RunEvent = {
      ...{ ...base, kind: 'folded', count: 2 },
      calls: [
        { name: 'fd_read', errno: 0, fuelToZero: false, writes: writes.slice(0, 2) },
        { name: 'random_get', errno: 0, fuelToZero: false, writes: [{ address: 4, bytes: INVALID }] },
      ],
    };
    const diagnosis: RunEvent = {
      ...{ ...base, kind: 'diagnosis', diagnosis: 'panic', severity: 'fault', message: longText(20_000, 'é') },
    };
    const edit: RunEvent = {
      ...{ ...base, kind: 'edit', space: 'memory', index: 0, address: 9, bytes: a, moment: 1, offset: 2 },
      text: longText(20_000, '🦀'),
    };
    const events = numbered([syscall, folded, diagnosis, edit, EXIT]);
    const text = recordingText(HEADER, events);
    assert.deepEqual(eventsIn(text), events);
    assert.ok(linesOf(text).every((line) => line.length < 20_000));
  });

  it('R4: the params of the header, too', () => {
    const header = { ...HEADER, call: { method: 'run', params: `"${longText(100_000, '\\"é')}"` } };
    const text = recordingText(header, [EXIT]);
    assert.ok(linesOf(text).every((line) => line.length < 20_000));
    assert.equal(parseRecording(text, 'x').header.call.params, header.call.params);
    const second = text.indexOf('\n') + 1;
    assert.equal(
      refusal(text.slice(0, second + 5)),
      'x.jsonl:1: this recording was cut short within its header; record the call again.',
    );
    assert.match(refusal(text.slice(0, second) + formatEvent(EXIT)), /^x\.jsonl:2: .*part 2 of 1\d of a long text/);
  });

  it('R4: what a later version adds may be cut too, and is passed over or kept', () => {
    const more = '{"kind":"more","text":"b"}';
    const text = [
      JSON.stringify({ ...HEADER, note: { deep: [{ text: 'a', more: 1 }] } }),
      more,
      '{"kind":"note","fuel":"much","what":[{"text":"a","more":2}]}',
      more,
      more,
      '{"kind":"stderr","fuel":1,"t":0,"later":{"base64":"AA==","more":1},"line":{"text":"é","more":1},"last":"x"}',
      '{"kind":"more","base64":"AAA="}',
      more,
      formatEvent(EXIT),
    ].join('\n');
    const loaded = parseRecording(text, 'x.jsonl');
    assert.deepEqual((loaded.header as unknown as { note: unknown }).note, { deep: [{ text: 'ab' }] });
    const [log, ...rest] = eventsIn(text);
    assert.equal(log?.kind === 'stderr' && log.line, 'éb');
    assert.equal(rest.length, 1);
  });

  it('R5: one that stands whole in its line is as good: so version 1 has it', () => {
    const events = numbered([message(longText(1_000_000, 'x🦀')), EXIT]);
    const text = [JSON.stringify({ ...HEADER, version: 1 }), ...events.map(formatEvent), ''].join('\n');
    assert.deepEqual(eventsIn(text), events);
    assert.equal(parseRecording(text, 'x').header.version, 1);
  });

  it('R4: a message of 10 MB', () => {
    const events = numbered([message(`"${longText(10_000_000, '0123456789 abcdef é')}"`), rpc(INVALID, false), EXIT]);
    const text = recordingText(HEADER, events);
    assert.ok(linesOf(text).every((line) => line.length < 20_000));
    assert.deepEqual(eventsIn(text), events);
  });
});

describe('a recording with long texts that is not whole', () => {
  const events = numbered([
    message('{"a":1}'),
    message(longText(20_000, 'é🦀')),
    rpc(INVALID.slice(0, 17_000), false),
    EXIT,
  ]);
  const whole = encoder.encode(recordingText(HEADER, events));
  const header = whole.indexOf(0x0a) + 1;

  it('R4: cut at any byte it loads up to its last whole event, and says so', () => {
    // the byte after which each event has all of its lines but the last newline
    const ends: number[] = [];
    for (let count = 1; count <= events.length; count++)
      ends.push(encoder.encode(recordingText(HEADER, events.slice(0, count))).length - 1);
    for (let cut = header; cut < whole.length; cut += 41) {
      const loaded = parseRecording(whole.subarray(0, cut), 'x.jsonl');
      const expected = ends.filter((end) => end <= cut).length;
      assert.equal(loaded.events, expected, `cut at ${cut}`);
      assert.equal(loaded.cutShort === undefined, expected === events.length);
    }
    for (const end of ends)
      for (const cut of [end - 1, end, end + 1])
        assert.equal(parseRecording(whole.subarray(0, cut), 'x.jsonl').events, ends.filter((at) => at <= cut).length);
  });

  it('R4: and at each byte, where the parts are small', () => {
    const lines = [
      JSON.stringify(HEADER),
      '{"kind":"stderr","fuel":1,"t":0,"line":{"text":"é","more":2}}',
      '{"kind":"more","text":"🦀\\u0000"}',
      '{"kind":"more","text":"\\""}',
      '{"kind":"syscall","fuel":1,"t":0,"name":"fd_read","args":[],"writes":[[8,{"base64":"/w==","more":1}],[9,{"text":"","more":1}]]}',
      '{"kind":"more","base64":"/w=="}',
      '{"kind":"more","text":"c"}',
      formatEvent(EXIT),
    ];
    const bytes = encoder.encode(lines.join('\n'));
    const all = eventsIn(bytes);
    assert.equal(all.length, 3);
    assert.equal(all[0]?.kind === 'stderr' && all[0].line, 'é🦀\u0000"');
    const ends = [4, 7, 8].map((count) => encoder.encode(lines.slice(0, count).join('\n')).length);
    for (let cut = (lines[0]?.length ?? 0) + 1; cut <= bytes.length; cut++)
      assert.deepEqual(
        eventsIn(bytes.subarray(0, cut)),
        all.slice(0, ends.filter((end) => end <= cut).length),
        `cut at ${cut}`,
      );
  });

  it('R4: a continuation that is missing, double, or of another kind is damage, named by its line', () => {
    const lines = linesOf(new TextDecoder().decode(whole));
    const without = (at: number): string => lines.toSpliced(at, 1).join('\n');
    const parts = lines.filter((line) => line.startsWith('{"kind":"more","text"')).length + 1;
    assert.equal(
      refusal(without(3)),
      `x.jsonl:${parts + 2}: this line of the recording is damaged (it should be part ${parts} of ${parts} of a long text, and is another line; the text begins in line 3); record the call again.`,
    );
    assert.equal(
      refusal(lines.toSpliced(2, 0, lines[3] ?? '').join('\n')),
      'x.jsonl:3: this line of the recording is damaged (it goes on with a text, and none is open); record the call again.',
    );
    for (const [wrong, why] of [
      ['{"kind":"more"}', /part 2 of \d of a long text, and has no "text"/],
      ['{"kind":"more","base64":"AAAA"}', /has no "text"/],
      ['{"kind":"more","text":"\\ud83e"}', /cut within a character/],
      ['[]', /is another line/],
      ['{"kind":"more","text":"a', /Unterminated string/],
    ] as const) {
      const told = refusal(lines.toSpliced(3, 1, wrong).join('\n'));
      assert.match(told, /^x\.jsonl:4: this line of the recording is damaged \(.*\); record the call again\.$/);
      assert.match(told, why);
    }
    const base64 = lines.findIndex((line) => line.includes('"kind":"more","base64"'));
    assert.match(
      refusal(lines.toSpliced(base64, 1, '{"kind":"more","base64":"*"}').join('\n')),
      new RegExp(`^x\\.jsonl:${base64 + 1}: `),
    );
  });

  it('R4: a number of lines that lies is told, or the file was cut short', () => {
    const line = (more: string): string => `{"kind":"stderr","fuel":1,"t":0,"line":{"text":"a","more":${more}}}`;
    const text = (more: string): string => [JSON.stringify(HEADER), line(more), formatEvent(EXIT), ''].join('\n');
    for (const more of ['0', '-1', '1.5', '1e400', 'null', '"1"', '[]'])
      assert.match(refusal(text(more)), /^x\.jsonl:2: .*"more" is not the number of lines in which a text goes on/);
    assert.match(refusal(text('9007199254740991')), /^x\.jsonl:3: .*part 2 of 9007199254740992 of a long text/);
  });

  it('R4: bytes that are not UTF-8 in the file are damage, and at its end cut short', () => {
    const bad = whole.slice();
    bad[header + 20] = 0xff;
    assert.match(refusal(bad), /^x\.jsonl:2: this line of the recording is damaged/);
  });
});

describe('piece by piece', () => {
  it('R4, E2: the pieces do not matter, neither read nor written', () => {
    const odd = fc.constantFrom(message(longText(40_000, '🦀"')), rpc(INVALID, false), message(''));
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            arbitraryEvents,
            odd.map((event) => [event]),
          ),
          { maxLength: 4 },
        ),
        fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 8 }),
        (lists, sizes) => {
          const events = numbered([...lists.flat().filter(({ kind }) => kind !== 'exit'), EXIT]);
          const store = storeOf(events);
          const writer = new RecordingWriter(HEADER, store);
          let text = '';
          for (let turn = 0; writer.behind; turn++) {
            const piece = writer.write(sizes[turn % sizes.length] ?? 1);
            assert.ok(piece === '' || piece.endsWith('\n'));
            text += piece;
          }
          assert.equal(writer.progress, 1);
          assert.equal(writer.write(1000), '');
          assert.equal(text, recordingText(HEADER, store.range()));
          const bytes = encoder.encode(text);
          const reader = new RecordingReader('x.jsonl');
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            const piece = bytes.slice(at, at + size);
            reader.push(piece);
            piece.fill(0x20); // it keeps no view
            at += size;
          }
          const read = reader.finish();
          assert.equal(read.cutShort, undefined);
          assert.deepEqual(read.store.records(), store.records());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('E2: no piece of work is long, though a message is', () => {
    const store = storeOf([message(longText(20_000_000, 'abcdefg é')), EXIT]);
    const writer = new RecordingWriter(HEADER, store);
    let longest = 0;
    while (writer.behind) longest = Math.max(longest, writer.write(64 * 1024).length);
    assert.ok(longest <= 64 * 1024 + 20_000, `${longest} characters at once`);
  });

  it('R4: a writer goes on where events have come since', () => {
    const store = new EventStore();
    const writer = new RecordingWriter(HEADER, store);
    assert.ok(writer.behind);
    let text = writer.write(1000);
    const log = new LogWriter();
    for (const event of [message('a'), message(longText(30_000, 'b')), EXIT]) {
      log.append(event);
      store.append(log.take());
      while (writer.behind) text += writer.write(1);
    }
    assert.equal(text, recordingText(HEADER, store.range()));
  });
});
