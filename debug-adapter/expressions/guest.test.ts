// Expressions over a guest: locals, globals, operands, typed memory, formats, and one sentence for what is not there. Contracts P2, E4.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseJson } from '../rpc/json.ts';
import {
  compileExpression,
  compileMessage,
  evaluateIn,
  parseAssignment,
  parseExpression,
  type Scope,
  usesOf,
  Vector,
} from './expression.ts';
import { fakeScope, GONE } from './fake.ts';

const memory = new Uint8Array(65_536);
const view = new DataView(memory.buffer);
view.setInt32(64, -2, true);
view.setBigUint64(72, 0xffff_ffff_ffff_fff0n, true);
view.setFloat32(80, 1.5, true);
view.setFloat64(88, -0.1, true);
memory.set(new TextEncoder().encode('Grüße, Ada\0rest'), 128);
view.setUint32(256, 128, true);
const other = new Uint8Array(64).fill(7);

const scope: Scope = fakeScope({
  locals: [
    { type: 'i32', value: 64 },
    { type: 'i64', value: -1n, name: 'count' },
    { type: 'f64', value: 0.25, name: 'ratio' },
    { type: 'i32', value: GONE, name: 'gone' },
    { type: 'v128', value: new Vector(Uint8Array.from({ length: 16 }, (_, i) => i)) },
    { type: 'i32', value: -16 },
    { type: 'i64', value: 2n ** 62n, name: 'odd name.1' },
  ],
  globals: [
    { type: 'i32', value: 65_520, name: '__stack_pointer' },
    { type: 'i64', value: 5n, name: 'count' },
    { type: 'funcref', value: 'func 12' },
  ],
  operands: [
    { type: 'i32', value: 3 },
    { type: 'f32', value: 1.5 },
  ],
  memories: [memory, other],
  names: { errno: 6, iovs: 256, params: { name: 'Ada', list: [1, 2] }, gone: GONE, code: 7n },
});

const run = (source: string) => evaluateIn(scope, source);

