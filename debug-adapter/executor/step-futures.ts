// The futures of async functions while steps by statement go over them: which one a body works on, whether it waits, has returned, or was given up. Asks
// the guest's memory; what that means for a step is decided in source/stepping.ts. Contract S1.
import type { Machine } from '../dwarf/location.ts';
import { type Coroutine, FutureState, futureAt } from '../source/coroutines.ts';
import type { ModuleSource } from '../source/module-source.ts';
import {
  type Awaiting,
  type FutureOrigin,
  type FutureReached,
  hasGoneOn,
  isSameBody,
  type StatementOrigin,
} from '../source/stepping.ts';
import { codeStart } from '../wasm/disassembly-index.ts';
import type { SiteStatement } from './code-stops.ts';
import type { GuestCode } from './guest-code.ts';
import type { Loaded } from './loading.ts';
import type { GuestFrame, StepOrigin } from './options.ts';

/** A statement at which steps may end, where it is reached. */
export interface SiteReached {
  readonly func: number;
  readonly frames: number;
  readonly offset: number;
  readonly statement: SiteStatement;
}

/** The body of a future that merely goes on while a step into is under way. */
interface Passed {
  /** Of the step: each has its own. */
  readonly awaiting: readonly Awaiting[];
  readonly func: number;
  readonly frames: number;
  readonly inlined: readonly number[];
}

export class StepFutures {
  readonly #loaded: Loaded;
  readonly #guest: GuestCode;
  readonly #source: ModuleSource | undefined;
  /** The frame at the site that is being looked at. */
  readonly #machine: Machine | undefined;
  /** The body of another future, which a step goes by. */
  #passed: Passed | undefined;
  /** Of the futures that steps began in, by function and inlined calls. */
  readonly #coroutines = new Map<string, Coroutine | undefined>();

  constructor(loaded: Loaded, guest: GuestCode, machine: Machine | undefined) {
    this.#loaded = loaded;
    this.#guest = guest;
    this.#source = loaded.places.source;
    this.#machine = machine;
  }

  /** The future that the body of an async function works on at the site that is being looked at; undefined: it is no such body, or not known. */
  polledHere(func: number): number | undefined {
    const { module } = this.#loaded;
    const type = module.functionTypes[func] ?? 0;
    const parameters = (module.typeResults[type] ?? 0) - (module.typeStart[type] ?? 0);
    // poll(self, context), with a place for the result before them where that does not fit a local
    if (parameters !== 2 && parameters !== 3) return undefined;
    const self = this.#guest.locals.value(parameters - 2);
    return typeof self === 'number' ? self >>> 0 : undefined;
  }

  /** The bodies that await the one in the first of these frames, which is inlined `depth` calls deep. */
  awaiting(frames: readonly GuestFrame[], depth: number): Awaiting[] {
    const source = this.#source;
    return frames.flatMap(({ func, offset }, index) => {
      const bodies = source?.bodiesAt(offset) ?? [];
      return bodies.filter(({ inlined }) => index > 0 || inlined.length < depth).map((body) => ({ ...body, func }));
    });
  }

  /** What a step that began in the body of an async function finds at a site. */
  reached({ kind, statement: began, func, frames }: StepOrigin, at: SiteReached): FutureReached | undefined {
    const state = this.#stateOf(func, began);
    if (began?.future === undefined || state === undefined) return undefined;
    const { address, depth, returned = false, awaiting } = began.future;
    const { inlined } = at.statement;
    const body = { func, inlined: began.inlined.slice(0, depth) };
    const sameBody = at.func === func && body.inlined.every((die, level) => inlined[level] === die);
    const here = sameBody ? this.#futureAtSite(at, depth) : undefined;
    // Where that is not known any more: as long as nothing else speaks against it. Of one that has returned no statement is reached.
    const speaksAgainst = at.frames !== frames || (returned && state === FutureState.Returned);
    const sameAddress = sameBody && (here === undefined ? !speaksAgainst : here === address);
    return {
      sameBody,
      sameFuture: sameAddress && !returned,
      inItsPlace: sameAddress && returned,
      goesOn: kind === 'into' && !returned && this.#goesOn(began.future, { sameBody, depth, frames }, at),
      isFresh: here !== undefined && this.#stateAt(here, func, began) === FutureState.Unresumed,
      recursive: awaiting.some((one) => isSameBody(one, body)),
      waits: !returned && this.#waits(func, began) === true && !this.#isGivenUp(began.future, at),
      begins:
        inlined.length === depth && at.statement.dispatch && at.statement.entry && state === FutureState.Unresumed,
    };
  }

