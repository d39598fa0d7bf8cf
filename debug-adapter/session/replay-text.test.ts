// What the console says at the end of a session on a recording. Contracts R3, R4, R5.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome } from '../executor/options.ts';
import { FUEL_MODEL } from '../fuel/model.ts';
import type { RecordingHeader } from '../recording/event.ts';
import { EventStore } from '../recording/event-store.ts';
import { LogWriter } from '../recording/log.ts';
import { replayText } from './replay-text.ts';

const end = { code: 0, message: '', memorySha256: undefined, inputs: undefined, at: undefined };

/** Log lines, and how it ended. */
function records(lines: number, reason?: 'returned' | 'terminated'): Uint8Array<ArrayBuffer> {
  const log = new LogWriter();
  for (let n = 0; n < lines; n++) log.stderr(new TextEncoder().encode(`line ${n}`), 0, n, n);
  if (reason !== undefined) log.exit({ ...end, reason }, lines, lines);
  return log.take();
}

function told(
  recorded: Uint8Array<ArrayBuffer>,
  replayed: Uint8Array<ArrayBuffer>,
  more: {
    divergence?: { seq: number; message: string };
    fault?: Outcome['fault'];
    model?: string;
    cutShort?: string;
  } = {},
): [text: string, failed: boolean, ended: boolean] {
  const store = new EventStore();
  store.append(replayed);
  const of = new EventStore();
  of.append(recorded.slice());
  const header = { fuelModel: more.model ?? FUEL_MODEL } as RecordingHeader;
  const recording = { header, events: of.length, cutShort: more.cutShort, records: recorded };
  const outcome = { fault: more.fault } as Outcome;
  const { text, failed, ended } = replayText('a\n.jsonl', recording, { divergence: more.divergence, store }, outcome);
  return [text, failed, ended];
}

describe('the end of a replay', () => {
  it('R3: exact, or ended on the way, if only just before the end', () => {
    const whole = records(3, 'returned');
    const exact = 'This was a replay of a\\u000a.jsonl, and exact: 4 events.';
    assert.deepEqual(told(whole, records(3, 'returned')), [exact, false, true]);
    assert.deepEqual(told(records(3, 'terminated'), records(3, 'terminated')), [exact, false, true]);
    assert.deepEqual(
      [1, 3].map((lines) => told(whole, records(lines, 'terminated'))),
      [1, 3].map((lines) => [
        `This was a replay of a\\u000a.jsonl, ended after ${lines} of its 4 events.`,
        false,
        true,
      ]),
    );
    assert.equal(told(whole, records(2))[0], 'This was a replay of a\\u000a.jsonl, ended after 2 of its 4 events.');
  });

  it('R4, R5: what was not compared is said', () => {
    const [cut, , ended] = told(records(3), records(3, 'terminated'), { cutShort: 'It was cut.' });
    assert.deepEqual([cut, ended], ['This was a replay of a\\u000a.jsonl, and exact: 3 events. It was cut.', false]);
    const [other] = told(records(1, 'returned'), records(1, 'returned'), { model: 'wasmi-9' });
    assert.match(other, /exact: 2 events\. Fuel was not compared: it was recorded under model wasmi-9, and this is /);
  });

  it('R2, R3: what differs is said, and where there was no replay at all', () => {
    const whole = records(3, 'returned');
    const divergence = { seq: 1, message: 'The replay differs at event 1: so.' };
    assert.deepEqual(told(whole, records(1), { divergence, fault: { kind: 'debugger', message: 'ours' } }), [
      '✗ This was a replay of a\\u000a.jsonl, and did not come to its end: The replay differs at event 1: so.',
      true,
      false,
    ]);
    const fault = { kind: 'other-module', message: 'p.wasm is not it.' };
    assert.deepEqual(told(whole, records(0), { fault }), [
      "✗ a\\u000a.jsonl can't be run again: p.wasm is not it.",
      true,
      false,
    ]);
  });
});
