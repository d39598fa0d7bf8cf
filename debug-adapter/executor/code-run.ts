// The guest's code while it runs: moments, sites that are reached, breakpoints with their conditions. Between the hooks of the rewritten module
// and the pauses of the run; guest-run.ts owns one. How steps begin is code-steps.ts's. Contracts I2, S1.

import { CODE_NAMES, type CodePlace, codeScope } from '../expressions/event-scope.ts';
import type { Scope } from '../expressions/expression.ts';
import { type NamedVariables, withVariables } from '../expressions/source-scope.ts';
import { momentsOf } from '../instrument/counters.ts';
import { framesOf } from '../instrument/frame-count.ts';
import { SITES_AT } from '../instrument/plan.ts';
import { unchargedAt } from '../instrument/uncharged.ts';
import type { FutureOrigin } from '../source/stepping.ts';
import type { CodePlaces } from './code-places.ts';
import { CodeSteps } from './code-steps.ts';
import { type CodeStop, CodeStops, type CodeVerdict } from './code-stops.ts';
import { withKnownNames } from './condition-names.ts';
import { GuestCode } from './guest-code.ts';
import { type KeptFrame, KeptFrames } from './kept-frames.ts';
import type { Loaded } from './loading.ts';
import type { CodeBreakpoint, GuestFrame, ResolvedBreakpoint, Resume, StepOrigin } from './options.ts';
import { SiteVariables } from './site-variables.ts';
import { StepFutures } from './step-futures.ts';
import { variablesOfWriter } from './store-variables.ts';

/** ms by which a pause may come later for the sake of a line of the author's: E2 gives it 100. */
const MOST_PUT_OFF_MS = 25;

const NO_COLUMNS = { offset: new Uint32Array(0), pending: new Int32Array(0), kind: new Uint8Array(0) };

/** What the code needs of the run around it. */
interface CodeContext {
  fuel(): number;
  /** ms on the run's clock. */
  time(): number;
  log(text: string): void;
  /** The future that frame `index` of the stop works on; undefined: it is no body of an async function, or that is not known. */
  future(index: number): Pick<FutureOrigin, 'address' | 'depth'> | undefined;
  /** The innermost frames of the guest, `count` of them where there are so many. */
  frames(count: number): readonly GuestFrame[];
  /** The moment that is sought has come. */
  sought(): void;
  /** Stops until somebody lets the run go on. */
  stop(reason: CodeStop['reason'], rules: readonly string[]): void;
}

export class CodeRun {
  readonly places: CodePlaces;
  readonly guest: GuestCode;
  readonly #loaded: Loaded;
  readonly #context: CodeContext;
  readonly #stops: CodeStops;
  readonly #moments: { readonly value: number } | undefined;
  readonly #depth: { readonly value: number | bigint } | undefined;
  readonly #watched: { readonly from: { value: bigint }; readonly length: { value: bigint } } | undefined;
  readonly #steps: CodeSteps;
  readonly #place: CodePlace;
  /** Where the guest stands: its names, and the guest; variables of the source are not in it. */
  readonly scope: Scope;
  /** At a site: the same, and the variables that are visible there. */
  readonly #siteScope: Scope;
  readonly #variables: SiteVariables | undefined;
  readonly #futures: StepFutures;
  /** Where memory is written: the same, and the variables of the code that writes. */
  readonly #storeScope: Scope;
  #writer: NamedVariables | undefined;
  /** The instruction that writes into the watched range, while its hook is asked; else -1. */
  #storing = -1;
  /** Of the site that is being looked at. */
  #siteMoment = 0;
  /** Where the guest stands, as `frames` of the site it stopped at. */
  #stoppedAt: { func: number; frames: number } | undefined;
  readonly #kept = new KeptFrames();
  /** A stop that a site asked for is under way. */
  #inCode = false;
  /** Until when a pause that is asked for waits for a line of the author's: monotonic ms. */
  #pauseUntil: number | undefined;

