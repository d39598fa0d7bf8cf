// What production refuses is a fault before the first instruction, which names the thing; and what one may let through all the same runs.
// Contract E3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ofKind, replaysExactly, runCall, watNames } from '../testing/run-call.ts';
import { wat } from '../testing/wat.ts';

/** Every link-* plugin, and every feature-* plugin that production refuses: the kind of fault, and what its sentence names. */
const REFUSED: Record<string, readonly [kind: string, names: RegExp]> = {
  'link-memory-not-exported': ['no-memory', /exports no memory named `memory`/],
  'link-memory-other-name': ['no-memory', /exports no memory named `memory`/],
  'link-missing-import': [
    'missing-import',
    /imports wasi_snapshot_preview1\.fd_seek, which production does not have; it is called by `_start`/,
  ],
  'link-no-memory': ['no-memory', /exports no memory named `memory`/],
  'link-no-start': ['no-start', /exports no function `_start`/],
  'link-proc-raise-result': [
    'import-type',
    /proc_raise as \(i32\) -> \(i32\), and production has it as \(i32\) -> \(\)/,
  ],
  'link-start-section': ['start-section', /a start section, which production can never run/],
  'link-start-type': [
    'start-type',
    /`_start` has the type \(i32\) -> \(i32\), and production calls it as \(\) -> \(\)/,
  ],
  'link-wrong-module': ['missing-import', /imports wasi_unstable\.fd_write/],
  'link-wrong-type': ['import-type', /fd_close as \(i64\) -> \(i32\), and production has it as \(i32\) -> \(i32\)/],
  'feature-atomics': ['feature', /uses threads \(at byte 0xc1\), which production refuses/],
  'feature-custom-page-sizes': ['feature', /custom-page-sizes.*\(at byte 0x6a\)/],
  'feature-exceptions': ['feature', /exceptions.*\(at byte 0x70\)/],
  'feature-exceptions-exnref': ['feature', /exceptions.*\(at byte 0x71\)/],
  'feature-function-references': ['feature', /typed function references \(at byte 0xce\), which production refuses/],
  'feature-gc': ['feature', /gc.*\(at byte 0xb\)/],
  'feature-relaxed-simd': ['feature', /SIMD \(at byte 0xc0\), which production refuses.*"simd"/],
  'feature-shared-memory': ['feature', /threads.*\(at byte 0x6a\)/],
  'feature-simd': ['feature', /SIMD \(at byte 0xbb\), which production refuses.*"simd"/],
  'feature-wide-arithmetic': ['feature', /wide arithmetic \(at byte 0xc6\), which production refuses/],
};

/** feature-* plugins that production takes. */
const ACCEPTED: Record<string, string> = {
  'feature-extended-const': '"done"',
  'feature-memory64': '6',
  'feature-multi-memory': '4',
  'feature-numbers': '3',
  'feature-reference-types': '4',
  'feature-tail-calls': '7',
};

const COLON = '.wasm: ';

