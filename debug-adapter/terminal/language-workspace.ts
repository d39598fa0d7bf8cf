// What the language server knows: the open texts, the mock sets that they make with what they include, the guests' sources, and what was seen in runs.
// Speaks no protocol.
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type GuestCalls, guestCalls, NO_GUESTS } from '../language/guest-calls.ts';
import { MockDocument } from '../language/mock-document.ts';
import { NOTHING_OBSERVED, type Observed } from '../language/observed.ts';
import { type MethodPlace, SourceIndex } from '../language/scanner.ts';
import { readMockSet } from '../mocks/mock-set.ts';
import type { MockSet } from '../mocks/rules.ts';
import { filesBelow, pathOfUri, readMockText, readSource, uriOfPath } from './language-files.ts';
import { OpenRecordings } from './language-recordings.ts';

export type DocumentKind = 'mocks' | 'recording' | 'rust' | 'other';

/** What kind of text a document is: by its language, or where the editor knows none of ours, by its name. */
export function kindOf({ languageId, uri }: Pick<TextDocument, 'languageId' | 'uri'>): DocumentKind {
  if (languageId === 'plugin-mocks' || /\.mocks\.jsonc?$/i.test(uri)) return 'mocks';
  if (languageId === 'plugin-recording' || /\.recording\.jsonl$/i.test(uri)) return 'recording';
  return languageId === 'rust' || uri.endsWith('.rs') ? 'rust' : 'other';
}

/** The open texts. */
export interface OpenDocuments {
  get(uri: string): TextDocument | undefined;
  all(): readonly TextDocument[];
}

/** Files on disk that one question reads. */
const MOST_MOCKS = 50;

interface Kept {
  readonly version: number;
  readonly document: MockDocument;
}

export class LanguageWorkspace {
  observed: Observed = NOTHING_OBSERVED;
  readonly recordings: OpenRecordings;
  readonly #open: OpenDocuments;
  readonly #index = new SourceIndex();
  readonly #mocks = new Map<string, Kept>();
  readonly #folders = new Set<string>();
  #guests: GuestCalls = NO_GUESTS;
  #mockFiles: readonly string[] = [];
  readonly #sets = new WeakMap<MockDocument, { readonly generation: number; readonly set: MockSet }>();
  #generation = 0;
  #stopped = false;

  constructor(open: OpenDocuments) {
    this.#open = open;
    this.recordings = new OpenRecordings((uri) => open.get(uri));
  }

  get guests(): GuestCalls {
    return this.#guests;
  }

  /** Paths of the mock files below the folders. */
  get mockFiles(): readonly string[] {
    return this.#mockFiles;
  }

  /** A document that is open, as a mock file. */
  mocks(document: TextDocument): MockDocument {
    const kept = this.#mocks.get(document.uri);
    if (kept?.version === document.version) return kept.document;
    const made = new MockDocument(pathOfUri(document.uri) ?? document.uri, document.getText());
    this.#mocks.set(document.uri, { version: document.version, document: made });
    return made;
  }

  /** A mock file by its path: the open text, else the one on disk. */
  mocksAt(file: string): MockDocument | undefined {
    const open = this.openAt(file);
    if (open !== undefined) return this.mocks(open);
    const text = readMockText(file);
    return text === undefined ? undefined : new MockDocument(file, text);
  }

  /** The open text of a file. */
  openAt(file: string): TextDocument | undefined {
    return (
      this.#open.get(uriOfPath(file)) ?? this.#open.all().find(({ uri }) => uri !== file && pathOfUri(uri) === file)
    );
  }

  /** A file with all that it includes; of an open one, as it was read since a mock file last changed. */
  set(document: MockDocument): MockSet {
    const kept = this.#sets.get(document);
    if (kept?.generation === this.#generation) return kept.set;
    const read = (file: string): string | undefined => this.openAt(file)?.getText() ?? readMockText(file);
    const set = readMockSet({ name: document.name, text: document.text }, read);
    this.#sets.set(document, { generation: this.#generation, set });
    return set;
  }

  /** Some mock file changed, in an editor or on disk: sets are read anew. */
  mocksChanged(): void {
    this.#generation++;
  }

  /** The methods that a source names. */
  sourcePlaces(uri: string): readonly MethodPlace[] {
    const file = pathOfUri(uri);
    const key = file === undefined ? uri : uriOfPath(file);
    return this.#index
      .methodsIn(key)
      .filter(({ kind }) => kind === 'host')
      .map((method) => ({ file: key, method }));
  }

  /** The mock files that are open or lie below the folders; of very many, the first. */
  allMocks(): MockDocument[] {
    const open = this.#open
      .all()
      .filter((document) => kindOf(document) === 'mocks')
      .map((document) => this.mocks(document));
    const names = new Set(open.map(({ name }) => name));
    const others = this.#mockFiles.filter((file) => !names.has(file)).slice(0, MOST_MOCKS);
    return [...open, ...others.flatMap((file) => this.mocksAt(file) ?? [])];
  }

  /** Reads the sources below a folder. */
  async addFolder(uri: string): Promise<void> {
    const folder = pathOfUri(uri);
    if (folder === undefined || this.#folders.has(folder)) return;
    this.#folders.add(folder);
    const files = await filesBelow(folder, ['.rs', '.mocks.json', '.mocks.jsonc'], () => this.#stopped);
    this.#mockFiles = [...new Set([...this.#mockFiles, ...files.filter((file) => !file.endsWith('.rs'))])].sort();
    for (const file of files) if (file.endsWith('.rs')) await this.#readSource(file);
    this.#guests = guestCalls(this.#index);
  }

  removeFolder(uri: string): void {
    const folder = pathOfUri(uri);
    if (folder !== undefined) this.#folders.delete(folder);
  }

  /** A file on disk came, changed or went. @returns whether anything that is known changed */
  async changedOnDisk(uri: string, isGone: boolean): Promise<boolean> {
    const file = pathOfUri(uri);
    if (file === undefined) return false;
    if (!file.endsWith('.rs')) {
      this.mocksChanged();
      const others = this.#mockFiles.filter((each) => each !== file);
      this.#mockFiles = isGone ? others : [...others, file].sort();
      return true;
    }
    const changed = isGone ? this.#index.remove(uriOfPath(file)) : await this.#readSource(file);
    if (changed) this.#guests = guestCalls(this.#index);
    return changed;
  }

  async #readSource(file: string): Promise<boolean> {
    const uri = uriOfPath(file);
    if (this.#stopped || this.#open.get(uri) !== undefined) return false;
    const text = await readSource(file);
    return text === undefined ? this.#index.remove(uri) : this.#index.update(uri, text);
  }

  /** A source in an editor. @returns whether a method in it changed its name or place */
  source(document: TextDocument): boolean {
    const file = pathOfUri(document.uri);
    const changed = this.#index.update(file === undefined ? document.uri : uriOfPath(file), document.getText());
    if (changed) this.#guests = guestCalls(this.#index);
    return changed;
  }

  /** A document was closed: what is on disk counts again. */
  async closed(document: TextDocument): Promise<void> {
    this.#mocks.delete(document.uri);
    this.recordings.closed(document.uri);
    this.mocksChanged();
    if (kindOf(document) === 'rust') await this.changedOnDisk(document.uri, false);
  }

  stop(): void {
    this.#stopped = true;
  }
}
