// The rewriting pass: module and plan in, module and offset map out. Pure. It imports nothing and shifts nothing: types,
// table, globals, helper functions and exports are appended, so every index of the guest stays what it was. (I1)
import { ImportKind, type Section, SectionId, sectionOf, type WasmModule } from '../wasm/module.ts';
import { FUNCREF, I32, I64 } from '../wasm/value-types.ts';
import { ByteWriter } from '../wasm/writer.ts';
import { Additions } from './additions.ts';
import { Assembler } from './assembler.ts';
import { type BlockColumns, BlockCount } from './block-count.ts';
import { BulkHelpers } from './bulk-helpers.ts';
import { StoredPointers, storedBytes } from './frame-bases.ts';
import { FrameCount } from './frame-count.ts';
import { type OffsetMap, OffsetMapBuilder, Run } from './offset-map.ts';
import { BODY_LIMIT, FRAME_LIMIT, HOOK_SLOTS, type ProbePlan, SITES_AT } from './plan.ts';
import { ProbeSites, type SiteColumns } from './probe-sites.ts';
import { ScratchLocals } from './scratch-locals.ts';
import { Weaver } from './weave.ts';

/** Names under which the rewritten module exports what the executor needs; none is a name of the guest's. */
export interface InstrumentedExports {
  /** The hook table, empty until the executor fills them (HookSlot). */
  readonly hooks: string;
  /** Fuel left in the chunk; 0 at first, so that the first charge enters the hook. To be read and set by `fuelOf`. Null without charges. */
  readonly fuel: string | null;
  /** Mutable: frames left, or frames and slots packed: `framesOf` and `slotsOf` read both. Null without a depth count. */
  readonly depth: string | null;
  /** Instructions passed, as far as they are charged. To be read by `momentsOf`. Null without moments. */
  readonly moment: string | null;
  /** The memory of the sites: what is handed over from 0 on, the bytes that arm them from SITES_AT on. Null without sites. */
  readonly sites: string | null;
  /** The memory of block counts, u64 each by row of `blocks`. Null without them. */
  readonly counts: string | null;
  /** Memory of stored stack pointers, for `storedPointer`; null where nothing stores. */
  readonly stored: string | null;
  /** Mutable i64s: first address and length of the watched range. Null where no memory is watched. */
  readonly watched: { readonly from: string; readonly length: string } | null;
  /** Every memory, by index. */
  readonly memories: readonly string[];
  /** Every global of the guest, by index. */
  readonly globals: readonly string[];
  /** Every table of the guest, by index. */
  readonly tables: readonly string[];
  /** The guest's start function, which the executor has to call after the hooks are set; null where there is none. */
  readonly start: string | null;
}

export interface Instrumented {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly map: OffsetMap;
  readonly exports: InstrumentedExports;
  /** Null without sites. */
  readonly sites: SiteColumns | null;
  /** The straight-line blocks whose runs are counted; null without counts. */
  readonly blocks: BlockColumns | null;
  /** Functions from this index on are ours. */
  readonly firstHelper: number;
}

/**
 * Rewrites `module` as `plan` asks. The result is a module of its own with the guest's imports; custom sections are left
 * out. Throws WasmError for code that is malformed, refused, or too large for V8.
 * @param bodyLimit the most bytes that the engine takes for one function body; from there on the weave is coarser
 */
export function instrument(module: WasmModule, plan: ProbePlan, bodyLimit: number = BODY_LIMIT): Instrumented {
  const additions = new Additions(module);
  const fuelGlobal = module.globalTypes.length;
  const depthGlobal = fuelGlobal + (plan.charges === null ? 0 : 1);
  const momentGlobal = depthGlobal + (plan.frameSlots === null ? 0 : 1);
  const counters = { fuel: plan.charges === null ? -1 : fuelGlobal, moment: plan.moments ? momentGlobal : -1 };
  const bulk = new BulkHelpers(additions, plan, counters);
  const codeSize = module.bytes.length === 0 ? 0 : codeBytes(module);
  const code = new ByteWriter(codeSize * 2 + 4096);
  const map = new OffsetMapBuilder(Math.max(4096, codeSize >>> 3));
  const scratch = new ScratchLocals();
  const frames =
    plan.frameSlots === null ? null : new FrameCount(code, additions, plan.frameSlots, depthGlobal, scratch);
  const siteMemory = module.memories.length;
  const countMemory = plan.blockCounts && plan.moments ? siteMemory + (plan.sites === null ? 0 : 1) : -1;
  const storedMemory = siteMemory + (plan.sites === null ? 0 : 1) + (countMemory < 0 ? 0 : 1);
  const stored = frames === null ? null : storedPointers(module, plan, frames, storedMemory);
  const blocks = countMemory < 0 ? null : new BlockCount(code, additions, countMemory);
  const sites = plan.sites === null ? null : new ProbeSites(plan.sites, code, additions, siteMemory);
  const watchGlobal = momentGlobal + (plan.moments ? 1 : 0);
  const weaver = new Weaver(additions, plan, bulk, {
    code,
    map,
    scratch,
    counters,
    frames,
    stored,
    blocks,
    sites,
    watchGlobal,
    bodyLimit,
  });
  for (let n = 0; n < module.bodyStart.length; n++) weaver.weave(n);
  map.add(code.length, 0, Run.None);
  assembleHelpers(additions, code);
  if (plan.charges !== null || plan.frameSlots !== null || plan.moments) fill(additions, code);
  return assemble(module, plan, additions, { code, map, frames, blocks, sites });
}

