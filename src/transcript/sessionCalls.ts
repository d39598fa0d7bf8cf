// Tells the panel's list of the calls that debug sessions start: each launch and each restart is one; a replay of a call that the panel has
// is shown in that call. Holds nothing itself.
import type * as vscode from 'vscode';
import type { PluginDebugSession } from '../../debug-adapter/session/session.ts';
import type { Calls, Origin } from './calls.ts';
import { callOfRecording } from './launchAgain.ts';

/** Has `calls` hear of every call of a session. */
export function followSession(session: vscode.DebugSession, adapter: PluginDebugSession, calls: Calls): void {
  const { configuration, workspaceFolder } = session;
  const origin: Origin = {
    kind: 'session',
    session: session.id,
    configuration,
    folder: workspaceFolder?.uri.toString(),
  };
  adapter.onCall((view) => {
    const { run, plan } = view;
    const started = { run, plan, rows: view.transcript.rows, module: () => view.module() };
    const replayed = callOfRecording(plan.recording) ?? calls.ofFile(plan.recording)?.id;
    if (replayed === undefined) calls.started(started, origin);
    else calls.replayed(replayed, started, origin);
  });
}
