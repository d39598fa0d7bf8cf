// The tree of an expression as closures: compiled once, then run at every hit. Where whole numbers fit doubles, nothing is allocated.
// Contracts P2, E4 (no loops: a run costs what the text is long, times what it reads).
import { LosslessNumber } from '../rpc/json-number.ts';
import { add, arithmetic, invert, order, same, shiftUnsigned } from './expression-arithmetic.ts';
import { EvaluationError, quoted } from './expression-error.ts';
import { convert, FUNCTIONS } from './expression-functions.ts';
import { isCellType } from './expression-numbers.ts';
import type { Scope } from './expression-scope.ts';
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
} from './expression-state.ts';
import { type Node, type Parsed, print } from './expression-syntax.ts';
import { type Typing, typing } from './expression-types.ts';
import {
  Compound,
  isAbsent,
  kindOf,
  ofJson,
  shown,
  tidy,
  truthy,
  Unavailable,
  type Value,
} from './expression-values.ts';

/** A compiled expression. @throws EvaluationError, and what the scope throws. */
export type Expression = (scope: Scope) => Value;

/** The type of a tree's value, compiled. */
export function compileType(root: Node): Typing {
  return typing(root, closure);
}

/** Compiles a tree; errors say which expression they are of. */
export function compile({ root, source }: Pick<Parsed, 'root' | 'source'>): Expression {
  const run = closure(root);
  return (scope) => {
    try {
      return run(scope);
    } catch (error) {
      throw error instanceof EvaluationError ? error.within(source) : error;
    }
  };
}

/** A value that is used: what is not available here ends the evaluation with its reason. */
function used(value: Value, column: number): Value {
  if (value instanceof Unavailable) throw new EvaluationError(value.reason, column);
  return value;
}

function holds(value: Value, column: number): boolean {
  return truthy(used(value, column));
}

function closure(node: Node): Expression {
  const { column } = node;
  switch (node.kind) {
    case 'number':
    case 'text':
    case 'constant': {
      const { value } = node;
      return () => value;
    }
    case 'name': {
      const { name } = node;
      return (scope) => {
        const value = scope(name);
        return typeof value === 'bigint' ? tidy(value) : ofJson(value);
      };
    }
    case 'dollar':
      return dollar(node.name, column);
    case 'slot': {
      const { space } = node;
      const index = closure(node.index);
      return (scope) => {
        const slots = slotsOf(scope, space, column);
        return slotValue(slots, space, slotIndex(slots, space, used(index(scope), column), column), column);
      };
    }
    case 'load':
      return load(node);
    case 'member': {
      const { name } = node;
      const owner = closure(node.owner);
      return (scope) => member(used(owner(scope), column), name);
    }
    case 'index': {
      const owner = closure(node.owner);
      const index = closure(node.index);
      return (scope) => {
        const value = used(owner(scope), column);
        return element(value, used(index(scope), column), column);
      };
    }
    case 'call': {
      // the parser has checked the name and the number of arguments
      const called = FUNCTIONS.get(node.name)!;
      const first = node.args[0] === undefined ? () => undefined : closure(node.args[0]);
      const second = node.args[1] === undefined ? () => undefined : closure(node.args[1]);
      return (scope) => {
        const value = used(first(scope), column);
        return called.apply(column, value, used(second(scope), column));
      };
    }
    case 'cast': {
      const { type } = node;
      const operand = closure(node.operand);
      if (isCellType(type)) return (scope) => convert(type, used(operand(scope), column), column);
      return (scope) => {
        const found = scope.cast?.(used(operand(scope), column), type);
        if (found === undefined) throw new EvaluationError(`there is no type ${quoted(type)} here`, column);
        return found;
      };
    }
    case 'unary':
      return unary(node);
    case 'binary':
      return binary(node);
    case 'choice': {
      const test = closure(node.test);
      const yes = closure(node.yes);
      const no = closure(node.no);
      return (scope) => (holds(test(scope), column) ? yes(scope) : no(scope));
    }
  }
}

function dollar(name: string, column: number): Expression {
  if (/^\d+$/.test(name)) {
    const index = Number(name);
    return (scope) => slotValue(slotsOf(scope, 'local', column), 'local', index, column);
  }
  return (scope) => {
    const locals = slotsOf(scope, 'local', column);
    const local = locals.named(name);
    if (local >= 0) return slotValue(locals, 'local', local, column);
    const { slots, index } = slotNamed(scope, name, column);
    return slotValue(slots, 'global', index, column);
  };
}

