// What editors show of a stopped call in the source: values at the ends of lines, and values under the mouse. Silent unless the session with the
// focus is ours. Contract P3: reads the session's run in this process.
import * as vscode from 'vscode';
import { frameOfNumber } from '../../debug-adapter/session/shown-frames.ts';
import { DEBUG_TYPE, type Sessions } from '../sessions.ts';
import { expressionAt, wordsOf } from './expressionAt.ts';

const LANGUAGES: vscode.DocumentSelector = ['rust', 'c', 'cpp', 'zig'].map((language) => ({ language }));
/** Lines above the one that is stopped at, where a function has no beginning that is known. */
const MOST_LINES = 300;
/** Variables of a frame whose values are shown. */
const MOST_VARIABLES = 200;
const MOST_CHARACTERS = 60;

export class SourceProviders
  implements vscode.Disposable, vscode.InlineValuesProvider, vscode.EvaluatableExpressionProvider
{
  readonly #sessions: Sessions;
  readonly #registered: vscode.Disposable;

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
    this.#registered = vscode.Disposable.from(
      vscode.languages.registerInlineValuesProvider(LANGUAGES, this),
      vscode.languages.registerEvaluatableExpressionProvider(LANGUAGES, this),
    );
  }

  dispose(): void {
    this.#registered.dispose();
  }

  provideEvaluatableExpression(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): vscode.EvaluatableExpression | undefined {
    if (vscode.debug.activeDebugSession?.type !== DEBUG_TYPE) return undefined;
    const line = document.lineAt(position.line).text;
    const found = expressionAt(line, position.character);
    if (found === undefined) return undefined;
    const range = new vscode.Range(position.line, found.start, position.line, found.end);
    return new vscode.EvaluatableExpression(range, line.slice(found.start, found.end));
  }

  async provideInlineValues(
    document: vscode.TextDocument,
    viewport: vscode.Range,
    { frameId, stoppedLocation }: vscode.InlineValueContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineValue[]> {
    const session = vscode.debug.activeDebugSession;
    const run = session?.type === DEBUG_TYPE ? this.#sessions.get(session.id)?.run : undefined;
    const frame = frameOfNumber(frameId);
    if (run?.stop === undefined || frame === undefined) return [];
    const stopped = stoppedLocation.end.line;
    const asked = { frame: frame.index, level: frame.level, scope: 'locals', path: [] } as const;
    const [frames, { rows }] = await Promise.all([run.sourceFrames(), run.variables(asked, 0, MOST_VARIABLES)]).catch(
      () => [[], { rows: [] }] as const,
    );
    const place = frames[frame.index]?.[frame.level];
    if (place?.place === undefined || token.isCancellationRequested) return [];
    const values = new Map(rows.map(({ expression, value }) => [expression, value]));
    values.delete('');
    const begin = place.from > 0 && place.from - 1 <= stopped ? place.from - 1 : stopped - MOST_LINES;
    const found: vscode.InlineValue[] = [];
    for (let line = Math.max(0, begin, viewport.start.line); line <= Math.min(stopped, viewport.end.line); line++) {
      const shown = new Set<string>();
      for (const { word, start } of wordsOf(document.lineAt(line).text)) {
        const value = values.get(word);
        if (value === undefined || shown.has(word)) continue;
        shown.add(word);
        const text = value.length > MOST_CHARACTERS ? `${value.slice(0, MOST_CHARACTERS)}…` : value;
        found.push(
          new vscode.InlineValueText(new vscode.Range(line, start, line, start + word.length), `${word} = ${text}`),
        );
      }
    }
    return found;
  }
}
