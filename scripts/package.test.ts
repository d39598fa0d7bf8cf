// What vsce would pack of this very checkout, by .vscodeignore, without building.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { listFiles, PackageManager } from '@vscode/vsce';
import { strangers } from './vsix.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

describe('the package', () => {
  it('takes in nothing but what is allowed', async () => {
    const files = (await listFiles({ cwd: root, packageManager: PackageManager.None })).map((file) =>
      file.replaceAll('\\', '/'),
    );
    assert.ok(files.includes('package.json') && files.includes('README.md'), files.join(', '));
    assert.deepEqual(strangers(files.map((file) => `extension/${file}`)), []);
  });
});
