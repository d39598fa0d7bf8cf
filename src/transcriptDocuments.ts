// The parts of a call's transcript as documents of our own scheme, in place of DAP's sourceReference: VS Code asks for a referenced
// source once and then keeps what it got (it follows `loadedSource` only while the Loaded Scripts view is expanded), but it follows
// onDidChange of a content provider at once. Other editors still get the references. Contract S6.
import type { DebugProtocol } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import { isTranscript, mapSources } from './transcriptSource.ts';

export const SCHEME = 'wasmi-plugin-transcript';
/** How long an answer with the arrow's line waits for that line to be in the editor; it takes about 50 ms. */
const PATIENCE_MS = 400;
/** Our own requests' numbers, far from those of VS Code. */
const FIRST_SEQ = 0x40000000;

/** The adapter of one session, seen from VS Code: everything passes through it, transcripts renamed. */
class TranscriptAdapter implements vscode.DebugAdapter {
  readonly #inner: vscode.DebugAdapter;
  readonly #documents: TranscriptDocuments;
  readonly #session: string;
  readonly #sent = new vscode.EventEmitter<vscode.DebugProtocolMessage>();
  readonly #listener: vscode.Disposable;
  readonly #waiting = new Map<number, (text: string | undefined) => void>();
  readonly #references = new Map<string, number>();
  #seq = FIRST_SEQ;
  readonly onDidSendMessage = this.#sent.event;

  constructor(inner: vscode.DebugAdapter, documents: TranscriptDocuments, session: string) {
    this.#inner = inner;
    this.#documents = documents;
    this.#session = session;
    this.#listener = inner.onDidSendMessage((message) => this.#receive(message as DebugProtocol.ProtocolMessage));
  }

  /** From VS Code to the adapter. */
  handleMessage(message: vscode.DebugProtocolMessage): void {
    mapSources(message, (source) => {
      const reference = source.path === undefined ? undefined : this.#references.get(source.path);
      if (reference === undefined) return source;
      const { path: _, ...rest } = source;
      return { ...rest, sourceReference: reference };
    });
    this.#inner.handleMessage(message);
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
    const lines = command === 'stackTrace' ? this.#documents.missing(body?.stackFrames ?? []) : undefined;
    if (lines) void lines.then(() => this.#sent.fire(message));
    else this.#sent.fire(message);
  }

  #named(source: DebugProtocol.Source): DebugProtocol.Source {
    const { sourceReference, ...rest } = source;
    if (!isTranscript(source) || sourceReference === undefined) return source;
    const name = (source.name ?? 'call').replace(/\.transcript$/, '');
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${this.#session}/${name}.plugin-transcript` }).toString();
    this.#references.set(uri, sourceReference);
    this.#documents.add(uri, this);
    return { ...rest, path: uri };
  }

  /** The text of a transcript of this session as it is now; undefined when it can't be had any more. */
  text(uri: string): Promise<string | undefined> {
    const sourceReference = this.#references.get(uri);
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

export class TranscriptDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #adapters = new Map<string, TranscriptAdapter>();
  /** The last text of documents that are open: what is shown of a call that is over. */
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registrations: vscode.Disposable;
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#registrations = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === SCHEME) this.#texts.delete(uri.toString());
      }),
    );
  }

  /** `inner` as VS Code shall see it. Owns it from now on. */
  adapter(inner: vscode.DebugAdapter, session: vscode.DebugSession): vscode.DebugAdapter {
    return new TranscriptAdapter(inner, this, session.id);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const name = uri.toString();
    const text = await this.#adapters.get(name)?.text(name);
    if (text === undefined) return this.#texts.get(name) ?? 'This call is over, and its transcript is gone.\n';
    this.#texts.set(name, text);
    return text;
  }

  add(uri: string, adapter: TranscriptAdapter): void {
    this.#adapters.set(uri, adapter);
  }

  forget(adapter: TranscriptAdapter): void {
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
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        listener.dispose();
        resolve();
      };
      const timer = setTimeout(done, PATIENCE_MS);
      const listener = vscode.workspace.onDidChangeTextDocument(() => {
        if (!lacks()) done();
      });
      this.refresh(uri);
    });
  }

  dispose(): void {
    this.#registrations.dispose();
    this.#changed.dispose();
  }
}
