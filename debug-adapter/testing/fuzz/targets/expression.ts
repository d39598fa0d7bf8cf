// Fuzz target: expressions, log messages and hit conditions as people write them. A value, or one sentence; the same each time; whole numbers exact, as
// JavaScript's BigInt reckons them. Contracts P2, E2.

import { compileHitCondition } from '../../../executor/stops.ts';
import { compileExpression, compileMessage, type Scope, usesOf } from '../../../expressions/expression.ts';
import { castIn } from '../../../expressions/source-cast.ts';
import { SourceValue } from '../../../expressions/source-value.ts';
import { parseJson } from '../../../rpc/json.ts';
import { functionBreakpointRule } from '../../../session/breakpoints.ts';
import { Encoding, Made } from '../../../source/views/made-program.ts';
import type { RandomSource } from '../../random-source.ts';
import { type Bytes, changeBytes, spliced } from '../bytes.ts';
import { changed } from '../json-text.ts';
import { texts } from '../seeds.ts';
import { expect, expectSentence, type FuzzTarget } from '../target.ts';

const seeds = texts(
  'errno != 0 && len > 100',
  'params.user.id == 7 || params["odd key"][3] === \'x\'',
  "contains(message, 'overflow') ? len(line) : -1",
  '18446744073709551615 - 1 >= 0xffffffffffffffff',
  '((1 + 2) * 3 - -4) % 5',
  '~7 & 0xff | 1 << 3 ^ 2 >> 1',
  'startsWith(name, "fd_") && !(errno == 6)',
  'got {params.message} of {bytes} bytes, {{not this}}',
  'rpc:echo log: got {params.message}',
  'syscall:fd_read',
  '>= 3',
  '% 10',
  '$__stack_pointer + 16',
  'global[0] == 1048576',
  'pair.0.len() > 3 && point.x == Ready',
  'list->next[0].x.unwrap() as u32 + 5u64 - 0.1f32',
  '(&point as *app::Point).y >>> 3',
  'list.contains(20) || list.get(7) == null || *point == list.first()',
);

const WORDS = [
  'a',
  'params',
  'id',
  'len(',
  'contains(',
  '$x',
  '$0',
  'true',
  'null',
  '"',
  "'",
  '\\',
  '(',
  ')',
  '[',
  ']',
  '.',
  ',',
  '?',
  ':',
  '{',
  '}',
  '{{',
  '!',
  '~',
  '-',
  '+',
  '*',
  '/',
  '%',
  '&&',
  '||',
  '==',
  '===',
  '<=',
  '<<',
  '>>',
  '0',
  '1',
  '18446744073709551615',
  '1.5',
  '1e400',
  '0x',
  '0xfff',
  '1e',
  'i32[0]',
  'memory[0]',
  'point',
  'list',
  '.x',
  '.0',
  '->',
  '.len()',
  '.get(',
  '.unwrap()',
  ' as ',
  '*',
  '&',
  'u8',
  '::',
  '5u64',
  '__proto__',
  'constructor',
  '\n',
  '🦀',
  ' ',
] as const;

const encoder = new TextEncoder();

function change(source: RandomSource, bytes: Uint8Array, other: Uint8Array): Bytes {
  const at = source.below(bytes.length + 1);
  if (source.chance(0.6))
    return spliced(bytes, at, Math.min(bytes.length, at + source.below(3)), encoder.encode(source.one(WORDS)));
  if (source.chance(0.1))
    return spliced(bytes, at, at, encoder.encode(source.one(WORDS).repeat(source.one([50, 101, 1000, 5000]))));
  if (source.chance(0.3)) return encoder.encode(arithmetic(source, 4));
  return changeBytes(source, bytes, other);
}

function arithmetic(source: RandomSource, depth: number): string {
  if (depth === 0 || source.chance(0.2))
    return source.one(['0', '1', '7', '9007199254740993', '18446744073709551615', '4294967296', '123456789']);
  const [left, right] = [arithmetic(source, depth - 1), arithmetic(source, depth - 1)];
  return source.chance(0.3)
    ? `(${left} ${source.one(['+', '-', '*'])} ${right})`
    : `${left} ${source.one(['+', '-', '*'])} ${right}`;
}

