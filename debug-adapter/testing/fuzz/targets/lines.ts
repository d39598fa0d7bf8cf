// Fuzz target: what a plugin writes to stdout, in pieces: line framing against a split at newlines, and each line's classification against a second
// reader that follows serde's rules. Contracts P1, P2, E4.
import { isI64, isOutOfSerdeRange, isU64 } from '../../../rpc/json-number.ts';
import { MAX_DEPTH } from '../../../rpc/json-scan.ts';
import { LineFramer } from '../../../rpc/lines.ts';
import { classifyBytes, classifyLine, type Message, requestLine, responseLine } from '../../../rpc/message.ts';
import { type Bytes, joined } from '../bytes.ts';
import { changed, changeText } from '../json-text.ts';
import { depthOf, isJson, numbersIn, readTree } from '../reference-json.ts';
import { fileText, texts } from '../seeds.ts';
import { expect, expectSentence, type FuzzTarget } from '../target.ts';

const verdicts = fileText('debug-adapter/rpc/golden/serde-verdicts.jsonl')
  .trimEnd()
  .split('\n')
  .map((line) => (JSON.parse(line) as [string, string])[0]);
const seeds = texts(
  ...verdicts,
  `${verdicts.slice(0, 5).join('\n')}\n`,
  'INFO ready\n{"jsonrpc":"2.0","id":0,"result":null}\n',
  '{"jsonrpc":"2.0","id":0,"method":"echo","params":[18446744073709551615]}\r\n\n{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no","data":1}}',
  '["2.0",7,"log",{"a":1}]\n["2.0",7,null]\n["2.0",7,[-1,"x"]]\n',
);

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function check(bytes: Bytes): void {
  checkFraming(bytes);
  let start = 0;
  for (let count = 0; count < 40 && start <= bytes.length; count++) {
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline;
    checkLine(bytes.subarray(start, end));
    start = end + 1;
  }
}

/** In pieces of any size, the lines are what stands between the newlines. */
function checkFraming(bytes: Bytes): void {
  const whole: Uint8Array[] = [];
  let start = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, start)) {
    whole.push(bytes.subarray(start, at));
    start = at + 1;
  }
  const rest = bytes.subarray(start);
  for (const [piece, most] of [
    [1, 1 << 30],
    [7, 1 << 30],
    [bytes.length + 1, 1 << 30],
    [3, 10],
    [bytes.length + 1, 10],
  ] as const) {
    const framer = new LineFramer(most);
    const lines = [];
    for (let at = 0; at < bytes.length; at += piece) lines.push(...framer.push(bytes.subarray(at, at + piece)));
    expect(lines.length === whole.length, () => `${lines.length} lines, of ${whole.length}, in pieces of ${piece}`);
    const last = framer.end();
    expect((last !== undefined) === rest.length > 0, () => `an unfinished line of ${rest.length} bytes`);
    for (const [index, line] of [...lines, ...(last === undefined ? [] : [last])].entries()) {
      const expected = whole[index] ?? rest;
      const cut = expected.subarray(0, most);
      expect(Buffer.compare(line.bytes, cut) === 0, () => `line ${index} differs, in pieces of ${piece}`);
      expect(
        line.overlong === expected.length > most,
        () => `line ${index} is ${line.overlong ? '' : 'not '}called too long`,
      );
      expect(line.text === textOf(cut), () => `line ${index} has another text`);
      expect(line.unfinished === (index === whole.length), () => `line ${index} is wrongly called unfinished`);
    }
  }
  // the host looks in between: no line is lost that is UTF-8 piece by piece
  const looked = new LineFramer(1 << 30);
  const found = looked.push(joined([bytes, Uint8Array.of(10)])).length;
  expect(found === whole.length + 1 && looked.poll() === 0, () => 'a look at nothing changes something');
}

function checkLine(bytes: Uint8Array): void {
  const message = classifyBytes(bytes);
  const text = textOf(bytes);
  if (message.type === 'invalid') {
    expectSentence(message.reason, 'the reason');
    expect(
      message.column === undefined || (message.column >= 1 && message.column <= message.text.length + 1),
      () => `column ${message.column}`,
    );
    expect((message.cause === 'not-utf8') === (text === undefined), () => `its cause is ${message.cause}`);
  }
  if (text === undefined) return;
  const expected = serdeVerdict(text);
  expect(summary(message) === expected, () => `${summary(message)}, and by serde's rules ${expected}`);
  const written = writtenAgain(message);
  if (written !== undefined)
    expect(summary(classifyLine(written)) === expected, () => `written again it is ${summary(classifyLine(written))}`);
}

function summary(message: Message): string {
  switch (message.type) {
    case 'request':
      return `request ${message.id} ${JSON.stringify(message.method)} ${message.params}`;
    case 'response':
      return `response ${message.id} ${message.result}`;
    case 'error':
      return `error ${message.id} ${message.code} ${JSON.stringify(message.message)}`;
    default:
      return 'invalid';
  }
}

