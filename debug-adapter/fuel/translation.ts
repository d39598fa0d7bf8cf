// Walks a function the way wasmi 1.0.3's FuncTranslator does (src/engine/translator/func/visit.rs): control frames,
// reachability, constants. Each reachable instruction adds its cost to the charging block it belongs to. (I3)
import { ChargeKind } from '../instrument/plan.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import type { WasmModule } from '../wasm/module.ts';
import { opcodeNamed, opcodePops, opcodePushes, VARIABLE } from '../wasm/opcodes.ts';
import { ConstantGlobals } from './constant-globals.ts';
import { Folded, foldBinary, foldedHigh, foldedLow, foldUnary } from './constants.ts';
import { FunctionConstants } from './function-constants.ts';
import { BASE_COST, instructionCost } from './model.ts';
import { Operands } from './operands.ts';
import { Rows } from './rows.ts';

/** Kinds of control frame. An unreachable one stands for whatever was opened in dead code. */
const Frame = { Block: 0, Loop: 1, If: 2, Else: 3, Unreachable: 4 } as const;
/** Which arms of an `if` wasmi translates. */
const Arms = { Both: 0, OnlyThen: 1, OnlyElse: 2 } as const;

interface ControlFrame {
  kind: number;
  /** The charging block that instructions in it belong to; -1 for one that never runs. */
  row: number;
  height: number;
  parameters: number;
  results: number;
  branchedTo: boolean;
  arms: number;
  thenEndReachable: boolean;
  /** Constants among an `if`'s parameters, for its else: parallel columns. */
  elseKinds: Uint8Array;
  elseLows: Int32Array;
  elseHighs: Int32Array;
}

const NO_KINDS = new Uint8Array(0);
const NO_WORDS = new Int32Array(0);

const OP = {
  unreachable: opcodeNamed('unreachable'),
  block: opcodeNamed('block'),
  loop: opcodeNamed('loop'),
  if: opcodeNamed('if'),
  else: opcodeNamed('else'),
  end: opcodeNamed('end'),
  br: opcodeNamed('br'),
  brIf: opcodeNamed('br_if'),
  brTable: opcodeNamed('br_table'),
  return: opcodeNamed('return'),
  call: opcodeNamed('call'),
  callIndirect: opcodeNamed('call_indirect'),
  returnCall: opcodeNamed('return_call'),
  returnCallIndirect: opcodeNamed('return_call_indirect'),
  drop: opcodeNamed('drop'),
  select: opcodeNamed('select'),
  selectTyped: opcodeNamed('select_t'),
  localGet: opcodeNamed('local.get'),
  localSet: opcodeNamed('local.set'),
  localTee: opcodeNamed('local.tee'),
  globalGet: opcodeNamed('global.get'),
  globalSet: opcodeNamed('global.set'),
  i32Const: opcodeNamed('i32.const'),
  i64Const: opcodeNamed('i64.const'),
  f32Const: opcodeNamed('f32.const'),
  f64Const: opcodeNamed('f64.const'),
  refNull: opcodeNamed('ref.null'),
  refIsNull: opcodeNamed('ref.is_null'),
  firstLoad: opcodeNamed('i32.load'),
  lastStore: opcodeNamed('i64.store32'),
  firstNumeric: opcodeNamed('i32.eqz'),
  lastNumeric: opcodeNamed('i64.extend32_s'),
  firstSaturating: opcodeNamed('i32.trunc_sat_f32_s'),
  lastSaturating: opcodeNamed('i64.trunc_sat_f64_u'),
} as const;

const DIVISIONS = new Set(
  ['i32', 'i64'].flatMap((type) => ['div_s', 'div_u', 'rem_s', 'rem_u'].map((name) => opcodeNamed(`${type}.${name}`))),
);
const SHIFTS = new Set(
  ['i32', 'i64'].flatMap((type) =>
    ['shl', 'shr_s', 'shr_u', 'rotl', 'rotr'].map((name) => opcodeNamed(`${type}.${name}`)),
  ),
);
const EQZ = new Set(['i32.eqz', 'i64.eqz', 'ref.is_null'].map(opcodeNamed));

export class Translation {
  readonly rows = new Rows();
  readonly #module: WasmModule;
  readonly #reader: InstructionReader;
  readonly #operands = new Operands();
  readonly #globals: ConstantGlobals;
  readonly #constants = new FunctionConstants();
  readonly #frames: ControlFrame[] = [];
  #depth = 0;
  #row = 0;
  #reachable = true;

