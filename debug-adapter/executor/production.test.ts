// Every test plugin's calls come out as under the real framework: the odd ones of test-plugins/wat (production.jsonl), and each method of
// rust-pdk, c-minimal and hello (expected.json). And each is replayed. Contracts E3, P1, M1, R2, R3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Expectation, type Observation, readExpected } from '../../test-plugins/cases.ts';
import { type ProductionOutcome, parseExact, readProduction } from '../../test-plugins/wat/record-production.ts';
import { jsonEqual, parseJson } from '../rpc/json.ts';
import { classifyBytes } from '../rpc/message.ts';
import { serdeText } from '../rpc/serde-text.ts';
import {
  type CallOptions,
  type EndedCall,
  echoHost,
  needs,
  ofKind,
  replaysExactly,
  runCall,
  VIRTUAL,
  watNames,
} from '../testing/run-call.ts';
import type { Outcome } from './options.ts';

const production = readProduction();

/** Calls run in workers, and most machines have two cores. */
const TWO_AT_ONCE = { concurrency: 2 };

/** Ended by a bound, or by a diagnosis, and not by the plugin. */
const didNotEnd = ({ kind, fault }: Outcome): boolean => kind === 'limit' || fault?.kind === 'hang';

/** What an endless plugin is allowed here: little, since production shows nothing but that it does not end. */
const ENDLESS = { wallMs: 400, memory: 32 << 20, output: 1 << 20, line: 1 << 18 };

function sameAsProduction(call: EndedCall, expected: ProductionOutcome): void {
  const { outcome } = call;
  if (expected.hangs) assert.ok(didNotEnd(outcome), JSON.stringify(outcome));
  else if (expected.result !== undefined) {
    assert.equal(outcome.kind, 'result', outcome.fault?.message);
    assert.deepEqual(parseExact(outcome.result ?? ''), expected.result);
  } else if (expected.error !== undefined) {
    if (outcome.kind === 'error') assert.deepEqual(outcome.error?.seenAs, expected.error);
    // what production calls an internal error or pins on the call has a name here
    else assert.equal(outcome.kind, 'fault', JSON.stringify(outcome));
  } else assert.equal(outcome.kind, 'fault', JSON.stringify(outcome));
  if (expected.log !== undefined && !expected.hangs)
    assert.deepEqual(outcome.stderr.slice(0, 1), expected.log.slice(0, 1));
}

describe('test-plugins/wat', TWO_AT_ONCE, () => {
  it('E3: every one is known to production', () => {
    assert.deepEqual([...watNames].sort(), [...production.keys()].sort());
  });

  for (const [name, expected] of production) {
    // what production's host panics on goes on here (E4), and has tests of its own
    if (expected.hostPanics !== undefined) continue;
    it(`E3: R3: ${name} comes out as in production, and its replay is exact`, async () => {
      const options: CallOptions = { host: echoHost(), ...(expected.hangs ? { limits: ENDLESS } : {}) };
      const call = await runCall(name, 'ping', '["a"]', options);
      sameAsProduction(call, expected);
      await replaysExactly(call, name);
    });
  }

  // With arguments of the host, sent to stdin before the guest runs: ["a"].
  for (const [name, results] of [
    ['pointers-fd-read-panic', [21, 21, 21, 21, 21, 21, 21, 21]],
    ['pointers-fd-read-buffer-panic', [21, 21, 40]],
    ['pointers-fd-write-panic', [21, 21, 21, 21, 21, 21, 21, 21]],
    ['pointers-poll-oneoff-panic', [21, 21, 21, 21, 21, 21, 21, 21, 21]],
    ['pointers-random-get-panic', [21, 21, 21]],
  ] as const)
    it(`E4: ${name}: where production's host panics, the call answers EFAULT, and says so`, async () => {
      assert.ok(production.get(name)?.hostPanics);
      const call = await runCall(name, 'ping', '["a"]');
      const { outcome, events } = call;
      await replaysExactly(call, name);
      assert.deepEqual(JSON.parse(outcome.result ?? 'null'), results);
      const told = ofKind(events(), 'diagnosis');
      assert.ok(told.length > 0);
      for (const { diagnosis, message } of told) {
        assert.equal(diagnosis, 'host-panic');
        assert.match(
          message,
          /^\w+\(.*\), called by (function `.+`|the plugin), has a pointer or length outside the plugin's memory/,
        );
      }
      const marked = ofKind(events(), 'syscall').filter(({ flags }) => flags.hostWouldPanic).length;
      assert.equal(marked, results.filter((errno) => errno === 21).length);
    });
});

