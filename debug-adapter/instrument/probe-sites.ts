// Sites: places of the guest's code where it can be stopped. Each has a byte in a memory of ours that says whether it is armed; an armed one
// hands the operand stack and the locals over in that memory, enters the hook, and takes them back, changed or not: the operands everywhere, the
// locals not where they are only shown. (I2, S1)
import type { OperandTypes } from '../wasm/operand-types.ts';
import { F32, F64, I32, I64, V128 } from '../wasm/value-types.ts';
import type { ByteWriter } from '../wasm/writer.ts';
import type { Additions } from './additions.ts';
import type { CounterCharge } from './counters.ts';
import { callHook } from './hooks.ts';
import { HANDED_OVER, HookSlot, SITES_AT, type SitePlan, VALUE_BYTES } from './plan.ts';

const END = 0x0b;

/** Sites in the order of the code: plain columns that can be posted to another thread. */
export interface SiteColumns {
  /** Byte offset in the original file of the instruction before which the site stands; of a store, of the instruction that stored. */
  readonly offset: Uint32Array;
  /** To be added to the moments that are charged, to have those passed at the site: 0 or less. */
  readonly pending: Int32Array;
  /** SiteKind. */
  readonly kind: Uint8Array;
}

export const SiteKind = {
  Instruction: 0,
  Store: 1,
  Bare: 2,
  /** Hands over operands and locals, and takes back the operands alone. */
  Shown: 3,
} as const;

/** How a value of this type gets into memory and back; a reference can't. */
function accessOf(type: number): { readonly load: readonly number[]; readonly store: readonly number[] } | undefined {
  switch (type) {
    case I32:
      return { load: [0x28], store: [0x36] };
    case I64:
      return { load: [0x29], store: [0x37] };
    case F32:
      return { load: [0x2a], store: [0x38] };
    case F64:
      return { load: [0x2b], store: [0x39] };
    case V128:
      return { load: [0xfd, 0x00], store: [0xfd, 0x0b] };
    default:
      return undefined;
  }
}

/** How a site is written out. */
interface Shape {
  /** Type index of the `if` around it; -1: none of its own. */
  readonly blockType: number;
  /** How many locals are handed over. */
  readonly locals: number;
  /** How many of them are taken back: all or none. */
  readonly taken: number;
  /** Index of the function that is called. */
  readonly show: number;
}

/** Goes along ascending offsets as a walk over the code does. */
class Offsets {
  readonly #offsets: Uint32Array;
  #row = 0;

  constructor(offsets: Uint32Array) {
    this.#offsets = offsets;
  }

  /** Comes to the first that is not before `start`. */
  begin(start: number): void {
    let low = 0;
    for (let high = this.#offsets.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (this.#offsets[middle]! < start) low = middle + 1;
      else high = middle;
    }
    this.#row = low;
  }

  /** Whether the next one is before `end`. */
  before(end: number): boolean {
    return this.#row < this.#offsets.length && this.#offsets[this.#row]! < end;
  }

  /** Whether `offset` is one of them; what lies before it is passed over. */
  at(offset: number): boolean {
    while (this.before(offset)) this.#row++;
    return this.#offsets[this.#row] === offset;
  }
}

export class ProbeSites {
  readonly #plan: SitePlan;
  readonly #code: ByteWriter;
  readonly #additions: Additions;
  readonly #memory: number;
  #offset = new Uint32Array(1024);
  #pending = new Int32Array(1024);
  #kind = new Uint8Array(1024);
  #count = 0;
  readonly #chosen: Offsets;
  readonly #shown: Offsets;
  readonly #bare: Offsets;
  #every = false;
  /** Offset of the present function's first instruction, where that is a site; else -1. */
  #entry = -1;
  /** Of the present function, by the types of the operands. */
  readonly #shapes = new Map<string, Shape>();

  /** @param memory index of the memory that holds the bytes and what is handed over */
  constructor(plan: SitePlan, code: ByteWriter, additions: Additions, memory: number) {
    this.#plan = plan;
    this.#code = code;
    this.#additions = additions;
    this.#memory = memory;
    this.#chosen = new Offsets(plan.offsets);
    this.#shown = new Offsets(plan.shown ?? new Uint32Array());
    this.#bare = new Offsets(plan.bare);
  }

  get count(): number {
    return this.#count;
  }

  /** Forgets the sites after the first `count`: a body is woven again. */
  truncate(count: number): void {
    this.#count = count;
  }

  /** Begins defined function `n`, whose first instruction is at `start`. @returns whether it has any site. */
  begin(n: number, start: number, end: number): boolean {
    this.#shapes.clear();
    const { functions, entries } = this.#plan;
    this.#every = functions === 'all' || functions[n] === 1;
    this.#entry = entries ? start : -1;
    this.#chosen.begin(start);
    this.#shown.begin(start);
    this.#bare.begin(start);
    return this.#every || entries || this.#chosen.before(end) || this.#shown.before(end) || this.#bare.before(end);
  }

