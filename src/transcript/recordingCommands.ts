// Recordings and the panel: a call is saved as one, one is opened as a call, or debugged. How they are read and written is ../recordings/.
import * as vscode from 'vscode';
import { RowTable } from '../../debug-adapter/transcript/row-table.ts';
import { openRecordingWithProgress, saveRecording } from '../recordings/recordings.ts';
import { mayRun } from '../trust.ts';
import type { Calls, KeptCall } from './calls.ts';
import { replayConfiguration } from './launchAgain.ts';
import type { TranscriptPanel } from './panelView.ts';
import { recordedModule } from './recordedModule.ts';
import { told } from './transcriptCommands.ts';

const PREFIX = 'wasmiPluginDebugger.transcript.';

/** Saves a call where the person says, and offers to look at it. @throws Error with a sentence */
export async function saveCall({ header, store }: KeptCall): Promise<void> {
  if (header === undefined) throw new Error('The call is still loading: there is nothing to save yet.');
  const saved = await saveRecording({ header, store });
  if (saved === undefined) return;
  const open = 'Open as Text';
  const name = vscode.workspace.asRelativePath(saved, false);
  void vscode.window.showInformationMessage(`The call was saved in ${name}.`, open).then((chosen) => {
    if (chosen === open) void vscode.window.showTextDocument(saved);
  });
}

/** Opens a recording as a call; without `uri`, the one that the person chooses. Undefined: they chose none. @throws Error with a sentence */
async function openCall(calls: Calls, uri?: vscode.Uri): Promise<KeptCall | undefined> {
  const opened = await openRecordingWithProgress(uri);
  if (opened === undefined) return undefined;
  const { header, store, cutShort } = opened.recording;
  const rows = new RowTable(store, () => performance.now());
  const file = opened.uri.scheme === 'file' ? opened.uri.fsPath : opened.uri.toString();
  return calls.opened(file, { header, store, rows, note: cutShort }, await recordedModule(header, file));
}

/** The file that a menu or the active editor means. */
function fileOf(given: unknown): vscode.Uri | undefined {
  return given instanceof vscode.Uri ? given : vscode.window.activeTextEditor?.document.uri;
}

/** Registers them; the caller owns what is returned. */
export function registerRecordingCommands(panel: TranscriptPanel, calls: Calls): vscode.Disposable {
  const show = (uri?: vscode.Uri): Promise<void> =>
    told(async () => {
      const call = await openCall(calls, uri);
      if (call !== undefined) await panel.reveal(call);
    });
  const debug = (uri?: vscode.Uri): Promise<void> =>
    told(async () => {
      if (!mayRun('A recording is run again')) return;
      const call = await openCall(calls, uri);
      if (call === undefined) return;
      await panel.reveal(call);
      const folder = uri === undefined ? undefined : vscode.workspace.getWorkspaceFolder(uri);
      await vscode.debug.startDebugging(folder ?? vscode.workspace.workspaceFolders?.[0], replayConfiguration(call));
    });
  const commands: Record<string, (argument: unknown) => Promise<void>> = {
    openRecording: (given) => show(given instanceof vscode.Uri ? given : undefined),
    showRecording: (given) => show(fileOf(given)),
    debugRecording: (given) => debug(fileOf(given)),
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(`${PREFIX}${name}`, run)),
  );
}
