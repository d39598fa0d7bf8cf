// The debug adapter of each session: debug-adapter/'s own session, in this process, behind what VS Code alone needs (a build before a
// restart, transcripts as documents).
import * as vscode from 'vscode';
import { lackingSentence, probeEngine } from '../debug-adapter/executor/engine-check.ts';
import type { Platform } from '../debug-adapter/executor/platform.ts';
import { PluginDebugSession, type Recordings } from '../debug-adapter/session/session.ts';
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
  readonly #recordings: Recordings;

  /** `recordings` gives those that this window holds, by the names that a launch may give. */
  constructor(
    platform: Platform,
    sessions: Sessions,
    documents: PluginDocuments,
    configurations: LaunchConfigurations,
    recordings: Recordings,
  ) {
    this.#platform = platform;
    this.#sessions = sessions;
    this.#documents = documents;
    this.#configurations = configurations;
    this.#recordings = recordings;
  }

  /** @throws Error with a sentence where this VS Code's engine lacks something. */
  createDebugAdapterDescriptor(session: vscode.DebugSession): vscode.DebugAdapterDescriptor | undefined {
    if (!mayRun('A plugin call runs')) return undefined;
    const lacking = lackingSentence(probeEngine(), process.versions.v8, 'vscode');
    if (lacking !== undefined) throw new Error(lacking);
    const adapter = new PluginDebugSession(this.#platform, { recordings: this.#recordings });
    this.#sessions.add(session, adapter);
    const restarted = new PreparedRestart(adapter, (launch) =>
      this.#configurations.prepare(session.workspaceFolder, launch),
    );
    return new vscode.DebugAdapterInlineImplementation(this.#documents.adapter(restarted, session));
  }
}