  constructor(loaded: Loaded, instance: WebAssembly.Instance, context: CodeContext) {
    this.#loaded = loaded;
    this.#context = context;
    const { instrumented, places } = loaded;
    this.places = places;
    this.guest = new GuestCode(loaded, instance, places.disassembly);
    const { depth, sites, watched } = instrumented.exports;
    const global = <T>(name: string | null): T | undefined => {
      const found = instance.exports[name ?? ''];
      return found instanceof WebAssembly.Global ? (found as T) : undefined;
    };
    this.#moments = momentsOf(instance.exports, instrumented.exports);
    this.#depth = global(depth);
    if (watched !== null) {
      const from = global<{ value: bigint }>(watched.from);
      const length = global<{ value: bigint }>(watched.length);
      if (from !== undefined && length !== undefined) this.#watched = { from, length };
    }
    const memory = instance.exports[sites ?? ''];
    const armed = memory instanceof WebAssembly.Memory ? memory.buffer : new ArrayBuffer(SITES_AT);
    this.#stops = new CodeStops(instrumented.sites ?? NO_COLUMNS, armed, loaded.instructionsPerFuel);
    const self = this;
    this.#place = {
      get function() {
        return loaded.nameOf(self.#functionOf(this.offset));
      },
      get offset() {
        return self.#storing >= 0 ? self.#storing : self.guest.offset;
      },
      get moment() {
        return self.#siteMoment;
      },
      get fuel() {
        return context.fuel();
      },
      get time() {
        return context.time();
      },
    };
    this.scope = codeScope(this.#place, this.guest);
    const { source } = places;
    const named = (index: number) => loaded.functionInTable(index);
    const variables = source && new SiteVariables(source, this.guest, loaded.layouts.stackPointer, named);
    this.#variables = variables;
    this.#futures = new StepFutures(loaded, this.guest, variables?.machine);
    this.#steps = new CodeSteps(loaded, this.#stops, this.#futures, context);
    const here = () => (self.guest.offset < 0 ? undefined : variables?.at(self.guest.offset));
    this.#siteScope = withVariables(this.scope, here, CODE_NAMES);
    const writer = (): NamedVariables | undefined => {
      if (source === undefined || this.#storing < 0) return undefined;
      const frames = () => context.frames(Number.POSITIVE_INFINITY);
      this.#writer ??= variablesOfWriter({ source, guest: this.guest, loaded, instance }, frames());
      return this.#writer;
    };
    this.#storeScope = withVariables(this.scope, writer, CODE_NAMES);
  }

  /** Instructions passed, where the guest is in a hook or an import (they end their blocks); at a site, right there. */
  get moment(): number {
    return this.#inCode ? this.#siteMoment : this.#charged;
  }

  /** As they are charged: ahead of what was passed, amid a block. */
  get #charged(): number {
    return this.#moments?.value ?? 0;
  }

  /** Right before the instruction that trapped. */
  momentOfTrap(frame: GuestFrame | undefined): number {
    const { module } = this.#loaded;
    if (frame === undefined || frame.func < module.importedFunctions) return this.#charged;
    return this.#charged + unchargedAt(module, frame.func - module.importedFunctions, frame.offset);
  }

  /** The guest stands before an instruction whose site was reached. */
  get inCode(): boolean {
    return this.#inCode;
  }

  /** And its site has handed over operands and locals. */
  get handed(): boolean {
    return this.#inCode && this.guest.handed;
  }

  #functionOf(offset: number): number {
    return this.places.functionAt(offset);
  }

