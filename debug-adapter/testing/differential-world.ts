// What a module made at random is given: imports of every kind, host functions that answer by the dice, and arguments for its functions. The same
// for the same seed, whichever plan the module was rewritten under. Only tests import it.
import { ImportKind, parametersOf, resultsOf, type WasmModule } from '../wasm/module.ts';
import { EXTERNREF, F32, F64, FUNCREF, I32, I64, V128, valueTypeName } from '../wasm/value-types.ts';
import type { FunctionType } from './differential-caller.ts';
import { I32_CONSTANTS, RandomSource } from './random-source.ts';

/** Host objects that externrefs hold, by the name that comparisons give them. */
const OBJECTS: readonly object[] = [{}, {}, {}];

/** The exceptions that host functions throw. */
class HostRefusal extends Error {}

/** A value that JavaScript can pass (undefined for a v128), and its bits (null for a reference). */
export interface Argument {
  /** A function that the instance exports, by name; null: `value` is passed. */
  readonly exported: string | null;
  readonly value: unknown;
  readonly bits: Uint8Array | null;
}

function bitsOf(write: (view: DataView) => void, size: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(size));
  write(view);
  return new Uint8Array(view.buffer);
}

const F64_BITS = [
  0n,
  1n << 63n,
  0x3ff0_0000_0000_0000n,
  0xbff8_0000_0000_0000n,
  0x41df_ffff_ffc0_0000n,
  0x41e0_0000_0000_0000n,
  0x43e0_0000_0000_0000n,
  0x7ff0_0000_0000_0000n,
  0xfff0_0000_0000_0000n,
  0x7ff8_0000_0000_0000n,
  0x0000_0000_0000_0001n,
  0x7fef_ffff_ffff_ffffn,
];
const F32_BITS = [0, 0x8000_0000, 0x3f80_0000, 0xbfc0_0000, 0x4f00_0000, 0x5f00_0000, 0x7f80_0000, 0xff80_0000];
const MORE_F32_BITS = [0x7fc0_0000, 1, 0x7f7f_ffff, 0x4b00_0001];

function drawI32(source: RandomSource): number {
  const kind = source.below(4);
  if (kind === 0) return source.below(2 ** 32) | 0;
  return kind === 1 ? source.below(300) : source.one(I32_CONSTANTS);
}

function drawI64(source: RandomSource): bigint {
  const kind = source.below(4);
  if (kind === 0) return BigInt.asIntN(64, (BigInt(source.below(2 ** 32)) << 32n) | BigInt(source.below(2 ** 32)));
  if (kind === 1) return BigInt(source.below(300));
  return BigInt.asIntN(64, BigInt(source.one(I32_CONSTANTS)) << BigInt(source.one([0, 0, 16, 32])));
}

/** A value of this type; `functions` are what a funcref may be. */
export function drawArgument(source: RandomSource, type: number, functions: readonly string[]): Argument {
  const number = (value: unknown, bits: Uint8Array): Argument => ({ exported: null, value, bits });
  switch (type) {
    case I32: {
      const value = drawI32(source);
      return number(
        value,
        bitsOf((view) => view.setInt32(0, value, true), 4),
      );
    }
    case I64: {
      const value = drawI64(source);
      return number(
        value,
        bitsOf((view) => view.setBigInt64(0, value, true), 8),
      );
    }
    case F32: {
      const bits = bitsOf((view) => view.setUint32(0, source.one([...F32_BITS, ...MORE_F32_BITS]), true), 4);
      return number(new DataView(bits.buffer).getFloat32(0, true), bits);
    }
    case F64: {
      const bits = bitsOf((view) => view.setBigUint64(0, source.one(F64_BITS), true), 8);
      return number(new DataView(bits.buffer).getFloat64(0, true), bits);
    }
    case V128:
      return number(
        undefined,
        Uint8Array.from({ length: 16 }, () => (source.chance(0.5) ? 0 : source.below(256))),
      );
    case FUNCREF:
      return {
        exported: functions.length > 0 && source.chance(0.6) ? source.one(functions) : null,
        value: null,
        bits: null,
      };
    default:
      return { exported: null, value: source.chance(0.3) ? null : source.one([...OBJECTS, 7, 'text']), bits: null };
  }
}

/** A value as text that is the same for equal values of two instances: functions by their index, objects by their place. */
export function valueText(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'object' && value !== null) return `object ${OBJECTS.indexOf(value)}`;
  return String(value);
}

