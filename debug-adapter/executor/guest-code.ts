// The guest as expressions and the Variables view see it: globals and memory at any stop, and at a site the locals and operands that the site
// has handed over. What is written here the guest finds when it runs on. Contracts S1, R1.

import { Unavailable, Vector } from '../expressions/expression.ts';
import type { MemoryWindow, Slots, WasmState, WasmType, WasmValue } from '../expressions/scope.ts';
import { HANDED_OVER, VALUE_BYTES } from '../instrument/plan.ts';
import { type SiteColumns, SiteKind } from '../instrument/probe-sites.ts';
import type { Disassembly } from '../wasm/disassembly.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import type { WasmModule } from '../wasm/module.ts';
import { OperandTypes } from '../wasm/operand-types.ts';
import { F32, F64, I32, I64, V128, valueTypeName } from '../wasm/value-types.ts';
import { globalValue } from './global-value.ts';
import type { Loaded } from './loading.ts';

/** What a site hands over: operands of its innermost block, deepest first, then locals. */
interface Handed {
  readonly func: number;
  /** Operands of blocks around it, which code in the block can't touch. */
  readonly below: number;
  readonly operands: Uint8Array;
  readonly locals: Uint8Array;
}

const NOT_IN_CODE = new Unavailable(
  'locals and operands are seen where the plugin stands before an instruction: step by instruction, or set a breakpoint in the code',
);

export class GuestCode implements WasmState {
  readonly #module: WasmModule;
  readonly #instance: WebAssembly.Instance;
  readonly #exports: Loaded['instrumented']['exports'];
  readonly #sites: SiteColumns | null;
  readonly #disassembly: Disassembly;
  readonly #handed = new Map<number, Handed>();
  readonly #handedMemory: WebAssembly.Memory | undefined;
  #view: DataView | undefined;
  #site = -1;
  readonly #windows: MemoryWindow[] = [];
  /** What another frame handed over, while that one is looked at. */
  #kept: { readonly site: number; readonly view: DataView } | undefined;
  #globalNames: Map<string, number> | undefined;
  readonly locals: Slots;
  readonly operands: Slots;
  readonly globals: Slots;

