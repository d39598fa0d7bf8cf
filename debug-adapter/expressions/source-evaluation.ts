// Expressions over a frame of source while the guest stands: their values, what opens below them, what can be written behind a dot, and what
// assigning to them writes. Nothing is kept: each question evaluates its expression again. Contracts S6, P2.
import { MissingBytes } from '../source/bytes.ts';
import { type FrameVariables, joined, rowOf, type VariableRow } from '../source/frame-variables.ts';
import type { Assigned, Value as SourceBytes } from '../source/value.ts';
import { asWritten } from '../source/visible-variables.ts';
import { CODE_NAMES, namedValues } from './event-scope.ts';
import { compile, type Evaluated, EvaluationError, evaluateParsed, parseExpression, type Scope } from './expression.ts';
import { METHODS } from './functions.ts';
import { castIn } from './source-cast.ts';
import { type NamedVariables, withVariables } from './source-scope.ts';
import { SourceValue } from './source-value.ts';
import { isPostfix } from './syntax.ts';
import { TypedPointer } from './typed-pointer.ts';
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
  readonly kind: 'variable' | 'static' | 'field' | 'method';
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
function sourceValueIn(scope: Scope, source: string): SourceValue | undefined {
  const value = compile(parseExpression(source, true))(scope);
  if (value instanceof Unavailable) throw new EvaluationError(value.reason);
  return value instanceof SourceValue ? value : undefined;
}

/** The same for rows and completions: of a pointer that an expression made what lies there, and the pointer over it. */
function withTarget(
  scope: Scope,
  source: string,
): { readonly value: SourceValue; readonly target: SourceValue } | undefined {
  const value = compile(parseExpression(source, true))(scope);
  if (value instanceof Unavailable) throw new EvaluationError(value.reason);
  if (value instanceof SourceValue) return { value, target: value };
  const target = value instanceof TypedPointer ? value.target() : undefined;
  return value instanceof TypedPointer && target instanceof SourceValue
    ? { value: target.pointedBy({ type: value.type, text: () => value.text() }), target }
    : undefined;
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
  const value = withTarget(scope, source)?.value;
  const { format } = parsed;
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
    const row = rowOf(child.name, way, child.shown(), extent);
    const numeric = format === undefined || format === 'w' || format === 's' ? undefined : value?.partIn(format, child);
    return numeric === undefined ? row : { ...row, value: numeric };
  });
}

/** What assigning `text` to the expression `target` writes; undefined: it is nothing of the source's. @throws ExpressionError, EvaluationError */
export function assignedIn(scope: Scope, target: string, text: string): Assigned | undefined {
  const value = sourceValueIn(scope, target);
  return value?.assign(text, () => compile(parseExpression(text))(scope));
}

/** The methods of the language that have a meaning for a value. */
function methodsOf(value: SourceValue): string[] {
  const variants = value.variants();
  if (variants?.has('Some') === true) return ['is_some', 'is_none', 'unwrap'];
  if (variants?.has('Ok') === true) return ['is_ok', 'is_err', 'unwrap'];
  let length: number | undefined;
  try {
    length = value.length();
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
  }
  if (length === undefined) return [];
  const { text, named } = value.shown;
  if (text.startsWith('"')) return ['len', 'is_empty', 'contains', 'starts_with', 'ends_with'];
  const way = value.shown.children(named, 1)[0]?.path;
  if (way === '') return ['len', 'is_empty', 'contains', 'first', 'last'];
  return way === '[0]' || way === undefined
    ? ['len', 'is_empty', 'get', 'first', 'last', 'contains']
    : ['len', 'is_empty', 'get', 'contains_key'];
}

/** What can be written behind the dot after `owner`, or, where that is '', anywhere. @throws ExpressionError, EvaluationError */
export function completionsIn(scope: Scope, frame: FrameVariables, owner: string): Completion[] {
  if (owner !== '') {
    const target = withTarget(scope, owner)?.target;
    const fields = target?.fields().slice(0, MOST_COMPLETIONS) ?? [];
    const methods = target === undefined ? [...METHODS.keys()] : methodsOf(target);
    return [
      ...fields.map(({ name, type }): Completion => ({ label: name, kind: 'field', type })),
      ...methods.map((name): Completion => ({ label: name, kind: 'method', type: '' })),
    ];
  }
  const locals = frame.locals.filter(({ shadowed, isMadeUp }) => !shadowed && isMadeUp !== true);
  const of = ({ variable, value }: (typeof locals)[number], kind: Completion['kind']): Completion => ({
    label: asWritten(variable.name),
    kind,
    type: new SourceValue(frame.program, value).type,
  });
  return [
    ...locals.map((visible) => of(visible, 'variable')),
    ...frame.statics.slice(0, MOST_COMPLETIONS).map((visible) => of(visible, 'static')),
  ];
}
