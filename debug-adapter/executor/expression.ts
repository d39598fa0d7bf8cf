// Expressions over an event: conditions, log messages and watches, e.g. `errno != 0 && len > 100`, `params.user.id == 7`. A small
// language of values without effects: no assignment, no calls but a few functions. One parser; what names mean is the scope's.
// Integers stay exact: as BigInt where a double can't hold them (P2).

import { LosslessNumber } from '../rpc/json-number.ts';

export type Value = unknown;
/** Looks a name up; undefined when there is none of that name here. */
export type Scope = (name: string) => Value;
export type Expression = (scope: Scope) => Value;

/** One sentence that names the expression, the column and what was expected. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

const TOKEN =
  /\s*(?:(0x[0-9a-fA-F]+|\d+\.\d+(?:[eE][+-]?\d+)?|\d+(?:[eE][+-]?\d+)?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([A-Za-z_$][\w$]*)|(===|!==|==|!=|<=|>=|&&|\|\||<<|>>|[-+*/%<>!~&|^().,[\]?:]))/y;
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!=', '===', '!=='],
  ['<', '<=', '>', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
/** Nested deeper than this, an expression is refused: no expression may overflow the stack. */
const MOST_DEPTH = 100;
/** And longer than this many words and signs, for the same reason. */
const MOST_TOKENS = 2000;
/** Whole numbers up to this size: a condition must not fill the memory. */
const MOST_BITS = 4096;
const MOST = 2n ** BigInt(MOST_BITS);

interface Token {
  readonly kind: 'number' | 'text' | 'name' | 'sign' | 'end';
  readonly text: string;
  readonly column: number;
}

function tokens(source: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (source.slice(TOKEN.lastIndex).trim() !== '') {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (match === null) {
      const column = start + source.slice(start).search(/\S/);
      throw new ExpressionError(
        `'${source}': column ${column + 1} holds '${source[column]}', which no expression has.`,
      );
    }
    if (found.length === MOST_TOKENS)
      throw new ExpressionError(`'${source.slice(0, 40)}…' is too long: more than ${MOST_TOKENS} words and signs.`);
    const [whole, number, text, name, sign] = match;
    const column = match.index + whole.length - (number ?? text ?? name ?? sign ?? '').length + 1;
    if (number !== undefined) found.push({ kind: 'number', text: number, column });
    else if (text !== undefined) found.push({ kind: 'text', text, column });
    else if (name !== undefined) found.push({ kind: 'name', text: name, column });
    else found.push({ kind: 'sign', text: sign ?? '', column });
  }
  found.push({ kind: 'end', text: '', column: source.length + 1 });
  return found;
}

/** Compiles `source`. @throws ExpressionError */
export function compileExpression(source: string): Expression {
  const list = tokens(source);
  let at = 0;
  let depth = 0;
  const peek = (): Token => list[at] ?? { kind: 'end', text: '', column: source.length + 1 };
  const fail = (expected: string): never => {
    const token = peek();
    const got = token.kind === 'end' ? 'it ends' : `there is '${token.text}'`;
    throw new ExpressionError(`'${source}': ${expected} is expected at column ${token.column}, and ${got}.`);
  };
  const takeSign = (...signs: string[]): string | undefined => {
    const token = peek();
    if (token.kind !== 'sign' || !signs.includes(token.text)) return undefined;
    at++;
    return token.text;
  };
  const expect = (sign: string): void => {
    if (takeSign(sign) === undefined) fail(`'${sign}'`);
  };

  const binary = (level: number): Expression => {
    const signs = LEVELS[level];
    if (signs === undefined) return unary();
    let left = binary(level + 1);
    for (let sign = takeSign(...signs); sign !== undefined; sign = takeSign(...signs)) {
      const operator = sign;
      const first = left;
      const second = binary(level + 1);
      if (operator === '&&') left = (scope) => (truthy(first(scope)) ? second(scope) : false);
      else if (operator === '||') left = (scope) => (truthy(first(scope)) ? true : second(scope));
      else left = (scope) => operate(operator, first(scope), second(scope));
    }
    return left;
  };
  const expression = (): Expression => {
    if (++depth > MOST_DEPTH) throw new ExpressionError(`'${source.slice(0, 40)}…' is nested too deep.`);
    const condition = binary(0);
    let result = condition;
    if (takeSign('?') !== undefined) {
      const yes = expression();
      expect(':');
      const no = expression();
      result = (scope) => (truthy(condition(scope)) ? yes(scope) : no(scope));
    }
    depth--;
    return result;
  };
  const unary = (): Expression => {
    const sign = takeSign('!', '-', '~');
    if (sign === undefined) return postfix();
    if (++depth > MOST_DEPTH) throw new ExpressionError(`'${source.slice(0, 40)}…' is nested too deep.`);
    const operand = unary();
    depth--;
    if (sign === '!') return (scope) => !truthy(operand(scope));
    if (sign === '~') return (scope) => tidy(~BigInt(integer(operand(scope))));
    return (scope) => operate('-', 0, operand(scope));
  };
  const postfix = (): Expression => {
    let value = primary();
    for (;;) {
      const owner = value;
      if (takeSign('.') !== undefined) {
        const token = peek();
        if (token.kind !== 'name') fail('a field name');
        at++;
        value = (scope) => field(owner(scope), token.text);
      } else if (takeSign('[') !== undefined) {
        const index = expression();
        expect(']');
        value = (scope) => field(owner(scope), index(scope));
      } else return value;
    }
  };
  const primary = (): Expression => {
    const token = peek();
    at++;
    if (token.kind === 'number') {
      const number = numeral(token.text);
      return () => number;
    }
    if (token.kind === 'text') {
      const text = unquote(token.text);
      return () => text;
    }
    if (token.kind === 'name') {
      if (token.text === 'true') return () => true;
      if (token.text === 'false') return () => false;
      if (token.text === 'null') return () => null;
      const call = FUNCTIONS.get(token.text);
      if (call !== undefined && takeSign('(') !== undefined) {
        const args = [expression()];
        while (takeSign(',') !== undefined) args.push(expression());
        expect(')');
        return (scope) => call(...args.map((arg) => arg(scope)));
      }
      return (scope) => scope(token.text);
    }
    if (token.kind === 'sign' && token.text === '(') {
      const inner = expression();
      expect(')');
      return inner;
    }
    at--;
    return fail('a value');
  };

  const whole = expression();
  if (peek().kind !== 'end') fail('an operator or the end');
  return whole;
}

const FUNCTIONS = new Map<string, (...args: Value[]) => Value>([
  ['contains', (whole, part) => textOf(whole).includes(textOf(part))],
  ['startsWith', (whole, part) => textOf(whole).startsWith(textOf(part))],
  [
    'len',
    (value) => (Array.isArray(value) || typeof value === 'string' ? value.length : Object.keys(Object(value)).length),
  ],
]);

function numeral(text: string): number | bigint {
  if (/^(0x[0-9a-fA-F]+|\d+)$/.test(text)) return tidy(BigInt(text));
  return Number(text);
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/gs, (_, c: string) => ({ n: '\n', t: '\t', r: '\r', 0: '\0' })[c] ?? c);
}

