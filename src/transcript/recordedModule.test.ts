// The module of a recording, found on disk.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { recordedModule } from './recordedModule.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-module-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));
const inFolder = (name: string) => path.join(folder, name);
fs.mkdirSync(inFolder('out'));
fs.writeFileSync(inFolder('out/a.wasm'), '');
fs.writeFileSync(inFolder('b.wasm'), '');

describe('the module of a recording', () => {
  const find = (named?: string) =>
    recordedModule(
      { module: { sha256: '', bytes: 0, ...(named === undefined ? {} : { path: named }) } },
      inFolder('r.jsonl'),
    );

  it('is where the recording says, from its folder, or beside it', async () => {
    assert.equal(await find('out/a.wasm'), inFolder('out/a.wasm'));
    assert.equal(await find(inFolder('out/a.wasm')), inFolder('out/a.wasm'));
    assert.equal(await find('/elsewhere/b.wasm'), inFolder('b.wasm'));
    assert.equal(await find('C:\\elsewhere\\b.wasm'), inFolder('b.wasm'));
  });

  it('where it is nowhere, the place is told; a folder is no module', async () => {
    assert.equal(await find('/elsewhere/c.wasm'), '/elsewhere/c.wasm');
    assert.equal(await find('out'), inFolder('out'));
    assert.equal(await find(), undefined);
    assert.equal(await find(''), undefined);
  });

  it('another machine’s share is not looked for, nor a URL', async () => {
    for (const named of ['\\\\host\\share\\c.wasm', '//host/share/c.wasm', 'file:///c.wasm', 'https://host/c.wasm'])
      assert.equal(await find(named), undefined, named);
    assert.equal(await find('\\\\host\\share\\b.wasm'), inFolder('b.wasm'));
  });
});
