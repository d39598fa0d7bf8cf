// Run and Debug above the plugin methods of a real plugin's source.
/// <reference types="mocha" />
import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { root, until } from './support.ts';

describe('code lenses', () => {
  it('stand above every with_method of rust-pdk', async () => {
    const file = vscode.Uri.file(path.join(root, 'test-plugins/rust-pdk/src/main.rs'));
    const document = await vscode.workspace.openTextDocument(file);
    const served = [...document.getText().matchAll(/^\s*\.with_method\("(\w+)"/gm)].map((match) => match[1]);
    assert.ok(served.length > 20);
    const lenses = await until('code lenses', 10_000, async () => {
      const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', file);
      const ours = found.filter(({ command }) => command?.command.startsWith('wasmiPluginDebugger.'));
      return ours.length > 0 ? ours : undefined;
    });
    assert.deepEqual(
      lenses.map(({ command }) => [command?.title, command?.command, command?.arguments?.[0]?.method]),
      served.flatMap((method) => [
        ['▶ Run', 'wasmiPluginDebugger.runCall', method],
        ['Debug', 'wasmiPluginDebugger.debugCall', method],
      ]),
    );
    for (const { range, command } of lenses)
      assert.ok(document.lineAt(range.start.line).text.includes(`"${command?.arguments?.[0]?.method}"`));
  });
});
