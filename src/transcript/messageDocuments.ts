// Messages as read-only documents: pretty-printed JSON with every number as it was written. What is no JSON is shown as it came. Made when
// an editor asks for one, in slices. Contracts P2, E2, E4.
import * as vscode from 'vscode';
import { grouped, visible } from '../../debug-adapter/transcript/transcript-line.ts';
import type { Calls, KeptCall } from './calls.ts';
import { prettyJson } from './prettyJson.ts';

const MESSAGE_SCHEME = 'wasmi-plugin-message';
/** Bytes of a message that a document may have: its text goes to the window in one piece, and editors are slow past that. */
const MOST_BYTES = 16 * 1024 * 1024;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What a message is called: `greet #0 request`. */
export function messageName(call: KeptCall, row: number): string {
  const { rows } = call;
  const id = rows.id(row);
  const kind = rows.kind(row);
  const words = [rows.name(row), id === undefined ? '' : `#${id}`, kind === 'invalid' ? 'line' : kind];
  return visible(words.filter((word) => word !== '').join(' ')).slice(0, 80);
}

/** The document of a message. @throws Error with a sentence when there is none */
export function messageUri(call: KeptCall, row: number): vscode.Uri {
  const { rows } = call;
  const event = rows.store.get(rows.event(row));
  if (event.kind !== 'rpc') throw new Error('This row is no message, and has no text to open.');
  if (event.bytes.length > MOST_BYTES)
    throw new Error(
      `The message has ${grouped(event.bytes.length)} bytes, which is too large for an editor: look at its parts in the panel.`,
    );
  const name = `${messageName(call, row).replaceAll(/[\\/:*?"<>|]/g, '·')}, row ${row}`;
  const type = rows.kind(row) === 'invalid' ? 'txt' : 'json';
  return vscode.Uri.from({
    scheme: MESSAGE_SCHEME,
    path: `/call ${call.id}/${name}.${type}`,
    query: `call=${call.id}&row=${row}`,
  });
}

export class MessageDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #calls: Calls;
  readonly #registration: vscode.Disposable;

  constructor(calls: Calls) {
    this.#calls = calls;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(MESSAGE_SCHEME, this);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const query = new URLSearchParams(uri.query);
    const call = this.#calls.get(Number(query.get('call')));
    const row = Number(query.get('row'));
    if (call === undefined || !(row >= 0 && row < call.rows.length)) return 'This call is not kept any more.\n';
    const event = call.rows.store.get(call.rows.event(row));
    if (event.kind !== 'rpc') return '';
    return call.rows.kind(row) === 'invalid' ? `${event.line}\n` : prettyJson(event.line, turn);
  }

  dispose(): void {
    this.#registration.dispose();
  }
}
