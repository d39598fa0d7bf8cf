// From what a breakpoint names to instructions, and from what a plan is asked for to the sites that the pass weaves in. Pure. Contract S1.
import type { SitePlan } from '../instrument/plan.ts';
import type { ModuleSource } from '../source/module-source.ts';
import { whyNoSource } from '../source/no-source.ts';
import { Disassembly } from '../wasm/disassembly.ts';
import { codeStart } from '../wasm/disassembly-index.ts';
import { FunctionSymbols } from '../wasm/function-symbols.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import type { WasmModule } from '../wasm/module.ts';
import type { FunctionNames } from '../wasm/names.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';
import type { CodeBreakpoint, CodePlaceFound, PlanChoice, ResolvedBreakpoint } from './options.ts';

/** Functions that one pattern may stop at; more is a pattern that was meant otherwise. */
const MOST_MATCHES = 500;

/** Instructions that one watched global or local may be set by. */
const MOST_WRITES = 5_000;
const GLOBAL_SET = opcodeNamed('global.set');
const LOCAL_SET = opcodeNamed('local.set');
const LOCAL_TEE = opcodeNamed('local.tee');
type Written = Extract<CodeBreakpoint['place'], { readonly written: string }>;

export class CodePlaces {
  readonly #module: WasmModule;
  readonly #names: FunctionNames;
  readonly #symbols: FunctionSymbols;
  readonly disassembly: Disassembly;
  /** Undefined without debug information. */
  readonly source: ModuleSource | undefined;

  constructor(module: WasmModule, names: FunctionNames, source?: ModuleSource) {
    this.#module = module;
    this.source = source;
    this.#names = names;
    this.#symbols = new FunctionSymbols(module, names);
    this.disassembly = new Disassembly(module, names);
  }

