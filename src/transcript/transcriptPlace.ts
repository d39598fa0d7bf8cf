// From a line of a call's transcript, the text document, to the row that it is in the panel. Pure. Contract S6.
import { PART_LINES } from '../../debug-adapter/session/transcript.ts';

/** Lines above the first event. */
const HEADING = 2;
const PATH = /^\/([^/]+)\/.* — calls(?: (\d+))?\.plugin-transcript$/;

/** Session and row of a line (from 0) of the document with this path (pluginDocuments.ts); undefined for what is none. */
export function placeOfLine(
  path: string,
  line: number,
): { readonly session: string; readonly row: number } | undefined {
  const [, session, part = '1'] = PATH.exec(path) ?? [];
  if (session === undefined) return undefined;
  return { session, row: Math.max(0, (Number(part) - 1) * PART_LINES + line - HEADING) };
}
