// Which request of an editor is answered by which service. Where the editor can be told so, each feature is registered for the documents it is for: that
// of Rust sources stays with Rust's own server.
import {
  BulkRegistration,
  type ClientCapabilities,
  CodeActionKind,
  CodeActionRequest,
  CodeLensRequest,
  CompletionRequest,
  type Connection,
  DefinitionRequest,
  DocumentFormattingRequest,
  DocumentRangeFormattingRequest,
  type DocumentSelector,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  HoverRequest,
  ReferencesRequest,
  RegistrationType,
  RenameRequest,
  type ServerCapabilities,
  type TextDocuments,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { mockCompletions } from '../language/mock-completion.ts';
import { formatMocks } from '../language/mock-format.ts';
import { mockHover } from '../language/mock-hover.ts';
import { mockFolds, mockSymbols } from '../language/mock-symbols.ts';
import type { RecordingIndex } from '../language/recording-index.ts';
import { recordingFolds, recordingHover, recordingSymbols } from '../language/recording-views.ts';
import { relativeName } from './language-files.ts';
import { Navigation, TOGGLE_RULE } from './language-navigation.ts';
import {
  completionOf,
  editOf,
  foldOf,
  hoverOf,
  recordingSymbolOf,
  spanOfRange,
  symbolOf,
} from './language-protocol.ts';
import { kindOf, type LanguageWorkspace } from './language-workspace.ts';

const MOCKS: DocumentSelector = [{ language: 'plugin-mocks' }, { pattern: '**/*.mocks.{json,jsonc}' }];
const RECORDINGS: DocumentSelector = [{ language: 'plugin-recording' }, { pattern: '**/*.recording.jsonl' }];
const BOTH: DocumentSelector = [...MOCKS, ...RECORDINGS];
const COMPLETION = { triggerCharacters: ['"', '$', ':', ' '] };

type Dynamic = { readonly dynamicRegistration?: boolean } | undefined;

interface Feature {
  readonly type: { readonly method: string };
  readonly capability: keyof ServerCapabilities;
  readonly selector: DocumentSelector;
  readonly options: object;
  readonly client: (capabilities: ClientCapabilities) => Dynamic;
}

const RUST: DocumentSelector = [{ language: 'rust', scheme: 'file' }];

const FEATURES: readonly Feature[] = [
  feature(DefinitionRequest.type, 'definitionProvider', [...BOTH, ...RUST], (of) => of.textDocument?.definition),
  feature(ReferencesRequest.type, 'referencesProvider', [...MOCKS, ...RUST], (of) => of.textDocument?.references),
  feature(RenameRequest.type, 'renameProvider', MOCKS, (of) => of.textDocument?.rename, { prepareProvider: true }),
  feature(CodeActionRequest.type, 'codeActionProvider', MOCKS, (of) => of.textDocument?.codeAction, {
    codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite],
  }),
  feature(CodeLensRequest.type, 'codeLensProvider', MOCKS, (of) => of.textDocument?.codeLens, {
    resolveProvider: false,
  }),
  feature(CompletionRequest.type, 'completionProvider', MOCKS, (of) => of.textDocument?.completion, COMPLETION),
  feature(HoverRequest.type, 'hoverProvider', BOTH, (of) => of.textDocument?.hover),
  feature(DocumentSymbolRequest.type, 'documentSymbolProvider', BOTH, (of) => of.textDocument?.documentSymbol),
  feature(FoldingRangeRequest.type, 'foldingRangeProvider', BOTH, (of) => of.textDocument?.foldingRange),
  feature(DocumentFormattingRequest.type, 'documentFormattingProvider', MOCKS, (of) => of.textDocument?.formatting),
  feature(
    DocumentRangeFormattingRequest.type,
    'documentRangeFormattingProvider',
    MOCKS,
    (of) => of.textDocument?.rangeFormatting,
  ),
];

function feature(
  type: Feature['type'],
  capability: Feature['capability'],
  selector: DocumentSelector,
  client: Feature['client'],
  options: object = {},
): Feature {
  return { type, capability, selector, client, options };
}

