// Demangling against rustc-demangle's vectors, and against symbols that no compiler wrote.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { worked } from '../testing/lateness.ts';
import { demangle, MAX_SYMBOL_LENGTH } from './demangle.ts';
import { CRATE_VECTORS, type DemangleVector, REAL_VECTORS } from './demangle-vectors.ts';

/** Longest text that may come back: the bound of the printer, the last piece it printed, and the suffix. */
const LONGEST = 3 * MAX_SYMBOL_LENGTH;

function checkVectors(vectors: readonly DemangleVector[]): void {
  for (const [symbol, readable, withHash] of vectors) {
    assert.equal(demangle(symbol), readable, symbol);
    assert.equal(demangle(symbol, { hash: false }), readable, symbol);
    assert.equal(demangle(symbol, { hash: true }), withHash, symbol);
  }
}

function unchanged(symbol: string): void {
  assert.equal(demangle(symbol), symbol);
  assert.equal(demangle(symbol, { hash: true }), symbol);
}

/** What must hold of any string at all. */
function checkBounds(symbol: string): void {
  for (const hash of [false, true]) {
    const readable = demangle(symbol, { hash });
    assert.equal(typeof readable, 'string');
    assert.ok(readable.length <= Math.max(LONGEST, symbol.length), `${readable.length} for ${symbol}`);
    if (symbol !== '') assert.notEqual(readable, '');
  }
}

