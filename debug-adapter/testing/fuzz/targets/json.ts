// Fuzz target: JSON texts through scanJson, parseJson, serdeText and the number rules. What is JSON says JSON.parse; what is in it, a second reader;
// and no digit is lost. Contracts P2, E4.

import { getPath, JsonError, jsonEqual, parseJson, parsePath, stringifyJson } from '../../../rpc/json.ts';
import { compareNumbers, isI64, isU64, jsonNumber } from '../../../rpc/json-number.ts';
import { MAX_DEPTH, scanJson } from '../../../rpc/json-scan.ts';
import { serdeText } from '../../../rpc/serde-text.ts';
import { changed, changeText } from '../json-text.ts';
import { depthOf, isJson, numbersIn, readTree, type Tree } from '../reference-json.ts';
import { fileText, texts } from '../seeds.ts';
import { expect, expectSentence, type FuzzTarget } from '../target.ts';

const verdicts = fileText('debug-adapter/rpc/golden/serde-verdicts.jsonl')
  .trimEnd()
  .split('\n')
  .map((line) => (JSON.parse(line) as [string, string])[0]);

const seeds = texts(
  ...verdicts,
  fileText('test-plugins/hello/hello.mocks.json'),
  '{"a":{"b":[0,1,{"odd key":18446744073709551615}]},"c":"\\ud83e\\udd80","d":-0.0,"e":1e400,"":null}',
  '[0,-0,1.0,1e2,123456789012345678901234567890,0.1,[true,false,null,"",{}],[[[[]]]]]',
  '{"a":1,"a":2,"__proto__":{"x":[1]},"constructor":"y"}',
  ' \t\r\n"\\u0000\\b\\f\\n\\r\\t\\/\\\\\\"" ',
);

function check(bytes: Uint8Array): void {
  const text = new TextDecoder().decode(bytes);
  const valid = isJson(text);
  const scan = scanJson(text, { maxDepth: Number.POSITIVE_INFINITY });
  if (scan.fault !== undefined) {
    expectSentence(scan.fault.reason, 'the fault');
    expect(scan.fault.offset >= 0 && scan.fault.offset <= text.length, () => `the fault is at ${scan.fault?.offset}`);
  }
  expect(
    (scan.fault === undefined) === valid,
    () => `JSON.parse ${valid ? 'takes' : 'refuses'} it: ${scan.fault?.reason ?? 'taken'}`,
  );
  const jsonc = scanJson(text, { maxDepth: Number.POSITIVE_INFINITY, trailingCommas: true });
  expect(!valid || jsonc.fault === undefined, () => 'with trailing commas allowed it is refused');
  if (!valid) {
    expectRefusal(() => parseJson(text));
    expectRefusal(() => serdeText(text));
    return;
  }
  const deep = depthOf(text);
  if (deep > MAX_DEPTH) {
    expect(scanJson(text).fault?.kind === 'depth', () => `it is ${deep} levels deep, and taken`);
    expectRefusal(() => parseJson(text));
    return;
  }
  const tree = readTree(text);
  checkRoot(text, tree);
  checkValues(text, tree);
}

function expectRefusal(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    expectSentence(error.message, 'the refusal');
    return;
  }
  expect(false, () => 'it is taken by one reader and refused by another');
}

/** The members of the root, with their places. */
function checkRoot(text: string, tree: Tree): void {
  const { members, count, root, start, end } = scanJson(text);
  const expected =
    tree.kind === 'object' ? tree.members : tree.kind === 'array' ? tree.items.map((item) => ['', item] as const) : [];
  expect(count === expected.length && members.length === count, () => `${count} members, of ${expected.length}`);
  expect(
    tree.kind === 'scalar' ? root !== 'object' && root !== 'array' : root === tree.kind,
    () => `the root is called ${root}`,
  );
  expect(isJson(text.slice(start, end)) && text.slice(0, start).trim() === '', () => 'the root lies elsewhere');
  for (const [index, member] of members.entries()) {
    const [key] = expected[index] ?? [''];
    if (tree.kind === 'object') expect(member.key === key, () => `a key is ${member.key}, not ${key}`);
    expect(
      isJson(text.slice(member.start, member.end)),
      () => `member ${index} is ${text.slice(member.start, member.end)}`,
    );
    if (index > 200) break;
  }
}

function checkValues(text: string, tree: Tree): void {
  const value = parseJson(text);
  const written = stringifyJson(value);
  const numbers = numbersIn(tree, true).sort();
  const same = (found: string[], what: string) => {
    found.sort();
    const at = found.findIndex((number, index) => number !== numbers[index]);
    expect(
      found.length === numbers.length && at < 0,
      () => `${what}: ${found[at] ?? found.length} instead of ${numbers[at] ?? numbers.length}`,
    );
  };
  same(numbersIn(readTree(written)), 'parsed and written');
  same(numbersIn(readTree(serdeText(text))), 'as serde writes it');
  expect(jsonEqual(value, parseJson(written)), () => 'written, it is another value');
  expect(jsonEqual(value, parseJson(serdeText(text))), () => 'as serde writes it, it is another value');
  expect(serdeText(serdeText(text)) === serdeText(text), () => 'serde writes it differently the second time');
  for (const source of numbers.slice(0, 20)) checkNumber(source, numbers[0] ?? source);
  const path = parsePath(text.slice(0, 200));
  if (path !== undefined) getPath(value, path);
}

/** Whole numbers by BigInt, which is exact. */
function checkNumber(source: string, other: string): void {
  const number = jsonNumber(source);
  expect(String(number) === source, () => `${source} became ${number}`);
  expect(compareNumbers(number, number) === 0, () => `${source} is not itself`);
  if (!/^-?\d{1,400}$/.test(source)) {
    expect(!isU64(source) && !isI64(source), () => `${source} is taken for a whole number`);
    return;
  }
  const exact = BigInt(source);
  expect(isU64(source) === (exact >= 0n && exact < 2n ** 64n && !source.startsWith('-')), () => `u64: ${source}`);
  expect(isI64(source) === (exact >= -(2n ** 63n) && exact < 2n ** 63n && source !== '-0'), () => `i64: ${source}`);
  if (!/^-?\d{1,400}$/.test(other)) return;
  const order = Math.sign(compareNumbers(number, jsonNumber(other)));
  const expected = exact < BigInt(other) ? -1 : exact > BigInt(other) ? 1 : 0;
  expect(order === expected, () => `${source} and ${other} compare as ${order}`);
}

export const target: FuzzTarget = {
  name: 'json',
  about: 'JSON texts: against JSON.parse and a second reader; no number rounded',
  make: (source) => changed(source, seeds, changeText),
  check,
};
