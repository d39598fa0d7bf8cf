// The mock file that counts, and its rules: the open buffer's if there is one, else the disk's. A file with an error leaves the last good rules in
// force, in the tree and in the runs, and says so. Changes no file.
import fs from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { gatherMocks, includePath, type MockSources, mockSetInTurns } from '../../debug-adapter/mocks/mock-set.ts';
import { problemText } from '../../debug-adapter/mocks/problems.ts';
import type { MockRule, MockSet } from '../../debug-adapter/mocks/rules.ts';
import type { AnsweredBy } from '../../debug-adapter/rpc/answered-by.ts';
import { MOCK_FILES, onlyMocksFile } from '../mocksFile.ts';
import type { RuleFinder } from './callTally.ts';
import type { LiveRun, LiveRuns } from './liveRuns.ts';
import { NEW_FILE } from './mockEdits.ts';
import { RuleIds } from './ruleIds.ts';

/** While one types, so long (ms). */
const REST = 150;
/** Sets that are remembered: a call names its rules by where they stood then. */
const REMEMBERED = 8;
/** Rules are read so long at a time (ms), */
const TURNS = {
  turn: 8,
  now: () => performance.now(),
  /** and others have their turn. */
  rest: () => new Promise<void>((resolve) => setImmediate(resolve)),
};
/** Where a mock file is made when there is none. */
const NEW_NAME = 'plugin.mocks.jsonc';

export class MocksInForce implements vscode.Disposable, RuleFinder {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #runs: LiveRuns;
  readonly #registrations: vscode.Disposable[];
  readonly onDidChange = this.#changed.event;
  #file: string | undefined;
  /** Files that the present text is made of, as `includePath` has them. */
  #files: ReadonlySet<string> = new Set();
  #sets: MockSet[] = [];
  readonly #ids = new RuleIds();
  /** Of files that the workspace's own watcher does not see. */
  #elsewhere: vscode.Disposable[] = [];
  #problem: string | undefined;
  /** What was read last, */
  #read: { readonly text: string; readonly set: MockSet } | undefined;
  /** and the runs that have to be told of it. */
  readonly #owed = new Set<LiveRun>();
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;

  constructor(runs: LiveRuns) {
    this.#runs = runs;
    const watcher = vscode.workspace.createFileSystemWatcher('**/*.mocks.{json,jsonc}');
    const touched = (uri: vscode.Uri): void => this.#touched(uri);
    this.#registrations = [
      this.#changed,
      watcher,
      watcher.onDidChange(touched),
      watcher.onDidCreate(touched),
      watcher.onDidDelete(touched),
      vscode.workspace.onDidChangeTextDocument(({ document }) => touched(document.uri)),
      vscode.workspace.onDidOpenTextDocument(({ uri }) => touched(uri)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => touched(uri)),
      runs.onDidStart((live) => void this.#started(live)),
    ];
    void this.refresh();
  }

  #touched(uri: vscode.Uri): void {
    if (this.#file === undefined || this.#files.has(keyOf(uri.fsPath))) this.#soon();
  }

