// The parser of the expression language: text to tree. Precedence climbing; nesting is bounded, so no text can overflow the stack.
// Contract E4.
import { castOfC } from './casts-of-c.ts';
import { ExpressionError, quoted } from './error.ts';
import { FUNCTIONS, METHODS } from './functions.ts';
import { limitOf } from './numbers.ts';
import {
  type BinaryOperator,
  FORMATS,
  type Format,
  isAmbiguous,
  isLoadType,
  isSlotSpace,
  LEVELS,
  levelOf,
  type Node,
  type Parsed,
  type UnaryOperator,
} from './syntax.ts';
import { strange, type Token, tokens } from './tokens.ts';

/** Nested deeper than this, an expression is refused: no expression may overflow the stack. */
const MOST_DEPTH = 100;
const ALIASES: Readonly<Record<string, BinaryOperator>> = { '===': '==', '!==': '!=' };
const UNARY: readonly string[] = ['!', '-', '~', '*', '&'];
const MEMBERS: ReadonlySet<Token['kind']> = new Set(['name', 'dollar', 'field']);
const CONSTANTS = new Map([
  ['true', true],
  ['false', false],
  ['NULL', null],
] as const);

/** Parses `source`; with `formats`, a format may follow behind a comma. @throws ExpressionError */
export function parseExpression(source: string, formats = false): Parsed {
  return new Parser(source).whole(formats);
}

/** What `+=` and its like may begin with. */
const COMPOUND: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>']);

/** The two sides of `$0 = $1 + 4`, of `n += 1` as `n = n + (1)`; undefined where `source` is no assignment. @throws ExpressionError */
export function parseAssignment(source: string): { readonly target: string; readonly value: string } | undefined {
  const all = tokens(source);
  const at = all.findIndex(({ kind, text }) => kind === 'sign' && text === '=');
  const equals = all[at];
  if (equals === undefined) return undefined;
  const value = source.slice(equals.end).trim();
  const before = all[at - 1];
  if (before?.kind !== 'sign' || before.end !== equals.column - 1 || !COMPOUND.has(before.text))
    return { target: source.slice(0, equals.column - 1).trim(), value };
  const target = source.slice(0, before.column - 1).trim();
  return { target, value: `${target} ${before.text} (${value})` };
}

