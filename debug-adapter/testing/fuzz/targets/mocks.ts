// Fuzz target: mock files of both forms. Sentences with file, line and column, or answers that are one line of JSON, of the short form with the digits of
// the file; what is JSONC says jsonc-parser. Contract P2.
import { type ParseError, parse, parseTree } from 'jsonc-parser';
import { MockMatcher } from '../../../mocks/matcher.ts';
import { readMockSet } from '../../../mocks/mock-set.ts';
import { Mocks, MocksError } from '../../../mocks/mocks.ts';
import { nearMiss } from '../../../mocks/observe.ts';
import type { MockSet } from '../../../mocks/rules.ts';
import { changed, changeText } from '../json-text.ts';
import { isJson, numbersIn, readTree } from '../reference-json.ts';
import { fenced, fileText, texts } from '../seeds.ts';
import { expect, expectSentence, type FuzzTarget } from '../target.ts';

const seeds = texts(
  fileText('test-plugins/hello/hello.mocks.json'),
  ...fenced('docs/mock-files.md'),
  '\ufeff{ /* a */ "log": null, // b\r\n "n": [18446744073709551615, 1.0, -0,], }',
  '{"a":{"b":{"c":[[],{}]}},"d":"//no comment","e":"/*neither*/"}',
  '{"hostMethods":{"m":[{"when":{"params":{"a":{"$oneOf":[1,{"$regex":"^(a+)+$"}]}},"nth":{"$lt":3}},"reply":{"result":{"$random":"uuid"}}}]}}',
  '{"hostMethods":{"m":[{"when":{"params":{"$schema":{"type":"object","required":["a"]}}},"reply":{"result":{"$param":"a","or":1}}}]}}',
  '{"states":["a","b"],"default":"host","hostMethods":{"m":{"default":"unknown","rules":[{"when":{"state":"a"},"reply":{"malformed":"x"}}]}}}',
);

/** Calls that any file's rules are asked about. */
const CALLS = [
  'null',
  '1',
  '18446744073709551615',
  '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"',
  '{"a":1,"id":2}',
  '[{"x":[]}]',
];

function check(bytes: Uint8Array): void {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const errors: ParseError[] = [];
  let value: unknown;
  const nested = (text.match(/[[{]/g) ?? []).length > 2000; // jsonc-parser recurses
  if (!nested)
    value = parse(text.replace(/^\ufeff/, ' '), errors, { allowTrailingComma: true, disallowComments: false });
  const set = readMockSet({ name: 'm.json', text }, () => undefined);
  checkProblems(set, text);
  let mocks: Mocks;
  try {
    mocks = Mocks.parse(text, 'm.json');
  } catch (error) {
    if (!(error instanceof MocksError)) throw error;
    expectSentence(error.message, 'the refusal');
    expect(/^m\.json:\d+:\d+: [\s\S]*\.$/.test(error.message), () => `it names no place: ${error.message}`);
    const lines = text.split('\n');
    expect(
      error.line <= lines.length && error.column <= (lines[error.line - 1]?.length ?? 0) + 1,
      () => `the place is outside: ${error.message}`,
    );
    const syntax = error.problems.some(({ code }) => code === 'syntax');
    expect(nested || errors.length > 0 || !syntax, () => `jsonc-parser takes it: ${error.message}`);
    return;
  }
  expect(
    nested || errors.length === 0,
    () => `jsonc-parser refuses it (error ${errors[0]?.error} at ${errors[0]?.offset})`,
  );
  checkCalls(set);
  if (set.form === 'full') return;
  if (!nested) {
    const tree = parseTree(text.replace(/^\ufeff/, ' '), [], { allowTrailingComma: true });
    const names = tree?.children?.map(({ children }) => String(children?.[0]?.value)) ?? [];
    expect(
      names.join('\n') === mocks.methods.join('\n'),
      () => `${names} are in the file, and ${mocks.methods} answered`,
    );
  }
  for (const method of mocks.methods) {
    const reply = mocks.answer(method, 'null');
    expect(reply !== undefined && isJson(reply.result), () => `the answer to ${method} is ${reply?.result}`);
    expect(!/[\r\n]/.test(reply.result), () => `the answer to ${method} has a line break`);
    // V8 13.6 may take a key with an escape for another (rpc/json.ts)
    if (!nested && !/__proto__|\\/.test(text)) {
      const expected: unknown = (value as Record<string, unknown>)[method]; // it is an object: Mocks took it
      expect(sorted(JSON.parse(reply.result)) === sorted(expected), () => `the answer to ${method} is ${reply.result}`);
    }
  }
  const written = mocks.methods
    .map((method) => mocks.answer(method, 'null')?.result ?? '')
    .flatMap((result) => numbersIn(readTree(result)));
  for (const number of written) expect(text.includes(number), () => `the digits ${number} stand nowhere in the file`);
}

/** Each problem is a sentence at a place of the file. */
function checkProblems({ problems }: MockSet, text: string): void {
  for (const { message, from, to, line, column } of problems) {
    expectSentence(message, 'a problem');
    expect(from >= 0 && from <= to && to <= text.length + 1, () => `${from} to ${to} of ${text.length}: ${message}`);
    const before = text.slice(0, from).split('\n');
    expect(
      line === before.length && column === (before.at(-1)?.length ?? 0) + 1,
      () => `${line}:${column}: ${message}`,
    );
  }
}

/** Whatever the rules are, calls are decided, twice the same by the same seed, and near misses are sentences. */
function checkCalls(set: MockSet): void {
  const matchers = [1, 2].map(() => new MockMatcher(set, { seed: 7n, now: () => 1_700_000_000_000_000_000n }));
  for (const method of [...set.methods.keys()].slice(0, 20))
    for (const [i, params] of CALLS.entries()) {
      const miss = nearMiss(set, { method, params, nth: i + 1, state: set.initialState });
      if (miss !== undefined) expectSentence(miss.message, 'a near miss');
      const [one, other] = matchers.map((matcher) => matcher.decide(method, params));
      const told = (decision: typeof one): string =>
        JSON.stringify(decision, (key, value: unknown) => (key === 'rule' ? undefined : value));
      expect(told(one) === told(other), () => `${method} ${params}: ${told(one)}, and then ${told(other)}`);
      if (one?.kind !== 'reply' || one.reply.kind !== 'result') continue;
      const { result } = one.reply;
      expect(isJson(result) && !/[\r\n]/.test(result), () => `the answer to ${method} ${params} is ${result}`);
    }
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export const target: FuzzTarget = {
  name: 'mocks',
  about: 'mock files: one sentence with its place, or answers with their digits; against jsonc-parser',
  make: (source) => changed(source, seeds, changeText),
  check,
};
