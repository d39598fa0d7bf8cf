// What the Debug Console shows of the events, as texts: messages, log lines, diagnoses, and what `trace` asks for besides. Bounded: past
// a rate, lines are counted instead of shown, so that 100 000 of them do not freeze a client. Knows no DAP. Contracts E2, E4.
import type { RunEvent } from '../recording/event.ts';
import type { EventStore } from '../recording/event-store.ts';
import { arrow, eventText, grouped, milliseconds } from '../transcript/transcript-line.ts';
import type { TraceKind } from './launch.ts';

/** One entry of the console. `seq` is the event that it opens to, if it opens. */
export interface ConsoleEntry {
  readonly category: 'stdout' | 'stderr' | 'console';
  readonly text: string;
  readonly seq: number | undefined;
}

/** So many lines may come at once, */
const BURST = 400;
/** and so many a second for ever. */
const PER_SECOND = 100;
/** Once lines are being counted, they are shown again when so many may come. */
const RECOVERED = 100;
/** Of what was only counted, so many lines are shown when the call stops or ends. */
const TAIL = 10;
/** Events looked at between two looks at the clock. */
const STRIDE = 256;
/** Characters of a line. */
const WIDTH = 1000;

export class ConsoleFeed {
  readonly #store: EventStore;
  readonly #trace: ReadonlySet<TraceKind>;
  readonly #show: (entry: ConsoleEntry) => void;
  readonly #now: () => number;
  #next = 0;
  #tokens = BURST;
  #refilled: number;
  /** Lines that were counted and not shown, and the last of them. */
  #counted = 0;
  #tail: number[] = [];

  /** `now` gives ms. */
  constructor(store: EventStore, trace: readonly TraceKind[], show: (entry: ConsoleEntry) => void, now: () => number) {
    this.#store = store;
    this.#trace = new Set(trace);
    this.#show = show;
    this.#now = now;
    this.#refilled = now();
  }

  /** Shows what has come, for at most `budget` ms. True when nothing is left to look at. */
  advance(budget: number): boolean {
    const end = this.#now() + budget;
    while (this.#next < this.#store.length) {
      this.#refill();
      const until = Math.min(this.#next + STRIDE, this.#store.length);
      while (this.#next < until) this.#take(this.#next++);
      if (this.#now() >= end) break;
    }
    return this.#next === this.#store.length;
  }

  /** The call has stopped or ended, and advance() has seen all: tells what was counted, and shows the last lines of it. */
  settle(): void {
    this.#tellCounted(this.#tail.length);
    for (const seq of this.#tail) this.#present(this.#store.get(seq));
    this.#tail = [];
  }

  #refill(): void {
    const now = this.#now();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#refilled) * PER_SECOND) / 1000);
    this.#refilled = now;
  }

  #take(seq: number): void {
    const kind = this.#store.kind(seq);
    if (!this.#wanted(kind)) return;
    if (kind !== 'diagnosis') {
      const flooded = this.#counted > 0 ? this.#tokens < RECOVERED : this.#tokens < 1;
      if (flooded) {
        this.#counted++;
        this.#tail.push(seq);
        if (this.#tail.length > TAIL) this.#tail.shift();
        return;
      }
      this.#tokens--;
    }
    this.#tellCounted(0);
    this.#tail = [];
    this.#present(this.#store.get(seq));
  }

  #tellCounted(shownAfterAll: number): void {
    const counted = this.#counted - shownAfterAll;
    this.#counted = 0;
    if (counted <= 0) return;
    const lines = counted === 1 ? '1 line' : `${grouped(counted)} lines`;
    this.#show({ category: 'console', text: `… ${lines} more: see the transcript`, seq: undefined });
  }

  #wanted(kind: RunEvent['kind']): boolean {
    switch (kind) {
      case 'rpc':
      case 'stderr':
        return this.#trace.has(kind);
      case 'yield':
        return this.#trace.has('fuel');
      case 'diagnosis':
        return true;
      case 'exit':
        return false; // the outcome says more
      default:
        return this.#trace.has('syscall');
    }
  }

  #present(event: RunEvent): void {
    switch (event.kind) {
      case 'stderr':
        this.#show({ category: 'stderr', text: eventText(event, WIDTH).replace(/^stderr \| /, ''), seq: undefined });
        break;
      case 'diagnosis':
        // A fault gets the user's attention by the stop, or else by the end of the call: once, not three times.
        this.#show({ category: 'console', text: eventText(event), seq: undefined });
        break;
      default: {
        const way = arrow(event).trim();
        const text = `${way === '' ? '' : `${way} `}${eventText(event, WIDTH)}  · ${milliseconds(event.time)} ms · ≈${grouped(event.fuel)} fuel`;
        this.#show({ category: 'stdout', text, seq: event.kind === 'rpc' ? event.seq : undefined });
      }
    }
  }
}
