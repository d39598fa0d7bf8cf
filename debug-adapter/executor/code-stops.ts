// Stops amid the guest's code: which sites are armed, and whether one that is reached means a stop. Breakpoints, steps by instruction, runs to a
// moment and watched memory all come down to it. Says nothing of how a stop is carried out. Contracts I2, S1.

import {
  compileExpression,
  compileMessage,
  EvaluationError,
  type Expression,
  type Scope,
  truthy,
} from '../expressions/expression.ts';
import { SITES_AT } from '../instrument/plan.ts';
import { type SiteColumns, SiteKind } from '../instrument/probe-sites.ts';
import { endsStatementStep, type FutureReached, type StatementPlace, seenByFuture } from '../source/stepping.ts';
import type { CodeBreakpoint, StepOrigin } from './options.ts';
import { compileHitCondition } from './stops.ts';

/** A place where breakpoints stand: what they ask for, compiled. */
interface Compiled {
  readonly breakpoint: CodeBreakpoint;
  readonly condition: Expression | undefined;
  readonly hit: (count: number) => boolean;
  readonly message: ((scope: Scope) => string) | undefined;
}

/** What is known of the guest at a site. */
export interface Reached {
  readonly func: number;
  readonly frames: number;
  readonly moment: number;
  readonly scope: Scope;
  /** The statement that begins here; undefined: none does at which steps end. */
  readonly statement: SiteStatement | undefined;
  /** Of a step that began in an async function. */
  readonly future: FutureReached | undefined;
  /** It is in the call that the step is to go into. */
  readonly wanted: boolean;
}

/** A statement of the source, as a site has it. */
export interface SiteStatement extends StatementPlace {
  /** It is the first of its function, or of the body of an async function that is inlined here. */
  readonly entry: boolean;
  /** At which the body of an async function finds the way to where it goes on: nobody stops there. */
  readonly dispatch: boolean;
}

export type CodeStop = {
  readonly reason: 'breakpoint' | 'step' | 'moment' | 'data' | 'pause';
  readonly rules: readonly string[];
};
export interface CodeVerdict {
  readonly stop: CodeStop | undefined;
  /** The moment that was sought has come. */
  readonly sought: boolean;
  /** Texts of log points that were hit. */
  readonly logs: readonly string[];
}
const PASSED: CodeVerdict = { stop: undefined, sought: false, logs: [] };

/** Fuel that is left to a moment from where on sites are armed. */
const NEAR_FUEL = 256;

export class CodeStops {
  readonly #sites: SiteColumns;
  readonly #armed: Uint8Array;
  readonly #instructionsPerFuel: number;
  #byOffset = new Map<number, Compiled[]>();
  #watches: readonly CodeBreakpoint[] = [];
  readonly #hits = new Map<string, number>();
  /** Conditions that could not be evaluated, which was said. */
  readonly #told = new Set<string>();
  #step: StepOrigin | undefined;
  /** The step that was under way when the run stopped. */
  #stepped: StepOrigin | undefined;
  /** Of the offsets of sites: those that the step may end at; all where it is undefined. */
  #inside: ((offset: number) => boolean) | undefined;
  /** Of the offsets of sites: those at which a pause comes, whatever else is under way. */
  #pausing: ((offset: number) => boolean) | undefined;
  #target: number | undefined;
  /** A moment that the run itself has to come to, whatever it is told meanwhile. */
  #sought: number | undefined;
  #near = false;
  /** Offsets at which nothing stops, but what is handed over is wanted. */
  #collected: ReadonlySet<number> = new Set();

  /** @param armed the bytes of the sites' memory */
  constructor(sites: SiteColumns, memory: ArrayBuffer, instructionsPerFuel: number) {
    this.#sites = sites;
    this.#armed = new Uint8Array(memory, SITES_AT, sites.offset.length);
    this.#instructionsPerFuel = instructionsPerFuel;
  }

