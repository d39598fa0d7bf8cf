// The tree of an expression as closures: compiled once, then run at every hit. Where whole numbers fit doubles, nothing is allocated.
// Contracts P2, E4 (no loops: a run costs what the text is long, times what it reads).
import { LosslessNumber } from '../rpc/json-number.ts';
import {
  type ArithmeticOperator,
  add,
  arithmetic,
  invert,
  order,
  same,
  shiftUnsigned,
  subtract,
} from './arithmetic.ts';
import { saturated, WIDE } from './casts.ts';
import { EvaluationError, type Place, quoted } from './error.ts';
import { codeOf, convert, FUNCTIONS, holdsSuch, METHODS } from './functions.ts';
import { cellOf, isCellType } from './numbers.ts';
import type { Scope } from './scope.ts';
import { rangeOf, sliceOf } from './slices.ts';
import {
  addressFrom,
  loadBytes,
  loadCell,
  loadCells,
  loadText,
  loadTextToNul,
  slotIndex,
  slotNamed,
  slotsOf,
  slotValue,
} from './state.ts';
import { type BinaryOperator, type Node, type Parsed, print } from './syntax.ts';
import { type Typing, typing } from './types.ts';
import { available, Compound, isAbsent, kindOf, ofJson, shown, tidy, truthy, type Value } from './values.ts';
import { comparedWithVariant, isOptional, isVariantLike, matcher, ofOptional, withEnumerator } from './variants.ts';

type Tree = Pick<Parsed, 'root' | 'source'>;

/** A compiled expression. @throws EvaluationError, and what the scope throws. */
export type Expression = (scope: Scope) => Value;

/** The type of a tree's value, compiled. */
export function compileType({ root, source }: Tree): Typing {
  return typing(root, source, closure);
}

/** Compiles a tree; `source` is what errors say it is of. */
export function compile({ root, source }: Tree): Expression {
  return closure(root, source);
}

function holds(value: Value, place: Place): boolean {
  return truthy(available(value, place));
}

/** What was compiled: a node that is asked for from two sides would double the work at each level of a tree. */
const compiled = new WeakMap<Node, Expression>();

function closure(node: Node, source: string): Expression {
  const known = compiled.get(node);
  if (known !== undefined) return known;
  const made = compiledNode(node, source);
  compiled.set(node, made);
  return made;
}

function compiledNode(node: Node, source: string): Expression {
  const place: Place = { source, column: node.column };
  switch (node.kind) {
    case 'number':
    case 'text':
    case 'constant': {
      const { value } = node;
      return () => value;
    }
    case 'name': {
      const { name } = node;
      // a variable may be called so
      if (name === 'null') return (scope) => scope(name) ?? null;
      return (scope) => {
        const value = scope(name);
        if (value === undefined && scope.unknown !== undefined) throw new EvaluationError(scope.unknown(name), place);
        return typeof value === 'bigint' ? tidy(value) : ofJson(value);
      };
    }
    case 'dollar':
      return dollar(node.name, place);
    case 'slot': {
      const { space } = node;
      const index = closure(node.index, source);
      return (scope) => {
        const slots = slotsOf(scope, space, place);
        return slotValue(slots, space, slotIndex(slots, space, available(index(scope), place), place), place);
      };
    }
    case 'load':
      return load(node, place);
    case 'member': {
      const { name } = node;
      const owner = closure(node.owner, source);
      return (scope) => member(available(owner(scope), place), name);
    }
    case 'index': {
      const owner = closure(node.owner, source);
      const index = closure(node.index, source);
      return (scope) => {
        const value = available(owner(scope), place);
        return element(value, available(index(scope), place), place);
      };
    }
    case 'slice': {
      const { inclusive } = node;
      const owner = closure(node.owner, source);
      const from = node.from === undefined ? undefined : closure(node.from, source);
      const to = node.to === undefined ? undefined : closure(node.to, source);
      const end = (scope: Scope, of: Expression | undefined): Value =>
        of === undefined ? undefined : (available(of(scope), place) ?? null);
      return (scope) => {
        const value = available(owner(scope), place);
        return sliceOf(value, rangeOf(end(scope, from), end(scope, to), inclusive, place), place);
      };
    }
    case 'call': {
      // the parser has checked the number of arguments
      const called = FUNCTIONS.get(node.name);
      if (called === undefined)
        return () => {
          throw new EvaluationError(`${node.name}(…) is a variant, which stands behind == or !=`, place);
        };
      const first = node.args[0] === undefined ? () => undefined : closure(node.args[0], source);
      const second = node.args[1] === undefined ? () => undefined : closure(node.args[1], source);
      return (scope) => {
        const value = available(first(scope), place);
        return called.apply(place, value, available(second(scope), place));
      };
    }
    case 'method': {
      // as above
      const { apply } = METHODS.get(node.name)!;
      const owner = closure(node.owner, source);
      if (isOptional(node.owner)) {
        const given = ofOptional(node.name, place);
        if (given !== undefined) return (scope) => given(available(owner(scope), place));
      }
      const [written] = node.args;
      if (node.name === 'contains' && written !== undefined && isVariantLike(written)) {
        const matches = matcher(written, place, closure);
        return (scope) => holdsSuch(available(owner(scope), place), (value) => matches(value, scope), place);
      }
      const argument = written === undefined ? () => undefined : closure(written, source);
      return (scope) => {
        const value = available(owner(scope), place);
        return apply(place, value, available(argument(scope), place));
      };
    }
    case 'cast': {
      const { type } = node;
      const operand = closure(node.operand, source);
      const cell = cellOf(type);
      // `'A' as u32`
      const letter = node.operand.kind === 'text' ? [...node.operand.value] : [];
      const point = letter.length === 1 ? letter[0]?.codePointAt(0) : undefined;
      if (cell !== undefined)
        return (scope) => convert(cell, saturated(cell, point ?? available(operand(scope), place)), place);
      const wide = Object.hasOwn(WIDE, type) ? WIDE[type] : undefined;
      if (wide !== undefined)
        return (scope) => {
          const value = point ?? available(operand(scope), place);
          return wide(codeOf(value) ?? value, place);
        };
      return (scope) => {
        const found = scope.cast?.(available(operand(scope), place), type);
        if (found === undefined) throw new EvaluationError(`there is no type ${quoted(type)} here`, place);
        return found;
      };
    }
    case 'unary':
      return unary(node, place);
    case 'binary':
      return binary(node, place);
    case 'choice': {
      const test = closure(node.test, source);
      const yes = closure(node.yes, source);
      const no = closure(node.no, source);
      return (scope) => (holds(test(scope), place) ? yes(scope) : no(scope));
    }
  }
}

