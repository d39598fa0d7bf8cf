// Rust's v0 mangling (RFC 2603, with the later additions of pattern types and `#[splat]`): a recursive reader that prints
// as it goes. Not lenient: where the grammar is left, the whole symbol is given up.
import type { Demangled } from './demangle.ts';
import { BASIC_TYPES, hexText, hexValue, quoted } from './demangle-v0-literals.ts';
import { disambiguatorText, V0Reader } from './demangle-v0-reader.ts';

// Bounds the text that back references multiply.
const MAX_OUTPUT = 1 << 16;

const NOT_ASCII = /[^\0-\x7f]/;

/**
 * Demangles `symbol` from `start`, the offset behind `_R`. Undefined when it is not a v0 symbol or asks for more than the
 * bounds of depth and length.
 */
export function demangleV0(symbol: string, start: number, hash: boolean): Demangled | undefined {
  const first = symbol.charCodeAt(start);
  if (!(first >= 0x41 && first <= 0x5a) || NOT_ASCII.test(symbol)) return undefined;
  const printer = new Printer(symbol.slice(start), hash);
  try {
    const read = printer.symbol();
    return { text: printer.out, end: start + read };
  } catch {
    // The reader's refusal, or a RangeError where the caller left less stack than the depth allowed needs.
    return undefined;
  }
}

class Printer {
  out = '';
  readonly #in: V0Reader;
  readonly #hash: boolean;
  #printing = true;
  /** Lifetimes bound by the `for<…>` around what is being printed. */
  #boundLifetimes = 0;

  constructor(symbol: string, hash: boolean) {
    this.#in = new V0Reader(symbol);
    this.#hash = hash;
  }

  /** Reads `<path> [<instantiating-crate>]` and returns the offset behind it. The instantiating crate is not shown. */
  symbol(): number {
    this.#path(true);
    if (this.#in.atPath()) this.#silently(() => this.#path(false));
    return this.#in.next;
  }

  #print(text: string): void {
    if (!this.#printing) return;
    this.out += text;
    if (this.out.length > MAX_OUTPUT) this.#in.fail();
  }

  /** Runs `read` without printing; back references are then not followed either, so that it stays linear. */
  #silently(read: () => void): void {
    const printing = this.#printing;
    this.#printing = false;
    read();
    this.#printing = printing;
  }

