// Frame layouts: where each function keeps its frame on the shadow stack in linear memory, read from its code when somebody asks.
// The proof is in prologue-flow.ts; going from frame to frame is executor/unwind.ts. (DESIGN: frame bases)
import { WasmError } from './error.ts';
import { InstructionReader } from './instructions.ts';
import type { WasmModule } from './module.ts';
import { FunctionNames } from './names.ts';
import { opcodeNamed } from './opcodes.ts';
import { IRREGULAR, StackPointerFlow } from './prologue-flow.ts';
import { enterBody, stackPointerGlobal } from './prologue-pointer.ts';
import { Held, type PointerColumns, rowAt } from './prologue-rows.ts';
import { type Alignments, Base } from './prologue-state.ts';

/** What a function does with `__stack_pointer`. Sizes in bytes; offsets of the whole file. */
export type FrameShape =
  /** No frame: its frame base, if one is asked for, is the stack pointer that its caller left. */
  | { readonly kind: 'none' }
  /** The frame base is the stack pointer at entry minus `size`. */
  | {
      readonly kind: 'static';
      readonly size: number;
      /** The local that holds the frame base; -1 where no single one does. */
      readonly baseLocal: number;
      /** Byte offset of the first instruction that finds the frame base, in `baseLocal` or in `__stack_pointer`. */
      readonly allocatesFrom: number;
      /** False in leaf functions, which leave `__stack_pointer` alone. */
      readonly writesGlobal: boolean;
    }
  /** As static, and then rounded down to a multiple of `alignment`: a caller's stack pointer does not follow from it. */
  | {
      readonly kind: 'aligned';
      readonly size: number;
      readonly alignment: number;
      readonly baseLocal: number;
      readonly allocatesFrom: number;
      readonly writesGlobal: boolean;
    }
  /** The stack pointer at one of its calls does not follow from that at entry. `reason` completes "…, because". */
  | { readonly kind: 'irregular'; readonly reason: string; readonly baseLocal: number };

/** One function's frame. Stack pointers and frame bases are addresses: whole numbers, from 0. */
export class FrameLayout {
  readonly shape: FrameShape;
  readonly #rows: Rows;

  constructor(shape: FrameShape, rows: Rows) {
    this.shape = shape;
    this.#rows = rows;
  }

  /**
   * `__stack_pointer` as the instruction at `offset` finds it, in a frame that was entered with `entry` there. Undefined where that
   * does not follow.
   */
  stackPointerAt(offset: number, entry: number): number | undefined {
    const rows = this.#rows;
    const row = rowAt(rows, offset);
    return row < 0 ? entry : address(rows, rows.base[row]!, rows.offset[row]!, entry);
  }

  /** The other way: `__stack_pointer` at entry, where the instruction at `offset` finds `pointer` there. */
  entryFrom(offset: number, pointer: number): number | undefined {
    const rows = this.#rows;
    const row = rowAt(rows, offset);
    if (row < 0) return pointer;
    return rows.base[row] === Base.Entry ? wrap(rows, pointer - rows.offset[row]!) : undefined;
  }

  /**
   * The frame base, in a frame that was entered with `entry`; undefined where the instruction at `offset` finds no frame: before
   * the prologue, and on ways that go without.
   */
  frameBaseAt(offset: number, entry: number): number | undefined {
    const rows = this.#rows;
    const row = rowAt(rows, offset);
    if (row < 0 || rows.frameBase === Base.Unknown) return entry;
    if (rows.frameBase === Base.Entry && rows.frameOffset === 0) return entry;
    const allocated = rows.base[row] === rows.frameBase && rows.offset[row] === rows.frameOffset;
    if (!allocated && rows.held[row] === Held.No) return undefined;
    return address(rows, rows.frameBase, rows.frameOffset, entry);
  }

