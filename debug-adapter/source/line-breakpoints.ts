// Lines and columns of source to instructions: where a breakpoint on a line stands. Every copy of a generic or inlined function counts; a line
// without code slides to the next one of the same function that has some. Pure. Contract S3.
import type { Scope } from '../dwarf/program.ts';
import { callsOnLine } from './line-calls.ts';
import { From, type Mark } from './line-copies.ts';
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
/** Inlined copies in one function whose ways are followed: for each of them the function's code is walked through. */
const MOST_FOLLOWED = 50;

/** What breakpoints ask of the code at an instruction. */
export interface CodeAround {
  /** The function around it with its scopes, for inlined copies. */
  functionAt(offset: number): Scope | undefined;
  /** The author wrote none of this statement, though it has a line: it makes a future, or finds the way to where one goes on. */
  isMadeUp(statement: number): boolean;
  /** The body of an async function finds the way there to where it goes on. */
  isDispatch(statement: number): boolean;
  /** Of marks in a function, from where control may come to each: `From`. */
  waysTo(definedFunction: number, marks: readonly Mark[]): Uint8Array;
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
  const ofFile = statements.of(wanted);
  const writtenOn = (one: number): number[] => statementsOn(statements, ofFile, one).filter((at) => !code.isMadeUp(at));
  const here = writtenOn(line);
  if (here.length > 0) {
    const found = placed(statements, here, asked, line, code);
    const others = asked.column === undefined ? copiesWithout(statements, wanted, here, line, code) : [];
    return others.length === 0 ? found : { ...found, offsets: [...found.offsets, ...others].sort((a, b) => a - b) };
  }
  const calls: number[] = [];
  // where the last lines of a function are calls, its rows end before them
  for (const { own, low } of functionsOf(statements, wanted))
    if (low <= line) calls.push(...callsOnLine(statements, own, { files: wanted, line }, code));
  if (calls.length > 0)
    return {
      offsets: [...new Set(calls)].sort((a, b) => a - b),
      line,
      column: undefined,
      message: `Line ${line} is a call that was inlined: it stops where what is called begins.`,
    };
  const next = nextLine(statements, wanted, line, code);
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
  isMadeUp: CodeAround['isMadeUp'],
): readonly { readonly line: number; readonly column: number }[] {
  const found = new Map<string, { line: number; column: number }>();
  for (const at of statements.of(statements.files.named(path))) {
    if (found.size >= MOST_PLACES) break;
    const line = statements.line(at);
    if (line < from || line > to || isMadeUp(at)) continue;
    const column = statements.column(at);
    found.set(`${line}:${column}`, { line, column });
  }
  return [...found.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** Those of `some` statements that are on a line. */
function statementsOn(statements: Statements, some: Uint32Array, line: number): number[] {
  const found: number[] = [];
  for (const at of some) if (statements.line(at) === line && found.push(at) === MOST_PLACES) break;
  return found;
}

/** A function that has statements of some files: which, and between which lines of those its rows are, prologue included. */
interface FunctionOf {
  readonly definedFunction: number;
  readonly own: Uint32Array;
  readonly low: number;
  readonly high: number;
}

/** The functions that have statements of these files and may hold `line`: it is amid their lines. */
function* functionsAround(statements: Statements, files: readonly number[], line: number): Generator<FunctionOf> {
  for (const one of functionsOf(statements, files)) if (one.low <= line && one.high >= line) yield one;
}

function* functionsOf(statements: Statements, files: readonly number[]): Generator<FunctionOf> {
  const ofFile = statements.of(files);
  for (let at = 0; at < ofFile.length; ) {
    const from = at;
    const definedFunction = statements.functionOf(statements.offset[ofFile[from]!]!);
    while (at < ofFile.length && statements.functionOf(statements.offset[ofFile[at]!]!) === definedFunction) at++;
    const span = statements.span(definedFunction, (file) => files.includes(file));
    if (span !== undefined) yield { definedFunction, own: ofFile.subarray(from, at), ...span };
  }
}

/** Of each function, and of each inlined copy in it, the first statement: the line is entered there. And what an optimiser made of that more than once. */
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
  const found: number[] = [];
  const byFunction = new Map<number, number[]>();
  for (const at of chosen) {
    const n = statements.functionOf(statements.offset[at]!);
    const list = byFunction.get(n);
    if (list === undefined) byFunction.set(n, [at]);
    else list.push(at);
  }
  for (const [n, list] of byFunction) {
    if (list.length === 1) {
      found.push(statements.offset[list[0]!]!);
      continue;
    }
    const callsAt = callsOf(statements, code);
    const byCall = new Map<string, number[]>();
    for (const at of list) {
      const calls = callsAt(at).join();
      const copy = byCall.get(calls);
      if (copy === undefined) byCall.set(calls, [at]);
      else copy.push(at);
    }
    // a function that is inlined everywhere in another: each is met once, however often an optimiser doubled it there
    const followed = byCall.size <= MOST_FOLLOWED;
    for (const copy of byCall.values())
      found.push(...(followed ? entriesOf(statements, n, copy, line, code, callsAt) : [statements.offset[copy[0]!]!]));
  }
  return { offsets: [...new Set(found)].sort((a, b) => a - b), line, column, message: undefined };
}

/**
 * Of a function that is there several times, generic or not, an optimiser may leave some without the line: a breakpoint stands at the next line of
 * those.
 */
function copiesWithout(
  statements: Statements,
  files: readonly number[],
  here: readonly number[],
  line: number,
  code: CodeAround,
): number[] {
  const sources = new Set<string>();
  const having = new Set<number>();
  for (const at of here) {
    const offset = statements.offset[at]!;
    having.add(statements.functionOf(offset));
    const scope = code.functionAt(offset);
    if (scope !== undefined && inlinedAt(scope, offset).length === 0) sources.add(declaredAt(scope));
  }
  const found: number[] = [];
  if (sources.size === 0) return found;
  for (const { definedFunction, own } of functionsAround(statements, files, line)) {
    if (having.has(definedFunction)) continue;
    const scope = code.functionAt(statements.offset[own[0]!]!);
    if (scope === undefined || scope.declared.line === 0 || !sources.has(declaredAt(scope))) continue;
    const next = leastWritten(statements, own, code, line, Number.POSITIVE_INFINITY);
    if (next === Number.POSITIVE_INFINITY) continue;
    const on = statementsOn(statements, own, next).filter((at) => !code.isMadeUp(at));
    found.push(...placed(statements, on, { line: next }, next, code).offsets);
  }
  return found;
}

const declaredAt = ({ declared, name }: Scope): string =>
  `${declared.file}:${declared.line}:${name.replace(/<.*$/s, '')}`;

/** Gives the DIEs of the inlined calls around a statement, the outermost first; each is looked for once. */
function callsOf(statements: Statements, code: CodeAround): (at: number) => readonly number[] {
  const known = new Map<number, readonly number[]>();
  return (at) => {
    let calls = known.get(at);
    if (calls === undefined) {
      const offset = statements.offset[at]!;
      const scope = code.functionAt(offset);
      calls = scope === undefined ? [] : inlinedAt(scope, offset).map(({ die }) => die);
      known.set(at, calls);
    }
    return calls;
  };
}

/**
 * Where a line is entered, of its statements in one function, or in one inlined call: the first to which control comes from other lines only, and copies of
 * those before them (they have their column) of which that is true. One that only goes on with the line would stop twice for one pass.
 */
function entriesOf(
  statements: Statements,
  definedFunction: number,
  here: readonly number[],
  line: number,
  code: CodeAround,
  callsAt: (at: number) => readonly number[],
): number[] {
  const [only] = here;
  if (only === undefined || here.length === 1) return only === undefined ? [] : [statements.offset[only]!];
  const marks = marksAround(statements, definedFunction, only, line, code, callsAt);
  const ways = code.waysTo(definedFunction, marks);
  const wayTo = new Map(marks.map(({ offset }, at) => [offset, ways[at] ?? 0]));
  const wayOf = (at: number): number => wayTo.get(statements.offset[at]!) ?? 0;
  const comes = here.filter((at) => (wayOf(at) & From.Off) !== 0);
  const entered = comes.filter((at) => wayOf(at) === From.Off);
  // the head of a loop is come to from its own line as well, where the loop goes round. A body that goes on amid a loop enters that by a table, as
  // everything does that enters it: what may come from other lines may not, there
  const resumes = marks.some(({ kind }) => kind === 'dispatch');
  const first = resumes ? (entered[0] ?? comes[0]) : comes[0];
  if (first !== undefined) {
    const isCopy = (at: number): boolean =>
      here.some((before) => before < at && statements.column(before) === statements.column(at));
    return [first, ...entered.filter((at) => at !== first && isCopy(at))].map((at) => statements.offset[at]!);
  }
  // behind what can't be followed the leftmost is where one begins
  const leftmost = Math.min(...here.map((at) => statements.column(at)));
  return [statements.offset[here.find((at) => statements.column(at) === leftmost) ?? only]!];
}

/** The statements of a function as ways into the line of one of them are looked for, in the same inlined call. */
function marksAround(
  statements: Statements,
  definedFunction: number,
  one: number,
  line: number,
  code: CodeAround,
  callsAt: (at: number) => readonly number[],
): Mark[] {
  const file = statements.file(one);
  const calls = callsAt(one);
  const marks: Mark[] = [];
  for (let at = statements.first(definedFunction); at < statements.count; at++) {
    const offset = statements.offset[at]!;
    if (statements.functionOf(offset) !== definedFunction) break;
    const around = callsAt(at);
    if (calls.some((die, level) => around[level] !== die)) marks.push({ offset, kind: 'off' });
    // what the line calls, inlined, and what comes from a macro of another file is a part of it
    else if (around.length === calls.length && statements.file(at) === file) {
      if (code.isDispatch(at)) marks.push({ offset, kind: 'dispatch' });
      else if (!code.isMadeUp(at)) marks.push({ offset, kind: statements.line(at) === line ? 'on' : 'off' });
    }
  }
  return marks;
}

/** The least line behind `line` that has code, in the innermost function around it. */
function nextLine(
  statements: Statements,
  files: readonly number[],
  line: number,
  code: CodeAround,
): number | undefined {
  let best: { low: number; next: number } | undefined;
  // the last line of an async function around it: its head is only in what makes its future, its body in what polls that
  let maker: number | undefined;
  for (const { own, low, high } of functionsAround(statements, files, line)) {
    if (!own.some((at) => statements.line(at) > line)) continue;
    const next = leastWritten(statements, own, code, line, Number.POSITIVE_INFINITY);
    if (next === Number.POSITIVE_INFINITY) maker = high;
    else if (best === undefined || low > best.low || (low === best.low && next < best.next)) best = { low, next };
  }
  if (best !== undefined || maker === undefined) return best?.next;
  const within = leastWritten(statements, statements.of(files), code, line, maker);
  return within === Number.POSITIVE_INFINITY ? undefined : within;
}

/** Of some statements: the least line behind `line`, up to `last`, of what the author wrote; infinite where there is none. */
function leastWritten(statements: Statements, some: Uint32Array, code: CodeAround, line: number, last: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const at of some) {
    const found = statements.line(at);
    if (found > line && found <= last && found < least && !code.isMadeUp(at)) least = found;
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
