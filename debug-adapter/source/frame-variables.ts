// The variables of a frame of source: which are visible at a place, where they lie, and rows of them, a level at a time, by paths of child
// numbers. Made anew for every stop; keeps what was looked at. Synchronous. Contract S6.
import type { Machine } from '../dwarf/location.ts';
import type { DwarfProgram, Scope, Variable } from '../dwarf/program.ts';
import { MemoryBytes, MissingBytes } from './bytes.ts';
import type { WorkedOn } from './kept-over-await.ts';
import { type Judged, NotKept, Validity } from './validity.ts';
import type { Assigned, Child, Program, Shown, Value } from './value.ts';
import { VariableAt } from './variable-at.ts';
import { remark } from './views/look.ts';
import { show } from './views/show.ts';
import { asWritten, MOST_VARIABLES, staticNamed, type VisibleVariable, visibleAt } from './visible-variables.ts';

/** A variable or a part of one, as rows show it. Plain values: it crosses threads. */
export interface VariableRow {
  readonly name: string;
  readonly value: string;
  readonly type: string;
  /** How an expression names it; '' where there is no way. */
  readonly expression: string;
  readonly address: number | undefined;
  readonly named: number;
  readonly indexed: number;
  readonly settable: boolean;
  /** Where its own bytes are in memory, not those that it points to. */
  readonly extent?: { readonly address: number; readonly length: number } | undefined;
}

export type VariableScope = 'locals' | 'statics';

/** A variable that is visible, and its value. */
export interface Visible extends VisibleVariable, Judged {
  /** It has a name for people only. */
  readonly isMadeUp?: boolean;
}

export class FrameVariables {
  readonly #dwarf: DwarfProgram;
  readonly #program: Program;
  readonly #machine: Machine;
  readonly #offset: number;
  readonly #level: number;
  readonly #isCaller: boolean;
  readonly #function: Scope | undefined;
  #locals: readonly Visible[] | undefined;
  #statics: readonly Visible[] | undefined;
  /** What was shown, by its path. */
  readonly #shown = new Map<string, Shown>();

  /**
   * @param level of the frames of source that stand at `offset`, the innermost first
   * @param isCaller its Wasm locals can't be set: only those of the machine's innermost frame can
   */
  constructor(
    dwarf: DwarfProgram,
    program: Program,
    machine: Machine,
    offset: number,
    level: number,
    isCaller = false,
  ) {
    this.#isCaller = isCaller;
    this.#dwarf = dwarf;
    this.#program = program;
    this.#machine = machine;
    this.#offset = offset;
    this.#level = level;
    this.#function = dwarf.functionAt(offset);
  }

  /** Arguments and locals that are visible here: those declared last first, as they hide others; then by the order of the source. */
  get locals(): readonly Visible[] {
    this.#locals ??= this.#visible();
    return this.#locals;
  }

