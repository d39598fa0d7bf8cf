// Lines and columns of source to instructions: where a breakpoint on a line stands. Every copy of a generic or inlined function counts; a line
// without code slides to the next one of the same function that has some. Pure. Contract S3.
import type { Scope } from '../dwarf/program.ts';
import { inlinedAt } from './scopes.ts';
import type { Statements } from './statements.ts';

export interface LineFound {
  /** Instructions, ascending. */
  readonly offsets: readonly number[];
  /** The line that it stands at, and its column where one was asked for. */
  readonly line: number;
  readonly column: number | undefined;
  /** What a person is told; undefined: nothing. */
  readonly message: string | undefined;
}

/** Statements that one breakpoint may stand at. */
const MOST_PLACES = 5000;

/** What breakpoints ask of the code at an instruction. */
export interface CodeAround {
  /** The function around it with its scopes, for inlined copies. */
  functionAt(offset: number): Scope | undefined;
  /** The author wrote none of this statement, though it has a line: it makes a future, or finds the way to where one goes on. */
  isMadeUp(statement: number): boolean;
}

/** Where a breakpoint on `line` (from 1) of a client's file stands. */
export function resolveLine(
  statements: Statements,
  asked: { readonly path: string; readonly line: number; readonly column?: number | undefined },
  code: CodeAround,
): LineFound {
  const { path, line } = asked;
  const { files } = statements;
  const wanted = files.named(path);
  if (wanted.length === 0) return nowhere(line, unknownFile(path, files.namesake(path)));
  const isOf = membership(files.count, wanted);
  const writtenOn = (one: number): number[] => statementsOn(statements, isOf, one).filter((at) => !code.isMadeUp(at));
  const here = writtenOn(line);
  if (here.length > 0) return placed(statements, here, asked, line, code);
  const next = nextLine(statements, isOf, line, code);
  if (next === undefined) return nowhere(line, `There is no code on line ${line}, nor below it in the same function.`);
  const found = placed(statements, writtenOn(next), { line: next }, next, code);
  return {
    ...found,
    message: `Line ${line} has no code: it stands at line ${next}, the next of the function that has some.`,
  };
}

/** Where breakpoints can be set on these lines (inclusive): lines and columns, ascending, each once. */
export function breakpointPlaces(
  statements: Statements,
  path: string,
  from: number,
  to: number,
): readonly { readonly line: number; readonly column: number }[] {
  const isOf = membership(statements.files.count, statements.files.named(path));
  const found = new Map<string, { line: number; column: number }>();
  for (let at = 0; at < statements.count && found.size < MOST_PLACES; at++) {
    const line = statements.line(at);
    if (line < from || line > to || !isOf(statements.file(at))) continue;
    const column = statements.column(at);
    found.set(`${line}:${column}`, { line, column });
  }
  return [...found.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

function membership(count: number, wanted: readonly number[]): (file: number) => boolean {
  const is = new Uint8Array(count);
  for (const file of wanted) is[file] = 1;
  return (file) => is[file] === 1;
}

function statementsOn(statements: Statements, isOf: (file: number) => boolean, line: number): number[] {
  const found: number[] = [];
  for (let at = 0; at < statements.count && found.length < MOST_PLACES; at++)
    if (statements.line(at) === line && isOf(statements.file(at))) found.push(at);
  return found;
}

/** Of each function, and of each inlined copy in it, the first statement: the line is entered there. */
function placed(
  statements: Statements,
  here: readonly number[],
  asked: { readonly line: number; readonly column?: number | undefined },
  line: number,
  code: CodeAround,
): LineFound {
  let chosen = here;
  let column: number | undefined;
  if (asked.column !== undefined) {
    const wanted = asked.column;
    const columns = here.map((at) => statements.column(at));
    const behind = columns.filter((found) => found >= wanted);
    const best = behind.length > 0 ? Math.min(...behind) : Math.max(...columns);
    column = best;
    chosen = here.filter((at) => statements.column(at) === best);
  }
  const first = new Map<string, number>();
  const byFunction = new Map<number, number[]>();
  for (const at of chosen) {
    const n = statements.functionOf(statements.offset[at]!);
    const list = byFunction.get(n);
    if (list === undefined) byFunction.set(n, [at]);
    else list.push(at);
  }
  for (const [n, list] of byFunction) {
    if (list.length === 1) {
      first.set(String(n), statements.offset[list[0]!]!);
      continue;
    }
    for (const at of list) {
      const offset = statements.offset[at]!;
      const scope = code.functionAt(offset);
      const key = `${n} ${scope === undefined ? '' : inlinedAt(scope, offset).map(({ die }) => die)}`;
      if (!first.has(key)) first.set(key, offset);
    }
  }
  return { offsets: [...first.values()].sort((a, b) => a - b), line, column, message: undefined };
}

/** The least line behind `line` that has code, in the innermost function around it. */
function nextLine(
  statements: Statements,
  isOf: (file: number) => boolean,
  line: number,
  code: CodeAround,
): number | undefined {
  let best: { low: number; next: number } | undefined;
  // the last line of an async function around it: its head is only in what makes its future, its body in what polls that
  let maker: number | undefined;
  for (let at = 0; at < statements.count; ) {
    const n = statements.functionOf(statements.offset[at]!);
    let next = Number.POSITIVE_INFINITY;
    const begin = at;
    let end = at;
    for (; end < statements.count && statements.functionOf(statements.offset[end]!) === n; end++) {
      const found = statements.line(end);
      if (found > line && found < next && isOf(statements.file(end))) next = found;
    }
    at = end;
    if (next === Number.POSITIVE_INFINITY) continue;
    const span = statements.span(n, isOf);
    if (span === undefined || span.low > line || span.high < line) continue;
    next = leastWritten(statements, isOf, code, { from: begin, to: end }, line, Number.POSITIVE_INFINITY);
    if (next === Number.POSITIVE_INFINITY) {
      maker = span.high;
      continue;
    }
    if (best === undefined || span.low > best.low || (span.low === best.low && next < best.next))
      best = { low: span.low, next };
  }
  if (best !== undefined || maker === undefined) return best?.next;
  const within = leastWritten(statements, isOf, code, { from: 0, to: statements.count }, line, maker);
  return within === Number.POSITIVE_INFINITY ? undefined : within;
}

/** Of some statements: the least line behind `line`, up to `last`, of what the author wrote; infinite where there is none. */
function leastWritten(
  statements: Statements,
  isOf: (file: number) => boolean,
  code: CodeAround,
  { from, to }: { readonly from: number; readonly to: number },
  line: number,
  last: number,
): number {
  let least = Number.POSITIVE_INFINITY;
  for (let at = from; at < to; at++) {
    const found = statements.line(at);
    if (found > line && found <= last && found < least && isOf(statements.file(at)) && !code.isMadeUp(at))
      least = found;
  }
  return least;
}

const nowhere = (line: number, message: string): LineFound => ({ offsets: [], line, column: undefined, message });

function unknownFile(path: string, namesake: string | undefined): string {
  const name = path.replace(/^.*[\\/]/, '');
  return namesake === undefined
    ? `No code of this plugin comes from ${name}: it may not be part of the build, or nothing calls what is in it.`
    : `No code of this plugin comes from this ${name}, but some comes from ${namesake}: if that is the same file, say so in "sourceMap".`;
}