/** A BigInt that a double holds exactly becomes a number, so that equal integers are equal whatever made them. */
function tidy(value: bigint): number | bigint {
  if (value > MOST || value < -MOST)
    throw new ExpressionError(`a whole number of more than ${MOST_BITS} bits is too big.`);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function integer(value: Value): number | bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw new ExpressionError(`${textOf(value)} is no whole number.`);
}

/** The names that an expression asks its scope for. @throws ExpressionError */
export function namesIn(source: string): string[] {
  const list = tokens(source);
  return list.flatMap(({ kind, text }, index) => {
    const field = list[index - 1]?.text === '.' && list[index - 1]?.kind === 'sign';
    const call = FUNCTIONS.has(text) && list[index + 1]?.text === '(';
    return kind !== 'name' || field || call || /^(?:true|false|null)$/.test(text) ? [] : [text];
  });
}

/** What counts as true: everything but false, 0, '', null and what is not there. */
export function truthy(value: Value): boolean {
  return value !== false && value !== 0 && value !== '' && value !== null && value !== undefined;
}

/** A JSON number that a double can't hold, as the integer it is. */
function exact(value: Value): Value {
  if (!(value instanceof LosslessNumber)) return value;
  return /^-?\d+$/.test(value.source) ? tidy(BigInt(value.source)) : Number(value.source);
}

function field(owner: Value, key: Value): Value {
  if (owner === null || owner === undefined) return undefined;
  if (typeof owner === 'string' || Array.isArray(owner)) {
    if (key === 'length') return owner.length;
    return typeof key === 'number' ? owner[key] : undefined;
  }
  const name = String(key);
  return typeof owner === 'object' && Object.hasOwn(owner, name) ? (owner as Record<string, unknown>)[name] : undefined;
}

function operate(operator: string, leftValue: Value, rightValue: Value): Value {
  const left = exact(leftValue);
  const right = exact(rightValue);
  switch (operator) {
    case '==':
    case '===':
      return same(left, right);
    case '!=':
    case '!==':
      return !same(left, right);
    case '<':
      return comparable(left, right) && (left as number) < (right as number);
    case '<=':
      return comparable(left, right) && (left as number) <= (right as number);
    case '>':
      return comparable(left, right) && (left as number) > (right as number);
    case '>=':
      return comparable(left, right) && (left as number) >= (right as number);
    case '+':
      if (typeof left === 'string' || typeof right === 'string') return textOf(left) + textOf(right);
      return arithmetic(operator, left, right);
    default:
      return arithmetic(operator, left, right);
  }
}

