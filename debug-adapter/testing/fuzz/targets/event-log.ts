// Fuzz target: the binary event log. What a sequence of appends wrote is read back event by event, however it was handed over; and records that are damaged
// end in an error, not in a loop. Contracts R1, P3, E7.
import type { RunEvent } from '../../../recording/event.ts';
import { EventStore } from '../../../recording/event-store.ts';
import { formatEvent, parseEvent } from '../../../recording/jsonl.ts';
import { LogWriter } from '../../../recording/log.ts';
import type { RandomSource } from '../../random-source.ts';
import { type Bytes, changeBytes } from '../bytes.ts';
import { expect, type FuzzTarget } from '../target.ts';

const LINES = [
  '{"kind":"rpc","fuel":3,"t":0.5,"dir":"in","line":"{\\"id\\":18446744073709551615}"}',
  '{"kind":"rpc","fuel":3,"t":0.5,"dir":"out","line":{"base64":"w4A="},"incomplete":true,"unread":true}',
  '{"kind":"stderr","fuel":3,"t":0.5,"line":""}',
  '{"kind":"syscall","fuel":9,"t":1,"name":"clock_time_get","args":[0,"9223372036854775807",8],"errno":0,"writes":[[8,"abcdefgh"],[4294967295,""]]}',
  '{"kind":"syscall","fuel":9,"t":1,"name":"fd_write","args":[1,-1,1,8],"errno":0,"sent":[4294967295,4294967295],"sleepMs":0.1}',
  '{"kind":"syscall","fuel":9,"t":1,"name":"proc_exit","args":[3]}',
  '{"kind":"yield","fuel":19,"t":3,"count":3,"lastFuel":20,"required":2}',
  '{"kind":"grow","fuel":20,"t":4,"space":"memory","index":1,"delta":65536,"result":-1}',
  '{"kind":"edit","fuel":20,"t":4,"space":"stack","index":1,"bytes":{"base64":"AQAAAA=="},"moment":7,"offset":12,"text":"$0 = 1"}',
  '{"kind":"diagnosis","fuel":20,"t":4,"diagnosis":"panic","message":"🦀","severity":"fault"}',
  '{"kind":"folded","fuel":21,"t":5,"calls":[{"yields":7},{"name":"fd_read","errno":6,"fuelToZero":true,"writes":[[1,"x"]]},{"name":"proc_exit"}]}',
  '{"kind":"exit","fuel":21,"t":6,"reason":"trap","message":"unreachable"}',
];
const EVENTS = LINES.map((line) => parseEvent(line, 0)).filter((event) => event !== undefined);

/** An input's first byte says what the others are: choices of events and of when they are handed over, or records and how they are damaged. */
function make(source: RandomSource): Bytes {
  // now and then more than the buffer holds at first
  const length = source.chance(0.05) ? 3000 : 60;
  const choices = Uint8Array.from({ length: 2 + source.below(length) }, () => source.below(256));
  if (source.chance(0.5)) {
    choices[0] = 0;
    return choices;
  }
  const writer = new LogWriter();
  for (const choice of choices) writer.append(EVENTS[choice % EVENTS.length]!);
  let records: Bytes = writer.take();
  for (let left = 1 + source.below(4); left > 0; left--) records = changeBytes(source, records, choices);
  const out = new Uint8Array(records.length + 1);
  out[0] = 1;
  out.set(records, 1);
  return out;
}

function check(bytes: Bytes): void {
  if (bytes[0] === 0) checkAppends(bytes.subarray(1));
  else checkDamaged(bytes.slice(1));
}

function checkAppends(choices: Uint8Array): void {
  const writer = new LogWriter();
  const store = new EventStore();
  const expected: RunEvent[] = [];
  const told: number[] = [];
  store.onAppend((from, to) => {
    expect(from === (told.at(-1) ?? 0) && to >= from, () => `told of [${from}, ${to}) after ${told.at(-1)}`);
    told.push(to);
  });
  for (const choice of choices) {
    const event = EVENTS[choice % EVENTS.length]!;
    writer.append(event);
    expected.push({ ...event, seq: expected.length });
    if (choice > 200) store.append(choice % 2 === 0 ? writer.take() : writer.takeFinished());
  }
  store.append(writer.take());
  expect(
    store.length === expected.length && writer.count === expected.length,
    () => `${store.length} of ${expected.length} events`,
  );
  expect(store.bytes === writer.bytes, () => `${store.bytes} bytes were read, of ${writer.bytes}`);
  for (const [seq, event] of expected.entries()) {
    const read = store.get(seq);
    expect(read.kind === event.kind && read.seq === seq, () => `event ${seq} is of another kind`);
    expect(formatEvent(read) === formatEvent(event), () => `${formatEvent(read)}\nis not\n${formatEvent(event)}`);
  }
}

/** Records come from the worker, which is trusted; all the same a fault there must end in an error. */
function checkDamaged(records: Bytes): void {
  const store = new EventStore();
  try {
    store.append(records);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  for (let seq = 0; seq < Math.min(store.length, 100); seq++) {
    try {
      store.kind(seq);
      formatEvent(store.get(seq));
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof SyntaxError || error instanceof TypeError)) throw error;
    }
  }
}

export const target: FuzzTarget = {
  name: 'event-log',
  about: 'the binary event log: written and read, whole and damaged',
  make,
  check,
};
