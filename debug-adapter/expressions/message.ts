// Log messages: texts with `{expressions}` between them, each of which may say how it is shown: `at {$0, x}`.
import { compile } from './compile.ts';
import { EvaluationError, ExpressionError, quoted } from './error.ts';
import { parseExpression } from './parse.ts';
import type { Scope } from './scope.ts';
import { valueText } from './text.ts';
import { Unavailable } from './values.ts';

/** Where the expression that begins at `from` ends: at the next brace that is in no text. -1: nowhere. */
function closingBrace(source: string, from: number): number {
  let quote: string | undefined;
  for (let i = from; i < source.length; i++) {
    const c = source[i];
    if (quote !== undefined) {
      if (c === '\\') i++;
      else if (c === quote) quote = undefined;
    } else if (c === '}') return i;
    else if (c === '"' || c === "'") quote = c;
  }
  return -1;
}

/** A log message's pieces: texts, and the sources of its `{expressions}`. `{{` stands for a brace. @throws ExpressionError */
export function messageParts(source: string): { readonly text: string; readonly expression: boolean }[] {
  const parts: { text: string; expression: boolean }[] = [];
  let text = '';
  for (let i = 0; i < source.length; i++) {
    const c = source[i];
    if ((c === '{' || c === '}') && source[i + 1] === c) {
      text += c;
      i++;
    } else if (c === '{') {
      const end = closingBrace(source, i + 1);
      if (end < 0) throw new ExpressionError(`${quoted(source)}: the brace at column ${i + 1} is not closed.`);
      parts.push({ text, expression: false }, { text: source.slice(i + 1, end), expression: true });
      text = '';
      i = end;
    } else text += c;
  }
  parts.push({ text, expression: false });
  return parts;
}

/** A log message, compiled. Running it gives a text whatever happens: what has no value stands there as `<why.>`. @throws ExpressionError */
export function compileMessage(source: string): (scope: Scope) => string {
  const parts = messageParts(source).map(({ text, expression }) => (expression ? shownPart(text) : text));
  return (scope) => parts.map((part) => (typeof part === 'string' ? part : part(scope))).join('');
}

function shownPart(source: string): (scope: Scope) => string {
  const parsed = parseExpression(source, true);
  const expression = compile(parsed);
  const text = valueText(parsed);
  return (scope) => {
    try {
      const value = expression(scope);
      return value instanceof Unavailable ? `<${value.reason}.>` : text(value, scope);
    } catch (error) {
      if (error instanceof EvaluationError) return `<${error.reason}.>`;
      return `<${error instanceof Error ? error.message : String(error)}>`;
    }
  };
}
