// The expression language against chance: what is printed parses to the same tree, whatever is written ends with a value or a sentence, and
// numbers are those of DataView and BigInt. Contracts P2, E4.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  compileExpression,
  compileMessage,
  EvaluationError,
  ExpressionError,
  evaluateIn,
  parseExpression,
  parseTarget,
  parseValue,
  type Scope,
  textOf,
  usesOf,
  Vector,
  WIDTHS,
} from './expression.ts';
import { fakeScope, GONE } from './fake.ts';
import { CELL_TYPES, type CellType, LEVELS, type Node, print } from './syntax.ts';

const at = { column: 0 };
const words = fc.constantFrom(
  'a',
  'errno',
  'params',
  'self',
  'app::COUNT',
  'i32',
  'memory',
  'local',
  'str',
  'len',
  'b',
  'as',
  'grün',
);
const { node } = fc.letrec<{ node: Node }>((tie) => {
  const inner = tie('node');
  const optional = fc.option(inner, { nil: undefined });
  return {
    node: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      fc.record({
        kind: fc.constant('number' as const),
        value: fc.oneof(
          fc.nat(),
          fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }),
          fc.double({ min: 0, noNaN: true, noDefaultInfinity: true, noInteger: true }),
          fc.double({ min: 2 ** 54, noNaN: true, noDefaultInfinity: true }),
        ),
        ...constants(at),
      }),
      fc.record({ kind: fc.constant('text' as const), value: fc.string({ unit: 'binary' }), ...constants(at) }),
      fc.record({
        kind: fc.constant('constant' as const),
        value: fc.constantFrom(true, false, null),
        ...constants(at),
      }),
      fc.record({ kind: fc.constant('name' as const), name: words, ...constants(at) }),
      fc.record({
        kind: fc.constant('dollar' as const),
        name: fc.oneof(fc.string(), fc.nat().map(String), words),
        ...constants(at),
      }),
      fc.record({
        kind: fc.constant('slot' as const),
        space: fc.constantFrom('local' as const, 'global' as const, 'stack' as const),
        index: inner,
        ...constants(at),
      }),
      fc.record({
        kind: fc.constant('load' as const),
        type: fc.constantFrom(...CELL_TYPES, 'memory' as const),
        address: inner,
        count: optional,
        memory: fc.nat({ max: 3 }),
        ...constants(at),
      }),
      fc.record({
        kind: fc.constant('load' as const),
        type: fc.constant('str' as const),
        address: inner,
        count: inner,
        memory: fc.nat({ max: 3 }),
        ...constants(at),
      }),
      fc.record({
        kind: fc.constant('member' as const),
        owner: inner,
        name: fc.constantFrom('x', 'true', '$0', '$y', 'as', 'i32', '0', '12', 'len'),
        ...constants(at),
      }),
      fc.record({
        kind: fc.constant('method' as const),
        owner: inner,
        name: fc.constantFrom('len', 'is_some', 'unwrap', 'first'),
        args: fc.constant([]),
        ...constants(at),
      }),
      fc.tuple(inner, inner).map(([owner, a]): Node => ({ kind: 'method', owner, name: 'get', args: [a], ...at })),
      fc.record({ kind: fc.constant('index' as const), owner: inner, index: inner, ...constants(at) }),
      fc.tuple(inner, optional, optional, fc.boolean()).map(
        ([owner, from, to, last]): Node => ({
          kind: 'slice',
          owner,
          from,
          to,
          inclusive: last && to !== undefined,
          ...at,
        }),
      ),
      fc.tuple(inner, inner).map(([a, b]): Node => ({ kind: 'call', name: 'contains', args: [a, b], ...at })),
      inner.map((a): Node => ({ kind: 'call', name: 'u8', args: [a], ...at })),
      fc.record({
        kind: fc.constant('unary' as const),
        operator: fc.constantFrom('!' as const, '-' as const, '~' as const, '*' as const, '&' as const),
        operand: inner,
        ...constants(at),
      }),
      fc.record({
        kind: fc.constant('cast' as const),
        operand: inner,
        type: fc.constantFrom('u8', '*T', '**a::B', 'as'),
        ...constants(at),
      }),
      fc.record({
        kind: fc.constant('binary' as const),
        operator: fc.constantFrom(...LEVELS.flat()),
        left: inner,
        right: inner,
        ...constants(at),
      }),
      fc.record({ kind: fc.constant('choice' as const), test: inner, yes: inner, no: inner, ...constants(at) }),
    ) as fc.Arbitrary<Node>,
  };
});

function constants<T extends object>(value: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fc.constant(one)])) as {
    [K in keyof T]: fc.Arbitrary<T[K]>;
  };
}

