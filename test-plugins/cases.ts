// The calls into rust-pdk and c-minimal whose course under the real hdk is kept in expected.json, and the form of that file.
// Not the expectations themselves: expected.ts observes those.
import fs from 'node:fs';
import { rawJson } from './json.ts';

/** What the host is like in one call. `echo`, which gives its params back, is always there. */
export interface Host {
  /** Results by host method. */
  readonly mocks?: Readonly<Record<string, unknown>>;
  /** How many ms every host method takes. */
  readonly delay?: number;
  /** Host methods that never answer. */
  readonly never?: readonly string[];
}

export interface Case {
  /** A module in out/ without its extension; `rust-pdk` is observed as rust-pdk.debug and as rust-pdk.release. */
  readonly plugin: 'rust-pdk' | 'c-minimal' | 'hello';
  readonly method: string;
  /** JSON text. */
  readonly params: string;
  readonly host?: Host;
  /** Why the result (or what is logged) is another each time, and not to be compared. */
  readonly varies?: string;
  /** After so many ms the call hangs, where 4 000 is not enough to tell. */
  readonly patience?: number;
}

/** What production made of it. JSON is kept as text, because JavaScript would round its numbers. */
export interface Observation {
  /** JSON text of the result, the members of objects sorted by name as the hdk has them. */
  readonly result?: string;
  readonly error?: { readonly code: number; readonly message: string };
  /** The call does not return. */
  readonly hang?: true;
  /** The exit code, where the plugin ended itself. */
  readonly exit?: number;
  /** wasmi's name of the trap, where there was one. */
  readonly trap?: string;
  /** Messages in their order: direction, kind, id, and the method of a request: `out request 0 echo`. */
  readonly messages: readonly string[];
  /** A line of stdout that ended the host's reading. */
  readonly notAMessage?: string;
  /** Lines of stderr without the time before them. */
  readonly stderr: readonly string[];
}

/** One case with what became of it. Where the debug build of rust-pdk took another course, it stands apart. */
export interface Expectation extends Case {
  readonly production: Observation;
  readonly debug?: Observation;
}

export const EXPECTED_FILE = new URL('expected.json', import.meta.url);

/** The expectations that are kept. */
export const readExpected = (): readonly Expectation[] =>
  JSON.parse(fs.readFileSync(EXPECTED_FILE, 'utf8')) as readonly Expectation[];

/** JSON text of a value that may hold bigints. */
const json = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? rawJson(String(part)) : part));

type More = Pick<Case, 'host' | 'varies' | 'patience'>;

const of =
  (plugin: Case['plugin']) =>
  (method: string, params: unknown = null, more: More = {}): Case => ({
    plugin,
    method,
    params: json(params),
    ...more,
  });

const rust = of('rust-pdk');
const c = of('c-minimal');
const hello = of('hello');

