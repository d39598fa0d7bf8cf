// The script of calls that is run both under the real hdk and here, and the text that a call's transcript is compared as. Not the
// transcripts: transcripts.ts has them made, and keeps them in transcripts.txt.
import crypto from 'node:crypto';
import { CASES, type Case } from './cases.ts';
import { parseExactly } from './json.ts';

/** What a host method answers once: JSON text of a result, an error, its params, or nothing ever. `delay` in ms. */
export type Reply = { readonly delay?: number } & (
  | { readonly result: string }
  | { readonly error: { readonly code: number; readonly message: string } }
  | { readonly echo: true }
  | { readonly never: true }
);

/** Host methods: the first call gets the first reply, and so on; the last stays. */
export type ScriptedHost = Readonly<Record<string, readonly Reply[]>>;

export interface ScriptCall {
  /** A module in out/ without its extension. */
  readonly plugin: 'rust-pdk.release' | 'rust-pdk.debug' | 'c-minimal' | 'hello';
  readonly method: string;
  /** JSON text, as the hdk writes it: the members of objects sorted. */
  readonly params: string;
  readonly host: ScriptedHost;
  /** The hdk's `max_fuel`, where it is not the default. */
  readonly slice?: number;
  /** Why what it says is another each time: only the kinds of its messages are compared. */
  readonly varies?: string;
  /** After so many ms the call hangs. */
  readonly timeout: number;
}

const ECHO: ScriptedHost = { echo: [{ echo: true }] };

/** A call that took this long hangs: those that do return take less than a tenth of it. In ms. */
const HANG = 2_000;

function hostOf({ mocks = {}, delay, never = [] }: NonNullable<Case['host']>): ScriptedHost {
  const slow = delay === undefined ? {} : { delay };
  const methods: [string, Reply][] = [
    ['echo', { echo: true, ...slow }],
    ...Object.entries(mocks).map(([name, result]): [string, Reply] => [
      name,
      { result: JSON.stringify(result), ...slow },
    ]),
  ];
  return Object.fromEntries(
    methods.map(([name, reply]) => [name, [never.includes(name) ? ({ never: true } as const) : reply]]),
  );
}

type More = Partial<Pick<ScriptCall, 'host' | 'slice' | 'varies'>>;

const call = (plugin: ScriptCall['plugin'], method: string, params: string, more: More = {}): ScriptCall => ({
  plugin,
  method,
  params,
  host: ECHO,
  timeout: HANG,
  ...more,
});

function callOf(one: Case, plugin: ScriptCall['plugin']): ScriptCall {
  return {
    ...call(plugin, one.method, one.params, { host: hostOf(one.host ?? {}) }),
    ...(one.varies === undefined ? {} : { varies: one.varies }),
    timeout: one.patience ?? HANG,
  };
}

/** Of the debug build: what it does in another way (frames, panics' places), and the common ways besides. */
const DEBUG_SAMPLE: ReadonlySet<string> = new Set(
  'ping echo many_echo nested log panic trap exit exit_after fail recurse u64_extremes text println stray_error double_answer invalid_utf8'.split(
    ' ',
  ),
);

const rust = (method: string, params: string, more?: More): ScriptCall =>
  call('rust-pdk.release', method, params, more);
const error = (code: number, message: string): Reply => ({ error: { code, message } });
const result = (text: string, delay?: number): Reply =>
  delay === undefined ? { result: text } : { result: text, delay };

/**
 * Hosts that cases.ts does not have: errors, replies in turn, odd results; and slices. Their numbers are written as the hdk writes them:
 * what neither u64 nor i64 holds goes over its wire as an f64's text, and here as it was given (P2).
 */
const MORE: readonly ScriptCall[] = [
  ...[-32700, -32600, -32601, -32602, -32603, -32000, 42].map((code) =>
    rust('echo', '{"message":1}', { host: { echo: [error(code, 'what the host said: "no"\n')] } }),
  ),
  rust('many_echo', '{"n":4}', {
    host: { echo: [result('0'), result('7'), { echo: true }, error(-32000, 'the fourth')] },
  }),
  rust('nested', '{"depth":3}', { host: { echo: [result('{"b":[1.0,2000.0],"a":{"é":"\\u0000"}}'), { echo: true }] } }),
  rust('echo', '{"message":{"z":1,"a":[18446744073709551615,-9223372036854775808,0.1,1e-7,1.2345678901234568e+20]}}'),
  rust('echo', '{"message":null}', { host: { echo: [result('18446744073709551615')] } }),
  rust('echo', '{"message":"\u2028 \\u0007 \\" \\\\ / 🦀"}'),
  rust('joined', '{"ms":5}', { host: { echo: [result('"late"', 30), result('"later"', 10)] } }),
  rust('joined', '{"ms":5}', { host: { echo: [error(7, 'the first fails'), result('"second"')] } }),
  rust('select', '{"ms":200}', { host: { echo: [result('"in time"', 10)] } }),
  rust('reply_or_timeout', '{"ms":20}', {
    host: { echo: [result('"late"', 300), error(-32603, 'gone')] },
  }),
  rust('unknown_host_method', 'null', { host: { no_such_method: [result('"it is known now"')] } }),
  ...[1, 100, 5_000, 1_000_000].flatMap((slice) => [
    rust('many_echo', '{"n":3}', { slice }),
    rust('println', '{"newline":false,"text":"glued "}', { slice }),
  ]),
  ...[2_000, 100_000].map((slice) => rust('joined', '{"ms":1}', { slice, host: { echo: [result('"at once"')] } })),
  call('c-minimal', 'echo', '{"message":[1]}', { host: { echo: [error(-32601, 'lost')] } }),
  call('c-minimal', 'echo', '{"message":[1]}', { host: { echo: [error(99, 'kept')] } }),
  call('c-minimal', 'echo', '{"message":[1]}', { host: { echo: [result('{"b":1,"a":2}')] }, slice: 10 }),
  call('hello', 'greet', '{"name":"Ada"}', { host: { get_user: [error(404, 'no such user')] } }),
  call('hello', 'roll', '{"dice":"three"}'),
];

