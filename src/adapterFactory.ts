// The debug adapter of each session: debug-adapter/'s own session, in this process, behind what VS Code alone needs (a build before a
// restart, transcripts as documents).
import * as vscode from 'vscode';
import { lackingSentence, probeEngine } from '../debug-adapter/executor/engine-check.ts';
import type { Platform } from '../debug-adapter/executor/platform.ts';
import { PluginDebugSession } from '../debug-adapter/session/session.ts';
import type { LaunchConfigurations } from './launchConfigurations.ts';
import type { PluginDocuments } from './pluginDocuments.ts';
import { PreparedRestart } from './preparedRestart.ts';
import type { Sessions } from './sessions.ts';
import { mayRun } from './trust.ts';

export class AdapterFactory implements vscode.DebugAdapterDescriptorFactory {
  readonly #platform: Platform;
  readonly #sessions: Sessions;
  readonly #documents: PluginDocuments;
  readonly #configurations: LaunchConfigurations;

  constructor(
    platform: Platform,
    sessions: Sessions,
    documents: PluginDocuments,
    configurations: LaunchConfigurations,
  ) {
    this.#platform = platform;
    this.#sessions = sessions;
    this.#documents = documents;
    this.#configurations = configurations;
  }

  /** @throws Error with a sentence where this VS Code's engine lacks something. */
  createDebugAdapterDescriptor(session: vscode.DebugSession): vscode.DebugAdapterDescriptor | undefined {
    if (!mayRun('A plugin call runs')) return undefined;
    const lacking = lackingSentence(probeEngine(), process.versions.v8, 'vscode');
    if (lacking !== undefined) throw new Error(lacking);
    const adapter = new PluginDebugSession(this.#platform);
    this.#sessions.add(session, adapter);
    const restarted = new PreparedRestart(adapter, (launch) =>
      this.#configurations.prepare(session.workspaceFolder, launch),
    );
    return new vscode.DebugAdapterInlineImplementation(this.#documents.adapter(restarted, session));
  }
}
