// From the module's bytes to a compiled, rewritten module: parse, check what production would refuse, reckon fuel, rewrite, compile. Runs
// in the worker; says how far it is. Contracts E3, I1, R2.
import { chargeTable } from '../fuel/charge-table.ts';
import { FUEL_MODEL } from '../fuel/model.ts';
import { type Instrumented, instrument } from '../instrument/instrument.ts';
import { WasmError } from '../wasm/error.ts';
import { checkProduction, type ProductionFault } from '../wasm/features.ts';
import { ImportKind, parseModule, type WasmModule } from '../wasm/module.ts';
import { FunctionNames } from '../wasm/names.ts';
import { FrameLayouts } from '../wasm/prologue.ts';
import { CodePlaces, sitePlan, steppedFunctions } from './code-places.ts';
import { type CodeBreakpoint, NO_SITES, type PlanChoice } from './options.ts';

export { FUEL_MODEL };

/** A plugin that can't run: what production would say to it, or what we refuse, in one sentence. */
export class Unusable extends Error {
  readonly kind: string;
  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface Loaded {
  readonly module: WasmModule;
  readonly instrumented: Instrumented;
  readonly compiled: WebAssembly.Module;
  readonly places: CodePlaces;
  /** How functions keep their frames on the stack in memory. */
  readonly layouts: FrameLayouts;
  /** Functions of which every instruction is a site. */
  readonly stepping: ReadonlySet<number> | 'all';
  /** The most instructions that one unit of fuel pays for. */
  readonly instructionsPerFuel: number;
  /** Demangled name of a function of the original module. */
  nameOf(func: number): string;
  /** Name of a global, from the name section or its exports; '' when it has none. */
  globalName(index: number): string;
}

export interface LoadChoices {
  readonly path: string;
  readonly features: readonly string[];
  readonly missingImports: 'fail' | 'enosys';
  readonly plan?: PlanChoice;
  readonly breakpoints?: readonly CodeBreakpoint[];
  /** Somebody looks: frames are to be found in memory. */
  readonly debug?: boolean;
  /** Further instructions that are to be sites: offsets. */
  readonly offsets?: readonly number[];
}

/** Whether a stub can stand in for what is missing: there is none for a table, a memory or a global. */
function isMissingFunction(module: WasmModule, { kind, offset }: ProductionFault): boolean {
  return (
    kind === 'missing-import' &&
    module.imports.some((item) => item.kind === ImportKind.Function && item.offset === offset)
  );
}

/**
 * Loads a plugin. @throws Unusable for what production refuses (E3), what the pass refuses, and what V8 refuses.
 * `progress` gets a phase and how much of the whole is done, 0 to 1.
 */
export function loadPlugin(
  bytes: Uint8Array<ArrayBuffer>,
  choices: LoadChoices,
  progress: (phase: string, fraction: number) => void,
): Loaded {
  try {
    progress('Reading the module', 0);
    const module = parseModule(bytes);
    progress('Checking what production accepts', 0.15);
    const fault = checkProduction(module, { features: choices.features }).find(
      (found) => !(choices.missingImports === 'enosys' && isMissingFunction(module, found)),
    );
    if (fault !== undefined) throw new Unusable(fault.kind, `${choices.path}: ${fault.message}`);
    progress('Reckoning fuel', 0.3);
    const charges = chargeTable(module);
    progress('Rewriting', 0.45);
    const names = new FunctionNames(module);
    const { plan = NO_SITES, breakpoints = [], offsets = [] } = choices;
    const places = new CodePlaces(module, names);
    const layouts = new FrameLayouts(module, names);
    const stepping = steppedFunctions(module, plan.functions);
    const watched = plan.watch || breakpoints.some(({ place }) => 'address' in place);
    const instrumented = instrument(module, {
      charges,
      frameSlots: charges.frameSlots,
      canonicalNaN: true,
      chunkBulk: true,
      growHooks: true,
      moments: true,
      sites: sitePlan(
        module,
        {
          ...plan,
          offsets: [...plan.offsets, ...offsets],
          functions: stepping === 'all' ? 'all' : [...stepping],
          watch: watched,
        },
        breakpoints.map((breakpoint) => places.resolve(breakpoint)),
      ),
      blockCounts: plan.blockCounts,
      watchedMemory: watched ? 0 : null,
      storedPointers:
        layouts.stackPointer < 0 || !choices.debug
          ? null
          : { global: layouts.stackPointer, functions: layouts.unusual() },
    });
    progress('Compiling', 0.75);
    const compiled = new WebAssembly.Module(instrumented.bytes as Uint8Array<ArrayBuffer>);
    const exportedGlobals = new Map(
      module.exports.filter((item) => item.kind === ImportKind.Global).map((item) => [item.index, item.name]),
    );
    return {
      module,
      instrumented,
      compiled,
      places,
      layouts,
      stepping,
      instructionsPerFuel: charges.instructionsPerFuel,
      nameOf: (func) => names.display(func),
      globalName: (index) => names.global(index) || (exportedGlobals.get(index) ?? ''),
    };
  } catch (error) {
    if (error instanceof WasmError) {
      // what neither production nor this engine can read
      if (error.feature !== undefined)
        throw new Unusable('feature', `${choices.path}: ${error.message}; production refuses it too.`);
      throw new Unusable('unusable-module', `${choices.path}: ${error.message}.`);
    }
    if (error instanceof WebAssembly.CompileError)
      throw new Unusable('unusable-module', `${choices.path}: the module does not validate (${error.message}).`);
    throw error;
  }
}
