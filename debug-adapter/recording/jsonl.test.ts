// The recording file: events survive the trip through text, text stays readable, what is unknown is passed over, and what is damaged is named.
// Contracts R2, R4, R5.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { arbitraryEvent, arbitraryEvents } from '../testing/arbitrary-event.ts';
import { DEFAULT_LIMITS, type RecordingHeader, type RunEvent } from './event.ts';
import { EventStore } from './event-store.ts';
import { RecordingError } from './fields.ts';
import { formatHeader, parseHeader } from './header.ts';
import { formatEvent, parseEvent } from './jsonl.ts';
import { parseRecording } from './reader.ts';

const HEADER: RecordingHeader = {
  format: 'wasmi-plugin-recording',
  version: 1,
  module: { sha256: 'ab'.repeat(32), bytes: 10, path: 'a.wasm' },
  call: { method: 'run', params: '{"id":18446744073709551615}' },
  fuelModel: 'plain-1',
  slice: 100_000,
  clock: 'real',
  seed: '7',
  args: [],
  env: [],
  missingImports: 'fail',
  features: [],
  limits: DEFAULT_LIMITS,
  nan: 'canonical',
  created: '2024-02-03T04:05:06.000Z',
};
const EXIT: RunEvent = {
  seq: 0,
  fuel: 9,
  time: 1,
  kind: 'exit',
  reason: 'returned',
  code: 0,
  message: 'the plugin returned from _start',
  memorySha256: undefined,
  inputs: undefined,
  at: undefined,
};

const file = (events: readonly RunEvent[], header: object = HEADER): string =>
  [JSON.stringify(header), ...events.map(formatEvent), ''].join('\n');
const eventsIn = (text: string): RunEvent[] => {
  const store = new EventStore();
  store.append(parseRecording(text, 'x.jsonl').records);
  return [...store.range()];
};

describe('events', () => {
  it('R4: each is one line, and comes back as it was', () => {
    fc.assert(
      fc.property(arbitraryEvent, (event) => {
        const line = formatEvent(event);
        assert.ok(!line.includes('\n'));
        // a getter that decodes is as good as its text
        assert.deepEqual({ ...parseEvent(line, 0) }, event);
      }),
      { numRuns: 2000 },
    );
  });

  it('R4: a whole recording comes back as it was', () => {
    fc.assert(
      fc.property(arbitraryEvents, (events) => {
        const before = events.filter(({ kind }) => kind !== 'exit').map((event, seq) => ({ ...event, seq }));
        const all = [...before, { ...EXIT, seq: before.length }];
        const loaded = parseRecording(file(all), 'x.jsonl');
        assert.equal(loaded.events, all.length);
        assert.equal(loaded.cutShort, undefined);
        const store = new EventStore();
        store.append(loaded.records);
        assert.deepEqual([...store.range()], all);
      }),
      { numRuns: 300 },
    );
  });

  it('R4: text that is UTF-8 stands in the file as it is, and only other bytes are base64', () => {
    const line = (bytes: Uint8Array): unknown =>
      (
        JSON.parse(
          formatEvent({ seq: 0, fuel: 0, time: 0, kind: 'stderr', line: '', bytes, utf8: true, complete: true }),
        ) as { line: unknown }
      ).line;
    for (const text of ['', 'plain', 'é 🦀 \u2028 "quoted" \\ \u0000 \ufeff', '{"jsonrpc":"2.0"}'])
      assert.equal(line(new TextEncoder().encode(text)), text);
    assert.deepEqual(line(Uint8Array.of(0xff, 0x41)), { base64: '/0E=' });
    assert.deepEqual(line(Uint8Array.of(0x41, 0xc3)), { base64: 'QcM=' });
    assert.ok(
      formatEvent({
        seq: 0,
        fuel: 0,
        time: 0,
        kind: 'stderr',
        line: '',
        bytes: new TextEncoder().encode('é 🦀'),
        utf8: true,
        complete: true,
      }).includes('é 🦀'),
    );
  });

  it('R4: long binary data is no trouble', () => {
    const bytes = Uint8Array.from({ length: 200_000 }, (_, at) => (at * 7) & 0xff);
    const event: RunEvent = {
      seq: 0,
      fuel: 0,
      time: 0,
      kind: 'rpc',
      dir: 'in',
      line: new TextDecoder().decode(bytes),
      bytes,
      utf8: false,
      complete: true,
      unread: false,
    };
    assert.deepEqual({ ...parseEvent(formatEvent(event), 0) }, event);
  });

  it('P2: 64-bit arguments keep their digits', () => {
    const event = parseEvent(
      '{"kind":"syscall","fuel":1,"t":0,"name":"clock_time_get","args":[0,"-9223372036854775808",1],"errno":0}',
      0,
    );
    assert.deepEqual(event?.kind === 'syscall' && event.args, [0, -9223372036854775808n, 1]);
  });
});

describe('what is unknown', () => {
  it('R4: fields are ignored, in the header kept', () => {
    const text = file([EXIT], { ...HEADER, comment: { from: 'later' } }).replace('{"kind"', '{"later":[1],"kind"');
    const loaded = parseRecording(text, 'x.jsonl');
    assert.deepEqual((loaded.header as unknown as { comment: unknown }).comment, { from: 'later' });
    assert.deepEqual(eventsIn(text), [EXIT]);
    assert.equal((JSON.parse(formatHeader(loaded.header)) as { comment: unknown }).comment !== undefined, true);
  });

  it('R4: kinds of events are ignored, whatever they hold', () => {
    const text = file([EXIT]).replace('\n', '\n{"kind":"checkpoint"}\n{"kind":"note","fuel":"much","t":null}\n');
    assert.deepEqual(eventsIn(text), [EXIT]);
  });

  it('R4: blank lines and CRLF are ignored', () => {
    assert.deepEqual(eventsIn(file([EXIT]).replaceAll('\n', '\r\n\r\n')), [EXIT]);
  });

  it('R5: another fuel model is no error: it is the replay that cares', () => {
    assert.equal(
      parseRecording(file([EXIT], { ...HEADER, fuelModel: 'exact-7' }), 'x.jsonl').header.fuelModel,
      'exact-7',
    );
  });
});

