// The endpoint, the framer and the diagnoser together under real guests: the odd cases of test-plugins/wat end as the
// framework ended them (production.jsonl). The syscalls here are just enough for those guests; wasi/ has the real ones.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import wabt from 'wabt';
import { Diagnoser, type DiagnosisKind } from './diagnosis.ts';
import { type Answer, HostEndpoint } from './endpoint.ts';
import { INTERNAL_ERROR, METHOD_NOT_FOUND } from './errors.ts';
import { type JsonValue, jsonEqual, parseJson, stringifyJson } from './json.ts';
import { isI64, isU64, LosslessNumber } from './json-number.ts';
import { encodeLine, LineFramer } from './lines.ts';
import { serdeText } from './serde-text.ts';

const WAT = new URL('../../test-plugins/wat/', import.meta.url);
const { parseWat } = await wabt();

/** After so many polls of an empty stdin the guest waits for nothing that will come. */
const POLLS = 1000;
const EAGAIN = 6;
const EBADF = 8;

class Ended extends Error {}
class Hangs extends Error {}

interface Run {
  readonly outcome: JsonValue;
  readonly kinds: DiagnosisKind[];
}

/** One call of method `run` with null, by a host that knows `echo`. */
function call(name: string): Run {
  const wat = parseWat(name, readFileSync(new URL(`${name}.wat`, WAT), 'utf8'));
  const module = new WebAssembly.Module(new Uint8Array(wat.toBinary({}).buffer));
  wat.destroy();
  const host = new HostEndpoint('run', 'null');
  const diagnoser = new Diagnoser('run');
  const framer = new LineFramer(1 << 20);
  const kinds: DiagnosisKind[] = [];
  const answer = ({ method, params }: { method: string; params: string }): Answer =>
    method === 'echo' ? { result: serdeText(params) } : { error: METHOD_NOT_FOUND };
  let stdin = [...encodeLine(host.start().text)];
  const turn = (lines: readonly { bytes: Uint8Array }[]) => {
    for (const { bytes } of lines) kinds.push(...diagnoser.out(host.receiveLine(bytes)).map(({ kind }) => kind));
    host.pump(answer);
    for (const line of host.takeLines()) {
      kinds.push(...diagnoser.in(line.message).map(({ kind }) => kind));
      stdin.push(...encodeLine(line.text));
    }
  };
  const finish = () => {
    const last = framer.end();
    host.endOfOutput();
    turn(last ? [last] : []);
  };
  let closed = false;
  let polls = 0;
  let memory = new WebAssembly.Memory({ initial: 0 });
  const iovec = (pointer: number): [number, number] => {
    const view = new DataView(memory.buffer);
    return [view.getUint32(pointer, true), view.getUint32(pointer + 4, true)];
  };
  const store = (pointer: number, value: number) => new DataView(memory.buffer).setUint32(pointer, value, true);
  const imports = {
    fd_read(_fd: number, iovecs: number, _count: number, read: number): number {
      if (stdin.length === 0) {
        if (++polls > POLLS) throw new Hangs();
        return EAGAIN;
      }
      const [pointer, length] = iovec(iovecs);
      const bytes = stdin.slice(0, length);
      stdin = stdin.slice(length);
      new Uint8Array(memory.buffer).set(bytes, pointer);
      store(read, bytes.length);
      return 0;
    },
    fd_write(fd: number, iovecs: number, _count: number, written: number): number {
      if (fd === 1 && closed) return EBADF;
      const [pointer, length] = iovec(iovecs);
      if (fd === 1) turn(framer.push(new Uint8Array(memory.buffer, pointer, length)));
      store(written, length);
      return 0;
    },
    fd_close(fd: number): number {
      if (fd === 1) {
        closed = true;
        finish();
      }
      return 0;
    },
    proc_exit() {
      throw new Ended();
    },
    proc_raise(signal: number): number {
      if (![0, 13, 16, 17, 22, 27].includes(signal)) throw new Ended();
      return 0;
    },
  };
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: imports });
  const { _start: start, memory: exported } = instance.exports;
  assert.ok(typeof start === 'function' && exported instanceof WebAssembly.Memory);
  memory = exported;
  try {
    start();
    if (!closed) finish();
    kinds.push(...diagnoser.end({ kind: 'exit', code: 0 }).map(({ kind }) => kind));
  } catch (error) {
    if (error instanceof Hangs) {
      kinds.push(diagnoser.hang(host.waits(), 'polling').kind);
      return { outcome: { hangs: true }, kinds };
    }
    const trap = error instanceof WebAssembly.RuntimeError;
    assert.ok(trap || error instanceof Ended, `${error}`);
    if (!closed) finish();
    const end = trap ? ({ kind: 'trap', message: error.message } as const) : ({ kind: 'exit', code: 1 } as const);
    kinds.push(...diagnoser.end(end).map(({ kind }) => kind));
  }
  const outcome = host.outcome;
  if (outcome?.kind === 'result') return { outcome: { result: parseJson(outcome.result) }, kinds };
  const { code, message } = outcome?.error ?? INTERNAL_ERROR;
  return { outcome: { error: { code, message } }, kinds };
}

