// Recordings as files, read and written in short turns, so that the extension host is never held up however long they are. Knows the disk, and nothing of
// VS Code. Contracts E2, R4.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { RecordingHeader } from '../../debug-adapter/recording/event.ts';
import type { EventStore } from '../../debug-adapter/recording/event-store.ts';
import { type ReadRecording, RecordingReader } from '../../debug-adapter/recording/reader.ts';
import { RecordingWriter } from '../../debug-adapter/recording/writer.ts';
import { inTurns } from '../../debug-adapter/transcript/turns.ts';

/** Bytes that are read from disk at once. */
const BLOCK = 1024 * 1024;
/** Bytes, or characters, that are worked on between two looks at the clock: less than a millisecond. */
const SLICE = 16 * 1024;
/** Characters after which a piece is handed to the disk. */
const PIECE = 1024 * 1024;

/** What a recording is made of. The store may still grow: what it holds when the saving begins is saved. */
export interface RecordingSource {
  readonly header: RecordingHeader;
  readonly store: EventStore;
}

/** Who waits for it. A CancellationToken of VS Code's is one. */
export interface Cancellation {
  readonly isCancellationRequested: boolean;
}

/** How far it is, from 0 to 1. */
export type Report = (fraction: number) => void;

/**
 * Reads the recording at `file`, which sentences call `name`. Undefined when it was cancelled.
 * @throws Error with one sentence: a file that can't be read, or is no recording (RecordingError)
 */
export async function readRecordingFile(
  file: string,
  name: string,
  report: Report,
  cancellation: Cancellation,
): Promise<ReadRecording | undefined> {
  const unreadable = (error: unknown): never => {
    throw new Error(`The recording ${name} can't be read: ${reason(error)}.`, { cause: error });
  };
  const handle = await fs.open(file, 'r').catch(unreadable);
  try {
    const { size } = await handle.stat().catch(unreadable);
    const reader = new RecordingReader(name);
    const block = new Uint8Array(BLOCK);
    for (let at = 0; !cancellation.isCancellationRequested; ) {
      const { bytesRead } = await handle.read(block, 0, BLOCK, at).catch(unreadable);
      if (bytesRead === 0) return reader.finish();
      const read = await feed(reader, block.subarray(0, bytesRead), cancellation);
      if (!read) return undefined;
      at += bytesRead;
      report(size === 0 ? 1 : Math.min(1, at / size));
    }
    return undefined;
  } finally {
    await handle.close();
  }
}

/** Reads a recording that is in memory already, from wherever it came. As `readRecordingFile` else. */
export async function readRecordingBytes(
  bytes: Uint8Array,
  name: string,
  report: Report,
  cancellation: Cancellation,
): Promise<ReadRecording | undefined> {
  const reader = new RecordingReader(name);
  for (let at = 0; at < bytes.length; at += BLOCK) {
    if (!(await feed(reader, bytes.subarray(at, at + BLOCK), cancellation))) return undefined;
    report(Math.min(1, (at + BLOCK) / bytes.length));
  }
  return reader.finish();
}

/** False when it was cancelled. */
async function feed(reader: RecordingReader, bytes: Uint8Array, cancellation: Cancellation): Promise<boolean> {
  let at = 0;
  await inTurns((budget) => {
    const end = performance.now() + budget / 2; // the garbage collector takes its part
    do {
      reader.push(bytes.subarray(at, at + SLICE));
      at += SLICE;
    } while (at < bytes.length && performance.now() < end);
    return at >= bytes.length || cancellation.isCancellationRequested;
  });
  return !cancellation.isCancellationRequested;
}

/** The text of a recording in pieces, made in short turns; it ends early when it is cancelled. */
export async function* recordingPieces(
  { header, store }: RecordingSource,
  report: Report,
  cancellation: Cancellation,
): AsyncGenerator<string> {
  const writer = new RecordingWriter(header, store, store.length);
  while (writer.behind && !cancellation.isCancellationRequested) {
    let piece = '';
    await inTurns((budget) => {
      const end = performance.now() + budget / 2; // the garbage collector takes its part
      do piece += writer.write(SLICE);
      while (writer.behind && piece.length < PIECE && performance.now() < end);
      return !writer.behind || piece.length >= PIECE || cancellation.isCancellationRequested;
    });
    yield piece;
    report(writer.progress);
  }
}

/**
 * Writes a recording to `file`, which sentences call `name`: beside it first, and then in its place, so that there is never half a file. False, and nothing
 * is there, when it was cancelled.
 * @throws Error with one sentence: a file that can't be written
 */
export async function writeRecordingFile(
  source: RecordingSource,
  file: string,
  name: string,
  report: Report,
  cancellation: Cancellation,
): Promise<boolean> {
  const beside = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID().slice(0, 8)}.part`);
  try {
    const handle = await fs.open(beside, 'wx');
    try {
      for await (const piece of recordingPieces(source, report, cancellation)) await handle.writeFile(piece);
    } finally {
      await handle.close();
    }
    if (cancellation.isCancellationRequested) return false;
    await fs.rename(beside, file);
    return true;
  } catch (error) {
    throw new Error(`The recording ${name} can't be written: ${reason(error)}.`, { cause: error });
  } finally {
    await fs.rm(beside, { force: true }).catch(() => undefined); // where the folder can't be written, there is nothing either
  }
}

/** A clause: what the system says, without the paths and codes that it adds. */
function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file or folder';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
    case 'EPERM':
      return 'it is not allowed';
    case 'ENOSPC':
      return 'the disk is full';
    case 'EROFS':
      return 'the disk is read-only';
    default:
      return message.replace(/^[A-Z]+: /, '').replace(/\.$/, '');
  }
}

/** The name that a recording is saved under: `METHOD-YYYYMMDD-HHMMSS.recording.jsonl`, with the local time at which the call was made. */
export function recordingName({ call, created }: RecordingHeader, now = new Date()): string {
  const method = call.method
    .replace(/[^\p{L}\p{N}._-]+/gu, '_')
    .replace(/^[._]+|[._]+$/g, '')
    .slice(0, 60);
  const made = new Date(created);
  const time = Number.isNaN(made.getTime()) ? now : made;
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${time.getFullYear()}${two(time.getMonth() + 1)}${two(time.getDate())}`;
  const clock = `${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`;
  return `${method === '' ? 'call' : method}-${day}-${clock}.recording.jsonl`;
}
