// All that a client has asked to stop at, over the calls of a session: rules over events and breakpoints in the code, each with a number
// that stays while it stays (and with it its count of hits), and what became of it in the present call. Contract S1.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { CodeBreakpoint, ResolvedBreakpoint, StopRule } from '../executor/options.ts';
import { type FunctionBreakpointArguments, filterRule, functionBreakpointRule, namesEvent } from './breakpoints.ts';
import {
  type CheckedCode,
  codeBreakpoint,
  functionCodeBreakpoint,
  instructionOffset,
  watchedName,
  watchedRange,
  watchedSlot,
} from './code-breakpoints.ts';
import { codeReference, HEAD_LINES, WINDOW } from './code-sources.ts';
import { hexReference } from './variable-store.ts';

/** One breakpoint as it was asked for. */
interface Entry {
  readonly id: number | undefined;
  readonly rule: StopRule | undefined;
  readonly code: CodeBreakpoint | undefined;
  /** Why there is neither. */
  readonly message: string | undefined;
  /** What its answers repeat. */
  readonly echo: Partial<DebugProtocol.Breakpoint>;
}

type Checked = Pick<Entry, 'rule' | 'code' | 'message'> & { readonly echo?: Entry['echo'] };

/** What a request that sets breakpoints is answered, when it is. */
export type SetAnswer = () => object;

/** Functions whose names a hover lists. */
const LISTED = 5;
const PENDING = 'It is looked for when the plugin is loaded.';
const NO_FILE = 'Breakpoints are set in files, and in the text of a function: this source is neither.';

const ofCode = ({ code, message }: CheckedCode): Checked => ({ rule: undefined, code, message });
const refuse = (message: string, echo: Entry['echo'] = {}): Checked => ({
  rule: undefined,
  code: undefined,
  message,
  echo,
});

export class BreakpointSet {
  /** Entries by who set them: `filter`, `function`, `instruction`, `data`, and `line` with a source. */
  readonly #groups = new Map<string, readonly Entry[]>();
  readonly #numbers = new Map<string, number>();
  #resolved = new Map<string, ResolvedBreakpoint>();
  /** What data breakpoints watch, in words, by their ids: also of those that are no more, at whose writes a call may stand yet. */
  readonly #watched = new Map<string, string>();
  /** Line 1 less the client's first line. */
  #shift = 0;
  /** What a client knows of each. */
  readonly #told = new Map<number, string>();

