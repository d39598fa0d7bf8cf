// The diagnostics of one open document, whatever it is.
import type { Diagnostic } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { mockDiagnostics } from '../language/mock-diagnostics.ts';
import { diagnosticOf } from './language-protocol.ts';
import { kindOf, type LanguageWorkspace } from './language-workspace.ts';

/** Undefined where the document is `stale` before they are found. */
export async function diagnosticsOf(
  document: TextDocument,
  workspace: LanguageWorkspace,
  stale: () => boolean,
): Promise<Diagnostic[] | undefined> {
  if (stale()) return undefined;
  if (kindOf(document) !== 'mocks') return [];
  const mocks = workspace.mocks(document);
  const found = mockDiagnostics(mocks, workspace.set(mocks), workspace.guests, workspace.observed);
  return found.map((each) => diagnosticOf(document, each));
}
