// The host during the guest's yields: reads what the guest wrote, answers by mock or through the driving side, puts lines into stdin,
// and waits where production would spin. Knows no wasm. Contracts E5, E6, E7, M1.
import type { Mocks } from '../mocks/mocks.ts';
import type { Answer, HostEndpoint, HostLine } from '../rpc/endpoint.ts';
import { METHOD_NOT_FOUND } from '../rpc/errors.ts';
import { encodeLine } from '../rpc/lines.ts';
import type { RequestMessage } from '../rpc/message.ts';
import { takeSleep, takeStdinWait, type WasiContext } from '../wasi/context.ts';
import type { Control } from './control.ts';
import type { HostReply, WorkerPlatform } from './messages.ts';
import type { RunClock } from './run-clock.ts';

/** E5: an empty poll waits this long, then twice as long, up to the most (ms). */
const FIRST_WAIT = 1;
const MOST_WAIT = 10;
/** The host looks at the bounds of the run at least so often while it waits (ms). */
const LONGEST_WAIT = 50;
/** As production's router says it. */
const NOBODY: Answer = { error: METHOD_NOT_FOUND, answeredBy: { by: 'nobody' } };
/** E6: with no reply owed, polls and clock reads alone for this long are a hang (ms of the run's clock). */
const HANG_REAL = 2_000;
const HANG_VIRTUAL = 3_600_000;

export interface HostSideEvents {
  /** A line was put into the guest's stdin (its newline is not in `bytes`). */
  wrote(line: HostLine, bytes: Uint8Array): void;
  /** Pause, terminate and limits: called wherever the host waits. */
  check(): void;
  /** E6. Returns when the run is to go on. */
  hangs(waitedMs: number): void;
}

export class HostSide {
  readonly endpoint: HostEndpoint;
  readonly #mocks: Mocks | undefined;
  readonly #hasHost: boolean;
  readonly #context: WasiContext;
  readonly #clock: RunClock;
  readonly #control: Control;
  readonly #platform: WorkerPlatform;
  readonly #events: HostSideEvents;
  #wait = FIRST_WAIT;
  /** On the run's clock, when the guest last did anything but poll and read the clock. */
  #activeAt = 0;
  #token = 0;
  #reanswers = false;
  #pending: { readonly token: number; readonly id: string } | undefined;

  constructor(
    endpoint: HostEndpoint,
    mocks: Mocks | undefined,
    hasHost: boolean,
    context: WasiContext,
    clock: RunClock,
    control: Control,
    platform: WorkerPlatform,
    events: HostSideEvents,
  ) {
    this.endpoint = endpoint;
    this.#mocks = mocks;
    this.#hasHost = hasHost;
    this.#context = context;
    this.#clock = clock;
    this.#control = control;
    this.#platform = platform;
    this.#events = events;
  }

  /** Whether a host method of this name gets an answer other than "unknown". */
  answers(method: string): boolean {
    return this.#hasHost || this.#mocks?.answer(method, 'null') !== undefined;
  }

