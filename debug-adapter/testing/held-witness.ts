// A platform whose workers that come up to where another one stands are heard of only when a test lets them be, and which knows how many of them
// there are. Only tests import it.
import type { Platform } from '../executor/platform.ts';
import { platform } from './run-call.ts';

export class HeldWitnesses {
  /** Those that were started, and those that were ended. */
  started = 0;
  ended = 0;
  #held = true;
  readonly #waiting: (() => void)[] = [];
  readonly #watching: (() => void)[] = [];

  readonly platform: Platform = {
    ...platform,
    startWorker: (start, transfer, events) => {
      if (start.continues === undefined) return platform.startWorker(start, transfer, events);
      this.started++;
      const heard = (tell: () => void): void => {
        if (this.#held) this.#waiting.push(tell);
        else tell();
      };
      const handle = platform.startWorker(start, transfer, {
        message: (message) => heard(() => events.message(message)),
        died: (reason) => heard(() => events.died(reason)),
      });
      let over = false;
      return {
        post: (message) => handle.post(message),
        terminate: () => {
          if (!over) this.ended++;
          over = true;
          for (const look of this.#watching.splice(0)) look();
          return handle.terminate();
        },
      };
    },
  };

  /** From now on they are heard, with what they have said. */
  release(): void {
    this.#held = false;
    for (const tell of this.#waiting.splice(0)) tell();
  }

  /** Resolves when `count` of them have been ended. */
  async untilEnded(count: number): Promise<void> {
    while (this.ended < count) await new Promise<void>((resolve) => this.#watching.push(resolve));
  }
}