  constructor(module: WasmModule) {
    this.#module = module;
    this.#reader = new InstructionReader(module.bytes);
    this.#globals = new ConstantGlobals(module);
  }

  /** Adds the rows of defined function `n`; answers the slots of its frame. */
  function(n: number): number {
    const module = this.#module;
    const reader = this.#reader;
    const end = module.bodyEnd[n]!;
    reader.reset(module.bodyStart[n]!, end);
    reader.offset = module.bodyStart[n]!;
    const type = module.functionTypes[module.importedFunctions + n]!;
    let locals = module.typeResults[type]! - module.typeStart[type]!;
    for (let left = reader.u32(); left > 0; left--) {
      locals += reader.u32();
      reader.byte();
    }
    this.#operands.reset();
    this.#constants.reset();
    this.#depth = 0;
    this.#reachable = true;
    this.#row = this.rows.add(reader.end, ChargeKind.Entry, BASE_COST);
    this.#push(Frame.Block, 0, module.typeStart[type + 1]! - module.typeResults[type]!, this.#row);
    while (this.#depth > 0) {
      if (!reader.next()) {
        reader.offset = end;
        reader.fail('a function has no end');
      }
      this.#visit();
    }
    return Math.min(0xffff, locals + this.#operands.max + this.#constants.count);
  }

  #visit(): void {
    const reader = this.#reader;
    const opcode = reader.opcode;
    switch (opcode) {
      case OP.block:
      case OP.loop:
        this.#open(opcode);
        return;
      case OP.if:
        this.#if();
        return;
      case OP.else:
        this.#else();
        return;
      case OP.end:
        this.#end();
        return;
    }
    if (!this.#reachable) return;
    const operands = this.#operands;
    switch (opcode) {
      case OP.localGet:
        operands.pushTemp();
        return;
      case OP.i32Const:
      case OP.f32Const:
        operands.pushConstant(reader.low, 0);
        this.#constants.see(reader.low, opcode === OP.f32Const ? 0x7fffffff : 0, opcode === OP.i32Const);
        return;
      case OP.i64Const:
      case OP.f64Const:
        operands.pushConstant(reader.low, reader.high);
        this.#constants.see(reader.low, reader.high, opcode === OP.i64Const);
        return;
      case OP.localSet:
      case OP.drop:
        operands.pop(1);
        this.#cost(instructionCost[opcode]!);
        return;
      case OP.localTee:
        // A constant stays one on the stack, whatever the local is.
        this.#cost(instructionCost[opcode]!);
        return;
      case OP.globalGet:
        this.#globalGet();
        return;
      case OP.globalSet:
        operands.pop(1);
        this.#cost(instructionCost[opcode]!);
        return;
      case OP.refNull:
        operands.pushConstant(0, 0);
        return;
      case OP.unreachable:
        this.#stop();
        return;
      case OP.br:
        this.#branch(reader.index);
        return;
      case OP.brIf:
        this.#branchIf();
        return;
      case OP.brTable:
        this.#branchTable();
        return;
      case OP.return:
        this.#return();
        return;
      case OP.call:
      case OP.returnCall:
        this.#call(this.#module.functionTypes[reader.index] ?? 0, opcode === OP.returnCall);
        return;
      case OP.callIndirect:
      case OP.returnCallIndirect:
        operands.pop(1);
        this.#call(reader.index, opcode === OP.returnCallIndirect);
        return;
      case OP.select:
      case OP.selectTyped:
        this.#select();
        return;
    }
    this.#plain(opcode);
  }

  #cost(fuel: number): void {
    if (this.#row >= 0) this.rows.cost[this.#row] = this.rows.cost[this.#row]! + fuel;
  }

  /** An instruction after which nothing is reached. */
  #stop(): void {
    this.#cost(instructionCost[this.#reader.opcode]!);
    this.#reachable = false;
  }

  #push(kind: number, parameters: number, results: number, row: number): ControlFrame {
    let frame = this.#frames[this.#depth];
    if (frame === undefined) {
      frame = {
        kind,
        row,
        height: 0,
        parameters,
        results,
        branchedTo: false,
        arms: Arms.Both,
        thenEndReachable: false,
        elseKinds: NO_KINDS,
        elseLows: NO_WORDS,
        elseHighs: NO_WORDS,
      };
      this.#frames.push(frame);
    }
    this.#depth++;
    frame.kind = kind;
    frame.row = row;
    frame.height = Math.max(0, this.#operands.height - parameters);
    frame.parameters = parameters;
    frame.results = results;
    frame.branchedTo = false;
    frame.arms = Arms.Both;
    frame.thenEndReachable = false;
    return frame;
  }

