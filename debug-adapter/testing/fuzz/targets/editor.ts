// Fuzz target: the language server's services, on texts as an editor has them amid typing. Never an error, places inside the text, edits that leave JSON
// where there was some; and of recordings: damage is seen where the reader of recordings sees it, and nowhere else. Contracts R4, E4, P2.
import { guestCalls } from '../../../language/guest-calls.ts';
import { mockActions } from '../../../language/mock-actions.ts';
import { mockCompletions } from '../../../language/mock-completion.ts';
import { mockDiagnostics } from '../../../language/mock-diagnostics.ts';
import { MockDocument } from '../../../language/mock-document.ts';
import { edited } from '../../../language/mock-edits.ts';
import { formatMocks } from '../../../language/mock-format.ts';
import { mockHover } from '../../../language/mock-hover.ts';
import { mockLenses } from '../../../language/mock-lenses.ts';
import { mockName } from '../../../language/mock-navigation.ts';
import { mockFolds, mockSymbols } from '../../../language/mock-symbols.ts';
import { indexRecording, type RecordingIndex } from '../../../language/recording-index.ts';
import {
  recordingDefinition,
  recordingDiagnoses,
  recordingHover,
  recordingSymbols,
} from '../../../language/recording-views.ts';
import { SourceIndex } from '../../../language/scanner.ts';
import type { Span } from '../../../language/span.ts';
import { readMockSet } from '../../../mocks/mock-set.ts';
import { RecordingError } from '../../../recording/fields.ts';
import { parseRecording } from '../../../recording/reader.ts';
import { changed, changeText } from '../json-text.ts';
import { fenced, fileText, texts } from '../seeds.ts';
import { expect, expectSentence, type FuzzTarget } from '../target.ts';

const [recording = ''] = fenced('docs/recording-format.md').filter((text) => text.includes('wasmi-plugin-recording'));
const seeds = texts(
  fileText('test-plugins/hello/hello.mocks.json'),
  ...fenced('docs/mock-files.md'),
  '{"states": ["a", "b"], "hostMethods": {"get": [{"when": {"state": "a", "params": {"id": 18446744073709551615}}, "reply": {"result": 1.0}, "setState": "b"}, // x\n{"reply": {"error": {"message": "no"}}, "disabled": true}], "log": {"rules": [{"pause": true}]}}}',
  recording,
  `${recording}{"kind":"stderr","fuel":3,"t":9,"line":{"text":"a","more":2}}\n{"kind":"more","text":"b"}\n{"kind":"more","text":"c"}\n`,
  `${recording}{"kind":"diagnosis","fuel":20,"t":9,"diagnosis":"stray-text","message":"It wrote.","severity":"warning"}\n`,
);

const sources = new SourceIndex();
sources.update('a.rs', 'fn f() { t.call("get", p); t.call("store", p); }');
const guests = guestCalls(sources);
const call = { params: '{"id":18446744073709551615,"$x":[1]}', answer: { kind: 'result', text: '2.50' } } as const;
const observed = {
  methods: [{ method: 'get', calls: 3, last: call, unmatched: call, params: [call.params, '3'] }],
  rules: [{ file: 'a.mocks.jsonc', method: 'get', number: 1, hits: 1, last: call, at: 'noon' }],
};

function checkMocks(text: string): void {
  const inside = ({ from, to }: Span): void =>
    expect(0 <= from && from <= to && to <= text.length, () => `a place outside of the text: ${from} to ${to}`);
  const document = new MockDocument('a.mocks.jsonc', text);
  const set = readMockSet({ name: document.name, text }, () => undefined);
  const diagnoses = mockDiagnostics(document, set, guests, observed);
  for (const each of diagnoses) {
    inside(each);
    expectSentence(each.message, 'a problem');
  }
  const isWhole = !set.problems.some(({ severity }) => severity === 'error');
  for (const symbol of mockSymbols(document)) inside(symbol);
  mockFolds(document);
  for (const lens of mockLenses(document, observed)) inside(lens);
  const how = { tabSize: 2, insertSpaces: true };
  const laidOut = edited(text, formatMocks(document, how));
  expect(laidOut.replace(/\s/g, '') === text.replace(/\s/g, ''), () => 'the layout changes more than white space');
  const known = { guests, observed, states: set.states, files: ['b.mocks.json'], snippets: true };
  for (const share of [0.1, 0.35, 0.5, 0.8, 1]) {
    const offset = Math.floor(text.length * share);
    for (const { replaces } of mockCompletions(document, offset, known)) inside(replaces);
    const hover = mockHover(document, offset, guests, observed);
    if (hover !== undefined) inside(hover);
    const name = mockName(document, offset);
    if (name !== undefined) inside(name);
    for (const { edits, title } of mockActions(document, { from: offset, to: offset }, diagnoses, guests, observed)) {
      for (const edit of edits) inside(edit);
      if (!isWhole) continue;
      const after = readMockSet({ name: 'a', text: edited(text, edits) }, () => undefined);
      const [broken] = after.problems.filter(({ code }) => code === 'syntax');
      expect(broken === undefined, () => `after “${title}” it is no JSON: ${broken?.message}`);
    }
  }
}

function indexed(text: string): RecordingIndex {
  const steps = indexRecording(text);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

function checkRecording(text: string): void {
  const index = indexed(text);
  const inside = ({ from, to }: Span): void =>
    expect(0 <= from && from <= to && to <= text.length, () => `a place outside of the text: ${from} to ${to}`);
  const diagnoses = recordingDiagnoses(index);
  for (const each of diagnoses) inside(each);
  for (const symbol of recordingSymbols(index)) inside(symbol);
  for (const { from } of [{ from: 0 }, ...diagnoses]) {
    const hover = recordingHover(index, from);
    if (hover !== undefined) inside(hover);
    const target = recordingDefinition(index, from);
    if (target !== undefined) inside(target);
  }
  const [damage] = index.problems.filter(({ code }) => code === 'damaged').sort((a, b) => a.line - b.line);
  try {
    parseRecording(text, 'r');
    expect(
      damage === undefined,
      () => `line ${(damage?.line ?? 0) + 1} is damaged here, and the reader takes it: ${damage?.message}`,
    );
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    // what lacks all of its header has no line to stand on
    if (/cut short within its header/.test(error.message)) return;
    const line = Number(/^r:(\d+):/.exec(error.message)?.[1] ?? 1);
    expect(
      damage?.line === line - 1,
      () => `the reader refuses line ${line}, and here it is ${(damage?.line ?? -1) + 1}: ${error.message}`,
    );
  }
}

function check(bytes: Uint8Array): void {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  if (text.includes('wasmi-plugin-recording')) checkRecording(text);
  else checkMocks(text);
}

export const target: FuzzTarget = {
  name: 'editor',
  about:
    'mock files and recordings amid typing: places inside the text, edits that hold, damage where the reader sees it',
  make: (source) => changed(source, seeds, changeText),
  check,
  // each service reads the text anew
  bounds: { ms: 1000, msPerKiB: 60, bytes: 256 << 20, bytesPerByte: 16_384 },
};
