// The editor in which an answer is typed while the plugin waits for one, or another one in place of a reply that it has not read: a document in memory, which asks nobody to save it. Sends what is in it, and
// keeps it as a mock where that is wanted. What the text means is answerText.ts's.
import * as vscode from 'vscode';
import { prettyJson } from '../transcript/prettyJson.ts';
import { HandAnswers } from './answerRemembered.ts';
import { answerDraft, typedError, typedJson } from './answerText.ts';
import { hasGone, isPresent, type LiveRuns, type Waiting } from './liveRuns.ts';
import type { NewReply } from './mockEdits.ts';

const ANSWER_SCHEME = 'wasmi-plugin-answer';
/** Characters of params that are laid out for the comment. */
const LONGEST = 200_000;
/** Characters of a reply that can be edited here. */
const EDITABLE = 1_000_000;

const KEYS = [
  'Ctrl+Enter sends what stands below as its result,',
  'Ctrl+Alt+Enter as an error; with Shift it is kept as a mock.',
];

export type Send = 'result' | 'error' | 'never';

export class AnswerByHand implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #runs: LiveRuns;
  readonly #remember: (waiting: Waiting, reply: NewReply) => Promise<void>;
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  readonly #registrations: vscode.Disposable[];
  readonly #texts = new Map<string, Uint8Array>();
  readonly #asks = new Map<string, Waiting>();
  #number = 0;
  /** What was sent from here. */
  readonly given = new HandAnswers();

  /** `remember` keeps a reply as a mock. */
  constructor(runs: LiveRuns, remember: (waiting: Waiting, reply: NewReply) => Promise<void>) {
    this.#runs = runs;
    this.#remember = remember;
    this.#registrations = [
      this.#changed,
      vscode.workspace.registerFileSystemProvider(ANSWER_SCHEME, this, { isCaseSensitive: true }),
      runs.onDidChange(() => void this.#closeGone()),
    ];
  }

  /** Opens the editor for the call that waits. @throws Error with a sentence where none does */
  async open(waiting: Waiting | undefined = this.#runs.waiting, given = 'null'): Promise<void> {
    if (waiting === undefined) throw new Error('No host call waits for an answer.');
    const { ask, canChange } = waiting;
    const begin = given.length > EDITABLE ? 'null' : given;
    const known = [...this.#asks].find(([, one]) => same(one, waiting))?.[0];
    const path = known ?? `/${++this.#number}/Answer to ${ask.method.replaceAll(/[^\w.-]/g, '·').slice(0, 60)}.jsonc`;
    if (known === undefined) {
      const params =
        ask.params.length > LONGEST ? `${ask.params.slice(0, LONGEST)}…` : await prettyJson(ask.params, turn);
      this.#texts.set(
        path,
        new TextEncoder().encode(answerDraft(ask.method, params, begin, KEYS, canChange !== undefined)),
      );
      this.#asks.set(path, waiting);
    }
    const uri = vscode.Uri.from({ scheme: ANSWER_SCHEME, path });
    const document = await vscode.workspace.openTextDocument(uri);
    // the answer is selected from the first on, so that what is typed at once takes its place
    const text = document.getText();
    const selection = new vscode.Range(
      document.positionAt(text.length - begin.length - 1),
      document.positionAt(text.length - 1),
    );
    await vscode.window.showTextDocument(document, {
      viewColumn: vscode.ViewColumn.Beside,
      preview: false,
      selection,
    });
  }

  /** Sends what stands in the editor. @throws Error with a sentence where it can't be sent */
  async send(what: Send, remembers: boolean): Promise<void> {
    const active = vscode.window.activeTextEditor?.document;
    const path =
      active?.uri.scheme === ANSWER_SCHEME && this.#asks.has(active.uri.path)
        ? active.uri.path
        : [...this.#asks].find(([, one]) => isPresent(one))?.[0];
    const waiting = path === undefined ? undefined : this.#asks.get(path);
    if (path === undefined || waiting === undefined || !isPresent(waiting)) {
      if (waiting?.canChange !== undefined)
        throw new Error(
          "The call is not stopped, or the plugin has read the reply by now: it can't be changed where it stands.",
        );
      if (this.#runs.waiting === undefined) throw new Error('No host call waits for an answer.');
      if (what !== 'never') return this.open();
      return this.#answer(this.#runs.waiting, { kind: 'never' }, remembers);
    }
    const document = await vscode.workspace.openTextDocument(vscode.Uri.from({ scheme: ANSWER_SCHEME, path }));
    const text = document.getText();
    const reply: NewReply =
      what === 'never' ? { kind: what } : what === 'error' ? typedError(text) : { kind: what, json: typedJson(text) };
    await this.#answer(waiting, reply, remembers);
    if (waiting.canChange !== undefined)
      vscode.window.setStatusBarMessage('The reply was changed: the plugin reads it when it goes on.', 5000);
    await this.#close(path);
  }

  async #answer(waiting: Waiting, reply: NewReply, remembers: boolean): Promise<void> {
    // the mock first: the plugin may call the method again at once
    if (remembers) await this.#remember(waiting, reply);
    const { method, params } = waiting.ask;
    this.given.add({ session: waiting.live.session.id, method, params, reply });
    await this.#runs.answer(
      waiting,
      reply.kind === 'result'
        ? { result: reply.json }
        : reply.kind === 'error'
          ? { error: { code: reply.code, message: reply.message } }
          : 'never',
    );
  }

  async #closeGone(): Promise<void> {
    for (const [path, waiting] of [...this.#asks]) if (hasGone(waiting)) await this.#close(path);
  }

  async #close(path: string): Promise<void> {
    if (!this.#asks.delete(path)) return;
    for (const { tabs } of vscode.window.tabGroups.all)
      for (const tab of tabs) {
        const { input } = tab;
        if (!(input instanceof vscode.TabInputText)) continue;
        if (input.uri.scheme !== ANSWER_SCHEME || input.uri.path !== path) continue;
        const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === input.uri.toString());
        // nobody is asked whether to save it
        if (document?.isDirty) await document.save();
        // somebody may have closed it meanwhile
        await vscode.window.tabGroups.close(tab, true).then(undefined, () => {});
      }
    this.#texts.delete(path);
  }

  // The documents' place in memory.

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => {});
  }
  stat(uri: vscode.Uri): vscode.FileStat {
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: this.readFile(uri).length };
  }
  readFile(uri: vscode.Uri): Uint8Array {
    const text = this.#texts.get(uri.path);
    if (text === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    return text;
  }
  writeFile(uri: vscode.Uri, content: Uint8Array): void {
    if (!this.#texts.has(uri.path)) throw vscode.FileSystemError.NoPermissions(uri);
    this.#texts.set(uri.path, content);
  }
  readDirectory(): [string, vscode.FileType][] {
    return [];
  }
  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    for (const registration of this.#registrations) registration.dispose();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const same = (one: Waiting, other: Waiting): boolean =>
  one.live === other.live &&
  one.ask.id === other.ask.id &&
  one.ask.seq === other.ask.seq &&
  (one.canChange === undefined) === (other.canChange === undefined);
