// Run and Debug above each plugin method that a Rust source serves. They start our debugger directly, so nobody is asked which one to
// use where another Rust debugger is installed.
import * as vscode from 'vscode';
import { scanRust } from '../debug-adapter/language/scanner.ts';
import { isPluginMethod } from './pluginMethods.ts';

export class CodeLenses implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #listener: vscode.Disposable;
  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor() {
    this.#listener = vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('wasmiPluginDebugger.codeLens')) this.#changed.fire();
    });
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (!vscode.workspace.isTrusted) return [];
    if (!vscode.workspace.getConfiguration('wasmiPluginDebugger', document.uri).get<boolean>('codeLens', true))
      return [];
    return scanRust(document.getText())
      .filter(isPluginMethod)
      .flatMap(({ name, nameRange: { start, end } }) => {
        const range = new vscode.Range(start.line, start.character, end.line, end.character);
        const lens = (title: string, command: string, verb: string) =>
          new vscode.CodeLens(range, {
            title,
            command: `wasmiPluginDebugger.${command}`,
            tooltip: `${verb} one call of the plugin method ${name}`,
            arguments: [{ method: name, source: document.uri.toString() }],
          });
        return [lens('▶ Run', 'runCall', 'Run'), lens('Debug', 'debugCall', 'Debug')];
      });
  }

  dispose(): void {
    this.#listener.dispose();
    this.#changed.dispose();
  }
}
