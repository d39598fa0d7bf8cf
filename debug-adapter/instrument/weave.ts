// Rewrites function bodies: copies the guest's code in runs and weaves in what the plan asks for. One weaver serves a whole
// module; the loop makes no object per instruction. Knows nothing of sections. (I1, I3, E8, R3)
import { WasmError } from '../wasm/error.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import { resultsOf, type WasmModule } from '../wasm/module.ts';
import { OperandTypes } from '../wasm/operand-types.ts';
import { isValueType } from '../wasm/value-types.ts';
import type { ByteWriter } from '../wasm/writer.ts';
import { Action, actionsFor } from './actions.ts';
import type { Additions } from './additions.ts';
import type { BlockCount } from './block-count.ts';
import type { BulkHelpers } from './bulk-helpers.ts';
import { CanonicalNaN } from './canonical-nan.ts';
import { ChainCursor } from './chain-cursor.ts';
import { CounterCharge, type CounterGlobals } from './counters.ts';
import type { StoredPointers } from './frame-bases.ts';
import type { FrameCount } from './frame-count.ts';
import { MomentBlocks } from './moment-blocks.ts';
import { ChargePlace } from './moment-chains.ts';
import { type OffsetMapBuilder, Run } from './offset-map.ts';
import { ChargeKind, type ProbePlan } from './plan.ts';
import { type ProbeSites, SiteKind } from './probe-sites.ts';
import type { ScratchLocals } from './scratch-locals.ts';
import { StoreWatch } from './store-watch.ts';

const LOOP = 0x03;
const IF = 0x04;
const ELSE = 0x05;
const END = 0x0b;
const BR = 0x0c;
const CALL = 0x10;
/** Locals that V8 takes in a function. */
const MOST_LOCALS = 50_000;
/** How closely a body is woven. Coarse calls a helper where fine writes out the instructions, for huge functions; coarsest has no sites either. */
type Weave = 'fine' | 'coarse' | 'coarsest';

export class Weaver {
  readonly #module: WasmModule;
  readonly #plan: ProbePlan;
  readonly #additions: Additions;
  readonly #bulk: BulkHelpers;
  readonly #map: OffsetMapBuilder;
  readonly #reader: InstructionReader;
  readonly #actions: Uint8Array;
  readonly #code: ByteWriter;
  readonly #scratch: ScratchLocals;
  readonly #nan: CanonicalNaN;
  readonly #counters: CounterCharge;
  readonly #frames: FrameCount | null;
  readonly #stored: StoredPointers | null;
  readonly #blockCount: BlockCount | null;
  readonly #sites: ProbeSites | null;
  readonly #watch: StoreWatch | null;
  readonly #blocks = new MomentBlocks();
  /** Null without moments. */
  readonly #chains: ChainCursor | null;
  readonly #types: OperandTypes;
  readonly #bodyLimit: number;
  /** Next row of the charges. */
  #charge = 0;
  /** Original bytes from here on are not yet copied. */
  #runStart = 0;
  /** Set by the walk: whether the body calls anything that may be a frame of the guest. */
  #calls = false;
  /** Whether the body was woven as one that does. */
  #framed = false;

