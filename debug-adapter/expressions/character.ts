// A character that was made of its number, as Rust's `as char` does: shown in single quotes, and computed with as a text of one.
import { quotedChar } from '../source/views/text.ts';
import { Compound } from './values.ts';

export class Character extends Compound {
  override readonly type = 'char';
  readonly #character: string;

  constructor(character: string) {
    super();
    this.#character = character;
  }
  override text(): string {
    return quotedChar(this.#character);
  }
  override bare(): string {
    return this.#character;
  }
  override plain(): string {
    return this.#character;
  }
  override code(): number | undefined {
    return this.#character.codePointAt(0);
  }
  override equals(other: Compound): boolean {
    return other.plain() === this.#character;
  }
}
