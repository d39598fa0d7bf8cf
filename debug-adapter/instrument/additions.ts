// What the pass appends to a module: types, globals, helper functions, export names. Indices are handed out as they are
// asked for, above all indices of the guest; helpers are assembled at the end. (I1: import nothing, shift nothing.)
import type { WasmModule } from '../wasm/module.ts';
import type { Assembler } from './assembler.ts';

interface Helper {
  readonly type: number;
  readonly build: (code: Assembler) => void;
}

export class Additions {
  readonly module: WasmModule;
  /** Appended types: parameters and results. */
  readonly types: { readonly parameters: readonly number[]; readonly results: readonly number[] }[] = [];
  readonly helpers: Helper[] = [];
  /** Functions without code after the helpers. */
  fillers = 0;
  /** Index of the appended table of hooks. */
  readonly hookTable: number;
  readonly #typeIndex = new Map<string, number>();
  readonly #helperIndex = new Map<string, number>();
  readonly #names: Set<string>;

  constructor(module: WasmModule) {
    this.module = module;
    this.hookTable = module.tables.length;
    this.#names = new Set(module.exports.map((item) => item.name));
  }

  /** The index of an appended type. */
  type(parameters: readonly number[], results: readonly number[]): number {
    const key = `${parameters.join()}:${results.join()}`;
    let index = this.#typeIndex.get(key);
    if (index === undefined) {
      index = this.module.typeCount + this.types.push({ parameters, results }) - 1;
      this.#typeIndex.set(key, index);
    }
    return index;
  }

  /** The function index of the helper `key`, which is assembled by `build` after all bodies were rewritten. */
  helper(
    key: string,
    parameters: readonly number[],
    results: readonly number[],
    build: (code: Assembler) => void,
  ): number {
    let index = this.#helperIndex.get(key);
    if (index === undefined) {
      const type = this.type(parameters, results);
      index = this.module.functionTypes.length + this.helpers.push({ type, build }) - 1;
      this.#helperIndex.set(key, index);
    }
    return index;
  }

  /** An export name that the guest does not use. */
  name(wanted: string): string {
    let name = `wpd:${wanted}`;
    while (this.#names.has(name)) name += "'";
    this.#names.add(name);
    return name;
  }
}
