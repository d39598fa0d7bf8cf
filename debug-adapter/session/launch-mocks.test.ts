// The mock file of a launch: in turns however many rules it has, and refused with its first error. Contract E2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MocksError } from '../mocks/problems.ts';
import { readLaunchMocks } from './launch-mocks.ts';

/** An engine whose clock goes on by a ms whenever somebody looks. */
function engine(files: Readonly<Record<string, string>>) {
  let now = 0;
  return {
    now: () => now++,
    readFile: async (path: string): Promise<Uint8Array<ArrayBuffer>> => {
      const text = files[path];
      if (text === undefined) throw new Error(`${path} can't be read.`);
      return new TextEncoder().encode(text);
    },
  };
}

describe('the mock file of a launch', () => {
  it('E2: others have their turn while ten thousand rules are read', async () => {
    const rules = Array.from({ length: 10_000 }, (_, i) => ({
      when: { params: { id: i, text: { $regex: `^${i}` } } },
      reply: { result: { id: { $param: 'id' } } },
    }));
    let turns = 0;
    let counting = true;
    const count = (): void => {
      turns++;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
    const mocks = await readLaunchMocks(
      engine({ 'm.json': JSON.stringify({ hostMethods: { echo: rules } }) }),
      'm.json',
    );
    counting = false;
    assert.equal(mocks.name, 'm.json');
    // a look at the clock every 16 rules, and a turn is over after 8 looks
    assert.ok(turns > 50, `${turns}`);
  });

  it('what it includes comes along; an error is the refusal', async () => {
    const files = {
      'a/m.json': '{ "include": ["../b.json"], "hostMethods": {} }',
      'b.json': '{ "echo": 1 }',
      'bad.json': '{ "hostMethods": { "echo": [{ "reply": 1 }] } }',
      'self.json': '{ "include": ["self.json"], "hostMethods": {} }',
    };
    assert.deepEqual((await readLaunchMocks(engine(files), 'a/m.json')).included, [
      { name: 'b.json', text: files['b.json'] },
    ]);
    await assert.rejects(readLaunchMocks(engine(files), 'bad.json'), MocksError);
    await assert.rejects(readLaunchMocks(engine(files), 'self.json'), /includes itself/);
    await assert.rejects(readLaunchMocks(engine(files), 'none.json'), /^Error: none\.json can't be read\.$/);
  });
});
