// A pause shows the author's nearest line: the next one that a computing guest comes to, or one on the stack; and comes in time where there is none.
// Contracts E2, S6.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { needs } from '../testing/run-call.ts';
import { breakOn, SourceSession, type Standing } from '../testing/source-session.ts';

/** Pauses once the guest has consumed so much fuel since it ran on. */
async function paused(session: SourceSession, fuel: number): Promise<Standing> {
  const { run } = session;
  const from = run.fuel().consumed;
  while (run.state !== 'running' || run.fuel().consumed < from + fuel) {
    assert.notEqual(run.state, 'ended');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  run.pause();
  return session.standing();
}

const sieving = (test: TestContext, ...breakpoints: Parameters<typeof breakOn>[]): SourceSession =>
  SourceSession.of(
    test,
    'rust-pdk.debug',
    'prime_sieve',
    '{"limit":200000000}',
    breakpoints.map((one) => breakOn(...one)),
  );

describe('a pause of a plugin with debug information', needs('rust-pdk.debug', 'rust-views.debug'), () => {
  it('E2, S6: comes where the author computes: at a line of hers, or a library that a line of hers has called', async (test) => {
    const session = sieving(test);
    for (let round = 0; round < 5; round++) {
      const { stop, own } = await paused(session, 20_000_000);
      assert.deepEqual([stop.reason, stop.rules], ['pause', []]);
      assert.match(own?.frame.place?.path ?? '', /computation\.rs$/);
      // at a line of hers all of it is at hand
      assert.equal(stop.inCode, own?.index === 0 && stop.handed);
      session.run.resume({ until: undefined });
    }
  });

  it('S1, E2: a step that is under way is over with the pause, and the next one begins where it came', async (test) => {
    const session = sieving(test, ['rust-pdk/src/computation.rs', 'let primes = primes_up_to(params.limit);']);
    await session.standing();
    session.run.setBreakpoints([]);
    session.run.resume({ until: undefined, step: 'over', statement: true });
    const { stop, own } = await paused(session, 20_000_000);
    assert.equal(stop.reason, 'pause');
    assert.match(own?.frame.place?.path ?? '', /computation\.rs$/);
    const stepped = await session.step('over');
    assert.equal(stepped.stop.reason, 'step');
    assert.equal(stepped.own?.frame.name, own?.frame.name);
  });

  it('S6: where it waits for the host none of her code runs, and it comes at once', async (test) => {
    const mocks = JSON.stringify({ hostMethods: { echo: [{ reply: { never: true } }] } });
    const session = SourceSession.of(test, 'rust-pdk.debug', 'echo', '{"message":1}', [], { mocks });
    const { run } = session;
    const asks = (): boolean => {
      for (let seq = 0; seq < run.store.length; seq++) {
        const event = run.store.get(seq);
        if (event.kind === 'rpc' && event.dir === 'out') return true;
      }
      return false;
    };
    while (!asks()) {
      assert.notEqual(run.state, 'ended');
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    run.pause();
    let { stop } = await session.standing();
    // that it hangs may have been noticed first
    while (stop.reason !== 'pause') {
      const next = session.go({ until: undefined });
      run.pause();
      ({ stop } = await next);
      assert.notEqual(run.state, 'ended');
    }
    assert.deepEqual(
      (await run.openRequests()).filter(({ dir }) => dir === 'out').map(({ method }) => method),
      ['echo'],
    );
  });
});
