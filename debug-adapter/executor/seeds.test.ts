// 200 random seeds: calls that roll dice, ask the host and read the clock, under slices of all sizes, each recorded and replayed. Needs the
// prebuilt plugin only. Contracts R3, E7.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { replayText, runCall, VIRTUAL } from '../testing/run-call.ts';

const SEEDS = 200;
const MOCKS = JSON.stringify({ get_user: { display_name: 'Ada Lovelace', utc_offset_hours: 3 }, log: null });

describe('random seeds', { timeout: 400_000 }, () => {
  it(`R3, E7: ${SEEDS} of them replay exactly, on either clock, under any slice`, async () => {
    const results = new Set<string>();
    const first = Math.floor(Math.random() * 2 ** 40);
    const one = async (n: number): Promise<void> => {
      const seed = String(first + n);
      const [method, params] = n % 2 === 0 ? ['greet', '{"name":"Ada"}'] : ['roll', '{"dice":20}'];
      const slice = 1 + ((n * 7919) % 200_000);
      const clock = n % 4 < 2 ? VIRTUAL : ({ kind: 'real' } as const);
      const ended = await runCall('hello', method ?? '', params, { seed, slice, clock, mocks: MOCKS });
      assert.equal(ended.outcome.kind, 'result', `seed ${seed}`);
      results.add(ended.outcome.result ?? '');
      const replayed = await replayText(ended.recordingText, 'hello');
      assert.equal(replayed.divergence, undefined, `seed ${seed}, slice ${slice}: ${replayed.divergence?.message}`);
      assert.equal(replayed.outcome.result, ended.outcome.result, `seed ${seed}`);
      assert.equal(replayed.outcome.fuel.consumed, ended.outcome.fuel.consumed, `seed ${seed}`);
    };
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < SEEDS) await one(next++);
    };
    await Promise.all([lane(), lane()]);
    assert.ok(results.size > SEEDS / 2, `seeds make a difference: ${results.size} results`);
  });
});
