// The odd plugins of test-plugins/wat on V8 as it is, with this room's syscalls and a host of thirty lines, compared with
// what the real framework made of each (production.jsonl). Contracts E1, E3, E4.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { buildWat } from '../../test-plugins/wat/build.ts';
import { type ProductionOutcome, parseExact, readProduction } from '../../test-plugins/wat/record-production.ts';
import { createSyscalls } from './calls.ts';
import { createContext, GuestExit, takeSleep, takeStdinWait } from './context.ts';
import { SYSCALL_NAMES, WASI_MODULE } from './definitions.ts';
import { GuestMemory, type MemoryLike } from './memory.ts';

interface WasmInstance {
  readonly exports: Record<string, unknown>;
}
// TypeScript has WebAssembly in its DOM library only.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    validate(bytes: Uint8Array): boolean;
    Module: new (bytes: Uint8Array) => object;
    Instance: new (module: object, imports: Record<string, Record<string, unknown>>) => WasmInstance;
    Memory: new () => MemoryLike;
    RuntimeError: ErrorConstructor;
    LinkError: ErrorConstructor;
  };
};

/** A guest that makes so many syscalls is endless. */
const MOST_CALLS = 20_000;
class Endless extends Error {}

interface Run extends ProductionOutcome {
  /** How often production's host would have panicked. */
  readonly panics: number;
  /** How the guest ended: `returned`, `exit 3`, the trap's text, or `endless`. */
  readonly end: string;
}

/** Production's reading of the guest's lines, as far as these plugins need it. */
class NaiveHost {
  verdict: ProductionOutcome | undefined;
  readonly reply: (line: string) => void;
  #rest: number[] = [];

  constructor(reply: (line: string) => void) {
    this.reply = reply;
  }

  take(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === 10) this.line(this.#rest.splice(0));
      else this.#rest.push(byte);
    }
  }

  end(): ProductionOutcome {
    if (this.#rest.length > 0) this.line(this.#rest);
    return this.verdict ?? { error: { code: -32603, message: 'Internal error' } };
  }

  line(bytes: number[]): void {
    if (this.verdict !== undefined) return;
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
    } catch {
      this.verdict = { error: { code: -32603, message: 'Internal error' } };
      return;
    }
    const message = text.includes('['.repeat(128)) ? undefined : asMessage(text); // serde_json's recursion limit
    if (message === undefined) {
      this.verdict = { error: { code: -32700, message: 'Parse error' } };
    } else if ('method' in message) {
      const answer =
        message['method'] === 'echo'
          ? `"result":${/"params":(.*)\}$/.exec(text)?.[1]}`
          : '"error":{"code":-32601,"message":"Method not found"}';
      this.reply(`{"jsonrpc":"2.0","id":${message['id']},${answer}}\n`);
    } else if ('error' in message) {
      const { message: text } = message['error'] as { message: string };
      this.verdict = { error: { code: -32000, message: text } };
    } else if (message['id'] === 0) {
      this.verdict = { result: message['result'] };
    }
  }
}

/** A request, response or error response with all that production asks for; undefined for anything else. */
function asMessage(text: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = parseExact(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('jsonrpc' in value) || !('id' in value)) return undefined;
  const whole = ('method' in value && 'params' in value) || 'result' in value || 'error' in value;
  return whole ? (value as Record<string, unknown>) : undefined;
}

function run(bytes: Uint8Array, args: string[] = []): Run {
  const log: number[] = [];
  let calls = 0;
  let panics = 0;
  let instance: WasmInstance | undefined;
  const memory = new GuestMemory(() => {
    const exported = instance?.exports['memory'];
    return exported instanceof WebAssembly.Memory ? exported : undefined;
  });
  const context = createContext({
    args,
    write: (fd, written) => {
      if (fd === 1) host.take(written);
      else log.push(...written);
    },
    now: () => BigInt(Date.now()) * 1_000_000n,
    random: (filled) => filled.fill(4),
  });
  const host = new NaiveHost((line) => context.stdin.append(new TextEncoder().encode(line)));
  context.stdin.append(new TextEncoder().encode('{"jsonrpc":"2.0","id":0,"method":"ping","params":["a"]}\n'));
  const syscalls = createSyscalls(context, memory);
  const imports: Record<string, unknown> = {};
  for (const name of SYSCALL_NAMES)
    imports[name] = (...values: (number | bigint)[]) => {
      if (++calls > MOST_CALLS) throw new Endless();
      const errno = syscalls[name](...values);
      if (context.outcome.hostWouldPanic) panics++;
      if (context.outcome.fuelToZero) {
        takeSleep(context);
        takeStdinWait(context);
      }
      return errno;
    };
  let end = 'returned';
  try {
    instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { [WASI_MODULE]: imports });
    const start = instance.exports['_start'];
    if (typeof start !== 'function') return { end: 'no _start', panics };
    start();
  } catch (error) {
    if (error instanceof GuestExit) end = `exit ${error.code}`;
    else if (error instanceof Endless) end = 'endless';
    else end = String(error);
  }
  const lines = readLog(log);
  const outcome: ProductionOutcome = end === 'endless' ? { hangs: true } : host.end();
  return { ...outcome, ...(lines.length > 0 ? { log: lines } : {}), panics, end };
}

/** The log as production hands it over: lines up to the first that is not UTF-8; the first three of them. */
function readLog(bytes: number[]): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length && lines.length < 3; ) {
    const newline = bytes.indexOf(10, at);
    const end = newline < 0 ? bytes.length : newline;
    try {
      lines.push(new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes.slice(at, end))));
    } catch {
      break;
    }
    at = end + 1;
  }
  return lines;
}