const numeric = (value: Value): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';

function comparable(left: Value, right: Value): boolean {
  return (numeric(left) && numeric(right)) || (typeof left === 'string' && typeof right === 'string');
}

function same(left: Value, right: Value): boolean {
  if (numeric(left) && numeric(right))
    return left === right || Number(left) === Number(right) ? BigIntEqual(left, right) : false;
  if (left === undefined || right === undefined) return (left ?? null) === (right ?? null);
  if (typeof left === 'object' && typeof right === 'object') return textOf(left) === textOf(right);
  return left === right;
}

function BigIntEqual(left: number | bigint, right: number | bigint): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left === right;
  if (!Number.isInteger(Number(left))) return false;
  return BigInt(left) === BigInt(right);
}

function arithmetic(operator: string, left: Value, right: Value): Value {
  const a = typeof left === 'boolean' ? Number(left) : left;
  const b = typeof right === 'boolean' ? Number(right) : right;
  if (!numeric(a) || !numeric(b)) throw new ExpressionError(`${textOf(numeric(a) ? b : a)} is no number.`);
  const whole = (typeof a === 'bigint' || Number.isInteger(a)) && (typeof b === 'bigint' || Number.isInteger(b));
  if (whole) {
    const x = BigInt(a);
    const y = BigInt(b);
    switch (operator) {
      case '+':
        return tidy(x + y);
      case '-':
        return tidy(x - y);
      case '*':
        return tidy(x * y);
      case '/':
        if (y === 0n) throw new ExpressionError('this divides by zero.');
        return x % y === 0n ? tidy(x / y) : Number(a) / Number(b);
      case '%':
        if (y === 0n) throw new ExpressionError('this divides by zero.');
        return tidy(x % y);
      case '&':
        return tidy(x & y);
      case '|':
        return tidy(x | y);
      case '^':
        return tidy(x ^ y);
      case '<<':
      case '>>':
        if (y < 0n || y > 128n) throw new ExpressionError(`a shift by ${y} is out of range.`);
        return tidy(operator === '<<' ? x << y : x >> y);
    }
  }
  const x = Number(a);
  const y = Number(b);
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      return x / y;
    case '%':
      return x % y;
    default:
      throw new ExpressionError(`'${operator}' takes whole numbers.`);
  }
}

/** A value as people read it: texts bare, objects as JSON, digits intact. */
export function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return 'not available here';
  const shown = exact(value);
  if (typeof shown === 'bigint') return String(shown);
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? String(value);
}

/** Where the expression that begins at `from` ends: at the next brace that is in no text. -1: nowhere. */
function closingBrace(source: string, from: number): number {
  let quote: string | undefined;
  for (let i = from; i < source.length; i++) {
    const c = source[i];
    if (quote !== undefined) {
      if (c === '\\') i++;
      else if (c === quote) quote = undefined;
    } else if (c === '}') return i;
    else if (c === '"' || c === "'") quote = c;
  }
  return -1;
}

/** A log message's pieces: texts, and the sources of its `{expressions}`. `{{` stands for a brace. @throws ExpressionError */
export function messageParts(source: string): { readonly text: string; readonly expression: boolean }[] {
  const parts: { text: string; expression: boolean }[] = [];
  let text = '';
  for (let i = 0; i < source.length; i++) {
    const c = source[i];
    if ((c === '{' || c === '}') && source[i + 1] === c) {
      text += c;
      i++;
    } else if (c === '{') {
      const end = closingBrace(source, i + 1);
      if (end < 0) throw new ExpressionError(`'${source}': the brace at column ${i + 1} is not closed.`);
      parts.push({ text, expression: false }, { text: source.slice(i + 1, end), expression: true });
      text = '';
      i = end;
    } else text += c;
  }
  parts.push({ text, expression: false });
  return parts;
}

/** A log message with `{expressions}`, compiled. @throws ExpressionError */
export function compileMessage(source: string): (scope: Scope) => string {
  const parts = messageParts(source).map(({ text, expression }) => (expression ? compileExpression(text) : text));
  return (scope) => parts.map((part) => (typeof part === 'string' ? part : evaluated(part, scope))).join('');
}

function evaluated(expression: Expression, scope: Scope): string {
  try {
    return textOf(expression(scope));
  } catch (error) {
    return `<${(error as Error).message}>`;
  }
}
