// What the author of a host sees in production is what we show: the calls of test-plugins/script.ts, made here, have line by line the
// transcripts that they have under the real hdk (transcripts.txt), stderr and faults included. Contracts E3, M1, P1, P2.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readExpected } from '../../test-plugins/cases.ts';
import { parseExactly } from '../../test-plugins/json.ts';
import {
  heading,
  NOT_CALLED,
  type PipeLine,
  type Reply,
  SCRIPT,
  type ScriptCall,
  type ScriptedHost,
  type Transcript,
  transcriptText,
} from '../../test-plugins/script.ts';
import { makeTranscripts, readTranscripts } from '../../test-plugins/transcripts.ts';
import type { RunEvent } from '../recording/event.ts';
import { HostEndpoint } from '../rpc/endpoint.ts';
import { productionError } from '../rpc/errors.ts';
import { serdeText } from '../rpc/serde-text.ts';
import { type EndedCall, needs, ofKind, runCall, VIRTUAL } from '../testing/run-call.ts';
import type { HostProcess } from './host-process.ts';
import { DEFAULT_SLICE } from './options.ts';

const transcripts = readTranscripts();

/** The transcript that a call has in production. */
const produced = (call: ScriptCall): string => transcripts.get(heading(call)) ?? '';

/** A hang shows in this time (ms): its guest's clock is virtual, or nothing has moved for long. */
const HANG = 600;
/** Where the machine is busy, a guest may not come to its hang in that time, and the wrong one may win where host and guest race: then longer. */
const ROUNDS = [HANG, 2 * HANG, 5 * HANG, 20 * HANG, 20 * HANG];

/** Gives host methods' replies in their turn. */
function scriptedHost(host: ScriptedHost): HostProcess {
  const asked = new Map<string, number>();
  return {
    async ask(method, params) {
      const replies = host[method] ?? [];
      const turn = asked.get(method) ?? 0;
      asked.set(method, turn + 1);
      const reply: Reply = replies[turn] ?? replies.at(-1) ?? { error: { code: -32601, message: '' } };
      if (reply.delay !== undefined) await new Promise((resolve) => setTimeout(resolve, reply.delay));
      if ('never' in reply) return new Promise(() => {});
      if ('echo' in reply) return { result: serdeText(params) };
      if ('result' in reply) return { result: serdeText(reply.result) };
      return { error: productionError(reply.error.code, reply.error.message) };
    },
    close() {},
  };
}

/** What the mocks can say of a host: results that take no time and stay the same. */
function mocksOf(host: ScriptedHost): string | undefined {
  const mocked = Object.entries(host).flatMap(([name, [reply, ...more]]) =>
    reply !== undefined && 'result' in reply && reply.delay === undefined && more.length === 0
      ? [`${JSON.stringify(name)}:${reply.result}`]
      : [],
  );
  return mocked.length === 0 ? undefined : `{${mocked.join(',')}}`;
}

const slow = (host: ScriptedHost): boolean => Object.values(host).some((replies) => replies.some(({ delay }) => delay));

/**
 * Lines by pipe, where two requests are on their way at once: production's handlers answer before the guest goes on, and a host in
 * another thread, as ours is but for the mocks, when it can.
 */
function inFlight(call: ScriptCall, text: string): string {
  if (call.method !== 'joined' || mocksOf(call.host) !== undefined) return text;
  const rank = (line: string): number => '=><!'.indexOf(line.charAt(0));
  return text
    .split('\n')
    .sort((a, b) => rank(a) - rank(b))
    .join('\n');
}

const hangs = (call: ScriptCall): boolean => produced(call).includes('\n= hang\n');

async function makeCall(call: ScriptCall, wallMs: number): Promise<Transcript> {
  const mocks = mocksOf(call.host);
  const made = await runCall(call.plugin, call.method, serdeText(call.params), {
    host: scriptedHost(call.host),
    slice: call.slice ?? DEFAULT_SLICE,
    ...(mocks === undefined ? {} : { mocks }),
    // a busy machine may be slower than the guest's timer: virtual time is not
    ...(slow(call.host) ? {} : { clock: VIRTUAL }),
    ...(hangs(call) ? { limits: { wallMs } } : {}),
  });
  return transcriptOf(call, made);
}

function pipeLine(event: RunEvent): PipeLine[] {
  if (event.kind === 'rpc') return [{ pipe: event.dir, bytes: event.bytes, unfinished: !event.complete }];
  if (event.kind === 'stderr') return [{ pipe: 'err', bytes: event.bytes, unfinished: !event.complete }];
  return [];
}

/** wasmi's names for the traps that the recording names in words. */
const TRAPS: Readonly<Record<string, string>> = {
  'wasm `unreachable` instruction executed': 'UnreachableCodeReached',
  'out of bounds memory access': 'MemoryOutOfBounds',
  'call stack exhausted': 'StackOverflow',
};

function transcriptOf({ method, params }: ScriptCall, call: EndedCall): Transcript {
  const { outcome } = call;
  const events = call.events();
  const [exit] = ofKind(events, 'exit');
  const ended = outcome.kind !== 'limit' && outcome.fault?.kind !== 'hang';
  const logs = ofKind(events, 'stderr');
  const unlogged = logs.findIndex(({ utf8 }) => !utf8);
  return {
    lines: events.flatMap(pipeLine),
    ...(!ended ? { hang: true } : {}),
    // Production parses a result and hands it over as a value, which it writes with sorted members.
    ...(outcome.kind === 'result' ? { result: serdeText(outcome.result ?? '') } : {}),
    ...(outcome.kind === 'error' && outcome.error !== undefined ? { error: outcome.error.seenAs } : {}),
    ...(outcome.kind === 'fault' && ended ? { error: hostError(method, params, events) } : {}),
    ...(exit?.reason === 'exit' && exit.code !== undefined ? { exit: exit.code } : {}),
    ...(exit?.reason === 'trap' ? { trap: TRAPS[exit.message] ?? exit.message } : {}),
    read: ofKind(events, 'rpc').filter(({ dir, unread }) => dir === 'out' && !unread).length,
    logged: unlogged < 0 ? logs.length : unlogged,
  };
}