/** Endless without a single syscall: only ending their process helps. */
const KILLED = ['endless-fill', 'endless-grow', 'endless-loop'];

/** V8 does not take these; wasmi names the proposal. */
const NOT_FOR_V8 = ['feature-custom-page-sizes', 'feature-wide-arithmetic'];

/** What plugins that production refuses do where they run all the same; a digit or text is their result. */
const REFUSED_BUT_RUNS: Record<string, unknown> = {
  'feature-atomics': 5,
  'feature-exceptions': 5,
  'feature-exceptions-exnref': 5,
  'feature-function-references': 4,
  'feature-gc': 7,
  'feature-relaxed-simd': 7,
  'feature-shared-memory': 'done',
  'feature-simd': 5,
  'link-proc-raise-result': 'done',
  'link-start-section': 'done',
  'link-wrong-type': 'done',
};

const plugins = new Map<string, Uint8Array>();
const production = readProduction();

function bytesOf(name: string): Uint8Array {
  const bytes = plugins.get(name);
  assert.ok(bytes, `test-plugins/wat has no ${name}`);
  return bytes;
}

describe('test-plugins/wat', () => {
  before(async () => {
    for (const { name, wasm } of await buildWat()) plugins.set(name, fs.readFileSync(wasm));
  });

  it('all assemble, and production.jsonl knows each', () => {
    assert.deepEqual([...plugins.keys()].sort(), [...production.keys()].sort());
  });
  it('V8 accepts all but those of two proposals', () => {
    const rejected = [...plugins].filter(([, bytes]) => !WebAssembly.validate(bytes)).map(([name]) => name);
    assert.deepEqual(rejected, NOT_FOR_V8);
  });

  for (const [name, outcome] of production) {
    if (KILLED.includes(name) || 'refused' in outcome || 'hostPanics' in outcome) continue;
    // V8's own depth is another (E8), and JavaScript may call a `_start` that takes a parameter.
    if (name === 'recursion-1001-frames' || name === 'link-start-type') continue;
    it(`E3: ${name} ends as in production`, () => {
      const { panics, end, ...found } = run(bytesOf(name));
      assert.deepEqual(found, outcome, end);
      assert.equal(panics, 0);
    });
  }

  for (const [name, ends] of [
    ['deep-recursion', /Maximum call stack size exceeded/],
    ['end-exit-after-response', /^exit 3$/],
    ['end-exit-before-response', /^exit 3$/],
    ['end-raise', /^exit 134$/],
    ['end-raise-ignored', /^returned$/],
    ['end-trap', /unreachable/],
    ['end-trap-after-response', /memory access out of bounds/],
    ['end-without-response', /^returned$/],
  ] as const)
    it(`E3: ${name} ends by ${ends.source}`, () => {
      assert.match(run(bytesOf(name)).end, ends);
    });

  for (const [name, outcome] of production) {
    if (!('refused' in outcome) || NOT_FOR_V8.includes(name)) continue;
    it(`E3: ${name}, which production refuses, is otherwise whole`, () => {
      const expected = REFUSED_BUT_RUNS[name];
      const found = run(bytesOf(name));
      if (name === 'link-no-start') assert.equal(found.end, 'no _start');
      else if (expected === undefined) assert.match(found.end, /(fd_seek|wasi_unstable)/);
      else assert.deepEqual(found, { result: expected, panics: 0, end: 'returned' });
    });
  }

  for (const [name, result] of [
    ['pointers-fd-read-panic', [21, 21, 21, 21, 21, 21, 21, 21]],
    ['pointers-fd-read-buffer-panic', [21, 21, 40]],
    ['pointers-fd-write-panic', [21, 21, 21, 21, 21, 21, 21, 21]],
    ['pointers-poll-oneoff-panic', [21, 21, 21, 21, 21, 21, 21, 21, 21]],
    ['pointers-random-get-panic', [21, 21, 21]],
  ] as const)
    it(`E4: ${name}: EFAULT for each, and marked`, () => {
      assert.ok(production.get(name)?.hostPanics);
      const found = run(bytesOf(name));
      assert.deepEqual(found.result, result);
      assert.equal(found.panics, result.filter((errno) => errno === 21).length);
    });

  for (const name of ['link-no-memory', 'link-memory-other-name', 'link-memory-not-exported'])
    it(`E4: ${name}: what needs memory is EFAULT, and marked`, () => {
      assert.equal(production.get(name)?.hostPanics, 'guest must have memory');
      assert.ok(run(bytesOf(name)).panics > 0);
    });

  it('E3: with arguments, which production cannot give, bad pointers are EFAULT', () => {
    assert.deepEqual(run(bytesOf('pointers-args-get'), ['x']).result, [21, 21, 21, 21, 21]);
  });

  it('recursion-1001-frames and link-start-type run on V8 as it is', () => {
    for (const name of ['recursion-1001-frames', 'link-start-type']) {
      assert.equal(production.get(name)?.error?.code, -32603);
      assert.equal(run(bytesOf(name)).result, 'done');
    }
  });

  for (const name of KILLED)
    it(`E4: ${name} does not end`, async () => {
      const script = `const fs = require('node:fs');
        const module = new WebAssembly.Module(fs.readFileSync(0));
        fs.writeSync(1, 'started');
        new WebAssembly.Instance(module).exports._start();`;
      const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
      const exit = once(child, 'exit');
      child.stdin.end(bytesOf(name));
      await once(child.stdout, 'data');
      const ended = await Promise.race([exit.then(() => true), setTimeout(400, false, { ref: false })]);
      child.kill('SIGKILL');
      assert.equal(ended, false);
      await exit;
    });
});