  /** A run is caught up with: this request was read then, and nothing is asked again. */
  readonly replayed = (request: RequestMessage): Answer => {
    if (this.#hasHost && this.#mocks?.answer(request.method, request.params) === undefined)
      this.#pending = { token: this.#token++, id: request.id };
    return 'pending';
  };

  /** The reply that was pending has come: it was written in the run that is caught up with. */
  resettled(id: string): void {
    if (this.#pending?.id === id) this.#pending = undefined;
  }

  /** In a run that is caught up with the host wrote this line, whose newline is not in `bytes`. */
  rewrote(bytes: Uint8Array): void {
    const line = new Uint8Array(bytes.length + 1);
    line.set(bytes);
    line[bytes.length] = 0x0a;
    if (!this.#context.closed[0]) this.#context.stdin.append(line);
  }

  /** The run goes on live: what was being answered when it was left is answered now. */
  live(): void {
    this.#reanswers = true;
    this.active();
  }

  /** Writes the call's request: before the first instruction, as Plugin::call does. */
  start(): void {
    this.#put(this.endpoint.start());
  }

  /** The guest did something else than polling: back-off and hang detection begin anew. */
  active(): void {
    this.#wait = FIRST_WAIT;
    this.#activeAt = this.#clock.elapsed();
  }

  /** A reply came from the driving side. */
  replied(token: number, reply: HostReply): void {
    if (this.#pending?.token !== token) return;
    const { id } = this.#pending;
    this.#pending = undefined;
    this.endpoint.settle(id, reply);
  }

  /**
   * The guest has yielded (hdk wasi/wasmi.rs, `run_wasm`): sleep if it asked to, look into stdin if it found that empty, let the host
   * work, and where there is still nothing to read, wait a little (E5).
   */
  turn(): void {
    const deadline = takeSleep(this.#context);
    if (deadline !== undefined) this.#sleep(deadline);
    const foundEmpty = takeStdinWait(this.#context);
    this.#work();
    if (foundEmpty && this.#context.stdin.unread === 0) this.#backOff();
  }

  /** The guest has ended: the host reads what is left, and works on what it is asked there to its end, though nobody reads the reply. */
  finish(): void {
    this.#work();
    while (this.#pending !== undefined) this.#await(LONGEST_WAIT);
  }

  #work(): void {
    if (this.#reanswers) {
      this.#reanswers = false;
      const pending = this.#pending;
      this.endpoint.reanswer((request) => {
        if (pending === undefined || pending.id !== request.id) return this.#answer(request);
        // the driving side knows by the number that it has asked this already
        this.#pending = pending;
        this.#platform.post({
          type: 'hostRequest',
          token: pending.token,
          method: request.method,
          params: request.params,
        });
        return 'pending';
      });
    }
    this.endpoint.pump(this.#answer);
    for (const line of this.endpoint.takeLines()) this.#put(line);
  }

  #put(line: HostLine): void {
    const bytes = encodeLine(line.text);
    // A closed stdin takes nothing; the host writes into a pipe that nobody reads, and does not notice.
    if (!this.#context.closed[0]) this.#context.stdin.append(bytes);
    this.#events.wrote(line, bytes.subarray(0, bytes.length - 1));
    this.active();
  }

  readonly #answer = (request: RequestMessage): Answer => {
    const mocked = this.#mocks?.answer(request.method, request.params);
    if (mocked !== undefined) return mocked;
    if (!this.#hasHost) return NOBODY;
    const token = this.#token++;
    this.#pending = { token, id: request.id };
    this.#platform.post({ type: 'hostRequest', token, method: request.method, params: request.params });
    return 'pending';
  };

  /** Waits until `deadline` on the run's clock; the host goes on working meanwhile. */
  #sleep(deadline: bigint): void {
    this.active();
    if (this.#clock.virtual) {
      this.#clock.advance(deadline - this.#clock.now());
      return;
    }
    for (;;) {
      const left = Number(deadline - this.#clock.now()) / 1e6;
      if (left <= 0) return;
      this.#await(left);
    }
  }

  /** Looks at what is pending, works, and waits until something comes: not longer than `ms`. */
  #await(ms: number): void {
    const seen = this.#control.wakeCount();
    this.#events.check();
    this.#work();
    this.#control.wait(seen, Math.min(ms, LONGEST_WAIT));
  }

  #backOff(): void {
    const quiet = this.#quiet();
    const hang = this.#clock.virtual ? HANG_VIRTUAL : HANG_REAL;
    let waited = this.#clock.elapsed() - this.#activeAt;
    if (quiet && waited >= hang) {
      this.#events.hangs(waited);
      this.active();
      waited = 0;
    }
    if (this.#clock.virtual) {
      // Nobody outside owes an answer: nothing to wait for but the guest's own timers, so time may jump, but not past the hour: a guest that
      // times out just before it must see that.
      const step = quiet ? Math.max(FIRST_WAIT, Math.min(this.#wait, Math.ceil(hang - waited))) : this.#wait;
      this.#wait = quiet ? step * 2 : Math.min(step * 2, MOST_WAIT);
      if (this.#pending !== undefined) this.#waitForReply(step);
      this.#clock.advance(BigInt(step) * 1_000_000n);
    } else {
      this.#waitForReply(this.#wait);
      this.#wait = Math.min(this.#wait * 2, MOST_WAIT);
    }
  }

  /** Whether nobody owes the guest anything. */
  #quiet(): boolean {
    return this.endpoint.repliesOwed === 0 && this.#context.stdin.unread === 0;
  }

  #waitForReply(ms: number): void {
    const end = this.#platform.monotonic() + ms;
    for (;;) {
      const seen = this.#control.wakeCount();
      this.#events.check();
      this.#work();
      if (this.#context.stdin.unread > 0) return;
      const left = end - this.#platform.monotonic();
      if (left <= 0) return;
      this.#control.wait(seen, left);
    }
  }
}