function storedPointers(
  module: WasmModule,
  { storedPointers: wanted }: ProbePlan,
  frames: FrameCount,
  memory: number,
): StoredPointers | null {
  if (!wanted || wanted.functions.length === 0) return null;
  const functions = new Uint8Array(module.functionTypes.length);
  for (const func of wanted.functions) functions[func] = 1;
  return new StoredPointers(functions, {
    pointer: wanted.global,
    wide: module.globalTypes[wanted.global] === I64,
    memory,
    frames: (code) => frames.writeCount(code),
  });
}

function codeBytes(module: WasmModule): number {
  const section = sectionOf(module, SectionId.Code);
  return section === undefined ? 0 : section.end - section.start;
}

/** Helpers may ask for further ones while they are assembled. */
function assembleHelpers(additions: Additions, code: ByteWriter): void {
  // there are thousands: a charge has one for each of its costs
  const assembler = new Assembler(0);
  for (let n = 0; n < additions.helpers.length; n++) {
    const { type, build } = additions.helpers[n]!;
    assembler.begin(additions.types[type - additions.module.typeCount]!.parameters.length);
    build(assembler);
    const body = assembler.body();
    code.u32(body.length);
    code.append(body);
  }
}

/** V8 inlines five times as much into a function, and ten times into a large one, where half of a module's functions are this small. */
const SMALL = 50;

/**
 * Adds functions that nobody calls, until V8 takes the module for one that is made of small functions. It would be one, or was, without
 * what is woven into them; and small functions that are not inlined cost more than all that is woven in.
 */
function fill(additions: Additions, code: ByteWriter): void {
  const { functions, small } = sizes(code.bytes());
  additions.fillers = Math.max(0, functions - 2 * small);
  if (additions.fillers === 0) return;
  additions.type([], []);
  for (let n = 0; n < additions.fillers; n++) code.raw(2, 0, 0x0b);
}

/** How many bodies there are, and how many of them V8 calls small. */
function sizes(code: Uint8Array): { functions: number; small: number } {
  let functions = 0;
  let small = 0;
  for (let at = 0; at < code.length; functions++) {
    let size = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = code[at++]!;
      size += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    if (size < SMALL) small++;
    at += size;
  }
  return { functions, small };
}

function assemble(
  module: WasmModule,
  plan: ProbePlan,
  additions: Additions,
  woven: {
    readonly code: ByteWriter;
    readonly map: OffsetMapBuilder;
    readonly frames: FrameCount | null;
    readonly blocks: BlockCount | null;
    readonly sites: ProbeSites | null;
  },
): Instrumented {
  const { code, map, frames, blocks, sites } = woven;
  const out = new ByteWriter(code.length + dataBytes(module) + 65536);
  out.raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const exports = chooseNames(module, plan, additions);
  const extend = (id: number, added: number, write: (section: ByteWriter) => void) => {
    const original = sectionOf(module, id);
    const section = new ByteWriter();
    section.u32(countOf(module, original) + added);
    if (original !== undefined) section.copy(module.bytes, afterCount(module, original), original.end);
    write(section);
    out.section(id, section.bytes());
  };
  const keep = (id: number) => {
    const original = sectionOf(module, id);
    if (original !== undefined) out.section(id, module.bytes.subarray(original.start, original.end));
  };
  extend(SectionId.Type, additions.types.length, (section) => {
    for (const { parameters, results } of additions.types) {
      section.byte(0x60);
      for (const list of [parameters, results]) {
        section.u32(list.length);
        section.append(Uint8Array.from(list));
      }
    }
  });
  keep(SectionId.Import);
  extend(SectionId.Function, additions.helpers.length + additions.fillers, (section) => {
    for (const { type } of additions.helpers) section.u32(type);
    const none = additions.fillers > 0 ? additions.type([], []) : 0;
    for (let n = 0; n < additions.fillers; n++) section.u32(none);
  });
  extend(SectionId.Table, 1, (section) => section.raw(FUNCREF, 1, HOOK_SLOTS, HOOK_SLOTS));
  const pages = (bytes: number) => Math.ceil(bytes / 65536);
  const memories = (sites === null ? 0 : 1) + (exports.counts === null ? 0 : 1) + (exports.stored === null ? 0 : 1);
  extend(SectionId.Memory, memories, (section) => {
    if (sites !== null) {
      section.byte(0);
      section.u32(pages(SITES_AT + sites.count));
    }
    if (exports.counts !== null) {
      section.byte(0);
      section.u32(pages(8 * (blocks?.count ?? 0)));
    }
    if (exports.stored !== null) {
      section.byte(0);
      section.u32(pages(storedBytes(FRAME_LIMIT)));
    }
  });
  const watched = exports.watched === null ? 0 : 2;
  const globals =
    (plan.charges === null ? 0 : 1) + (plan.frameSlots === null ? 0 : 1) + (plan.moments ? 1 : 0) + watched;
  extend(SectionId.Global, globals, (section) => {
    if (plan.charges !== null) section.raw(...(plan.moments ? [I64, 1, 0x42] : [I32, 1, 0x41]), 0, 0x0b);
    frames?.declare(section);
    if (plan.moments) section.raw(I64, 1, 0x42, 0, 0x0b);
    for (let n = 0; n < watched; n++) section.raw(I64, 1, 0x42, 0, 0x0b);
  });
  writeExports(module, additions, exports, extend);
  keep(SectionId.Element);
  keep(SectionId.DataCount);
  // The count stands before the bodies: base is where the first body's size field will be.
  const count = new ByteWriter(8);
  count.u32(module.bodyStart.length + additions.helpers.length + additions.fillers);
  out.byte(SectionId.Code);
  out.u32(count.length + code.length);
  out.append(count.bytes());
  const base = out.length;
  out.append(code.bytes());
  const end = out.length;
  keep(SectionId.Data);
  return {
    bytes: out.bytes(),
    map: map.finish(base, end),
    exports,
    sites: sites?.columns() ?? null,
    blocks: blocks?.columns() ?? null,
    firstHelper: module.functionTypes.length,
  };
}

