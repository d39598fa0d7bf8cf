// A file of the WebAssembly test suite as steps: which instance each command concerns is settled, and each instance has one module that makes
// all of its calls. Only tests import it.
import { ImportKind, parseModule, type WasmModule } from '../wasm/module.ts';
import { F32, F64, I32, I64, V128 } from '../wasm/value-types.ts';
import { type ConstantCall, callerModule, type FunctionType } from './differential-caller.ts';
import type { Suite, SuiteCall, SuiteCommand, SuiteFile, SuiteValue } from './differential-corpus.ts';
import { typeOf } from './differential-world.ts';

/** A module that wasmi 1.0.3 accepts, with or without its feature `simd`. */
export interface ScriptModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly parsed: WasmModule;
  readonly production: boolean;
}

export interface ScriptCall extends FunctionType {
  /** Row of the instances. */
  readonly instance: number;
  readonly function: string;
  /** Which call of the instance. */
  readonly n: number;
  /** What is passed for references; null for what is not. */
  readonly references: readonly SuiteValue[];
}

export type Step = { readonly line: number } & (
  | { readonly kind: 'instantiate'; readonly module: ScriptModule; readonly instance: number }
  /** Must not be instantiated: it does not link, or it traps. */
  | { readonly kind: 'uninstantiable'; readonly module: ScriptModule }
  | { readonly kind: 'register'; readonly as: string; readonly instance: number }
  | { readonly kind: 'refused'; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
      readonly kind: 'get';
      readonly instance: number;
      readonly global: string;
      readonly results: readonly SuiteValue[];
    }
  | { readonly kind: 'invoke' | 'trap' | 'exhaustion'; readonly call: ScriptCall }
  | { readonly kind: 'return'; readonly call: ScriptCall; readonly results: readonly SuiteValue[] }
);

export interface Caller {
  readonly compiled: WebAssembly.Module;
  /** The function of each call. */
  readonly callees: readonly string[];
}

export interface Script {
  readonly file: string;
  readonly steps: readonly Step[];
  /** For each instance, the module that calls it; undefined where nothing does. */
  readonly callers: readonly (Caller | undefined)[];
  /** Modules that wasmi 1.0.3 refuses, and commands that need one of them or what wasmi lacks: no business of ours. */
  readonly foreignModules: number;
  readonly foreignCommands: number;
  /** Modules that an older file calls invalid or malformed and wasmi 1.0.3 accepts: two memories, numbers longer than they need be. */
  readonly nowValid: number;
}

/** Bits in memory's order of a number that `[type, text]` gives; null for references. */
export function bitsOf([type, value]: SuiteValue): Uint8Array | null {
  const size = { i32: 4, f32: 4, i64: 8, f64: 8, v128: 16 }[type];
  if (size === undefined) return null;
  if (type === 'v128') return Uint8Array.from(Buffer.from(String(value), 'hex'));
  const view = new DataView(new ArrayBuffer(size));
  if (size === 4) view.setUint32(0, Number(BigInt.asUintN(32, BigInt(String(value)))), true);
  else view.setBigUint64(0, BigInt.asUintN(64, BigInt(String(value))), true);
  return new Uint8Array(view.buffer);
}

const NUMBERS: readonly number[] = [I32, I64, F32, F64, V128];

/** Settles names and splits calls, command by command. */
class Scripting {
  readonly #suite: Suite;
  readonly steps: Step[] = [];
  /** By instance. */
  readonly calls: ConstantCall[][] = [];
  readonly callees: string[][] = [];
  readonly #modules: (ScriptModule | undefined)[] = [];
  /** Row by name; -1 for one whose module wasmi refuses. The empty name is the latest. */
  readonly #instances = new Map<string, number>([['', -1]]);
  readonly #definitions = new Map<string, ScriptModule | undefined>();
  /** Names under which modules are registered that wasmi refuses. */
  readonly #foreignNames = new Set<string>();
  foreignModules = 0;
  foreignCommands = 0;
  nowValid = 0;

  constructor(suite: Suite) {
    this.#suite = suite;
  }

