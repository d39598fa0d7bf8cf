// Functions by name or pattern: what a pattern means, and that thousands of names take no time.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { worked } from '../testing/lateness.ts';
import { wat } from '../testing/wat.ts';
import { FunctionSymbols } from './function-symbols.ts';
import { parseModule } from './module.ts';
import { ByteWriter } from './writer.ts';

/** A module of functions of these names, one that is imported before them. */
function symbols(names: readonly string[]): FunctionSymbols {
  const functions = names.map((_, n) => (n === 0 ? '(func (export "exported name"))' : '(func)')).join('');
  const plain = wat(`(module (import "wasi_snapshot_preview1" "fd_write" (func)) ${functions})`);
  const map = new ByteWriter();
  map.u32(names.length);
  for (const [n, name] of names.entries()) {
    map.u32(n + 1);
    map.name(name);
  }
  const content = new ByteWriter();
  content.name('name');
  content.section(1, map.bytes());
  const out = new ByteWriter();
  out.append(plain);
  out.section(0, content.bytes());
  return new FunctionSymbols(parseModule(out.bytes().slice()));
}

const NAMES = [
  'main',
  '_ZN8rust_pdk6basics4echo17h190a387b3a717a43E',
  '_ZN8rust_pdk6basics9many_echo17h290a387b3a717a43E',
  '_ZN8rust_pdk6basics4echo28_$u7b$$u7b$closure$u7d$$u7d$17h390a387b3a717a43E',
  '_ZN8rust_pdk4time5greet28_$u7b$$u7b$closure$u7d$$u7d$17h490a387b3a717a43E',
  'alloc::vec::Vec<T,A>::push',
  'core::ptr::drop_in_place::<alloc::vec::Vec<fn() -> core::echo>>',
  '<alloc::string::String as core::fmt::Write<fn(u8) -> u8>>::write_char',
  '<&mut dyn hello::Shape as hello::Area>::echo',
  'core::ptr::drop_in_place::<alloc::vec::Vec<fn() -> core::echo>>',
  'broken<name',
  'broken>name',
  'a "name"  with spaces',
];

describe('functions by name or pattern', () => {
  const found = (pattern: string) => symbols(NAMES).matching(pattern).join(' ');

  it('are found by their whole name or the end of it', () => {
    assert.equal(found('main'), '1');
    assert.equal(found('  main '), '1');
    assert.equal(found('rust_pdk::basics::echo'), '2');
    assert.equal(found('basics::echo'), '2');
    assert.equal(found('echo'), '2 9', 'not many_echo, not what is within angles');
    assert.equal(found('cho'), '');
    assert.equal(found('basics'), '');
    assert.equal(found('ECHO'), '');
    assert.equal(found('a "name"  with spaces'), '13');
    assert.equal(found('broken<name'), '11');
    assert.equal(found('broken>name'), '12');
  });

  it('are found by patterns', () => {
    assert.equal(found('rust_pdk::*'), '2 3 4 5');
    assert.equal(found('*::echo'), '2 9');
    assert.equal(found('*echo'), '2 3 9');
    assert.equal(found('echo*'), '2 4 9');
    assert.equal(found('rust_pdk::*::echo'), '2');
    assert.equal(found('rust*closure*'), '4 5');
    assert.equal(found('m*n'), '1');
    assert.equal(found('ma*ain'), '', 'an asterisk does not stand for less than nothing');
    assert.equal(found('*').split(' ').length, NAMES.length + 1);
    assert.equal(found('**'), found('*'));
  });

  it('are found without their type arguments and traits', () => {
    assert.equal(found('Vec::push'), '6');
    assert.equal(found('alloc::vec::Vec<T,A>::push'), '6');
    assert.equal(found('drop_in_place'), '7 10');
    assert.equal(found('String::write_char'), '8');
    assert.equal(found('write_char'), '8');
    assert.equal(found('Shape::echo'), '9');
    assert.equal(found('hello::*'), '9');
    assert.equal(found('core::echo'), '');
  });

  it('are found by symbol, hash, index, import and export', () => {
    assert.equal(found(NAMES[1]!), '2');
    assert.equal(found('_ZN8rust_pdk6basics*'), '2 3 4');
    assert.equal(found('echo::h190a387b3a717a43'), '2');
    assert.equal(found('echo::h19*'), '2');
    assert.equal(found('echo::h290a387b3a717a43'), '');
    assert.equal(found('func[3]'), '3');
    assert.equal(found('func[0]'), '0');
    assert.equal(found('func[99]'), '');
    assert.equal(found('func[9999999999]'), '');
    assert.equal(found('fd_write'), '0');
    assert.equal(found('wasi_snapshot_preview1.fd_write'), '0');
    assert.equal(found('exported name'), '1');
  });

  it('are found by the name of a function of which only closures are left', () => {
    assert.equal(found('greet'), '5');
    assert.equal(found('time::greet'), '5');
    assert.equal(found('greet::{{closure}}'), '5');
    assert.equal(found('gree'), '');
  });

  it('are listed by name', () => {
    assert.deepEqual(symbols(NAMES).list('rust_pdk::*', 3), [
      { index: 2, name: 'rust_pdk::basics::echo' },
      { index: 4, name: 'rust_pdk::basics::echo::{{closure}}' },
      { index: 3, name: 'rust_pdk::basics::many_echo' },
    ]);
    assert.deepEqual(
      symbols(['b', 'a', 'b', 'a'])
        .list('*')
        .map(({ index }) => index),
      [2, 4, 1, 3, 0],
    );
  });

  it('are none for what no name can be', () => {
    for (const pattern of ['', '   ', '::', ':', 'x'.repeat(100_000), '\u0000', '(', '[', '\\', '<', '>'])
      assert.equal(found(pattern), '', JSON.stringify(pattern));
  });

  it('are those that a slow and plain reading of the pattern gives', () => {
    const letters = fc.constantFrom('a', 'b', '::', '*', '<', '>', ' as ');
    const text = (from: fc.Arbitrary<string>) =>
      fc.array(from, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text(fc.constantFrom('a', 'b', '::')), text(letters), (name, pattern) => {
        const wanted = pattern.trim();
        const regexp = new RegExp(
          `^(?:.*::)?${wanted
            .split('*')
            .map((piece) => piece.replace(/[^\w]/g, '\\$&'))
            .join('.*')}$`,
        );
        const expected = wanted !== '' && regexp.test(name);
        assert.equal(symbols([name]).matching(pattern).includes(1), expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('take no time among thousands, even where a pattern is made to', () => {
    const module = parseModule(fs.readFileSync(new URL('../../test-plugins/out/rust-pdk.debug.wasm', import.meta.url)));
    const all = new FunctionSymbols(module);
    assert.equal(all.matching('*').length, module.functionTypes.length);
    assert.ok(all.matching('rust_pdk::*').length > 50);
    assert.deepEqual(
      all.list('rust_pdk::*::echo').map(({ name }) => name),
      ['rust_pdk::basics::echo'],
    );
    const odd = worked(() => {
      for (let n = 0; n < 10; n++) all.matching('*a*e*i*o*u*a*e*i*o*u*never');
    });
    assert.ok(odd < 3000, `${odd} ms`);
    const forged = symbols(Array.from({ length: 20 }, () => `${'a::'.repeat(20_000)}x`));
    const long = worked(() => assert.equal(forged.matching('a*::y*x').length, 0));
    assert.ok(long < 3000, `${long} ms`);
  });
});
