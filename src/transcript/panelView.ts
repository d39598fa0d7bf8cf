// The transcript panel in VS Code: a webview view in the panel area, next to the Debug Console. Makes its page, passes messages between it and
// the model, and opens it. What is shown is the model's. The page is kept while it is hidden: it is small, since it holds no rows but those that are
// shown; it is there again after 0.1 s instead of 0.5 s (measured in code-server), and what was being typed into it is not lost.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { Calls, KeptCall } from './calls.ts';
import { PanelModel } from './panelModel.ts';
import type { FromWebview, PanelState, ToWebview } from './protocol.ts';
import type { PanelWorld } from './shownCall.ts';
import { transcriptPage } from './webview/page.ts';

const VIEW = 'wasmiPluginDebugger.transcript';
type Do = Extract<ToWebview, { type: 'do' }>['what'];

/** When a call that starts opens the panel. */
type OpenOnCall = 'never' | 'onFirst' | 'always';

/** Context keys, for the palette: a call is there, a row of it is selected. */
const HAS_CALL = `${VIEW}.hasCall`;
const HAS_ROW = `${VIEW}.hasRow`;
/** And for keys: VS Code's own `focusedView` does not follow a click into a webview. */
const FOCUSED = `${VIEW}.focused`;
const told = new Map<string, boolean>();

function tellKeys(key: string, value: boolean): void {
  if (told.get(key) === value) return;
  told.set(key, value);
  void vscode.commands.executeCommand('setContext', key, value);
}

/** The page got or lost the focus. */
function isFocus(value: unknown): value is { readonly focused: boolean } {
  const { type, focused } = (value ?? {}) as Record<string, unknown>;
  return type === 'focus' && typeof focused === 'boolean';
}

/** A message of the webview, as far as it is one: the model checks the rest. */
function isMessage(value: unknown): value is FromWebview {
  if (typeof value !== 'object' || value === null) return false;
  const { type, token, name } = value as Record<string, unknown>;
  if (type === 'selected') return true;
  return type === 'request' && typeof token === 'number' && typeof name === 'string';
}

const sessionOf = ({ origin, id }: KeptCall): string => (origin.kind === 'session' ? origin.session : String(id));