function dollar(name: string, place: Place): Expression {
  if (/^\d+$/.test(name)) {
    const index = Number(name);
    return (scope) => slotValue(slotsOf(scope, 'local', place), 'local', index, place);
  }
  return (scope) => {
    const locals = slotsOf(scope, 'local', place);
    const local = locals.named(name);
    if (local >= 0) return slotValue(locals, 'local', local, place);
    const { slots, index } = slotNamed(scope, name, place);
    return slotValue(slots, 'global', index, place);
  };
}

function load(node: Extract<Node, { kind: 'load' }>, place: Place): Expression {
  const { type, address, count, memory } = node;
  const { source } = place;
  const at = closure(address, source);
  const many = count === undefined ? undefined : closure(count, source);
  if (type === 'memory') return (scope) => loadBytes(scope, memory, at(scope), many?.(scope), place);
  if (type === 'cstr') return (scope) => loadTextToNul(scope, memory, at(scope), place);
  if (type === 'str') return (scope) => loadText(scope, memory, at(scope), many?.(scope), place);
  if (many !== undefined) return (scope) => loadCells(scope, type, memory, at(scope), many(scope), place);
  return (scope) => loadCell(scope, type, memory, at(scope), place);
}

/** `owner.name`: only what the value has itself; nothing has nothing. */
function member(owner: Value, name: string): Value {
  if (typeof owner === 'string' || Array.isArray(owner)) return name === 'length' ? owner.length : undefined;
  if (isAbsent(owner) || typeof owner !== 'object' || owner instanceof LosslessNumber) return undefined;
  if (owner instanceof Compound) return owner.member(name);
  return Object.hasOwn(owner, name) ? ofJson((owner as Readonly<Record<string, unknown>>)[name]) : undefined;
}

function element(owner: Value, index: Value, place: Place): Value {
  if (owner instanceof Compound) {
    const found = owner.element(index);
    if (found !== undefined) return found;
    throw new EvaluationError(`what is ${kindOf(owner)} has no ${shown(index)}`, place);
  }
  if (typeof index === 'number' && (typeof owner === 'string' || Array.isArray(owner))) return ofJson(owner[index]);
  return member(owner, String(index));
}

