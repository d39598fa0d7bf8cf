// From the module's bytes to a compiled, rewritten module: parse, check what production would refuse, reckon fuel, rewrite, compile. Runs
// in the worker; says how far it is. Contracts E3, I1, R2.
import { chargeTable } from '../fuel/charge-table.ts';
import { FUEL_MODEL } from '../fuel/model.ts';
import { type Instrumented, instrument } from '../instrument/instrument.ts';
import { OffsetMap } from '../instrument/offset-map.ts';
import { rustCompilerOf } from '../source/compiler.ts';
import { ALL_MINE, type FoundFiles, type SourceChoices } from '../source/files.ts';
import { type ModuleSource, openSource } from '../source/module-source.ts';
import type { AskedSources } from '../source/source-search.ts';
import { WasmError } from '../wasm/error.ts';
import { checkProduction, type ProductionFault } from '../wasm/features.ts';
import { ImportKind, parseModule, type WasmModule } from '../wasm/module.ts';
import { FunctionNames } from '../wasm/names.ts';
import { FrameLayouts } from '../wasm/prologue.ts';
import { tableFunctions } from '../wasm/table-functions.ts';
import { CodePlaces, sitePlan, steppedFunctions } from './code-places.ts';
import { type BuiltModule, type KnownLines, type KnownModule, linesToKeep } from './module-cache.ts';
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
  readonly instrumented: Omit<Instrumented, 'bytes'>;
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
  /** The function at an index of the plugin's table, as a function pointer has it. */
  functionInTable(index: number): { readonly func: number; readonly name: string; readonly offset: number } | undefined;
  /** Name of a global, from the name section or its exports; '' when it has none. */
  globalName(index: number): string;
}