/** What production's host returns of a call whose outcome here is a fault by name: the endpoint reads the recorded lines. */
function hostError(method: string, params: string, events: readonly RunEvent[]): { code: number; message: string } {
  const endpoint = new HostEndpoint(method, params);
  endpoint.start();
  for (const { dir, bytes } of ofKind(events, 'rpc')) if (dir === 'out') endpoint.receiveLine(bytes);
  endpoint.endOfOutput();
  endpoint.pump(() => ({ result: 'null' }));
  const { outcome } = endpoint;
  assert.ok(outcome !== undefined && outcome.kind !== 'result');
  return { code: outcome.error.code, message: outcome.error.message };
}

for (const plugin of ['rust-pdk.release', 'rust-pdk.debug', 'c-minimal', 'hello'] as const)
  describe(`${plugin} against the real host`, { concurrency: 2 }, () => {
    for (const call of SCRIPT) {
      if (call.plugin !== plugin) continue;
      const name = heading(call).slice(3);
      it(`E3, M1, P1: ${name.slice(0, 150)}`, needs(plugin), async () => {
        const expected = inFlight(call, produced(call));
        let text: string | undefined;
        for (const wallMs of slow(call.host) || hangs(call) ? ROUNDS : [HANG]) {
          text = inFlight(call, transcriptText(call, await makeCall(call, wallMs)));
          if (text === expected) break;
        }
        assert.equal(text, expected);
      });
    }
  });

const PLUGINS = new URL('../../test-plugins/', import.meta.url);

/** The methods that a plugin's sources serve. */
function methodsOf(plugin: string): string[] {
  const source = (file: string): string => fs.readFileSync(new URL(file, PLUGINS), 'utf8');
  if (plugin === 'c-minimal')
    return [...source('c-minimal/main.c').matchAll(/same\(method, "\\"(\w+)\\""\)/g)].map(([, name]) => name ?? '');
  const served = source(`${plugin}/src/main.rs`).matchAll(/\.with_method\("(\w+)"/g);
  return [...served].map(([, name]) => name ?? '');
}

describe('the script', () => {
  for (const plugin of ['rust-pdk', 'c-minimal', 'hello'])
    it(`calls every method of ${plugin}`, () => {
      const methods = methodsOf(plugin);
      const called = new Set(SCRIPT.filter((call) => call.plugin.startsWith(plugin)).map(({ method }) => method));
      assert.ok(methods.length > 1);
      assert.deepEqual(
        methods.filter((method) => !called.has(method) && !(plugin === 'rust-pdk' && method in NOT_CALLED)),
        [],
      );
    });

  it('has a transcript for every call, and no call for which the heading is not its own', () => {
    assert.deepEqual([...transcripts.keys()], SCRIPT.map(heading));
    assert.equal(transcripts.size, SCRIPT.length);
  });

  // expected.json was observed under the crate itself, from outside; the transcripts under its sources with a tap in its pipes.
  it('takes under the tapped hdk the course that it takes under the hdk itself', () => {
    let compared = 0;
    for (const [at, { plugin, method, params, varies, production }] of readExpected().entries()) {
      const call = SCRIPT[at];
      assert.ok(call !== undefined);
      assert.equal(`${call.plugin} ${call.method}`, `${plugin === 'rust-pdk' ? 'rust-pdk.release' : plugin} ${method}`);
      const lines = (transcripts.get(heading(call)) ?? '').split('\n');
      const end = (name: string): string | undefined =>
        lines.find((line) => line.startsWith(`= ${name}`))?.slice(name.length + 3);
      const told = `${method} ${params}`;
      assert.equal(end('exit'), production.exit === undefined ? undefined : String(production.exit), told);
      assert.equal(end('trap'), production.trap, told);
      assert.equal(end('hang') !== undefined, production.hang === true, told);
      assert.equal(end('error'), production.error && `${production.error.code} ${production.error.message}`, told);
      if (varies !== undefined || production.result === undefined || production.result.length > 1_000) continue;
      assert.equal(end('result'), JSON.stringify(parseExactly(production.result)), told);
      compared++;
    }
    assert.ok(compared > 20);
  });

  const noCargo =
    spawnSync('cargo', ['--version']).status === 0
      ? needs('rust-pdk.release', 'rust-pdk.debug', 'c-minimal', 'hello')
      : { skip: 'the reference program needs cargo, and there is none.' };

  it('comes out under the real host as transcripts.txt has it', { ...noCargo, timeout: 600_000 }, () => {
    const built = spawnSync(process.execPath, [fileURLToPath(new URL('build.ts', PLUGINS)), 'reference'], {
      encoding: 'utf8',
    });
    assert.equal(built.status, 0, built.stderr);
    // a hang takes as long as one waits for it
    const wanted = (name: string): boolean => !transcripts.get(name)?.includes('\n= hang\n');
    const differing = [...makeTranscripts(wanted)].filter(([name, text]) => text !== transcripts.get(name));
    const again = new Map(differing);
    // as above: the real host's delays race its guest's timers too
    for (let round = 0; round < 5 && again.size > 0; round++)
      for (const [name, text] of makeTranscripts((one) => again.has(one)))
        if (text === transcripts.get(name)) again.delete(name);
    for (const [name, text] of again) assert.equal(text, transcripts.get(name));
  });
});
