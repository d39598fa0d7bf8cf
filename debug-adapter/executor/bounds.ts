// The bounds of a run as they stand. Reaching one ends the run, or, with a debugger, stops it; going on doubles the bound. Contracts E9, E4.
import type { EndPlace, RunLimits } from '../recording/event.ts';
import type { EventSink } from './event-sink.ts';
import type { Pauses } from './pauses.ts';
import { RunEnd } from './traps.ts';
import type { Verdicts } from './verdicts.ts';

type Doubling = 'wallMs' | 'fuel' | 'memory' | 'output' | 'line' | 'events';

/** What one event may take on average, and what all of them may in any case (bytes). */
const EVENT_BYTES = 1024;
const LEAST_RECORDING = 64 * 1024 * 1024;

export interface BoundsState {
  readonly bounds: Readonly<Record<Doubling, number>>;
  readonly wallMs: number;
}

const NAMES: Record<Doubling, string> = {
  wallMs: 'wall-time',
  fuel: 'fuel',
  memory: 'memory',
  output: 'output',
  line: 'line',
  events: 'events',
};

export class Bounds {
  /** `events` in bytes of their records. */
  readonly #bounds: Record<Doubling, number>;
  readonly #events: number;
  readonly #sink: EventSink;
  readonly #pauses: Pauses;
  readonly #verdicts: Verdicts;
  readonly #debug: boolean;
  #began: number;
  #pausedMs = 0;
  #pausedAt = 0;

  constructor(limits: RunLimits, sink: EventSink, pauses: Pauses, verdicts: Verdicts, debug: boolean, now: number) {
    const { wallMs, fuel, memory, output, line, events } = limits;
    this.#bounds = { wallMs, fuel, memory, output, line, events: Math.max(LEAST_RECORDING, events * EVENT_BYTES) };
    this.#events = events;
    this.#sink = sink;
    this.#pauses = pauses;
    this.#verdicts = verdicts;
    this.#debug = debug;
    this.#began = now;
  }

  /** The bounds as they stand, and wall time so far: for a run that goes on elsewhere. */
  state(now: number): BoundsState {
    return { bounds: { ...this.#bounds }, wallMs: this.wallMs(now) };
  }

  /** Goes on from a state. */
  restore(state: BoundsState, now: number): void {
    Object.assign(this.#bounds, state.bounds);
    this.#began = now - state.wallMs;
    this.#pausedMs = 0;
  }

  /** The guest starts now: loading does not count. Times are monotonic ms. */
  begin(now: number): void {
    this.#began = now;
    this.#pausedMs = 0;
  }
  paused(now: number): void {
    this.#pausedAt = now;
  }
  resumed(now: number): void {
    this.#pausedMs += now - this.#pausedAt;
  }
  /** Wall time without pauses, ms. */
  wallMs(now: number): number {
    return now - this.#began - this.#pausedMs;
  }

  get memory(): number {
    return this.#bounds.memory;
  }
  get output(): number {
    return this.#bounds.output;
  }
  get line(): number {
    return this.#bounds.line;
  }

  check(now: number, fuel: number, at: EndPlace): void {
    if (this.wallMs(now) > this.#bounds.wallMs)
      this.reached('wallMs', `The call has run for ${seconds(this.#bounds.wallMs)}, which is its limit`, at);
    if (fuel > this.#bounds.fuel)
      this.reached('fuel', `The call has consumed ≈${this.#bounds.fuel} fuel, which is its limit`, at);
  }

  /** Folded syscalls take memory too: `bytes` of all records. @throws RunEnd */
  checkRecording(bytes: number): void {
    while (bytes > this.#bounds.events)
      this.reached(
        'events',
        `The call's events take more than ${megabytes(this.#bounds.events)}, which is the limit for ${this.#events} events`,
        'event',
      );
  }

  /** Says that a bound is reached; returns, with the bound doubled, when somebody goes on past it. @throws RunEnd */
  reached(bound: Doubling, sentence: string, at: EndPlace): void {
    this.stop(
      { kind: NAMES[bound], message: `${sentence} (limits.${bound}).` },
      'Continue goes on with twice as much.',
      at,
    );
    this.#bounds[bound] *= 2;
  }

  /** A fault that a debugger may go on past, and that ends the run otherwise. @throws RunEnd */
  stop(fault: { readonly kind: string; readonly message: string }, offer: string, at: EndPlace): void {
    const { kind, message } = fault;
    this.#sink.diagnosis(kind, message, 'fault');
    this.#verdicts.faults.push({ kind, message });
    if (!this.#debug) throw new RunEnd('limit', at, message);
    this.#pauses.stop('limit', [], { diagnosis: kind, message: `${message} ${offer}` }, at);
    this.#verdicts.faults.pop();
  }
}

export const megabytes = (bytes: number): string => `${Math.round((bytes / 1048576) * 10) / 10} MiB`;
const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
