// A mock file out of a call that went by: of a run with a real host, or of a recording. It is opened for the author to look at and to save;
// what looks like a secret is left out. Made in a worker, to which the messages go in short turns: a call may be of any size. Contracts P2, E2.
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';
import { DEFAULT_REDACTIONS, type GeneratedMocks } from '../../debug-adapter/mocks/from-recording.ts';
import type { FromTask, MocksTask, TaskEvent, ToTask } from '../../debug-adapter/mocks/mocks-task.ts';
import type { EventStore } from '../../debug-adapter/recording/event-store.ts';
import { othersFirst, TURN_MS } from '../../debug-adapter/transcript/turns.ts';

/** Past so many characters VS Code keeps a text from extensions, and is slow with it. */
const LONGEST = 20_000_000;
/** Shares of the progress bar (%): reading the messages, and making rules of them. */
const READING = 40;
const MAKING = 60;

/** @throws Error with a sentence where there is nothing to make it of, or a setting is wrong */
export async function mocksFromCall(store: EventStore, extensionPath: string): Promise<void> {
  const more = vscode.workspace.getConfiguration('wasmiPluginDebugger').get<readonly string[]>('mocks.redact', []);
  const { names, values } = DEFAULT_REDACTIONS;
  const task: MocksTask = { mocksOf: { names: [...names, ...more], values: [...values, ...more] } };
  const made = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: 'Making mocks of the call', cancellable: true },
    (progress, token) =>
      makeMocks(store, path.join(extensionPath, 'dist', 'worker.mjs'), task, token, (increment) =>
        progress.report({ increment }),
      ),
  );
  if (made === undefined) return;
  if (made.calls === 0) throw new Error('No host method was answered in this call: there is nothing to make mocks of.');
  if (made.text.length > LONGEST)
    throw new Error(
      'The mocks of this call are too long for an editor: save its recording, and run `wasmi-plugin-debugger mocks from-recording FILE`.',
    );
  const document = await vscode.workspace.openTextDocument({ language: 'plugin-mocks', content: made.text });
  await vscode.window.showTextDocument(document);
}

/** Undefined: the person did not wait for it. `report` takes what was done since, in % of it all. @throws Error with a sentence */
async function makeMocks(
  store: EventStore,
  worker: string,
  task: MocksTask,
  token: vscode.CancellationToken,
  report: (increment: number) => void,
): Promise<GeneratedMocks | undefined> {
  const thread = new Worker(worker, { workerData: task, env: {}, execArgv: [] });
  let given = (_: GeneratedMocks | undefined): void => {};
  const cancelled = token.onCancellationRequested(() => given(undefined));
  try {
    const made = new Promise<GeneratedMocks | undefined>((resolve, reject) => {
      given = resolve;
      let done = 0;
      thread.on('message', (message: FromTask) => {
        if (message.type === 'made') resolve(message.made);
        else if (message.type === 'progress') {
          report((message.fraction - done) * MAKING);
          done = message.fraction;
        } else
          reject(
            new Error(`A pattern of the setting wasmiPluginDebugger.mocks.redact can't be used: ${message.message}`),
          );
      });
      thread.on('error', (error) =>
        reject(new Error(`The mocks could not be made: ${error.message}`, { cause: error })),
      );
    });
    // what goes wrong while the messages are still being sent is told below
    made.catch(() => {});
    await sendMessages(store, thread, token, report);
    return await made;
  } finally {
    cancelled.dispose();
    await thread.terminate();
  }
}

async function sendMessages(
  store: EventStore,
  thread: Worker,
  token: vscode.CancellationToken,
  report: (increment: number) => void,
): Promise<void> {
  // what comes meanwhile is not waited for
  const { length } = store;
  for (let seq = 0; seq < length && !token.isCancellationRequested; ) {
    const end = performance.now() + TURN_MS;
    const from = seq;
    const events: TaskEvent[] = [];
    for (; seq < length && performance.now() < end; seq++) {
      const event = taskEvent(store, seq);
      if (event !== undefined) events.push(event);
    }
    post(thread, { events });
    report(((seq - from) / length) * READING);
    await othersFirst();
  }
  post(thread, 'end');
}

/** The bytes are handed over, not copied once more. */
function post(thread: Worker, message: ToTask): void {
  const bytes = message === 'end' ? [] : message.events.flatMap((event) => (event.kind === 'rpc' ? [event.bytes] : []));
  thread.postMessage(
    message,
    bytes.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : [])),
  );
}

function taskEvent(store: EventStore, seq: number): TaskEvent | undefined {
  const kind = store.kind(seq);
  if (kind !== 'rpc' && kind !== 'edit') return undefined;
  const event = store.logged(seq);
  if (event.kind === 'edit' && event.space === 'reply')
    return { kind: 'edit', seq, space: 'reply', index: event.index };
  if (event.kind !== 'rpc') return undefined;
  const { dir, answeredBy } = event;
  return { kind: 'rpc', seq, dir, bytes: event.bytes.slice(), ...(answeredBy === undefined ? {} : { answeredBy }) };
}
