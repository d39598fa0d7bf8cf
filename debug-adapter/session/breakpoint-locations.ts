// Where breakpoints can be set in a range of lines: a function's text has one place a line, source the places where its statements begin. What
// code there is is known while the call stands. Contract S3.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Call } from './call.ts';
import type { SessionEngine } from './session-run.ts';

/** Lines that are asked about at once. */
const MOST_LINES = 100_000;

export async function breakpointLocations(
  call: Call | undefined,
  { source, line, endLine = line, column, endColumn }: DebugProtocol.BreakpointLocationsArguments,
  fromClient: (line: number) => number,
  engine: Pick<SessionEngine, 'readFile'>,
): Promise<DebugProtocol.BreakpointLocationsResponse['body']> {
  const { path } = source;
  if (call?.run.stop === undefined || typeof path !== 'string' || source.sourceReference) return { breakpoints: [] };
  const shift = fromClient(0);
  const to = Math.min(endLine, line + MOST_LINES);
  const places = await call.run.breakpointPlaces(path, line + shift, to + shift).catch(() => []);
  const isAmidWord = await amidWords(path, engine);
  const breakpoints = places
    .filter(({ line: at, column: byte }, index) => places[index - 1]?.line !== at || !isAmidWord(at, byte))
    .map((place) => ({ line: place.line - shift, column: Math.max(1, place.column) - shift }))
    .filter(
      (place) =>
        (column === undefined || place.line > line || place.column >= column) &&
        (endColumn === undefined || place.line < to || place.column <= endColumn),
    );
  return { breakpoints };
}

/**
 * Whether a place (line and byte from 1) is amid a word: rustc has the end of an expression at its last letter, which in `f().await` is the t. Never
 * where the file can't be read: it is for looks only.
 */
async function amidWords(
  path: string,
  engine: Pick<SessionEngine, 'readFile'>,
): Promise<(line: number, column: number) => boolean> {
  const bytes = await engine.readFile(path, 'The source').catch(() => undefined);
  if (bytes === undefined) return () => false;
  const lines = new TextDecoder('latin1').decode(bytes).split('\n');
  return (line, column) => /^\w\w$/.test((lines[line - 1] ?? '').slice(Math.max(0, column - 2), column));
}
