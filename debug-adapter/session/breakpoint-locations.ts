// Where breakpoints can be set in a range of lines: a function's text has one place a line, source the places where its statements begin. What
// code there is is known while the call stands. Contract S3.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Call } from './call.ts';

/** Lines that are asked about at once. */
const MOST_LINES = 100_000;

export async function breakpointLocations(
  call: Call | undefined,
  { source, line, endLine = line, column, endColumn }: DebugProtocol.BreakpointLocationsArguments,
  fromClient: (line: number) => number,
): Promise<DebugProtocol.BreakpointLocationsResponse['body']> {
  const { path } = source;
  if (call?.run.stop === undefined || typeof path !== 'string' || source.sourceReference) return { breakpoints: [] };
  const shift = fromClient(0);
  const to = Math.min(endLine, line + MOST_LINES);
  const places = await call.run.breakpointPlaces(path, line + shift, to + shift).catch(() => []);
  const breakpoints = places
    .map((place) => ({ line: place.line - shift, column: Math.max(1, place.column) - shift }))
    .filter(
      (place) =>
        (column === undefined || place.line > line || place.column >= column) &&
        (endColumn === undefined || place.line < to || place.column <= endColumn),
    );
  return { breakpoints };
}
