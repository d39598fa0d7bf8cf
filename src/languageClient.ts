// The language server for mock files and recordings, as VS Code's client of it: one process, started when a document that it is for is opened. It is told
// what runs have shown; it holds no session.
import path from 'node:path';
import * as vscode from 'vscode';
import {
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
  TransportKind,
} from 'vscode-languageclient/node';
import { NOTHING_OBSERVED, OBSERVED, type Observed } from '../debug-adapter/language/observed.ts';

const LANGUAGES: ReadonlySet<string> = new Set(['plugin-mocks', 'plugin-recording']);

export class Languages implements vscode.Disposable {
  readonly #server: string;
  readonly #listeners: vscode.Disposable[];
  #client: LanguageClient | undefined;
  #observed: Observed = NOTHING_OBSERVED;
  #ended = false;

  /** `extensionPath` is where dist/ lies. */
  constructor(extensionPath: string) {
    this.#server = path.join(extensionPath, 'dist', 'cli.js');
    this.#listeners = [
      vscode.workspace.onDidOpenTextDocument((document) => this.#look(document)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.#client?.restart()),
    ];
    for (const document of vscode.workspace.textDocuments) this.#look(document);
  }

  /** Tells the server what was seen in runs: all of it, each time. */
  observed(observed: Observed): void {
    this.#observed = observed;
    if (this.#client?.isRunning()) void this.#client.sendNotification(OBSERVED, observed).catch(() => {});
  }

  /** Whether the server runs; tests ask. */
  get isRunning(): boolean {
    return this.#client?.isRunning() ?? false;
  }

  #look({ languageId }: vscode.TextDocument): void {
    if (LANGUAGES.has(languageId)) this.#start();
    else if (languageId === 'rust' && this.#client === undefined) void this.#startForMocks();
  }

  /** A source leads to rules where there are any. */
  async #startForMocks(): Promise<void> {
    const [file] = await vscode.workspace.findFiles('**/*.mocks.{json,jsonc}', '**/{target,node_modules}/**', 1);
    if (file !== undefined) this.#start();
  }

  #start(): void {
    if (this.#client !== undefined || this.#ended) return;
    const server: ServerOptions = { module: this.#server, args: ['lsp'], transport: TransportKind.stdio };
    const options: LanguageClientOptions = {
      documentSelector: [
        { language: 'plugin-mocks' },
        { language: 'plugin-recording' },
        { language: 'rust', scheme: 'file' },
      ],
      // in a workspace that is not trusted nothing is scanned
      initializationOptions: () => ({ scan: vscode.workspace.isTrusted }),
    };
    const client = new LanguageClient('wasmiPluginDebugger.languages', 'Plugin Mocks and Recordings', server, options);
    this.#client = client;
    client.start().then(
      () => this.observed(this.#observed),
      (error: unknown) => {
        if (this.#ended) return;
        void vscode.window.showWarningMessage(
          `The language server for mock files did not start (${String(error)}): open a mock file again after a reload of the window.`,
        );
      },
    );
  }

  dispose(): void {
    this.#ended = true;
    for (const listener of this.#listeners) listener.dispose();
    const client = this.#client;
    this.#client = undefined;
    void client?.dispose().catch(() => {});
  }
}
