// The panel's commands: of its context menu, its head, the palette and the keyboard. A row comes from the context menu, else it is the one
// that is selected. Each is a line or two: what they do is elsewhere.
import * as vscode from 'vscode';
import { SCHEME } from '../pluginDocuments.ts';
import type { Calls, KeptCall } from './calls.ts';
import type { Doors } from './doors.ts';
import type { TranscriptPanel } from './panelView.ts';
import { DOORS, type Door } from './protocol.ts';
import { placeOfLine } from './transcriptPlace.ts';

const PREFIX = 'wasmiPluginDebugger.transcript.';

/** What VS Code passes for a row of the webview (`data-vscode-context`). */
function rowOf(context: unknown, calls: Calls): { call: KeptCall; row: number } | undefined {
  if (typeof context !== 'object' || context === null) return undefined;
  const { call: id, row } = context as Record<string, unknown>;
  if (typeof id !== 'number' || typeof row !== 'number') return undefined;
  const call = calls.get(id);
  return call !== undefined && Number.isInteger(row) && row >= 0 && row < call.rows.length ? { call, row } : undefined;
}

/** The row that a command is about: of the context menu, else the one that is selected. @throws Error with a sentence where there is none */
export function chosenRow(panel: TranscriptPanel, calls: Calls, context: unknown): { call: KeptCall; row: number } {
  const selection = panel.model.selection;
  const call = selection === undefined ? undefined : calls.get(selection.call.id);
  const selected = call === undefined || selection === undefined ? undefined : { call, row: selection.row };
  const found = rowOf(context, calls) ?? selected;
  if (found === undefined) throw new Error('No row of the transcript is selected: choose one in the panel first.');
  return found;
}

/** Shows what goes wrong as the sentence that it is. */
export async function told(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
  }
}

/** Registers them; the caller owns what is returned. */
export function registerTranscriptCommands(panel: TranscriptPanel, calls: Calls, doors: Doors): vscode.Disposable {
  const withRow = (context: unknown, what: (call: KeptCall, row: number) => Promise<void>): Promise<void> =>
    told(async () => {
      const { call, row } = chosenRow(panel, calls, context);
      await what(call, row);
    });
  const ofRow = (door: Door) => [
    `${PREFIX}${door}`,
    (context: unknown) => withRow(context, (call, row) => doors.open(door, call, row)),
  ];
  /** What is about the whole call, and needs no row. */
  const ofCall = (door: Door) => [
    `${PREFIX}${door}`,
    (context: unknown) =>
      told(async () => {
        const call = rowOf(context, calls)?.call ?? calls.get(panel.model.shownCall?.id ?? -1);
        if (call === undefined) throw new Error('No call is shown: press F5 on a plugin call, or open a recording.');
        await doors.open(door, call, Math.max(0, rowOf(context, calls)?.row ?? 0));
      }),
  ];
  const whole: readonly Door[] = ['copyCommand', 'saveRecording'];
  const commands: Record<string, (argument: unknown) => Promise<void>> = {
    ...Object.fromEntries(DOORS.map((door) => (whole.includes(door) ? ofCall(door) : ofRow(door)))),
    [`${PREFIX}copyRow`]: (context) => withRow(context, (call, row) => doors.copyRow(call, row)),
    'wasmiPluginDebugger.showTranscript': () => panel.open(),
    'wasmiPluginDebugger.filterTranscript': () => panel.do('filter'),
    [`${PREFIX}find`]: () => panel.do('find'),
    [`${PREFIX}findNext`]: () => panel.do('findNext'),
    [`${PREFIX}findPrevious`]: () => panel.do('findPrevious'),
    [`${PREFIX}clearFilter`]: () => panel.do('clearFilter'),
    [`${PREFIX}follow`]: () => panel.do('follow'),
    [`${PREFIX}chooseCall`]: () => chooseCall(panel, calls),
    'wasmiPluginDebugger.showInTranscript': () => told(() => showLine(panel, calls)),
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(name, run)),
  );
}

/** How long the editor may be gone while VS Code shows a stop in it; it takes some milliseconds. */
const PATIENCE_MS = 500;

/** The editor that has the cursor. While VS Code shows a stop, there is none for a moment: then the one that comes. */
function activeEditor(): Promise<vscode.TextEditor | undefined> {
  const present = vscode.window.activeTextEditor;
  if (present !== undefined) return Promise.resolve(present);
  return new Promise((resolve) => {
    const end = (editor?: vscode.TextEditor) => {
      clearTimeout(timer);
      listener.dispose();
      resolve(editor);
    };
    const timer = setTimeout(end, PATIENCE_MS);
    const listener = vscode.window.onDidChangeActiveTextEditor((editor) => {
      if (editor !== undefined) end(editor);
    });
  });
}

/** Shows the row of the line at which the cursor stands in a call's transcript. */
async function showLine(panel: TranscriptPanel, calls: Calls): Promise<void> {
  const editor = await activeEditor();
  const uri = editor?.document.uri;
  const place = uri?.scheme === SCHEME ? placeOfLine(uri.path, editor?.selection.active.line ?? 0) : undefined;
  if (place === undefined) throw new Error('This is no transcript of a call: choose a line of one first.');
  const call = calls.calls.findLast(({ origin }) => origin.kind === 'session' && origin.session === place.session);
  if (call === undefined) throw new Error('The call of this transcript is not kept any more.');
  await panel.reveal(call, Math.min(place.row, call.rows.length - 1));
}

async function chooseCall(panel: TranscriptPanel, calls: Calls): Promise<void> {
  const shown = panel.model.shownCall?.id;
  const items = [...calls.calls].reverse().map((call) => ({
    label: call.title,
    description: `${call.plugin} · ${call.outcome ?? call.state}`,
    detail: new Date(call.started).toLocaleString(),
    iconPath: new vscode.ThemeIcon(call.id === shown ? 'check' : 'blank'),
    call,
  }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage('There is no call yet: press F5 on a plugin call, or open a recording.');
    return;
  }
  const chosen = await vscode.window.showQuickPick(items, { title: 'Which Call?', matchOnDescription: true });
  if (chosen) await panel.reveal(chosen.call);
}
