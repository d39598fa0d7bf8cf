// A worker that takes over from another one: the same call with other sites woven in, done again up to where the first stands, to go on live
// from there (S4). Until it is adopted, the first one is kept, and nobody hears of this one. Contracts R3, S4.
import { Control, REQUEST } from './control.ts';
import type { Continuation, FromWorker, Standing, WorkerStart } from './messages.ts';
import { answerOfCache } from './module-requests.ts';
import type { Stop } from './options.ts';
import type { Platform, WorkerEvents, WorkerHandle } from './platform.ts';

/** It stands where the other one does. */
export interface Successor {
  readonly worker: WorkerHandle;
  readonly control: Control;
  readonly stop: Stop;
  readonly standing: Standing;
  /** From now on `events` get what it says: first what it has said so far that is not known from the other one. */
  adopt(events: WorkerEvents): void;
}

export interface Succession {
  /** Fuel that the guest has used on its way, as it last showed it. */
  readonly consumed: number;
  /** Ends it, if it is not needed any more: nothing is heard of it from then on. */
  cancel(): void;
}

/** Starts the worker. One of `then` is called, and `failed` with the reason also when it is lost before it is adopted. */
export function startSuccessor(
  platform: Platform,
  start: Omit<WorkerStart, 'control'> & { readonly continues: Continuation },
  then: {
    arrived(successor: Successor): void;
    failed(why: string): void;
    /** How far its module is made ready, as a phase and a fraction from 0 to 1. */
    progress?(phase: string, fraction: number): void;
  },
): Succession {
  const control = new Control();
  let state: 'coming' | 'there' | 'gone' = 'coming';
  let adopted: WorkerEvents | undefined;
  const kept: FromWorker[] = [];
  const cancel = (): void => {
    state = 'gone';
    void worker.terminate();
  };
  const fail = (why: string): void => {
    if (state === 'gone') return;
    cancel();
    then.failed(why);
  };
  const message = (message: FromWorker): void => {
    // a worker that is ended may have said things before it knew
    if (state === 'gone') return;
    if (adopted !== undefined) {
      adopted.message(message);
      return;
    }
    switch (message.type) {
      case 'stopped': {
        if (state === 'there') break;
        state = 'there';
        const adopt = (events: WorkerEvents): void => {
          adopted = events;
          for (const early of kept) events.message(early);
        };
        then.arrived({ worker, control, stop: message.stop, standing: message.standing, adopt });
        break;
      }
      case 'diverged':
      case 'refused':
        fail(message.message);
        break;
      case 'ended':
        fail(message.outcome.fault?.message ?? 'it ended before.');
        break;
      case 'wants':
      case 'made':
      case 'wantsLines':
      case 'linesRead': {
        const answer = answerOfCache(platform.modules, message);
        if (answer === undefined) break;
        worker.post(answer);
        control.request(REQUEST.messages);
        break;
      }
      case 'events':
      case 'hostRequest':
      case 'pluginRequest':
        kept.push(message);
        break;
      case 'progress':
        if (state === 'coming') then.progress?.(message.phase, message.fraction);
        break;
      case 'breakpoints':
        // it was made for them: what it lacks no other has
        kept.push({ ...message, missing: false });
        break;
      default:
    }
  };
  const { bytes } = start.options.plugin;
  const worker = platform.startWorker({ ...start, control: control.buffer }, [bytes.buffer], {
    message,
    died: (reason) => {
      if (adopted !== undefined) adopted.died(reason);
      else fail(`its worker died (${reason}).`);
    },
  });
  return {
    cancel,
    get consumed() {
      return control.counters().consumed;
    },
  };
}
