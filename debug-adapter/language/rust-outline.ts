// Where the items of a Rust file are: brackets matched, scopes nested, functions, constants and types by name, and the
// places where `call` or `with_method` is named as a method. One pass over the tokens; broken source has an outline too.
import {
  BANG,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  CLOSE_PAREN,
  COLON,
  COMMA,
  DOT,
  EQUALS,
  GREATER,
  HASH,
  LESS,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  OPEN_PAREN,
  SEMICOLON,
} from './punctuation.ts';
import { identifierText, Kind, type RustTokens } from './rust-tokens.ts';

/** A module, an `impl`, a trait, a function, or a block that an attribute belongs to. Scope 0 is the file. */
export interface RustScope {
  readonly kind: 'file' | 'mod' | 'impl' | 'trait' | 'fn' | 'block';
  /** Of an `impl` the name of its type, without path and generics. */
  readonly name: string;
  /** Index of the scope around it; -1 for the file. */
  readonly parent: number;
  /** The token of its `{`; -1 for the file. */
  readonly open: number;
  /** Of a function the token of its name; else -1. */
  readonly item: number;
  /** Compiled for tests only. */
  test: boolean;
}

/** A named item: `token` is its name, `scope` the index of the scope that it is in. */
export interface RustItem {
  readonly name: string;
  readonly token: number;
  readonly scope: number;
}

/** A type's definition: `kind` is the keyword before its name. */
export interface RustType extends RustItem {
  readonly kind: 'struct' | 'enum' | 'type';
  /** First token of its attributes; its keyword's where it has none. */
  readonly attributes: number;
}

/** A place where `call` or `with_method` is named behind a `.` or a `::`. */
export interface MethodSite {
  readonly token: number;
  readonly scope: number;
  readonly test: boolean;
}

export interface RustOutline {
  readonly tokens: RustTokens;
  /** For each bracket the token of its partner; the count of tokens where it is never closed; else -1. */
  readonly partner: Int32Array;
  readonly scopes: readonly RustScope[];
  readonly functions: ReadonlyMap<string, readonly RustItem[]>;
  readonly constants: ReadonlyMap<string, readonly RustItem[]>;
  readonly types: ReadonlyMap<string, readonly RustType[]>;
  readonly sites: readonly MethodSite[];
}

// What no one writes by hand, and broken source must not make slow: tokens between `<` and `>`, scopes in scopes.
const MAX_GENERICS = 1000;
const MAX_SCOPES_DEEP = 64;

/** The outline of a lexed file. Linear in the count of tokens; never throws. */
export function outlineRust(tokens: RustTokens): RustOutline {
  return new Outliner(tokens).run();
}

/**
 * Matches `()`, `[]` and `{}`. A closing bracket without a partner is passed over; one whose partner lies further out
 * closes what is in between, so that one slip does not unhinge the rest of the file.
 */
function matchBrackets({ kinds, count }: RustTokens): Int32Array {
  const partner = new Int32Array(count).fill(-1);
  const stack = new Int32Array(count);
  const open = new Int32Array(128);
  let height = 0;
  for (let i = 0; i < count; i++) {
    const kind = kinds[i]!;
    if (kind === OPEN_PAREN || kind === OPEN_BRACKET || kind === OPEN_BRACE) {
      partner[i] = count;
      stack[height++] = i;
      open[kind]!++;
    } else if (kind === CLOSE_PAREN || kind === CLOSE_BRACKET || kind === CLOSE_BRACE) {
      const wanted = kind === CLOSE_PAREN ? OPEN_PAREN : kind - 2;
      if (open[wanted] === 0) continue;
      for (;;) {
        const top = stack[--height]!;
        open[kinds[top]!]!--;
        if (kinds[top] !== wanted) continue;
        partner[top] = i;
        partner[i] = top;
        break;
      }
    }
  }
  return partner;
}

/** An item whose `{` has not come yet. */
interface Pending {
  readonly kind: RustScope['kind'];
  readonly name: string;
  readonly depth: number;
  /** Where an `impl` begins. */
  readonly token: number;
}

