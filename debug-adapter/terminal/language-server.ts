// The language server: a connection, the documents that the editor has open, and which service answers what. The services are in language/; what is known
// is in language-workspace.ts. Diagnostics follow a document by a short while, so that typing costs nothing.
import {
  type ClientCapabilities,
  type Connection,
  createConnection,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { OBSERVED, readObserved } from '../language/observed.ts';
import { registerFeatures, registerLater, staticCapabilities } from './language-features.ts';
import { diagnosticsOf } from './language-validation.ts';
import { kindOf, LanguageWorkspace } from './language-workspace.ts';

/** How long a document rests before it is looked at (ms). */
const REST_MS = 150;

/** Serves one client until it says `exit` or goes away; then the process ends, as the protocol wants it. */
export function serveLanguages(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Promise<never> {
  const connection = createConnection(input, output);
  new LanguageServer(connection).features().listen();
  return new Promise(() => {});
}

class LanguageServer {
  readonly #connection: Connection;
  readonly #documents = new TextDocuments(TextDocument);
  readonly #workspace = new LanguageWorkspace(this.#documents);
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  #client: ClientCapabilities = {};
  #folders: readonly string[] = [];
  /** Whether folders may be read: an editor says no where it does not trust them. */
  #scans = true;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.onInitialize((params) => this.#initialize(params));
    connection.onInitialized(() => void this.#initialized());
    connection.onShutdown(() => this.#stop());
    connection.onNotification(OBSERVED, (params: unknown) => {
      this.#workspace.observed = readObserved(params);
      this.#knowMore();
    });
    connection.onDidChangeWatchedFiles(async ({ changes }) => {
      let isNew = false;
      for (const { uri, type } of changes)
        isNew = (await this.#workspace.changedOnDisk(uri, type === FileChangeType.Deleted)) || isNew;
      if (isNew) this.#knowMore();
    });
    const documents = this.#documents;
    documents.onDidChangeContent(({ document }) => this.#changed(document));
    documents.onDidClose(({ document }) => this.#closed(document));
  }

  listen(): void {
    this.#documents.listen(this.#connection);
    this.#connection.listen();
  }

  #initialize({ capabilities, workspaceFolders, rootUri, initializationOptions }: InitializeParams): InitializeResult {
    this.#client = capabilities;
    const { scan } = (initializationOptions ?? {}) as { readonly scan?: unknown };
    this.#scans = scan !== false;
    this.#folders = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : []);
    return {
      serverInfo: { name: 'wasmi-plugin-debugger' },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
        ...staticCapabilities(capabilities),
      },
    };
  }

  async #initialized(): Promise<void> {
    const connection = this.#connection;
    await registerLater(connection, this.#client);
    if (this.#client.workspace?.workspaceFolders)
      connection.workspace.onDidChangeWorkspaceFolders(async ({ added, removed }) => {
        for (const { uri } of removed) this.#workspace.removeFolder(uri);
        if (this.#scans) for (const { uri } of added) await this.#workspace.addFolder(uri);
        this.#knowMore();
      });
    if (this.#client.workspace?.didChangeWatchedFiles?.dynamicRegistration)
      await connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: [{ globPattern: '**/*.rs' }, { globPattern: '**/*.mocks.{json,jsonc}' }],
      });
    if (!this.#scans) return;
    for (const uri of this.#folders) await this.#workspace.addFolder(uri);
    if (this.#folders.length > 0) this.#knowMore();
  }

  /** Answers to requests; called before the connection listens. */
  features(): this {
    registerFeatures(this.#connection, this.#documents, this.#workspace, () => this.#client);
    return this;
  }

  #changed(document: TextDocument): void {
    switch (kindOf(document)) {
      case 'rust':
        if (this.#workspace.source(document)) this.#knowMore();
        break;
      case 'mocks':
        // files that include this one change with it
        this.#workspace.mocksChanged();
        this.#validateSoon((each) => each.uri === document.uri || kindOf(each) === 'mocks');
        break;
      case 'recording':
        this.#validateSoon((each) => each.uri === document.uri);
        break;
      default:
    }
  }

  async #closed(document: TextDocument): Promise<void> {
    clearTimeout(this.#waiting.get(document.uri));
    this.#waiting.delete(document.uri);
    void this.#connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
    await this.#workspace.closed(document);
    this.#validateSoon((each) => kindOf(each) === 'mocks');
  }

  /** Sources or runs say more than before. */
  #knowMore(): void {
    this.#validateSoon((each) => kindOf(each) === 'mocks');
    if (this.#client.workspace?.codeLens?.refreshSupport)
      this.#connection.languages.connection.sendRequest('workspace/codeLens/refresh').catch(() => {});
  }

  #validateSoon(which: (document: TextDocument) => boolean): void {
    for (const { uri } of this.#documents.all().filter(which)) {
      clearTimeout(this.#waiting.get(uri));
      this.#waiting.set(
        uri,
        setTimeout(() => void this.#validate(uri), REST_MS),
      );
    }
  }

  async #validate(uri: string): Promise<void> {
    this.#waiting.delete(uri);
    const document = this.#documents.get(uri);
    if (document === undefined) return;
    const { version } = document;
    const diagnostics = await diagnosticsOf(
      document,
      this.#workspace,
      () => this.#documents.get(uri)?.version !== version,
    );
    if (diagnostics !== undefined) void this.#connection.sendDiagnostics({ uri, version, diagnostics });
  }

  #stop(): void {
    this.#workspace.stop();
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }
}
