// Fuzz target: recordings. One sentence that names file and line, or a recording that is written back as it was read; cut anywhere, it loads up
// to its last whole line. Contracts R2, R4, R5, P2.
import type { RecordingHeader, RunEvent } from '../../../recording/event.ts';
import { EventStore } from '../../../recording/event-store.ts';
import { RecordingError } from '../../../recording/fields.ts';
import { eventLines } from '../../../recording/jsonl.ts';
import { type LoadedRecording, parseRecording, RecordingReader } from '../../../recording/reader.ts';
import { recordingText } from '../../../recording/writer.ts';
import type { Bytes } from '../bytes.ts';
import { changed, changeText } from '../json-text.ts';
import { fenced, texts } from '../seeds.ts';
import { expect, expectSentence, type FuzzTarget } from '../target.ts';

const [example = ''] = fenced('docs/recording-format.md').filter((text) => text.includes('wasmi-plugin-recording'));
const [header = '', ...lines] = example.trimEnd().split('\n');

/** One line of each kind, with all the fields that it may have. */
const KINDS = [
  '{"kind":"stderr","fuel":3,"t":0.5,"line":"INFO ready","incomplete":true}',
  '{"kind":"stderr","fuel":3,"t":0.5,"line":{"base64":"/w=="}}',
  '{"kind":"rpc","fuel":3,"t":0.5,"dir":"out","line":{"base64":"w4A/gA=="},"unread":true}',
  '{"kind":"rpc","fuel":3,"t":0.5,"dir":"in","line":"{}","answeredBy":{"by":"mock","file":"m.json","method":"a.b","line":3}}',
  '{"kind":"rpc","fuel":3,"t":0.5,"dir":"in","line":"{}","answeredBy":{"by":"debugger","why":"it ended"}}',
  '{"kind":"syscall","fuel":9,"t":1,"name":"clock_time_get","args":[0,"9223372036854775807",8],"errno":0,"writes":[[8,{"base64":"/////////38="}]]}',
  '{"kind":"syscall","fuel":9,"t":1,"name":"poll_oneoff","args":[0,8,1,16],"errno":0,"fuelToZero":true,"sleepMs":12.5}',
  '{"kind":"syscall","fuel":9,"t":1,"name":"fd_read","args":[0,-4,1,8],"errno":21,"hostWouldPanic":true}',
  '{"kind":"syscall","fuel":9,"t":1,"name":"proc_exit","args":[3]}',
  '{"kind":"yield","fuel":19,"t":3,"count":4294967295,"lastFuel":9007199254740991,"required":2}',
  '{"kind":"grow","fuel":20,"t":4,"space":"table","index":0,"delta":1,"result":-1}',
  '{"kind":"edit","fuel":20,"t":4,"space":"memory","index":0,"address":65536,"bytes":{"base64":"AAECAw=="},"moment":9007199254740991,"offset":4294967295,"text":"i32[65536] = 7"}',
  '{"kind":"edit","fuel":20,"t":4,"space":"local","index":3,"bytes":{"base64":"AQAAAA=="},"moment":0,"text":"$0 = 1"}',
  '{"kind":"diagnosis","fuel":20,"t":4,"diagnosis":"stray-text","message":"It wrote `x`.","severity":"warning"}',
  '{"kind":"folded","fuel":21,"t":5,"calls":[{"yields":7},{"name":"fd_read","errno":6,"fuelToZero":true},{"name":"random_get","errno":0,"writes":[[64,"abc"]]}]}',
  '{"kind":"of a later version","fuel":21,"t":5,"what":[1,2]}',
  '{"kind":"exit","fuel":21,"t":6,"reason":"limit","code":1,"message":"it ended","memorySha256":"00","inputs":4294967295,"at":"charge"}',
];

/** Long texts as they are written, and short ones that another writer has cut. */
const CUT = [
  ...[...eventLines(messageOf(`"${'é🦀"\\'.repeat(2100)}"`))].join('').trimEnd().split('\n'),
  '{"kind":"stderr","fuel":3,"t":0.5,"line":{"text":"a","more":2}}',
  '{"kind":"more","text":"é"}',
  '{"kind":"more","text":"🦀"}',
  '{"kind":"syscall","fuel":9,"t":1,"name":"fd_read","args":[0,0,1,8],"errno":0,"writes":[[8,{"base64":"AA==","more":1}],[9,{"text":"b","more":1}]],"later":{"text":"","more":1}}',
  '{"kind":"more","base64":"/w=="}',
  '{"kind":"more","text":"c"}',
  '{"kind":"more","text":"passed over"}',
];

function messageOf(line: string): RunEvent {
  const bytes = new TextEncoder().encode(line);
  const rest = { dir: 'out', line, bytes, utf8: true, complete: true, unread: false } as const;
  return { seq: 0, fuel: 3, time: 0.5, kind: 'rpc', ...rest };
}