/** All calls, in the order in which they are made. */
export const SCRIPT: readonly ScriptCall[] = [
  ...CASES.map((one) => callOf(one, one.plugin === 'rust-pdk' ? 'rust-pdk.release' : one.plugin)),
  ...MORE,
  ...CASES.filter((one) => one.plugin === 'rust-pdk' && DEBUG_SAMPLE.has(one.method)).map((one) =>
    callOf(one, 'rust-pdk.debug'),
  ),
];

/** Methods that no script calls, with the reason. */
export const NOT_CALLED: Readonly<Record<string, string>> = {
  grow: 'production takes 4 GiB and 11 s over it',
};

/** A call's line for `reference --script`. */
export const scriptLine = ({ method, params, host, slice, timeout }: ScriptCall, file: string): string =>
  JSON.stringify({ plugin: file, method, params: parseExactly(params), host: rawHost(host), slice, timeout });

const rawHost = (host: ScriptedHost): unknown =>
  Object.fromEntries(
    Object.entries(host).map(([name, replies]) => [
      name,
      replies.map((reply) => ('result' in reply ? { ...reply, result: parseExactly(reply.result) } : reply)),
    ]),
  );

/** A line on one of the three pipes. */
export interface PipeLine {
  readonly pipe: 'in' | 'out' | 'err';
  readonly bytes: Uint8Array;
  readonly unfinished: boolean;
}

/** What crossed the pipes in a call, in order, and how it ended for its host. */
export interface Transcript {
  readonly lines: readonly PipeLine[];
  /** JSON text as the hdk writes it. */
  readonly result?: string;
  readonly error?: { readonly code: number; readonly message: string };
  readonly hang?: boolean;
  readonly exit?: number;
  /** wasmi's name of the trap. */
  readonly trap?: string;
  /** How many lines of stdout the host read. */
  readonly read: number;
  /** How many lines of stderr the host's logger got. */
  readonly logged: number;
}

const ARROW = { in: '>', out: '<', err: '!' } as const;
/** Lines up to this many bytes are shown whole; of others the beginning, the length, and the SHA-256. */
const SHOWN = 1_000;
/** The guest's clock, which tracing-subscriber puts before a log line. */
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z(?= )/;

/** What a call is called by: one line. */
export function heading({ plugin, method, params, host, slice }: ScriptCall): string {
  const more = [
    ...(JSON.stringify(host) === JSON.stringify(ECHO) ? [] : [`host ${JSON.stringify(host)}`]),
    ...(slice === undefined ? [] : [`slice ${slice}`]),
  ];
  return ['==', plugin, method, params, ...more].join(' ');
}

/**
 * The transcript as text, one line each; two transcripts are the same when their texts are. What is left out is what no two runs
 * have alike, and nothing else: the time before a log line; of a call that `varies`, all but the kinds, ids and methods of its
 * messages, and the log; and how many lines the host has read of a call that hangs.
 * Yields and fuel are in none: they change with the compiler that built the plugin, and fuel/ has its own tests.
 */
export function transcriptText(call: ScriptCall, transcript: Transcript): string {
  const varies = call.varies !== undefined;
  const { result, error: failed, exit, trap, read, logged } = transcript;
  const lines = transcript.lines
    .filter(({ pipe }) => !varies || pipe !== 'err')
    .map((line) => `${ARROW[line.pipe]} ${varies ? kindOf(line) : shown(line)}`);
  const log = transcript.lines.filter(({ pipe }) => pipe === 'err').length;
  if (result !== undefined) lines.push(`= result${varies ? '' : ` ${brief(result)}`}`);
  if (failed !== undefined) lines.push(`= error ${failed.code} ${failed.message}`);
  if (transcript.hang) lines.push('= hang');
  if (exit !== undefined) lines.push(`= exit ${exit}`);
  if (trap !== undefined) lines.push(`= trap ${trap}`);
  if (!transcript.hang) lines.push(`= lines read ${read}`);
  if (logged !== log && !varies) lines.push(`= lines logged ${logged} of ${log}`);
  return `${[heading(call), ...lines].join('\n')}\n`;
}

function shown({ pipe, bytes, unfinished }: PipeLine): string {
  const text = Buffer.from(bytes).toString('utf8');
  const whole = Buffer.from(text, 'utf8').equals(Buffer.from(bytes));
  const masked = pipe === 'err' ? text.replace(TIME, 'TIME') : text;
  return `${whole ? brief(masked) : `(hex) ${Buffer.from(bytes).toString('hex')}`}${unfinished ? ' (unfinished)' : ''}`;
}

function brief(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= SHOWN) return text;
  const sha256 = crypto.createHash('sha256').update(bytes).digest('hex');
  return `${bytes.subarray(0, 100).toString('latin1')}… (${bytes.length} bytes, SHA-256 ${sha256})`;
}

/** `request 0 echo`, `response 0`, `error 0`. */
function kindOf({ bytes }: PipeLine): string {
  const { id, method, error: failed } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>;
  const kind = method !== undefined ? 'request' : failed !== undefined ? 'error' : 'response';
  return [kind, String(id), ...(method === undefined ? [] : [String(method)])].join(' ');
}
