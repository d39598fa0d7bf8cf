// Byte offsets of the rewritten module against those of the original file, both ways. Runs in columns, found by binary
// search. Inserted code belongs to an instruction; appended helpers belong to none.

declare const brand: unique symbol;
/** A byte offset in the plugin's own file. */
export type OriginalOffset = number & { readonly [brand]: 'original' };
/** A byte offset in the module that the pass made. */
export type RewrittenOffset = number & { readonly [brand]: 'rewritten' };

export function originalOffset(offset: number): OriginalOffset {
  return offset as OriginalOffset;
}

export function rewrittenOffset(offset: number): RewrittenOffset {
  return offset as RewrittenOffset;
}

/** What the bytes of a run are. */
export const Run = {
  /** Copied byte by byte. */
  Copied: 0,
  /** Inserted beside an instruction; every byte belongs to it. */
  Inserted: 1,
  /** Stands in for an instruction; every byte belongs to it. */
  Replaced: 2,
  /** Belongs to nothing in the original. */
  None: 3,
} as const;

/** Collects runs in the order in which the code is written. */
export class OffsetMapBuilder {
  #rewritten: Uint32Array;
  #original: Uint32Array;
  #kind: Uint8Array;
  #count = 0;

  /** @param capacity runs for which there is room at first */
  constructor(capacity = 4096) {
    this.#rewritten = new Uint32Array(capacity);
    this.#original = new Uint32Array(capacity);
    this.#kind = new Uint8Array(capacity);
  }

  get count(): number {
    return this.#count;
  }

  /** From here on the code is of this kind. `at` is relative to the start of the code that is being written. */
  add(at: number, original: number, kind: number): void {
    if (this.#count === this.#kind.length) this.#grow();
    const n = this.#count++;
    this.#rewritten[n] = at;
    this.#original[n] = original;
    this.#kind[n] = kind;
  }

  /** Forgets the runs after the first `count`. */
  truncate(count: number): void {
    this.#count = count;
  }

  /** Moves the runs from row `first` on by `bytes`. */
  shift(first: number, bytes: number): void {
    if (bytes === 0) return;
    for (let n = first; n < this.#count; n++) this.#rewritten[n] = this.#rewritten[n]! + bytes;
  }

  #grow(): void {
    const size = this.#kind.length * 2;
    const rewritten = new Uint32Array(size);
    rewritten.set(this.#rewritten);
    this.#rewritten = rewritten;
    const original = new Uint32Array(size);
    original.set(this.#original);
    this.#original = original;
    const kind = new Uint8Array(size);
    kind.set(this.#kind);
    this.#kind = kind;
  }

  /** The map, once it is known that the code starts at byte `base` of the rewritten module and ends at `end`. */
  finish(base: number, end: number): OffsetMap {
    const rewritten = this.#rewritten.slice(0, this.#count);
    for (let n = 0; n < rewritten.length; n++) rewritten[n] = rewritten[n]! + base;
    return new OffsetMap({
      rewritten,
      original: this.#original.slice(0, this.#count),
      kind: this.#kind.slice(0, this.#count),
      end,
    });
  }
}

/** The columns of a map: plain values that can be posted to another thread. */
export interface OffsetColumns {
  /** First byte of each run in the rewritten module, ascending. */
  readonly rewritten: Uint32Array;
  /** The original offset it belongs to, ascending but for runs of kind None. */
  readonly original: Uint32Array;
  readonly kind: Uint8Array;
  /** End of the last run. */
  readonly end: number;
}

export class OffsetMap {
  readonly columns: OffsetColumns;
  /** Rows of `columns` that hold original code (copied or replaced), by ascending original offset. */
  readonly #back: Uint32Array;

  constructor(columns: OffsetColumns) {
    this.columns = columns;
    const { kind } = columns;
    const back = new Uint32Array(kind.length);
    let count = 0;
    for (let row = 0; row < kind.length; row++)
      if (kind[row] === Run.Copied || kind[row] === Run.Replaced) back[count++] = row;
    this.#back = back.slice(0, count);
  }

  /** The original offset of a byte of the rewritten code; of inserted code the instruction it belongs to; undefined for what is ours alone. */
  toOriginal(offset: RewrittenOffset): OriginalOffset | undefined {
    const { rewritten, original, kind, end } = this.columns;
    if (offset >= end) return undefined;
    const row = lastAtOrBefore(rewritten, rewritten.length, offset);
    if (row < 0 || kind[row] === Run.None) return undefined;
    return originalOffset(original[row]! + (kind[row] === Run.Copied ? offset - rewritten[row]! : 0));
  }

  /** Where the instruction at an original offset went; undefined for what is not code. Answers the instruction itself, not what was put before it. */
  toRewritten(offset: OriginalOffset): RewrittenOffset | undefined {
    const { rewritten, original, kind, end } = this.columns;
    const back = this.#back;
    let low = 0;
    let high = back.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (original[back[middle]!]! <= offset) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return undefined;
    const row = back[low - 1]!;
    const delta = offset - original[row]!;
    if (kind[row] === Run.Replaced) return delta === 0 ? rewrittenOffset(rewritten[row]!) : undefined;
    const length = (row + 1 < rewritten.length ? rewritten[row + 1]! : end) - rewritten[row]!;
    return delta < length ? rewrittenOffset(rewritten[row]! + delta) : undefined;
  }
}

function lastAtOrBefore(column: Uint32Array, count: number, value: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