  /** Statics of the unit. */
  get statics(): readonly Visible[] {
    this.#statics ??= this.#dwarf
      .statics(this.#offset)
      .slice(0, MOST_VARIABLES)
      .map((variable) => ({ variable, shadowed: false, value: this.#valueOf(variable) }));
    return this.#statics;
  }

  #visible(): Visible[] {
    if (this.#function === undefined) return [];
    const validity = new Validity(this.#dwarf, this.#offset, this.#level, this.#isCaller);
    const future = validity.future(this.#machine);
    const visible: Visible[] = visibleAt(this.#function, this.#offset, this.#level).map(({ variable, shadowed }) => ({
      variable,
      shadowed,
      ...validity.judged(variable, this.#valueOf(variable), future, this.#machine),
    }));
    const isLacking = visible.some(
      ({ value: { bytes } }) => bytes instanceof MissingBytes && !(bytes instanceof NotKept),
    );
    if (future !== undefined && isLacking) visible.push(this.#keptIn(future));
    return visible;
  }

  /** What an optimised body's variables were when it was called, or last waited: what it has made of them since may be in its registers only. */
  #keptIn({ type, address, line }: WorkedOn): Visible {
    const name = line === undefined ? 'when it was called' : 'at the last .await';
    const declared = { file: -1, line: 0, column: 0 };
    const variable: Variable = { die: type, name, kind: 'variable', type, declared, artificial: true };
    const bytes = new MemoryBytes((at, length) => this.#machine.memory(at, length), address);
    return { variable, shadowed: false, isMadeUp: true, value: { type, bytes } };
  }

  /** Memory and types as views look at them here. */
  get program(): Program {
    return this.#program;
  }

  #valueOf(variable: Variable): Value {
    const at = new VariableAt(this.#dwarf, variable, this.#function, this.#offset, this.#isCaller);
    return at.value(at.locate(this.#machine), this.#machine);
  }

  /** The argument or local of that name that is visible. */
  named(name: string): Value | undefined {
    return this.locals.find(({ variable, shadowed }) => variable.name === name && !shadowed)?.value;
  }

  /** The static that `name` means, of any unit. */
  static(name: string): Value | undefined {
    const found = staticNamed(this.#dwarf, name, this.#offset);
    return found === undefined ? undefined : this.#valueOf(found);
  }

  get names(): string[] {
    return this.locals
      .filter(({ shadowed, isMadeUp }) => !shadowed && isMadeUp !== true)
      .map(({ variable }) => variable.name);
  }

  /** Rows below the path; the empty path is the scope itself. */
  rows(scope: VariableScope, path: readonly number[], start: number, count: number): VariableRow[] {
    const [first, ...rest] = path;
    const all = this[scope];
    if (first === undefined)
      return all.slice(start, start + count).map((visible, at) => {
        const shown = this.#top(scope, start + at);
        const row = rowOf(nameOf(visible), expressionOf(visible), shown, extentOf(visible.value, this.#program));
        return visible.remark === undefined ? row : { ...row, value: `${row.value} ${remark(visible.remark)}` };
      });
    const shown = this.#at(scope, first, rest);
    const visible = all[first];
    if (shown === undefined || visible === undefined) return [];
    const parent = this.#expressionAt(scope, path);
    return shown.children(start, count).map((child) => {
      const expression = parent === '' || child.path === '' ? '' : joined(parent, child.path);
      const row = rowOf(child.name, expression, child.shown(), child.value && extentOf(child.value, this.#program));
      return visible.isMadeUp === true ? { ...row, settable: false } : row;
    });
  }

  /** How many rows a scope has. */
  count(scope: VariableScope): number {
    return this[scope].length;
  }

  /** What setting the row at a path to `text` writes. */
  assign(scope: VariableScope, path: readonly number[], text: string): Assigned {
    const [first, ...rest] = path;
    const shown = first === undefined ? undefined : this.#at(scope, first, rest);
    if (first !== undefined && this[scope][first]?.isMadeUp === true)
      return { reason: 'This is what it was: set the variable itself, where it is to be had.' };
    if (shown?.assign === undefined) return { reason: whyFixed(shown) };
    return shown.assign(text);
  }

  /** The row at a path. */
  row(scope: VariableScope, path: readonly number[]): VariableRow | undefined {
    return this.rows(scope, path.slice(0, -1), path.at(-1) ?? 0, 1)[0];
  }

  #top(scope: VariableScope, index: number): Shown {
    const key = `${scope} ${index}`;
    let shown = this.#shown.get(key);
    const visible = this[scope][index];
    if (shown === undefined && visible !== undefined) {
      shown = show(visible.value, this.#program);
      this.#shown.set(key, shown);
    }
    return shown ?? NOTHING;
  }

  #at(scope: VariableScope, first: number, rest: readonly number[]): Shown | undefined {
    let shown: Shown | undefined = this.#top(scope, first);
    let key = `${scope} ${first}`;
    for (const index of rest) {
      key += ` ${index}`;
      const known = this.#shown.get(key);
      const child: Child | undefined = known === undefined ? shown?.children(index, 1)[0] : undefined;
      shown = known ?? child?.shown();
      if (shown === undefined) return undefined;
      this.#shown.set(key, shown);
    }
    return shown;
  }

  #expressionAt(scope: VariableScope, path: readonly number[]): string {
    const [first = 0, ...rest] = path;
    const visible = this[scope][first];
    let expression = visible === undefined ? '' : expressionOf(visible);
    let shown: Shown | undefined = this.#top(scope, first);
    const walked: number[] = [];
    for (const index of rest) {
      const child: Child | undefined = shown?.children(index, 1)[0];
      if (child === undefined || child.path === '' || expression === '') return '';
      expression = joined(expression, child.path);
      walked.push(index);
      shown = this.#at(scope, first, walked);
    }
    return expression;
  }
}

const NOTHING: Shown = { text: '', type: '', named: 0, indexed: 0, children: () => [] };

const nameOf = ({ variable, shadowed }: Visible): string =>
  shadowed ? `${variable.name} (hidden, line ${variable.declared.line})` : asWritten(variable.name);
const expressionOf = ({ variable, shadowed, isMadeUp }: Visible): string =>
  shadowed || isMadeUp === true ? '' : asWritten(variable.name);

/** Why a value has no way to be set: a sentence. */
export function whyFixed(shown: Shown | undefined): string {
  const isScalar = shown?.plain !== undefined && shown.named + shown.indexed === 0;
  return isScalar && typeof shown.plain !== 'string'
    ? 'This can’t be set here: it lies neither in memory nor in a local of the innermost function.'
    : 'This can’t be set: numbers, booleans, characters and texts that fit can.';
}

/** `*p` needs its parentheses before a field, and so does before an index what expressions have for memory and the stack. */
export function joined(parent: string, path: string): string {
  if (path.startsWith('*')) return `${path}${parent}`;
  const apart = parent.startsWith('*') || (path.startsWith('[') && RESERVED.test(parent));
  return `${apart ? `(${parent})` : parent}${path}`;
}
const RESERVED = /^(?:local|global|stack|memory|c?str|[iu](?:8|16|32|64)|f(?:32|64))$/;

export function rowOf(name: string, expression: string, shown: Shown, extent: VariableRow['extent']): VariableRow {
  const { text, type, address, named, indexed, assign } = shown;
  return { name, value: text, type, expression, address, named, indexed, settable: assign !== undefined, extent };
}

/** Where the bytes of a value lie in memory; undefined where they do not, or there are none. */
export function extentOf({ type, bytes }: Value, { types }: Program): VariableRow['extent'] {
  const length = types.sizeOf(types.bare(type));
  if (bytes.address === undefined || length === undefined || length === 0) return undefined;
  return { address: bytes.address, length };
}

/** Names of functions with their generics, which symbols of rustc's older mangling leave out. */
export function withGenerics(dwarf: DwarfProgram, functionNamed: Program['functionNamed']): Program['functionNamed'] {
  return (index) => {
    const found = functionNamed(index);
    const name = found === undefined ? undefined : dwarf.functionAt(found.offset)?.name;
    return found !== undefined && name?.startsWith(`${found.name}<`) === true ? { ...found, name } : found;
  };
}

/** Memory, types and functions, as views follow pointers. */
export function programOf(
  dwarf: DwarfProgram,
  machine: Machine,
  memorySize: number,
  functionNamed: Program['functionNamed'],
): Program {
  return {
    types: dwarf.types,
    memory: (address) => new MemoryBytes((at, length) => machine.memory(at, length), address),
    memorySize,
    functionNamed: withGenerics(dwarf, functionNamed),
  };
}
