// The shape of a call at a glance: what happened in equal parts of its fuel or its time, and which host calls were in flight. Computed in
// slices of time from the columns of the rows; drawn elsewhere. Contract E2.
import { ROW_KINDS, type RowTable } from './row-table.ts';

export type Axis = 'fuel' | 'time';

/** A host call in flight. */
export interface Span {
  readonly row: number;
  readonly name: string;
  /** On the axis; `to` is absent while there is no reply. */
  readonly from: number;
  readonly to?: number;
  /** Spans of one lane do not overlap. */
  readonly lane: number;
  readonly failed: boolean;
}

export interface Strip {
  readonly axis: Axis;
  /** Fuel, or ms: what the buckets cover. */
  readonly from: number;
  readonly to: number;
  /** Where the call ends so far. */
  readonly end: number;
  /** Per bucket: host calls in flight, syscalls, log lines, messages; 1 where something is wrong. */
  readonly inFlight: readonly number[];
  readonly syscalls: readonly number[];
  readonly stderr: readonly number[];
  readonly messages: readonly number[];
  readonly faults: readonly number[];
  /** Undefined where there are more than MOST_SPANS. */
  readonly spans: readonly Span[] | undefined;
}

/** More host calls than this in view are a density, not bars. */
const MOST_SPANS = 400;
const MOST_BUCKETS = 4000;
/** Rows between two looks at the clock. */
const STRIDE = 2048;

/** What a strip is asked for: a part of the axis, or (both undefined) all of it. */
export interface StripQuestion {
  readonly axis: Axis;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly buckets: number;
}

export class StripBuilder {
  readonly #rows: RowTable;
  readonly #now: () => number;
  readonly #axis: Axis;
  readonly #from: number;
  readonly #to: number;
  readonly #end: number;
  readonly #length: number;
  readonly #buckets: number;
  readonly #counts: Record<'syscalls' | 'stderr' | 'messages' | 'faults', Float64Array>;
  /** Calls that begin in a bucket less those that ended in the one before. */
  readonly #changes: Float64Array;
  readonly #spans: Omit<Span, 'lane'>[] = [];
  #tooMany = false;
  #next = 0;

  /** Of the rows that are laid out by now. `now` gives ms. */
  constructor(rows: RowTable, { axis, from, to, buckets }: StripQuestion, now: () => number) {
    this.#rows = rows;
    this.#now = now;
    this.#axis = axis;
    this.#length = rows.length;
    this.#end = rows.length === 0 ? 0 : rows[axis](rows.length - 1);
    this.#from = from ?? 0;
    this.#to = Math.max(to ?? this.#end, this.#from + Number.MIN_VALUE);
    const count = Math.min(Math.max(1, Math.floor(buckets) || 1), MOST_BUCKETS);
    this.#buckets = count;
    const zeros = (): Float64Array => new Float64Array(count);
    this.#counts = { syscalls: zeros(), stderr: zeros(), messages: zeros(), faults: zeros() };
    this.#changes = new Float64Array(count + 1);
  }

  /** Looks at rows for at most `budget` ms. True when all have been looked at. */
  advance(budget: number): boolean {
    const end = this.#now() + budget;
    while (this.#next < this.#length) {
      const until = Math.min(this.#next + STRIDE, this.#length);
      while (this.#next < until) this.#look(this.#next++);
      if (this.#now() >= end) break;
    }
    return this.#next === this.#length;
  }

  #look(row: number): void {
    const rows = this.#rows;
    const kind = rows.kindCode(row);
    const isHostCall = kind === REQUEST && rows.dir(row) === 'out';
    const at = rows[this.#axis](row);
    if (isHostCall) this.#hostCall(row, at);
    if (at < this.#from || at > this.#to) return;
    const bucket = this.#bucketOf(at);
    const { syscalls, stderr, messages, faults } = this.#counts;
    if (kind === SYSCALL || kind === POLLS) syscalls[bucket]!++;
    else if (kind === STDERR) stderr[bucket]!++;
    else if (rows.dir(row) !== undefined) messages[bucket]!++;
    if (kind === ERROR || rows.severity(row) === 'fault') faults[bucket] = 1;
  }

  #hostCall(row: number, from: number): void {
    const rows = this.#rows;
    const reply = rows.pair(row);
    const to = reply < 0 ? undefined : rows[this.#axis](reply);
    if (from > this.#to || (to ?? this.#end) < this.#from) return;
    const first = this.#bucketOf(from);
    this.#changes[first]!++;
    this.#changes[this.#bucketOf(to ?? this.#to) + 1]!--;
    if (this.#spans.length >= MOST_SPANS) this.#tooMany = true;
    if (this.#tooMany) return;
    const failed = reply >= 0 && rows.kindCode(reply) === ERROR;
    this.#spans.push({ row, name: rows.name(row), from, ...(to === undefined ? {} : { to }), failed });
  }

  #bucketOf(at: number): number {
    const share = (at - this.#from) / (this.#to - this.#from);
    return Math.min(this.#buckets - 1, Math.max(0, Math.floor(share * this.#buckets)));
  }

  /** What was found. */
  strip(): Strip {
    let inFlight = 0;
    return {
      axis: this.#axis,
      from: this.#from,
      to: this.#to,
      end: this.#end,
      inFlight: Array.from(this.#changes.subarray(0, this.#buckets), (change) => {
        inFlight += change;
        return inFlight;
      }),
      syscalls: [...this.#counts.syscalls],
      stderr: [...this.#counts.stderr],
      messages: [...this.#counts.messages],
      faults: [...this.#counts.faults],
      spans: this.#tooMany ? undefined : inLanes(this.#spans, this.#end),
    };
  }
}

const kindCode = (kind: (typeof ROW_KINDS)[number]): number => ROW_KINDS.indexOf(kind);
const REQUEST = kindCode('request');
const ERROR = kindCode('error');
const SYSCALL = kindCode('syscall');
const POLLS = kindCode('polls');
const STDERR = kindCode('stderr');

/** Gives each span the first lane that is free at its start; they come in the order of their starts. */
function inLanes(spans: readonly Omit<Span, 'lane'>[], end: number): Span[] {
  const free: number[] = [];
  return spans.map((span) => {
    const found = free.findIndex((until) => until <= span.from);
    const lane = found < 0 ? free.length : found;
    free[lane] = span.to ?? end;
    return { ...span, lane };
  });
}