  #frames(): number {
    return this.#depth === undefined ? 0 : framesOf(this.#depth.value);
  }

  get hits(): [id: string, count: number][] {
    return this.#stops.hits;
  }

  set hits(hits: readonly (readonly [id: string, count: number])[]) {
    this.#stops.hits = hits;
  }

  /** From now on what the frames at these calls hand over is kept, so that it can be seen while their callees run. */
  collect(offsets: readonly number[]): void {
    this.#stops.collect(new Set(offsets));
  }

  /** That was enough: what was kept stays, until the guest runs on. */
  collected(): void {
    this.#stops.collect(new Set());
  }

  /** What frame `index` of these handed over at its call; undefined where nothing was kept of it. */
  keptOf(frames: readonly GuestFrame[], index: number): KeptFrame | undefined {
    const frame = frames[index];
    if (frame === undefined) return undefined;
    const leaf = index === 0 && this.#steps.isLeaf(frame.func);
    return this.#kept.get(frame.offset, frames.length - index - (leaf ? 1 : 0));
  }

  /** Sets the breakpoints. @returns what became of each, and whether any needs sites that this module has not. */
  setBreakpoints(breakpoints: readonly CodeBreakpoint[]): { resolved: ResolvedBreakpoint[]; missing: boolean } {
    const resolved = breakpoints.map((breakpoint) =>
      withKnownNames(breakpoint, this.places.resolve(breakpoint), this.#variables),
    );
    const watches = breakpoints.filter(({ place }) => 'address' in place);
    const placed = breakpoints.map((breakpoint, n) => ({
      breakpoint,
      offsets: resolved[n]?.places.map(({ offset }) => offset) ?? [],
    }));
    this.#watch(watches);
    const missing = this.#stops.setBreakpoints(placed).length > 0;
    return { resolved, missing: missing || (watches.length > 0 && this.#watched === undefined) };
  }

  #watch(watches: readonly CodeBreakpoint[]): void {
    this.#stops.setWatches(watches);
    if (this.#watched === undefined) return;
    let from = Number.POSITIVE_INFINITY;
    let to = 0;
    for (const { place } of watches) {
      if (!('address' in place)) continue;
      from = Math.min(from, place.address);
      to = Math.max(to, place.address + place.length);
    }
    // one range that holds them all: which of them was met is looked at when it is
    this.#watched.from.value = BigInt(to === 0 ? 0 : from);
    this.#watched.length.value = to === 0 ? -(1n << 62n) : BigInt(to - from);
  }

  /** Whether this module has the sites that a step by instruction from here can end at. */
  steppable(frames: readonly GuestFrame[]): boolean {
    const functions = this.#loaded.stepping;
    return (
      this.#loaded.instrumented.sites !== null &&
      (functions === 'all' || frames.every(({ func }) => functions.has(func)))
    );
  }

  /** The run goes on from a stop: by a step, to a moment, or until something else happens. */
  resume(mode: Resume, frames: readonly GuestFrame[]): void {
    const stops = this.#stops;
    if (mode.moment === undefined) this.#kept.clear();
    stops.settled(this.#charged);
    if (mode.moment !== undefined) stops.runTo(mode.moment, this.moment);
    this.#steps.begin(mode, frames, this.#stoppedAt?.frames ?? this.#frames());
  }

  /** The future that the body of an async function is polled with at the site that is being looked at; undefined: that is not known. */
  futureHere(func: number): number | undefined {
    return this.#futures.polledHere(func);
  }

  /**
   * A pause is asked for amid the guest's computing, at this monotonic ms. Where the author's own code is on the stack below a library's, its line is
   * seen right here; where it computes itself, or is not on the stack, it may be at a line of its own soon. @returns false: right here
   */
  comesSoon(now: number): boolean {
    const { source } = this.places;
    const until = this.#pauseUntil;
    if (source === undefined || (until !== undefined && now >= until)) return false;
    if (until !== undefined) return true;
    const frames = this.#context.frames(Number.POSITIVE_INFINITY);
    const own = frames.findIndex(({ offset }) => source.placeAt(offset)?.own === true);
    if (own > 0) return false;
    this.#pauseUntil = now + MOST_PUT_OFF_MS;
    const { statements, files } = source;
    this.#stops.pauseIn((offset) => {
      const at = statements.at(offset);
      return at >= 0 && files.own(statements.file(at));
    });
    return true;
  }

  /** The run has stopped, for whatever reason: what it was under way to is over. */
  stopped(): void {
    this.#pauseUntil = undefined;
    this.#stops.settled(this.#charged);
  }

  /** The run has to come to this moment, whatever it is told meanwhile: `sought` of the context is told at its site. */
  seek(moment: number | undefined): void {
    this.#stops.seek(moment, this.#charged);
  }

  /** That moment. */
  get sought(): number | undefined {
    return this.#stops.sought;
  }

  /** The step that was under way when the run stopped. */
  get stepped(): StepOrigin | undefined {
    return this.#stops.stepped;
  }

  /** A moment that is run to is so near that every charge is looked at. */
  get near(): boolean {
    return this.#stops.near;
  }

  get target(): number | undefined {
    return this.#stops.target;
  }

  /** The most fuel that may be granted now. */
  mostFuel(): number {
    return this.#stops.mostFuel(this.#charged);
  }

  /** The hook of an armed site. */
  reached(site: number): void {
    const stops = this.#stops;
    const { sites } = this.#loaded.instrumented;
    if (sites === null) return;
    this.guest.enter(site);
    const offset = sites.offset[site] ?? 0;
    const frames = this.#frames();
    if (stops.collects(offset)) {
      this.#kept.keep(offset, frames, site, this.guest.handedBytes());
      if (stops.onlyCollects(offset)) {
        this.guest.enter(-1);
        return;
      }
    }
    this.#siteMoment = this.#charged + (sites.pending[site] ?? 0);
    const func = this.#functionOf(offset);
    const { statement, future, wanted } = this.#steps.reached(site, { func, frames, offset });
    const at = { func, frames, moment: this.#siteMoment, scope: this.#siteScope, statement, future, wanted };
    const verdict = stops.reached(site, at);
    this.#carryOut(verdict, { func, frames });
  }

  /** The hook of a store into the watched range. */
  stored(site: number, address: number, length: number): void {
    const { sites } = this.#loaded.instrumented;
    if (sites === null) return;
    this.#siteMoment = this.#charged + (sites.pending[site] ?? 0);
    this.#storing = sites.offset[site] ?? -1;
    try {
      this.#carryOut(this.#stops.stored(address, length, this.#storeScope), undefined);
    } finally {
      this.#storing = -1;
      this.#writer = undefined;
    }
  }

  #carryOut(verdict: CodeVerdict, at: { func: number; frames: number } | undefined): void {
    const { sought, logs, stop } = verdict;
    if (sought || stop !== undefined) {
      this.#inCode = true;
      this.#stoppedAt = at;
      try {
        if (sought) this.#context.sought();
        for (const text of logs) this.#context.log(text);
        if (stop !== undefined) this.#context.stop(stop.reason, stop.rules);
      } finally {
        this.#inCode = false;
        this.#stoppedAt = undefined;
      }
    } else for (const text of logs) this.#context.log(text);
    this.guest.enter(-1);
  }
}
