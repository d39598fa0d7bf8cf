// A recording that was changed by hand: the replay names the first thing that differs, whichever side it was on. Contract R3.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { replayText, runCall } from '../testing/run-call.ts';

type Fields = Record<string, unknown>;

let lines: Fields[] = [];
const index = (wanted: (line: Fields) => boolean, from = 1): number =>
  lines.findIndex((line, i) => i >= from && wanted(line));
const isIn = (line: Fields): boolean => line['kind'] === 'rpc' && line['dir'] === 'in';

before(async () => {
  const mocks = JSON.stringify({ get_user: { display_name: 'Ada', utc_offset_hours: 0 }, log: null });
  const ended = await runCall('hello', 'greet', '{"name":"Ada"}', { mocks, seed: '1' });
  lines = ended.recordingText
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Fields);
});

/** Replays the recording after `change`; `index` still finds lines of the unchanged one. */
async function replayed(change: (copy: Fields[]) => void): Promise<string | undefined> {
  const copy = structuredClone(lines);
  change(copy);
  const text = `${copy.map((line) => JSON.stringify(line)).join('\n')}\n`;
  return (await replayText(text, 'hello')).divergence?.message;
}

describe('a changed recording', () => {
  it('R3: unchanged it is exact', async () => assert.equal(await replayed(() => {}), undefined));

  const changes: [string, (copy: Fields[]) => void, RegExp][] = [
    ['the request is gone', (copy) => void copy.splice(index(isIn), 1), /does not begin with the host's request/],
    [
      'a reply of the host is gone',
      (copy) => void copy.splice(index(isIn, index(isIn) + 1), 1),
      /no message of the recording holds/,
    ],
    [
      'a reply says something else',
      (copy) => {
        const reply = copy[index(isIn, index(isIn) + 1)] ?? {};
        reply['line'] = String(reply['line']).replace('Ada', 'Eve');
      },
      /no message of the recording holds/,
    ],
    [
      'a reply too many',
      (copy) => {
        const at = index(isIn, index(isIn) + 1);
        copy.splice(at, 0, { ...copy[at] });
      },
      /has not asked for one here/,
    ],
    [
      'the header names another method',
      (copy) => {
        copy[0] = { ...copy[0], call: { method: 'other', params: '{"name":"Ada"}' } };
      },
      /the header's call is .*other/,
    ],
    [
      'a diagnosis is made up',
      (copy) => {
        const at = index(isIn, index(isIn) + 1);
        const diagnosis = { kind: 'diagnosis', diagnosis: 'stray-text', message: 'no', severity: 'fault' };
        copy.splice(at, 0, { ...diagnosis, fuel: copy[at]?.['fuel'], t: 1 });
      },
      /has the diagnosis 'stray-text', and the plugin gives cause for none/,
    ],
    [
      'fuel runs backwards',
      (copy) => {
        const reply = copy[index(isIn, index(isIn) + 1)] ?? {};
        reply['fuel'] = 1e300;
      },
      /its fuel is 1e\+300, and the plugin yielded at \d+/,
    ],
    [
      'the fuel of a message',
      (copy) => {
        const message = copy[index((line) => line['kind'] === 'rpc' && line['dir'] === 'out')] ?? {};
        message['fuel'] = Number(message['fuel']) + 1;
      },
      /the fuel at this line was \d+ when it was recorded, and is \d+ now/,
    ],
    [
      'what fd_write sent',
      (copy) => {
        const write = copy[index((line) => line['sent'] !== undefined)] ?? {};
        write['sent'] = [7, 1];
      },
      /fd_write sent 7 bytes when it was recorded/,
    ],
    [
      'an answer of random_get',
      (copy) => {
        const random =
          copy[index((line) => line['name'] === 'random_get', index((line) => line['name'] === 'random_get') + 1)] ??
          {};
        const [write] = random['writes'] as [number, unknown][];
        if (write !== undefined) write[1] = { base64: 'AAAAAA==' };
      },
      /The replay differs at event \d+/,
    ],
    [
      'an event is gone',
      (copy) =>
        void copy.splice(
          index((line) => line['name'] === 'clock_time_get'),
          1,
        ),
      /The replay differs at event \d+ \(clock_time_get/,
    ],
    [
      'the memory at the end',
      (copy) => {
        const exit = copy.at(-1) ?? {};
        exit['memorySha256'] = '0'.repeat(64);
      },
      /the plugin's memory is not what it was/,
    ],
  ];
  for (const [name, change, message] of changes)
    it(`R3: ${name}`, async () => assert.match((await replayed(change)) ?? 'exact', message));
});