/** The time that tracing-subscriber puts before a line; and production's log goes without the blanks at a line's end. */
const logLines = (lines: readonly string[]): string[] =>
  lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z +/, '').trimEnd());

/** Messages that the host reads, in the words of expected.json. */
const courseOf = (call: EndedCall): string[] =>
  ofKind(call.events(), 'rpc').flatMap(({ dir, bytes, unread }) => {
    if (unread) return [];
    const message = classifyBytes(bytes);
    if (message.type === 'invalid') return [];
    const kind = message.type === 'response' ? 'response' : message.type;
    return [[dir, kind, message.id, ...(message.type === 'request' ? [message.method] : [])].join(' ')];
  });

/** What hangs is given so many ms; more, where the machine is so busy that the call does not come to its hang in that time. */
const HANG = [600, 3000, 12_000];

async function comesOutAs(expected: Observation, one: Expectation, name: string, replays: boolean): Promise<void> {
  for (const wallMs of expected.hang ? HANG : [])
    try {
      return await comesOutIn(wallMs, expected, one, name, replays);
    } catch (error) {
      if (wallMs === HANG.at(-1)) throw error;
    }
  await comesOutIn(undefined, expected, one, name, replays);
}

async function comesOutIn(
  wallMs: number | undefined,
  expected: Observation,
  one: Expectation,
  name: string,
  replays: boolean,
): Promise<void> {
  const { mocks = {}, delay = 0, never = [] } = one.host ?? {};
  const results = Object.fromEntries(Object.entries(mocks).map(([method, result]) => [method, JSON.stringify(result)]));
  const call = await runCall(name, one.method, serdeText(one.params), {
    // a busy machine may be slower than the guest's timer: virtual time is not, and a host that must be the later one is so by far
    host: echoHost({ delay: 10 * delay, never, results }),
    ...(delay === 0 ? { clock: VIRTUAL } : {}),
    limits: wallMs === undefined ? {} : { wallMs },
  });
  const { outcome } = call;
  const course = courseOf(call);
  if (replays) await replaysExactly(call, name);
  if (expected.hang) assert.ok(didNotEnd(outcome), JSON.stringify(outcome));
  else if (expected.result !== undefined) {
    assert.equal(outcome.kind, 'result', outcome.fault?.message);
    if (one.varies === undefined)
      assert.ok(jsonEqual(parseJson(outcome.result ?? ''), parseJson(expected.result)), outcome.result);
  } else if (outcome.kind === 'error') assert.deepEqual(outcome.error?.seenAs, expected.error);
  else assert.equal(outcome.kind, 'fault');
  if (expected.exit !== undefined) assert.equal(outcome.exitCode, expected.exit);
  if (expected.trap !== undefined && expected.notAMessage === undefined)
    assert.match(outcome.fault?.kind ?? '', /^(trap|panic)$/, JSON.stringify(outcome));
  if (expected.notAMessage !== undefined) {
    const invalid = ofKind(call.events(), 'rpc').find(({ bytes }) => classifyBytes(bytes).type === 'invalid');
    assert.equal(invalid?.line, expected.notAMessage);
  } else if (!expected.hang && delay === 0) assert.deepEqual([...course].sort(), [...expected.messages].sort());
  if (one.varies === undefined && one.method !== 'invalid_utf8')
    assert.deepEqual(
      logLines(outcome.stderr),
      expected.stderr.map((line) => line.trimEnd()),
    );
}

for (const plugin of ['rust-pdk.release', 'c-minimal', 'hello'])
  describe(plugin, TWO_AT_ONCE, () => {
    const methods = new Set<string>();
    for (const one of readExpected()) {
      if (!plugin.startsWith(one.plugin)) continue;
      // one call of each method is replayed
      const first = !methods.has(one.method);
      methods.add(one.method);
      const host = one.host === undefined ? '' : `, host ${JSON.stringify(one.host)}`;
      it(
        `E3: ${first ? 'R3: ' : ''}${one.method} ${one.params.slice(0, 100)}${host} comes out as in production${first ? ', and its replay is exact' : ''}`,
        needs(plugin),
        () => comesOutAs(one.production, one, plugin, first),
      );
    }
  });

describe('rust-pdk.debug', TWO_AT_ONCE, () => {
  for (const one of readExpected()) {
    const { debug } = one;
    if (debug === undefined) continue;
    it(`E3: E8: ${one.method} ${one.params} comes out as the debug build in production`, needs('rust-pdk.debug'), () =>
      comesOutAs(debug, one, 'rust-pdk.debug', false),
    );
  }
});
