// Runs one module as it is and rewritten under each plan, the same calls in the same order, and holds against the original what comes of each
// call: results, trap and its place, host calls, globals, tables, memories; and against each other the fuel and the moments. Only tests import
// it. (I1, I2, I3)
import type { Instrumented } from '../instrument/instrument.ts';
import { instrument } from '../instrument/instrument.ts';
import { BODY_LIMIT } from '../instrument/plan.ts';
import { armAll, momentOf, RewrittenGuest } from '../instrument/testing.ts';
import { WasmError } from '../wasm/error.ts';
import { ImportKind, parseModule, type WasmModule } from '../wasm/module.ts';
import { callerModule, RESULT_BYTES } from './differential-caller.ts';
import type { GeneratedModule } from './differential-corpus.ts';
import { framesOf } from './differential-frames.ts';
import { memoryDifference, stateText } from './differential-state.ts';
import type { Tally } from './differential-tally.ts';
import { WatchedRange } from './differential-watch.ts';
import { type Argument, drawArgument, typeOf, valueText, World } from './differential-world.ts';
import { ARMED_PLAN, type NamedPlan, PLANS } from './plans.ts';
import { RandomSource } from './random-source.ts';

/** Calls of each exported function, and of all of them together. */
const ROUNDS = 4;
const MOST_CALLS = 32;
/** Every so-manieth module is also run with every site armed, and woven coarsely: both take long. */
const ARMED_EVERY = 8;
const COARSE_EVERY = 3;

interface PlannedCall {
  readonly function: string;
  readonly index: number;
  readonly args: readonly Argument[];
}

/** The module as it is, or as some plan made it. */
interface Specimen {
  readonly name: string;
  readonly world: World;
  readonly guest: RewrittenGuest | undefined;
  readonly instance: WebAssembly.Instance;
  readonly memories: readonly WebAssembly.Memory[];
  readonly caller: WebAssembly.Instance | undefined;
  /** Where the plan watches a memory that there is. */
  readonly watch: WatchedRange | undefined;
  /** How many armed sites were reached; undefined where none is armed. */
  passed: number | undefined;
  /** Moments less sites before the present call: a trap leaves the moments of its last block uncounted, and the start function has no sites armed. */
  lag: number;
}

class Overflow extends Error {}

function isOverflow(error: unknown): boolean {
  return error instanceof RangeError && /call stack size/.test(error.message);
}

function resultText(specimen: Specimen, call: PlannedCall, n: number, module: WasmModule): string {
  const { instance, world, caller } = specimen;
  const args = call.args.map((argument) => world.value(argument));
  if (caller === undefined) {
    const result = (instance.exports[call.function] as (...values: unknown[]) => unknown)(...args);
    return (Array.isArray(result) ? result : [result]).map(valueText).join(' ');
  }
  const references = args.filter((_, index) => call.args[index]?.bits === null);
  const result = (caller.exports[String(n)] as (...values: unknown[]) => unknown)(...references);
  const { buffer } = caller.exports['results'] as WebAssembly.Memory;
  const size = typeOf(module, call.index).results.length * RESULT_BYTES;
  const text = `${(Array.isArray(result) ? result : [result]).map(valueText).join(' ')} ${Buffer.from(buffer, 0, size).toString('hex')}`;
  new Uint8Array(buffer, 0, size).fill(0);
  return text;
}

/** The most that V8 may take for a body so that the largest function is woven coarsely. */
function coarseLimit(module: WasmModule, plan: NamedPlan): number {
  const fine = instrument(module, plan.make(module));
  const { bodyStart, bodyEnd } = parseModule(fine.bytes);
  let largest = 0;
  for (let n = 0; n < module.bodyStart.length; n++) largest = Math.max(largest, bodyEnd[n]! - bodyStart[n]!);
  return largest - 1;
}

/** Of the armed sites that are reached, every so-manieth is held against the stack. */
const STOPS_LOOKED_AT = 37;

/** One module, all its specimens, and the calls that they get. */
class Lockstep {
  readonly #subject: GeneratedModule;
  readonly #module: WasmModule;
  readonly #seed: number;
  readonly #calls: PlannedCall[];
  readonly #compiled: WebAssembly.Module;
  readonly #callers: WebAssembly.Module | undefined;
  readonly #tally: Tally;
  /** Moments less the sum of the blocks since the last trap, by plan. */
  readonly #leftByTraps = new Map<string, number>();
  readonly #source: RandomSource;
  /** Draws the ranges that are watched. */
  readonly #ranges: RandomSource;

