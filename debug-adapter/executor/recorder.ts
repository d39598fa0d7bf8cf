// Writes a run's recording while it runs, so that a crash leaves all but the last moments (R4). A reader of the event store, like any view.
import { formatHeader } from '../recording/header.ts';
import { formatEvent } from '../recording/jsonl.ts';
import type { Platform } from './platform.ts';
import type { Run } from './run.ts';

/** Text is handed to the file in pieces of about this size (characters). */
const PIECE = 256 * 1024;

/**
 * Records `run` into `path`. Events are formatted as they come, in short turns, so that a flood of them never holds up this thread.
 * @returns a promise that resolves when the run has ended and all is on disk; it rejects when the file can't be written.
 */
export async function startRecorder(platform: Platform, run: Run, path: string): Promise<{ done: Promise<void> }> {
  const file = await platform.writeTextFile(path);
  let written = 0;
  let headed = false;
  let scheduled = false;
  let over = false;
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const turn = (): void => {
    scheduled = false;
    if (!headed && run.header !== undefined) {
      file.write(`${formatHeader(run.header)}\n`);
      headed = true;
    }
    let text = '';
    while (headed && written < run.store.length && text.length < PIECE)
      text += `${formatEvent(run.store.get(written++))}\n`;
    if (text !== '') file.write(text);
    if (headed && written < run.store.length) schedule();
    else if (over) finish();
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(turn);
  };

  run.store.onAppend(schedule);
  run.on({ loaded: schedule });
  void run.ended.then(() => {
    over = true;
    schedule();
  });
  schedule();
  return { done: finished.then(() => file.close()) };
}
