// Views of scalars, enums of C, and what people type for them. Contract S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Encoding, Made, set } from './made-program.ts';

describe('scalars', () => {
  it('S6: integers keep all their digits, and are set where they fit', () => {
    const made = new Made();
    const u64 = made.base('u64', Encoding.Unsigned, 8);
    const i8 = made.base('i8', Encoding.Signed, 1);
    made.words(0, 0xffffffff, 0xffffffff);
    const shown = made.show(u64, 0);
    assert.equal(shown.text, '18446744073709551615');
    assert.equal(shown.plain, 18446744073709551615n);
    assert.equal(shown.address, 0);
    assert.equal(set(made, shown, '9_007_199_254_740_993u64'), undefined);
    assert.equal(made.show(u64, 0).text, '9007199254740993');
    assert.equal(set(made, shown, '0xFf'), undefined);
    assert.equal(made.show(u64, 0).text, '255');
    assert.equal(set(made, shown, '-1'), '-1 does not fit in u64 (0 to 18446744073709551615).');
    assert.equal(set(made, shown, 'ten'), '"ten" is not a whole number.');
    assert.equal(made.show(u64, 0).text, '255');
    const small = made.show(i8, 16);
    assert.equal(set(made, small, '-128'), undefined);
    assert.equal(made.show(i8, 16).plain, -128);
    assert.equal(set(made, small, '128'), '128 does not fit in i8 (-128 to 127).');
  });

  it('S6: floats read as Rust writes them, and round trip', () => {
    const made = new Made();
    const f32 = made.base('f32', Encoding.Float, 4);
    const f64 = made.base('f64', Encoding.Float, 8);
    const f16 = made.base('f16', Encoding.Float, 2);
    const texts = [
      '0.1',
      '1.0',
      '-0.0',
      '1e16',
      '1000000000000000.0',
      '0.0001',
      '1e-5',
      '1.5e-7',
      'NaN',
      'inf',
      '-inf',
    ];
    for (const text of texts)
      for (const type of [f32, f64]) {
        assert.equal(set(made, made.show(type, 0), text), undefined, text);
        assert.equal(made.show(type, 0).text, text);
      }
    assert.equal(set(made, made.show(f64, 0), '1.7976931348623157e308'), undefined);
    assert.equal(made.show(f64, 0).text, '1.7976931348623157e308');
    assert.equal(set(made, made.show(f64, 0), 'one'), '"one" is not a number.');
    made.words(0, 0x3c01);
    assert.equal(made.show(f16, 0).text, '1.0009766');
    const quad = made.base('long double', Encoding.Float, 16);
    made.words(0, 0, 0, 0, 0xc0008000);
    assert.equal(made.show(quad, 0).text, '-3.0');
  });

  it('S6: a bool that is none, a char that is none say what they are', () => {
    const made = new Made();
    const bool = made.base('bool', Encoding.Boolean, 1);
    const char = made.base('char', Encoding.Utf, 4);
    made.words(0, 7);
    assert.equal(made.show(bool, 0).text, '‹not a bool: 7›');
    assert.equal(set(made, made.show(bool, 0), 'true'), undefined);
    assert.equal(made.show(bool, 0).plain, true);
    assert.equal(set(made, made.show(bool, 0), '5'), 'A bool is true or false.');
    made.words(0, 0xd800);
    assert.equal(made.show(char, 0).text, '‹not a character: 0xd800›');
    for (const text of ["'x'", "'\\''", "'\\n'", "'\\u{1b}'", "'🦀'"]) {
      assert.equal(set(made, made.show(char, 0), text), undefined, text);
      assert.equal(made.show(char, 0).text, text);
    }
    assert.equal(set(made, made.show(char, 0), "'xy'"), "A character is written as 'x', with escapes as in Rust.");
  });

  it("S6: C's characters have their number with them", () => {
    const made = new Made();
    const char = made.base('char', Encoding.SignedChar, 1);
    made.words(0, 120);
    assert.equal(made.show(char, 0).text, "'x' 120");
    assert.equal(set(made, made.show(char, 0), "'\\n'"), undefined);
    assert.equal(made.show(char, 0).text, "'\\n' 10");
    assert.equal(set(made, made.show(char, 0), '-1'), undefined);
    assert.equal(made.show(char, 0).text, "'\\xff' -1");
  });

  it("S6: C's wide characters are set as characters and as numbers", () => {
    const made = new Made();
    const wide = made.define({
      kind: 'typedef',
      name: 'wchar_t',
      die: 0,
      target: made.base('int', Encoding.Signed, 4),
    });
    made.words(0, 233);
    assert.equal(made.show(wide, 0).text, "L'é' 233");
    for (const text of ["'x'", "L'x'", '120', "L'x' 120"]) {
      made.words(0, 233);
      assert.equal(set(made, made.show(wide, 0), text), undefined, text);
      assert.equal(made.show(wide, 0).text, "L'x' 120");
    }
  });

  it('S6: floats of every width take what fits, and say what does not', () => {
    const made = new Made();
    for (const [name, size] of [
      ['f32', 4],
      ['f64', 8],
      ['long double', 16],
    ] as const) {
      const float = made.base(name, Encoding.Float, size);
      for (const value of ['1.5', '-0.0', '-2.5e-30', 'inf', '-inf']) {
        assert.equal(set(made, made.show(float, 0), value), undefined, `${name} ${value}`);
        assert.equal(made.show(float, 0).text, value, name);
      }
      assert.match(set(made, made.show(float, 0), '1e400') ?? '', /^1e400 is larger than any float/);
    }
    const long = made.base('long double', Encoding.Float, 16);
    // the least of a double, which is no subnormal in 128 bits
    assert.equal(set(made, made.show(long, 0), '5e-324'), undefined);
    assert.equal(made.show(long, 0).plain, 5e-324);
  });

  it('S6: enums by their names, flags by several', () => {
    const made = new Made();
    const int = made.base('unsigned int', Encoding.Unsigned, 4);
    const flags = made.enumeration('access', int, { NONE: 0n, READ: 1n, WRITE: 2n, BOTH: 3n, EXEC: 4n });
    const texts: readonly (readonly [number, string])[] = [
      [0, 'NONE'],
      [3, 'BOTH'],
      [5, 'READ | EXEC'],
      [13, 'READ | EXEC | 0x8'],
      [8, '8'],
    ];
    for (const [value, text] of texts) {
      made.words(0, value);
      assert.equal(made.show(flags, 0).text, text);
      assert.equal(made.show(flags, 0).plain, value);
      assert.equal(made.show(flags, 0).type, 'enum access');
    }
    assert.equal(set(made, made.show(flags, 0), 'WRITE | EXEC'), undefined);
    assert.equal(made.bytes[0], 6);
    assert.equal(
      set(made, made.show(flags, 0), 'APPEND'),
      'enum access is one of NONE, READ, WRITE, BOTH, EXEC, or a number.',
    );
    const color = made.enumeration('app::Color', int, { Red: 0n, Green: 5n });
    assert.equal(made.show(color, 0).text, '‹not readable: 6 is no variant of Color›');
    assert.equal(set(made, made.show(color, 0), 'Color::Green'), undefined);
    assert.equal(made.show(color, 0).text, 'Green');
    assert.equal(set(made, made.show(color, 0), 'Blue'), 'Color is one of Red, Green.');
  });
});
