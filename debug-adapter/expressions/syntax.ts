// The tree of an expression, and its text again with as few parentheses as there must be. What it means is compiled in
// compile.ts. Paths, members, methods, `*`, `&` and `as` are there for variables of the source.

/** What `i32[address]` and its like read. */
export const CELL_TYPES = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'f32', 'f64'] as const;
export type CellType = (typeof CELL_TYPES)[number];
/** `memory[a, n]` is bytes as text or hex, `str[a, n]` UTF-8 text, `cstr[a]` the same up to a NUL. */
export type LoadType = CellType | 'memory' | 'str' | 'cstr';
export type SlotSpace = 'local' | 'global' | 'stack';

export type UnaryOperator = '!' | '-' | '~' | '*' | '&';
export type BinaryOperator =
  | '||'
  | '&&'
  | '|'
  | '^'
  | '&'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '<<'
  | '>>'
  | '>>>'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%';

/** `column` is that of the word or sign to blame: of a binary the operator's. */
export type Node = { readonly column: number } & (
  | { readonly kind: 'number'; readonly value: number | bigint }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'constant'; readonly value: true | false | null }
  /** A variable of the source, or a field of the event: `user`, `app::COUNT`, `errno`. */
  | { readonly kind: 'name'; readonly name: string }
  /** `$0`, `$name`. */
  | { readonly kind: 'dollar'; readonly name: string }
  /** `local[0]`, `global["name"]`, `stack[0]`. */
  | { readonly kind: 'slot'; readonly space: SlotSpace; readonly index: Node }
  | {
      readonly kind: 'load';
      readonly type: LoadType;
      readonly address: Node;
      readonly count: Node | undefined;
      readonly memory: number;
    }
  | { readonly kind: 'member'; readonly owner: Node; readonly name: string }
  | { readonly kind: 'index'; readonly owner: Node; readonly index: Node }
  /** `list[1..3]`, `list[..=2]`: undefined is from the start, or to the end. */
  | {
      readonly kind: 'slice';
      readonly owner: Node;
      readonly from: Node | undefined;
      readonly to: Node | undefined;
      /** `..=`: `to` is the last. */
      readonly inclusive: boolean;
    }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] }
  /** `list.len()`: one of METHODS. */
  | { readonly kind: 'method'; readonly owner: Node; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Node }
  /** `x as u8`, `p as *app::User`. */
  | { readonly kind: 'cast'; readonly operand: Node; readonly type: string }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Node; readonly right: Node }
  | { readonly kind: 'choice'; readonly test: Node; readonly yes: Node; readonly no: Node }
);

/** How a value is shown: hexadecimal, binary, unsigned, as text. Written behind a comma: `$0, x`. */
export const FORMATS = ['x', 'b', 'u', 's', 'w'] as const;
export type Format = (typeof FORMATS)[number];

export interface Parsed {
  readonly source: string;
  readonly root: Node;
  readonly format: Format | undefined;
}

