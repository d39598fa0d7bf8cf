// Reading a ZIP's directory, and telling what may be in a package from what may not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entries, strangers } from './vsix.ts';

/** A ZIP file of empty files: a central directory and its end, which is all that `entries` reads. */
function zipOf(names: readonly string[], comment = ''): Uint8Array {
  const directory = names.map((name) => {
    const entry = Buffer.alloc(46 + Buffer.byteLength(name));
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(Buffer.byteLength(name), 28);
    entry.write(name, 46);
    return entry;
  });
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(names.length, 10);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...directory, end, Buffer.from(comment)]);
}

describe('vsix', () => {
  it('lists the entries of a ZIP file, past a comment at its end too', () => {
    assert.deepEqual(entries(zipOf(['a', 'dir/ü.txt'])), ['a', 'dir/ü.txt']);
    assert.deepEqual(entries(zipOf(['a'], 'packed by hand')), ['a']);
  });

  it('says when it is not a ZIP file', () => {
    assert.throws(() => entries(new Uint8Array(100)), /Not a ZIP file/);
    assert.throws(() => entries(new Uint8Array(0)), /Not a ZIP file/);
    const cut = zipOf(['a', 'b']).slice();
    cut[0] = 0;
    assert.throws(() => entries(cut), /no directory entry at byte 0/);
  });

  it('accepts what ships', () => {
    const ships = [
      'package.json',
      'readme.md',
      'LICENSE.txt',
      'dist/extension.cjs',
      'dist/worker.mjs',
      'dist/cli.js',
      'dist/transcript.js',
      'dist/transcript.css',
      'dist/codicon.ttf',
    ];
    const names = ['[Content_Types].xml', 'extension.vsixmanifest', ...ships.map((name) => `extension/${name}`)];
    assert.deepEqual(strangers(names), []);
  });

  it('names everything else', () => {
    const wrong = [
      'extension/src/extension.ts',
      'extension/dist/extension.cjs.map',
      'extension/.env',
      'elsewhere/x.png',
    ];
    assert.deepEqual(strangers(['extension/package.json', ...wrong]), wrong);
  });
});
