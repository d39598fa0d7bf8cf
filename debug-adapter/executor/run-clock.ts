// The run's time: one clock for the guest's syscalls and for the times of events, real (it stands still while paused) or virtual (it
// advances with fuel, with empty polls, and over sleeps at once). Contracts E6, E7.
import { type Clock, RealClock, VirtualClock } from '../wasi/clock.ts';
import type { WorkerPlatform } from './messages.ts';
import type { ClockChoice } from './options.ts';

/** Virtual time that one unit of fuel takes: wasmi consumes some 500 million a second (HARNESS.md's figures for both builds). */
const NS_PER_FUEL = 2;

export class RunClock implements Clock {
  #clock: RealClock | VirtualClock;
  #start: bigint;
  readonly #monotonic: () => number;
  /** Of a real clock, in monotonic ms: when the run began, what pauses have taken, and since when it is paused. */
  #began: number;
  #paused = 0;
  #pausedAt: number | undefined;
  readonly #fuel: () => number;
  /** Fuel that virtual time has caught up with. */
  #fuelSeen = 0;
  /** While a run is caught up with: the time of what is being done again. */
  #held: { readonly now: bigint; readonly elapsed: number } | undefined;

  constructor(choice: ClockChoice, platform: WorkerPlatform, fuel: () => number) {
    this.#fuel = fuel;
    this.virtual = choice.kind === 'virtual';
    this.#clock =
      choice.kind === 'real'
        ? new RealClock(steady(platform))
        : new VirtualClock(BigInt(Math.trunc(choice.startMs)) * 1_000_000n);
    this.#start = this.#clock.now();
    this.#monotonic = () => platform.monotonic();
    this.#began = platform.monotonic();
  }

  readonly virtual: boolean;

  /** The call begins now: loading does not count. */
  begin(): void {
    this.#start = this.#clock.now();
    this.#began = this.#monotonic();
  }

  /** Time stands at what it was at an event: `elapsed` ms since the run began, `now` as the guest saw it. */
  hold(now: bigint, elapsed: number): void {
    this.#held = { now, elapsed };
  }

  /** Time goes on from where it is held; `fuel` has been consumed there. */
  release(fuel: number): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.#start = held.now - BigInt(Math.round(held.elapsed * 1e6));
    this.#began = this.#monotonic() - held.elapsed;
    this.#paused = 0;
    this.#pausedAt = undefined;
    this.#fuelSeen = fuel;
    if (this.virtual) this.#clock = new VirtualClock(held.now);
    else {
      const released = this.#monotonic();
      this.#clock = new RealClock(() => held.now + BigInt(Math.round((this.#monotonic() - released) * 1e6)));
    }
  }

  /** Unix time in ns, as the guest sees it. */
  now(): bigint {
    if (this.#held !== undefined) return this.#held.now;
    if (this.#clock instanceof VirtualClock) {
      const fuel = this.#fuel();
      if (fuel > this.#fuelSeen) {
        this.#clock.advanceBy(BigInt(Math.trunc(fuel - this.#fuelSeen)) * BigInt(NS_PER_FUEL));
        this.#fuelSeen = fuel;
      }
    }
    return this.#clock.now();
  }

  /** ms since the run began, for events: asked at each, so a real clock does without BigInt. */
  elapsed(): number {
    if (this.#held !== undefined) return this.#held.elapsed;
    if (!this.virtual) return (this.#pausedAt ?? this.#monotonic()) - this.#began - this.#paused;
    return Number(this.now() - this.#start) / 1e6;
  }

  /** Lets virtual time pass; a real clock takes no orders. */
  advance(ns: bigint): void {
    if (this.#clock instanceof VirtualClock && ns > 0n) this.#clock.advanceBy(ns);
  }

  pause(): void {
    if (this.#clock instanceof RealClock) this.#clock.pause();
    this.#pausedAt ??= this.#monotonic();
  }

  resume(): void {
    if (this.#clock instanceof RealClock) this.#clock.resume();
    if (this.#pausedAt !== undefined) this.#paused += this.#monotonic() - this.#pausedAt;
    this.#pausedAt = undefined;
  }
}

/** Unix time carried on by the monotonic clock: it never jumps, and it has the monotonic clock's resolution. */
function steady(platform: WorkerPlatform): () => bigint {
  const unix = platform.unixTime();
  const monotonic = platform.monotonic();
  return () => unix + BigInt(Math.round((platform.monotonic() - monotonic) * 1e6));
}
