// Fuel as the hdk deals it out: slices, yields, and the sum that production never shows. The guest counts down a chunk of at most
// 100 000 fuel in a global of its own; this is the book-keeping around it. Contracts I3, E2 (the hook is entered at least every chunk).
import type { FuelState } from './options.ts';

/** The most fuel between two entries of the hook, whatever the slice: so that pause and terminate are never far. */
export const CHUNK = 100_000;

/** The part of WebAssembly.Global that is used: an i32. */
export interface FuelGlobal {
  value: number;
}

export class FuelMeter {
  #global: FuelGlobal;
  /** Fuel per slice: the hdk's `max_fuel`. */
  readonly slice: number;
  /** What the global was set to last, and so what `chunk - global` has been used since. */
  #chunk = 0;
  #used = 0;
  /** Left of the slice when the chunk began. The guest starts with none (hdk wasi/wasmi.rs, `store.set_fuel(0)`). */
  #left = 0;
  #bound = Number.POSITIVE_INFINITY;
  /** The most fuel that may be granted now, or at least what is required: how a run comes to a moment without passing it. */
  most: () => number = () => Number.POSITIVE_INFINITY;
  yields = 0;

  constructor(global: FuelGlobal, slice: number) {
    this.#global = global;
    this.slice = slice;
    global.value = 0;
  }

  /** There is an instance: its global counts from now on. Nothing has been used before. */
  attach(global: FuelGlobal): void {
    this.#global = global;
    global.value = 0;
  }

  /** Fuel used since the call began, the rest of the present charging block included. */
  get consumed(): number {
    return this.#used + this.#chunk - this.#global.value;
  }

  /** Fuel left in the slice. */
  get left(): number {
    return Math.max(0, this.#left - (this.#chunk - this.#global.value));
  }

  /** The counters as they stand, as of the last charging block. */
  state(): FuelState {
    return { consumed: this.consumed, left: this.left, yields: this.yields, slice: this.slice, exact: false };
  }

  /** The hook will be entered at the first charge after `fuel` has been consumed: how a replay ends where a run was ended. */
  set bound(fuel: number) {
    this.#bound = fuel;
  }

  /**
   * Called by the fuel hook: the guest wants `cost` and the chunk does not have it (the global is already charged, and below 0).
   * Closes the chunk. @returns whether the slice has it; if so grant(cost) goes on, else the guest yields first.
   */
  close(cost: number): boolean {
    const used = this.#chunk - (this.#global.value + cost);
    this.#used += used;
    this.#left -= used;
    this.#chunk = 0;
    // while the hook runs, `consumed` counts what came before this charge
    this.#global.value = 0;
    return this.#left >= cost;
  }

  /** A new slice: max(required, slice) replaces what was left (hdk wasi/wasmi.rs). */
  refill(required: number): void {
    this.yields++;
    this.#left = Math.max(required, this.slice);
  }

  /** Opens the next chunk and charges `cost` to it. */
  grant(cost: number): void {
    const toBound = this.#bound - this.#used;
    let chunk = Math.min(this.#left, Math.max(CHUNK, cost));
    chunk = Math.min(chunk, Math.max(cost, Math.floor(this.most())));
    if (toBound >= cost && toBound < chunk) chunk = toBound;
    this.#chunk = chunk;
    this.#global.value = chunk - cost;
  }

  /** The next charge enters the hook, whatever it costs. */
  interrupt(): void {
    const used = this.#chunk - this.#global.value;
    this.#used += used;
    this.#left -= used;
    this.#chunk = 0;
    this.#global.value = 0;
  }

  /** sched_yield, an empty fd_read, a poll_oneoff that waits: the fuel is 0 at once, and the next charge yields. */
  zero(): void {
    this.#used += this.#chunk - this.#global.value;
    this.#chunk = 0;
    this.#left = 0;
    this.#global.value = 0;
  }
}
