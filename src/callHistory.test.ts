// What is remembered of calls, and in which order it comes back.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CallHistory, type Memory } from './callHistory.ts';

function memory(initial?: unknown): Memory {
  let kept = initial;
  return {
    get: () => kept,
    update: async (_key, value) => {
      kept = structuredClone(value);
    },
  };
}

describe('call history', () => {
  it('gives methods back most recent first, each plugin for itself', async () => {
    const history = new CallHistory(memory());
    await history.remember('a', 'ping', 'null');
    await history.remember('b', 'pong', '{}');
    await history.remember('a', 'echo', '{"n":1}');
    await history.remember('a', 'ping', '[1]');
    assert.deepEqual(history.methods('a'), ['ping', 'echo']);
    assert.deepEqual(history.methods('b'), ['pong']);
    assert.equal(history.params('a', 'ping'), '[1]');
    assert.equal(history.params('a', 'echo'), '{"n":1}');
    assert.equal(history.params('b', 'echo'), undefined);
  });

  it('P2: params keep every digit', async () => {
    const history = new CallHistory(memory());
    await history.remember('a', 'ids', '{"id":18446744073709551615}');
    assert.equal(history.params('a', 'ids'), '{"id":18446744073709551615}');
  });

  it('knows the plugin that was called last, of those that are there', async () => {
    const history = new CallHistory(memory());
    await history.remember('a', 'x', '1');
    await history.remember('gone', 'x', '1');
    assert.equal(history.lastPlugin(['b', 'a']), 'a');
    assert.equal(history.lastPlugin(['b']), undefined);
  });

  it('forgets the oldest methods of a plugin, not those of others', async () => {
    const history = new CallHistory(memory());
    await history.remember('other', 'kept', '1');
    for (let i = 0; i < 70; i++) await history.remember('a', `m${i}`, '1');
    assert.equal(history.methods('a').length, 50);
    assert.equal(history.methods('a')[0], 'm69');
    assert.deepEqual(history.methods('other'), ['kept']);
  });

  it('is not upset by what an older version kept', () => {
    assert.deepEqual(new CallHistory(memory({ calls: 1 })).methods('a'), []);
    assert.deepEqual(
      new CallHistory(memory([null, 1, { plugin: 'a' }, { plugin: 'a', method: 'm', params: '1' }])).methods('a'),
      ['m'],
    );
  });
});
