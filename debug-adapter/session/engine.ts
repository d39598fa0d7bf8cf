// The real engine behind a session: files, the host command, the run and its recorder, all by way of a Platform.
import { startHostProcess } from '../executor/host-process.ts';
import type { Platform } from '../executor/platform.ts';
import { startRecorder } from '../executor/recorder.ts';
import { Run } from '../executor/run.ts';
import { EventStore } from '../recording/event-store.ts';
import { RecordingReader } from '../recording/reader.ts';
import { inTurns } from '../transcript/turns.ts';
import type { HeldRecording, ReadRecording, SessionEngine } from './session-run.ts';

function why(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be opened';
  return error instanceof Error ? error.message : String(error);
}

/** Bytes of a recording that are read before a look at the time. */
const PIECE = 64 * 1024;

/** A recording's file may be large, and others wait for this thread (E2). @throws RecordingError */
async function readInTurns(bytes: Uint8Array, name: string): Promise<ReadRecording> {
  const reader = new RecordingReader(name);
  let at = 0;
  await inTurns((budget) => {
    const end = performance.now() + budget;
    for (; at < bytes.length && performance.now() < end; at += PIECE) reader.push(bytes.subarray(at, at + PIECE));
    return at >= bytes.length;
  });
  const { header, store, cutShort } = reader.finish();
  return { header, records: store.records(), events: store.length, cutShort };
}

/** Recordings that this process holds, by the names that a launch may give: undefined for one that it holds not. */
export type Recordings = (name: string) => HeldRecording | undefined;

/** A session's engine on `platform`. */
export function engineOf(platform: Platform, recordings: Recordings = () => undefined): SessionEngine {
  const readFile: SessionEngine['readFile'] = async (path, what) => {
    try {
      return await platform.readFile(path);
    } catch (error) {
      throw new Error(`${what} ${path} can't be read: ${why(error)}.`, { cause: error });
    }
  };
  return {
    readFile,
    fileExists: (path) => platform.fileExists(path),
    async readRecording(name) {
      const held = recordings(name);
      if (held === undefined) return readInTurns(await readFile(name, 'The recording'), name);
      const store = new EventStore();
      store.append(held.records);
      const events = store.length;
      const whole = events > 0 && store.kind(events - 1) === 'exit';
      return {
        ...held,
        events,
        cutShort: whole ? undefined : `${name} holds ${events} events and not the end of the call.`,
      };
    },
    replay: (recording, options) => ({
      run: Run.replay(platform, recording, options),
      replays: recording,
      recorded: Promise.resolve(undefined),
    }),
    start(options, plan, report) {
      const host =
        plan.hostCommand === undefined ? undefined : startHostProcess(platform, plan.hostCommand, plan.cwd, report);
      const run = Run.start(platform, options, host);
      const { record } = plan;
      if (record === undefined) return { run, recorded: Promise.resolve(undefined) };
      // The recorder reads the store from its start, so it loses nothing while its file is being opened.
      const recorded = startRecorder(platform, run, record)
        .then(({ done }) => done)
        .then(
          () => undefined,
          (error: unknown) => `The recording ${record} can't be written: ${why(error)}.`,
        );
      return { run, recorded };
    },
    now: () => platform.monotonic(),
  };
}
