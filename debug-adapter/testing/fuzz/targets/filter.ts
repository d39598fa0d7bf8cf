// Fuzz target: filters of the transcript as people write them. Never an error: problems are sentences with a place in the text; what counts, written out,
// is read as the same; rows pass as the slow oracle says; what completes a word makes it right. Contracts E2, P2.
import { EventStore } from '../../../recording/event-store.ts';
import { parseEvent } from '../../../recording/jsonl.ts';
import { LogWriter } from '../../../recording/log.ts';
import { filterText, parseFilter } from '../../../transcript/filter.ts';
import { completions } from '../../../transcript/filter-completion.ts';
import { KEYS } from '../../../transcript/filter-keys.ts';
import { passes } from '../../../transcript/filter-oracle.ts';
import { RowFilter } from '../../../transcript/filter-rows.ts';
import { MORE, YES } from '../../../transcript/filter-text.ts';
import { RowTable } from '../../../transcript/row-table.ts';
import type { RandomSource } from '../../random-source.ts';
import { type Bytes, changeBytes, spliced } from '../bytes.ts';
import { changed, NUMBERS } from '../json-text.ts';
import { texts } from '../seeds.ts';
import { expect, expectSentence, type FuzzTarget } from '../target.ts';

const seeds = texts(
  'method:echo dir:out kind:error,invalid',
  'syscall:fd_read errno:!0 fuel:>1000 dur:>5ms',
  'text:"say \\"hi\\" \\\\" id:3 -id:18446744073709551615',
  '!method:greet.* is:pending,nested level:fault time:900..3000us -id:>3 depth:1 dur:>=11',
  'bytes:>1kB total:..2M depth:0 event:4 errno:EBADF,8',
  '/no such (key|door)+$/i "two words" plain tokio::spawn',
  'text:/[^"\\d]{2,3}\\b/,x name:"a*b, c" -',
);

const WORDS = [
  ...KEYS.map(({ name }) => `${name}:`),
  ...KEYS.map(({ example }) => example),
  ...[
    '"',
    '\\',
    '\\"',
    '/',
    ',',
    ':',
    '::',
    '!',
    '-',
    '*',
    '..',
    '.',
    '>',
    '>=',
    '<',
    '=',
    ' ',
    '\t',
    '\n',
    '\u00a0',
    '🦀',
    '\ud800',
    '\u0000',
  ],
  ...[
    'ms',
    'us',
    'µs',
    's',
    'k',
    'M',
    'kB',
    'KiB',
    'e',
    'e9',
    'e-400',
    'EBADF',
    'e',
    'ada',
    '(',
    ')',
    '[',
    ']',
    '{2}',
    '|',
    '+',
    '?',
    '^',
    '$',
    '\\b',
  ],
] as const;

const encoder = new TextEncoder();

function change(source: RandomSource, bytes: Uint8Array, other: Uint8Array): Bytes {
  const at = source.below(bytes.length + 1);
  if (source.chance(0.6))
    return spliced(bytes, at, Math.min(bytes.length, at + source.below(3)), encoder.encode(source.one(WORDS)));
  if (source.chance(0.2)) return spliced(bytes, at, at, encoder.encode(source.one(NUMBERS)));
  if (source.chance(0.1))
    return spliced(bytes, at, at, encoder.encode(source.one(WORDS).repeat(source.one([5, 50, 500]))));
  return changeBytes(source, bytes, other);
}

