// 200 random seeds: calls that draw random bytes and do what these say, ask the host, read the clock, sleep and grow, under slices of all
// sizes, each recorded and replayed. Contracts R3, E7.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chance } from '../testing/chance.ts';
import { echoHost, needs, type Plugin, replaysExactly, runCall, VIRTUAL } from '../testing/run-call.ts';

const MOCKS = JSON.stringify({ get_user: { display_name: 'Ada Lovelace', utc_offset_hours: 3 }, log: null });

/** Runs `count` seeds, two at a time, and replays each. @returns how many different results there were. */
async function seeds(count: number, plugin: Plugin, method: string, params: string): Promise<number> {
  const results = new Set<string>();
  const first = Math.floor(Math.random() * 2 ** 40);
  const one = async (n: number): Promise<void> => {
    const seed = String(first + n);
    const slice = 1 + ((n * 7919) % 200_000);
    const clock = n % 2 === 0 ? VIRTUAL : ({ kind: 'real' } as const);
    const call = await runCall(plugin, method, params, { seed, slice, clock, mocks: MOCKS, host: echoHost() });
    const told = `seed ${seed}, slice ${slice}, ${clock.kind} clock`;
    assert.equal(call.outcome.kind, 'result', `${told}: ${call.outcome.fault?.message}`);
    results.add(call.outcome.result ?? '');
    await replaysExactly(call, plugin).catch((error: Error) => assert.fail(`${told}: ${error.message.slice(0, 2000)}`));
  };
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await one(next++);
  };
  await Promise.all([lane(), lane()]);
  return results.size;
}

describe('random seeds', () => {
  it('R3, E7: 150 of them, of a plugin that does by chance what plugins do', async () => {
    assert.equal(await seeds(150, chance, 'go', '[1]'), 150);
  });
  it('R3, E7: 30 of hello, which greets', async () => {
    assert.ok((await seeds(30, 'hello', 'greet', '{"name":"Ada"}')) > 1);
  });
  it('R3, E7: 20 of rust-pdk, which gives random bytes', needs('rust-pdk.release'), async () => {
    assert.equal(await seeds(20, 'rust-pdk.release', 'random', '{"bytes":2000}'), 20);
  });
});
