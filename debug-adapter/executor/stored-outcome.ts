// Outcomes as far as the event store has them: the log lines of any, and all of one that no worker could tell. Contracts E2, S5.
import type { EventStore } from '../recording/event-store.ts';
import type { FuelState, Outcome } from './options.ts';
import type { WorkerOutcome } from './outcome.ts';

/** The outcome with its log lines, read from the store only when somebody asks: there may be millions. */
export function withLog(outcome: WorkerOutcome, store: EventStore): Outcome {
  let lines: string[] | undefined;
  return {
    ...outcome,
    get stderr() {
      if (lines === undefined) {
        lines = [];
        for (let seq = 0; seq < store.length; seq++) {
          const event = store.kind(seq) === 'stderr' ? store.get(seq) : undefined;
          if (event?.kind === 'stderr') lines.push(event.line);
        }
      }
      return lines;
    },
  };
}

/** The outcome of a run that ends without a word of its worker, `wallMs` after it was started. */
export function outcomeWithout(
  kind: 'fault' | 'terminated',
  fault: { readonly kind: string; readonly message: string },
  store: EventStore,
  fuel: FuelState,
  wallMs: number,
): WorkerOutcome {
  let rpc = 0;
  let syscall = 0;
  for (let seq = 0; seq < store.length; seq++) {
    const kind = store.kind(seq);
    if (kind === 'rpc') rpc++;
    else if (kind === 'syscall') syscall++;
  }
  return {
    kind,
    result: undefined,
    error: undefined,
    fault,
    exitCode: undefined,
    fuel,
    events: { rpc, syscall },
    wallMs,
  };
}