  /** What a person is told who asks for source where there is none; undefined: there is some. */
  get whyNoSource(): string | undefined {
    return this.source === undefined ? whyNoSource(this.#module) : undefined;
  }

  /** The instructions that a breakpoint stands at; none of a watched range, which is no place in the code. */
  resolve(breakpoint: CodeBreakpoint): ResolvedBreakpoint {
    const { id, place } = breakpoint;
    if ('address' in place) return { id, places: [], message: undefined };
    if ('written' in place) return { id, ...this.#writes(place) };
    if ('offset' in place) {
      const found = this.disassembly.instructionAt(place.offset);
      if (found?.exact !== true)
        return {
          id,
          places: [],
          message: `There is no instruction at 0x${place.offset.toString(16)}${found === undefined ? '' : `: the nearest before it is at 0x${found.offset.toString(16)}`}.`,
        };
      return { id, places: [this.#place(found.definedFunction, place.offset)], message: undefined };
    }
    if ('func' in place) {
      const n = place.func - this.#module.importedFunctions;
      const row = this.disassembly.rowsOf(n, place.instruction, 1)[0];
      if (row?.valid === true) return { id, places: [this.#place(n, row.offset)], message: undefined };
      return {
        id,
        places: [],
        message: `Function ${place.func} of this plugin has no instruction ${place.instruction}.`,
      };
    }
    if ('path' in place) return { id, ...this.#line(place) };
    const all = this.#symbols.matching(place.function).filter((func) => func >= this.#module.importedFunctions);
    if (all.length === 0)
      return {
        id,
        places: [],
        message: `No function of this plugin is named '${place.function}'; '*' stands for any part of a name.`,
      };
    const places = all.slice(0, MOST_MATCHES).map((func) => {
      const n = func - this.#module.importedFunctions;
      return this.#place(n, this.#entry(n));
    });
    const message =
      all.length > MOST_MATCHES
        ? `'${place.function}' matches ${all.length} functions: it stops in the first ${MOST_MATCHES} of them.`
        : undefined;
    return { id, places, message };
  }

  /** The first statement of a function, where its parameters can be seen; without lines its first instruction. */
  #entry(definedFunction: number): number {
    return this.source?.firstOffset(definedFunction) ?? this.disassembly.codeStart(definedFunction);
  }

  #line(asked: Extract<CodeBreakpoint['place'], { readonly path: string }>): Omit<ResolvedBreakpoint, 'id'> {
    if (this.source === undefined) return { places: [], message: this.whyNoSource };
    const { offsets, line, column, message } = this.source.resolveLine(asked);
    const places = offsets.map((offset) => this.#place(this.disassembly.functionAt(offset), offset));
    return { places, message, line, column };
  }

  /** What comes behind the instructions that set a global or a local: control comes there from nowhere else. */
  #writes(slot: Written): Pick<ResolvedBreakpoint, 'places' | 'message'> {
    const { bodyStart, bodyEnd, importedFunctions } = this.#module;
    const places: CodePlaceFound[] = [];
    const reader = new InstructionReader(this.#module.bytes);
    const local = slot.written === 'local';
    const only = local ? slot.func - importedFunctions : -1;
    for (
      let n = local ? Math.max(0, only) : 0;
      n < (local ? Math.min(only + 1, bodyStart.length) : bodyStart.length);
      n++
    ) {
      reader.reset(codeStart(this.#module, n), bodyEnd[n]!);
      while (reader.next()) {
        const { opcode, index, end } = reader;
        const sets = local ? opcode === LOCAL_SET || opcode === LOCAL_TEE : opcode === GLOBAL_SET;
        if (sets && index === slot.index) places.push(this.#place(n, end));
      }
    }
    if (places.length > MOST_WRITES)
      return {
        places: [],
        message: `${places.length} instructions set it, which is too many to stop at: at most ${MOST_WRITES}.`,
      };
    return { places, message: places.length === 0 ? 'No instruction of this plugin sets it.' : undefined };
  }

  #place(definedFunction: number, offset: number): CodePlaceFound {
    const func = this.#module.importedFunctions + definedFunction;
    return { func, offset, name: this.#names.display(func) };
  }

  /** The function (of the whole index space) that has the instruction at `offset`. */
  functionAt(offset: number): number {
    return this.#module.importedFunctions + this.disassembly.functionAt(offset);
  }
}

const NONE = new Uint32Array(0);
/** Statements that are sites which show locals: each takes some bytes for each of them. */
const MOST_SHOWING = 20_000;

/**
 * The sites of a plan and of what breakpoints need; null where nothing is asked for, and so nothing is woven in. A breakpoint at a statement is that
 * statement's site: a module fits whatever breakpoints its statements have.
 */
export function sitePlan(
  module: WasmModule,
  plan: PlanChoice,
  resolved: readonly ResolvedBreakpoint[],
  source?: ModuleSource,
): SitePlan | null {
  const chosen = new Set(plan.offsets);
  const statements = plan.statements === true ? (source?.siteOffsets() ?? NONE) : NONE;
  const shown = new Set(statements.length <= MOST_SHOWING ? statements : []);
  for (const { places } of resolved) for (const { offset } of places) if (!shown.has(offset)) chosen.add(offset);
  const every = plan.functions === 'all' || plan.functions.length > 0;
  if (!plan.entries && !plan.watch && !every && chosen.size === 0 && statements.length === 0) return null;
  let functions: SitePlan['functions'] = 'all';
  if (plan.functions !== 'all') {
    functions = new Uint8Array(module.bodyStart.length);
    for (const func of plan.functions) {
      const n = func - module.importedFunctions;
      if (n >= 0 && n < functions.length) functions[n] = 1;
    }
  }
  // the author's own code is a small part of a plugin: its statements show what is there, unless they are too many
  const showing = statements.length <= MOST_SHOWING;
  return {
    entries: plan.entries,
    shown: showing ? statements : NONE,
    bare: showing ? NONE : statements,
    functions,
    offsets: Uint32Array.from(chosen).sort(),
  };
}

/** Bytes of code up to which every instruction may as well be a site: the rewritten module has some 30 times as many. */
const SMALL_CODE = 256 * 1024;
/** Bytes of code that may be sites because a function on the stack calls them. */
const CALLED_CODE = 64 * 1024;
const CALL = opcodeNamed('call');

/** The functions that steps by instruction go through: those asked for, and those that they call, as far as they are not too many. */
export function steppedFunctions(module: WasmModule, asked: PlanChoice['functions']): ReadonlySet<number> | 'all' {
  if (asked === 'all') return 'all';
  const { bodyStart, bodyEnd, importedFunctions } = module;
  if (asked.length > 0 && (bodyEnd.at(-1) ?? 0) - (bodyStart[0] ?? 0) <= SMALL_CODE) return 'all';
  const functions = new Set(asked);
  let room = CALLED_CODE;
  const reader = new InstructionReader(module.bytes);
  for (const func of asked) {
    const n = func - importedFunctions;
    const start = bodyStart[n];
    if (start === undefined) continue;
    reader.reset(codeStart(module, n), bodyEnd[n] ?? start);
    while (reader.next()) {
      const called = reader.index - importedFunctions;
      if (reader.opcode !== CALL || called < 0 || functions.has(reader.index)) continue;
      const size = (bodyEnd[called] ?? 0) - (bodyStart[called] ?? 0);
      if (size > room) continue;
      room -= size;
      functions.add(reader.index);
    }
  }
  return functions;
}