export class TranscriptPanel implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly model: PanelModel;
  readonly #extension: vscode.Uri;
  readonly #calls: Calls;
  readonly #registration: vscode.Disposable;
  readonly #leave: () => void;
  #view: vscode.WebviewView | undefined;
  /** What the page is told when it has asked for its rows. */
  #waiting: ToWebview[] = [];
  #ready = false;
  #missed: ToWebview | undefined;
  #opened = false;
  #known: KeptCall | undefined;

  constructor(extension: vscode.Uri, calls: Calls, world: PanelWorld) {
    this.#extension = extension;
    this.#calls = calls;
    this.model = new PanelModel(
      calls,
      world,
      (message) => this.#post(message),
      () => performance.now(),
    );
    calls.isShown = (call) => this.model.shownCall === call;
    this.#leave = calls.onDidChange(() => {
      tellKeys(HAS_CALL, calls.calls.length > 0);
      this.#openOnCall();
    });
    this.#registration = vscode.window.registerWebviewViewProvider(VIEW, this, {
      webviewOptions: { retainContextWhenHidden: true },
    });
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const { webview } = view;
    const dist = vscode.Uri.joinPath(this.#extension, 'dist');
    const inDist = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(dist, name)).toString();
    this.#view = view;
    this.#ready = false;
    webview.options = { enableScripts: true, enableForms: false, localResourceRoots: [dist] };
    const listeners = vscode.Disposable.from(
      webview.onDidReceiveMessage((message: unknown) => this.#receive(message)),
      view.onDidChangeVisibility(() => {
        if (view.visible) this.#shownAgain(view);
        else tellKeys(FOCUSED, false);
      }),
    );
    view.onDidDispose(() => {
      listeners.dispose();
      if (this.#view === view) this.#view = undefined;
      this.#ready = false;
      tellKeys(FOCUSED, false);
    });
    webview.html = transcriptPage({
      scriptUri: inDist('transcript.js'),
      styleUri: inDist('transcript.css'),
      cspSource: webview.cspSource,
      nonce: randomBytes(18).toString('base64url'),
    });
  }

  #shownAgain(view: vscode.WebviewView): void {
    view.badge = undefined;
    const missed = this.#missed;
    this.#missed = undefined;
    if (missed !== undefined) this.#post(missed);
  }

  #receive(message: unknown): void {
    if (isFocus(message)) {
      tellKeys(FOCUSED, message.focused);
      return;
    }
    if (!isMessage(message)) {
      console.warn('The transcript panel said something that is no message; it is ignored.');
      return;
    }
    this.model.receive(message);
    if (message.type === 'selected') tellKeys(HAS_ROW, this.model.selection !== undefined);
    if (message.type !== 'request' || message.name !== 'query' || this.#ready) return;
    this.#ready = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    // behind the answer, with which the page has rows
    setImmediate(() => {
      for (const each of waiting) this.#post(each);
    });
  }

  #post(message: ToWebview): void {
    if (message.type === 'state') this.#describe(message.state);
    const asked = message.type === 'do' || message.type === 'reveal';
    if (asked && !this.#ready) this.#waiting = [...this.#waiting.filter(({ type }) => type !== message.type), message];
    // nobody looks: the last state is told when somebody does
    else if (message.type === 'state' && this.#view?.visible === false) this.#missed = message;
    else void this.#view?.webview.postMessage(message);
  }

  /** The view's head says which call it is; its tab, while it is hidden, that one has failed. */
  #describe({ calls, call }: PanelState): void {
    const view = this.#view;
    if (view === undefined) return;
    const shown = calls.find(({ id }) => id === call);
    const description = shown === undefined ? undefined : `${shown.plugin} · ${shown.outcome ?? shown.state}`;
    // each assignment is a message to the window
    if (view.description !== description && description !== undefined) view.description = description;
    const last = calls.at(-1);
    const failed = last?.state === 'ended' && (last.outcome === 'fault' || last.outcome === 'limit');
    if (view.visible || failed === (view.badge !== undefined)) return;
    view.badge = failed ? { value: 1, tooltip: `${last.method} failed` } : undefined;
  }

  get #openSetting(): OpenOnCall {
    return vscode.workspace.getConfiguration('wasmiPluginDebugger').get<OpenOnCall>('transcript.openOnCall', 'onFirst');
  }

  /** Where a session stops, its call is shown, if it was an older one of that session, or none. */
  #followStop(call: KeptCall): void {
    if (call.state !== 'stopped' || this.model.shownCall === call) return;
    const shown = this.#calls.get(this.model.shownCall?.id ?? -1);
    const older = shown !== undefined && shown.id < call.id && sessionOf(shown) === sessionOf(call);
    if (shown === undefined || older) this.model.show(call.id);
  }

  #openOnCall(): void {
    const last = this.#calls.calls.at(-1);
    const isNew = last !== this.#known && last?.origin.kind === 'session';
    this.#known = last;
    if (!isNew) return;
    last.onDidChange(() => this.#followStop(last));
    const setting = this.#openSetting;
    if (setting === 'always' || (setting === 'onFirst' && !this.#opened)) void this.open(true);
    this.#opened = true;
  }

  get visible(): boolean {
    return this.#view?.visible === true;
  }

  /** The page is there and has asked for its rows; for tests. */
  get ready(): boolean {
    return this.#ready;
  }

  /** What the view's head says, for tests. */
  get description(): string | undefined {
    return this.#view?.description;
  }

  /** Brings the panel to the front, with or without the focus. */
  async open(preserveFocus = false): Promise<void> {
    await vscode.commands.executeCommand(`${VIEW}.focus`, { preserveFocus });
  }

  /** Shows a call, and a row of it. */
  async reveal(call: KeptCall, row?: number, sendAgain = false): Promise<void> {
    await this.open();
    this.model.show(call.id, row, sendAgain);
  }

  /** Has the page do something, and opens it for that if it must. */
  async do(what: Do): Promise<void> {
    if (!this.visible) await this.open();
    this.model.do(what);
  }

  dispose(): void {
    this.#leave();
    this.#registration.dispose();
    this.model.dispose();
  }
}
