// A worker that takes over from another one: the same call with other sites woven in, done again up to where the first stands, to go on live
// from there (S4). Until it stands there, the first one is kept. Contracts R3, S4.
import { Control, REQUEST } from './control.ts';
import type { Continuation, FromWorker, Standing, WorkerStart } from './messages.ts';
import type { Stop } from './options.ts';
import type { Platform, WorkerHandle } from './platform.ts';

export interface Successor {
  readonly worker: WorkerHandle;
  readonly control: Control;
  readonly stop: Stop;
  readonly standing: Standing;
}

export interface Succession {
  /** Resolves when the new worker stands where the old one does. @throws Error with a sentence when it does not come there. */
  readonly arrived: Promise<Successor>;
  /** Ends it, if it is not needed any more. */
  cancel(): void;
}

/** Starts the worker. `take` gets all that it says once it has arrived, and `early` what it asks the host before. */
export function startSuccessor(
  platform: Platform,
  start: Omit<WorkerStart, 'control'> & { readonly continues: Continuation },
  take: {
    message(message: FromWorker): void;
    died(reason: string): void;
  },
): Succession {
  const control = new Control();
  let settled = false;
  let resolve: (successor: Successor) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const arrived = new Promise<Successor>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  const kept: FromWorker[] = [];
  const fail = (why: string): void => {
    if (settled) return;
    settled = true;
    void worker.terminate();
    reject(new Error(`The plugin could not be taken to where it stands with other places to stop at: ${why}`));
  };
  const { bytes } = start.options.plugin;
  const worker = platform.startWorker({ ...start, control: control.buffer }, [bytes.buffer], {
    message: (message) => {
      if (settled) {
        take.message(message);
        return;
      }
      switch (message.type) {
        case 'stopped':
          settled = true;
          resolve({ worker, control, stop: message.stop, standing: message.standing });
          for (const early of kept) take.message(early);
          break;
        case 'diverged':
        case 'refused':
          fail(message.message);
          break;
        case 'ended':
          fail(message.outcome.fault?.message ?? 'it ended before.');
          break;
        case 'wants':
          worker.post({ type: 'cached', ...platform.modules.get(message.content, message.plan) });
          control.request(REQUEST.messages);
          break;
        case 'made':
          platform.modules.put(message.content, message.plan, message.known, message.built);
          break;
        case 'events':
          control.batchTaken();
          kept.push(message);
          break;
        case 'hostRequest':
        case 'breakpoints':
          kept.push(message);
          break;
        default:
      }
    },
    died: (reason) => (settled ? take.died(reason) : fail(`its worker died (${reason}).`)),
  });
  return {
    arrived,
    cancel: () => fail('it is not wanted any more.'),
  };
}
