// Applies an edit of a mock file: to the open buffer, or to the file by way of one; saves it unless it was dirty before; takes the last edit back. One
// change as small as it can be, so that the editor's own undo has it too. Decides nothing about the text.
import path from 'node:path';
import * as vscode from 'vscode';
import { smallestChange } from './jsoncParts.ts';
import { NEW_FILE } from './mockEdits.ts';

interface Done {
  readonly uri: vscode.Uri;
  /** Undefined: there was no file, */
  readonly before: string | undefined;
  readonly after: string;
  /** nor this directory for it. */
  readonly directory?: vscode.Uri | undefined;
}

/** Edits that can be taken back. */
const MOST = 50;

export class FileEdits {
  readonly #done: Done[] = [];

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  /** Edits the file, or makes it with the edit in it (`made`). @throws Error with a sentence */
  async edit(file: string, change: (text: string) => string, made = false): Promise<void> {
    const uri = vscode.Uri.file(file);
    this.#keep(made ? await created(uri, change(NEW_FILE)) : await changed(uri, change));
  }

  #keep(done: Done | undefined): void {
    if (done === undefined) return;
    this.#done.push(done);
    if (this.#done.length > MOST) this.#done.shift();
  }

  /**
   * Takes the last edit back; a file that it has made, and that holds nothing else, goes.
   * @returns the path of a file that has gone
   * @throws Error with a sentence where the file has changed since
   */
  async undo(): Promise<string | undefined> {
    const last = this.#done.pop();
    if (last === undefined) throw new Error('Nothing was changed from here that could be taken back.');
    const { uri, before, after, directory } = last;
    const document = await vscode.workspace.openTextDocument(uri);
    if (document.getText() !== after)
      throw new Error(
        `${path.basename(uri.fsPath)} was changed since by somebody else: undo it in its editor, step by step.`,
      );
    if (before !== undefined) {
      await replaced(document, before);
      return undefined;
    }
    const edit = new vscode.WorkspaceEdit();
    edit.deleteFile(uri, { ignoreIfNotExists: true });
    if (!(await vscode.workspace.applyEdit(edit)))
      throw new Error(`${path.basename(uri.fsPath)} can't be removed: look whether its folder is write-protected.`);
    // the folder that was made for it, if nobody has put anything else there
    if (directory !== undefined && (await vscode.workspace.fs.readDirectory(directory)).length === 0)
      await vscode.workspace.fs.delete(directory);
    return uri.fsPath;
  }
}

async function changed(uri: vscode.Uri, change: (text: string) => string): Promise<Done | undefined> {
  const document = await vscode.workspace.openTextDocument(uri);
  const before = document.getText();
  await replaced(document, change(before));
  const after = document.getText();
  return after === before ? undefined : { uri, before, after };
}

/** One step for VS Code's own undo too. */
async function created(uri: vscode.Uri, text: string): Promise<Done> {
  const directory = vscode.Uri.file(path.dirname(uri.fsPath));
  const isNew = await vscode.workspace.fs.stat(directory).then(
    () => false,
    () => true,
  );
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(uri, { contents: new TextEncoder().encode(text) });
  if (!(await vscode.workspace.applyEdit(edit)))
    throw new Error(`${uri.fsPath} can't be made: look whether its folder is write-protected.`);
  return { uri, before: undefined, after: text, directory: isNew ? directory : undefined };
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
