// When VS Code has shown where a call has stopped: what is opened before that is hidden behind what VS Code opens.
import * as vscode from 'vscode';

/** VS Code may choose another frame once it knows the whole stack: so long after the last choice it stays (ms). */
const REST = 300;
/** Where VS Code shows no stop at all, because another session or a setting says so, this is long enough (ms). */
const PATIENCE = 5000;

/** Resolves when VS Code has shown the stop that `session` is about to tell: it opens the editor of a frame before it makes it the present one. */
export function stopShown(session: vscode.DebugSession): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      listener.dispose();
      resolve();
    };
    let timer = setTimeout(end, PATIENCE);
    const listener = vscode.debug.onDidChangeActiveStackItem((item) => {
      if (!(item instanceof vscode.DebugStackFrame) || item.session.id !== session.id) return;
      clearTimeout(timer);
      timer = setTimeout(end, REST);
    });
  });
}