  constructor(subject: GeneratedModule, tally: Tally) {
    this.#subject = subject;
    this.#tally = tally;
    this.#module = parseModule(subject.bytes);
    this.#seed = Number(BigInt.asIntN(32, BigInt(subject.seed)));
    this.#compiled = new WebAssembly.Module(subject.canonical ?? subject.bytes);
    this.#source = new RandomSource(this.#seed ^ 0x2545f491);
    this.#ranges = new RandomSource(this.#seed ^ 0x3c6ef372);
    this.#calls = this.#plannedCalls();
    if (subject.features !== 'plain')
      this.#callers = new WebAssembly.Module(
        callerModule(
          this.#calls.map(({ index, args }) => ({
            ...typeOf(this.#module, index),
            args: args.map(({ bits }) => bits),
          })),
        ),
      );
  }

  #plannedCalls(): PlannedCall[] {
    const functions = this.#module.exports.filter(({ kind }) => kind === ImportKind.Function);
    const names = functions.map(({ name }) => name);
    const calls: PlannedCall[] = [];
    for (let round = 0; round < ROUNDS; round++)
      for (const { name, index } of functions) {
        if (calls.length === MOST_CALLS) return calls;
        const { parameters } = typeOf(this.#module, index);
        calls.push({
          function: name,
          index,
          args: parameters.map((type) => drawArgument(this.#source, type, names)),
        });
      }
    return calls;
  }

  #fail(what: string): never {
    const { seed, features } = this.#subject;
    throw new Error(
      `module ${seed} (${features}): ${what}\nAgain: node debug-adapter/testing/differential-seed.ts ${seed} ${features}`,
    );
  }

  /** The frames of a stack as text. Where the original is a module of its own, with the NaNs made canonical, its offsets are no measure. */
  #framesText(stack: string, rewritten: Instrumented | undefined): string {
    return this.#subject.canonical === undefined ? ` @ ${framesOf(stack, rewritten).join(' < ')}` : '';
  }

  /** An error out of a guest as text: its kind, its words, and where each frame stands in the original file. */
  #errorText(error: unknown, rewritten: Instrumented | undefined): string {
    if (!(error instanceof Error)) return `threw ${String(error)}`;
    if (isOverflow(error)) throw new Overflow();
    return `${error.name}: ${error.message}${this.#framesText(String(error.stack), rewritten)}`;
  }

  /** An instance; a text where there can be none. */
  #specimen(plan: NamedPlan | undefined): Specimen | string {
    const names = this.#module.exports.filter(({ kind }) => kind === ImportKind.Function).map(({ name }) => name);
    const world = new World(this.#module, this.#seed, names);
    let guest: RewrittenGuest | undefined;
    let instance: WebAssembly.Instance;
    const limit = plan?.coarse ? coarseLimit(this.#module, plan) : BODY_LIMIT;
    try {
      if (plan === undefined) instance = new WebAssembly.Instance(this.#compiled, world.imports);
      else {
        guest = new RewrittenGuest(this.#subject.bytes, plan.make, world.imports, limit);
        instance = guest.instance;
      }
    } catch (error) {
      if (plan?.coarse && error instanceof WasmError && /too large/.test(error.message)) return 'too large';
      return this.#errorText(error, plan && instrument(this.#module, plan.make(this.#module), limit));
    }
    world.instance = instance;
    const exported = this.#module.exports.filter(({ kind }) => kind === ImportKind.Memory);
    const specimen: Specimen = {
      name: plan?.name ?? 'the original',
      world,
      guest,
      instance,
      memories: exported.map(({ name }) => instance.exports[name] as WebAssembly.Memory),
      caller: this.#callers && new WebAssembly.Instance(this.#callers, this.#calleesOf(instance)),
      watch: guest && plan && this.#watchOf(guest, plan),
      passed: plan?.armed ? 0 : undefined,
      lag: 0,
    };
    if (guest !== undefined && guest.instrumented.exports.moment !== null) {
      const counting = guest;
      world.meter = () => {
        const moment = momentOf(counting);
        if (specimen.passed !== undefined && moment - specimen.passed !== specimen.lag)
          this.#fail(`a host call at moment ${moment}, after ${specimen.passed + specimen.lag} armed sites`);
        return moment;
      };
    }
    if (guest !== undefined && plan?.armed) {
      armAll(guest);
      guest.onProbe = (site) => {
        specimen.passed = (specimen.passed ?? 0) + 1;
        if (specimen.passed % STOPS_LOOKED_AT === 0) this.#lookAtStop(guest, site);
      };
    }
    return specimen;
  }

  #watchOf(guest: RewrittenGuest, plan: NamedPlan): WatchedRange | undefined {
    const { watchedMemory } = plan.make(this.#module);
    return watchedMemory === null ? undefined : new WatchedRange(guest, watchedMemory);
  }

  /** Where the guest is stopped its stack must say so: it is what a debugger shows. */
  #lookAtStop(guest: RewrittenGuest, site: number): void {
    const offset = guest.instrumented.sites?.offset[site];
    const [top = 'nowhere'] = framesOf(String(new Error().stack), guest.instrumented);
    if (top.split('@')[1] !== String(offset)) this.#fail(`the site before byte ${offset} is entered at ${top}`);
  }

  #calleesOf(instance: WebAssembly.Instance): WebAssembly.Imports {
    return { callee: Object.fromEntries(this.#calls.map((call, n) => [n, instance.exports[call.function]])) };
  }

  run(plans: readonly NamedPlan[]): void {
    this.#tally.modules++;
    const original = this.#specimen(undefined);
    const specimens: Specimen[] = [];
    for (const plan of plans) {
      const made = this.#specimen(plan);
      if (made === 'too large') continue;
      this.#tally.rewritten++;
      if (typeof made === 'string' || typeof original === 'string') {
        const before = typeof original === 'string' ? original : 'an instance';
        const now = typeof made === 'string' ? made : 'an instance';
        if (before !== now) this.#fail(`instantiated with ${plan.name} it gives ${now}, not ${before}`);
      } else specimens.push(made);
    }
    if (typeof original === 'string') {
      this.#tally.uninstantiable++;
      return;
    }
    for (const specimen of specimens) this.#compareState(original, specimen, 'instantiation');
    this.#compareMeters(specimens, 'instantiation', 'instantiated');
    for (const [n, call] of this.#calls.entries()) this.#call(original, specimens, call, n);
    this.#tally.watched += specimens.filter(({ watch }) => watch !== undefined && watch.seen > 0).length;
  }

  #call(original: Specimen, specimens: readonly Specimen[], call: PlannedCall, n: number): void {
    const label = `call ${n}, ${call.function}(${call.args.map(({ value }) => valueText(value)).join(', ')})`;
    const fuel = this.#source.one([60, 250, this.#subject.termination]);
    const expected = this.#outcome(original, call, n, fuel);
    const trapped = /^\w*Error: /.test(expected);
    this.#tally.calls++;
    if (trapped) this.#tally.traps++;
    this.#tally.hostCalls += original.world.asked.length;
    const asked = this.#askedText(original);
    for (const specimen of specimens) {
      const { guest } = specimen;
      if (guest !== undefined && specimen.passed !== undefined) specimen.lag = momentOf(guest) - specimen.passed;
      guest?.forgetFrames();
      const depth = this.#depthOf(specimen);
      const outcome = this.#outcome(specimen, call, n, fuel);
      if (outcome !== expected) this.#fail(`${label} with ${specimen.name}: ${outcome}\ninstead of: ${expected}`);
      if (!trapped && this.#depthOf(specimen) !== depth)
        this.#fail(
          `${label} with ${specimen.name}: the count of frames is ${this.#depthOf(specimen)}, and was ${depth}`,
        );
      const questions = this.#askedText(specimen);
      if (questions !== asked) this.#fail(`${label} with ${specimen.name} asks ${questions}\ninstead of: ${asked}`);
      this.#compareState(original, specimen, label);
      const missed = specimen.watch?.end();
      if (missed !== undefined) this.#fail(`${label} with ${specimen.name}: ${missed}`);
      if (guest !== undefined && specimen.passed !== undefined && !trapped) {
        const counted = specimen.passed + specimen.lag;
        if (momentOf(guest) !== counted)
          this.#fail(`${label}: moment ${momentOf(guest)} at its end, and ${counted} by the armed sites`);
        this.#tally.moments++;
      }
    }
    this.#compareMeters(specimens, label, trapped ? 'trapped' : 'returned');
    this.#compareMomentsOfHostCalls(specimens, label);
  }

  /** I2: a host function is entered at the same moment under every plan that counts them. */
  #compareMomentsOfHostCalls(specimens: readonly Specimen[], label: string): void {
    let first: { name: string; text: string } | undefined;
    for (const { name, world } of specimens) {
      if (world.meter === undefined) continue;
      const text = world.asked.map(({ moment }) => moment).join(' ');
      first ??= { name, text };
      if (text !== first.text)
        this.#fail(`${label}: host calls at moments ${text} with ${name}, ${first.text} with ${first.name}`);
    }
  }

  /** What the count of live frames stands at outside of calls; undefined without one. */
  #depthOf({ guest }: Specimen): number | bigint | undefined {
    if (guest === undefined || guest.instrumented.exports.depth === null) return undefined;
    return guest.depth;
  }

  #outcome(specimen: Specimen, call: PlannedCall, n: number, fuel: number): string {
    specimen.world.asked = [];
    specimen.watch?.begin(this.#ranges);
    (specimen.instance.exports[this.#subject.fuel] as WebAssembly.Global).value = fuel;
    try {
      return resultText(specimen, call, n, this.#module);
    } catch (error) {
      return this.#errorText(error, specimen.guest?.instrumented);
    }
  }

  #askedText({ world, guest }: Specimen): string {
    return world.asked.map(({ text, stack }) => text + this.#framesText(stack, guest?.instrumented)).join('\n');
  }

  #compareState(original: Specimen, specimen: Specimen, label: string): void {
    const [expected, state] = [stateText(original.instance, this.#module), stateText(specimen.instance, this.#module)];
    if (state !== expected)
      this.#fail(`after ${label} with ${specimen.name} globals and tables are${state}\ninstead of${expected}`);
    for (const [n, memory] of specimen.memories.entries()) {
      const difference = memoryDifference(memory, original.memories[n]!);
      if (difference !== undefined) this.#fail(`after ${label} with ${specimen.name}: memory ${n}: ${difference}`);
    }
  }

  /**
   * I2, I3: fuel and moments are the same under every plan that counts them, and moments are the sum of the blocks that were run: but for
   * what a trap leaves between the two, as moments are charged ahead and blocks where they end.
   */
  #compareMeters(specimens: readonly Specimen[], label: string, after: 'instantiated' | 'returned' | 'trapped'): void {
    let fuel: { name: string; value: number } | undefined;
    let moment: { name: string; value: number } | undefined;
    for (const { name, guest } of specimens) {
      if (guest === undefined) continue;
      const { exports, blocks } = guest.instrumented;
      if (exports.fuel !== null) {
        fuel ??= { name, value: guest.consumed };
        if (guest.consumed !== fuel.value)
          this.#fail(`after ${label}: ${guest.consumed} fuel with ${name}, ${fuel.value} with ${fuel.name}`);
      }
      if (exports.moment === null) continue;
      const value = momentOf(guest);
      moment ??= { name, value };
      if (value !== moment.value)
        this.#fail(`after ${label}: moment ${value} with ${name}, ${moment.value} with ${moment.name}`);
      if (blocks === null || exports.counts === null || after === 'instantiated') continue;
      const counts = new BigUint64Array((guest.instance.exports[exports.counts] as WebAssembly.Memory).buffer);
      const sum = blocks.length.reduce((total, length, row) => total + length * Number(counts[row]), 0);
      const left = this.#leftByTraps.get(name) ?? 0;
      if (after === 'trapped') this.#leftByTraps.set(name, value - sum);
      else if (sum + left !== value)
        this.#fail(`after ${label}: the blocks run with ${name} make ${sum + left} moments, not ${value}`);
    }
  }
}

/** The plans that fit a module: canonical NaNs also settle what relaxed SIMD leaves open, in another way than V8 does. */
function plansFor({ features, seed }: GeneratedModule): readonly NamedPlan[] {
  const every = (n: number) => BigInt(seed) % BigInt(n) === 0n;
  const plans = [
    ...PLANS.filter(({ coarse }) => !coarse || every(COARSE_EVERY)),
    ...(every(ARMED_EVERY) ? [ARMED_PLAN] : []),
  ];
  if (features === 'nans') return plans.filter(({ name }) => name.startsWith('every') || name === 'canonical NaNs');
  if (features !== 'relaxed') return plans;
  return plans.map((plan) => ({ ...plan, make: (module) => ({ ...plan.make(module), canonicalNaN: false }) }));
}

/**
 * Runs a module that the generator made, as it is and rewritten under every plan, and counts in `tally` what was run.
 * @throws Error at the first difference, which names the plan, the call, and the command that runs the module again
 */
export function runLockstep(
  subject: GeneratedModule,
  tally: Tally,
  plans: readonly NamedPlan[] = plansFor(subject),
): void {
  try {
    new Lockstep(subject, tally).run(plans);
  } catch (error) {
    if (!(error instanceof Overflow)) throw error;
    tally.overflows++;
  }
}