  #instanceOf(name: string | null): number {
    return this.#instances.get(name ?? '') ?? -1;
  }

  #module(command: Extract<SuiteCommand, { readonly module: unknown }>): ScriptModule | undefined {
    if (typeof command.wasmi !== 'string') {
      this.foreignModules++;
      return undefined;
    }
    const bytes = this.#suite.module(command.module);
    const parsed = parseModule(bytes);
    if (parsed.imports.some(({ module }) => this.#foreignNames.has(module))) {
      this.foreignModules++;
      return undefined;
    }
    return { bytes, parsed, production: command.wasmi === 'production' };
  }

  #instantiate(line: number, name: string | null, module: ScriptModule | undefined): void {
    const row = module === undefined ? -1 : this.#modules.push(module) - 1;
    this.#instances.set('', row);
    if (name !== null) this.#instances.set(name, row);
    if (module === undefined) return;
    this.calls.push([]);
    this.callees.push([]);
    this.steps.push({ line, kind: 'instantiate', module, instance: row });
  }

  #call(call: SuiteCall): ScriptCall | undefined {
    const instance = this.#instanceOf(call.name);
    const module = this.#modules[instance];
    const entry = module?.parsed.exports.find(
      ({ name, kind }) => name === call.function && kind === ImportKind.Function,
    );
    if (module === undefined || entry === undefined) return undefined;
    const type = typeOf(module.parsed, entry.index);
    const args = call.args.map((argument, index) =>
      NUMBERS.includes(type.parameters[index] ?? 0) ? bitsOf(argument) : null,
    );
    const n = this.calls[instance]!.push({ ...type, args }) - 1;
    this.callees[instance]!.push(call.function);
    const references = call.args.filter((_, index) => args[index] === null);
    return { instance, function: call.function, n, references, ...type };
  }

  take(command: SuiteCommand): void {
    const { line } = command;
    switch (command.type) {
      case 'module':
        this.#instantiate(line, command.name, this.#module(command));
        return;
      case 'definition':
        this.#definitions.set(command.name ?? '', this.#module(command));
        return;
      case 'instance':
        this.#instantiate(line, command.name, this.#definitions.get(command.of ?? ''));
        return;
      case 'unlinkable':
      case 'uninstantiable': {
        const module = this.#module(command);
        if (module !== undefined) this.steps.push({ line, kind: 'uninstantiable', module });
        return;
      }
      case 'refused': {
        const bytes = this.#suite.module(command.module);
        if (typeof command.wasmi === 'string') this.nowValid++;
        else this.steps.push({ line, kind: 'refused', bytes });
        return;
      }
      case 'register': {
        const instance = this.#instanceOf(command.name);
        if (instance >= 0) {
          this.#foreignNames.delete(command.as);
          this.steps.push({ line, kind: 'register', as: command.as, instance });
        } else {
          this.#foreignNames.add(command.as);
          this.foreignCommands++;
        }
        return;
      }
      case 'get': {
        const instance = this.#instanceOf(command.name);
        const { global, results } = command;
        if (instance >= 0) this.steps.push({ line, kind: 'get', instance, global, results });
        else this.foreignCommands++;
        return;
      }
      case 'unsupported':
        this.foreignCommands++;
        return;
    }
    const call = this.#call(command.call);
    if (call === undefined) this.foreignCommands++;
    else if (command.type === 'return') this.steps.push({ line, kind: 'return', call, results: command.results });
    else this.steps.push({ line, kind: command.type, call });
  }
}

export function scriptOf(file: SuiteFile, suite: Suite): Script {
  const scripting = new Scripting(suite);
  for (const command of file.commands ?? []) scripting.take(command);
  const { steps, calls, callees, foreignModules, foreignCommands, nowValid } = scripting;
  const callers = calls.map((list, instance) =>
    list.length === 0
      ? undefined
      : { compiled: new WebAssembly.Module(callerModule(list)), callees: callees[instance]! },
  );
  return { file: file.file, steps, callers, foreignModules, foreignCommands, nowValid };
}
