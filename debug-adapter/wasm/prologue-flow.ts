// Follows the stack pointer through one function: an abstract interpretation of its whole body, which proves what a prologue and an
// epilogue do instead of matching their bytes. Calls give the stack pointer back as they found it: the C ABI says so. Not for
// other values.
import { BLOCK_EMPTY, InstructionReader } from './instructions.ts';
import type { WasmModule } from './module.ts';
import { opcodeNamed, opcodePops, opcodePushes, VARIABLE } from './opcodes.ts';
import { OpenBlocks } from './prologue-blocks.ts';
import { enterBody } from './prologue-pointer.ts';
import { Held, PointerRows } from './prologue-rows.ts';
import { Base, FlowState, Snapshots } from './prologue-state.ts';
import { I64 } from './value-types.ts';
import { OP } from './walked-opcodes.ts';

/** Code nested deeper than compilers nest, or with more loops, is not followed: a snapshot for each would take too much. */
const NESTING_LIMIT = 20_000;
const LOOP_LIMIT = 50_000;
/** Walks over a body until its loops agree; then nothing is taken for known at their heads. */
const WALKS = 4;

export const IRREGULAR = {
  dynamic: 'it sets the stack pointer to an address that it computes as it runs',
  paths: 'paths meet in it that left the stack pointer at different places',
  moved: 'it returns with the stack pointer moved',
  huge: 'it is nested too deeply, or has too many loops, to be followed',
} as const;

/** What one walk found; the columns are overwritten by the next. */
export class StackPointerFlow {
  readonly rows = new PointerRows();
  /** Base.Unknown where there is no frame. */
  frameBase: number = Base.Unknown;
  frameOffset = 0;
  /** The local that holds the frame base; -1 for none. */
  baseLocal = -1;
  writesGlobal = false;
  /** Why the function is irregular; one of IRREGULAR, or undefined. */
  reason: string | undefined;
  readonly state = new FlowState();
  readonly #module: WasmModule;
  readonly #global: number;
  readonly #add: number;
  readonly #sub: number;
  readonly #and: number;
  readonly #reader: InstructionReader;
  #locals = 0;
  readonly #blocks = new OpenBlocks();
  /** At the end of each open block: what its branches bring. */
  readonly #targets = new Snapshots();
  /** At each open `if`: what its other arm begins with. */
  readonly #conditions = new Snapshots();
  /** At the head of each loop, by number. */
  readonly #heads = new Snapshots();
  #loops = 0;
  #agreed = true;
  /** The frame base is what the stack pointer was set to, not only a guess from a local. */
  #confirmed = false;
  #dynamic = false;
  /** The first local that held the stack pointer at entry. */
  #entryLocal = -1;
  #noFixedFrame = false;
  #watched = -1;

  constructor(module: WasmModule, global: number) {
    this.#module = module;
    this.#global = global;
    this.#reader = new InstructionReader(module.bytes);
    this.state.wide = module.globalTypes[global] === I64;
    const type = this.state.wide ? 'i64' : 'i32';
    this.#add = opcodeNamed(`${type}.add`);
    this.#sub = opcodeNamed(`${type}.sub`);
    this.#and = opcodeNamed(`${type}.and`);
  }

