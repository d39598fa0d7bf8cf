// The layers as check-rooms.ts sees them, on hand-made files.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { breaches, ROOMS } from './check-rooms.ts';

describe('check-rooms', () => {
  it('lets a room import the rooms before it, its own files and packages', () => {
    const text = `import { a } from '../wasm/reader.ts';
import type { B } from './b.ts';
import fs from 'node:fs';
import { x } from '@vscode/debugadapter';
const later = await import('../fuel/costs.ts');`;
    assert.deepEqual(breaches('debug-adapter/executor/run.ts', text), []);
  });

  it('names both rooms when one imports a later one', () => {
    const [breach, ...rest] = breaches('debug-adapter/wasm/reader.ts', `import { x } from '../executor/run.ts';`);
    assert.match(
      breach ?? '',
      /debug-adapter\/wasm\/reader\.ts imports debug-adapter\/executor\/run\.ts: 'wasm' stands before 'executor'/,
    );
    assert.deepEqual(rest, []);
  });

  for (const [what, text] of Object.entries({
    'a static import': `import { x } from '../session/x.ts';`,
    'an export from': `export { x } from '../session/x.ts';`,
    'a dynamic import': `await import('../session/x.ts');`,
    'a bare import': `import '../session/x.ts';`,
    'a require': `require('../session/x.ts');`,
    'a worker URL': `new URL('../session/x.ts', import.meta.url);`,
  }))
    it(`sees ${what}`, () => assert.equal(breaches('debug-adapter/rpc/x.ts', text).length, 1));

  it('refuses vscode everywhere in debug-adapter/, the files beside the rooms included', () => {
    for (const file of ['debug-adapter/session/s.ts', 'debug-adapter/server.ts'])
      assert.match(breaches(file, `import * as vscode from 'vscode';`)[0] ?? '', /knows nothing of VS Code/);
  });

  it('refuses files outside debug-adapter/, save test-plugins/, and scripts/ in a test', () => {
    assert.equal(breaches('debug-adapter/rpc/x.ts', `import '../../src/x.ts';`).length, 1);
    assert.equal(breaches('debug-adapter/rpc/x.ts', `import '../../test-plugins/paths.ts';`).length, 0);
    assert.equal(breaches('debug-adapter/rpc/x.test.ts', `import '../../scripts/x.ts';`).length, 0);
  });

  it('lets the entries, and no room, read package.json', () => {
    const text = `import manifest from '../package.json' with { type: 'json' };`;
    assert.deepEqual(breaches('debug-adapter/cli.ts', text), []);
    assert.equal(breaches('debug-adapter/terminal/main.ts', text.replace('../', '../../')).length, 1);
  });

  it('names a room that is not in the list', () => {
    assert.match(breaches('debug-adapter/rpc/x.ts', `import '../attic/x.ts';`)[0] ?? '', /'attic' is not in the list/);
  });

  it('leaves src/ alone', () => {
    assert.deepEqual(
      breaches('src/extension.ts', `import * as vscode from 'vscode'; import '../debug-adapter/session/s.ts';`),
      [],
    );
  });

  it('lets the files beside the rooms import any room', () => {
    for (const room of ROOMS) assert.deepEqual(breaches('debug-adapter/cli.ts', `import './${room}/x.ts';`), []);
  });
});
