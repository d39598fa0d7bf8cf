// How the guest ended, before anything is made of it.
import type { EndPlace, ExitReason } from '../recording/event.ts';

export interface Ending {
  readonly reason: ExitReason;
  /** proc_exit's code; 0 after a return from `_start`; undefined otherwise. */
  readonly code: number | undefined;
  readonly message: string;
  /** Where we ended it, for `limit` and `terminated`. */
  readonly at: EndPlace | undefined;
}

/** What is wrong with a call, as far as it ends in a fault. */
export interface Fault {
  readonly kind: string;
  readonly message: string;
}
