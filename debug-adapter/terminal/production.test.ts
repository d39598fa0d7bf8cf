// Calls into rust-pdk take the course here that they take under the real hdk on wasmi, to the letter: the messages each way, the log, the
// result, the error that the caller sees, traps and exits. What production does was observed (test-plugins/expected.ts); where the
// program that observes it is built, the texts of all messages and the syscalls are compared with it live as well. Calls that hang, other
// plugins, and replays: executor/production.test.ts.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Case, type Host, type Observation, readExpected } from '../../test-plugins/cases.ts';
import type { RunEvent } from '../recording/event.ts';
import { productionError } from '../rpc/errors.ts';
import { getPath, type JsonValue, parseJson, stringifyJson } from '../rpc/json.ts';
import { classifyBytes, type Message } from '../rpc/message.ts';
import { serdeText } from '../rpc/serde-text.ts';
import { type EndedCall, echoHost, needs, ofKind, runCall } from '../testing/run-call.ts';

/** The caller's error for each kind of fault. */
const PARSE_ERROR = { code: -32700, message: 'Parse error' };
const INTERNAL_ERROR = { code: -32603, message: 'Internal error' };
const SEEN: Readonly<Record<string, Observation['error']>> = {
  'stray-text': PARSE_ERROR,
  'malformed-json': PARSE_ERROR,
  'invalid-message': PARSE_ERROR,
  'not-utf8': INTERNAL_ERROR,
  'no-response': INTERNAL_ERROR,
  'error-pinned': INTERNAL_ERROR, // that is the stray error's own
  panic: INTERNAL_ERROR,
  trap: INTERNAL_ERROR,
};

/** wasmi's TrapCode for the sentence of an exit. */
const TRAPS: Readonly<Record<string, string>> = {
  'wasm `unreachable` instruction executed': 'UnreachableCodeReached',
  'out of bounds memory access': 'MemoryOutOfBounds',
  'call stack exhausted': 'StackOverflow',
};

/** On a busy machine a call may take its time. */
const limits = { wallMs: 60_000 };

const hostOf = ({ mocks = {}, delay = 0, never = [] }: Host = {}) => {
  const results = Object.entries(mocks).map(([method, result]) => [method, JSON.stringify(result)]);
  return echoHost({ delay, never, results: Object.fromEntries(results) });
};

const call = (module: string, { method, params, host }: Case): Promise<EndedCall> =>
  runCall(module, method, params, { host: hostOf(host), limits });

interface Sent {
  readonly dir: 'in' | 'out';
  readonly message: Message;
  readonly line: string;
}

/**
 * The messages that production's host writes and reads, in their order each way: it reads no more after a line that is no message, an
 * error response, and the answer. (How the two ways interleave is not compared: production traces a message when the host reads it, we
 * when the plugin has written it.)
 */
function messagesRead(events: readonly RunEvent[]): readonly [written: Sent[], read: Sent[]] {
  const sent = ofKind(events, 'rpc').map(({ dir, bytes, line }) => ({ dir, line, message: classifyBytes(bytes) }));
  const out = sent.filter(({ dir }) => dir === 'out');
  const last = out.findIndex(
    ({ message }) =>
      message.type === 'invalid' || message.type === 'error' || (message.type === 'response' && message.id === '0'),
  );
  return [sent.filter(({ dir }) => dir === 'in'), last < 0 ? out : out.slice(0, last + 1)];
}

function summary(dir: string, message: Message): string | undefined {
  if (message.type === 'invalid') return undefined;
  return [dir, message.type, message.id, ...(message.type === 'request' ? [message.method] : [])].join(' ');
}

/** The time that tracing-subscriber puts before a line. */
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z +/;

/** Lines of the log as production hands them over: without space at their ends, and none from one that is not UTF-8. */
function logRead(events: readonly RunEvent[]): string[] {
  const lines = ofKind(events, 'stderr');
  const broken = lines.findIndex(({ utf8 }) => !utf8);
  return lines.slice(0, broken < 0 ? undefined : broken).map(({ line }) => line.replace(TIME, '').trimEnd());
}

/** What happened, in the words of expected.json. */
function courseOf({ outcome, events }: EndedCall): Observation {
  const all = events();
  const [written, read] = messagesRead(all);
  const course: { -readonly [K in keyof Observation]: Observation[K] } = {
    messages: [...written, ...read]
      .map(({ dir, message }) => summary(dir, message))
      .filter((line) => line !== undefined),
    stderr: logRead(all),
  };
  const stray = read.find(({ message }) => message.type === 'invalid' && message.cause !== 'not-utf8');
  if (stray !== undefined) course.notAMessage = stray.line;
  const exit = ofKind(all, 'exit')[0];
  if (exit?.reason === 'exit') course.exit = exit.code ?? -1;
  if (exit?.reason === 'trap') course.trap = TRAPS[exit.message] ?? exit.message;
  if (outcome.result !== undefined) course.result = serdeText(outcome.result);
  else if (outcome.error !== undefined) course.error = outcome.error.seenAs;
  else {
    const kind = outcome.fault?.kind ?? '';
    assert.ok(kind in SEEN, `fault '${kind}': ${outcome.fault?.message}`);
    course.error = SEEN[kind] ?? INTERNAL_ERROR;
  }
  return course;
}