  /** Whether `baseLocal` holds the frame base when the instruction at `offset` is reached. */
  isHeldAt(offset: number): boolean {
    const row = rowAt(this.#rows, offset);
    return row >= 0 && this.#rows.held[row] === Held.Yes;
  }
}

/** The columns, and what their values count from (prologue-state.ts). */
interface Rows extends PointerColumns, Alignments {
  readonly frameBase: number;
  readonly frameOffset: number;
  readonly wide: boolean;
}

const NO_ALIGNMENTS: Alignments = {
  alignedBase: new Uint8Array(0),
  alignedOffset: new Float64Array(0),
  alignedMask: new Float64Array(0),
};

const NO_ROWS: Rows = {
  ...NO_ALIGNMENTS,
  at: new Uint32Array(0),
  base: new Uint8Array(0),
  offset: new Float64Array(0),
  held: new Uint8Array(0),
  frameBase: Base.Unknown,
  frameOffset: 0,
  wide: false,
};

function wrap(rows: Rows, value: number): number {
  return rows.wide ? value : value >>> 0;
}

function address(rows: Rows, base: number, offset: number, entry: number): number | undefined {
  if (base < Base.Entry) return undefined;
  if (base === Base.Entry) return wrap(rows, entry + offset);
  const row = base - Base.Aligned;
  const from = address(rows, rows.alignedBase[row]!, rows.alignedOffset[row]!, entry);
  if (from === undefined) return undefined;
  return wrap(rows, from - (from % -rows.alignedMask[row]!) + offset);
}

const NONE = new FrameLayout({ kind: 'none' }, NO_ROWS);

/** The frame layouts of one module, each read once. */
export class FrameLayouts {
  /** The index of `__stack_pointer`; -1 for a module that has none. */
  readonly stackPointer: number;
  /** What it holds in a fresh instance; undefined where that is not a plain constant. */
  readonly initial: number | undefined;
  readonly #module: WasmModule;
  readonly #flow: StackPointerFlow | undefined;
  readonly #layouts = new Map<number, FrameLayout>();
  readonly #locals = new Map<string, Rows>();

  constructor(module: WasmModule, names: FunctionNames = new FunctionNames(module)) {
    this.#module = module;
    this.stackPointer = stackPointerGlobal(module, names);
    if (this.stackPointer >= 0) this.#flow = new StackPointerFlow(module, this.stackPointer);
    this.initial = initialValue(module, this.stackPointer);
  }

