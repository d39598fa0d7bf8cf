// Which of our adapters belongs to which of VS Code's debug sessions, so that views and the status bar read a session's event store
// in this process (P3). Holds them; starts and ends none.
import * as vscode from 'vscode';
import type { PluginDebugSession } from '../debug-adapter/session/session.ts';

export const DEBUG_TYPE = 'wasmi-plugin';

export interface AddedSession {
  readonly session: vscode.DebugSession;
  readonly adapter: PluginDebugSession;
}

export class Sessions implements vscode.Disposable {
  readonly #adapters = new Map<string, PluginDebugSession>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #added = new vscode.EventEmitter<AddedSession>();
  readonly #listeners: vscode.Disposable[];
  /** A session of ours was added, ended, or got or lost the focus. */
  readonly onDidChange = this.#changed.event;
  /** A session of ours begins: nothing has been launched yet. */
  readonly onDidAdd = this.#added.event;

  constructor() {
    this.#listeners = [
      vscode.debug.onDidTerminateDebugSession(({ id }) => {
        if (this.#adapters.delete(id)) this.#changed.fire();
      }),
      vscode.debug.onDidChangeActiveDebugSession(() => this.#changed.fire()),
    ];
  }

  /** Called by the adapter factory, once for each session. */
  add(session: vscode.DebugSession, adapter: PluginDebugSession): void {
    this.#adapters.set(session.id, adapter);
    this.#added.fire({ session, adapter });
    this.#changed.fire();
  }

  get(id: string): PluginDebugSession | undefined {
    return this.#adapters.get(id);
  }

  /** The session with the focus, else the one that was started last; undefined when none of ours runs. */
  get active(): PluginDebugSession | undefined {
    const focused = vscode.debug.activeDebugSession;
    return (focused && this.#adapters.get(focused.id)) ?? [...this.#adapters.values()].at(-1);
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
    this.#changed.dispose();
    this.#added.dispose();
    this.#adapters.clear();
  }
}