/** Each way by itself. */
const byDirection = (messages: readonly string[]): string[] => [
  ...messages.filter((line) => line.startsWith('in ')),
  ...messages.filter((line) => line.startsWith('out ')),
];

/** Without what is another each time. */
function comparable(course: Observation, { varies }: Case): unknown {
  const { result, stderr, ...rest } = course;
  const messages = byDirection(rest.messages);
  if (varies !== undefined) return { ...rest, messages, result: result !== undefined };
  return { ...rest, messages, stderr, ...(result === undefined ? {} : { result: serdeText(result) }) };
}

const REFERENCE = fileURLToPath(
  new URL(`../../test-plugins/out/reference${process.platform === 'win32' ? '.exe' : ''}`, import.meta.url),
);
const OUT = new URL('../../test-plugins/out/', import.meta.url);
/** It is built where somebody asks for it (node test-plugins/build.ts reference): what was observed is enough without. */
const live = fs.existsSync(REFERENCE);

/** What the reference program prints, line by line; numbers keep their digits. */
async function observe(one: Case): Promise<{ messages: string[]; syscalls: Map<string, JsonValue> }> {
  const { mocks = {} } = one.host ?? {};
  const module = fileURLToPath(new URL('rust-pdk.release.wasm', OUT));
  const words = [module, one.method, one.params, '--mocks', JSON.stringify(mocks)];
  // it exits with 1 for an error response
  const { stdout } = await promisify(execFile)(REFERENCE, words, { maxBuffer: 1 << 26 }).catch(
    (error: { stdout: string }) => error,
  );
  const messages: string[] = [];
  let counts: JsonValue | undefined;
  for (const text of stdout.split('\n').filter(Boolean)) {
    const line = parseJson(text, Number.POSITIVE_INFINITY);
    const event = getPath(line, ['event']);
    if (event === 'message')
      messages.push(held(String(getPath(line, ['direction'])), stringifyJson(getPath(line, ['message']) ?? null)));
    if (event === 'end') counts = getPath(line, ['syscalls']);
  }
  return { messages, syscalls: new Map(Object.entries(counts ?? {})) };
}

/** A message as the host holds it once it has read it: without fields that it does not know, an error as its caller sees it. */
function held(dir: string, line: string): string {
  const message = classifyBytes(new TextEncoder().encode(line));
  const said = [summary(dir, message)];
  if (message.type === 'request') said.push(serdeText(message.params));
  if (message.type === 'response') said.push(serdeText(message.result));
  if (message.type === 'error') said.push(JSON.stringify(productionError(message.code, message.message)));
  return said.join(' ');
}

/** A call in the name of a test: whole, but not longer than a line. */
const named = ({ method, params, host }: Case): string => {
  const text = `${method} ${params}${host === undefined ? '' : ` with ${JSON.stringify(host)}`}`;
  return text.length > 110 ? `${text.slice(0, 109)}…` : text;
};

const cases = readExpected().filter(({ plugin, production }) => plugin === 'rust-pdk' && production.hang === undefined);

describe(`rust-pdk and production, ${live ? 'which runs beside it' : 'as it was observed'}`, { concurrency: 2 }, () => {
  for (const one of cases) {
    const { production, debug, varies, host } = one;
    it(`E3: ${named(one)}`, needs('rust-pdk.release'), async () => {
      const ours = await call('rust-pdk.release', one);
      assert.deepEqual(comparable(courseOf(ours), one), comparable(production, one));
      if (varies !== undefined || host?.delay !== undefined || !live) return;
      const beside = await observe(one);
      const all = ours.events();
      const messages = messagesRead(all)
        .flat()
        .filter(({ message }) => message.type !== 'invalid')
        .map(({ dir, line }) => held(dir, line));
      assert.deepEqual(messages, byDirection(beside.messages));
      if (messages.some((line) => line.startsWith('out request'))) return; // how often it polls is a matter of time
      const syscalls = new Map<string, JsonValue>();
      for (const { name } of ofKind(all, 'syscall')) syscalls.set(name, Number(syscalls.get(name) ?? 0) + 1);
      assert.deepEqual(syscalls, beside.syscalls);
    });
    if (debug !== undefined)
      it(`E3: ${named(one)}, in a debug build`, needs('rust-pdk.debug'), async () => {
        assert.deepEqual(comparable(courseOf(await call('rust-pdk.debug', one)), one), comparable(debug, one));
      });
  }
});