  /** The layout of function `func` (imported ones first; those have no frame). Never throws: code that can't be read is irregular. */
  of(func: number): FrameLayout {
    const n = func - this.#module.importedFunctions;
    if (this.#flow === undefined || n < 0 || n >= this.#module.bodyStart.length) return NONE;
    let layout = this.#layouts.get(func);
    if (layout === undefined) {
      layout = quietly(() => this.#read(n)) ?? unfollowed('its code cannot be read');
      this.#layouts.set(func, layout);
    }
    return layout;
  }

  /**
   * What local `local` of function `func` holds when the instruction at `offset` is reached, in a frame that was entered with `entry`:
   * an address on the stack that follows from it, such as a frame base that DWARF names by its local. Undefined for all else.
   */
  localAt(func: number, local: number, offset: number, entry: number): number | undefined {
    const flow = this.#flow;
    const n = func - this.#module.importedFunctions;
    if (flow === undefined || n < 0 || n >= this.#module.bodyStart.length || local < 0) return undefined;
    const key = `${func} ${local}`;
    let rows = this.#locals.get(key);
    if (rows === undefined) {
      rows = quietly(() => this.#readLocal(flow, n, local)) ?? NO_ROWS;
      this.#locals.set(key, rows);
    }
    const row = rowAt(rows, offset);
    return row < 0 ? undefined : address(rows, rows.base[row]!, rows.offset[row]!, entry);
  }

  /** Locals of function `func` that hold addresses on the stack at some place. */
  addressLocals(func: number): number[] {
    const flow = this.#flow;
    const n = func - this.#module.importedFunctions;
    if (flow === undefined || n < 0 || n >= this.#module.bodyStart.length) return [];
    return (
      quietly(() => {
        flow.follow(n);
        return flow.state.followed();
      }) ?? []
    );
  }

  /** The functions, ascending, whose callers are not found by static unwinding alone (kinds aligned and irregular). Reads all code. */
  unusual(): number[] {
    const found: number[] = [];
    const flow = this.#flow;
    if (flow === undefined) return found;
    for (let n = 0; n < this.#module.bodyStart.length; n++) {
      const unusual = quietly(() => {
        // What never writes the stack pointer has it at each call as it was at entry.
        if (!flow.uses(n, true)) return false;
        flow.follow(n);
        return flow.reason !== undefined || flow.frameBase >= Base.Aligned;
      });
      if (unusual ?? true) found.push(this.#module.importedFunctions + n);
    }
    return found;
  }

  #readLocal(flow: StackPointerFlow, n: number, local: number): Rows {
    if (!flow.uses(n) || local >= enterBody(this.#module, new InstructionReader(this.#module.bytes), n)) return NO_ROWS;
    flow.follow(n, local);
    return flow.reason === IRREGULAR.huge ? NO_ROWS : rowsOf(flow);
  }

  #read(n: number): FrameLayout {
    const flow = this.#flow;
    if (flow === undefined || !flow.uses(n)) return NONE;
    flow.follow(n);
    if (flow.reason === IRREGULAR.huge) return unfollowed(flow.reason);
    const { frameBase, frameOffset, baseLocal, writesGlobal } = flow;
    if (frameBase === Base.Unknown && !writesGlobal) return NONE;
    const rows = rowsOf(flow);
    if (flow.reason !== undefined) return new FrameLayout({ kind: 'irregular', reason: flow.reason, baseLocal }, rows);
    if (frameBase === Base.Unknown || (frameBase === Base.Entry && frameOffset === 0))
      return new FrameLayout({ kind: 'none' }, rows);
    const common = { baseLocal, allocatesFrom: firstAllocated(rows), writesGlobal };
    if (frameBase === Base.Entry) return new FrameLayout({ kind: 'static', size: -frameOffset, ...common }, rows);
    const aligned = frameBase - Base.Aligned;
    const size = -(rows.alignedOffset[aligned]! + frameOffset);
    return new FrameLayout({ kind: 'aligned', size, alignment: -rows.alignedMask[aligned]!, ...common }, rows);
  }
}

function rowsOf({ rows, state, frameBase, frameOffset }: StackPointerFlow): Rows {
  const alignments = state.alignedCount === 0 ? NO_ALIGNMENTS : state.alignments();
  return { ...rows.columns(), ...alignments, frameBase, frameOffset, wide: state.wide };
}

/** The value of an integer global whose initial expression is one constant. */
function initialValue(module: WasmModule, global: number): number | undefined {
  const reader = new InstructionReader(module.bytes);
  reader.reset(module.globalInitStart[global] ?? 0, module.globalInitEnd[global] ?? 0);
  if (!reader.next() || reader.end < reader.limit) return undefined;
  if (reader.opcode === opcodeNamed('i32.const')) return reader.low >>> 0;
  if (reader.opcode === opcodeNamed('i64.const')) return reader.high * 2 ** 32 + (reader.low >>> 0);
  return undefined;
}

function firstAllocated(rows: Rows): number {
  for (let row = 0; row < rows.at.length; row++)
    if (rows.held[row] === Held.Yes || (rows.base[row] === rows.frameBase && rows.offset[row] === rows.frameOffset))
      return rows.at[row]!;
  return rows.at[0] ?? 0;
}

/** Nothing is known at any instruction. */
function unfollowed(reason: string): FrameLayout {
  const row = { at: Uint32Array.of(0), base: Uint8Array.of(Base.Unknown), offset: new Float64Array(1) };
  return new FrameLayout(
    { kind: 'irregular', reason, baseLocal: -1 },
    { ...NO_ROWS, ...row, held: Uint8Array.of(Held.No), frameBase: Base.Constant },
  );
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof WasmError) return undefined;
    throw error;
  }
}