/** From the weakest to the strongest, as in C and JavaScript. */
export const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['<<', '>>', '>>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const LEVEL_OF = new Map(LEVELS.flatMap((signs, level) => signs.map((sign) => [sign, level] as const)));
const CAST = LEVELS.length;
const UNARY = CAST + 1;
const POSTFIX = UNARY + 1;

/** How strongly a binary operator binds, from 0; undefined for any other sign. */
export function levelOf(sign: string): number | undefined {
  return LEVEL_OF.get(sign as BinaryOperator);
}

function strength(node: Node): number {
  switch (node.kind) {
    case 'choice':
      return -1;
    case 'binary':
      return LEVEL_OF.get(node.operator) ?? 0;
    case 'cast':
      return CAST;
    case 'unary':
      return UNARY;
    default:
      return POSTFIX;
  }
}

/** `a & b == c` is `a & (b == c)` in C and `(a & b) == c` in Rust: without parentheses it is refused. */
export const isAmbiguous = (operator: BinaryOperator, side: Node): boolean =>
  side.kind === 'binary' && BITWISE.has(operator) && COMPARING.has(side.operator);
const BITWISE: ReadonlySet<BinaryOperator> = new Set(['&', '^', '|']);
const COMPARING: ReadonlySet<BinaryOperator> = new Set(['==', '!=', '<', '<=', '>', '>=']);

/** Whether a member or an index can follow without parentheses. */
export const isPostfix = (node: Node): boolean => strength(node) >= POSTFIX;

const LOADS: ReadonlySet<string> = new Set<LoadType>([...CELL_TYPES, 'memory', 'str', 'cstr']);
const SPACES: ReadonlySet<string> = new Set<SlotSpace>(['local', 'global', 'stack']);

export function isLoadType(word: string): word is LoadType {
  return LOADS.has(word);
}
export function isSlotSpace(word: string): word is SlotSpace {
  return SPACES.has(word);
}
/** Whether `word[` reads memory, or a local, global or operand. */
function isReserved(word: string): boolean {
  return LOADS.has(word) || SPACES.has(word);
}

/** A text in double quotes, as the tokens read it. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** The text of a tree: parsed again it gives the same tree, columns apart. */
export function print(node: Node): string {
  const part = (inner: Node, least: number): string => (strength(inner) < least ? `(${print(inner)})` : print(inner));
  switch (node.kind) {
    case 'number':
      // a double beyond 2^53 must not come back as the whole number of its digits
      return typeof node.value === 'number' && Math.abs(node.value) > Number.MAX_SAFE_INTEGER
        ? node.value.toExponential()
        : String(node.value);
    case 'constant':
      // `null` is a name that a variable may have
      return node.value === null ? 'NULL' : String(node.value);
    case 'text':
      return quote(node.value);
    case 'name':
      return node.name;
    case 'dollar':
      return /^[\p{ID_Continue}$]+$/u.test(node.name) ? `$${node.name}` : `$${quote(node.name)}`;
    case 'slot':
      return `${node.space}[${print(node.index)}]`;
    case 'load': {
      const range = node.count === undefined ? print(node.address) : `${print(node.address)}, ${print(node.count)}`;
      return `${node.type}[${range}]${node.memory === 0 ? '' : `@${node.memory}`}`;
    }
    case 'member':
      // `1.0` would be a number
      return /^\d/.test(node.name) && (node.owner.kind === 'number' || node.owner.kind === 'load')
        ? `(${print(node.owner)}).${node.name}`
        : `${part(node.owner, POSTFIX)}.${node.name}`;
    case 'method':
      return `${part(node.owner, POSTFIX)}.${node.name}(${node.args.map(print).join(', ')})`;
    case 'index':
    case 'slice': {
      const [from, to] = node.kind === 'slice' ? [node.from, node.to] : [undefined, undefined];
      const inside =
        node.kind === 'index'
          ? print(node.index)
          : `${from === undefined ? '' : print(from)}..${node.inclusive ? '=' : ''}${to === undefined ? '' : print(to)}`;
      // `i32[0]` would read memory
      return node.owner.kind === 'name' && isReserved(node.owner.name)
        ? `(${node.owner.name})[${inside}]`
        : `${part(node.owner, POSTFIX)}[${inside}]`;
    }
    case 'call':
      return `${node.name}(${node.args.map(print).join(', ')})`;
    case 'unary': {
      const operand = part(node.operand, UNARY);
      // `&&x` would be another operator
      return node.operator === '&' && operand.startsWith('&') ? `&(${operand})` : `${node.operator}${operand}`;
    }
    case 'cast':
      return `${part(node.operand, CAST)} as ${node.type}`;
    case 'binary': {
      const level = strength(node);
      const side = (inner: Node, least: number): string =>
        isAmbiguous(node.operator, inner) ? `(${print(inner)})` : part(inner, least);
      return `${side(node.left, level)} ${node.operator} ${side(node.right, level + 1)}`;
    }
    case 'choice':
      return `${part(node.test, 0)} ? ${print(node.yes)} : ${print(node.no)}`;
  }
}
