// Stops of a run one after the other, for tests that debug. Only tests import it.
import type { Resume, Stop } from '../executor/options.ts';
import type { Run } from '../executor/run.ts';

export interface Driven {
  readonly run: Run;
  /** The next stop. @throws Error with the outcome when the run ends instead. */
  stop(): Promise<Stop>;
  /** Goes on, to the next stop. */
  on(until?: Resume['until']): Promise<Stop>;
  /** Log messages with the event that each belongs to. */
  readonly logs: (readonly [text: string, seq: number])[];
}

export function drive(run: Run): Driven {
  const stops: Stop[] = [];
  const logs: [string, number][] = [];
  let wake = (): void => {};
  run.on({
    stopped(stop) {
      stops.push(stop);
      wake();
    },
    log: (text, seq) => logs.push([text, seq]),
    ended: () => wake(),
  });
  const driven: Driven = {
    run,
    logs,
    async stop() {
      for (;;) {
        const stop = stops.shift();
        if (stop !== undefined) return stop;
        if (run.state === 'ended') throw new Error(`the run has ended: ${JSON.stringify(await run.ended)}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    on(until) {
      run.resume({ until });
      return driven.stop();
    },
  };
  return driven;
}
