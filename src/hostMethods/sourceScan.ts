// The host methods that the plugin sources of the workspace call. Reads Rust sources when the tree is first looked at, and those that change; in a
// trusted workspace only. The scanner is debug-adapter/language/'s.
import fs from 'node:fs/promises';
import * as vscode from 'vscode';
import { SourceIndex } from '../../debug-adapter/language/scanner.ts';
import type { SourcePlace } from './model.ts';

const MOST_FILES = 3000;
/** Bytes; generated files are larger. */
const LARGEST_FILE = 2_000_000;
/** Files between two turns of others. */
const STRIDE = 8;

export class SourceScan implements vscode.Disposable {
  readonly #index = new SourceIndex();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #registrations: vscode.Disposable[] = [this.#changed];
  readonly onDidChange = this.#changed.event;
  #started = false;
  #places: ReadonlyMap<string, readonly SourcePlace[]> | undefined;

  /** By method. The first time it only begins to look. */
  get places(): ReadonlyMap<string, readonly SourcePlace[]> {
    this.#start();
    this.#places ??= this.#find();
    return this.#places;
  }

  #find(): ReadonlyMap<string, readonly SourcePlace[]> {
    const found = new Map<string, readonly SourcePlace[]>();
    for (const { name, places } of this.#index.hostMethods()) {
      const calls = places
        .filter(({ method }) => !(method.served || method.test))
        .map(({ file, method }) => ({ file, ...method.nameRange.start, within: method.enclosingFunction }));
      if (calls.length > 0) found.set(name, calls);
    }
    return found;
  }

  #start(): void {
    if (this.#started || !vscode.workspace.isTrusted) return;
    this.#started = true;
    const watcher = vscode.workspace.createFileSystemWatcher('**/*.rs');
    const again = async (uri: vscode.Uri): Promise<void> => {
      if (!/[\\/](target|node_modules)[\\/]/.test(uri.fsPath) && (await this.#read(uri.fsPath))) this.#tell();
    };
    this.#registrations.push(
      watcher,
      watcher.onDidChange(again),
      watcher.onDidCreate(again),
      watcher.onDidDelete(({ fsPath }) => {
        if (this.#index.remove(fsPath)) this.#tell();
      }),
    );
    void this.#readAll();
  }

  async #readAll(): Promise<void> {
    const files = await vscode.workspace.findFiles('**/*.rs', '**/{target,node_modules}/**', MOST_FILES);
    let changed = false;
    for (const [i, { fsPath }] of files.entries()) {
      if (await this.#read(fsPath)) changed = true;
      if (i % STRIDE === STRIDE - 1) await new Promise((resolve) => setImmediate(resolve));
    }
    if (changed) this.#tell();
  }

  /** Whether what is known has changed. */
  async #read(file: string): Promise<boolean> {
    const stat = await fs.stat(file).catch(() => undefined);
    if (stat === undefined || stat.size > LARGEST_FILE) return this.#index.remove(file);
    return this.#index.update(file, await fs.readFile(file, 'utf8').catch(() => ''));
  }

  #tell(): void {
    this.#places = undefined;
    this.#changed.fire();
  }

  dispose(): void {
    for (const registration of this.#registrations) registration.dispose();
  }
}