  /**
   * Whether a statement further in than a step into began is of a future that merely goes on from an `.await`, or of what that calls: a sibling under
   * `join!`. What it begins by itself is entered like all that begins.
   */
  #goesOn(
    { awaiting }: FutureOrigin,
    own: { readonly sameBody: boolean; readonly depth: number; readonly frames: number },
    at: SiteReached,
  ): boolean {
    const { func, frames, offset, statement } = at;
    const passed = this.#passed?.awaiting === awaiting ? this.#passed : undefined;
    const around = this.#source?.coroutineAt(offset);
    // the frame of a leaf is not counted
    if (around === undefined)
      return passed !== undefined && (frames > passed.frames || (frames === passed.frames && func !== passed.func));
    // who awaits is further out, or in the same frame and less deep
    const isFurtherIn = frames > own.frames || (own.sameBody && around.depth > own.depth);
    if (statement.dispatch) return false;
    const address = isFurtherIn ? this.#futureAtSite(at, around.depth) : undefined;
    const state = address === undefined ? undefined : this.#stateIn(address, around.coroutine);
    const body = { awaiting, func, frames, inlined: statement.inlined.slice(0, around.depth) };
    // it has returned, and stands on its last line
    const isOver = state === FutureState.Returned && passed !== undefined && isSameBody(passed, body);
    const goesOn = isOver || (state !== undefined && around.coroutine.waiting.has(state));
    this.#passed = goesOn ? body : undefined;
    return goesOn;
  }

  /** Whether a future is not awaited any more, by what is reached. */
  #isGivenUp({ awaiting }: FutureOrigin, { func, offset, statement }: SiteReached): boolean {
    const depth = awaiting.some((one) => one.func === func) ? this.#source?.coroutineAt(offset)?.depth : undefined;
    if (depth === undefined || statement.dispatch) return false;
    const { file, line, inlined } = statement;
    // of a body that is inlined deeper it is the line of the call
    return inlined.length === depth && hasGoneOn(awaiting, { func, file, line, inlined });
  }

  /**
   * Whether the future that a step began in has returned when the function is left in which its body is: then it does not wait. Whoever leaves it, in
   * that frame: the body is not under way there.
   */
  returns(step: StepOrigin, at: Omit<SiteReached, 'statement'>): boolean {
    const { statement: began, func, frames } = step;
    if (began?.future === undefined || at.func !== func || at.frames !== frames) return false;
    return this.#source?.isExit(at.offset) === true && this.#waits(func, began) === false;
  }

  /** Whether the future that a step began in waits at an `.await`; undefined: that is not known. */
  #waits(func: number, began: StatementOrigin): boolean | undefined {
    const state = this.#stateOf(func, began);
    return state === undefined ? undefined : this.#coroutineOf(func, began)?.waiting.has(state);
  }

  /** What state the future is in that a step began in; undefined: that is not known. */
  #stateOf(func: number, began: StatementOrigin | undefined): number | undefined {
    return began?.future && this.#stateAt(began.future.address, func, began);
  }

  /** The same of one at `address`, of the same body. */
  #stateAt(address: number, func: number, began: StatementOrigin): number | undefined {
    const coroutine = this.#coroutineOf(func, began);
    return coroutine && this.#stateIn(address, coroutine);
  }

  #stateIn(address: number, { stateAt, stateSize }: Coroutine): number | undefined {
    const memory = this.#guest.memory(0);
    if (memory === undefined) return undefined;
    const from = address + stateAt - memory.base;
    let state = 0;
    for (let byte = stateSize - 1; byte >= 0; byte--) state = state * 256 + (memory.bytes[from + byte] ?? 0);
    return state;
  }

  /** The future that the body works on which is inlined `depth` calls deep at a site. */
  #futureAtSite({ func, offset }: Pick<SiteReached, 'func' | 'offset'>, depth: number): number | undefined {
    const source = this.#source;
    const scope = source?.functionAt(offset);
    const around = source?.coroutineAt(offset, depth);
    const machine = this.#machine;
    if (source === undefined || scope === undefined || around === undefined || machine === undefined) return undefined;
    const found = futureAt(source.program, around, { scope, offset, machine });
    return found ?? (depth === 0 ? this.polledHere(func) : undefined);
  }

  #coroutineOf(func: number, began: StatementOrigin | undefined): Coroutine | undefined {
    if (began?.future === undefined) return undefined;
    const calls = began.inlined.slice(0, began.future.depth);
    const key = `${func} ${calls}`;
    if (!this.#coroutines.has(key)) {
      const { module } = this.#loaded;
      const offset = codeStart(module, func - module.importedFunctions);
      this.#coroutines.set(key, this.#source?.coroutineIn(offset, calls));
    }
    return this.#coroutines.get(key);
  }
}
