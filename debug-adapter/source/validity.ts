// Whether what lies where a variable is, is its value: in C it may not have been set yet, and an async function may have given it up at an `.await`.
// What a place alone tells is asked once; the rest of the machine, every time. One for frames and for breakpoints' conditions. Contract S6.
import { isMissing, type Machine } from '../dwarf/location.ts';
import { noMachine } from '../dwarf/location-expression.ts';
import type { DwarfProgram, Scope, Variable } from '../dwarf/program.ts';
import { MissingBytes } from './bytes.ts';
import { bodyAt, isGivenUp, type WorkedOn, workedOn } from './kept-over-await.ts';
import { isNotYet, type LineAt, lineAt, lineOf } from './not-yet.ts';
import { scopesAt } from './scopes.ts';
import type { Value } from './value.ts';
import { segmentOf } from './visible-variables.ts';

/** A value, and what people are told of it besides. */
export interface Judged {
  readonly value: Value;
  readonly remark?: string;
}

/** An async function did not keep it. */
export class NotKept extends MissingBytes {
  constructor(line: number) {
    super(`it was not kept over the .await in line ${line}`);
  }
}

export class Validity {
  readonly #dwarf: DwarfProgram;
  readonly #offset: number;
  readonly #function: Scope | undefined;
  readonly #language: number;
  readonly #at: LineAt | undefined;
  readonly #body: ReturnType<typeof bodyAt>;
  /** By the variable's DIE. */
  readonly #onStack = new Map<number, boolean>();
  /** Instructions that may write bytes of the frame, by the first of them and their number. */
  readonly #writes = new Map<string, readonly number[]>();

  /** @param level of the frames of source that stand at `offset`; `isCaller`: the frame stands at a call, and has called */
  constructor(dwarf: DwarfProgram, offset: number, level: number, isCaller = false) {
    this.#dwarf = dwarf;
    this.#offset = offset;
    const scope = dwarf.functionAt(offset);
    this.#function = scope;
    this.#language = dwarf.unitAt(offset)?.language ?? 0;
    const scopes = scope === undefined ? [] : scopesAt(scope, offset);
    this.#at = standsAt(dwarf, scopes, offset, level, isCaller);
    const [frame] = segmentOf(scopes, level);
    this.#body = scope && frame && bodyAt(dwarf, frame, scope, offset);
  }

  /** Whether a variable's place tells that it has its value, whatever the machine: nothing needs to be judged. */
  isCertain(variable: Variable): boolean {
    const at = this.#at;
    if (at === undefined) return true;
    return this.#body === undefined && !isNotYet(variable, at, this.#language);
  }

  /** The future that the frame works on; undefined: it is no body of an async function, or that is not known. */
  future(machine: Machine): WorkedOn | undefined {
    const scope = this.#function;
    const body = this.#body;
    return scope && body && workedOn(this.#dwarf, body, scope, this.#offset, machine);
  }

  /**
   * The value of a variable where it has one: not before its line, and not where it was given up; statics have theirs all the time.
   * @param value what lies where the variable is
   */
  judged(variable: Variable, value: Value, future: WorkedOn | undefined, machine: Machine): Judged {
    const at = this.#at;
    if (at === undefined || value.bytes.address === undefined) return { value };
    const { type } = value;
    if (isNotYet(variable, at, this.#language))
      return {
        value: this.#isOnStack(variable, machine) ? { type, bytes: new MissingBytes('it has no value yet') } : value,
      };
    const line = future?.line;
    if (line === undefined || !isGivenUp(variable, line, at) || !this.#isOnStack(variable, machine)) return { value };
    // which way the call has come nothing tells
    if (this.#isSetBetween(value, line, at, machine))
      return { value, remark: `right if it was set since the .await in line ${line}` };
    return { value: { type, bytes: new NotKept(line) } };
  }

  /** Whether code behind a line, and before where the frame stands, may write a value that lies in the frame. */
  #isSetBetween({ type, bytes }: Value, line: number, at: LineAt, machine: Machine): boolean {
    const { types } = this.#dwarf;
    const base = this.#dwarf.frameBase(this.#offset, machine);
    if (isMissing(base) || bytes.address === undefined) return true;
    const from = bytes.address - base;
    const size = types.sizeOf(types.bare(type)) ?? 1;
    const key = `${from} ${size}`;
    let writes = this.#writes.get(key);
    if (writes === undefined) {
      writes = this.#dwarf.frameWrites(this.#offset, from, size);
      this.#writes.set(key, writes);
    }
    return writes.some((offset) => {
      const written = lineOf(this.#dwarf, offset);
      if (written?.file !== at.file || written.line <= line) return false;
      return written.line < at.line || (written.line === at.line && offset < this.#offset);
    });
  }

  /** Whether a variable is in the function's own frame: not static, nor captured, which takes a look into memory to be found. */
  #isOnStack(variable: Variable, machine: Machine): boolean {
    const known = this.#onStack.get(variable.die);
    if (known !== undefined) return known;
    const scope = this.#function;
    const isMemory = (of: Machine): boolean =>
      scope !== undefined && this.#dwarf.locate(variable, scope, this.#offset, of).kind === 'memory';
    const blind: Machine = {
      checksCode: false,
      local: (index) => machine.local(index),
      global: (index) => machine.global(index),
      operand: (index) => machine.operand(index),
      memory: noMachine.memory,
      frameBase: () => machine.frameBase(),
      stackPointer: () => machine.stackPointer(),
      entry: (of) => machine.entry(of),
    };
    const found = isMemory(blind) && !isMemory(noMachine);
    this.#onStack.set(variable.die, found);
    return found;
  }
}

/** Where a frame of source stands: the innermost in its own code, those around it at their calls. */
function standsAt(
  dwarf: DwarfProgram,
  scopes: Scope[],
  offset: number,
  level: number,
  isCaller: boolean,
): LineAt | undefined {
  const innermost = scopes.at(-1);
  if (innermost === undefined) return undefined;
  if (level === 0) {
    const at = lineAt(dwarf, offset, innermost);
    // in `int x = f();` the call is what `x` waits for
    return at !== undefined && isCaller ? { ...at, isFirst: true } : at;
  }
  const inner = segmentOf(scopes, level - 1)[0]?.called;
  return inner === undefined ? undefined : { file: inner.file, line: inner.line, isFirst: true };
}
