// Applies an edit of a mock file: to the open buffer, or to the file by way of one; saves it unless it was dirty before; takes the last edit back. One
// change as small as it can be, so that the editor's own undo has it too. Decides nothing about the text.
import path from 'node:path';
import * as vscode from 'vscode';
import { smallestChange } from './jsoncParts.ts';
import { NEW_FILE } from './mockEdits.ts';

interface Done {
  readonly uri: vscode.Uri;
  readonly before: string;
  readonly after: string;
}

/** Edits that can be taken back. */
const MOST = 50;

export class FileEdits {
  readonly #done: Done[] = [];

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  /** Edits the file; makes it first where it is to be `made`. @throws Error with a sentence */
  async edit(file: string, change: (text: string) => string, made = false): Promise<void> {
    const uri = vscode.Uri.file(file);
    if (made) {
      await vscode.workspace.fs.createDirectory(vscode.Uri.file(path.dirname(file)));
      await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(NEW_FILE));
    }
    const document = await vscode.workspace.openTextDocument(uri);
    const before = document.getText();
    await replaced(document, change(before));
    const after = document.getText();
    if (after === before) return;
    this.#done.push({ uri, before, after });
    if (this.#done.length > MOST) this.#done.shift();
  }

  /** Takes the last edit back. @throws Error with a sentence where the file has changed since */
  async undo(): Promise<void> {
    const last = this.#done.pop();
    if (last === undefined) throw new Error('Nothing was changed from here that could be taken back.');
    const document = await vscode.workspace.openTextDocument(last.uri);
    if (document.getText() !== last.after)
      throw new Error(
        `${path.basename(last.uri.fsPath)} was changed since by somebody else: undo it in its editor, step by step.`,
      );
    await replaced(document, last.before);
  }
}

async function replaced(document: vscode.TextDocument, text: string): Promise<void> {
  const change = smallestChange(document.getText(), text);
  if (change === undefined) return;
  const wasDirty = document.isDirty;
  const edit = new vscode.WorkspaceEdit();
  const range = new vscode.Range(document.positionAt(change.from), document.positionAt(change.to));
  edit.replace(document.uri, range, change.text);
  const name = path.basename(document.uri.fsPath);
  if (!(await vscode.workspace.applyEdit(edit)))
    throw new Error(`${name} can't be changed: look whether it is write-protected.`);
  if (!wasDirty && !(await document.save())) throw new Error(`${name} was changed, but could not be saved: save it.`);
}
