// What source-level values will ask of the language: members, indices, pointers, paths and casts, answered by the values themselves. The
// language here is a toy's; what is tested is that nothing else has to change. Contract P2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Compound,
  compileExpression,
  EvaluationError,
  evaluateIn,
  type Scope,
  scopeOf,
  textOf,
  type Value,
} from './expression.ts';

/** A variable of a toy language: a struct, an array or a pointer, somewhere in memory. */
class Variable extends Compound {
  override readonly type: string;
  readonly parts: Readonly<Record<string, Value>>;
  readonly place: number;

  constructor(type: string, place: number, parts: Readonly<Record<string, Value>>) {
    super();
    this.type = type;
    this.place = place;
    this.parts = parts;
  }
  override text(): string {
    return `${this.type} {${Object.keys(this.parts).join(', ')}}`;
  }
  override equals(other: Compound): boolean {
    return other instanceof Variable && other.place === this.place;
  }
  override member(name: string): Value {
    return this.parts[name];
  }
  override index(index: Value): Value {
    const part = this.parts[String(index)];
    if (part === undefined) throw new EvaluationError(`${this.type} has no element ${textOf(index)}`);
    return part;
  }
  override deref(): Value {
    return this.parts['*'];
  }
  override address(): number {
    return this.place;
  }
  override plain(): Value {
    return this.parts['value'];
  }
}

const point = new Variable('app::Point', 0x40, {
  x: new Variable('i32', 0x40, { value: -3 }),
  y: new Variable('i32', 0x44, { value: 2n ** 60n }),
});
const list = new Variable('[app::Point; 4]', 0x20, { 3: point });
const self = new Variable('*app::User', 0x10, {
  '*': new Variable('app::User', 0x18, { name: list, first: point }),
  name: list,
});
const scope: Scope = scopeOf((name) => (name === 'self' ? self : name === 'app::COUNT' ? 7 : undefined), {
  state: undefined,
  known: () => 'This function has self',
  cast: (value, type) => (type === '*app::Point' && value === 0x40 ? new Variable(type, 0, { '*': point }) : undefined),
});

describe('source-level values', () => {
  for (const [source, text] of [
    ['self.name[3].x', 'i32 {value}'],
    ['self.name[3].x + 1', '-2'],
    ['self.name[3].y == 1152921504606846976', 'true'],
    ['(*self).first.x < app::COUNT', 'true'],
    ['-(*self).first.x', '3'],
    ['!self.name[3].x', 'false'],
    ['&self.name[3], x', '0x40'],
    ['(*(0x40 as *app::Point)).x * 2', '-6'],
    ['*self == *self', 'true'],
    ['self.name[3] == (*self).first', 'true'],
    ['self.nobody == null', 'true'],
    ['self.name[3].x >>> 1', undefined],
    ['self.name[4]', undefined],
    ['*app::COUNT', undefined],
    ['self + 1', undefined],
    ['self == 1', undefined],
    ['1 as app::Nothing', undefined],
  ] as const)
    it(`${source} is ${text ?? 'refused with a sentence'}`, () => {
      if (text === undefined) assert.throws(() => evaluateIn(scope, source), EvaluationError);
      else assert.equal(evaluateIn(scope, source).value, text);
    });

  it('what is not there is told with what there is', () => {
    assert.throws(() => evaluateIn(scope, 'selv'), {
      message: "There is no value 'selv' here. This function has self.",
    });
    assert.equal(evaluateIn(scope, 'self.name[3]').memoryReference, 0x40);
    assert.equal(evaluateIn(scope, 'self').type, '*app::User');
    assert.equal(compileExpression('self.nobody')(scope), undefined);
  });

  it('E2: what is long, or nested as deep as may be, is compiled once', () => {
    const repeated = (text: string, times: number): string => text.repeat(times);
    for (const source of [
      `a${repeated(' == 1', 900)}`,
      `a${repeated(' == Red', 900)}`,
      `a${repeated(' < 1', 900)}`,
      `a${repeated(' >>> 1', 900)}`,
      `${repeated('a == Some(', 40)}1${repeated(')', 40)}`,
      `${repeated('(a == (', 40)}1${repeated('))', 40)}`,
      `${repeated('(c ? ', 40)}1${repeated(' : 2)', 40)} >>> 1`,
    ])
      assert.ok(compileExpression(source), source);
  });
});
