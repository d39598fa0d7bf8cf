// The mock file that a launch names, with all that it includes: read, and checked, in short turns, since ten thousand rules take longer than the
// extension host's main thread may be held up. Contract E2.
import { checkMockSet, gatherMocks, type MockSources, mockSetInTurns } from '../mocks/mock-set.ts';
import { othersFirst, TURN_MS } from '../transcript/turns.ts';
import type { SessionEngine } from './session-run.ts';

/** @throws Error with a sentence where a file can't be read, and MocksError where it has an error: a broken file is a launch that fails */
export async function readLaunchMocks(
  engine: Pick<SessionEngine, 'readFile' | 'now'>,
  path: string,
): Promise<MockSources> {
  const read = async (path: string): Promise<string> =>
    new TextDecoder().decode(await engine.readFile(path, 'The mock file'));
  const mocks = await gatherMocks({ name: path, text: await read(path) }, read);
  await othersFirst();
  const turns = { turn: TURN_MS, now: () => engine.now(), rest: othersFirst, isStale: () => false };
  const set = await mockSetInTurns(mocks, turns);
  if (set !== undefined) checkMockSet(set);
  return mocks;
}
