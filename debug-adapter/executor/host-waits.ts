// How the host waits where production would spin: through the guest's sleeps, and for what comes, longer after each empty poll, until nobody can be
// owed anything any more. Knows no replies. Contracts E2, E5, E6, E7.
import type { WasiContext } from '../wasi/context.ts';
import type { Control } from './control.ts';
import type { WorkerPlatform } from './messages.ts';
import type { RunClock } from './run-clock.ts';

/** E5: an empty poll waits this long, then twice as long, up to the most (ms). */
const FIRST_WAIT = 1;
const MOST_WAIT = 10;
/** The host looks at the bounds of the run at least so often while it waits (ms). */
export const LONGEST_WAIT = 50;
/** E6: with no reply owed, polls and clock reads alone for this long are a hang (ms of the run's clock). */
const HANG_REAL = 2_000;
const HANG_VIRTUAL = 3_600_000;

/** What waiting needs of the host. */
export interface WaitingHost {
  /** Does what there is to do now. */
  work(): void;
  /** On the run's clock, when it does something by itself next. */
  nextAt(): number | undefined;
  /** It owes the guest replies. */
  owes(): boolean;
  /** A call waits for somebody to answer it: it is owed, but comes not by itself. */
  asks(): boolean;
  /** The driving side was asked, and has not answered. */
  pends(): boolean;
  /** Pause, terminate and limits. */
  check(): void;
  /** E6, and the same where somebody is asked. Returns when the run is to go on. */
  hangs(waitedMs: number): void;
}

export class HostWaits {
  readonly #host: WaitingHost;
  readonly #context: WasiContext;
  readonly #clock: RunClock;
  readonly #control: Control;
  readonly #platform: WorkerPlatform;
  #wait = FIRST_WAIT;
  /** On the run's clock, when the guest last did anything but poll and read the clock. */
  #activeAt = 0;

  constructor(host: WaitingHost, context: WasiContext, clock: RunClock, control: Control, platform: WorkerPlatform) {
    this.#host = host;
    this.#context = context;
    this.#clock = clock;
    this.#control = control;
    this.#platform = platform;
  }

  /** The guest did something else than polling: back-off and hang detection begin anew. */
  active(): void {
    this.#wait = FIRST_WAIT;
    this.#activeAt = this.#clock.elapsed();
  }

  /** Virtual time goes on to `at` ms since the run began. */
  advanceTo(at: number): void {
    this.#clock.advance(BigInt(Math.max(1, Math.ceil((at - this.#clock.elapsed()) * 1e6))));
  }

  /** Waits until `deadline` on the run's clock; the host goes on working meanwhile. */
  sleep(deadline: bigint): void {
    this.active();
    if (this.#clock.virtual) {
      for (let at = this.#host.nextAt(); at !== undefined; at = this.#host.nextAt()) {
        const left = Number(deadline - this.#clock.now()) / 1e6;
        if (at - this.#clock.elapsed() >= left) break;
        this.advanceTo(at);
        this.#host.work();
      }
      this.#clock.advance(deadline - this.#clock.now());
      return;
    }
    for (;;) {
      const left = Number(deadline - this.#clock.now()) / 1e6;
      if (left <= 0) return;
      this.await(left);
    }
  }

  /** Looks at what is pending, works, and waits until something comes: not longer than `ms`. */
  await(ms: number): void {
    const seen = this.#control.wakeCount();
    this.#host.check();
    this.#host.work();
    this.#control.wait(seen, this.#untilNext(Math.min(ms, LONGEST_WAIT)));
  }

  /** `ms`, or less where the host does something before. */
  #untilNext(ms: number): number {
    const at = this.#host.nextAt();
    return at === undefined ? ms : Math.max(0, Math.min(ms, at - this.#clock.elapsed()));
  }

  /** stdin was found empty, and still is: waits a little (E5). */
  backOff(): void {
    // one that is asked owes an answer, but not by itself
    const quiet = this.#quiet() || this.#host.asks();
    const hang = this.#clock.virtual ? HANG_VIRTUAL : HANG_REAL;
    let waited = this.#clock.elapsed() - this.#activeAt;
    if (quiet && waited >= hang) {
      this.#host.hangs(waited);
      this.active();
      this.#host.work();
      if (this.#context.stdin.unread > 0) return;
      waited = 0;
    }
    if (this.#clock.virtual) {
      // Nobody outside owes an answer: nothing to wait for but the guest's own timers, so time may jump, but not past the hour: a guest that
      // times out just before it must see that.
      const step = quiet ? Math.max(FIRST_WAIT, Math.min(this.#wait, Math.ceil(hang - waited))) : this.#wait;
      this.#wait = quiet ? step * 2 : Math.min(step * 2, MOST_WAIT);
      if (this.#host.pends()) this.#waitForReply(step);
      const next = this.#host.nextAt();
      if (next === undefined || next > this.#clock.elapsed() + step) this.#clock.advance(BigInt(step) * 1_000_000n);
      else {
        this.advanceTo(next);
        this.#host.work();
      }
    } else {
      this.#waitForReply(this.#wait);
      this.#wait = Math.min(this.#wait * 2, MOST_WAIT);
    }
  }

  /** Whether nobody owes the guest anything. */
  #quiet(): boolean {
    return !this.#host.owes() && this.#context.stdin.unread === 0;
  }

  #waitForReply(ms: number): void {
    const end = this.#platform.monotonic() + ms;
    for (;;) {
      const seen = this.#control.wakeCount();
      this.#host.check();
      this.#host.work();
      if (this.#context.stdin.unread > 0) return;
      const left = end - this.#platform.monotonic();
      if (left <= 0) return;
      this.#control.wait(seen, this.#untilNext(left));
    }
  }
}