  #blockParameters(): number {
    const { blockType } = this.#reader;
    return blockType < 0 ? 0 : this.#module.typeResults[blockType]! - this.#module.typeStart[blockType]!;
  }

  #blockResults(): number {
    const { blockType } = this.#reader;
    if (blockType >= 0) return this.#module.typeStart[blockType + 1]! - this.#module.typeResults[blockType]!;
    return blockType === -0x40 ? 0 : 1;
  }

  #open(opcode: number): void {
    if (!this.#reachable) {
      this.#push(Frame.Unreachable, 0, 0, -1);
      return;
    }
    const parameters = this.#blockParameters();
    if (opcode === OP.block) {
      this.#push(Frame.Block, parameters, this.#blockResults(), this.#row);
      return;
    }
    // The parameters of a loop are temporaries, as it may be entered again with others.
    this.#operands.restart(Math.max(0, this.#operands.height - parameters), parameters);
    this.#row = this.rows.add(this.#reader.offset, ChargeKind.Loop, BASE_COST);
    this.#push(Frame.Loop, parameters, this.#blockResults(), this.#row);
  }

  #if(): void {
    if (!this.#reachable) {
      this.#push(Frame.Unreachable, 0, 0, -1);
      return;
    }
    const operands = this.#operands;
    const constant = operands.constantAt(0);
    const condition = operands.low[operands.height - 1] ?? 0;
    operands.pop(1);
    const parameters = this.#blockParameters();
    if (constant) {
      const frame = this.#push(Frame.If, parameters, this.#blockResults(), this.#row);
      frame.arms = condition === 0 ? Arms.OnlyElse : Arms.OnlyThen;
      if (condition === 0) this.#reachable = false;
      return;
    }
    this.#cost(instructionCost[OP.if]!);
    this.#row = this.rows.add(this.#reader.offset, ChargeKind.Then, BASE_COST);
    const frame = this.#push(Frame.If, parameters, this.#blockResults(), this.#row);
    if (parameters > 0) {
      frame.elseKinds = operands.kind.slice(frame.height, frame.height + parameters);
      frame.elseLows = operands.low.slice(frame.height, frame.height + parameters);
      frame.elseHighs = operands.high.slice(frame.height, frame.height + parameters);
    }
  }

  #else(): void {
    const frame = this.#frames[this.#depth - 1]!;
    if (frame.kind === Frame.Unreachable) return;
    if (frame.kind !== Frame.If) this.#reader.fail('an else without an if');
    const enclosing = this.#enclosingRow();
    frame.kind = Frame.Else;
    frame.thenEndReachable = this.#reachable;
    switch (frame.arms) {
      case Arms.Both:
        if (this.#reachable) {
          // The jump over the else arm is charged to the block around the if (its frame is off the stack by then).
          this.#row = enclosing;
          this.#cost(1);
        }
        frame.row = this.rows.add(this.#reader.offset, ChargeKind.Else, BASE_COST);
        this.#reachable = true;
        this.#restoreElse(frame);
        break;
      case Arms.OnlyThen:
        // wasmi writes the charge whether or not the then arm gets to its end.
        frame.row = this.rows.add(this.#reader.offset, ChargeKind.ThenEnd, BASE_COST);
        this.#reachable = false;
        break;
      default:
        frame.row = this.rows.add(this.#reader.offset, ChargeKind.Else, BASE_COST);
        this.#reachable = true;
    }
    this.#row = frame.row;
  }

  /** The row of the frame around the innermost one. */
  #enclosingRow(): number {
    return this.#frames[this.#depth - 2]?.row ?? -1;
  }

  /** Puts an if's parameters back, for its else arm. */
  #restoreElse(frame: ControlFrame): void {
    const operands = this.#operands;
    operands.restart(frame.height, 0);
    for (let n = 0; n < frame.parameters; n++) {
      if (frame.elseKinds[n] === 1) operands.pushConstant(frame.elseLows[n]!, frame.elseHighs[n]!);
      else operands.pushTemp();
    }
  }

  #end(): void {
    const frame = this.#frames[--this.#depth]!;
    if (frame.kind === Frame.Unreachable) return;
    const operands = this.#operands;
    if (frame.kind !== Frame.Block) this.#row = this.#frames[this.#depth - 1]?.row ?? -1;
    switch (frame.kind) {
      case Frame.Block:
        if (frame.branchedTo) operands.restart(frame.height, frame.results);
        this.#reachable ||= frame.branchedTo;
        // The return at the end of a function.
        if (this.#depth === 0 && this.#reachable) this.#cost(1);
        return;
      case Frame.Loop:
        return;
      case Frame.If:
        if (frame.arms !== Arms.Both) {
          this.#endOneArm(frame, frame.arms === Arms.OnlyElse || this.#reachable);
          return;
        }
        if (frame.results > 0) {
          // The then arm jumps over the implicit else, at its own cost.
          if (this.#reachable) this.rows.cost[frame.row] = this.rows.cost[frame.row]! + 1;
          this.rows.add(this.#reader.offset, ChargeKind.ImplicitElse, BASE_COST);
        }
        operands.restart(frame.height, frame.results);
        this.#reachable = true;
        return;
      default:
        if (frame.arms === Arms.OnlyThen) this.#endOneArm(frame, frame.thenEndReachable);
        else if (frame.arms === Arms.OnlyElse) this.#endOneArm(frame, this.#reachable);
        else {
          this.#reachable = frame.thenEndReachable || this.#reachable || frame.branchedTo;
          operands.restart(frame.height, frame.results);
        }
    }
  }

  #endOneArm(frame: ControlFrame, reachable: boolean): void {
    if (frame.branchedTo) this.#operands.restart(frame.height, frame.results);
    this.#reachable = reachable || frame.branchedTo;
  }

  #target(label: number): ControlFrame {
    const at = this.#depth - 1 - label;
    if (at < 0) this.#reader.fail('a branch leaves more blocks than there are');
    return this.#frames[at]!;
  }

  #branch(label: number): void {
    // A branch out of the whole function is a return to wasmi, and does not count as a branch to its end.
    const target = this.#target(label);
    if (label < this.#depth - 1) target.branchedTo = true;
    this.#cost(1);
    this.#reachable = false;
  }

  #branchIf(): void {
    const operands = this.#operands;
    const constant = operands.constantAt(0);
    const condition = operands.low[operands.height - 1] ?? 0;
    operands.pop(1);
    if (constant) {
      if (condition !== 0) this.#branch(this.#reader.index);
      return;
    }
    this.#target(this.#reader.index).branchedTo = true;
    this.#cost(instructionCost[OP.brIf]!);
  }

  #branchTable(): void {
    const reader = this.#reader;
    const operands = this.#operands;
    const constant = operands.constantAt(0);
    const chosen = (operands.low[operands.height - 1] ?? 0) >>> 0;
    operands.pop(1);
    const { index: last, count, end } = reader;
    let label = last;
    let same = true;
    reader.end = reader.listStart;
    for (let n = 0; n < count; n++) {
      const next = reader.u32();
      if (constant && n === chosen) label = next;
      if (next !== last) same = false;
    }
    reader.end = end;
    if (constant || same) {
      this.#branch(label);
      return;
    }
    reader.end = reader.listStart;
    for (let n = 0; n <= count; n++) this.#target(reader.u32()).branchedTo = true;
    reader.end = end;
    this.#stop();
  }

  #return(): void {
    this.#cost(instructionCost[OP.return]!);
    this.#operands.pop(this.#frames[0]!.results);
    this.#reachable = false;
  }

  #call(type: number, tail: boolean): void {
    const module = this.#module;
    if (type >= module.typeCount) this.#reader.fail(`type ${type} does not exist`);
    this.#cost(instructionCost[OP.call]!);
    const operands = this.#operands;
    operands.pop(module.typeResults[type]! - module.typeStart[type]!);
    if (tail) {
      this.#reachable = false;
      return;
    }
    for (let left = module.typeStart[type + 1]! - module.typeResults[type]!; left > 0; left--) operands.pushTemp();
  }

  #globalGet(): void {
    const { index } = this.#reader;
    if (this.#globals.isConstant(index)) {
      this.#operands.pushConstant(this.#globals.low[index]!, this.#globals.high[index]!);
      return;
    }
    this.#cost(instructionCost[OP.globalGet]!);
    this.#operands.pushTemp();
  }

  #select(): void {
    const operands = this.#operands;
    const at = operands.height - 3;
    const constants = operands.constantAt(2) && operands.constantAt(1);
    if (
      at >= 0 &&
      constants &&
      operands.low[at] === operands.low[at + 1] &&
      operands.high[at] === operands.high[at + 1]
    ) {
      operands.pop(2);
      return;
    }
    if (at >= 0 && operands.constantAt(0)) {
      const first = operands.low[at + 2] !== 0;
      const from = first ? at : at + 1;
      const isConstant = operands.kind[from] === 1;
      const low = operands.low[from]!;
      const high = operands.high[from]!;
      operands.pop(3);
      if (isConstant) operands.pushConstant(low, high);
      else {
        // The second operand has to move down into the place of the first.
        if (!first) this.#cost(1);
        operands.pushTemp();
      }
      return;
    }
    operands.pop(3);
    operands.pushTemp();
    this.#cost(instructionCost[OP.select]!);
  }

  /** Everything with a fixed number of operands. */
  #plain(opcode: number): void {
    const operands = this.#operands;
    const pops = opcodePops[opcode]!;
    const pushes = opcodePushes[opcode]!;
    if (pops === VARIABLE || pushes === VARIABLE) return;
    const numeric =
      (opcode >= OP.firstNumeric && opcode <= OP.lastNumeric) ||
      (opcode >= OP.firstSaturating && opcode <= OP.lastSaturating);
    if (numeric || opcode === OP.refIsNull) {
      if (this.#fold(opcode, pops)) return;
    } else if (opcode >= OP.firstLoad && opcode <= OP.lastStore && operands.constantAt(pops - 1)) {
      if (this.#neverInBounds(operands.height - pops)) {
        operands.pop(pops);
        this.#stop();
        return;
      }
    }
    if (EQZ.has(opcode) && operands.height + 1 > operands.max) operands.max = operands.height + 1;
    operands.pop(pops);
    for (let left = pushes; left > 0; left--) operands.pushTemp();
    this.#cost(instructionCost[opcode]!);
  }

  /** Folds constants as wasmi does; false if the instruction is emitted. */
  #fold(opcode: number, pops: number): boolean {
    const operands = this.#operands;
    const top = operands.height - 1;
    if (!operands.constantAt(0)) {
      // Shifting a constant zero gives zero, by whatever it is shifted.
      if (
        pops === 2 &&
        operands.constantAt(1) &&
        SHIFTS.has(opcode) &&
        operands.low[top - 1] === 0 &&
        operands.high[top - 1] === 0
      ) {
        operands.pop(2);
        operands.pushConstant(0, 0);
        return true;
      }
      return false;
    }
    const low = operands.low[top]!;
    const high = operands.high[top]!;
    let outcome: number;
    if (pops === 1)
      outcome = opcode === OP.refIsNull ? foldUnary(opcodeNamed('i64.eqz'), low, high) : foldUnary(opcode, low, high);
    else if (operands.constantAt(1))
      outcome = foldBinary(opcode, operands.low[top - 1]!, operands.high[top - 1]!, low, high);
    else {
      if (DIVISIONS.has(opcode) && low === 0 && high === 0) outcome = Folded.Trap;
      else if (SHIFTS.has(opcode) && (low & (opcode <= opcodeNamed('i32.rotr') ? 31 : 63)) === 0) {
        operands.pop(1);
        return true;
      } else return false;
    }
    if (outcome === Folded.No) return false;
    operands.pop(pops);
    if (outcome === Folded.Value) operands.pushConstant(foldedLow, foldedHigh);
    else this.#stop();
    return true;
  }

  /** Whether a memory access with a constant address, operand `at`, lies beyond what its memory can ever be. */
  #neverInBounds(at: number): boolean {
    const { index, memoryOffset } = this.#reader;
    const memory = this.#module.memories[index];
    if (memory === undefined) return false;
    const low = this.#operands.low[at]! >>> 0;
    const address = memory.is64 ? (this.#operands.high[at]! >>> 0) * 2 ** 32 + low + memoryOffset : low + memoryOffset;
    if (address >= 2 ** 64) return true;
    if (memory.max !== undefined && address > memory.max * 65536) return true;
    return !memory.is64 && address >= 2 ** 32;
  }
}