describe('a file cut short', () => {
  const events: RunEvent[] = [
    { seq: 0, fuel: 1, time: 0, kind: 'yield', count: 2, lastFuel: 3, required: 4 },
    { seq: 1, fuel: 5, time: 0, kind: 'grow', space: 'memory', index: 0, delta: 1, result: 1 },
    { ...EXIT, seq: 2 },
  ];
  const whole = file(events);

  it('R4: loads up to its last whole line, wherever the cut is, and says so', () => {
    const header = whole.indexOf('\n') + 1;
    for (let cut = header; cut < whole.length; cut++) {
      const text = whole.slice(0, cut);
      const found = eventsIn(text);
      const { cutShort } = parseRecording(text, 'x.jsonl');
      const last = cut === whole.length - 1; // only the newline is lacking
      const lines = last ? 3 : text.slice(header).split('\n').length - 1;
      // a line without its newline may still be whole
      assert.ok(
        found.length === lines || found.length === lines + 1,
        `cut at ${cut}: ${found.length} events of ${lines} lines`,
      );
      assert.deepEqual(found, events.slice(0, found.length));
      assert.equal(
        cutShort,
        found.length === 3
          ? undefined
          : `x.jsonl was cut short: it holds ${found.length} events and not the end of the call.`,
      );
    }
  });

  it('R4: what comes after the end of the call is damage', () => {
    assert.throws(() => parseRecording(file([EXIT, EXIT]), 'x.jsonl'), {
      name: 'RecordingError',
      message: /^x\.jsonl:3: this line of the recording is damaged \(it comes after the end of the call\)/,
    });
  });

  it('R4: a line that is broken in the middle is damage, named by its number', () => {
    const lines = whole.split('\n');
    lines[1] = lines[1]?.slice(0, 9) ?? '';
    assert.throws(
      () => parseRecording(lines.join('\n'), 'x.jsonl'),
      (error: Error) => {
        assert.ok(error instanceof RecordingError);
        assert.match(
          error.message,
          /^x\.jsonl:2: this line of the recording is damaged \(.*\); record the call again\.$/s,
        );
        return true;
      },
    );
  });
});

describe('what is no recording', () => {
  for (const [what, text, sentence] of [
    ['nothing', '', 'x.jsonl:1: this is no recording: its first line is not JSON.'],
    ['a text', 'hello\n', 'x.jsonl:1: this is no recording: its first line is not JSON.'],
    ['JSON', '[]\n', 'x.jsonl:1: this is no recording: "format" is not "wasmi-plugin-recording".'],
    ['an object', '{"format":"har"}\n', 'x.jsonl:1: this is no recording: "format" is not "wasmi-plugin-recording".'],
    [
      'a newer version',
      JSON.stringify({ ...HEADER, version: 3 }),
      'x.jsonl:1: this recording has version 3, and this debugger reads up to 2; update the debugger.',
    ],
    [
      'no version',
      JSON.stringify({ ...HEADER, version: 'one' }),
      'x.jsonl:1: "version" is "one", and must be 1 or 2; record the call again.',
    ],
  ] as const)
    it(`R4: ${what}: one sentence`, () => {
      assert.throws(() => parseRecording(text, 'x.jsonl'), { name: 'RecordingError', message: sentence });
    });

  for (const field of ['module', 'call', 'fuelModel', 'slice', 'clock'] as const)
    it(`R4: a header without ${field} is refused by that name`, () => {
      const { [field]: _, ...rest } = HEADER;
      assert.throws(() => parseHeader(JSON.stringify(rest), 'x.jsonl'), {
        name: 'RecordingError',
        message: new RegExp(`"${field}`),
      });
    });

  it('E4: whatever a file holds, it is loaded or refused in a sentence', () => {
    const line = fc.oneof(
      fc.json(),
      fc.string(),
      arbitraryEvent.map(formatEvent),
      fc
        .tuple(arbitraryEvent.map(formatEvent), fc.nat(), fc.string({ maxLength: 2 }))
        .map(([text, at, piece]) => text.slice(0, at % text.length) + piece + text.slice((at % text.length) + 1)),
      fc
        .tuple(
          arbitraryEvent,
          fc.constantFrom(
            'fuel',
            't',
            'dir',
            'line',
            'name',
            'args',
            'errno',
            'writes',
            'sent',
            'count',
            'calls',
            'reason',
            'space',
            'index',
          ),
          fc.jsonValue(),
        )
        .map(([event, key, value]) => JSON.stringify({ ...(JSON.parse(formatEvent(event)) as object), [key]: value })),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        const text = [formatHeader(HEADER), ...lines, ''].join('\n');
        try {
          for (const event of eventsIn(text)) formatEvent(event);
        } catch (error) {
          assert.ok(error instanceof RecordingError, `${error} for ${text}`);
          assert.match((error as Error).message, /^x\.jsonl:\d+: /);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('E4: and so with headers', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(HEADER)), fc.jsonValue(), (key, value) => {
        const text = `${JSON.stringify({ ...HEADER, [key]: value })}\n`;
        try {
          parseRecording(text, 'x.jsonl');
        } catch (error) {
          assert.ok(error instanceof RecordingError, `${error} for ${text}`);
        }
      }),
      { numRuns: 500 },
    );
  });
});