  /** Included files may have any name, and all of them may lie outside the workspace. */
  #watch(files: readonly string[]): void {
    const keys = new Set(files.map(keyOf));
    if (keys.size === this.#files.size && [...keys].every((key) => this.#files.has(key))) return;
    this.#files = keys;
    for (const watcher of this.#elsewhere) watcher.dispose();
    this.#elsewhere = files
      .filter(
        (file) => !MOCK_FILES.test(file) || vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file)) === undefined,
      )
      .map((file) => {
        const directory = vscode.Uri.file(path.dirname(path.resolve(file)));
        const watcher = vscode.workspace.createFileSystemWatcher(
          new vscode.RelativePattern(directory, path.basename(file)),
        );
        const touched = (uri: vscode.Uri): void => this.#touched(uri);
        watcher.onDidChange(touched);
        watcher.onDidCreate(touched);
        watcher.onDidDelete(touched);
        return watcher;
      });
  }

  /** Path of the mock file; undefined where there is none, or nobody has said which of several. */
  get file(): string | undefined {
    return this.#file;
  }
  /** The rules in force. */
  get set(): MockSet | undefined {
    return this.#sets[0];
  }
  /** A sentence, with its place, where the file has a mistake. */
  get problem(): string | undefined {
    return this.#problem;
  }
  get initialState(): string {
    return this.set?.initialState ?? 'start';
  }

  find({ file, method, rule = 0, line }: Extract<AnsweredBy, { by: 'mock' }>): MockRule | undefined {
    const key = ruleAddress(rule, file);
    for (const set of this.#sets) {
      const found = rulesByAddress(set, method)
        .get(key)
        ?.find(({ place }) => line === undefined || place.line === line);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  readonly idOf = (rule: MockRule): string => this.#ids.of(rule);

  /** The file to put a new rule into: it is chosen, or yet to be made (`made`). Undefined: the person gave up. */
  async target(): Promise<{ readonly file: string; readonly made: boolean } | undefined> {
    if (this.#file !== undefined) return { file: this.#file, made: false };
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    if (folder === undefined)
      throw new Error('There is no folder to make a mock file in: open the folder of the plugin.');
    const found = await vscode.workspace.findFiles('**/*.mocks.{json,jsonc}', '**/{target,node_modules}/**', 100);
    if (found.length === 0) return { file: path.join(folder.uri.fsPath, '.vscode', NEW_NAME), made: true };
    const items = found.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }));
    const chosen = await vscode.window.showQuickPick(items, { title: 'Which mock file?' });
    return chosen && { file: chosen.uri.fsPath, made: false };
  }

  /** From now on this file counts. */
  async use(file: string): Promise<void> {
    if (this.#file !== file) {
      this.#file = file;
      this.#sets = [];
      this.#read = undefined;
    }
    await this.refresh();
  }

  /** A file that was made from here is taken back: no mocks are in force where it was. */
  async gone(file: string): Promise<void> {
    if (this.#file === file) {
      for (const live of this.#runs.all) if (this.#isOf(live)) live.run.setMocks({ name: file, text: NEW_FILE });
      this.#forget();
    }
    await this.refresh();
  }

  async #started(live: LiveRun): Promise<void> {
    const { mocks } = live.view.plan;
    if (mocks !== undefined) await this.use(path.resolve(mocks));
    // what an editor holds and no disk does yet: the session has read the disk
    if (this.#file !== undefined && (mocks === undefined || this.#isOpenAndUnsaved())) await this.refresh(live);
  }

  #isOpenAndUnsaved(): boolean {
    return vscode.workspace.textDocuments.some(
      (document) => document.isDirty && this.#files.has(keyOf(document.uri.fsPath)),
    );
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.refresh(), REST);
  }

  /** Reads the file again. What it says goes to the runs of that file, if it is something new, and to `live` in any case. */
  async refresh(live?: LiveRun): Promise<void> {
    clearTimeout(this.#timer);
    if (live !== undefined) this.#owed.add(live);
    const turn = ++this.#turn;
    // another one that has begun meanwhile knows better, and tells whoever has to be told
    const isStale = (): boolean => turn !== this.#turn;
    this.#file ??= await this.#only();
    const file = this.#file;
    const sources = file === undefined ? undefined : await this.#sources(file).catch(() => undefined);
    if (isStale()) return;
    if (sources === undefined) {
      if ([...this.#runs.all].length > 0 && this.#sets.length > 0)
        this.#problem = `${path.basename(file ?? '')} can't be read.`;
      else this.#forget();
      this.#changed.fire();
      return;
    }
    const text = JSON.stringify(sources);
    const isNew = text !== this.#read?.text;
    // ten thousand rules take longer to read than this thread may be held
    const set = isNew ? await mockSetInTurns(sources, { ...TURNS, isStale }) : this.#read?.set;
    if (set === undefined || isStale()) return;
    this.#read = { text, set };
    this.#watch(set.files);
    const error = set.problems.find(({ severity }) => severity === 'error');
    this.#problem = error && problemText({ ...error, file: path.basename(error.file) });
    if (error === undefined) {
      if (isNew || this.#sets.length === 0) {
        this.#ids.follow(set);
        this.#sets = [set, ...this.#sets].slice(0, REMEMBERED);
      }
      for (const one of isNew ? this.#runs.all : this.#owed)
        if (this.#isOf(one)) one.run.setMocks({ ...sources, name: one.view.plan.mocks ?? sources.name });
    }
    this.#owed.clear();
    this.#changed.fire();
  }

  /** The file is gone: another one may count from now on. */
  #forget(): void {
    this.#file = undefined;
    this.#sets = [];
    this.#read = undefined;
    this.#problem = undefined;
  }

  #isOf({ view }: LiveRun): boolean {
    const { mocks } = view.plan;
    return mocks === undefined || path.resolve(mocks) === this.#file;
  }

  /** The only one there is where nobody has named any. */
  async #only(): Promise<string | undefined> {
    for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
      const found = await onlyMocksFile([uri.fsPath, path.join(uri.fsPath, '.vscode')]);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #sources(file: string): Promise<MockSources> {
    const read = async (name: string): Promise<string> => {
      // one that is not dirty says what the disk says, or did before somebody else wrote there
      const open = vscode.workspace.textDocuments.find(
        ({ uri, isDirty }) => isDirty && uri.scheme === 'file' && keyOf(uri.fsPath) === keyOf(name),
      );
      return open?.getText() ?? (await fs.readFile(name, 'utf8'));
    };
    return read(file).then((text) => gatherMocks({ name: file, text }, read));
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const one of [...this.#registrations, ...this.#elsewhere]) one.dispose();
  }
}

const keyOf = (file: string): string => includePath('', file);

const ruleAddress = (number: number, file: string): string => `${number} ${keyOf(file)}`;

const addresses = new WeakMap<MockSet, Map<string, ReadonlyMap<string, readonly MockRule[]>>>();

/** The rules of a method by number and file: a file may have ten thousand, and a run as many answers a second. */
function rulesByAddress(set: MockSet, method: string): ReadonlyMap<string, readonly MockRule[]> {
  const known = addresses.get(set) ?? new Map<string, ReadonlyMap<string, readonly MockRule[]>>();
  addresses.set(set, known);
  const found =
    known.get(method) ??
    Map.groupBy(set.methods.get(method)?.rules ?? [], ({ number, place }) => ruleAddress(number, place.file));
  known.set(method, found);
  return found;
}
