// Finds functions by name or pattern, for function breakpoints: `echo`, `rust_pdk::*`, `*::greet`, `Vec::push`, `func[12]`. Names are as
// people see them; not a search in source files.
import { demangle } from './demangle.ts';
import { ImportKind, type WasmModule } from './module.ts';
import { FunctionNames } from './names.ts';

/** Longer patterns find nothing: no name that people type is of this length. */
const MAX_PATTERN = 1000;
/** A longer name is kept as its symbol: a forged one of fifty bytes may stand for a text a thousand times as long. */
const MAX_KEPT = 4096;
const BY_INDEX = /^func\[(\d{1,10})\]$/;
/** Only a pattern like this is held against names with their hashes: `…::h0123abcd`, or a crate's `core[0123]`. */
const HASHED = /::h[0-9a-f*]|\[[0-9a-f]/;

export interface FunctionSymbol {
  /** Imported functions come first. */
  readonly index: number;
  /** Without the hash. Several functions may have one name. */
  readonly name: string;
}

/** The names of one module's functions, demangled when first asked for and kept. */
export class FunctionSymbols {
  readonly #module: WasmModule;
  readonly #names: FunctionNames;
  #display: string[] | undefined;
  /** Each name as people shorten it; '' where it is the name itself. */
  #short: string[] | undefined;

  constructor(module: WasmModule, names: FunctionNames = new FunctionNames(module)) {
    this.#module = module;
    this.#names = names;
  }

  /**
   * Indices of the functions that a name or pattern means, imported ones included, ascending; empty for none.
   *
   * A pattern means a whole name, or the part of one that begins after a `::`: `echo` is `rust_pdk::echo`, not `many_echo`. `*` stands
   * for any text. Type arguments and traits may be left out: `String::write_char` is `<alloc::string::String as Write>::write_char`. A
   * mangled symbol, a name with its hash, and the name of an import or export mean that one function; `func[12]` means function 12
   * whatever it is called. Where only the closures in a function are left of it, as of an async one in a release build, its name
   * means them.
   */
  matching(pattern: string): number[] {
    const wanted = pattern.trim();
    if (wanted === '' || wanted.length > MAX_PATTERN) return [];
    const [, digits] = BY_INDEX.exec(wanted) ?? [];
    if (digits !== undefined) return Number(digits) < this.#module.functionTypes.length ? [Number(digits)] : [];
    const found = this.#search(new NamePattern(wanted));
    if (found.length > 0 || wanted.endsWith('*') || wanted.endsWith('}')) return found;
    return this.#search(new NamePattern(`${wanted}::{{closure}}`)).concat(
      this.#search(new NamePattern(`${wanted}::{closure#*}`)),
    );
  }

  /** What `matching` finds, sorted by name, `limit` at the most: for completions and lists. */
  list(pattern: string, limit = Number.POSITIVE_INFINITY): FunctionSymbol[] {
    const names = this.#load();
    const found = this.matching(pattern).map((index) => ({ index, name: names[index]! }));
    found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.index - b.index));
    return found.slice(0, limit);
  }

  #load(): string[] {
    if (this.#display === undefined) {
      this.#display = Array.from(this.#module.functionTypes, (_, index) => {
        const name = this.#names.display(index);
        return name.length > MAX_KEPT ? this.#names.of(index) : name;
      });
      this.#short = this.#display.map(shortened);
    }
    return this.#display;
  }

  #search(pattern: NamePattern): number[] {
    const found: number[] = [];
    const names = this.#load();
    const short = this.#short!;
    for (let index = 0; index < names.length; index++)
      if (pattern.matches(names[index]!) || (short[index] !== '' && pattern.matches(short[index]!))) found.push(index);
    return found.length > 0 ? found : this.#searchRest(pattern);
  }

  /** Names that are seldom asked for: mangled, with a hash, of imports and exports. */
  #searchRest(pattern: NamePattern): number[] {
    const found = new Set<number>();
    const isHashed = HASHED.test(pattern.text);
    for (let index = 0; index < this.#module.functionTypes.length; index++) {
      const symbol = this.#names.of(index);
      if (pattern.matchesWhole(symbol) || (isHashed && pattern.matches(demangle(symbol, { hash: true }))))
        found.add(index);
    }
    for (const { kind, index, name } of [...this.#module.imports, ...this.#module.exports])
      if (kind === ImportKind.Function && pattern.matchesWhole(name)) found.add(index);
    return Array.from(found).sort((a, b) => a - b);
  }
}

