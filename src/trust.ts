// Restricted mode: in a workspace that is not trusted nothing is built, scanned or run, and whoever asks is told so in one
// sentence. The manifest says the same (capabilities.untrustedWorkspaces).
import * as vscode from 'vscode';

/** True when `what` (e.g. `A plugin call runs`) may happen; else says why not, in one sentence with a way out. */
export function mayRun(what: string): boolean {
  if (vscode.workspace.isTrusted) return true;
  const trust = 'Manage Trust';
  void vscode.window
    .showErrorMessage(`${what} only in a trusted workspace, and this one is not.`, trust)
    .then((chosen) => {
      if (chosen === trust) void vscode.commands.executeCommand('workbench.trust.manage');
    });
  return false;
}