  /** What site there is before the instruction at `offset`: SiteKind; -1 for none. */
  at(offset: number): number {
    const chosen = this.#chosen.at(offset);
    const shown = this.#shown.at(offset);
    const bare = this.#bare.at(offset) || offset === this.#entry;
    if (chosen || this.#every) return SiteKind.Instruction;
    return shown ? SiteKind.Shown : bare ? SiteKind.Bare : -1;
  }

  /** A further row. @returns its number. */
  row(offset: number, pending: number, kind: number): number {
    const n = this.#count++;
    if (n === this.#kind.length) {
      this.#offset = grown(this.#offset);
      const pendings = new Int32Array(n * 2);
      pendings.set(this.#pending);
      this.#pending = pendings;
      const kinds = new Uint8Array(n * 2);
      kinds.set(this.#kind);
      this.#kind = kinds;
    }
    this.#offset[n] = offset;
    this.#pending[n] = pending;
    this.#kind[n] = kind;
    return n;
  }

  /**
   * if (armed[site]) { operands and locals = $show(operands, locals, site) }; where they are shown: operands = $show(operands, locals, site); a
   * bare one: if (armed[site]) $show(site)
   */
  write(kind: number, offset: number, pending: number, types: OperandTypes, counters: CounterCharge): void {
    const code = this.#code;
    const site = this.row(offset, pending, kind);
    const { blockType, locals, taken, show } =
      kind === SiteKind.Bare ? this.#bareShape() : this.#shape(types, kind === SiteKind.Shown);
    code.raw(0x41, 0, 0x2d, 0x40); // i32.const 0, i32.load8_u of another memory than 0
    code.u32(this.#memory);
    code.u32(SITES_AT + site);
    code.byte(0x04);
    if (blockType < 0) code.byte(0x40);
    else code.typeIndex(blockType);
    for (let n = 0; n < locals; n++) {
      code.byte(0x20);
      code.u32(n);
    }
    code.byte(0x41);
    code.s32(site);
    code.byte(0x10);
    code.u32(show);
    for (let n = taken - 1; n >= 0; n--) {
      code.byte(0x21);
      code.u32(n);
    }
    counters.reload();
    code.byte(END);
  }

  #bareShape(): Shape {
    return { blockType: -1, locals: 0, taken: 0, show: this.#show([], 0) };
  }

  /** What sites with these operands have in common; few differ within a function. */
  #shape(types: OperandTypes, shown: boolean): Shape {
    // Code can't touch what lies on the stack below the block that it is in.
    let key = shown ? 'shown ' : '';
    for (let n = types.height; n < types.depth; n++) key += String.fromCharCode(types.types[n]!);
    let shape = this.#shapes.get(key);
    if (shape === undefined) {
      const operands = Array.from(types.types.subarray(types.height, types.depth));
      const blockType = operands.length === 0 ? -1 : this.#additions.type(operands, operands);
      // More than a function may take: nobody looks at so many.
      const many = operands.length > HANDED_OVER;
      const locals = many ? 0 : Math.min(types.localCount, HANDED_OVER - operands.length);
      const values = many ? [] : [...operands];
      for (let n = 0; n < locals; n++) values.push(types.localType(n));
      const taken = shown ? 0 : locals;
      shape = { blockType, locals, taken, show: this.#show(values, values.length - locals + taken) };
      this.#shapes.set(key, shape);
    }
    return shape;
  }

  /** Index of the function that hands `values` over, enters the hook, and gives the first `taken` of them back. */
  #show(values: readonly number[], taken: number): number {
    const memory = this.#memory;
    const results = values.slice(0, taken);
    return this.#additions.helper(`show ${values.join()} ${taken}`, [...values, I32], results, (code) => {
      const access = (bytes: readonly number[], n: number, type: number) => {
        // No alignment is promised, and 0x40 says that a memory index follows.
        code.emit(bytes);
        code.code.byte(0x40 | (type === V128 ? 4 : type === I64 || type === F64 ? 3 : 2));
        code.code.u32(memory);
        code.code.u32(n * VALUE_BYTES);
      };
      for (const [n, type] of values.entries()) {
        const how = accessOf(type);
        if (how === undefined) continue;
        code.i32(0).get(n);
        access(how.store, n, type);
      }
      code.get(values.length);
      callHook(code, this.#additions, HookSlot.Probe);
      for (const [n, type] of results.entries()) {
        const how = accessOf(type);
        if (how === undefined) code.get(n);
        else {
          code.i32(0);
          access(how.load, n, type);
        }
      }
    });
  }

  /** The columns, when all bodies are woven. */
  columns(): SiteColumns {
    return {
      offset: this.#offset.slice(0, this.#count),
      pending: this.#pending.slice(0, this.#count),
      kind: this.#kind.slice(0, this.#count),
    };
  }
}

function grown(column: Uint32Array): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(column.length * 2);
  more.set(column);
  return more;
}
