// Texts and names of types, as people write them. Contract S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isRefused, parseString } from './literals.ts';
import { cut, floatText, fromUtf8, quoted, quotedBytes } from './text.ts';
import { shortName } from './type-name.ts';

const anyText = fc.array(fc.nat(0x10ffff)).map((points) => String.fromCodePoint(...points).toWellFormed());

describe('texts', () => {
  it('S6: names of types lose their paths and the parameters that everybody leaves alone', () => {
    const names: Readonly<Record<string, string>> = {
      'alloc::vec::Vec<u8, alloc::alloc::Global>': 'Vec<u8>',
      'std::collections::hash::map::HashMap<alloc::string::String, u32, std::hash::random::RandomState>':
        'HashMap<String, u32>',
      'std::collections::hash::map::HashMap<u8, u8, std::collections::hash::map::RandomState>': 'HashMap<u8, u8>',
      '&mut dyn core::fmt::Write': '&mut dyn Write',
      'alloc::boxed::Box<(dyn core::error::Error + core::marker::Send), alloc::alloc::Global>': 'Box<dyn Error + Send>',
      'alloc::boxed::Box<dyn core::ops::function::Fn<(i32, u8), Output=bool>, alloc::alloc::Global>':
        'Box<dyn Fn(i32, u8) -> bool>',
      '&dyn core::ops::function::FnMut<(), Output=()>': '&dyn FnMut()',
      'core::pin::Pin<alloc::boxed::Box<app::greet::{async_fn_env#0}, alloc::alloc::Global>>':
        'Pin<Box<async fn greet>>',
      'app::run::{closure_env#3}<app::Long<u8>>': 'closure in run',
      'app::outer::{closure#0}::{async_block_env#1}': 'async block in outer',
      'std::sync::lazy_lock::LazyLock<alloc::vec::Vec<u32>, fn() -> alloc::vec::Vec<u32>>': 'LazyLock<Vec<u32>>',
      'fn(i32, &str) -> core::option::Option<u8>': 'fn(i32, &str) -> Option<u8>',
      'unsigned long long': 'unsigned long long',
    };
    for (const [name, short] of Object.entries(names)) assert.equal(shortName(name), short);
  });

  it('S6: a literal of any text means that text again', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const bytes = parseString(quoted(text));
        assert.ok(!isRefused(bytes), quoted(text));
        assert.equal(fromUtf8(bytes).text, text);
        assert.doesNotMatch(quoted(text), /[\n\r\p{Cc}]/u);
      }),
    );
  });

  it('S6: bytes that are no UTF-8 are shown as what they are, and no byte is lost', () => {
    assert.deepEqual(quotedBytes(Uint8Array.of(0x61, 0xff, 0xc3, 0xa9, 0xc3), true), {
      text: '"a\\xffé\\xc3"',
      broken: true,
    });
    // a character that the cut takes apart is not broken
    assert.deepEqual(quotedBytes(Uint8Array.of(0x61, 0xc3), false), { text: '"a"', broken: false });
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const { text, broken } = quotedBytes(bytes, true);
        assert.deepEqual(parseString(text), bytes);
        assert.equal(broken, fromUtf8(bytes).broken !== undefined);
      }),
    );
  });

  it('S6: bytes that are no UTF-8 are a text in expressions all the same, and not the empty one', () => {
    assert.deepEqual(fromUtf8(Uint8Array.of(0x61, 0xff, 0x62)), { text: 'a\ufffdb', broken: 1 });
  });

  it('S6: floats have the fewest digits that mean them', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.float({ noNaN: true }), (double, single) => {
        const [first, second] = [floatText(double, false), floatText(single, true)].map((text) =>
          Number(text.replace('inf', 'Infinity')),
        );
        assert.ok(Object.is(first, double), `${floatText(double, false)} is not ${double}`);
        assert.ok(Object.is(Math.fround(second ?? 0), single), `${floatText(single, true)} is not ${single}`);
        assert.ok(floatText(single, true).length <= floatText(single, false).length);
      }),
    );
  });

  it('S6: a text is not cut inside a character', () => {
    assert.equal(cut('🦀🦀🦀', 4), '🦀…');
    assert.equal(cut('abc', 3), 'abc');
    assert.equal(cut('1, 2, … 9 more', 8), '1, 2…');
    assert.equal(cut(' '.repeat(1 << 20), 1 << 19), '…');
  });
});