const present: Readonly<Record<string, unknown>> = {
  a: 1,
  id: 18446744073709551615n,
  params: parseJson(
    '{"user":{"id":18446744073709551615},"odd key":[1,2,3,"x"],"message":"hi","f":1.0,"deep":[[[[]]]]}',
  ),
  line: 'x'.repeat(1000),
  message: 'attempt to add with overflow',
  name: 'fd_read',
  errno: 6,
  bytes: 10,
  $x: -1,
};
/** Variables of the source, over memory made by hand. */
const made = new Made().words(64, 3, 0xffff_fffc, 10, 20, 30, 64);
const i32 = made.base('i32', Encoding.Signed, 4);
const point = made.struct('app::Point', 8, [
  ['x', i32, 0],
  ['y', i32, 4],
]);
const variables: Readonly<Record<string, SourceValue>> = {
  point: new SourceValue(made, { type: point, bytes: made.memory(64) }),
  list: new SourceValue(made, { type: made.array(i32, 3), bytes: made.memory(72) }),
  self: new SourceValue(made, { type: made.pointer('&app::Point', point), bytes: made.memory(84) }),
};
const scope: Scope = Object.assign(
  (name: string): unknown => {
    if (Object.hasOwn(variables, name)) return variables[name];
    return Object.hasOwn(present, name) ? present[name] : undefined;
  },
  { cast: castIn(made) },
);

/** What `work` gives, as a text; or its refusal, which must be a sentence. */
function outcome(work: () => unknown): string {
  try {
    return shown(work());
  } catch (error) {
    const message = error instanceof Error ? error.message : undefined;
    // it may quote the source, whose line breaks are its own
    expectSentence(message?.replaceAll(/[\s\p{Cc}]/gu, ' '), 'the refusal', 200_000);
    return `refused: ${message}`;
  }
}

function shown(value: unknown): string {
  if (value instanceof SourceValue) return `variable: ${value.text()}`;
  if (typeof value === 'function') return 'compiled';
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'undefined';
}

function check(bytes: Uint8Array): void {
  const text = new TextDecoder().decode(bytes);
  const first = outcome(() => compileExpression(text));
  outcome(() => usesOf(text));
  if (first === 'compiled') {
    const compiled = compileExpression(text);
    const value = outcome(() => compiled(scope));
    expect(outcome(() => compiled(scope)) === value, () => 'its value changes');
    checkExact(text, value);
  }
  if (outcome(() => compileMessage(text)) === 'compiled') {
    const compiled = compileMessage(text);
    outcome(() => compiled(scope)); // evaluating never throws: parts that fail say so in their place
    const message: unknown = compiled(scope);
    expect(typeof message === 'string', () => 'a log message is no text');
  }
  if (outcome(() => compileHitCondition(text)) === 'compiled') {
    const hit = compileHitCondition(text);
    for (const count of [0, 1, 2, 3, 10, 1e9])
      expect(typeof hit(count) === 'boolean', () => 'a hit condition is neither true nor false');
  }
  const { rule, message } = functionBreakpointRule({ name: text, condition: text.slice(0, 100), logMessage: text }, 1);
  expect(
    (rule === undefined) === (message !== undefined),
    () => 'a breakpoint has both a rule and a refusal, or neither',
  );
}

/** Sums and products of whole numbers. */
function checkExact(text: string, value: string): void {
  if (text.length > 200 || !/^[\d\s()+*-]+$/.test(text) || /\b0\d|\*\*|\+\+|--/.test(text)) return;
  let exact: bigint;
  try {
    exact = new Function(`return ${text.replaceAll(/\d+/g, '$&n')}`)() as bigint; // only digits, brackets and three signs
  } catch {
    return;
  }
  if (typeof exact !== 'bigint') return;
  expect(
    value.startsWith('refused') || value.replace(/n$/, '').replace(/^"(.*)n"$/, '$1') === String(exact),
    () => `${text} is ${exact}, not ${value}`,
  );
}

export const target: FuzzTarget = {
  name: 'expression',
  about: 'expressions, log messages, hit conditions: a value or a sentence; whole numbers exact',
  make: (source) => changed(source, seeds, change),
  check,
};
