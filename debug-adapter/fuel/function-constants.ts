// Guesses how many constants wasmi keeps in a function's frame: those that no instruction can hold inline. An estimate:
// wasmi decides instruction by instruction; integers of 16 bits are nearly always inline, others nearly always not.

export class FunctionConstants {
  /** Distinct constants seen that take a slot. */
  count = 0;
  readonly #seen = new Set<number>();

  reset(): void {
    this.count = 0;
    if (this.#seen.size > 0) this.#seen.clear();
  }

  see(low: number, high: number, integer: boolean): void {
    if (integer && high === low >> 31 && low === (low << 16) >> 16) return;
    if (integer && high === 0 && low === (low << 16) >> 16) return;
    const key = high * 2 ** 32 + (low >>> 0);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.count++;
  }
}
