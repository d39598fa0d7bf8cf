// Saving a call as a recording and opening one, with VS Code's dialogs and progress. Registers nothing: the panel and the commands call it. How a file is
// read and written is in recordingFile.ts. Contracts E2, R4.
import path from 'node:path';
import * as vscode from 'vscode';
import type { ReadRecording } from '../../debug-adapter/recording/reader.ts';
import {
  type Cancellation,
  type RecordingSource,
  type Report,
  readRecordingBytes,
  readRecordingFile,
  recordingName,
  recordingPieces,
  writeRecordingFile,
} from './recordingFile.ts';

const FILTERS = { 'Plugin recordings': ['jsonl'], 'All files': ['*'] };

/** How sentences call a file. */
const nameOf = (uri: vscode.Uri): string => vscode.workspace.asRelativePath(uri, false);

/**
 * Saves a call, or as much of it as there is: at `uri`, else where the user says. Shows progress; cancelled, it leaves nothing behind.
 * @returns where it is now; undefined when the user did not want it
 * @throws Error with one sentence
 */
export async function saveRecording(source: RecordingSource, uri?: vscode.Uri): Promise<vscode.Uri | undefined> {
  const target =
    uri ??
    (await vscode.window.showSaveDialog({
      title: 'Save Recording',
      defaultUri: vscode.Uri.joinPath(defaultFolder(), recordingName(source.header)),
      filters: FILTERS,
    }));
  if (target === undefined) return undefined;
  const saved = await withProgress(`Saving ${nameOf(target)}`, (report, token) =>
    target.scheme === 'file'
      ? writeRecordingFile(source, target.fsPath, nameOf(target), report, token)
      : writeElsewhere(source, target, report, token),
  );
  return saved ? target : undefined;
}

/** A file system of an extension's takes a file as a whole. */
async function writeElsewhere(
  source: RecordingSource,
  uri: vscode.Uri,
  report: Report,
  cancellation: Cancellation,
): Promise<boolean> {
  const pieces: string[] = [];
  for await (const piece of recordingPieces(source, report, cancellation)) pieces.push(piece);
  if (cancellation.isCancellationRequested) return false;
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  await vscode.workspace.fs.writeFile(uri, bytes).then(undefined, (error: unknown) => {
    throw new Error(`The recording ${nameOf(uri)} can't be written: ${(error as Error).message}.`, { cause: error });
  });
  return true;
}

/** Asks which recording to open. */
async function pickRecording(): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: 'Open Recording',
    openLabel: 'Open',
    defaultUri: defaultFolder(),
    filters: FILTERS,
  });
  return chosen?.[0];
}

/**
 * Reads the recording at `uri`. Undefined when it was cancelled.
 * @throws Error with one sentence that names the file, and the line where it is damaged
 */
export async function openRecording(
  uri: vscode.Uri,
  report: Report,
  cancellation: Cancellation,
): Promise<ReadRecording | undefined> {
  const name = nameOf(uri);
  if (uri.scheme === 'file') return readRecordingFile(uri.fsPath, name, report, cancellation);
  const bytes = await vscode.workspace.fs.readFile(uri).then(undefined, (error: unknown) => {
    throw new Error(`The recording ${name} can't be read: ${(error as Error).message}.`, { cause: error });
  });
  return readRecordingBytes(bytes, name, report, cancellation);
}

/** Reads the recording at `uri`, else the one that the user chooses, and shows progress. Throws and returns as `openRecording`. */
export async function openRecordingWithProgress(
  uri?: vscode.Uri,
): Promise<{ readonly uri: vscode.Uri; readonly recording: ReadRecording } | undefined> {
  const chosen = uri ?? (await pickRecording());
  if (chosen === undefined) return undefined;
  const recording = await withProgress(`Opening ${nameOf(chosen)}`, (report, token) =>
    openRecording(chosen, report, token),
  );
  return recording && { uri: chosen, recording };
}

function withProgress<T>(title: string, work: (report: Report, token: Cancellation) => Promise<T>): Thenable<T> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, (progress, token) => {
    let reported = 0;
    return work((fraction) => {
      const increment = fraction * 100 - reported;
      if (increment < 1) return;
      reported += increment;
      progress.report({ increment });
    }, token);
  });
}

function defaultFolder(): vscode.Uri {
  const active = vscode.window.activeTextEditor?.document.uri;
  const folder = (active && vscode.workspace.getWorkspaceFolder(active)) ?? vscode.workspace.workspaceFolders?.[0];
  return folder?.uri ?? vscode.Uri.file(path.resolve('.'));
}
