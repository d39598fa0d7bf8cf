// The rows that are shown, and those just beside them: pulled by range, one request at a time, nothing else kept. Answers to an older
// query are dropped. Knows neither the DOM nor what a row means.
import type { Requests, RowView } from '../protocol.ts';

type Pull = (params: Requests['rows']['params']) => Promise<Requests['rows']['result']>;

/** So many rows are pulled with those that are drawn: on the side that the list moves to, and on the other, */
const AHEAD = 160;
const BEHIND = 40;
/** and more of them before the last of those is drawn. */
const SOON = 40;
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
  /** The list moves towards its beginning. */
  #back = false;
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
    if (from !== this.#wanted.from) this.#back = from < this.#wanted.from;
    this.#wanted = { from, to: Math.min(to, from + MOST - AHEAD - BEHIND) };
    void this.#ask();
  }

  /** Whether the extension has answered for these rows and some on either side, with as many of them as there are. */
  #here(from: number, to: number): boolean {
    if (this.#keptOf !== this.#generation) return false;
    return Math.max(0, from - SOON) >= this.#from && (to + SOON <= this.#to || (this.end < this.#to && to <= this.end));
  }

  async #ask(): Promise<void> {
    const { from, to } = this.#wanted;
    if (this.#asking || to <= from || (!this.#stale && this.#here(from, to))) return;
    this.#asking = true;
    this.#stale = false;
    const [before, behind] = this.#back ? [AHEAD, BEHIND] : [BEHIND, AHEAD];
    const range = { from: Math.max(0, from - before), to: to + behind };
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