describe('what production refuses', { concurrency: 2 }, () => {
  it('all link-* and feature-* plugins are in these tables', () => {
    const listed = [...Object.keys(REFUSED), ...Object.keys(ACCEPTED)].sort();
    assert.deepEqual(listed, watNames.filter((name) => /^(link|feature)-/.test(name)).sort());
  });

  for (const [name, [kind, names]] of Object.entries(REFUSED))
    it(`E3: ${name} is a fault of kind ${kind}, in a sentence, before the first instruction`, async () => {
      const call = await runCall(name, 'run');
      const { outcome, run, events } = call;
      assert.equal(outcome.kind, 'fault');
      assert.equal(outcome.fault?.kind, kind);
      const message = outcome.fault?.message ?? '';
      assert.match(message, names);
      assert.ok(message.startsWith(`${name}${COLON}`), message);
      assert.match(message, /^\S.*[^.]\.$/);
      assert.deepEqual(
        events().map((event) => event.kind),
        ['diagnosis', 'exit'],
      );
      assert.equal(ofKind(events(), 'exit')[0]?.reason, 'unusable');
      assert.equal(run.fuel().consumed, 0);
    });

  for (const [name, result] of Object.entries(ACCEPTED))
    it(`E3: ${name} runs`, async () => {
      assert.equal((await runCall(name, 'run')).outcome.result, result);
    });

  for (const name of ['feature-simd', 'feature-relaxed-simd'])
    it(`E3: I1: with the feature simd, ${name} runs, and replays exactly`, async () => {
      const call = await runCall(name, 'run', 'null', { features: ['simd'] });
      assert.equal(call.outcome.result, name === 'feature-simd' ? '5' : '7', call.outcome.fault?.message);
      await replaysExactly(call, name);
    });

  for (const name of ['feature-atomics', 'feature-gc', 'feature-exceptions'])
    it(`E3: the feature simd lets ${name} through no more than before`, async () => {
      const { outcome } = await runCall(name, 'run', 'null', { features: ['simd'] });
      assert.equal(outcome.fault?.kind, 'feature');
    });

  for (const [what, bytes] of [
    ['no bytes', new Uint8Array()],
    ['a text', new TextEncoder().encode('#!/bin/sh\necho this is no module\n')],
    ['a magic number alone', Uint8Array.of(0, 0x61, 0x73, 0x6d)],
    ['a component', Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)],
    ['a module cut short', wat('(module (memory (export "memory") 1) (func (export "_start")))').slice(0, -3)],
    [
      'a body that does not validate',
      wat('(module (memory (export "memory") 1) (func (export "_start") unreachable))').fill(0x6a, -2, -1),
    ],
  ] as const)
    it(`E3: ${what} is a fault in a sentence`, async () => {
      const { outcome } = await runCall(bytes, 'run');
      assert.equal(outcome.kind, 'fault');
      assert.equal(outcome.fault?.kind, 'unusable-module', outcome.fault?.message);
      assert.match(outcome.fault?.message ?? '', /^test\.wasm: \S.*\.$/s);
    });
});

describe('missingImports: enosys', () => {
  const ENOSYS = 52;
  /** Calls fd_seek (a result of i32), and imports of other shapes, and answers with what they gave. */
  const CALLER = wat(`(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
    (import "env" "long" (func $long (param f64 i64) (result i64)))
    (import "env" "nothing" (func $nothing (param f32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\\40\\00\\00\\00\\27\\00\\00\\00")
    (data (i32.const 64) "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":0,\\"result\\":1000}\\n")
    (func (export "_start")
      (call $nothing (f32.const 1.5))
      (i32.store8 (i32.const 99) (i32.add (i32.const 48) (i32.div_u (call $fd_seek (i32.const 0) (i64.const -1) (i32.const 0) (i32.const 0)) (i32.const 10))))
      (i32.store8 (i32.const 100) (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (call $long (f64.const -7.9) (i64.const 0x7fffffffffffffff)) (i64.const 10)))))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))))`);

  it('E3: without it the call is a fault', async () => {
    assert.equal((await runCall(CALLER, 'run')).outcome.fault?.kind, 'missing-import');
  });

  it('E3: R3: calls of what is missing answer ENOSYS, are events, and replay exactly', async () => {
    const call = await runCall(CALLER, 'run', 'null', { missingImports: 'enosys' });
    assert.equal(call.outcome.result, '1052', call.outcome.fault?.message);
    const missing = ofKind(call.events(), 'syscall').filter(({ name }) => name === 'enosys');
    assert.deepEqual(
      missing.map(({ errno }) => errno),
      [ENOSYS, ENOSYS, ENOSYS],
    );
    assert.deepEqual(
      missing.map(({ args }) => args.map(String)),
      [['1'], ['0', '-1', '0', '0'], ['-7', '9223372036854775807']],
    );
    await replaysExactly(call, CALLER);
  });

  it('E3: link-missing-import runs with it', async () => {
    const { outcome } = await runCall('link-missing-import', 'run', 'null', { missingImports: 'enosys' });
    assert.equal(outcome.kind, 'result', outcome.fault?.message);
  });

  for (const what of ['(memory 1)', '(table 1 funcref)', '(global i32)'])
    it(`E3: an import of ${what} is a fault all the same: nothing can stand in for it`, async () => {
      const module = wat(
        `(module (import "env" "thing" ${what}) ${what === '(memory 1)' ? '(export "memory" (memory 0))' : '(memory (export "memory") 1)'} (func (export "_start")))`,
      );
      const { outcome } = await runCall(module, 'run', 'null', { missingImports: 'enosys' });
      assert.equal(outcome.fault?.kind, 'missing-import', outcome.fault?.message);
      assert.match(outcome.fault?.message ?? '', /env\.thing/);
    });
});