  /** Follows a back reference, whose tag was just eaten, with `read`. */
  #backref(read: () => void): void {
    const tagAt = this.#in.next - 1;
    const target = this.#in.integer62();
    if (target >= tagAt) this.#in.fail();
    this.#in.enter();
    if (this.#printing) {
      const next = this.#in.next;
      this.#in.next = target;
      read();
      this.#in.next = next;
    }
    this.#in.leave();
  }

  /** Prints a list up to its `E` and returns its length. */
  #list(element: () => void, separator: string): number {
    let count = 0;
    while (!this.#in.eat('E')) {
      if (count > 0) this.#print(separator);
      element();
      count++;
    }
    return count;
  }

  #lifetime(index: number): void {
    if (!this.#printing) return; // binders are not tracked then
    const depth = this.#boundLifetimes - index;
    if (depth < 0) this.#in.fail();
    if (index === 0) this.#print("'_");
    else this.#print(depth < 26 ? `'${String.fromCharCode(0x61 + depth)}` : `'_${depth}`);
  }

  /** An optional `for<'a, …>` around what `read` reads. */
  #binder(read: () => void): void {
    const count = this.#in.optionalInteger62('G');
    if (!this.#printing || count === 0) {
      read();
      return;
    }
    this.#print('for<');
    for (let i = 0; i < count; i++) {
      if (i > 0) this.#print(', ');
      this.#boundLifetimes++;
      this.#lifetime(1);
    }
    this.#print('> ');
    read();
    this.#boundLifetimes -= count;
  }

  #path(inValue: boolean): void {
    this.#in.enter();
    const tag = this.#in.tag();
    switch (tag) {
      case 'C': {
        const disambiguator = this.#in.disambiguator();
        this.#print(this.#in.ident(this.#printing));
        if (this.#hash && disambiguator.value !== 0) this.#print(`[${disambiguatorText(disambiguator, 16)}]`);
        break;
      }
      case 'N':
        this.#nested(inValue);
        break;
      case 'M':
      case 'X':
      case 'Y':
        if (tag !== 'Y') {
          // Where the impl stands is of no interest.
          this.#in.disambiguator();
          this.#silently(() => this.#path(false));
        }
        this.#print('<');
        this.#type();
        if (tag !== 'M') {
          this.#print(' as ');
          this.#path(false);
        }
        this.#print('>');
        break;
      case 'I':
        this.#path(inValue);
        this.#print(inValue ? '::<' : '<');
        this.#list(() => this.#genericArgument(), ', ');
        this.#print('>');
        break;
      case 'B':
        this.#backref(() => this.#path(inValue));
        break;
      default:
        this.#in.fail();
    }
    this.#in.leave();
  }

  #nested(inValue: boolean): void {
    const namespace = this.#in.tag().charCodeAt(0);
    const isSpecial = namespace >= 0x41 && namespace <= 0x5a;
    if (!isSpecial && !(namespace >= 0x61 && namespace <= 0x7a)) this.#in.fail();
    this.#path(inValue);
    const disambiguator = this.#in.disambiguator();
    const name = this.#in.ident(this.#printing);
    if (isSpecial) {
      const kind = namespace === 0x43 ? 'closure' : namespace === 0x53 ? 'shim' : String.fromCharCode(namespace);
      this.#print(`::{${kind}${name === '' ? '' : `:${name}`}#${disambiguatorText(disambiguator, 10)}}`);
    } else if (name !== '') this.#print(`::${name}`);
  }

  #genericArgument(): void {
    if (this.#in.eat('L')) this.#lifetime(this.#in.integer62());
    else if (this.#in.eat('K')) this.#const(false);
    else this.#type();
  }

  #type(): void {
    if (this.#in.eat('w')) this.#print('#[splat] ');
    const tag = this.#in.tag();
    const basic = BASIC_TYPES.get(tag);
    if (basic !== undefined) {
      this.#print(basic);
      return;
    }
    this.#in.enter();
    switch (tag) {
      case 'R':
      case 'Q':
        this.#print('&');
        if (this.#in.eat('L')) {
          const index = this.#in.integer62();
          if (index !== 0) {
            this.#lifetime(index);
            this.#print(' ');
          }
        }
        if (tag === 'Q') this.#print('mut ');
        this.#type();
        break;
      case 'P':
      case 'O':
        this.#print(tag === 'P' ? '*const ' : '*mut ');
        this.#type();
        break;
      case 'A':
      case 'S':
        this.#print('[');
        this.#type();
        if (tag === 'A') {
          this.#print('; ');
          this.#const(true);
        }
        this.#print(']');
        break;
      case 'T': {
        this.#print('(');
        const count = this.#list(() => this.#type(), ', ');
        this.#print(count === 1 ? ',)' : ')');
        break;
      }
      case 'F':
        this.#binder(() => this.#functionType());
        break;
      case 'D': {
        this.#print('dyn ');
        this.#binder(() => this.#list(() => this.#dynTrait(), ' + '));
        if (!this.#in.eat('L')) this.#in.fail();
        const index = this.#in.integer62();
        if (index !== 0) {
          this.#print(' + ');
          this.#lifetime(index);
        }
        break;
      }
      case 'B':
        this.#backref(() => this.#type());
        break;
      case 'W':
        this.#type();
        this.#print(' is ');
        this.#pattern();
        break;
      default:
        this.#in.next--; // a named type: its tag belongs to the path
        this.#path(false);
    }
    this.#in.leave();
  }

  #functionType(): void {
    const isUnsafe = this.#in.eat('U');
    let abi: string | undefined;
    if (this.#in.eat('K')) {
      if (this.#in.eat('C')) abi = 'C';
      else {
        abi = this.#in.ident(this.#printing);
        if (this.#in.identWasPunycode || (this.#printing && abi === '')) this.#in.fail();
      }
    }
    if (isUnsafe) this.#print('unsafe ');
    if (abi !== undefined) this.#print(`extern "${abi.replaceAll('_', '-')}" `);
    this.#print('fn(');
    this.#list(() => this.#type(), ', ');
    this.#print(')');
    if (this.#in.eat('u')) return; // `()`
    this.#print(' -> ');
    this.#type();
  }

  /**
   * A trait's path, whose `<…>` is left open if it has one, so that associated types can join it:
   * `dyn Trait<T, Assoc = X>`. Returns whether it is open.
   */
  #openPath(): boolean {
    if (this.#in.eat('B')) {
      let open = false;
      this.#backref(() => {
        open = this.#openPath();
      });
      return open;
    }
    if (this.#in.eat('I')) {
      this.#path(false);
      this.#print('<');
      this.#list(() => this.#genericArgument(), ', ');
      return true;
    }
    this.#path(false);
    return false;
  }

  #dynTrait(): void {
    let open = this.#openPath();
    while (this.#in.eat('p')) {
      this.#print(open ? ', ' : '<');
      open = true;
      this.#print(`${this.#in.ident(this.#printing)} = `);
      if (this.#in.eat('K')) this.#const(false);
      else this.#type();
    }
    if (open) this.#print('>');
  }

  #pattern(): void {
    this.#in.enter();
    switch (this.#in.tag()) {
      case 'R':
        this.#const(false);
        this.#print('..=');
        this.#const(false);
        break;
      case 'O':
        this.#pattern();
        while (!this.#in.eat('E')) {
          this.#print(' | ');
          this.#pattern();
        }
        break;
      case 'N':
        this.#print('!null');
        break;
      default:
        this.#in.fail();
    }
    this.#in.leave();
  }

  /** A constant. Outside of another (`inValue` false) all but literals stand in braces, as in Rust's own syntax. */
  #const(inValue: boolean): void {
    const tag = this.#in.tag();
    this.#in.enter();
    const open = inValue ? '' : '{';
    const close = inValue ? '' : '}';
    switch (tag) {
      case 'p':
        this.#print('_');
        break;
      case 'h':
      case 't':
      case 'm':
      case 'y':
      case 'o':
      case 'j':
        this.#unsigned(tag);
        break;
      case 'a':
      case 's':
      case 'l':
      case 'x':
      case 'n':
      case 'i':
        if (this.#in.eat('n')) this.#print('-');
        this.#unsigned(tag);
        break;
      case 'b': {
        const value = hexValue(this.#in.hexNibbles());
        if (value !== '0' && value !== '1') this.#in.fail();
        this.#print(value === '1' ? 'true' : 'false');
        break;
      }
      case 'c': {
        const codePoint = Number(hexValue(this.#in.hexNibbles()) ?? Number.NaN);
        if (!(codePoint <= 0x10ffff) || (codePoint >= 0xd800 && codePoint < 0xe000)) this.#in.fail();
        this.#print(quoted(String.fromCodePoint(codePoint), "'"));
        break;
      }
      case 'e':
        // A literal is a `&str`; the `str` itself is what it points at.
        this.#print(`${open}*`);
        this.#stringLiteral();
        this.#print(close);
        break;
      case 'R':
      case 'Q':
        if (tag === 'R' && this.#in.eat('e')) {
          this.#stringLiteral();
          break;
        }
        this.#print(`${open}&${tag === 'Q' ? 'mut ' : ''}`);
        this.#const(true);
        this.#print(close);
        break;
      case 'A':
        this.#print(`${open}[`);
        this.#list(() => this.#const(true), ', ');
        this.#print(`]${close}`);
        break;
      case 'T': {
        this.#print(`${open}(`);
        const count = this.#list(() => this.#const(true), ', ');
        this.#print(`${count === 1 ? ',)' : ')'}${close}`);
        break;
      }
      case 'V':
        this.#print(open);
        this.#variant();
        this.#print(close);
        break;
      case 'B':
        this.#backref(() => this.#const(inValue));
        break;
      default:
        this.#in.fail();
    }
    this.#in.leave();
  }

  /** A value of a struct or an enum variant: unit, tuple or with named fields. */
  #variant(): void {
    this.#path(true);
    switch (this.#in.tag()) {
      case 'U':
        break;
      case 'T':
        this.#print('(');
        this.#list(() => this.#const(true), ', ');
        this.#print(')');
        break;
      case 'S':
        this.#print(' { ');
        this.#list(() => {
          this.#in.disambiguator();
          this.#print(`${this.#in.ident(this.#printing)}: `);
          this.#const(true);
        }, ', ');
        this.#print(' }');
        break;
      default:
        this.#in.fail();
    }
  }

  #unsigned(typeTag: string): void {
    const nibbles = this.#in.hexNibbles();
    this.#print(hexValue(nibbles) ?? `0x${nibbles}`);
    if (this.#hash) this.#print(BASIC_TYPES.get(typeTag) ?? '');
  }

  #stringLiteral(): void {
    const text = hexText(this.#in.hexNibbles());
    if (text === undefined) this.#in.fail();
    this.#print(quoted(text, '"'));
  }
}