function load({ type, address, count, memory, column }: Extract<Node, { kind: 'load' }>): Expression {
  const at = closure(address);
  const many = count === undefined ? undefined : closure(count);
  if (type === 'memory') return (scope) => loadBytes(scope, memory, at(scope), many?.(scope), column);
  if (type === 'cstr') return (scope) => loadTextToNul(scope, memory, at(scope), column);
  if (type === 'str') return (scope) => loadText(scope, memory, at(scope), many?.(scope), column);
  if (many !== undefined) return (scope) => loadCells(scope, type, memory, at(scope), many(scope), column);
  return (scope) => loadCell(scope, type, memory, at(scope), column);
}

/** `owner.name`: only what the value has itself; nothing has nothing. */
function member(owner: Value, name: string): Value {
  if (typeof owner === 'string' || Array.isArray(owner)) return name === 'length' ? owner.length : undefined;
  if (isAbsent(owner) || typeof owner !== 'object' || owner instanceof LosslessNumber) return undefined;
  if (owner instanceof Compound) return owner.member(name);
  return Object.hasOwn(owner, name) ? ofJson((owner as Readonly<Record<string, unknown>>)[name]) : undefined;
}

function element(owner: Value, index: Value, column: number): Value {
  if (owner instanceof Compound) {
    const found = typeof index === 'string' ? owner.member(index) : owner.index(index);
    if (found !== undefined) return found;
    throw new EvaluationError(`what is ${kindOf(owner)} has no ${shown(index)}`, column);
  }
  if (typeof index === 'number' && (typeof owner === 'string' || Array.isArray(owner))) return ofJson(owner[index]);
  return member(owner, String(index));
}

function unary({ operator, operand, column }: Extract<Node, { kind: 'unary' }>): Expression {
  if (operator === '&') return addressOf(operand, column);
  const inner = closure(operand);
  switch (operator) {
    case '!':
      return (scope) => !holds(inner(scope), column);
    case '~':
      return (scope) => invert(inner(scope), column);
    case '-':
      return (scope) => arithmetic('-', 0, inner(scope), column);
    case '*':
      return (scope) => {
        const value = used(inner(scope), column);
        const found = value instanceof Compound ? value.deref() : undefined;
        if (found !== undefined) return found;
        throw new EvaluationError(
          `'*' follows a pointer, and ${shown(value)} is none: write i32[address] for an address`,
          column,
        );
      };
  }
}

/** `&x`: where it lies in memory. */
function addressOf(operand: Node, column: number): Expression {
  if (operand.kind === 'load') {
    const at = closure(operand.address);
    return (scope) => addressFrom(at(scope), column);
  }
  const inner = closure(operand);
  return (scope) => {
    const value = used(inner(scope), column);
    const address = value instanceof Compound ? value.address() : undefined;
    if (address !== undefined) return address;
    throw new EvaluationError(`${quoted(print(operand))} does not lie in memory`, column);
  };
}

function binary(node: Extract<Node, { kind: 'binary' }>): Expression {
  const { operator, column } = node;
  const left = closure(node.left);
  const right = closure(node.right);
  switch (operator) {
    case '&&':
      return (scope) => (holds(left(scope), column) ? right(scope) : false);
    case '||':
      return (scope) => (holds(left(scope), column) ? true : right(scope));
    case '==':
      return (scope) => same(left(scope), right(scope), column);
    case '!=':
      return (scope) => !same(left(scope), right(scope), column);
    case '<':
      return (scope) => {
        const a = left(scope);
        const b = right(scope);
        return typeof a === 'number' && typeof b === 'number' ? a < b : order(a, b, column) === -1;
      };
    case '<=':
      return (scope) => {
        const a = left(scope);
        const b = right(scope);
        return typeof a === 'number' && typeof b === 'number' ? a <= b : (order(a, b, column) ?? 1) <= 0;
      };
    case '>':
      return (scope) => {
        const a = left(scope);
        const b = right(scope);
        return typeof a === 'number' && typeof b === 'number' ? a > b : order(a, b, column) === 1;
      };
    case '>=':
      return (scope) => {
        const a = left(scope);
        const b = right(scope);
        return typeof a === 'number' && typeof b === 'number' ? a >= b : (order(a, b, column) ?? -1) >= 0;
      };
    case '+':
      return (scope) => {
        const a = used(left(scope), column);
        return add(a, used(right(scope), column), column);
      };
    case '>>>': {
      const type = typing(node.left, closure);
      return (scope) => {
        const value = left(scope);
        const width = typeof value === 'number' && value >= 0 ? undefined : widthOf(type(scope));
        return shiftUnsigned(value, right(scope), width, column);
      };
    }
    default:
      return (scope) => arithmetic(operator, left(scope), right(scope), column);
  }
}

function widthOf(type: ReturnType<Typing>): 32 | 64 | undefined {
  return type === 'i64' || type === 'u64' ? 64 : type !== undefined && isCellType(type) ? 32 : undefined;
}
