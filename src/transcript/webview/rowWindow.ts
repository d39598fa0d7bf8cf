// The rows that are shown, and those just beside them: pulled by range, one request at a time, nothing else kept. Answers to an older
// query are dropped. Knows neither the DOM nor what a row means.
import type { Requests, RowView } from '../protocol.ts';

type Pull = (params: Requests['rows']['params']) => Promise<Requests['rows']['result']>;

/** As many rows on either side of the drawn ones are pulled with them. */
const BESIDE = 60;
/** The protocol's bound. */
const MOST = 1000;

export class RowWindow {
  readonly #pull: Pull;
  readonly #changed: () => void;
  #generation = 0;
  /** Of the query that the kept rows are of; they stay to be seen until those of the new one come. */
  #keptOf = 0;
  #from = 0;
  #to = 0;
  #rows: (RowView | undefined)[] = [];
  #wanted = { from: 0, to: 0 };
  #stale = false;
  #asking = false;

  /** `changed` is called when rows have come. */
  constructor(pull: Pull, changed: () => void) {
    this.#pull = pull;
    this.#changed = changed;
  }

  /** How many rows are held. */
  get size(): number {
    return this.#rows.length;
  }

  /** The place behind the last one that is here. */
  get end(): number {
    return this.#from + this.#rows.length;
  }

  /** The row at a place, if it is here. */
  at(index: number): RowView | undefined {
    return this.#rows[index - this.#from];
  }

  /** The rows that are shown are of this query from now on. */
  generation(generation: number): void {
    if (generation <= this.#generation) return;
    this.#generation = generation;
    this.refresh();
  }

  /** Rows may have changed, or more may have come: those that are wanted are pulled again. */
  refresh(): void {
    this.#stale = true;
    void this.#ask();
  }

  /** Rows [from, to) are drawn. */
  want(from: number, to: number): void {
    this.#wanted = { from, to: Math.min(to, from + MOST - 2 * BESIDE) };
    void this.#ask();
  }

  /** Whether the extension has answered for these rows, with as many of them as there are. */
  #here(from: number, to: number): boolean {
    return this.#keptOf === this.#generation && from >= this.#from && to <= this.#to;
  }

  async #ask(): Promise<void> {
    const { from, to } = this.#wanted;
    if (this.#asking || to <= from || (!this.#stale && this.#here(from, to))) return;
    this.#asking = true;
    this.#stale = false;
    const range = { from: Math.max(0, from - BESIDE), to: to + BESIDE };
    try {
      const generation = this.#generation;
      const answer = await this.#pull({ generation, ...range });
      // rows of a query that was overtaken come empty, with the number of the one that counts now
      if (answer.generation === generation && generation === this.#generation) this.#keep(answer, range.to);
      else this.#stale = true;
      // lower than what was asked for: whoever answers has begun anew
      const anew = answer.generation < generation;
      this.#generation = anew ? answer.generation : Math.max(this.#generation, answer.generation);
    } catch {
      // refused: the query was overtaken, and what is pushed next says by which
      this.#asking = false;
      return;
    }
    this.#asking = false;
    void this.#ask();
  }

  #keep({ generation, from, rows }: Requests['rows']['result'], to: number): void {
    const kept = rows.map((row, index) => {
      const old = this.#keptOf === generation ? this.at(from + index) : undefined;
      return old && same(old, row) ? old : row;
    });
    this.#keptOf = generation;
    this.#from = from;
    this.#to = to;
    this.#rows = kept;
    this.#changed();
  }
}

/** Whether two rows say the same: then the old one stays, and nothing is drawn again. */
function same(a: RowView, b: RowView): boolean {
  const keys = Object.keys(b) as (keyof RowView)[];
  return keys.length === Object.keys(a).length && keys.every((key) => a[key] === b[key]);
}