function unary({ operator, operand }: Extract<Node, { kind: 'unary' }>, place: Place): Expression {
  const { source } = place;
  if (operator === '&') return addressOf(operand, place);
  const inner = closure(operand, source);
  switch (operator) {
    case '!':
      return (scope) => !holds(inner(scope), place);
    case '~':
      return (scope) => invert(inner(scope), place);
    case '-':
      return (scope) => arithmetic('-', 0, inner(scope), place);
    case '*':
      return (scope) => {
        const value = available(inner(scope), place);
        const found = value instanceof Compound ? value.deref() : undefined;
        if (found !== undefined) return found;
        throw new EvaluationError(
          `'*' follows a pointer, and ${shown(value)} is none: write i32[address] for an address`,
          place,
        );
      };
  }
}

/** `&x`: where it lies in memory. */
function addressOf(operand: Node, place: Place): Expression {
  const { source } = place;
  if (operand.kind === 'load') {
    const at = closure(operand.address, source);
    return (scope) => addressFrom(at(scope), place);
  }
  const inner = closure(operand, source);
  return (scope) => {
    const value = available(inner(scope), place);
    const address = value instanceof Compound ? value.reference() : undefined;
    if (address !== undefined) return address;
    throw new EvaluationError(`${quoted(print(operand))} does not lie in memory`, place);
  };
}

function binary(node: Extract<Node, { kind: 'binary' }>, place: Place): Expression {
  const { operator } = node;
  const { source } = place;
  if (operator !== '==' && operator !== '!=') {
    const named = withEnumerator(node, place, closure, binaryOf(operator, place));
    if (named !== undefined) return named;
  }
  const left = closure(node.left, source);
  const right = closure(node.right, source);
  switch (operator) {
    case '&&':
      return (scope) => (holds(left(scope), place) ? right(scope) : false);
    case '||':
      return (scope) => (holds(left(scope), place) ? true : right(scope));
    case '==':
    case '!=': {
      const equal =
        comparedWithVariant(node, source, closure) ?? ((scope: Scope) => same(left(scope), right(scope), place));
      return operator === '==' ? equal : (scope) => !equal(scope);
    }
    case '<':
      return (scope) => {
        const a = left(scope);
        const b = right(scope);
        return typeof a === 'number' && typeof b === 'number' ? a < b : order(a, b, place) === -1;
      };
    case '<=':
      return (scope) => {
        const a = left(scope);
        const b = right(scope);
        return typeof a === 'number' && typeof b === 'number' ? a <= b : (order(a, b, place) ?? 1) <= 0;
      };
    case '>':
      return (scope) => {
        const a = left(scope);
        const b = right(scope);
        return typeof a === 'number' && typeof b === 'number' ? a > b : order(a, b, place) === 1;
      };
    case '>=':
      return (scope) => {
        const a = left(scope);
        const b = right(scope);
        return typeof a === 'number' && typeof b === 'number' ? a >= b : (order(a, b, place) ?? -1) >= 0;
      };
    case '+':
      return (scope) => {
        const a = available(left(scope), place);
        return add(a, available(right(scope), place), place);
      };
    case '-':
      return (scope) => {
        const a = available(left(scope), place);
        return subtract(a, available(right(scope), place), place);
      };
    case '>>>': {
      const type = typing(node.left, source, closure);
      return (scope) => {
        const value = left(scope);
        const width = typeof value === 'number' && value >= 0 ? undefined : widthOf(typeOf(value) ?? type(scope));
        return shiftUnsigned(value, right(scope), width, place);
      };
    }
    default:
      return (scope) => arithmetic(operator, left(scope), right(scope), place);
  }
}

/** What a binary operator does with two values that are there. */
function binaryOf(operator: BinaryOperator, place: Place): (a: Value, b: Value) => Value {
  switch (operator) {
    case '<':
      return (a, b) => order(a, b, place) === -1;
    case '<=':
      return (a, b) => (order(a, b, place) ?? 1) <= 0;
    case '>':
      return (a, b) => order(a, b, place) === 1;
    case '>=':
      return (a, b) => (order(a, b, place) ?? -1) >= 0;
    case '+':
      return (a, b) => add(a, b, place);
    case '-':
      return (a, b) => subtract(a, b, place);
    case '>>>':
      return (a, b) => shiftUnsigned(a, b, widthOf(typeOf(a)), place);
    default:
      return (a, b) => arithmetic(operator as ArithmeticOperator, a, b, place);
  }
}

/** The type of a number that knows its own. */
const typeOf = (value: Value): string | undefined => (value instanceof Compound ? value.numberType : undefined);

function widthOf(type: string | undefined): 32 | 64 | undefined {
  return type === 'i64' || type === 'u64' ? 64 : type !== undefined && isCellType(type) ? 32 : undefined;
}
