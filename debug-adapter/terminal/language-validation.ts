// The diagnostics of one open document, whatever it is.
import type { Diagnostic } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { mockDiagnostics } from '../language/mock-diagnostics.ts';
import { recordingDiagnoses } from '../language/recording-views.ts';
import { diagnosticOf, rangeOf } from './language-protocol.ts';
import { kindOf, type LanguageWorkspace } from './language-workspace.ts';

/** Undefined where the document is `stale` before they are found. */
export async function diagnosticsOf(
  document: TextDocument,
  workspace: LanguageWorkspace,
  stale: () => boolean,
): Promise<Diagnostic[] | undefined> {
  if (stale()) return undefined;
  if (kindOf(document) === 'recording') {
    const index = await workspace.recordings.index(document);
    if (index === undefined || stale()) return undefined;
    return recordingDiagnoses(index).map(({ said, ...diagnosis }) => ({
      ...diagnosticOf(document, diagnosis),
      ...(said && {
        relatedInformation: [
          {
            location: { uri: document.uri, range: rangeOf(document, said) },
            message: 'The diagnosis in the recording.',
          },
        ],
      }),
    }));
  }
  if (kindOf(document) !== 'mocks') return [];
  const mocks = workspace.mocks(document);
  const found = mockDiagnostics(mocks, workspace.set(mocks), workspace.guests, workspace.observed);
  return found.map((each) => diagnosticOf(document, each));
}
