// A line of which an optimiser left nothing but calls that it inlined: no row of the line table is the line's own, though it is passed. Where these calls
// begin a breakpoint on the line can stand. Pure. Contract S3.
import type { Scope } from '../dwarf/program.ts';
import type { CodeAround } from './line-breakpoints.ts';
import { From, type Mark } from './line-copies.ts';
import { inlinedAt } from './scopes.ts';
import { lowerBound, type Statements } from './statements.ts';

/** Calls that one line of one function may have. */
const MOST_CALLS = 1000;

/** Calls that are made on the line by one body: a function's own, or one that is inlined by `around`, DIEs, the outermost first. */
interface Caller {
  readonly around: readonly number[];
  readonly begins: number[];
}

/**
 * Where the calls of a line begin that were inlined into a function: of several that one pass makes, the first.
 * @param own statements of that function, at least one
 */
export function callsOnLine(
  statements: Statements,
  own: Uint32Array,
  asked: { readonly files: readonly number[]; readonly line: number },
  code: CodeAround,
): number[] {
  const [first] = own;
  const scope = first === undefined ? undefined : code.functionAt(statements.offset[first]!);
  if (first === undefined || scope === undefined) return [];
  const places = placesIn(scope);
  if (!asked.files.some((file) => places.has(`${file}:${asked.line}`))) return [];
  const callers: Caller[] = [];
  collect(scope, [], { ...asked, statements, code }, callers);
  const definedFunction = statements.functionOf(statements.offset[first]!);
  return callers.flatMap(({ around, begins }) => {
    const [only] = begins;
    if (only === undefined || begins.length === 1) return begins;
    const marks = marksOf(statements, definedFunction, scope, around, begins, code);
    const ways = code.waysTo(definedFunction, marks);
    const wayOf = (offset: number): number => ways[marks.findIndex((mark) => mark.offset === offset)] ?? 0;
    const comes = begins.filter((offset) => (wayOf(offset) & From.Off) !== 0);
    const [entered = only, ...others] = comes;
    return [entered, ...others.filter((offset) => wayOf(offset) === From.Off)];
  });
}

/** Of functions: the places from which calls were inlined, `file:line`. Most lines that are asked for have none. */
const known = new WeakMap<Scope, ReadonlySet<string>>();

function placesIn(scope: Scope): ReadonlySet<string> {
  const found = known.get(scope);
  if (found !== undefined) return found;
  const places = new Set<string>();
  const walk = (within: Scope): void => {
    for (const one of within.scopes) {
      if (one.called !== undefined) places.add(`${one.called.file}:${one.called.line}`);
      walk(one);
    }
  };
  walk(scope);
  known.set(scope, places);
  return places;
}

interface Wanted {
  readonly files: readonly number[];
  readonly line: number;
  readonly statements: Statements;
  readonly code: CodeAround;
}

function collect(scope: Scope, around: readonly number[], wanted: Wanted, callers: Caller[]): void {
  const begins: number[] = [];
  const walk = (within: Scope): void => {
    for (const one of within.scopes) {
      if (one.kind !== 'inlined') {
        walk(one);
        continue;
      }
      const { called } = one;
      if (called !== undefined && called.line === wanted.line && wanted.files.includes(called.file)) {
        const at = begins.length < MOST_CALLS ? firstIn(one.ranges, wanted) : undefined;
        if (at !== undefined) begins.push(at);
      }
      collect(one, [...around, one.die], wanted, callers);
    }
  };
  walk(scope);
  if (begins.length > 0) callers.push({ around, begins: [...new Set(begins)].sort((a, b) => a - b) });
}

/** The first statement, of whatever file, in a call's ranges; undefined: it has none, or the author wrote none of it. */
function firstIn(ranges: Uint32Array, { statements, code }: Wanted): number | undefined {
  for (let at = 0; at + 1 < ranges.length; at += 2) {
    const found = lowerBound(statements.offset, ranges[at]!);
    const offset = statements.offset[found] ?? Number.POSITIVE_INFINITY;
    if (offset < ranges[at + 1]!) return code.isMadeUp(found) ? undefined : offset;
  }
  return undefined;
}

/** The calls, and the other statements of who makes them. What is inlined into that is left out. */
function marksOf(
  statements: Statements,
  definedFunction: number,
  scope: Scope,
  around: readonly number[],
  begins: readonly number[],
  code: CodeAround,
): Mark[] {
  const marks: Mark[] = begins.map((offset) => ({ offset, kind: 'on' }));
  for (let at = statements.first(definedFunction); at < statements.count; at++) {
    const offset = statements.offset[at]!;
    if (statements.functionOf(offset) !== definedFunction) break;
    const calls = inlinedAt(scope, offset);
    const isElsewhere = around.some((die, level) => calls[level]?.die !== die);
    if (!isElsewhere && (calls.length !== around.length || begins.includes(offset))) continue;
    if (isElsewhere || !code.isMadeUp(at)) marks.push({ offset, kind: 'off' });
    else if (code.isDispatch(at)) marks.push({ offset, kind: 'dispatch' });
  }
  return marks.sort((a, b) => a.offset - b.offset);
}
