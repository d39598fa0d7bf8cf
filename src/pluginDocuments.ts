// The parts of a call's transcript, and the code of functions, as documents of our own schemes, in place of DAP's sourceReference: VS Code
// asks for a referenced source once and then keeps what it got (it follows `loadedSource` only while the Loaded Scripts view is expanded),
// but it follows onDidChange of a content provider at once. A function's document is the same one in the next session, and so are the
// breakpoints on its lines. Other editors still get the references. Contract S6.
import path from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import { codeQuery, codeReferenceIn, isCode, isTranscript, mapSources } from './pluginSource.ts';
import { PLUGIN } from './transcript/launchAgain.ts';

export const SCHEME = 'wasmi-plugin-transcript';
const CODE_SCHEME = 'wasmi-plugin-code';
/** How long an answer with the arrow's line waits for that line to be in the editor; it takes about 50 ms, on a busy machine far more. */
const PATIENCE_MS = 3000;
/** Our own requests' numbers, far from those of VS Code. */
const FIRST_SEQ = 0x40000000;

/** The document of a function: the same in every session of the plugin. */
function codeUri(plugin: string, name: string, reference: number): vscode.Uri {
  return vscode.Uri.from({
    scheme: CODE_SCHEME,
    path: `/${path.basename(plugin)}/${name}`,
    query: codeQuery(reference, plugin),
  });
}

/** The adapter of one session, seen from VS Code: everything passes through it, transcripts and functions renamed. */
class DocumentsAdapter implements vscode.DebugAdapter {
  readonly #inner: vscode.DebugAdapter;
  readonly #documents: PluginDocuments;
  readonly #session: string;
  /** Path of the module. */
  readonly #plugin: string;
  readonly #sent = new vscode.EventEmitter<vscode.DebugProtocolMessage>();
  readonly #listener: vscode.Disposable;
  readonly #waiting = new Map<number, (text: string | undefined) => void>();
  readonly #references = new Map<string, number>();
  /** Functions whose documents are known to show the plugin as it is now: it may have been built anew since they were opened. */
  readonly #fresh = new Set<string>();
  #seq = FIRST_SEQ;
  readonly onDidSendMessage = this.#sent.event;

  constructor(inner: vscode.DebugAdapter, documents: PluginDocuments, session: string, plugin: string) {
    this.#inner = inner;
    this.#documents = documents;
    this.#session = session;
    this.#plugin = plugin;
    this.#listener = inner.onDidSendMessage((message) => this.#receive(message as DebugProtocol.ProtocolMessage));
  }

  /** From VS Code to the adapter. */
  handleMessage(message: vscode.DebugProtocolMessage): void {
    if ((message as DebugProtocol.Request).command === 'restart') this.#fresh.clear();
    mapSources(message, (source) => {
      const reference = source.path === undefined ? undefined : this.#referenceOf(source.path);
      if (reference === undefined) return source;
      const { path: _, ...rest } = source;
      return { ...rest, sourceReference: reference };
    });
    this.#inner.handleMessage(message);
  }

  #referenceOf(uri: string): number | undefined {
    const known = this.#references.get(uri);
    if (known !== undefined || !uri.startsWith(`${CODE_SCHEME}:`)) return known;
    // of an earlier session: breakpoints are sent before any function is shown
    return codeReferenceIn(vscode.Uri.parse(uri).query, this.#plugin);
  }

