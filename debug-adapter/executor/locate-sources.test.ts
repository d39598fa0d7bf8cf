import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALL_MINE, type SourceChoices } from '../source/files.ts';
import type { SourceDisk } from '../source/source-search.ts';
import { othersFirst } from '../transcript/turns.ts';
import { locateSources } from './locate-sources.ts';

const NOTHING = { found: [], notices: [] };
const FOLDERS: SourceChoices = { ...ALL_MINE, folders: ['/here'] };
/** Very many files of the author's own, of which none is here. */
const MANY = Array.from({ length: 1000 }, (_, n) => `/ci/a/b/c/d/e/f/file${n}.rs`);
const asked = (written: readonly string[]) => ({
  written,
  lines: new Uint32Array(written.length),
  compiler: undefined,
});

/** Counts what it is asked, and answers as it is told. */
class CountingDisk implements SourceDisk {
  readonly homes = { cargo: '/cargo', rustup: '/rustup', distributions: [] };
  asked = 0;
  readonly #answer: (path: string, asked: number) => Promise<boolean>;

  constructor(answer: (path: string, asked: number) => Promise<boolean>) {
    this.#answer = answer;
  }
  fileExists(path: string): Promise<boolean> {
    return this.#answer(path, ++this.asked);
  }
  async listFolder(): Promise<readonly string[]> {
    return [];
  }
  async readFile(): Promise<Uint8Array> {
    return new Uint8Array(0);
  }
}

const never = new AbortController().signal;
/** Gives whatever still goes on many turns. */
async function longAfter(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await othersFirst();
}

describe('looking for the files of the source', () => {
  it('S6: gives what was found', async () => {
    const disk = new CountingDisk(async (path) => path === '/here/src/lib.rs');
    const { found } = await locateSources(asked(['/ci/src/lib.rs']), FOLDERS, disk, never);
    assert.deepEqual(found, [[0, '/here/src/lib.rs']]);
  });

  it('E2: a disk that does not answer is waited for as long as was said', async () => {
    const disk = new CountingDisk(() => new Promise(() => {}));
    assert.deepEqual(await locateSources(asked(MANY), FOLDERS, disk, never, 5), NOTHING);
  });

  it('E2: a search that takes too long stops', async () => {
    const disk = new CountingDisk(async () => {
      await othersFirst();
      return false;
    });
    assert.deepEqual(await locateSources(asked(MANY), FOLDERS, disk, never, 5), NOTHING);
    const { asked: before } = disk;
    await longAfter();
    assert.equal(disk.asked, before);
    assert.ok(before < MANY.length * 8, `${before} questions`);
  });

  it('E2: a search whose call has ended stops', async () => {
    const call = new AbortController();
    const disk = new CountingDisk(async (_, count) => {
      if (count === 100) call.abort();
      await othersFirst();
      return false;
    });
    assert.deepEqual(await locateSources(asked(MANY), FOLDERS, disk, call.signal, 60_000), NOTHING);
    await longAfter();
    assert.equal(disk.asked, 100);
    // and one that ended before asks nothing
    assert.deepEqual(await locateSources(asked(MANY), FOLDERS, disk, call.signal), NOTHING);
    await longAfter();
    assert.equal(disk.asked, 100);
  });
});