/** `Some` of `Some(3)`, `Shape::Line`: the language knows no variants, whoever compares with one does. */
const isVariant = (name: string): boolean => /(?:^|::)[A-Z]\w*$/.test(name);

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  /** What stands in parentheses. */
  readonly #enclosed = new WeakSet<Node>();

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokens(source);
  }

  whole(formats: boolean): Parsed {
    const root = this.#expression();
    let format: Format | undefined;
    if (formats && this.#take(',')) {
      const written = this.#peek();
      format = FORMATS.find((candidate) => written.kind === 'name' && candidate === written.text);
      if (format === undefined) this.#fail(`a format (${FORMATS.join(', ')})`);
      this.#at++;
    }
    if (this.#peek().kind !== 'end') this.#fail('an operator or the end');
    return { source: this.#source, root, format };
  }

  #peek(): Token {
    // the last token is the end, and nothing passes it
    return this.#tokens[this.#at]!;
  }

  /** As it stands in the source. */
  #written(token: Token): string {
    return this.#source.slice(token.column - 1, token.end);
  }

  #fail(expected: string): never {
    const token = this.#peek();
    if (token.kind === 'sign' && token.text === '=') throw strange(this.#source, token.column - 1);
    const got = token.kind === 'end' ? 'it ends' : `there is ${quoted(this.#written(token))}`;
    throw new ExpressionError(
      `${quoted(this.#source)}: ${expected} is expected at column ${token.column}, and ${got}.`,
    );
  }

  #is(sign: string): boolean {
    const token = this.#peek();
    return token.kind === 'sign' && token.text === sign;
  }
  #take(sign: string): boolean {
    if (!this.#is(sign)) return false;
    this.#at++;
    return true;
  }
  #expect(sign: string): void {
    if (!this.#take(sign)) this.#fail(`'${sign}'`);
  }

  #deeper<T>(parse: () => T): T {
    if (++this.#depth > MOST_DEPTH) throw new ExpressionError(`${quoted(this.#source)} is nested too deep.`);
    const found = parse();
    this.#depth--;
    return found;
  }

  #expression(): Node {
    return this.#deeper(() => {
      const test = this.#binary(0);
      const { column } = this.#peek();
      if (!this.#take('?')) return test;
      const yes = this.#expression();
      this.#expect(':');
      return { kind: 'choice', column, test, yes, no: this.#expression() };
    });
  }

  #binary(least: number): Node {
    let left = this.#cast();
    for (;;) {
      const { kind, text, column } = this.#peek();
      const operator = ALIASES[text] ?? (text as BinaryOperator);
      const level = kind === 'sign' ? levelOf(operator) : undefined;
      if (level === undefined || level < least) return left;
      this.#at++;
      const right = level + 1 < LEVELS.length ? this.#binary(level + 1) : this.#cast();
      for (const side of [left, right])
        if (isAmbiguous(operator, side) && !this.#enclosed.has(side))
          throw new ExpressionError(
            `${quoted(this.#source)}: '${operator}' at column ${column} needs parentheses, since C and Rust read it differently beside a comparison: (a ${operator} b) == c, or a ${operator} (b == c).`,
          );
      left = { kind: 'binary', column, operator, left, right };
    }
  }

  #cast(): Node {
    let operand = this.#unary();
    for (;;) {
      const { kind, text, column } = this.#peek();
      if (kind !== 'name' || text !== 'as') return operand;
      this.#at++;
      const type = this.#type();
      operand = { kind: 'cast', column, operand, type };
    }
  }

  /** `u8`, `app::User`, `*app::User`; `*const T` and `*mut T` are `*T`. */
  #type(): string {
    let type = '';
    while (this.#take('*')) {
      type += '*';
      const { kind, text } = this.#peek();
      const next = this.#tokens[this.#at + 1];
      if (kind === 'name' && (text === 'const' || text === 'mut') && (next?.kind === 'name' || next?.text === '*'))
        this.#at++;
    }
    return type + this.#path('a type');
  }

  #unary(): Node {
    const { kind, text, column } = this.#peek();
    if (kind !== 'sign' || !UNARY.includes(text)) {
      const cast = text === '(' && kind === 'sign' ? castOfC(this.#tokens, this.#at) : undefined;
      if (cast === undefined) return this.#postfix();
      this.#at = cast.end;
      return { kind: 'cast', column, operand: this.#deeper(() => this.#unary()), type: cast.type };
    }
    this.#at++;
    return { kind: 'unary', column, operator: text as UnaryOperator, operand: this.#deeper(() => this.#unary()) };
  }

  #postfix(): Node {
    let owner = this.#primary();
    for (;;) {
      const { column } = this.#peek();
      // what is behind a pointer is found without being told
      if (this.#take('.') || this.#take('->')) {
        const token = this.#peek();
        // a member may be called `$name`, as any key of JSON
        const name = token.kind === 'name' ? token.text : this.#written(token);
        if (!MEMBERS.has(token.kind) || name.includes('"')) this.#fail('a field name');
        this.#at++;
        if (token.kind === 'name' && this.#is('(')) owner = this.#method(owner, name, token.column);
        else owner = { kind: 'member', column: token.column, owner, name };
      } else if (this.#take('[')) owner = this.#element(owner, column);
      else return owner;
    }
  }

  /** What stands in brackets: an index, or a range of them. */
  #element(owner: Node, column: number): Node {
    const isRange = (): boolean => this.#is('..') || this.#is('..=');
    const from = isRange() ? undefined : this.#expression();
    if (from !== undefined && !isRange()) {
      this.#expect(']');
      return { kind: 'index', column, owner, index: from };
    }
    const inclusive = this.#is('..=');
    this.#at++;
    const to = this.#is(']') && !inclusive ? undefined : this.#expression();
    this.#expect(']');
    return { kind: 'slice', column, owner, from, to, inclusive };
  }

  #primary(): Node {
    const { kind, text, value, column } = this.#peek();
    switch (kind) {
      case 'number':
        this.#at++;
        return { kind, column, value };
      case 'text':
        this.#at++;
        return { kind, column, value: text };
      case 'dollar':
        if (text === '' && !this.#written(this.#peek()).startsWith('$"')) this.#fail('a name behind the $');
        this.#at++;
        return { kind, column, name: text };
      case 'name':
        return this.#named(text, column);
      case 'sign':
        if (this.#take('(')) {
          const inner = this.#expression();
          this.#expect(')');
          this.#enclosed.add(inner);
          return inner;
        }
        return this.#fail('a value');
      default:
        return this.#fail('a value');
    }
  }

  #named(text: string, column: number): Node {
    const constant = CONSTANTS.get(text as 'true');
    if (constant !== undefined) {
      this.#at++;
      return { kind: 'constant', column, value: constant };
    }
    const next = this.#tokens[this.#at + 1];
    const opens = next?.kind === 'sign' ? next.text : '';
    if (opens === '[' && isSlotSpace(text)) {
      this.#at += 2;
      const index = this.#expression();
      this.#expect(']');
      return { kind: 'slot', column, space: text, index };
    }
    if (opens === '[' && isLoadType(text)) return this.#load(text, column);
    if (opens === '(') return this.#call(text, column);
    const name = this.#path('a value');
    const limit = limitOf(name);
    if (limit !== undefined) return { kind: 'number', column, value: limit };
    return this.#is('(') && isVariant(name)
      ? { kind: 'call', column, name, args: this.#args(name, undefined, column) }
      : { kind: 'name', column, name };
  }

  #load(type: Extract<Node, { kind: 'load' }>['type'], column: number): Node {
    this.#at += 2;
    const address = this.#expression();
    const count = type !== 'cstr' && this.#take(',') ? this.#expression() : undefined;
    if (type === 'str' && count === undefined) this.#fail("',' and a length");
    this.#expect(']');
    if (!this.#take('@')) return { kind: 'load', column, type, address, count, memory: 0 };
    const token = this.#peek();
    if (token.kind !== 'number' || typeof token.value !== 'number' || !Number.isSafeInteger(token.value))
      this.#fail('the number of a memory');
    this.#at++;
    return { kind: 'load', column, type, address, count, memory: token.value as number };
  }

  #call(name: string, column: number): Node {
    const called = FUNCTIONS.get(name);
    if (called === undefined && isVariant(name)) {
      this.#at++;
      return { kind: 'call', column, name, args: this.#args(name, undefined, column) };
    }
    if (called === undefined)
      throw new ExpressionError(
        `${quoted(this.#source)}: there is no function ${quoted(name)} (column ${column}): there are ${[...FUNCTIONS.keys()].join(', ')}.`,
      );
    this.#at++;
    return { kind: 'call', column, name, args: this.#args(name, called.parameters, column) };
  }

  #method(owner: Node, name: string, column: number): Node {
    const method = METHODS.get(name);
    if (method === undefined)
      throw new ExpressionError(
        `${quoted(this.#source)}: no code of the plugin is run here, so there is no method ${quoted(name)} (column ${column}): there are ${[...METHODS.keys()].join(', ')}.`,
      );
    return { kind: 'method', column, owner, name, args: this.#args(name, method.parameters, column) };
  }

  /** Values in parentheses. */
  #args(name: string, parameters: number | undefined, column: number): Node[] {
    this.#expect('(');
    const args: Node[] = [];
    if (!this.#is(')')) {
      args.push(this.#expression());
      while (this.#take(',')) args.push(this.#expression());
    }
    this.#expect(')');
    if (parameters === undefined) return args;
    const takes = parameters === 0 ? 'nothing' : parameters === 1 ? 'one value' : `${parameters} values`;
    if (args.length !== parameters)
      throw new ExpressionError(
        `${quoted(this.#source)}: ${name} at column ${column} takes ${takes}, and is given ${args.length}.`,
      );
    return args;
  }

  /** `name`, `app::name`. */
  #path(expected: string): string {
    let path = '';
    for (;;) {
      const token = this.#peek();
      if (token.kind !== 'name') this.#fail(expected);
      this.#at++;
      path += token.text;
      if (!this.#take('::')) return path;
      path += '::';
    }
  }
}
