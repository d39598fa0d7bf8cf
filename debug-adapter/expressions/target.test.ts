// What can be assigned to, and which values fit. Contracts P2, E4.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseTarget, parseValue, Vector, WIDTHS } from './expression.ts';
import { fakeScope, GONE } from './fake.ts';
import { CELL_TYPES } from './syntax.ts';

const scope = fakeScope({
  locals: [
    { type: 'i32', value: 64, name: 'x' },
    { type: 'i64', value: 1n },
    { type: 'f64', value: GONE },
    { type: 'v128', value: new Vector(new Uint8Array(16).fill(1)) },
  ],
  globals: [{ type: 'i32', value: 8, name: 'sp' }],
  operands: [{ type: 'f32', value: 1 }],
  memories: [new Uint8Array(128), new Uint8Array(16)],
});

describe('what can be assigned to', () => {
  for (const [source, target] of [
    ['$0', { kind: 'local', index: 0, type: 'i32' }],
    ['$x', { kind: 'local', index: 0, type: 'i32' }],
    [' local[0 + 1] ', { kind: 'local', index: 1, type: 'i64' }],
    ['$3', { kind: 'local', index: 3, type: 'v128' }],
    ['$sp', { kind: 'global', index: 0, type: 'i32' }],
    ['global["sp"]', { kind: 'global', index: 0, type: 'i32' }],
    ['stack[0]', { kind: 'stack', index: 0, type: 'f32' }],
    ['i32[$0 + 4]', { kind: 'memory', memory: 0, address: 68, type: 'i32' }],
    ['(u8[$sp])', { kind: 'memory', memory: 0, address: 8, type: 'u8' }],
    ['f64[8]@1', { kind: 'memory', memory: 1, address: 8, type: 'f64' }],
    // a format says nothing of what it is
    ['$0, x', { kind: 'local', index: 0, type: 'i32' }],
  ] as const)
    it(`${source} can`, () => {
      assert.deepEqual(parseTarget(scope, source), target);
    });

  for (const [source, sentence] of [
    [
      '$0 + 1',
      /^This can’t be assigned to: a variable, a local \(\$0\), a global \(global\[0\]\) or a cell of memory .* \(column 4 of '\$0 \+ 1'\)\.$/,
    ],
    ['errno', /^This can’t be assigned to/],
    ['u8[0, 4]', /^This can’t be assigned to/],
    ['memory[0]', /^This can’t be assigned to/],
    ['$9', /^There is no local 9/],
    ['$2', /^This local was optimised away/],
    ['$none', /^There is no local and no global named '\$none'/],
    ['i32[126]', /^The 4 bytes at 0x7e reach past the end of memory, which has 128 bytes/],
    ['i32[', /^'i32\[': a value is expected at column 5/],
  ] as const)
    it(`${source} can’t`, () => {
      assert.throws(() => parseTarget(scope, source), { message: sentence });
    });
});

describe('values that fit', () => {
  for (const [text, type, value, bytes] of [
    ['255', 'u8', 255, [255]],
    ['-128', 'i8', -128, [128]],
    ['0x1234', 'u16', 0x1234, [0x34, 0x12]],
    ['-1', 'i32', -1, [255, 255, 255, 255]],
    ['4294967295', 'i32', -1, [255, 255, 255, 255]],
    ['18446744073709551615', 'i64', -1n, [255, 255, 255, 255, 255, 255, 255, 255]],
    ['18446744073709551615', 'u64', -1n, [255, 255, 255, 255, 255, 255, 255, 255]],
    ['-9223372036854775808', 'i64', -(2n ** 63n), [0, 0, 0, 0, 0, 0, 0, 128]],
    ['$x + 1', 'i32', 65, [65, 0, 0, 0]],
    ['true', 'i32', 1, [1, 0, 0, 0]],
    ["b'A'", 'u8', 65, [65]],
    ['1.5', 'f32', 1.5, [0, 0, 0xc0, 0x3f]],
    ['0.1', 'f32', Math.fround(0.1), [0xcd, 0xcc, 0xcc, 0x3d]],
    ['-0', 'f64', -0, [0, 0, 0, 0, 0, 0, 0, 0x80]],
    ['nan', 'f32', Number.NaN, [0, 0, 0xc0, 0x7f]],
    ['-inf', 'f32', Number.NEGATIVE_INFINITY, [0, 0, 0x80, 0xff]],
    ['i32x4 1 -1 0x2 3', 'v128', undefined, [1, 0, 0, 0, 255, 255, 255, 255, 2, 0, 0, 0, 3, 0, 0, 0]],
    ['0x0102', 'v128', undefined, [2, 1, ...Array.from({ length: 14 }, () => 0)]],
    ['$3', 'v128', undefined, Array.from({ length: 16 }, () => 1)],
  ] as const)
    it(`P2: ${text} as ${type}`, () => {
      const found = parseValue(text, type, scope);
      assert.deepEqual([found.type, found.value, [...found.bytes]], [type, value, [...bytes]]);
    });

  for (const [text, type, sentence] of [
    ['300', 'u8', '300 does not fit u8, which goes from 0 to 255.'],
    ['-1', 'u8', '-1 does not fit u8, which goes from 0 to 255.'],
    ['128', 'i8', '128 does not fit i8, which goes from -128 to 127.'],
    ['4294967296', 'i32', '4294967296 does not fit i32, which goes from -2147483648 to 4294967295.'],
    [
      '1 << 64',
      'i64',
      '18446744073709551616 does not fit i64, which goes from -9223372036854775808 to 18446744073709551615.',
    ],
    ['1.5', 'i32', '1.5 is no whole number, as i32 has them.'],
    ['"a"', 'i32', `'"a"' is no number.`],
    ['"a" + "b"', 'i32', `'"a" + "b"' is "ab", and must be a number.`],
    ['errno', 'i32', "'errno' is not available here, and must be a number."],
    ['1e300', 'f32', '1e+300 does not fit f32.'],
    ['null', 'funcref', 'A funcref can’t be written.'],
    ['-1', 'v128', '-1 does not fit v128: write e.g. i32x4 1 2 3 4.'],
    ['i8x16 300 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0', 'v128', '300 does not fit i8, which goes from -128 to 127.'],
  ] as const)
    it(`${text} does not fit ${type}`, () => {
      assert.throws(() => parseValue(text, type, scope), { name: 'EvaluationError', message: sentence });
    });

  it('P2: every whole number is taken by the types that hold it, and by no other', () => {
    const edges = [0n, 7n, 8n, 15n, 16n, 31n, 32n, 63n, 64n].map((bit) => 2n ** bit);
    const whole = fc.oneof(
      fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }),
      fc
        .tuple(fc.constantFrom(...edges), fc.bigInt({ min: -2n, max: 2n }), fc.boolean())
        .map(([edge, more, negative]) => (negative ? -edge + more : edge + more)),
    );
    fc.assert(
      fc.property(whole, fc.constantFrom(...CELL_TYPES), (value, type) => {
        const { bytes, sort } = WIDTHS[type];
        if (sort === 'float') return;
        const size = BigInt(bytes * 8);
        const least = sort === 'unsigned' ? 0n : -(2n ** (size - 1n));
        const most = sort === 'signed' && bytes < 4 ? 2n ** (size - 1n) - 1n : 2n ** size - 1n;
        if (value < least || value > most) assert.throws(() => parseValue(String(value), type), /does not fit/);
        else {
          const found = parseValue(String(value), type);
          const little = [...found.bytes].reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
          assert.equal(little, BigInt.asUintN(bytes * 8, value));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
