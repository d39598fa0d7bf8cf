// Recordings inside VS Code: their language, and files that lie on no disk. Contracts R4, E2.
/// <reference types="mocha" />
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { EventStore } from '../../../debug-adapter/recording/event-store.ts';
import { LogWriter } from '../../../debug-adapter/recording/log.ts';
import { recordingText } from '../../../debug-adapter/recording/writer.ts';
import { RECORDING_HEADER } from '../../../debug-adapter/testing/recording-header.ts';
import { openRecording, openRecordingWithProgress, saveRecording } from '../../recordings/recordings.ts';
import { folder } from './support.ts';

const HEADER = RECORDING_HEADER;

/** Files in memory, as an extension may serve them. */
class Files implements vscode.FileSystemProvider {
  readonly held = new Map<string, Uint8Array>();
  readonly onDidChangeFile = new vscode.EventEmitter<vscode.FileChangeEvent[]>().event;
  watch = (): vscode.Disposable => new vscode.Disposable(() => {});
  readDirectory = (): [string, vscode.FileType][] => [];
  createDirectory = (): void => {};
  rename = (): void => {};
  stat = (uri: vscode.Uri): vscode.FileStat => ({
    ...{ type: vscode.FileType.File, ctime: 0, mtime: 0 },
    size: this.readFile(uri).length,
  });
  readFile = (uri: vscode.Uri): Uint8Array => {
    const found = this.held.get(uri.path);
    if (found === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    return found;
  };
  writeFile = (uri: vscode.Uri, content: Uint8Array): void => {
    if (uri.path.startsWith('/locked')) throw vscode.FileSystemError.NoPermissions(uri);
    this.held.set(uri.path, content);
  };
  delete = (uri: vscode.Uri): void => {
    this.held.delete(uri.path);
  };
}

describe('recordings', () => {
  const SCHEME = 'recordings-of-a-test';
  const files = new Files();
  const registration = vscode.workspace.registerFileSystemProvider(SCHEME, files);
  after(() => registration.dispose());
  const uri = (name: string): vscode.Uri => vscode.Uri.from({ scheme: SCHEME, path: name });

  const store = new EventStore();
  const log = new LogWriter();
  const encoder = new TextEncoder();
  for (const text of ['{"jsonrpc":"2.0","id":0,"method":"a","params":null}', 'é🦀'.repeat(10_000)])
    log.rpc('out', encoder.encode(text), 0, 1, 1);
  store.append(log.take());
  const text = recordingText(HEADER, store.range());
  const never = { isCancellationRequested: false };

  it('R4: on no disk, one is saved and opened as on one', async () => {
    const there = uri('/a.recording.jsonl');
    assert.equal((await saveRecording({ header: HEADER, store }, there))?.toString(), there.toString());
    assert.equal(new TextDecoder().decode(files.held.get(there.path)), text);
    const opened = await openRecordingWithProgress(there);
    assert.deepEqual(opened?.recording.store.records(), store.records());
    assert.match(opened.recording.cutShort ?? '', /a\.recording\.jsonl was cut short: it holds 2 events/);
    assert.equal(await openRecording(there, () => {}, { isCancellationRequested: true }), undefined);
  });

  it('R4: what goes wrong is one sentence', async () => {
    await assert.rejects(
      saveRecording({ header: HEADER, store }, uri('/locked/a')),
      /^Error: The recording .*locked\/a can't be written: .*\.$/,
    );
    await assert.rejects(
      openRecording(uri('/none'), () => {}, never),
      /^Error: The recording .*none can't be read: .*\.$/,
    );
    files.held.set('/newer', encoder.encode(text.replace('"version":2', '"version":3')));
    await assert.rejects(
      openRecording(uri('/newer'), () => {}, never),
      /newer:1: this recording has version 3, and this debugger reads up to 2; update the debugger\.$/,
    );
  });

  it('its file is of the language of recordings, whatever it is called', async () => {
    const named = path.join(folder().uri.fsPath, 'language.recording.jsonl');
    const other = path.join(folder().uri.fsPath, 'language-of-another-name');
    try {
      for (const file of [named, other]) {
        fs.writeFileSync(file, text);
        assert.equal((await vscode.workspace.openTextDocument(file)).languageId, 'plugin-recording');
      }
    } finally {
      for (const file of [named, other]) fs.rmSync(file, { force: true });
    }
  });
});
