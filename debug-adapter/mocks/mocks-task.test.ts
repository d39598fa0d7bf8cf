// Mocks made in a worker are those that are made at once. Contract P2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requestLine, responseLine } from '../rpc/message.ts';
import { DEFAULT_REDACTIONS, mocksFromEvents } from './from-recording.ts';
import { type FromTask, runMocksTask, type TaskEvent, type ToTask } from './mocks-task.ts';

function task(redactions = DEFAULT_REDACTIONS): { send(message: ToTask): void; readonly told: FromTask[] } {
  const told: FromTask[] = [];
  let take = (_: ToTask): void => {};
  runMocksTask(
    {
      post: (message) => told.push(message),
      onMessage: (listener) => {
        take = listener;
      },
    },
    { mocksOf: redactions },
  );
  return { send: (message) => take(message), told };
}

const lines = Array.from({ length: 3000 }, (_, i) => [
  ['out', requestLine(String(i), 'pick', `{"n":${i},"u":18446744073709551615}`)] as const,
  ['in', responseLine(String(i), `{"name":"é ${i % 3}","token":"secret${i}"}`)] as const,
]).flat();

describe('making mocks beside the thread that asks', () => {
  it('P2: gives the same file, and says how far it has come', () => {
    const { send, told } = task();
    const events = lines.map(([dir, line], seq): TaskEvent => ({ kind: 'rpc', seq, dir, bytes: Buffer.from(line) }));
    send({ events: events.slice(0, 1000) });
    send({ events: events.slice(1000) });
    assert.equal(told.length, 0);
    send('end');
    const last = told.at(-1);
    const expected = mocksFromEvents(lines.map(([dir, line], seq) => ({ kind: 'rpc', seq, dir, line })));
    assert.deepEqual(last, { type: 'made', made: expected });
    assert.equal(expected.calls, 3000);
    const fractions = told.slice(0, -1).map((message) => (message.type === 'progress' ? message.fraction : Number.NaN));
    assert.deepEqual(
      fractions,
      [0, 1, 2, 3, 4, 5].map((n) => n / 6),
    );
  });

  it('a reply that was taken back is none, and one that was changed is what it became', () => {
    const { send, told } = task();
    const event = (seq: number, dir: 'in' | 'out', line: string, changes?: number): TaskEvent => ({
      ...{ kind: 'rpc', seq, dir, bytes: Buffer.from(line) },
      ...(changes === undefined ? {} : { answeredBy: { by: 'hand', changes } }),
    });
    send({
      events: [
        event(0, 'out', requestLine('0', 'a', '1')),
        event(1, 'out', requestLine('1', 'b', '1')),
        event(2, 'in', responseLine('0', '"old"')),
        event(3, 'in', responseLine('0', '"new"'), 2),
        event(4, 'in', responseLine('1', '"gone"')),
        { kind: 'edit', seq: 5, space: 'reply', index: 4 },
      ],
    });
    send('end');
    const last = told.at(-1);
    assert.ok(last?.type === 'made');
    assert.match(last.made.text, /"new"/);
    assert.doesNotMatch(last.made.text, /"old"|"gone"/);
    assert.deepEqual([last.made.calls, last.made.left], [1, 1]);
  });

  it('a pattern that is none is a refusal', () => {
    const { send, told } = task({ names: ['('], values: [] });
    send('end');
    assert.equal(told[0]?.type, 'refused');
  });
});