class Outliner {
  readonly #tokens: RustTokens;
  readonly #kinds: Uint8Array;
  readonly #count: number;
  readonly #partner: Int32Array;
  readonly #scopes: RustScope[] = [{ kind: 'file', name: '', parent: -1, open: -1, item: -1, test: false }];
  readonly #functions = new Map<string, RustItem[]>();
  readonly #constants = new Map<string, RustItem[]>();
  readonly #types = new Map<string, RustType[]>();
  readonly #sites: MethodSite[] = [];
  /** The scopes that are open: their braces, and the scopes around them. */
  readonly #open: { readonly brace: number; readonly scope: number }[] = [];
  /** For each bracket that opens, the depth that it stands at. */
  readonly #depths: Int32Array;
  #scope = 0;
  #depth = 0;
  #pending: Pending | undefined;
  /** First token of the attributes just before; -1 where there are none. */
  #attributes = -1;
  /** Depth of an item for tests only that has not ended; -1 without one. */
  #testDepth = -1;
  #testEndsAtComma = false;
  #testEndsAtBrace = false;

  constructor(tokens: RustTokens) {
    this.#tokens = tokens;
    this.#kinds = tokens.kinds;
    this.#count = tokens.count;
    this.#partner = matchBrackets(tokens);
    this.#depths = new Int32Array(tokens.count);
  }

