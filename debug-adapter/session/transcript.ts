// The call's transcript: one line an event, polls of an empty stdin folded into one, cut into parts of bounded size so that keeping a
// growing text fresh stays cheap. Lays lines out without rendering them; renders only what is asked for, in slices of time.
// A line never changes once another has come after it. Contracts S6, E2 (nothing long), E5 (folded polls).
import type { EventStore } from '../recording/event-store.ts';
import { RowTable } from '../transcript/row-table.ts';
import { pollText } from '../transcript/row-text.ts';
import { arrow, eventText, grouped, milliseconds, visible } from '../transcript/transcript-line.ts';

/** Lines of one part, the source that an editor shows as one file. Small enough for editors to take an edit of it line by line. */
export const PART_LINES = 2000;
/** Rendered parts that are kept. */
const KEPT_PARTS = 3;

export interface Heading {
  /** File name of the module. */
  readonly plugin: string;
  readonly method: string;
  readonly params: string;
}

interface RenderedPart {
  readonly part: number;
  readonly lines: string[];
  /** The last of them was a fold that may have grown since. */
  growing: boolean;
}

export class Transcript {
  readonly #store: EventStore;
  readonly #heading: readonly string[];
  readonly #now: () => number;
  /** A line each. */
  readonly rows: RowTable;
  #rendered: RenderedPart[] = [];

  /** `now` gives ms; it bounds how long one slice of work takes. */
  constructor(store: EventStore, heading: Heading, now: () => number) {
    this.#store = store;
    this.#now = now;
    const params = heading.params.length > 200 ? `${heading.params.slice(0, 200)}…` : heading.params;
    this.#heading = [
      `${visible(heading.method)} ${visible(params)} · ${visible(heading.plugin)} · → to the plugin, ← from the plugin`,
      `${'ms'.padStart(12)}  ${'fuel ≈'.padStart(16)}`,
    ];
    this.rows = new RowTable(store, now);
  }

  /** Lines so far, the heading's included. */
  get lines(): number {
    return this.#heading.length + this.rows.length;
  }

  /** Events that have a line. */
  get laid(): number {
    return this.rows.laid;
  }

  /** How many parts there are: at least 1. */
  get parts(): number {
    return Math.ceil(this.lines / PART_LINES);
  }

  /** Lays out events that have come, for at most `budget` ms. True when none is left. */
  advance(budget: number): boolean {
    return this.rows.advance(budget);
  }

  /** Part and line (from 1) of an event that has been laid out; before the first event, the last line of the heading. */
  placeOf(seq: number): { readonly part: number; readonly line: number } {
    const line = this.#heading.length + (seq < 0 || this.laid === 0 ? -1 : this.rows.rowOf(seq));
    return { part: Math.floor(line / PART_LINES), line: (line % PART_LINES) + 1 };
  }

  /** The last event that stands in a part so far; -1 when none does. */
  lastEventOf(part: number): number {
    const next = (part + 1) * PART_LINES;
    return next < this.lines ? this.rows.event(next - this.#heading.length) - 1 : this.laid - 1;
  }

  /** The events [from, to) of a line (from 1) of a part; undefined where there is none. */
  eventsAt(part: number, line: number): { readonly from: number; readonly to: number } | undefined {
    const row = part * PART_LINES + line - 1 - this.#heading.length;
    if (line < 1 || line > PART_LINES || row < 0 || row >= this.rows.length) return undefined;
    return { from: this.rows.event(row), to: this.rows.eventsEnd(row) };
  }

  /** Renders a part as far as it is laid out, for at most `budget` ms. True when it is all there: then text() has it. */
  render(part: number, budget: number): boolean {
    const end = this.#now() + budget;
    const found = this.#part(part);
    const first = part * PART_LINES;
    const last = Math.min(this.lines, first + PART_LINES);
    if (found.growing) found.lines.pop();
    found.growing = false;
    for (let line = first + found.lines.length; line < last; line++) {
      found.lines.push(this.#line(line));
      found.growing = line === this.lines - 1 && this.rows.kind(line - this.#heading.length) === 'polls';
      if (line % 16 === 0 && this.#now() >= end) return line === last - 1;
    }
    return true;
  }

  /** What of a part has been rendered, each line with its newline. */
  text(part: number): string {
    const found = this.#part(part);
    return found.lines.length === 0 ? '' : `${found.lines.join('\n')}\n`;
  }

  #part(part: number): RenderedPart {
    const at = this.#rendered.findIndex((rendered) => rendered.part === part);
    const found = this.#rendered[at] ?? { part, lines: [], growing: false };
    if (at >= 0) this.#rendered.splice(at, 1);
    this.#rendered.push(found);
    if (this.#rendered.length > KEPT_PARTS) this.#rendered.shift();
    return found;
  }

  #line(line: number): string {
    const heading = this.#heading[line];
    if (heading !== undefined) return heading;
    const row = line - this.#heading.length;
    const event = this.#store.get(this.rows.event(row));
    const columns = `${milliseconds(event.time).padStart(12)}  ${grouped(event.fuel).padStart(16)}  `;
    const polls = this.rows.polls(row);
    return `${columns}${arrow(event)} ${polls === undefined ? eventText(event) : pollText(polls)}`;
  }
}