const whole = [header, ...lines, ...KINDS].join('\n');
const seeds = texts(
  `${whole}\n`,
  `${example}`,
  `${header}\n${KINDS.slice(0, 6).join('\n')}`,
  `${header}\n${KINDS.slice(6).join('\n')}\n`,
  `${header}\n${CUT.join('\n')}\n${KINDS.at(-1)}\n`,
  `${header}\n${CUT.slice(-8).join('\n')}\n${KINDS[0]}`,
);

/** Lines as this version writes them: each that an input still holds must come out as it is. */
const CANONICAL: ReadonlySet<string> = new Set([...lines, ...KINDS].filter((line) => !line.includes('later version')));

const NAME = 'file.jsonl';

/** What reads and what writes: the tests plant faults into either. */
export interface Recordings {
  read(text: string, name: string): LoadedRecording;
  write(header: RecordingHeader, events: Iterable<RunEvent>): string;
}

const ours: Recordings = { read: parseRecording, write: recordingText };

function load({ read }: Recordings, text: string): LoadedRecording | undefined {
  try {
    return read(text, NAME);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    expectSentence(error.message, 'the refusal');
    expect(/^file\.jsonl:\d+: /.test(error.message), () => `the refusal names no line: ${error.message}`);
    return undefined;
  }
}

function written({ write }: Recordings, loaded: LoadedRecording): string {
  const store = new EventStore();
  store.append(loaded.records);
  expect(store.length === loaded.events, () => `${loaded.events} events are announced, and ${store.length} are there`);
  for (let seq = 0; seq < store.length; seq++) {
    const event = store.get(seq);
    expect(store.kind(seq) === event.kind && event.seq === seq, () => `event ${seq} is of another kind`);
  }
  return write(loaded.header, store.range());
}

function check(under: Recordings, bytes: Bytes): void {
  const text = new TextDecoder().decode(bytes);
  const loaded = load(under, text);
  if (loaded === undefined) return;
  checkPieces(text, loaded);
  const first = written(under, loaded);
  const came = first.split('\n');
  for (const line of text.split('\n')) {
    if (!CANONICAL.has(line)) continue;
    const at = came.indexOf(line);
    expect(at >= 0, () => `this line does not come out as it was: ${line}`);
    came.splice(at, 1);
  }
  const again = load(under, first);
  expect(again !== undefined, () => 'what was written is refused');
  // V8 13.6 may take a key with an escape for another (rpc/json.ts): here only unknown fields of the header have any
  if (first.slice(0, first.indexOf('\n')).includes('\\')) return;
  expect(again.events === loaded.events, () => `${loaded.events} events are ${again.events} when they are written`);
  expect(written(under, again) === first, () => 'written a second time, it differs');
  expect((again.cutShort === undefined) === (loaded.cutShort === undefined), () => 'its end is lost');
  if (loaded.cutShort !== undefined) expectSentence(loaded.cutShort, 'what is said of a file that was cut short');
  checkCuts(under, first, again);
}

/** Read in pieces it is what it is as a whole. */
function checkPieces(text: string, loaded: LoadedRecording): void {
  const bytes = new TextEncoder().encode(text);
  const size = 1 + (bytes.length % 61);
  const reader = new RecordingReader(NAME);
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  const { store, cutShort } = reader.finish();
  expect(cutShort === loaded.cutShort, () => `in pieces of ${size} it ends otherwise: ${cutShort}`);
  expect(Buffer.compare(store.records(), loaded.records) === 0, () => `in pieces of ${size} its events differ`);
}

const isMore = (line: string | undefined): boolean => line?.startsWith('{"kind":"more"') === true;

/** Cut anywhere after the header, the events up to the last whole one are there. */
function checkCuts(under: Recordings, text: string, loaded: LoadedRecording): void {
  const headerEnd = text.indexOf('\n') + 1;
  for (let n = 1; n <= 3; n++) {
    const at = headerEnd + Math.floor(((text.length - headerEnd) * n) / 4);
    const cut = load(under, text.slice(0, at));
    expect(cut !== undefined, () => `cut at character ${at}, it is refused`);
    const size = cut.records.length;
    expect(
      Buffer.compare(cut.records, loaded.records.subarray(0, size)) === 0,
      () => `cut at ${at}, its events differ`,
    );
    // an event counts when the line behind its own is another's
    const lines = text.split('\n');
    const there = text.slice(0, at).split('\n').length - 1;
    const begun = lines.slice(1, there).filter((line) => !isMore(line)).length;
    const least = isMore(lines[there]) ? begun - 1 : begun;
    expect(
      cut.events >= least && cut.events <= least + 1,
      () => `cut at ${at}, it has ${cut.events} events of ${least}`,
    );
  }
}

export const targetOf = (under: Recordings): FuzzTarget => ({
  name: 'recording',
  about: 'recordings: one sentence, or read and written without a difference',
  make: (source) => changed(source, seeds, changeText),
  check: (bytes) => check(under, bytes),
});

export const target: FuzzTarget = targetOf(ours);
