// Variables of the source in expressions, over types and memory made by hand: scalars exactly, fields behind references, elements, enums,
// casts, what is wrong said in sentences, and garbage. Contracts P2, E4, S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { DieOffset } from '../dwarf/type.ts';
import { HeldBytes, MissingBytes } from '../source/bytes.ts';
import type { Bytes } from '../source/value.ts';
import { Encoding, Made } from '../source/views/made-program.ts';
import {
  Compound,
  compileExpression,
  compileMessage,
  EvaluationError,
  ExpressionError,
  evaluateIn,
  type Scope,
  textOf,
  truthy,
  Unavailable,
} from './expression.ts';
import { castIn } from './source-cast.ts';
import { assignedIn, rowsBelow } from './source-evaluation.ts';
import { withVariables } from './source-scope.ts';
import { SourceValue } from './source-value.ts';

/** A frame of variables that are put into memory one after the other. */
class Frame {
  readonly made = new Made();
  readonly #variables = new Map<string, SourceValue | Unavailable>();
  #next = 0x100;

  /** @returns its address */
  put(name: string, type: DieOffset, ...words: readonly number[]): number {
    const at = this.#next;
    this.made.words(at, ...words);
    this.#next += Math.max(16, words.length * 4);
    this.variable(name, type, this.made.memory(at));
    return at;
  }
  variable(name: string, type: DieOffset, bytes: Bytes): void {
    this.#variables.set(name, new SourceValue(this.made, { type, bytes }));
  }
  missing(name: string): void {
    this.#variables.set(name, new Unavailable('it was optimised away'));
  }
  get scope(): Scope {
    const names = [...this.#variables.keys()];
    const named = (name: string) => this.#variables.get(name);
    const base: Scope = (name) => (name === 'errno' ? 6 : name === 'small' ? 1 : undefined);
    return withVariables(base, () => ({ named, static: () => undefined, names, cast: castIn(this.made) }), ['errno']);
  }
  value(source: string): unknown {
    return compileExpression(source)(this.scope);
  }
  text(source: string): string {
    return evaluateIn(this.scope, source).value;
  }
}

function frame() {
  const made = new Frame();
  const { made: types } = made;
  const u8 = types.base('u8', Encoding.Unsigned, 1);
  const i8 = types.base('i8', Encoding.Signed, 1);
  const u32 = types.base('u32', Encoding.Unsigned, 4);
  const i32 = types.base('i32', Encoding.Signed, 4);
  const u64 = types.base('u64', Encoding.Unsigned, 8);
  const i128 = types.base('i128', Encoding.Signed, 16);
  const f32 = types.base('f32', Encoding.Float, 4);
  const bool = types.base('bool', Encoding.Boolean, 1);
  const char = types.base('char', Encoding.Utf, 4);
  const letter = types.base('char', Encoding.SignedChar, 1);
  made.put('small', u8, 200);
  made.put('minus', i8, 0xff);
  made.put('count', u32, 0xffff_ffff);
  made.put('signed', i32, 0x8000_0000);
  made.put('big', u64, 0xffff_ffff, 0xffff_ffff);
  made.put('wide', i128, 0, 0, 0, 0x8000_0000);
  made.put('tenth', f32, 0x3dcccccd);
  made.put('yes', bool, 1);
  made.put('crab', char, 0x1f980);
  made.put('c', letter, 0x78);
  const point = types.struct('app::Point', 8, [
    ['x', i32, 0],
    ['y', i32, 4],
  ]);
  const at = made.put('point', point, 3, 0xffff_fffc);
  made.put(
    'pair',
    types.struct('(u32, app::Point)', 12, [
      ['__0', u32, 0],
      ['__1', point, 4],
    ]),
    7,
    1,
    2,
  );
  const reference = types.pointer('&app::Point', point);
  const refAt = made.put('reference', reference, at);
  made.put('twice', types.pointer('&&app::Point', reference), refAt);
  made.put('raw', types.pointer('*const app::Point', point), at);
  made.put('none', types.pointer('*const app::Point', point), 0);
  made.put('far', types.pointer('*const app::Point', point), 0xffff_0000);
  made.put('list', types.array(u32, 3), 10, 20, 30);
  made.put('stack', types.array(u32, 2), 5, 6);
  const cPoint = types.pointer('', point);
  made.put('p', cPoint, at);
  const color = types.enumeration('app::Color', u32, { Red: 0n, Green: 5n });
  made.put('color', color, 5);
  const some = types.struct('app::Maybe::Some', 8, [['__0', u32, 4]]);
  const nothing = types.struct('app::Maybe::None', 8, []);
  const maybe = types.choice('app::Maybe', 8, u32, [
    ['None', 0n, nothing],
    ['Some', 1n, some],
  ]);
  made.put('some', maybe, 1, 42);
  made.put('empty', maybe, 0, 42);
  made.put('odd', maybe, 9, 42);
  made.put('red', color, 0);
  made.put('colors', types.array(types.enumeration('app::Color', u32, { Red: 0n, Green: 5n, Blue: 6n }), 2), 5, 0);
  const f64 = types.base('f64', Encoding.Float, 8);
  made.put('big_float', f64, 0, 0x7e37e43c);
  made.put('minus_float', f64, 0, 0xbff80000);
  const int = types.base('int', Encoding.Signed, 4);
  made.put('q', types.pointer('', int), made.put('ints', types.array(int, 2), 7, 8));
  made.put('text', types.array(letter, 8), 0x64636261, 0);
  made.put('flag', types.base('_Bool', Encoding.Boolean, 1), 1);
  made.put('bytes', types.array(u8, 4), 0x64636261);
  made.missing('gone');
  made.variable('away', u32, new MissingBytes('a part of it was optimised away'));
  made.variable('held', u32, new HeldBytes(Uint8Array.of(9, 0, 0, 0), { kind: 'local', index: 3 }));
  return made;
}

describe('variables in expressions', () => {
  const made = frame();

  for (const [source, value] of [
    ['small + 100', 300],
    ['minus', -1],
    ['count + 1', 4294967296],
    ['signed', -2147483648],
    ['big + 1', 2n ** 64n],
    ['big == 18446744073709551615', true],
    ['wide', -(2n ** 127n)],
    ['tenth == 0.1f32', true],
    ['tenth == 0.1', false],
    ['!yes', false],
    ["crab == '🦀'", true],
    ['crab as u32', 0x1f980],
    ["c == 'x' && c == 120 && c != 'y'", true],
    ['point.x + point.y', -1],
    ['pair.0 * pair.1.y', 14],
    ['reference.x', 3],
    ['twice.x', 3],
    ['(*reference).y', -4],
    ['raw.x + raw->y', -1],
    ['*raw == point', true],
    ['(*raw).x == p[0].x', true],
    ['p[-1].x == 0', true],
    ['list[1]', 20],
    ['list.len()', 3],
    ['(stack)[1] + stack.len()', 8],
    ['len(list)', 3],
    ['list.contains(30) && !list.contains(31)', true],
    ['list.first() + list.last()', 40],
    ['list.get(3) == null', true],
    ['color == Green && color != Color::Red', true],
    ['color == "Green"', true],
    ['color as u8', 5],
    ['some.is_some() && !some.is_none() && some.0 == 42', true],
    ['some.unwrap() + 1', 43],
    ['empty == None', true],
    ['held + 1', 10],
    ['errno', 6],
    ['small', 200],
    ['&point == raw', true],
    ['(&point as *Point).y', -4],
    ['(&point as *const i32)[1]', -4],
    ['small as i8', -56],
    ['count as usize == count', true],
    ['120 as char', 'x'],
    ['(big as u128) + 1', 2n ** 64n],
    ['small > 100 ? point.x : 0', 3],
    ['minus >>> 28', 15],
    ['none == null && none == NULL && raw != null && point != null', true],
    ["'A' as u32 + ('🦀' as u32)", 65 + 0x1f980],
    ['(small as char) as u32', 200],
    ['*&point == point && (*&point).y == -4', true],
    ['&point == reference && &small != &minus', true],
    ['i8::MIN + u64::MAX', 2n ** 64n - 129n],
    ['usize::MAX == u32::MAX', true],
    ['r#small', 200],
    ['list[1..][0] + list[..=1].len()', 22],
    ['list[..].contains(30)', true],
    ['list[0..2] == list[..2] && list[1..] != list[..2]', true],
    ['(stack)[1..2][0]', 6],
    ['ints[0..2][1]', 8],
    ['text[1..3]', 'bc'],
    ['Green == color && None != some', true],
    ['color > Red && Color::Red < color', true],
    ['red < color', true],
    ['some.is_some() && Some(42) == some', true],
    ['colors.contains(Green) && !colors.contains(Color::Blue)', true],
    ['list.get(1).is_some() && list.get(3).is_none() && list.get(1).unwrap() == 20', true],
    ['list.first() == Some(10) && list.get(3) == None && list.get(0) != None', true],
    ['big_float as u8', 255],
    ['minus_float as u8', 0],
    ['big_float as i64', 2n ** 63n - 1n],
    ['minus_float as i32', -1],
    ['300 as u8', 44],
    ['*(q + 1)', 8],
    ['(q + 1) - q', 1],
    ['(q + 1)[-1] + *(q + 1 - 1)', 14],
    ['*ints + *(ints + 1)', 15],
    ['&ints[1] - &ints[0]', 1],
    ['(uint8_t)-1 + (unsigned char)257', 256],
    ['(int)count', -1],
    ['(long long)count - (size_t)count', 0],
    ['((struct Point *)p)->y', -4],
    ['*(unsigned *)&count', 4294967295],
    ['(small) - 1', 199],
    ['(small) & 3', 0],
    ['(bool)5 && (float)1 / 4 == 0.25', true],
    ['flag == 1 && 1 == flag && flag != 0', true],
    ['5u + 5UL + 5ull + 0.5f', 15.5],
  ] as const)
    it(`P2: ${source} is ${value}`, () => {
      const found = made.value(source);
      assert.equal(found instanceof Compound ? found.plain() : found, value);
    });

  for (const [source, text] of [
    ['point', 'Point { x: 3, y: -4 }'],
    ['small, x', '0xc8'],
    ['signed, x', '0x80000000'],
    ['crab', "'🦀'"],
    ['crab, s', '🦀'],
    ['some', 'Some(42)'],
    ['list', '[10, 20, 30]'],
    ['minus, u', '255'],
    ['120 as char', "'x'"],
    ['small as char', "'È'"],
    ['some, x', 'Some(42)'],
    ['bytes, x', '[0x61, 0x62, 0x63, 0x64]'],
    ['bytes, s', 'abcd'],
    ['bytes[1..3], s', 'bc'],
    ['list[1..]', '[20, 30]'],
    ['list[1..1]', '[]'],
    ['ints[..], x', '{0x00000007, 0x00000008}'],
  ] as const)
    it(`S6: ${source} is shown as ${text}`, () => assert.equal(made.text(source), text));

  for (const [source, sentence] of [
    ['nobody', /^There is no value 'nobody' here: there are small, minus, .* \d+ more \(column 1 of 'nobody'\)\.$/],
    ['point.z', /^There is no field 'z': what is of type Point has x, y\.$/],
    ['empty.0', /^There is no field '0': it is None, which has no fields\.$/],
    ['none->x', /^It points to address 0\.$/],
    ['*far', /^It points to 0xffff0000, outside the plugin's memory\.$/],
    ['list[3]', /^There is no element 3: there are 3\.$/],
    ['point[0]', /has no elements\.$/],
    ['small.len()', /^What is of type u8 has no length/],
    ['point.is_some()', /no enum/],
    ['empty.unwrap()', /^It is None/],
    ['gone', /^It was optimised away/],
    ['gone + 1', /^It was optimised away/],
    ['away + 1', /^A part of it was optimised away/],
    ['*small', /^'\*' follows a pointer/],
    ['&held', /does not lie in memory/],
    ['point + 1', /is no number/],
    ['point == 3', /can't be compared/],
    ['color == Grean', /^What is of type Color has no variant 'Grean': it has Red, Green \(column 7 of/],
    ['some == Sum(1)', /no variant 'Sum': it has None, Some/],
    ['color < Blue', /no variant 'Blue'/],
    ['list[1..4]', /^The range 1\.\.4 reaches out of it: there are 3 elements/],
    ['list[2..1]', /^The range begins at 2, and ends before it, at 1/],
    ['list[..0.5]', /^A range is of whole numbers, and 0\.5 is none/],
    ['list[-1..]', /reaches out of it/],
    ['p[1..]', /^How far it goes is not known: write where the range ends/],
    ['none[0]', /^It points to address 0\.$/],
    ['point[1..]', /has no elements in an order/],
    ['text[0..9]', /there are 4 bytes/],
    ['list.get(3).unwrap()', /^It is None/],
    ['5 as *Nobody', /^There is no type '\*Nobody' here/],
  ] as const)
    it(`${source} says why it has no value`, () => {
      assert.throws(
        () => made.text(source),
        (error) => error instanceof EvaluationError && sentence.test(error.message),
      );
    });

  it('what it is worth: extent, slot, children, whether it can be set', () => {
    const { value, type, extent, children, assignable } = evaluateIn(made.scope, 'point');
    assert.deepEqual(
      [value, type, extent?.length, children, assignable],
      ['Point { x: 3, y: -4 }', 'Point', 8, { kind: 'source', named: 2, indexed: 0 }, false],
    );
    assert.deepEqual(evaluateIn(made.scope, 'held').slot, { kind: 'local', index: 3 });
    assert.equal(evaluateIn(made.scope, 'point.x').assignable, true);
  });

  it('R1: a variable is set to a literal, or to the value of an expression', () => {
    const written = (target: string, text: string) => {
      const assigned = assignedIn(made.scope, target, text);
      assert.ok(assigned !== undefined);
      return 'reason' in assigned ? assigned.reason : assigned.writes.map(({ bytes }) => [...bytes]);
    };
    assert.deepEqual(written('small', '7'), [[7]]);
    assert.deepEqual(written('small', 'point.x * 2'), [[6]]);
    assert.deepEqual(written('color', 'Red'), [[0, 0, 0, 0]]);
    assert.deepEqual(written('some', 'None'), [[0, 0, 0, 0]]);
    assert.deepEqual(written('crab', "'x'"), [[0x78, 0, 0, 0]]);
    assert.deepEqual(written('crab', '(small - 80) as char'), [[0x78, 0, 0, 0]]);
    assert.deepEqual(written('red', 'color'), [[5, 0, 0, 0]]);
    assert.deepEqual(written('empty', 'some'), [
      [1, 0, 0, 0],
      [42, 0, 0, 0],
    ]);
    const pointer = written('p', '&list');
    assert.notDeepEqual(pointer, written('p', 'p + 1'));
    assert.deepEqual(written('p', 'p'), written('p', '&point'));
    assert.match(String(written('small', 'nobody * 2')), /^There is no value 'nobody' here/);
    assert.match(String(written('small', 'count +')), /a value is expected at column 8/);
    assert.match(String(written('tenth', '1e40')), /1e40 is larger than any float of 4 bytes/);
    assert.match(String(written('small', '300')), /300 does not fit in u8/);
    assert.match(String(written('small', 'small + 100')), /300 does not fit in u8/);
    assert.match(String(written('point', '1')), /can’t be set/);
  });

  it('S6: rows below a value say how expressions name them', () => {
    const names = (source: string) => rowsBelow(made.scope, source, [], 0, 2).map(({ expression }) => expression);
    assert.deepEqual(names('point'), ['point.x', 'point.y']);
    assert.deepEqual(names('*raw'), ['(*raw).x', '(*raw).y']);
    assert.deepEqual(names('raw'), ['*raw']);
    assert.deepEqual(names('stack'), ['(stack)[0]', '(stack)[1]']);
    assert.deepEqual(names('small > 1 ? list : stack'), [
      '(small > 1 ? list : stack)[0]',
      '(small > 1 ? list : stack)[1]',
    ]);
    assert.deepEqual(names('list[1..]'), ['list[1..][0]', 'list[1..][1]']);
    const rows = rowsBelow(made.scope, 'list[1..]', [], 1, 5);
    assert.deepEqual(
      rows.map(({ name, value, settable, extent }) => [name, value, settable, extent?.length]),
      [['[1]', '30', true, 4]],
    );
    assert.deepEqual(names('list, x'), ['list[0]', 'list[1]']);
    for (const name of names('stack')) assert.equal(typeof made.text(name), 'string');
  });

  it('a log message has texts without quotes', () => {
    assert.equal(compileMessage('{crab} at {point}, {small, x}')(made.scope), '🦀 at Point { x: 3, y: -4 }, 0xc8');
    assert.equal(compileMessage('{gone} {nobody.x}')(made.scope).startsWith('<'), true);
  });

  it('E4: whatever is written over garbage ends with a value, or with a sentence of the language', () => {
    const words =
      `small minus count big wide point pair reference twice raw none far list p color some empty odd gone away held errno x y 0 1 -1 99999999999 . -> .0 .len() .is_some() .unwrap() .get( .first() .last() .contains( .contains_key( [ ] ( ) * & + == < as u8 char *Point .. ..= (int) (char*) Red:: i8::MAX *u32 Red "x" 'y' , x`.split(
        ' ',
      );
    const soup = fc.array(fc.constantFrom(...words, ' '), { maxLength: 14 }).map((parts) => parts.join(''));
    const garbage = frame();
    let values = 0;
    fc.assert(
      fc.property(soup, fc.uint8Array({ minLength: 0x300, maxLength: 0x300 }), (text, bytes) => {
        garbage.made.bytes.set(bytes, 0x100);
        try {
          const found = evaluateIn(garbage.scope, text);
          assert.ok(found.value.length < 20_000);
          truthy(compileExpression(text)(garbage.scope));
          textOf(compileExpression(text)(garbage.scope));
          values++;
        } catch (error) {
          assert.ok(error instanceof ExpressionError, `${text}: ${error instanceof Error ? error.stack : error}`);
        }
      }),
      { numRuns: 3000 },
    );
    assert.ok(values > 100, `${values}`);
  });
});