  /** For the executor. */
  get rules(): StopRule[] {
    return [...this.#entries()].flatMap(({ rule }) => rule ?? []);
  }
  get code(): CodeBreakpoint[] {
    return [...this.#entries()].flatMap(({ code }) => code ?? []);
  }

  *#entries(): Iterable<Entry> {
    for (const entries of this.#groups.values()) yield* entries;
  }

  /** Another call begins: nothing is known of its plugin. */
  forget(): void {
    this.#resolved = new Map();
  }

  /** What became of all breakpoints in the code. */
  resolved(found: readonly ResolvedBreakpoint[]): void {
    this.#resolved = new Map(found.map((one) => [one.id, one]));
  }

  /** Whether it is known of all breakpoints in the code what became of them. */
  get allResolved(): boolean {
    return this.code.every(({ id }) => this.#resolved.has(id));
  }

  /** Breakpoints of which a client was told otherwise; it counts as told of them now. */
  news(): DebugProtocol.Breakpoint[] {
    const bodies = [...this.#entries()].flatMap((entry) =>
      entry.code !== undefined && this.#resolved.has(entry.code.id) ? [this.#body(entry)] : [],
    );
    return bodies.filter((body) => this.#tell(body));
  }

  /** @returns whether that is new */
  #tell(body: DebugProtocol.Breakpoint): boolean {
    if (body.id === undefined) return false;
    const text = JSON.stringify(body);
    if (this.#told.get(body.id) === text) return false;
    this.#told.set(body.id, text);
    return true;
  }

  /** The answer to the request that set a group, as of now. */
  #answerOf(group: string): SetAnswer {
    return () => {
      const breakpoints = (this.#groups.get(group) ?? []).map((entry) => this.#body(entry));
      for (const body of breakpoints) this.#tell(body);
      return { breakpoints };
    };
  }

  setFilters({ filters = [], filterOptions = [] }: DebugProtocol.SetExceptionBreakpointsArguments): SetAnswer {
    const checked = [
      ...filters.map((filter) => filterRule(filter, undefined)),
      ...filterOptions.map(({ filterId, condition }) => filterRule(filterId, condition)),
    ];
    const entries = checked.map(({ rule, message }) => ({ id: undefined, rule, code: undefined, message, echo: {} }));
    this.#groups.set('filter', entries);
    return this.#answerOf('filter');
  }

  setFunctions({ breakpoints = [] }: DebugProtocol.SetFunctionBreakpointsArguments): SetAnswer {
    return this.#set('function', breakpoints, (breakpoint: FunctionBreakpointArguments, id) => {
      if (!namesEvent(breakpoint.name)) return ofCode(functionCodeBreakpoint(breakpoint, `function:${id}`));
      return { ...functionBreakpointRule(breakpoint, id), code: undefined };
    });
  }

  setInstructions({ breakpoints = [] }: DebugProtocol.SetInstructionBreakpointsArguments): SetAnswer {
    return this.#set('instruction', breakpoints, (breakpoint, id) => {
      const offset = instructionOffset(breakpoint.instructionReference, breakpoint.offset);
      if (offset === undefined) return refuse(`'${breakpoint.instructionReference}' is no place in the plugin's code.`);
      const echo = { instructionReference: hexReference(offset) };
      return { ...ofCode(codeBreakpoint({ offset }, breakpoint, `instruction:${id}`)), echo };
    });
  }