function writtenAgain(message: Message): string | undefined {
  switch (message.type) {
    case 'request':
      return requestLine(message.id, message.method, message.params);
    case 'response':
      return responseLine(message.id, message.result);
    case 'error':
      return `{"jsonrpc":"2.0","id":${message.id},"error":{"code":${message.code},"message":${JSON.stringify(message.message)}}}`;
    default:
      return undefined;
  }
}

const WHITE = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*';
const TRIMMED = new RegExp(`^${WHITE}([\\s\\S]*?)${WHITE}$`);

/** What serde_json makes of a line, told another way: over a whole tree of the text. */
function serdeVerdict(line: string): string {
  const text = line.length > 20_000 ? line.trim() : (TRIMMED.exec(line)?.[1] ?? line);
  if (!isJson(text) || depthOf(text) > MAX_DEPTH || hasLoneSurrogate(text)) return 'invalid';
  const tree = readTree(text);
  if (numbersIn(tree).some(isOutOfSerdeRange)) return 'invalid';
  const start = text.search(/[^ \t\r\n]/);
  const parts = tree.kind === 'scalar' ? [] : partsOf(text.slice(start));
  if (tree.kind === 'array') {
    const items = parts.map(({ value }) => value);
    if (tree.items.length === 4) return variant(text, 'request', items);
    if (tree.items.length !== 3) return 'invalid';
    const response = variant(text, 'response', items);
    return response === 'invalid' ? variant(text, 'error', items) : response;
  }
  if (tree.kind !== 'object') return 'invalid';
  const field = (name: string): string | undefined => {
    const found = parts.filter(({ key }) => key === name);
    return found.length === 1 ? found[0]?.value : undefined;
  };
  for (const [type, names] of [
    ['request', ['jsonrpc', 'id', 'method', 'params']],
    ['response', ['jsonrpc', 'id', 'result']],
    ['error', ['jsonrpc', 'id', 'error']],
  ] as const) {
    const found = variant(text, type, names.map(field));
    if (found !== 'invalid') return found;
  }
  return 'invalid';
}

function variant(
  _line: string,
  type: 'request' | 'response' | 'error',
  fields: readonly (string | undefined)[],
): string {
  const [jsonrpc, id, third, fourth] = fields;
  if (!isText(jsonrpc) || id === undefined || !isU64(id) || third === undefined) return 'invalid';
  if (type === 'response') return `response ${id} ${third}`;
  if (type === 'request') {
    if (!isText(third) || fourth === undefined) return 'invalid';
    return `request ${id} ${JSON.stringify(JSON.parse(third))} ${fourth}`;
  }
  const parts = /^[[{]/.test(third) ? partsOf(third) : [];
  const named = (name: string) => {
    const found = parts.filter(({ key }) => key === name);
    return found.length === 1 ? found[0]?.value : undefined;
  };
  const list = third.startsWith('[');
  if (list && parts.length !== 2) return 'invalid';
  const code = list ? parts[0]?.value : named('code');
  const message = list ? parts[1]?.value : named('message');
  if (code === undefined || !isI64(code) || !isText(message)) return 'invalid';
  return `error ${id} ${code} ${JSON.stringify(JSON.parse(message))}`;
}

const isText = (source: string | undefined): source is string => source?.startsWith('"') === true;

/** The members of an object or array by their texts, found by counting brackets. */
function partsOf(text: string): { key: string; value: string }[] {
  const found: { key: string; value: string }[] = [];
  let depth = 0;
  let key = '';
  let from = -1;
  let end = -1;
  for (const match of text.matchAll(/"(?:[^"\\]|\\[\s\S])*"|[[\]{},:]|[^\s"[\]{},:]+/g)) {
    const token = match[0];
    const close = token === ']' || token === '}';
    if ((close && depth === 1) || (token === ',' && depth === 1)) {
      if (from >= 0) found.push({ key, value: text.slice(from, end) });
      from = -1;
    } else if (token === ':' && depth === 1) {
      key = JSON.parse(text.slice(from, end)) as string;
      from = -1;
    } else if (depth >= 1 && from < 0) from = match.index;
    if (token === '[' || token === '{') depth++;
    else if (close) depth--;
    end = match.index + token.length;
    if (depth === 0) break;
  }
  return found;
}

/** JSON.parse takes halves of surrogate pairs written as escapes; serde does not. */
function hasLoneSurrogate(text: string): boolean {
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\[\s\S])*"/g))
    if (token.includes('\\u') && !(JSON.parse(token) as string).isWellFormed()) return true;
  return false;
}

export const target: FuzzTarget = {
  name: 'lines',
  about: 'stdout in pieces: lines, and what serde takes each for',
  make: (source) => changed(source, seeds, changeText),
  check,
};
