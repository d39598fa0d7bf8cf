// The moments of a recording's events: the same under every plan, never going back, and each one where a run can be stopped. Contract I2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chance } from '../testing/chance.ts';
import { drive } from '../testing/drive.ts';
import { needs, type Plugin, replayText, runCall, startCall, VIRTUAL } from '../testing/run-call.ts';
import { stopRule } from '../testing/stop-rule.ts';
import { NO_SITES, type PlanChoice } from './options.ts';

const PLANS: Record<string, PlanChoice> = {
  'no sites': NO_SITES,
  'entries, stores watched, blocks counted': { ...NO_SITES, entries: true, watch: true, blockCounts: true },
  'every instruction of the first functions': { ...NO_SITES, functions: [20, 21, 22, 40, 60] },
};

const ECHO = '{"hostMethods":{"echo":[{"reply":{"result":{"$param":""}}}]}}';

const CALLS: readonly (readonly [plugin: Plugin, method: string, params: string])[] = [
  ['hello', 'greet', '{"name":"Ada"}'],
  ['rust-pdk.release', 'many_echo', '{"count":20}'],
  ['rust-pdk.release', 'panic', 'null'],
  ['rust-pdk.debug', 'echo', '{"message":"x"}'],
  ['rust-pdk.debug', 'prime_sieve', '{"limit":2000}'],
  [chance, 'go', '[1]'],
];

describe('moments of events', () => {
  for (const [plugin, method, params] of CALLS) {
    const name = typeof plugin === 'string' ? plugin : 'chance';
    it(
      `I2: ${name} ${method}: the same under every plan`,
      typeof plugin === 'string' ? needs(plugin as 'hello') : {},
      async () => {
        // answered within the worker: how often a plugin polls while a host beside it takes its time is never the same
        const options = { clock: VIRTUAL, seed: '7', mocks: ECHO, slice: 30_000 };
        const call = await runCall(plugin, method, params, options);
        const found: Record<string, number[]> = {};
        for (const [plan, choice] of Object.entries(PLANS)) {
          const replayed = await replayText(call.recordingText, plugin, { moments: true, plan: choice });
          assert.equal(replayed.divergence, undefined);
          found[plan] = [...(replayed.run.moments ?? [])];
        }
        const [first = []] = Object.values(found);
        for (const [plan, moments] of Object.entries(found)) assert.deepEqual(moments, first, plan);
        assert.equal(first.length, call.run.store.length);
        for (let seq = 1; seq < first.length; seq++)
          assert.ok((first[seq] ?? 0) >= (first[seq - 1] ?? 0), `event ${seq}`);
        assert.ok((first.at(-1) ?? 0) > 1000);
        // A live run stands at the same moments. A stop parts yields in a row, so events are counted without those.
        const dated = first.filter((_, seq) => call.run.store.kind(seq) !== 'yield');
        const driven = drive(
          startCall(plugin, method, params, {
            ...options,
            debug: true,
            rules: [stopRule('rpc'), stopRule('syscall')],
          }),
        );
        const { store } = driven.run;
        try {
          for (let stops = 0; stops < 25; stops++) {
            const stop = await driven[stops === 0 ? 'stop' : 'on']().catch(() => undefined);
            if (stop === undefined) break;
            if (stop.reason !== 'event' || store.kind(stop.seq) === 'yield') continue;
            let rank = 0;
            for (let seq = 0; seq < stop.seq; seq++) if (store.kind(seq) !== 'yield') rank++;
            assert.equal(stop.moment, dated[rank], `at event ${stop.seq}`);
          }
        } finally {
          await driven.run.terminate();
        }
      },
    );
  }
});