export interface LoadChoices {
  readonly path: string;
  /** Of the plugin's bytes. */
  readonly sha256: string;
  /** Moments are counted though nobody debugs. */
  readonly moments?: boolean;
  readonly features: readonly string[];
  readonly missingImports: 'fail' | 'enosys';
  readonly plan?: PlanChoice;
  readonly breakpoints?: readonly CodeBreakpoint[];
  /** Somebody looks: frames are to be found in memory, and source where there is some. */
  readonly debug?: boolean;
  readonly source?: SourceChoices;
  /** Asks where the files of the source are, once they are known. */
  readonly locate?: (asked: AskedSources) => FoundFiles;
  /** Is told, in a sentence, what does not keep the plugin from running. */
  readonly problem?: (sentence: string) => void;
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

/** Where rewritten modules are kept: see ModuleCache. */
export interface LoadCache {
  get(
    content: string,
    plan: string,
  ): { readonly known: KnownModule | undefined; readonly built: BuiltModule | undefined };
  put(content: string, plan: string, known: KnownModule | undefined, built: BuiltModule): void;
  /** The module's line table, where it was read before. */
  lines(): KnownLines | undefined;
  putLines(lines: KnownLines): void;
}

/** Names of globals: those of the name section, else of exports; '' for none. */
function globalNames(module: WasmModule, names: FunctionNames): (index: number) => string {
  const exported = new Map(
    module.exports.filter((item) => item.kind === ImportKind.Global).map((item) => [item.index, item.name]),
  );
  return (index) => names.global(index) || (exported.get(index) ?? '');
}

/** Functions by their indices in table 0, as the module's element segments fill it; read when somebody asks. */
function functionsInTable(module: WasmModule, names: FunctionNames, places: CodePlaces): Loaded['functionInTable'] {
  let table: Int32Array | undefined;
  return (index) => {
    table ??= tableFunctions(module);
    const func = table[index] ?? -1;
    if (func < 0) return undefined;
    const n = func - module.importedFunctions;
    return { func, name: names.display(func), offset: n < 0 ? 0 : places.disassembly.codeStart(n) };
  };
}

/** @throws Unusable for what production refuses (E3). */
function checkUsable(
  module: WasmModule,
  choices: LoadChoices,
  progress: (phase: string, fraction: number) => void,
): void {
  progress('Checking what production accepts', 0.15);
  const fault = checkProduction(module, { features: choices.features }).find(
    (found) => !(choices.missingImports === 'enosys' && isMissingFunction(module, found)),
  );
  if (fault !== undefined) throw new Unusable(fault.kind, `${choices.path}: ${fault.message}`);
}

/** The debug information, with the lines that were read for a call before, or that calls to come find read. */
function openedSource(
  module: WasmModule,
  names: FunctionNames,
  { path, source: choices = ALL_MINE, problem }: LoadChoices,
  cache: LoadCache,
): ModuleSource | undefined {
  const known = module.sections.some(({ name }) => name === '.debug_line') ? cache.lines() : undefined;
  const source = openSource(module, names, choices, known?.rows);
  if (source === undefined) return undefined;
  const lines = known ?? linesToKeep(source.program);
  if (known === undefined) cache.putLines(lines);
  const [first, ...more] = lines.problems;
  if (first !== undefined)
    problem?.(
      `Not all of the debug information of ${path} can be read, so lines and variables may be missing: ${first}${more.length === 0 ? '' : ` There are ${more.length} more like it.`} Building the plugin anew helps where the file was damaged.`,
    );
  return source;
}

/** Breakpoints are on files as the client has them: so these are looked for before anything is placed. */
function locateFiles({ files, statements }: ModuleSource, module: WasmModule, { source, locate }: LoadChoices): void {
  const found =
    source?.found ??
    locate?.({
      written: files.written,
      lines: statements.lastLines(),
      compiler: rustCompilerOf(module),
    });
  if (found !== undefined) files.relocate(found);
}

/**
 * Loads a plugin. @throws Unusable for what production refuses (E3), what the pass refuses, and what V8 refuses.
 * `progress` gets a phase and how much of the whole is done, 0 to 1.
 */
export function loadPlugin(
  bytes: Uint8Array<ArrayBuffer>,
  choices: LoadChoices,
  progress: (phase: string, fraction: number) => void,
  cache: LoadCache,
): Loaded {
  try {
    progress('Reading the module', 0);
    const module = parseModule(bytes);
    const names = new FunctionNames(module);
    const { plan = NO_SITES, breakpoints = [], offsets = [], debug = false } = choices;
    const source = debug ? openedSource(module, names, choices, cache) : undefined;
    if (source !== undefined) locateFiles(source, module, choices);
    const places = new CodePlaces(module, names, source);
    const layouts = new FrameLayouts(module, names);
    const stepping = steppedFunctions(module, plan.functions);
    const watch = plan.watch || breakpoints.some(({ place }) => 'address' in place);
    const functions = stepping === 'all' ? stepping : [...stepping].sort((a, b) => a - b);
    const resolved = breakpoints.map((breakpoint) => places.resolve(breakpoint));
    const asked = { ...plan, offsets: [...plan.offsets, ...offsets], functions, watch, statements: debug };
    const sites = sitePlan(module, asked, resolved, source);
    const moments = debug || choices.moments === true;
    const rest = {
      module,
      places,
      layouts,
      stepping,
      nameOf: (func: number) => names.display(func),
      globalName: globalNames(module, names),
      functionInTable: functionsInTable(module, names, places),
    };
    const content = `${choices.sha256} ${choices.features.join()} ${choices.missingImports}`;
    const key = JSON.stringify([
      moments,
      debug,
      plan.blockCounts,
      watch,
      sites && {
        offsets: [...sites.offsets],
        shown: [...(sites.shown ?? [])],
        bare: [...sites.bare],
        entries: sites.entries,
        functions,
      },
    ]);
    const { known, built } = cache.get(content, key);
    if (known !== undefined && built !== undefined) {
      const { map, exports, blocks, firstHelper, compiled } = built;
      const instrumented = { map: new OffsetMap(map), exports, sites: built.sites, blocks, firstHelper };
      return { ...rest, instrumented, compiled, instructionsPerFuel: known.instructionsPerFuel };
    }
    if (known === undefined) checkUsable(module, choices, progress);
    progress('Reckoning fuel', 0.3);
    const charges = known ?? chargeTable(module);
    progress('Rewriting', 0.45);
    const { bytes: rewritten, ...instrumented } = instrument(module, {
      charges,
      frameSlots: charges.frameSlots,
      canonicalNaN: true,
      chunkBulk: true,
      growHooks: true,
      moments,
      sites,
      blockCounts: plan.blockCounts,
      watchedMemory: watch ? 0 : null,
      storedPointers:
        layouts.stackPointer < 0 || !debug ? null : { global: layouts.stackPointer, functions: layouts.unusual() },
    });
    progress('Compiling', 0.75);
    const compiled = new WebAssembly.Module(rewritten as Uint8Array<ArrayBuffer>);
    const { map, exports, blocks, firstHelper } = instrumented;
    cache.put(content, key, known === undefined ? charges : undefined, {
      compiled,
      map: map.columns,
      exports,
      sites: instrumented.sites,
      blocks,
      firstHelper,
      size: rewritten.length,
    });
    return { ...rest, instrumented, compiled, instructionsPerFuel: charges.instructionsPerFuel };
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
