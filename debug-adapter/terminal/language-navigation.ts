// Requests of an editor that lead elsewhere or change something: definitions, references, rename, code actions, code lenses. Which is answered by which
// service, and places of other files as the protocol wants them.
import {
  CodeActionKind,
  type Connection,
  type Location,
  type Position,
  ResponseError,
  type TextDocuments,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { mockActions } from '../language/mock-actions.ts';
import { mockDiagnostics } from '../language/mock-diagnostics.ts';
import { rulePath, setAt } from '../language/mock-edits.ts';
import { mockLenses } from '../language/mock-lenses.ts';
import { calledAt, callsOf, mockName, rulesOf, stateDefinitions, statePlaces } from '../language/mock-navigation.ts';
import { renameState, stateAt } from '../language/mock-rename.ts';
import { recordingDefinition } from '../language/recording-views.ts';
import { includePath } from '../mocks/mock-set.ts';
import type { MockPlace } from '../mocks/rules.ts';
import { readMockText, uriOfPath } from './language-files.ts';
import { diagnosticOf, editOf, rangeOf, spanOfRange } from './language-protocol.ts';
import { kindOf, type LanguageWorkspace } from './language-workspace.ts';

/** The command that a code lens runs: [URI, host method, number of the rule from 1]. */
export const TOGGLE_RULE = 'wasmiPluginDebugger.mocks.toggleRule';

const NOT_SO = -32602; // InvalidParams: an editor shows the sentence

export class Navigation {
  readonly #documents: TextDocuments<TextDocument>;
  readonly #workspace: LanguageWorkspace;

  constructor(documents: TextDocuments<TextDocument>, workspace: LanguageWorkspace) {
    this.#documents = documents;
    this.#workspace = workspace;
  }

  register(connection: Connection): void {
    connection.onDefinition(({ textDocument, position }) => this.#definitions(textDocument.uri, position));
    connection.onReferences(({ textDocument, position }) => this.#references(textDocument.uri, position));
    connection.onPrepareRename(({ textDocument, position }) => {
      const document = this.#mocks(textDocument.uri);
      const state = document && stateAt(this.#workspace.mocks(document), document.offsetAt(position));
      return state === undefined ? null : { range: rangeOf(document as TextDocument, state), placeholder: state.name };
    });
    connection.onRenameRequest(({ textDocument, position, newName }) =>
      this.#rename(textDocument.uri, position, newName),
    );
    connection.onCodeAction(({ textDocument, range, context }) => {
      const document = this.#mocks(textDocument.uri);
      if (document === undefined) return [];
      const mocks = this.#workspace.mocks(document);
      const { guests, observed } = this.#workspace;
      const span = spanOfRange(document, range);
      const diagnoses = mockDiagnostics(mocks, this.#workspace.set(mocks), guests, observed).filter(
        ({ from, to }) => from <= span.to && to >= span.from,
      );
      return mockActions(mocks, span, diagnoses, guests, observed)
        .map(({ title, kind, edits, mends, preferred }) => ({
          title,
          kind: kind === 'quickfix' ? CodeActionKind.QuickFix : CodeActionKind.RefactorRewrite,
          edit: { changes: { [document.uri]: edits.map((edit) => editOf(document, edit)) } },
          ...(preferred && { isPreferred: true }),
          ...(mends && { diagnostics: [diagnosticOf(document, mends)] }),
        }))
        .filter(
          ({ kind }) =>
            context.only === undefined || context.only.some((only) => kind === only || kind.startsWith(`${only}.`)),
        );
    });
    connection.onCodeLens(({ textDocument }) => {
      const document = this.#mocks(textDocument.uri);
      if (document === undefined) return [];
      return mockLenses(this.#workspace.mocks(document), this.#workspace.observed).map((lens) => ({
        range: rangeOf(document, lens),
        command:
          lens.toggles === undefined
            ? { title: lens.title, command: '' }
            : {
                title: lens.title,
                command: TOGGLE_RULE,
                arguments: [document.uri, lens.toggles.method, lens.toggles.number],
              },
      }));
    });
    connection.onExecuteCommand(async ({ command, arguments: words = [] }) => {
      if (command !== TOGGLE_RULE) return;
      const edit = this.#toggle(words);
      if (edit === undefined)
        throw new ResponseError(NOT_SO, 'This rule is not there any more: the file has changed since.');
      await connection.workspace.applyEdit({ label: 'Turn a rule on or off', edit });
    });
  }

  #mocks(uri: string): TextDocument | undefined {
    const document = this.#documents.get(uri);
    return document !== undefined && kindOf(document) === 'mocks' ? document : undefined;
  }

  async #definitions(uri: string, position: Position): Promise<Location[]> {
    const document = this.#documents.get(uri);
    if (document === undefined) return [];
    const workspace = this.#workspace;
    if (kindOf(document) === 'rust') return this.#rulesCalledAt(document, position);
    if (kindOf(document) === 'recording') {
      const index = await workspace.recordings.index(document);
      const found = index && recordingDefinition(index, document.offsetAt(position));
      return found === undefined ? [] : [{ uri, range: rangeOf(document, found) }];
    }
    if (kindOf(document) !== 'mocks') return [];
    const mocks = workspace.mocks(document);
    const name = mockName(mocks, document.offsetAt(position));
    switch (name?.kind) {
      case 'method':
        return callsOf(workspace.guests, name.name).map(({ file, range }) => ({ uri: file, range }));
      case 'state':
        return this.#locations(stateDefinitions(workspace.set(mocks), name.name));
      case 'include': {
        const file = includePath(mocks.name, name.name);
        const start = { line: 0, character: 0 };
        return workspace.mocksAt(file) === undefined ? [] : [{ uri: uriOfPath(file), range: { start, end: start } }];
      }
      default:
        return [];
    }
  }

  #references(uri: string, position: Position): Location[] {
    const document = this.#documents.get(uri);
    if (document === undefined) return [];
    if (kindOf(document) === 'rust') return this.#rulesCalledAt(document, position);
    if (kindOf(document) !== 'mocks') return [];
    const mocks = this.#workspace.mocks(document);
    const name = mockName(mocks, document.offsetAt(position));
    if (name?.kind === 'state') return this.#locations(statePlaces(this.#workspace.set(mocks), name.name));
    if (name?.kind !== 'method') return [];
    const calls = callsOf(this.#workspace.guests, name.name).map(({ file, range }) => ({ uri: file, range }));
    return [...calls, ...this.#locations(rulesOf(this.#workspace.set(mocks), name.name))];
  }

  /** From `.call("…")` to the rules in the mock files of the workspace. */
  #rulesCalledAt(document: TextDocument, { line, character }: Position): Location[] {
    const method = calledAt(this.#workspace.sourcePlaces(document.uri), line, character)?.method.name;
    if (method === undefined) return [];
    const places = this.#workspace
      .allMocks()
      .flatMap(({ file }) => file.methods.filter(({ name }) => name === method))
      .flatMap(({ rules, place }) => (rules.length > 0 ? rules.map((rule) => rule.place) : [place]));
    return this.#locations(places);
  }

  #rename(uri: string, position: Position, newName: string): WorkspaceEdit | null {
    const document = this.#mocks(uri);
    if (document === undefined) return null;
    const mocks = this.#workspace.mocks(document);
    const state = stateAt(mocks, document.offsetAt(position));
    if (state === undefined) return null;
    const edits = renameState(this.#workspace.set(mocks), state.name, newName);
    if (typeof edits === 'string') throw new ResponseError(NOT_SO, edits);
    const changes: Record<string, { range: Location['range']; newText: string }[]> = {};
    for (const { place, text } of edits)
      for (const { uri: at, range } of this.#locations([place])) {
        changes[at] ??= [];
        changes[at].push({ range, newText: text });
      }
    return { changes };
  }

  #toggle([uri, method, number]: readonly unknown[]): WorkspaceEdit | undefined {
    const document = typeof uri === 'string' ? this.#mocks(uri) : undefined;
    if (document === undefined || typeof method !== 'string' || typeof number !== 'number') return undefined;
    const mocks = this.#workspace.mocks(document);
    const rule = mocks.file.methods.find(({ name }) => name === method)?.rules.find((each) => each.number === number);
    if (rule === undefined) return undefined;
    const edits = setAt(mocks, rulePath(mocks, method, number, 'disabled'), rule.disabled ? undefined : 'true');
    return { changes: { [document.uri]: edits.map((edit) => editOf(document, edit)) } };
  }

  /** Places of mock files, which may lie on disk only. One whose file can't be read is left out. */
  #locations(places: readonly MockPlace[]): Location[] {
    const texts = new Map<string, TextDocument | undefined>();
    return places.flatMap((place) => {
      if (!texts.has(place.file)) texts.set(place.file, this.#textOf(place.file));
      const document = texts.get(place.file);
      return document === undefined ? [] : [{ uri: document.uri, range: rangeOf(document, place) }];
    });
  }

  #textOf(file: string): TextDocument | undefined {
    const open = this.#workspace.openAt(file);
    if (open !== undefined) return open;
    const text = readMockText(file);
    return text === undefined ? undefined : TextDocument.create(uriOfPath(file), 'plugin-mocks', 0, text);
  }
}
