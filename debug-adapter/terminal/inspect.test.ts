// `inspect` as a process. The text is a golden file. Contract E3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertGolden } from '../testing/golden.ts';
import { needs, watNames } from '../testing/run-call.ts';
import { terminal, transcriptOf } from '../testing/terminal.ts';
import type { Inspected } from './inspect.ts';

const inspect = async (plugin: string): Promise<Inspected> => {
  const { code, stdout, stderr } = await terminal(['inspect', plugin, '--json']);
  assert.equal(stderr, '');
  assert.equal(code, 0);
  return JSON.parse(stdout) as Inspected;
};

describe('inspect', { concurrency: true }, () => {
  for (const name of ['link-missing-import', 'feature-simd', 'feature-tail-calls', 'link-no-memory'])
    it(`E3: golden/inspect-${name}.txt`, async () => {
      assert.ok(watNames.includes(name));
      const words = ['inspect', `test-plugins/out/wat/${name}.wasm`];
      assertGolden(import.meta.url, `inspect-${name}.txt`, transcriptOf(words, await terminal(words)));
    });

  it('E3: the prebuilt plugin, as JSON', async () => {
    const { imports, features, functions, faults, debug, sections, size } = await inspect(
      'test-plugins/hello/hello.wasm',
    );
    assert.ok(imports.every(({ module, inProduction }) => module === 'wasi_snapshot_preview1' && inProduction));
    assert.ok(features.every(({ accepted }) => accepted));
    assert.deepEqual(faults, []);
    assert.equal(debug.nameSection, true);
    assert.equal(
      sections.reduce((sum, { bytes }) => sum + bytes, 8),
      size,
    );
    assert.equal(functions.largest.length, 10);
    const sizes = functions.largest.map(({ bytes }) => bytes);
    assert.deepEqual(
      sizes,
      sizes.toSorted((a, b) => b - a),
    );
    const code = sections.find(({ name }) => name === 'code')?.bytes ?? 0;
    assert.ok(sizes.reduce((sum, bytes) => sum + bytes) < code);
  });

  it('E3: DWARF of a debug build', needs('rust-pdk.debug'), async () => {
    const { debug, functions } = await inspect('test-plugins/out/rust-pdk.debug.wasm');
    assert.ok(debug.dwarf.includes('.debug_info') && debug.dwarf.includes('.debug_line'));
    assert.ok(functions.defined > 5_000);
  });
});