const withoutColumns = (tree: Node): unknown =>
  JSON.parse(
    JSON.stringify(tree, (key, value) => (key === 'column' ? 0 : typeof value === 'bigint' ? `${value}n` : value)),
  );

const memory = new Uint8Array(4096);
for (let i = 0; i < memory.length; i++) memory[i] = (i * 97) & 0xff;
const scope: Scope = fakeScope({
  locals: [
    { type: 'i32', value: 64, name: 'a' },
    { type: 'i64', value: -1n, name: 'b' },
    { type: 'f64', value: Number.NaN },
    { type: 'i32', value: GONE },
    { type: 'v128', value: new Vector(memory.slice(0, 16)) },
  ],
  globals: [{ type: 'i32', value: 4000, name: 'sp' }],
  operands: [{ type: 'f32', value: Number.POSITIVE_INFINITY }],
  memories: [memory],
  names: { errno: 6, params: { user: { name: 'Ada' }, list: [1, 'x', null] }, nothing: null, id: 2n ** 64n - 1n },
});

describe('chance', () => {
  it('E4: what is printed is parsed to the same tree', () => {
    let compared = 0;
    fc.assert(
      fc.property(node, (tree) => {
        const text = print(tree);
        let again: Node;
        try {
          again = parseExpression(text).root;
        } catch (error) {
          // trees of chance may be longer or deeper than texts may be
          assert.match(String(error), /too (?:deep|long)/, text);
          return;
        }
        compared++;
        assert.deepEqual(withoutColumns(again), withoutColumns(tree), text);
        assert.equal(print(again), text);
      }),
      { numRuns: 3000 },
    );
    assert.ok(compared > 2500, `${compared}`);
  });

  const soup = fc
    .array(
      fc.constantFrom(
        ...'$0 $a $3 $4 $ $"x" local global stack i32 u8 f64 str cstr memory hex div errno params id nothing user name . -> .0 .len() .get( :: , [ ] ( ) @ 0 1 64 -1 2.5 4095'.split(
          ' ',
        ),
        ..."0xff 1e300 18446744073709551615 \"a\" 'b' b'c' true null as u64 i32 + - * / % << >> >>> & | ^ ~ ! < > == != && || ? : x b s".split(
          ' ',
        ),
        ' ',
      ),
      { maxLength: 25 },
    )
    .map((parts) => parts.join(''));
  const source = fc.oneof(node.map(print), soup, fc.string(), fc.string({ unit: 'binary', maxLength: 60 }));

  it('E4: whatever is written ends with a value, or with a sentence of the language', () => {
    let values = 0;
    const own = (text: string, run: () => void): void => {
      try {
        run();
        values++;
      } catch (error) {
        assert.ok(
          error instanceof ExpressionError,
          `${JSON.stringify(text)}: ${error instanceof Error ? error.stack : error}`,
        );
        assert.match(error.message, /^['A-Z{["]?.*\.$/s, error.message);
      }
    };
    fc.assert(
      fc.property(source, (text) => {
        own(text, () => assert.equal(typeof textOf(compileExpression(text)(scope)), 'string'));
        own(text, () => assert.equal(typeof structuredClone(evaluateIn(scope, text)).value, 'string'));
        own(text, () => assert.equal(typeof parseTarget(scope, text).type, 'string'));
        own(text, () => assert.ok(parseValue(text, 'i32', scope).bytes.length === 4));
        own(text, () => assert.ok(parseValue(text, 'v128', scope).bytes.length === 16));
        own(text, () => assert.equal(typeof compileMessage(`${text}{${text}}`)(scope), 'string'));
        own(text, () => usesOf(parseExpression(text, true)));
      }),
      { numRuns: 4000 },
    );
    assert.ok(values > 3500, `${values}`);
  });

  it('E4: 100 KB of anything end at once', () => {
    const size = 100_000;
    for (const piece of [
      '(',
      '[',
      'a.',
      '$',
      '$0+',
      '"',
      "'\\",
      'a ',
      '1',
      '1_',
      '0x',
      'i32[',
      '- ',
      '! ',
      '&',
      'x ? ',
      '{',
      '}',
      '\\',
      'é',
      '😀',
      ' ',
      '\n',
      'as ',
      'a as ',
      '::',
      "b'",
    ]) {
      const text = piece.repeat(Math.ceil(size / piece.length));
      for (const run of [
        () => evaluateIn(scope, text),
        () => compileMessage(text)(scope),
        () => compileMessage(`{${text}}`)(scope),
      ]) {
        try {
          run();
        } catch (error) {
          assert.ok(error instanceof ExpressionError, `${piece}: ${error}`);
          assert.ok(error.message.length < 400, `${piece}: ${error.message.length}`);
        }
      }
    }
  });

  it('E4: texts and numbers do not grow without bound', () => {
    let text = 'line';
    for (let i = 0; i < 8; i++) text = `(${text}+${text})`;
    assert.throws(() => compileExpression(text)(() => 'x'.repeat(10_000)), EvaluationError);
    assert.throws(() => compileExpression('n * n')(() => 2n ** 4000n), EvaluationError);
    assert.throws(() => compileExpression('n + 1')(() => 2n ** 5000n), EvaluationError);
  });
});

describe('numbers', () => {
  const near = fc.oneof(
    fc.bigInt({ min: -(2n ** 31n) - 3n, max: 2n ** 32n + 3n }),
    fc.bigInt({ min: 2n ** 53n - 5n, max: 2n ** 53n + 5n }),
    fc.bigInt({ min: -(2n ** 53n) - 5n, max: -(2n ** 53n) + 5n }),
    fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }),
    fc.bigInt({ min: -9n, max: 9n }),
  );

  it('P2: whole numbers around every edge of doubles and of 32 bits are exact', () => {
    fc.assert(
      fc.property(near, near, fc.integer({ min: 0, max: 70 }), (a, b, n) => {
        const names: Scope = (name) => (name === 'a' ? a : name === 'b' ? b : n);
        const check = (text: string, expected: bigint) =>
          assert.equal(BigInt(compileExpression(text)(names) as bigint), expected, `${text} of ${a} and ${b}, ${n}`);
        check('a + b', a + b);
        check('a - b', a - b);
        check('a * b', a * b);
        check('a & b', a & b);
        check('a | b', a | b);
        check('a ^ b', a ^ b);
        check('~a', ~a);
        check('-a', -a);
        check('a << n', a << BigInt(n));
        check('a >> n', a >> BigInt(n));
        check('u64(a) >>> n', BigInt.asUintN(64, a) >> BigInt(n));
        check('u32(a) >>> n', BigInt.asUintN(32, a) >> BigInt(n));
        if (b === 0n) return;
        check('a % b', a % b);
        check('div(a, b)', a / b);
        if (a % b === 0n) check('a / b', a / b);
      }),
      { numRuns: 3000 },
    );
  });

  it('P2: i32(x) and its like keep the low bits', () => {
    fc.assert(
      fc.property(near, fc.constantFrom(...CELL_TYPES), (a, type) => {
        const { bytes, sort } = WIDTHS[type];
        if (sort === 'float') return;
        const expected = sort === 'signed' ? BigInt.asIntN(bytes * 8, a) : BigInt.asUintN(bytes * 8, a);
        assert.equal(BigInt(compileExpression(`${type}(a)`)(() => a) as bigint), expected);
        assert.equal(BigInt(compileExpression(`a as ${type}`)(() => a) as bigint), expected);
      }),
    );
  });

  const read = (view: DataView, type: CellType): number | bigint => {
    switch (type) {
      case 'i8':
        return view.getInt8(0);
      case 'u8':
        return view.getUint8(0);
      case 'i16':
        return view.getInt16(0, true);
      case 'u16':
        return view.getUint16(0, true);
      case 'i32':
        return view.getInt32(0, true);
      case 'u32':
        return view.getUint32(0, true);
      case 'i64':
        return view.getBigInt64(0, true);
      case 'u64':
        return view.getBigUint64(0, true);
      case 'f32':
        return view.getFloat32(0, true);
      case 'f64':
        return view.getFloat64(0, true);
    }
  };

  it('P2: memory is read as DataView reads it, shown with all digits, and written back the same', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        fc.constantFrom(...CELL_TYPES),
        fc.nat({ max: 8 }),
        (bytes, type, offset) => {
          const expected = read(new DataView(bytes.buffer, bytes.byteOffset), type);
          const place = new Uint8Array(offset + 8);
          place.set(bytes, offset);
          const guest = fakeScope({ memories: [place] });
          const found = evaluateIn(guest, `${type}[${offset}]`);
          assert.deepEqual([found.value, found.type], [String(expected), type]);
          assert.equal(evaluateIn(guest, `${type}[${offset}, 1][0]`).value, String(expected));
          if (typeof expected === 'number' && Number.isNaN(expected)) return;
          const written = parseValue(Object.is(expected, -0) ? '-0' : found.value, type);
          assert.deepEqual([...written.bytes], [...bytes.subarray(0, WIDTHS[type].bytes)]);
          if (WIDTHS[type].sort === 'float') return;
          // hex and binary name the same bits
          for (const format of ['x', 'b']) {
            const shown = evaluateIn(guest, `${type}[${offset}], ${format}`).value;
            assert.equal(String(compileExpression(`${type}(${shown})`)(guest)), String(expected), shown);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
