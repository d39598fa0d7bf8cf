// The tokens of a v0 symbol: tags, base-62 numbers, identifiers, hexadecimal constants. Not the grammar above them; it
// keeps the budget that bounds whoever reads with it.
import { decodePunycode } from './demangle-punycode.ts';
import { LAST_U64 } from './demangle-v0-literals.ts';

// As deep as rustc-demangle goes; about a fifth of the stack a worker has.
const MAX_DEPTH = 500;
// Bounds what back references multiply, since not all that is read prints something. A node of the grammar counts as one,
// and so does a digit.
const MAX_WORK = 1 << 18;

/** Made once: what is not a symbol should cost no stack trace. */
const NOT_UNDERSTOOD = new Error('not a v0 symbol');

/** What tells equal names apart: a number, and its digits for where a double does not hold it. */
export interface Disambiguator {
  readonly value: number;
  readonly digits: string;
}

/** A place in a symbol. Every method throws when the symbol goes on differently; the caller then gives the symbol up. */
export class V0Reader {
  /** Offset of what is read next. */
  next = 0;
  /** Whether the last identifier was written in Punycode. */
  identWasPunycode = false;
  readonly #symbol: string;
  #depth = 0;
  #work = 0;
  /** Text of the last base-62 number. Its value as a double is exact up to 2^53, which is enough for all but printing. */
  #digits = '';

  constructor(symbol: string) {
    this.#symbol = symbol;
  }

  /** Gives the symbol up. */
  fail(): never {
    throw NOT_UNDERSTOOD;
  }

  /** Begins a node of the grammar; {@link leave} ends it. */
  enter(): void {
    if (++this.#depth > MAX_DEPTH) this.fail();
    this.#spend(1);
  }

  #spend(work: number): void {
    this.#work += work;
    if (this.#work > MAX_WORK) this.fail();
  }

  leave(): void {
    this.#depth--;
  }

  /** Steps over `tag` if it is next. */
  eat(tag: string): boolean {
    if (this.#symbol[this.next] !== tag) return false;
    this.next++;
    return true;
  }

  /** Whether a path may begin here. */
  atPath(): boolean {
    const code = this.#symbol.charCodeAt(this.next);
    return code >= 0x41 && code <= 0x5a;
  }

  tag(): string {
    const tag = this.#symbol[this.next];
    if (tag === undefined) this.fail();
    this.next++;
    return tag;
  }

  /** `<base-62-number>`: `_` is 0, otherwise the digits plus one. A u64; anything longer is no symbol. */
  integer62(): number {
    const start = this.next;
    let value = 0;
    for (;;) {
      const code = this.#symbol.charCodeAt(this.next++);
      if (code === 0x5f /* _ */) break;
      const digit = digit62(code);
      if (digit < 0) this.fail();
      value = value * 62 + digit;
    }
    this.#spend(this.next - start);
    this.#digits = this.#symbol.slice(start, this.next - 1);
    if (this.#digits === '') return 0;
    value++;
    if (value > Number.MAX_SAFE_INTEGER && exact62(this.#digits) > LAST_U64) this.fail();
    return value;
  }

  /** An optional number behind `tag`: 0 without it, else one more than the number. */
  optionalInteger62(tag: string): number {
    this.#digits = '';
    if (!this.eat(tag)) return 0;
    const value = this.integer62() + 1;
    if (value > Number.MAX_SAFE_INTEGER && exact62(this.#digits) + 1n > LAST_U64) this.fail();
    return value;
  }

  /** `[<disambiguator>]`. */
  disambiguator(): Disambiguator {
    const value = this.optionalInteger62('s');
    return { value, digits: this.#digits };
  }

  /** `<undisambiguated-identifier>`, decoded; `''` when it is not `wanted`. */
  ident(wanted: boolean): string {
    this.identWasPunycode = this.eat('u');
    let length = this.#decimalDigit();
    if (length < 0) this.fail();
    if (length !== 0) {
      for (let digit = this.#decimalDigit(); digit >= 0; digit = this.#decimalDigit()) {
        length = length * 10 + digit;
        if (length > this.#symbol.length) this.fail();
      }
    }
    this.eat('_'); // separates the length from a name that starts with a digit or `_`
    const start = this.next;
    this.next += length;
    if (this.next > this.#symbol.length) this.fail();
    if (this.identWasPunycode && (length === 0 || this.#symbol[this.next - 1] === '_')) this.fail(); // no codes
    if (!wanted) return '';
    const ident = this.#symbol.slice(start, this.next);
    if (!this.identWasPunycode) return ident;
    const split = ident.lastIndexOf('_');
    const ascii = ident.slice(0, Math.max(split, 0));
    const punycode = ident.slice(split + 1);
    return decodePunycode(ascii, punycode) ?? `punycode{${ascii === '' ? '' : `${ascii}-`}${punycode}}`;
  }

  #decimalDigit(): number {
    const code = this.#symbol.charCodeAt(this.next);
    if (!(code >= 0x30 && code <= 0x39)) return -1;
    this.next++;
    return code - 0x30;
  }

  /** The digits of a constant, up to its `_`. */
  hexNibbles(): string {
    const start = this.next;
    for (;;) {
      const code = this.#symbol.charCodeAt(this.next++);
      if (code === 0x5f /* _ */) break;
      if (!((code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66))) this.fail();
    }
    this.#spend(this.next - start);
    return this.#symbol.slice(start, this.next - 1);
  }
}

function digit62(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x61 && code <= 0x7a) return code - 0x61 + 10;
  if (code >= 0x41 && code <= 0x5a) return code - 0x41 + 36;
  return -1;
}

/** The value of a base-62 number with at least one digit, to the last bit. Stops where no u64 can follow. */
function exact62(digits: string): bigint {
  let value = 0n;
  for (let i = 0; i < digits.length && value <= LAST_U64; i++)
    value = value * 62n + BigInt(digit62(digits.charCodeAt(i)));
  return value + 1n;
}

/** A disambiguator to the last bit, decimal or hexadecimal. */
export function disambiguatorText(disambiguator: Disambiguator, radix: 10 | 16): string {
  if (disambiguator.value <= Number.MAX_SAFE_INTEGER) return disambiguator.value.toString(radix);
  return (exact62(disambiguator.digits) + 1n).toString(radix);
}
