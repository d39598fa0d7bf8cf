// Runs one module raw and rewritten, for tests: fills the hooks the way the executor does, in the simplest way that keeps
// the books. Only tests import it.
import assert from 'node:assert/strict';
import { parseModule, type WasmModule } from '../wasm/module.ts';
import { fuelOf, momentsOf } from './counters.ts';
import { HOOK_NAMES, type Hooks, hookModule } from './hooks.ts';
import { type Instrumented, instrument } from './instrument.ts';
import { BODY_LIMIT, type Charges, type ProbePlan, SITES_AT } from './plan.ts';

const compiledHooks = new WebAssembly.Module(hookModule());

/** An instance of a rewritten module, with the meters that its hooks keep. */
export class RewrittenGuest {
  readonly module: WasmModule;
  readonly instrumented: Instrumented;
  readonly instance: WebAssembly.Instance;
  /** Every hook call but fuel's, as text. */
  readonly log: string[] = [];
  /** Chunk that the fuel hook gives. */
  chunk = 1000;
  fuelHookCalls = 0;
  /** What else the fuel hook does. */
  onFuel: () => void = () => {};
  /** What an armed site does. */
  onProbe: (site: number) => void = () => {};
  /** Answers for growBefore. */
  refuseGrow = false;
  #given = 0;
  #initialDepth: unknown;
  #consumed = 0;

  constructor(
    bytes: Uint8Array<ArrayBuffer>,
    plan: (module: WasmModule) => ProbePlan,
    imports: WebAssembly.Imports = {},
    bodyLimit = BODY_LIMIT,
  ) {
    this.module = parseModule(bytes);
    this.instrumented = instrument(this.module, plan(this.module), bodyLimit);
    this.instance = new WebAssembly.Instance(new WebAssembly.Module(this.instrumented.bytes), imports);
    const hooks: Hooks = {
      fuel: (cost) => {
        this.fuelHookCalls++;
        this.onFuel();
        const global = this.#fuelGlobal();
        assert.ok(global.value < 0, 'the fuel hook is entered with negative fuel');
        this.#consumed += this.#given - (global.value + cost);
        this.#given = Math.max(this.chunk, cost);
        global.value = this.#given - cost;
      },
      stack: (depth, stack) => {
        throw new RangeError(`call stack exhausted: frames ${depth}, slots ${stack}`);
      },
      growBefore: (space, index, delta) => {
        this.log.push(`growBefore ${space} ${index} ${delta}`);
        return this.refuseGrow ? 1 : 0;
      },
      growAfter: (space, index, delta, result) => {
        this.log.push(`growAfter ${space} ${index} ${delta} ${result}`);
      },
      bulk: () => {
        this.log.push('bulk');
      },
      probe: (site) => this.onProbe(site),
      stored: (site, address, length) => {
        this.log.push(`stored ${this.instrumented.sites?.offset[site]} ${address} ${length}`);
      },
    };
    const wrapped = new WebAssembly.Instance(compiledHooks, { hooks: { ...hooks } });
    const table = this.instance.exports[this.instrumented.exports.hooks] as WebAssembly.Table;
    for (const [slot, name] of HOOK_NAMES.entries()) table.set(slot, wrapped.exports[name]);
    this.forgetFrames();
    const { start } = this.instrumented.exports;
    if (start !== null) (this.instance.exports[start] as () => void)();
  }

  #fuelGlobal(): { value: number } {
    return fuelOf(this.instance.exports, this.instrumented.exports) ?? { value: 0 };
  }

  /** Fuel that was charged so far. */
  get consumed(): number {
    return this.#consumed + this.#given - this.#fuelGlobal().value;
  }

  /** Forgets the frames that a trap left behind: in use a trap ends the guest, tests go on. */
  forgetFrames(): void {
    const { depth } = this.instrumented.exports;
    if (depth === null) return;
    const global = this.instance.exports[depth] as WebAssembly.Global;
    this.#initialDepth ??= global.value;
    global.value = this.#initialDepth;
  }

  /** The value of the depth global. */
  get depth(): number | bigint {
    return (this.instance.exports[this.instrumented.exports.depth ?? ''] as unknown as { value: number | bigint })
      .value;
  }
}

export const NO_PLAN: ProbePlan = {
  charges: null,
  frameSlots: null,
  canonicalNaN: false,
  chunkBulk: false,
  growHooks: false,
  moments: false,
  sites: null,
  blockCounts: false,
  watchedMemory: null,
};

/** A charge of `cost` at the entry of each function, and nothing else. */
export function entryCharges(module: WasmModule, cost: number): Charges {
  const offsets = Array.from(module.bodyStart, (start) => {
    let at = start;
    const number = () => {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = module.bytes[at++]!;
        value += (byte & 0x7f) * 2 ** shift;
        if (byte < 0x80) return value;
      }
    };
    for (let left = number(); left > 0; left--) {
      number();
      at++;
    }
    return at;
  });
  return {
    count: offsets.length,
    offset: Uint32Array.from(offsets),
    cost: new Uint32Array(offsets.length).fill(cost),
    kind: new Uint8Array(offsets.length),
    bytesPerFuel: 64,
    bytesPerValue: 8,
  };
}

/** What a call came to: its results, or what it trapped with. */
export function outcomeOf(instance: WebAssembly.Instance, name: string, args: readonly unknown[]): string {
  try {
    const result = (instance.exports[name] as (...values: unknown[]) => unknown)(...args);
    const values = Array.isArray(result) ? result : result === undefined ? [] : [result];
    return values.map(valueText).join(' ');
  } catch (error) {
    return `trap: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function valueText(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `function ${value.name}`;
  if (Object.is(value, -0)) return '-0';
  return String(value);
}

/** Everything that a plan may ask for beside fuel, depth and NaNs. */
export const ALL_PROBES = {
  moments: true,
  sites: { entries: true, functions: 'all', offsets: new Uint32Array(0), bare: new Uint32Array(0) },
  blockCounts: true,
  watchedMemory: 0,
} as const;

/** Arms every site of a guest. */
export function armAll(guest: RewrittenGuest): void {
  const { sites } = guest.instrumented;
  const memory = guest.instance.exports[guest.instrumented.exports.sites ?? ''] as WebAssembly.Memory;
  new Uint8Array(memory.buffer).fill(1, SITES_AT, SITES_AT + (sites?.offset.length ?? 0));
}

/** Instructions passed, as far as they are charged. */
export function momentOf(guest: RewrittenGuest): number {
  return momentsOf(guest.instance.exports, guest.instrumented.exports)?.value ?? Number.NaN;
}