  /** Whether defined function `n` names the stack pointer at all (`sets`: writes it). Throws WasmError for malformed code. */
  uses(n: number, sets = false): boolean {
    const reader = this.#reader;
    enterBody(this.#module, reader, n);
    while (reader.next())
      if (reader.opcode === OP.globalSet || (!sets && reader.opcode === OP.globalGet))
        if (reader.index === this.#global) return true;
    return false;
  }

  /**
   * Follows defined function `n`. Throws WasmError for malformed code.
   * @param watched the local that the rows are about; -1: they are about the stack pointer
   */
  follow(n: number, watched = -1): void {
    this.#watched = watched;
    this.#locals = enterBody(this.#module, this.#reader, n);
    this.state.begin(this.#locals);
    this.#heads.clearAll();
    this.reason = undefined;
    this.#entryLocal = -1;
    this.#noFixedFrame = false;
    for (let walk = 1; ; walk++) {
      this.#agreed = true;
      this.#walk(n, walk > WALKS);
      if (this.reason === IRREGULAR.huge) return;
      if (!this.#agreed) continue;
      if (this.#noFixedFrame || this.frameBase !== Base.Unknown || !this.writesGlobal) return;
      // All of its frame is of a size that is computed: the frame base is the stack pointer at entry.
      this.#noFixedFrame = true;
    }
  }

  #walk(n: number, forgetful: boolean): void {
    const module = this.#module;
    const reader = this.#reader;
    const type = module.functionTypes[module.importedFunctions + n]!;
    enterBody(module, reader, n);
    this.state.restart();
    this.rows.count = 0;
    this.frameBase = Base.Unknown;
    this.baseLocal = -1;
    this.writesGlobal = false;
    this.reason = undefined;
    this.#confirmed = false;
    if (this.#noFixedFrame) {
      this.frameBase = Base.Entry;
      this.frameOffset = 0;
      this.baseLocal = this.#entryLocal;
      this.#confirmed = true;
    }
    this.#dynamic = false;
    this.#loops = 0;
    this.#blocks.depth = 0;
    this.#open(OP.block, 0, module.typeStart[type + 1]! - module.typeResults[type]!);
    let dead = false;
    let deadBlocks = 0;
    while (reader.next()) {
      const { opcode } = reader;
      if (dead) {
        if (opcode === OP.block || opcode === OP.loop || opcode === OP.if) deadBlocks++;
        else if (opcode === OP.end && deadBlocks > 0) deadBlocks--;
        else if (opcode === OP.end || (opcode === OP.else && deadBlocks === 0)) {
          dead = opcode === OP.else ? this.#else(true) : this.#end(true);
          if (this.#blocks.depth === 0) return;
        }
        continue;
      }
      this.#row(reader.offset);
      switch (opcode) {
        case OP.block:
        case OP.loop:
        case OP.if:
          if (!this.#enter(opcode, forgetful)) return;
          break;
        case OP.else:
          dead = this.#else(false);
          break;
        case OP.end:
          dead = this.#end(false);
          if (this.#blocks.depth === 0) return;
          break;
        case OP.unreachable:
          dead = true;
          break;
        case OP.br:
          this.#branch(reader.index);
          dead = true;
          break;
        case OP.brIf:
          this.state.drop(1);
          this.#branch(reader.index);
          break;
        case OP.brTable:
          this.#branchTable();
          dead = true;
          break;
        case OP.return:
        case OP.returnCall:
        case OP.returnCallIndirect:
          this.#return();
          dead = true;
          break;
        default:
          this.#plain(opcode);
      }
    }
    reader.fail('a function has no end');
  }

  /** What the instruction at `offset` finds. */
  #row(offset: number): void {
    const { state } = this;
    if (this.#watched >= 0) {
      state.read(this.#watched);
      this.rows.add(offset, state.base, state.base === Base.Unknown ? 0 : state.offset, Held.No);
      return;
    }
    this.rows.add(offset, state.pointerBase, state.pointerOffset, this.#held());
  }

  #held(): number {
    const { state, frameBase, frameOffset } = this;
    if (this.baseLocal >= 0 && state.holds(this.baseLocal, frameBase, frameOffset)) return Held.Yes;
    return frameBase !== Base.Unknown && state.holderOf(frameBase, frameOffset) >= 0 ? Held.Elsewhere : Held.No;
  }

  #plain(opcode: number): void {
    const { state } = this;
    const reader = this.#reader;
    switch (opcode) {
      case OP.localGet:
        this.#checkLocal();
        state.read(reader.index);
        state.push(state.base, state.offset);
        return;
      case OP.localTee:
      case OP.localSet:
        this.#checkLocal();
        state.pop();
        this.#assign(reader.index, state.base, state.offset);
        if (opcode === OP.localTee) state.push(state.base, state.offset);
        return;
      case OP.globalGet:
        if (reader.index === this.#global) state.push(state.pointerBase, state.pointerOffset);
        else state.push(Base.Unknown, 0);
        return;
      case OP.globalSet:
        state.pop();
        if (reader.index === this.#global) this.#setPointer(state.base, state.offset);
        return;
      case OP.i32Const:
        state.push(Base.Constant, reader.low);
        return;
      case OP.i64Const:
        // Frames are smaller than what a double holds exactly; anything else is no frame size.
        if (reader.high === reader.low >> 31) state.push(Base.Constant, reader.low);
        else state.push(Base.Unknown, 0);
        return;
      case this.#add:
        state.add(1);
        return;
      case this.#sub:
        state.add(-1);
        return;
      case this.#and:
        state.and();
        return;
      case OP.call:
        if (reader.index >= this.#module.functionTypes.length) reader.fail(`function ${reader.index} does not exist`);
        this.#call(this.#module.functionTypes[reader.index]!);
        return;
      case OP.callIndirect:
        state.drop(1);
        this.#call(reader.index);
        return;
      case OP.drop:
        state.drop(1);
        return;
      case OP.select:
      case OP.selectTyped:
        state.drop(3);
        state.push(Base.Unknown, 0);
        return;
      default:
        if (opcodePops[opcode] === VARIABLE || opcodePushes[opcode] === VARIABLE)
          reader.fail('an instruction stands where it has no meaning');
        state.drop(opcodePops[opcode]!);
        state.pushUnknown(opcodePushes[opcode]!);
    }
  }

  #checkLocal(): void {
    const reader = this.#reader;
    if (reader.index >= this.#locals) reader.fail(`local ${reader.index} does not exist`);
  }

  #assign(local: number, base: number, offset: number): void {
    this.state.write(local, base, offset);
    if (this.#entryLocal < 0 && base === Base.Entry && offset === 0) this.#entryLocal = local;
    if (this.#confirmed) {
      if (this.baseLocal < 0 && base === this.frameBase && offset === this.frameOffset) this.baseLocal = local;
    } else if (this.frameBase === Base.Unknown && base >= Base.Entry && (base > Base.Entry || offset < 0)) {
      this.frameBase = base;
      this.frameOffset = offset;
      this.baseLocal = local;
    }
  }

  #setPointer(base: number, offset: number): void {
    const { state } = this;
    this.writesGlobal = true;
    state.pointerBase = base;
    state.pointerOffset = offset;
    if (base === Base.Unknown) this.#dynamic = true;
    if (this.#confirmed || base < Base.Entry || (base === Base.Entry && offset === 0)) return;
    this.#confirmed = true;
    if (this.baseLocal < 0 || this.frameBase !== base || this.frameOffset !== offset)
      this.baseLocal = state.holderOf(base, offset);
    this.frameBase = base;
    this.frameOffset = offset;
  }

  #call(type: number): void {
    const { state } = this;
    const module = this.#module;
    if (type >= module.typeCount) this.#reader.fail(`type ${type} does not exist`);
    state.drop(module.typeResults[type]! - module.typeStart[type]!);
    state.pushUnknown(module.typeStart[type + 1]! - module.typeResults[type]!);
    if (state.pointerBase === Base.Unknown || state.pointerBase === Base.Constant)
      this.reason ??= this.#dynamic || !state.disagreed ? IRREGULAR.dynamic : IRREGULAR.paths;
  }

  #return(): void {
    const { state } = this;
    if (state.pointerBase !== Base.Entry || state.pointerOffset !== 0) this.reason ??= IRREGULAR.moved;
  }

  /** Opens a block; false where there are too many. */
  #enter(opcode: number, forgetful: boolean): boolean {
    const { state } = this;
    const reader = this.#reader;
    if (opcode === OP.if) state.drop(1);
    let parameters = 0;
    let results = 0;
    const type = reader.blockType;
    if (type >= 0) {
      const module = this.#module;
      if (type >= module.typeCount) reader.fail(`type ${type} does not exist`);
      parameters = module.typeResults[type]! - module.typeStart[type]!;
      results = module.typeStart[type + 1]! - module.typeResults[type]!;
    } else if (type !== BLOCK_EMPTY) results = 1;
    if (this.#blocks.depth >= NESTING_LIMIT || this.#loops >= LOOP_LIMIT) {
      this.reason = IRREGULAR.huge;
      return false;
    }
    state.drop(parameters);
    this.#open(opcode, parameters, results);
    if (opcode === OP.if) state.mergeInto(this.#conditions, this.#blocks.depth - 1);
    if (opcode === OP.loop) this.#head(forgetful);
    state.pushUnknown(parameters);
    return true;
  }

  #head(forgetful: boolean): void {
    const loop = this.#loops++;
    this.#blocks.loop[this.#blocks.depth - 1] = loop;
    if (!this.#heads.has(loop)) this.#heads.clear(loop);
    if (forgetful) this.state.forget(this.#heads, loop);
    else this.state.mergeInto(this.#heads, loop);
    this.state.take(this.#heads, loop);
  }

  #open(opcode: number, parameters: number, results: number): void {
    const at = this.#blocks.open(opcode, this.state.height, parameters, results);
    this.#targets.clear(at);
    this.#conditions.clear(at);
  }

  /** Answers whether what follows is unreachable. */
  #else(dead: boolean): boolean {
    const { state } = this;
    const at = this.#blocks.depth - 1;
    if (this.#blocks.kind[at] !== OP.if) this.#reader.fail('an else stands without its if');
    if (!dead) state.mergeInto(this.#targets, at);
    this.#blocks.kind[at] = OP.else;
    state.height = this.#blocks.floor[at]!;
    state.pushUnknown(this.#blocks.parameters[at]!);
    state.take(this.#conditions, at);
    return false;
  }

  /** Answers whether what follows is unreachable. */
  #end(dead: boolean): boolean {
    const { state } = this;
    const at = --this.#blocks.depth;
    if (!dead && at === 0) this.#return();
    state.height = this.#blocks.floor[at]!;
    state.pushUnknown(this.#blocks.results[at]!);
    if (this.#blocks.kind[at] === OP.loop) return dead;
    if (!dead) state.mergeInto(this.#targets, at);
    if (this.#blocks.kind[at] === OP.if) {
      // Without an else the condition itself leads here.
      state.take(this.#conditions, at);
      state.mergeInto(this.#targets, at);
    }
    if (!this.#targets.has(at)) return true;
    state.take(this.#targets, at);
    return false;
  }

  #branch(label: number): void {
    const { state } = this;
    const reader = this.#reader;
    if (label >= this.#blocks.depth) reader.fail(`a branch leaves ${label} blocks, of ${this.#blocks.depth - 1}`);
    const at = this.#blocks.depth - 1 - label;
    if (at === 0) this.#return();
    else if (this.#blocks.kind[at] !== OP.loop) state.mergeInto(this.#targets, at);
    else if (state.mergeInto(this.#heads, this.#blocks.loop[at]!)) this.#agreed = false;
  }

  #branchTable(): void {
    const reader = this.#reader;
    const { end, count, index } = reader;
    reader.end = reader.listStart;
    for (let left = count; left > 0; left--) this.#branch(reader.u32());
    reader.end = end;
    this.#branch(index);
  }
}