function chooseNames(module: WasmModule, plan: ProbePlan, additions: Additions): InstrumentedExports {
  return {
    hooks: additions.name('hooks'),
    fuel: plan.charges === null ? null : additions.name('fuel'),
    depth: plan.frameSlots === null ? null : additions.name('depth'),
    moment: plan.moments ? additions.name('moment') : null,
    sites: plan.sites === null ? null : additions.name('sites'),
    counts: plan.blockCounts && plan.moments ? additions.name('counts') : null,
    stored:
      plan.storedPointers && plan.storedPointers.functions.length > 0 && plan.frameSlots !== null
        ? additions.name('stored pointers')
        : null,
    watched:
      plan.watchedMemory === null || plan.sites === null
        ? null
        : { from: additions.name('watched from'), length: additions.name('watched length') },
    memories: module.memories.map((_, index) => additions.name(`memory ${index}`)),
    globals: Array.from(module.globalTypes, (_, index) => additions.name(`global ${index}`)),
    tables: module.tables.map((_, index) => additions.name(`table ${index}`)),
    start: module.start < 0 ? null : additions.name('start'),
  };
}

function writeExports(
  module: WasmModule,
  additions: Additions,
  exports: InstrumentedExports,
  extend: (id: number, added: number, write: (section: ByteWriter) => void) => void,
): void {
  const rows: [name: string, kind: number, index: number][] = [[exports.hooks, ImportKind.Table, additions.hookTable]];
  let global = module.globalTypes.length;
  if (exports.fuel !== null) rows.push([exports.fuel, ImportKind.Global, global++]);
  if (exports.depth !== null) rows.push([exports.depth, ImportKind.Global, global++]);
  if (exports.moment !== null) rows.push([exports.moment, ImportKind.Global, global++]);
  if (exports.watched !== null) {
    rows.push([exports.watched.from, ImportKind.Global, global++]);
    rows.push([exports.watched.length, ImportKind.Global, global++]);
  }
  let memory = module.memories.length;
  if (exports.sites !== null) rows.push([exports.sites, ImportKind.Memory, memory++]);
  if (exports.counts !== null) rows.push([exports.counts, ImportKind.Memory, memory++]);
  if (exports.stored !== null) rows.push([exports.stored, ImportKind.Memory, memory++]);
  for (const [index, name] of exports.memories.entries()) rows.push([name, ImportKind.Memory, index]);
  for (const [index, name] of exports.globals.entries()) rows.push([name, ImportKind.Global, index]);
  for (const [index, name] of exports.tables.entries()) rows.push([name, ImportKind.Table, index]);
  if (exports.start !== null) rows.push([exports.start, ImportKind.Function, module.start]);
  extend(SectionId.Export, rows.length, (section) => {
    for (const [name, kind, index] of rows) {
      section.name(name);
      section.byte(kind);
      section.u32(index);
    }
  });
}

function dataBytes(module: WasmModule): number {
  const section = sectionOf(module, SectionId.Data);
  return section === undefined ? 0 : section.end - section.start;
}

/** The number of items at the head of a section. */
function countOf(module: WasmModule, section: Section | undefined): number {
  if (section === undefined) return 0;
  let count = 0;
  let at = section.start;
  for (let shift = 0; ; shift += 7) {
    const byte = module.bytes[at++]!;
    count += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return count;
  }
}

function afterCount(module: WasmModule, section: Section): number {
  let at = section.start;
  while (module.bytes[at]! >= 0x80) at++;
  return at + 1;
}
