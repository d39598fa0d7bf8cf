// The transcript: its text as a golden file, folded polls, lines and events both ways, and what 100 000 events cost.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CALL, LINE } from '../recording/log-format.ts';
import { assertGolden } from './golden.ts';
import { Filler } from './store-fixture.ts';
import { PART_LINES, Transcript } from './transcript.ts';

const HEADING = { plugin: 'p.wasm', method: 'run', params: '{"n":1}' };
const now = () => performance.now();

/** The whole text of a part, laid out and rendered. */
function textOf(transcript: Transcript, part = 0): string {
  while (!transcript.advance(1000));
  while (!transcript.render(part, 1000));
  return transcript.text(part);
}

describe('transcript', () => {
  it('S6: a line for every kind of event', () => {
    const filler = new Filler();
    filler
      .request('in', 0, 'run', '{"n":1}')
      .yields(3)
      .syscall('random_get', [1024, 16])
      .syscall('fd_write', [1, 16, 1, 24], 0, CALL.sent)
      .request('out', '18446744073709551615', 'echo', '[18446744073709551615,1.0]')
      .poll()
      .poll()
      .syscall('clock_time_get', [1, 0, 64])
      .yields(1)
      .poll()
      .result('in', '18446744073709551615', `"${'é'.repeat(300)}"`)
      .message('in', '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}')
      .stderr('a log line \u001b[31mred\u001b[0m\u202e and \r back')
      .stderr('cut off', LINE.incomplete)
      .syscall('fd_close', [7], 8)
      .syscall('poll_oneoff', [0, 64, 1, 128], 0, CALL.sleeps)
      .syscall('fd_read', [0, -8, 1, 8], 21, CALL.hostWouldPanic)
      .message('out', 'Hello\tworld')
      .message('out', Uint8Array.of(0x61, 0xff, 0x62), LINE.notUtf8)
      .message('out', '{"jsonrpc":"2.0","id":0,"result":1}', LINE.unread | LINE.incomplete)
      .syscall('proc_exit', [3], 0xffff);
    filler.log.grow('memory', 0, 16, 17, 2100, 0.03);
    filler.log.grow('table', 1, 5, -1, 2100, 0.03);
    filler.log.foldedSyscall(
      4,
      0,
      0,
      { count: 0, address: () => 0, length: () => 0, bytes: () => new Uint8Array() },
      2100,
      0.04,
    );
    filler.log.foldedYield(2000, 2100, 0.05);
    filler.log.diagnosis('stray-text', 'Stray text on stdout.\nsecond line', 'fault', 2200, 0.06);
    filler.log.diagnosis('duplicate-response', 'A second response.', 'warning', 2200, 0.06);
    filler.log.exit(
      { reason: 'trap', code: undefined, message: 'unreachable', memorySha256: undefined, at: undefined },
      2300,
      0.07,
    );
    assertGolden('kinds.transcript', textOf(new Transcript(filler.flush().store, HEADING, now)));
  });

  it('E5: polls are folded until something else happens, and only the last line ever changes', () => {
    const filler = new Filler().request('in', 0, 'run').poll().flush();
    const transcript = new Transcript(filler.store, HEADING, now);
    const seen: string[][] = [];
    const look = () => seen.push(textOf(transcript).trimEnd().split('\n'));
    look();
    for (let i = 0; i < 36; i++) filler.yields().syscall('clock_time_get', [0, 0, 64]).poll().flush();
    look();
    filler.stderr('done').poll().flush();
    look();
    assert.match(seen[0]?.at(-1) ?? '', /polled once: stdin is empty$/);
    assert.match(
      seen[1]?.at(-1) ?? '',
      /polled 37 times, until 0\.\d+ ms: stdin is empty \(36 clock reads, 36 yields\)$/,
    );
    assert.equal(seen[1]?.length, seen[0]?.length);
    assert.deepEqual(seen[2]?.slice(0, seen[1]?.length), seen[1]);
  });

  it('P2, S6: every event has a line, every line its events, however they come', () => {
    const kind = fc.constantFrom('message', 'stderr', 'poll', 'clock', 'yield', 'random');
    fc.assert(
      fc.property(fc.array(fc.array(kind, { maxLength: 20 }), { maxLength: 12 }), (batches) => {
        const filler = new Filler();
        const transcript = new Transcript(filler.store, HEADING, now);
        let earlier: string[] = [];
        for (const batch of batches) {
          for (const what of batch) {
            if (what === 'message') filler.request('out', 0, 'm');
            else if (what === 'stderr') filler.stderr('line');
            else if (what === 'poll') filler.poll();
            else if (what === 'clock') filler.syscall('clock_time_get', [0, 0, 8]);
            else if (what === 'yield') filler.yields();
            else filler.syscall('random_get', [0, 4]);
          }
          filler.flush();
          const lines = textOf(transcript).trimEnd().split('\n');
          const settled = earlier.slice(0, -1);
          assert.deepEqual(lines.slice(0, settled.length), settled);
          earlier = lines;
        }
        // the same text as from one that sees everything at once
        assert.equal(textOf(transcript), textOf(new Transcript(filler.store, HEADING, now)));
        let covered = 0;
        for (let line = 3; line <= transcript.lines; line++) {
          const events = transcript.eventsAt(0, line);
          assert.ok(events && events.from === covered && events.to > events.from);
          for (let seq = events.from; seq < events.to; seq++)
            assert.deepEqual(transcript.placeOf(seq), { part: 0, line });
          covered = events.to;
        }
        assert.equal(covered, filler.store.length);
      }),
    );
  });

  it('before the first event it stands on its heading', () => {
    const transcript = new Transcript(new Filler().store, HEADING, now);
    assert.deepEqual(transcript.placeOf(-1), { part: 0, line: 2 });
    assert.equal(transcript.eventsAt(0, 2), undefined);
    assert.equal(textOf(transcript).split('\n').length, 3);
  });

  it('E2: 100 000 events are laid out in turns that end, and a part is rendered without the others', () => {
    const filler = new Filler();
    const transcript = new Transcript(filler.store, HEADING, now);
    let turns = 0;
    for (let i = 0; i < 100; i++) {
      for (let j = 0; j < 500; j++)
        filler.request('out', j, 'echo', '{"message":"hello"}').syscall('random_get', [0, 4]);
      filler.flush();
      while (!transcript.advance(4)) turns++;
      if (i % 10 === 0) while (!transcript.render(transcript.parts - 1, 4)) turns++;
    }
    assert.equal(transcript.laid, 100_000);
    assert.equal(transcript.parts, Math.ceil(100_002 / PART_LINES));
    assert.ok(turns > 0);
    const place = transcript.placeOf(99_999);
    const last = textOf(transcript, place.part).trimEnd().split('\n');
    assert.equal(last.length, place.line);
    assert.match(last.at(-1) ?? '', /random_get/);
    assert.equal(textOf(transcript, 7).trimEnd().split('\n').length, PART_LINES);
    assert.equal(transcript.lastEventOf(0), PART_LINES - 3);
  });
});
