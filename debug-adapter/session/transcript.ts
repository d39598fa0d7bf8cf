// The call's transcript: one line an event, polls of an empty stdin folded into one, cut into parts of bounded size so that keeping a
// growing text fresh stays cheap. Lays lines out without rendering them; renders only what is asked for, in slices of time.
// A line never changes once another has come after it. Contracts S6, E2 (nothing long), E5 (folded polls).
import type { EventStore } from '../recording/event-store.ts';
import { arrow, eventText, grouped, milliseconds, visible } from '../transcript/transcript-line.ts';

/** Lines of one part, the source that an editor shows as one file. Small enough for editors to take an edit of it line by line. */
export const PART_LINES = 2000;
/** Rendered parts that are kept. */
const KEPT_PARTS = 3;
/** Events between two looks at the clock. */
const STRIDE = 64;

export interface Heading {
  /** File name of the module. */
  readonly plugin: string;
  readonly method: string;
  readonly params: string;
}

/** A run of polls of an empty stdin, with the clock reads and yields between them. */
interface Polls {
  polls: number;
  clocks: number;
  yields: number;
  until: number;
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
  /** Line of each event, and first event of each line that is one. Lines from 0, the heading included. */
  #lineOf = new Uint32Array(1024);
  #eventOf = new Uint32Array(1024);
  #laid = 0;
  #lines: number;
  #open: Polls | undefined;
  readonly #polls = new Map<number, Polls>();
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
    this.#lines = this.#heading.length;
  }

  /** Lines so far, the heading's included. */
  get lines(): number {
    return this.#lines;
  }

  /** Events that have a line. */
  get laid(): number {
    return this.#laid;
  }

  /** How many parts there are: at least 1. */
  get parts(): number {
    return Math.ceil(this.#lines / PART_LINES);
  }

  /** Lays out events that have come, for at most `budget` ms. True when none is left. */
  advance(budget: number): boolean {
    const end = this.#now() + budget;
    while (this.#laid < this.#store.length) {
      const until = Math.min(this.#laid + STRIDE, this.#store.length);
      while (this.#laid < until) this.#lay(this.#laid);
      if (this.#now() >= end) break;
    }
    return this.#laid === this.#store.length;
  }

  #lay(seq: number): void {
    const kind = this.#store.kind(seq);
    let joins = false;
    if (kind === 'yield' && this.#open !== undefined) {
      const event = this.#store.get(seq);
      if (event.kind === 'yield') this.#open.yields += event.count;
      this.#open.until = event.time;
      joins = true;
    } else if (kind === 'syscall') {
      const event = this.#store.get(seq);
      if (event.kind === 'syscall' && event.flags.emptyPoll) {
        joins = this.#open !== undefined;
        this.#open ??= { polls: 0, clocks: 0, yields: 0, until: 0 };
        this.#open.polls++;
        this.#open.until = event.time;
      } else if (event.kind === 'syscall' && event.name === 'clock_time_get' && this.#open !== undefined) {
        this.#open.clocks++;
        this.#open.until = event.time;
        joins = true;
      } else this.#open = undefined;
    } else this.#open = undefined;

    if (seq >= this.#lineOf.length) this.#lineOf = grow(this.#lineOf);
    if (!joins) {
      const line = this.#lines++;
      if (line >= this.#eventOf.length) this.#eventOf = grow(this.#eventOf);
      this.#eventOf[line] = seq;
      if (this.#open !== undefined) this.#polls.set(line, this.#open);
    }
    this.#lineOf[seq] = this.#lines - 1;
    this.#laid++;
  }

  /** Part and line (from 1) of an event that has been laid out; before the first event, the last line of the heading. */
  placeOf(seq: number): { readonly part: number; readonly line: number } {
    const line = seq < 0 || this.#laid === 0 ? this.#heading.length - 1 : this.#lineOf[Math.min(seq, this.#laid - 1)]!;
    return { part: Math.floor(line / PART_LINES), line: (line % PART_LINES) + 1 };
  }

  /** The last event that stands in a part so far; -1 when none does. */
  lastEventOf(part: number): number {
    const next = (part + 1) * PART_LINES;
    return next < this.#lines ? this.#eventOf[next]! - 1 : this.#laid - 1;
  }

  /** The events [from, to) of a line (from 1) of a part; undefined where there is none. */
  eventsAt(part: number, line: number): { readonly from: number; readonly to: number } | undefined {
    const at = part * PART_LINES + line - 1;
    if (line < 1 || line > PART_LINES || at < this.#heading.length || at >= this.#lines) return undefined;
    return { from: this.#eventOf[at]!, to: at + 1 < this.#lines ? this.#eventOf[at + 1]! : this.#laid };
  }

  /** Renders a part as far as it is laid out, for at most `budget` ms. True when it is all there: then text() has it. */
  render(part: number, budget: number): boolean {
    const end = this.#now() + budget;
    const found = this.#part(part);
    const first = part * PART_LINES;
    const last = Math.min(this.#lines, first + PART_LINES);
    if (found.growing) found.lines.pop();
    found.growing = false;
    for (let line = first + found.lines.length; line < last; line++) {
      found.lines.push(this.#line(line));
      found.growing = this.#open !== undefined && line === this.#lines - 1;
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
    const event = this.#store.get(this.#eventOf[line]!);
    const columns = `${milliseconds(event.time).padStart(12)}  ${grouped(event.fuel).padStart(16)}  `;
    const polls = this.#polls.get(line);
    return `${columns}${arrow(event)} ${polls === undefined ? eventText(event) : pollText(polls)}`;
  }
}

function pollText(polls: Polls): string {
  const times = polls.polls === 1 ? 'once' : `${grouped(polls.polls)} times, until ${milliseconds(polls.until)} ms`;
  const between: string[] = [];
  if (polls.clocks > 0) between.push(`${grouped(polls.clocks)} clock read${polls.clocks === 1 ? '' : 's'}`);
  if (polls.yields > 0) between.push(`${grouped(polls.yields)} yield${polls.yields === 1 ? '' : 's'}`);
  return `polled ${times}: stdin is empty${between.length === 0 ? '' : ` (${between.join(', ')})`}`;
}

function grow(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(array.length * 2);
  grown.set(array);
  return grown;
}
