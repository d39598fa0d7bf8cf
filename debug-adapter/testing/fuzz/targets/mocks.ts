// Fuzz target: mock files. One sentence with file, line and column, or answers that are one line of JSON with the digits of the file; what is JSONC says
// jsonc-parser. Contract P2.
import { type ParseError, parse, parseTree } from 'jsonc-parser';
import { Mocks, MocksError } from '../../../mocks/mocks.ts';
import { changed, changeText } from '../json-text.ts';
import { isJson, numbersIn, readTree } from '../reference-json.ts';
import { fenced, fileText, texts } from '../seeds.ts';
import { expect, expectSentence, type FuzzTarget } from '../target.ts';

const seeds = texts(
  fileText('test-plugins/hello/hello.mocks.json'),
  ...fenced('docs/mock-files.md'),
  '\ufeff{ /* a */ "log": null, // b\r\n "n": [18446744073709551615, 1.0, -0,], }',
  '{"a":{"b":{"c":[[],{}]}},"d":"//no comment","e":"/*neither*/"}',
);

function check(bytes: Uint8Array): void {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const errors: ParseError[] = [];
  let value: unknown;
  const nested = (text.match(/[[{]/g) ?? []).length > 2000; // jsonc-parser recurses
  if (!nested)
    value = parse(text.replace(/^\ufeff/, ' '), errors, { allowTrailingComma: true, disallowComments: false });
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
    const ours = /second time|nested deeper|is a JSON object|null, not|array, not/.test(error.message);
    expect(nested || errors.length > 0 || ours, () => `jsonc-parser takes it: ${error.message}`);
    return;
  }
  expect(
    nested || errors.length === 0,
    () => `jsonc-parser refuses it (error ${errors[0]?.error} at ${errors[0]?.offset})`,
  );
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
