// The source side of one module: its lines and statements, what breakpoints on lines stand at, and the frames that people see in place of the
// machine's. Opened once a worker; scopes are read when somebody asks. Pure. Contracts S1, S3, S6.
import { openDwarf } from '../dwarf/dwarf.ts';
import type { Declared, DwarfProgram, LineRows, Scope } from '../dwarf/program.ts';
import { codeStart } from '../wasm/disassembly-index.ts';
import type { WasmModule } from '../wasm/module.ts';
import type { FunctionNames } from '../wasm/names.ts';
import { type Coroutine, type CoroutineAround, coroutineAround, coroutineOf, makesFuture } from './coroutines.ts';
import { exitsOf, polls } from './exits.ts';
import { type SourceChoices, SourceFiles } from './files.ts';
import { breakpointPlaces, type LineFound, resolveLine } from './line-breakpoints.ts';
import { waysTo } from './line-copies.ts';
import { inlinedAt, inlinedWithin } from './scopes.ts';
import { type LinePlace, lowerBound, Statements } from './statements.ts';
import type { Awaiting, StatementPlace } from './stepping.ts';

/** A place in a file, for people: `path` as a client has it. */
export interface SourcePlace {
  readonly path: string;
  /** From 1; column 0: not known. */
  readonly line: number;
  readonly column: number;
  /** The author's own code. */
  readonly own: boolean;
}

/** A frame of the source: the machine's own, or one of the calls that were inlined into it. */
export interface SourceFrame {
  /** '' where only the module's names tell: of the machine's own frame. */
  readonly name: string;
  readonly place: SourcePlace | undefined;
  /** The line on which the function is declared; 0: not known. */
  readonly from: number;
  readonly inlined: boolean;
}

const DROPS = /^core::ptr::drop_in_place</;
const DROP_GLUE = /4core3ptr\d+drop_in_place/;

export class ModuleSource {
  readonly program: DwarfProgram;
  readonly statements: Statements;
  readonly files: SourceFiles;

  readonly #module: WasmModule;
  readonly #coroutines = new Map<Scope, Coroutine | null>();
  readonly #isGlue: (definedFunction: number) => boolean;
  readonly #polls: (definedFunction: number) => boolean;
  #exits: ReadonlySet<number> | undefined;

  constructor(program: DwarfProgram, module: WasmModule, names: FunctionNames, choices: SourceChoices) {
    this.program = program;
    this.#module = module;
    // rustc gives the code that drops an async function's future the line of that function
    this.#isGlue = (n) => DROP_GLUE.test(names.of(module.importedFunctions + n));
    this.#polls = (n) => polls(names, module.importedFunctions + n, () => program.functionAt(codeStart(module, n)));
    this.files = new SourceFiles(program.lines.files, choices);
    this.statements = new Statements(program.lines, module, this.files, this.#isGlue);
  }

  /** Where a breakpoint on a line of a client's file stands. */
  resolveLine(asked: {
    readonly path: string;
    readonly line: number;
    readonly column?: number | undefined;
  }): LineFound {
    const { program } = this;
    const module = this.#module;
    return resolveLine(this.statements, asked, {
      functionAt: (offset) => program.functionAt(offset),
      isMadeUp: (statement) => this.isMadeUp(statement),
      isDispatch: (statement) => this.isDispatch(statement),
      waysTo: (n, marks) => waysTo(marks, module.bytes, codeStart(module, n), module.bodyEnd[n] ?? 0),
    });
  }

  /** Where breakpoints can be set on these lines of a client's file, inclusive. */
  breakpointPlaces(path: string, from: number, to: number): ReturnType<typeof breakpointPlaces> {
    return breakpointPlaces(this.statements, path, from, to, (statement) => this.isMadeUp(statement));
  }

  /** Where the instruction at `offset` comes from. */
  placeAt(offset: number): SourcePlace | undefined {
    const place = this.statements.placeAt(offset);
    if (place === undefined) return undefined;
    const found = this.#place(place);
    return found.own && this.#isGlue(this.statements.functionOf(offset)) ? { ...found, own: false } : found;
  }

  #place({ file, line, column }: LinePlace): SourcePlace {
    return { path: this.files.path(file), line, column, own: this.files.own(file) };
  }

  /** The frames of source that stand at `offset`, the innermost first; the last is the machine's own. */
  framesAt(offset: number): SourceFrame[] {
    const scope = this.program.functionAt(offset);
    const inlined = scope === undefined ? [] : inlinedAt(scope, offset);
    let place = this.placeAt(offset);
    const frames: SourceFrame[] = [];
    for (const call of inlined.reverse()) {
      frames.push({
        name: withoutGenerics(asyncName(call.name) ?? call.name),
        place,
        from: call.declared.line,
        inlined: true,
      });
      place = this.#declared(call.called) ?? place;
    }
    frames.push({
      name: (scope && asyncName(scope.name)) ?? '',
      place,
      from: scope?.declared.line ?? 0,
      inlined: false,
    });
    return frames;
  }

