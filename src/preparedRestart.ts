// VS Code restarts a session with the configuration that it has, without asking anybody: this builds the crate again first, or looks
// whether the module is still the newest, so that a restart after an edit does not run the old plugin.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type * as vscode from 'vscode';

/** The configuration to restart with; undefined when nothing is to run (the person knows why). */
type Prepare = (launch: vscode.DebugConfiguration) => Promise<vscode.DebugConfiguration | undefined>;

export class PreparedRestart implements vscode.DebugAdapter {
  readonly #inner: vscode.DebugAdapter;
  readonly #prepare: Prepare;
  readonly #answer: (message: vscode.DebugProtocolMessage) => void;
  readonly onDidSendMessage: vscode.Event<vscode.DebugProtocolMessage>;

  constructor(inner: vscode.DebugAdapter, prepare: Prepare) {
    this.#inner = inner;
    this.#prepare = prepare;
    const listeners = new Set<(message: vscode.DebugProtocolMessage) => void>();
    this.#answer = (message) => {
      for (const listener of listeners) listener(message);
    };
    this.onDidSendMessage = (listener, self) => {
      const bound = listener.bind(self);
      const inside = inner.onDidSendMessage(bound);
      listeners.add(bound);
      return {
        dispose: () => {
          inside.dispose();
          listeners.delete(bound);
        },
      };
    };
  }

  handleMessage(message: vscode.DebugProtocolMessage): void {
    const request = message as DebugProtocol.RestartRequest;
    const launch = request.arguments?.arguments;
    if (request.command !== 'restart' || launch === undefined) this.#inner.handleMessage(message);
    else void this.#restart(request, launch as vscode.DebugConfiguration);
  }

  async #restart(request: DebugProtocol.RestartRequest, launch: vscode.DebugConfiguration): Promise<void> {
    const prepared = await this.#prepare(launch);
    if (prepared !== undefined) {
      const restart = { ...request, arguments: { arguments: prepared } };
      this.#inner.handleMessage(restart as never);
      return;
    }
    const answer: DebugProtocol.Response = {
      type: 'response',
      seq: 0,
      request_seq: request.seq,
      command: request.command,
      success: false,
      message: 'Not restarted: the plugin is not up to date.',
    };
    this.#answer(answer as never);
  }

  dispose(): void {
    this.#inner.dispose();
  }
}