describe('a guest', () => {
  for (const [source, value, type] of [
    ['$0', '64', 'i32'],
    ['$count', '-1', 'i64'],
    ['$count, x', '0xffffffffffffffff', 'i64'],
    ['$count, u', '18446744073709551615', 'i64'],
    ['$ratio', '0.25', 'f64'],
    ['$ratio, x', '0x3fd0000000000000', 'f64'],
    ['$"odd name.1"', '4611686018427387904', 'i64'],
    ['local[1]', '-1', 'i64'],
    ['local["ratio"] * 4', '1', 'number'],
    ['local[$0 - 64]', '64', 'i32'],
    ['global[1]', '5', 'i64'],
    ['global["count"]', '5', 'i64'],
    ['global[2]', 'func 12', 'funcref'],
    ['$__stack_pointer', '65520', 'i32'],
    ['$__stack_pointer - 16, x', '0xffe0', 'number'],
    ['stack[0]', '3', 'i32'],
    ['stack[1]', '1.5', 'f32'],
    ['stack[1], x', '0x3fc00000', 'f32'],
    ['$4', 'i32x4 0x03020100 0x07060504 0x0b0a0908 0x0f0e0d0c', 'v128'],
    ['$4.i32x4[1], x', '0x7060504', 'number'],
    ['$4.u8x16[15]', '15', 'number'],
    ['$4.f64x2.length', '2', 'number'],
    ['i32[$0]', '-2', 'i32'],
    ['i32[$0], x', '0xfffffffe', 'i32'],
    ['u32[$0]', '4294967294', 'u32'],
    ['i8[64]', '-2', 'i8'],
    ['i8[64], b', '0b1111_1110', 'i8'],
    ['u8[64]', '254', 'u8'],
    ['i16[65]', '-1', 'i16'],
    ['u16[65]', '65535', 'u16'],
    ['i64[72]', '-16', 'i64'],
    ['u64[72]', '18446744073709551600', 'u64'],
    ['f32[80]', '1.5', 'f32'],
    ['f64[88]', '-0.1', 'f64'],
    ['u8[128, 4]', '47 72 c3 bc  Gr··', 'u8[4]'],
    ['u8[128, 4][2], x', '0xc3', 'u8'],
    ['i32[64, 2]', '[-2, 0]', 'i32[2]'],
    ['i32[64, 2], x', '[0xfffffffe, 0x00000000]', 'i32[2]'],
    ['memory[128, 12]', '"Grüße, Ada"', '12 bytes'],
    ['memory[128, 12], x', '47 72 c3 bc c3 9f 65 2c 20 41 64 61  Gr····e, Ada', '12 bytes'],
    ['memory[65532, 100]', '00 00 00 00 (4 of 100 bytes)', '4 bytes'],
    ['str[128, 12]', '"Grüße, Ada"', 'string'],
    ['cstr[128]', '"Grüße, Ada"', 'string'],
    ['cstr[i32[256]], s', 'Grüße, Ada', 'string'],
    ['i32[256], s', 'Grüße, Ada', 'i32'],
    ['i32[iovs] + errno', '134', 'number'],
    ['u8[0]@1', '7', 'u8'],
    ['memory[0, 2]@1, x', '07 07  ··', '2 bytes'],
    ['&i32[$0 + 4]', '68', 'number'],
    ['&u8[$0, 4]', '64', 'number'],
    ['$gone == null', 'true', 'boolean'],
    ['$count >>> 60', '15', 'number'],
    ['i32[64] >>> 28', '15', 'number'],
    ['(i32[64] as u8) + 1', '255', 'number'],
    ['u8(-1)', '255', 'u8'],
    ['i32(4294967295)', '-1', 'i32'],
    ['-1 as u64', '18446744073709551615', 'u64'],
    ['i32(3.9)', '3', 'i32'],
    ['f32(0.1)', '0.10000000149011612', 'f32'],
    ['div(7, 2)', '3', 'number'],
    ['div(-7, 2)', '-3', 'number'],
    ['7 / 2', '3.5', 'number'],
    ["b'A'", '65', 'number'],
    ["b'\\n' + b'\\xff'", '265', 'number'],
    ['0b1010_1010, x', '0xaa', 'number'],
    ['1_000_000', '1000000', 'number'],
    ['hex(255)', '"0xff"', 'string'],
    ['hex(-255)', '"-0xff"', 'string'],
    ['endsWith(params.name, "da")', 'true', 'boolean'],
    ['params', '{"name":"Ada","list":[1,2]}', 'object'],
    ['code', '7', 'number'],
    ['contains(memory[0, 400], "Ada")', 'true', 'boolean'],
    ['startsWith(u8[128, 12], "Grüße")', 'true', 'boolean'],
    ['contains(i32[64, 2], "-2, 0")', 'true', 'boolean'],
    ['\'it\\u0041\' + "\\u{1f600}"', '"itA😀"', 'string'],
  ] as const)
    it(`P2: ${source} is ${value}`, () => {
      const found = run(source);
      assert.deepEqual([found.value, found.type], [value, type]);
    });

  for (const [source, sentence] of [
    ['$99', "There is no local 99: this function has 7, from 0 (column 1 of '$99')."],
    ['local[7]', "There is no local 7: this function has 7, from 0 (column 1 of 'local[7]')."],
    ['global[3]', "There is no global 3: the plugin has 3, from 0 (column 1 of 'global[3]')."],
    ['stack[2]', "There is no operand 2: the stack here has 2, from 0 (column 1 of 'stack[2]')."],
    ['global["sp"]', `There is no global named "sp" here (column 1 of 'global["sp"]').`],
    ['local[-1]', "The index of a local is a whole number or a name, and this is -1 (column 1 of 'local[-1]')."],
    ['$nobody + 1', "There is no local and no global named '$nobody' here (column 1 of '$nobody + 1')."],
    ['1 + $gone', "This local was optimised away (column 3 of '1 + $gone')."],
    ['$gone', "This local was optimised away (column 1 of '$gone')."],
    ['$gone == 3', "This local was optimised away (column 7 of '$gone == 3')."],
    ['$gone != 3', "This local was optimised away (column 7 of '$gone != 3')."],
    ['$gone == None', "This local was optimised away (column 7 of '$gone == None')."],
    ['$gone == Some(3)', "This local was optimised away (column 7 of '$gone == Some(3)')."],
    ['!$gone', "This local was optimised away (column 1 of '!$gone')."],
    ['i32[$gone]', "This local was optimised away (column 1 of 'i32[$gone]')."],
    ['i32[70000]', "Address 0x11170 lies past the end of memory, which has 65 536 bytes (column 1 of 'i32[70000]')."],
    [
      'i32[65533]',
      "The 4 bytes at 0xfffd reach past the end of memory, which has 65 536 bytes (column 1 of 'i32[65533]').",
    ],
    [
      '1 + i32[$5]',
      "Address 0xfffffff0 lies past the end of memory, which has 65 536 bytes (column 5 of '1 + i32[$5]').",
    ],
    ['u8[0, 70000]', "70 000 bytes are more than an expression reads: at most 65 536 (column 1 of 'u8[0, 70000]')."],
    [
      'u8[65530, 10]',
      "The 10 bytes at 0xfffa reach past the end of memory, which has 65 536 bytes (column 1 of 'u8[65530, 10]').",
    ],
    ['memory[0, -1]', "The length -1 is negative (column 1 of 'memory[0, -1]')."],
    ['memory[0, "a"]', `The length in the brackets is "a", and must be a whole number (column 1 of 'memory[0, "a"]').`],
    ['i32[1.5]', "The address in the brackets is 1.5, and must be a whole number (column 1 of 'i32[1.5]')."],
    ['i32[1 << 70]', "Address 1180591620717411303424 lies in no memory (column 1 of 'i32[1 << 70]')."],
    ['i32[0]@2', "The plugin has no memory 2 to read (column 1 of 'i32[0]@2')."],
    ['cstr[0]@1', "The text at 0x0 does not end within 64 bytes: no NUL is there (column 1 of 'cstr[0]@1')."],
    ['u8[0, 4][4]', 'There is no element 4: there are 4, from 0.'],
    ['*3', "'*' follows a pointer, and 3 is none: write i32[address] for an address (column 1 of '*3')."],
    ['&errno', "'errno' does not lie in memory (column 1 of '&errno')."],
    ['errno as app::Error', "There is no type 'app::Error' here (column 7 of 'errno as app::Error')."],
    [
      'params < 3',
      `{"name":"Ada","list":[1,2]} is an object and 3 a number: they can't be compared (column 8 of 'params < 3').`,
    ],
    ['nobody', "There is no value 'nobody' here. There is nothing but what the test put there."],
  ] as const)
    it(`${source} says why it has no value`, () => {
      assert.throws(
        () => run(source),
        (error: Error) => {
          assert.equal(error.name, 'EvaluationError');
          assert.ok(error.message.startsWith(sentence.replace(/\.$/, '')), error.message);
          return true;
        },
      );
    });

  for (const [source, sentence] of [
    [
      'foo(1)',
      "'foo(1)': there is no function 'foo' (column 1): there are contains, startsWith, endsWith, len, hex, div, i8",
    ],
    ['len()', "'len()': len at column 1 takes one value, and is given 0."],
    ['contains(1)', "'contains(1)': contains at column 1 takes 2 values, and is given 1."],
    ['str[0]', "'str[0]': ',' and a length is expected at column 6, and there is ']'."],
    ['$0, y', "'$0, y': a format (x, b, u, s, w) is expected at column 5, and there is 'y'."],
    ['i32[0]@x', "'i32[0]@x': the number of a memory is expected at column 8, and there is 'x'."],
    ['$', "'$': a name behind the $ is expected at column 1, and there is '$'."],
    ["b'ab'", "'b'ab'': b'…' at column 1 holds one character of one byte."],
    ['0x', "'0x': an operator or the end is expected at column 2, and there is 'x'."],
    ['1e999', "'1e999': the number at column 1 is larger than any f64."],
    ['x as', "'x as': a type is expected at column 5, and it ends."],
  ] as const)
    it(`${source} is refused by its column`, () => {
      assert.throws(
        () => run(source),
        (error: Error) => {
          assert.equal(error.name, 'ExpressionError');
          assert.ok(error.message.startsWith(sentence), error.message);
          return true;
        },
      );
    });

  it('a format says how a value is shown, and a condition has none', () => {
    assert.throws(() => compileExpression('$0, x'), {
      name: 'ExpressionError',
      message: /at column 3, and there is ','/,
    });
    assert.equal(
      compileMessage('at {$0, x}: {cstr[$0 + 64], s} {$99}')(scope),
      'at 0x00000040: Grüße, Ada <there is no local 99: this function has 7, from 0.>',
    );
  });

  it('without a guest, what is asked of one says so', () => {
    for (const source of ['$0', '$name', 'global[0]', 'stack[0]', 'i32[0]', 'memory[0, 4]', 'cstr[0]'])
      assert.throws(() => evaluateIn(() => 1, source), /can't be read here/, source);
  });

  it('what can be opened, and where it lies', () => {
    const { children, memoryReference, assignable } = run('i32[64, 2]');
    assert.ok(children?.kind === 'cells');
    assert.deepEqual([children.type, children.address, children.bytes.length], ['i32', 64, 8]);
    assert.deepEqual([memoryReference, assignable], [64, false]);
    assert.deepEqual(run('params').children, { kind: 'json', text: '{"name":"Ada","list":[1,2]}' });
    assert.deepEqual([run('$0').memoryReference, run('$0').assignable], [64, true]);
    assert.equal(run('$5').memoryReference, 0xffff_fff0);
    assert.equal(run('$0 + 4').memoryReference, undefined);
    assert.deepEqual([run('i32[$0]').memoryReference, run('i32[$0]').assignable], [64, true]);
    assert.equal(run('u8[0]@1').memoryReference, undefined);
    assert.equal(run('$4').children?.kind, 'cells');
  });

  it('what an expression asks for is known without running it', () => {
    assert.deepEqual(usesOf(parseExpression('i32[$0 + iovs] == params.name[index] ? len(a) : -b as u8')), {
      names: ['iovs', 'params', 'index', 'a', 'b'],
      state: ['i32', '$0'],
    });
  });

  it('E4: a number of JSON has no members of ours', () => {
    const values = parseJson('{"n":1.0}');
    assert.equal(
      compileExpression('v.n.source')((name) => (name === 'v' ? values : undefined)),
      undefined,
    );
  });

  it('an assignment is two expressions, whatever they hold', () => {
    for (const [source, sides] of [
      ['$0 = $1 + 4', { target: '$0', value: '$1 + 4' }],
      ['i32[$0+4]=5', { target: 'i32[$0+4]', value: '5' }],
      ['$"a=b" = "c=d"', { target: '$"a=b"', value: '"c=d"' }],
      ['$0 == 4', undefined],
      ['a <= b || c >= d || e != f', undefined],
      ['$0 = x == y', { target: '$0', value: 'x == y' }],
      ['= 5', { target: '', value: '5' }],
      ['user.id += n + 1', { target: 'user.id', value: 'user.id + (n + 1)' }],
      ['n >>= 2', { target: 'n', value: 'n >> (2)' }],
      ['x = -1', { target: 'x', value: '-1' }],
      ['map["a+=b"] = 1', { target: 'map["a+=b"]', value: '1' }],
    ] as const)
      assert.deepEqual(parseAssignment(source), sides, source);
    assert.throws(() => parseAssignment('$0 = "'), { name: 'ExpressionError' });
  });

  it('P2: a whole number of JSON that a double would round is what its digits say', () => {
    const big = { n: 12345678901234567000 };
    assert.equal(
      compileExpression('v.n == 12345678901234567000')((name) => (name === 'v' ? big : undefined)),
      true,
    );
    assert.equal(
      compileExpression('v == 12345678901234567000')(() => big.n),
      true,
    );
  });
});
