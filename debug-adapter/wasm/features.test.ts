// What production refuses before the first instruction: UPSTREAM.md "Before the first instruction", case by case. (E3)
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wat } from '../testing/wat.ts';
import { featuresUsed } from './feature-scan.ts';
import { checkProduction, PRODUCTION, PRODUCTION_IMPORTS } from './features.ts';
import { parseModule } from './module.ts';
import { FEATURES } from './opcodes.ts';

const OK = '(memory (export "memory") 1) (func $start (export "_start"))';

function faults(text: string, features: readonly string[] = []): string[] {
  return checkProduction(parseModule(wat(text, { names: true })), { features }).map(
    ({ kind, message }) => `${kind}: ${message}`,
  );
}

describe('checkProduction', () => {
  it('E3: a plugin with the 14 imports is fine', () => {
    const words: Record<string, string> = { i: 'i32', l: 'i64' };
    const imports = Object.entries(PRODUCTION_IMPORTS).map(([name, signature]) => {
      const [parameters = '', results = ''] = signature.split(':');
      const list = (letters: string) => Array.from(letters, (letter) => words[letter]).join(' ');
      return `(import "wasi_snapshot_preview1" "${name}" (func (param ${list(parameters)}) (result ${list(results)})))`;
    });
    assert.equal(imports.length, 14);
    assert.deepEqual(faults(`(module ${imports.join('\n')} ${OK})`), []);
  });

  it('E3: an import that production lacks is named with the functions that call it', () => {
    const found = faults(`(module (import "wasi_snapshot_preview1" "path_open" (func $p))
      (memory (export "memory") 1) (func $a (call $p)) (func $b (call $p) (call $p)) (func $c (return_call $p)) (func $d (call $p)) (func (export "_start")))`);
    assert.deepEqual(found, [
      'missing-import: The plugin imports wasi_snapshot_preview1.path_open, which production does not have; it is called by `a`, `b`, `c` and 1 more.',
    ]);
  });

  it('E3: an import of another module, type or kind', () => {
    assert.match(
      faults(`(module (import "env" "fd_read" (func)) ${OK})`)[0] ?? '',
      /^missing-import: .*env\.fd_read.*no function calls it by name/,
    );
    assert.match(
      faults(`(module (import "wasi_snapshot_preview1" "constructor" (func)) ${OK})`)[0] ?? '',
      /^missing-import:/,
    );
    assert.match(
      faults(`(module (import "wasi_snapshot_preview1" "fd_close" (func (param i64) (result i32))) ${OK})`)[0] ?? '',
      /^import-type: The plugin imports wasi_snapshot_preview1\.fd_close as \(i64\) -> \(i32\), and production has it as \(i32\) -> \(i32\)/,
    );
    assert.match(
      faults(`(module (import "env" "g" (global i32)) ${OK})`)[0] ?? '',
      /^missing-import: The plugin imports the global env\.g/,
    );
    assert.match(
      faults('(module (import "env" "m" (memory 1)) (export "memory" (memory 0)) (func (export "_start")))')[0] ?? '',
      /the memory env\.m/,
    );
  });

  it('E3: no _start, one of another type, no memory, a start section', () => {
    assert.match(faults('(module (memory (export "memory") 1))').join(), /^no-start:/);
    assert.match(
      faults('(module (memory (export "memory") 1) (global (export "_start") i32 (i32.const 1)))').join(),
      /^no-start:/,
    );
    assert.match(
      faults('(module (memory (export "memory") 1) (func (export "_start") (param i32)))').join(),
      /^start-type: .*\(i32\) -> \(\)/,
    );
    assert.match(faults('(module (memory (export "mem") 1) (func (export "_start")))').join(), /^no-memory:/);
    assert.match(faults('(module (func (export "_start")) (func (export "memory")))').join(), /^no-memory:/);
    assert.match(faults(`(module ${OK} (func $s) (start $s))`).join(), /^start-section:/);
  });

  const SIMD = `(module ${OK} (func (drop (i32x4.splat (i32.const 1)))))`;
  const RELAXED = `(module ${OK} (func (param v128) (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 0)))))`;

  it('E3: SIMD is refused at its byte offset, and let through when asked for', () => {
    const bytes = wat(SIMD);
    const [fault] = checkProduction(parseModule(bytes), { features: [] });
    assert.equal(fault?.kind, 'feature');
    assert.equal(bytes[fault?.offset ?? 0], 0xfd);
    assert.match(fault?.message ?? '', /uses SIMD \(at byte 0x[0-9a-f]+\), which production refuses: .*"simd"/);
    assert.deepEqual(faults(SIMD, ['simd']), []);
    assert.equal(faults(RELAXED).length, 2);
    assert.deepEqual(faults(RELAXED, ['simd']), []);
    assert.equal(faults(RELAXED, ['relaxed-simd']).length, 1);
  });

  const accepted: readonly [string, string][] = [
    ['multi-value', '(func (result i32 i32) (i32.const 1) (i32.const 2))'],
    ['multi-memory', '(memory 1)'],
    ['memory64', '(memory i64 1)'],
    ['sign-extension', '(func (drop (i32.extend8_s (i32.const 1))))'],
    ['saturating-conversions', '(func (drop (i32.trunc_sat_f32_s (f32.const 1))))'],
    ['bulk-memory', '(func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))'],
    ['reference-types', '(func (param externref))'],
    ['tail-calls', '(func (return_call $start))'],
    ['extended-const', '(global i32 (i32.add (i32.const 1) (i32.const 2)))'],
    ['mutable-globals', '(global (export "g") (mut i32) (i32.const 1))'],
  ];
  for (const [feature, text] of accepted)
    it(`E3: ${feature} is found, and accepted`, () => {
      const module = parseModule(wat(`(module ${OK} ${text})`));
      assert.ok(featuresUsed(module).some((use) => use.feature === feature));
      assert.deepEqual(checkProduction(module, { features: [] }), []);
    });

  it('E3: a global that starts from a global of the module itself is of garbage collection', () => {
    const text = `(module ${OK} (global $a i32 (i32.const 1)) (global i32 (global.get $a)))`;
    assert.match(faults(text)[0] ?? '', /^feature: The plugin uses garbage collection/);
  });

  it('E3: every feature has a verdict, and what is refused a reason', () => {
    for (const feature of FEATURES) {
      const { accepted: ok, why, title } = PRODUCTION[feature];
      assert.ok(title.length > 0);
      assert.equal(ok, why === '');
    }
  });

  it('E3: a refused instruction is a fault, not an exception', () => {
    const found = checkProduction(parseModule(wat(`(module ${OK} (func (atomic.fence)))`)), { features: [] });
    assert.equal(found[0]?.kind, 'feature');
    assert.match(found[0]?.message ?? '', /threads \(at byte/);
  });
});