  #declared(declared: Declared | undefined): SourcePlace | undefined {
    return declared === undefined || declared.file < 0 || declared.line === 0 ? undefined : this.#place(declared);
  }

  /** The scopes of the function whose code holds `offset`. */
  functionAt(offset: number): Scope | undefined {
    return this.program.functionAt(offset);
  }

  /** The innermost body of an async function or block at `offset`, no deeper than in so many inlined calls, and the future that it works on. */
  coroutineAt(offset: number, depth = Number.POSITIVE_INFINITY): CoroutineAround | undefined {
    const scope = this.program.functionAt(offset);
    return scope && coroutineAround(scope, offset, depth, (one) => this.#coroutineOf(one));
  }

  /**
   * Where the run may have to be stopped for breakpoints on lines and steps by statement: statements, and where functions with the author's code
   * are left that bodies of async functions may be in: of a future that has returned nothing may be left a moment later.
   */
  siteOffsets(): Uint32Array {
    const offsets = this.statements.steppedOffsets();
    const functions = new Set<number>();
    for (const offset of offsets) functions.add(this.statements.functionOf(offset));
    const polling = [...functions].filter((n) => this.#polls(n));
    this.#exits = new Set(polling.flatMap((n) => exitsOf(this.#module, n)));
    return Uint32Array.from(new Set([...offsets, ...this.#exits])).sort();
  }

  /** Whether the instruction at `offset`, of `siteOffsets`, leaves its function. */
  isExit(offset: number): boolean {
    if (this.#exits === undefined) this.siteOffsets();
    return this.#exits?.has(offset) === true;
  }

  /** The bodies of async functions around `offset`, and the line on which each stands. */
  bodiesAt(offset: number): Omit<Awaiting, 'func'>[] {
    const scope = this.program.functionAt(offset);
    const place = this.statements.placeAt(offset);
    if (scope === undefined || place === undefined) return [];
    const calls = inlinedAt(scope, offset);
    return [scope, ...calls].flatMap((one, depth) => {
      if (this.#coroutineOf(one) === undefined) return [];
      const { file, line } = calls[depth]?.called ?? place;
      return [{ file, line, inlined: calls.slice(0, depth).map(({ die }) => die) }];
    });
  }

  /** The future of the body that is inlined by these calls, the outermost first, in the function whose code is at `offset`; none: of its own. */
  coroutineIn(offset: number, calls: readonly number[]): Coroutine | undefined {
    let scope = this.program.functionAt(offset);
    for (const die of calls) scope = scope && inlinedWithin(scope, die);
    return scope && this.#coroutineOf(scope);
  }

  #coroutineOf(scope: Scope): Coroutine | undefined {
    let found = this.#coroutines.get(scope);
    if (found === undefined) {
      found = coroutineOf(this.program.types, scope) ?? null;
      this.#coroutines.set(scope, found);
    }
    return found ?? undefined;
  }

  /**
   * Of a statement: whether it is the first of its function, or of an async function's body that is inlined; and whether nobody stops there (`dispatch`):
   * the body finds the way to where it goes on, which it does at every poll, or takes its parameters out of the future. It stands where the body
   * begins, or before that, among the parameters.
   */
  entryAt(statement: number): { readonly entry: boolean; readonly dispatch: boolean } {
    const { statements } = this;
    const ofFunction = statements.entry[statement] === 1;
    const body = this.#bodyOf(statement);
    if (body === undefined) return { entry: ofFunction, dispatch: false };
    const { first, scope } = body;
    const line = statements.line(statement);
    const isBefore = (line - statements.line(first) || statements.column(statement) - statements.column(first)) < 0;
    const takes = isBefore && scope.variables.some(({ declared }) => declared.line === line);
    return { entry: ofFunction || first === statement, dispatch: this.isDispatch(statement) || takes };
  }

  /** Whether the body of an async function finds the way at a statement to where it goes on. */
  isDispatch(statement: number): boolean {
    const { statements } = this;
    const first = this.#bodyOf(statement)?.first;
    if (first === undefined) return false;
    if (statements.entry[statement] === 1) return true;
    return (
      statements.line(first) === statements.line(statement) && statements.column(first) === statements.column(statement)
    );
  }

  /** The body of an async function that a statement is of, not of what is inlined into it, and where that begins. */
  #bodyOf(statement: number): { readonly scope: Scope; readonly first: number } | undefined {
    const { statements } = this;
    const at = statements.offset[statement]!;
    const around = this.coroutineAt(at);
    if (around === undefined || this.#innermostAt(at) !== around.scope) return undefined;
    const { scope, depth } = around;
    const first =
      depth === 0
        ? statements.first(statements.functionOf(at))
        : lowerBound(statements.offset, scope.ranges[0] ?? Number.POSITIVE_INFINITY);
    return { scope, first };
  }

  /** The function, or the call that was inlined, whose code is at `offset`. */
  #innermostAt(offset: number): Scope | undefined {
    const scope = this.program.functionAt(offset);
    return scope && (inlinedAt(scope, offset).at(-1) ?? scope);
  }

  /** Whether the author wrote none of a statement that has a line all the same. */
  isMadeUp(statement: number): boolean {
    const offset = this.statements.offset[statement]!;
    return this.entryAt(statement).dispatch || this.isMadeUpAt(offset);
  }

  /** The first place of a function at which one would stop, behind its prologue; undefined: it has no lines. */
  firstOffset(definedFunction: number): number | undefined {
    const { statements } = this;
    const first = statements.first(definedFunction);
    if (first < 0) return undefined;
    let next = first;
    while (statements.functionOf(statements.offset[next] ?? 0) === definedFunction && this.entryAt(next).dispatch)
      next++;
    const offset = statements.offset[next] ?? 0;
    return statements.functionOf(offset) === definedFunction ? offset : statements.offset[first];
  }

  /** Whether the code at `offset` only makes a future, of which the author has written nothing but its type, or drops what is dropped at a scope's end. */
  isMadeUpAt(offset: number): boolean {
    const scope = this.#innermostAt(offset);
    return scope !== undefined && (makesFuture(this.program.types, scope) || DROPS.test(scope.name));
  }

  /**
   * As a step begins or arrives at `offset`: in a library's function that is inlined into the author's it is the author's line; undefined where no line
   * is known.
   */
  originAt(offset: number): StatementPlace | undefined {
    const place = this.statements.placeAt(offset);
    if (place === undefined) return undefined;
    const inlined = this.#inlinedAt(offset);
    const depth = this.#steppedDepth(offset) ?? inlined.length;
    const { file, line } = inlined[depth]?.called ?? place;
    return { file, line, inlined: inlined.slice(0, depth).map(({ die }) => die) };
  }

  /** Whether steps end in the code at `offset`, or in what it is inlined into. */
  steppedAt(offset: number): boolean {
    return this.#steppedDepth(offset) !== undefined;
  }

  /** Which of the frames of source at `offset` is the innermost whose code steps end in; 0, the innermost of all, where none is. */
  levelAt(offset: number): number {
    const depth = this.#steppedDepth(offset);
    return depth === undefined ? 0 : this.#inlinedAt(offset).length - depth;
  }

  /** Of the calls that are inlined around `offset`, how many there are around the innermost code that steps end in; undefined: they end in none. */
  #steppedDepth(offset: number): number | undefined {
    const place = this.statements.placeAt(offset);
    if (place === undefined || this.#isGlue(this.statements.functionOf(offset))) return undefined;
    const inlined = this.#inlinedAt(offset);
    if (this.files.stepped(place.file)) return inlined.length;
    const least = this.coroutineAt(offset)?.depth ?? 0;
    // what works on a library's future is the library's
    for (let depth = inlined.length - 1; depth >= least; depth--) {
      const { file, line } = inlined[depth]?.called ?? place;
      if (line > 0 && file >= 0 && this.files.stepped(file)) return depth;
    }
    return undefined;
  }

  #inlinedAt(offset: number): Scope[] {
    const scope = this.program.functionAt(offset);
    return scope === undefined ? [] : inlinedAt(scope, offset);
  }
}

/** As the author calls it: rustc makes the body of an async function a function in it, `app::greet::{async_fn#0}`. */
function asyncName(name: string): string | undefined {
  const [, path, kind] = /^(.*)::\{async_(fn|block|closure)#\d+\}(?:<.*>)?$/s.exec(name) ?? [];
  if (path === undefined) return undefined;
  return kind === 'fn' ? `async ${path}` : `async ${kind} in ${path}`;
}

/** `poll<F>` is `poll`: generics are as long as the types of futures are. */
function withoutGenerics(name: string): string {
  if (!name.endsWith('>')) return name;
  let depth = 0;
  for (let at = name.length - 1; at > 0; at--) {
    if (name[at] === '>' && name[at - 1] !== '-') depth++;
    else if (name[at] === '<' && --depth === 0) return name.slice(0, at);
  }
  return name;
}

/** Opens the debug information of a module; undefined where it has none. `lines`: those of the same module, read before. */
export function openSource(
  module: WasmModule,
  names: FunctionNames,
  choices: SourceChoices,
  lines?: LineRows,
): ModuleSource | undefined {
  const program = openDwarf(module, lines);
  return program === undefined || program.lines.count === 0
    ? undefined
    : new ModuleSource(program, module, names, choices);
}
