// Goes along the chains of a function with the weaver, instruction by instruction: what is charged where, and how far that is ahead of what
// was passed. (I2)
import type { WasmModule } from '../wasm/module.ts';
import { ChargePlace, MomentChains } from './moment-chains.ts';

export class ChainCursor {
  readonly #chains: MomentChains;
  /** The function whose chains were found last. */
  #scanned = -1;
  #chain = 0;
  #chainStart = 0;
  #charge = 0;
  /** Offset of the instruction that the next charge belongs to; -1: there is none. */
  next = -1;
  /** What is charged before the first instruction. */
  entry = 0;
  /** Instructions that are charged and not passed. */
  ahead = 0;

  constructor(module: WasmModule) {
    this.#chains = new MomentChains(module);
  }

  /** Begins defined function `n`, whose first instruction is at `from`. */
  begin(n: number, from: number): void {
    const chains = this.#chains;
    if (this.#scanned !== n) chains.scan(n, from);
    this.#scanned = n;
    this.#chain = 0;
    this.#chainStart = from;
    this.#charge = 0;
    this.ahead = 0;
    this.entry = chains.charges > 0 && chains.place[0] === ChargePlace.Entry ? chains.amount[this.#charge++]! : 0;
    this.#advance();
  }

  /** Whether the function has loops. */
  get loops(): boolean {
    return this.#chains.loops;
  }

  /** Whether control may come to a call of the guest's own functions; of tail calls it is not said. */
  get calls(): boolean {
    return this.#chains.calls;
  }

  #advance(): void {
    const { charges, offset } = this.#chains;
    this.next = this.#charge < charges ? offset[this.#charge]! : -1;
  }

  /** Comes to the instruction at `offset`. */
  come(offset: number): void {
    if (offset !== this.#chainStart) return;
    const { chains, start, length } = this.#chains;
    this.ahead = length[this.#chain++]!;
    this.#chainStart = this.#chain < chains ? start[this.#chain]! : -1;
  }

  /** Passes the instruction that it came to, or as many from there on. */
  pass(count = 1): void {
    this.ahead = this.ahead > count ? this.ahead - count : 0;
  }

  /** Where the next chain begins; -1: there is none. */
  get nextChain(): number {
    return this.#chainStart;
  }

  /** The place and the amount of the next charge. */
  get place(): number {
    return this.#chains.place[this.#charge]!;
  }

  get amount(): number {
    return this.#chains.amount[this.#charge]!;
  }

  /** Is done with the next charge. */
  done(): void {
    this.#charge++;
    this.#advance();
  }
}