/** A pattern, taken apart once for thousands of names. */
export class NamePattern {
  readonly text: string;
  /** What stands between the asterisks. */
  readonly #pieces: readonly string[];
  /** The longest piece: most names do not have it. */
  readonly #rarest: string;

  constructor(text: string) {
    this.text = text;
    this.#pieces = text.split('*');
    this.#rarest = this.#pieces.reduce((longest, piece) => (piece.length > longest.length ? piece : longest), '');
  }

  /** Whether the pattern means this name, or the end of it from after some `::` on. */
  matches(name: string): boolean {
    if (!name.includes(this.#rarest)) return false;
    if (this.matchesWhole(name)) return true;
    // What begins with an asterisk has matched every end already.
    if (this.#pieces.length > 1 && this.#pieces[0] === '') return false;
    let nesting = 0;
    for (let at = 0; at < name.length; at++) {
      const character = name[at];
      if (character === '<' || character === '(' || character === '[') nesting++;
      else if (character === ')' || character === ']' || (character === '>' && name[at - 1] !== '-')) nesting--;
      else if (character === ':' && nesting === 0 && name[at + 1] === ':' && this.matchesWhole(name, at + 2))
        return true;
    }
    return false;
  }

  /** Whether the pattern is the name from `start` on. Each piece is looked for once, left to right: no backtracking. */
  matchesWhole(name: string, start = 0): boolean {
    const pieces = this.#pieces;
    const first = pieces[0]!;
    if (pieces.length === 1) return name.length - start === first.length && name.endsWith(first);
    const last = pieces.at(-1)!;
    if (!name.startsWith(first, start) || !name.endsWith(last)) return false;
    let at = start + first.length;
    for (let n = 1; n < pieces.length - 1; n++) {
      const found = name.indexOf(pieces[n]!, at);
      if (found < 0) return false;
      at = found + pieces[n]!.length;
    }
    return name.length - last.length >= at;
  }
}

/** `<Vec<T> as Index<I>>::index` and `Vec<T,A>::push` as people shorten them: `Vec::index`, `Vec::push`. '' where nothing is shorter. */
export function shortened(name: string): string {
  if (!name.includes('<')) return '';
  let whole = name;
  if (name.startsWith('<')) {
    const end = closing(name, 0);
    if (end < 0) return '';
    const inner = name.slice(1, end);
    const trait = traitAt(inner);
    whole = (trait < 0 ? inner : inner.slice(0, trait)).replace(/^&?(?:mut )?(?:dyn )?/, '') + name.slice(end + 1);
  }
  const short = withoutTypeArguments(whole);
  return short === name ? '' : short;
}

/** Where the angle that opens at `start` is closed; -1 if it is not. */
function closing(name: string, start: number): number {
  let nesting = 0;
  for (let at = start; at < name.length; at++) {
    if (name[at] === '<') nesting++;
    else if (name[at] === '>' && name[at - 1] !== '-' && --nesting === 0) return at;
  }
  return -1;
}

/** Where ` as Trait` begins in what stands between the outermost angles; -1 for none. */
function traitAt(inner: string): number {
  let nesting = 0;
  for (let at = 0; at < inner.length; at++) {
    if (inner[at] === '<') nesting++;
    else if (inner[at] === '>' && inner[at - 1] !== '-') nesting--;
    else if (nesting === 0 && inner.startsWith(' as ', at)) return at;
  }
  return -1;
}

function withoutTypeArguments(name: string): string {
  let text = '';
  for (let at = 0; at < name.length; at++) {
    const character = name[at]!;
    // After a name, `::` or a bracket; `<` alone begins a type.
    if (character === '<' && at > 0 && /[\w:}\]]/.test(name[at - 1]!)) {
      const end = closing(name, at);
      if (end < 0) return name;
      if (text.endsWith('::')) text = text.slice(0, -2);
      at = end;
    } else text += character;
  }
  return text;
}
