// An address with the type of what lies there: `&x`, `p as *T`, `(struct node *)p`, and C's pointers that were moved by `p + 1`. What lies there is
// read only when somebody asks. Contracts S6, P2.
import { EvaluationError } from './error.ts';
import { Compound, exact, shown, type Value } from './values.ts';

/** What a pointer points to. */
export interface Pointee {
  /** Bytes from one to the next. */
  readonly size: number;
  /** What lies at an address. @throws EvaluationError */
  at(address: number): Value;
  readonly memorySize: number;
  /** The text that lies there, of what texts of C are made of; undefined: none. */
  text?(address: number): string | undefined;
}

export class TypedPointer extends Compound {
  override readonly type: string;
  readonly #pointee: Pointee;
  readonly #at: number;
  /** Bytes that `+ 1` moves by. */
  readonly #step: number;

  /** @param step bytes that `+ 1` moves by; undefined: as C has it, by what it points to */
  constructor(type: string, at: number, pointee: Pointee, step = pointee.size) {
    super();
    this.type = type;
    this.#at = at;
    this.#pointee = pointee;
    this.#step = step;
  }
  override text(): string {
    if (this.#at < 0) return `-0x${(-this.#at).toString(16)}`;
    const text = this.#pointee.text?.(this.#at);
    return `0x${this.#at.toString(16)}${text === undefined ? '' : ` ${text}`}`;
  }
  override plain(): Value {
    return this.#at;
  }
  override get numberType(): string {
    return 'u32';
  }
  override equals(other: Compound): boolean {
    return other.pointsAt() === this.#at;
  }
  override pointsAt(): number {
    return this.#at;
  }
  override address(): number | undefined {
    return this.#at;
  }
  override get isAddress(): boolean {
    return true;
  }
  override deref(): Value {
    return this.index(0);
  }
  /** What it points to; undefined: nothing that can be read. */
  target(): Value {
    try {
      return this.deref();
    } catch (error) {
      if (error instanceof EvaluationError) return undefined;
      throw error;
    }
  }
  override member(name: string): Value {
    const target = this.deref();
    return target instanceof Compound ? target.member(name) : undefined;
  }
  override index(index: Value): Value {
    const count = exact(index);
    if (typeof count !== 'number' || !Number.isInteger(count))
      throw new EvaluationError(`${shown(count)} is no index behind a pointer`);
    const { size, memorySize } = this.#pointee;
    const address = this.#at + count * size;
    if (address <= 0 || address + size > memorySize)
      throw new EvaluationError(`0x${Math.max(0, address).toString(16)} lies outside the plugin's memory`);
    return this.#pointee.at(address);
  }
  override moved(count: number): Value {
    return new TypedPointer(this.type, this.#at + count * this.#step, this.#pointee, this.#step);
  }
  override get step(): number {
    return this.#step;
  }
}
