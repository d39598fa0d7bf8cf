// Mutated recordings, and event logs written and damaged; and that faults in how they are read and written are found. Contracts R1, R4.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fuzzTest } from '../testing/fuzz/fuzz-test.ts';
import { verdictOn } from '../testing/fuzz/loop.ts';
import { inputOf } from '../testing/fuzz/target.ts';
import { type Recordings, targetOf } from '../testing/fuzz/targets/recording.ts';
import { parseRecording } from './reader.ts';
import { recordingText } from './writer.ts';

fuzzTest('recording', 1500);
fuzzTest('event-log', 1500);

const planted: readonly (readonly [fault: string, Partial<Recordings>])[] = [
  [
    'the last part of a long text is not written',
    { write: (...given) => recordingText(...given).replace(/\{"kind":"more".*\n(?!\{"kind":"more")/, '') },
  ],
  ['a part is written twice', { write: (...given) => recordingText(...given).replace(/\{"kind":"more".*\n/, '$&$&') }],
  [
    'two parts change places',
    { write: (...given) => recordingText(...given).replace(/(\{"kind":"more".*\n)(\{"kind":"more".*\n)/, '$2$1') },
  ],
  ['who answered is lost', { write: (...given) => recordingText(...given).replace(/,"answeredBy":\{[^}]*\}/, '') }],
  ['a refusal names no line', { read: (text, name) => parseRecording(text, `${name}:x`) }],
  [
    'what follows the first continuation is lost',
    { read: (text, name) => parseRecording(text.replace(/(\{"kind":"more".*\n)\{[\s\S]*/, '$1'), name) },
  ],
];

describe('the fuzz target of recordings finds planted faults', () => {
  for (const [fault, recordings] of planted)
    it(fault, async () => {
      const target = targetOf({ read: parseRecording, write: recordingText, ...recordings });
      for (let n = 0; n < 3000; n++) if ((await verdictOn(target, inputOf(target, 1, n))) !== undefined) return;
      assert.fail('nothing was found');
    });
});
