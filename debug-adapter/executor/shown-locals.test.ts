// Locals that are set where the guest shows them and does not take them back, at statements of the author's own: another worker, which does,
// takes over before the call runs on. Contracts R1, S4, S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endedCall, needs, replaysExactly, VIRTUAL } from '../testing/run-call.ts';
import { breakOn, SourceSession, textAt } from '../testing/source-session.ts';

const FILE = 'rust-pdk/src/computation.rs';
const STOP = 'primes.push(candidate);';
const PLUGIN = 'rust-pdk.debug';
/** The parameter `limit` of the sieve, behind that of its result: how far multiples are struck out. */
const LIMIT = 'local[1]';

/** Stands in the sieve's first round. */
async function inSieve(test: Parameters<typeof SourceSession.of>[0]): Promise<SourceSession> {
  const session = SourceSession.of(test, PLUGIN, 'prime_sieve', '{"limit":30}', [breakOn(FILE, STOP)], {
    clock: VIRTUAL,
    seed: '1',
  });
  assert.equal(textAt(await session.standing()), STOP);
  assert.equal((await session.run.evaluate(LIMIT, 0)).value, '30');
  return session;
}

/** Runs to the end; answers how many primes there are said to be, and holds a replay against it. */
async function primes({ run, problems }: SourceSession): Promise<number> {
  run.setBreakpoints([]);
  run.resume({ until: undefined });
  const outcome = await run.ended;
  assert.deepEqual(problems, []);
  await replaysExactly(endedCall(run, outcome), PLUGIN);
  const { count } = JSON.parse(outcome.result ?? '') as { count: number };
  return count;
}

describe('locals that are shown', { skip: needs(PLUGIN).skip }, () => {
  it('R1: the call goes on with what one was set to, and so does a replay', async (test) => {
    const session = await inSieve(test);
    assert.equal((await session.run.assign(LIMIT, '3', 0)).value, '3');
    assert.equal((await session.run.evaluate(LIMIT, 0)).value, '3');
    // no multiple is struck out any more
    assert.equal(await primes(session), 29);
  });

  it('S4: a step, and breakpoints, go on from it', async (test) => {
    const session = await inSieve(test);
    await session.run.assign(LIMIT, '3', 0);
    assert.equal(textAt(await session.step('over')), 'let mut multiple = candidate.saturating_mul(candidate);');
    assert.equal((await session.run.evaluate(LIMIT, 0)).value, '3');
    assert.equal(textAt(await session.go({ until: undefined })), STOP);
    assert.equal((await session.run.evaluate('candidate', 0)).value, '3');
    assert.equal((await session.run.evaluate(LIMIT, 0)).value, '3');
    await session.run.assign(LIMIT, '30', 0);
    // multiples of 3 and of 5 are, those of 2 were not
    assert.equal(await primes(session), 17);
  });

  it('S4: also where the call is to run on before the answer is there', async (test) => {
    const session = await inSieve(test);
    const set = session.run.assign(LIMIT, '3', 0);
    const count = primes(session);
    assert.equal((await set).value, '3');
    assert.equal(await count, 29);
  });
});
