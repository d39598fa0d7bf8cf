import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseModule } from '../wasm/module.ts';
import { rustCompilerOf } from './compiler.ts';
import { whyNoSource } from './no-source.ts';

const ascii = (text: string): number[] => [text.length, ...Buffer.from(text)];
const custom = (name: string, content: readonly number[]): number[] => {
  const body = [...ascii(name), ...content];
  return [0, (body.length & 0x7f) | 0x80, body.length >>> 7, ...body];
};
const moduleOf = (...sections: readonly number[][]) =>
  parseModule(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]));
const producers = (fields: Readonly<Record<string, readonly (readonly [string, string])[]>>): number[] =>
  custom('producers', [
    Object.keys(fields).length,
    ...Object.entries(fields).flatMap(([field, values]) => [
      ...ascii(field),
      values.length,
      ...values.flatMap(([name, version]) => [...ascii(name), ...ascii(version)]),
    ]),
  ]);
const NAMES = custom('name', []);

describe('a plugin without lines', () => {
  it('S6: says how its language is built with them', () => {
    const rust = producers({
      language: [
        ['C11', ''],
        ['Rust', ''],
      ],
    });
    assert.equal(
      whyNoSource(moduleOf(NAMES, rust)),
      'This plugin has no debug information, so its lines are not known: build it with it (cargo build without --release, or debug = true in the profile), and do not strip it.',
    );
    assert.match(whyNoSource(moduleOf(NAMES, producers({ language: [['C99', '']] }))), / \(clang -g\), /);
    const both = / \(cargo build without --release, or debug = true in the profile; clang -g\), /;
    assert.match(whyNoSource(moduleOf(NAMES, producers({ language: [['Zig', '']] }))), both);
    assert.match(whyNoSource(moduleOf(NAMES)), both);
  });

  it('S6: one that was stripped, has its lines elsewhere, as a source map, or damaged, says that', () => {
    assert.match(
      whyNoSource(moduleOf()),
      /^This plugin was stripped .* strip = true in the profile, .*wasm-opt without -g\.$/,
    );
    const external = custom('external_debug_info', ascii('app.debug.wasm'));
    assert.match(whyNoSource(moduleOf(external)), /is in another file \(app\.debug\.wasm\), which is not read/);
    const map = custom('sourceMappingURL', ascii('./app.wasm.map'));
    assert.match(whyNoSource(moduleOf(map)), /is a source map \(\.\/app\.wasm\.map\), which is not read/);
    assert.match(whyNoSource(moduleOf(NAMES, custom('.debug_info', [1, 2]))), /has no lines that can be read/);
  });

  it('the compiler is known from the same section, whatever the length of its version', () => {
    const of = (version: string) => rustCompilerOf(moduleOf(producers({ 'processed-by': [['rustc', version]] })));
    assert.deepEqual(of('1.95.0 (59807616e 2026-04-14)'), { version: '1.95.0', commit: '59807616e' });
    assert.deepEqual(of('1.97.0-nightly (e50aa6fba 2026-05-19)'), { version: '1.97.0-nightly', commit: 'e50aa6fba' });
    for (let more = 0; more < 60; more++)
      assert.deepEqual(of(`1.85.0 (4d91de4e4 2025-02-17)${' '.repeat(more)}`), {
        version: '1.85.0',
        commit: '4d91de4e4',
      });
    assert.deepEqual(of('1.95.0'), { version: '1.95.0', commit: '' });
    assert.equal(rustCompilerOf(moduleOf(producers({ 'processed-by': [['clang', '22.1.8']] }))), undefined);
    assert.equal(rustCompilerOf(moduleOf()), undefined);
  });

  it('whatever is in these sections, there is one sentence', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('producers', 'external_debug_info', 'sourceMappingURL', 'name'),
        fc.uint8Array({ maxLength: 100 }),
        (name, content) => {
          const module = moduleOf(custom(name, [...content]));
          assert.match(whyNoSource(module), /^T.*\.$/s);
          rustCompilerOf(module);
        },
      ),
    );
  });
});