  #receive(message: DebugProtocol.ProtocolMessage): void {
    if (message.type === 'response') {
      const response = message as DebugProtocol.SourceResponse;
      const resolve = this.#waiting.get(response.request_seq);
      if (resolve) {
        this.#waiting.delete(response.request_seq);
        resolve(response.success ? response.body.content : undefined);
        return;
      }
    }
    mapSources(message, (source) => this.#named(source));
    const { event, body, command } = message as DebugProtocol.Event & { command?: string };
    if (event === 'loadedSource' && body.reason === 'changed') this.#documents.refresh(body.source.path);
    const wait = command === 'stackTrace' ? this.#upToDate(body?.stackFrames ?? []) : undefined;
    if (wait) void wait.then(() => this.#sent.fire(message));
    else this.#sent.fire(message);
  }

  /** A promise of the documents being what the frames stand in, where they are not. */
  #upToDate(frames: readonly DebugProtocol.StackFrame[]): Promise<unknown> | undefined {
    const uris = frames.flatMap(({ source }) => source?.path ?? []);
    const old = uris.filter((uri) => uri.startsWith(`${CODE_SCHEME}:`) && !this.#fresh.has(uri));
    for (const uri of old) this.#fresh.add(uri);
    const waits = [this.#documents.missing(frames), ...old.map((uri) => this.#documents.renewed(uri, this))];
    return waits.some((wait) => wait !== undefined) ? Promise.all(waits) : undefined;
  }

  #named(source: DebugProtocol.Source): DebugProtocol.Source {
    const { sourceReference, ...rest } = source;
    if (sourceReference === undefined || !(isTranscript(source) || isCode(source))) return source;
    const name = (source.name ?? 'call').replace(/\.transcript$/, '');
    const uri = (
      isCode(source)
        ? codeUri(this.#plugin, name, sourceReference)
        : vscode.Uri.from({ scheme: SCHEME, path: `/${this.#session}/${name}.plugin-transcript` })
    ).toString();
    this.#references.set(uri, sourceReference);
    this.#documents.add(uri, this);
    return { ...rest, path: uri };
  }

  /** The text of a document of this session as it is now; undefined when it can't be had any more. */
  text(uri: string): Promise<string | undefined> {
    const sourceReference = this.#referenceOf(uri);
    if (sourceReference === undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const seq = this.#seq++;
      this.#waiting.set(seq, resolve);
      this.#inner.handleMessage({ seq, type: 'request', command: 'source', arguments: { sourceReference } } as never);
    });
  }

  dispose(): void {
    this.#listener.dispose();
    for (const resolve of this.#waiting.values()) resolve(undefined);
    this.#waiting.clear();
    this.#documents.forget(this);
    this.#sent.dispose();
    this.#inner.dispose();
  }
}

const GONE: Readonly<Record<string, string>> = {
  [SCHEME]: 'This call is over, and its transcript is gone.\n',
  [CODE_SCHEME]: ';; This function is shown again when a call into its plugin stops in it.\n',
};

export class PluginDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #adapters = new Map<string, DocumentsAdapter>();
  /** The last text of documents that are open: what is shown of a call that is over. */
  readonly #texts = new Map<string, string>();
  /** Where the text of a function comes from while no session has it: until its document is closed. */
  readonly #offered = new Map<string, () => Promise<string>>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registrations: vscode.Disposable;
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#registrations = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.workspace.registerTextDocumentContentProvider(CODE_SCHEME, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme !== SCHEME && uri.scheme !== CODE_SCHEME) return;
        this.#texts.delete(uri.toString());
        this.#offered.delete(uri.toString());
      }),
    );
  }

  /** `inner` as VS Code shall see it. Owns it from now on. */
  adapter(inner: vscode.DebugAdapter, session: vscode.DebugSession): vscode.DebugAdapter {
    const plugin: unknown = session.configuration['plugin'] ?? session.configuration[PLUGIN];
    return new DocumentsAdapter(inner, this, session.id, typeof plugin === 'string' ? plugin : '');
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const name = uri.toString();
    const text = (await this.#adapters.get(name)?.text(name)) ?? (await this.#offered.get(name)?.());
    if (text === undefined) return this.#texts.get(name) ?? GONE[uri.scheme] ?? '';
    this.#texts.set(name, text);
    return text;
  }

  /** The document of a function of `plugin` (a path), whose text is there without a session too. */
  async offer(plugin: string, name: string, reference: number, text: () => Promise<string>): Promise<vscode.Uri> {
    const uri = codeUri(plugin, name, reference);
    this.#offered.set(uri.toString(), text);
    const open = this.#open(uri.toString());
    if (open !== undefined) {
      // it may say that it is shown again when a call stops there
      const wanted = await text();
      if (open.getText() !== wanted) await this.#changes(uri.toString(), () => open.getText() === wanted);
    }
    return uri;
  }

  add(uri: string, adapter: DocumentsAdapter): void {
    this.#adapters.set(uri, adapter);
  }

  forget(adapter: DocumentsAdapter): void {
    for (const [uri, owner] of this.#adapters) if (owner === adapter) this.#adapters.delete(uri);
  }

  #open(uri: string): vscode.TextDocument | undefined {
    return vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri);
  }

  /** The document has grown, and is shown anew if it is open. */
  refresh(uri: string): void {
    if (this.#open(uri)) this.#changed.fire(vscode.Uri.parse(uri));
  }

  /**
   * When a frame stands on a line that an open transcript does not have yet: a promise of it (or of patience's end). The arrow is put
   * where the line is when the frame arrives, and does not move afterwards.
   */
  missing(frames: readonly DebugProtocol.StackFrame[]): Promise<void> | undefined {
    const frame = frames.find(({ source }) => source?.path?.startsWith(`${SCHEME}:`));
    const uri = frame?.source?.path;
    if (frame === undefined || uri === undefined) return undefined;
    // each line ends with a newline, so the document's last line is empty
    const lacks = () => (this.#open(uri)?.lineCount ?? Number.POSITIVE_INFINITY) <= frame.line;
    if (!lacks()) return undefined;
    return this.#changes(uri, () => !lacks());
  }

  /** Where a function's document is open and shows other code than `adapter` has: a promise of the change (or of patience's end). */
  renewed(uri: string, adapter: DocumentsAdapter): Promise<void> | undefined {
    const open = this.#open(uri);
    if (open === undefined) return undefined;
    return adapter.text(uri).then((text) => {
      if (text === undefined || text === open.getText()) return undefined;
      return this.#changes(uri, () => open.getText() === text);
    });
  }

  /** Has the document shown anew, and waits until `done` or for patience's end. */
  #changes(uri: string, done: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        listener.dispose();
        resolve();
      };
      const timer = setTimeout(end, PATIENCE_MS);
      const listener = vscode.workspace.onDidChangeTextDocument(() => {
        if (done()) end();
      });
      this.refresh(uri);
    });
  }

  dispose(): void {
    this.#registrations.dispose();
    this.#changed.dispose();
  }
}
