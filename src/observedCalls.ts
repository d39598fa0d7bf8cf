// Follows the latest call of the transcript and says what host methods were asked and answered in it, for the language server. Reads in short turns
// and seldom; keeps no messages. Contracts E2, P3.
import { CallObserver, type Observed } from '../debug-adapter/language/observed.ts';
import type { EventStore } from '../debug-adapter/recording/event-store.ts';

/** What is looked at of a call. */
export interface FollowedCall {
  readonly store: EventStore;
  /** ms since 1970. */
  readonly started: number;
  onDidChange(listener: () => void): () => void;
}

export interface FollowedCalls {
  readonly calls: readonly FollowedCall[];
  onDidChange(listener: () => void): () => void;
}

/** A turn's length (ms), and the rest after one that found something. */
const TURN_MS = 5;
const REST_MS = 300;

export class ObservedCalls {
  readonly #calls: FollowedCalls;
  readonly #tell: (observed: Observed) => void;
  readonly #leave: () => void;
  #call: FollowedCall | undefined;
  #leaveCall: () => void = () => {};
  #observer: CallObserver | undefined;
  #done = 0;
  #told = true;
  #timer: NodeJS.Timeout | undefined;

  constructor(calls: FollowedCalls, tell: (observed: Observed) => void) {
    this.#calls = calls;
    this.#tell = tell;
    this.#leave = calls.onDidChange(() => this.#follow());
    this.#follow();
  }

  #follow(): void {
    const call = this.#calls.calls.at(-1);
    if (call === undefined || call === this.#call) return;
    this.#leaveCall();
    this.#call = call;
    this.#done = 0;
    const clock = (ms: number): string => new Date(call.started + ms).toLocaleTimeString();
    this.#observer = new CallObserver(clock);
    this.#leaveCall = call.onDidChange(() => this.#soon(REST_MS));
    this.#soon(REST_MS);
  }

  #soon(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#turn();
    }, ms);
  }

  #turn(): void {
    const store = this.#call?.store;
    if (store === undefined || this.#observer === undefined) return;
    const end = performance.now() + TURN_MS;
    for (let steps = 0; this.#done < store.length; steps++) {
      if (steps % 32 === 31 && performance.now() >= end) {
        this.#soon(0);
        return;
      }
      const seq = this.#done++;
      if (store.kind(seq) !== 'rpc') continue;
      const event = store.get(seq);
      if (event.kind !== 'rpc') continue;
      this.#observer.add(event);
      this.#told = false;
    }
    if (this.#told) return;
    this.#told = true;
    this.#tell(this.#observer.observed);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#leaveCall();
    this.#leave();
  }
}