describe('demangle', () => {
  it("agrees with rustc-demangle on that crate's vectors", () => checkVectors(CRATE_VECTORS));

  it('agrees with rustc-demangle on symbols of real programs', () => checkVectors(REAL_VECTORS));

  it('reads both mangling versions of one function alike', () => {
    assert.equal(demangle('_ZN7mycrate7example17h0123456789abcdefE'), 'mycrate::example');
    assert.equal(demangle('_RNvCs15kBYyAo9fc_7mycrate7example'), 'mycrate::example');
    assert.equal(demangle('_RNvCs15kBYyAo9fc_7mycrate7example', { hash: true }), 'mycrate[ca63f166dbe9294]::example');
  });

  it('leaves names alone that are no Rust symbols', () => {
    for (const name of [
      '',
      '_',
      '_R',
      '_ZN',
      '_start',
      'main',
      'malloc',
      '__wasm_call_ctors',
      '__rust_alloc',
      'memory.copy',
      'функция',
      '_ZNK3foo3barEv', // C++
      '_ZN3foo3barEi',
      '_ZN9__gnu_cxx3fooIiEE',
      '_Z3foov',
      '$s4main3fooyyF', // Swift
      '_ZN3foo',
      '_ZNE',
      '_ZN4294967295fooE',
      '_ZN99999999999999999999999999fooE',
      '_Rust',
      '_R3foo',
      '_RNvC3foo',
      '_RC0',
      '_RC3foo extra',
      '_RC3foo$vendor',
      '_RNvC3foo3bär',
      'foo.llvm.123',
    ])
      unchanged(name);
  });

  it('leaves a symbol alone that is nothing but a hash', () => {
    assert.equal(demangle('_ZN17h05af221e174051e9E'), '_ZN17h05af221e174051e9E');
  });

  it('does not take a C function for a symbol that lost its underscore', () => {
    unchanged('RC4_init');
    unchanged('RC3foo');
    unchanged('__RC3foo');
  });

  it('drops the suffixes of ThinLTO and keeps those of LLVM and linkers', () => {
    assert.equal(demangle('_RNvC7mycrate7example.llvm.12345'), 'mycrate::example');
    assert.equal(demangle('_RNvC7mycrate7example.llvm.12345.cold'), 'mycrate::example.llvm.12345.cold');
    assert.equal(demangle('_ZN7mycrate7exampleE.command_export'), 'mycrate::example.command_export');
    unchanged('_ZN7mycrate7exampleE.not printable');
  });

  it('keeps an escape it does not know, and all behind it', () => {
    assert.equal(demangle('_ZN11a$LT$b$XY$cE'), 'a<b$XY$c');
    assert.equal(demangle('_ZN7a$u0$bcE'), 'a$u0$bc'); // a control character
    assert.equal(demangle('_ZN10a$ud800$bcE'), 'a$ud800$bc'); // half a character
    assert.equal(demangle('_ZN7a$u$bccE'), 'a$u$bcc');
    assert.equal(demangle('_ZN11a$u1f980$bcE'), 'a🦀bc');
  });

  it('prints disambiguators that no double holds to the last digit', () => {
    // 2^64 - 1 is the last one there is: `s` and a base-62 number that is one less.
    const last = base62(2n ** 64n - 2n);
    assert.equal(demangle(`_RCs${last}_1x`, { hash: true }), 'x[ffffffffffffffff]');
    assert.equal(demangle(`_RNCC1xs${last}_0`), 'x::{closure#18446744073709551615}');
    unchanged(`_RCs${base62(2n ** 64n - 1n)}_1x`);
    unchanged(`_RCs${base62(2n ** 64n)}_1x`);
    unchanged(`_RCs${'Z'.repeat(60_000)}_1x`);
  });

  it('decodes Punycode, and shows codes that are none', () => {
    assert.equal(demangle('_RCu8gdel_5qa'), 'gödel');
    assert.equal(demangle('_RCu2_99'), 'punycode{99}'); // cut off
    assert.equal(demangle('_RCu4zzzz'), 'punycode{zzzz}');
    assert.equal(demangle('_RCu7abc_999'), 'punycode{abc-999}');
    unchanged('_RCu4abc_');
    unchanged('_RCu0');
  });

  it('prints constants as Rust writes them', () => {
    const constant = (mangled: string): string => demangle(`_RIC1xK${mangled}E`);
    assert.equal(constant('yffffffffffffffff_'), 'x::<18446744073709551615>');
    assert.equal(constant('y00000000000000000001_'), 'x::<1>');
    assert.equal(constant('o10000000000000000_'), 'x::<0x10000000000000000>');
    assert.equal(constant('i_'), 'x::<0>');
    assert.equal(constant('Re5c0022_'), 'x::<"\\\\\\0\\"">');
    assert.equal(constant('Re61cc81e2808b_'), 'x::<"a\\u{301}\\u{200b}">');
    assert.equal(constant('c27_'), "x::<'\\''>");
    for (const broken of ['b2_', 'cd800_', 'c110000_', 'Re6_', 'Reff_', 'ReC0_', 'hg_', 'h1', 'X', 'VC1aX'])
      unchanged(`_RIC1xK${broken}E`);
  });

  it('gives up on symbols without end instead of cutting them', () => {
    for (const symbol of [
      '_RNvB_1a', // a name inside itself
      '_RMC0RB2_',
      '_RMC0FGZZZ_Eu', // 240 000 lifetimes
      `_RMC0F${'G'.repeat(500)}`,
      `_RMC0${'R'.repeat(501)}u`,
      `_RMC0${'T'.repeat(100_000)}`,
      `_RIC${'9'.repeat(1000)}`,
      `_RIC70000${'R'.repeat(70_000)}B5_E`,
      `_ZN70000${'x'.repeat(70_000)}E`,
    ])
      unchanged(symbol);
    assert.equal(demangle(`_RMC0${'R'.repeat(400)}u`), `<${'&'.repeat(400)}()>`);
  });

  it('does not leak depth from one element of a list to the next', () => {
    for (const [leaf, readable] of [
      ['p', '_'],
      ['Rp', '&_'],
      ['C1x', 'x'],
    ] as const)
      assert.equal(demangle(`_RIC0p${leaf.repeat(1000)}E`), `::<_${`, ${readable}`.repeat(1000)}>`);
  });

  it('bounds the work that back references multiply', () => {
    // Each tuple refers twice to the one before it: 2^40 leaves.
    let tower = 'IC1xp';
    let previous = tower.length - 1;
    for (let i = 0; i < 40; i++) {
      const reference = `B${base62(BigInt(previous))}_`;
      previous = tower.length;
      tower += `T${reference}${reference}E`;
    }
    tower = `_R${tower}E`;
    // Long constants that print as one letter, referred to ten thousand times.
    const zeros = `_RIC1xKh${'0'.repeat(20_000)}_${`KB${base62(5n)}_`.repeat(10_000)}E`;
    const took = worked(() => {
      unchanged(tower);
      unchanged(zeros);
    });
    // Unbounded they would take hours; this is no measure of speed.
    assert.ok(took < 5000, `${took} ms`);
  });

  it('ends soon, throws nothing and stays in bounds for mutated symbols', () => {
    const pool = [...CRATE_VECTORS, ...REAL_VECTORS].map(([symbol]) => symbol);
    const letters = [...'BCNMXYIKLETSRQAPODFWGUpsuhjmabcenvwz_0123456789$.'];
    const edit = fc.record({
      at: fc.nat(400),
      length: fc.nat(12),
      kind: fc.constantFrom('insert', 'delete', 'replace', 'repeat', 'refer', 'truncate'),
      letter: fc.constantFrom(...letters, 'é', '\u{1f980}', '\0'),
    });
    fc.assert(
      fc.property(fc.constantFrom(...pool), fc.array(edit, { minLength: 1, maxLength: 6 }), (symbol, edits) => {
        let mutated = symbol;
        for (const { at, length, kind, letter } of edits) {
          const p = Math.min(2 + at, mutated.length);
          const head = mutated.slice(0, p);
          const middle = mutated.slice(p, p + length);
          if (kind === 'insert') mutated = head + letter + mutated.slice(p);
          else if (kind === 'delete') mutated = head + mutated.slice(p + length);
          else if (kind === 'replace') mutated = head + letter + mutated.slice(p + 1);
          else if (kind === 'repeat') mutated = head + middle.repeat(3) + mutated.slice(p + length);
          else if (kind === 'refer') mutated = `${head}B${letter}_${mutated.slice(p + 1)}`;
          else mutated = head;
        }
        checkBounds(mutated);
      }),
      { numRuns: 4000 },
    );
  });

  it('ends soon, throws nothing and stays in bounds for any text', () => {
    const letter = fc.constantFrom(...'BCNMXYIKLETSRQAPODFWGUpsuhjmabcenv_0123456789');
    fc.assert(
      fc.property(
        fc.constantFrom('', '_R', '_RN', '_RI', '_RMC0', '_RIC0K', '_ZN', '_ZN3foo', '__ZN'),
        fc.oneof(fc.string({ unit: letter, maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 20 })),
        (prefix, rest) => checkBounds(prefix + rest),
      ),
      { numRuns: 4000 },
    );
  });

  it('takes any identifier and any constant text through both forms', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,200}$/),
        fc.string({ unit: 'grapheme' }),
        (name, text) => {
          const separator = /^[0-9_]/.test(name) ? '_' : '';
          assert.equal(demangle(`_RNvC1x${name.length}${separator}${name}`), `x::${name}`);
          if (!/^h[0-9a-fA-F]*$/.test(name)) assert.equal(demangle(`_ZN1x${name.length}${name}E`), `x::${name}`);
          const hex = Buffer.from(text, 'utf8').toString('hex');
          const shown = demangle(`_RIC1xKRe${hex}_E`);
          if (/^[a-zA-Z0-9 äßαβ漢字]*$/.test(text)) assert.equal(shown, `x::<"${text}">`);
          else assert.match(shown, /^x::<".*">$/su);
        },
      ),
    );
  });
});

/** A v0 base-62 number, without its `_`. */
function base62(value: bigint): string {
  const digits = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  if (value === 0n) return '';
  let text = '';
  let rest = value - 1n;
  do {
    text = digits[Number(rest % 62n)] + text;
    rest /= 62n;
  } while (rest > 0n);
  return text;
}
