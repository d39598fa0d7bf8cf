// Old modules are found by file times, and only the files that matter are looked at.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freshness, ruleDependencies, sourceDirectory, staleSentence } from './staleness.ts';

describe('staleness', () => {
  let root: string;
  before(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'stale-'));
  });
  after(() => fs.rmSync(root, { recursive: true, force: true }));

  /** A file that was written `minutes` after a fixed time. */
  function write(name: string, minutes: number): string {
    const file = path.join(root, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, name);
    const time = new Date(Date.UTC(2024, 0, 1, 0, minutes));
    fs.utimesSync(file, time, time);
    return file;
  }

  it('finds the crate that owns the target directory', () => {
    const join = (...parts: string[]) => path.sep + path.join(...parts);
    assert.equal(sourceDirectory(join('w', 'a', 'target', 'wasm32-wasip1', 'debug', 'a.wasm')), join('w', 'a'));
    assert.equal(sourceDirectory(join('w', 'z', 'zig-out', 'bin', 'a.wasm')), join('w', 'z'));
    assert.equal(sourceDirectory(join('w', 'c', 'out', 'a.wasm')), join('w', 'c'));
    assert.equal(sourceDirectory(join('w', 'c', 'a.wasm')), join('w', 'c'));
  });

  it('a module newer than all sources is fresh, whatever else changed', async () => {
    const module = write('a/target/wasm32-wasip1/debug/a.wasm', 10);
    write('a/src/main.rs', 5);
    write('a/Cargo.toml', 5);
    write('a/README.md', 20);
    write('a/target/debug/build/x/generated.rs', 20);
    write('a/.git/x.rs', 20);
    assert.deepEqual(await freshness(module), { kind: 'fresh' });
  });

  it('a source or manifest that changed later makes it stale, and is named', async () => {
    const module = write('b/target/wasm32-wasip1/debug/b.wasm', 10);
    write('b/src/main.rs', 11);
    write('b/src/deep/er/newest.rs', 12);
    const stale = await freshness(module);
    assert.equal(stale.kind, 'stale');
    assert.ok(stale.kind === 'stale');
    assert.equal(
      staleSentence(module, stale, path.join(root, 'b')).replaceAll('\\', '/'),
      'src/deep/er/newest.rs is newer than target/wasm32-wasip1/debug/b.wasm, so the plugin would run without your last changes.',
    );
    write('b/Cargo.toml', 13);
    const again = await freshness(module);
    assert.equal(again.kind === 'stale' && path.basename(again.source), 'Cargo.toml');
  });

  it("believes cargo's own list of sources, and their manifests", async () => {
    const module = write('w/target/wasm32-wasip1/debug/c.wasm', 10);
    const sources = [write('w/c/src/main.rs', 5), write('w/shared lib/src/lib.rs', 6)];
    write('w/other/src/main.rs', 20);
    assert.equal((await freshness(module)).kind, 'stale');
    const rule = `${module}: ${sources.map((file) => file.replaceAll(' ', '\\ ')).join(' ')}\n`;
    fs.writeFileSync(module.replace('.wasm', '.d'), rule);
    assert.deepEqual(ruleDependencies(rule), sources);
    assert.equal((await freshness(module)).kind, 'fresh');
    write('w/shared lib/Cargo.toml', 11);
    const stale = await freshness(module);
    assert.equal(stale.kind === 'stale' && stale.source, path.join(root, 'w/shared lib/Cargo.toml'));
  });

  it('reads rules of Windows and of nothing', () => {
    assert.deepEqual(ruleDependencies('C:\\w\\a.wasm: C:\\w\\src\\a\\ b.rs C:\\c.rs'), [
      'C:\\w\\src\\a b.rs',
      'C:\\c.rs',
    ]);
    assert.deepEqual(ruleDependencies('a.wasm:'), []);
    assert.deepEqual(ruleDependencies(''), []);
  });

  it('a module that is not there is missing, not stale', async () => {
    assert.deepEqual(await freshness(path.join(root, 'none', 'x.wasm')), { kind: 'missing' });
    assert.deepEqual(await freshness(root), { kind: 'missing' });
  });
});
