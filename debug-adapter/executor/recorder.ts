// Writes a run's recording while it runs, so that a crash leaves all but the last moments (R4). A reader of the event store, like any view.

import type { RecordingHeader } from '../recording/event.ts';
import { RecordingWriter } from '../recording/writer.ts';
import type { Platform } from './platform.ts';
import type { Run } from './run.ts';

/** Text is handed to the file in pieces of about this size (characters). */
const PIECE = 256 * 1024;

/**
 * Records `run` into `path`. The file is made when the module has been loaded, so that a run which never came so far leaves an older file
 * alone. Events are formatted as they come, in short turns, so that a flood of them never holds up this thread.
 * @returns when the file is open: a promise that resolves when the run has ended and all is on disk. Either rejects when the file can't be
 * written, the first also when there is nothing to record.
 */
export async function startRecorder(platform: Platform, run: Run, path: string): Promise<{ done: Promise<void> }> {
  const header = await headerOf(run);
  const file = await platform.writeTextFile(path);
  const writer = new RecordingWriter(header, run.store);
  let scheduled = false;
  let over = false;
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const turn = (): void => {
    scheduled = false;
    const text = writer.write(PIECE);
    if (text !== '') file.write(text);
    if (writer.behind) schedule();
    else if (over) finish();
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(turn);
  };

  run.store.onAppend(schedule);
  void run.ended.then(() => {
    over = true;
    schedule();
  });
  schedule();
  return { done: finished.then(() => file.close()) };
}

/** The run's header, once its module is loaded. */
function headerOf(run: Run): Promise<RecordingHeader> {
  return new Promise((resolve, reject) => {
    if (run.header !== undefined) resolve(run.header);
    run.on({ loaded: resolve });
    void run.ended.then(() =>
      reject(new Error('the call ended before its module was loaded, so there is nothing to record')),
    );
  });
}
