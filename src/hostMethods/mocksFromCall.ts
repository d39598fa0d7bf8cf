// A mock file out of a call that went by: of a run with a real host, or of a recording. It is opened for the author to look at and to save;
// what looks like a secret is left out. Contract P2.
import * as vscode from 'vscode';
import { DEFAULT_REDACTIONS, mocksFromEvents } from '../../debug-adapter/mocks/from-recording.ts';
import type { EventStore } from '../../debug-adapter/recording/event-store.ts';

/** A larger call would hold up the extension host: the terminal's command takes any. */
const MOST_BYTES = 4 * 1024 * 1024;

/** @throws Error with a sentence where there is nothing to make it of, or a setting is wrong */
export async function mocksFromCall(store: EventStore): Promise<void> {
  if (store.bytes > MOST_BYTES)
    throw new Error(
      'The call is too large for that here: save its recording, and run `wasmi-plugin-debugger mocks from-recording FILE`.',
    );
  const more = vscode.workspace.getConfiguration('wasmiPluginDebugger').get<readonly string[]>('mocks.redact', []);
  const { names, values } = DEFAULT_REDACTIONS;
  let made: ReturnType<typeof mocksFromEvents>;
  try {
    made = mocksFromEvents(store.range(), { names: [...names, ...more], values: [...values, ...more] });
  } catch (error) {
    throw new Error(`A pattern of the setting wasmiPluginDebugger.mocks.redact can't be used: ${String(error)}`, {
      cause: error,
    });
  }
  if (made.calls === 0) throw new Error('No host method was answered in this call: there is nothing to make mocks of.');
  const document = await vscode.workspace.openTextDocument({ language: 'plugin-mocks', content: made.text });
  await vscode.window.showTextDocument(document);
}