/** Production rounds what neither u64 nor i64 holds to f64, and P2 forbids it to us. */
function rounded(value: JsonValue): JsonValue {
  if (value instanceof LosslessNumber) return isU64(value.source) || isI64(value.source) ? value : Number(value.source);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, rounded(member)]));
}

const production = new Map(
  readFileSync(new URL('production.jsonl', WAT), 'utf8')
    .trim()
    .split('\n')
    .map((line) => parseJson(line) as [string, { [key: string]: JsonValue }]),
);

const DIAGNOSES: { readonly [name: string]: DiagnosisKind[] } = {
  'end-exit-after-response': [],
  'end-exit-before-response': ['no-response'],
  'end-raise': ['no-response'],
  'end-raise-ignored': [],
  'end-trap': ['trap'],
  'end-trap-after-response': ['trap'],
  'end-without-response': ['no-response'],
  'io-close-stdout': ['no-response'],
  'io-invalid-utf8-stdout': ['not-utf8', 'unread-message'],
  'rpc-batch': ['invalid-message'],
  'rpc-call-abandoned': [],
  'rpc-call-echo': [],
  'rpc-call-never-ends': ['hang'],
  'rpc-deep-json': ['malformed-json'],
  'rpc-error-response': [],
  'rpc-error-unknown-id': ['error-pinned', 'unread-message'],
  'rpc-id-max': [],
  'rpc-malformed-json': ['malformed-json', 'unread-message'],
  'rpc-no-last-newline': [],
  'rpc-request-without-id': ['invalid-message', 'unread-message'],
  'rpc-request-without-method': ['invalid-message', 'unread-message'],
  'rpc-request-without-params': ['invalid-message', 'unread-message'],
  'rpc-response-twice': ['duplicate-response'],
  'rpc-response-unknown-id': ['unknown-response'],
  'rpc-stray-text': ['stray-text', 'unread-message'],
  'rpc-stray-text-then-call': ['stray-text', 'unread-message', 'hang'],
  'rpc-unknown-method': ['unknown-host-method'],
};

describe('calls end as in production', () => {
  it('every odd case of the protocol is here', () => {
    const names = readdirSync(WAT).flatMap((file) => /^(rpc-.*|end-.*)\.wat$/.exec(file)?.[1] ?? []);
    assert.deepEqual(
      names.filter((name) => !(name in DIAGNOSES)),
      [],
    );
  });

  for (const [name, expected] of Object.entries(DIAGNOSES))
    it(`E3, P1: ${name}`, () => {
      const { outcome, kinds } = call(name);
      const { log: _log, ...wanted } = production.get(name) ?? assert.fail(`${name} is not in production.jsonl`);
      assert.ok(jsonEqual(rounded(outcome), wanted), `${stringifyJson(outcome)} is not ${stringifyJson(wanted)}`);
      assert.deepEqual(kinds, expected);
    });
});