/** A short call with a row of each kind. */
const EVENTS = [
  '{"kind":"rpc","fuel":1,"t":0,"dir":"in","line":"{\\"jsonrpc\\":\\"2.0\\",\\"id\\":0,\\"method\\":\\"Greet.all\\",\\"params\\":{\\"name\\":\\"Ada\\"}}"}',
  '{"kind":"stderr","fuel":20,"t":0.5,"line":"INFO two words: größe 🦀 \\"x\\" C:\\\\dir"}',
  '{"kind":"rpc","fuel":1500,"t":1,"dir":"out","line":"{\\"jsonrpc\\":\\"2.0\\",\\"id\\":3,\\"method\\":\\"a*b, c\\",\\"params\\":null}"}',
  '{"kind":"syscall","fuel":1600,"t":2,"name":"fd_read","args":[0,1],"errno":6,"fuelToZero":true,"emptyPoll":true}',
  '{"kind":"yield","fuel":1700,"t":3,"count":3,"lastFuel":1700,"required":2}',
  '{"kind":"rpc","fuel":1800,"t":12,"dir":"in","line":"{\\"jsonrpc\\":\\"2.0\\",\\"id\\":3,\\"error\\":{\\"code\\":-32000,\\"message\\":\\"no such key\\"}}"}',
  '{"kind":"rpc","fuel":1900,"t":13,"dir":"out","line":"{\\"jsonrpc\\":\\"2.0\\",\\"id\\":18446744073709551615,\\"method\\":\\"echo\\",\\"params\\":1}"}',
  '{"kind":"syscall","fuel":1901,"t":14,"name":"fd_write","args":[1,-1],"errno":8,"sent":[2000,7]}',
  '{"kind":"rpc","fuel":1902,"t":15,"dir":"out","line":{"base64":"w4A="}}',
  '{"kind":"diagnosis","fuel":1902,"t":15,"diagnosis":"stray-text","message":"This is no message.","severity":"fault"}',
  '{"kind":"grow","fuel":2000,"t":16,"space":"memory","index":0,"delta":1,"result":-1}',
  '{"kind":"edit","fuel":2000,"t":16,"space":"stack","index":1,"bytes":{"base64":"AQAAAA=="},"moment":7,"offset":12,"text":"$0 = 1"}',
  '{"kind":"folded","fuel":2001,"t":16,"calls":[{"yields":7},{"name":"fd_read","errno":6}]}',
  '{"kind":"exit","fuel":2100,"t":21,"reason":"trap","message":"unreachable"}',
];

function table(): RowTable {
  const log = new LogWriter();
  for (const [seq, line] of EVENTS.entries()) {
    const event = parseEvent(line, seq);
    if (event === undefined) throw new Error(`no event: ${line}`);
    log.append(event);
  }
  const store = new EventStore();
  store.append(log.take());
  const rows = new RowTable(store, () => 0);
  while (!rows.advance(1));
  return rows;
}
const rows = table();

/** As texts for a comparison: bigints, infinite ends and -0 included. */
const shown = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' || typeof inner === 'number' ? `${typeof inner} ${inner}` : inner,
  );

function check(bytes: Uint8Array): void {
  const text = new TextDecoder().decode(bytes);
  const { filter, problems } = parseFilter(text);
  for (const { from, to, message } of problems) {
    expectSentence(message, 'a problem');
    expect(from >= 0 && from < to && to <= text.length, () => `a problem at ${from} to ${to} of ${text.length}`);
  }
  const written = filterText(filter);
  const again = parseFilter(written);
  expect(
    written.length > 10_000 || (again.problems.length === 0 && shown(again.filter) === shown(filter)),
    () => `${shown(filter)}\nwritten as ${written}\nis read as ${shown(again)}`,
  );
  for (const term of [undefined, ...filter.terms.slice(0, 20)])
    checkRows(term === undefined ? filter : { terms: [term] });
  for (const token of text.split(/\s+/).slice(0, 50)) checkAmount(token);
  for (const caret of [text.length, text.length >> 1, text.indexOf(':') + 1]) checkCompletions(text, caret);
}

function checkRows(filter: ReturnType<typeof parseFilter>['filter']): void {
  const whole = new RowFilter(rows, filter);
  const slices = new RowFilter(rows, filter);
  // what a pattern finds is re2js's business: RegExp may take for ever on what comes here
  const isPlain = filter.terms.every((term) => term.test !== 'text' || term.texts.every((one) => 'text' in one));
  for (let row = 0; row < rows.length; row++) {
    const answer = whole.matches(row);
    let other = slices.look(row, 1);
    while (other === MORE) other = slices.look(row, 1);
    expect(answer === (other === YES), () => `row ${row} of ${filterText(filter)}: another answer in slices`);
    if (!isPlain) continue;
    const wanted = passes(rows, row, filter);
    expect(answer === wanted, () => `row ${row} of ${filterText(filter)}: ${answer}, and not ${wanted}`);
  }
}