  constructor(loaded: Loaded, instance: WebAssembly.Instance, disassembly: Disassembly) {
    const { module, instrumented } = loaded;
    this.#module = module;
    this.#instance = instance;
    this.#exports = instrumented.exports;
    this.#sites = instrumented.sites;
    this.#disassembly = disassembly;
    const memory = instance.exports[instrumented.exports.sites ?? ''];
    if (memory instanceof WebAssembly.Memory) {
      this.#handedMemory = memory;
      this.#view = new DataView(memory.buffer);
    }
    this.locals = this.#frameSlots(
      (handed) => handed.locals.length,
      (handed, index) => handed.operands.length + index,
      (handed, index) => handed.locals[index] ?? 0,
      (handed, name) => this.#localNamed(handed, name),
    );
    this.operands = this.#frameSlots(
      (handed) => handed.operands.length,
      (handed, index) => handed.operands.length - 1 - index,
      (handed, index) => handed.operands[handed.operands.length - 1 - index] ?? 0,
      () => -1,
    );
    this.globals = {
      value: (index) => this.#global(index),
      type: (index) => typeOf(module.globalTypes[index] ?? 0),
      count: () => module.globalTypes.length,
      named: (name) => this.#globalNamed(loaded, name),
    };
  }

  /** The guest stands at this site; -1: at none. */
  enter(site: number): void {
    this.#site = site;
  }

  /** What the present site has handed over, where it lies: it is overwritten by the next one. */
  handedBytes(): Uint8Array {
    const handed = this.#present();
    const count = handed === undefined ? 0 : Math.min(HANDED_OVER, handed.operands.length + handed.locals.length);
    return new Uint8Array(this.#handedMemory?.buffer ?? new ArrayBuffer(0), 0, count * VALUE_BYTES);
  }

  /** Looks at a frame through what it handed over at `site`; undefined: at where the guest stands. */
  look(frame: { readonly site: number; readonly bytes: Uint8Array<ArrayBuffer> } | undefined): void {
    this.#kept =
      frame === undefined
        ? undefined
        : { site: frame.site, view: new DataView(frame.bytes.buffer, frame.bytes.byteOffset) };
  }

  /** Another frame than the one that stands is looked at. */
  get elsewhere(): boolean {
    return this.#kept !== undefined;
  }

  /** Operands and locals are there. */
  get handed(): boolean {
    return this.#present() !== undefined;
  }

  get site(): number {
    return this.#site;
  }

  /** Offset of the instruction before which the guest stands; -1 where it stands before none. */
  get offset(): number {
    return this.#site < 0 ? -1 : (this.#sites?.offset[this.#site] ?? -1);
  }

  /** Operands below those that are seen: of blocks around, out of reach for the code here. */
  get operandsBelow(): number {
    return this.#present()?.below ?? 0;
  }

  #present(): Handed | undefined {
    const site = this.#kept?.site ?? this.#site;
    if (site < 0 || this.#sites === null || this.#sites.kind[site] === SiteKind.Bare) return undefined;
    let handed = this.#handed.get(site);
    if (handed === undefined) {
      const offset = this.#sites.offset[site] ?? 0;
      handed = handedOver(this.#module, this.#disassembly.functionAt(offset), offset);
      this.#handed.set(site, handed);
    }
    return handed;
  }

  #frameSlots(
    count: (handed: Handed) => number,
    row: (handed: Handed, index: number) => number,
    type: (handed: Handed, index: number) => number,
    named: (handed: Handed, name: string) => number,
  ): Slots {
    return {
      value: (index) => {
        const handed = this.#present();
        if (handed === undefined) return NOT_IN_CODE;
        return index < count(handed) ? this.#read(row(handed, index), type(handed, index)) : undefined;
      },
      type: (index) => {
        const handed = this.#present();
        return typeOf(handed === undefined ? I32 : type(handed, index));
      },
      count: () => {
        const handed = this.#present();
        return handed === undefined ? 0 : count(handed);
      },
      named: (name) => {
        const handed = this.#present();
        return handed === undefined ? -1 : named(handed, name);
      },
    };
  }

  #read(row: number, type: number): WasmValue | Unavailable {
    const view = this.#kept?.view ?? this.#view;
    if (view === undefined || row >= HANDED_OVER || (row + 1) * VALUE_BYTES > view.byteLength)
      return new Unavailable('there are too many locals here to hand all over');
    const at = row * VALUE_BYTES;
    switch (type) {
      case I32:
        return view.getInt32(at, true);
      case I64:
        return view.getBigInt64(at, true);
      case F32:
        return view.getFloat32(at, true);
      case F64:
        return view.getFloat64(at, true);
      case V128:
        return new Vector(new Uint8Array(view.buffer.slice(at, at + 16)));
      default:
        return new Unavailable('a reference, which cannot be looked into');
    }
  }

  /** The locals are seen, and the guest does not take them back: see SiteKind.Shown. */
  get shown(): boolean {
    return this.#site >= 0 && this.#sites?.kind[this.#site] === SiteKind.Shown;
  }

  /**
   * Sets a local or an operand; the guest takes it when it runs on, but for locals that are only `shown`. `bytes` are those of its type.
   * @returns false: it is not there.
   */
  set(kind: 'local' | 'stack', index: number, bytes: Uint8Array): boolean {
    const handed = this.#present();
    if (handed === undefined || this.#handedMemory === undefined || this.elsewhere) return false;
    const { operands, locals } = handed;
    const row = kind === 'local' ? operands.length + index : operands.length - 1 - index;
    if (row < 0 || index >= (kind === 'local' ? locals : operands).length || row >= HANDED_OVER) return false;
    new Uint8Array(this.#handedMemory.buffer).set(bytes, row * VALUE_BYTES);
    return true;
  }

  /** Sets a global from the bytes of its type. @returns false: it can't be. */
  setGlobal(index: number, bytes: Uint8Array): boolean {
    const global = this.#instance.exports[this.#exports.globals[index] ?? ''];
    if (!(global instanceof WebAssembly.Global) || this.#module.globalMutable[index] !== 1) return false;
    const value = globalValue(this.#module.globalTypes[index] ?? 0, bytes);
    if (value === undefined) return false;
    global.value = value;
    return true;
  }

  #global(index: number): WasmValue | Unavailable | undefined {
    const global = this.#instance.exports[this.#exports.globals[index] ?? ''];
    if (!(global instanceof WebAssembly.Global)) return undefined;
    try {
      const value: unknown = global.value;
      return typeof value === 'number' || typeof value === 'bigint'
        ? value
        : new Unavailable('a reference, which cannot be looked into');
    } catch {
      return new Unavailable('a v128, which JavaScript cannot read');
    }
  }

  #globalNamed(loaded: Loaded, name: string): number {
    if (this.#globalNames === undefined) {
      this.#globalNames = new Map();
      for (let index = 0; index < this.#module.globalTypes.length; index++) {
        const own = loaded.globalName(index).replace(/^\$/, '');
        if (own !== '' && !this.#globalNames.has(own)) this.#globalNames.set(own, index);
      }
    }
    return this.#globalNames.get(name) ?? -1;
  }

  /** The name of a local of the present frame; '' where it has none. */
  localName(index: number): string {
    const handed = this.#present();
    return handed === undefined ? '' : this.#disassembly.names.local(handed.func, index);
  }

  #localNamed({ func, locals }: Handed, name: string): number {
    for (let index = 0; index < locals.length; index++)
      if (this.#disassembly.names.local(func, index) === name) return index;
    return -1;
  }

  /** A memory of the guest's by index. */
  memoryAt(index: number): WebAssembly.Memory | undefined {
    const memory = this.#instance.exports[this.#exports.memories[index] ?? ''];
    return memory instanceof WebAssembly.Memory ? memory : undefined;
  }

  memory(index: number): MemoryWindow | undefined {
    const memory = this.memoryAt(index);
    if (memory === undefined) return undefined;
    // conditions ask at every hit: the window stays until the memory grows, which gives it another buffer
    let window = this.#windows[index];
    if (window === undefined || window.bytes.buffer !== memory.buffer) {
      const bytes = new Uint8Array(memory.buffer);
      window = { bytes, base: 0, size: bytes.length };
      this.#windows[index] = window;
    }
    return window;
  }
}

const TYPE_NAMES: ReadonlySet<string> = new Set(['i32', 'i64', 'f32', 'f64', 'v128', 'funcref', 'externref']);

function typeOf(type: number): WasmType {
  const name = valueTypeName(type);
  return TYPE_NAMES.has(name) ? (name as WasmType) : 'funcref';
}

/** What the site before the instruction at `offset` hands over: found by walking its function. */
function handedOver(module: WasmModule, n: number, offset: number): Handed {
  const types = new OperandTypes(module);
  types.begin(n);
  const reader = new InstructionReader(module.bytes);
  reader.reset(types.codeStart, types.codeEnd);
  while (reader.next() && reader.offset < offset) types.apply(reader);
  return {
    func: module.importedFunctions + n,
    below: types.height,
    operands: types.types.slice(types.height, types.depth),
    locals: Uint8Array.from({ length: types.localCount }, (_, index) => types.localType(index)),
  };
}