  constructor(
    additions: Additions,
    plan: ProbePlan,
    bulk: BulkHelpers,
    into: {
      code: ByteWriter;
      map: OffsetMapBuilder;
      scratch: ScratchLocals;
      counters: CounterGlobals;
      frames: FrameCount | null;
      stored: StoredPointers | null;
      blocks: BlockCount | null;
      sites: ProbeSites | null;
      /** Index of the globals of the watched range. */
      watchGlobal: number;
      bodyLimit: number;
    },
  ) {
    this.#module = additions.module;
    this.#plan = plan;
    this.#additions = additions;
    this.#bulk = bulk;
    this.#map = into.map;
    this.#code = into.code;
    this.#bodyLimit = into.bodyLimit;
    this.#reader = new InstructionReader(additions.module.bytes);
    this.#actions = actionsFor(plan);
    this.#scratch = into.scratch;
    this.#counters = new CounterCharge(into.code, additions, into.counters, this.#scratch);
    this.#frames = into.frames;
    this.#stored = into.stored;
    this.#blockCount = into.blocks;
    this.#chains = plan.moments ? new ChainCursor(additions.module) : null;
    this.#sites = into.sites;
    const { watchedMemory } = plan;
    this.#watch =
      watchedMemory === null || into.sites === null
        ? null
        : new StoreWatch(watchedMemory, into.code, additions, this.#scratch, into.watchGlobal);
    this.#types = new OperandTypes(additions.module);
    this.#nan = new CanonicalNaN(into.code, this.#scratch, additions);
  }

  /** Rewrites defined function `n` and appends it, with its size. Throws WasmError for what can't be. */
  weave(n: number): void {
    const mapped = this.#map.count;
    const at = this.#code.length;
    const charge = this.#charge;
    const sites = this.#sites?.count ?? 0;
    const blocks = this.#blockCount?.count ?? 0;
    // Whether a body calls is known for certain only at its end.
    this.#body(n, undefined, 'fine');
    const frame = this.#calls;
    const again = (weave: Weave) => {
      this.#map.truncate(mapped);
      this.#code.length = at;
      this.#charge = charge;
      this.#sites?.truncate(sites);
      this.#blockCount?.truncate(blocks);
      this.#body(n, frame, weave);
    };
    if (this.#frames !== null && this.#framed !== frame) again('fine');
    if (this.#code.length - at - 5 <= this.#bodyLimit) return;
    again('coarse');
    if (this.#sites !== null && this.#code.length - at - 5 > this.#bodyLimit) again('coarsest');
    const size = this.#code.length - at - 5;
    if (size > this.#bodyLimit)
      throw new WasmError(
        `Function ${this.#module.importedFunctions + n} is too large to be debugged: with fuel it takes ${size} bytes, and V8 takes ${this.#bodyLimit}`,
        this.#module.bodyStart[n]!,
      );
  }

  /** @param frame whether it calls, so that its frame has to be counted; undefined: what the chains tell is good enough */
  #body(n: number, frame: boolean | undefined, weave: Weave): void {
    const module = this.#module;
    const reader = this.#reader;
    const code = this.#code;
    const start = module.bodyStart[n]!;
    const end = module.bodyEnd[n]!;
    const type = module.functionTypes[module.importedFunctions + n]!;
    this.#calls = false;
    this.#nan.coarse = weave !== 'fine';
    if (this.#blockCount !== null) this.#blockCount.coarse = weave !== 'fine';

    this.#map.add(code.length, 0, Run.None);
    const sizeAt = code.u32Padded();
    this.#map.add(code.length, start, Run.Inserted);
    const locals = this.#locals(start, end, module.typeResults[type]! - module.typeStart[type]!);
    this.#chains?.begin(n, locals.end);
    this.#framed = frame ?? this.#chains?.calls ?? true;
    const counted = this.#frames !== null && this.#framed;
    reader.reset(locals.end, end);
    const declared = code.length;
    const mapped = this.#map.count;
    if (this.#frames !== null) {
      this.#map.add(code.length, locals.end, Run.Inserted);
      this.#frames.enter(n, counted);
      const func = module.importedFunctions + n;
      if (this.#stored?.stores(func)) this.#stored.enter(code, func, counted);
      if (counted) {
        code.byte(0x02);
        this.#resultBlockType(type);
      }
    }
    this.#runStart = locals.end;
    this.#walk(n, locals.count, counted, weave);
    if (this.#scratch.count > MOST_LOCALS)
      throw new WasmError(
        `Function ${module.importedFunctions + n} has ${locals.count} locals, and with those that the debugger adds more than the ${MOST_LOCALS} that V8 takes`,
        start,
      );
    this.#map.shift(mapped, this.#scratch.declare(code, sizeAt + 5, declared, locals.groups));
    code.patchU32(sizeAt, code.length - sizeAt - 5);
  }

  /** Copies the local declarations. Answers how many groups and locals there are, and where code begins. */
  #locals(start: number, end: number, parameters: number): { groups: number; count: number; end: number } {
    const reader = this.#reader;
    reader.reset(start, end);
    reader.offset = start;
    const groups = reader.u32();
    const from = reader.end;
    let count = parameters;
    for (let left = groups; left > 0; left--) {
      count += reader.u32();
      const type = reader.byte();
      if (!isValueType(type)) reader.refuseType('A local', type);
      if (count > MOST_LOCALS) reader.fail('a function has more than 50 000 locals');
    }
    this.#code.u32(groups);
    this.#code.copy(this.#module.bytes, from, reader.end);
    this.#scratch.begin(count);
    return { groups, count, end: reader.end };
  }

  /** Weaves the instructions of defined function `n`. */
  #walk(n: number, localCount: number, counted: boolean, weave: Weave): void {
    const stoppable = weave !== 'coarsest';
    const module = this.#module;
    const end = module.bodyEnd[n]!;
    const reader = this.#reader;
    const code = this.#code;
    const actions = this.#actions;
    const charges = this.#plan.charges;
    const chargeOffsets = charges?.offset ?? new Uint32Array(0);
    const chargeCount = charges?.count ?? 0;
    const globalCount = module.globalTypes.length;
    const memoryCount = module.memories.length;
    let nesting = 0;
    const blockCount = this.#blockCount;
    const sites = stoppable ? this.#sites : null;
    const watch = stoppable ? this.#watch : null;
    const blocks = this.#blocks;
    const types = this.#types;
    const stops = sites?.begin(n, reader.end, end) === true;
    const chains = this.#chains;
    if (blockCount !== null) blocks.begin();
    if (stops) types.begin(n);
    // Where the next charge is; -1 when there is none.
    let charged = this.#charge < chargeCount ? chargeOffsets[this.#charge]! : -1;
    const entry = chains?.entry ?? 0;
    this.#counters.begin(end - module.bodyStart[n]!, weave !== 'fine', chains?.loops === true);
    if (entry > 0 && (charged !== reader.end || charges!.kind[this.#charge] !== ChargeKind.Entry)) {
      this.#insert(reader.end);
      this.#counters.move(entry, true);
    }
    // Instructions before this offset are copied as they are, if nothing needs to be known of them; so many have been.
    const plain = !stops && blockCount === null && watch === null;
    let due = 0;
    let copied = 0;
    while (reader.next()) {
      const offset = reader.offset;
      if (offset < due) {
        const action = actions[reader.opcode];
        if (
          action === Action.Copy ||
          (action === Action.Local && reader.index < localCount) ||
          (action === Action.Memory && reader.index < memoryCount)
        ) {
          copied++;
          continue;
        }
      }
      if (copied > 0) chains?.pass(copied);
      copied = 0;
      let after = -1;
      let stored = -1;
      let passed = 0;
      let again = false;
      chains?.come(offset);
      const ahead = chains?.ahead ?? 0;
      // The charge of the function's entry stands before all that belongs to its first instruction.
      if (charged === offset && charges!.kind[this.#charge] === ChargeKind.Entry) {
        this.#chargeBefore(this.#charge++, offset, entry, entry);
        charged = this.#charge < chargeCount ? chargeOffsets[this.#charge]! : -1;
      }
      if (stops) {
        const kind = sites!.at(offset);
        if (kind >= 0 && !types.unreachable) {
          this.#insert(offset);
          sites!.write(kind, offset, -ahead, types, this.#counters);
        }
        types.apply(reader);
      }
      if (blockCount !== null) {
        const instructions = blocks.take(reader);
        if (instructions > 0) {
          this.#insert(offset);
          blockCount.write(offset, instructions);
        }
      }
      chains?.pass();
      if (watch?.stores(reader)) {
        stored = sites!.row(offset, -(chains?.ahead ?? 0), SiteKind.Store);
        this.#insert(offset);
        watch.before(reader);
      }
      if (chains?.next === offset) {
        again = chains.place === ChargePlace.AfterCall;
        passed = this.#moved(chains, offset);
      }
      while (charged === offset) {
        const row = this.#charge++;
        if (!this.#chargeBefore(row, offset, 0, reader.opcode === ELSE ? ahead : 0)) after = row;
        charged = this.#charge < chargeCount ? chargeOffsets[this.#charge]! : -1;
      }
      switch (actions[reader.opcode]) {
        case Action.Copy:
          break;
        case Action.Local:
          if (reader.index >= localCount) reader.fail(`local ${reader.index} does not exist`);
          break;
        case Action.Global:
          if (reader.index >= globalCount) reader.fail(`global ${reader.index} does not exist`);
          break;
        case Action.Open:
          if (reader.blockType >= module.typeCount) reader.fail(`type ${reader.blockType} does not exist`);
          nesting++;
          break;
        case Action.Else:
          break;
        case Action.End:
          if (nesting > 0) {
            nesting--;
            break;
          }
          if (reader.end !== end) reader.fail('a function has code after its end');
          if (counted) {
            this.#insert(offset);
            code.byte(END);
            this.#frames?.leave(n);
          }
          this.#flush(end);
          return;
        case Action.Branch:
          if (reader.index > nesting) reader.fail(`a branch leaves ${reader.index} blocks, of ${nesting}`);
          break;
        case Action.BranchTable:
          this.#checkLabels(nesting);
          break;
        case Action.Return:
          if (counted) {
            this.#replace(offset);
            code.byte(BR);
            code.u32(nesting);
          }
          break;
        case Action.Call:
        case Action.ReturnCall:
          if (reader.index >= module.functionTypes.length) reader.fail(`function ${reader.index} does not exist`);
          // An import is no frame of the guest and does not call back into it.
          if (reader.index >= module.importedFunctions) this.#calls = true;
          if (counted && actions[reader.opcode] === Action.ReturnCall) {
            this.#insert(offset);
            this.#frames?.leave(n);
          }
          break;
        case Action.CallIndirect:
        case Action.ReturnCallIndirect:
          if (reader.index >= module.typeCount) reader.fail(`type ${reader.index} does not exist`);
          if (reader.index2 >= module.tables.length) reader.fail(`table ${reader.index2} does not exist`);
          this.#calls = true;
          if (counted && actions[reader.opcode] === Action.ReturnCallIndirect) {
            this.#insert(offset);
            this.#frames?.leave(n);
          }
          break;
        case Action.FunctionReference:
          if (reader.index >= module.functionTypes.length) reader.fail(`function ${reader.index} does not exist`);
          break;
        case Action.Float:
          this.#float(offset);
          break;
        case Action.DropSegment:
          this.#bulk.dropsSegments = true;
          break;
        case Action.Table:
          this.#checkTable(reader.index);
          break;
        case Action.Memory:
          if (reader.index >= memoryCount) reader.fail(`memory ${reader.index} does not exist`);
          break;
        default:
          this.#bulkOperation(offset, watch);
      }
      if (stored >= 0) {
        this.#insertAfter(offset);
        watch!.after(reader, stored);
        this.#counters.reload();
      }
      if (after >= 0) {
        this.#insertAfter(offset);
        this.#counters.charge(charges!.cost[after]!, passed, passed);
      } else if (passed !== 0) {
        this.#insertAfter(offset);
        this.#counters.move(passed, again);
      }
      if (plain) due = nearest(charged, chains, end);
    }
    reader.offset = end;
    reader.fail('a function has no end');
  }

  /** Copies what was not yet copied, up to `offset`. */
  #flush(offset: number): void {
    const from = this.#runStart;
    if (offset <= from) return;
    this.#map.add(this.#code.length, from, Run.Copied);
    this.#code.copy(this.#module.bytes, from, offset);
    this.#runStart = offset;
  }

  /** What is written next stands before the instruction at `offset`. */
  #insert(offset: number): void {
    this.#flush(offset);
    this.#map.add(this.#code.length, offset, Run.Inserted);
  }

  /** What is written next stands after the present instruction and belongs to it. */
  #insertAfter(offset: number): void {
    this.#flush(this.#reader.end);
    this.#map.add(this.#code.length, offset, Run.Inserted);
  }

  /** What is written next stands for the present instruction. */
  #replace(offset: number): void {
    this.#flush(offset);
    this.#map.add(this.#code.length, offset, Run.Replaced);
    this.#runStart = this.#reader.end;
  }

  /** Weaves in a charge of moments at the present instruction. @returns what is to be charged behind it. */
  #moved(chains: ChainCursor, offset: number): number {
    const { amount, place } = chains;
    chains.done();
    if (place === ChargePlace.After || place === ChargePlace.AfterCall) return amount;
    const code = this.#code;
    if (place === ChargePlace.Before) {
      this.#insert(offset);
      this.#counters.move(amount);
      return 0;
    }
    this.#replace(offset);
    code.raw(IF, 0x40);
    this.#counters.move(amount);
    code.byte(BR);
    code.u32(this.#reader.index + 1);
    code.byte(END);
    return 0;
  }

  /**
   * Weaves in a charge that stands before its instruction, with `moments`; false for those that come after it. @param ahead how far the
   * moments are ahead, these included
   */
  #chargeBefore(row: number, offset: number, moments: number, ahead: number): boolean {
    const charges = this.#plan.charges!;
    const kind = charges.kind[row]!;
    const opcode = this.#reader.opcode;
    switch (kind) {
      case ChargeKind.Entry:
        break;
      case ChargeKind.ThenEnd:
        if (opcode !== ELSE) this.#misplaced(row);
        break;
      case ChargeKind.ImplicitElse:
        if (opcode !== END) this.#misplaced(row);
        break;
      default:
        if (opcode !== (kind === ChargeKind.Loop ? LOOP : kind === ChargeKind.Then ? IF : ELSE)) this.#misplaced(row);
        return false;
    }
    this.#insert(offset);
    if (kind === ChargeKind.ImplicitElse) this.#code.byte(ELSE);
    this.#counters.charge(charges.cost[row]!, moments, ahead, kind === ChargeKind.Entry);
    return true;
  }

  #misplaced(row: number): never {
    throw new RangeError(`charge ${row} does not fit the instruction at its offset: it belongs to another module`);
  }

  /** The block that stands for the function's own label gives the function's results. */
  #resultBlockType(type: number): void {
    const results = resultsOf(this.#module, type);
    if (results.length === 0) this.#code.byte(0x40);
    else if (results.length === 1) this.#code.byte(results[0]!);
    else this.#code.typeIndex(this.#additions.type([], [...results]));
  }

  #checkLabels(nesting: number): void {
    const reader = this.#reader;
    const { end, count, index } = reader;
    reader.end = reader.listStart;
    for (let left = count; left > 0; left--)
      if (reader.u32() > nesting) reader.fail(`a br_table leaves more than ${nesting} blocks`);
    reader.end = end;
    if (index > nesting) reader.fail(`a br_table leaves ${index} blocks, of ${nesting}`);
  }

  #checkTable(index: number): void {
    if (index >= this.#module.tables.length) this.#reader.fail(`table ${index} does not exist`);
  }

  #float(offset: number): void {
    if (this.#nan.replaces(this.#reader)) {
      this.#replace(offset);
      this.#nan.writeInstead(this.#reader);
    }
    if (this.#nan.needed(this.#reader)) {
      this.#insertAfter(offset);
      this.#nan.write(this.#reader.opcode);
    }
  }

  /** Grow and bulk operations become calls of a helper where the plan has something to add. */
  #bulkOperation(offset: number, watch: StoreWatch | null): void {
    const action = this.#actions[this.#reader.opcode]!;
    let helper = this.#bulk.helperFor(this.#reader, action);
    const watched = watch?.storesInBulk(this.#reader, action) === true;
    if (watched) helper = watch.bulk(this.#reader, action, helper);
    if (helper < 0) return;
    this.#replace(offset);
    if (watched) {
      this.#code.byte(0x41);
      this.#code.s32(this.#sites!.row(offset, 0, SiteKind.Store));
    }
    this.#code.byte(CALL);
    this.#code.u32(helper);
  }
}

/** The first offset at which there is a charge, or a chain begins; without any, `end`. */
function nearest(charged: number, chains: ChainCursor | null, end: number): number {
  let first = charged < 0 ? end : charged;
  if (chains === null) return first;
  const { next, nextChain } = chains;
  if (next >= 0 && next < first) first = next;
  return nextChain >= 0 && nextChain < first ? nextChain : first;
}
