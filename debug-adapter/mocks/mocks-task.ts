// Making mocks of a call beside the thread that asks for it: messages come batch by batch, the file goes back, with word of how far it has come. Runs in
// a worker, since a call may have a hundred MB. Pure but for its port. Contracts E2, P2.
import type { AnsweredBy } from '../rpc/answered-by.ts';
import { type GeneratedMocks, mocksFromEvents, type Redactions } from './from-recording.ts';
import type { MessageEvent } from './observe.ts';

/** What the worker is started with, in place of a run. */
export interface MocksTask {
  readonly mocksOf: Redactions;
}

/** An event that matters: a message, or replies that were taken back from event `index` on. */
export type TaskEvent =
  | {
      readonly kind: 'rpc';
      readonly seq: number;
      readonly dir: 'in' | 'out';
      readonly bytes: Uint8Array;
      readonly answeredBy?: AnsweredBy;
    }
  | { readonly kind: 'edit'; readonly seq: number; readonly space: 'reply'; readonly index: number };

export type ToTask = { readonly events: readonly TaskEvent[] } | 'end';

export type FromTask =
  /** Of the events, once all have come. */
  | { readonly type: 'progress'; readonly fraction: number }
  | { readonly type: 'made'; readonly made: GeneratedMocks }
  | { readonly type: 'refused'; readonly message: string };

export interface TaskPort {
  post(message: FromTask): void;
  onMessage(take: (message: ToTask) => void): void;
}

/** Events between two words of how far it has come. */
const STRIDE = 1000;

export function runMocksTask(port: TaskPort, { mocksOf }: MocksTask): void {
  const events: TaskEvent[] = [];
  port.onMessage((message) => {
    if (message !== 'end') {
      for (const event of message.events) events.push(event);
      return;
    }
    try {
      port.post({ type: 'made', made: mocksFromEvents(told(events, port), mocksOf) });
    } catch (error) {
      port.post({ type: 'refused', message: error instanceof Error ? error.message : String(error) });
    }
  });
}

function* told(events: readonly TaskEvent[], port: TaskPort): Generator<MessageEvent> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (const [i, event] of events.entries()) {
    if (i % STRIDE === 0) port.post({ type: 'progress', fraction: i / events.length });
    if (event.kind === 'edit') yield event;
    else {
      const { bytes, ...message } = event;
      yield { ...message, line: decoder.decode(bytes) };
    }
  }
}
