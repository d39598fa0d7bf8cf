// Services for recordings: on the ones that are kept as fixtures, on damaged ones, and on any text. Contracts R4, P2, E2.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { indexRecording, type RecordingIndex } from './recording-index.ts';
import {
  type RecordingSymbol,
  recordingDefinition,
  recordingDiagnoses,
  recordingFolds,
  recordingHover,
  recordingSymbols,
} from './recording-views.ts';

const FIXTURE = fs
  .readFileSync(new URL('../recording/fixtures/version-1.recording.jsonl', import.meta.url), 'utf8')
  .replaceAll('\r\n', '\n');
const [HEADER = ''] = FIXTURE.split('\n');

function indexOf(text: string, bound?: { lines: number; units: number }): RecordingIndex {
  const steps = bound === undefined ? indexRecording(text) : indexRecording(text, bound);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

const event = (fields: object): string => JSON.stringify({ fuel: 0, t: 1, ...fields });
const rpc = (dir: 'in' | 'out', line: string, more: object = {}): string => event({ kind: 'rpc', dir, line, ...more });
const request = (dir: 'in' | 'out', id: number, method: string): string =>
  rpc(dir, `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":[18446744073709551615]}`);
const reply = (dir: 'in' | 'out', id: number, more: object = {}): string =>
  rpc(dir, `{"jsonrpc":"2.0","id":${id},"result":18446744073709551614}`, { t: 4.5, ...more });
const EXIT = event({ kind: 'exit', reason: 'returned', message: '' });
const LINES = [
  HEADER,
  request('in', 0, 'run'),
  request('out', 0, 'echo'),
  event({ kind: 'syscall', name: 'fd_read', args: [0, 0, 1, 8], errno: 6 }),
  reply('in', 0, { answeredBy: { by: 'mock', file: 'a.mocks.json', method: 'echo', rule: 2 } }),
  rpc('out', 'hello'),
  event({ kind: 'diagnosis', diagnosis: 'stray-text', message: 'This is no message.', severity: 'fault' }),
  event({ kind: 'stderr', line: { text: 'a', more: 2 } }),
  '{"kind":"more","text":"b"}',
  '{"kind":"more","text":"c"}',
  reply('out', 0),
  EXIT,
];
const TEXT = `${LINES.join('\n')}\n`;
const index = indexOf(TEXT);
const hover = (line: number): string => recordingHover(index, (index.starts[line] ?? 0) + 3)?.markdown ?? '';
const leads = (line: number): number | undefined => {
  const span = recordingDefinition(index, index.starts[line] ?? 0);
  return span && index.lineAt(span.from);
};

describe('recordings in editors', () => {
  it('R4: the fixtures have nothing wrong with them', () => {
    for (const version of ['version-1', 'version-2']) {
      const text = fs.readFileSync(
        new URL(`../recording/fixtures/${version}.recording.jsonl`, import.meta.url),
        'utf8',
      );
      const found = indexOf(text);
      const wrong = recordingDiagnoses(found).filter(({ code }) => code !== 'diagnosis');
      assert.deepEqual(wrong, [], version);
      assert.ok(found.messages.length > 2);
    }
  });

  it('a reply that was changed, and one that was taken back and given again, answer the same request', () => {
    const hand = (changes?: number) => ({ answeredBy: { by: 'hand', ...(changes === undefined ? {} : { changes }) } });
    const back = {
      kind: 'edit',
      space: 'reply',
      index: 2,
      address: 0,
      bytes: '',
      moment: 0,
      text: 'taken back',
    };
    for (const between of [[reply('in', 0, hand(2))], [event(back), reply('in', 0, hand())]]) {
      const lines = [
        HEADER,
        request('in', 0, 'run'),
        request('out', 0, 'echo'),
        reply('in', 0),
        ...between,
        reply('out', 0),
        EXIT,
      ];
      const found = indexOf(`${lines.join('\n')}\n`);
      assert.deepEqual(found.problems, []);
      const last = 3 + between.length;
      assert.equal(found.messageAt(2)?.pair, last);
      assert.equal(found.messageAt(last)?.pair, 2);
    }
  });

  it('P2: hover decodes a message, says who answered, and shows the paired one', () => {
    assert.match(hover(1), /→? ?#0 run \[18446744073709551615\]/);
    assert.match(hover(1), /The reply, line 11, 3\.500 ms later/);
    assert.match(hover(4), /```json\n18446744073709551614\n```/);
    assert.match(hover(4), /Answered by the mock file `a\.mocks\.json`, rule 2\./);
    assert.match(hover(4), /The request, line 3, 3\.500 ms earlier/);
    assert.match(hover(3), /fd_read\(/);
    assert.match(hover(3), /- `/);
    assert.match(hover(9), /stderr \| abc/);
    assert.match(hover(0), /header of a recording: 5 messages, to its end/);
  });

  it('a line leads to the paired message, to what a diagnosis is about, to where a long text begins', () => {
    assert.deepEqual(
      LINES.map((_, line) => leads(line)),
      [undefined, 10, 4, undefined, 2, undefined, 5, undefined, 7, 7, 1, undefined],
    );
  });

  it('the outline has calls with the host calls in them, lines that are no message, and the end', () => {
    const flat = (symbols: readonly RecordingSymbol[]): unknown[] =>
      symbols.map(({ name, detail, children }) => [name, detail, ...flat(children)]);
    assert.deepEqual(flat(recordingSymbols(index)), [
      [
        'run #0',
        'result after 3.500 ms',
        ['echo #0', 'result after 3.500 ms'],
        ['a line that is no message', 'no message'],
      ],
      ['end of the call', ''],
    ]);
  });

  it('folds calls and long texts', () => {
    assert.deepEqual(
      recordingFolds(index).map(({ start, end }) => [start, end]),
      [
        [1, 9],
        [2, 3],
        [7, 9],
      ],
    );
  });

  it('P1: a diagnosis stands on the line that it is about', () => {
    const [found] = recordingDiagnoses(index);
    assert.equal(found && index.lineAt(found.from), 5);
    assert.equal(found?.severity, 'error');
    assert.equal(found.message, 'This is no message.');
    assert.equal(found.said && index.lineAt(found.said.from), 6);
  });

  it('R4: damage is told line by line, and what lies behind it is looked at', () => {
    const damaged = [...LINES];
    damaged[3] = '{"kind":"syscall","fuel":0,"t":0,"name":"fd_read","args":3}';
    damaged[8] = '{"kind":"yield","fuel":0,"t":0,"count":1,"lastFuel":0,"required":1}';
    damaged.splice(2, 0, 'no JSON');
    damaged.push(request('out', 9, 'late'));
    const found = recordingDiagnoses(indexOf(damaged.join('\n')));
    const broken = indexOf(damaged.join('\n'));
    assert.deepEqual(
      found.filter(({ code }) => code === 'damaged').map(({ from }) => broken.lineAt(from)),
      [2, 4, 9, 10, 13],
    );
    assert.match(found[0]?.message ?? '', /^This line of the recording is damaged \(.*\); record the call again\.$/);
    const [header] = recordingDiagnoses(indexOf('{"format":"wasmi-plugin-recording","version":99}\n'));
    assert.match(header?.message ?? '', /^[A-Z].*version 99/);
    const [none] = recordingDiagnoses(indexOf('hello\n'));
    assert.match(none?.message ?? '', /^This is no recording/);
  });

  it('R4: one that was cut short says so at its end, and not that its last line is damaged', () => {
    const cut = TEXT.slice(0, TEXT.indexOf('"stray-text"'));
    const all = recordingDiagnoses(indexOf(cut));
    assert.deepEqual(
      all.map(({ code }) => code),
      ['cut-short'],
    );
  });

  it('E2: one of 100 000 lines is looked at in turns, and past the bound it says so', () => {
    const lines = [HEADER];
    for (let i = 0; i < 50_000; i++) lines.push(request('out', i, 'echo'), reply('in', i));
    lines.push(EXIT);
    const text = lines.join('\n');
    let turns = 0;
    for (const _ of indexRecording(text)) turns++;
    assert.equal(turns, Math.floor(lines.length / 200));
    const bounded = indexOf(text, { lines: 1000, units: 1e9 });
    assert.equal(bounded.lines, 1000);
    const [problem] = recordingDiagnoses(bounded);
    assert.match(problem?.message ?? '', /Only the first 1000 lines/);
    assert.ok(recordingSymbols(bounded).length > 0);
    assert.equal(recordingHover(bounded, text.length), undefined);
  });

  it('never throws, and every place is inside the text', () => {
    const line = fc.oneof(fc.constantFrom(...LINES), fc.string(), fc.json());
    const text = fc.oneof(
      fc.array(line, { maxLength: 20 }).map((all) => all.join('\n')),
      fc
        .tuple(fc.nat(TEXT.length), fc.nat(TEXT.length), fc.string())
        .map(([a, b, by]) => TEXT.slice(0, Math.min(a, b)) + by + TEXT.slice(Math.max(a, b))),
    );
    fc.assert(
      fc.property(text, fc.nat(3000), (source, where) => {
        const found = indexOf(source);
        const inside = ({ from, to }: { from: number; to: number }): void =>
          assert.ok(0 <= from && from <= to && to <= source.length, `[${from}, ${to}) of ${source.length}`);
        for (const each of recordingDiagnoses(found)) {
          inside(each);
          if (each.said !== undefined) inside(each.said);
        }
        const visit = (symbols: readonly RecordingSymbol[]): void => {
          for (const symbol of symbols) {
            inside(symbol);
            assert.ok(symbol.from <= symbol.selection.from && symbol.selection.to <= symbol.to);
            visit(symbol.children);
          }
        };
        visit(recordingSymbols(found));
        const lines = source.split('\n').length;
        for (const { start, end } of recordingFolds(found)) assert.ok(start < end && end < lines);
        const offset = Math.min(where, source.length);
        const shown = recordingHover(found, offset);
        if (shown !== undefined) inside(shown);
        const target = recordingDefinition(found, offset);
        if (target !== undefined) inside(target);
      }),
      { numRuns: 1000 },
    );
  });
});
