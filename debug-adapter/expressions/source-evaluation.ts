// Expressions over a frame of source while the guest stands: their values, what opens below them, what can be written behind a dot, and what
// assigning to them writes. Nothing is kept: each question evaluates its expression again. Contracts S6, P2.
import { MissingBytes } from '../source/bytes.ts';
import { type FrameVariables, joined, rowOf, type VariableRow } from '../source/frame-variables.ts';
import type { Assigned, Value as SourceBytes } from '../source/value.ts';
import { CODE_NAMES, namedValues } from './event-scope.ts';
import { compile, type Evaluated, EvaluationError, evaluateParsed, parseExpression, type Scope } from './expression.ts';
import { castIn } from './source-cast.ts';
import { type NamedVariables, withVariables } from './source-scope.ts';
import { SourceValue } from './source-value.ts';
import { isPostfix } from './syntax.ts';
import { Unavailable, type Value } from './values.ts';

/** An expression, and where it is asked: `frame` of the machine's, `level` of the frames of source in it, both from the innermost. */
export interface ExpressionAsked {
  readonly source: string;
  readonly frame: number;
  readonly level: number;
  /** Values of names that whoever asks knows, as JSON texts. */
  readonly names: Readonly<Record<string, string>>;
}

/** A word that can be written: a variable, or what comes behind a dot. */
export interface Completion {
  readonly label: string;
  readonly kind: 'variable' | 'static' | 'field';
  readonly type: string;
}

/** Statics and fields of one answer. */
const MOST_COMPLETIONS = 1000;

/** The variables of a frame, as names. */
export function namedIn(frame: FrameVariables): NamedVariables {
  const valued = (name: string, value: SourceBytes | undefined): Value => {
    if (value === undefined) return undefined;
    const { bytes } = value;
    return bytes instanceof MissingBytes
      ? new Unavailable(`'${name}' is not available here: ${bytes.read().reason}`)
      : new SourceValue(frame.program, value);
  };
  return {
    named: (name) => valued(name, frame.named(name)),
    static: (name) => valued(name, frame.static(name)),
    names: frame.names,
    cast: castIn(frame.program),
  };
}

/** What names mean in a frame: its locals, then the names that were given, those of `base`, statics. */
export function frameScope(
  base: Scope,
  frame: FrameVariables | undefined,
  names: Readonly<Record<string, string>>,
): Scope {
  const given = namedValues(names, base);
  if (frame === undefined) return given;
  const variables = namedIn(frame);
  return withVariables(given, () => variables, [...Object.keys(names), ...CODE_NAMES]);
}

/** @throws ExpressionError, EvaluationError */
export const evaluatedIn = (scope: Scope, source: string): Evaluated =>
  evaluateParsed(scope, parseExpression(source, true));

/** The value of an expression if it is one of the source's. @throws ExpressionError, EvaluationError */
export function sourceValueIn(scope: Scope, source: string): SourceValue | undefined {
  const value = compile(parseExpression(source, true))(scope);
  if (value instanceof Unavailable) throw new EvaluationError(value.reason);
  return value instanceof SourceValue ? value : undefined;
}

/** Rows below the value of an expression, at a path of child numbers. @throws ExpressionError, EvaluationError */
export function rowsBelow(
  scope: Scope,
  source: string,
  path: readonly number[],
  start: number,
  count: number,
): VariableRow[] {
  const parsed = parseExpression(source, true);
  const value = sourceValueIn(scope, source);
  let shown = value?.shown;
  // without its format
  const text = parsed.format === undefined ? source.trim() : source.slice(0, source.lastIndexOf(',')).trim();
  let expression = isPostfix(parsed.root) || parsed.root.kind === 'unary' ? text : `(${text})`;
  for (const index of path) {
    const child = shown?.children(index, 1)[0];
    expression = child === undefined || child.path === '' || expression === '' ? '' : joined(expression, child.path);
    shown = child?.shown();
  }
  return (shown?.children(start, count) ?? []).map((child) => {
    const way = child.path === '' || expression === '' ? '' : joined(expression, child.path);
    const extent = child.value === undefined || value === undefined ? undefined : value.extentOf(child.value);
    return rowOf(child.name, way, child.shown(), extent);
  });
}

/** What assigning `text` to the expression `target` writes; undefined: it is nothing of the source's. @throws ExpressionError, EvaluationError */
export function assignedIn(scope: Scope, target: string, text: string): Assigned | undefined {
  const value = sourceValueIn(scope, target);
  return value?.assign(text, () => compile(parseExpression(text))(scope));
}

/** What can be written behind the dot after `owner`, or, where that is '', anywhere. @throws ExpressionError, EvaluationError */
export function completionsIn(scope: Scope, frame: FrameVariables, owner: string): Completion[] {
  if (owner !== '') {
    const fields = sourceValueIn(scope, owner)?.fields() ?? [];
    return fields.slice(0, MOST_COMPLETIONS).map(({ name, type }) => ({ label: name, kind: 'field', type }));
  }
  const locals = frame.locals.filter(({ shadowed, isMadeUp }) => !shadowed && isMadeUp !== true);
  const of = ({ variable, value }: (typeof locals)[number], kind: Completion['kind']): Completion => ({
    label: variable.name,
    kind,
    type: new SourceValue(frame.program, value).type,
  });
  return [
    ...locals.map((visible) => of(visible, 'variable')),
    ...frame.statics.slice(0, MOST_COMPLETIONS).map((visible) => of(visible, 'static')),
  ];
}
