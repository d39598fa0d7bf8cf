// The fuel of the running call, in the status bar. Looks at the run's counters (shared memory, no message) four times a second, and
// only while a session of ours is there.
import * as vscode from 'vscode';
import { fuelTooltip, shortFuel } from './fuelText.ts';
import type { Sessions } from './sessions.ts';

const EVERY_MS = 250;

export class FuelStatus implements vscode.Disposable {
  readonly #sessions: Sessions;
  readonly #item: vscode.StatusBarItem;
  readonly #listener: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;
  #shown = '';

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
    this.#item = vscode.window.createStatusBarItem('wasmiPluginDebugger.fuel', vscode.StatusBarAlignment.Left, 10);
    this.#item.name = 'Plugin Fuel';
    this.#listener = sessions.onDidChange(() => this.#follow());
    this.#follow();
  }

  #follow(): void {
    if (this.#sessions.active === undefined) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#item.hide();
      return;
    }
    this.#timer ??= setInterval(() => this.#show(), EVERY_MS);
    this.#show();
  }

  #show(): void {
    const run = this.#sessions.active?.run;
    if (run === undefined) return;
    const fuel = run.fuel();
    const tooltip = fuelTooltip(fuel);
    // each assignment is a message to the window
    if (tooltip !== this.#shown) {
      this.#shown = tooltip;
      this.#item.text = `$(flame) ${shortFuel(fuel)} fuel`;
      this.#item.tooltip = new vscode.MarkdownString(tooltip);
    }
    this.#item.show();
  }

  /** What the item says, for tests. */
  get text(): string {
    return this.#item.text;
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#listener.dispose();
    this.#item.dispose();
  }
}