  /** How often each breakpoint was hit: for a run that goes on elsewhere. */
  get hits(): [id: string, count: number][] {
    return [...this.#hits];
  }

  set hits(hits: readonly (readonly [id: string, count: number])[]) {
    for (const [id, count] of hits) this.#hits.set(id, count);
  }

  /** Whether the code has a site before the instruction at `offset`. */
  has(offset: number): boolean {
    return this.#rowAt(offset) >= 0;
  }

  /** Sets breakpoints at byte offsets (those that stay keep their counts of hits). @returns offsets without a site. */
  setBreakpoints(
    breakpoints: readonly { readonly breakpoint: CodeBreakpoint; readonly offsets: readonly number[] }[],
  ): number[] {
    this.#byOffset = new Map();
    const missing: number[] = [];
    for (const { breakpoint, offsets } of breakpoints) {
      const compiled = compile(breakpoint);
      for (const offset of offsets) {
        if (!this.has(offset)) missing.push(offset);
        const list = this.#byOffset.get(offset);
        if (list === undefined) this.#byOffset.set(offset, [compiled]);
        else list.push(compiled);
      }
    }
    this.#arm();
    return missing;
  }

  /** Stops where memory of a range is written; which range is watched is not this one's business. */
  setWatches(watches: readonly CodeBreakpoint[]): void {
    this.#watches = watches;
  }

  /** Runs until the step is done; undefined: no step. `functions` are those whose sites it may end at: all where not given. */
  step(origin: StepOrigin | undefined, inside?: (offset: number) => boolean): void {
    this.#step = origin;
    this.#inside = inside;
    this.#arm();
  }

  /** A pause comes at the next statement of these; undefined: not there. A step that is under way stays so. */
  pauseIn(inside: ((offset: number) => boolean) | undefined): void {
    this.#pausing = inside;
    this.#arm();
  }

  get pausing(): boolean {
    return this.#pausing !== undefined;
  }

  /** Runs until `moment` instructions have been passed; `now` have been. */
  runTo(moment: number, now: number): void {
    this.#target = moment;
    this.mostFuel(now);
  }

  /** The step that was under way when the run stopped. */
  get stepped(): StepOrigin | undefined {
    return this.#stepped;
  }

  /** The future that the step began in has returned. */
  futureReturned(): void {
    const { statement } = this.#step ?? {};
    if (this.#step === undefined || statement?.future === undefined) return;
    this.#step = { ...this.#step, statement: { ...statement, future: { ...statement.future, returned: true } } };
  }

  /** The step that is under way. */
  get underWay(): StepOrigin | undefined {
    return this.#step;
  }

  get near(): boolean {
    return this.#near;
  }

  get target(): number | undefined {
    return this.#target;
  }

  /** Sees to it that this moment is not passed unseen, over stops and steps; undefined: none any more. `now` instructions have been passed. */
  seek(moment: number | undefined, now: number): void {
    this.#sought = moment;
    this.#renear(now);
  }

  get sought(): number | undefined {
    return this.#sought;
  }

  /** Nothing but breakpoints, and what is sought, is wanted any more: the run has stopped, `now` instructions having been passed. */
  settled(now: number): void {
    this.#stepped = this.#step;
    this.#step = undefined;
    this.#pausing = undefined;
    this.#target = undefined;
    this.#renear(now);
  }

  #renear(now: number): void {
    this.#near = false;
    this.mostFuel(now);
    if (!this.#near) this.#arm();
  }

  /** From now on the sites at these offsets are reached, though nothing stops there. */
  collect(offsets: ReadonlySet<number>): void {
    this.#collected = offsets;
    this.#arm();
  }

  collects(offset: number): boolean {
    return this.#collected.has(offset);
  }

  /** Nothing else is wanted at a site that collects: the call of a frame that is to be seen later may be in a loop, and is passed quickly. */
  onlyCollects(offset: number): boolean {
    return !this.#near && this.#step === undefined && this.#pausing === undefined && !this.#byOffset.has(offset);
  }

  /** The most fuel that may be granted at this moment, so that the moment that is run to is not passed unseen. */
  mostFuel(moment: number): number {
    const target = Math.min(this.#target ?? Number.POSITIVE_INFINITY, this.#sought ?? Number.POSITIVE_INFINITY);
    if (target === Number.POSITIVE_INFINITY) return target;
    const fuel = (target - moment) / this.#instructionsPerFuel;
    if (fuel < NEAR_FUEL && !this.#near) {
      this.#near = true;
      this.#arm();
    }
    return Math.max(0, fuel);
  }

  #arm(): void {
    const armed = this.#armed;
    const inside = this.#inside;
    if (this.#near) {
      armed.fill(1);
      return;
    }
    armed.fill(0);
    if (this.#step !== undefined) {
      if (inside === undefined) armed.fill(1);
      else {
        const { offset } = this.#sites;
        for (let row = 0; row < armed.length; row++) if (inside(offset[row]!)) armed[row] = 1;
      }
    }
    const pausing = this.#pausing;
    const { offset } = this.#sites;
    for (let row = 0; pausing !== undefined && row < armed.length; row++) if (pausing(offset[row]!)) armed[row] = 1;
    for (const offset of [...this.#byOffset.keys(), ...this.#collected]) {
      const row = this.#rowAt(offset);
      if (row >= 0) armed[row] = 1;
    }
  }

  #rowAt(wanted: number): number {
    const { offset, kind } = this.#sites;
    let low = 0;
    let high = offset.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (offset[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    // a store has a second row, behind it
    for (; low < offset.length && offset[low] === wanted; low++) if (kind[low] !== SiteKind.Store) return low;
    return -1;
  }

  /** A site is reached. */
  reached(site: number, at: Reached): CodeVerdict {
    const offset = this.#sites.offset[site]!;
    const breakpoints = this.#byOffset.get(offset);
    const stepped = this.#step !== undefined && endsStep(this.#step, at);
    // the future is polled again, by others than before maybe
    if (this.#step !== undefined && at.future?.sameFuture === true) this.#step = polledAgain(this.#step, at);
    const arrived = this.#target !== undefined && at.moment >= this.#target;
    const sought = this.#sought !== undefined && at.moment >= this.#sought;
    const paused = this.#pausing?.(offset) === true && at.statement?.dispatch === false;
    if (breakpoints === undefined && !stepped && !arrived && !sought && !paused) return PASSED;
    const { rules, logs } = this.#judge(breakpoints ?? [], at.scope);
    const written =
      rules.length > 0 &&
      rules.every((id) => breakpoints?.some((one) => one.breakpoint.id === id && 'written' in one.breakpoint.place));
    const other = arrived ? 'moment' : stepped ? 'step' : 'pause';
    const reason = written ? 'data' : rules.length > 0 ? 'breakpoint' : other;
    return { stop: stepped || arrived || paused || rules.length > 0 ? { reason, rules } : undefined, sought, logs };
  }

  /** Watched memory was written: `length` bytes from `address` on. */
  stored(address: number, length: number, scope: Scope): CodeVerdict {
    const met = this.#watches.filter(
      ({ place }) => 'address' in place && address < place.address + place.length && place.address < address + length,
    );
    const { rules, logs } = this.#judge(met.map(compile), scope);
    return { stop: rules.length > 0 ? { reason: 'data', rules } : undefined, sought: false, logs };
  }

  #judge(breakpoints: readonly Compiled[], scope: Scope): { rules: string[]; logs: string[] } {
    const rules: string[] = [];
    const logs: string[] = [];
    for (const { breakpoint, condition, hit, message } of breakpoints) {
      if (condition !== undefined) {
        const { held, problem } = judged(condition, scope);
        if (problem !== undefined && !this.#told.has(`${breakpoint.id} ${breakpoint.condition}`)) {
          this.#told.add(`${breakpoint.id} ${breakpoint.condition}`);
          logs.push(`The condition '${breakpoint.condition}' counts as false where it has no value: ${problem}.`);
        }
        if (!held) continue;
      }
      const count = (this.#hits.get(breakpoint.id) ?? 0) + 1;
      this.#hits.set(breakpoint.id, count);
      if (!hit(count)) continue;
      if (message === undefined) rules.push(breakpoint.id);
      else logs.push(message(scope));
    }
    return { rules, logs };
  }
}

/** A step that began in an async function, whose future is polled at `at`: by others than before maybe, and it may be another one in its place. */
function polledAgain(step: StepOrigin, { future, frames }: Reached): StepOrigin {
  const { statement } = step;
  // of a new future every line is another
  if (future?.begins === true && statement !== undefined)
    return { ...step, frames, statement: { ...statement, line: -1 } };
  return step.frames === frames ? step : { ...step, frames };
}

/** Whether a step that began at `origin` is over. */
function endsStep({ kind: asked, func, frames, leaf, statement, target }: StepOrigin, at: Reached): boolean {
  if (at.wanted) return true;
  // all calls but the one that was asked for are stepped over
  const kind = target === undefined ? asked : 'over';
  if (kind === 'into' && statement === undefined) return true;
  const same = at.func === func && at.frames === frames;
  // A leaf can't be left but by returning, and its frame was not counted: the caller has as many.
  const left = leaf ? at.func !== func : at.frames < frames;
  if (statement !== undefined) {
    if (at.statement === undefined || at.statement.dispatch) return false;
    const reached = { ...at.statement, sameFrame: same, outside: left };
    const seen = at.future === undefined ? reached : seenByFuture(kind, reached, at.future);
    return seen !== undefined && endsStatementStep(kind, statement, seen);
  }
  return left || (kind === 'over' && same);
}

function compile(breakpoint: CodeBreakpoint): Compiled {
  const { condition, hitCondition, logMessage } = breakpoint;
  return {
    breakpoint,
    condition: condition === undefined ? undefined : compileExpression(condition),
    hit: compileHitCondition(hitCondition),
    message: logMessage === undefined ? undefined : compileMessage(logMessage),
  };
}

/** A condition that can't be evaluated here does not hold; `problem` is a clause that says why. */
function judged(condition: Expression, scope: Scope): { readonly held: boolean; readonly problem?: string } {
  try {
    return { held: truthy(condition(scope)) };
  } catch (error) {
    return { held: false, problem: error instanceof EvaluationError ? error.reason : String(error) };
  }
}
