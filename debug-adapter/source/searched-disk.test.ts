import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { neverLate, watchTimers } from '../testing/lateness.ts';
import { othersFirst } from '../transcript/turns.ts';
import { MOST_AT_ONCE, SearchedDisk, type SourceDisk } from './searched-disk.ts';

const HOMES = { cargo: '/cargo', rustup: '/rustup', distributions: [] };

/** A disk whose files are these, and that keeps whoever asks waiting for a turn. */
class SlowDisk implements SourceDisk {
  readonly homes = HOMES;
  readonly files: Readonly<Record<string, Uint8Array>>;
  asked = 0;
  atOnce = 0;
  mostAtOnce = 0;

  constructor(files: Readonly<Record<string, Uint8Array>> = {}) {
    this.files = files;
  }

  async #answer<T>(answer: T): Promise<T> {
    this.asked++;
    this.atOnce++;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    await othersFirst();
    this.atOnce--;
    return answer;
  }

  fileExists(path: string): Promise<boolean> {
    return this.#answer(path in this.files);
  }
  listFolder(): Promise<readonly string[]> {
    return this.#answer([]);
  }
  async readFile(path: string): Promise<Uint8Array> {
    const bytes = await this.#answer(this.files[path]);
    if (bytes === undefined || path.endsWith('.locked')) throw new Error('EACCES');
    return bytes;
  }
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

describe('the disk as a search asks it', () => {
  it('S6: a file has as many lines as it has line feeds, and one more', async () => {
    const disk = new SearchedDisk(
      new SlowDisk({
        '/empty': text(''),
        '/three': text('1\n2\n3'),
        '/four': text('1\n2\n3\n'),
        '/x.locked': text('\n'),
      }),
    );
    for (const [file, lines, has] of [
      ['/empty', 0, true],
      ['/empty', 1, true],
      ['/empty', 2, false],
      ['/three', 3, true],
      ['/three', 4, false],
      ['/four', 4, true],
      ['/four', 5, false],
      ['/x.locked', 1, true],
      ['/x.locked', 2, false],
      ['/gone', 0, false],
    ] as const)
      assert.equal(await disk.hasLines(file, lines), has, `${file} has ${lines}`);
    assert.equal(await disk.text('/three'), '1\n2\n3');
    assert.equal(await disk.text('/x.locked'), '');
    assert.equal(await disk.text('/gone'), '');
  });

  it('E2: is asked a few things at once, and nothing twice', async () => {
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`/${n}`, text('1\n2\n')]));
    const slow = new SlowDisk(files);
    const disk = new SearchedDisk(slow);
    const paths = Object.keys(files);
    const found = await Promise.all([
      ...paths.map((path) => disk.hasLines(path, 2)),
      ...paths.map((path) => disk.exists(path)),
      disk.listFolder('/'),
    ]);
    assert.deepEqual(new Set(found.slice(0, 200)), new Set([true]));
    assert.equal(slow.mostAtOnce, MOST_AT_ONCE);
    // whether each is there, what each says, and the folder
    assert.equal(slow.asked, 201);
  });

  it('E2: no file is so long that its lines hold up the thread, nor are several together', async (t) => {
    // as a generator writes them; no two lines at the same place of a stretch
    const long = new Uint8Array(40_000_000).fill(0x20);
    let lines = 1;
    for (let at = 30; at < long.length; at += 31, lines++) long[at] = 10;
    const files = Object.fromEntries(Array.from({ length: 4 }, (_, n) => [`/${n}`, long]));
    await neverLate(t, async () => {
      const disk = new SearchedDisk(new SlowDisk(files));
      const watch = watchTimers();
      const all = Object.keys(files).flatMap((path) => [disk.hasLines(path, lines), disk.hasLines(path, lines + 1)]);
      const found = await Promise.all(all);
      const late = watch.stop();
      assert.deepEqual(
        found,
        Object.keys(files).flatMap(() => [true, false]),
      );
      return late;
    });
  });

  it('E2: is asked nothing any more when the search is over', async () => {
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`/${n}`, text('1\n2\n')]));
    const slow = new SlowDisk(files);
    const search = new AbortController();
    const disk = new SearchedDisk(slow, search.signal);
    const asked = Promise.allSettled(Object.keys(files).map((path) => disk.hasLines(path, 2)));
    search.abort(new Error('over'));
    const answers = await asked;
    assert.ok(slow.asked <= MOST_AT_ONCE, `${slow.asked} questions`);
    for (const answer of answers) assert.match(answer.status === 'rejected' ? String(answer.reason) : '', /over/);
    await assert.rejects(disk.exists('/another'), /over/);
    await assert.rejects(disk.listFolder('/'), /over/);
  });

  it('E2: a long file is left in the middle when the search is over', async () => {
    const search = new AbortController();
    const disk = new SearchedDisk(new SlowDisk({ '/long': new Uint8Array(100_000_000) }), search.signal);
    assert.equal(await disk.exists('/long'), true);
    const counted = disk.hasLines('/long', 2);
    // it is read, and begun
    for (let turn = 0; turn < 3; turn++) await othersFirst();
    search.abort(new Error('over'));
    await assert.rejects(counted, /over/);
  });
});