/** Parameters and results of a type, as lists. */
export function typeOf(module: WasmModule, functionIndex: number): FunctionType {
  const type = module.functionTypes[functionIndex] ?? 0;
  return { parameters: [...parametersOf(module, type)], results: [...resultsOf(module, type)] };
}

// The part of the JavaScript interface that comes with memory64, which the declarations leave out.
interface Limits {
  readonly initial: number | bigint;
  readonly maximum?: number | bigint;
  readonly address: 'i32' | 'i64';
}
const Memory = WebAssembly.Memory as unknown as new (descriptor: Limits) => WebAssembly.Memory;
const Table = WebAssembly.Table as unknown as new (
  descriptor: Limits & { readonly element: 'anyfunc' | 'externref' },
) => WebAssembly.Table;

function limitsOf({ min, max, is64 }: { min: number; max: number | undefined; is64: boolean }): Limits {
  const size = (value: number) => (is64 ? BigInt(value) : value);
  return {
    initial: size(min),
    ...(max === undefined ? {} : { maximum: size(max) }),
    address: is64 ? 'i64' : 'i32',
  };
}

/** JavaScript cannot make a global of type v128: a module that exports one can. */
function vectorGlobal(mutable: boolean): unknown {
  const bytes = Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 6, 22, 1, V128, mutable ? 1 : 0, 0xfd, 0x0c],
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0x0b, 7, 5, 1, 1, 0x67, 3, 0],
  ]);
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports['g'];
}

function importedGlobal(source: RandomSource, module: WasmModule, index: number): unknown {
  const type = module.globalTypes[index]!;
  const mutable = module.globalMutable[index] === 1;
  if (type === V128) return vectorGlobal(mutable);
  const value = type === FUNCREF ? 'anyfunc' : (valueTypeName(type) as WebAssembly.ValueType);
  return new WebAssembly.Global({ value, mutable }, drawArgument(source, type, []).value);
}

/** One instance's surroundings. */
export class World {
  readonly imports: Record<string, Record<string, unknown>> = {};
  /** What the host functions were asked since the last look, with the stack and the moment of each. */
  asked: { readonly text: string; readonly stack: string; readonly moment: number | undefined }[] = [];
  /** Tells the moment; undefined where none is counted. */
  meter: (() => number) | undefined;
  readonly #source: RandomSource;
  readonly #functions: readonly string[];
  /** Set when there is one: what a host function gives as a funcref. */
  instance: WebAssembly.Instance | undefined;

  /** @param functions names of the exported functions */
  constructor(module: WasmModule, seed: number, functions: readonly string[]) {
    this.#source = new RandomSource(seed);
    this.#functions = functions;
    const source = new RandomSource(seed ^ 0x5bd1e995);
    for (const entry of module.imports) {
      this.imports[entry.module] ??= {};
      const space = this.imports[entry.module]!;
      switch (entry.kind) {
        case ImportKind.Function:
          space[entry.name] = this.#hostFunction(entry.index, typeOf(module, entry.index));
          break;
        case ImportKind.Table: {
          const table = module.tables[entry.index]!;
          const element = table.elementType === EXTERNREF ? 'externref' : 'anyfunc';
          space[entry.name] = new Table({ ...limitsOf(table), element });
          break;
        }
        case ImportKind.Memory:
          space[entry.name] = new Memory(limitsOf(module.memories[entry.index]!));
          break;
        default:
          space[entry.name] = importedGlobal(source, module, entry.index);
      }
    }
  }

  #hostFunction(index: number, type: FunctionType): (...args: unknown[]) => unknown {
    const source = this.#source;
    return (...args) => {
      const text = `host ${index}(${args.map(valueText).join(', ')})`;
      // a stack takes long to write down
      const stack = this.asked.length < 5 ? String(new Error().stack) : '';
      this.asked.push({ text, stack, moment: this.meter?.() });
      if (source.chance(0.02)) throw new HostRefusal('the host refuses');
      const results = type.results.map((result) => this.value(drawArgument(source, result, this.#functions)));
      return results.length === 0 ? undefined : results.length === 1 ? results[0] : results;
    };
  }

  /** An argument as this instance is to get it. */
  value(argument: Argument): unknown {
    return argument.exported === null ? argument.value : (this.instance?.exports[argument.exported] ?? null);
  }
}
