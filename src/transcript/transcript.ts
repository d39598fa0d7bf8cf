// The transcript panel put together: the calls that are kept, the view, the doors, the commands. Wires; decides nothing.
import os from 'node:os';
import process from 'node:process';
import * as vscode from 'vscode';
import type { Platform } from '../../debug-adapter/executor/platform.ts';
import type { HeldRecording, PluginDebugSession } from '../../debug-adapter/session/session.ts';
import type { PluginDocuments } from '../pluginDocuments.ts';
import { Arrangement } from './arrangement.ts';
import { Calls, type KeptCall } from './calls.ts';
import { Doors } from './doors.ts';
import type { Versions } from './exports.ts';
import { guestStack } from './guestStack.ts';
import { callOfRecording } from './launchAgain.ts';
import { MessageDocuments } from './messageDocuments.ts';
import { TranscriptPanel } from './panelView.ts';
import type { StackFrame } from './protocol.ts';
import { registerRecordingCommands, saveCall } from './recordingCommands.ts';
import { followSession } from './sessionCalls.ts';
import { registerTranscriptCommands } from './transcriptCommands.ts';

function versions(context: vscode.ExtensionContext): Versions {
  const { version }: { version?: unknown } = context.extension.packageJSON;
  return {
    debugger: `Wasmi Plugin Debugger ${String(version)}`,
    editor: `${vscode.env.appName} ${vscode.version}, V8 ${process.versions.v8}`,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
  };
}

/** What others of the extension use of the panel. */
export class Transcript implements vscode.Disposable {
  readonly calls = new Calls(() => Date.now());
  readonly panel: TranscriptPanel;
  readonly doors: Doors;
  readonly #registrations: vscode.Disposable;

  constructor(context: vscode.ExtensionContext, platform: Platform, documents: PluginDocuments) {
    const { calls } = this;
    const stack = (call: KeptCall, event: number, signal: AbortSignal): Promise<readonly StackFrame[]> => {
      if (!vscode.workspace.isTrusted)
        throw new Error('A stack is found by running the plugin, which is done in a trusted workspace only.');
      return guestStack(platform, call, event, signal);
    };
    const arrangement = new Arrangement(context.globalState, context.workspaceState);
    this.doors = new Doors({
      calls,
      documents,
      versions: versions(context),
      stack,
      edit: (call, row) => this.panel.reveal(call, row, true),
      save: saveCall,
    });
    this.panel = new TranscriptPanel(context.extensionUri, calls, {
      open: (door, call, row, more) => this.doors.open(door, call, row, more),
      stack: (shown, event, signal) => {
        const call = calls.get(shown.id);
        if (call === undefined) throw new Error('This call is not kept any more.');
        return stack(call, event, signal);
      },
      settings: () => arrangement.settings(),
      keep: (settings) => arrangement.keep(settings),
      history: () => arrangement.history(),
      addHistory: (filter) => arrangement.addHistory(filter),
    });
    this.#registrations = vscode.Disposable.from(
      this.panel,
      new MessageDocuments(calls),
      registerTranscriptCommands(this.panel, calls, this.doors),
      registerRecordingCommands(this.panel, calls),
    );
  }

  /** Has the panel show the calls of a session. */
  follow(session: vscode.DebugSession, adapter: PluginDebugSession): void {
    followSession(session, adapter, this.calls);
  }

  /** A call that is kept as a recording, for a session to replay (`call:3`). */
  recording(name: string): HeldRecording | undefined {
    const call = this.calls.get(callOfRecording(name) ?? -1);
    if (call?.header === undefined) return undefined;
    return { header: call.header, records: call.store.records(), module: call.module };
  }

  dispose(): void {
    this.#registrations.dispose();
  }
}