/** What a client is told at once that can't be told later. */
export function staticCapabilities(client: ClientCapabilities): ServerCapabilities {
  const capabilities: Record<string, unknown> = { executeCommandProvider: { commands: [TOGGLE_RULE] } };
  for (const { capability, options, client: of } of FEATURES)
    if (!of(client)?.dynamicRegistration) capabilities[capability] = Object.keys(options).length > 0 ? options : true;
  return capabilities;
}

/** Tells a client the features for the documents that each is for. */
export async function registerLater(connection: Connection, client: ClientCapabilities): Promise<void> {
  const all = BulkRegistration.create();
  let some = false;
  for (const { type, selector, options, client: of } of FEATURES)
    if (of(client)?.dynamicRegistration) {
      all.add(new RegistrationType(type.method), { ...options, documentSelector: selector });
      some = true;
    }
  if (some) await connection.client.register(all);
}

/** Answers requests. */
export function registerFeatures(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  workspace: LanguageWorkspace,
  client: () => ClientCapabilities,
): void {
  const mocksAt = (uri: string): TextDocument | undefined => {
    const document = documents.get(uri);
    return document !== undefined && kindOf(document) === 'mocks' ? document : undefined;
  };
  new Navigation(documents, workspace).register(connection);
  connection.onCompletion(({ textDocument, position }) => {
    const document = mocksAt(textDocument.uri);
    if (document === undefined) return [];
    const mocks = workspace.mocks(document);
    const items = mockCompletions(mocks, document.offsetAt(position), {
      guests: workspace.guests,
      observed: workspace.observed,
      states: workspace.set(mocks).states,
      files: workspace.mockFiles.filter((file) => file !== mocks.name).map((file) => relativeName(mocks.name, file)),
      snippets: client().textDocument?.completion?.completionItem?.snippetSupport ?? false,
    });
    return items.map((item) => completionOf(document, item));
  });
  const recordingAt = async (uri: string): Promise<{ document: TextDocument; index: RecordingIndex } | undefined> => {
    const document = documents.get(uri);
    if (document === undefined || kindOf(document) !== 'recording') return undefined;
    const index = await workspace.recordings.index(document);
    return index && { document, index };
  };
  connection.onHover(async ({ textDocument, position }) => {
    const recording = await recordingAt(textDocument.uri);
    if (recording !== undefined) {
      const hover = recordingHover(recording.index, recording.document.offsetAt(position));
      return hover === undefined ? null : hoverOf(recording.document, hover);
    }
    const document = mocksAt(textDocument.uri);
    if (document === undefined) return null;
    const offset = document.offsetAt(position);
    const hover = mockHover(workspace.mocks(document), offset, workspace.guests, workspace.observed);
    return hover === undefined ? null : hoverOf(document, hover);
  });
  connection.onDocumentSymbol(async ({ textDocument }) => {
    const recording = await recordingAt(textDocument.uri);
    if (recording !== undefined)
      return recordingSymbols(recording.index).map((each) => recordingSymbolOf(recording.document, each));
    const document = mocksAt(textDocument.uri);
    return document === undefined ? [] : mockSymbols(workspace.mocks(document)).map((each) => symbolOf(document, each));
  });
  connection.onFoldingRanges(async ({ textDocument }) => {
    const recording = await recordingAt(textDocument.uri);
    if (recording !== undefined) return recordingFolds(recording.index).map(foldOf);
    const document = mocksAt(textDocument.uri);
    return document === undefined ? [] : mockFolds(workspace.mocks(document)).map(foldOf);
  });
  connection.onDocumentFormatting(({ textDocument, options }) => {
    const document = mocksAt(textDocument.uri);
    if (document === undefined) return [];
    return formatMocks(workspace.mocks(document), options).map((edit) => editOf(document, edit));
  });
  connection.onDocumentRangeFormatting(({ textDocument, range, options }) => {
    const document = mocksAt(textDocument.uri);
    if (document === undefined) return [];
    const edits = formatMocks(workspace.mocks(document), options, spanOfRange(document, range));
    return edits.map((edit) => editOf(document, edit));
  });
}