  run(): RustOutline {
    for (let i = 0; i < this.#count; i++) {
      const kind = this.#kinds[i]!;
      if (kind === HASH) {
        const end = this.#attribute(i);
        if (end > i) {
          if (this.#attributes < 0 && this.#kinds[i + 1] !== BANG) this.#attributes = i;
          i = end;
          if (this.#kinds[i + 1] === HASH) continue;
          if (this.#testDepth >= 0) this.#shapeTestItem(i + 1);
        }
      } else if (kind >= 128) this.#word(i, kind);
      else if (this.#partner[i]! > i) {
        this.#depths[i] = this.#depth;
        if (kind === OPEN_BRACE) this.#brace(i);
        this.#depth++;
      } else if (this.#partner[i]! >= 0) this.#closing(i);
      else if (kind === SEMICOLON || kind === COMMA) {
        if (kind === SEMICOLON && this.#pending?.depth === this.#depth) this.#pending = undefined;
        if (this.#testDepth === this.#depth && (kind === SEMICOLON || this.#testEndsAtComma)) this.#testDepth = -1;
        this.#attributes = -1;
      }
    }
    return {
      tokens: this.#tokens,
      partner: this.#partner,
      scopes: this.#scopes,
      functions: this.#functions,
      constants: this.#constants,
      types: this.#types,
      sites: this.#sites,
    };
  }

  #word(i: number, kind: number): void {
    switch (kind) {
      case Kind.call:
      case Kind.withMethod: {
        const isMethod =
          i > 0 && (this.#kinds[i - 1] === DOT || (this.#kinds[i - 1] === COLON && this.#kinds[i - 2] === COLON));
        const test = this.#testDepth >= 0 || this.#scopes[this.#scope]!.test;
        if (isMethod) this.#sites.push({ token: i, scope: this.#scope, test });
        break;
      }
      case Kind.fn:
      case Kind.mod:
      case Kind.trait:
        // Without a name it is the type `fn(…)`, or the source is broken.
        if (!isName(this.#kinds[i + 1])) break;
        this.#pending = {
          kind: kind === Kind.fn ? 'fn' : kind === Kind.mod ? 'mod' : 'trait',
          name: identifierText(this.#tokens, i + 1),
          depth: this.#depth,
          token: i,
        };
        if (kind === Kind.fn) this.#add(this.#functions, i + 1);
        break;
      case Kind.impl:
        // Behind anything else it is the type `impl Trait`.
        if (beginsItem(this.#kinds[i - 1])) this.#pending = { kind: 'impl', name: '', depth: this.#depth, token: i };
        break;
      case Kind.const:
      case Kind.static:
        if (isName(this.#kinds[i + 1]) && this.#kinds[i + 2] === COLON) this.#add(this.#constants, i + 1);
        break;
      case Kind.struct:
      case Kind.enum:
      case Kind.type: {
        if (!isName(this.#kinds[i + 1])) break;
        const type: RustType = {
          kind: kind === Kind.struct ? 'struct' : kind === Kind.enum ? 'enum' : 'type',
          name: identifierText(this.#tokens, i + 1),
          token: i + 1,
          scope: this.#scope,
          attributes: this.#attributes < 0 ? i : this.#attributes,
        };
        push(this.#types, type.name, type);
        break;
      }
    }
  }

  #add(items: Map<string, RustItem[]>, token: number): void {
    const name = identifierText(this.#tokens, token);
    push(items, name, { name, token, scope: this.#scope });
  }

  /** A `{`, before it counts as depth: the body of a pending item, or of one for tests only, opens a scope. */
  #brace(i: number): void {
    this.#attributes = -1;
    // `impl Foo<{ N }>`: a constant argument, no body.
    if (this.#kinds[i - 1] === LESS) return;
    const pending = this.#pending?.depth === this.#depth ? this.#pending : undefined;
    const test = this.#testDepth === this.#depth;
    if ((pending === undefined && !test) || this.#open.length >= MAX_SCOPES_DEEP) return;
    this.#open.push({ scope: this.#scope, brace: i });
    this.#scopes.push({
      kind: pending?.kind ?? 'block',
      name: pending === undefined ? '' : pending.kind === 'impl' ? this.#implName(pending.token, i) : pending.name,
      parent: this.#scope,
      open: i,
      item: pending?.kind === 'fn' ? pending.token + 1 : -1,
      test: test || this.#testDepth >= 0 || this.#scopes[this.#scope]!.test,
    });
    this.#scope = this.#scopes.length - 1;
    this.#pending = undefined;
    // The body of a `let` may be one of several: `if a { … } else { … }`.
    if (test && this.#testEndsAtBrace) this.#testDepth = -1;
  }

  #closing(i: number): void {
    const partner = this.#partner[i]!;
    // Brackets further in that the source forgot to close end here as well.
    this.#depth = this.#depths[partner]!;
    while (this.#open.length > 0 && this.#open[this.#open.length - 1]!.brace >= partner)
      this.#scope = this.#open.pop()!.scope;
    if (this.#pending !== undefined && this.#pending.depth > this.#depth) this.#pending = undefined;
    if (this.#testDepth > this.#depth) this.#testDepth = -1;
    if (this.#kinds[partner] === OPEN_BRACE) this.#attributes = -1;
  }

  /** Reads the attribute at `i` and returns its last token; `i` itself where none begins. */
  #attribute(i: number): number {
    const isInner = this.#kinds[i + 1] === BANG;
    const open = isInner ? i + 2 : i + 1;
    if (open >= this.#count || this.#kinds[open] !== OPEN_BRACKET) return i;
    const close = this.#partner[open]!;
    if (close >= this.#count) return i;
    if (isInner) {
      if (this.#isTestConfiguration(open + 1, close)) this.#scopes[this.#scope]!.test = true;
    } else if (this.#testDepth < 0 && (this.#isTestConfiguration(open + 1, close) || this.#isTestMark(open + 1, close)))
      this.#testDepth = this.#depth;
    return close;
  }

  /** What ends the item for tests only whose first word is token `i`. */
  #shapeTestItem(i: number): void {
    if (this.#testDepth !== this.#depth) return;
    const kind = this.#kinds[i] ?? 0;
    const isFunction = kind === Kind.const && this.#kinds[i + 2] !== COLON;
    const isStatement = !isFunction && (kind === Kind.let || kind === Kind.const || kind === Kind.static);
    this.#testEndsAtBrace = !isStatement && kind !== Kind.use && kind !== Kind.type;
    // A field, a variant or a match arm. `macro_rules!`, `union` and the like are told by what follows them.
    this.#testEndsAtComma =
      kind < Kind.fn && !(kind === Kind.identifier && (isName(this.#kinds[i + 1]) || this.#kinds[i + 1] === BANG));
  }

  /** `#[test]`, `#[tokio::test]`, `#[wasm_bindgen_test]`, `#[rstest]`, with or without arguments. */
  #isTestMark(from: number, to: number): boolean {
    let last = from;
    while (last + 3 < to && this.#kinds[last + 1] === COLON && this.#kinds[last + 2] === COLON) last += 3;
    if (this.#kinds[last] !== Kind.identifier) return false;
    return /^(?:test|bench|rstest|\w+_test)$/.test(identifierText(this.#tokens, last));
  }

  #isTestConfiguration(from: number, to: number): boolean {
    return (
      this.#kinds[from] === Kind.identifier &&
      identifierText(this.#tokens, from) === 'cfg' &&
      this.#kinds[from + 1] === OPEN_PAREN &&
      this.#needsTest(from + 2, Math.min(this.#partner[from + 1]!, to), 0)
    );
  }

  /** Whether the predicate at `from` can only hold when tests are compiled. */
  #needsTest(from: number, to: number, depth: number): boolean {
    if (from >= to || depth > 32 || this.#kinds[from] !== Kind.identifier) return false;
    const name = identifierText(this.#tokens, from);
    if (name === 'test') return from + 1 === to || this.#kinds[from + 1] === COMMA;
    if ((name !== 'all' && name !== 'any') || this.#kinds[from + 1] !== OPEN_PAREN) return false;
    const end = Math.min(this.#partner[from + 1]!, to);
    let some = false;
    let every = true;
    for (let i = from + 2; i < end; i++) {
      const holds = this.#needsTest(i, end, depth + 1);
      some ||= holds;
      every &&= holds;
      while (i < end && this.#kinds[i] !== COMMA) i = this.#partner[i]! > i ? this.#partner[i]! : i + 1;
    }
    return name === 'all' ? some : some && every;
  }

  /** The name of the type that the `impl` at `from`, whose body begins at `to`, is for. */
  #implName(from: number, to: number): string {
    let i = from + 1;
    if (this.#kinds[i] === LESS) i = skipAngles(this.#tokens, this.#partner, i);
    let name = '';
    while (i < to && this.#kinds[i] !== Kind.where) {
      const kind = this.#kinds[i]!;
      if (kind === Kind.for && this.#kinds[i + 1] !== LESS) name = '';
      else if (kind === Kind.identifier) name = identifierText(this.#tokens, i);
      i =
        kind === LESS ? skipAngles(this.#tokens, this.#partner, i) : this.#partner[i]! > i ? this.#partner[i]! : i + 1;
    }
    return name;
  }
}

/**
 * The token behind the `<…>` that begins at `from`. `->` closes nothing; brackets are stepped over. Where it is never
 * closed, the token that broke it off: so many of them cost no more than one.
 */
export function skipAngles({ kinds, count }: RustTokens, partner: Int32Array, from: number): number {
  const to = Math.min(count, from + MAX_GENERICS);
  let depth = 0;
  for (let i = from; i < to; i++) {
    const kind = kinds[i]!;
    if (kind === LESS) depth++;
    else if (kind === GREATER && kinds[i - 1] !== MINUS && kinds[i - 1] !== EQUALS) {
      if (--depth === 0) return i + 1;
    } else if (partner[i]! > i) i = partner[i]!;
    else if (partner[i]! >= 0 || kind === SEMICOLON) return i;
  }
  return to;
}

function push<T>(map: Map<string, T[]>, name: string, item: T): void {
  const items = map.get(name);
  if (items === undefined) map.set(name, [item]);
  else items.push(item);
}

function isName(kind: number | undefined): boolean {
  return kind === Kind.identifier || kind === Kind.call || kind === Kind.withMethod;
}

/** Whether an item can begin behind a token of this kind. */
function beginsItem(kind: number | undefined): boolean {
  return (
    kind === undefined ||
    kind === SEMICOLON ||
    kind === OPEN_BRACE ||
    kind === CLOSE_BRACE ||
    kind === CLOSE_BRACKET ||
    kind === Kind.unsafe
  );
}