/** `id:>3`, `-depth:1`, `time:1..20ms`: what such a token says is plain enough to be reckoned once more from its text. */
const PLAIN =
  /^(-?)(id|depth|total|bytes|fuel|time|dur):(?:(>=|<=|>|<|=)?(\d{1,25})|(\d{1,25})\.\.(\d{1,25})(us|ms|s)?)$/;
/** How many ns. */
const UNITS: Readonly<Record<string, bigint>> = { us: 1000n, ms: 1_000_000n, s: 1_000_000_000n };

function checkAmount(token: string): void {
  const [, not, key, sign, one, from, to, unit] = PLAIN.exec(token) ?? [];
  if (key === undefined) return;
  const isTime = key === 'time' || key === 'dur';
  if ((unit !== undefined && !isTime) || (isTime && one !== undefined && sign === undefined)) return; // none, or rounded
  const scale = isTime ? (UNITS[unit ?? 'ms'] ?? 1n) : 1n;
  const { filter, problems } = parseFilter(token);
  if (from !== undefined && to !== undefined && BigInt(from) > BigInt(to)) {
    expect(problems.length === 1, () => `${token} is no range`);
    return;
  }
  expect(problems.length === 0, () => `${token} is right: ${shown(problems)}`);
  const filtered = new RowFilter(rows, filter);
  for (let row = 0; row < rows.length; row++) {
    const amount = amountOf(row, key);
    const holds = amount !== undefined && isWithin(amount, sign, one, from, to, scale);
    expect(filtered.matches(row) === (holds !== (not === '-')), () => `row ${row} of ${token}: ${amount}`);
  }
}

function amountOf(row: number, key: string): bigint | undefined {
  const nanoseconds = (ms: number): bigint => BigInt(Math.round(ms * 1e6));
  switch (key) {
    case 'id': {
      const id = rows.id(row);
      return id === undefined ? undefined : BigInt(id);
    }
    case 'depth':
      return BigInt(rows.depth(row));
    case 'total':
      return BigInt(rows.fuel(row));
    case 'fuel':
      return BigInt(rows.fuelSince(row));
    case 'time':
      return nanoseconds(rows.time(row));
    case 'dur':
      return Number.isNaN(rows.duration(row)) ? undefined : nanoseconds(rows.duration(row));
    default:
      return rows.bytes(row) < 0 ? undefined : BigInt(rows.bytes(row));
  }
}

function isWithin(
  amount: bigint,
  sign: string | undefined,
  one: string | undefined,
  from: string | undefined,
  to: string | undefined,
  scale: bigint,
): boolean {
  if (one === undefined) return amount >= BigInt(from ?? 0) * scale && amount <= BigInt(to ?? 0) * scale;
  const bound = BigInt(one) * scale;
  switch (sign) {
    case '>':
      return amount > bound;
    case '>=':
      return amount >= bound;
    case '<':
      return amount < bound;
    case '<=':
      return amount <= bound;
    default:
      return amount === bound;
  }
}

function checkCompletions(text: string, caret: number): void {
  for (const { from, to, text: piece, label } of completions(text, caret, rows).slice(0, 5)) {
    expect(from >= 0 && from <= to && to <= text.length, () => `it completes ${from} to ${to} of ${text.length}`);
    expectSentence(label, 'a completion');
    const after = text.slice(0, from) + piece + text.slice(to);
    const value = parseFilter(piece.endsWith(':') ? piece : after);
    const own = value.problems.filter((problem) => problem.from < from + piece.length && problem.to > from);
    // a `!` that stands where it may not is told of with the value behind it
    expect(
      own.length === 0 || after[from - 1] === '!' || after.length > 10_000,
      () => `completed to ${JSON.stringify(after)}: ${shown(own)}`,
    );
  }
}

export const target: FuzzTarget = {
  name: 'filter',
  about: "the transcript's filter: problems with a place, rows as an oracle says, completions that are right",
  make: (source) => changed(source, seeds, change),
  check,
  // a pattern is compiled a dozen times in one check
  bounds: { ms: 600 },
};