  setWatches({ breakpoints = [] }: DebugProtocol.SetDataBreakpointsArguments): SetAnswer {
    return this.#set('data', breakpoints, (breakpoint, id) => {
      const range = watchedRange(breakpoint.dataId) ?? watchedSlot(breakpoint.dataId);
      if (range === undefined)
        return refuse(`'${breakpoint.dataId}' names no range of memory, no local and no global.`);
      if (breakpoint.accessType !== undefined && breakpoint.accessType !== 'write')
        return refuse('Only writes can be stopped at.');
      const checked = codeBreakpoint(range, breakpoint, `data:${id}`);
      if (checked.code !== undefined) this.#watched.set(checked.code.id, watchedName(breakpoint.dataId));
      return ofCode(checked);
    });
  }

  /** What of that which is watched is among the ids of what was hit, in words; undefined: nothing. */
  watched(rules: readonly string[]): string | undefined {
    const names = new Set(rules.flatMap((rule) => this.#watched.get(rule) ?? []));
    return names.size === 0 ? undefined : [...names].join(' and ');
  }

  /** Breakpoints on lines: of a file of source, or of the text of a function. */
  setLines(
    { source, breakpoints = [] }: DebugProtocol.SetBreakpointsArguments,
    fromClient: (line: number) => number,
  ): SetAnswer {
    this.#shift = fromClient(0);
    const found = codeReference(source.sourceReference);
    const { path } = source;
    if (found === undefined && typeof path === 'string' && !source.sourceReference)
      return this.#set(`line ${path}`, breakpoints, (breakpoint, id) => {
        const column = breakpoint.column === undefined ? undefined : fromClient(breakpoint.column);
        const place = { path, line: fromClient(breakpoint.line), column };
        return { ...ofCode(codeBreakpoint(place, breakpoint, `line:${id}`)), echo: { line: breakpoint.line } };
      });
    if (found === undefined)
      return () => ({ breakpoints: breakpoints.map(({ line }) => ({ verified: false, line, message: NO_FILE })) });
    const { func, window } = found;
    return this.#set(`line ${source.sourceReference}`, breakpoints, (breakpoint, id) => {
      // the head's lines are not code: the function's first instruction is
      const line = Math.max(fromClient(breakpoint.line), HEAD_LINES + 1);
      const place = { func, instruction: window * WINDOW + line - HEAD_LINES - 1 };
      const echo = { line: breakpoint.line + line - fromClient(breakpoint.line) };
      return { ...ofCode(codeBreakpoint(place, breakpoint, `line:${id}`)), echo };
    });
  }

  /** Where a breakpoint on a line stands, in the client's numbers. */
  #placed({ line = 1, column }: ResolvedBreakpoint): Partial<DebugProtocol.Breakpoint> {
    const shift = this.#shift;
    return { line: line - shift, ...(column === undefined ? {} : { column: column - shift }) };
  }

  #set<B extends object>(group: string, asked: readonly B[], check: (breakpoint: B, id: number) => Checked): SetAnswer {
    const seen = new Map<string, number>();
    const entries = asked.map((breakpoint): Entry => {
      // none of what is looked at is an object, which may be of any depth
      const fields = Object.entries(breakpoint).filter(([, value]) => typeof value !== 'object');
      const same = `${group} ${JSON.stringify(fields)}`;
      const nth = (seen.get(same) ?? 0) + 1;
      seen.set(same, nth);
      const key = `${nth} ${same}`;
      const id = this.#numbers.get(key) ?? this.#numbers.size + 1;
      this.#numbers.set(key, id);
      return { id, echo: {}, ...check(breakpoint, id) };
    });
    this.#groups.set(group, entries);
    return this.#answerOf(group);
  }

  #body({ id, rule, code, message, echo }: Entry): DebugProtocol.Breakpoint {
    const base = id === undefined ? echo : { id, ...echo };
    if (rule !== undefined) return { ...base, verified: true };
    if (code === undefined) return { ...base, verified: false, ...(message === undefined ? {} : { message }) };
    const resolved = this.#resolved.get(code.id);
    if (resolved === undefined) return { ...base, verified: false, reason: 'pending', message: PENDING };
    const { places } = resolved;
    if (places.length === 0 && !('address' in code.place))
      return { ...base, verified: false, reason: 'failed', message: whyNowhere(code, resolved.message) };
    const [first] = places;
    const one = places.length === 1 && first !== undefined ? { instructionReference: hexReference(first.offset) } : {};
    const at = resolved.line === undefined ? {} : this.#placed(resolved);
    const told = resolved.message ?? ('function' in code.place && places.length > 1 ? listOf(places) : undefined);
    return { ...base, verified: true, ...at, ...one, ...(told === undefined ? {} : { message: told }) };
  }
}

/** Who writes `echo` may mean the messages of that name; and a function of the source need not be one of the module. */
function whyNowhere({ place }: CodeBreakpoint, message = 'There is no such place.'): string {
  // a condition may be what is wrong with it
  if (!('function' in place) || !/^(?:No function|There is no such place)/.test(message)) return message;
  if (/^[\w-]+$/.test(place.function)) return `${message} Messages are named rpc:${place.function}.`;
  return `${message} In an optimised build it may be inlined into its callers.`;
}

function listOf(places: readonly { readonly name: string }[]): string {
  const names = places.slice(0, LISTED).map(({ name }) => name);
  const more = places.length > LISTED ? ` and ${places.length - LISTED} more` : '';
  return `In ${places.length} functions: ${names.join(', ')}${more}.`;
}

/** The numbers of the breakpoints among the ids of what was hit, by their sort. */
export function hitNumbers(rules: readonly string[]): {
  readonly sorts: ReadonlySet<string>;
  readonly ids: readonly number[];
} {
  const sorts = new Set<string>();
  const ids: number[] = [];
  for (const rule of rules) {
    const [, sort = '', number] = /^(function|instruction|data|line):(\d+)$/.exec(rule) ?? [];
    if (number === undefined) continue;
    sorts.add(sort);
    ids.push(Number(number));
  }
  return { sorts, ids };
}