/** Every method of every plugin, in each of its ways to go. `grow` is not here: production takes 4 GiB and 11 s over it. */
export const CASES: readonly Case[] = [
  rust('ping'),
  rust('ping', { ignored: true }),
  rust('echo', { message: { list: [1, 'two', null], nested: { true: false } } }),
  rust('echo', {}),
  rust('echo', { message: 1 }, { host: { mocks: { echo: 'mocked' } } }),
  rust('echo', { message: 1 }, { host: { never: ['echo'] } }),
  rust('many_echo', { n: 5 }),
  rust('many_echo', { n: 30 }),
  rust('nested', { depth: 4 }),
  rust('random', { bytes: 16 }, { varies: 'random_get' }),
  rust('time', null, { varies: 'clock_time_get' }),
  rust('sleep', { ms: 50 }, { varies: 'how long poll_oneoff slept' }),
  rust('joined'),
  rust('joined', { ms: 20 }, { host: { delay: 50 } }),
  rust('select'),
  rust('select', { ms: 20 }, { host: { delay: 100 } }),
  rust('select', { ms: 20 }, { host: { never: ['echo'] } }),
  rust('reply_or_timeout', { ms: 20 }, { host: { delay: 100 } }),
  rust('log'),
  rust('stderr', { text: 'without a newline at its end' }),
  rust('stderr', { text: 'one\n\n\ttwo  \n', times: 2 }),
  rust('prime_sieve', { limit: 100 }),
  rust('prime_sieve', { limit: 100_000 }),
  rust('floats', null, { varies: 'the bits of NaNs' }),
  rust('alloc', { megabytes: 5 }),
  rust('recurse', { depth: 100 }),
  rust('recurse', { depth: 900 }),
  rust('recurse', { depth: 1100 }),
  rust('recurse', { depth: 1_000_000 }),
  rust('spin'),
  rust('payload', { bytes: 1_000_000 }, { patience: 30_000 }),
  rust('u64_extremes'),
  rust('deep_json', { depth: 20, through_host: true }),
  rust('deep_json', { depth: 100, through_host: true }),
  rust('deep_json', { depth: 126 }),
  rust('deep_json', { depth: 127 }),
  rust('deep_json', { depth: 300 }),
  rust('deep_json', { depth: 300, through_host: true }),
  rust('text'),
  rust('fail', { code: -32700, message: 'lost' }),
  rust('fail', { code: -32600, message: 'lost' }),
  rust('fail', { code: -32601, message: 'lost' }),
  rust('fail', { code: -32602, message: 'lost' }),
  rust('fail', { code: -32603, message: 'lost' }),
  rust('fail', { code: -32000, message: 'kept' }),
  rust('fail', { code: 42, message: 'kept, but not its code' }),
  rust('panic', { message: 'a message\nof two lines' }),
  rust('exit'),
  rust('exit', { code: 5 }),
  rust('exit_after'),
  rust('trap', { kind: 'unreachable' }),
  rust('trap', { kind: 'out_of_bounds' }),
  rust('never', null, { varies: 'where the standard library lies' }),
  rust('unknown_host_method'),
  rust('println'),
  rust('println', { then_call: true }),
  rust('println', { newline: false, text: 'glued: ' }),
  rust('raw_line', { line: '' }),
  rust('raw_line', { line: '{"jsonrpc":"2.0","id":7}' }),
  rust('raw_line', { line: '{"jsonrpc":"2.0","method":"echo","params":null}' }),
  rust('raw_line', { line: '{"jsonrpc":"2.0","id":7,"method":"echo"}' }),
  rust('raw_line', { line: '[]', then_call: true }),
  rust('raw_line', { line: '  {"jsonrpc":"1.0","id":7,"result":null,"more":1}  ', then_call: true }),
  rust('raw_id', { id: 7 }),
  rust('raw_id', { id: 9_007_199_254_740_993n }),
  rust('raw_id', { id: 18_446_744_073_709_551_615n }),
  rust('unknown_id'),
  rust('unknown_id', { then_call: true }),
  rust('double_answer'),
  rust('double_answer', { then_call: true }),
  rust('stray_error'),
  rust('stray_error', { then_call: true }),
  rust('invalid_utf8', { to: 'stdout' }),
  rust('invalid_utf8', { to: 'stderr' }),
  rust('no_such_method', {}),
  c('ping', null),
  c('add', { a: 40, b: 2 }),
  c('add', { a: 9_223_372_036_854_775_807n, b: 1 }),
  c('add', { a: -9_223_372_036_854_775_807n, b: -1 }),
  c('add', { a: 1.5, b: 2 }),
  c('echo', { message: { list: [18_446_744_073_709_551_615n, '}]\\"', {}], 'a"b': 0.1 } }),
  c('echo', { message: 1 }, { host: { mocks: { echo: null } } }),
  c('echo', {}),
  c('no_such_method', []),
  hello(
    'greet',
    { name: 'Ada' },
    {
      host: { mocks: { get_user: { display_name: 'Ada Lovelace', utc_offset_hours: 0 }, log: null } },
      varies: 'clock_time_get, random_get',
    },
  ),
  hello('greet', { name: 'Ada' }),
  hello('greet', { name: 'Ada' }, { host: { mocks: { get_user: { name: 'Ada' } } } }),
  hello('roll', { dice: 3 }, { varies: 'random_get' }),
  hello('roll', { dice: 101 }),
];
